//! What happens to a device between flights: boots, refusals, erasures. The same signed log as a flight's, without files.

use crate::keys::DeviceKey;
use crate::log::{Head, Log, LogError, Position, Recent, RecoveryError, recovery};
use crate::names::{BootId, Code, FlightId};
use crate::record::{Event, Kind, LogOpen, Recovered, Software};
use crate::stamp::Stamp;
use crate::trust::Certificate;
use crate::{keys, layout};
use std::io;
use std::path::Path;

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
    log: Log,
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
        std::fs::create_dir_all(dir).map_err(DeviceLogError::Folder)?;
        if !dir.join(layout::RECORDS).exists() {
            return Self::begin(dir, device, key_dir, facts, at);
        }
        let found = match recovery::take_up(dir, device, |_| ()) {
            // Died before the first record was whole: nothing was ever said, so the log begins now.
            Err(RecoveryError::NeverOpened { .. }) => {
                return Self::begin(dir, device, key_dir, facts, at);
            }
            other => other?,
        };
        let never = || RecoveryError::NeverOpened { path: dir.to_owned() };
        let id = found.chain.origin.ok_or_else(never)?.id;
        let previous_boot_id = found.chain.boot_id.ok_or_else(never)?;
        let mut log = Log::take_up(dir, (id, facts.boot_id), device, key_dir, (found.chain.position, found.recent))?;
        log.append(Kind::Recovered(Recovered { previous_boot_id, files: Vec::new(), torn: found.torn }), at)?;
        Ok(Self { log })
    }

    fn begin(
        dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        facts: LogFacts,
        at: Stamp,
    ) -> Result<Self, DeviceLogError> {
        // Whatever a torn first line held, nobody was ever told of it.
        std::fs::File::create(dir.join(layout::RECORDS)).map_err(DeviceLogError::Folder)?;
        let id = FlightId::new(at.utc_us, *keys::random()?);
        let mut log =
            Log::take_up(dir, (id, facts.boot_id), device, key_dir, (Position::default(), Recent::default()))?;
        log.append(Kind::LogOpen(LogOpen { certificate: facts.certificate, software: facts.software }), at)?;
        Ok(Self { log })
    }

    /// Appends an event, about a flight or about none.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn event(&mut self, code: Code, flight: Option<FlightId>, at: Stamp) -> Result<Head, LogError> {
        self.log.append(Kind::Event(Event { code, actor: None, flight, detail: None }), at)
    }
}

/// What a new device log says about its device.
pub struct LogFacts {
    /// The device's entry of the trust list aboard.
    pub certificate: Certificate,
    /// The program that writes.
    pub software: Software,
    /// This run of the computer.
    pub boot_id: BootId,
}
