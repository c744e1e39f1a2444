//! What the agent is doing, for those who must give way to it.

use std::sync::{Mutex, PoisonError};

use flight_record::FlightId;

/// The agent's situation, as it last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Situation {
    /// The agent has taken up what a restart left; before that nobody knows what is open.
    pub started: bool,
    /// The vehicle is armed.
    pub armed: bool,
    /// Something is recorded.
    pub recording: bool,
    /// The flight that is open.
    pub current: Option<FlightId>,
}

impl Situation {
    /// Why the dock must wait now, in words for the other end.
    #[must_use]
    pub fn busy(&self) -> Option<&'static str> {
        match self {
            Self { started: false, .. } => Some("the aircraft is starting; try again in a few seconds"),
            Self { recording: true, .. } => Some("the aircraft is recording; stop it, then try again"),
            Self { armed: true, .. } => Some("the vehicle is armed; disarm it, then try again"),
            Self { .. } => None,
        }
    }

    /// Nothing is flown, recorded or open.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.busy().is_none() && self.current.is_none()
    }
}

/// Where the agent tells its situation.
#[derive(Debug, Default)]
pub struct Gate(Mutex<Situation>);

impl Gate {
    /// The situation has changed.
    pub fn tell(&self, situation: Situation) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = situation;
    }

    /// The situation now.
    #[must_use]
    pub fn situation(&self) -> Situation {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flying_recording_and_starting_come_first() {
        let gate = Gate::default();
        assert!(gate.situation().busy().is_some_and(|why| why.contains("starting")));
        let idle = Situation { started: true, ..Situation::default() };
        let said = |situation: Situation| {
            gate.tell(situation);
            (gate.situation().busy(), gate.situation().at_rest())
        };
        assert_eq!(said(idle), (None, true));
        assert!(said(Situation { armed: true, ..idle }).0.is_some_and(|why| why.contains("armed")));
        assert!(said(Situation { recording: true, ..idle }).0.is_some_and(|why| why.contains("recording")));
        let open = Situation { current: Some(FlightId::new(1, [1; 10])), ..idle };
        assert_eq!(said(open), (None, false));
    }
}
