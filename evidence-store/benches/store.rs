//! A flight of 256 MiB from a folder into two stores, beside `cp` with `sha256sum` and `rsync -c` over the same bytes;
//! and an entry of the ledger beside a bare durable commit.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use evidence_store::intake::{Desk, EraseWish, Flow, FolderSource, Source as _, plan, run};
use evidence_store::ledger::{Act, Category, Ledger};
use evidence_store::people::{Cost, NewAccount, People, Pin, Session};
use evidence_store::store::{Folder, Store as _, StoreIdentity};
use flight_record::flight::{Flight, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::recipients::OneTime;
use flight_record::record::{Kind, Software, Telemetry};
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::{ClockSource, FlightId, Sha256, Stamp};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: u32 = 128;
const FILE_BYTES: usize = 2 << 20;
const TOTAL_BYTES: u64 = FILES as u64 * FILE_BYTES as u64;

fn main() {
    divan::main();
}

fn stamp() -> Stamp {
    Stamp { mono_ns: 1, utc_us: 1_777_636_800_000_000, source: ClockSource::Rtc, uncertainty_us: 1 }
}

struct Unit {
    temp: tempfile::TempDir,
    root: DeviceKey,
    trust: TrustList,
    session: Session,
    flight: FlightId,
}

fn enrol(trust: TrustList, key: &DeviceKey, grant: Grant) -> TrustList {
    let name = format!("key {}", &key.public().id().to_string()[..8]);
    let request = EnrolmentRequest::read(&EnrolmentRequest::write(key, name.parse().unwrap(), 0)).unwrap();
    trust.with_key(&request, grant, Validity { from_utc_us: stamp().utc_us, days: 30 }).unwrap()
}

impl Unit {
    /// With a flight aboard, in the folder that the environment names for temporary files.
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
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
        let flight = fly(temp.path(), &device, &trust);
        Self { temp, root, trust, session, flight }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn flight_dir(&self) -> PathBuf {
        self.path("aircraft/flights").join(self.flight.to_string())
    }
}

fn fly(dir: &Path, device: &DeviceKey, trust: &TrustList) -> FlightId {
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
    for index in 1..=FILES {
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

fn empty(unit: &Unit, name: &str) -> PathBuf {
    let path = unit.path(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}

/// Copied, hashed, synced, read back, verified, copied again, hashed, synced, read back; receipts and entries.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn dock_into_two_stores(bencher: Bencher<'_, '_>) {
    let unit = Unit::new();
    bencher
        .counter(BytesCount::new(TOTAL_BYTES))
        .with_inputs(|| {
            for name in ["first", "second"] {
                StoreIdentity::init(&empty(&unit, name), name.parse().unwrap(), 0).unwrap();
            }
            let identity = StoreIdentity::load(&unit.path("first")).unwrap();
            Ledger::create(&unit.path("first/ledger.sqlite"), &identity, 0).unwrap();
        })
        .bench_local_values(|()| {
            let (first, second) =
                (Folder::open(&unit.path("first")).unwrap(), Folder::open(&unit.path("second")).unwrap());
            let mut ledger = Ledger::open(&unit.path("first/ledger.sqlite"), first.identity(), &[]).unwrap();
            let mut source = FolderSource::open(&unit.path("aircraft")).unwrap();
            let trust_json = unit.trust.seal(&unit.root);
            let plan = plan(&mut source, unit.flight, (&first, &second), Some(&unit.trust), &[]).unwrap();
            let mut desk = Desk {
                first: &first,
                second: &second,
                ledger: &mut ledger,
                actor: &unit.session,
                witness: None,
                trust_json: &trust_json,
                root: unit.root.public().id(),
                witness_files: &[],
                attachments: &BTreeMap::new(),
                place: "dock".parse().unwrap(),
                reason: "a benchmark".parse().unwrap(),
                threads: 2,
                clock: &stamp,
                erase: EraseWish::Keep,
            };
            let done = run(&plan, &mut source, &mut desk, &mut |_| Flow::Continue).unwrap();
            assert_eq!(done.verdict, "VERIFIED-UNWITNESSED");
        });
}

fn shell(command: &str) {
    assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
}

/// What people do by hand: two copies, and the digests of all three compared; nothing is synced or read past the cache.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn cp_and_sha256sum(bencher: Bencher<'_, '_>) {
    let unit = Unit::new();
    let from = unit.flight_dir();
    bencher
        .counter(BytesCount::new(TOTAL_BYTES))
        .with_inputs(|| (empty(&unit, "one"), empty(&unit, "two")))
        .bench_local_values(|(one, two)| {
            let (from, one, two) = (from.display(), one.display(), two.display());
            shell(&format!(
                "cp -r {from} {one} && cp -r {one} {two} && cd {from} && find . -type f | xargs sha256sum > {one}.sums \
                 && cd {one} && sha256sum --quiet -c {one}.sums && cd {two} && sha256sum --quiet -c {one}.sums"
            ));
        });
}

/// The same, synced and read back from the disk as the dock does it.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn cp_sync_and_sha256sum(bencher: Bencher<'_, '_>) {
    let unit = Unit::new();
    let from = unit.flight_dir();
    bencher
        .counter(BytesCount::new(TOTAL_BYTES))
        .with_inputs(|| (empty(&unit, "one"), empty(&unit, "two")))
        .bench_local_values(|(one, two)| {
            let (from, one, two) = (from.display(), one.display(), two.display());
            shell(&format!(
                "cp -r {from} {one} && sync -f {one} && cp -r {one} {two} && sync -f {two} \
                 && cd {from} && find . -type f | xargs sha256sum > {one}.sums \
                 && cd {one} && sha256sum --quiet -c {one}.sums && cd {two} && sha256sum --quiet -c {one}.sums"
            ));
        });
}

/// Twice `rsync -c`; where it is not installed, the figure is of asking for it.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn rsync_with_checksums(bencher: Bencher<'_, '_>) {
    if Command::new("rsync").arg("--version").output().is_err() {
        eprintln!("rsync is not installed here: skipped");
        return;
    }
    let unit = Unit::new();
    let from = unit.flight_dir();
    bencher
        .counter(BytesCount::new(TOTAL_BYTES))
        .with_inputs(|| (empty(&unit, "one"), empty(&unit, "two")))
        .bench_local_values(|(one, two)| {
            let (from, one, two) = (from.display(), one.display(), two.display());
            shell(&format!("rsync -ac --fsync {from}/ {one}/ && rsync -ac --fsync {one}/ {two}/"));
        });
}

/// What a dock does least: reading the source once.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn sha256_of_the_source_alone(bencher: Bencher<'_, '_>) {
    let unit = Unit::new();
    let mut source = FolderSource::open(&unit.path("aircraft")).unwrap();
    bencher.counter(BytesCount::new(TOTAL_BYTES)).bench_local(|| {
        for (path, _) in source.inventory(unit.flight).unwrap().files {
            let mut bytes = Vec::new();
            source.open(unit.flight, &path, 0).unwrap().read_to_end(&mut bytes).unwrap();
            black_box(Sha256::of(&bytes));
        }
    });
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn ledger_append(bencher: Bencher<'_, '_>) {
    let unit = Unit::new();
    let store = StoreIdentity::init(&empty(&unit, "first"), "first".parse().unwrap(), 0).unwrap();
    Ledger::create(&unit.path("first/ledger.sqlite"), &store, 0).unwrap();
    let mut ledger = Ledger::open(&unit.path("first/ledger.sqlite"), &store, &[]).unwrap();
    let act = Act {
        category: Category::Consultation,
        outcome: "done".parse().unwrap(),
        flight: Some(unit.flight),
        items: vec![Sha256::of(b"x")],
        place: "here".parse().unwrap(),
        reason: Some("a benchmark".parse().unwrap()),
        personal: None,
    };
    let actor = unit.session.signatory(Duty::Custodian, stamp().utc_us).unwrap();
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| ledger.append(&act, &actor, None, stamp()).unwrap());
}

/// The same bytes into the same kind of database, and nothing else.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn bare_durable_commit(bencher: Bencher<'_, '_>) {
    let temp = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(temp.path().join("bare.sqlite")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, line BLOB NOT NULL) STRICT").unwrap();
    let line = vec![7_u8; 2000];
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        connection.prepare_cached("INSERT INTO t (line) VALUES (?1)").unwrap().execute([&line]).unwrap()
    });
}
