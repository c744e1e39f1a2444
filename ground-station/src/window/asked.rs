//! What was ordered of the vehicle, and how it stands with each order.

use crate::tasks::orders::{OrderId, Outcome};
use crate::ui::fly::controls::Guarded;
use crate::ui::widget::flight::Sent;

/// An order that was done is shown so long, ns.
const SHOWN_NS: u64 = 4_000_000_000;
/// A refusal is shown so long, ns.
const REFUSED_NS: u64 = 15_000_000_000;

/// What an order was for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum For {
    /// Stop here.
    Hold,
    /// Come home.
    Return,
    /// Pushed across.
    Guarded(Guarded),
    /// The recording: start or stop.
    Record {
        /// Or stop.
        start: bool,
    },
    /// The officer's session: its beginning or its end.
    Session {
        /// Or its beginning.
        end: bool,
    },
    /// Another reason of the recording that runs.
    Amend,
    /// Said when it is done, or why not.
    Told(&'static str),
    /// Only a refusal is said.
    Quiet(&'static str),
}

impl For {
    /// In words.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Hold => "Hold",
            Self::Return => "Return",
            Self::Guarded(guarded) => guarded.verb(),
            Self::Record { start: true } => "Start of the recording",
            Self::Record { start: false } => "Stop of the recording",
            Self::Session { end: false } => "Recording session",
            Self::Session { end: true } => "End of the recording session",
            Self::Amend => "Amendment of the reason",
            Self::Told(words) | Self::Quiet(words) => words,
        }
    }
}

#[derive(Debug)]
enum How {
    Waiting,
    Done,
    Refused(String),
}

#[derive(Debug)]
struct One {
    id: OrderId,
    what: For,
    how: How,
    at_ns: u64,
}

/// The orders of late.
#[derive(Debug, Default)]
pub(crate) struct Asked(Vec<One>);

impl Asked {
    /// An order was sent; the one before for the same thing is forgotten.
    pub(crate) fn sent(&mut self, id: OrderId, what: For, now_ns: u64) {
        self.0.retain(|one| one.what != what);
        self.0.push(One { id, what, how: How::Waiting, at_ns: now_ns });
    }

    /// What became of one; what it was for, once it is over, and why it was refused if it was.
    pub(crate) fn hear(&mut self, id: OrderId, outcome: &Outcome, now_ns: u64) -> Option<(For, Option<String>)> {
        let at = self.0.iter().position(|one| one.id == id)?;
        let one = &mut self.0[at];
        let refused = match outcome {
            Outcome::Sent | Outcome::Progress(_) => return None,
            Outcome::Superseded | Outcome::Cancelled => {
                self.0.remove(at);
                return None;
            }
            Outcome::Accepted(_) => None,
            Outcome::Refused(why) | Outcome::Silent(why) => Some(why.clone()),
        };
        one.how = refused.clone().map_or(How::Done, How::Refused);
        one.at_ns = now_ns;
        Some((one.what.clone(), refused))
    }

    /// Time passes.
    pub(crate) fn tick(&mut self, now_ns: u64) {
        self.0.retain(|one| {
            let age_ns = now_ns.saturating_sub(one.at_ns);
            match one.how {
                How::Waiting => true,
                How::Done => age_ns < SHOWN_NS,
                How::Refused(_) => age_ns < REFUSED_NS,
            }
        });
    }

    /// How it stands with one, for its button.
    pub(crate) fn of(&self, what: &For) -> Sent<'_> {
        match self.0.iter().rev().find(|one| one.what == *what).map(|one| &one.how) {
            None => Sent::Ready,
            Some(How::Waiting) => Sent::Waiting,
            Some(How::Done) => Sent::Done,
            Some(How::Refused(why)) => Sent::Refused(why),
        }
    }

    /// Whether any of the slides is under way.
    pub(crate) fn guarded_waits(&self) -> bool {
        self.0.iter().any(|one| matches!((&one.what, &one.how), (For::Guarded(_), How::Waiting)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::orders::Answer;

    #[test]
    fn a_button_shows_its_own_last_order_and_forgets_it_in_time() {
        let mut asked = Asked::default();
        asked.sent(OrderId(1), For::Hold, 0);
        asked.sent(OrderId(2), For::Return, 0);
        assert_eq!(asked.of(&For::Hold), Sent::Waiting);
        assert_eq!(asked.hear(OrderId(1), &Outcome::Sent, 1), None);
        let over = asked.hear(OrderId(1), &Outcome::Accepted(Answer::Done), 2);
        assert_eq!((over, asked.of(&For::Hold)), (Some((For::Hold, None)), Sent::Done));
        asked.hear(OrderId(2), &Outcome::Refused("no GNSS".into()), 2);
        assert_eq!(asked.of(&For::Return), Sent::Refused("no GNSS"));
        asked.tick(2 + SHOWN_NS);
        assert_eq!((asked.of(&For::Hold), asked.of(&For::Return)), (Sent::Ready, Sent::Refused("no GNSS")));
        asked.sent(OrderId(3), For::Return, 3 + SHOWN_NS);
        assert_eq!(asked.of(&For::Return), Sent::Waiting, "pressed again");
        assert_eq!(asked.hear(OrderId(9), &Outcome::Superseded, 0), None);
    }
}
