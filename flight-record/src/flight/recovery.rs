//! Taking up a flight after a crash or a power cut. Nothing is decrypted: the aircraft holds no secret that could.

use super::{Flight, FlightError, Open, UsedIndices};
use crate::canonical;
use crate::digest::Sha256;
use crate::disk::{Disk, LocalDisk, open_synced};
use crate::durable;
use crate::keys::{DeviceKey, KeyId};
use crate::layout::{CHECKPOINTS, RECORDS, SealedName};
use crate::log::chain::claimed;
use crate::log::lines::{Line, Lines};
use crate::log::recovery::{self, Found, extent_of};
use crate::log::{CheckpointLine, Log, RecoveryError};
use crate::names::{BootId, FlightId};
use crate::note::{Checkpoint, SignedNote};
use crate::record::{Counts, FoundFile, FromGround, Kind, MAX_LINE_BYTES, MAX_RECORDS, PrevFlight, Record, Recovered};
use crate::seal::Sealer;
use crate::stamp::Stamp;
use crate::tree;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files in one `recovered` record, so that it fits its line; more make more records.
const FILES_PER_RECORD: usize = 200;

impl Flight<Open> {
    /// Takes up the flight in `dir` after the program or the computer died: checks every record, puts torn ends aside,
    /// attests each unfinished file as it lies there, in one or more `recovered` records, which are returned. They are
    /// signed by the evolving key if it survived in `key_dir`, else by the device key.
    ///
    /// # Errors
    /// When the flight is closed, damaged or another device's: it is then left as it is.
    pub fn resume(
        dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        boot_id: BootId,
        at: Stamp,
    ) -> Result<(Self, Resumed), FlightError> {
        let disk: Arc<dyn Disk> = Arc::new(LocalDisk);
        Self::resume_on(&disk, dir, device, key_dir, boot_id, at)
    }

    /// The same on a disk of the caller's.
    ///
    /// # Errors
    /// As [`Flight::resume`].
    pub fn resume_on(
        disk: &Arc<dyn Disk>,
        dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        boot_id: BootId,
        at: Stamp,
    ) -> Result<(Self, Resumed), FlightError> {
        sync_folders(&**disk, dir).map_err(|source| RecoveryError::Io {
            doing: "cannot sync the folders of",
            path: dir.to_owned(),
            source,
        })?;
        let mut before = Before::default();
        let found = recovery::take_up(&**disk, dir, device, |record| before.note(record))?;
        let Found { chain, recent, torn } = found;
        let never = || RecoveryError::NeverOpened { path: dir.to_owned() };
        let origin = chain.origin.ok_or_else(never)?;
        let previous_boot_id = chain.boot_id.ok_or_else(never)?;
        let Some(Kind::Open(open)) = before.open else {
            return Err(never().into());
        };
        let sealer = Sealer::new(disk.clone(), dir, &open.recipients)?;
        let files = unfinished(&**disk, dir, &before.finished)?;
        let log = Log::take_up(&**disk, dir, (origin.id, boot_id), device, key_dir, (chain.position, recent))?;
        let mut used = UsedIndices::default();
        let mut finished = before.finished;
        finished.extend(files.iter().map(|found| found.file.clone()));
        finished.iter().for_each(|name| used.note(name));
        let mut flight = Self {
            dir: dir.to_owned(),
            id: origin.id,
            state: Open {
                log,
                sealer,
                counts: before.counts,
                used,
                finished,
                from_ground: before.from_ground,
                head: None,
            },
        };
        let mut records = vec![Recovered { previous_boot_id, files: Vec::new(), torn }];
        for (at, chunk) in files.chunks(FILES_PER_RECORD).enumerate() {
            if at > 0 {
                records.push(Recovered { previous_boot_id: boot_id, files: Vec::new(), torn: Vec::new() });
            }
            records[at].files = chunk.to_vec();
        }
        for recovered in &records {
            flight.write(Kind::Recovered(recovered.clone()), at)?;
        }
        let resumed = Resumed { records, pts_epoch_utc_us: open.pts_epoch_utc_us, recording: before.recording };
        Ok((flight, resumed))
    }

    /// Whether the evolving key survived, so that what was written before the crash is still protected by it.
    pub fn has_evolving_key(&self) -> bool {
        self.state.log.has_evolving_key()
    }
}

/// What a flight that is taken up was doing.
pub struct Resumed {
    /// The `recovered` records that were written.
    pub records: Vec<Recovered>,
    /// POSIX µs that PTS 90000 stands for, as `open` said.
    pub pts_epoch_utc_us: i64,
    /// The last `recording-started` has no `recording-stopped` after it.
    pub recording: bool,
}

/// What the records before the crash say.
#[derive(Default)]
struct Before {
    recording: bool,
    open: Option<Kind>,
    counts: Counts,
    /// Files that a record finishes or that an earlier recovery attested.
    finished: BTreeSet<SealedName>,
    from_ground: FromGround,
}

impl Before {
    fn note(&mut self, record: &Record) {
        self.counts.add(&record.kind);
        self.finished.extend(record.kind.finishes());
        if let Kind::Event(event) = &record.kind {
            match event.code.as_str() {
                "recording-started" => self.recording = true,
                "recording-stopped" => self.recording = false,
                _ => {}
            }
        }
        self.from_ground.note(&record.kind);
        if matches!(record.kind, Kind::Open(_)) {
            self.open = Some(record.kind.clone());
        }
    }
}

/// The sealed files in `dir` that no record finishes, synced and hashed as they lie there, in the order of their names.
pub(super) fn unfinished(
    disk: &dyn Disk,
    dir: &Path,
    finished: &BTreeSet<SealedName>,
) -> Result<Vec<FoundFile>, RecoveryError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| RecoveryError::Io { doing: "cannot attest", path, source }
    };
    let mut found = Vec::new();
    for file in sealed_files(dir).map_err(io(dir))?.into_iter().filter(|name| !finished.contains(name)) {
        let path = file.under(dir);
        let mut opened = open_synced(disk, &path).map_err(io(&path))?;
        found.push(FoundFile { file, sealed: extent_of(&mut opened).map_err(io(&path))? });
    }
    Ok(found)
}

/// Makes every name in the flight durable, and its own: a program that died, or a disk that failed, may have left some that
/// are there, or gone, only until the power is.
pub(super) fn sync_folders(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    for above in dir.ancestors().skip(1).take(2).filter(|above| !above.as_os_str().is_empty()) {
        disk.sync_folder(above)?;
    }
    entries(dir, |path, is_folder| if is_folder { disk.sync_folder(&dir.join(path)) } else { Ok(()) })?;
    disk.sync_folder(dir)
}

/// Every regular file whose path is that of a sealed file.
fn sealed_files(dir: &Path) -> io::Result<BTreeSet<SealedName>> {
    let mut found = BTreeSet::new();
    entries(dir, |path, is_folder| {
        found.extend((!is_folder).then(|| path.parse::<SealedName>().ok()).flatten());
        Ok(())
    })?;
    Ok(found)
}

/// Calls `each` with the path of every folder and regular file in `dir`, as deep as a flight goes.
fn entries(dir: &Path, mut each: impl FnMut(&str, bool) -> io::Result<()>) -> io::Result<()> {
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(dir.join(&folder))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < 2 {
                each(&path, true)?;
                folders.push((path, depth + 1));
            } else if kind.is_file() {
                each(&path, false)?;
            }
        }
    }
    Ok(())
}

/// The folders of flights that hold a record and do not end with `close`, oldest first: each is to be resumed or reported.
///
/// # Errors
/// When `flights_dir` cannot be listed; one that does not exist holds no flights.
pub fn unclosed(flights_dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut open = Vec::new();
    for id in flight_ids(flights_dir)? {
        let dir = flights_dir.join(id.to_string());
        // What nobody can read ends no flight, and hides none of the others: taking it up says what is wrong with it.
        let ended = match last_line(&dir) {
            Ok(None) => continue,
            Ok(Some(line)) => claimed(&line).is_some_and(|record| matches!(record.kind, Kind::Close(_))),
            Err(_) => false,
        };
        if !ended {
            open.push(dir);
        }
    }
    Ok(open)
}

/// Where the newest head is kept while its flight is erased, in the folder of the flights.
const KEPT_HEAD: &str = "newest-head.json";

/// The newest head of the newest flight: what the next `open` names, so that a dropped flight shows. A flight that was
/// erased by order is remembered ([`keep_head`]).
///
/// # Errors
/// When `flights_dir` cannot be listed.
pub fn last_head(flights_dir: &Path) -> io::Result<Option<PrevFlight>> {
    let kept = match fs::read(flights_dir.join(KEPT_HEAD)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        // A torn, foreign or unreadable file says nothing, and must not ground the aircraft.
        other => other.ok().and_then(|bytes| canonical::read::<PrevFlight>(&bytes).ok()),
    };
    let lying = newest_lying(flights_dir)?;
    Ok(match (lying, kept) {
        (Some(lying), Some(kept)) if kept.id > lying.id => Some(kept),
        (lying, kept) => lying.or(kept),
    })
}

/// Keeps the newest head, durably, before its flight is erased.
///
/// # Errors
/// When it cannot be read or written.
pub fn keep_head(flights_dir: &Path) -> io::Result<()> {
    match last_head(flights_dir)? {
        Some(head) => durable::replace(&flights_dir.join(KEPT_HEAD), &canonical::write(&head), 0o644),
        None => Ok(()),
    }
}

/// The newest head of the newest flight that lies there.
fn newest_lying(flights_dir: &Path) -> io::Result<Option<PrevFlight>> {
    for id in flight_ids(flights_dir)?.into_iter().rev() {
        let path = flights_dir.join(id.to_string()).join(CHECKPOINTS);
        // Nor may a damaged flight keep the next from being recorded.
        if let Ok(Some(head)) = last_of(&path, claimed_head) {
            return Ok(Some(PrevFlight { id, size: head.size, root: head.root }));
        }
    }
    Ok(None)
}

/// Whether the flight in `dir` was being recorded, as far as its records can be read. Unverified: it serves a program that
/// cannot take the flight up, and goes on recording in another.
pub fn was_recording(dir: &Path) -> bool {
    let said = last_of(&dir.join(RECORDS), |line| match claimed(line)?.kind {
        Kind::Event(event) if event.code.as_str() == "recording-started" => Some(true),
        Kind::Event(event) if event.code.as_str() == "recording-stopped" => Some(false),
        _ => None,
    });
    said.ok().flatten().unwrap_or(false)
}

/// What the last whole record of the flight in `dir` says of its boot and its time. Unverified: it serves a program that
/// takes the flight up in the same boot to go on with the same mapping to the time of day.
///
/// # Errors
/// When the records cannot be read.
pub fn last_stamp(dir: &Path) -> io::Result<Option<(BootId, Stamp)>> {
    Ok(last_record(dir)?.map(|record| {
        let at = Stamp {
            mono_ns: record.mono_ns,
            utc_us: record.utc_us,
            source: record.clock.source,
            uncertainty_us: record.clock.uncertainty_us,
        };
        (record.boot_id, at)
    }))
}

/// What the first and the last whole record of a folder claim; nobody has checked them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClaimedEnds {
    /// The device of the first record.
    pub(crate) device: Option<KeyId>,
    /// The last one is `close`.
    pub(crate) closed: bool,
}

/// The ends of the flight in `dir`, without reading what lies between them.
pub(crate) fn claimed_ends(dir: &Path) -> io::Result<ClaimedEnds> {
    let path = dir.join(RECORDS);
    if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        return Ok(ClaimedEnds::default());
    }
    let device = match Lines::new(BufReader::new(File::open(&path)?)).next()? {
        Some(Line::Whole(first)) => claimed(&first).map(|record| record.device_id),
        _ => None,
    };
    let closed = claimed(&last_whole_line(&path)?).is_some_and(|record| matches!(record.kind, Kind::Close(_)));
    Ok(ClaimedEnds { device, closed })
}

/// The last whole line of a log without its newline, read from the end; empty where there is none.
pub(crate) fn last_whole_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    // Room for the longest line and a torn one behind it.
    let tail_bytes = 2 * (MAX_LINE_BYTES as u64 + 1);
    let from = file.metadata()?.len().saturating_sub(tail_bytes);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(tail_bytes).read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(&[][..], |end| &tail[..end]);
    Ok(whole.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().to_vec())
}

/// The flights whose folders lie in `flights_dir`, oldest first.
///
/// # Errors
/// When it cannot be listed; one that does not exist holds no flights.
pub fn flight_ids(flights_dir: &Path) -> io::Result<BTreeSet<FlightId>> {
    let entries = match fs::read_dir(flights_dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        other => other?,
    };
    entries
        .map(|entry| Ok(entry?.file_name().to_str().and_then(|name| name.parse().ok())))
        .filter_map(Result::transpose)
        .collect()
}

/// The leaf hashes of the flight in `dir`, one a whole record: what a program that takes the flight up again hands to
/// witnesses that missed some. Nothing is verified.
///
/// # Errors
/// When the records cannot be read, or are more than a flight may have.
pub fn leaves(dir: &Path) -> io::Result<Vec<Sha256>> {
    let mut lines = Lines::new(BufReader::new(File::open(dir.join(RECORDS))?));
    let mut leaves = Vec::new();
    while let Some(line) = lines.next()? {
        match line {
            Line::Whole(_) if leaves.len() as u64 >= MAX_RECORDS => return Err(io::ErrorKind::FileTooLarge.into()),
            Line::Whole(bytes) => leaves.push(tree::leaf_hash(&bytes)),
            Line::Torn(_) | Line::TooLong => break,
        }
    }
    Ok(leaves)
}

/// The last whole record, unverified, if it can be read.
fn last_record(dir: &Path) -> io::Result<Option<Record>> {
    Ok(last_line(dir)?.and_then(|line| claimed(&line)))
}

fn last_line(dir: &Path) -> io::Result<Option<Vec<u8>>> {
    last_of(&dir.join(RECORDS), |line| Some(line.to_vec()))
}

/// The head a line of `checkpoints.jsonl` says, unless it only repeats one with what stations say of it.
fn claimed_head(line: &[u8]) -> Option<Checkpoint> {
    let line: CheckpointLine = canonical::read(line).ok()?;
    let note = SignedNote::parse(&line.note).ok()?;
    (note.cosignatures().len() == 0).then(|| note.claimed().clone())
}

/// What `read` makes of the last whole line that it makes something of, or none where there is no file.
fn last_of<T>(path: &Path, read: impl Fn(&[u8]) -> Option<T>) -> io::Result<Option<T>> {
    let mut lines = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => Lines::new(BufReader::new(other?)),
    };
    let mut last = None;
    while let Some(line) = lines.next()? {
        if let Line::Whole(bytes) = line {
            last = read(&bytes).or(last);
        }
    }
    Ok(last)
}
