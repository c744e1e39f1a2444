//! What is done to a disk, step by step, so that tests can stop it, fill it or break it between any two. Aircraft and
//! evidence store write through the same steps; reading is not among them, since it changes nothing.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// A file being written.
pub trait DiskFile: Write + Send {
    /// Makes what was written durable.
    ///
    /// # Errors
    /// When the disk fails.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts off what stands behind the first `keep` bytes; what is written next follows them.
    ///
    /// # Errors
    /// When the disk fails.
    fn cut(&mut self, keep: u64) -> io::Result<()>;
    /// A second handle on the same file, to sync it from another thread.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    fn another(&self) -> io::Result<Box<dyn DiskFile>>;
}

/// Everything that changes a disk. Each change of a folder is durable only after [`Disk::sync_folder`].
pub trait Disk: Send + Sync {
    /// Makes one folder, in a folder that is there.
    ///
    /// # Errors
    /// When the disk fails, or something of this name is there.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes a folder and those above it, durably. One that is there is taken as it is.
    ///
    /// # Errors
    /// When the disk fails; no folder is left whose name is not durable, unless the disk does not let go of it.
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
            return self.make_folder(path);
        };
        self.create_folder(parent)?;
        match self.make_folder(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        self.sync_folder(parent).inspect_err(|_| {
            // The next try must not take it for durable; the first error is the one to report.
            drop(self.remove_folder(path));
        })
    }
    /// Makes a file that must not be there yet.
    ///
    /// # Errors
    /// When it is there, or the disk fails.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file for writing behind its first `keep` bytes; what stood behind them is cut off.
    ///
    /// # Errors
    /// When the disk fails, or the file is shorter than `keep`.
    fn write_from(&self, path: &Path, keep: u64) -> io::Result<Box<dyn DiskFile>>;
    /// Takes the write permission from a file.
    ///
    /// # Errors
    /// When the disk fails.
    fn make_read_only(&self, path: &Path) -> io::Result<()>;
    /// Moves a file, replacing what has the new name.
    ///
    /// # Errors
    /// When the disk fails.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// When the disk fails.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    ///
    /// # Errors
    /// When the disk fails, or the folder is not empty.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// When the disk fails.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Bytes that can still be written.
    ///
    /// # Errors
    /// When the disk cannot say.
    fn room_bytes(&self, path: &Path) -> io::Result<u64>;
}

/// The disk of this machine.
pub struct LocalDisk;

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, keep: u64) -> io::Result<()> {
        self.set_len(keep)?;
        self.seek(SeekFrom::Start(keep)).map(drop)
    }

    fn another(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(self.try_clone()?))
    }
}

impl Disk for LocalDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().write(true).create_new(true).open(path)?))
    }

    fn write_from(&self, path: &Path, keep: u64) -> io::Result<Box<dyn DiskFile>> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        if file.metadata()?.len() < keep {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was"));
        }
        file.cut(keep)?;
        Ok(Box::new(file))
    }

    fn make_read_only(&self, path: &Path) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(0o444))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn room_bytes(&self, path: &Path) -> io::Result<u64> {
        let facts = rustix::fs::statvfs(path)?;
        Ok(facts.f_bavail.saturating_mul(facts.f_frsize))
    }
}

/// Opens a file for reading what is on the disk, not what the page cache remembers, as far as the system lets us: pages
/// that are clean are dropped (`POSIX_FADV_DONTNEED`), so the file must have been synced.
///
/// # Errors
/// When the disk fails.
pub fn open_past_cache(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    // A file system that knows no advice (some network mounts) still reads; the copy is then checked from its cache.
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    Ok(file)
}

/// Makes the entry of `path` in its folder durable.
pub(crate) fn sync_parent(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    disk.sync_folder(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Makes what the file at `path` holds durable, then opens it past the cache: what is read is what the disk keeps.
pub(crate) fn open_synced(disk: &dyn Disk, path: &Path) -> io::Result<File> {
    disk.write_from(path, fs::metadata(path)?.len())?.sync()?;
    open_past_cache(path)
}

/// Bytes of the file at `path`; none where there is no file.
pub(crate) fn length(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        other => Ok(other?.len()),
    }
}
