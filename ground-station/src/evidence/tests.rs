//! A store made for the test, with one flight that its verifier has doubts about.

use std::collections::BTreeMap;
use std::path::Path;

use evidence_store::ledger::{Category, Ledger};
use evidence_store::people::{Cost, NewAccount, People, Pin};
use evidence_store::store::{Folder, Holding, HoldingFacts, Store as _, StoreIdentity};
use flight_record::dock::Manifest;
use flight_record::trust::Duty;
use flight_record::verify::{Integrity, Word};
use flight_record::{Extent, FlightId, Sha256};

use super::{Anchors, Desk, begin, check, end, flights};
use crate::tasks::meter::{Meter, Stop, is_stop};
use crate::{clock, desk};

const PIN: &str = "correct horse battery";

fn put(folder: &Folder, bytes: &[u8]) -> Extent {
    let extent = Extent::of(bytes);
    folder.put(&extent, &mut &bytes[..]).unwrap();
    extent
}

/// The store, and the flight in it.
fn store(dir: &Path) -> FlightId {
    let identity = StoreIdentity::init(dir, "store-a".parse().unwrap(), 0).unwrap();
    Ledger::create(&dir.join("ledger.sqlite"), &identity, 0).unwrap();
    let people =
        People::open(&dir.join("people.sqlite")).unwrap().with_cost(Cost { memory_kib: 8, passes: 1, lanes: 1 });
    let duties = vec![Duty::Administrator, Duty::Supervisor];
    people
        .add(&NewAccount { staff: "0882".parse().unwrap(), label: "marsh".parse().unwrap(), duties }, None, 0)
        .unwrap();
    people.set_first_pin(&"marsh".parse().unwrap(), &Pin::new(PIN).unwrap()).unwrap();
    let (folder, flight) = (Folder::open(dir).unwrap(), FlightId::from_bytes([9; 16]));
    let mut manifest = Manifest::default();
    manifest.insert("records.jsonl", put(&folder, b"no record\n")).unwrap();
    manifest.insert("segments/eo/000000.ts.age", put(&folder, &[7; 400])).unwrap();
    let until_utc_us = 2_000_000_000_000_000;
    for extent in manifest.entries().values() {
        folder.retain_until(extent.sha256, until_utc_us).unwrap();
    }
    let facts = HoldingFacts {
        flight,
        device: None,
        at_utc_us: 1_781_812_446_000_000,
        verdict: "MALFORMED".to_owned(),
        quarantined: true,
        manifest,
        attachments: BTreeMap::new(),
    };
    let (_, bytes) = Holding::sign(facts, &identity);
    let statement = put(&folder, &bytes);
    folder.enter(flight, statement.sha256).unwrap();
    flight
}

fn anchors(dir: &Path) -> Anchors {
    let trust = dir.join("trust.json");
    std::fs::write(&trust, "{}").unwrap();
    Anchors { trust, root: flight_record::keys::DeviceKey::from_seed([1; 32]).public().id() }
}

#[test]
fn a_store_is_read_with_its_flights_and_what_is_no_store_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let id = store(dir.path());
    let read = flights(dir.path(), &[], None).unwrap();
    let [flight] = &read[..] else { panic!("{read:?}") };
    assert_eq!((flight.id, flight.files, flight.bytes, flight.quarantined), (id, 2, 410, true));
    assert_eq!((flight.verdict.as_str(), flight.entries, flight.pilot.as_deref()), ("MALFORMED", 0, None));
    assert_eq!(flight.kept.until_utc_us, Some(2_000_000_000_000_000));
    let none = tempfile::tempdir().unwrap();
    assert!(flights(none.path(), &[], None).unwrap_err().to_string().contains("no evidence store"));
}

#[test]
fn a_flight_is_checked_as_it_lies_there_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (id, work) = (store(dir.path()), tempfile::tempdir().unwrap());
    let verdict = check(dir.path(), id, &anchors(work.path()), work.path(), &meter()).unwrap();
    assert!(matches!(verdict.word, Word::Doubt(doubt) if doubt != Integrity::Intact), "{verdict:?}");
    assert_eq!(verdict.streams.iter().map(Vec::len).collect::<Vec<_>>(), [1]);
    assert!(!verdict.faults.is_empty() && verdict.axes.0 != Integrity::Intact);
    assert_eq!(std::fs::read_dir(work.path()).unwrap().count(), 1, "the trust list alone");
    let unknown = FlightId::from_bytes([3; 16]);
    assert!(
        check(dir.path(), unknown, &anchors(work.path()), work.path(), &meter())
            .unwrap_err()
            .to_string()
            .contains("holds no flight")
    );
    // An altered object is found out while it is laid out.
    let folder = Folder::open(dir.path()).unwrap();
    let object = folder.object_path(Sha256::of(&[7; 400]));
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, [8; 400]).unwrap();
    let error = check(dir.path(), id, &anchors(work.path()), work.path(), &meter()).unwrap_err().to_string();
    assert!(error.contains("should be"), "{error}");
}

fn meter() -> std::sync::Arc<Meter<'static>> {
    std::sync::Arc::new(Meter::new(Stop::default(), 0, |_, _| {}))
}

#[test]
fn a_check_says_how_far_it_is_and_stopped_it_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (id, work) = (store(dir.path()), tempfile::tempdir().unwrap());
    let (stop, far) = (Stop::default(), std::sync::Arc::new(std::sync::Mutex::new(Vec::new())));
    let (word, told) = (stop.clone(), std::sync::Arc::clone(&far));
    let stops = Meter::new(stop, 0, move |done, total| {
        told.lock().unwrap().push((done, total));
        word.stop();
    });
    let error = check(dir.path(), id, &anchors(work.path()), work.path(), &std::sync::Arc::new(stops)).unwrap_err();
    assert!(is_stop(&error), "{error:#}");
    let far = far.lock().unwrap();
    assert!(matches!(far[..], [(1..=410, 820)]), "410 bytes are laid out, and read again: {far:?}");
    assert_eq!(std::fs::read_dir(work.path()).unwrap().count(), 1, "the trust list alone");
}

#[test]
fn who_looks_and_why_stands_on_the_ledger_before_and_after() {
    let dir = tempfile::tempdir().unwrap();
    let id = store(dir.path());
    let at = Desk { store: dir.path().to_owned(), outside: Vec::new(), place: "WS-14".parse().unwrap() };
    let pin = Pin::new(PIN).unwrap();
    assert!(begin(&at, "marsh", &pin, ".", id).is_err(), "a dot is no reason");
    assert!(begin(&at, "marsh", &Pin::new("another passphrase").unwrap(), "Confirm the route", id).is_err());
    let session = begin(&at, " marsh ", &pin, "Confirm the route", id).unwrap();
    end(&at, &session, &pin).unwrap();
    let ledger = desk::ledger(&Folder::open(dir.path()).unwrap(), dir.path(), &[]).unwrap();
    let lines = ledger.of_flight(id).unwrap();
    let said: Vec<(Category, String)> = lines.iter().map(|line| (line.category, line.outcome.to_string())).collect();
    let expected = ["viewing-begun", "viewing-ended"].map(|outcome| (Category::Consultation, outcome.to_owned()));
    assert_eq!(said, expected);
    assert_eq!(lines[0].place_in_ledger.seq, session.line);
    assert!(
        lines.iter().all(|line| line.reason.as_ref().is_some_and(|reason| reason.to_string() == "Confirm the route"))
    );
    assert_eq!(flights(dir.path(), &[], None).unwrap()[0].entries, 2);
    assert!(session.since_utc_us <= clock::now_utc_us());
}
