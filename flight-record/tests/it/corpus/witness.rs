//! Damage to a station's witness file, brought to a flight without cosignatures.

use super::world::World;
use super::{Case, GOOD, UNWITNESSED, case, shows};
use crate::forge::head_line;
use crate::ground::Station;
use crate::support::{at, code};
use crate::witnessed::truncate;
use flight_record::note::SignedNote;
use flight_record::witness::file::{Equivocation, Kind, Seen};
use flight_record::{FlightId, Sha256};
use std::fs;
use std::path::Path;

/// `begin`, three heads, `landed`.
pub(super) const CASES: &[Case] = &[
    case("witness-flip", "a bit of the station's file flipped", "MALFORMED", |w, c| {
        w.with_file(c, |lines| lines[1][200] ^= 1);
    }),
    case("witness-entry-dropped", "a head dropped from the station's file", "MALFORMED", |w, c| {
        w.with_file(c, |lines| drop(lines.remove(2)));
    }),
    case("witness-entries-swapped", "two heads swapped in the station's file", "MALFORMED", |w, c| {
        w.with_file(c, |lines| lines.swap(1, 2));
    }),
    case("witness-entry-doubled", "a head twice in the station's file", "MALFORMED", |w, c| {
        w.with_file(c, |lines| lines.insert(2, lines[1].clone()));
    }),
    case("witness-begin-dropped", "the station's file without its beginning", "MALFORMED", |w, c| {
        w.with_file(c, |lines| drop(lines.remove(0)));
    }),
    shows("witness-cut-behind-the-end", "the statement cut from the station's file", GOOD, |w, c| {
        w.with_file(c, |lines| lines.truncate(4));
    }),
    case("witness-cut", "the end cut from the station's file", UNWITNESSED, |w, c| {
        w.with_file(c, |lines| lines.truncate(2));
    }),
    shows("witness-torn", "the station's file ends in half a line", GOOD, |w, c| {
        w.with_file(c, |lines| lines[4].truncate(100));
    }),
    case("witness-empty", "the station's file is empty", "MALFORMED", |w, c| drop(w.with_file(c, Vec::clear))),
    case("witness-no-envelope", "a line of the station's file is no envelope", "MALFORMED", |w, c| {
        w.with_file(c, |lines| lines[0] = b"{}\n".to_vec());
    }),
    case("witness-entry-behind-landed", "a head behind the statement", "MALFORMED", |w, c| {
        w.with_file(c, |lines| lines.push(lines[1].clone()));
    }),
    case("witness-of-another-flight", "the station's file of another flight", "WRONG-FLIGHT", |w, c| {
        w.with_file(c, |lines| lines.clone_from(&w.other_station.lines));
    }),
    case("witness-spliced", "half of it from the station's file of another flight", "MALFORMED", |w, c| {
        w.with_file(c, |lines| {
            lines.truncate(2);
            lines.extend_from_slice(&w.other_station.lines[2..]);
        });
    }),
    case("witness-stranger", "a file by a key that nobody lists", "KEY-UNTRUSTED", |w, c| stands_for(w, c, 9)),
    shows("witness-brought-twice", "the station's file brought twice", GOOD, |w, c| {
        w.with_file(c, |_| ());
        fs::write(c.join("witness-2.jsonl"), w.station.file()).unwrap();
    }),
    shows("witness-of-a-station-that-heard-nothing", "a second file with nothing in it", GOOD, |w, c| {
        w.with_file(c, |_| ());
        fs::write(c.join("witness-2.jsonl"), Station::new(&w.unit, 2, flight_of(w)).file()).unwrap();
    }),
    case("witness-and-cut-log", "the log cut, the station saw more", "TRUNCATED", |w, c| {
        truncate(&w.with_file(c, |_| ()), 5);
    }),
    case("witness-saw-a-fork", "the station saw the device sign another history", "EQUIVOCATION", |w, c| {
        said_more(w, c, |w| {
            let note = other_history(w, 5);
            Kind::Equivocation(Equivocation { note, held: None })
        });
    }),
    case("witness-saw-another-head", "the station saw a head over other records", "EQUIVOCATION", |w, c| {
        said_more(w, c, |w| Kind::Seen(Seen { note: other_history(w, 5) }));
    }),
    case("witness-saw-a-later-head", "the station saw a head over more records", "TRUNCATED", |w, c| {
        said_more(w, c, |w| Kind::Seen(Seen { note: other_history(w, 20) }));
    }),
    case(
        "witness-of-another-device",
        "a station that heard the flight from another aircraft",
        "WRONG-FLIGHT",
        |w, c| {
            let mut station = Station::of(w.unit.root.public(), 1, flight_of(w));
            station.end(8);
            w.with_file(c, |lines| lines.clone_from(&station.lines));
        },
    ),
    case("witness-clock-behind", "a station whose clock is a minute behind", "CLOCK-SUSPECT", |w, c| {
        w.flown(c, |mut flight| {
            let mut station = Station::new(&w.unit, 1, flight.id());
            flight.event(code("light"), None, at(60)).unwrap();
            let sealed = flight.close(code("landed"), at(61)).unwrap();
            station.see(sealed.dir(), &sealed.head().note.clone(), 1);
            fs::write(c.join("witness-1.jsonl"), station.file()).unwrap();
        });
    }),
];

fn flight_of(w: &World) -> FlightId {
    w.seen.file_name().unwrap().to_str().unwrap().parse().unwrap()
}

/// A file by the key of a station of this number.
fn stands_for(w: &World, case: &Path, n: u8) {
    let station = Station::new(&w.unit, n, flight_of(w));
    w.with_file(case, |lines| lines.clone_from(&station.lines));
}

/// Van 3's file with one entry more, in a file of its own that begins anew.
fn said_more(w: &World, case: &Path, entry: impl FnOnce(&World) -> Kind) {
    let mut station = Station::new(&w.unit, 1, flight_of(w));
    station.write(entry(w), 3);
    w.with_file(case, |lines| lines.clone_from(&station.lines));
}

/// A head over other records than those of the flight, rightly signed by the device.
fn other_history(w: &World, size: u64) -> String {
    let first = crate::forge::payloads(&w.seen).remove(0);
    let line = head_line(&w.unit, &first, size, Sha256::of(b"another history"));
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    SignedNote::parse(line["note"].as_str().unwrap()).unwrap().to_string()
}
