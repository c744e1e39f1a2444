//! The seal ribbon: what this station knows of how far a flight's record is sealed, head by head. Pure.
//!
//! A head is what the aircraft signs over all records so far. The station sees heads, not segments: a cell stands for the records between one
//! head that it saw and the one before. When a head is cosigned, so is all that lies under it. What is late is decided as the verifier
//! does (`FORMAT.md`, "Verdict", Witness), by the station's own clock. Facts may come in any order, and more than once.

pub(crate) mod cells;
pub(crate) mod words;

use std::collections::BTreeMap;

use flight_record::FlightId;

/// What is cosigned later than this counts as late.
pub(crate) const BOUND_US: i64 = 30_000_000;
/// While the camera says that it records and the aircraft is heard, its head must have grown within this.
const GROWS_US: i64 = 6_000_000;
/// Flights kept; of more, the oldest go.
const MAX_FLIGHTS: usize = 16;
/// Heads, marks and gaps of a flight; a record has at most a million lines.
const MAX_HEADS: usize = 200_000;
const MAX_MARKS: usize = 2_000;

/// How far a cell came. The worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum State {
    /// Cosigned on the ground in time.
    Witnessed,
    /// Being shot.
    Shot,
    /// Hashed, signed, on the disk aboard.
    Hashed,
    /// Cosigned after the bound.
    Late,
    /// No cosignature.
    Unwitnessed,
    /// Known to be missing.
    Gap,
    /// The aircraft's key has signed two histories.
    Equivocation,
}

/// A sign above the ribbon.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// A moment to come back to, with a note.
    Marker(String),
    /// People were told that they are filmed.
    Notice,
}

/// Something that the station knows of a flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) flight: FlightId,
    /// When, by this station's clock.
    pub(crate) utc_us: i64,
    pub(crate) what: What,
}

/// What it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// Witnessing begins.
    Begun,
    /// A head was heard, or heard again: over so many records.
    Heard {
        size: u64,
    },
    /// A head was cosigned.
    Cosigned {
        size: u64,
    },
    /// Two histories at one size.
    Equivocation {
        size: u64,
    },
    /// The witness was restarted.
    Restarted,
    /// The flight is over for this station.
    Landed,
    Mark(Mark),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Head {
    first_us: Option<i64>,
    last_us: Option<i64>,
    cosigned_us: Option<i64>,
    contradicted: bool,
}

/// One flight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Flight {
    begun_us: Option<i64>,
    landed_us: Option<i64>,
    heads: BTreeMap<u64, Head>,
    /// From when to when nothing was hashed.
    gaps: BTreeMap<i64, i64>,
    restarts: Vec<i64>,
    marks: Vec<(i64, Mark)>,
}

/// All flights that this station knows something of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ribbon {
    flights: BTreeMap<FlightId, Flight>,
}

impl Ribbon {
    /// Takes a fact.
    pub(crate) fn take(&mut self, fact: Fact) {
        if self.flights.len() >= MAX_FLIGHTS && !self.flights.contains_key(&fact.flight) {
            let oldest = self.flights.keys().next().copied();
            match oldest.filter(|oldest| *oldest < fact.flight) {
                Some(oldest) => drop(self.flights.remove(&oldest)),
                None => return,
            }
        }
        self.flights.entry(fact.flight).or_default().take(fact.utc_us, fact.what);
    }

    /// The camera of a flight says whether it records. Where it does, and its aircraft is heard but hashes nothing, that is a gap.
    pub(crate) fn camera(&mut self, flight: FlightId, recording: bool) {
        let known = self.flights.get_mut(&flight).filter(|flight| flight.landed_us.is_none());
        if let Some(flight) = known {
            flight.stands_still(recording);
        }
    }

    /// The newest flight.
    pub(crate) fn newest(&self) -> Option<(FlightId, &Flight)> {
        self.flights.iter().next_back().map(|(id, flight)| (*id, flight))
    }

    /// One flight.
    #[cfg(test)]
    pub(crate) fn flight(&self, id: FlightId) -> Option<&Flight> {
        self.flights.get(&id)
    }
}

impl Flight {
    fn take(&mut self, utc_us: i64, what: What) {
        match what {
            What::Begun => earlier(&mut self.begun_us, utc_us),
            What::Landed => earlier(&mut self.landed_us, utc_us),
            What::Heard { size } => {
                if let Some(head) = self.head(size) {
                    earlier(&mut head.first_us, utc_us);
                    head.last_us = Some(head.last_us.map_or(utc_us, |last_us| last_us.max(utc_us)));
                }
            }
            What::Cosigned { size } => {
                if let Some(head) = self.head(size) {
                    earlier(&mut head.cosigned_us, utc_us);
                }
            }
            What::Equivocation { size } => {
                if let Some(head) = self.head(size) {
                    head.contradicted = true;
                    earlier(&mut head.first_us, utc_us);
                }
            }
            What::Restarted => insert(&mut self.restarts, utc_us),
            What::Mark(mark) => insert(&mut self.marks, (utc_us, mark)),
        }
    }

    /// A head over nothing says nothing.
    fn head(&mut self, size: u64) -> Option<&mut Head> {
        let room = self.heads.len() < MAX_HEADS || self.heads.contains_key(&size);
        (size > 0 && room).then(|| self.heads.entry(size).or_default())
    }

    /// A gap is found, or grows.
    fn stands_still(&mut self, recording: bool) {
        let Some(newest) = self.heads.values().next_back() else { return };
        let (Some(first_us), Some(last_us)) = (newest.first_us, newest.last_us) else { return };
        if !recording || last_us - first_us <= GROWS_US || self.gaps.len() >= MAX_MARKS {
            return;
        }
        self.gaps.insert(first_us, last_us);
    }

    /// Whether the flight is over for this station.
    pub(crate) fn landed(&self) -> bool {
        self.landed_us.is_some()
    }

    /// Over how many records the first head is of which the aircraft's key has signed another history.
    pub(crate) fn equivocation(&self) -> Option<u64> {
        self.heads.iter().find(|(_, head)| head.contradicted).map(|(size, _)| *size)
    }

    /// Markers and notices, oldest first.
    pub(crate) fn marks(&self) -> &[(i64, Mark)] {
        &self.marks
    }

    /// The newest head that is cosigned: over how many records, and when.
    pub(crate) fn last_witnessed(&self) -> Option<(u64, i64)> {
        self.heads.iter().rev().find_map(|(size, head)| Some((*size, head.cosigned_us?)))
    }

    /// How long ago something was witnessed last, or since witnessing began, µs.
    pub(crate) fn silence_us(&self, now_us: i64) -> Option<i64> {
        let cosigned_us = self.heads.values().filter_map(|head| head.cosigned_us).max();
        Some(now_us.saturating_sub(cosigned_us.or(self.begun_us)?).max(0))
    }
}

fn earlier(held: &mut Option<i64>, utc_us: i64) {
    *held = Some(held.map_or(utc_us, |held_us| held_us.min(utc_us)));
}

/// Each once, in order.
fn insert<T: Ord>(all: &mut Vec<T>, one: T) {
    if let Err(at) = all.binary_search(&one)
        && all.len() < MAX_MARKS
    {
        all.insert(at, one);
    }
}

#[cfg(test)]
mod tests;
