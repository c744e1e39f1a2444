//! What a store does to a disk, step by step, so that tests can stop it between any two.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// A file being written.
pub trait DiskFile: Write + Send {
    /// Makes what was written durable.
    ///
    /// # Errors
    /// When the disk fails.
    fn sync(&mut self) -> io::Result<()>;
}

/// Everything that changes a disk. Each change of a folder is durable only after [`Disk::sync_folder`].
pub trait Disk: Send + Sync {
    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// When the disk fails.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
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
}

impl Disk for LocalDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.map_or(Ok(()), |parent| self.create_folder(parent))?;
        match fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        parent.map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    fn write_from(&self, path: &Path, keep: u64) -> io::Result<Box<dyn DiskFile>> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        if file.metadata()?.len() < keep {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was"));
        }
        file.set_len(keep)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(keep))?;
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

/// Puts `bytes` at `path` whole or not at all, durably, replacing what was there.
///
/// # Errors
/// When the disk fails.
pub(crate) fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    disk.create_folder(folder)?;
    let fresh = path.with_extension("new");
    let mut file = disk.write_from(&fresh, 0)?;
    file.write_all(bytes)?;
    file.sync()?;
    drop(file);
    disk.rename(&fresh, path)?;
    disk.sync_folder(folder)
}

/// Opens a file for reading what is on the disk, not what the page cache remembers, as far as the system lets us: pages
/// that are clean are dropped (`POSIX_FADV_DONTNEED`), so the file must have been synced.
///
/// # Errors
/// When the disk fails.
pub(crate) fn open_past_cache(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    // A file system that knows no advice (some network mounts) still reads; the copy is then checked from its cache.
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    Ok(file)
}

/// The extent of everything `input` gives.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn extent_of(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<flight_record::Extent> {
    let mut counted = flight_record::Counted::default();
    loop {
        match input.read(buffer) {
            Ok(0) => return Ok(counted.extent()),
            Ok(read) => counted.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// All of a small file, or `None` where there is none.
///
/// # Errors
/// When it cannot be read, or is longer than `most` bytes.
pub(crate) fn read_small(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {most} bytes")));
    }
    Ok(Some(bytes))
}
