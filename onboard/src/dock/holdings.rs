//! What the aircraft holds and who may ask for it: the folders, read without following anything, and the facts that
//! every request is answered from.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flight_record::dock::{self, Challenge, Inventory, Listing, is_plain_path};
use flight_record::keys::{DeviceKey, KeyId, PublicKey};
use flight_record::trust::Role;
use flight_record::{Code, FlightId, Label, Stamp, flight, layout};
use rustix::fs::{Mode, OFlags};

use super::fault::Fault;
use super::gate::Gate;
use super::listed::Listed;
use crate::clock;
use crate::journal::Journal;
use crate::recorder::timebase::TimeBase;
use crate::trusted::Trusted;

/// One device log for the agent and the dock.
pub type SharedLog = Arc<Mutex<Journal>>;

/// The device log, whoever else has it now; a panic elsewhere leaves it as good as its disk.
pub fn locked(log: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything the dock answers from.
pub struct Holdings {
    /// `flights/`, `device-log/` and `dock/` lie here.
    pub storage_dir: PathBuf,
    /// This aircraft's key.
    pub device: DeviceKey,
    /// The unit's name for it.
    pub name: Label,
    /// Whom the unit trusts.
    pub trust: Arc<Trusted>,
    /// What the agent is doing.
    pub gate: Arc<Gate>,
    /// What has been listed, and so grows no more.
    pub listed: Arc<Listed>,
    /// Where erasures are recorded.
    pub log: SharedLog,
    /// What time it is.
    pub time: TimeBase,
}

impl Holdings {
    /// The folder of all flights.
    #[must_use]
    pub fn flights_dir(&self) -> PathBuf {
        self.storage_dir.join("flights")
    }

    /// The folder of challenges and orders.
    #[must_use]
    pub fn dock_dir(&self) -> PathBuf {
        self.storage_dir.join(dock::FOLDER)
    }

    /// This device's key id.
    #[must_use]
    pub fn device_id(&self) -> KeyId {
        self.device.public().id()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Stamp {
        self.time.mapping().stamp(clock::mono_ns())
    }

    /// Whether the unit lists this key as a ground station, now, in a list that has not expired.
    #[must_use]
    pub fn accepts(&self, key: &PublicKey) -> bool {
        let (list, now_utc_us) = (self.trust.list(), self.now().utc_us);
        now_utc_us <= list.expires_utc_us && list.vouches(key.id(), Role::Station, now_utc_us).is_ok()
    }

    /// Takes a newer trust list that was put aboard, and says so; one that is refused changes nothing, and is said too.
    pub fn look_at_trust(&self) {
        match self.trust.look() {
            Ok(None) => {}
            Ok(Some(list)) => {
                tracing::info!(version = list.version, "a newer trust list is in force");
                self.note("trust-renewed", None);
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "the trust list put aboard is refused; the one before stays in force");
                self.note("trust-refused", None);
            }
        }
    }

    /// Notes something in the device log.
    pub fn note(&self, code: &'static str, flight: Option<FlightId>) {
        let noted = code
            .parse::<Code>()
            .map_err(anyhow::Error::new)
            .and_then(|code| Ok(locked(&self.log).log(self.now())?.event(code, flight, self.now())?));
        if let Err(error) = noted {
            tracing::error!(error = format!("{error:#}"), code, "the device log cannot be written");
        }
    }

    /// Why the dock gives way now, if it does.
    ///
    /// # Errors
    /// [`Fault::Busy`].
    pub fn give_way(&self) -> Result<(), Fault> {
        self.gate.situation().busy().map_or(Ok(()), |why| Err(Fault::Busy(why)))
    }

    /// The flights aboard, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn flights(&self) -> Result<Vec<FlightId>, Fault> {
        Ok(flight::flight_ids(&self.flights_dir())?.into_iter().collect())
    }

    /// What lies in the folder of a flight. Once it is over, listing it is what ends the time in which stations may add to
    /// it: what was listed is what is erased.
    ///
    /// # Errors
    /// [`Fault::NoFlight`], or when it cannot be read.
    pub fn listing(&self, flight: FlightId) -> Result<Listing, Fault> {
        if !fs::symlink_metadata(self.flights_dir().join(flight.to_string())).is_ok_and(|found| found.is_dir()) {
            return Err(Fault::NoFlight(flight));
        }
        let over = self.is_over(flight);
        if over {
            self.listed.freeze(flight);
        }
        let mut listing = Inventory::list(&self.flights_dir(), flight)?;
        listing.inventory.closed = over;
        for other in &listing.others {
            tracing::warn!(%flight, path = other, "no plain file: neither handed over nor erased");
        }
        Ok(listing)
    }

    /// Nothing will be written to it any more: closed, or left by a crash in a state that nobody can take up.
    fn is_over(&self, flight: FlightId) -> bool {
        let situation = self.gate.situation();
        situation.started && situation.current != Some(flight)
    }

    /// A file of a flight, open for reading, and its length. Only paths an inventory can hold are opened, each folder on
    /// the way by its own name and none of them through a link: what opens is exactly what the inventory lists.
    ///
    /// # Errors
    /// [`Fault::NoFile`], or when it cannot be read.
    pub fn open(&self, flight: FlightId, path: &str) -> Result<(File, u64), Fault> {
        let absent = || Fault::NoFile { flight, path: path.chars().take(200).collect() };
        if !is_plain_path(path) {
            return Err(absent());
        }
        let dir = self.flights_dir().join(flight.to_string());
        open_below(&dir, path).map_err(|error| if is_absence(&error) { absent() } else { error.into() })
    }

    /// One of the two files of the device log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open_device_log(&self, file: LogFile) -> Result<(File, u64), Fault> {
        let name = match file {
            LogFile::Records => layout::RECORDS,
            LogFile::Checkpoints => layout::CHECKPOINTS,
        };
        Ok(open_below(&self.storage_dir.join("device-log"), name)?)
    }

    /// The challenge of a flight that is over, made now if it has none.
    ///
    /// # Errors
    /// While the flight is open, or when it cannot be written.
    pub fn challenge(&self, flight: FlightId) -> Result<Challenge, Fault> {
        if !self.listing(flight)?.inventory.closed {
            return Err(Fault::Refused("the flight is not closed yet: it gets its challenge when it is".to_owned()));
        }
        Ok(Challenge::make(&self.dock_dir(), flight)?)
    }

    /// Makes the challenges that are still lacking, so that they lie on the card when it is taken out.
    pub fn make_challenges(&self) {
        let made = self.flights().and_then(|flights| {
            let current = self.gate.situation().current;
            flights
                .into_iter()
                .filter(|flight| Some(*flight) != current)
                .try_for_each(|flight| Ok(Challenge::make(&self.dock_dir(), flight).map(drop)?))
        });
        if let Err(error) = made {
            tracing::error!(%error, "no challenge can be made: this flight cannot be erased from the card");
        }
    }
}

/// Which file of the device log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFile {
    /// `records.jsonl`
    Records,
    /// `checkpoints.jsonl`
    Checkpoints,
}

/// Opens a regular file below `dir`, part by part, following no link.
fn open_below(dir: &Path, path: &str) -> io::Result<(File, u64)> {
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = rustix::fs::open(dir, folder, Mode::empty())?;
    let (folders, name) = path.rsplit_once('/').map_or((None, path), |(folders, name)| (Some(folders), name));
    for part in folders.into_iter().flat_map(|folders| folders.split('/')) {
        at = rustix::fs::openat(&at, part, folder, Mode::empty())?;
    }
    // A pipe must not hold us up.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::openat(&at, name, flags, Mode::empty())?);
    let found = file.metadata()?;
    if found.is_file() { Ok((file, found.len())) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// Errors by which the system says that there is no such plain file.
fn is_absence(error: &io::Error) -> bool {
    let links = rustix::io::Errno::LOOP.raw_os_error();
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        || error.raw_os_error() == Some(links)
        || error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
}
