//! The handover stopped at every point: by a disk that fails or is full at its n-th step, by a source that breaks off at
//! its n-th call, by somebody who says stop. Afterwards it is run again, and nothing is lost and nothing is there twice.

use crate::support::{Aircraft, Handover, Unit, holds, tree};
use evidence_store::intake::{EraseWish, Erasure, Flow, IntakeError, Source, SourceDevice, SourceError};
use evidence_store::ledger::Category;
use evidence_store::store::{Disk, DiskFile, LocalDisk, Store};
use flight_record::dock::{EraseOrder, Inventory};
use flight_record::{FlightId, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// What happens at the chosen step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// The machine dies: this step and all later ones fail, and what was not synced is lost.
    Dies,
    /// The disk is full from here on.
    Full,
}

/// A disk of which the n-th change fails.
pub(crate) struct Failing {
    left: AtomicI64,
    how: How,
    /// Files that were written to, with the length that is safe.
    synced: Arc<Mutex<HashMap<PathBuf, u64>>>,
}

impl Failing {
    pub(crate) fn after(steps: i64, how: How) -> Arc<Self> {
        Arc::new(Self { left: AtomicI64::new(steps), how, synced: Arc::default() })
    }

    fn step(&self) -> io::Result<()> {
        if self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        Err(match self.how {
            How::Dies => io::Error::other("the machine died"),
            How::Full => io::ErrorKind::StorageFull.into(),
        })
    }

    pub(crate) fn spent(&self) -> bool {
        self.left.load(Ordering::SeqCst) <= 0
    }

    /// What a power cut does: bytes that were not synced are gone, or are not what was written.
    pub(crate) fn power_cut(&self) {
        for (path, safe) in self.synced.lock().unwrap().iter() {
            let Ok(file) = std::fs::File::options().write(true).open(path) else { continue };
            let length = file.metadata().unwrap().len();
            if length > *safe {
                file.write_all_at(&vec![0; usize::try_from(length - safe).unwrap()], *safe).unwrap();
            }
        }
    }
}

struct FailingFile {
    inner: Box<dyn DiskFile>,
    disk: Arc<Failing>,
    path: PathBuf,
    length: u64,
}

impl Write for FailingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.disk.step() {
            // The half of it still gets there.
            self.inner.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.inner.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for FailingFile {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.step()?;
        self.inner.sync()?;
        self.disk.synced.lock().unwrap().insert(self.path.clone(), self.length);
        Ok(())
    }
    fn cut(&mut self, keep: u64) -> io::Result<()> {
        self.disk.step()?;
        self.length = keep;
        self.inner.cut(keep)
    }
    fn another(&self) -> io::Result<Box<dyn DiskFile>> {
        let (inner, disk, path) = (self.inner.another()?, self.disk.clone(), self.path.clone());
        Ok(Box::new(FailingFile { inner, disk, path, length: self.length }))
    }
}

/// The disk as a handle, so that its files can count too.
pub(crate) struct Handle(pub(crate) Arc<Failing>);

impl Disk for Handle {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.0.step().and_then(|()| LocalDisk.create_folder(path))
    }
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.0.step().and_then(|()| LocalDisk.make_folder(path))
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.0.step()?;
        let inner = LocalDisk.create_new(path)?;
        self.0.synced.lock().unwrap().insert(path.to_owned(), 0);
        Ok(Box::new(FailingFile { inner, disk: self.0.clone(), path: path.to_owned(), length: 0 }))
    }
    fn write_from(&self, path: &Path, keep: u64) -> io::Result<Box<dyn DiskFile>> {
        self.0.step()?;
        let inner = LocalDisk.write_from(path, keep)?;
        self.0.synced.lock().unwrap().insert(path.to_owned(), keep);
        Ok(Box::new(FailingFile { inner, disk: self.0.clone(), path: path.to_owned(), length: keep }))
    }
    fn make_read_only(&self, path: &Path) -> io::Result<()> {
        self.0.step().and_then(|()| LocalDisk.make_read_only(path))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.step()?;
        LocalDisk.rename(from, to)?;
        let mut synced = self.0.synced.lock().unwrap();
        if let Some(safe) = synced.remove(from) {
            synced.insert(to.to_owned(), safe);
        }
        Ok(())
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.step().and_then(|()| LocalDisk.remove_file(path))
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.0.step().and_then(|()| LocalDisk.remove_folder(path))
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.0.step().and_then(|()| LocalDisk.sync_folder(path))
    }
    fn room_bytes(&self, path: &Path) -> io::Result<u64> {
        LocalDisk.room_bytes(path)
    }
}

/// Nothing is missing, nothing is twice, nothing is left over.
fn is_whole(unit: &Unit, flight: FlightId, aboard: &BTreeMap<String, Vec<u8>>, what: &str) {
    let (first, second) = (unit.first(), unit.second());
    assert!(holds(&first, aboard) && holds(&second, aboard), "{what}");
    for store in [&first, &second] {
        for digest in store.list().unwrap() {
            let mut bytes = Vec::new();
            store.get(digest).unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(Sha256::of(&bytes), digest, "{what}: an object is what its name says");
        }
    }
    let left: Vec<String> = ["incoming", "partial"]
        .iter()
        .flat_map(|name| tree(&unit.path("first").join(name)).into_keys())
        .filter(|path| !path.starts_with("objects/"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "{what}");
    let ledger = unit.ledger();
    ledger.check().unwrap();
    let entries = ledger.of_flight(flight).unwrap();
    for category in [Category::Collection, Category::Verification, Category::Movement] {
        let found = entries.iter().filter(|entry| entry.category == category).count();
        assert_eq!(found, 1, "{what}: {category} is written down once");
    }
    assert_eq!(first.statements(flight).unwrap().len(), 3, "{what}: a holding and two receipts");
    assert_eq!(second.statements(flight).unwrap().len(), 3, "{what}");
}

/// An order was only ever given on two receipts of stores that hold everything.
fn never_too_early(unit: &Unit, orders: &[Vec<u8>], aboard: &BTreeMap<String, Vec<u8>>, what: &str) {
    for order in orders {
        let order = EraseOrder::parse(order).unwrap();
        order.authorised(&unit.trust, crate::support::later().utc_us).unwrap();
        assert!(holds(&unit.first(), aboard) && holds(&unit.second(), aboard), "{what}");
    }
}

/// Runs with one disk failing at its n-th step, for every n, until a run gets through.
fn at_every_step_of(which: &str, how: How) -> i64 {
    let mut steps = 0;
    loop {
        let unit = &Unit::new();
        let people = &unit.on_duty();
        let flight = unit.flight(2, 40_000);
        let aboard = tree(&unit.flight_dir(flight));
        let what = format!("{which} store {how:?} at step {steps}");
        let disk = Failing::after(steps, how);
        let failing = unit.on_disk(which, Arc::new(Handle(disk.clone())));
        let mut handover = Handover { erase: EraseWish::Erase, ..Handover::new(unit, people) };
        if which == "first" {
            handover.first = failing;
        } else {
            handover.second = failing;
        }
        let mut aircraft = Aircraft::new(unit);
        let stopped = handover.run(&mut aircraft, flight, &mut |_| Flow::Continue);
        if how == How::Dies {
            disk.power_cut();
        }
        never_too_early(unit, &aircraft.orders, &aboard, &what);
        if !disk.spent() {
            stopped.unwrap();
            is_whole(unit, flight, &aboard, &what);
            return steps;
        }
        if let (How::Full, Err(IntakeError::Store(error))) = (how, &stopped) {
            assert!(error.is_full(), "{what}: {error}");
        }
        if aircraft.orders.is_empty() {
            assert_eq!(tree(&unit.flight_dir(flight)), aboard, "{what}: the aircraft still has it all");
        }
        if unit.flight_dir(flight).exists() {
            let again = Handover { erase: EraseWish::Erase, ..Handover::new(unit, people) };
            let mut aircraft = Aircraft::new(unit);
            let done = again.run(&mut aircraft, flight, &mut |_| Flow::Continue);
            let done = done.unwrap_or_else(|error| panic!("{what}, then: {error}"));
            assert!(matches!(done.erasure, Some(Erasure::Erased { .. })), "{what}");
            is_whole(unit, flight, &aboard, &what);
        } else {
            assert!(holds(&unit.first(), &aboard) && holds(&unit.second(), &aboard), "{what}");
            assert_eq!(unit.ledger().unsettled_orders().unwrap(), [], "{what}: what became of it is written down");
        }
        steps += 1;
    }
}

#[test]
fn the_machine_dies_at_every_step_of_the_first_store() {
    let steps = at_every_step_of("first", How::Dies);
    assert!(steps > 100, "only {steps} steps");
}

#[test]
fn the_machine_dies_at_every_step_of_the_second_store() {
    let steps = at_every_step_of("second", How::Dies);
    assert!(steps > 50, "only {steps} steps");
}

#[test]
fn the_first_disk_is_full_at_every_step() {
    at_every_step_of("first", How::Full);
}

#[test]
fn the_second_disk_is_full_at_every_step() {
    at_every_step_of("second", How::Full);
}

/// A source that breaks off at its n-th call or read.
struct BreaksOff<'a> {
    inner: Aircraft<'a>,
    left: i64,
}

impl BreaksOff<'_> {
    fn call(&mut self) -> Result<(), SourceError> {
        self.left -= 1;
        if self.left >= 0 {
            return Ok(());
        }
        let source = io::ErrorKind::ConnectionReset.into();
        Err(SourceError::Io { doing: "cannot reach", what: "the aircraft".to_owned(), source })
    }
}

struct BreakingRead<'a> {
    inner: Box<dyn Read + Send + 'a>,
    left: i64,
}

impl Read for BreakingRead<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.left -= 1;
        if self.left < 0 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let most = buffer.len().min(10_000);
        self.inner.read(&mut buffer[..most])
    }
}

impl Source for BreaksOff<'_> {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    fn device(&mut self) -> Result<SourceDevice, SourceError> {
        self.call().and_then(|()| self.inner.device())
    }
    fn flights(&mut self) -> Result<Vec<FlightId>, SourceError> {
        self.call().and_then(|()| self.inner.flights())
    }
    fn inventory(&mut self, flight: FlightId) -> Result<Inventory, SourceError> {
        self.call().and_then(|()| self.inner.inventory(flight))
    }
    fn open(&mut self, flight: FlightId, path: &str, from: u64) -> Result<Box<dyn Read + Send + '_>, SourceError> {
        self.call()?;
        let left = self.left;
        self.left -= 4;
        Ok(Box::new(BreakingRead { inner: self.inner.open(flight, path, from)?, left }))
    }
    fn challenge(&mut self, flight: FlightId) -> Result<Sha256, SourceError> {
        self.call().and_then(|()| self.inner.challenge(flight))
    }
    fn erase(&mut self, flight: FlightId, order: &[u8]) -> Result<Erasure, SourceError> {
        self.call().and_then(|()| self.inner.erase(flight, order))
    }
}

#[test]
fn the_source_breaks_off_at_every_call() {
    for calls in 0.. {
        let unit = Unit::new();
        let people = unit.on_duty();
        let flight = unit.flight(2, 40_000);
        let aboard = tree(&unit.flight_dir(flight));
        let what = format!("breaks off at call {calls}");
        let handover = Handover { erase: EraseWish::Erase, ..Handover::new(&unit, &people) };
        let mut source = BreaksOff { inner: Aircraft::new(&unit), left: calls };
        let stopped = handover.run(&mut source, flight, &mut |_| Flow::Continue);
        never_too_early(&unit, &source.inner.orders, &aboard, &what);
        if stopped.is_ok() {
            is_whole(&unit, flight, &aboard, &what);
            assert!(calls > 10, "only {calls} calls");
            return;
        }
        assert_eq!(tree(&unit.flight_dir(flight)), aboard, "{what}");
        let open = unit.ledger().unsettled_orders().unwrap();
        assert!(open.len() <= 1, "{what}: of one order at most it is not known what became: {open:?}");
        let done = handover.run(&mut Aircraft::new(&unit), flight, &mut |_| Flow::Continue);
        done.unwrap_or_else(|error| panic!("{what}, then: {error}"));
        is_whole(&unit, flight, &aboard, &what);
        assert_eq!(unit.ledger().unsettled_orders().unwrap(), [], "{what}");
    }
}

#[test]
fn somebody_says_stop_at_every_report() {
    for reports in 0.. {
        let unit = Unit::new();
        let people = unit.on_duty();
        let flight = unit.flight(2, 40_000);
        let aboard = tree(&unit.flight_dir(flight));
        let handover = Handover { erase: EraseWish::Erase, ..Handover::new(&unit, &people) };
        let (mut aircraft, mut left) = (Aircraft::new(&unit), reports);
        let stopped = handover.run(&mut aircraft, flight, &mut |_| {
            left -= 1;
            if left < 0 { Flow::Cancel } else { Flow::Continue }
        });
        let what = format!("stopped at report {reports}");
        if stopped.is_ok() {
            is_whole(&unit, flight, &aboard, &what);
            assert!(reports > 8, "only {reports} reports");
            return;
        }
        assert!(matches!(stopped, Err(IntakeError::Cancelled)), "{what}: {stopped:?}");
        assert!(aircraft.orders.is_empty(), "{what}");
        let done = handover.run(&mut Aircraft::new(&unit), flight, &mut |_| Flow::Continue);
        done.unwrap_or_else(|error| panic!("{what}, then: {error}"));
        is_whole(&unit, flight, &aboard, &what);
    }
}

/// Counts what is read of it.
struct Counting<'a>(Aircraft<'a>, Arc<AtomicI64>);

struct CountingRead<'a>(Box<dyn Read + Send + 'a>, Arc<AtomicI64>);

impl Read for CountingRead<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.fetch_add(i64::try_from(read).unwrap(), Ordering::Relaxed);
        Ok(read)
    }
}

impl Source for Counting<'_> {
    fn describe(&self) -> String {
        self.0.describe()
    }
    fn device(&mut self) -> Result<SourceDevice, SourceError> {
        self.0.device()
    }
    fn flights(&mut self) -> Result<Vec<FlightId>, SourceError> {
        self.0.flights()
    }
    fn inventory(&mut self, flight: FlightId) -> Result<Inventory, SourceError> {
        self.0.inventory(flight)
    }
    fn open(&mut self, flight: FlightId, path: &str, from: u64) -> Result<Box<dyn Read + Send + '_>, SourceError> {
        Ok(Box::new(CountingRead(self.0.open(flight, path, from)?, self.1.clone())))
    }
    fn challenge(&mut self, flight: FlightId) -> Result<Sha256, SourceError> {
        self.0.challenge(flight)
    }
    fn erase(&mut self, flight: FlightId, order: &[u8]) -> Result<Erasure, SourceError> {
        self.0.erase(flight, order)
    }
}

#[test]
fn a_long_file_goes_on_where_it_was_stopped() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(1, 24_000_000);
    let aboard = tree(&unit.flight_dir(flight));
    let handover = Handover::new(&unit, &people);
    let stopped = handover.run(&mut unit.card(), flight, &mut |progress| {
        if progress.bytes_done > 20_000_000 { Flow::Cancel } else { Flow::Continue }
    });
    assert!(matches!(stopped, Err(IntakeError::Cancelled)));
    let plan = handover.plan(&mut unit.card(), flight);
    let here: u64 = plan.files.iter().map(|file| file.here_bytes).sum();
    assert!(here > 19_000_000 && plan.to_string().contains("resumed"), "{plan}");
    let read = Arc::new(AtomicI64::new(0));
    handover.done(&mut Counting(Aircraft::new(&unit), read.clone()), flight);
    let read = read.load(Ordering::Relaxed);
    assert!(read < 6_000_000, "{read} bytes were read again");
    is_whole(&unit, flight, &aboard, "resumed");
}

#[test]
fn an_unfinished_file_that_rotted_is_read_again() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(1, 24_000_000);
    let aboard = tree(&unit.flight_dir(flight));
    let handover = Handover::new(&unit, &people);
    let _ = handover.run(&mut unit.card(), flight, &mut |progress| {
        if progress.bytes_done > 20_000_000 { Flow::Cancel } else { Flow::Continue }
    });
    let partial = unit.path("first/partial").join(flight.to_string());
    let long = std::fs::read_dir(&partial).unwrap().map(|entry| entry.unwrap().path());
    let long = long.max_by_key(|path| std::fs::metadata(path).unwrap().len()).unwrap();
    let file = std::fs::File::options().write(true).open(&long).unwrap();
    file.write_all_at(b"rot", 1_000_000).unwrap();
    handover.done(&mut unit.card(), flight);
    is_whole(&unit, flight, &aboard, "rotted");
}
