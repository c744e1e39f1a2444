//! What the aircraft itself knows when an erase order comes: its state, and what lies in the flight's folder.

use super::{Challenge, DockError, Inventory, Manifest};
use crate::digest::Extent;
use crate::keys::KeyId;
use crate::layout::{RECORDS, SealedName};
use crate::log::chain::claimed;
use crate::log::lines::{Line, Lines};
use crate::log::recovery::extent_of;
use crate::names::FlightId;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

/// The facts an order is checked against.
#[derive(Clone, Debug)]
pub struct Aboard {
    /// This computer's device.
    pub device: KeyId,
    /// The flight asked about.
    pub flight: FlightId,
    /// Nothing will be written to it any more.
    pub closed: bool,
    /// The vehicle is armed.
    pub armed: bool,
    /// Something is being recorded.
    pub recording: bool,
    /// The challenge in force for this flight.
    pub challenge: Option<Challenge>,
    /// What lies in its folder.
    pub files: Manifest,
    /// What lies there and is no plain file.
    pub others: Vec<String>,
}

/// The files of `flights_dir/<flight>` with lengths and digests, and whatever is no plain file. A file that the records,
/// its length and `ordered` agree on is not read again: its digest is the one its record was written with. The logs, and
/// every file on which they do not agree, are hashed as they lie there.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn files_aboard(
    flights_dir: &Path,
    flight: FlightId,
    ordered: &Manifest,
) -> Result<(Manifest, Vec<String>), DockError> {
    let dir = flights_dir.join(flight.to_string());
    let listing = Inventory::list(flights_dir, flight)?;
    let recorded = recorded(&dir).map_err(DockError::io("cannot read the records in", &dir))?;
    let mut files = Manifest::default();
    for (path, bytes) in listing.inventory.files {
        let agreed =
            ordered.entries().get(&path).filter(|extent| extent.bytes == bytes && recorded.get(&path) == Some(extent));
        let extent = match agreed {
            Some(extent) => *extent,
            None => {
                let file = dir.join(&path);
                extent_of(&mut File::open(&file).map_err(DockError::io("cannot read", &file))?)
                    .map_err(DockError::io("cannot read", &file))?
            }
        };
        files.insert(&path, extent)?;
    }
    Ok((files, listing.others))
}

/// The sealed files that records name, by path, with what the records say of them.
fn recorded(dir: &Path) -> io::Result<BTreeMap<String, Extent>> {
    let path = dir.join(RECORDS);
    let mut named = BTreeMap::new();
    if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        return Ok(named);
    }
    let mut lines = Lines::new(BufReader::new(File::open(path)?));
    while let Some(line) = lines.next()? {
        let Line::Whole(bytes) = line else { continue };
        let files = claimed(&bytes).map(|record| record.kind.sealed_files()).unwrap_or_default();
        named.extend(files.into_iter().map(|(name, extent): (SealedName, Extent)| (name.to_string(), extent)));
    }
    Ok(named)
}
