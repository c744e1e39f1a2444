//! An append-only signed log: a folder with `records.jsonl` and `checkpoints.jsonl`. Flights and the device log are both
//! this. The order at every step: record durable, then checkpoint durable, then the head may leave the aircraft.

pub(crate) mod chain;
mod heads;
pub(crate) mod lines;
pub(crate) mod recovery;

pub use heads::Stored;
pub(crate) use heads::{CheckpointLine, Heads, Recent, checkpoint_line};
pub use recovery::RecoveryError;

use crate::canonical;
use crate::digest::Sha256;
use crate::disk::{self, Disk, DiskFile};
use crate::dsse;
use crate::keys::{DeviceKey, EvolvingKey, KeyError, KeySlot, PublicKey, Signer};
use crate::layout::RECORDS;
use crate::names::{BootId, FlightId};
use crate::note::{Checkpoint, SignedNote};
use crate::record::{Clock, Kind, MAX_LINE_BYTES, MAX_RECORDS, PAYLOAD_TYPE, Record, Schema};
use crate::stamp::Stamp;
use crate::tree::{self, Tree};
use std::io;
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
    /// A line that failed to become durable is still there, and the disk does not let go of it.
    #[error("what an earlier failure left in {path} cannot be taken back yet, so nothing is appended")]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why it cannot be taken back.
        source: io::Error,
    },
}

/// A tree head after a record, with the signed note that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Records in the log.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Sha256,
    /// RFC 6962 leaf hash of the last of them: what a witness grows its own tree from.
    pub leaf: Sha256,
    /// The signed note (C2SP checkpoint).
    pub note: String,
}

/// Which key signs a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedBy {
    Device,
    Evolving,
}

/// Where a log stands: what the next record builds on.
#[derive(Clone, Default)]
pub(crate) struct Position {
    pub(crate) tree: Tree,
    pub(crate) prev: Option<Sha256>,
    /// The key the last record named.
    pub(crate) next_key: Option<PublicKey>,
}

/// A file that is appended to, with the length that is known to be good.
struct Appended {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    bytes: u64,
    /// Something may stand behind those bytes.
    broken: bool,
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
    heads: Heads,
}

impl Log {
    /// Takes up the log in `dir` at `position`, whose files must end there. A fresh log has the default position.
    pub(crate) fn take_up(
        disk: &dyn Disk,
        dir: &Path,
        (id, boot_id): (FlightId, BootId),
        device: &DeviceKey,
        key_dir: &Path,
        (position, recent): (Position, Recent),
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
            records: Appended::open(disk, dir.join(RECORDS))?,
            heads: Heads::take_up(disk, dir, recent)?,
        })
    }

    /// Whether the evolving key is still there; without it (at the start, after a reboot) the device key signs.
    pub(crate) fn has_evolving_key(&self) -> bool {
        self.current.is_some()
    }

    /// Appends a record and the checkpoint over it, both durable on return. `close` names no next key.
    pub(crate) fn append(&mut self, kind: Kind, at: Stamp) -> Result<Head, LogError> {
        self.heads.mend()?;
        self.records.mend()?;
        if self.position.tree.size() >= MAX_RECORDS {
            return Err(LogError::Full);
        }
        let next = if matches!(kind, Kind::Close(_)) { None } else { Some(EvolvingKey::generate()?) };
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
        self.records.append(&line)?;
        let mut position = self.position.clone();
        position.tree.push(leaf);
        position.prev = Some(leaf);
        position.next_key = next.as_ref().map(Signer::public);
        let head = self.checkpoint(&position.tree, leaf).inspect_err(|_| {
            // All or nothing: no head, so nobody was told of the record. It stays while its head may be on the disk.
            self.records.take_back(line.len(), !self.heads.is_broken());
        })?;
        self.position = position;
        if let Some(next) = &next {
            self.slot.hold(next, None)?;
        }
        self.current = next;
        Ok(head)
    }

    fn sign_record(&self, kind: Kind, at: Stamp, next: Option<&EvolvingKey>) -> Result<Vec<u8>, LogError> {
        let record = Record {
            schema: Schema::V1,
            flight_id: self.id,
            device_id: self.device.public().id(),
            boot_id: self.boot_id,
            seq: self.position.tree.size(),
            mono_ns: at.mono_ns,
            utc_us: at.utc_us,
            clock: Clock { source: at.source, uncertainty_us: at.uncertainty_us },
            prev: self.position.prev,
            next_key: next.map(Signer::public),
            kind,
        };
        record.check().map_err(|rule| LogError::Rule { kind: record.kind.name(), rule })?;
        let payload = canonical::write(&record);
        Ok(match &self.current {
            Some(evolving) => dsse::seal(PAYLOAD_TYPE, &payload, evolving),
            None => dsse::seal(PAYLOAD_TYPE, &payload, &self.device),
        })
    }

    /// Signs the head over all records and makes the line durable.
    fn checkpoint(&mut self, tree: &Tree, leaf: Sha256) -> Result<Head, LogError> {
        let (size, root) = (tree.size(), tree.root());
        let note = self.heads.append(sign_head(self.id, size, root, &self.device))?;
        Ok(Head { size, root, leaf, note })
    }

    /// The heads, for cosignatures.
    pub(crate) fn heads(&mut self) -> &mut Heads {
        &mut self.heads
    }

    /// Wipes the evolving key: nothing more will be signed by it. The heads still take cosignatures.
    pub(crate) fn finish(self) -> Result<Heads, LogError> {
        self.slot.destroy()?;
        Ok(self.heads)
    }
}

/// The note over a head.
pub(crate) fn sign_head(flight: FlightId, size: u64, root: Sha256, device: &DeviceKey) -> SignedNote {
    Checkpoint { flight, size, root }.signed(device)
}

impl Appended {
    fn open(disk: &dyn Disk, path: PathBuf) -> Result<Self, LogError> {
        let io = |source| LogError::Io { doing: "cannot open", path: path.clone(), source };
        let bytes = disk::length(&path).map_err(io)?;
        let file = disk.write_from(&path, bytes).map_err(io)?;
        disk::sync_parent(disk, &path).map_err(io)?;
        Ok(Self { path, file, bytes, broken: false })
    }

    /// Appends and syncs, or leaves what was there. A sync that failed is never asked again for the same bytes: the
    /// system may have dropped them, and would say that all is well.
    fn append(&mut self, line: &[u8]) -> Result<(), LogError> {
        self.mend()?;
        let (doing, done) = match self.file.write_all(line) {
            Ok(()) => ("cannot sync", self.file.sync()),
            failed => ("cannot append to", failed),
        };
        if let Err(source) = done {
            self.broken = self.restore().is_err();
            return Err(LogError::Io { doing, path: self.path.clone(), source });
        }
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Takes the last line back: `now`, or before the next one is appended.
    fn take_back(&mut self, line_bytes: usize, now: bool) {
        self.bytes -= line_bytes as u64;
        self.broken = !now || self.restore().is_err();
    }

    /// Takes back what a failure left.
    fn mend(&mut self) -> Result<(), LogError> {
        if self.broken {
            self.restore().map_err(|source| LogError::Broken { path: self.path.clone(), source })?;
            self.broken = false;
        }
        Ok(())
    }

    fn restore(&mut self) -> io::Result<()> {
        self.file.cut(self.bytes)?;
        self.file.sync()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::LocalDisk;
    use crate::layout::CHECKPOINTS;
    use crate::names::Code;
    use crate::record::Event;
    use crate::stamp::ClockSource;
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    fn event() -> Kind {
        Kind::Event(Event { code: "light".parse::<Code>().unwrap(), actor: None, flight: None, detail: None })
    }

    /// A file that takes no byte more, as on a full disk, and lets itself be cut.
    fn full() -> Box<dyn DiskFile> {
        let file = memfd_create("full", MemfdFlags::ALLOW_SEALING).unwrap();
        fcntl_add_seals(&file, SealFlags::GROW).unwrap();
        Box::new(std::fs::File::from(file))
    }

    #[test]
    fn a_record_whose_head_finds_no_room_is_taken_back_and_the_log_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let device = DeviceKey::create(&dir.path().join("device.key")).unwrap();
        let at = Stamp { mono_ns: 1, utc_us: 2, source: ClockSource::None, uncertainty_us: 3 };
        let (id, boot) = (FlightId::new(1, [7; 10]), "00000000-0000-4000-8000-000000000001".parse().unwrap());
        // As after its first record, which is another's.
        let mut position = Position::default();
        position.tree.push(Sha256::of(b"open"));
        position.prev = Some(Sha256::of(b"open"));
        let standing = (position, Recent::default());
        let mut log =
            Log::take_up(&LocalDisk, dir.path(), (id, boot), &device, &dir.path().join("keys"), standing).unwrap();
        assert_eq!(log.append(event(), at).unwrap().size, 2);
        let bytes = || [RECORDS, CHECKPOINTS].map(|name| std::fs::metadata(dir.path().join(name)).unwrap().len());
        let before = bytes();

        let (room, length) = log.heads.swap_file((full(), 0));
        assert!(matches!(log.append(event(), at), Err(LogError::Io { .. })));
        assert_eq!(bytes(), before, "neither half is left");
        assert!(!log.records.broken && !log.heads.is_broken());

        log.heads.swap_file((room, length));
        assert_eq!(log.append(event(), at).unwrap().size, 3);
        let text = std::fs::read_to_string(dir.path().join(RECORDS)).unwrap();
        let records: Vec<Record> = text.lines().filter_map(|line| chain::claimed(line.as_bytes())).collect();
        assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [1, 2]);
        assert!(bytes()[1] > before[1], "its head follows");
    }
}
