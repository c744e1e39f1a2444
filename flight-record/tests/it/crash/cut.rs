//! What a disk may hold after a crash: everything after `kill -9`, any part of what was not synced after a power cut.

use super::disk::Step;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What is written whole or not at all by a drive.
const SECTOR_BYTES: usize = 512;

/// Folders and files, relative to the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) folders: BTreeSet<PathBuf>,
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Image {
    pub(crate) fn lay_out(&self, root: &Path) {
        for folder in &self.folders {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for (path, bytes) in &self.files {
            fs::write(root.join(path), bytes).unwrap();
        }
    }
}

/// How the crash came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// The process is killed: the system still has everything.
    Killed,
    /// The power is cut, and nothing got to the disk but what was synced.
    Bare,
    /// The power is cut, and of what was not synced something got there, in any order, whole or torn.
    Torn(u64),
}

enum Change<'a> {
    Write(usize, &'a [u8]),
    Cut(usize),
}

#[derive(Default)]
struct Contents<'a> {
    durable: Vec<u8>,
    pending: Vec<Change<'a>>,
    /// Of failed syncs: never durable, whatever is synced later.
    lost: Vec<Change<'a>>,
}

#[derive(Clone, Copy)]
enum Entry {
    Folder,
    File(usize),
}

/// The disk that holds `base`, durably, after `steps` and `crash`.
pub(crate) fn after<'a>(base: &Image, steps: impl Iterator<Item = &'a Step>, crash: Crash) -> Image {
    let mut names: BTreeMap<PathBuf, Entry> = base.folders.iter().map(|path| (path.clone(), Entry::Folder)).collect();
    let mut files: Vec<Contents<'a>> = Vec::new();
    for (path, bytes) in &base.files {
        names.insert(path.clone(), Entry::File(files.len()));
        files.push(Contents { durable: bytes.clone(), ..Contents::default() });
    }
    let mut unsynced: Vec<&Step> = Vec::new();
    for step in steps {
        match step {
            Step::Write { file, at, bytes } => files[*file].pending.push(Change::Write(*at, bytes)),
            Step::Cut { file, keep } => files[*file].pending.push(Change::Cut(*keep)),
            Step::Sync(file) => {
                let Contents { durable, pending, lost } = &mut files[*file];
                for change in pending.drain(..) {
                    if let Change::Cut(keep) = change {
                        lost.retain(|lost| matches!(lost, Change::Write(at, _) if *at < keep));
                    }
                    apply(durable, &change, &mut |_| true);
                }
            }
            Step::Lost(file) => {
                let Contents { pending, lost, .. } = &mut files[*file];
                lost.append(pending);
            }
            Step::SyncFolder(folder) => unsynced.retain(|step| {
                let here = folder_of(step) == *folder;
                if here {
                    rename(&mut names, step);
                }
                !here
            }),
            Step::Create(_, file) => {
                files.resize_with(files.len().max(file + 1), Contents::default);
                unsynced.push(step);
            }
            Step::MakeFolder(_) | Step::Rename(..) | Step::Remove(_) => unsynced.push(step),
        }
    }
    let mut chance = Chance::of(crash);
    for step in unsynced {
        if chance.whole() {
            rename(&mut names, step);
        }
    }
    for contents in &mut files {
        let Contents { durable, pending, lost } = contents;
        for change in lost.drain(..) {
            match (crash, &change) {
                (Crash::Killed, Change::Write(at, bytes)) => {
                    apply(durable, &Change::Write(*at, &vec![0; bytes.len()]), &mut |_| true);
                }
                _ => chance.change(durable, &change),
            }
        }
        pending.drain(..).for_each(|change| chance.change(durable, &change));
    }
    let mut image = Image::default();
    for (path, entry) in names {
        let reachable = path.parent().is_none_or(|parent| parent == Path::new("") || image.folders.contains(parent));
        match entry {
            Entry::Folder if reachable => drop(image.folders.insert(path)),
            Entry::File(file) if reachable => drop(image.files.insert(path, files[file].durable.clone())),
            Entry::Folder | Entry::File(_) => {}
        }
    }
    image
}

/// The folder whose sync makes a step durable.
fn folder_of(step: &Step) -> PathBuf {
    let path = match step {
        Step::MakeFolder(path) | Step::Create(path, _) | Step::Remove(path) | Step::Rename(_, path) => path,
        Step::Write { .. } | Step::Cut { .. } | Step::Sync(_) | Step::Lost(_) | Step::SyncFolder(_) => {
            return PathBuf::new();
        }
    };
    path.parent().unwrap_or(Path::new("")).to_owned()
}

fn rename(names: &mut BTreeMap<PathBuf, Entry>, step: &Step) {
    match step {
        Step::MakeFolder(path) => drop(names.insert(path.clone(), Entry::Folder)),
        Step::Create(path, file) => drop(names.insert(path.clone(), Entry::File(*file))),
        Step::Remove(path) => drop(names.remove(path)),
        Step::Rename(from, to) => {
            if let Some(entry) = names.remove(from) {
                names.insert(to.clone(), entry);
            }
        }
        Step::Write { .. } | Step::Cut { .. } | Step::Sync(_) | Step::Lost(_) | Step::SyncFolder(_) => {}
    }
}

/// Applies those sectors of a change that `gets_there`.
fn apply(bytes: &mut Vec<u8>, change: &Change<'_>, gets_there: &mut dyn FnMut(usize) -> bool) {
    match change {
        Change::Cut(keep) => bytes.resize(*keep, 0),
        Change::Write(at, written) => {
            let mut from = 0;
            while from < written.len() {
                let to = written.len().min(from + SECTOR_BYTES - (at + from) % SECTOR_BYTES);
                if gets_there(from) {
                    bytes.resize(bytes.len().max(at + to), 0);
                    bytes[at + from..at + to].copy_from_slice(&written[from..to]);
                }
                from = to;
            }
        }
    }
}

enum Chance {
    All,
    None,
    Seeded(Box<StdRng>),
}

impl Chance {
    fn of(crash: Crash) -> Self {
        match crash {
            Crash::Killed => Self::All,
            Crash::Bare => Self::None,
            Crash::Torn(seed) => Self::Seeded(Box::new(StdRng::seed_from_u64(seed))),
        }
    }

    fn whole(&mut self) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Seeded(random) => random.random_bool(0.5),
        }
    }

    fn change(&mut self, bytes: &mut Vec<u8>, change: &Change<'_>) {
        let Self::Seeded(random) = self else {
            return if self.whole() {
                apply(bytes, change, &mut |_| true);
            };
        };
        match (random.random_range(0..4), change) {
            (0, _) => {}
            (1, _) => apply(bytes, change, &mut |_| true),
            // Torn anywhere, also within a sector.
            (2, Change::Write(at, written)) => {
                let torn = random.random_range(0..=written.len());
                apply(bytes, &Change::Write(*at, &written[..torn]), &mut |_| true);
            }
            // Sectors in any order.
            (_, Change::Write(..)) => apply(bytes, change, &mut |_| random.random_bool(0.5)),
            (_, Change::Cut(_)) => apply(bytes, change, &mut |_| true),
        }
    }
}

#[test]
fn only_what_was_synced_is_sure() {
    let path = |text: &str| PathBuf::from(text);
    let steps = [
        Step::MakeFolder(path("a")),
        Step::SyncFolder(path("")),
        Step::Create(path("a/x"), 0),
        Step::SyncFolder(path("a")),
        Step::Write { file: 0, at: 0, bytes: vec![1; 600] },
        Step::Sync(0),
        Step::Write { file: 0, at: 600, bytes: vec![2; 600] },
        Step::Create(path("a/y"), 1),
        Step::Write { file: 1, at: 0, bytes: vec![3; 9] },
        Step::Sync(1),
    ];
    let at = |crash| after(&Image::default(), steps.iter(), crash);
    let killed = at(Crash::Killed);
    assert_eq!((killed.files[&path("a/x")].len(), killed.files[&path("a/y")].len()), (1200, 9));
    let bare = at(Crash::Bare);
    assert_eq!(bare.files, BTreeMap::from([(path("a/x"), vec![1; 600])]), "a file whose name is not synced is lost");
    let torn: BTreeSet<Vec<u8>> = (0..40).map(|seed| at(Crash::Torn(seed)).files[&path("a/x")].clone()).collect();
    assert!(torn.len() > 4 && torn.iter().all(|bytes| bytes[..600] == [1; 600]));
    assert!(torn.iter().any(|bytes| bytes.len() > 1024 && bytes[600..1024].contains(&0)), "later ones without earlier");
}
