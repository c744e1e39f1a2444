//! Who writes drafts: samples in, journals and drafts on the disk, words for people out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::SignedDuration;
use mission_profiles::flight_log::{Drafter, Entry, Headers, Sample, local};

use super::files::{Folder, Journal};

/// A flight that was heard no longer ago than this may go on.
const GOES_ON: SignedDuration = SignedDuration::from_mins(10);

/// The writer of one folder.
#[derive(Debug)]
pub(super) struct Scribe {
    dir: PathBuf,
    headers: Headers,
    flights: BTreeMap<u8, Flight>,
}

#[derive(Debug)]
struct Flight {
    system: u8,
    drafter: Drafter,
    journal: Option<Journal>,
    /// A disk that fails is told of once a flight.
    failed: bool,
}

impl Scribe {
    pub(super) fn new(dir: PathBuf, headers: Headers) -> Self {
        Self { dir, headers, flights: BTreeMap::new() }
    }

    /// What lies there of flights that nobody saw the end of.
    pub(super) fn unfinished(&self) -> Vec<String> {
        let found = Folder::look(&self.dir).unwrap_or_default();
        let cure = format!("`skyseal-ground log finish --log {}` makes a draft of it", self.dir.display());
        found.journals.iter().map(|path| format!("flight log: {} is unfinished: {cure}", path.display())).collect()
    }

    /// Takes what a vehicle was heard to say; what is worth telling.
    pub(super) fn hear(&mut self, system: u8, sample: &Sample) -> Vec<String> {
        let header = self.headers.of(system);
        let new = || Flight { system, drafter: Drafter::new(header.clone()), journal: None, failed: false };
        let flight = self.flights.entry(system).or_insert_with(new);
        let mut said = Vec::new();
        if !flight.drafter.is_flying() && sample.armed && sample.in_air {
            flight.failed = false;
            if let Some((journal, drafter)) = resumed(&self.dir, system, sample) {
                said.push(format!("flight log: {} goes on", journal.id));
                (flight.journal, flight.drafter) = (Some(journal), drafter);
            }
        }
        let ended = flight.drafter.hear(*sample);
        if let Some(journal) = &mut flight.journal {
            let kept = journal.heard(sample);
            said.extend(flight.failed(kept));
        }
        if let Some(entry) = ended {
            said.push(flight.write(&self.dir, entry));
        }
        if flight.drafter.is_flying() && flight.journal.is_none() && !flight.failed {
            let began = begin(&self.dir, system, self.headers.of(system), sample);
            match began {
                Ok(journal) => flight.journal = Some(journal),
                Err(error) => said.extend(flight.failed(Err(error))),
            }
        }
        said
    }

    /// Everything so far, safe on the disk; flights that are still in the air, in words.
    pub(super) fn close(self) -> Vec<String> {
        let flying = self.flights.into_values().filter(|flight| flight.drafter.is_flying());
        let said = |mut flight: Flight| {
            let Some(journal) = flight.journal.take() else { return Vec::new() };
            let synced = journal.sync();
            let mut said: Vec<String> = flight.failed(synced).into_iter().collect();
            said.push(format!(
                "flight log: {} is still in the air: whoever follows it next goes on, or `skyseal-ground log finish --log {}` ends it",
                journal.id,
                self.dir.display()
            ));
            said
        };
        flying.flat_map(said).collect()
    }
}

impl Flight {
    fn failed(&mut self, done: Result<()>) -> Option<String> {
        let error = done.err().filter(|_| !self.failed)?;
        self.failed = true;
        Some(format!(
            "flight log: {error:#}; the flight goes on, its draft is written at the landing if the disk lets it"
        ))
    }

    fn write(&mut self, dir: &Path, entry: Entry) -> String {
        let (minutes, from) = (f64::from(entry.duration_s()) / 60.0, local(entry.take_off.at));
        let journal = match self.journal.take() {
            Some(journal) => Ok(journal),
            None => Journal::begin(dir, &entry.id, self.system, &entry.header),
        };
        match journal.and_then(|journal| journal.finish(entry)) {
            Ok(path) => format!(
                "flight log: {minutes:.1} min from {from}, drafted in {}; enter it with `skyseal-ground log add`",
                path.display()
            ),
            Err(error) => format!("flight log: the draft cannot be written: {error:#}"),
        }
    }
}

fn begin(dir: &Path, system: u8, header: &mission_profiles::flight_log::Header, first: &Sample) -> Result<Journal> {
    let mut journal = Journal::begin(dir, &first.id(&header.serial), system, header)?;
    journal.heard(first)?;
    journal.sync()?;
    Ok(journal)
}

/// The flight of this vehicle that a run before left in the air a moment ago, if it did.
fn resumed(dir: &Path, system: u8, now: &Sample) -> Option<(Journal, Drafter)> {
    for path in Folder::look(dir).ok()?.journals {
        let Ok((mut journal, replayed)) = Journal::take_up(&path) else { continue };
        let since = replayed.last.map(|last| now.at.duration_since(last.at));
        let recent = since.is_some_and(|since| since >= SignedDuration::ZERO && since <= GOES_ON);
        if replayed.system == system && recent && replayed.ended.is_none() && journal.taken_up().is_ok() {
            let mut drafter = replayed.drafter;
            drafter.taken_up();
            return Some((journal, drafter));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use mission_profiles::place::Position;

    fn sample(second: i64, in_air: bool) -> Sample {
        Sample {
            at: jiff::Timestamp::from_second(1_800_000_000 + second).unwrap(),
            mono_ms: u64::try_from(second * 1_000).unwrap(),
            position: Position::new(51.5, -0.1),
            height_m: Some(10.0),
            armed: in_air,
            in_air,
            battery_percent: None,
        }
    }

    fn scribe(dir: &Path) -> Scribe {
        Scribe::new(dir.to_owned(), Headers::read("h", "serial = \"SKY-1\"\n[system.2]\nserial = \"SKY-2\"\n").unwrap())
    }

    fn drafts(dir: &Path) -> Vec<Entry> {
        let found = Folder::look(dir).unwrap();
        found.drafts.iter().map(|path| super::super::files::draft(path).unwrap()).collect()
    }

    #[test]
    fn two_vehicles_and_two_take_offs_are_three_drafts() {
        let temp = tempfile::tempdir().unwrap();
        let mut scribe = scribe(temp.path());
        let mut said = Vec::new();
        for second in 0..100 {
            said.extend(scribe.hear(1, &sample(second, (10..40).contains(&second) || (60..90).contains(&second))));
            said.extend(scribe.hear(2, &sample(second, (20..50).contains(&second))));
        }
        assert_eq!(said.len(), 3, "{said:?}");
        let serials: Vec<_> =
            drafts(temp.path()).into_iter().map(|entry| (entry.header.serial, entry.aloft_s)).collect();
        assert_eq!(serials, [("SKY-1".into(), 29), ("SKY-2".into(), 29), ("SKY-1".into(), 29)]);
        assert!(Folder::look(temp.path()).unwrap().journals.is_empty() && scribe.close().is_empty());
    }

    #[test]
    fn whoever_follows_next_goes_on_with_the_same_flight() {
        let temp = tempfile::tempdir().unwrap();
        let mut first = scribe(temp.path());
        for second in 0..60 {
            first.hear(1, &sample(second, true));
        }
        assert!(first.close()[0].contains("still in the air"));
        let mut second = scribe(temp.path());
        assert!(second.unfinished()[0].contains("is unfinished"));
        assert!(second.hear(2, &sample(70, true)).is_empty(), "another vehicle's flight is its own");
        assert!(second.hear(1, &sample(80, true))[0].contains("goes on"));
        let said = second.hear(1, &sample(100, false));
        assert!(said[0].contains("drafted in"), "{said:?}");
        let entry = drafts(temp.path()).remove(0);
        assert_eq!((entry.aloft_s, entry.header.serial.as_str()), (80, "SKY-1"));
        assert!(entry.notes.iter().any(|note| note.contains("began anew")), "{:?}", entry.notes);
    }

    #[test]
    fn a_flight_that_was_left_long_ago_is_no_part_of_this_one() {
        let temp = tempfile::tempdir().unwrap();
        let mut first = scribe(temp.path());
        first.hear(1, &sample(0, true));
        drop(first);
        let mut second = scribe(temp.path());
        second.hear(1, &sample(2_000, true));
        second.hear(1, &sample(2_060, false));
        assert_eq!(drafts(temp.path())[0].aloft_s, 0, "one sample in the air");
        assert_eq!(Folder::look(temp.path()).unwrap().journals.len(), 1, "the other one is kept");
    }

    #[test]
    fn a_disk_that_takes_nothing_is_told_of_once_and_the_flight_is_drafted_when_it_does() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("log");
        std::fs::write(&dir, "in the way").unwrap();
        let mut scribe = scribe(&dir);
        let said: Vec<_> = (0..30).flat_map(|second| scribe.hear(1, &sample(second, true))).collect();
        assert!(said.len() == 1 && said[0].contains("cannot be made"), "{said:?}");
        std::fs::remove_file(&dir).unwrap();
        assert!(scribe.hear(1, &sample(31, false))[0].contains("drafted in"));
        assert_eq!(drafts(&dir)[0].aloft_s, 29);
    }
}
