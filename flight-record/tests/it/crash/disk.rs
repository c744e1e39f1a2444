//! A disk that keeps account of every step done to it, and fails at the step it is told to.
//!
//! The files lie in a real folder in memory, because readers read there; what a crash would leave of them is worked out
//! from the account alone ([`super::cut`]).

use super::cut::Image;
use flight_record::disk::{Disk, DiskFile, LocalDisk};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// A step, with paths relative to the root of the disk. A file keeps its number over renames.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    MakeFolder(PathBuf),
    Create(PathBuf, usize),
    Write {
        file: usize,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: usize,
        keep: usize,
    },
    Sync(usize),
    /// A sync failed: what was written may be lost, whatever later syncs say.
    Lost(usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    SyncFolder(PathBuf),
}

/// What a folder of keys holds: it outlives the process, not the power.
pub(crate) type Keys = BTreeMap<PathBuf, Vec<u8>>;

/// What goes wrong, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// At this call, counted from 0.
    pub(crate) at: usize,
    /// `ENOSPC` or `EIO`.
    pub(crate) errno: i32,
    /// And at every later one, until [`Recorded::mend`].
    pub(crate) stays: bool,
    /// After a failed sync the system forgets at once what it could not write.
    pub(crate) forgets: bool,
}

pub(crate) const ENOSPC: i32 = 28;
pub(crate) const EIO: i32 = 5;

#[derive(Default)]
struct Account {
    steps: Vec<(Step, Keys)>,
    numbers: BTreeMap<PathBuf, usize>,
    /// Length of each file, and how much of it is synced.
    lengths: Vec<(usize, usize)>,
    fault: Option<Fault>,
    calls: usize,
}

impl Account {
    fn replay(&mut self, step: &Step) {
        match step {
            Step::Create(path, file) => {
                self.numbers.insert(path.clone(), *file);
                self.lengths.resize(self.lengths.len().max(file + 1), (0, 0));
            }
            Step::Write { file, at, bytes } => self.lengths[*file].0 = self.lengths[*file].0.max(at + bytes.len()),
            Step::Cut { file, keep } => self.lengths[*file] = (*keep, self.lengths[*file].1.min(*keep)),
            Step::Sync(file) => self.lengths[*file].1 = self.lengths[*file].0,
            Step::Rename(from, to) => {
                let file = self.numbers.remove(from).unwrap();
                self.numbers.insert(to.clone(), file);
            }
            Step::Remove(path) => drop(self.numbers.remove(path)),
            Step::MakeFolder(_) | Step::Lost(_) | Step::SyncFolder(_) => {}
        }
    }
}

/// The disk. The folder of the keys lies beside it and is looked at before every step.
pub(crate) struct Recorded {
    pub(crate) root: PathBuf,
    pub(crate) keys: PathBuf,
    account: Mutex<Account>,
}

impl Recorded {
    /// A disk in `root` that held `base`, durably, and has done `steps` since.
    pub(crate) fn new(root: &Path, keys: &Path, base: &Image, steps: &[(Step, Keys)]) -> Arc<Self> {
        let mut account = Account { steps: steps.to_vec(), ..Account::default() };
        for (path, bytes) in &base.files {
            account.numbers.insert(path.clone(), account.lengths.len());
            account.lengths.push((bytes.len(), bytes.len()));
        }
        for (step, _) in steps {
            account.replay(step);
        }
        Arc::new(Self { root: root.to_owned(), keys: keys.to_owned(), account: Mutex::new(account) })
    }

    pub(crate) fn handle(self: &Arc<Self>) -> Arc<dyn Disk> {
        Arc::new(Handle(self.clone()))
    }

    pub(crate) fn fail(&self, fault: Fault) {
        self.account().fault = Some(fault);
    }

    /// The disk works again.
    pub(crate) fn mend(&self) {
        self.account().fault = None;
    }

    /// Steps done so far.
    pub(crate) fn len(&self) -> usize {
        self.account().steps.len()
    }

    /// Calls made so far, failed ones too.
    pub(crate) fn calls(&self) -> usize {
        self.account().calls
    }

    /// Every step, with the keys as they were before it.
    pub(crate) fn steps(&self) -> Vec<(Step, Keys)> {
        self.account().steps.clone()
    }

    pub(crate) fn held_keys(&self) -> Keys {
        let Ok(entries) = fs::read_dir(&self.keys) else { return Keys::new() };
        entries.map(|entry| entry.unwrap().path()).map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap()
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(Path::new("")).to_owned()
    }

    fn note(&self, step: Step) {
        let keys = self.held_keys();
        self.account().steps.push((step, keys));
    }

    /// Counts a call; the fault that strikes it, if any.
    fn call(&self) -> Result<(), Fault> {
        let mut account = self.account();
        let call = account.calls;
        account.calls += 1;
        match account.fault {
            Some(fault) if call == fault.at || (fault.stays && call > fault.at) => Err(fault),
            _ => Ok(()),
        }
    }

    fn may(&self) -> io::Result<()> {
        self.call().map_err(|fault| io::Error::from_raw_os_error(fault.errno))
    }

    fn opened(self: &Arc<Self>, file: usize, at: usize, inner: Box<dyn DiskFile>, path: &Path) -> Box<dyn DiskFile> {
        Box::new(RecordedFile { disk: self.clone(), file, at, inner, path: path.to_owned() })
    }
}

struct Handle(Arc<Recorded>);

impl Disk for Handle {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.0.may()?;
        LocalDisk.make_folder(path)?;
        self.0.note(Step::MakeFolder(self.0.relative(path)));
        Ok(())
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.0.may()?;
        let inner = LocalDisk.create_new(path)?;
        Ok(self.0.opened(self.created(path), 0, inner, path))
    }

    fn write_from(&self, path: &Path, keep: u64) -> io::Result<Box<dyn DiskFile>> {
        self.0.may()?;
        let inner = LocalDisk.write_from(path, keep)?;
        let keep = usize::try_from(keep).unwrap();
        let known = self.0.account().numbers.get(&self.0.relative(path)).copied();
        let file = known.unwrap_or_else(|| self.created(path));
        if self.0.account().lengths[file].0 != keep {
            self.0.cut(file, keep);
        }
        Ok(self.0.opened(file, keep, inner, path))
    }

    fn make_read_only(&self, path: &Path) -> io::Result<()> {
        LocalDisk.make_read_only(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.may()?;
        LocalDisk.rename(from, to)?;
        let (from, to) = (self.0.relative(from), self.0.relative(to));
        let mut account = self.0.account();
        let file = account.numbers.remove(&from).unwrap();
        account.numbers.insert(to.clone(), file);
        drop(account);
        self.0.note(Step::Rename(from, to));
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.may()?;
        LocalDisk.remove_file(path)?;
        self.0.account().numbers.remove(&self.0.relative(path));
        self.0.note(Step::Remove(self.0.relative(path)));
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.0.may()?;
        LocalDisk.remove_folder(path)?;
        self.0.note(Step::Remove(self.0.relative(path)));
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.0.may()?;
        self.0.note(Step::SyncFolder(self.0.relative(path)));
        Ok(())
    }

    fn room_bytes(&self, path: &Path) -> io::Result<u64> {
        LocalDisk.room_bytes(path)
    }
}

impl Handle {
    fn created(&self, path: &Path) -> usize {
        let path = self.0.relative(path);
        let mut account = self.0.account();
        let file = account.lengths.len();
        account.lengths.push((0, 0));
        account.numbers.insert(path.clone(), file);
        drop(account);
        self.0.note(Step::Create(path, file));
        file
    }
}

impl Recorded {
    fn cut(&self, file: usize, keep: usize) {
        let mut account = self.account();
        let (length, synced) = &mut account.lengths[file];
        (*length, *synced) = (keep, keep.min(*synced));
        drop(account);
        self.note(Step::Cut { file, keep });
    }
}

struct RecordedFile {
    disk: Arc<Recorded>,
    file: usize,
    at: usize,
    inner: Box<dyn DiskFile>,
    path: PathBuf,
}

impl RecordedFile {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes)?;
        self.disk.note(Step::Write { file: self.file, at: self.at, bytes: bytes.to_vec() });
        self.at += bytes.len();
        self.disk.account().lengths[self.file].0 = self.at;
        Ok(())
    }

    /// The sync failed, and what was to be written is no more: zeros are read in its place.
    fn forget(&mut self) {
        let (length, synced) = self.disk.account().lengths[self.file];
        let zeros = vec![0; length - synced];
        std::os::unix::fs::FileExt::write_all_at(
            &fs::File::options().write(true).open(&self.path).unwrap(),
            &zeros,
            synced as u64,
        )
        .unwrap();
        self.disk.note(Step::Write { file: self.file, at: synced, bytes: zeros });
    }
}

impl Write for RecordedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.disk.may() {
            // The half of it still gets there.
            self.put(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.put(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for RecordedFile {
    fn sync(&mut self) -> io::Result<()> {
        if let Err(fault) = self.disk.call() {
            self.disk.note(Step::Lost(self.file));
            if fault.forgets {
                self.forget();
            }
            return Err(io::Error::from_raw_os_error(fault.errno));
        }
        self.disk.note(Step::Sync(self.file));
        let mut account = self.disk.account();
        let (length, synced) = &mut account.lengths[self.file];
        *synced = *length;
        Ok(())
    }

    fn cut(&mut self, keep: u64) -> io::Result<()> {
        self.disk.may()?;
        self.inner.cut(keep)?;
        self.at = usize::try_from(keep).unwrap();
        self.disk.cut(self.file, self.at);
        Ok(())
    }

    fn another(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.disk.opened(self.file, self.at, self.inner.another()?, &self.path))
    }
}
