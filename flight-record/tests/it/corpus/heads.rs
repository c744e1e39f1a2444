//! Damage to `checkpoints.jsonl`: tree heads and what stations say of them.

use super::records::{edit, text};
use super::world::{World, store_key};
use super::{Case, GOOD, UNWITNESSED, case, shows};
use crate::forge::{head_line, payloads};
use crate::ground::station_key;
use crate::witnessed::{add_cosignature, is_cosigned, note_of};
use flight_record::Sha256;
use flight_record::keys::DeviceKey;
use std::fs;
use std::path::Path;

pub(super) const CASES: &[Case] = &[
    case("head-flip", "a digit of a head's root changed", "MALFORMED", |w, c| {
        heads(w, c, |heads| heads[3] = flipped(&heads[3], "\\n3\\n", 7));
    }),
    case("head-flip-signature", "a character of a head's signature changed", "MALFORMED", |w, c| {
        heads(w, c, |heads| {
            let at = heads[2].rfind(' ').unwrap() + 20;
            let other = if &heads[2][at..=at] == "a" { "b" } else { "a" };
            heads[2].replace_range(at..=at, other);
        });
    }),
    case("head-dropped", "a head dropped", "MISSING", |w, c| heads(w, c, |heads| drop(heads.remove(3)))),
    case("head-last-dropped", "the heads over the end dropped", "TRUNCATED", |w, c| {
        heads(w, c, |heads| heads.retain(|head| note_of(head).claimed().size < 9));
    }),
    case("heads-rolled-back", "heads as they were earlier in the flight", "TRUNCATED", |w, c| {
        heads(w, c, |heads| heads.truncate(4));
    }),
    case("head-doubled", "a head twice", "OUT-OF-ORDER", |w, c| heads(w, c, |heads| heads.insert(3, heads[2].clone()))),
    case("head-swapped", "two heads swapped", "OUT-OF-ORDER", |w, c| heads(w, c, |heads| heads.swap(2, 3))),
    case("heads-empty", "no head", "TRUNCATED", |w, c| heads(w, c, Vec::clear)),
    case("heads-gone", "no log of heads", "MISSING", |w, c| {
        fs::remove_file(w.seen(c).join("checkpoints.jsonl")).unwrap();
    }),
    case("heads-torn", "half a head behind the last", "TRUNCATED", |w, c| {
        let path = w.seen(c).join("checkpoints.jsonl");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &whole[..50]].concat()).unwrap();
    }),
    case("head-of-another-flight", "a head of another flight put in", "WRONG-FLIGHT", |w, c| {
        let other = text(&w.other.join("checkpoints.jsonl"));
        heads(w, c, |heads| heads.insert(3, other[3].clone()));
    }),
    case("head-extension-line", "a fourth line in a head", "MALFORMED", |w, c| {
        heads(w, c, |heads| heads[0] = heads[0].replacen("\\n\\n", "\\nextension\\n\\n", 1));
    }),
    case("head-unknown-signature-line", "a signature line of nobody known", "MALFORMED", |w, c| {
        heads(w, c, |heads| {
            let key = heads[0].rfind(' ').unwrap();
            let line = format!("\u{2014} example.org/log{}", heads[0][key..].trim_end_matches("\"}"));
            heads[0] = heads[0].replace("\"}", &format!("{line}\"}}"));
        });
    }),
    case("fork-small", "a second head of size 2, signed by the device", "EQUIVOCATION", |w, c| fork(w, c, 2, None)),
    case("fork-last", "a second head over the end, signed by the device", "EQUIVOCATION", |w, c| fork(w, c, 9, None)),
    case("fork-first", "a second head before all others", "EQUIVOCATION", |w, c| fork(w, c, 5, Some(0))),
    case("fork-beyond", "a head over more records than there are", "TRUNCATED", |w, c| fork(w, c, 10, None)),
    shows("cosignatures-partly-dropped", "the first two cosigned heads left out", GOOD, |w, c| {
        heads(w, c, |heads| heads.retain(|head| !is_cosigned(head) || note_of(head).claimed().size == 9));
    }),
    case("cosignature-over-end-dropped", "the cosigned head over the end left out", UNWITNESSED, |w, c| {
        heads(w, c, |heads| heads.retain(|head| !is_cosigned(head) || note_of(head).claimed().size < 9));
    }),
    case("cosignature-flip", "a character of a cosignature changed", "MALFORMED", |w, c| {
        heads(w, c, |heads| {
            let head = heads.iter_mut().find(|head| is_cosigned(head)).unwrap();
            let at = head.rfind(' ').unwrap() + 40;
            let other = if &head[at..=at] == "a" { "b" } else { "a" };
            head.replace_range(at..=at, other);
        });
    }),
    case("cosignature-stranger", "a cosignature by a key that nobody lists", "MALFORMED", |w, c| {
        add_cosignature(&w.unseen(c), &DeviceKey::from_seed([7; 32]), 9, 7);
    }),
    case("cosignature-store", "a cosignature by a store", UNWITNESSED, |w, c| {
        add_cosignature(&w.unseen(c), &store_key(), 9, 7);
    }),
    case("cosignature-device", "a cosignature by the device itself", UNWITNESSED, |w, c| {
        add_cosignature(&w.unseen(c), &w.unit.device, 9, 7);
    }),
    case("cosignature-at-the-dock", "cosigned a minute after the flight was over", UNWITNESSED, |w, c| {
        add_cosignature(&w.unseen(c), &station_key(1), 9, 66);
    }),
    case("cosignature-early", "cosigned a minute before the record was made", "CLOCK-SUSPECT", |w, c| {
        w.flown(c, |mut flight| {
            flight.event(crate::support::code("light"), None, crate::support::at(60)).unwrap();
            let sealed = flight.close(crate::support::code("landed"), crate::support::at(61)).unwrap();
            add_cosignature(sealed.dir(), &station_key(1), 3, 1);
        });
    }),
    shows("cosignature-of-another-station", "cosigned by the other station alone", GOOD, |w, c| {
        add_cosignature(&w.unseen(c), &station_key(2), 9, 7);
    }),
    case("cosigned-before-its-head", "a cosigned head before the head it repeats", "OUT-OF-ORDER", |w, c| {
        heads(w, c, |heads| {
            let last = heads.pop().unwrap();
            heads.insert(3, last);
        });
    }),
];

/// The flight that was seen, with other lines of heads.
fn heads(w: &World, case: &Path, change: impl FnOnce(&mut Vec<String>)) {
    edit(&w.seen(case).join("checkpoints.jsonl"), change);
}

fn flipped(line: &str, mark: &str, at: usize) -> String {
    let at = line.find(mark).unwrap() + mark.len() + at;
    let other = if &line[at..=at] == "a" { "b" } else { "a" };
    format!("{}{other}{}", &line[..at], &line[at + 1..])
}

/// Another head of this size, rightly signed by the device.
fn fork(w: &World, case: &Path, size: u64, place: Option<usize>) {
    let first = payloads(&w.seen).remove(0);
    let line = head_line(&w.unit, &first, size, Sha256::of(b"another history"));
    heads(w, case, |heads| {
        let place = place.unwrap_or(heads.len());
        heads.insert(place, line.trim_end().to_owned());
    });
}
