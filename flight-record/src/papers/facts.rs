//! What a verdict tells of papers: a part of what they say. Keys that are not named here are the business of whoever wrote them.

use crate::canonical::NotCanonical;
use serde::{Deserialize, Serialize};

/// What papers say, as far as a verdict tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `skyseal-papers/1`.
    pub schema: String,
    /// When they were made, by whoever's clock, POSIX µs.
    pub made_utc_us: i64,
    /// What was checked.
    pub mission: Mission,
    /// How it is flown.
    pub profile: Profile,
    /// When it is to take off.
    pub window: Window,
    /// Who flies.
    pub crew: Crew,
    /// With what: a serial number.
    pub aircraft: String,
    /// The permissions that were in force.
    pub authorisations: Vec<NamedAuthorisation>,
    /// What was found.
    pub findings: Vec<NamedFinding>,
    /// What was looked at.
    pub checklist: Vec<CheckItem>,
    /// Why items of it were skipped, if they were.
    pub rapid_launch: Option<String>,
}

/// What was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mission {
    /// SHA-256 of the plan's bytes.
    pub sha256: String,
}

/// How it is flown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its short name.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// When it is to take off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Not before this, POSIX µs.
    pub from_utc_us: i64,
    /// Not after this, POSIX µs.
    pub to_utc_us: i64,
}

/// Who flies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crew {
    /// The pilot's id: the name of their key on the trust list.
    pub pilot: String,
}

/// A permission that was in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAuthorisation {
    /// The unit's number for it.
    pub id: String,
    /// The issuer's.
    pub reference: String,
    /// How far it had come.
    pub state: String,
    /// SHA-256 of the document.
    pub sha256: String,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFinding {
    /// `blocks`, `warns` or `notes`.
    pub severity: String,
    /// Nobody can override it.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// The rule.
    pub rule: String,
    /// In a sentence.
    pub what: String,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// The question.
    pub ask: String,
    /// `done`, `not-done` or `skipped`.
    pub state: String,
}

impl NamedFinding {
    /// Whether it holds the flight back.
    pub fn blocks(&self) -> bool {
        self.severity != "warns" && self.severity != "notes"
    }
}

impl Facts {
    /// Reads them from the payload of papers.
    ///
    /// # Errors
    /// When they are not there.
    pub fn read(payload: &[u8]) -> Result<Self, NotCanonical> {
        let facts: Self = serde_json::from_slice(payload).map_err(NotCanonical::Json)?;
        if facts.schema == "skyseal-papers/1" { Ok(facts) } else { Err(NotCanonical::Spelling) }
    }

    /// Items of the checklist in this state.
    pub fn checked(&self, state: &str) -> usize {
        self.checklist.iter().filter(|item| item.state == state).count()
    }
}
