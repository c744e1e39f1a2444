//! Where the air is restricted: zones as values, whatever file they came from.
//!
//! No zone is ever dropped silently. What a reader cannot read whole stays as the area that surely contains it, marked
//! [`Certainty::Uncertain`]; what has no place at all is refused, by name; and [`Dataset::report`] counts them.

mod bundle;
mod dataset;
mod edition;
mod flat;
mod form;
mod geojson;
mod heights;
mod index;
mod limit;
mod period;
pub mod read;
mod shape;
mod sweep;

pub use bundle::{Counts, Entry, Manifest, bundled};
pub use dataset::{Dataset, Digest, Doubt, Report, Source};
pub use heights::{Reference, Surroundings};
pub use index::{Index, Near, Reach, holds};
pub use limit::{Limit, Span, Spans};
pub(crate) use period::applies;
pub use period::{Applies, Daily, Days, Mark, Period, Zonal};
pub use shape::{Edges, Outline, Polygon};
pub(crate) use shape::{crosses_itself, hull, middle};

use jiff::Timestamp;

use crate::place::Position;

/// A volume of air in which somebody restricts flying.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// The dataset's identifier, or, where it has none, one made of its name.
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it asks of a drone.
    pub restriction: Restriction,
    /// What it asks in words (ED-269 4.2: `restrictionConditions`), and its message.
    pub conditions: Vec<String>,
    /// Why it is there, in the dataset's words (`AIR_TRAFFIC`, `PRIVACY`, …).
    pub reasons: Vec<String>,
    /// Where it is: at least one.
    pub volumes: Vec<Volume>,
    /// When it holds: always, when there is none.
    pub applicability: Vec<Period>,
    /// Whom to ask.
    pub authorities: Vec<Authority>,
    /// Whether the file was read whole.
    pub certainty: Certainty,
}

/// A part of a zone: an outline between two limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Its outline on the ground.
    pub outline: Outline,
    /// Its floor.
    pub lower: Limit,
    /// Its ceiling.
    pub upper: Limit,
}

/// What a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Flight restriction zone round an aerodrome (UK ANO 2016 art. 94A), or the traffic zone it follows.
    Aerodrome,
    /// Restricted area (R).
    Restricted,
    /// Prohibited area (P).
    Prohibited,
    /// Danger area (D), or what is like one: lasers, parachutes, gas venting.
    Danger,
    /// Controlled airspace (CTR, CTA, TMA).
    Controlled,
    /// A restriction of some days.
    Temporary,
    /// A geographical zone of a state (Regulation (EU) 2019/947 art. 15).
    Geographical,
    /// Something airmen should know of: gliders, radio and transponder zones.
    Information,
}

/// What a zone asks of a drone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Restriction {
    /// Nothing: it informs.
    None,
    /// To keep conditions, that it states in words.
    Conditional,
    /// Permission beforehand.
    AskFirst,
    /// Not to fly there; an exemption may exist.
    Prohibited,
}

impl Restriction {
    /// Its words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "no restriction",
            Self::Conditional => "conditions",
            Self::AskFirst => "permission needed",
            Self::Prohibited => "prohibited",
        }
    }
}

/// Somebody who can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authority {
    /// Who.
    pub name: String,
    /// Which service of theirs.
    pub service: String,
    /// Whom to ask for.
    pub contact: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Web page.
    pub site: String,
    /// What for: `AUTHORIZATION`, `NOTIFICATION` or `INFORMATION`.
    pub purpose: String,
    /// How long before, as the dataset says it (ISO 8601 duration).
    pub notice: String,
}

/// Whether a zone was read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certainty {
    /// As the dataset has it.
    Whole,
    /// Larger, or longer, than the dataset has it: these parts could not be read.
    Uncertain(Vec<String>),
}

impl Zone {
    /// A zone of which its file says only where it is: permission is to be asked.
    pub(crate) fn unexplained(identifier: String, name: String, volumes: Vec<Volume>) -> Self {
        Self {
            identifier,
            name,
            kind: Kind::Information,
            restriction: Restriction::AskFirst,
            conditions: Vec::new(),
            reasons: Vec::new(),
            volumes,
            applicability: Vec::new(),
            authorities: Vec::new(),
            certainty: Certainty::Whole,
        }
    }

    /// Whether parts of it could not be read.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        matches!(self.certainty, Certainty::Uncertain(_))
    }

    /// When, of the time from `from` to `to`, it holds at `place`.
    #[must_use]
    pub fn applies(&self, from: Timestamp, to: Timestamp, place: Position) -> Applies {
        period::applies(&self.applicability, from, to, place)
    }
}
