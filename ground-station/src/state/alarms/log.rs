//! What became of the alarms.

use std::collections::VecDeque;

use super::Id;

/// Entries that are kept; the flight's log gets each as it happens.
const MOST: usize = 500;

/// What happened to an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// Its condition became true.
    Raised,
    /// Somebody saw it.
    Acknowledged {
        /// Who.
        by: String,
    },
    /// Its condition is over.
    Over,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its number, from 0: who writes the log elsewhere knows by it what is new.
    pub(crate) number: u64,
    /// Which condition.
    pub(crate) id: Id,
    /// What became of it.
    pub(crate) what: What,
    /// Its words then.
    pub(crate) words: String,
    /// UTC, µs.
    pub(crate) at_utc_us: i64,
}

#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    next: u64,
}

impl Log {
    pub(super) fn note(&mut self, id: Id, what: What, words: &str, at_utc_us: i64) {
        if self.entries.len() >= MOST {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { number: self.next, id, what, words: words.to_owned(), at_utc_us });
        self.next += 1;
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_the_numbers_go_on() {
        let mut log = Log::default();
        for at in 0..1_000 {
            log.note(Id::VehicleLost, What::Raised, "", at);
        }
        assert_eq!(log.entries.len(), MOST);
        assert_eq!(log.newest_first().next().map(|entry| (entry.number, entry.at_utc_us)), Some((999, 999)));
    }
}
