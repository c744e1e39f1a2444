//! When the program ends, and how long it waits for the last word of a station: a pure state machine.

/// How long the last cosignature of a flight is waited for.
const LAST_WORD_NS: u64 = 15_000_000_000;

/// What may still be heard of the flights that are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outlook {
    /// A station is there, and the end of a flight is not cosigned.
    pub(super) may_be_cosigned: bool,
    /// That flight has been cosigned before.
    pub(super) was_cosigned: bool,
}

/// The end of the program.
#[derive(Debug, Default)]
pub(super) struct Ending {
    after_flight: bool,
    asked: bool,
    /// It is to end: until when it waits.
    until_ns: Option<u64>,
}

impl Ending {
    /// An end that nobody has asked for; with `after_flight` it comes when a flight is closed.
    pub(super) fn new(after_flight: bool) -> Self {
        Self { after_flight, ..Self::default() }
    }

    /// Somebody asks for the end; whether that is for the second time, and so at once.
    pub(super) fn ask(&mut self, now_ns: u64) -> bool {
        self.until_ns = Some(now_ns.saturating_add(LAST_WORD_NS));
        std::mem::replace(&mut self.asked, true)
    }

    /// A flight is closed: a station that was there all the flight shall have seen its end.
    pub(super) fn closed(&mut self, now_ns: u64) {
        if self.after_flight {
            self.until_ns = Some(now_ns.saturating_add(LAST_WORD_NS));
        }
    }

    /// Whether it has come. Who asks for it waits only for a station that has cosigned the flight before.
    pub(super) fn has_come(&self, now_ns: u64, outlook: impl FnOnce() -> Outlook) -> bool {
        self.until_ns.is_some_and(|until_ns| {
            let Outlook { may_be_cosigned, was_cosigned } = outlook();
            now_ns >= until_ns || !may_be_cosigned || (self.asked && !was_cosigned)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;
    const NOBODY: Outlook = Outlook { may_be_cosigned: false, was_cosigned: false };
    const STRANGER: Outlook = Outlook { may_be_cosigned: true, was_cosigned: false };
    const WITNESS: Outlook = Outlook { may_be_cosigned: true, was_cosigned: true };

    #[test]
    fn a_clean_stop_waits_for_the_witness_it_had_and_a_second_signal_does_not() {
        let mut ending = Ending::new(false);
        ending.closed(0);
        assert!(!ending.has_come(100 * SECOND, || NOBODY), "nobody has asked");
        assert!(!ending.ask(SECOND), "the first signal");
        assert!(!ending.has_come(SECOND, || WITNESS));
        assert!(ending.has_come(SECOND, || NOBODY) && ending.has_come(SECOND, || STRANGER));
        assert!(!ending.has_come(16 * SECOND - 1, || WITNESS));
        assert!(ending.has_come(16 * SECOND, || WITNESS), "15 s at most");
        assert!(ending.ask(2 * SECOND), "the second signal");
    }

    #[test]
    fn after_a_flight_any_station_is_waited_for() {
        let mut ending = Ending::new(true);
        assert!(!ending.has_come(0, || NOBODY), "no flight has been closed");
        ending.closed(SECOND);
        assert!(!ending.has_come(SECOND, || STRANGER));
        assert!(ending.has_come(SECOND, || NOBODY) && ending.has_come(16 * SECOND, || STRANGER));
    }
}
