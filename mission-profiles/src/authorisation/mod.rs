//! Permissions to fly where one must ask: what was asked, what was said, and what of it counts now.
//!
//! An authorisation is never changed: its history grows, and each version has a digest of its own. "Applied" and "in principle" never count.

mod cover;
mod json;

use std::fmt;

use jiff::Timestamp;

pub use cover::{Ask, Lack};
pub use json::ReadError;

use crate::zones::{Authority, Limit, Outline, Period};

/// Most changes that a history holds.
pub const MAX_CHANGES: usize = 1_000;

/// A permission, or the asking for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorisation {
    /// The unit's own number for it.
    pub id: String,
    /// The issuer's.
    pub reference: String,
    /// What it is.
    pub kind: Kind,
    /// Who gives it, and whom to call on the day.
    pub issuer: Authority,
    /// The operator it was given to.
    pub operator: String,
    /// Pilots it covers; all of the operator's, when none is named.
    pub pilots: Vec<String>,
    /// Aircraft it covers, by serial number; all of the operator's, when none is named.
    pub aircraft: Vec<String>,
    /// Where it holds; wherever its zones are, when nothing is drawn.
    pub area: Vec<Outline>,
    /// From this height
    pub lower: Limit,
    /// to this.
    pub upper: Limit,
    /// When it holds; there must be one for it to count.
    pub windows: Vec<Period>,
    /// What must be kept, in words.
    pub conditions: Vec<String>,
    /// What must be kept, as the program can tell.
    pub limits: Conditions,
    /// The zones that it satisfies, by identifier.
    pub zones: Vec<String>,
    /// Its papers.
    pub documents: Vec<Document>,
    /// What became of it, in order.
    pub history: Vec<Change>,
}

/// What a permission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The CAA's operational authorisation.
    Operational,
    /// An aerodrome's, for its flight restriction zone.
    FlightRestrictionZone,
    /// Non-standard flight in controlled airspace (NSF, ENSF).
    NonStandardFlight,
    /// Exemption from a temporary restriction (RA(T)).
    TemporaryRestriction,
    /// A prison's or another protected site's.
    ProtectedSite,
    /// Whose land is taken off from.
    Landowner,
    /// Directed surveillance (RIPA 2000 part II).
    Covert,
}

/// Conditions that the program can tell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Conditions {
    /// Not higher above the ground, metres.
    pub height_agl_m: Option<f64>,
    /// Not farther from the pilot, metres.
    pub range_m: Option<f64>,
    /// Between sunrise and sunset.
    pub daylight: bool,
    /// Within sight.
    pub vlos: bool,
}

/// A paper: its file's name and SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file.
    pub file: String,
    /// Its SHA-256.
    pub sha256: crate::zones::Digest,
}

/// A step of its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// To what.
    pub to: State,
    /// By whom.
    pub by: String,
    /// How: the e-mail, the call on the day and who answered it.
    pub how: String,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Being written.
    Draft,
    /// Asked for.
    Applied,
    /// Agreed to, and to be activated on the day.
    InPrinciple,
    /// In force.
    Activated,
    /// Held back by who gave it.
    Suspended,
    /// Done with.
    Closed,
    /// Said no to.
    Refused,
    /// Its time is over.
    Expired,
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// One does not lead to the other.
    #[error("{id} is {from}: it cannot become {to}; from there it can become {next}")]
    NoWay {
        /// Which.
        id: String,
        /// What it is.
        from: State,
        /// What it should become.
        to: State,
        /// What it can.
        next: String,
    },
    /// Before the change that came last.
    #[error("{id}: {at} is before its last change, at {last}")]
    Before {
        /// Which.
        id: String,
        /// The time given.
        at: Timestamp,
        /// The last change's.
        last: Timestamp,
    },
    /// Nobody, or nothing, is named.
    #[error("{id}: say who did it and how (the call, the e-mail, who answered)")]
    Nobody {
        /// Which.
        id: String,
    },
    /// Its history is full.
    #[error("{id}: has changed {MAX_CHANGES} times; begin a new one")]
    TooMany {
        /// Which.
        id: String,
    },
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Applied,
        Self::InPrinciple,
        Self::Activated,
        Self::Suspended,
        Self::Closed,
        Self::Refused,
        Self::Expired,
    ];

    /// What it can become.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Applied, Self::Closed],
            Self::Applied => &[Self::InPrinciple, Self::Activated, Self::Refused, Self::Closed],
            Self::InPrinciple => &[Self::Activated, Self::Refused, Self::Closed, Self::Expired],
            Self::Activated => &[Self::Suspended, Self::Closed, Self::Expired],
            Self::Suspended => &[Self::Activated, Self::Closed, Self::Expired],
            Self::Closed | Self::Refused | Self::Expired => &[],
        }
    }

    /// Its word, as people and files write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Applied => "applied",
            Self::InPrinciple => "in-principle",
            Self::Activated => "activated",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Authorisation {
    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> State {
        self.history.last().map_or(State::Draft, |change| change.to)
    }

    /// The next version, with `change` at the end of its history.
    ///
    /// # Errors
    /// When its state does not lead there, or the change says too little.
    pub fn changed(&self, change: Change) -> Result<Self, ChangeError> {
        let (id, from, to) = (self.id.clone(), self.state(), change.to);
        if !from.next().contains(&to) {
            let next: Vec<_> = from.next().iter().map(|state| state.word()).collect();
            let next = if next.is_empty() { "nothing more: begin a new one".into() } else { next.join(", ") };
            return Err(ChangeError::NoWay { id, from, to, next });
        }
        if let Some(last) = self.history.last().map(|last| last.at).filter(|last| change.at < *last) {
            return Err(ChangeError::Before { id, at: change.at, last });
        }
        if change.by.trim().is_empty() || change.how.trim().is_empty() {
            return Err(ChangeError::Nobody { id });
        }
        if self.history.len() >= MAX_CHANGES {
            return Err(ChangeError::TooMany { id });
        }
        let mut next = self.clone();
        next.history.push(change);
        Ok(next)
    }
}
