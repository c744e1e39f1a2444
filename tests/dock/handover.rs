//! The whole way: planned, copied over a wire that is cut, verified, kept twice, written down, erased aboard.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use evidence_store::intake::{
    Desk, EraseWish, Erasure, Flow, FolderSource, IntakeError, Outcome, Progress, Settled, Source, Step, plan, run,
    settle,
};
use evidence_store::ledger::{Category, Ledger};
use evidence_store::people::{Cost, NewAccount, People, Pin, Session};
use evidence_store::store::{Folder, Store as _, StoreIdentity};
use flight_record::keys::DeviceKey;
use flight_record::trust::{Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::{ClockSource, Label, Stamp};

use onboard::dock::orders::Orders;

use crate::berth::{Berth, DAY_US, key};
use crate::network::{Serving, source};
use crate::proxy::{Cut, NEVER, wire};

const PIN: &str = "271828";
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn enrolled(trust: &TrustList, key: &DeviceKey, name: &str, grant: Grant, now_utc_us: i64) -> TrustList {
    let request = EnrolmentRequest::read(&EnrolmentRequest::write(key, label(name), now_utc_us)).unwrap();
    trust.clone().with_key(&request, grant, Validity { from_utc_us: now_utc_us - DAY_US, days: 30 }).unwrap()
}

/// Two stores and three people, enrolled in the trust list that the aircraft holds too.
struct Office {
    first: Folder,
    second: Folder,
    pilot: Session,
    observer: Session,
}

impl Office {
    fn new(berth: &mut Berth) -> Self {
        let now = berth.now_utc_us;
        let store = |berth: &mut Berth, name: &str| {
            let store = StoreIdentity::init(&berth.path(name), label(name), now).unwrap();
            berth.trust = enrolled(&berth.trust, &store.key, name, Grant::store(), now);
            Folder::open(&berth.path(name)).unwrap()
        };
        let (first, second) = (store(berth, "first"), store(berth, "second"));
        Ledger::create(&berth.path("first/ledger.sqlite"), first.identity(), now).unwrap();
        let people = People::open(&berth.path("first/people.sqlite")).unwrap().with_cost(CHEAP);
        let mut sessions: Vec<Session> = Vec::new();
        for (name, duty) in [("admin", Duty::Administrator), ("pilot", Duty::Pilot), ("observer", Duty::Witness)] {
            let new = NewAccount { staff: label(&format!("no {name}")), label: label(name), duties: vec![duty] };
            people.add(&new, sessions.first(), now).unwrap();
            people.set_first_pin(&new.label, &Pin::new(PIN).unwrap()).unwrap();
            let session = people.log_in(&new.label, &Pin::new(PIN).unwrap(), now).unwrap();
            berth.trust = enrolled(&berth.trust, session.key(now).unwrap(), name, Grant::officer(&[duty]), now);
            sessions.push(session);
        }
        let [_, pilot, observer] = <[Session; 3]>::try_from(sessions).unwrap();
        Self { first, second, pilot, observer }
    }

    fn ledger(&self, berth: &Berth) -> Ledger {
        let outside = [berth.path("second/ledger.heads")];
        Ledger::open(&berth.path("first/ledger.sqlite"), self.first.identity(), &outside).unwrap()
    }

    fn take_over(
        &self,
        berth: &Berth,
        source: &mut dyn evidence_store::intake::Source,
        report: &mut dyn FnMut(Step, u64) -> Flow,
    ) -> Result<Outcome, IntakeError> {
        let plan = plan(source, berth.flight, (&self.first, &self.second), Some(&berth.trust), &[]).unwrap();
        assert!(plan.closed && plan.missing.is_empty());
        let report = &mut |progress: Progress| report(progress.step, progress.bytes_done);
        self.at_the_desk(berth, Some(&self.observer), |desk| run(&plan, source, desk, report))
    }

    fn at_the_desk<T>(&self, berth: &Berth, witness: Option<&Session>, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
        let mut ledger = self.ledger(berth);
        let now_utc_us = berth.now_utc_us;
        let clock = move || Stamp {
            mono_ns: onboard::clock::mono_ns(),
            utc_us: now_utc_us,
            source: ClockSource::Ntp,
            uncertainty_us: 1000,
        };
        let mut desk = Desk {
            first: &self.first,
            second: &self.second,
            ledger: &mut ledger,
            actor: &self.pilot,
            witness,
            trust_json: &berth.trust.seal(&key(9)),
            root: key(9).public().id(),
            witness_files: &[],
            attachments: &BTreeMap::new(),
            place: label("dock"),
            reason: "end of duty".parse().unwrap(),
            threads: 2,
            clock: &clock,
            erase: EraseWish::Erase,
        };
        act(&mut desk)
    }
}

#[test]
fn a_flight_changes_hands_over_a_bad_wire() {
    let mut berth = Berth::new();
    let office = Office::new(&mut berth);
    let serving = Serving::start(&berth);
    let (address, _) = wire(serving.address, Cut { down_bytes: 30_000, up_bytes: NEVER, connections: NEVER });
    let aboard: Vec<Vec<u8>> = fs::read_dir(berth.flight_dir().join("documents"))
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    let done = office.take_over(&berth, &mut source(address), &mut |_, _| Flow::Continue).unwrap();
    assert_eq!((&*done.verdict, done.quarantined), ("VERIFIED-UNWITNESSED", false));
    let Some(Erasure::Erased { record }) = &done.erasure else { panic!("{:?}", done.erasure) };
    assert!(fs::read_to_string(berth.path("device-log/records.jsonl")).unwrap().contains(record));
    assert!(!berth.flight_dir().exists());
    assert_eq!(berth.said("erased"), 1);
    for (store, bytes) in [&office.first, &office.second].into_iter().flat_map(|s| aboard.iter().map(move |b| (s, b))) {
        assert!(store.stat(flight_record::Sha256::of(bytes)).unwrap().is_some());
    }
    let entries = office.ledger(&berth).of_flight(berth.flight).unwrap();
    let erasures = entries.iter().filter(|entry| entry.category == Category::Erasure).count();
    assert_eq!(erasures, 2, "ordered, erased");
}

#[test]
fn a_handover_that_is_stopped_goes_on_where_it_was() {
    let mut berth = Berth::new();
    let office = Office::new(&mut berth);
    let serving = Serving::start(&berth);
    for stop_at in [Step::Copy, Step::Verify, Step::SecondCopy, Step::Receipts, Step::Ledger, Step::Erase] {
        let mut stop = |step: Step, _| if step == stop_at { Flow::Cancel } else { Flow::Continue };
        let stopped = office.take_over(&berth, &mut source(serving.address), &mut stop);
        assert!(matches!(stopped, Err(IntakeError::Cancelled)), "{stop_at}: {stopped:?}");
        assert!(berth.flight_dir().join("records.jsonl").exists(), "{stop_at}");
    }
    let done = office.take_over(&berth, &mut source(serving.address), &mut |_, _| Flow::Continue).unwrap();
    assert!(matches!(done.erasure, Some(Erasure::Erased { .. })));
    assert!(!berth.flight_dir().exists());
}

#[test]
fn what_a_card_is_told_to_erase_is_written_down_once_when_its_aircraft_comes_back() {
    let mut berth = Berth::new();
    let office = Office::new(&mut berth);
    let holdings = berth.start();
    let card = || FolderSource::open(berth.temp.path()).unwrap();
    let outcomes = || -> Vec<String> {
        let entries = office.ledger(&berth).of_flight(berth.flight).unwrap().into_iter();
        entries.filter(|entry| entry.category == Category::Erasure).map(|entry| entry.outcome.to_string()).collect()
    };
    let settled = |source: &mut dyn Source, witness| {
        office.at_the_desk(&berth, witness, |desk| settle(source, desk, &berth.trust).unwrap())
    };
    let done = office.take_over(&berth, &mut card(), &mut |_, _| Flow::Continue).unwrap();
    assert_eq!(done.erasure, Some(Erasure::Deferred));
    assert_eq!(office.ledger(&berth).unsettled_orders().unwrap().len(), 1);
    assert_eq!(settled(&mut card(), Some(&office.observer)), Settled::default(), "nothing has been erased");

    Orders::new(Arc::clone(&holdings), Arc::new(AtomicBool::new(false))).take_waiting();
    assert!(!berth.flight_dir().exists());
    let log = berth.path("device-log/records.jsonl");
    let whole = fs::read(&log).unwrap();
    // A line that the device's keys did not sign says nothing.
    let text = String::from_utf8(whole.clone()).unwrap();
    let (rest, last) = text.trim_end().rsplit_once('\n').unwrap();
    let forged = last.replacen("\"sig\":\"A", "\"sig\":\"B", 1).replacen("\"sig\":\"", "\"sig\":\"AAAA", 1);
    fs::write(&log, format!("{rest}\n{forged}\n")).unwrap();
    assert_eq!(settled(&mut card(), Some(&office.observer)), Settled::default(), "a forged line");
    fs::write(&log, &whole).unwrap();
    let unsigned = Settled { unsigned: vec![berth.flight], ..Settled::default() };
    assert_eq!(settled(&mut card(), None), unsigned, "one person alone writes nothing down");
    assert_eq!(outcomes(), ["ordered", "deferred"]);
    let erased = Settled { erased: vec![berth.flight], ..Settled::default() };
    assert_eq!(settled(&mut card(), Some(&office.observer)), erased);
    assert_eq!(settled(&mut card(), Some(&office.observer)), Settled::default(), "once");
    assert_eq!(outcomes(), ["ordered", "deferred", "erased"]);
    assert!(office.ledger(&berth).unsettled_orders().unwrap().is_empty());
    let line = last.as_bytes();
    assert!(office.second.stat(flight_record::Sha256::of(line)).unwrap().is_some(), "the line itself is kept");
}

#[test]
fn whoever_says_stop_while_the_aircraft_is_waited_for_goes_on_later() {
    let mut berth = Berth::new();
    fs::write(berth.flight_dir().join("documents/large"), vec![7; 3 << 20]).unwrap();
    let office = Office::new(&mut berth);
    let serving = Serving::start(&berth);
    let stop = Arc::new(AtomicBool::new(false));
    let mut stopping = source(serving.address).stopped_by(Arc::clone(&stop));
    let stopped = office.take_over(&berth, &mut stopping, &mut |step, bytes| {
        // Only the source is told: what stops is a wait for the network.
        stop.fetch_or(step == Step::Copy && bytes > 0, Ordering::Relaxed);
        Flow::Continue
    });
    assert!(matches!(stopped, Err(IntakeError::Cancelled)), "{stopped:?}");
    let done = office.take_over(&berth, &mut source(serving.address), &mut |_, _| Flow::Continue).unwrap();
    assert!(done.bytes > 3 << 20 && done.receipts.len() == 2);
}
