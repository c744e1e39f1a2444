//! The files: each that is named is read once, several at a time; each that is there and not named is named here.

use super::Options;
use super::folder::Inventory;
use super::named::{Ending, Holds, Named};
use super::opened::{self, Opened, Plain};
use super::picture_check::PictureCheck;
use super::plain_copy::PlainCopy;
use super::records::Records;
use super::report::{Items, Seen, Subject};
use super::sealed::{Passed, Sealed};
use super::tlog_check::TlogCheck;
use super::watched::Told;
use super::words::{Content, Integrity};
use crate::digest::{Extent, Sha256};
use crate::layout::{CHECKPOINTS, MAX_FILE_BYTES, RECORDS, SealedName, TornFrom, UNFINISHED_DOCUMENT, torn_path};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Files that no record names of which each is an item; of the rest only the number.
const MAX_STRANGERS: usize = 1000;

/// What was found of a file: the worst, and all there is to say.
#[derive(Default)]
struct Found {
    words: Vec<(Integrity, String)>,
    opened: bool,
    /// Nobody knows whether a record behind a fault finishes it.
    unproven: bool,
    /// What its plain bytes held.
    seen: Seen,
    /// All of the sealed file, to recognise it under another name.
    sealed: Option<Sha256>,
}

impl Found {
    /// A file that nothing ends.
    fn endless() -> Self {
        let detail = format!("longer than {MAX_FILE_BYTES} bytes; no file of a flight is, and it was not read");
        Self { words: vec![(Integrity::Malformed, detail)], ..Self::default() }
    }
}

/// Checks all files against what the records say of them.
pub(super) fn check(
    dir: &Path,
    inventory: &Inventory,
    records: &Records,
    options: &Options,
    items: &mut Items,
) -> io::Result<(Content, Seen)> {
    let found = check_sealed(dir, inventory, records, options, items)?;
    check_torn(dir, inventory, records, items)?;
    name_unlisted(inventory, records, items);
    Ok(found)
}

/// Checks the sealed files that records name.
pub(super) fn check_sealed(
    dir: &Path,
    inventory: &Inventory,
    records: &Records,
    options: &Options,
    items: &mut Items,
) -> io::Result<(Content, Seen)> {
    let present: Vec<(&SealedName, &Named)> =
        records.files.sealed.iter().filter(|(name, _)| inventory.contains_key(&name.to_string())).collect();
    let longest_bytes = records.files.longest_bytes();
    let found = in_parallel(options.threads, &present, |(name, named)| {
        // What is longer than anything recorded is wrong without being read to its end, which may be far.
        let is_open = matches!(named.ending, Ending::Never);
        if is_open && inventory.get(&name.to_string()).is_some_and(|bytes| *bytes > MAX_FILE_BYTES) {
            return Ok(Found::endless());
        }
        let most = if is_open { MAX_FILE_BYTES } else { longest_bytes.saturating_add(1) };
        let input = File::open(name.under(dir))?.take(most);
        let file = Told { input, watched: options.watched.as_ref() };
        examine(file, (name, named), records, options)
    })?;
    let mut results = BTreeMap::new();
    let mut by_digest = BTreeMap::new();
    for ((name, named), found) in present.into_iter().zip(found) {
        by_digest.extend(sealed_digest(named).map(|digest| (digest, name)));
        results.insert(name, found);
    }
    let mut seen = Seen::default();
    let mut all_opened = options.identities.is_some();
    for (name, named) in &records.files.sealed {
        let item = Subject::File(name.to_string());
        let Some(found) = results.remove(name) else {
            all_opened = false;
            let record = named.line.saturating_sub(1);
            if !named.believed {
                items.not_checked(item, format!("only record {record}, which is refused, names it"));
                continue;
            }
            items.found(item, Integrity::Missing, format!("record {record} names it, and it is not here"));
            continue;
        };
        all_opened &= found.opened;
        seen.add(found.seen);
        say(item, name, named, found, &by_digest, items);
    }
    let nothing_to_open = records.files.sealed.is_empty() && !records.roots.is_empty();
    let all_opened = all_opened || nothing_to_open;
    let content = if all_opened { Content::Opened } else { Content::Sealed };
    Ok((content, seen))
}

fn sealed_digest(named: &Named) -> Option<Sha256> {
    match &named.ending {
        Ending::Finished { sealed, .. } | Ending::Found(sealed) => Some(sealed.sha256),
        Ending::Never => None,
    }
}

fn say(
    item: Subject,
    name: &SealedName,
    named: &Named,
    mut found: Found,
    by_digest: &BTreeMap<Sha256, &SealedName>,
    items: &mut Items,
) {
    if !named.believed {
        return items.not_checked(item, format!("only line {}, which is refused, names it", named.line));
    }
    if found.unproven && found.words.is_empty() {
        return items.not_checked(item, "what finishes it may stand behind a record that is refused or missing");
    }
    found.words.sort_by_key(|(word, _)| std::cmp::Reverse(*word));
    let Some((worst, _)) = found.words.first() else {
        return items.intact(item);
    };
    let worst = *worst;
    let mut details: Vec<String> = found.words.into_iter().map(|(_, detail)| detail).collect();
    let other = found.sealed.and_then(|digest| by_digest.get(&digest)).filter(|other| **other != name);
    if let Some(other) = other {
        details.push(format!("these are the bytes of {other}"));
    }
    items.found(item, worst, details.join("; "));
}

/// Runs `job` over all of `work` on some threads; results in the order of the work.
fn in_parallel<T: Sync, R: Send>(
    threads: usize,
    work: &[T],
    job: impl Fn(&T) -> io::Result<R> + Sync,
) -> io::Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, work.len().max(1)) {
            scope.spawn(|| {
                while let Some((at, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, work.get(at)?)))
                {
                    let result = job(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, result);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn examine(
    file: impl io::Read,
    (name, named): (&SealedName, &Named),
    records: &Records,
    options: &Options,
) -> io::Result<Found> {
    let mut prefixes = named.prefixes.clone();
    prefixes.sort_by_key(|(_, prefix)| prefix.bytes);
    let mut reader = Sealed::new(file, &prefixes);
    let mut found = Found::default();
    let inside = match &options.identities {
        None => None,
        Some(identities) => {
            let copy = options.extract.as_deref().map(|to| PlainCopy::create(to, name)).transpose()?;
            let mut inside = Inside { check: Check::of(name, records.pts_epoch_utc_us), copy };
            let opened = opened::open(&mut reader, identities, &mut inside)?;
            Some((opened, inside))
        }
    };
    let passed = reader.finish()?;
    found.sealed = Some(passed.extent.sha256);
    found.unproven = records.is_unproven() && matches!(named.ending, Ending::Never) && passed.unreached.is_none();
    let whole = compare_sealed(name, named, &passed, records.closed, &mut found);
    if let Some((opened, inside)) = inside {
        compare_opened(named, whole, opened, inside, &mut found)?;
    }
    Ok(found)
}

/// What the sealed bytes are, against the records. Whether they are all of a finished file.
fn compare_sealed(name: &SealedName, named: &Named, passed: &Passed, closed: bool, found: &mut Found) -> bool {
    if let Some(line) = passed.refuted {
        let detail = format!("its first bytes are not those that line {line} attested in flight");
        found.words.push((Integrity::Altered, detail));
    }
    let trouble = match &named.ending {
        Ending::Never if found.unproven => None,
        Ending::Never => Some(name_unfinished(passed, closed)),
        Ending::Found(wanted) => Some(compare_extent(name, passed, wanted).unwrap_or_else(|| match passed.unreached {
            Some(_) => name_unfinished(passed, closed),
            None => {
                let detail = format!("cut off; {}; the rest only after the restart", attested(passed));
                (Integrity::UnattestedTail, detail)
            }
        })),
        Ending::Finished { sealed, .. } => compare_extent(name, passed, sealed),
    };
    let whole = trouble.is_none();
    found.words.extend(trouble);
    whole
}

/// How far the file was attested while it was written.
fn attested(passed: &Passed) -> String {
    let bytes = passed.extent.bytes;
    match passed.agreed {
        Some((line, prefix)) => {
            format!("of {bytes} bytes, line {line} attested its first {} bytes in flight", prefix.bytes)
        }
        None => format!("of {bytes} bytes, none was attested in flight"),
    }
}

/// A file that no record finishes.
fn name_unfinished(passed: &Passed, closed: bool) -> (Integrity, String) {
    let (word, what) = match (passed.unreached, closed) {
        (Some(_), _) => (Integrity::Incomplete, "shorter than it was in flight"),
        (None, true) => (Integrity::Incomplete, "never finished"),
        (None, false) => (Integrity::UnattestedTail, "still being written when the log ends"),
    };
    (word, format!("{what}; {}", attested(passed)))
}

/// What is wrong with a file that should be exactly `wanted`.
fn compare_extent(name: &SealedName, passed: &Passed, wanted: &Extent) -> Option<(Integrity, String)> {
    let extent = passed.extent;
    let altered = |detail: String| Some((Integrity::Altered, detail));
    if extent.bytes < wanted.bytes {
        // What is left of it may be anything, unless it was attested on the way.
        let is_attested = extent.bytes == 0 || passed.agreed.is_some_and(|(_, prefix)| prefix.bytes > 0);
        let word = if is_attested { Integrity::Incomplete } else { Integrity::Altered };
        return Some((word, format!("shorter than the {} bytes of its record; {}", wanted.bytes, attested(passed))));
    }
    if extent.bytes > wanted.bytes {
        return altered(format!("longer than the {} bytes of its record", wanted.bytes));
    }
    if extent.sha256 != wanted.sha256 {
        return altered("its SHA-256 is not that of its record".to_owned());
    }
    match name {
        SealedName::Document(digest) if *digest != extent.sha256 => altered("its SHA-256 is not its name".to_owned()),
        _ => None,
    }
}

/// What the plain bytes are, against the record. `whole`: the sealed file is the finished one, as recorded.
fn compare_opened(named: &Named, whole: bool, opened: Opened, inside: Inside, found: &mut Found) -> io::Result<()> {
    // What opens of a file that is not whole is no better than the file.
    let worst = found.words.iter().map(|(word, _)| *word).max().unwrap_or(Integrity::Intact);
    let mut say = |word, detail: String| found.words.push((word, detail));
    let (extent, trouble) = match opened {
        Opened::NoIdentity => {
            return inside.discard();
        }
        Opened::Refused(why) => {
            let word = if whole { Integrity::Malformed } else { worst };
            say(word, why);
            return inside.discard();
        }
        Opened::Partly(extent, why) => (extent, Some(why)),
        Opened::Whole(extent) => (extent, None),
    };
    found.opened = true;
    match (&named.ending, whole) {
        (Ending::Finished { plain, holds, .. }, true) => {
            if let Some(why) = trouble {
                say(Integrity::Malformed, format!("it does not open to its end: {why}"));
            } else if extent != *plain {
                say(Integrity::Altered, "its plain SHA-256 is not that of its record".to_owned());
            }
            inside.keep_all()?;
            let (seen, words) = inside.check.against(holds);
            found.seen = seen;
            found.words.extend(words);
        }
        _ => {
            // Whatever opens can be played; the words about the file itself are said already.
            let (seen, playable) = inside.keep_whole_units(&extent)?;
            found.seen = seen;
            if !found.words.is_empty() {
                found.words.push((worst, playable));
            }
        }
    }
    Ok(())
}

/// What looks at the plain bytes of a file, and where they are kept.
struct Inside {
    check: Check,
    copy: Option<PlainCopy>,
}

enum Check {
    Pictures(Box<PictureCheck>),
    Tlog(TlogCheck),
    Bytes,
}

impl Check {
    fn of(name: &SealedName, pts_epoch_utc_us: i64) -> Self {
        match name {
            SealedName::Segment(..) => Self::Pictures(Box::new(PictureCheck::new(pts_epoch_utc_us))),
            SealedName::Telemetry(_) => Self::Tlog(TlogCheck::default()),
            SealedName::Still(..) | SealedName::Document(_) => Self::Bytes,
        }
    }

    fn seen(&self) -> Seen {
        match self {
            Self::Pictures(check) => check.seen(),
            Self::Tlog(check) => Seen { messages: check.messages, ..Seen::default() },
            Self::Bytes => Seen::default(),
        }
    }

    fn against(self, holds: &Holds) -> (Seen, Vec<(Integrity, String)>) {
        match (self, holds) {
            (Self::Pictures(check), Holds::Segment(record)) => check.finish(record),
            (Self::Tlog(check), Holds::Telemetry(record)) => {
                let seen = Seen { messages: check.messages, ..Seen::default() };
                (seen, check.finish(record))
            }
            // A file's name and its record's kind agree, by the rules of the record.
            _ => (Seen::default(), Vec::new()),
        }
    }
}

impl Plain for Inside {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.check {
            Check::Pictures(check) => check.take(bytes),
            Check::Tlog(check) => check.take(bytes),
            Check::Bytes => {}
        }
        self.copy.as_mut().map_or(Ok(()), |copy| copy.take(bytes))
    }
}

impl Inside {
    fn discard(self) -> io::Result<()> {
        self.copy.map_or(Ok(()), PlainCopy::discard)
    }

    fn keep_all(&self) -> io::Result<()> {
        self.copy.as_ref().map_or(Ok(()), |copy| copy.keep(u64::MAX))
    }

    /// Trims what was copied to whole packets or frames, and says how much that is.
    fn keep_whole_units(mut self, opened: &Extent) -> io::Result<(Seen, String)> {
        let (bytes, playable) = match &mut self.check {
            Check::Pictures(check) => {
                let bytes = check.whole_bytes();
                check.finish_cut();
                (bytes, format!("{} pictures play", check.frames))
            }
            Check::Tlog(check) => (check.whole_bytes(), format!("{} frames are whole", check.messages)),
            Check::Bytes => (opened.bytes, format!("{} bytes open", opened.bytes)),
        };
        self.copy.as_ref().map_or(Ok(()), |copy| copy.keep(bytes))?;
        Ok((self.check.seen(), playable))
    }
}

/// Torn bytes that a recovery kept are as it found them.
fn check_torn(dir: &Path, inventory: &Inventory, records: &Records, items: &mut Items) -> io::Result<()> {
    for (path, extent) in &records.files.torn {
        let item = Subject::File(path.clone());
        let Some(bytes) = inventory.get(path) else {
            items.found(item, Integrity::Missing, "torn bytes that a recovery kept are not here");
            continue;
        };
        // Another length is enough to know: it may be endless.
        if *bytes == 0 && extent.bytes > 0 {
            items.found(item, Integrity::Incomplete, "none of the torn bytes that the recovery found are left");
        } else if *bytes == extent.bytes
            && crate::log::recovery::extent_of(&mut File::open(dir.join(path))?)? == *extent
        {
            items.intact(item);
        } else {
            items.found(item, Integrity::Altered, "not the torn bytes that the recovery found");
        }
    }
    Ok(())
}

/// Names what is here and in no record.
fn name_unlisted(inventory: &Inventory, records: &Records, items: &mut Items) {
    let strangers: Vec<_> = inventory.keys().filter(|path| !is_listed(path, records)).collect();
    if let Some(more) = strangers.len().checked_sub(MAX_STRANGERS + 1) {
        let detail = format!("and {} more files that no record names", more + 1);
        items.found(Subject::File(".".to_owned()), Integrity::Malformed, detail);
    }
    for path in strangers.into_iter().take(MAX_STRANGERS) {
        let item = Subject::File(path.clone());
        if !has_a_place(path) {
            items.found(item, Integrity::Malformed, "no flight has such a file");
        } else if records.is_unproven() {
            items.not_checked(item, "no record that can be read names it");
        } else if may_grow(records) && path == UNFINISHED_DOCUMENT {
            items.found(item, Integrity::UnattestedTail, "a document that was being written when the log ends");
        } else if may_grow(records) && is_torn_next(path, records) {
            items.found(
                item,
                Integrity::UnattestedTail,
                "torn bytes that a recovery was setting aside when the log ends",
            );
        } else {
            items.found(item, Integrity::Malformed, "no record names it");
        }
    }
}

/// Whether a flight may have a file of this path.
fn has_a_place(path: &str) -> bool {
    path.parse::<SealedName>().is_ok() || path == UNFINISHED_DOCUMENT || path.starts_with("torn/")
}

fn is_listed(path: &str, records: &Records) -> bool {
    matches!(path, RECORDS | CHECKPOINTS)
        || records.files.torn.contains_key(path)
        || path.parse().is_ok_and(|name: SealedName| records.files.sealed.contains_key(&name))
}

/// Torn bytes that the next record, a `recovered`, would have named.
fn is_torn_next(path: &str, records: &Records) -> bool {
    let next = records.roots.len() as u64;
    [TornFrom::Records, TornFrom::Checkpoints, TornFrom::Document].into_iter().any(|from| torn_path(from, next) == path)
}

/// While a log has no end, files of the flight may be ahead of it.
fn may_grow(records: &Records) -> bool {
    !records.closed && !records.is_device_log && !records.roots.is_empty()
}

/// Takes in files that a log without an end has not come to name, so that what is in them can be played.
pub(super) fn take_unnamed(inventory: &Inventory, records: &mut Records) {
    if may_grow(records) && !records.is_unproven() {
        let names = inventory.keys().filter_map(|path| path.parse::<SealedName>().ok());
        let to_come: Vec<_> = names.filter(|name| records.files.may_come(name)).collect();
        for name in to_come {
            records.files.sealed.entry(name).or_insert_with(|| Named {
                ending: Ending::Never,
                line: 0,
                believed: true,
                prefixes: Vec::new(),
            });
        }
    }
}
