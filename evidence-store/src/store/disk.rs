//! Whole small files on a disk, and what a file holds.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub(crate) use flight_record::disk::open_past_cache;
pub use flight_record::disk::{Disk, DiskFile, LocalDisk};

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
