//! An append-only signed log: a folder with `records.jsonl` and `checkpoints.jsonl`. Flights and the device log are both
//! this. The order at every step: record durable, then checkpoint durable, then the head may leave the aircraft.

pub(crate) mod chain;
pub(crate) mod lines;
pub(crate) mod recovery;

pub use recovery::RecoveryError;

use crate::canonical;
use crate::digest::Sha256;
use crate::dsse;
use crate::durable;
use crate::keys::{DeviceKey, EvolvingKey, KeyError, KeySlot, PublicKey, Signer};
use crate::layout::{CHECKPOINTS, RECORDS};
use crate::names::{BootId, FlightId};
use crate::note::Checkpoint;
use crate::record::{Clock, Kind, MAX_LINE_BYTES, MAX_RECORDS, PAYLOAD_TYPE, Record, Schema};
use crate::stamp::Stamp;
use crate::tree::{self, Tree};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Why a record cannot be appended.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file of the log cannot be written or synced.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// An evolving key cannot be made or kept.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The record is longer than a line may be.
    #[error("a record of {bytes} bytes is over the limit of {MAX_LINE_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The log is full.
    #[error("the log holds {MAX_RECORDS} records, its limit; close this flight and open another")]
    Full,
    /// The record would break a rule of the format.
    #[error("the {kind} record would break a rule of the format: {rule}")]
    Rule {
        /// Its kind.
        kind: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// A sync failed before: what the disk holds is no longer known. Reopen the log to recover.
    #[error(
        "an earlier sync of this log failed; reopen it, so that recovery states what the disk holds"
    )]
    Broken,
}

/// A tree head after a record, with the signed note that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Records in the log.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Sha256,
    /// The signed note (C2SP checkpoint).
    pub note: String,
}

/// A line of `checkpoints.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckpointLine {
    pub(crate) note: String,
}

/// Which key signs a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedBy {
    Device,
    Evolving,
}

/// Where a log stands: what the next record builds on.
#[derive(Default)]
pub(crate) struct Position {
    pub(crate) tree: Tree,
    pub(crate) prev: Option<Sha256>,
    /// The key the last record named.
    pub(crate) next_key: Option<PublicKey>,
}

/// A file that is appended to, with the length that is known to be good.
struct Appended {
    path: PathBuf,
    file: File,
    bytes: u64,
}

/// An open log.
pub(crate) struct Log {
    id: FlightId,
    boot_id: BootId,
    device: DeviceKey,
    slot: KeySlot,
    current: Option<EvolvingKey>,
    position: Position,
    records: Appended,
    checkpoints: Appended,
    broken: bool,
}

impl Log {
    /// Takes up the log in `dir` at `position`, whose files must end there. A fresh log has the default position.
    pub(crate) fn take_up(
        dir: &Path,
        (id, boot_id): (FlightId, BootId),
        device: &DeviceKey,
        key_dir: &Path,
        position: Position,
    ) -> Result<Self, LogError> {
        let mut slot = KeySlot::open(key_dir, &id.to_string())?;
        let current = position.next_key.and_then(|wanted| slot.take(&wanted));
        Ok(Self {
            id,
            boot_id,
            device: device.clone(),
            slot,
            current,
            position,
            records: Appended::open(dir.join(RECORDS))?,
            checkpoints: Appended::open(dir.join(CHECKPOINTS))?,
            broken: false,
        })
    }

    /// Whether the evolving key is still there; without it (at the start, after a reboot) the device key signs.
    pub(crate) fn has_evolving_key(&self) -> bool {
        self.current.is_some()
    }

    /// Appends a record and the checkpoint over it, both durable on return. `close` names no next key.
    pub(crate) fn append(&mut self, kind: Kind, at: Stamp) -> Result<Head, LogError> {
        if self.broken {
            return Err(LogError::Broken);
        }
        if self.position.tree.size() >= MAX_RECORDS {
            return Err(LogError::Full);
        }
        let next = if matches!(kind, Kind::Close(_)) {
            None
        } else {
            Some(EvolvingKey::generate()?)
        };
        let mut line = self.sign_record(kind, at, next.as_ref())?;
        if line.len() > MAX_LINE_BYTES {
            return Err(LogError::TooLong { bytes: line.len() });
        }
        let leaf = tree::leaf_hash(&line);
        line.push(b'\n');
        if let (Some(current), Some(next)) = (&self.current, &next) {
            self.slot.hold(current, Some(next))?;
        } else if let Some(next) = &next {
            self.slot.hold(next, None)?;
        }
        self.records.append(&line, &mut self.broken)?;
        self.position.tree.push(leaf);
        self.position.prev = Some(leaf);
        self.position.next_key = next.as_ref().map(Signer::public);
        if let Some(next) = &next {
            self.slot.hold(next, None)?;
        }
        self.current = next;
        self.checkpoint()
    }

    fn sign_record(
        &self,
        kind: Kind,
        at: Stamp,
        next: Option<&EvolvingKey>,
    ) -> Result<Vec<u8>, LogError> {
        let record = Record {
            schema: Schema::V1,
            flight_id: self.id,
            device_id: self.device.public().id(),
            boot_id: self.boot_id,
            seq: self.position.tree.size(),
            mono_ns: at.mono_ns,
            utc_us: at.utc_us,
            clock: Clock {
                source: at.source,
                uncertainty_us: at.uncertainty_us,
            },
            prev: self.position.prev,
            next_key: next.map(Signer::public),
            kind,
        };
        record.check().map_err(|rule| LogError::Rule {
            kind: record.kind.name(),
            rule,
        })?;
        let payload = canonical::write(&record);
        Ok(match &self.current {
            Some(evolving) => dsse::seal(PAYLOAD_TYPE, &payload, evolving),
            None => dsse::seal(PAYLOAD_TYPE, &payload, &self.device),
        })
    }

    /// Signs the head over all records and makes the line durable.
    fn checkpoint(&mut self) -> Result<Head, LogError> {
        let (size, root) = (self.position.tree.size(), self.position.tree.root());
        let note = sign_head(self.id, size, root, &self.device);
        let appended = self
            .checkpoints
            .append(&checkpoint_line(&note), &mut self.broken);
        // A record without its head: only recovery may go on from here.
        self.broken |= appended.is_err();
        appended?;
        Ok(Head { size, root, note })
    }

    /// Wipes the evolving key: nothing more will be signed by it.
    pub(crate) fn finish(self) -> Result<(), LogError> {
        Ok(self.slot.destroy()?)
    }
}

/// The note over a head.
pub(crate) fn sign_head(flight: FlightId, size: u64, root: Sha256, device: &DeviceKey) -> String {
    Checkpoint { flight, size, root }.sign(device)
}

/// A note as a line of `checkpoints.jsonl`, with its newline.
pub(crate) fn checkpoint_line(note: &str) -> Vec<u8> {
    let mut line = canonical::write(&CheckpointLine {
        note: note.to_owned(),
    });
    line.push(b'\n');
    line
}

impl Appended {
    fn open(path: PathBuf) -> Result<Self, LogError> {
        let io = |source| LogError::Io {
            doing: "cannot open",
            path: path.clone(),
            source,
        };
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        durable::sync_parent(&path).map_err(io)?;
        Ok(Self { path, file, bytes })
    }

    /// Appends and syncs. A write that fails is taken back; after a failed sync nobody knows what the disk holds, so
    /// `broken` is set.
    fn append(&mut self, line: &[u8], broken: &mut bool) -> Result<(), LogError> {
        let io = |doing, path: &Path, source| LogError::Io {
            doing,
            path: path.to_owned(),
            source,
        };
        if let Err(source) = self.file.write_all(line) {
            *broken |= self.file.set_len(self.bytes).is_err();
            return Err(io("cannot append to", &self.path, source));
        }
        if let Err(source) = self.file.sync_data() {
            *broken = true;
            return Err(io("cannot sync", &self.path, source));
        }
        self.bytes += line.len() as u64;
        Ok(())
    }
}
