//! A flight as it leaves the unit: a BagIt 1.0 bag (RFC 8493) whose tag manifest a store has signed.
//!
//! ```text
//! bagit.txt  bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt  tagmanifest-sha256.txt.dsse
//! README.txt  FORMAT.md  verify.py  trust.json  report.json  report.html
//! data/flight/…  data/witness/<station>.jsonl  data/wraps/…  data/reasons/*.json  data/device-log/…
//! data/receipts/*.json  data/timestamps/<token>.tsr
//! ```
//!
//! The signature covers the tag manifest, that covers the payload manifest, and that every file. The signed file itself
//! is listed in nothing.

mod check;
mod lists;
mod verdict;
mod write;

pub use check::{Checked, Finding, check};
pub use verdict::verify;
pub use write::{About, Payload, Written, write};

use crate::digest::Sha256;
use crate::layout::{CHECKPOINTS, RECORDS};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// DSSE payload type of the signature over `tagmanifest-sha256.txt`.
pub const PAYLOAD_TYPE: &str = "application/vnd.skyseal.package.v1+text";
/// What `bagit.txt` holds, byte for byte (RFC 8493 §2.1.1).
const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// The list of everything under `data/`.
const MANIFEST: &str = "manifest-sha256.txt";
/// The list of everything beside it.
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// The store's signature over that.
const SIGNATURE: &str = "tagmanifest-sha256.txt.dsse";
/// The folders under `data/`.
const FOLDERS: [&str; 7] = ["flight", "witness", "wraps", "reasons", "device-log", "receipts", "timestamps"];
/// Every file beside `data/`, but the tag manifest and its signature.
const TAG_FILES: [&str; 9] = [
    "FORMAT.md",
    "README.txt",
    "bag-info.txt",
    "bagit.txt",
    MANIFEST,
    "report.html",
    "report.json",
    "trust.json",
    "verify.py",
];

/// Why a package cannot be made, or cannot be looked at at all.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file cannot be read or written.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A path that has no place in a package.
    #[error("{path:?} has no place in a package: {why}")]
    Place {
        /// The path under `data/`.
        path: String,
        /// What is wrong.
        why: &'static str,
    },
    /// It is no package.
    #[error("{path} is no package: nothing in it is a part of one")]
    NoPackage {
        /// What was given.
        path: PathBuf,
    },
}

impl PackageError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

/// Whether `dir` is to be judged as a package rather than as a flight's own folder: something in it only packages have,
/// and no log lies beside it.
pub fn is_package(dir: &Path) -> bool {
    let is_there = |name: &str| dir.join(name).symlink_metadata().is_ok();
    !is_there(RECORDS) && ["bagit.txt", "data", TAG_MANIFEST].into_iter().any(is_there)
}

fn is_digest(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|name| name.parse::<Sha256>().is_ok())
}

/// Where the flight of a package lies, and the witness files that travel with it. Nothing is checked.
///
/// # Errors
/// When the witness files cannot be listed.
pub fn contents(dir: &Path) -> io::Result<(PathBuf, Vec<PathBuf>)> {
    let data = dir.join("data");
    let witness = match fs::read_dir(data.join("witness")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        listed => listed?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?,
    };
    Ok((data.join("flight"), witness))
}

/// Whether something may stand at `data/<path>`.
fn has_a_place(path: &str) -> Result<(), &'static str> {
    let (folder, rest) = path.split_once('/').ok_or("it is in no folder")?;
    if !FOLDERS.contains(&folder) {
        return Err("no package has such a folder");
    }
    if !crate::dock::is_plain_path(rest) {
        return Err("a path has up to three plain parts of printable ASCII");
    }
    if folder != "flight" && rest.contains('/') {
        return Err("only flight/ has folders in it");
    }
    match folder {
        "device-log" if rest != RECORDS && rest != CHECKPOINTS => Err("device-log/ holds the two logs"),
        "witness" if !is_digest(rest, ".jsonl") => Err("witness/ holds <key id>.jsonl"),
        "reasons" if !is_digest(rest, ".json") => Err("reasons/ holds <reason>.json"),
        "receipts" if !rest.ends_with(".json") => Err("receipts/ holds .json files"),
        "timestamps" if !is_digest(rest, ".tsr") => Err("timestamps/ holds <SHA-256 of the token>.tsr"),
        _ => Ok(()),
    }
}
