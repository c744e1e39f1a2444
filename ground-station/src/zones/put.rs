//! Puts an edition into the station's folder: the new one is whole and durable there before the older one goes aside, so that
//! wherever this is stopped the folder has at least one of them, and doing it again ends it.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use flight_record::disk::Disk;
use jiff::Timestamp;
use mission_profiles::zones::Dataset;

use super::folder::{ABOUT, About, abouts};

/// Where older editions go.
const ASIDE: &str = "replaced";

/// Puts a dataset into the folder, durably; older ones of its name go aside. Where it stands.
pub(super) fn put(
    disk: &dyn Disk,
    dir: &Path,
    dataset: &Dataset,
    file: &Path,
    bytes: &[u8],
    now: Timestamp,
) -> Result<PathBuf> {
    let sha256 = dataset.source.sha256.to_string();
    let home = dir.join(&sha256[..16]);
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("dataset");
    let about = About {
        name: dataset.source.name.clone(),
        // What stands beside it has a name of its own.
        file: if name.starts_with(ABOUT) { "dataset".into() } else { name.to_owned() },
        sha256,
        imported: now,
        illustrative: dataset.source.illustrative,
    };
    let there = home.join(&about.file);
    let make = || -> io::Result<()> {
        disk.create_folder(&home)?;
        write(disk, &there, bytes)?;
        disk.sync_folder(&home)?;
        // Last: without it the folder holds no dataset.
        write(disk, &home.join(ABOUT), &serde_json::to_vec_pretty(&about)?)?;
        disk.sync_folder(&home)
    };
    make().with_context(|| format!("cannot write {}", there.display()))?;
    for (known, older) in abouts(dir)? {
        if older.name == about.name && older.sha256 != about.sha256 {
            put_aside(disk, dir, &known)
                .with_context(|| format!("cannot put {} aside; import the dataset again", known.display()))?;
        }
    }
    Ok(there)
}

/// Takes away what was begun of an edition that does not count; of one that counts already only what was begun anew.
pub(super) fn give_up(disk: &dyn Disk, dir: &Path, dataset: &Dataset) -> Result<()> {
    let home = dir.join(&dataset.source.sha256.to_string()[..16]);
    let counts = home.join(ABOUT).is_file();
    let away = || -> io::Result<()> {
        if !home.is_dir() {
            return Ok(());
        }
        for entry in std::fs::read_dir(&home)? {
            let path = entry?.path();
            if !counts || path.extension().is_some_and(|ending| ending == "new") {
                disk.remove_file(&path)?;
            }
        }
        if !counts {
            disk.remove_folder(&home)?;
        }
        disk.sync_folder(dir)
    };
    away().with_context(|| format!("what was begun in {} is left there; it does not count", home.display()))
}

/// Moves an edition out of the way; what stands there already is the same edition, from an earlier time.
fn put_aside(disk: &dyn Disk, dir: &Path, known: &Path) -> io::Result<()> {
    let aside = dir.join(ASIDE);
    disk.create_folder(&aside)?;
    let to = aside.join(known.file_name().unwrap_or_default());
    if to.is_dir() {
        for entry in std::fs::read_dir(&to)? {
            disk.remove_file(&entry?.path())?;
        }
        disk.remove_folder(&to)?;
    }
    disk.rename(known, &to)?;
    disk.sync_folder(&aside)?;
    disk.sync_folder(dir)
}

/// Under another name first: what has its name is whole.
pub(super) fn write(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = disk.write_from(Path::new(&new), 0)?;
    file.write_all(bytes)?;
    file.sync()?;
    disk.rename(Path::new(&new), path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::sync::{Arc, Mutex};

    use flight_record::disk::{DiskFile, LocalDisk};
    use mission_profiles::zones::read;

    use super::*;
    use crate::zones::folder;

    /// Says each step, and stops before the one of this number; a write that is stopped has written half.
    struct Stopping {
        steps: Arc<Mutex<Vec<String>>>,
        stop_at: usize,
    }

    impl Stopping {
        fn at(stop_at: usize) -> Self {
            Self { steps: Arc::default(), stop_at }
        }

        fn step(&self, what: &str, path: &Path) -> io::Result<()> {
            let mut steps = self.steps.lock().unwrap();
            if steps.len() >= self.stop_at {
                return Err(io::Error::other("stopped"));
            }
            steps.push(format!("{what} {}", path.file_name().unwrap_or_default().display()));
            Ok(())
        }
    }

    struct Written(Box<dyn DiskFile>, PathBuf, Stopping);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Err(stopped) = self.2.step("write", &self.1) {
                self.0.write_all(&bytes[..bytes.len() / 2])?;
                return Err(stopped);
            }
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    impl DiskFile for Written {
        fn sync(&mut self) -> io::Result<()> {
            self.2.step("sync", &self.1)?;
            self.0.sync()
        }

        fn cut(&mut self, keep: u64) -> io::Result<()> {
            self.0.cut(keep)
        }

        fn another(&self) -> io::Result<Box<dyn DiskFile>> {
            self.0.another()
        }
    }

    impl Disk for Stopping {
        fn make_folder(&self, path: &Path) -> io::Result<()> {
            self.step("make", path)?;
            LocalDisk.make_folder(path)
        }

        fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            self.step("create", path)?;
            LocalDisk.create_new(path)
        }

        fn write_from(&self, path: &Path, keep: u64) -> io::Result<Box<dyn DiskFile>> {
            self.step("open", path)?;
            let own = Self { steps: Arc::clone(&self.steps), stop_at: self.stop_at };
            Ok(Box::new(Written(LocalDisk.write_from(path, keep)?, path.to_owned(), own)))
        }

        fn make_read_only(&self, path: &Path) -> io::Result<()> {
            LocalDisk.make_read_only(path)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step("rename", to)?;
            LocalDisk.rename(from, to)
        }

        fn remove_file(&self, path: &Path) -> io::Result<()> {
            self.step("remove", path)?;
            LocalDisk.remove_file(path)
        }

        fn remove_folder(&self, path: &Path) -> io::Result<()> {
            self.step("remove", path)?;
            LocalDisk.remove_folder(path)
        }

        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            self.step("sync", path)?;
            LocalDisk.sync_folder(path)
        }

        fn room_bytes(&self, path: &Path) -> io::Result<u64> {
            LocalDisk.room_bytes(path)
        }
    }

    fn edition(upper: &str) -> (Dataset, Vec<u8>) {
        let bytes = format!("AC R\nAN TEST\nAL SFC\nAH {upper}\nV X=52:00:00 N 001:00:00 W\nDC 1\n").into_bytes();
        let mut dataset = read::dataset("test", &bytes).unwrap();
        dataset.source.name = "Test".into();
        (dataset, bytes)
    }

    fn take(disk: &dyn Disk, dir: &Path, upper: &str) -> Result<PathBuf> {
        let (dataset, bytes) = edition(upper);
        put(disk, dir, &dataset, Path::new("zones.txt"), &bytes, Timestamp::UNIX_EPOCH)
    }

    /// Which editions a reader of the folder finds, by their upper limits.
    fn found(dir: &Path) -> Vec<String> {
        let datasets = folder::datasets(dir, &crate::tasks::meter::Meter::unwatched()).unwrap();
        datasets.iter().map(|dataset| dataset.zones[0].volumes[0].upper.to_string()).collect()
    }

    #[test]
    fn wherever_it_is_stopped_an_edition_stays_and_the_next_try_ends_it() {
        for stop_at in 0.. {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("zones");
            // The old one was imported and replaced once before: its like stands aside already.
            for upper in ["1000 ft", "2000 ft", "1000 ft"] {
                take(&LocalDisk, &dir, upper).unwrap();
            }
            let disk = Stopping::at(stop_at);
            let done = take(&disk, &dir, "2000 ft").is_ok();
            let (left, steps) = (found(&dir), disk.steps.lock().unwrap().join(", "));
            let moved = steps.contains("rename") && steps.matches("rename").count() == 3;
            assert_eq!(left.iter().any(|upper| upper.starts_with("1000")), !moved, "after {steps}: {left:?}");
            assert!(!left.is_empty(), "after {steps}: neither edition is there");
            take(&LocalDisk, &dir, "2000 ft").unwrap();
            let left = found(&dir);
            assert!(left.len() == 1 && left[0].starts_with("2000"), "done again after {steps}: {left:?}");
            let aside = std::fs::read_dir(dir.join(ASIDE)).unwrap().count();
            assert_eq!(aside, 2, "after {steps}");
            if done {
                assert!(stop_at > 10, "{steps}");
                let last_sync = steps.find("sync zones.txt.new").unwrap();
                let old_goes = steps.rfind("rename").unwrap();
                assert!(last_sync < old_goes, "{steps}");
                break;
            }
        }
    }

    #[test]
    fn a_dataset_called_as_what_stands_beside_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (dataset, bytes) = edition("1000 ft");
        for name in ["about.json", "about.json.new"] {
            put(&LocalDisk, folder.path(), &dataset, Path::new(name), &bytes, Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(found(folder.path()).len(), 1, "{name}");
        }
    }
}
