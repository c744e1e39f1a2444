//! Flights taken over whole: what is planned, kept, said, written down and erased.

use crate::support::{Aircraft, Handover, Unit, holds, label, tree};
use evidence_store::intake::{EraseWish, Erasure, Flow, FolderSource, IntakeError, Source, SourceError, Step};
use evidence_store::ledger::{Category, LedgerError};
use evidence_store::people::PeopleError;
use evidence_store::store::{Folder, Store, StoreIdentity};
use flight_record::dock::Receipt;
use flight_record::verify::{Anchor, Options, verify};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

#[test]
fn a_flight_lies_in_two_stores_with_receipts_and_entries() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(5, 3_000_000);
    let aboard = tree(&unit.flight_dir(flight));
    let handover = Handover::new(&unit, &people);
    let mut steps = BTreeMap::new();
    let done = handover
        .run(&mut unit.card(), flight, &mut |progress| {
            let most = steps.entry(progress.step).or_insert((0, 0));
            assert!(progress.bytes_done <= progress.bytes_total, "{progress:?}");
            *most = (progress.bytes_done.max(most.0), progress.bytes_total);
            Flow::Continue
        })
        .unwrap();
    assert_eq!((&*done.verdict, done.quarantined, done.files), ("VERIFIED-UNWITNESSED", false, aboard.len() as u64));
    assert!(holds(&handover.first, &aboard) && holds(&handover.second, &aboard));
    assert_eq!(tree(&unit.flight_dir(flight)), aboard, "the aircraft's copy is as it was");
    let total: u64 = aboard.values().map(|bytes| bytes.len() as u64).sum();
    assert_eq!(steps[&Step::Copy], (total, total));
    assert_eq!(steps.len(), 6, "every step but the erasing was shown: {steps:?}");

    for (receipt, store) in done.receipts.iter().zip([&handover.first, &handover.second]) {
        let receipt = Receipt::open(receipt, &store.identity().key.public()).unwrap();
        assert_eq!((receipt.manifest, receipt.files, receipt.bytes), (done.manifest, done.files, total));
        assert_eq!(receipt.device_id, unit.device.public().id());
    }
    let ledger = unit.ledger();
    ledger.check().unwrap();
    let entries = ledger.of_flight(flight).unwrap();
    let categories: Vec<Category> = entries.iter().map(|entry| entry.category).collect();
    assert_eq!(categories, [Category::Collection, Category::Verification, Category::Movement]);
    assert!(
        entries.iter().all(|entry| entry.items[0] == done.manifest && entry.actor.person == people.custodian.person())
    );
    assert_eq!(done.awaiting, [] as [u64; 0]);
    assert!(unit.path("second/ledger.heads").is_file());
    let left = |name: &str| tree(&unit.path("first").join(name)).len();
    assert_eq!((left("incoming"), left("partial"), left("quarantine")), (0, 0, 0));
}

#[test]
fn the_stored_flight_verifies_as_it_did_aboard() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(3, 100_000);
    let handover = Handover::new(&unit, &people);
    handover.done(&mut unit.card(), flight);
    let out = unit.path("again").join(flight.to_string());
    evidence_store::store::check_out(&handover.second, flight, &out).unwrap();
    assert_eq!(tree(&out), tree(&unit.flight_dir(flight)));
    let anchor = Anchor { trust_json: unit.trust_json(), root: unit.root.public().id() };
    let now_utc_us = crate::support::later().utc_us;
    let report = verify(&out, &anchor, &Options::sealed(now_utc_us, 2)).unwrap();
    assert_eq!(report.word.to_string(), "VERIFIED-UNWITNESSED");
}

#[test]
fn doing_it_again_changes_nothing() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(3, 100_000);
    let handover = Handover::new(&unit, &people);
    let once = handover.done(&mut unit.card(), flight);
    let (first, second) = (tree(&unit.path("first/objects")), tree(&unit.path("second/objects")));
    let plan = handover.plan(&mut unit.card(), flight);
    assert_eq!(plan.held.as_deref(), Some("VERIFIED-UNWITNESSED"));
    let twice = handover.done(&mut unit.card(), flight);
    assert_eq!(once, twice);
    assert_eq!(first, tree(&unit.path("first/objects")));
    assert_eq!(second, tree(&unit.path("second/objects")));
    assert_eq!(unit.ledger().head().size, 3);
}

#[test]
fn the_plan_says_what_is_there_what_is_missing_and_what_nobody_names() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(3, 100_000);
    let dir = unit.flight_dir(flight);
    fs::remove_file(dir.join("telemetry/000002.tlog.age")).unwrap();
    fs::write(dir.join("telemetry/notes.txt"), b"somebody was here").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", dir.join("link")).unwrap();
    let handover = Handover::new(&unit, &people);
    let plan = handover.plan(&mut unit.card(), flight);
    assert_eq!(plan.missing, ["telemetry/000002.tlog.age"]);
    assert_eq!(plan.unnamed().map(|file| &*file.path).collect::<Vec<_>>(), ["telemetry/notes.txt"]);
    assert_eq!(plan.others, ["link"]);
    assert!(plan.closed && plan.device == Some(unit.device.public().id()));
    let printed = plan.to_string();
    for part in
        ["MISSING    1", "telemetry/000002.tlog.age", "unnamed    1", "odd        1", "witnessed  by nobody", "enough"]
    {
        assert!(printed.contains(part), "{part} in:\n{printed}");
    }
    let held = tree(&unit.path("first"));
    assert!(held.keys().all(|path| !path.contains("incoming")), "a plan changes nothing");
}

#[test]
fn two_stores_on_one_disk_are_said_and_not_refused() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(1, 1000);
    let handover = Handover::new(&unit, &people);
    let plan = handover.plan(&mut unit.card(), flight);
    assert!(plan.one_disk && plan.to_string().contains("both stores lie on ONE disk"), "{plan}");
    let done = handover.done(&mut unit.card(), flight);
    assert!(done.notices.iter().any(|notice| notice.contains("ONE disk")), "{:?}", done.notices);
    // The unit lies in memory where it can: then this is another disk.
    let elsewhere = tempfile::tempdir().unwrap();
    StoreIdentity::init(&elsewhere.path().join("store"), label("elsewhere"), crate::support::START_UTC_US).unwrap();
    let second = Folder::open(&elsewhere.path().join("store")).unwrap();
    let same = fs::metadata(elsewhere.path()).unwrap().dev() == fs::metadata(unit.path("first")).unwrap().dev();
    let plan = Handover { second, ..Handover::new(&unit, &people) }.plan(&mut unit.card(), flight);
    assert_eq!(plan.one_disk, same);
    assert_eq!(plan.to_string().contains("ONE disk"), same);
}

#[test]
fn a_log_that_is_another_and_as_long_is_noticed() {
    for log in ["records.jsonl", "checkpoints.jsonl"] {
        for taken_over_whole in [true, false] {
            let unit = Unit::new();
            let people = unit.on_duty();
            let flight = unit.flight(2, 10_000);
            let before = tree(&unit.flight_dir(flight));
            let handover = Handover::new(&unit, &people);
            // Held, or stopped when all of it was copied.
            let once = handover.run(&mut unit.card(), flight, &mut |progress| {
                let goes_on = taken_over_whole || progress.step == Step::Copy || progress.step == Step::Verify;
                if goes_on { Flow::Continue } else { Flow::Cancel }
            });
            assert_eq!(once.is_ok(), taken_over_whole);
            let path = unit.flight_dir(flight).join(log);
            let mut bytes = fs::read(&path).unwrap();
            bytes[200] ^= 1;
            fs::write(&path, bytes).unwrap();
            let now = tree(&unit.flight_dir(flight));
            let done = handover.done(&mut unit.card(), flight);
            let said = done.notices.iter().find(|notice| notice.contains("is ANOTHER than the one taken over before"));
            assert!(said.is_some_and(|said| said.starts_with(log)), "{log}: {:?}", done.notices);
            assert_ne!(done.verdict, "VERIFIED-UNWITNESSED", "{log}: judged anew");
            assert!(holds(&handover.first, &now) && holds(&handover.second, &now), "{log}");
            if let Ok(once) = once {
                assert!(!once.notices.iter().any(|notice| notice.contains("ANOTHER")));
                assert!(once.manifest != done.manifest && holds(&handover.first, &before), "{log}: both are kept");
            }
        }
    }
}

#[test]
fn a_file_that_no_record_names_is_kept_and_in_the_manifest() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(2, 10_000);
    fs::write(unit.flight_dir(flight).join("telemetry/notes.txt"), b"somebody was here").unwrap();
    let handover = Handover { erase: EraseWish::Erase, ..Handover::new(&unit, &people) };
    let mut aircraft = Aircraft::new(&unit);
    let done = handover.done(&mut aircraft, flight);
    assert_eq!((&*done.verdict, done.quarantined), ("MALFORMED", true));
    assert_eq!((done.erasure, aircraft.orders.len()), (None, 0), "what is in quarantine stays aboard");
    let holding = (&handover.second as &dyn Store).holding(flight).unwrap().unwrap();
    assert!(holding.quarantined && holding.manifest.entries().contains_key("telemetry/notes.txt"));
    assert!(holds(&handover.second, &tree(&unit.flight_dir(flight))));
    assert!(unit.path(&format!("first/quarantine/{flight}.json")).is_file());
    assert!(done.notices.iter().any(|notice| notice.contains("no record names")), "{:?}", done.notices);
}

#[test]
fn whatever_is_wrong_with_a_flight_it_is_kept_with_its_verdict() {
    type Damage = fn(&Unit, &std::path::Path);
    let cases: [(&str, bool, Damage); 5] = [
        ("ALTERED", true, |_, dir| {
            let path = dir.join("telemetry/000001.tlog.age");
            let mut bytes = fs::read(&path).unwrap();
            bytes[5000] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("MISSING", false, |_, dir| fs::remove_file(dir.join("telemetry/000001.tlog.age")).unwrap()),
        ("TRUNCATED", false, |_, dir| {
            let text = fs::read_to_string(dir.join("records.jsonl")).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            fs::write(dir.join("records.jsonl"), lines[..lines.len() - 1].join("\n") + "\n").unwrap();
            let heads = fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
            let lines: Vec<&str> = heads.lines().collect();
            fs::write(dir.join("checkpoints.jsonl"), lines[..lines.len() - 1].join("\n") + "\n").unwrap();
        }),
        ("MALFORMED", true, |_, dir| fs::write(dir.join("records.jsonl"), b"not a log\n").unwrap()),
        ("MALFORMED", true, |_, dir| {
            fs::write(dir.join("records.jsonl"), b"").unwrap();
            fs::write(dir.join("checkpoints.jsonl"), b"x\n").unwrap();
        }),
    ];
    for (word, quarantined, damage) in cases {
        let unit = Unit::new();
        let people = unit.on_duty();
        let flight = unit.flight(2, 10_000);
        damage(&unit, &unit.flight_dir(flight));
        let handover = Handover::new(&unit, &people);
        let done = handover.done(&mut unit.card(), flight);
        assert_eq!((&*done.verdict, done.quarantined), (word, quarantined));
        let aboard = tree(&unit.flight_dir(flight));
        assert!(holds(&handover.first, &aboard) && holds(&handover.second, &aboard), "{word}");
        unit.ledger().check().unwrap();
    }
}

#[test]
fn the_aircraft_erases_on_two_receipts_two_people_and_its_own_challenge() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(3, 100_000);
    let handover = Handover { erase: EraseWish::Erase, ..Handover::new(&unit, &people) };
    let mut aircraft = Aircraft::new(&unit);
    let done = handover.done(&mut aircraft, flight);
    assert!(matches!(done.erasure, Some(Erasure::Erased { .. })));
    assert!(!unit.flight_dir(flight).exists());
    let ledger = unit.ledger();
    ledger.check().unwrap();
    let erasures: Vec<_> =
        ledger.of_flight(flight).unwrap().into_iter().filter(|entry| entry.category == Category::Erasure).collect();
    assert_eq!(erasures.iter().map(|entry| entry.outcome.as_str()).collect::<Vec<_>>(), ["ordered", "erased"]);
    assert!(erasures.iter().all(|entry| entry.witness.unwrap().person == people.observer.person()));
}

#[test]
fn a_card_is_erased_later_by_its_aircraft() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(2, 10_000);
    let handover = Handover { erase: EraseWish::Erase, ..Handover::new(&unit, &people) };
    let done = handover.done(&mut unit.card(), flight);
    assert_eq!(done.erasure, Some(Erasure::Deferred));
    assert!(unit.flight_dir(flight).exists(), "the card itself is only read, but for the order");
    assert!(unit.path(&format!("aircraft/dock/{flight}.order")).is_file());
}

#[test]
fn nothing_is_erased_without_a_second_person_or_by_the_wrong_ones() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(2, 10_000);
    let refused = |actor, witness, erase| {
        let handover = Handover { actor, witness, erase, ..Handover::new(&unit, &people) };
        let mut aircraft = Aircraft::new(&unit);
        let refused = handover.run(&mut aircraft, flight, &mut |_| Flow::Continue).unwrap_err();
        assert_eq!(aircraft.orders, Vec::<Vec<u8>>::new());
        assert!(unit.flight_dir(flight).exists());
        refused
    };
    let alone = refused(&people.custodian, None, EraseWish::Erase);
    assert!(matches!(alone, IntakeError::NotErased { .. }), "{alone}");
    let own = refused(&people.custodian, Some(&people.custodian), EraseWish::Erase);
    assert!(
        matches!(&own, IntakeError::Ledger(LedgerError::SamePerson(name)) if name.as_str() == "custodian"),
        "{own}"
    );
    let wrong = refused(&people.observer, Some(&people.custodian), EraseWish::Erase);
    assert!(matches!(wrong, IntakeError::People(PeopleError::NotTheirDuty { .. })), "{wrong}");
    // The lone custodian's work stands, awaiting its countersignature.
    assert_eq!(unit.ledger().awaiting().count(), 2);
}

#[test]
fn a_quarantined_flight_is_erased_by_two_custodians_who_say_so() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(2, 10_000);
    fs::write(unit.flight_dir(flight).join("telemetry/notes.txt"), b"somebody was here").unwrap();
    let aboard = || unit.flight_dir(flight).exists();
    let tried = |witness, erase| {
        let handover = Handover { witness: Some(witness), erase, ..Handover::new(&unit, &people) };
        handover.run(&mut Aircraft::new(&unit), flight, &mut |_| Flow::Continue)
    };
    let kept = tried(&people.other_custodian, EraseWish::Erase).unwrap();
    assert!(kept.quarantined && kept.erasure.is_none() && aboard(), "an ordinary wish does not concern it");
    assert!(matches!(tried(&people.observer, EraseWish::EraseQuarantined), Err(IntakeError::People(_))) && aboard());
    tried(&people.other_custodian, EraseWish::EraseQuarantined).unwrap();
    assert!(!aboard());
}

#[test]
fn an_order_the_aircraft_would_refuse_is_not_given() {
    let mut unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(2, 10_000);
    let store = unit.second().identity().key.public().id();
    let revocation = flight_record::trust::Revocation {
        at_utc_us: crate::support::at(500).utc_us,
        reason: crate::support::code("stolen"),
    };
    unit.trust = unit.trust.clone().with_revoked(store, revocation, crate::support::at(500).utc_us).unwrap();
    let handover = Handover { erase: EraseWish::Erase, ..Handover::new(&unit, &people) };
    let mut aircraft = Aircraft::new(&unit);
    let refused = handover.run(&mut aircraft, flight, &mut |_| Flow::Continue);
    assert!(matches!(refused, Err(IntakeError::WouldRefuse { .. })), "{refused:?}");
    assert!(aircraft.orders.is_empty() && unit.flight_dir(flight).exists());
}

#[test]
fn one_store_is_no_two() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(1, 1000);
    let handover = Handover { second: unit.first(), ..Handover::new(&unit, &people) };
    let refused = handover.run(&mut unit.card(), flight, &mut |_| Flow::Continue);
    assert!(matches!(refused, Err(IntakeError::SameStore(_))));
}

#[test]
fn somebody_who_was_suspended_meanwhile_writes_nothing() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(1, 1000);
    let handover = Handover::new(&unit, &people);
    let stopped = handover.run(&mut unit.card(), flight, &mut |progress| {
        if progress.step == Step::Ledger {
            let now = crate::support::later().utc_us;
            let _ = unit.people.suspend(&label("custodian"), &people.administrator, now);
        }
        Flow::Continue
    });
    assert!(matches!(stopped, Err(IntakeError::People(PeopleError::Suspended(_)))), "{stopped:?}");
    assert_eq!(unit.ledger().head().size, 0);
    // Somebody else takes it up.
    let handover = Handover { actor: &people.pilot, ..Handover::new(&unit, &people) };
    handover.done(&mut unit.card(), flight);
    assert_eq!(unit.ledger().of_flight(flight).unwrap().len(), 3);
}

#[test]
fn sources_are_folders_of_three_kinds() {
    let unit = Unit::new();
    let flight = unit.flight(1, 1000);
    for path in [unit.path("aircraft"), unit.path("aircraft/flights"), unit.flight_dir(flight)] {
        let mut source = FolderSource::open(&path).unwrap();
        assert_eq!(source.flights().unwrap(), [flight], "{}", path.display());
        assert!(source.inventory(flight).unwrap().closed);
    }
    let mut copy = FolderSource::open(&unit.flight_dir(flight)).unwrap();
    assert!(matches!(copy.challenge(flight), Err(SourceError::Refused { .. })));
    assert!(matches!(copy.open(flight, "../../device.key", 0), Err(SourceError::NoFile { .. })));
    assert!(FolderSource::open(&unit.path("keys")).is_err());
    assert!(FolderSource::open(&unit.path("nowhere")).is_err());
}
