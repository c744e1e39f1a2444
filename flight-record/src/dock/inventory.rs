//! What lies in a flight's folder, by path and length. Nothing is believed and nothing is followed.

use super::{DockError, MAX_FILES, check_path, is_plain_path};
use crate::canonical;
use crate::flight;
use crate::keys::KeyId;
use crate::names::FlightId;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// Longest inventory read, in bytes: [`MAX_FILES`] entries of the longest path.
const MAX_BYTES: usize = 32 << 20;
/// Deepest folder: `segments/<stream>`.
const MAX_DEPTH: usize = 2;

/// What the aircraft holds of a flight. As JSON: `{"flight":uuid,"device":key id or null,"closed":bool,
/// "files":[[path,bytes],…]}`, sorted by path, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The flight, by the name of its folder.
    pub flight: FlightId,
    /// The device its first record claims; null where there is no whole record.
    pub device: Option<KeyId>,
    /// Whether its last whole record claims to be `close`.
    pub closed: bool,
    /// Every file by its path in the folder, with its length in bytes; those no record names too.
    pub files: Vec<(String, u64)>,
}

/// An inventory, and what lies beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The files.
    pub inventory: Inventory,
    /// Whatever is no plain file or folder of a plain name: links, sockets, names no flight has. Neither copied nor
    /// erased; it shows in an erasure that is refused.
    pub others: Vec<String>,
}

impl Inventory {
    /// Lists `flights_dir/<flight>`.
    ///
    /// # Errors
    /// When the folder cannot be read, is a link, or holds more than [`MAX_FILES`] entries.
    pub fn list(flights_dir: &Path, flight: FlightId) -> Result<Listing, DockError> {
        let dir = flights_dir.join(flight.to_string());
        let io = || DockError::io("cannot list", &dir);
        if !fs::symlink_metadata(&dir).map_err(io())?.is_dir() {
            return Err(io()(std::io::ErrorKind::NotADirectory.into()));
        }
        let (mut files, mut others, mut seen) = (Vec::new(), Vec::new(), 0);
        let mut folders = vec![(String::new(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            for entry in fs::read_dir(dir.join(&folder)).map_err(io())? {
                let entry = entry.map_err(io())?;
                seen += 1;
                if seen > MAX_FILES {
                    return Err(DockError::TooManyFiles);
                }
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let path = if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") };
                let kind = entry.file_type().map_err(io())?;
                // A name that is not UTF-8 has a replacement character now, which is not plain.
                if !is_plain_path(&path) {
                    others.push(path);
                } else if kind.is_dir() && depth < MAX_DEPTH {
                    folders.push((path, depth + 1));
                } else if kind.is_file() {
                    files.push((path, entry.metadata().map_err(io())?.len()));
                } else {
                    others.push(path);
                }
            }
        }
        files.sort();
        others.sort();
        let ends = flight::claimed_ends(&dir).map_err(io())?;
        let inventory = Self { flight, device: ends.device, closed: ends.closed, files };
        Ok(Listing { inventory, others })
    }

    /// Reads an inventory from another machine.
    ///
    /// # Errors
    /// Another spelling, paths that no flight has, not sorted, or too long.
    pub fn read(bytes: &[u8]) -> Result<Self, DockError> {
        if bytes.len() > MAX_BYTES {
            return Err(DockError::TooLong { what: "the inventory", most: MAX_BYTES });
        }
        let inventory: Self = canonical::read(bytes)?;
        if inventory.files.len() > MAX_FILES {
            return Err(DockError::TooManyFiles);
        }
        inventory.files.iter().try_for_each(|(path, _)| check_path(path))?;
        if !inventory.files.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return Err(DockError::Rule("an inventory is sorted by path, each once"));
        }
        Ok(inventory)
    }

    /// Its one spelling.
    pub fn write(&self) -> Vec<u8> {
        canonical::write(self)
    }

    /// Length of all files together, in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }

    /// The length of a file, if it is listed: the only way from a path somebody sends to a path that is opened.
    pub fn length_of(&self, path: &str) -> Option<u64> {
        let at = self.files.binary_search_by(|(listed, _)| listed.as_str().cmp(path)).ok()?;
        self.files.get(at).map(|(_, bytes)| *bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_are_listed_and_nothing_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let flight = FlightId::new(1, [3; 10]);
        let root = dir.path().join(flight.to_string());
        fs::create_dir_all(root.join("segments/eo/deeper/still")).unwrap();
        fs::write(root.join("records.jsonl"), b"not a record\n").unwrap();
        fs::write(root.join("segments/eo/000001.ts.age"), [0; 10]).unwrap();
        fs::write(root.join("segments/eo/deeper/file"), b"x").unwrap();
        fs::write(root.join("quote\""), b"x").unwrap();
        symlink("/etc/passwd", root.join("link")).unwrap();
        symlink("/etc", root.join("torn")).unwrap();
        let Listing { inventory, others } = Inventory::list(dir.path(), flight).unwrap();
        assert_eq!(others, ["link", "quote\"", "segments/eo/deeper", "torn"]);
        let wanted = [("records.jsonl".to_owned(), 13), ("segments/eo/000001.ts.age".to_owned(), 10)];
        assert_eq!(inventory, Inventory { flight, device: None, closed: false, files: wanted.to_vec() });
        assert_eq!(
            (inventory.bytes(), inventory.length_of("records.jsonl"), inventory.length_of("link")),
            (23, Some(13), None)
        );
        assert_eq!(Inventory::read(&inventory.write()).unwrap(), inventory);

        let (elsewhere, other) = (tempfile::tempdir().unwrap(), FlightId::new(2, [3; 10]));
        symlink(&root, elsewhere.path().join(other.to_string())).unwrap();
        assert!(Inventory::list(elsewhere.path(), other).is_err(), "a flight that is a link");
    }

    #[test]
    fn an_inventory_from_elsewhere_is_held_to_its_rules() {
        let flight = FlightId::new(1, [3; 10]);
        let with = |files: &[&str]| {
            let files = files.iter().map(|path| ((*path).to_owned(), 1)).collect();
            Inventory::read(&Inventory { flight, device: None, closed: true, files }.write())
        };
        assert!(with(&["a", "b"]).is_ok());
        for bad in [&["b", "a"][..], &["a", "a"], &["../a"], &["/a"], &["a\"b"]] {
            assert!(with(bad).is_err(), "{bad:?}");
        }
        assert!(Inventory::read(b"{}").is_err());
    }
}
