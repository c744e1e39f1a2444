//! Why an aircraft does not erase: every reason has its name, says what is wrong, and what to do about it.

use super::DockError;
use crate::digest::Sha256;
use crate::keys::KeyId;
use crate::names::{FlightId, Label};
use crate::trust;
use std::fmt;

/// Who of the two signers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatory {
    /// Who orders it: the first signature.
    Actor,
    /// Who countersigns: the second signature.
    Witness,
}

impl fmt::Display for Signatory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Actor => "the actor",
            Self::Witness => "the witness",
        })
    }
}

/// Why an erase order is not carried out. Nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The list of whom the unit trusts is too old to say anything.
    #[error("the trust list aboard has expired; load the unit's newest trust.json")]
    TrustExpired,
    /// The unit does not vouch for a signer as an officer.
    #[error("{who} may not order this")]
    Officer {
        /// Who.
        who: Signatory,
        /// Why not.
        source: trust::Refusal,
    },
    /// A signer lacks the duty for it.
    #[error("{who}, {name}, lacks the duty for it: {wanted}")]
    Duty {
        /// Who.
        who: Signatory,
        /// The unit's name for them.
        name: Label,
        /// What would do.
        wanted: &'static str,
    },
    /// Two keys, one person.
    #[error("actor and witness are both {name}: a second person must countersign")]
    SamePerson {
        /// The name of both.
        name: Label,
    },
    /// A signature does not verify, or the terms are not in the format.
    #[error("the order is refused; make it again")]
    Order(#[source] DockError),
    /// For another aircraft.
    #[error("the order is for device {ordered}, this is {aboard}")]
    OtherDevice {
        /// In the order.
        ordered: KeyId,
        /// This one.
        aboard: KeyId,
    },
    /// For another flight.
    #[error("the order is for flight {ordered}, not for {aboard}")]
    OtherFlight {
        /// In the order.
        ordered: FlightId,
        /// The one asked about.
        aboard: FlightId,
    },
    /// Too late.
    #[error("the order was good until {expires_utc_us} µs and it is {now_utc_us} µs (POSIX); make a new one")]
    Expired {
        /// Its end.
        expires_utc_us: i64,
        /// Now.
        now_utc_us: i64,
    },
    /// Good for longer than any order may be.
    #[error("the order is good for more than 30 days; make one that ends sooner, or set the aircraft's clock")]
    ValidTooLong,
    /// A receipt does not verify or is not in the format.
    #[error("receipt {number} is refused; ask the store for it again")]
    Receipt {
        /// 1 or 2.
        number: usize,
        /// What is wrong.
        source: DockError,
    },
    /// The unit does not vouch for a store.
    #[error("receipt {number} is by no store the unit vouches for")]
    Store {
        /// 1 or 2.
        number: usize,
        /// Why not.
        source: trust::Refusal,
    },
    /// Both receipts are one store's.
    #[error("both receipts are by {name}: there must be a second copy in another store")]
    SameStore {
        /// The store.
        name: Label,
    },
    /// A receipt is about something else.
    #[error("receipt {number} is about another {what} than the order")]
    ReceiptElsewhere {
        /// 1 or 2.
        number: usize,
        /// Flight, device or manifest.
        what: &'static str,
    },
    /// The stores keep the flight apart and the order does not say so.
    #[error(
        "a store keeps this flight in quarantine as {verdict}: erasing it is a decision of its own, by two custodians"
    )]
    Quarantined {
        /// The verdict.
        verdict: Label,
    },
    /// The order says it is in quarantine, and no store does.
    #[error("the order says quarantine as {verdict}, and neither receipt does")]
    NotQuarantined {
        /// The verdict in the order.
        verdict: Label,
    },
    /// Somebody may be about to fly.
    #[error("the vehicle is armed; disarm it first")]
    Armed,
    /// Recording comes first.
    #[error("the aircraft is recording; stop it first")]
    Recording,
    /// Something may still be written.
    #[error("the flight is not closed yet; wait until it is")]
    NotClosed,
    /// There is no challenge: erased already, or never closed.
    #[error("there is no challenge for this flight: it was erased already, or an order for it was")]
    NoChallenge,
    /// A challenge of another time.
    #[error("the order answers challenge {ordered}, which is not the one in force; make a new order")]
    OtherChallenge {
        /// In the order.
        ordered: Sha256,
    },
    /// The stores hold a file that is not aboard.
    #[error("{path} is in the order and not aboard; find out where it went before anything is erased")]
    Missing {
        /// The file.
        path: String,
    },
    /// The stores do not hold a file that is aboard.
    #[error("{path} is aboard and not in the order; copy the flight again")]
    Extra {
        /// The file.
        path: String,
    },
    /// Aboard is something else than in the stores.
    #[error("{path} aboard is not what the order says; copy the flight again")]
    Differs {
        /// The file.
        path: String,
    },
}
