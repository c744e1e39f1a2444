//! What an evidence store holds, as the Evidence workspace shows it: its flights, their verdicts, who looks at them and why.

use std::collections::BTreeMap;

use flight_record::keys::KeyId;
use flight_record::verify::{Content, Integrity, Report, Subject, Time, Witness, Word};
use flight_record::{Extent, FlightId, Sha256};

use crate::state::replay::sealed::Recorded;

use super::progress::{Unit, Work};

/// Most flights of a store that are shown; the search finds those beyond by narrowing.
pub(crate) const MOST_FLIGHTS: usize = 20_000;
/// What a check does.
const CHECKING: &str = "Every file is read and compared";
/// Longest search.
const MOST_SEARCH: usize = 200;

/// How long something stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Kept {
    /// The earliest end among its objects, POSIX µs; none when nobody has decided: then it stays.
    pub(crate) until_utc_us: Option<i64>,
    /// Legal holds, each of which beats every timer.
    pub(crate) holds: Vec<String>,
}

/// A flight as its store holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flight {
    /// Its id.
    pub(crate) id: FlightId,
    /// Off the ground, else the first record, POSIX µs.
    pub(crate) begin_utc_us: Option<i64>,
    /// How long, s.
    pub(crate) duration_s: Option<u64>,
    /// The aircraft by the flight log's name, else by the trust list's, else the device's key id.
    pub(crate) aircraft: String,
    /// Who flew; the flight log knows.
    pub(crate) pilot: Option<String>,
    /// What for.
    pub(crate) purpose: Option<String>,
    /// Where, in words.
    pub(crate) place: Option<String>,
    /// The verdict when it was taken over, by the format's word.
    pub(crate) verdict: String,
    /// It is kept apart.
    pub(crate) quarantined: bool,
    /// When it was taken over, POSIX µs.
    pub(crate) taken_over_utc_us: i64,
    /// Its files and bytes.
    pub(crate) files: u64,
    /// See there.
    pub(crate) bytes: u64,
    /// What commits to all of its files.
    pub(crate) manifest: Sha256,
    /// Other stores that gave a receipt for it.
    pub(crate) receipts: Vec<KeyId>,
    /// How long it stays.
    pub(crate) kept: Kept,
    /// Lines of the ledger about it.
    pub(crate) entries: u64,
    /// Of those, still to be countersigned.
    pub(crate) awaiting: u64,
}

impl Flight {
    /// Whether everything searched for stands in it: words in any order, upper or lower case.
    pub(crate) fn matches(&self, search: &str, day: &str) -> bool {
        let said = [
            Some(self.aircraft.as_str()),
            self.pilot.as_deref(),
            self.purpose.as_deref(),
            self.place.as_deref(),
            Some(self.verdict.as_str()),
            Some(day),
        ];
        let id = self.id.to_string();
        let holds = self.kept.holds.iter().map(String::as_str);
        let all = said.into_iter().flatten().chain(holds).chain([id.as_str()]);
        let all = all.collect::<Vec<_>>().join("\n").to_lowercase();
        let search: String = search.chars().take(MOST_SEARCH).collect();
        search.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }
}

/// How a segment stands, as the verifier found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// Cosigned on the ground in time.
    Witnessed,
    /// Later than the bound.
    Late,
    /// Never.
    Unwitnessed,
    /// Not as it was recorded, or not there.
    Doubtful,
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// The one word.
    pub(crate) word: Word,
    /// The axes it comes from.
    pub(crate) axes: (Integrity, Witness, Content, Time),
    /// What the word means.
    pub(crate) meaning: &'static str,
    /// What to do next.
    pub(crate) next: &'static str,
    /// How many items the ground saw in time, and how many there are.
    pub(crate) witnessed: (u64, u64),
    /// The segments of each stream, in order.
    pub(crate) streams: Vec<Vec<Seal>>,
    /// The same segments by name with what their opened bytes are, and the marks of the flight: what a replay goes by.
    pub(crate) recorded: Recorded,
    /// Each fault: what, and how.
    pub(crate) faults: Vec<String>,
    /// When it was looked at, POSIX µs.
    pub(crate) at_utc_us: i64,
}

/// Most faults that are kept for showing; the report in the store has all.
const MOST_FAULTS: usize = 100;

impl Verdict {
    /// Of a report; `plain` says by the sealed file's path what its opened bytes are.
    pub(crate) fn of(report: &Report, plain: &BTreeMap<String, Extent>, at_utc_us: i64) -> Self {
        let seen = |subject: &Subject| matches!(subject, Subject::File(_));
        let files = || report.items.iter().filter(|item| seen(&item.item));
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let witnessed = files().filter(|item| item.witness_delay_ms.is_some() && !item.late).count();
        let faults = report.items.iter().filter(|item| item.word.is_some_and(|word| word != Integrity::Intact));
        let said = faults.map(|item| {
            let word = item.word.map_or_else(String::new, |word| word.to_string());
            format!(
                "{}: {word}{}",
                item.item,
                item.detail.as_deref().map_or_else(String::new, |why| format!(", {why}"))
            )
        });
        Self {
            word: report.word,
            axes: (report.integrity, report.witness, report.content, report.time),
            meaning: report.meaning,
            next: report.next,
            witnessed: (count(witnessed), count(files().count())),
            streams: streams(report),
            recorded: Recorded::of(report, plain),
            faults: said.take(MOST_FAULTS).collect(),
            at_utc_us,
        }
    }
}

/// The files below `segments`, by the stream whose folder they lie in.
fn streams(report: &Report) -> Vec<Vec<Seal>> {
    let mut streams: BTreeMap<&str, BTreeMap<&str, Seal>> = BTreeMap::new();
    for item in &report.items {
        let Subject::File(path) = &item.item else {
            continue;
        };
        let Some((stream, name)) = path.strip_prefix("segments/").and_then(|path| path.split_once('/')) else {
            continue;
        };
        let seal = match (item.word, item.witness_delay_ms, item.late) {
            (Some(word), _, _) if word != Integrity::Intact => Seal::Doubtful,
            (_, Some(_), false) => Seal::Witnessed,
            (_, Some(_), true) => Seal::Late,
            (_, None, _) => Seal::Unwitnessed,
        };
        streams.entry(stream).or_default().insert(name, seal);
    }
    streams.into_values().map(|segments| segments.into_values().collect()).collect()
}

/// How far the checking of a flight is.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Check {
    /// Nobody has asked.
    #[default]
    NotAsked,
    /// It runs, so far.
    Running(Work),
    /// It is done.
    Done(Box<Verdict>),
    /// It could not be done, and why.
    Failed(String),
}

/// Who looks at footage, and why; it stands on the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// By the name of their account.
    pub(crate) who: String,
    /// In their words.
    pub(crate) reason: String,
    /// Which flight.
    pub(crate) flight: FlightId,
    /// The line of the ledger.
    pub(crate) line: u64,
    /// Since when, POSIX µs.
    pub(crate) since_utc_us: i64,
}

/// What the workspace knows.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// The store, when one is chosen; where, for people.
    pub(crate) store: Option<String>,
    /// It is being read.
    pub(crate) reading: bool,
    /// Why it could not be read.
    pub(crate) fault: Option<String>,
    /// Its flights, newest first.
    pub(crate) flights: Vec<Flight>,
    /// The chosen one.
    pub(crate) chosen: Option<FlightId>,
    /// Checks, by flight.
    checks: Vec<(FlightId, Check)>,
    /// Who looks.
    pub(crate) session: Option<Session>,
    /// Why a session could not be begun or ended.
    pub(crate) session_fault: Option<String>,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A store is being read.
    Reading {
        /// Where it is.
        store: String,
    },
    /// It was read, or not.
    Read(Result<Vec<Flight>, String>),
    /// A flight is being checked, from this time of the monotonic clock on.
    Checking(FlightId, u64),
    /// So many bytes of so many are read, at this time.
    CheckedSoFar(FlightId, (u64, u64), u64),
    /// Somebody said stop; it ends as soon as it hears of it.
    Stopping(FlightId),
    /// It was stopped: there is no verdict, and nothing was changed.
    Stopped(FlightId),
    /// It was.
    Checked(FlightId, Result<Box<Verdict>, String>),
    /// A session stands on the ledger, or does not.
    Began(Result<Session, String>),
    /// It is over, or its end could not be written.
    Ended(Result<(), String>),
}

impl Evidence {
    /// Takes what happened.
    pub(crate) fn take(&mut self, event: Event) {
        match event {
            Event::Reading { store } => {
                if self.store.as_ref() != Some(&store) {
                    self.flights.clear();
                    self.checks.clear();
                    self.chosen = None;
                }
                (self.store, self.reading, self.fault) = (Some(store), true, None);
            }
            Event::Read(Ok(mut flights)) => {
                flights
                    .sort_by_key(|flight| std::cmp::Reverse(flight.begin_utc_us.unwrap_or(flight.taken_over_utc_us)));
                flights.truncate(MOST_FLIGHTS);
                let there = |id: FlightId| flights.iter().any(|flight| flight.id == id);
                self.chosen = self.chosen.filter(|id| there(*id)).or(flights.first().map(|flight| flight.id));
                (self.flights, self.reading) = (flights, false);
            }
            Event::Read(Err(why)) => (self.fault, self.reading) = (Some(why), false),
            Event::Checking(id, now_ns) => {
                self.set(id, Check::Running(Work::begun(CHECKING, Unit::Bytes, None, now_ns)));
            }
            Event::CheckedSoFar(id, far, now_ns) => {
                self.running(id).into_iter().for_each(|work| work.at(CHECKING, far, now_ns));
            }
            Event::Stopping(id) => self.running(id).into_iter().for_each(Work::stop),
            Event::Stopped(id) => self.set(id, Check::NotAsked),
            Event::Checked(id, Ok(verdict)) => self.set(id, Check::Done(verdict)),
            Event::Checked(id, Err(why)) => self.set(id, Check::Failed(why)),
            Event::Began(Ok(session)) => (self.session, self.session_fault) = (Some(session), None),
            Event::Ended(Ok(())) => (self.session, self.session_fault) = (None, None),
            Event::Began(Err(why)) | Event::Ended(Err(why)) => self.session_fault = Some(why),
        }
    }

    fn set(&mut self, id: FlightId, check: Check) {
        self.checks.retain(|(known, _)| *known != id);
        self.checks.push((id, check));
    }

    fn running(&mut self, id: FlightId) -> Option<&mut Work> {
        self.checks.iter_mut().find(|(known, _)| *known == id).and_then(|(_, check)| match check {
            Check::Running(work) => Some(work),
            Check::NotAsked | Check::Done(_) | Check::Failed(_) => None,
        })
    }

    /// How far the checking of a flight is.
    pub(crate) fn check(&self, id: FlightId) -> &Check {
        const NOT_ASKED: &Check = &Check::NotAsked;
        self.checks.iter().find(|(known, _)| *known == id).map_or(NOT_ASKED, |(_, check)| check)
    }

    /// The chosen flight.
    pub(crate) fn flight(&self) -> Option<&Flight> {
        let chosen = self.chosen?;
        self.flights.iter().find(|flight| flight.id == chosen)
    }

    /// The session over the chosen flight.
    pub(crate) fn looks(&self) -> Option<&Session> {
        self.session.as_ref().filter(|session| Some(session.flight) == self.chosen)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn flight(number: u8, begin_utc_us: i64) -> Flight {
        Flight {
            id: FlightId::from_bytes([number; 16]),
            begin_utc_us: Some(begin_utc_us),
            duration_s: Some(1_024),
            aircraft: "Delta 2-1".to_owned(),
            pilot: Some("PC 4417 Hale".to_owned()),
            purpose: Some("Missing-person search".to_owned()),
            place: Some("Etwall".to_owned()),
            verdict: "VERIFIED-SEALED-ONLY".to_owned(),
            quarantined: false,
            taken_over_utc_us: begin_utc_us + 3_600_000_000,
            files: 515,
            bytes: 3_800_000_000,
            manifest: Sha256::of(&[number]),
            receipts: vec![flight_record::keys::DeviceKey::from_seed([7; 32]).public().id()],
            kept: Kept { until_utc_us: Some(1_813_350_000_000_000), holds: Vec::new() },
            entries: 9,
            awaiting: 0,
        }
    }

    #[test]
    fn a_search_finds_words_in_any_order_and_case() {
        let flight = flight(1, 1_781_812_446_000_000);
        for (search, found) in
            [("", true), ("hale etwall", true), ("ETWALL  missing", true), ("18 Jun", true), ("hale derby", false)]
        {
            assert_eq!(flight.matches(search, "Thu 18 Jun 2026"), found, "{search}");
        }
        assert!(flight.matches(&flight.id.to_string()[..8], ""));
        assert!(!flight.matches(&"x".repeat(100_000), ""));
    }

    #[test]
    fn the_newest_is_chosen_and_a_choice_is_kept_while_it_is_there() {
        let mut evidence = Evidence::default();
        evidence.take(Event::Reading { store: "a".to_owned() });
        evidence.take(Event::Read(Ok(vec![flight(1, 10), flight(2, 30), flight(3, 20)])));
        assert_eq!(evidence.flight().map(|flight| flight.begin_utc_us), Some(Some(30)));
        evidence.chosen = Some(flight(1, 10).id);
        evidence.take(Event::Reading { store: "a".to_owned() });
        evidence.take(Event::Read(Ok(vec![flight(1, 10), flight(4, 40)])));
        assert_eq!(evidence.chosen, Some(flight(1, 10).id));
        evidence.take(Event::Reading { store: "b".to_owned() });
        assert!(evidence.flights.is_empty() && evidence.chosen.is_none() && evidence.reading);
        evidence.take(Event::Read(Err("it is no evidence store".to_owned())));
        assert_eq!((evidence.reading, evidence.fault.as_deref()), (false, Some("it is no evidence store")));
    }

    #[test]
    fn a_session_is_for_one_flight_and_ends_only_when_the_ledger_says_so() {
        let mut evidence = Evidence { chosen: Some(flight(1, 0).id), ..Evidence::default() };
        let session = Session {
            who: "h".to_owned(),
            reason: "look".to_owned(),
            flight: flight(1, 0).id,
            line: 4,
            since_utc_us: 0,
        };
        evidence.take(Event::Began(Ok(session)));
        assert!(evidence.looks().is_some());
        evidence.take(Event::Ended(Err("the disk is full".to_owned())));
        assert!(evidence.looks().is_some() && evidence.session_fault.is_some());
        evidence.chosen = Some(flight(2, 0).id);
        assert!(evidence.looks().is_none());
        evidence.take(Event::Ended(Ok(())));
        assert!(evidence.session.is_none() && evidence.session_fault.is_none());
    }

    #[test]
    fn a_check_is_of_its_flight() {
        let (mut evidence, one, other) = (Evidence::default(), flight(1, 0).id, flight(2, 0).id);
        evidence.take(Event::Checking(one, 0));
        evidence.take(Event::CheckedSoFar(one, (250, 1_000), 1_000_000_000));
        evidence.take(Event::CheckedSoFar(other, (250, 1_000), 1_000_000_000));
        let Check::Running(work) = evidence.check(one) else { panic!("it runs") };
        assert_eq!(work.figures(), "25 %, 250 B of 1.0 kB, 250 B/s, 3 s left");
        assert_eq!(evidence.check(other), &Check::NotAsked);
        evidence.take(Event::Stopping(one));
        assert!(matches!(evidence.check(one), Check::Running(work) if !work.can_stop()));
        evidence.take(Event::Stopped(one));
        assert_eq!(evidence.check(one), &Check::NotAsked);
        evidence.take(Event::Checked(one, Err("no trust list".to_owned())));
        assert_eq!(evidence.check(one), &Check::Failed("no trust list".to_owned()));
    }
}
