//! What lies in the folder: regular files by path; anything else is named and left alone.

use super::report::{Items, Subject};
use super::words::Integrity;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Most entries of a folder and all below it: twice the files that a manifest names.
const MAX_ENTRIES: usize = 2 * crate::dock::MAX_FILES;
/// Deepest file: `segments/<stream>/<file>`.
const MAX_DEPTH: usize = 2;

/// Regular files by path in the folder, with their lengths.
pub(super) type Inventory = BTreeMap<String, u64>;

/// Lists the folder. Links, devices, sockets and folders of unknown name are malformed and never followed.
pub(super) fn list(dir: &Path, items: &mut Items) -> io::Result<Inventory> {
    let mut files = Inventory::new();
    let mut folders = vec![(String::new(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(dir.join(&folder))? {
            let entry = entry?;
            seen += 1;
            if seen > MAX_ENTRIES {
                items.found(Subject::File(".".to_owned()), Integrity::Malformed, "more files than a flight can have");
                return Ok(files);
            }
            let name = entry.file_name();
            let path = format!("{folder}{}{}", if folder.is_empty() { "" } else { "/" }, name.to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() && is_folder_of_a_flight(&path) && depth < MAX_DEPTH {
                folders.push((path, depth + 1));
            } else if kind.is_file() && name.to_str().is_some() {
                files.insert(path, entry.metadata()?.len());
            } else {
                let what = if kind.is_symlink() {
                    "a symbolic link"
                } else if kind.is_dir() {
                    "a folder that no flight has"
                } else {
                    "neither a file nor a folder of a flight"
                };
                items.found(Subject::File(path), Integrity::Malformed, what);
            }
        }
    }
    Ok(files)
}

fn is_folder_of_a_flight(path: &str) -> bool {
    match path.split_once('/') {
        None => matches!(path, "segments" | "telemetry" | "stills" | "documents" | "torn"),
        Some(("segments", stream)) => stream.parse::<crate::StreamName>().is_ok(),
        Some(_) => false,
    }
}
