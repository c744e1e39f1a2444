//! A dataset taken into the station's folder, watched: until the new edition stands there it can be stopped, and the old set is whole.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use flight_record::disk::{Disk, DiskFile, LocalDisk};
use jiff::Timestamp;
use mission_profiles::zones::Dataset;

use super::folder::ABOUT;
use super::put;
use crate::tasks::meter::Meter;

/// What is said of a dataset when it is taken.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// What people call it, where the file does not say it well.
    pub(crate) name: Option<&'a str>,
    /// Not for operational use.
    pub(crate) illustrative: bool,
}

/// What is taken.
pub(crate) struct Taking<'a> {
    /// As it was read,
    pub(crate) dataset: &'a mut Dataset,
    /// of this file,
    pub(crate) file: &'a Path,
    /// of these bytes.
    pub(crate) bytes: &'a [u8],
    /// What is said of it.
    pub(crate) terms: Terms<'a>,
    /// Now.
    pub(crate) now: Timestamp,
}

/// Takes a dataset into the station's folder, durably; older ones of its name go aside. `meter` counts the bytes that are written, and
/// may stop it as long as the new edition does not count: then what was begun of it goes again.
///
/// # Errors
/// When it cannot be written, or somebody said stop.
pub(crate) fn take(dir: &Path, taking: Taking<'_>, meter: &Meter<'_>) -> Result<()> {
    let Taking { dataset, file, bytes, terms, now } = taking;
    if let Some(name) = terms.name {
        name.clone_into(&mut dataset.source.name);
    } else if dataset.source.name == file.display().to_string() {
        dataset.source.name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("dataset").to_owned();
    }
    dataset.source.illustrative = terms.illustrative;
    let disk = Watched { disk: &LocalDisk, meter, counts: AtomicBool::new(false) };
    let put = put::put(&disk, dir, dataset, file, bytes, now).map(|_| ());
    if put.is_err() && meter.stop().is_stopped() {
        put::give_up(&LocalDisk, dir, dataset)?;
    }
    put
}

/// A disk whose work is counted, and can be stopped before each step until the new edition counts.
struct Watched<'a> {
    disk: &'a dyn Disk,
    meter: &'a Meter<'a>,
    /// The new edition counts: what is left is done, whatever is said.
    counts: AtomicBool,
}

impl Watched<'_> {
    fn go_on(&self) -> io::Result<()> {
        if self.counts.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.meter.stop().check().map_err(io::Error::other)
    }
}

impl Disk for Watched<'_> {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.go_on()?;
        self.disk.make_folder(path)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create_new(path)
    }

    fn write_from(&self, path: &Path, keep: u64) -> io::Result<Box<dyn DiskFile>> {
        self.go_on()?;
        self.disk.write_from(path, keep)
    }

    fn make_read_only(&self, path: &Path) -> io::Result<()> {
        self.disk.make_read_only(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.go_on()?;
        self.disk.rename(from, to)?;
        if to.file_name().is_some_and(|name| name == ABOUT) {
            self.counts.store(true, Ordering::Relaxed);
        } else if to.is_file() {
            let length = std::fs::metadata(to).map_or(0, |found| found.len());
            self.meter.add(length).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_folder(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.go_on()?;
        self.disk.sync_folder(path)
    }

    fn room_bytes(&self, path: &Path) -> io::Result<u64> {
        self.disk.room_bytes(path)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use mission_profiles::zones::read;

    use super::*;
    use crate::tasks::meter::Stop;
    use crate::zones::folder;

    fn edition(upper: &str) -> (Dataset, Vec<u8>) {
        let bytes = format!("AC R\nAN TEST\nAL SFC\nAH {upper}\nV X=52:00:00 N 001:00:00 W\nDC 1\n").into_bytes();
        (read::dataset("test", &bytes).unwrap(), bytes)
    }

    fn import(dir: &Path, upper: &str, meter: &Meter<'_>) -> Result<()> {
        let (mut dataset, bytes) = edition(upper);
        let terms = Terms { name: Some("Test"), illustrative: false };
        let file = Path::new("zones.txt");
        take(dir, Taking { dataset: &mut dataset, file, bytes: &bytes, terms, now: Timestamp::UNIX_EPOCH }, meter)
    }

    fn all(dir: &Path) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = walk(dir);
        found.sort();
        found
    }

    fn walk(dir: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn stopped_while_it_is_written_the_old_set_is_whole_and_nothing_is_left_of_the_new() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("zones");
        import(&dir, "1000 ft", &Meter::unwatched()).unwrap();
        let before = all(&dir);
        let stop = Stop::default();
        // The first file of the new edition is written when somebody says stop.
        let (word, length) = (stop.clone(), edition("2000 ft").1.len() as u64);
        let meter = Meter::new(stop, length, move |done, _| {
            if done >= length {
                word.stop();
            }
        });
        let error = import(&dir, "2000 ft", &meter).unwrap_err();
        assert!(format!("{error:#}").contains("cancelled"), "{error:#}");
        assert_eq!(all(&dir), before);
        let uppers: Vec<_> = folder::datasets(&dir, &Meter::unwatched()).unwrap();
        assert!(uppers.len() == 1 && uppers[0].zones[0].volumes[0].upper.to_string().starts_with("1000"));
        import(&dir, "2000 ft", &Meter::unwatched()).unwrap();
        let now = folder::datasets(&dir, &Meter::unwatched()).unwrap();
        assert!(now.len() == 1 && now[0].zones[0].volumes[0].upper.to_string().starts_with("2000"));
    }

    #[test]
    fn an_edition_that_is_imported_again_and_stopped_stays() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("zones");
        import(&dir, "1000 ft", &Meter::unwatched()).unwrap();
        let before = all(&dir);
        let stop = Stop::default();
        stop.stop();
        assert!(import(&dir, "1000 ft", &Meter::new(stop, 0, |_, _| {})).is_err());
        assert_eq!(all(&dir), before);
        assert_eq!(folder::datasets(&dir, &Meter::unwatched()).unwrap().len(), 1);
    }
}
