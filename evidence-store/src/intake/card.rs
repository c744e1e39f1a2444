//! A card or a folder as a source: the aircraft's storage folder, its `flights/`, or one flight's folder.

use super::{DeviceLogFiles, Erasure, Source, SourceDevice, SourceError};
use crate::store::disk::{LocalDisk, read_small, write_whole};
use flight_record::dock::{Challenge, DockError, FOLDER, Inventory};
use flight_record::layout::{CHECKPOINTS, RECORDS};
use flight_record::outline::Outline;
use flight_record::{FlightId, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Longest device log taken along, each of its two files.
const MAX_DEVICE_LOG_BYTES: u64 = 64 << 20;

/// Flights in folders of this machine.
pub struct FolderSource {
    path: PathBuf,
    /// Holds a folder a flight.
    flights_dir: PathBuf,
    /// The aircraft's storage folder, when that is what was given.
    storage: Option<PathBuf>,
    /// The one flight, when its folder was given.
    only: Option<FlightId>,
}

impl FolderSource {
    /// What lies at `path`: a storage folder (with `flights/` in it), a folder of flights, or a flight's own folder.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let path = path.canonicalize().map_err(io("cannot open", path))?;
        let flights = path.join("flights");
        if flights.is_dir() {
            return Ok(Self { flights_dir: flights, storage: Some(path.clone()), only: None, path });
        }
        let name = path.file_name().and_then(|name| name.to_str());
        if path.join(RECORDS).is_file() {
            let reason =
                format!("its folder must have the flight's id as its name, not {:?}", name.unwrap_or_default());
            let only = name.and_then(|name| name.parse().ok());
            let only = only.ok_or(SourceError::Protocol { what: "this is a flight's folder", reason })?;
            let flights_dir = path.parent().unwrap_or(Path::new("/")).to_owned();
            return Ok(Self { flights_dir, storage: None, only: Some(only), path });
        }
        let found = Self { flights_dir: path.clone(), storage: None, only: None, path };
        if found.ids()?.is_empty() {
            let reason = "it holds no flights; give the folder that holds `flights`, or a flight's own".to_owned();
            return Err(SourceError::Protocol { what: "this folder is no source", reason });
        }
        Ok(found)
    }

    fn ids(&self) -> Result<Vec<FlightId>, SourceError> {
        if let Some(only) = self.only {
            return Ok(vec![only]);
        }
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(&self.flights_dir).map_err(io("cannot list", &self.flights_dir))? {
            let entry = entry.map_err(io("cannot list", &self.flights_dir))?;
            let id: Option<FlightId> = entry.file_name().to_str().and_then(|name| name.parse().ok());
            ids.extend(id.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_dir())));
        }
        ids.sort();
        Ok(ids)
    }

    fn known(&self, flight: FlightId) -> Result<PathBuf, SourceError> {
        let dir = self.flights_dir.join(flight.to_string());
        let here = self.only.is_none_or(|only| only == flight) && dir.is_dir();
        if here { Ok(dir) } else { Err(SourceError::NoFlight { flight, source_name: self.describe() }) }
    }

    fn dock_dir(&self) -> Result<PathBuf, SourceError> {
        let storage = self.storage.as_ref().ok_or_else(|| SourceError::Refused {
            reason: "only a whole card can be erased; this is a copy of its flights".to_owned(),
        })?;
        Ok(storage.join(FOLDER))
    }

    fn device_log(&self) -> Result<Option<DeviceLogFiles>, SourceError> {
        let Some(dir) = self.storage.as_ref().map(|storage| storage.join("device-log")) else {
            return Ok(None);
        };
        let file = |name: &str| {
            let path = dir.join(name);
            read_small(&path, MAX_DEVICE_LOG_BYTES).map_err(io("cannot read", &path))
        };
        Ok(match (file(RECORDS)?, file(CHECKPOINTS)?) {
            (Some(records), Some(checkpoints)) => Some(DeviceLogFiles { records, checkpoints }),
            _ => None,
        })
    }
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SourceError {
    let what = path.display().to_string();
    move |source| SourceError::Io { doing, what, source }
}

fn dock(what: &'static str) -> impl FnOnce(DockError) -> SourceError {
    move |error| match error {
        DockError::Io { doing, path, source } => SourceError::Io { doing, what: path.display().to_string(), source },
        other => SourceError::Protocol { what, reason: other.to_string() },
    }
}

impl Source for FolderSource {
    fn describe(&self) -> String {
        format!("card {}", self.path.display())
    }

    fn device(&mut self) -> Result<SourceDevice, SourceError> {
        let device_log = self.device_log()?;
        let id = device_log.as_ref().and_then(|log| Outline::read(&log.records[..]).ok()?.device);
        Ok(SourceDevice { id, name: None, device_log })
    }

    fn flights(&mut self) -> Result<Vec<FlightId>, SourceError> {
        self.ids()
    }

    fn inventory(&mut self, flight: FlightId) -> Result<Inventory, SourceError> {
        self.known(flight)?;
        Ok(Inventory::list(&self.flights_dir, flight).map_err(dock("the flight's folder"))?.inventory)
    }

    fn others(&mut self, flight: FlightId) -> Result<Vec<String>, SourceError> {
        self.known(flight)?;
        Ok(Inventory::list(&self.flights_dir, flight).map_err(dock("the flight's folder"))?.others)
    }

    fn open(&mut self, flight: FlightId, path: &str, from: u64) -> Result<Box<dyn Read + Send + '_>, SourceError> {
        let dir = self.known(flight)?;
        let no_file = || SourceError::NoFile { flight, path: path.to_owned() };
        if !flight_record::dock::is_plain_path(path) {
            return Err(no_file());
        }
        let full = dir.join(path);
        // A link is never followed, wherever it leads.
        if !std::fs::symlink_metadata(&full).is_ok_and(|facts| facts.is_file()) {
            return Err(no_file());
        }
        let mut file = File::open(&full).map_err(io("cannot read", &full))?;
        file.seek(SeekFrom::Start(from)).map_err(io("cannot read", &full))?;
        Ok(Box::new(file))
    }

    fn challenge(&mut self, flight: FlightId) -> Result<Sha256, SourceError> {
        self.known(flight)?;
        let held = Challenge::held(&self.dock_dir()?, flight).map_err(dock("the challenge"))?;
        held.map(|challenge| challenge.0).ok_or_else(|| SourceError::Refused {
            reason: "the card holds no challenge for this flight: its aircraft must close the flight first".to_owned(),
        })
    }

    fn erase(&mut self, flight: FlightId, order: &[u8]) -> Result<Erasure, SourceError> {
        self.known(flight)?;
        let path = self.dock_dir()?.join(format!("{flight}.order"));
        write_whole(&LocalDisk, &path, order).map_err(io("cannot leave the erase order in", &path))?;
        Ok(Erasure::Deferred)
    }
}

/// Reads a log that may be long in small pieces.
pub(super) fn outline(source: &mut dyn Source, flight: FlightId) -> Result<Outline, SourceError> {
    let reader = source.open(flight, RECORDS, 0)?;
    Outline::read(BufReader::with_capacity(128 * 1024, reader)).map_err(|error| SourceError::reading(RECORDS, error))
}
