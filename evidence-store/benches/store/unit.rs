//! A unit with a flight aboard, shared by all benches.

use evidence_store::people::{Cost, NewAccount, People, Pin, Session};
use flight_record::flight::{Flight, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::recipients::OneTime;
use flight_record::record::{Kind, Software, Telemetry};
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::{ClockSource, FlightId, Sha256, Stamp};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const FILE_BYTES: usize = 2 << 20;

/// The unit with the large flight, made when the first bench wants it.
static SHARED: Mutex<Option<Unit>> = Mutex::new(None);

pub(crate) struct Unit {
    temp: tempfile::TempDir,
    from: tempfile::TempDir,
    pub(crate) root: DeviceKey,
    pub(crate) trust: TrustList,
    pub(crate) session: Session,
    pub(crate) flight: FlightId,
    /// Bytes of all its files.
    pub(crate) bytes: u64,
}

/// The size that the environment asks for.
pub(crate) fn flight_mib() -> u32 {
    std::env::var("SKYSEAL_BENCH_MIB").map_or(256, |mib| mib.parse().unwrap())
}

/// Runs with the shared unit, whose flight has [`flight_mib`].
pub(crate) fn with_unit(run: impl FnOnce(&Unit)) {
    run(shared().get_or_insert_with(|| Unit::new(flight_mib())));
}

/// Removes everything that was made.
pub(crate) fn clear() {
    shared().take();
}

fn shared() -> MutexGuard<'static, Option<Unit>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn stamp() -> Stamp {
    Stamp { mono_ns: 1, utc_us: 1_777_636_800_000_000, source: ClockSource::Rtc, uncertainty_us: 1 }
}

fn enrol(trust: TrustList, key: &DeviceKey, grant: Grant) -> TrustList {
    let name = format!("key {}", &key.public().id().to_string()[..8]);
    let request = EnrolmentRequest::read(&EnrolmentRequest::write(key, name.parse().unwrap(), 0)).unwrap();
    trust.with_key(&request, grant, Validity { from_utc_us: stamp().utc_us, days: 30 }).unwrap()
}

impl Unit {
    pub(crate) fn new(mib: u32) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let from = std::env::var_os("SKYSEAL_BENCH_FROM").map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
        let device = DeviceKey::create(&temp.path().join("device.key")).unwrap();
        let root = DeviceKey::from_seed([9; 32]);
        let trust = TrustList::first("Unit".parse().unwrap(), root.public(), stamp().utc_us);
        let trust = enrol(trust, &device, Grant::device(Class::Simulated));
        let cheap = Cost { memory_kib: 64, passes: 1, lanes: 1 };
        let people = People::open(&temp.path().join("people.sqlite")).unwrap().with_cost(cheap);
        let (label, pin) = ("custodian", Pin::new("271828").unwrap());
        let new = NewAccount {
            staff: label.parse().unwrap(),
            label: label.parse().unwrap(),
            duties: vec![Duty::Administrator, Duty::Custodian],
        };
        people.add(&new, None, 0).unwrap();
        people.set_first_pin(&new.label, &pin).unwrap();
        let session = people.log_in(&new.label, &pin, stamp().utc_us).unwrap();
        let flight = fly(from.path(), &device, &trust, mib);
        let mut unit = Self { temp, from, root, trust, session, flight, bytes: 0 };
        unit.bytes = unit.files().iter().map(|path| path.metadata().unwrap().len()).sum();
        unit
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn aircraft(&self) -> PathBuf {
        self.from.path().join("aircraft")
    }

    pub(crate) fn flight_dir(&self) -> PathBuf {
        self.aircraft().join("flights").join(self.flight.to_string())
    }

    /// Every file of the flight.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.flight_dir()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        files
    }

    /// The flight as a card that was just put in: none of it is in memory.
    pub(crate) fn put_in(&self) {
        for path in self.files() {
            let file = File::open(path).unwrap();
            file.sync_data().unwrap();
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        }
    }

    /// A path where nothing is.
    pub(crate) fn empty(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let _ = std::fs::remove_dir_all(&path);
        path
    }

    /// The same for two copies, with the card just put in.
    pub(crate) fn two_empty(&self) -> (PathBuf, PathBuf) {
        let _ = ["first", "second", "sums"].map(|name| self.empty(name));
        let empty = (self.empty("one"), self.empty("two"));
        self.put_in();
        empty
    }
}

fn fly(dir: &Path, device: &DeviceKey, trust: &TrustList, mib: u32) -> FlightId {
    let certificate = trust.certificate(device.public().id()).unwrap();
    let facts = OpenFacts {
        class: certificate.class,
        certificate,
        recipients: OneTime::make(1, &dir.join("identities"), &dir.join("recipients")).unwrap(),
        pts_epoch_utc_us: 0,
        audio_dropped: false,
        software: Software { name: "x".parse().unwrap(), version: "1".parse().unwrap(), sha256: Sha256::of(b"") },
        configuration_sha256: Sha256::of(b""),
        documents: Vec::new(),
        boot_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
    };
    let flights = dir.join("aircraft/flights");
    std::fs::create_dir_all(&flights).unwrap();
    let mut flight = Flight::create(&flights, device, &dir.join("keys"), facts, stamp()).unwrap();
    for index in 1..=mib.div_ceil(2) {
        let mut file = flight.telemetry_file(index).unwrap();
        file.write(&vec![index.to_le_bytes()[0]; FILE_BYTES]).unwrap();
        let sealed = file.finish().unwrap();
        let (file, sealed, plain) = (sealed.file, sealed.sealed, sealed.plain);
        let telemetry =
            Telemetry { index, file, sealed, plain, messages: 0, first_utc_us: None, last_utc_us: None, links: 1 };
        flight.append(Kind::Telemetry(telemetry), stamp()).unwrap();
    }
    let dir = flight.close("landed".parse().unwrap(), stamp()).unwrap().dir().to_owned();
    dir.file_name().unwrap().to_str().unwrap().parse().unwrap()
}
