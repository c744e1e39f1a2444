//! The verdict on flights that nobody touched, and on what can happen to a flight without an attacker.

use crate::support::{Camera, Unit, at, boot, code, copy, files, options, said, segment, telemetry};
use flight_record::flight::Flight;
use flight_record::record::{Gap, Kind};
use flight_record::trust::Class;
use flight_record::verify::{Content, Identities, Integrity, Time, Witness, Word, verify};
use flight_record::{ClockSource, Stamp};
use std::fs;

#[test]
fn an_untouched_flight_is_verified_unwitnessed_and_opens() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let report = unit.verify_opened(&dir);
    assert_eq!(report.doubts(), Vec::<&flight_record::verify::Item>::new());
    assert_eq!(report.word, Word::VerifiedUnwitnessed);
    assert_eq!(
        (report.integrity, report.witness, report.content, report.time),
        (Integrity::Intact, Witness::None, Content::Opened, Time::Ok)
    );
    assert!(!report.is_verified(), "exit code 1: nobody witnessed it");
    assert_eq!((report.counts.frames, report.counts.messages, report.counts.documents), (60, 20, 2));
    for path in files(&dir) {
        if !matches!(path.as_str(), "records.jsonl" | "checkpoints.jsonl") {
            assert_eq!(said(&report, &path), "INTACT", "every file is an item");
        }
    }
    assert_eq!(said(&report, "records.jsonl line 1 (seq 0, open)"), "INTACT");
    assert_eq!(said(&report, "checkpoints.jsonl line 12"), "INTACT");
    let sealed = unit.verify_sealed(&dir);
    assert_eq!((sealed.word, sealed.content), (Word::VerifiedUnwitnessed, Content::Sealed));
}

#[test]
fn an_identity_that_does_not_fit_leaves_it_sealed() {
    let (unit, other) = (Unit::new(Class::Simulated), Unit::new(Class::Simulated));
    let dir = unit.whole_flight();
    let identities = Identities::read(&other.identity_file()).unwrap();
    let report = verify(&dir, &unit.anchor(), &options(Some(identities))).unwrap();
    assert_eq!((report.word, report.content), (Word::VerifiedUnwitnessed, Content::Sealed));
}

#[test]
fn extracted_footage_is_what_was_shot() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let to = unit.path("plain");
    let mut options = options(Some(Identities::read(&unit.identity_file()).unwrap()));
    options.extract = Some(to.clone());
    verify(&dir, &unit.anchor(), &options).unwrap();
    for path in files(&dir).iter().filter(|path| path.ends_with(".age")) {
        let skip = if path.starts_with("documents") { 32 } else { 0 };
        let plain = fs::read(to.join(path.trim_end_matches(".age"))).unwrap();
        assert_eq!(plain, unit.opened(&dir.join(path))[skip..], "{path}");
    }
}

#[test]
fn a_killed_flight_is_truncated_and_what_plays_is_said() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    let mut camera = Camera::new(6000);
    segment(&mut flight, &mut camera, 1, 1);
    let mut file = flight.segment_file(&"eo".parse().unwrap(), 2).unwrap();
    camera.film(&mut file, 20);
    flight.append(Kind::Prefix(file.progress()), at(2)).unwrap();
    camera.film(&mut file, 20);
    let unnamed = flight.telemetry_file(1).unwrap();
    let dir = flight.dir().to_owned();
    drop((flight, file, unnamed));
    let report = unit.verify_opened(&dir);
    assert_eq!(report.word, Word::Doubt(Integrity::Truncated));
    assert_eq!(said(&report, "records.jsonl"), "TRUNCATED");
    assert_eq!(said(&report, "segments/eo/000001.ts.age"), "INTACT");
    assert_eq!(said(&report, "segments/eo/000002.ts.age"), "UNATTESTED-TAIL");
    assert_eq!(said(&report, "telemetry/000001.tlog.age"), "UNATTESTED-TAIL");
    let item = report.items.iter().find(|i| i.item.to_string() == "segments/eo/000002.ts.age").unwrap();
    let detail = item.detail.as_ref().unwrap();
    assert!(detail.contains("line 4 attested its first"), "{detail}");
    assert!(detail.contains("pictures play"), "{detail}");
}

#[test]
fn a_recovered_flight_has_an_unattested_tail_that_plays() {
    for (reboot, signer) in [(false, "its evolving key survived"), (true, "may have been removed")] {
        let unit = Unit::new(Class::Simulated);
        let mut flight = unit.open();
        let mut camera = Camera::new(6000);
        segment(&mut flight, &mut camera, 1, 1);
        let mut file = flight.segment_file(&"eo".parse().unwrap(), 2).unwrap();
        let shot = camera.film(&mut file, 40).frames;
        let dir = flight.dir().to_owned();
        drop((flight, file));
        if reboot {
            fs::remove_dir_all(unit.path("keys")).unwrap();
        }
        let mut flight = unit.resume(&dir, boot(if reboot { 2 } else { 1 }), 10);
        segment(&mut flight, &mut camera, 3, 11);
        flight.close(code("landed"), at(40)).unwrap();

        let to = unit.path("plain");
        let mut options = options(Some(Identities::read(&unit.identity_file()).unwrap()));
        options.extract = Some(to.clone());
        let report = verify(&dir, &unit.anchor(), &options).unwrap();
        assert_eq!(report.word, Word::Doubt(Integrity::UnattestedTail), "{:#?}", report.doubts());
        assert_eq!(report.doubts().len(), 1);
        assert_eq!(said(&report, "segments/eo/000002.ts.age"), "UNATTESTED-TAIL");
        assert!(report.notices.iter().any(|notice| notice.contains(signer)), "{:?}", report.notices);
        let tail = fs::read(to.join("segments/eo/000002.ts")).unwrap();
        assert_eq!(tail.len() % 188, 0, "whole packets");
        assert!(tail.len() > 2 * 65536 - 188, "up to the last whole chunk");
        assert!(shot == 40 && tail[0] == 0x47);
    }
}

#[test]
fn a_torn_line_is_kept_and_said() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    flight.event(code("link-lost"), None, at(1)).unwrap();
    let dir = flight.dir().to_owned();
    drop(flight);
    for file in ["records.jsonl", "checkpoints.jsonl"] {
        let whole = fs::read(dir.join(file)).unwrap();
        fs::write(dir.join(file), [&whole[..], b"{\"payload\":\"half a li"].concat()).unwrap();
    }
    fs::write(dir.join("documents/unfinished"), b"half a document").unwrap();
    assert_eq!(unit.verify_sealed(&dir).word, Word::Doubt(Integrity::Truncated));
    let flight = unit.resume(&dir, boot(1), 5);
    flight.close(code("landed"), at(6)).unwrap();
    let report = unit.verify_sealed(&dir);
    assert_eq!(report.word, Word::VerifiedUnwitnessed, "{:#?}", report.doubts());
    for torn in ["torn/records-2", "torn/checkpoints-2", "torn/document-2"] {
        assert_eq!(said(&report, torn), "INTACT");
    }
    fs::write(dir.join("torn/records-2"), b"other bytes").unwrap();
    assert_eq!(said(&unit.verify_sealed(&dir), "torn/records-2"), "ALTERED");
}

#[test]
fn recovery_signs_the_head_of_a_record_that_was_durable_before_it() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    flight.event(code("link-lost"), None, at(1)).unwrap();
    let dir = flight.dir().to_owned();
    drop(flight);
    let heads = fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
    fs::write(dir.join("checkpoints.jsonl"), heads.lines().next().unwrap().to_owned() + "\n").unwrap();
    unit.resume(&dir, boot(1), 5).close(code("landed"), at(6)).unwrap();
    assert_eq!(unit.verify_sealed(&dir).word, Word::VerifiedUnwitnessed);
}

#[test]
fn recovery_at_any_cut_of_the_log_ends_in_a_flight_that_verifies() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    let mut camera = Camera::new(500);
    segment(&mut flight, &mut camera, 1, 1);
    let kind = telemetry(&flight, 1, 1);
    flight.append(kind, at(1)).unwrap();
    let dir = flight.dir().to_owned();
    drop(flight);
    let records = fs::read(dir.join("records.jsonl")).unwrap();
    let heads = fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
    let open = records.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in (open..records.len()).step_by(97) {
        let broken = copy(&dir, &unit.path(&format!("cut-{cut}")));
        fs::write(broken.join("records.jsonl"), &records[..cut]).unwrap();
        let whole = records[..cut].iter().filter(|byte| **byte == b'\n').count();
        // The head over the last record may or may not have reached the disk.
        let kept = whole - usize::from(cut % 2 == 0 && whole > 1);
        let lines: String = heads.lines().take(kept).map(|line| format!("{line}\n")).collect();
        fs::write(broken.join("checkpoints.jsonl"), lines).unwrap();
        unit.resume(&broken, boot(1), 5).close(code("landed"), at(6)).unwrap();
        let report = unit.verify_opened(&broken);
        let tail_or_none = [Word::Doubt(Integrity::UnattestedTail), Word::VerifiedUnwitnessed];
        assert!(tail_or_none.contains(&report.word), "cut {cut}: {} {:#?}", report.word, report.doubts());
    }
}

#[test]
fn a_file_that_nothing_finishes_is_attested_when_the_flight_closes() {
    let unit = Unit::new(Class::Simulated);
    let flight = unit.open();
    let mut file = flight.segment_file(&"eo".parse().unwrap(), 1).unwrap();
    Camera::new(6000).film(&mut file, 30);
    drop(file);
    flight.document(b"nobody names it").unwrap();
    let dir = flight.close(code("disk-full"), at(5)).unwrap().dir().to_owned();
    let report = unit.verify_opened(&dir);
    assert_eq!(report.word, Word::Doubt(Integrity::Incomplete), "{:#?}", report.doubts());
    assert_eq!(said(&report, "segments/eo/000001.ts.age"), "INCOMPLETE");
}

#[test]
fn gaps_and_drops_are_said() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    let gap = Gap { stream: None, reason: code("link-lost"), from_utc_us: 1, to_utc_us: None, count: None };
    flight.append(Kind::Gap(gap), at(1)).unwrap();
    let dir = flight.close(code("landed"), at(2)).unwrap().dir().to_owned();
    let report = unit.verify_sealed(&dir);
    assert_eq!(report.word, Word::Doubt(Integrity::Gap));
    assert_eq!(said(&report, "records.jsonl line 2 (seq 1, gap)"), "GAP");
}

#[test]
fn a_clock_that_steps_is_suspect() {
    let stepped = Stamp { utc_us: at(60).utc_us, ..at(2) };
    let backwards = Stamp { mono_ns: at(0).mono_ns, ..at(2) };
    let vague = Stamp { uncertainty_us: 90_000_000, source: ClockSource::Rtc, ..stepped };
    for (stamp, word) in
        [(stepped, Word::ClockSuspect), (backwards, Word::ClockSuspect), (vague, Word::VerifiedUnwitnessed)]
    {
        let unit = Unit::new(Class::Simulated);
        let mut flight = unit.open();
        flight.event(code("link-lost"), None, at(1)).unwrap();
        let dir = flight.close(code("landed"), stamp).unwrap().dir().to_owned();
        assert_eq!(unit.verify_sealed(&dir).word, word, "{stamp:?}");
    }
}

#[test]
fn the_class_is_in_the_verdict_and_a_device_may_fly_below_its_own() {
    let unit = Unit::new(Class::Operational);
    let mut facts = unit.facts();
    facts.class = Class::Training;
    let flight = Flight::create(&unit.path("flights"), &unit.device, &unit.path("keys"), facts, at(0)).unwrap();
    let dir = flight.close(code("landed"), at(2)).unwrap().dir().to_owned();
    let report = unit.verify_sealed(&dir);
    assert_eq!(report.word, Word::VerifiedUnwitnessed);
    assert_eq!(report.flight.unwrap().class, Class::Training);
}
