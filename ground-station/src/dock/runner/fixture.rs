//! A unit with an aircraft's card, two stores, a ledger and people, in a folder of its own; and flights on that card.

use super::super::Setup;
use crate::clock;
use evidence_store::ledger::Ledger;
use evidence_store::people::{Cost, NewAccount, People, Pin, Session};
use evidence_store::store::StoreIdentity;
use flight_record::dock::Challenge;
use flight_record::flight::{Flight, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::recipients::{OneTime, Recipient};
use flight_record::record::{IndexRange, Kind, Segment, Software, Telemetry};
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::{ClockSource, Code, FlightId, Label, Sha256, Stamp};
use std::cell::Cell;
use std::path::PathBuf;

/// Everybody's.
pub(crate) const PIN: &str = "271828";
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const PEOPLE: [(&str, &[Duty]); 4] = [
    ("administrator", &[Duty::Administrator]),
    ("PC 4417 Hale", &[Duty::Pilot, Duty::Custodian]),
    ("DS 2207 Iqbal", &[Duty::Custodian, Duty::Witness]),
    ("PC 1180 Obi", &[Duty::Observer]),
];
const PILOT: usize = 1;

/// The unit.
pub(crate) struct Unit {
    pub(crate) temp: tempfile::TempDir,
    device: DeviceKey,
    root: DeviceKey,
    trust: TrustList,
    recipient: Recipient,
    began_utc_us: i64,
    flights: Cell<i64>,
}

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn enrolled(trust: TrustList, key: &DeviceKey, name: &str, grant: Grant, from_utc_us: i64) -> TrustList {
    let request = EnrolmentRequest::read(&EnrolmentRequest::write(key, label(name), from_utc_us)).unwrap();
    trust.with_key(&request, grant, Validity { from_utc_us, days: 30 }).unwrap()
}

impl Unit {
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let began_utc_us = clock::now_utc_us() - 3_600_000_000;
        let path = |name: &str| temp.path().join(name);
        let device = DeviceKey::create(&path("device.key")).unwrap();
        let root = DeviceKey::from_seed([9; 32]);
        let mut trust = TrustList::first(label("Test unit"), root.public(), began_utc_us);
        trust = enrolled(trust, &device, "Delta 2-1", Grant::device(Class::Simulated), began_utc_us);
        for name in ["first", "second"] {
            let store = StoreIdentity::init(&path(name), label(name), began_utc_us).unwrap();
            trust = enrolled(trust, &store.key, name, Grant::store(), began_utc_us);
        }
        let first = StoreIdentity::load(&path("first")).unwrap();
        Ledger::create(&path("first/ledger.sqlite"), &first, began_utc_us).unwrap();
        let people = People::open(&path("first/people.sqlite")).unwrap().with_cost(CHEAP);
        let mut administrator: Option<Session> = None;
        for (staff, (name, duties)) in PEOPLE.into_iter().enumerate() {
            let new = NewAccount { staff: label(&format!("PC {staff}")), label: label(name), duties: duties.to_vec() };
            people.add(&new, administrator.as_ref(), began_utc_us).unwrap();
            people.set_first_pin(&new.label, &Pin::new(PIN).unwrap()).unwrap();
            let session = people.log_in(&new.label, &Pin::new(PIN).unwrap(), began_utc_us).unwrap();
            let key = session.key(began_utc_us).unwrap();
            trust = enrolled(trust, key, name, Grant::officer(duties), began_utc_us);
            administrator.get_or_insert(session);
        }
        std::fs::write(path("trust.json"), trust.seal(&root)).unwrap();
        let recipient = OneTime::make(1, &path("identities"), &path("recipients")).unwrap().remove(0);
        Self { temp, device, root, trust, recipient, began_utc_us, flights: Cell::new(0) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn setup(&self) -> Setup {
        Setup {
            store: self.path("first"),
            second: self.path("second"),
            outside_head: Vec::new(),
            witness_dir: Some(self.path("witness")).filter(|dir| dir.is_dir()),
            wraps: None,
            reasons: None,
            trust: self.path("trust.json"),
            root: self.root.public().id(),
            key: None,
            place: label("Van 3"),
            authority: None,
        }
    }

    pub(crate) fn pilot(&self) -> Session {
        let people = People::open(&self.path("first/people.sqlite")).unwrap();
        people.log_in(&label(PEOPLE[PILOT].0), &Pin::new(PIN).unwrap(), clock::now_utc_us()).unwrap()
    }

    fn at(&self, at_s: i64) -> Stamp {
        let at_s = at_s + self.flights.get() * 300;
        Stamp {
            mono_ns: u64::try_from(1_000_000_000 * (at_s + 10)).unwrap(),
            utc_us: self.began_utc_us + at_s * 1_000_000,
            source: ClockSource::Ntp,
            uncertainty_us: 1000,
        }
    }

    /// A closed flight of so many segments of so many bytes, recorded and sealed as an aircraft does it, on the card.
    pub(crate) fn flight(&self, segments: u32, bytes: usize) -> FlightId {
        let certificate = self.trust.certificate(self.device.public().id()).unwrap();
        let facts = OpenFacts {
            class: certificate.class,
            certificate,
            recipients: vec![self.recipient.clone()],
            pts_epoch_utc_us: self.began_utc_us,
            audio_dropped: false,
            software: Software {
                name: label("skyseal-onboard"),
                version: label("0.1.0"),
                sha256: Sha256::of(b"program"),
            },
            configuration_sha256: Sha256::of(b"configuration"),
            documents: vec![(code("mission"), b"a square over the field".to_vec())],
            boot_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        };
        let flights = self.path("card/flights");
        std::fs::create_dir_all(&flights).unwrap();
        let mut flight = Flight::create(&flights, &self.device, &self.path("keys"), facts, self.at(0)).unwrap();
        for index in 1..=segments {
            let at = self.at(i64::from(index) * 2);
            let mut file = flight.telemetry_file(index).unwrap();
            file.write(b"telemetry").unwrap();
            let sealed = file.finish().unwrap();
            let times = Some(at.utc_us);
            let telemetry = Kind::Telemetry(Telemetry {
                index,
                file: sealed.file,
                sealed: sealed.sealed,
                plain: sealed.plain,
                messages: 1,
                first_utc_us: times,
                last_utc_us: times,
                links: 1,
            });
            flight.append(telemetry, at).unwrap();
            let mut file = flight.segment_file(&"eo".parse().unwrap(), index).unwrap();
            // No footage in it: nobody opens it here.
            file.write(&vec![index.to_le_bytes()[0]; bytes]).unwrap();
            let sealed = file.finish().unwrap();
            let first_pts_90k = 90_000 + u64::from(index) * 180_000;
            let segment = Kind::Segment(Segment {
                stream: "eo".parse().unwrap(),
                index,
                file: sealed.file,
                sealed: sealed.sealed,
                plain: sealed.plain,
                first_pts_90k,
                last_pts_90k: first_pts_90k + 177_000,
                frames: 60,
                drops: 0,
                minimum_set_shortfall: 0,
                telemetry: Some(IndexRange { first: index, last: index }),
            });
            flight.append(segment, at).unwrap();
        }
        let dir = flight.close(code("landed"), self.at(100)).unwrap().dir().to_owned();
        let id: FlightId = dir.file_name().unwrap().to_str().unwrap().parse().unwrap();
        Challenge::make(&self.path("card/dock"), id).unwrap();
        self.flights.set(self.flights.get() + 1);
        id
    }
}
