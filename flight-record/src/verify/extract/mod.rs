//! The verdict on an extract: some files of a flight, judged by the records and heads that came with them.

mod carried;
mod heads;

use super::authority::EndSeen;
use super::folder::Inventory;
use super::records::Records;
use super::report::{CoveredFile, Covers, Findings, Items, Report, Subject, TrustFacts};
use super::witness::Gathered;
use super::words::{Integrity, Time};
use super::{Anchor, Options, VerifyError, authority, files, folder, witness};
use crate::extract::{EXTRACT, Extract, MAX_EXTRACT_BYTES, may_be_extracted};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Verifies the extract in `dir`.
///
/// # Errors
/// Only when no verdict is possible: no folder, or the machine fails. Whatever is wrong with the extract is in the report.
pub fn verify_extract(dir: &Path, anchor: &Anchor, options: &Options) -> Result<Report, VerifyError> {
    if !dir.is_dir() {
        return Err(VerifyError::NotAFolder { path: dir.to_owned() });
    }
    examine(dir, anchor, options).map_err(|source| VerifyError::Io { path: dir.to_owned(), source })
}

fn examine(dir: &Path, anchor: &Anchor, options: &Options) -> io::Result<Report> {
    let mut items = Items::default();
    let inventory = folder::list(dir, &mut items)?;
    let extract = read(dir, &inventory, &mut items)?;
    let list = authority::open(anchor, &mut items);
    let mut records = Records::of_part();
    let mut gathered = Gathered::new(list.as_ref());
    let mut flight_records = 0;
    if let Some(extract) = &extract {
        let device = carried::device(extract);
        let head = heads::check(extract, device, &mut gathered, &mut items);
        flight_records = head.as_ref().map_or(0, |head| head.size);
        carried::check(extract, head, &mut records, &mut items);
    }
    for number in 1..=options.witness.len() {
        let detail = "an extract carries what stations said; the whole flight is verified with witness files";
        items.not_checked(Subject::WitnessFile { number }, detail);
    }
    for number in 1..=options.tokens.len() {
        let detail =
            "a token stamps the end of a flight, which an extract need not carry; verify the whole flight with it";
        items.not_checked(Subject::Token { number }, detail);
    }
    let (content, opened) = files::check_sealed(dir, &inventory, &records, options, &mut items)?;
    name_unjudged(&records, extract.as_ref(), &mut items);
    name_unlisted(&inventory, extract.as_ref(), &mut items);
    let judged = witness::judge(&gathered, &mut records, options.late_after_s, &mut items);
    if let Some(list) = &list {
        let seen = EndSeen { by_station: judged.close_seen_utc_us, by_authority: None };
        authority::check(list, options.now_utc_us, &mut records, seen, &mut items);
    }
    let is_doubted = [records.clock(), judged.time].contains(&Time::Suspect);
    Ok(Report::from(Findings {
        path: dir.display().to_string(),
        items,
        witness: judged.witness,
        witness_facts: judged.facts,
        content,
        time: if is_doubted { Time::Suspect } else { Time::Ok },
        covers: Some(covers(&records, flight_records, extract.as_ref())),
        flight: records.flight,
        trust: list.as_ref().map(TrustFacts::from),
        counts: records.counts,
        ordered: Vec::new(),
        papers: Vec::new(),
        outside_time: Vec::new(),
        opened,
        timeline: records.timeline,
        notices: records.notices,
    }))
}

/// `extract.json`, in the one form it may have.
fn read(dir: &Path, inventory: &Inventory, items: &mut Items) -> io::Result<Option<Extract>> {
    let item = || Subject::File(EXTRACT.to_owned());
    let Some(bytes) = inventory.get(EXTRACT) else {
        items.found(item(), Integrity::Missing, "every extract has it");
        return Ok(None);
    };
    if *bytes > MAX_EXTRACT_BYTES {
        items.found(item(), Integrity::Malformed, format!("longer than {MAX_EXTRACT_BYTES} bytes"));
        return Ok(None);
    }
    let mut text = Vec::new();
    File::open(dir.join(EXTRACT))?.take(MAX_EXTRACT_BYTES).read_to_end(&mut text)?;
    let read = Extract::read(&text).map_err(|error| error.to_string());
    match read.and_then(|extract| check_form(&extract).map(|()| extract).map_err(str::to_owned)) {
        Ok(extract) => {
            items.intact(item());
            Ok(Some(extract))
        }
        Err(why) => {
            items.found(item(), Integrity::Malformed, why);
            Ok(None)
        }
    }
}

/// The rules of `extract.json` that need no key.
fn check_form(extract: &Extract) -> Result<(), &'static str> {
    let Extract { files, records, .. } = extract;
    let paths: Vec<String> = files.iter().map(ToString::to_string).collect();
    let rules = [
        (extract.flight_id.is_version_7(), "flight_id is a UUID of version 7"),
        (!files.is_empty(), "it discloses no file"),
        (paths.is_sorted_by(|a, b| a < b), "the files do not stand in order, each once"),
        (files.iter().all(may_be_extracted), "it lists a file that is no segment, telemetry file or still"),
        (records.first().is_some_and(|first| first.seq == 0), "record 0 does not stand first"),
        (records.is_sorted_by(|a, b| a.seq < b.seq), "the records do not stand in order, each once"),
        (records.iter().all(|carried| carried.seq < crate::record::MAX_RECORDS), "no log has so many records"),
        (!extract.heads.is_empty(), "it carries no head"),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(rule))
}

/// Names the listed files for which no record speaks.
fn name_unjudged(records: &Records, extract: Option<&Extract>, items: &mut Items) {
    for name in extract.iter().flat_map(|extract| &extract.files) {
        if !records.files.sealed.contains_key(name) {
            items.not_checked(Subject::File(name.to_string()), "the record that finishes it is refused or not here");
        }
    }
}

fn name_unlisted(inventory: &Inventory, extract: Option<&Extract>, items: &mut Items) {
    let files = extract.map(|extract| extract.files.iter().map(ToString::to_string)).into_iter().flatten();
    let listed: BTreeSet<String> = files.chain([EXTRACT.to_owned()]).collect();
    for path in inventory.keys().filter(|path| !listed.contains(*path)) {
        let item = Subject::File(path.clone());
        match extract {
            Some(_) => items.found(item, Integrity::Malformed, "extract.json does not list it"),
            None => items.not_checked(item, "extract.json, which would list it, cannot be read"),
        }
    }
}

fn covers(records: &Records, flight_records: u64, extract: Option<&Extract>) -> Covers {
    let covered = records.files.sealed.iter().map(|(name, named)| {
        let record = named.line.saturating_sub(1);
        let recorded_utc_us = records.last_under(named.line).map_or(0, |made| made.utc_us);
        let times = named.content_utc_us(records.pts_epoch_utc_us, recorded_utc_us).unzip();
        CoveredFile { file: name.to_string(), record, from_utc_us: times.0, to_utc_us: times.1 }
    });
    let files: Vec<CoveredFile> = covered.collect();
    Covers {
        flight_records,
        records: extract.map_or(0, |extract| extract.records.len() as u64),
        from_utc_us: files.iter().filter_map(|file| file.from_utc_us).min(),
        to_utc_us: files.iter().filter_map(|file| file.to_utc_us).max(),
        files,
    }
}
