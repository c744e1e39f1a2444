//! What the verifier says: the word, the axes, and every item by name.

use super::words::{Content, Integrity, LIMITS, Time, Witness, Word};
use crate::keys::KeyId;
use crate::names::{FlightId, Label};
use crate::record::Counts;
use crate::trust::Class;
use serde::{Serialize, Serializer};
use std::fmt;

/// What an item is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The trust list and the device's place in it.
    Trust,
    /// A line of `records.jsonl`.
    Record {
        /// The line, from 1.
        line: u64,
        /// The kind it says it is.
        kind: Option<&'static str>,
    },
    /// A line of `checkpoints.jsonl`, from 1.
    Checkpoint {
        /// The line.
        line: u64,
    },
    /// A file or folder, by its path in the flight's folder.
    File(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trust => f.write_str("trust"),
            Self::Record { line, kind } => {
                write!(f, "records.jsonl line {line} (seq {}", line - 1)?;
                kind.map_or(Ok(()), |kind| write!(f, ", {kind}"))?;
                f.write_str(")")
            }
            Self::Checkpoint { line } => write!(f, "checkpoints.jsonl line {line}"),
            Self::File(path) => f.write_str(path),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it is.
    pub item: Subject,
    /// What it turned out to be; null when something before it makes a check impossible.
    pub word: Option<Integrity>,
    /// What was found, when there is something to say.
    pub detail: Option<String>,
}

/// All items, in the order in which they were checked.
#[derive(Default)]
pub(super) struct Items(pub(super) Vec<Item>);

impl Items {
    pub(super) fn intact(&mut self, item: Subject) {
        self.0.push(Item { item, word: Some(Integrity::Intact), detail: None });
    }

    pub(super) fn found(&mut self, item: Subject, word: Integrity, detail: impl Into<String>) {
        self.0.push(Item { item, word: Some(word), detail: Some(detail.into()) });
    }

    pub(super) fn not_checked(&mut self, item: Subject, detail: impl Into<String>) {
        self.0.push(Item { item, word: None, detail: Some(detail.into()) });
    }

    /// The worst of all; an item that could not be checked has the fault beside it that is why.
    pub(super) fn worst(&self) -> Integrity {
        self.0.iter().filter_map(|item| item.word).max().unwrap_or(Integrity::Intact)
    }
}

/// The trust list that was used.
#[derive(Clone, Debug, Serialize)]
pub struct TrustFacts {
    /// The unit.
    pub unit: Label,
    /// Fingerprint of its root.
    pub root: KeyId,
    /// Version of the list.
    pub version: u64,
    /// When it was issued, POSIX µs.
    pub issued_utc_us: i64,
    /// When it expires, POSIX µs.
    pub expires_utc_us: i64,
}

/// Whose flight it is, as its first record says.
#[derive(Clone, Debug, Serialize)]
pub struct FlightFacts {
    /// Its id.
    pub flight_id: FlightId,
    /// Key id of the device.
    pub device_id: KeyId,
    /// The unit's name for the device.
    pub device_name: Label,
    /// What the flight counts as. Simulated and training footage is never evidence of police work.
    pub class: Class,
    /// When it was opened, POSIX µs.
    pub opened_utc_us: i64,
}

/// What was seen inside the files that opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Pictures.
    pub pictures: u64,
    /// KLV packets that decode.
    pub klv_packets: u64,
    /// MAVLink frames of the raw logs.
    pub messages: u64,
}

impl Seen {
    pub(super) fn add(&mut self, other: Self) {
        self.pictures += other.pictures;
        self.klv_packets += other.klv_packets;
        self.messages += other.messages;
    }
}

/// The verdict on one folder.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Always `skyseal-verdict/1`.
    pub schema: &'static str,
    /// The folder, as it was given.
    pub path: String,
    /// The word.
    pub word: Word,
    /// The worst of all items.
    pub integrity: Integrity,
    /// Seen from the ground.
    pub witness: Witness,
    /// Looked into.
    pub content: Content,
    /// Clock.
    pub time: Time,
    /// What the word means.
    pub meaning: &'static str,
    /// What to do next.
    pub next: &'static str,
    /// What no verdict can know.
    pub limits: &'static str,
    /// Whose flight; null when not even that can be read.
    pub flight: Option<FlightFacts>,
    /// The trust list; null when it is refused.
    pub trust: Option<TrustFacts>,
    /// What the records name.
    pub counts: Counts,
    /// What was seen in the opened files; all zero where nothing was opened.
    pub opened: Seen,
    /// What a reader should know besides.
    pub notices: Vec<String>,
    /// Everything that was checked.
    pub items: Vec<Item>,
}

/// What a report is made from.
pub(super) struct Findings {
    pub(super) path: String,
    pub(super) items: Items,
    pub(super) content: Content,
    pub(super) time: Time,
    pub(super) flight: Option<FlightFacts>,
    pub(super) trust: Option<TrustFacts>,
    pub(super) counts: Counts,
    pub(super) opened: Seen,
    pub(super) notices: Vec<String>,
}

impl From<Findings> for Report {
    fn from(found: Findings) -> Self {
        let integrity = found.items.worst();
        let witness = Witness::None;
        let word = Word::of(integrity, witness, found.content, found.time);
        Self {
            schema: "skyseal-verdict/1",
            path: found.path,
            word,
            integrity,
            witness,
            content: found.content,
            time: found.time,
            meaning: word.meaning(),
            next: word.next(),
            limits: LIMITS,
            flight: found.flight,
            trust: found.trust,
            counts: found.counts,
            opened: found.opened,
            notices: found.notices,
            items: found.items.0,
        }
    }
}

impl Report {
    /// Whether the flight is beyond doubt: exit code 0.
    pub fn is_verified(&self) -> bool {
        self.word == Word::Verified
    }

    /// The items that are not intact, worst first.
    pub fn doubts(&self) -> Vec<&Item> {
        let mut doubts: Vec<&Item> = self.items.iter().filter(|item| item.word != Some(Integrity::Intact)).collect();
        doubts.sort_by_key(|item| std::cmp::Reverse(item.word));
        doubts
    }
}
