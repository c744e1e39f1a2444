//! Taking up a log after the program or the computer died: what is whole is checked, what is torn is kept aside.

use super::chain::{Chain, Fault};
use super::lines::{Line, Lines};
use super::{CheckpointLine, Recent, checkpoint_line, sign_head};
use crate::canonical;
use crate::digest::{Extent, Sha256};
use crate::disk::{self, Disk, open_synced};
use crate::keys::DeviceKey;
use crate::layout::{CHECKPOINTS, RECORDS, TORN, TornFrom, UNFINISHED_DOCUMENT, torn_path};
use crate::note::{Checkpoint, SignedNote};
use crate::record::{Record, Torn};
use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Why a log cannot be taken up again. It is left as it is: it is evidence, and the verifier can say more.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// A file cannot be read, written or synced.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A whole line does not take its place.
    #[error("{path}, line {line}: {why}; the log is damaged and is left as it is, verify it on the ground")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// There is not one whole record.
    #[error("{path} holds no whole record: it was never opened")]
    NeverOpened {
        /// The folder.
        path: PathBuf,
    },
    /// The last record is `close`.
    #[error("{path} is closed; nothing can be added")]
    Closed {
        /// The folder.
        path: PathBuf,
    },
    /// Another device wrote it.
    #[error("{path} was written by another device")]
    OtherDevice {
        /// The folder.
        path: PathBuf,
    },
}

/// A log as it was found, torn ends put aside, ready to be taken up.
pub(crate) struct Found {
    pub(crate) chain: Chain,
    /// The newest heads, which may still be cosigned.
    pub(crate) recent: Recent,
    pub(crate) torn: Vec<Torn>,
}

/// Checks every whole line of the log in `dir`, handing each record to `seen`; moves torn ends into `torn/`; signs the
/// head of a last record that was durable before its checkpoint was.
pub(crate) fn take_up(
    disk: &dyn Disk,
    dir: &Path,
    device: &DeviceKey,
    mut seen: impl FnMut(&Record),
) -> Result<Found, RecoveryError> {
    let mut heads = Heads::read(disk, dir, device)?;
    let (chain, records_end) = replay(disk, dir, &heads, &mut seen)?;
    let Some(origin) = chain.origin else {
        return Err(RecoveryError::NeverOpened { path: dir.to_owned() });
    };
    if origin.device != device.public() {
        return Err(RecoveryError::OtherDevice { path: dir.to_owned() });
    }
    if chain.closed {
        return Err(RecoveryError::Closed { path: dir.to_owned() });
    }
    let size = chain.position.tree.size();
    let mut torn = Vec::new();
    for (from, file, end) in
        [(TornFrom::Records, RECORDS, records_end), (TornFrom::Checkpoints, CHECKPOINTS, heads.end)]
    {
        torn.extend(put_aside(disk, dir, from, file, end, size)?);
    }
    torn.extend(put_document_aside(disk, dir, size)?);
    match size - heads.roots.len() as u64 {
        0 => {}
        1 => {
            let note = sign_head(origin.id, size, chain.position.tree.root(), device);
            add_head(disk, dir, &note.to_string())?;
            heads.recent.push(note);
        }
        missing => {
            let why = format!("{missing} tree heads are missing");
            return Err(RecoveryError::Damaged { path: dir.join(CHECKPOINTS), line: size - missing + 1, why });
        }
    }
    Ok(Found { chain, recent: heads.recent, torn })
}

/// The whole lines of `checkpoints.jsonl`.
#[derive(Default)]
struct Heads {
    /// The root of each size from 1.
    roots: Vec<Sha256>,
    recent: Recent,
    end: u64,
}

impl Heads {
    fn read(disk: &dyn Disk, dir: &Path, device: &DeviceKey) -> Result<Self, RecoveryError> {
        let path = dir.join(CHECKPOINTS);
        let mut heads = Self::default();
        let mut lines = match open_synced(disk, &path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(heads),
            other => Lines::new(BufReader::new(other.map_err(reading(&path))?)),
        };
        let mut number = 0;
        while let Some(line) = lines.next().map_err(reading(&path))? {
            number += 1;
            let taken = match line {
                Line::Torn(_) => break,
                Line::TooLong => Err("longer than any line we write".to_owned()),
                Line::Whole(bytes) => heads.take(&bytes, device),
            };
            taken.map_err(|why| RecoveryError::Damaged { path: path.clone(), line: number, why })?;
        }
        heads.end = lines.offset;
        Ok(heads)
    }

    /// A head without cosignatures is the next; one with them repeats a head that is there.
    fn take(&mut self, line: &[u8], device: &DeviceKey) -> Result<(), String> {
        let line: CheckpointLine = canonical::read(line).map_err(|error| error.to_string())?;
        let note = SignedNote::parse(&line.note).map_err(|error| error.to_string())?;
        let Checkpoint { size, root, .. } = *note.verify(&device.public()).map_err(|error| error.to_string())?;
        let expected = self.roots.len() as u64 + 1;
        if note.cosignatures().len() == 0 {
            if size != expected {
                return Err(format!("a head of size {size} where {expected} belongs"));
            }
            self.roots.push(root);
            self.recent.push(note);
            return Ok(());
        }
        let held = size.checked_sub(1).and_then(|at| usize::try_from(at).ok()).and_then(|at| self.roots.get(at));
        if held != Some(&root) {
            return Err(format!("a cosigned head of size {size} that is none of the heads before it"));
        }
        if let Some(held) = self.recent.get_mut(size) {
            *held = note;
        }
        Ok(())
    }
}

/// Checks the whole lines of `records.jsonl`; also where they end.
fn replay(
    disk: &dyn Disk,
    dir: &Path,
    heads: &Heads,
    seen: &mut impl FnMut(&Record),
) -> Result<(Chain, u64), RecoveryError> {
    let path = dir.join(RECORDS);
    let mut lines = Lines::new(BufReader::new(open_synced(disk, &path).map_err(reading(&path))?));
    let mut chain = Chain::default();
    while let Some(line) = lines.next().map_err(reading(&path))? {
        let at = chain.position.tree.size() + 1;
        let damaged = |why: String| RecoveryError::Damaged { path: path.clone(), line: at, why };
        match line {
            Line::Torn(_) => break,
            Line::TooLong => return Err(damaged("longer than any line we write".to_owned())),
            Line::Whole(bytes) => {
                let accepted = chain.step(&bytes).map_err(|fault: Fault| damaged(fault.to_string()))?;
                let head = usize::try_from(at - 1).ok().and_then(|index| heads.roots.get(index));
                if head.is_some_and(|root| *root != chain.position.tree.root()) {
                    return Err(damaged("its tree head has another root".to_owned()));
                }
                seen(&accepted.record);
            }
        }
    }
    if heads.roots.len() as u64 > chain.position.tree.size() {
        let line = chain.position.tree.size() + 1;
        return Err(RecoveryError::Damaged { path, line, why: "records that have a tree head are missing".to_owned() });
    }
    Ok((chain, lines.offset))
}

/// Copies what stands behind the last newline to `torn/`, durably, then cuts it off. A crash in between repeats this.
fn put_aside(
    disk: &dyn Disk,
    dir: &Path,
    from: TornFrom,
    file: &str,
    end: u64,
    seq: u64,
) -> Result<Option<Torn>, RecoveryError> {
    let path = dir.join(file);
    let kept = dir.join(torn_path(from, seq));
    let io = |source| RecoveryError::Io { doing: "cannot put aside the torn end of", path: path.clone(), source };
    let mut tail = Vec::new();
    if disk::length(&path).map_err(io)? > end {
        let mut log = File::open(&path).map_err(io)?;
        log.seek(SeekFrom::Start(end)).and_then(|_| log.take(MAX_TORN_BYTES).read_to_end(&mut tail)).map_err(io)?;
    }
    if !tail.is_empty() {
        write_durably(disk, &kept, &tail).and_then(|()| disk.write_from(&path, end)?.sync()).map_err(io)?;
    }
    attest_torn(&kept, from).map_err(io)
}

/// Most torn bytes kept: more than one line cannot be torn.
const MAX_TORN_BYTES: u64 = 1 << 20;

/// Moves a document that was being written to `torn/`.
fn put_document_aside(disk: &dyn Disk, dir: &Path, seq: u64) -> Result<Option<Torn>, RecoveryError> {
    let path = dir.join(UNFINISHED_DOCUMENT);
    let kept = dir.join(torn_path(TornFrom::Document, seq));
    let io = |source| RecoveryError::Io { doing: "cannot put aside", path: path.clone(), source };
    if path.exists() {
        disk.create_folder(&dir.join(TORN))
            .and_then(|()| disk.rename(&path, &kept))
            .and_then(|()| disk::sync_parent(disk, &kept))
            .map_err(io)?;
    }
    attest_torn(&kept, TornFrom::Document).map_err(io)
}

/// What the kept file holds, if there is one: from this recovery, or one that died before it left its record.
fn attest_torn(kept: &Path, from: TornFrom) -> io::Result<Option<Torn>> {
    match File::open(kept) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => Ok(Some(Torn { from, extent: extent_of(&mut other?)? })),
    }
}

/// Length and digest of all that `file` still holds, in bounded memory.
pub(crate) fn extent_of(file: &mut impl io::Read) -> io::Result<Extent> {
    let mut counted = crate::digest::Counted::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(counted.extent()),
            Ok(read) => counted.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn write_durably(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk.create_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut file = disk.write_from(path, 0)?;
    file.write_all(bytes)?;
    file.sync()?;
    disk::sync_parent(disk, path)
}

fn add_head(disk: &dyn Disk, dir: &Path, note: &str) -> Result<(), RecoveryError> {
    let path = dir.join(CHECKPOINTS);
    disk::length(&path)
        .and_then(|length| disk.write_from(&path, length))
        .and_then(|mut file| file.write_all(&checkpoint_line(note)).and_then(|()| file.sync()))
        .map_err(|source| RecoveryError::Io { doing: "cannot append to", path: path.clone(), source })
}

fn reading(path: &Path) -> impl Fn(io::Error) -> RecoveryError {
    let path = path.to_owned();
    move |source| RecoveryError::Io { doing: "cannot read", path: path.clone(), source }
}
