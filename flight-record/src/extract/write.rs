//! Making an extract: under another name until it is whole.

use super::{EXTRACT, Extract, MAX_EXTRACT_BYTES, choose, may_be_extracted};
use crate::digest::{Counted, Extent};
use crate::durable::{create_folder_of, sync_parent};
use crate::layout::SealedName;
use crate::names::FlightId;
use crate::trust::TrustList;
use crate::verify::{self, Survey};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

const BUFFER_BYTES: usize = 1 << 20;

/// What an extract is made from.
pub struct Source<'a> {
    /// The flight's own folder.
    pub flight_dir: &'a Path,
    /// Witness files, as read: their cosignatures go into the heads that the extract carries.
    pub witness: &'a [Vec<u8>],
    /// The unit's list: what stations say counts only by it, and cannot be checked without.
    pub trust: &'a TrustList,
}

/// An extract that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The flight it is of.
    pub flight: FlightId,
    /// What was taken, by path, each with its length.
    pub files: BTreeMap<String, u64>,
    /// Records carried.
    pub records: u64,
    /// Records under the last head.
    pub flight_records: u64,
    /// Heads carried.
    pub heads: u64,
    /// Files that no cosignature shows: nothing in the extract says that the ground saw them.
    pub unseen: Vec<String>,
    /// What was found wrong with witness files, in words.
    pub doubts: Vec<String>,
}

/// Why an extract cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
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
    /// There is something in its place.
    #[error("{path} exists; an extract is never written over: give another folder")]
    Exists {
        /// Where the extract was to be.
        path: PathBuf,
    },
    /// It is no flight.
    #[error("{path} holds no flight with a readable first record")]
    NoFlight {
        /// What was given.
        path: PathBuf,
    },
    /// Nothing was asked for.
    #[error("nothing was asked for: name segments, telemetry or stills")]
    Nothing,
    /// The flight has no such file.
    #[error("the flight has no {file}; {hint}")]
    NoSuchFile {
        /// What was wanted.
        file: SealedName,
        /// What there is.
        hint: String,
    },
    /// A document belongs to the flight as a whole.
    #[error("{file} is no segment, telemetry file or still; nothing else is disclosed by itself")]
    NotFootage {
        /// What was wanted.
        file: SealedName,
    },
    /// Recording was cut off in it.
    #[error("{file} was never finished in flight, and an extract holds finished files only: give the whole flight")]
    NotFinished {
        /// What was wanted.
        file: SealedName,
    },
    /// Its record stands behind damage, or no head covers it.
    #[error(
        "no sound head stands over record {record}, which finishes {file}: skyseal-verify names what is wrong with the flight; look for a better copy"
    )]
    NotCovered {
        /// What was wanted.
        file: SealedName,
        /// The record.
        record: u64,
    },
    /// The file is not the one that was recorded.
    #[error("{file} is not the file that its record describes; look for it in the other copy of the flight")]
    OtherBytes {
        /// What was wanted.
        file: SealedName,
    },
    /// More than an extract holds.
    #[error("the proofs take {bytes} bytes, more than the {MAX_EXTRACT_BYTES} of an extract: take fewer files at once")]
    TooLong {
        /// Their length.
        bytes: u64,
    },
}

/// Says what was being done when reading or writing fails.
pub(super) trait Io<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, ExtractError>;
}

impl<T> Io<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, ExtractError> {
        self.map_err(|source| ExtractError::Io { doing, path: path.to_owned(), source })
    }
}

/// Makes an extract of the wanted files at `out`, which must not exist. The flight is not judged: what the extract proves
/// is for [`crate::verify::verify_extract`] to say.
///
/// # Errors
/// As [`ExtractError`] says. What was begun is left beside `out`, named `….unfinished`, and replaced by the next attempt.
pub fn write(source: &Source<'_>, wanted: &BTreeSet<SealedName>, out: &Path) -> Result<Taken, ExtractError> {
    if out.symlink_metadata().is_ok() {
        return Err(ExtractError::Exists { path: out.to_owned() });
    }
    let dir = source.flight_dir;
    let survey = verify::survey(dir, source.trust, source.witness).doing("cannot read the flight in", dir)?;
    let survey = survey.ok_or_else(|| ExtractError::NoFlight { path: dir.to_owned() })?;
    let found = find(&survey, wanted)?;
    let finishing: BTreeSet<u64> = found.values().map(|(record, _)| *record).collect();
    let heads = choose::heads(dir, &survey, &choose::showing(&finishing, &survey.shown))?;
    let flight_records = heads.last_key_value().map_or(0, |(size, _)| *size);
    if let Some((file, (record, _))) = found.iter().find(|(_, (record, _))| *record >= flight_records) {
        return Err(ExtractError::NotCovered { file: file.clone(), record: *record });
    }
    let (leaves, lines) = choose::lines(dir, flight_records, &choose::needed(&finishing))?;
    let records = choose::carried_records(&lines, &leaves);
    let mut files: Vec<SealedName> = found.keys().cloned().collect();
    files.sort_by_key(ToString::to_string);
    let extract = Extract::new(survey.flight, files, records, choose::carried_heads(&heads, &survey, &leaves));
    let proofs = extract.to_bytes();
    if proofs.len() as u64 > MAX_EXTRACT_BYTES {
        return Err(ExtractError::TooLong { bytes: proofs.len() as u64 });
    }
    put(dir, out, &found, &proofs)?;
    let seen = survey.shown.last().copied().unwrap_or_default();
    let unseen = found.iter().filter(|(_, (record, _))| *record >= seen);
    Ok(Taken {
        flight: survey.flight,
        records: extract.records.len() as u64,
        heads: extract.heads.len() as u64,
        flight_records,
        unseen: unseen.map(|(name, _)| name.to_string()).collect(),
        files: found.iter().map(|(name, (_, sealed))| (name.to_string(), sealed.bytes)).collect(),
        doubts: survey.doubts,
    })
}

type Found = BTreeMap<SealedName, (u64, Extent)>;

/// The wanted files, each with the record that finishes it.
fn find(survey: &Survey, wanted: &BTreeSet<SealedName>) -> Result<Found, ExtractError> {
    if wanted.is_empty() {
        return Err(ExtractError::Nothing);
    }
    let look_up = |file: &SealedName| {
        if !may_be_extracted(file) {
            return Err(ExtractError::NotFootage { file: file.clone() });
        }
        if let Some(found) = survey.finished.get(file) {
            return Ok((file.clone(), *found));
        }
        if survey.unfinished.contains(file) {
            return Err(ExtractError::NotFinished { file: file.clone() });
        }
        Err(ExtractError::NoSuchFile { file: file.clone(), hint: hint(survey, file) })
    };
    wanted.iter().map(look_up).collect()
}

/// What the flight has instead of a file.
fn hint(survey: &Survey, file: &SealedName) -> String {
    let mut series = survey.finished.keys().filter(|have| have.with_index(1) == file.with_index(1));
    match (series.next(), series.next_back()) {
        (None, _) => "it finished none of that kind".to_owned(),
        (Some(only), None) => format!("it has {only}"),
        (Some(first), Some(last)) => format!("it has {first} to {last}"),
    }
}

/// Writes the files and the proofs, durably, and gives the folder its name last.
fn put(flight_dir: &Path, out: &Path, found: &Found, proofs: &[u8]) -> Result<(), ExtractError> {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = out.with_file_name(format!("{name}.unfinished"));
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).doing("cannot replace", &unfinished);
        }
        Ok(()) | Err(_) => {}
    }
    let path = unfinished.join(EXTRACT);
    create_folder_of(&path).doing("cannot create", &unfinished)?;
    for (file, (_, sealed)) in found {
        copy(&file.under(flight_dir), &file.under(&unfinished), file, sealed)?;
    }
    File::create_new(&path)
        .and_then(|mut file| file.write_all(proofs).and_then(|()| file.sync_all()))
        .and_then(|()| sync_parent(&path))
        .doing("cannot write", &path)?;
    fs::rename(&unfinished, out).and_then(|()| sync_parent(out)).doing("cannot finish", out)
}

/// Copies a file that must be the one its record describes.
fn copy(from: &Path, to: &Path, file: &SealedName, sealed: &Extent) -> Result<(), ExtractError> {
    create_folder_of(to).doing("cannot create the folder of", to)?;
    let mut input = File::open(from).doing("cannot read", from)?.take(sealed.bytes.saturating_add(1));
    let mut output = File::create_new(to).doing("cannot create", to)?;
    let mut counted = Counted::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                counted.update(&buffer[..read]);
                output.write_all(&buffer[..read]).doing("cannot write", to)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).doing("cannot read", from),
        }
    }
    if counted.extent() != *sealed {
        return Err(ExtractError::OtherBytes { file: file.clone() });
    }
    output.sync_all().and_then(|()| sync_parent(to)).doing("cannot write", to)
}
