//! An aircraft on the ground with one small flight, and the people and stores of its unit.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use flight_record::device_log::{self, DeviceLog, LogFacts};
use flight_record::dock::{
    Challenge, EraseOrder, Manifest, Receipt, ReceiptSchema, SealedReceipt, Terms, files_aboard,
};
use flight_record::flight::{Flight, Open, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::recipients;
use flight_record::record::{Kind, Software};
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, Revocation, TrustList, Validity};
use flight_record::{ClockSource, FlightId, Sha256, Stamp};

use onboard::clock;
use onboard::dock::gate::{Gate, Situation};
use onboard::dock::holdings::Holdings;
use onboard::dock::listed::Listed;
use onboard::recorder::timebase::{Mapping, TimeBase};
use onboard::trusted::Trusted;

pub(crate) const DAY_US: i64 = 86_400_000_000;
pub(crate) const AT_REST: Situation = Situation { started: true, armed: false, recording: false, current: None };

pub(crate) fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_seed([seed; 32])
}

/// An aircraft on the ground, with one closed flight.
pub(crate) struct Berth {
    pub(crate) temp: tempfile::TempDir,
    pub(crate) trust: TrustList,
    pub(crate) flight: FlightId,
    pub(crate) now_utc_us: i64,
    starts: std::cell::Cell<u8>,
}

impl Berth {
    pub(crate) fn new() -> Self {
        let now_utc_us = clock::realtime_us();
        let validity = Validity { from_utc_us: now_utc_us - DAY_US, days: 30 };
        let mut trust = TrustList::first("unit".parse().unwrap(), key(9).public(), now_utc_us - DAY_US);
        for (seed, name, grant) in [
            (1, "aircraft", Grant::device(Class::Simulated)),
            (2, "officer 1", Grant::officer(&[Duty::Pilot])),
            (3, "officer 2", Grant::officer(&[Duty::Witness])),
            (4, "store 1", Grant::store()),
            (5, "store 2", Grant::store()),
            (6, "station", Grant::station()),
            (7, "lost station", Grant::station()),
        ] {
            let request = EnrolmentRequest::write(&key(seed), name.parse().unwrap(), now_utc_us);
            trust = trust.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap();
        }
        let lost = Revocation { at_utc_us: now_utc_us - 1, reason: "lost".parse().unwrap() };
        trust = trust.with_revoked(key(7).public().id(), lost, now_utc_us).unwrap();
        let temp = tempfile::tempdir().unwrap();
        let mut berth =
            Self { temp, trust, flight: FlightId::new(1, [0; 10]), now_utc_us, starts: std::cell::Cell::new(0) };
        berth.flight = berth.fly();
        Challenge::make(&berth.path("dock"), berth.flight).unwrap();
        berth
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
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
        let mut flight = self.open_flight();
        for detail in ["by the pilot", "a light"] {
            flight.event("marked".parse().unwrap(), Some(detail.as_bytes()), self.stamp()).unwrap();
        }
        flight.close("landed".parse().unwrap(), self.stamp()).unwrap().id()
    }

    /// A flight that has just begun.
    pub(crate) fn open_flight(&self) -> Flight<Open> {
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
        Flight::create(&self.path("flights"), &key(1), &self.path("keys"), facts, self.stamp()).unwrap()
    }

    /// The agent starts: the device log is taken up, the dock looks at what lies there.
    pub(crate) fn start(&self) -> Arc<Holdings> {
        self.starts.set(self.starts.get() + 1);
        let facts = LogFacts {
            certificate: self.trust.certificate(key(1).public().id()).unwrap(),
            software: Self::software(),
            boot_id: format!("00000000-0000-4000-8000-0000000001{:02x}", self.starts.get()).parse().unwrap(),
        };
        let log = DeviceLog::open(&self.path("device-log"), &key(1), &self.path("keys"), facts, self.stamp()).unwrap();
        self.put_list(&self.trust);
        let gate = Gate::default();
        gate.tell(AT_REST);
        Arc::new(Holdings {
            storage_dir: self.temp.path().to_owned(),
            device: key(1),
            name: "aircraft".parse().unwrap(),
            trust: Arc::new(self.load_list()),
            gate: Arc::new(gate),
            listed: Arc::new(Listed::default()),
            log: Arc::new(Mutex::new(log.into())),
            time: TimeBase::new(Mapping {
                mono_ns: clock::mono_ns(),
                utc_us: self.now_utc_us,
                source: ClockSource::Ntp,
                uncertainty_us: 1000,
            }),
        })
    }

    /// Puts a list where the agent reads it, in one step.
    pub(crate) fn put_list(&self, list: &TrustList) {
        fs::write(self.path("trust.new"), list.seal(&key(9))).unwrap();
        fs::rename(self.path("trust.new"), self.path("trust.json")).unwrap();
    }

    fn load_list(&self) -> Trusted {
        let (root, device) = (key(9).public().id(), key(1).public().id());
        Trusted::load(&self.path("trust.json"), &self.path("trust.held"), root, device).unwrap()
    }

    pub(crate) fn order(&self) -> Vec<u8> {
        self.order_until(self.now_utc_us + DAY_US)
    }

    pub(crate) fn order_until(&self, expires_utc_us: i64) -> Vec<u8> {
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

    pub(crate) fn flight_dir(&self) -> PathBuf {
        self.path("flights").join(self.flight.to_string())
    }

    /// Records of the device log of this kind, or events with this code.
    pub(crate) fn said(&self, word: &str) -> usize {
        let text = fs::read_to_string(self.path("device-log/records.jsonl")).unwrap();
        // A line that is just being written does not count.
        let says = |line: &str| match device_log::claimed(line.as_bytes()).map(|record| record.kind) {
            Some(Kind::Event(event)) => event.code.as_str() == word,
            Some(kind) => kind.name() == word,
            None => false,
        };
        text.lines().filter(|line| says(line)).count()
    }

    pub(crate) fn in_dock(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path("dock"))
            .unwrap()
            .map(|entry| entry.unwrap().path().extension().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}
