//! What the witness asks its actor to do, and what it has to tell people.

use super::file::Landed;
use crate::keys::KeyId;
use crate::names::{FlightId, Label};
use crate::radio::Body;

/// One thing to do. They are carried out in order; when one fails, the later ones of the same flight are left out and
/// the flight is dropped ([`super::Witness::forget`]), to be taken up from its file.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Read the flight's file, if there is one, and give it to [`super::Witness::recalled`].
    Recall(FlightId),
    /// Append this line to the flight's file; it must be durable before anything else is done.
    Persist {
        /// Whose file.
        flight: FlightId,
        /// The line with its newline.
        line: Vec<u8>,
    },
    /// Send this to the aircraft of the flight.
    Send {
        /// To whom.
        flight: FlightId,
        /// What.
        body: Body,
    },
    /// Somebody must be told now.
    Alarm(Alarm),
    /// Something to show.
    Note(Note),
}

/// What somebody must be told now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The device signed two histories of this flight. It stands in the witness file for ever.
    Equivocation {
        /// Which flight.
        flight: FlightId,
        /// The size of the head that contradicts.
        size: u64,
    },
    /// A head that no device of the trust list may sign.
    Untrusted {
        /// The flight it names.
        flight: FlightId,
        /// Why.
        why: String,
    },
    /// Different leaves were offered for one place: somebody else sends on this radio.
    LeavesDisagree {
        /// Which flight.
        flight: FlightId,
        /// Where the own tree stands.
        size: u64,
    },
    /// A head beyond the one this station closed the flight with.
    AfterLanded {
        /// Which flight.
        flight: FlightId,
        /// Its size.
        size: u64,
    },
    /// More flights at once than are watched.
    TooManyFlights {
        /// The one left out.
        flight: FlightId,
    },
}

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A flight of a trusted device is heard for the first time.
    Begun {
        /// Which flight.
        flight: FlightId,
        /// Key id of its device.
        device: KeyId,
        /// The device's name in the trust list.
        name: Label,
    },
    /// A flight was taken up from its file.
    TakenUp {
        /// Which flight.
        flight: FlightId,
        /// Where its tree stands.
        size: u64,
        /// It had landed.
        landed: bool,
    },
    /// A beacon of the flight's own device came in.
    Heard {
        /// Which flight.
        flight: FlightId,
        /// The size it says.
        size: u64,
    },
    /// A head was confirmed and cosigned.
    Witnessed {
        /// Which flight.
        flight: FlightId,
        /// Its size.
        size: u64,
        /// From the beacon to the cosignature.
        delay_ms: u64,
    },
    /// The flight is over for this station.
    Landed {
        /// Which flight.
        flight: FlightId,
        /// The witness statement.
        statement: Landed,
    },
}

impl Step {
    /// The flight this is about.
    pub fn flight(&self) -> FlightId {
        match self {
            Self::Recall(flight) | Self::Persist { flight, .. } | Self::Send { flight, .. } => *flight,
            Self::Alarm(
                Alarm::Equivocation { flight, .. }
                | Alarm::Untrusted { flight, .. }
                | Alarm::LeavesDisagree { flight, .. }
                | Alarm::AfterLanded { flight, .. }
                | Alarm::TooManyFlights { flight },
            )
            | Self::Note(
                Note::Begun { flight, .. }
                | Note::TakenUp { flight, .. }
                | Note::Heard { flight, .. }
                | Note::Witnessed { flight, .. }
                | Note::Landed { flight, .. },
            ) => *flight,
        }
    }
}
