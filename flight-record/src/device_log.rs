//! What happens to a device between flights: boots, refusals, erasures. The same signed log as a flight's, without files.

use crate::digest::Sha256;
use crate::disk::{Disk, LocalDisk};
use crate::keys::{DeviceKey, KeyId};
use crate::log::chain::Chain;
use crate::log::{Head, Log, LogError, Position, Recent, RecoveryError, chain, recovery};
use crate::names::{BootId, Code, FlightId};
use crate::record::{Erased, Event, Kind, LogOpen, Record, Recovered, Software};
use crate::stamp::Stamp;
use crate::trust::Certificate;
use crate::{flight, keys, layout};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Code of the event that stands before anything is erased.
pub const ERASE_BEGUN: &str = "erase-begun";

/// Why the device log cannot be opened or added to.
#[derive(Debug, thiserror::Error)]
pub enum DeviceLogError {
    /// It cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It cannot be taken up again.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// Its folder or first file cannot be made.
    #[error("cannot begin the device log")]
    Folder(#[source] io::Error),
    /// No random bytes for its id.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
}

/// The log of a device, open for this run of the program.
pub struct DeviceLog {
    dir: PathBuf,
    log: Log,
    erasures: Orders,
}

/// What the log says of erasures.
#[derive(Default)]
struct Orders {
    /// Flights of which erasing was begun, and by whose order.
    begun: BTreeMap<FlightId, KeyId>,
    /// Orders carried out.
    done: BTreeSet<Sha256>,
}

impl Orders {
    fn note(&mut self, kind: &Kind) {
        match kind {
            Kind::Event(Event { code, actor: Some(actor), flight: Some(flight), .. })
                if code.as_str() == ERASE_BEGUN =>
            {
                self.begun.insert(*flight, *actor);
            }
            Kind::Erased(erased) => {
                self.begun.remove(&erased.flight);
                self.done.insert(erased.order);
            }
            _ => {}
        }
    }
}

impl DeviceLog {
    /// Opens the log in `dir`, or begins it. A log that is taken up again gets a `recovered` record, so that every start
    /// of the program shows.
    ///
    /// # Errors
    /// When the log cannot be written, or is damaged.
    pub fn open(
        dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        facts: LogFacts,
        at: Stamp,
    ) -> Result<Self, DeviceLogError> {
        Self::open_on(&LocalDisk, dir, device, key_dir, facts, at)
    }

    /// The same on a disk of the caller's.
    ///
    /// # Errors
    /// As [`DeviceLog::open`].
    pub fn open_on(
        disk: &dyn Disk,
        dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        facts: LogFacts,
        at: Stamp,
    ) -> Result<Self, DeviceLogError> {
        disk.create_folder(dir).map_err(DeviceLogError::Folder)?;
        if !dir.join(layout::RECORDS).exists() {
            return Self::begin(disk, dir, device, key_dir, facts, at);
        }
        let mut erasures = Orders::default();
        let found = match recovery::take_up(disk, dir, device, |record| erasures.note(&record.kind)) {
            // Died before the first record was whole: nothing was ever said, so the log begins now.
            Err(RecoveryError::NeverOpened { .. }) => {
                return Self::begin(disk, dir, device, key_dir, facts, at);
            }
            other => other?,
        };
        let never = || RecoveryError::NeverOpened { path: dir.to_owned() };
        let id = found.chain.origin.ok_or_else(never)?.id;
        let previous_boot_id = found.chain.boot_id.ok_or_else(never)?;
        let mut log =
            Log::take_up(disk, dir, (id, facts.boot_id), device, key_dir, (found.chain.position, found.recent))?;
        log.append(Kind::Recovered(Recovered { previous_boot_id, files: Vec::new(), torn: found.torn }), at)?;
        Ok(Self { dir: dir.to_owned(), log, erasures })
    }

    fn begin(
        disk: &dyn Disk,
        dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        facts: LogFacts,
        at: Stamp,
    ) -> Result<Self, DeviceLogError> {
        // Whatever a torn first line held, nobody was ever told of it.
        disk.write_from(&dir.join(layout::RECORDS), 0).map_err(DeviceLogError::Folder)?;
        let id = FlightId::new(at.utc_us, *keys::random()?);
        let fresh = (Position::default(), Recent::default());
        let mut log = Log::take_up(disk, dir, (id, facts.boot_id), device, key_dir, fresh)?;
        log.append(Kind::LogOpen(LogOpen { certificate: facts.certificate, software: facts.software }), at)?;
        Ok(Self { dir: dir.to_owned(), log, erasures: Orders::default() })
    }

    /// Appends an event, about a flight or about none.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn event(&mut self, code: Code, flight: Option<FlightId>, at: Stamp) -> Result<Head, LogError> {
        self.event_by(code, None, flight, at)
    }

    /// Appends an event that a known key caused.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn event_by(
        &mut self,
        code: Code,
        actor: Option<KeyId>,
        flight: Option<FlightId>,
        at: Stamp,
    ) -> Result<Head, LogError> {
        self.append(&Kind::Event(Event { code, actor, flight, detail: None }), at)
    }

    /// Appends that a flight is erased; the caller has made the deletion durable.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn erased(&mut self, erased: Erased, at: Stamp) -> Result<Head, LogError> {
        self.append(&Kind::Erased(erased), at)
    }

    /// By whose order erasing this flight was begun, while no record says that it is done.
    pub fn erasing(&self, flight: FlightId) -> Option<KeyId> {
        self.erasures.begun.get(&flight).copied()
    }

    /// Whether the order with this digest has been carried out.
    pub fn has_erased(&self, order: Sha256) -> bool {
        self.erasures.done.contains(&order)
    }

    /// The last line of the log, without its newline.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn last_line(&self) -> io::Result<Vec<u8>> {
        flight::last_whole_line(&self.dir.join(layout::RECORDS))
    }

    fn append(&mut self, kind: &Kind, at: Stamp) -> Result<Head, LogError> {
        let head = self.log.append(kind.clone(), at)?;
        self.erasures.note(kind);
        Ok(head)
    }
}

/// What a line of a device log says although nobody has checked it: to find a line, never to believe it.
pub fn claimed(line: &[u8]) -> Option<Record> {
    chain::claimed(line)
}

/// What a device log says of erasures, as far as each line builds on the one before.
#[derive(Debug)]
pub struct Erasures {
    /// Key id of the device whose log it is; whether the unit lists it is the reader's to ask.
    pub device: KeyId,
    /// The records, each with its line without the newline.
    pub erased: Vec<(Erased, Vec<u8>)>,
}

/// Reads the erasures out of `records.jsonl` of a device log, up to the first line whose signature or place does not hold;
/// `None` where the first one is no beginning of a device log.
pub fn erasures(records: &[u8]) -> Option<Erasures> {
    let mut chain = Chain::default();
    let mut erased = Vec::new();
    for (at, line) in records.split(|byte| *byte == b'\n').enumerate() {
        let Ok(accepted) = chain.step(line) else { break };
        match accepted.record.kind {
            Kind::LogOpen(_) if at == 0 => {}
            _ if at == 0 => return None,
            Kind::Erased(found) => erased.push((found, line.to_vec())),
            _ => {}
        }
    }
    Some(Erasures { device: chain.origin?.device.id(), erased })
}

/// What a new device log says about its device.
#[derive(Clone)]
pub struct LogFacts {
    /// The device's entry of the trust list aboard.
    pub certificate: Certificate,
    /// The program that writes.
    pub software: Software,
    /// This run of the computer.
    pub boot_id: BootId,
}
