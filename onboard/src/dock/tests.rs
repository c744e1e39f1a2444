//! Orders on a small flight: carried out once, refused when replayed, and finished after a death at any moment.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use flight_record::device_log::{self, DeviceLog, LogFacts};
use flight_record::dock::{
    Challenge, EraseOrder, Manifest, Receipt, ReceiptSchema, SealedReceipt, Terms, files_aboard,
};
use flight_record::flight::{Flight, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::recipients;
use flight_record::record::{Kind, Software};
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::{ClockSource, FlightId, Sha256, Stamp};

use super::Fault;
use super::erase::{Eraser, Step};
use super::gate::{Gate, Situation};
use super::holdings::{Holdings, locked};
use super::orders::Orders;
use crate::clock;
use crate::recorder::timebase::{Mapping, TimeBase};

const DAY_US: i64 = 86_400_000_000;
const AT_REST: Situation = Situation { started: true, armed: false, recording: false, current: None };

fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_seed([seed; 32])
}

/// An aircraft on the ground, with one closed flight.
struct Berth {
    temp: tempfile::TempDir,
    trust: TrustList,
    flight: FlightId,
    now_utc_us: i64,
    starts: std::cell::Cell<u8>,
}

impl Berth {
    fn new() -> Self {
        let now_utc_us = clock::realtime_us();
        let validity = Validity { from_utc_us: now_utc_us - DAY_US, days: 30 };
        let mut trust = TrustList::first("unit".parse().unwrap(), key(9).public(), now_utc_us - DAY_US);
        for (seed, name, grant) in [
            (1, "aircraft", Grant::device(Class::Simulated)),
            (2, "officer 1", Grant::officer(&[Duty::Pilot])),
            (3, "officer 2", Grant::officer(&[Duty::Witness])),
            (4, "store 1", Grant::store()),
            (5, "store 2", Grant::store()),
        ] {
            let request = EnrolmentRequest::write(&key(seed), name.parse().unwrap(), now_utc_us);
            trust = trust.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap();
        }
        let temp = tempfile::tempdir().unwrap();
        let mut berth =
            Self { temp, trust, flight: FlightId::new(1, [0; 10]), now_utc_us, starts: std::cell::Cell::new(0) };
        berth.flight = berth.fly();
        Challenge::make(&berth.path("dock"), berth.flight).unwrap();
        berth
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn stamp(&self) -> Stamp {
        Stamp { mono_ns: clock::mono_ns(), utc_us: self.now_utc_us, source: ClockSource::Ntp, uncertainty_us: 1000 }
    }

    fn software() -> Software {
        Software { name: "test".parse().unwrap(), version: "0".parse().unwrap(), sha256: Sha256::of(b"") }
    }

    /// A closed flight with a few documents.
    fn fly(&self) -> FlightId {
        let person = self.path("person");
        let recipient = recipients::make_person(&person).unwrap();
        fs::remove_file(person).unwrap();
        let certificate = self.trust.certificate(key(1).public().id()).unwrap();
        let facts = OpenFacts {
            class: certificate.class,
            certificate,
            recipients: vec![recipient],
            pts_epoch_utc_us: self.now_utc_us,
            audio_dropped: false,
            software: Self::software(),
            configuration_sha256: Sha256::of(b""),
            documents: vec![("mission".parse().unwrap(), b"a square".to_vec())],
            boot_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        };
        let mut flight =
            Flight::create(&self.path("flights"), &key(1), &self.path("keys"), facts, self.stamp()).unwrap();
        for detail in ["by the pilot", "a light"] {
            flight.event("marked".parse().unwrap(), Some(detail.as_bytes()), self.stamp()).unwrap();
        }
        flight.close("landed".parse().unwrap(), self.stamp()).unwrap().id()
    }

    /// The agent starts: the device log is taken up, the dock looks at what lies there.
    fn start(&self) -> Arc<Holdings> {
        self.starts.set(self.starts.get() + 1);
        let facts = LogFacts {
            certificate: self.trust.certificate(key(1).public().id()).unwrap(),
            software: Self::software(),
            boot_id: format!("00000000-0000-4000-8000-0000000001{:02x}", self.starts.get()).parse().unwrap(),
        };
        let log = DeviceLog::open(&self.path("device-log"), &key(1), &self.path("keys"), facts, self.stamp()).unwrap();
        let gate = Gate::default();
        gate.tell(AT_REST);
        Arc::new(Holdings {
            storage_dir: self.temp.path().to_owned(),
            device: key(1),
            name: "aircraft".parse().unwrap(),
            trust: self.trust.clone(),
            gate: Arc::new(gate),
            log: Arc::new(Mutex::new(log)),
            time: TimeBase::new(Mapping {
                mono_ns: clock::mono_ns(),
                utc_us: self.now_utc_us,
                source: ClockSource::Ntp,
                uncertainty_us: 1000,
            }),
        })
    }

    fn order(&self) -> Vec<u8> {
        self.order_until(self.now_utc_us + DAY_US)
    }

    fn order_until(&self, expires_utc_us: i64) -> Vec<u8> {
        let (manifest, _) = files_aboard(&self.path("flights"), self.flight, &Manifest::default()).unwrap();
        let device_id = key(1).public().id();
        let receipts = [4, 5].map(|store| {
            let receipt = Receipt {
                schema: ReceiptSchema::V1,
                store: key(store).public().id(),
                name: "store".parse().unwrap(),
                flight_id: self.flight,
                device_id,
                manifest: manifest.digest(),
                files: manifest.files(),
                bytes: manifest.bytes(),
                verdict: "VERIFIED-UNWITNESSED".parse().unwrap(),
                at_utc_us: self.now_utc_us,
            };
            SealedReceipt(receipt.sign(&key(store)).unwrap())
        });
        let terms = Terms {
            device_id,
            flight_id: self.flight,
            manifest,
            receipts,
            challenge: Challenge::held(&self.path("dock"), self.flight).unwrap().unwrap().0,
            expires_utc_us,
            reason: "two copies are safe".parse().unwrap(),
            quarantine: None,
        };
        EraseOrder::make(terms, &key(2), &key(3)).unwrap()
    }

    fn flight_dir(&self) -> PathBuf {
        self.path("flights").join(self.flight.to_string())
    }

    /// Records of the device log of this kind, or events with this code.
    fn said(&self, word: &str) -> usize {
        let text = fs::read_to_string(self.path("device-log/records.jsonl")).unwrap();
        let says = |line: &str| match device_log::claimed(line.as_bytes()).unwrap().kind {
            Kind::Event(event) => event.code.as_str() == word,
            kind => kind.name() == word,
        };
        text.lines().filter(|line| says(line)).count()
    }

    fn in_dock(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path("dock"))
            .unwrap()
            .map(|entry| entry.unwrap().path().extension().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn orders(holdings: &Arc<Holdings>) -> Orders {
    Orders::new(Arc::clone(holdings), Arc::new(AtomicBool::new(false)))
}

fn reason(fault: Fault) -> String {
    format!("{:#}", anyhow::Error::new(fault))
}

#[test]
fn an_order_is_carried_out_once() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    let orders = orders(&holdings);
    let line = orders.take(berth.flight, &order).unwrap();
    assert!(!berth.flight_dir().exists());
    assert!(fs::read_to_string(berth.path("device-log/records.jsonl")).unwrap().ends_with(&format!("{line}\n")));
    assert_eq!((berth.said("erase-begun"), berth.said("erased")), (1, 1));
    assert!(berth.in_dock().is_empty(), "{:?}", berth.in_dock());
    assert!(locked(&holdings.log).has_erased(Sha256::of(&order)));
    let replayed = reason(orders.take(berth.flight, &order).unwrap_err());
    assert!(replayed.contains("carried out already"), "{replayed}");
    drop((orders, holdings));
    let again = reason(self::orders(&berth.start()).take(berth.flight, &order).unwrap_err());
    assert!(again.contains("carried out already"), "also after a restart: {again}");
}

#[test]
fn a_death_after_any_step_changes_nothing_in_the_end() {
    let mut steps_in_all = 0;
    for dies_after in 0..100 {
        let berth = Berth::new();
        let order = berth.order();
        let holdings = berth.start();
        let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
        let mut eraser = Eraser::new(&holdings, approved, order.clone());
        let mut done = false;
        for _ in 0..dies_after {
            done = eraser.step().unwrap() == Step::Done;
        }
        drop(eraser);
        drop(holdings);
        // The next start; its first try may be all there is.
        let holdings = berth.start();
        if dies_after == 0 {
            fs::write(super::erase::order_path(&berth.path("dock"), berth.flight), &order).unwrap();
        }
        orders(&holdings).take_waiting();
        assert!(!berth.flight_dir().exists(), "died after {dies_after}");
        assert_eq!((berth.said("erase-begun"), berth.said("erased")), (1, 1), "died after {dies_after}");
        assert!(berth.in_dock().is_empty(), "died after {dies_after}: {:?}", berth.in_dock());
        assert_eq!(Challenge::held(&berth.path("dock"), berth.flight).unwrap(), None);
        if done {
            steps_in_all = dies_after;
            break;
        }
    }
    // Order, event, mark, five files at least, folders, record, challenge, order.
    assert!(steps_in_all >= 12, "{steps_in_all}");
}

#[test]
fn files_go_newest_first_and_the_logs_last() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
    let mut eraser = Eraser::new(&holdings, approved, order);
    let mut gone = Vec::new();
    loop {
        match eraser.step().unwrap() {
            Step::Deleted(path) => gone.push(path),
            Step::Done => break,
            Step::Kept | Step::Begun | Step::Marked | Step::Cleared | Step::Recorded | Step::Spent => {}
        }
    }
    let logs = gone.split_off(gone.len() - 2);
    assert_eq!(logs, ["checkpoints.jsonl", "records.jsonl"]);
    assert!(gone.len() >= 3 && gone.windows(2).all(|pair| pair[0] > pair[1]), "{gone:?}");
}

#[test]
fn flying_comes_first_and_erasing_goes_on_afterwards() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    let orders = orders(&holdings);
    for busy in [
        Situation { armed: true, ..AT_REST },
        Situation { recording: true, ..AT_REST },
        Situation { started: false, ..AT_REST },
    ] {
        holdings.gate.tell(busy);
        assert!(matches!(orders.take(berth.flight, &order), Err(Fault::Busy(_))));
    }
    holdings.gate.tell(Situation { current: Some(berth.flight), ..AT_REST });
    assert!(reason(orders.take(berth.flight, &order).unwrap_err()).contains("not closed"));
    assert!(berth.flight_dir().join("records.jsonl").exists());

    // It had begun when somebody armed; the same order sent again finishes it.
    holdings.gate.tell(AT_REST);
    let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
    let mut eraser = Eraser::new(&holdings, approved, order.clone());
    (0..5).for_each(|_| drop(eraser.step().unwrap()));
    assert!(orders.take(berth.flight, &order).is_ok());
    assert_eq!((berth.said("erase-begun"), berth.said("erased")), (1, 1));
}

#[test]
fn an_order_on_the_card_is_carried_out_or_refused_with_its_reason() {
    let berth = Berth::new();
    let lies_at = super::erase::order_path(&berth.path("dock"), berth.flight);
    let good = berth.order();
    fs::write(&lies_at, berth.order_until(berth.now_utc_us - 1)).unwrap();
    let holdings = berth.start();
    orders(&holdings).take_waiting();
    assert!(berth.flight_dir().exists());
    assert_eq!(berth.in_dock(), ["challenge", "refusal", "refused"]);
    let why = fs::read_to_string(lies_at.with_extension("refusal")).unwrap();
    assert!(why.contains("make a new one"), "{why}");
    assert_eq!(berth.said("erase-refused"), 1);

    // Good for two months: the clock of this aircraft is behind, so it waits.
    fs::write(&lies_at, berth.order_until(berth.now_utc_us + 60 * DAY_US)).unwrap();
    orders(&holdings).take_waiting();
    assert!(lies_at.exists() && berth.flight_dir().exists());

    fs::write(&lies_at, [&good[..], b"\n"].concat()).unwrap();
    orders(&holdings).take_waiting();
    assert!(!berth.flight_dir().exists());
    assert_eq!(berth.said("erased"), 1);
}

#[test]
fn an_order_put_there_as_if_it_had_begun_is_not_believed() {
    let berth = Berth::new();
    let begun = super::erase::erasing_path(&berth.path("dock"), berth.flight);
    fs::write(&begun, berth.order()).unwrap();
    orders(&berth.start()).take_waiting();
    assert!(berth.flight_dir().exists() && begun.exists());
    assert_eq!(berth.said("erased"), 0);
}

#[test]
fn a_file_that_appears_is_never_erased() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    fs::write(berth.flight_dir().join("documents/late"), b"x").unwrap();
    let why = reason(orders(&holdings).take(berth.flight, &order).unwrap_err());
    assert!(why.contains("documents/late is aboard"), "{why}");

    // Even one that comes while erasing is under way: the folders stay, and no record says that the flight is gone.
    fs::remove_file(berth.flight_dir().join("documents/late")).unwrap();
    let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
    let mut eraser = Eraser::new(&holdings, approved, order);
    (0..4).for_each(|_| drop(eraser.step().unwrap()));
    fs::write(berth.flight_dir().join("documents/late"), b"x").unwrap();
    let stuck = (0..50).find_map(|_| eraser.step().err());
    assert!(stuck.is_some());
    assert!(berth.flight_dir().join("documents/late").exists());
    assert_eq!(berth.said("erased"), 0);
}
