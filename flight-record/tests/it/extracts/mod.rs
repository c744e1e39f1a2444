//! Part of a flight, disclosed without the rest: made, judged, and tampered with in every part.

use crate::forge::{forged_key, payloads, rewrite};
use crate::ground::{Station, enrol, station_key, time_s};
use crate::support::{
    Camera, SECOND_US, START_UTC_US, Unit, at, boot, code, copy, options, said, segment, small_flight, telemetry,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flight_record::extract::{self, ExtractError, Source, Taken};
use flight_record::flight::{self, Flight, Open};
use flight_record::keys::DeviceKey;
use flight_record::layout::SealedName;
use flight_record::note::{Checkpoint, SignedNote};
use flight_record::record::PAYLOAD_TYPE;
use flight_record::tree::Tree;
use flight_record::trust::{Class, Grant, Revocation, TrustList};
use flight_record::verify::{
    Content, Identities, Integrity, Options, Report, Time, Witness, Word, verify, verify_extract,
};
use flight_record::{Sha256, dsse, tree};
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

mod judged;
mod tampered;

const ALL: [&str; 6] = [
    "segments/eo/000001.ts.age",
    "segments/eo/000002.ts.age",
    "segments/eo/000003.ts.age",
    "telemetry/000001.tlog.age",
    "telemetry/000002.tlog.age",
    "telemetry/000003.tlog.age",
];

/// What the ground sees later than this is late, in seconds, where a test wants it so.
const STRICT_S: u32 = 3;

/// A closed flight of three segments and telemetry files of a second each. A station sees them within two, at the times that
/// a test lets it, and the end at 9 s; what it says is stored aboard, or in its file only.
struct Flown {
    unit: Unit,
    dir: PathBuf,
    station: Station,
}

fn unit() -> Unit {
    let mut unit = Unit::new(Class::Operational);
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    enrol(&mut unit, &station_key(2), "tower", Grant::station());
    enrol(&mut unit, &station_key(3), "store 1", Grant::store());
    unit
}

fn fly(unit: Unit, stored: bool, sees: impl Fn(u32) -> bool) -> Flown {
    let mut flight = unit.open();
    let mut station = Station::new(&unit, 1, flight.id());
    let watch = |station: &mut Station, flight: &mut Flight<Open>, at_s: u32| {
        let note = flight.head().unwrap().note.clone();
        match (sees(at_s), stored) {
            (false, _) => {}
            (true, true) => station.watch(flight, at_s),
            (true, false) => drop(station.see(flight.dir(), &note, at_s)),
        }
    };
    watch(&mut station, &mut flight, 0);
    let mut camera = Camera::new(500);
    for index in 1..4 {
        segment(&mut flight, &mut camera, index, 2 * index);
        watch(&mut station, &mut flight, 2 * index);
        let kind = telemetry(&flight, index, 2 * index);
        flight.append(kind, at(2 * index + 1)).unwrap();
        watch(&mut station, &mut flight, 2 * index + 1);
        flight.event(code("light"), None, at(2 * index + 1)).unwrap();
    }
    let sealed = flight.close(code("landed"), at(8)).unwrap();
    station.see(sealed.dir(), &sealed.head().note.clone(), 9);
    station.end(10);
    let dir = sealed.dir().to_owned();
    Flown { unit, dir, station }
}

impl Flown {
    fn seen() -> Self {
        fly(unit(), true, |_| true)
    }

    fn take_with(&self, files: &[&str], name: &str, witness: &[Vec<u8>]) -> Result<Taken, ExtractError> {
        take(&self.unit.trust, &self.dir, files, &self.unit.path(name), witness)
    }

    /// The extract of these files, with the station's witness file.
    fn take(&self, files: &[&str], name: &str) -> PathBuf {
        self.take_with(files, name, &[self.station.file()]).unwrap();
        self.unit.path(name)
    }

    fn judge(&self, dir: &Path) -> Report {
        verify_extract(dir, &self.unit.anchor(), &options(None)).unwrap()
    }

    fn judge_strictly(&self, dir: &Path) -> Report {
        let options = Options { late_after_s: STRICT_S, ..options(None) };
        verify_extract(dir, &self.unit.anchor(), &options).unwrap()
    }

    /// A copy of an extract, broken.
    fn broken(&self, dir: &Path, name: &str, how: impl FnOnce(&Path)) -> Report {
        let copy = copy(dir, &self.unit.path(name));
        how(&copy);
        self.judge_strictly(&copy)
    }

    /// A copy whose `extract.json` says something else.
    fn bent(&self, dir: &Path, name: &str, how: impl FnOnce(&mut Value)) -> Report {
        self.broken(dir, name, |copy| edit(copy, how))
    }
}

fn take(trust: &TrustList, dir: &Path, files: &[&str], out: &Path, witness: &[Vec<u8>]) -> Result<Taken, ExtractError> {
    let wanted = files.iter().map(|file| file.parse::<SealedName>().unwrap()).collect();
    extract::write(&Source { flight_dir: dir, witness, trust }, &wanted, out)
}

fn read(dir: &Path) -> Value {
    serde_json::from_slice(&fs::read(dir.join("extract.json")).unwrap()).unwrap()
}

/// Changes `extract.json`, in the one spelling.
fn edit(dir: &Path, how: impl FnOnce(&mut Value)) {
    let mut value = read(dir);
    how(&mut value);
    let list = |value: &Value, of: &dyn Fn(&Value) -> String| {
        let items: Vec<String> = value.as_array().unwrap().iter().map(of).collect();
        format!("[{}]", items.join(","))
    };
    let record = |record: &Value| {
        format!("{{\"seq\":{},\"line\":{},\"proof\":{}}}", record["seq"], record["line"], record["proof"])
    };
    let head = |head: &Value| format!("{{\"note\":{},\"proof\":{}}}", head["note"], head["proof"]);
    let text = format!(
        "{{\"schema\":{},\"flight_id\":{},\"files\":{},\"records\":{},\"heads\":{}}}\n",
        value["schema"],
        value["flight_id"],
        value["files"],
        list(&value["records"], &record),
        list(&value["heads"], &head)
    );
    fs::write(dir.join("extract.json"), text).unwrap();
}

fn doubt(word: Integrity) -> Word {
    Word::Doubt(word)
}

#[test]
fn one_several_the_first_the_last_and_all_files_are_proved_as_a_part() {
    let flown = Flown::seen();
    for (n, (files, records)) in [
        (&ALL[..1], 3),
        (&ALL[1..2], 3),
        (&ALL[2..3], 3),
        (&ALL[..3], 7),
        (&["segments/eo/000002.ts.age", "telemetry/000002.tlog.age"][..], 4),
        (&ALL[..], 10),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = flown.take(files, &format!("part-{n}"));
        let report = flown.judge(&dir);
        assert_eq!((report.word, report.witness), (Word::Extract, Witness::Full), "{files:?} {:#?}", report.doubts());
        assert_eq!((report.content, report.is_verified()), (Content::Sealed, false));
        let covers = report.covers.as_ref().unwrap();
        let names: Vec<&str> = covers.files.iter().map(|file| file.file.as_str()).collect();
        assert_eq!((names, covers.records, covers.flight_records), (files.to_vec(), records, 14), "{files:?}");
        assert!(report.witness_facts.silences.is_empty() && report.witness_facts.unwitnessed_items == 0);
        let mut here = crate::support::files(&dir);
        here.retain(|path| path != "extract.json");
        assert_eq!(here, files, "nothing else is disclosed");
        assert!(!flown.unit.path(&format!("part-{n}.unfinished")).exists());
    }
    let dir = flown.unit.path("part-1");
    let covered = flown.judge(&dir).covers.unwrap();
    let opened = START_UTC_US + SECOND_US + 30 * 33_333;
    assert!((covered.from_utc_us.unwrap() - opened).abs() < 20 && covered.to_utc_us > covered.from_utc_us);
}

#[test]
fn an_extract_opens_like_its_flight() {
    let flown = Flown::seen();
    let dir = flown.take(&ALL, "part");
    let identities = Identities::read(&flown.unit.identity_file()).unwrap();
    let plain = flown.unit.path("plain");
    let opened = Options { extract: Some(plain.clone()), ..options(Some(identities)) };
    let report = verify_extract(&dir, &flown.unit.anchor(), &opened).unwrap();
    assert_eq!((report.word, report.content), (Word::Extract, Content::Opened), "{:#?}", report.doubts());
    assert_eq!((report.opened.pictures, report.opened.messages), (90, 30));
    assert!(fs::metadata(plain.join("segments/eo/000003.ts")).unwrap().len() > 0);
}

#[test]
fn what_was_not_seen_in_time_is_unwitnessed() {
    let unwitnessed = |flown: &Flown, witness: &[Vec<u8>], name: &str, file: &str| {
        flown.take_with(&[file], name, witness).unwrap();
        let report = flown.judge_strictly(&flown.unit.path(name));
        assert_eq!(report.word, Word::ExtractUnwitnessed, "{name} {:#?}", report.doubts());
        report.witness
    };
    // Cosignatures only in the station's file.
    let flown = fly(unit(), false, |_| true);
    assert_eq!(unwitnessed(&flown, &[], "bare", ALL[1]), Witness::None);
    assert_eq!(flown.take_with(&[ALL[1]], "told", &[]).unwrap().unseen, [ALL[1]]);
    assert_eq!(flown.judge_strictly(&flown.take(&[ALL[1]], "merged")).word, Word::Extract);
    // A silence of 4 s before the last segment, which itself was seen within 2 s.
    let silent = fly(unit(), true, |at_s| !(3..6).contains(&at_s));
    assert_eq!(unwitnessed(&silent, &[], "silent", ALL[2]), Witness::Late);
    assert_eq!(unwitnessed(&silent, &[], "late", ALL[1]), Witness::Late);
    assert_eq!(silent.judge_strictly(&silent.take(&[ALL[0]], "before")).word, Word::Extract);
    // No more than the last head, at the end of the flight.
    let dark = fly(unit(), false, |_| false);
    let file = [dark.station.file()];
    assert_eq!(unwitnessed(&dark, &file, "dark", ALL[0]), Witness::Late);
    // Heads left out make it worse, never better.
    let part = flown.take(&[ALL[2]], "whole");
    assert_eq!(read(&part)["heads"].as_array().unwrap().len(), 3);
    let report = flown.bent(&part, "first-head-gone", |value| drop(value["heads"].as_array_mut().unwrap().remove(0)));
    assert_eq!((report.word, report.witness), (Word::ExtractUnwitnessed, Witness::Late), "silent since open");
    let report = flown.bent(&part, "heads-gone", |value| {
        let heads = value["heads"].as_array_mut().unwrap();
        heads.drain(..2);
        let bare = heads[0]["note"].as_str().unwrap().split_inclusive('\n').take(5).collect::<String>();
        heads[0]["note"] = json!(bare);
    });
    assert_eq!((report.word, report.witness), (Word::ExtractUnwitnessed, Witness::None));
}

#[test]
fn only_what_the_flight_finished_and_its_heads_cover_is_taken() {
    let flown = Flown::seen();
    let refused = |dir: &Path, files: &[&str], name: &str| {
        let error = take(&flown.unit.trust, dir, files, &flown.unit.path(name), &[]).unwrap_err();
        assert!(!flown.unit.path(name).exists(), "{name}");
        error.to_string()
    };
    let said = refused(&flown.dir, &["segments/eo/000009.ts.age"], "a");
    assert!(said.contains("it has segments/eo/000001.ts.age to segments/eo/000003.ts.age"), "{said}");
    assert!(refused(&flown.dir, &["segments/ir/000001.ts.age"], "b").contains("none of that kind"));
    assert!(refused(&flown.dir, &[], "c").contains("nothing was asked for"));
    assert!(refused(&flown.unit.path("absent"), &[ALL[0]], "d").contains("cannot read"));
    assert!(refused(&flown.unit.path("flights"), &[ALL[0]], "e").contains("no flight"));
    let document = crate::support::files(&flown.dir).into_iter().find(|path| path.starts_with("documents")).unwrap();
    assert!(refused(&flown.dir, &[&document], "f").contains("no segment, telemetry file or still"));
    let dir = flown.take(&[ALL[0]], "part");
    assert!(matches!(flown.take_with(&[ALL[0]], "part", &[]), Err(ExtractError::Exists { .. })));
    assert_eq!(flown.judge(&dir).word, Word::Extract, "what is there is left alone");

    let damaged = copy(&flown.dir, &flown.unit.path("damaged"));
    fs::write(damaged.join(ALL[0]), "x").unwrap();
    assert!(refused(&damaged, &[ALL[0]], "g").contains("not the file that its record describes"));
    // A log damaged in the middle still proves what stands before.
    let text = fs::read_to_string(damaged.join("records.jsonl")).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[7] = lines[7].replace("payloadType", "payload-type");
    fs::write(damaged.join("records.jsonl"), lines.join("\n") + "\n").unwrap();
    assert!(refused(&damaged, &[ALL[2]], "h").contains("no sound head"));
    let before = flown.unit.path("before");
    take(&flown.unit.trust, &damaged, &[ALL[3]], &before, &[]).unwrap();
    let report = flown.judge(&before);
    assert_eq!((report.word, report.covers.unwrap().flight_records), (Word::Extract, 7));

    let mut flight = flown.unit.open();
    let mut camera = Camera::new(500);
    segment(&mut flight, &mut camera, 1, 1);
    let mut cut = flight.segment_file(&"eo".parse().unwrap(), 2).unwrap();
    camera.film(&mut cut, 5);
    cut.syncer().unwrap().sync().unwrap();
    flight.append(flight_record::record::Kind::Prefix(cut.progress()), at(2)).unwrap();
    let open = flight.dir().to_owned();
    assert!(refused(&open, &[ALL[1]], "i").contains("never finished"));
    let taken = take(&flown.unit.trust, &open, &[ALL[0]], &flown.unit.path("unclosed"), &[]).unwrap();
    assert_eq!(taken.unseen, [ALL[0]]);
    assert_eq!(flown.judge(&flown.unit.path("unclosed")).word, Word::ExtractUnwitnessed);
}

#[test]
fn a_file_after_a_restart_is_proved_by_the_device_that_took_the_flight_up() {
    let unit = Unit::new(Class::Operational);
    let flight = unit.open();
    let dir = flight.dir().to_owned();
    drop(flight);
    fs::remove_dir_all(unit.path("keys")).unwrap();
    let mut flight = unit.resume(&dir, boot(2), 5);
    let kind = telemetry(&flight, 1, 5);
    flight.append(kind, at(6)).unwrap();
    flight.close(code("landed"), at(7)).unwrap();
    let out = unit.path("part");
    take(&unit.trust, &dir, &[ALL[3]], &out, &[]).unwrap();
    let report = verify_extract(&out, &unit.anchor(), &options(None)).unwrap();
    assert_eq!(report.word, Word::ExtractUnwitnessed, "{:#?}", report.doubts());
    assert_eq!(said(&report, "record 1 (recovered)"), "INTACT");
}

#[test]
fn a_file_is_as_late_in_its_extract_as_in_its_flight() {
    let mut random = rand::rngs::StdRng::seed_from_u64(11);
    let mut lates = 0;
    for round in 0..12 {
        let seen: u32 = random.random_range(0..1 << 8);
        let flown = fly(unit(), round % 2 == 0, |at_s| seen >> at_s & 1 == 1);
        let strict = Options { late_after_s: STRICT_S, witness: vec![flown.station.file()], ..options(None) };
        let whole = verify(&flown.dir, &flown.unit.anchor(), &strict).unwrap();
        for file in ALL {
            let told = |report: &Report| {
                let item = report.items.iter().find(|item| item.item.to_string() == file).unwrap();
                (item.witness_delay_ms, item.late)
            };
            let part = flown.judge_strictly(&flown.take(&[file], &file.replace('/', "-")));
            assert_eq!(told(&part), told(&whole), "{file}, seen at {seen:b}");
            assert_eq!(part.word == Word::ExtractUnwitnessed, told(&whole).1, "{file}, seen at {seen:b}");
            lates += usize::from(told(&whole).1);
        }
    }
    assert!((10..62).contains(&lates), "both happen: {lates}");
}

#[test]
fn its_page_says_what_it_covers_and_nothing_of_the_rest() {
    let flown = Flown::seen();
    let dir = flown.take(&[ALL[0]], "part");
    let html = flight_record::page::page(&flown.judge(&dir), at(60).utc_us);
    for text in ["<h1>EXTRACT</h1>", "What this extract covers", "An extract does not say", "Last record here", ALL[0]]
    {
        assert!(html.contains(text), "{text}\n{html}");
    }
    assert!(!html.contains("No record that can be believed tells of one"), "of that an extract knows nothing");
}
