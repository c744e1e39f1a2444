//! A unit with an aircraft, two stores, a ledger and people; and flights of that aircraft.

use evidence_store::intake::Flow;
use evidence_store::intake::{
    Desk, EraseWish, Erasure, FolderSource, IngestPlan, IntakeError, Outcome, Progress, Source, SourceDevice,
    SourceError, plan, run,
};
use evidence_store::ledger::{Act, Category, Ledger};
use evidence_store::people::{Cost, NewAccount, People, Pin, Session};
use evidence_store::store::{Disk, Folder, Store, StoreIdentity};
use flight_record::dock::{Challenge, EraseOrder, Inventory};
use flight_record::flight::{Flight, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::recipients::{OneTime, Recipient};
use flight_record::record::{Kind, Software, Telemetry};
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::{ClockSource, Code, FlightId, Label, Sha256, Stamp};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// 2026-05-01T12:00:00Z.
pub(crate) const START_UTC_US: i64 = 1_777_636_800_000_000;
pub(crate) const SECOND_US: i64 = 1_000_000;
pub(crate) const HOUR_US: i64 = 3600 * SECOND_US;
pub(crate) const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

pub(crate) fn at(at_s: i64) -> Stamp {
    Stamp {
        mono_ns: u64::try_from(1_000_000_000 * (at_s + 10)).unwrap(),
        utc_us: START_UTC_US + at_s * SECOND_US,
        source: ClockSource::Ntp,
        uncertainty_us: 1000,
    }
}

pub(crate) fn label(text: &str) -> Label {
    text.parse().unwrap()
}

pub(crate) fn code(text: &str) -> Code {
    text.parse().unwrap()
}

/// Unless a test says otherwise, everything on the ground happens then.
pub(crate) fn later() -> Stamp {
    at(1000)
}

pub(crate) struct Unit {
    pub(crate) temp: tempfile::TempDir,
    pub(crate) device: DeviceKey,
    pub(crate) root: DeviceKey,
    pub(crate) trust: TrustList,
    pub(crate) people: People,
    recipient: Recipient,
}

/// Sessions of the people of [`Unit`].
pub(crate) struct OnDuty {
    pub(crate) administrator: Session,
    pub(crate) custodian: Session,
    pub(crate) other_custodian: Session,
    pub(crate) pilot: Session,
    pub(crate) observer: Session,
}

pub(crate) fn pin(text: &str) -> Pin {
    Pin::new(text).unwrap()
}

const PEOPLE: [(&str, &[Duty]); 5] = [
    ("administrator", &[Duty::Administrator]),
    ("custodian", &[Duty::Custodian]),
    ("other custodian", &[Duty::Custodian, Duty::Witness]),
    ("pilot", &[Duty::Pilot]),
    ("observer", &[Duty::Observer]),
];

impl Unit {
    pub(crate) fn new() -> Self {
        // In memory where there is such a folder: thousands of handovers sync everything, and these tests count steps.
        let memory = Path::new("/dev/shm");
        let temp = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let path = |name: &str| temp.path().join(name);
        let device = DeviceKey::create(&path("device.key")).unwrap();
        let root = DeviceKey::from_seed([9; 32]);
        let mut trust = TrustList::first(label("Test unit"), root.public(), START_UTC_US);
        trust = enrolled(trust, &device, "aircraft 1", Grant::device(Class::Simulated));
        for name in ["first", "second"] {
            let store = StoreIdentity::init(&path(name), label(name), START_UTC_US).unwrap();
            trust = enrolled(trust, &store.key, name, Grant::store());
        }
        let first = StoreIdentity::load(&path("first")).unwrap();
        Ledger::create(&path("first/ledger.sqlite"), &first, START_UTC_US).unwrap();
        let people = People::open(&path("people.sqlite")).unwrap().with_cost(CHEAP);
        let mut administrator: Option<Session> = None;
        for (staff, (name, duties)) in PEOPLE.into_iter().enumerate() {
            let new = NewAccount { staff: label(&format!("PC {staff}")), label: label(name), duties: duties.to_vec() };
            people.add(&new, administrator.as_ref(), START_UTC_US).unwrap();
            people.set_first_pin(&new.label, &pin("271828")).unwrap();
            let session = people.log_in(&new.label, &pin("271828"), START_UTC_US).unwrap();
            trust = enrolled(trust, session.key(START_UTC_US).unwrap(), name, Grant::officer(duties));
            administrator.get_or_insert(session);
        }
        let recipient = OneTime::make(1, &path("identities"), &path("recipients")).unwrap().remove(0);
        Self { temp, device, root, trust, people, recipient }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn log_in(&self, name: &str) -> Session {
        self.people.log_in(&label(name), &pin("271828"), later().utc_us).unwrap()
    }

    pub(crate) fn on_duty(&self) -> OnDuty {
        OnDuty {
            administrator: self.log_in("administrator"),
            custodian: self.log_in("custodian"),
            other_custodian: self.log_in("other custodian"),
            pilot: self.log_in("pilot"),
            observer: self.log_in("observer"),
        }
    }

    pub(crate) fn first(&self) -> Folder {
        Folder::open(&self.path("first")).unwrap()
    }

    pub(crate) fn second(&self) -> Folder {
        Folder::open(&self.path("second")).unwrap()
    }

    pub(crate) fn on_disk(&self, name: &str, disk: Arc<dyn Disk>) -> Folder {
        Folder::on_disk(&self.path(name), disk).unwrap()
    }

    pub(crate) fn outside(&self) -> Vec<PathBuf> {
        vec![self.path("second/ledger.heads")]
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::open(&self.path("first/ledger.sqlite"), self.first().identity(), &self.outside()).unwrap()
    }

    pub(crate) fn trust_json(&self) -> Vec<u8> {
        self.trust.seal(&self.root)
    }

    /// A closed flight with `files` telemetry files of `bytes` bytes each, on the card `aircraft`.
    pub(crate) fn flight(&self, files: u32, bytes: usize) -> FlightId {
        let certificate = self.trust.certificate(self.device.public().id()).unwrap();
        let facts = OpenFacts {
            class: certificate.class,
            certificate,
            recipients: vec![self.recipient.clone()],
            pts_epoch_utc_us: START_UTC_US,
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
        let flights = self.path("aircraft/flights");
        std::fs::create_dir_all(&flights).unwrap();
        let mut flight = Flight::create(&flights, &self.device, &self.path("keys"), facts, at(0)).unwrap();
        for index in 1..=files {
            let mut file = flight.telemetry_file(index).unwrap();
            // No MAVLink in it: nobody opens it here.
            file.write(&vec![index.to_le_bytes()[0]; bytes]).unwrap();
            let sealed = file.finish().unwrap();
            let record = Kind::Telemetry(Telemetry {
                index,
                file: sealed.file,
                sealed: sealed.sealed,
                plain: sealed.plain,
                messages: 1,
                first_utc_us: Some(START_UTC_US),
                last_utc_us: Some(START_UTC_US),
                links: 1,
            });
            flight.append(record, at(i64::from(index))).unwrap();
        }
        let dir = flight.close(code("landed"), at(100)).unwrap().dir().to_owned();
        let id: FlightId = dir.file_name().unwrap().to_str().unwrap().parse().unwrap();
        Challenge::make(&self.path("aircraft/dock"), id).unwrap();
        id
    }

    pub(crate) fn flight_dir(&self, flight: FlightId) -> PathBuf {
        self.path("aircraft/flights").join(flight.to_string())
    }

    pub(crate) fn card(&self) -> FolderSource {
        FolderSource::open(&self.path("aircraft")).unwrap()
    }
}

fn enrolled(trust: TrustList, key: &DeviceKey, name: &str, grant: Grant) -> TrustList {
    let request = EnrolmentRequest::read(&EnrolmentRequest::write(key, label(name), START_UTC_US)).unwrap();
    trust.with_key(&request, grant, Validity { from_utc_us: START_UTC_US, days: 30 }).unwrap()
}

/// A handover by a custodian with a witness, or without.
pub(crate) struct Handover<'a> {
    pub(crate) unit: &'a Unit,
    pub(crate) first: Folder,
    pub(crate) second: Folder,
    pub(crate) actor: &'a Session,
    pub(crate) witness: Option<&'a Session>,
    pub(crate) erase: EraseWish,
}

impl<'a> Handover<'a> {
    pub(crate) fn new(unit: &'a Unit, people: &'a OnDuty) -> Self {
        Self {
            unit,
            first: unit.first(),
            second: unit.second(),
            actor: &people.custodian,
            witness: Some(&people.observer),
            erase: EraseWish::Keep,
        }
    }

    pub(crate) fn plan(&self, source: &mut dyn Source, flight: FlightId) -> IngestPlan {
        plan(source, flight, (&self.first, &self.second), Some(&self.unit.trust), &[]).unwrap()
    }

    /// Plans and runs.
    pub(crate) fn run(
        &self,
        source: &mut dyn Source,
        flight: FlightId,
        progress: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Outcome, IntakeError> {
        let plan = plan(source, flight, (&self.first, &self.second), Some(&self.unit.trust), &[])?;
        let trust_json = self.unit.trust_json();
        let mut ledger = self.unit.ledger();
        let mut desk = Desk {
            first: &self.first,
            second: &self.second,
            ledger: &mut ledger,
            actor: self.actor,
            witness: self.witness,
            trust_json: &trust_json,
            root: self.unit.root.public().id(),
            witness_files: &[],
            attachments: &BTreeMap::new(),
            place: label("Station A, dock 1"),
            reason: "end of duty".parse().unwrap(),
            threads: 2,
            clock: &later,
            erase: self.erase,
        };
        run(&plan, source, &mut desk, progress)
    }

    pub(crate) fn done(&self, source: &mut dyn Source, flight: FlightId) -> Outcome {
        self.run(source, flight, &mut |_| Flow::Continue).unwrap()
    }
}

/// The aircraft itself: the card, but erasing at once, and as strict as its agent.
pub(crate) struct Aircraft<'a> {
    pub(crate) card: FolderSource,
    pub(crate) unit: &'a Unit,
    pub(crate) orders: Vec<Vec<u8>>,
}

impl<'a> Aircraft<'a> {
    pub(crate) fn new(unit: &'a Unit) -> Self {
        Self { card: unit.card(), unit, orders: Vec::new() }
    }
}

impl Source for Aircraft<'_> {
    fn describe(&self) -> String {
        "aircraft 1".to_owned()
    }
    fn device(&mut self) -> Result<SourceDevice, SourceError> {
        self.card.device()
    }
    fn flights(&mut self) -> Result<Vec<FlightId>, SourceError> {
        self.card.flights()
    }
    fn inventory(&mut self, flight: FlightId) -> Result<Inventory, SourceError> {
        self.card.inventory(flight)
    }
    fn open(&mut self, flight: FlightId, path: &str, from: u64) -> Result<Box<dyn Read + Send + '_>, SourceError> {
        self.card.open(flight, path, from)
    }
    fn challenge(&mut self, flight: FlightId) -> Result<Sha256, SourceError> {
        self.card.challenge(flight)
    }
    fn erase(&mut self, flight: FlightId, order: &[u8]) -> Result<Erasure, SourceError> {
        self.orders.push(order.to_owned());
        let flights = self.unit.path("aircraft/flights");
        let refused = |reason: String| SourceError::Refused { reason };
        let order = EraseOrder::parse(order).map_err(|error| refused(error.to_string()))?;
        let authorised =
            order.authorised(&self.unit.trust, later().utc_us).map_err(|error| refused(error.to_string()))?;
        let (files, others) =
            flight_record::dock::files_aboard(&flights, flight, &authorised.terms().manifest).unwrap();
        let aboard = flight_record::dock::Aboard {
            device: self.unit.device.public().id(),
            flight,
            closed: true,
            armed: false,
            recording: false,
            challenge: Challenge::held(&self.unit.path("aircraft/dock"), flight).unwrap(),
            files,
            others,
        };
        authorised.check(&aboard).map_err(|error| refused(error.to_string()))?;
        std::fs::remove_dir_all(self.unit.flight_dir(flight)).unwrap();
        Ok(Erasure::Erased { record: "{\"a line of\":\"the device log\"}".to_owned() })
    }
}

/// Every file below a folder, with its bytes.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

/// Every file of the flight is an object of the store, byte for byte.
pub(crate) fn holds(store: &Folder, files: &BTreeMap<String, Vec<u8>>) -> bool {
    files.values().all(|bytes| {
        let mut found = Vec::new();
        store.get(Sha256::of(bytes)).is_ok_and(|mut object| object.read_to_end(&mut found).is_ok()) && found == *bytes
    })
}

pub(crate) fn act(category: Category, reason: &str) -> Act {
    Act {
        category,
        outcome: code("done"),
        flight: None,
        items: vec![Sha256::of(reason.as_bytes())],
        place: label("Station A"),
        reason: Some(reason.parse().unwrap()),
        personal: None,
    }
}
