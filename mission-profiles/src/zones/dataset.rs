//! Zones of one file, where they came from, and what reading it left.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::Zone;

/// One cycle of aeronautical information (ICAO Annex 15: AIRAC).
const CYCLE: SignedDuration = SignedDuration::from_hours(24 * 28);

/// Zones of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Where they came from.
    pub source: Source,
    /// The zones, in the file's order.
    pub zones: Vec<Zone>,
    /// What reading left.
    pub report: Report,
}

/// Where zones came from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Source {
    /// The dataset, as people know it.
    pub name: String,
    /// The format it was read as.
    pub format: &'static str,
    /// Its edition, in its own words.
    pub edition: String,
    /// When it was issued.
    pub issued: Option<Timestamp>,
    /// From then on it is valid,
    pub valid_from: Option<Timestamp>,
    /// until then.
    pub valid_to: Option<Timestamp>,
    /// The file's SHA-256.
    pub sha256: Digest,
    /// Not for operational use: made for demonstration and training.
    pub illustrative: bool,
}

/// A file's SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits =
            Some(text).filter(|text| text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What reading a file left: `read` = `kept` + `uncertain` + refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Zones the file has.
    pub read: usize,
    /// Kept whole.
    pub kept: usize,
    /// Kept as the area, or the time, that surely contains them.
    pub uncertain: usize,
    /// Not kept: they have no place.
    pub refused: Vec<Doubt>,
    /// What is uncertain, why.
    pub doubts: Vec<Doubt>,
    /// Where the file is not as its standard has it, and could be understood all the same.
    pub deviations: Vec<Doubt>,
}

/// Something about a place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Where: `features[3].geometry`, or a line.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Source {
    /// How old the dataset is at `now`: since it was issued, else since it is valid; `None` when it does not say.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.issued.or(self.valid_from).map(|since| now.duration_since(since))
    }

    /// Whether it may be out of date at `now`: older than one cycle of aeronautical information, no longer valid, or of unknown age.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.age(now).is_none_or(|age| age > CYCLE) || self.valid_to.is_some_and(|end| now > end)
    }
}
