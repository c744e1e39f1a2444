//! What the ground saw, and what somebody with the device's key can no longer do.

use crate::forge::{head_line, payloads, rewrite};
use crate::ground::{Station, enrol, station_key, time_s};
use crate::support::{Camera, START_UTC_US, Unit, at, boot, code, copy, options, said, segment, telemetry};
use flight_record::flight::{Flight, Open};
use flight_record::keys::DeviceKey;
use flight_record::note::{Checkpoint, SignedNote};
use flight_record::record::{Kind, Nonce};
use flight_record::trust::{Class, Grant, Revocation};
use flight_record::verify::{Identities, Integrity, Options, Report, Time, Witness, Word, verify};
use flight_record::witness::file::{Equivocation, Kind as Says, Seen};
use flight_record::{FlightId, Sha256, radio};
use std::fs;
use std::path::{Path, PathBuf};

/// A unit with two stations and a store.
fn unit() -> Unit {
    let mut unit = Unit::new(Class::Operational);
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    enrol(&mut unit, &station_key(2), "tower", Grant::station());
    enrol(&mut unit, &station_key(3), "store 1", Grant::store());
    unit
}

fn judge(unit: &Unit, dir: &Path, witness: &[&[u8]]) -> Report {
    let identities = Identities::read(&unit.identity_file()).unwrap();
    let witness = witness.iter().map(|file| file.to_vec()).collect();
    verify(dir, &unit.anchor(), &Options { witness, ..options(Some(identities)) }).unwrap()
}

/// A flight with footage of which station 1 sees each head within a second.
struct Flown {
    dir: PathBuf,
    id: FlightId,
    station: Station,
}

fn events(flight: &mut Flight<Open>, station: &mut Station, seconds: std::ops::Range<u32>) {
    for second in seconds {
        flight.event(code("light"), None, at(second)).unwrap();
        station.watch(flight, second + 1);
    }
}

fn fly(unit: &Unit) -> Flown {
    let mut flight = unit.open();
    let id = flight.id();
    let mut station = Station::new(unit, 1, id);
    station.watch(&mut flight, 0);
    let mut camera = Camera::new(3000);
    for index in 1..3 {
        segment(&mut flight, &mut camera, index, index);
        let kind = telemetry(&flight, index, index);
        flight.append(kind, at(index + 1)).unwrap();
        station.watch(&mut flight, index + 1);
    }
    events(&mut flight, &mut station, 4..8);
    let mut sealed = flight.close(code("landed"), at(8)).unwrap();
    station.land(&mut sealed, 9);
    Flown { dir: sealed.dir().to_owned(), id, station }
}

/// Changes the lines of `checkpoints.jsonl`.
pub(crate) fn edit_heads(dir: &Path, change: impl FnOnce(Vec<String>) -> Vec<String>) {
    let path = dir.join("checkpoints.jsonl");
    let lines = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    fs::write(&path, change(lines).iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

pub(crate) fn note_of(line: &str) -> SignedNote {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    SignedNote::parse(line["note"].as_str().unwrap()).unwrap()
}

pub(crate) fn is_cosigned(line: &str) -> bool {
    note_of(line).cosignatures().len() > 0
}

pub(crate) fn drop_cosignatures(dir: &Path) {
    edit_heads(dir, |lines| lines.into_iter().filter(|line| !is_cosigned(line)).collect());
}

/// Adds to a flight's heads what `key` says of the one of `size` at `at_s`.
pub(crate) fn add_cosignature(dir: &Path, key: &DeviceKey, size: u64, at_s: u32) {
    edit_heads(dir, |mut lines| {
        let held = lines.iter().map(|line| note_of(line)).find(|note| note.claimed().size == size).unwrap();
        let note = held.with_cosignature(&key.public(), held.claimed().cosign(key, time_s(at_s)));
        lines.push(serde_json::json!({ "note": note }).to_string());
        lines
    });
}

#[test]
fn a_flight_seen_in_time_is_verified_by_its_heads_or_by_the_file() {
    let unit = unit();
    let Flown { dir, station, .. } = fly(&unit);
    let bare = copy(&dir, &unit.path("bare"));
    drop_cosignatures(&bare);
    let file = station.file();
    for (what, report) in [
        ("heads", judge(&unit, &dir, &[])),
        ("file", judge(&unit, &bare, &[&file])),
        ("both", judge(&unit, &dir, &[&file])),
    ] {
        assert_eq!((report.word, report.witness), (Word::Verified, Witness::Full), "{what}: {:#?}", report.doubts());
        let facts = &report.witness_facts;
        assert_eq!((facts.late_items, facts.unwitnessed_items, facts.silences.len()), (0, 0, 0), "{what}");
        assert_eq!((facts.stations.len(), facts.stations[0].name.as_str()), (1, "van 3"));
        assert_eq!(facts.cosigned_heads, 8, "{what}: each counts once, wherever it stands");
        assert!(report.is_verified() && facts.longest_delay_ms.unwrap() <= 2000, "{what}: {facts:?}");
    }
    let sealed = verify(&dir, &unit.anchor(), &options(None)).unwrap();
    assert_eq!(sealed.word, Word::VerifiedSealedOnly);
    // Dropped lines make it worse, never better.
    let report = judge(&unit, &bare, &[]);
    assert_eq!((report.word, report.witness), (Word::VerifiedUnwitnessed, Witness::None));
    assert!(report.meaning.contains("Nobody on the ground"));
}

#[test]
fn every_item_says_how_late_it_was_seen() {
    let unit = unit();
    let mut flight = unit.open();
    let mut station = Station::new(&unit, 1, flight.id());
    station.watch(&mut flight, 3);
    let mut camera = Camera::new(300);
    segment(&mut flight, &mut camera, 1, 4);
    station.watch(&mut flight, 9);
    let mut sealed = flight.close(code("landed"), at(10)).unwrap();
    station.land(&mut sealed, 12);
    let report = judge(&unit, sealed.dir(), &[]);
    assert_eq!(report.word, Word::Verified, "{:#?}", report.doubts());
    let delay = |item: &str| report.items.iter().find(|i| i.item.to_string() == item).unwrap().witness_delay_ms;
    assert_eq!(delay("records.jsonl line 1 (seq 0, open)"), Some(3000));
    assert_eq!(delay("records.jsonl line 3 (seq 2, segment)"), Some(5000));
    assert_eq!(delay("records.jsonl line 4 (seq 3, close)"), Some(2000));
    // Its last picture was taken 1.967 s into the flight.
    assert_eq!(delay("segments/eo/000001.ts.age"), Some(7033));
    assert_eq!(report.witness_facts.longest_delay_ms, Some(7033));
    assert_eq!(delay("checkpoints.jsonl line 1"), None);
}

#[test]
fn late_and_partial_never_verify() {
    let unit = unit();
    let bound = |report: &Report| (report.word, report.witness, report.witness_facts.late_items);

    // Silent for 40 s, then everything seen at once.
    let mut flight = unit.open();
    let mut station = Station::new(&unit, 1, flight.id());
    station.watch(&mut flight, 1);
    for second in 2..41 {
        flight.event(code("light"), None, at(second)).unwrap();
    }
    station.watch(&mut flight, 42);
    let mut sealed = flight.close(code("landed"), at(43)).unwrap();
    station.land(&mut sealed, 44);
    let report = judge(&unit, sealed.dir(), &[]);
    assert_eq!(bound(&report), (Word::VerifiedUnwitnessed, Witness::Late, 39), "all of the silence is late");
    assert!(report.meaning.contains("too late") && report.next.contains("late items"));
    let silence = report.witness_facts.silences[0];
    assert_eq!((silence.from_utc_us, silence.to_utc_us), (at(1).utc_us, at(42).utc_us));
    let identities = Identities::read(&unit.identity_file()).unwrap();
    let patient = Options { late_after_s: 41, ..options(Some(identities)) };
    assert_eq!(verify(sealed.dir(), &unit.anchor(), &patient).unwrap().word, Word::Verified);

    // Never seen after the first seconds, or all but the end.
    let Flown { dir, station, .. } = fly(&unit);
    drop_cosignatures(&dir);
    for lines in 2..station.lines.len() - 1 {
        let report = judge(&unit, &dir, &[&station.lines[..lines].concat()]);
        assert_eq!((report.word, report.witness), (Word::VerifiedUnwitnessed, Witness::Partial), "{lines}");
        assert!(report.meaning.contains("only a part") && report.witness_facts.unwitnessed_items > 0);
        assert!(report.notices.iter().any(|notice| notice.contains("no witness statement")));
    }
    let cut = station.lines[..station.lines.len() - 1].concat();
    assert_eq!(judge(&unit, &dir, &[&cut]).word, Word::Verified, "the statement is the station's, not the flight's");
}

#[test]
fn a_flight_made_again_after_it_was_seen_is_an_equivocation() {
    let unit = unit();
    let Flown { dir, station, .. } = fly(&unit);
    let forged = copy(&dir, &unit.path("forged"));
    let changed: Vec<String> =
        payloads(&dir).iter().map(|payload| payload.replace("\"code\":\"light\"", "\"code\":\"dark\"")).collect();
    rewrite(&unit, &forged, &changed);
    // By itself it is as good as any flight that nobody saw.
    assert_eq!(judge(&unit, &forged, &[]).word, Word::VerifiedUnwitnessed);
    let report = judge(&unit, &forged, &[&station.file()]);
    assert_eq!(report.word, Word::Doubt(Integrity::Equivocation));
    assert_eq!(said(&report, "witness file 1"), "EQUIVOCATION");
    assert_eq!(report.witness, Witness::None);

    // With the cosigned heads of the true flight put beside the forged records.
    let heads = fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
    edit_heads(&forged, |mut lines| {
        lines.extend(heads.lines().filter(|line| is_cosigned(line)).map(str::to_owned));
        lines
    });
    assert_eq!(judge(&unit, &forged, &[]).word, Word::Doubt(Integrity::Equivocation));
}

/// The first `size` records of a flight, as if nothing had followed.
pub(crate) fn truncate(dir: &Path, size: u64) {
    let path = dir.join("records.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let kept = usize::try_from(size).unwrap();
    fs::write(&path, text.lines().take(kept).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    edit_heads(dir, |lines| lines.into_iter().filter(|line| note_of(line).claimed().size <= size).collect());
}

/// What whoever holds the aircraft can do: cut a flight, take it up by the device's key, go on.
pub(crate) fn continued(unit: &Unit, dir: &Path, from_s: u32) -> Flight<Open> {
    let _no_key_survives = fs::remove_dir_all(unit.path("keys"));
    unit.resume(dir, boot(9), from_s)
}

#[test]
fn what_was_seen_cannot_be_cut_and_continued() {
    let unit = unit();
    let mut flight = unit.open();
    let mut station = Station::new(&unit, 1, flight.id());
    station.watch(&mut flight, 0);
    events(&mut flight, &mut station, 1..10);
    let seen = copy(flight.dir(), &unit.path("seen"));
    let heads = fs::read_to_string(seen.join("checkpoints.jsonl")).unwrap();
    drop(flight);
    for size in [2, 6, 9] {
        let dir = copy(&seen, &unit.path(&format!("cut-{size}")));
        truncate(&dir, size);
        // Only cut: the file has more than the folder.
        let report = judge(&unit, &dir, &[&station.file()]);
        assert_eq!(
            (report.word, said(&report, "witness file 1").as_str()),
            (Word::Doubt(Integrity::Truncated), "TRUNCATED")
        );
        // Cut, taken up, closed: with the file, and with the heads of before left in place.
        let mut forged = continued(&unit, &dir, 10);
        for second in 10..15 {
            forged.event(code("dark"), None, at(second)).unwrap();
        }
        let dir = forged.close(code("landed"), at(15)).unwrap().dir().to_owned();
        let alone = judge(&unit, &dir, &[]);
        assert_eq!((alone.word, alone.witness), (Word::VerifiedUnwitnessed, Witness::Partial), "{size}");
        assert!(alone.notices.iter().any(|notice| notice.contains("may have been removed")));
        assert_eq!(judge(&unit, &dir, &[&station.file()]).word, Word::Doubt(Integrity::Equivocation), "{size}");
        edit_heads(&dir, |mut lines| {
            lines.extend(heads.lines().filter(|line| is_cosigned(line)).map(str::to_owned));
            lines
        });
        assert_eq!(judge(&unit, &dir, &[]).word, Word::Doubt(Integrity::Equivocation), "{size}");
    }
}

#[test]
fn what_was_made_again_while_the_radio_was_silent_is_late() {
    let unit = unit();
    let mut flight = unit.open();
    let mut station = Station::new(&unit, 1, flight.id());
    station.watch(&mut flight, 0);
    events(&mut flight, &mut station, 1..6);
    let dir = flight.dir().to_owned();
    for second in 6..40 {
        flight.event(code("light"), None, at(second)).unwrap();
    }
    drop(flight);
    // The radio is cut. Everything behind what the station saw goes; the rest is made again, dated just before the link
    // is back, so that no record seems to have waited.
    truncate(&dir, 6);
    let mut forged = continued(&unit, &dir, 60);
    for second in 60..63 {
        forged.event(code("dark"), None, at(second)).unwrap();
    }
    station.watch(&mut forged, 63);
    let mut sealed = forged.close(code("landed"), at(64)).unwrap();
    station.land(&mut sealed, 65);
    for report in [judge(&unit, sealed.dir(), &[]), judge(&unit, sealed.dir(), &[&station.file()])] {
        assert_eq!((report.word, report.witness), (Word::VerifiedUnwitnessed, Witness::Late));
        let late: Vec<_> = report.items.iter().filter(|item| item.late).map(|item| item.item.to_string()).collect();
        assert_eq!(late.len(), 4, "{late:?}");
        assert!(late[0].contains("recovered"), "{late:?}");
        let forged = report.items.iter().filter(|item| item.late).all(|item| item.witness_delay_ms.unwrap() <= 3000);
        assert!(forged, "each looks as if it had been seen at once");
    }
    // A station that hears the old head again in between breaks no silence.
    add_cosignature(sealed.dir(), &station_key(2), 6, 35);
    assert_eq!(judge(&unit, sealed.dir(), &[]).witness, Witness::Late);
}

#[test]
fn cosignatures_that_do_not_count_are_named() {
    let unit = unit();
    let Flown { dir, id, .. } = fly(&unit);
    drop_cosignatures(&dir);
    let size = payloads(&dir).len() as u64;
    let with = |name: &str, key: &DeviceKey, at_s: u32| {
        let copy = copy(&dir, &unit.path(name));
        add_cosignature(&copy, key, size, at_s);
        judge(&unit, &copy, &[])
    };
    let left_out = |report: &Report, why: &str| {
        assert_eq!((report.word, report.witness), (Word::VerifiedUnwitnessed, Witness::None), "{why}");
        let [only] = &report.witness_facts.not_counted[..] else { panic!("{:?}", report.witness_facts) };
        assert!(only.reason.contains(why) && only.cosignatures == 1, "{only:?}");
    };
    assert_eq!(with("in time", &station_key(1), 9).word, Word::Verified, "one word over close, in time, shows all");
    left_out(&with("dock", &station_key(1), 8 + 31), "after the flight was over");
    assert_eq!(with("just", &station_key(1), 8 + 30).witness, Witness::Late);
    left_out(&with("store", &station_key(3), 9), "as a store, not as a station");
    let stranger = with("stranger", &DeviceKey::from_seed([7; 32]), 9);
    assert_eq!(stranger.word, Word::Doubt(Integrity::Malformed));
    assert!(stranger.doubts()[0].detail.as_ref().unwrap().contains("does not list"));
    let own = with("own", &unit.device, 9);
    left_out(&own, "as a device, not as a station");

    // Made for another size, or for another flight.
    let moved = |name: &str, over: &dyn Fn(&Checkpoint) -> Checkpoint| {
        let copy = copy(&dir, &unit.path(name));
        edit_heads(&copy, |mut lines| {
            let held = note_of(&lines[lines.len() - 1]);
            let made = over(held.claimed()).cosign(&station_key(1), time_s(9));
            lines
                .push(serde_json::json!({ "note": held.with_cosignature(&station_key(1).public(), made) }).to_string());
            lines
        });
        judge(&unit, &copy, &[])
    };
    for report in [
        moved("size", &|head| Checkpoint { size: head.size - 1, ..head.clone() }),
        moved("flight", &|head| Checkpoint { flight: FlightId::new(1, [1; 10]), ..head.clone() }),
        moved("root", &|head| Checkpoint { root: Sha256::of(b"other"), ..head.clone() }),
    ] {
        assert_eq!(report.word, Word::Doubt(Integrity::Malformed));
    }
    // A whole cosigned head of another flight of the same device.
    let copied = copy(&dir, &unit.path("foreign"));
    let other = FlightId::new(START_UTC_US + 1, [1; 10]);
    assert_ne!(id, other);
    let checkpoint = Checkpoint { flight: other, size, root: Sha256::of(b"x") };
    let note = SignedNote::parse(&checkpoint.sign(&unit.device)).unwrap();
    let note = note.with_cosignature(&station_key(1).public(), checkpoint.cosign(&station_key(1), time_s(9)));
    edit_heads(&copied, |mut lines| {
        lines.push(serde_json::json!({ "note": note }).to_string());
        lines
    });
    assert_eq!(judge(&unit, &copied, &[]).word, Word::Doubt(Integrity::WrongFlight));
}

#[test]
fn nobody_sees_a_record_before_it_is_made() {
    let unit = unit();
    let Flown { dir, .. } = fly(&unit);
    let early = copy(&dir, &unit.path("early"));
    drop_cosignatures(&early);
    let size = payloads(&dir).len() as u64;
    add_cosignature(&early, &station_key(1), size, 2);
    let report = judge(&unit, &early, &[]);
    assert_eq!((report.word, report.time), (Word::ClockSuspect, Time::Suspect), "6 s before");
    assert!(report.notices.iter().any(|notice| notice.contains("before the time it states")));
    drop_cosignatures(&early);
    add_cosignature(&early, &station_key(1), size, 4);
    assert_eq!(judge(&unit, &early, &[]).time, Time::Ok, "4 s are within the tolerance");
}

#[test]
fn a_station_without_a_good_clock_says_so() {
    let unit = unit();
    let mut flight = unit.open();
    let mut station = Station::new(&unit, 1, flight.id());
    station.uncertainty_us = 60_000_000;
    station.watch(&mut flight, 1);
    let mut sealed = flight.close(code("landed"), at(8)).unwrap();
    station.land(&mut sealed, 9);
    let report = judge(&unit, sealed.dir(), &[&station.file()]);
    let said: Vec<_> = report.notices.iter().filter(|notice| notice.contains("may be 60 s off")).collect();
    assert_eq!(said.len(), 1, "{:?}", report.notices);
}

#[test]
fn stations_count_until_they_are_revoked() {
    let mut unit = unit();
    let Flown { dir, station, .. } = fly(&unit);
    let id = station_key(1).public().id();
    let trust = unit.trust.clone();
    let mut revoke = |at_s: u32| {
        let revocation = Revocation { at_utc_us: at(at_s).utc_us, reason: code("stolen") };
        unit.trust = trust.clone().with_revoked(id, revocation, at(50).utc_us).unwrap();
        judge(&unit, &dir, &[&station.file()])
    };
    let after = revoke(10);
    assert_eq!(after.word, Word::Verified);
    assert!(after.notices.iter().any(|notice| notice.contains("dated them back")));
    let between = revoke(6);
    assert_eq!((between.word, between.witness), (Word::VerifiedUnwitnessed, Witness::Partial));
    assert!(between.witness_facts.not_counted[0].reason.contains("stolen"));
    assert_eq!(revoke(0).witness, Witness::None);
    // Outside its validity.
    unit.trust = trust;
    let entry = unit.trust.keys.iter_mut().find(|entry| entry.id == id).unwrap();
    entry.valid_until_utc_us = at(5).utc_us;
    assert_eq!(judge(&unit, &dir, &[]).witness, Witness::Partial);
}

#[test]
fn a_revoked_devices_flight_counts_when_its_end_was_seen_before() {
    let mut unit = unit();
    let Flown { dir, station, .. } = fly(&unit);
    let trust = unit.trust.clone();
    let stolen = |at_s: u32| Revocation { at_utc_us: at(at_s).utc_us, reason: code("stolen") };
    let device = unit.device.public().id();
    unit.trust = trust.clone().with_revoked(device, stolen(10), at(50).utc_us).unwrap();
    let report = judge(&unit, &dir, &[]);
    assert_eq!(report.word, Word::Verified, "{:#?}", report.doubts());
    assert!(report.notices.iter().any(|notice| notice.contains("cosigned its end before")));
    let bare = copy(&dir, &unit.path("bare"));
    drop_cosignatures(&bare);
    let untrusted = Word::Doubt(Integrity::KeyUntrusted);
    assert_eq!(judge(&unit, &bare, &[]).word, untrusted, "nobody saw it");
    let without_close = station.lines[..station.lines.len() - 2].concat();
    assert_eq!(judge(&unit, &bare, &[&without_close]).word, untrusted, "nobody saw its end");
    let both = unit.trust.clone().with_revoked(station_key(1).public().id(), stolen(40), at(50).utc_us).unwrap();
    unit.trust = both;
    assert_eq!(judge(&unit, &dir, &[]).word, untrusted, "by a station that was revoked too");
    unit.trust = trust.with_revoked(device, stolen(9), at(50).utc_us).unwrap();
    assert_eq!(judge(&unit, &dir, &[]).word, untrusted, "revoked before its end was seen");
}

#[test]
fn witness_files_of_others_and_broken_ones() {
    let unit = unit();
    let Flown { dir, station, .. } = fly(&unit);
    let bare = copy(&dir, &unit.path("bare"));
    drop_cosignatures(&bare);
    let word = |file: &[u8]| {
        let report = judge(&unit, &bare, &[file]);
        assert_ne!(report.word, Word::Verified);
        (report.word, report.witness)
    };
    let malformed = (Word::Doubt(Integrity::Malformed), Witness::None);
    let lines = &station.lines;
    let mut swapped = lines.clone();
    swapped.swap(2, 3);
    let mut dropped = lines.clone();
    dropped.remove(2);
    assert_eq!((word(&swapped.concat()), word(&dropped.concat())), (malformed, malformed));
    for place in [30, station.file().len() / 2, station.file().len() - 100] {
        let mut edited = station.file();
        edited[place] ^= 1;
        assert_eq!(word(&edited), malformed, "{place}");
    }
    assert_eq!((word(b""), word(b"{}\n")), (malformed, malformed));

    let other = fly(&unit);
    assert_eq!(word(&other.station.file()), (Word::Doubt(Integrity::WrongFlight), Witness::None));
    let nobody = crate::ground::Station::new(&unit, 9, station_of(&bare)).file();
    assert_eq!(word(&nobody), (Word::Doubt(Integrity::KeyUntrusted), Witness::None));
    let store = crate::ground::Station::new(&unit, 3, station_of(&bare)).file();
    assert_eq!(word(&store), (Word::Doubt(Integrity::KeyUntrusted), Witness::None));

    // A torn end is no fault, and is told.
    let file = station.file();
    let report = judge(&unit, &bare, &[&file[..file.len() - 5]]);
    assert_eq!(report.word, Word::Verified);
    assert!(report.notices.iter().any(|notice| notice.contains("never finished")));
}

fn station_of(dir: &Path) -> FlightId {
    dir_payload_flight(&payloads(dir)[0])
}

fn dir_payload_flight(payload: &str) -> FlightId {
    let payload: serde_json::Value = serde_json::from_str(payload).unwrap();
    payload["flight_id"].as_str().unwrap().parse().unwrap()
}

#[test]
fn two_stations_see_it_together() {
    let unit = unit();
    let mut flight = unit.open();
    let (mut first, mut second) = (Station::new(&unit, 1, flight.id()), Station::new(&unit, 2, flight.id()));
    first.watch(&mut flight, 0);
    events(&mut flight, &mut first, 1..20);
    events(&mut flight, &mut second, 20..50);
    let mut sealed = flight.close(code("landed"), at(50)).unwrap();
    second.land(&mut sealed, 51);
    let dir = sealed.dir().to_owned();
    drop_cosignatures(&dir);
    let (first, second) = (first.file(), second.file());
    assert_eq!(judge(&unit, &dir, &[&first]).witness, Witness::Partial);
    assert_eq!(judge(&unit, &dir, &[&second]).witness, Witness::Full, "within 30 s of each record");
    let identities = || Identities::read(&unit.identity_file()).unwrap();
    let strict = |files: &[&Vec<u8>]| {
        let witness = files.iter().map(|file| (*file).clone()).collect();
        let options = Options { witness, late_after_s: 5, ..options(Some(identities())) };
        verify(&dir, &unit.anchor(), &options).unwrap()
    };
    assert_eq!(strict(&[&second]).witness, Witness::Late);
    let both = strict(&[&first, &second]);
    assert_eq!((both.word, both.witness_facts.stations.len()), (Word::Verified, 2));
}

#[test]
fn what_a_station_saw_beyond_the_log_shows() {
    let unit = unit();
    let Flown { dir, id, mut station } = fly(&unit);
    let open = payloads(&dir).remove(0);
    let head = |size, root: &[u8]| Checkpoint { flight: id, size, root: Sha256::of(root) }.sign(&unit.device);
    let report = |kind: Says| {
        let mut station = Station::new(&unit, 2, id);
        station.write(kind, 5);
        judge(&unit, &dir, &[&station.file()])
    };
    let ahead = report(Says::Seen(Seen { note: head(99, b"ahead") }));
    assert_eq!(ahead.word, Word::Doubt(Integrity::Truncated));
    assert!(ahead.doubts()[0].detail.as_ref().unwrap().contains("99 records"));
    let fork = report(Says::Seen(Seen { note: head(3, b"fork") }));
    assert_eq!(fork.word, Word::Doubt(Integrity::Equivocation));
    let alarm = report(Says::Equivocation(Equivocation { note: head(99, b"a"), held: Some(head(99, b"b")) }));
    assert_eq!(alarm.word, Word::Doubt(Integrity::Equivocation));
    // What agrees is no trouble.
    let agrees = fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
    let agrees = note_of(agrees.lines().nth(2).unwrap()).to_string();
    station.write(Says::Seen(Seen { note: agrees }), 12);
    assert_eq!(judge(&unit, &dir, &[&station.file()]).word, Word::Verified);
    // A head that the log never had, cosigned or not, put among its heads.
    edit_heads(&dir, |mut lines| {
        lines.push(head_line(&unit, &open, 99, Sha256::of(b"ahead")).trim_end().to_owned());
        lines
    });
    assert!(judge(&unit, &dir, &[]).integrity >= Integrity::Missing);
}

#[test]
fn cosigned_heads_stand_behind_their_head() {
    let unit = unit();
    let Flown { dir, .. } = fly(&unit);
    edit_heads(&dir, |mut lines| {
        let at = lines.iter().position(|line| is_cosigned(line)).unwrap();
        lines.swap(at, at - 1);
        lines
    });
    let report = judge(&unit, &dir, &[]);
    assert_eq!(report.word, Word::Doubt(Integrity::OutOfOrder), "{:#?}", report.doubts());
}

#[test]
fn a_nonce_proves_not_before() {
    let unit = unit();
    let flown = |signer: &DeviceKey, station: &DeviceKey, made_at_s: u32| {
        let mut flight = unit.open();
        let nonce = radio::Nonce::sign(flight.id(), Sha256::of(b"random"), time_s(made_at_s), signer);
        flight.append(Kind::Nonce(Nonce::of(station.public().id(), &nonce)), at(2)).unwrap();
        let dir = flight.close(code("landed"), at(3)).unwrap().dir().to_owned();
        judge(&unit, &dir, &[])
    };
    let van = station_key(1);
    let report = flown(&van, &van, 1);
    assert_eq!(report.word, Word::VerifiedUnwitnessed);
    let [not_before] = &report.witness_facts.not_before[..] else { panic!("{report:?}") };
    assert_eq!((not_before.record, not_before.utc_us, not_before.station.as_str()), (1, at(1).utc_us, "van 3"));
    assert_eq!(flown(&station_key(2), &van, 1).word, Word::Doubt(Integrity::Malformed), "another's signature");
    assert_eq!(flown(&station_key(3), &station_key(3), 1).word, Word::Doubt(Integrity::KeyUntrusted), "a store's");
    let stranger = DeviceKey::from_seed([7; 32]);
    assert_eq!(flown(&stranger, &stranger, 1).word, Word::Doubt(Integrity::KeyUntrusted), "nobody's");
    assert_eq!(flown(&van, &van, 9).word, Word::ClockSuspect, "made 7 s after the record that holds it");
}

#[test]
fn without_a_trust_list_no_cosignature_is_believed() {
    let unit = unit();
    let Flown { dir, station, .. } = fly(&unit);
    let mut anchor = unit.anchor();
    anchor.root = DeviceKey::from_seed([1; 32]).public().id();
    let options = Options { witness: vec![station.file()], ..options(None) };
    let report = verify(&dir, &anchor, &options).unwrap();
    assert_eq!((report.word, report.witness), (Word::Doubt(Integrity::KeyUntrusted), Witness::None));
    assert_eq!(said(&report, "witness file 1"), "NOT-CHECKED");
}
