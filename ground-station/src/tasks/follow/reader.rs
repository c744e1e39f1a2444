//! The thread's own work: the newest flights of the folder, checked line by line.

use std::collections::BTreeMap;

use flight_record::FlightId;
use flight_record::note::SignedNote;
use flight_record::record::MAX_LINE_BYTES;
use flight_record::witness::file::{Checker, Entry, Kind};

use super::lines::{Growing, More};
use super::{Event, Moment, Setup, marks};
use crate::state::seal::{Fact, What};
use crate::tasks::witness::SAID;

/// Flights followed at once: the newest.
const FLIGHTS: usize = 4;
/// Longest line that the witness says of itself.
const MAX_SAID_BYTES: usize = 64 * 1024;

/// One flight's file.
struct Followed {
    file: Growing,
    checker: Checker,
    /// A line was refused: nothing behind it is believed.
    refused: bool,
}

/// What is followed.
pub(super) struct Reader {
    setup: Setup,
    flights: BTreeMap<FlightId, Followed>,
    said: Growing,
    /// Troubles that were told.
    told: Vec<String>,
}

impl Reader {
    pub(super) fn new(setup: Setup) -> Self {
        let said = Growing::new(setup.witness.join(SAID));
        Self { setup, flights: BTreeMap::new(), said, told: Vec::new() }
    }

    /// Reads on, a bounded part of each file, the newest flight first.
    pub(super) fn look(&mut self) -> Vec<Event> {
        let mut news = Vec::new();
        if let Err(error) = self.find(&mut news) {
            let dir = self.setup.witness.display();
            self.trouble(format!("the witness folder {dir} cannot be listed: {error}"), &mut news);
        }
        let flights: Vec<FlightId> = self.flights.keys().rev().copied().collect();
        for flight in flights {
            self.read(flight, &mut news);
        }
        self.listen(&mut news);
        news
    }

    /// Keeps a mark; the fact that it is.
    pub(super) fn keep(&mut self, moment: Moment) -> Event {
        match marks::keep(&self.setup.marks, &moment) {
            Ok(()) => Event::Facts(vec![of_mark(moment)]),
            Err(error) => Event::Trouble(format!("{error:#}")),
        }
    }

    /// Takes up flights that are new in the folder.
    fn find(&mut self, news: &mut Vec<Event>) -> std::io::Result<()> {
        let entries = match std::fs::read_dir(&self.setup.witness) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let flight = |entry: std::io::Result<std::fs::DirEntry>| -> Option<FlightId> {
            entry.ok()?.file_name().to_str()?.strip_suffix(".jsonl")?.parse().ok()
        };
        let mut newest: Vec<FlightId> = entries.filter_map(flight).collect();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.truncate(FLIGHTS);
        self.flights.retain(|flight, _| newest.contains(flight));
        for flight in newest {
            if self.flights.contains_key(&flight) {
                continue;
            }
            let file = Growing::new(self.setup.witness.join(format!("{flight}.jsonl")));
            let followed = Followed { file, checker: Checker::new(self.setup.station), refused: false };
            self.flights.insert(flight, followed);
            match marks::read(&self.setup.marks, flight) {
                Ok(moments) if moments.is_empty() => {}
                Ok(moments) => news.push(Event::Facts(moments.into_iter().map(of_mark).collect())),
                Err(error) => self.trouble(format!("{error:#}"), news),
            }
        }
        Ok(())
    }

    fn read(&mut self, flight: FlightId, news: &mut Vec<Event>) {
        let station = self.setup.station;
        let Some(followed) = self.flights.get_mut(&flight) else { return };
        let name = followed.file.path().display().to_string();
        let bytes = match followed.file.more(MAX_LINE_BYTES) {
            Ok(More::Lines(bytes)) if !followed.refused => bytes,
            Ok(More::Anew) => {
                (followed.checker, followed.refused) = (Checker::new(station), false);
                return;
            }
            Ok(More::Lines(_) | More::Nothing) => return,
            Err(error) => {
                followed.refused = true;
                self.trouble(format!("{name} cannot be followed: {error}"), news);
                return;
            }
        };
        let mut facts = Vec::new();
        let mut fault = None;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match followed.checker.take(line) {
                Ok(entry) => {
                    if let Kind::Begin(begin) = &entry.kind {
                        news.push(Event::Device { flight, key: begin.device_key });
                    }
                    facts.extend(facts_of(flight, &entry));
                }
                Err(why) => {
                    followed.refused = true;
                    fault = Some(format!("{name} is not believed from here on: {why}"));
                    break;
                }
            }
        }
        if !facts.is_empty() {
            news.push(Event::Facts(facts));
        }
        if let Some(fault) = fault {
            self.trouble(fault, news);
        }
    }

    /// What the witness says of itself, where a window started it.
    fn listen(&mut self, news: &mut Vec<Event>) {
        match self.said.more(MAX_SAID_BYTES) {
            Ok(More::Lines(bytes)) => {
                let value = |line: &[u8]| serde_json::from_slice(line).ok();
                news.extend(bytes.split(|byte| *byte == b'\n').filter_map(value).map(Event::Said));
            }
            Ok(More::Nothing | More::Anew) => {}
            Err(error) => {
                let name = self.said.path().display();
                self.trouble(format!("{name} cannot be followed: {error}"), news);
            }
        }
    }

    /// Each trouble is told once.
    fn trouble(&mut self, what: String, news: &mut Vec<Event>) {
        if !self.told.contains(&what) && self.told.len() < 100 {
            self.told.push(what.clone());
            news.push(Event::Trouble(what));
        }
    }
}

fn of_mark(Moment { flight, at_utc_us, mark }: Moment) -> Fact {
    Fact { flight, utc_us: at_utc_us, what: What::Mark(mark) }
}

/// What an entry says; notes were checked with it.
fn facts_of(flight: FlightId, entry: &Entry) -> Vec<Fact> {
    let utc_us = entry.utc_us;
    let fact = |utc_us: i64, what: What| Fact { flight, utc_us, what };
    let size = |note: &str| SignedNote::parse(note).map_or(0, |note| note.claimed().size);
    match &entry.kind {
        Kind::Begin(_) => vec![fact(utc_us, What::Begun)],
        Kind::Head(head) => {
            let size = size(&head.note);
            let cosigned = head.cosignature.as_ref().map(|_| fact(utc_us, What::Cosigned { size }));
            [Some(fact(head.received_utc_us, What::Heard { size })), cosigned].into_iter().flatten().collect()
        }
        Kind::Seen(seen) => vec![fact(utc_us, What::Heard { size: size(&seen.note) })],
        Kind::Equivocation(found) => vec![fact(utc_us, What::Equivocation { size: size(&found.note) })],
        Kind::Restarted(_) => vec![fact(utc_us, What::Restarted)],
        Kind::Landed(_) => vec![fact(utc_us, What::Landed)],
        Kind::Leaves(_) | Kind::Nonce(_) => Vec::new(),
    }
}
