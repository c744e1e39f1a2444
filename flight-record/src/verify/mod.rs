//! The verifier: reads a flight's folder and says, in one word and item by item, what it proves.
//!
//! It trusts nothing in the folder: sizes, counts, paths and keys are claims until something the reader brought along (the
//! unit's root fingerprint) vouches for them. It reads in bounded memory, follows no link, and leaves the folder as it is.

mod ahead;
mod authority;
mod extract;
mod files;
mod folder;
mod from_ground;
mod heads;
mod identities;
mod named;
mod opened;
mod outside_time;
mod papers;
mod picture_check;
mod plain_copy;
mod records;
mod report;
mod sealed;
mod survey;
mod time;
mod timeline;
mod tlog_check;
mod watched;
mod witness;
mod words;

pub use extract::verify_extract;
pub use identities::{Identities, IdentitiesError};
pub use opened::{Opened, Plain, open as open_sealed};
pub use outside_time::Stamped;
pub use report::{
    CoveredFile, Covers, FlightFacts, Item, NotBefore, NotCounted, Ordered, Report, Silence, StationFacts, Subject,
    TrustFacts, WitnessFacts,
};
pub(crate) use survey::{Survey, survey};
pub use timeline::{Missing, Moment, Span, Timeline};
pub use watched::Watched;
pub use words::{Content, EXTRACT_LIMITS, Integrity, LIMITS, Time, Witness, Word};

use crate::keys::KeyId;
use crate::layout::{CHECKPOINTS, RECORDS};
use crate::outside_time::Roots;
use crate::statement::GivenReason;
use authority::EndSeen;
use folder::Inventory;
use records::Records;
use report::{Findings, Items};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use witness::Gathered;

/// What the reader brings along.
pub struct Anchor {
    /// The unit's `trust.json`, as read; whether it is any good is part of the verdict.
    pub trust_json: Vec<u8>,
    /// The fingerprint of the unit's root, known from elsewhere.
    pub root: KeyId,
}

/// How to look.
pub struct Options {
    /// Opens the files; without, only the sealed files are compared.
    pub identities: Option<Identities>,
    /// A folder for the plain files, for playing; needs identities. Existing files are never written over.
    pub extract: Option<PathBuf>,
    /// Now, POSIX µs: an expired trust list vouches for nothing.
    pub now_utc_us: i64,
    /// Files read at a time.
    pub threads: usize,
    /// Witness files, as read, each at most [`crate::witness::file::MAX_FILE_BYTES`]. What stations say counts from here
    /// and from the flight's own heads alike.
    pub witness: Vec<Vec<u8>>,
    /// Reasons that the ground kept: they show with the orders that commit to them.
    pub reasons: Vec<GivenReason>,
    /// Tokens of time-stamping authorities over the head of `close`, as read, each at most
    /// [`crate::outside_time::MAX_TOKEN_BYTES`].
    pub tokens: Vec<Vec<u8>>,
    /// Roots of the authorities that the reader trusts: without, no token counts.
    pub tsa_roots: Roots,
    /// What the ground saw later than this many seconds after it was made is late: [`LATE_AFTER_S`].
    pub late_after_s: u32,
    /// Whoever watches.
    pub watched: Option<Watched>,
}

impl Options {
    /// Looks at the sealed files only, without witness files, by the bound of the format; now is in POSIX µs.
    pub fn sealed(now_utc_us: i64, threads: usize) -> Self {
        Self {
            identities: None,
            extract: None,
            now_utc_us,
            threads,
            witness: Vec::new(),
            reasons: Vec::new(),
            tokens: Vec::new(),
            tsa_roots: Roots::default(),
            late_after_s: LATE_AFTER_S,
            watched: None,
        }
    }
}

/// The bound that the format names.
pub const LATE_AFTER_S: u32 = 30;

/// Why there is no verdict at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no such folder.
    #[error("{path} is not a folder; give the folder of a flight or of a device log")]
    NotAFolder {
        /// What was given.
        path: PathBuf,
    },
    /// Something cannot be read, or an extracted file cannot be written.
    #[error("cannot read all of {path}, or write what is extracted from it")]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Verifies the flight, or device log, in `dir`.
///
/// # Errors
/// Only when no verdict is possible: no folder, or the machine fails. Whatever is wrong with the flight is in the report.
pub fn verify(dir: &Path, anchor: &Anchor, options: &Options) -> Result<Report, VerifyError> {
    if !dir.is_dir() {
        return Err(VerifyError::NotAFolder { path: dir.to_owned() });
    }
    examine(dir, anchor, options).map_err(|source| VerifyError::Io { path: dir.to_owned(), source })
}

/// The report on a package that holds no flight.
pub(crate) fn without_flight(anchor: &Anchor) -> Report {
    let mut items = Items::default();
    items.found(Subject::File("data/flight".to_owned()), Integrity::Missing, "every package holds a flight");
    let list = authority::open(anchor, &mut items);
    Report::from(Findings::new(items, list.as_ref().map(TrustFacts::from)))
}

fn examine(dir: &Path, anchor: &Anchor, options: &Options) -> io::Result<Report> {
    let mut items = Items::default();
    let inventory = folder::list(dir, &mut items)?;
    let mut records = match open(dir, RECORDS, &inventory, &mut items)? {
        Some(file) => Records::read(file, &mut items)?,
        None => Records::default(),
    };
    let list = authority::open(anchor, &mut items);
    let mut gathered = Gathered::new(list.as_ref());
    if let Some(file) = open(dir, CHECKPOINTS, &inventory, &mut items)? {
        records.close_imprint = heads::check(file, &records, &mut gathered, &mut items)?;
    }
    witness::check_all(&options.witness, &mut records, &mut gathered, &mut items);
    files::take_unnamed(&inventory, &mut records);
    let (content, opened) = files::check(dir, &inventory, &records, options, &mut items)?;
    let proven = from_ground::check(&mut records, list.as_ref(), &options.reasons, &mut items);
    let mut judged = witness::judge(&gathered, &mut records, options.late_after_s, &mut items);
    judged.facts.not_before = proven.not_before;
    let outside = outside_time::check(&options.tokens, &options.tsa_roots, &mut records, &mut items);
    if let Some(list) = &list {
        let seen = EndSeen { by_station: judged.close_seen_utc_us, by_authority: outside.close_seen_utc_us };
        authority::check(list, options.now_utc_us, &mut records, seen, &mut items);
    }
    let frozen = papers::look(dir, &records, list.as_ref(), options, &items.0)?;
    records.notices.extend(papers::notices(&frozen));
    let doubted = [records.clock(), judged.time, outside.time].contains(&Time::Suspect);
    let time = if doubted { Time::Suspect } else { proven.time.unwrap_or(Time::Ok) };
    Ok(Report::from(Findings {
        path: dir.display().to_string(),
        items,
        witness: judged.witness,
        witness_facts: judged.facts,
        content,
        time,
        flight: records.flight,
        covers: None,
        trust: list.as_ref().map(TrustFacts::from),
        counts: records.counts,
        ordered: proven.ordered,
        papers: frozen,
        outside_time: outside.stamped,
        opened,
        timeline: records.timeline,
        notices: records.notices,
    }))
}

/// Opens one of the two logs; its absence is named.
fn open(dir: &Path, name: &str, inventory: &Inventory, items: &mut Items) -> io::Result<Option<BufReader<File>>> {
    if inventory.contains_key(name) {
        return Ok(Some(BufReader::with_capacity(128 * 1024, File::open(dir.join(name))?)));
    }
    items.found(Subject::File(name.to_owned()), Integrity::Missing, "every flight has it");
    Ok(None)
}
