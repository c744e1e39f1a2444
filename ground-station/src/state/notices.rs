//! Short notes at the edge of the screen: what was done, with a way back, and faults, which stay until they are read. Never for alarms.

use std::collections::VecDeque;

/// What was done is shown so long.
const SHOWN_NS: u64 = 6_000_000_000;
/// At once.
const MOST_SHOWN: usize = 2;
/// Waiting to be shown; of more, the oldest that was merely done goes to the history at once.
const MOST_WAITING: usize = 16;
/// Kept to be read later.
const MOST_KEPT: usize = 200;

/// What a note is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind<U> {
    /// Something was done; what takes it back, where anything does.
    Done(Option<U>),
    /// Something failed: it stays until it is read.
    Fault,
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice<U> {
    /// Its number, from 0.
    pub(crate) number: u64,
    /// Done or failed.
    pub(crate) kind: Kind<U>,
    /// What happened; of a fault also what is safe and what to do.
    pub(crate) words: String,
    /// When it happened, ns.
    pub(crate) at_ns: u64,
    shown_ns: Option<u64>,
}

/// The notes; `U` is the command that takes something back.
#[derive(Debug)]
pub(crate) struct Notices<U> {
    shown: Vec<Notice<U>>,
    waiting: VecDeque<Notice<U>>,
    history: VecDeque<Notice<U>>,
    next: u64,
}

impl<U> Default for Notices<U> {
    fn default() -> Self {
        Self { shown: Vec::new(), waiting: VecDeque::new(), history: VecDeque::new(), next: 0 }
    }
}

impl<U: Clone> Notices<U> {
    /// Something was done.
    pub(crate) fn done(&mut self, words: impl Into<String>, undo: Option<U>, now_ns: u64) {
        self.put(Kind::Done(undo), words.into(), now_ns);
    }

    /// Something failed.
    pub(crate) fn fault(&mut self, words: impl Into<String>, now_ns: u64) {
        self.put(Kind::Fault, words.into(), now_ns);
    }

    fn put(&mut self, kind: Kind<U>, words: String, now_ns: u64) {
        // The same fault again, still unread, says nothing new.
        let same =
            |notice: &Notice<U>| matches!((&notice.kind, &kind), (Kind::Fault, Kind::Fault)) && notice.words == words;
        if self.shown.iter().chain(&self.waiting).any(same) {
            return;
        }
        let number = self.next;
        self.next += 1;
        self.waiting.push_back(Notice { number, kind, words, at_ns: now_ns, shown_ns: None });
        if self.waiting.len() > MOST_WAITING {
            let done = self.waiting.iter().position(|notice| matches!(notice.kind, Kind::Done(_)));
            let notice = self.waiting.remove(done.unwrap_or(0));
            notice.into_iter().for_each(|notice| self.keep(notice));
        }
        self.tick(now_ns);
    }

    fn keep(&mut self, notice: Notice<U>) {
        if self.history.len() >= MOST_KEPT {
            self.history.pop_front();
        }
        self.history.push_back(notice);
    }

    /// Time passes: what was shown long enough makes room. Whether anything changed.
    pub(crate) fn tick(&mut self, now_ns: u64) -> bool {
        let over = |notice: &Notice<U>| {
            let shown_ns = notice.shown_ns.map_or(0, |at_ns| now_ns.saturating_sub(at_ns));
            matches!(notice.kind, Kind::Done(_)) && shown_ns >= SHOWN_NS
        };
        let gone: Vec<_> = self.shown.extract_if(.., |notice| over(notice)).collect();
        let mut changed = !gone.is_empty();
        gone.into_iter().for_each(|notice| self.keep(notice));
        while self.shown.len() < MOST_SHOWN {
            let Some(mut notice) = self.waiting.pop_front() else { break };
            notice.shown_ns = Some(now_ns);
            self.shown.push(notice);
            changed = true;
        }
        changed
    }

    /// When the first of those that are shown makes room, ns.
    pub(crate) fn next_ns(&self) -> Option<u64> {
        let shown = self.shown.iter().filter(|notice| matches!(notice.kind, Kind::Done(_)));
        shown.filter_map(|notice| notice.shown_ns).min().map(|at_ns| at_ns.saturating_add(SHOWN_NS))
    }

    /// Those to be shown now, the oldest first.
    pub(crate) fn shown(&self) -> &[Notice<U>] {
        &self.shown
    }

    /// How many wait behind them.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// A note was read: it goes to the history.
    pub(crate) fn read(&mut self, number: u64, now_ns: u64) {
        if let Some(at) = self.shown.iter().position(|notice| notice.number == number) {
            let notice = self.shown.remove(at);
            self.keep(notice);
            self.tick(now_ns);
        }
    }

    /// What was shown, the newest first.
    pub(crate) fn history(&self) -> impl Iterator<Item = &Notice<U>> {
        self.history.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn words<'n>(notices: impl Iterator<Item = &'n Notice<u8>>) -> Vec<&'n str> {
        notices.map(|notice| notice.words.as_str()).collect()
    }

    #[test]
    fn two_are_shown_for_six_seconds_and_the_next_then() {
        let mut notices = Notices::<u8>::default();
        for name in ["one", "two", "three"] {
            notices.done(name, None, 0);
        }
        assert_eq!((words(notices.shown().iter()), notices.waiting()), (vec!["one", "two"], 1));
        assert_eq!(notices.next_ns(), Some(SHOWN_NS));
        assert!(!notices.tick(SHOWN_NS - 1) && notices.tick(SHOWN_NS));
        assert_eq!(words(notices.shown().iter()), ["three"]);
        assert!(notices.tick(2 * SHOWN_NS), "counted from when it was shown");
        assert_eq!(words(notices.history()), ["three", "two", "one"]);
    }

    #[test]
    fn a_fault_stays_until_it_is_read_and_is_not_said_twice() {
        let mut notices = Notices::<u8>::default();
        notices.fault("Upload failed", 0);
        notices.fault("Upload failed", SECOND_NS);
        notices.tick(3_600 * SECOND_NS);
        assert_eq!(words(notices.shown().iter()), ["Upload failed"]);
        notices.read(notices.shown()[0].number, 3_600 * SECOND_NS);
        assert_eq!((notices.shown().len(), words(notices.history())), (0, vec!["Upload failed"]));
        notices.fault("Upload failed", 3_601 * SECOND_NS);
        assert_eq!(notices.shown().len(), 1, "it failed again");
    }

    #[test]
    fn nothing_piles_up_and_faults_are_not_pushed_out_by_what_was_done() {
        let mut notices = Notices::<u8>::default();
        notices.fault("first", 0);
        notices.fault("second", 0);
        notices.fault("third", 0);
        for number in 0..1_000 {
            notices.done(format!("{number}"), None, 0);
        }
        assert_eq!((notices.waiting(), notices.history().count()), (MOST_WAITING, MOST_KEPT));
        notices.read(0, 0);
        assert_eq!(words(notices.shown().iter()), ["second", "third"]);
    }
}
