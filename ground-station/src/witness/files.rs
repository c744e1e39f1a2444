//! The witness folder: one file a flight, appended to durably, by one process at a time.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flight_record::FlightId;
use flight_record::keys::DeviceKey;
use flight_record::witness::Recalled;
use flight_record::witness::file::{FileError, MAX_FILE_BYTES};
use rustix::fs::{FlockOperation, flock};

/// Torn bytes kept: more than one line cannot be torn.
const MAX_TORN_BYTES: u64 = 1 << 20;

/// The folder.
pub(super) struct Files {
    dir: PathBuf,
    /// Held for as long as the process runs.
    _lock: File,
    open: BTreeMap<FlightId, File>,
}

/// A file as it was found.
pub(super) struct Found {
    /// What it says; nothing when there is none, or not one whole line.
    pub(super) recalled: Option<Recalled>,
    /// Where torn bytes were put.
    pub(super) torn: Option<PathBuf>,
}

impl Files {
    /// Takes the folder for this process.
    ///
    /// # Errors
    /// When it cannot be made, or another process has it.
    pub(super) fn take(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        let path = dir.join("witness.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.with_context(|| format!("{} cannot be opened", path.display()))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            bail!("{} is in use by another witness; stop that one, or give --dir another folder", dir.display());
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock, open: BTreeMap::new() })
    }

    fn path(&self, flight: FlightId) -> PathBuf {
        self.dir.join(format!("{flight}.jsonl"))
    }

    /// The newest flights that have a file, newest first.
    pub(super) fn newest(&self, most: usize) -> Result<Vec<FlightId>> {
        let entries = fs::read_dir(&self.dir).with_context(|| format!("{} cannot be listed", self.dir.display()))?;
        let name = |entry: io::Result<fs::DirEntry>| -> Option<FlightId> {
            entry.ok()?.file_name().to_str()?.strip_suffix(".jsonl")?.parse().ok()
        };
        let mut flights: Vec<FlightId> = entries.filter_map(name).collect();
        flights.sort_by_key(|flight| std::cmp::Reverse(*flight));
        flights.truncate(most);
        Ok(flights)
    }

    /// Reads and checks the file of a flight, made durable as it lies there. Torn bytes are put aside.
    ///
    /// # Errors
    /// When it cannot be read, or a line is refused: it is left as it is.
    pub(super) fn recall(&mut self, flight: FlightId, station: &DeviceKey) -> Result<Found> {
        self.open.remove(&flight);
        let path = self.path(flight);
        let name = || path.display().to_string();
        let file = match OpenOptions::new().read(true).append(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found { recalled: None, torn: None }),
            other => other.with_context(|| format!("{} cannot be opened", name()))?,
        };
        let bytes = file.metadata().with_context(name)?.len();
        if bytes > MAX_FILE_BYTES {
            bail!("{} is longer than a witness file may be; move it away", name());
        }
        // What an earlier write left must not vanish once it has been believed.
        file.sync_all().with_context(|| format!("{} cannot be synced", name()))?;
        let (recalled, whole_bytes) = match Recalled::read(BufReader::new(&file), station) {
            Ok(recalled) if recalled.flight() != flight => bail!("{} is of flight {}", name(), recalled.flight()),
            Ok(recalled) => {
                let whole_bytes = recalled.whole_bytes();
                (Some(recalled), whole_bytes)
            }
            Err(FileError::Empty) => (None, 0),
            Err(error) => {
                let cure = "it is left as it is; move it away to begin anew";
                return Err(error).with_context(|| format!("{} is refused; {cure}", name()));
            }
        };
        let torn = if bytes > whole_bytes { Some(self.put_aside(flight, &file, whole_bytes)?) } else { None };
        Ok(Found { recalled, torn })
    }

    /// Copies what stands behind the last whole line to `torn/`, durably, then cuts it off.
    fn put_aside(&self, flight: FlightId, mut file: &File, whole_bytes: u64) -> Result<PathBuf> {
        let folder = self.dir.join("torn");
        let kept = folder.join(format!("{flight}-{whole_bytes}"));
        let mut put = || -> io::Result<()> {
            let mut torn = Vec::new();
            file.seek(SeekFrom::Start(whole_bytes))?;
            file.take(MAX_TORN_BYTES).read_to_end(&mut torn)?;
            fs::create_dir_all(&folder)?;
            let mut out = OpenOptions::new().create(true).append(true).open(&kept)?;
            out.write_all(&torn)?;
            out.sync_all()?;
            File::open(&folder)?.sync_all()?;
            File::open(&self.dir)?.sync_all()?;
            file.set_len(whole_bytes)?;
            file.sync_all()
        };
        put().with_context(|| format!("the torn end of {} cannot be put aside", self.path(flight).display()))?;
        Ok(kept)
    }

    /// Appends a line; it is durable on return.
    ///
    /// # Errors
    /// When it cannot be written: what the file holds is to be read again.
    pub(super) fn append(&mut self, flight: FlightId, line: &[u8]) -> Result<()> {
        let path = self.path(flight);
        let name = || format!("{} cannot be written", path.display());
        if !self.open.contains_key(&flight) {
            let file = OpenOptions::new().create(true).append(true).open(&path).with_context(name)?;
            File::open(&self.dir).and_then(|dir| dir.sync_all()).with_context(name)?;
            self.open.insert(flight, file);
        }
        let Some(mut file) = self.open.get(&flight) else {
            bail!(name());
        };
        if file.metadata().with_context(name)?.len() + line.len() as u64 > MAX_FILE_BYTES {
            bail!("{} is as long as a witness file may be", path.display());
        }
        file.write_all(line).and_then(|()| file.sync_data()).with_context(name)
    }

    /// Lets go of the file of a flight that is over.
    pub(super) fn close(&mut self, flight: FlightId) {
        self.open.remove(&flight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::note::Checkpoint;
    use flight_record::radio::{Beacon, Body};
    use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
    use flight_record::witness::{Step, Witness};
    use flight_record::{ClockSource, Sha256, Stamp};

    const AT: Stamp = Stamp { mono_ns: 1, utc_us: 1_000_000, source: ClockSource::Rtc, uncertainty_us: 1 };

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_seed([n; 32])
    }

    /// The first lines of a witness file.
    fn lines() -> (FlightId, Vec<Vec<u8>>) {
        let request = EnrolmentRequest::write(&key(1), "aircraft".parse().unwrap(), 0);
        let trust = TrustList::first("unit".parse().unwrap(), key(9).public(), 0);
        let validity = Validity { from_utc_us: 0, days: 1 };
        let request = EnrolmentRequest::read(&request).unwrap();
        let trust = trust.with_key(&request, Grant::device(Class::Simulated), validity).unwrap();
        let head = Checkpoint { flight: FlightId::new(0, [1; 10]), size: 3, root: Sha256::of(b"root") };
        let mut witness = Witness::new(key(2), trust);
        witness.hear(&Body::Beacon(Beacon::of(&head.sign(&key(1)), false).unwrap()), AT);
        let steps = witness.recalled(head.flight, None, AT);
        let line = |step| if let Step::Persist { line, .. } = step { Some(line) } else { None };
        (head.flight, steps.into_iter().filter_map(line).collect())
    }

    #[test]
    fn one_process_a_folder() {
        let temp = tempfile::tempdir().unwrap();
        let first = Files::take(temp.path()).unwrap();
        assert!(Files::take(temp.path()).err().unwrap().to_string().contains("another witness"));
        drop(first);
        Files::take(temp.path()).unwrap();
    }

    #[test]
    fn a_torn_line_is_put_aside_at_every_cut_and_nothing_is_lost() {
        let (flight, lines) = lines();
        assert!(lines.len() >= 3, "begin, nonce, seen");
        let whole = lines.concat();
        for cut in (0..=whole.len()).step_by(13) {
            let temp = tempfile::tempdir().unwrap();
            let mut files = Files::take(temp.path()).unwrap();
            files.append(flight, &whole[..cut]).unwrap();
            let found = files.recall(flight, &key(2)).unwrap();
            let kept = found.torn.map_or_else(Vec::new, |path| fs::read(path).unwrap());
            let left = fs::read(temp.path().join(format!("{flight}.jsonl"))).unwrap();
            assert_eq!([&left[..], &kept].concat(), whole[..cut], "cut at {cut}");
            assert!(left.is_empty() || left.ends_with(b"\n"));
            assert_eq!(found.recalled.is_some(), !left.is_empty());
            assert_eq!(files.newest(9).unwrap(), [flight]);
        }
    }

    #[test]
    fn other_damage_is_refused_by_name_and_left_as_it_is() {
        let (flight, lines) = lines();
        let mut bytes = lines.concat();
        bytes[lines[0].len() + 40] ^= 1;
        let temp = tempfile::tempdir().unwrap();
        let mut files = Files::take(temp.path()).unwrap();
        files.append(flight, &bytes).unwrap();
        let refused = format!("{:#}", files.recall(flight, &key(2)).err().unwrap());
        assert!(refused.contains(&flight.to_string()) && refused.contains("line 2"), "{refused}");
        let other = format!("{:#}", files.recall(flight, &key(3)).err().unwrap());
        assert!(other.contains("not known here"), "{other}");
        assert_eq!(fs::read(temp.path().join(format!("{flight}.jsonl"))).unwrap(), bytes);
    }
}
