//! What is frozen into a flight's record of the check before it: the mission, the profile, the datasets, the permissions in force, the
//! findings, the checklist.
//!
//! One canonical JSON document, `skyseal-papers/1` (`flight-record/FORMAT.md`): integers, yes and no, and plain text only; what is
//! read must equal its own writing. Who signed it, and who overrode what, stands around it, and is not this crate's business.

mod alert;
mod made;
mod mark;

pub use alert::{Noted, NotedAs};
pub use made::{Checked, Checklist, NoSuchItem};
pub use mark::Mark;

use serde::{Deserialize, Serialize};

use crate::zones::Digest;

/// Longest document read, bytes.
pub const MAX_BYTES: usize = 48 << 10;
/// Longest text, bytes.
const MAX_TEXT: usize = 200;
/// Most entries of a list.
const MAX_ENTRIES: usize = 64;

/// `schema`: this version, nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-papers/1")]
    V1,
}

/// The papers of a flight. Texts are printable ASCII without `"` and `\`, at most 200 bytes; digests are SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    schema: Schema,
    /// When they were made, POSIX µs.
    pub made_utc_us: i64,
    /// What was checked.
    pub mission: Mission,
    /// How it is flown.
    pub profile: Named,
    /// When it is to take off.
    pub window: Window,
    /// Who flies.
    pub crew: Crew,
    /// With what: a serial number.
    pub aircraft: String,
    /// The zones that were looked at.
    pub datasets: Vec<Zones>,
    /// The permissions in force.
    pub authorisations: Vec<InForce>,
    /// What was found, the gravest first.
    pub findings: Vec<Found>,
    /// What is not in `findings` for want of room; nothing that blocks.
    pub left_out: LeftOut,
    /// What was looked at.
    pub checklist: Vec<Item>,
    /// Why items of it were skipped.
    pub rapid_launch: Option<String>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mission {
    /// Of the plan's bytes.
    pub sha256: String,
    /// Mission items.
    pub items: u32,
    /// Items of the fence.
    pub fence: u32,
    /// Rally points.
    pub rally: u32,
}

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its short name.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Of its file.
    pub sha256: String,
}

/// When a flight is to take off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Not before this, POSIX µs,
    pub from_utc_us: i64,
    /// and not after this.
    pub to_utc_us: i64,
}

/// Who flies: ids, never names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crew {
    /// The pilot's id.
    pub pilot: String,
    /// The roles that are filled.
    pub roles: Vec<String>,
}

/// A dataset of zones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zones {
    /// As people know it.
    pub name: String,
    /// In its own words.
    pub edition: String,
    /// When the papers were made, where it says.
    pub age_days: Option<i64>,
    /// Not for operational use.
    pub illustrative: bool,
    /// Of its file.
    pub sha256: String,
}

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InForce {
    /// The unit's number for it.
    pub id: String,
    /// The issuer's.
    pub reference: String,
    /// What it is.
    pub kind: String,
    /// How far it has come.
    pub state: String,
    /// Until when it holds, where it says, POSIX µs.
    pub until_utc_us: Option<i64>,
    /// Of the document.
    pub sha256: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Not to be flown.
    Blocks,
    /// To be thought about.
    Warns,
    /// To be known.
    Notes,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// How grave.
    pub severity: Weight,
    /// Nobody can override it.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// The rule.
    pub rule: String,
    /// What, in a sentence.
    pub what: String,
    /// How to clear it.
    pub cure: String,
}

/// What there was no room for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Findings that warn.
    pub warns: u32,
    /// Findings to be known.
    pub notes: u32,
}

/// Whether something was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// Somebody did.
    Done,
    /// Nobody did.
    NotDone,
    /// Nobody did, and the flight goes all the same: `rapid_launch` says why.
    Skipped,
}

/// An item of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The question.
    pub ask: String,
    /// Only eyes answer it.
    pub eyes: bool,
    /// Whether somebody did.
    pub state: Look,
}

/// Why bytes are no papers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PapersError {
    /// Too long.
    #[error("longer than {MAX_BYTES} bytes")]
    Long,
    /// Not the JSON of papers.
    #[error("no papers: {0}")]
    Json(String),
    /// Spelled in another way than the one allowed.
    #[error("not in canonical form: it differs from its own writing")]
    Spelling,
    /// A text, a digest or a list breaks its rule.
    #[error("{0}")]
    Rule(&'static str),
}

impl Papers {
    /// Reads them.
    ///
    /// # Errors
    /// Whatever else they say, or however else they spell it.
    pub fn read(bytes: &[u8]) -> Result<Self, PapersError> {
        if bytes.len() > MAX_BYTES {
            return Err(PapersError::Long);
        }
        let papers: Self = serde_json::from_slice(bytes).map_err(|error| PapersError::Json(error.to_string()))?;
        if papers.write() != bytes {
            return Err(PapersError::Spelling);
        }
        papers.check()?;
        Ok(papers)
    }

    /// Their one spelling.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        // Strings, integers, lists and objects with named members always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The same with one finding fewer: the last that is only to be known, else the last that warns. `None` when only what blocks is left.
    #[must_use]
    pub fn shorter(mut self) -> Option<Self> {
        let last = |weight: Weight, findings: &[Found]| findings.iter().rposition(|found| found.severity == weight);
        if let Some(at) = last(Weight::Notes, &self.findings) {
            self.findings.remove(at);
            self.left_out.notes += 1;
        } else {
            self.findings.remove(last(Weight::Warns, &self.findings)?);
            self.left_out.warns += 1;
        }
        Some(self)
    }

    fn check(&self) -> Result<(), PapersError> {
        let rule = |holds: bool, what| if holds { Ok(()) } else { Err(PapersError::Rule(what)) };
        rule(self.texts().all(is_text), "a text is printable ASCII without quotes and backslashes, at most 200 bytes")?;
        rule(self.digests().all(is_digest), "a digest is 64 lower-case hexadecimal digits")?;
        let lists = [
            self.crew.roles.len(),
            self.datasets.len(),
            self.authorisations.len(),
            self.findings.len(),
            self.checklist.len(),
        ];
        rule(lists.into_iter().all(|length| length <= MAX_ENTRIES), "a list has at most 64 entries")?;
        rule(self.window.from_utc_us <= self.window.to_utc_us, "the window ends after it begins")?;
        let skipped = self.checklist.iter().any(|item| item.state == Look::Skipped);
        rule(!skipped || self.rapid_launch.is_some(), "an item is skipped in a rapid launch only, which says why")
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let own = [&self.profile.id, &self.crew.pilot, &self.aircraft].into_iter().chain(&self.rapid_launch);
        let datasets = self.datasets.iter().flat_map(|of| [&of.name, &of.edition]);
        let papers = self.authorisations.iter().flat_map(|of| [&of.id, &of.reference, &of.kind, &of.state]);
        let findings = self.findings.iter().flat_map(|of| [&of.rule, &of.what, &of.cure]);
        let items = self.checklist.iter().map(|of| &of.ask);
        own.chain(&self.crew.roles).chain(datasets).chain(papers).chain(findings).chain(items).map(String::as_str)
    }

    fn digests(&self) -> impl Iterator<Item = &str> {
        let listed = self.datasets.iter().map(|of| &of.sha256).chain(self.authorisations.iter().map(|of| &of.sha256));
        [&self.mission.sha256, &self.profile.sha256].into_iter().chain(listed).map(String::as_str)
    }
}

fn is_text(text: &str) -> bool {
    text.len() <= MAX_TEXT && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

fn is_digest(text: &str) -> bool {
    Digest::read(text).is_some_and(|digest| digest.to_string() == text)
}

/// `words` as a text: what cannot stand in one is replaced by what comes nearest, what is too long is cut.
fn text(words: &str) -> String {
    let plain = |letter: char| match letter {
        '"' | '“' | '”' => '\'',
        '\\' => '/',
        '–' | '—' | '−' => '-',
        ' '..='~' => letter,
        '\n' | '\t' | '\u{a0}' => ' ',
        _ => '?',
    };
    words.chars().map(plain).take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests;
