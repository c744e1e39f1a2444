//! KMZ: a zip archive with a KML in it. Nothing else of the archive is unpacked.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::drawing::{Drawing, DrawingError, MAX_BYTES, wrong};

/// Most files of an archive: places have pictures beside them.
const MAX_ENTRIES: usize = 1_000;
/// A text becomes so many times smaller at most; from an archive that says more nothing beyond it is unpacked.
const MAX_RATIO: u64 = 200;
/// Below this length nobody asks how small it was.
const SMALL_BYTES: u64 = 1 << 20;

/// Whether these are an archive's first bytes.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The archive's KML: `doc.kml`, or the first there is (OGC 12-007r2, annex C).
pub(super) fn kml(bytes: &[u8]) -> Result<Vec<u8>, DrawingError> {
    let broken =
        |error: &dyn std::fmt::Display| wrong("whole file", format!("it is no archive that can be read: {error}"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.len() > MAX_ENTRIES {
        return Err(wrong("whole file", format!("{} files are more than the {MAX_ENTRIES} of a KMZ", archive.len())));
    }
    let names: Vec<String> = (0..archive.len())
        .map(|at| archive.name_for_index(at).and_then(Result::ok).map(|name| name.into_owned()).unwrap_or_default())
        .collect();
    let at = names
        .iter()
        .position(|name| name == "doc.kml")
        .or_else(|| names.iter().position(|name| name.to_ascii_lowercase().ends_with(".kml")))
        .ok_or_else(|| wrong("whole file", "no file in the archive ends in .kml"))?;
    let entry = archive.by_index(at).map_err(|error| broken(&error))?;
    let most = (entry.compressed_size() * MAX_RATIO).max(SMALL_BYTES).min(MAX_BYTES as u64);
    let mut text = Vec::new();
    entry.take(most + 1).read_to_end(&mut text).map_err(|error| wrong(&names[at], error.to_string()))?;
    if text.len() as u64 > most {
        let what =
            format!("it unpacks to more than {most} bytes, which no KML of its packed size does: save it as KML");
        return Err(wrong(&names[at], what));
    }
    Ok(text)
}

impl Drawing {
    /// As KMZ; the same drawing gives the same bytes.
    ///
    /// # Errors
    /// When it cannot be packed: never, in memory.
    pub fn to_kmz(&self) -> std::io::Result<Vec<u8>> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("doc.kml", options)?;
        archive.write_all(self.to_kml().as_bytes())?;
        Ok(archive.finish()?.into_inner())
    }
}
