//! The folder of drafts: a file a flight, and beside it, while it is flown, a journal of what was heard.
//!
//! `ID.json` is a draft. `ID.journal` is a flight that is under way, or that nobody saw the end of: what was heard of it, a line a second,
//! safe on the disk some seconds later. Nothing is ever overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use mission_profiles::flight_log::{Drafter, Entry, Header, MAX_ENTRY_BYTES, Sample};
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

const DRAFT: &str = "json";
const JOURNAL: &str = "journal";
/// Where drafts lie that were entered.
const ENTERED: &str = "entered";
/// Longest journal read, bytes: four days.
const MAX_JOURNAL_BYTES: u64 = 64 << 20;
/// Lines may be lost for so long in a crash, milliseconds.
const SYNC_MS: u64 = 2_000;
/// Flights of one second and one aircraft that are told apart.
const MAX_TWINS: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-flight-journal/1")]
    V1,
}

/// A line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// The first.
    Begun(Box<Begun>),
    /// What was heard.
    Heard(Sample),
    /// What follows was heard by another run of the program.
    TakenUp,
}

/// Whose journal it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    schema: Schema,
    id: String,
    system: u8,
    header: Header,
}

/// A flight being flown.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    pub(super) id: String,
    /// Locked for as long as this run writes it.
    file: File,
    synced_ms: u64,
}

/// A journal as it was found.
#[derive(Debug)]
pub(super) struct Replayed {
    pub(super) id: String,
    pub(super) system: u8,
    pub(super) header: Header,
    pub(super) last: Option<Sample>,
    pub(super) drafter: Drafter,
    /// The flight's entry, where it had ended.
    pub(super) ended: Option<Entry>,
    /// Bytes of whole lines.
    whole_bytes: u64,
}

impl Journal {
    /// Begins the journal of a flight called `id`, or `id-2` where that name is taken.
    pub(super) fn begin(dir: &Path, id: &str, system: u8, header: &Header) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        for twin in 1..MAX_TWINS {
            let id = if twin == 1 { id.to_owned() } else { format!("{id}-{twin}") };
            let path = dir.join(format!("{id}.{JOURNAL}"));
            if dir.join(format!("{id}.{DRAFT}")).exists() {
                continue;
            }
            let file = match OpenOptions::new().append(true).read(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other.with_context(|| format!("{} cannot be made", path.display()))?,
            };
            let mut journal = Self { path, id: id.clone(), file, synced_ms: 0 };
            journal.lock()?;
            let begun = Begun { schema: Schema::V1, id, system, header: header.clone() };
            journal.put(&Line::Begun(Box::new(begun)))?;
            sync_folder(dir)?;
            return Ok(journal);
        }
        bail!("{} holds {MAX_TWINS} flights of this second; move them away", dir.display())
    }

    /// Takes up a journal that no run of the program writes; a line that was never finished is cut off.
    pub(super) fn take_up(path: &Path) -> Result<(Self, Replayed)> {
        let name = || path.display().to_string();
        let file = OpenOptions::new().append(true).read(true).open(path).with_context(name)?;
        let mut journal = Self { path: path.to_owned(), id: String::new(), file, synced_ms: 0 };
        journal.lock()?;
        let replayed = replay(&journal.file, path)?;
        journal.id.clone_from(&replayed.id);
        journal.file.set_len(replayed.whole_bytes).with_context(name)?;
        Ok((journal, replayed))
    }

    fn lock(&self) -> Result<()> {
        flock(&self.file, FlockOperation::NonBlockingLockExclusive)
            .with_context(|| format!("{} is being written by another program", self.path.display()))
    }

    /// Notes that another run of the program goes on.
    pub(super) fn taken_up(&mut self) -> Result<()> {
        self.put(&Line::TakenUp)
    }

    /// Adds what was heard; it is safe on the disk within some seconds.
    pub(super) fn heard(&mut self, sample: &Sample) -> Result<()> {
        self.put(&Line::Heard(*sample))?;
        if sample.mono_ms.abs_diff(self.synced_ms) >= SYNC_MS {
            self.sync()?;
            self.synced_ms = sample.mono_ms;
        }
        Ok(())
    }

    fn put(&mut self, line: &Line) -> Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes).with_context(|| format!("{} cannot be written", self.path.display()))
    }

    /// Everything so far, safe on the disk.
    pub(super) fn sync(&self) -> Result<()> {
        self.file.sync_data().with_context(|| format!("{} cannot be synced", self.path.display()))
    }

    /// Writes the draft of the flight, which has ended, and lets go of the journal; the draft's place.
    pub(super) fn finish(self, entry: Entry) -> Result<PathBuf> {
        self.sync()?;
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let entry = Entry { id: self.id.clone(), ..entry };
        let path = dir.join(format!("{}.{DRAFT}", self.id));
        let bytes = entry.write()?;
        // There already: written by a run that ended before it could let go of the journal.
        let there = fs::read(&path).is_ok_and(|there| there == bytes);
        if !there {
            put_new(&path, &bytes)?;
        }
        fs::remove_file(&self.path).with_context(|| format!("{} cannot be removed", self.path.display()))?;
        sync_folder(dir)?;
        Ok(path)
    }
}

impl Replayed {
    fn of(begun: Begun) -> Self {
        let Begun { id, system, header, .. } = begun;
        let drafter = Drafter::new(header.clone());
        Self { id, system, header, last: None, drafter, ended: None, whole_bytes: 0 }
    }

    fn hear(&mut self, sample: Sample) {
        self.last = Some(sample);
        self.ended = self.drafter.hear(sample).or(self.ended.take());
    }
}

/// What a journal says.
fn replay(file: &File, path: &Path) -> Result<Replayed> {
    let name = || format!("{} cannot be read", path.display());
    let mut bytes = Vec::new();
    file.take(MAX_JOURNAL_BYTES + 1).read_to_end(&mut bytes).with_context(name)?;
    if bytes.len() as u64 > MAX_JOURNAL_BYTES {
        bail!("{} is longer than any flight's journal", path.display());
    }
    let mut replayed: Option<Replayed> = None;
    let mut whole_bytes = 0;
    for (number, text) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        // Without its newline a line was never finished.
        let Some(text) = text.strip_suffix(b"\n") else { break };
        whole_bytes += text.len() as u64 + 1;
        let at = || format!("{}:{}", path.display(), number + 1);
        let misplaced = || format!("{}: a line of a journal that does not stand there", at());
        match serde_json::from_slice::<Line>(text).with_context(at)? {
            Line::Begun(begun) if replayed.is_none() => replayed = Some(Replayed::of(*begun)),
            Line::Begun(_) => bail!(misplaced()),
            Line::Heard(sample) => replayed.as_mut().with_context(misplaced)?.hear(sample),
            Line::TakenUp => replayed.as_mut().with_context(misplaced)?.drafter.taken_up(),
        }
    }
    let mut replayed = replayed
        .with_context(|| format!("{} says nothing: the program died as it made it; remove it", path.display()))?;
    replayed.whole_bytes = whole_bytes;
    Ok(replayed)
}

/// What lies in a folder of drafts.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// Drafts, oldest first.
    pub(super) drafts: Vec<PathBuf>,
    /// Flights under way, or that nobody saw the end of.
    pub(super) journals: Vec<PathBuf>,
}

impl Folder {
    /// Looks; a folder that is not there is empty.
    pub(super) fn look(dir: &Path) -> Result<Self> {
        let mut found = Self::default();
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            other => other.with_context(|| format!("{} cannot be listed", dir.display()))?,
        };
        for entry in entries {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some(DRAFT) => found.drafts.push(path),
                Some(JOURNAL) => found.journals.push(path),
                _ => {}
            }
        }
        found.drafts.sort();
        found.journals.sort();
        Ok(found)
    }
}

/// The flight of a journal as far as it goes, and whether a run of the program is writing it.
pub(super) fn peek(path: &Path) -> Result<(Replayed, bool)> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let under_way = flock(&file, FlockOperation::NonBlockingLockShared).is_err();
    Ok((replay(&file, path)?, under_way))
}

/// Reads a draft.
pub(super) fn draft(path: &Path) -> Result<Entry> {
    let cannot = || format!("{} cannot be read", path.display());
    let mut bytes = Vec::new();
    File::open(path)
        .with_context(cannot)?
        .take(MAX_ENTRY_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(cannot)?;
    Entry::read(&bytes).with_context(|| path.display().to_string())
}

/// Puts a draft that was entered aside.
pub(super) fn put_aside(path: &Path) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new(".")).join(ENTERED);
    let name = || format!("{} cannot be put into {}", path.display(), dir.display());
    fs::create_dir_all(&dir).with_context(name)?;
    let to = dir.join(path.file_name().unwrap_or_default());
    if to.exists() {
        bail!("{}: {} is there already", name(), to.display());
    }
    fs::rename(path, &to).with_context(name)?;
    sync_folder(&dir)
}

/// Puts a file there whole and durably; one that is there is not written over.
pub(super) fn put_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = || format!("{} cannot be written", path.display());
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let put = || -> io::Result<()> {
        let mut file = File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        match renameat_with(CWD, &fresh, CWD, path, RenameFlags::NOREPLACE) {
            // File systems that cannot look and rename at once can link.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => fs::hard_link(&fresh, path),
            other => Ok(other?),
        }
    };
    let done = put().with_context(name);
    // Renamed, linked or no use: either way it goes.
    drop(fs::remove_file(&fresh));
    done?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

fn sync_folder(dir: &Path) -> Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir).and_then(|dir| dir.sync_all()).with_context(|| format!("{} cannot be synced", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mission_profiles::place::Position;

    fn sample(second: i64, in_air: bool) -> Sample {
        Sample {
            at: jiff::Timestamp::from_second(1_800_000_000 + second).unwrap(),
            mono_ms: u64::try_from(second * 1_000).unwrap(),
            position: Position::new(51.5, -0.1),
            height_m: Some(10.0),
            armed: true,
            in_air,
            battery_percent: None,
        }
    }

    fn flying(dir: &Path, seconds: i64) -> Journal {
        let mut journal = Journal::begin(dir, "F", 1, &Header::default()).unwrap();
        for second in 0..=seconds {
            journal.heard(&sample(second, true)).unwrap();
        }
        journal
    }

    #[test]
    fn a_journal_is_replayed_whole_at_every_cut() {
        let temp = tempfile::tempdir().unwrap();
        drop(flying(temp.path(), 20));
        let path = temp.path().join("F.journal");
        let whole = fs::read(&path).unwrap();
        let begun = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in (0..whole.len()).step_by(7) {
            fs::write(&path, &whole[..cut]).unwrap();
            let found = Journal::take_up(&path);
            if cut < begun {
                assert!(found.unwrap_err().to_string().contains("says nothing"), "{cut}");
                continue;
            }
            let (mut journal, mut replayed) = found.unwrap();
            assert_eq!(fs::read(&path).unwrap(), whole[..usize::try_from(replayed.whole_bytes).unwrap()], "{cut}");
            journal.taken_up().unwrap();
            replayed.drafter.taken_up();
            journal.heard(&sample(60, true)).unwrap();
            assert_eq!(replayed.drafter.hear(sample(60, true)), None);
            let again = peek(&path).unwrap();
            assert!(again.1, "this run has it");
            assert_eq!((again.0.last.unwrap().mono_ms, again.0.drafter.is_flying()), (60_000, true), "{cut}");
        }
    }

    #[test]
    fn one_run_writes_a_journal_and_twins_are_told_apart() {
        let temp = tempfile::tempdir().unwrap();
        let first = flying(temp.path(), 1);
        assert!(format!("{:#}", Journal::take_up(&first.path).unwrap_err()).contains("another program"));
        let second = flying(temp.path(), 1);
        assert_eq!((first.id.as_str(), second.id.as_str()), ("F", "F-2"));
        let mut drafter = Drafter::new(Header::default());
        drafter.hear(sample(0, true));
        drafter.hear(sample(9, true));
        let entry = drafter.end().unwrap();
        let written = second.finish(entry.clone()).unwrap();
        assert_eq!(draft(&written).unwrap().id, "F-2");
        // A draft of a run that died before it let go of its journal.
        fs::write(temp.path().join("F.json"), Entry { id: "F".into(), ..entry.clone() }.write().unwrap()).unwrap();
        first.finish(entry.clone()).unwrap();
        let found = Folder::look(temp.path()).unwrap();
        assert_eq!((found.drafts.len(), found.journals.len()), (2, 0));
        // Another flight's draft of the same name stays as it is, and so does the journal.
        let third = flying(temp.path(), 1);
        fs::write(temp.path().join("F-3.json"), "other").unwrap();
        assert!(third.finish(entry).is_err());
        assert_eq!(fs::read(temp.path().join("F-3.json")).unwrap(), b"other");
        assert_eq!(Folder::look(temp.path()).unwrap().journals.len(), 1);
        put_aside(&written).unwrap();
        assert!(temp.path().join("entered/F-2.json").is_file());
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let temp = tempfile::tempdir().unwrap();
        drop(flying(temp.path(), 3));
        let path = temp.path().join("F.journal");
        let whole = fs::read_to_string(&path).unwrap();
        let twice = format!("{whole}{}\n", whole.lines().next().unwrap());
        for (text, line) in [(whole.replacen("heard", "hoard", 1), 2), (twice, 6), ("{}\n".into(), 1)] {
            fs::write(&path, text).unwrap();
            let error = format!("{:#}", peek(&path).unwrap_err());
            assert!(error.contains(&format!("F.journal:{line}")), "{error}");
        }
    }
}
