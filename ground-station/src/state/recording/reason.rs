//! Why something is recorded: the words that the next order gives, and those of the recording that runs, which may be amended for a while.
//!
//! The record keeps a commitment to the words of each order. An amendment is a further signed order to record, given while the recording
//! runs: it changes nothing but stands in the record beside the first, with its own words, signer and time.

use flight_record::{FlightId, Reason};

/// Reasons may be amended so long after the recording was ordered, ns.
pub(crate) const AMEND_NS: u64 = 15 * 60 * 1_000_000_000;

/// How it stands with the last amendment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Amendment {
    /// None was asked for.
    None,
    /// On its way.
    Sent(Reason),
    /// It stands in the record.
    Stands,
    /// It does not, and why.
    Refused(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Ordered {
    reason: Reason,
    at_ns: u64,
    flight: Option<FlightId>,
    /// The aircraft has said that it stands in its record.
    stands: bool,
    amendment: Amendment,
}

/// The reasons of one camera's recordings.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    /// What somebody wrote for the next recording.
    next: Option<Reason>,
    ordered: Option<Ordered>,
}

impl Reasons {
    /// Somebody wrote a reason for the next recording; `None` takes it back.
    pub(crate) fn write_next(&mut self, reason: Option<Reason>) {
        self.next = reason;
    }

    /// What somebody wrote for the next recording.
    pub(crate) fn next(&self) -> Option<&Reason> {
        self.next.as_ref()
    }

    /// A recording was ordered for this reason.
    pub(crate) fn ordered(&mut self, reason: Reason, now_ns: u64) {
        self.ordered = Some(Ordered { reason, at_ns: now_ns, flight: None, stands: false, amendment: Amendment::None });
    }

    /// The aircraft says that the order stands in the record of this flight, as far as it names one.
    pub(crate) fn stands(&mut self, flight: Option<FlightId>) {
        if let Some(ordered) = &mut self.ordered {
            (ordered.stands, ordered.flight) = (true, flight);
            self.next = None;
        }
    }

    /// The recording is over, or came to nothing: there is nothing left to amend.
    pub(crate) fn over(&mut self) {
        self.ordered = None;
    }

    /// The reason of the recording that runs, once it stands in the record.
    pub(crate) fn of_record(&self) -> Option<&Reason> {
        self.ordered.as_ref().filter(|ordered| ordered.stands).map(|ordered| &ordered.reason)
    }

    /// How long the reason may still be amended, ns; nothing when it may not, or does not stand yet.
    pub(crate) fn amendable_ns(&self, now_ns: u64) -> Option<u64> {
        let ordered = self.ordered.as_ref().filter(|ordered| ordered.stands)?;
        AMEND_NS.checked_sub(now_ns.saturating_sub(ordered.at_ns)).filter(|left_ns| *left_ns > 0)
    }

    /// How it stands with the last amendment.
    pub(crate) fn amendment(&self) -> &Amendment {
        self.ordered.as_ref().map_or(&Amendment::None, |ordered| &ordered.amendment)
    }

    /// An amendment was sent.
    pub(crate) fn amend(&mut self, reason: Reason) {
        if let Some(ordered) = &mut self.ordered {
            ordered.amendment = Amendment::Sent(reason);
        }
    }

    /// What became of it: it stands in the record, or why it does not.
    pub(crate) fn amended(&mut self, outcome: Result<(), String>) {
        let Some(ordered) = &mut self.ordered else { return };
        let Amendment::Sent(reason) = std::mem::replace(&mut ordered.amendment, Amendment::None) else { return };
        ordered.amendment = match outcome {
            Ok(()) => {
                ordered.reason = reason;
                Amendment::Stands
            }
            Err(why) => Amendment::Refused(why),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(words: &str) -> Reason {
        words.parse().unwrap()
    }

    #[test]
    fn a_reason_is_amended_for_fifteen_minutes_once_it_stands_in_the_record() {
        let mut reasons = Reasons::default();
        reasons.write_next(Some(reason("Search for a missing person")));
        reasons.ordered(reason("Search for a missing person"), 1);
        assert_eq!((reasons.of_record(), reasons.amendable_ns(2)), (None, None), "not yet confirmed");
        reasons.stands(Some(FlightId::from_bytes([1; 16])));
        assert_eq!((reasons.next(), reasons.amendable_ns(1)), (None, Some(AMEND_NS)));
        reasons.amend(reason("Search for Jane Doe, log 77"));
        assert_eq!(reasons.of_record(), Some(&reason("Search for a missing person")), "it is only on its way");
        reasons.amended(Err("no answer".to_owned()));
        assert_eq!(reasons.of_record(), Some(&reason("Search for a missing person")));
        assert_eq!(reasons.amendment(), &Amendment::Refused("no answer".to_owned()));
        reasons.amend(reason("Search for Jane Doe, log 77"));
        reasons.amended(Ok(()));
        assert_eq!(reasons.of_record(), Some(&reason("Search for Jane Doe, log 77")));
        assert_eq!(reasons.amendable_ns(1 + AMEND_NS), None, "too late");
        reasons.over();
        assert_eq!((reasons.of_record(), reasons.amendable_ns(2)), (None, None));
    }

    #[test]
    fn what_came_to_nothing_amends_nothing() {
        let mut reasons = Reasons::default();
        reasons.amended(Ok(()));
        reasons.stands(None);
        assert_eq!((reasons.of_record(), reasons.amendment()), (None, &Amendment::None));
    }
}
