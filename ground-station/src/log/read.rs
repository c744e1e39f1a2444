//! The whole flight log, for the window.

use std::path::Path;

use anyhow::Result;
use evidence_store::register::{Register, Version, versions};
use evidence_store::store::Folder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mission_profiles::flight_log::{Entry, changes, local};

use super::{files, register, show};
use crate::desk::{self, Office};
use crate::state::records::{Draft, Flight, Records, Step};

/// Reads register and drafts; takes a while, so not on the thread that draws. `drafts` is the folder of drafts, or else the usual one.
///
/// # Errors
/// When a store, its ledger or the folder of drafts cannot be read. A draft that cannot be read alone is said beside the others.
pub(crate) fn records(office: Option<&Office>, drafts: Option<&Path>, now: Timestamp) -> Result<Records> {
    let flights = office.map_or_else(|| Ok(Vec::new()), flights)?;
    let usual = super::default_dir();
    let found = drafts.or(usual.as_deref()).map_or_else(|| Ok(files::Folder::default()), files::Folder::look)?;
    let (mut waiting, mut unreadable) = (Vec::new(), Vec::new());
    for file in found.drafts {
        match files::draft(&file) {
            Ok(entry) => waiting.push(Draft { file, entry }),
            Err(error) => unreadable.push(format!("{error:#}")),
        }
    }
    let mut unfinished = Vec::new();
    for journal in &found.journals {
        match files::peek(journal) {
            Ok((replayed, under_way)) => {
                let heard = replayed
                    .last
                    .map_or_else(|| "nothing heard".to_owned(), |last| format!("heard until {}", local(last.at)));
                let how = if under_way {
                    "under way"
                } else {
                    "nobody saw the end: `skyseal-ground log finish` makes a draft of it"
                };
                unfinished.push(format!("{}: {heard}, {how}", replayed.id));
            }
            Err(error) => unreadable.push(format!("{error:#}")),
        }
    }
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let records = Records::new(flights, waiting, (now, now.to_zoned(zone).date()));
    Ok(Records { unfinished, unreadable, no_register: office.is_none(), ..records })
}

/// Every entry with all of its versions.
fn flights(office: &Office) -> Result<Vec<Flight>> {
    let folder = Folder::open(&office.store)?;
    let ledger = desk::ledger(&folder, &office.store, &office.outside())?;
    let all = versions(&ledger, Register::FlightLog)?;
    let names = show::names(Some(&office.store))?;
    let held = register::on(&folder, &ledger)?;
    let flight = |logged: register::Logged| -> Result<Flight> {
        let mut before: Option<Entry> = None;
        let mut steps = Vec::new();
        for version in desk::chain(&all, logged.version.digest) {
            let entry = register::entry(&folder, version)?;
            let changed = before.as_ref().map_or_else(Vec::new, |before| changes(before, &entry));
            let person = version.entry.actor.person;
            let who = names.get(&person).map_or_else(|| person.to_string(), ToString::to_string);
            steps.push(step(version, who, changed));
            before = Some(entry);
        }
        Ok(Flight { entry: logged.entry, steps })
    };
    held.into_iter().map(flight).collect()
}

fn step(version: &Version, who: String, changes: Vec<String>) -> Step {
    let place = &version.entry.place_in_ledger;
    let reason = version.entry.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    Step { line: place.seq, at: place.local.to_string(), who, reason, changes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::records::tests::{flight, now};

    #[test]
    fn drafts_are_read_and_what_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let entry = flight("2026-05-19T20:40:00Z", 17, ("P1", "SKY-2", "B1"));
        std::fs::write(folder.path().join("a.json"), entry.write().unwrap()).unwrap();
        std::fs::write(folder.path().join("b.json"), "{}").unwrap();
        std::fs::write(folder.path().join("c.journal"), "").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "not looked at").unwrap();
        let records = records(None, Some(folder.path()), now()).unwrap();
        assert!(records.no_register && records.flights.is_empty() && records.pilots.is_empty());
        assert_eq!(records.drafts.iter().map(|draft| &draft.entry).collect::<Vec<_>>(), [&entry]);
        assert!(
            records.unreadable[0].contains("b.json") && records.unreadable[1].contains("c.journal"),
            "{:?}",
            records.unreadable
        );
        let elsewhere = super::records(None, Some(&folder.path().join("none")), now()).unwrap();
        assert!(elsewhere.drafts.is_empty() && elsewhere.unreadable.is_empty());
    }
}
