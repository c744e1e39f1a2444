//! What the verifier says: the word, the axes, and every item by name.

use super::outside_time::Stamped;
use super::timeline::Timeline;
use super::words::{Content, EXTRACT_LIMITS, Integrity, LIMITS, Time, Witness, Word};
use crate::digest::Sha256;
use crate::keys::KeyId;
use crate::names::{FlightId, Label, Reason};
use crate::papers::Judged;
use crate::record::Counts;
use crate::statement::Said;
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
    /// A record that an extract carries.
    Carried {
        /// Its `seq`.
        seq: u64,
        /// The kind it says it is.
        kind: Option<&'static str>,
    },
    /// A tree head that an extract carries.
    Head {
        /// The place in its list, from 1.
        number: usize,
        /// Records under it, as it says.
        size: Option<u64>,
    },
    /// A witness file that the reader brings, by its place in the order given, from 1.
    WitnessFile {
        /// The place.
        number: usize,
    },
    /// A token of a time-stamping authority that the reader brings, by its place in the order given, from 1.
    Token {
        /// The place.
        number: usize,
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
            Self::Carried { seq, kind } => {
                write!(f, "record {seq}")?;
                kind.map_or(Ok(()), |kind| write!(f, " ({kind})"))
            }
            Self::Head { number, size } => {
                write!(f, "head {number}")?;
                size.map_or(Ok(()), |size| write!(f, " (over {size} records)"))
            }
            Self::WitnessFile { number } => write!(f, "witness file {number}"),
            Self::Token { number } => write!(f, "timestamp {number}"),
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
    /// For records and files: how long after it was made the ground had seen it, in milliseconds; null when it never had.
    pub witness_delay_ms: Option<i64>,
    /// For those: seen, but after the bound, or after the ground had seen nothing for longer than that.
    pub late: bool,
}

/// All items, in the order in which they were checked.
#[derive(Default)]
pub(super) struct Items(pub(super) Vec<Item>);

impl Items {
    pub(super) fn intact(&mut self, item: Subject) {
        self.push(item, Some(Integrity::Intact), None);
    }

    pub(super) fn found(&mut self, item: Subject, word: Integrity, detail: impl Into<String>) {
        self.push(item, Some(word), Some(detail.into()));
    }

    pub(super) fn not_checked(&mut self, item: Subject, detail: impl Into<String>) {
        self.push(item, None, Some(detail.into()));
    }

    fn push(&mut self, item: Subject, word: Option<Integrity>, detail: Option<String>) {
        self.0.push(Item { item, word, detail, witness_delay_ms: None, late: false });
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
    /// Serial of the list: which enrolment key counts.
    pub serial: u64,
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

/// What ground stations saw of the flight while it flew.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WitnessFacts {
    /// The bound, in seconds: what was seen later is late.
    pub late_after_s: u32,
    /// Who witnessed.
    pub stations: Vec<StationFacts>,
    /// Cosignatures that count.
    pub cosigned_heads: u64,
    /// The longest time from a record or a file's last content to the first cosignature over it, in milliseconds.
    pub longest_delay_ms: Option<i64>,
    /// Records and files seen late.
    pub late_items: u64,
    /// Records and files never seen.
    pub unwitnessed_items: u64,
    /// Times longer than the bound in which no new head was cosigned, from `open` on.
    pub silences: Vec<Silence>,
    /// Cosignatures that verify and do not count.
    pub not_counted: Vec<NotCounted>,
    /// What the nonces in the records prove.
    pub not_before: Vec<NotBefore>,
}

/// A station that witnessed.
#[derive(Clone, Debug, Serialize)]
pub struct StationFacts {
    /// Its key id.
    pub id: KeyId,
    /// The unit's name for it.
    pub name: Label,
    /// Heads it cosigned.
    pub heads: u64,
    /// Its first cosignature, POSIX µs.
    pub first_utc_us: i64,
    /// Its last, POSIX µs.
    pub last_utc_us: i64,
}

/// A time in which the ground saw nothing of the flight, POSIX µs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// The cosignature before, or `open`.
    pub from_utc_us: i64,
    /// The cosignature after, or the last record.
    pub to_utc_us: i64,
}

/// Cosignatures of a station that do not count, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotCounted {
    /// The unit's name for the station.
    pub station: String,
    /// Its key id.
    pub id: KeyId,
    /// How many.
    pub cosignatures: u64,
    /// Why.
    pub reason: String,
}

/// A nonce of a station: what follows in the log was made after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotBefore {
    /// `seq` of the record that holds it.
    pub record: u64,
    /// The unit's name for the station.
    pub station: Label,
    /// When the station made it, POSIX µs.
    pub utc_us: i64,
}

/// What somebody the unit vouches for signed about recording: an order, or who may use its buttons for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ordered {
    /// `seq` of the record that holds it.
    pub record: u64,
    /// What was ordered.
    pub action: Said,
    /// Of an authorisation, until when it was given, POSIX µs.
    pub until_utc_us: Option<i64>,
    /// Key id of who signed.
    pub signer: KeyId,
    /// The unit's name for that key.
    pub name: Label,
    /// When it was signed, by the signer's clock, POSIX µs.
    pub utc_us: i64,
    /// What commits to the reason.
    pub commitment: Sha256,
    /// The reason, when the reader brought one that fits.
    pub reason: Option<Reason>,
}

/// Papers that the flight holds, opened: what was checked before it.
#[derive(Clone, Debug, Serialize)]
pub struct Frozen {
    /// `seq` of the record that names them.
    pub record: u64,
    /// SHA-256 of the sealed file.
    pub document: Sha256,
    /// SHA-256 of the papers' own file.
    pub sha256: Sha256,
    /// Whose they are, and what they say; null when nobody who may vouches for them.
    pub judged: Option<Judged>,
    /// Then why.
    pub why_not: Option<String>,
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

/// What an extract covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Covers {
    /// Records that the flight had under the last head here.
    pub flight_records: u64,
    /// Records that are here: `open`, those that finish the files, and the one before each.
    pub records: u64,
    /// When the earliest picture, message or still in it was made, POSIX µs.
    pub from_utc_us: Option<i64>,
    /// When the latest was.
    pub to_utc_us: Option<i64>,
    /// The files, by path.
    pub files: Vec<CoveredFile>,
}

/// A file of an extract, as the record that finishes it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoveredFile {
    /// Its path.
    pub file: String,
    /// `seq` of the record.
    pub record: u64,
    /// When its first picture or message was made, POSIX µs; null when it holds none.
    pub from_utc_us: Option<i64>,
    /// When its last was.
    pub to_utc_us: Option<i64>,
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
    /// What is here of the flight; only in the report of an extract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covers: Option<Covers>,
    /// The trust list; null when it is refused.
    pub trust: Option<TrustFacts>,
    /// What the records name.
    pub counts: Counts,
    /// Who ordered recordings to start and to stop.
    pub ordered: Vec<Ordered>,
    /// The papers that it holds, where they opened. No word hangs on them.
    pub papers: Vec<Frozen>,
    /// What time-stamping authorities say of the end of the flight.
    pub outside_time: Vec<Stamped>,
    /// What ground stations saw.
    pub witness_facts: WitnessFacts,
    /// What was seen in the opened files; all zero where nothing was opened.
    pub opened: Seen,
    /// When things happened, by the records that count.
    pub timeline: Timeline,
    /// What a reader should know besides.
    pub notices: Vec<String>,
    /// Everything that was checked.
    pub items: Vec<Item>,
}

/// What a report is made from.
pub(super) struct Findings {
    pub(super) path: String,
    pub(super) items: Items,
    pub(super) witness: Witness,
    pub(super) witness_facts: WitnessFacts,
    pub(super) content: Content,
    pub(super) time: Time,
    pub(super) flight: Option<FlightFacts>,
    pub(super) covers: Option<Covers>,
    pub(super) trust: Option<TrustFacts>,
    pub(super) counts: Counts,
    pub(super) ordered: Vec<Ordered>,
    pub(super) papers: Vec<Frozen>,
    pub(super) outside_time: Vec<Stamped>,
    pub(super) opened: Seen,
    pub(super) timeline: Timeline,
    pub(super) notices: Vec<String>,
}

impl Findings {
    /// Where there are no records to find anything in.
    pub(super) fn new(items: Items, trust: Option<TrustFacts>) -> Self {
        Self {
            path: String::new(),
            items,
            witness: Witness::None,
            witness_facts: WitnessFacts::default(),
            content: Content::Sealed,
            time: Time::Ok,
            flight: None,
            covers: None,
            trust,
            counts: Counts::default(),
            ordered: Vec::new(),
            papers: Vec::new(),
            outside_time: Vec::new(),
            opened: Seen::default(),
            timeline: Timeline::default(),
            notices: Vec::new(),
        }
    }
}

impl From<Findings> for Report {
    fn from(found: Findings) -> Self {
        let integrity = found.items.worst();
        let witness = found.witness;
        let (word, limits) = match &found.covers {
            None => (Word::of(integrity, witness, found.content, found.time), LIMITS),
            Some(_) => (Word::of_extract(integrity, witness, found.time), EXTRACT_LIMITS),
        };
        Self {
            schema: "skyseal-verdict/1",
            path: found.path,
            word,
            integrity,
            witness,
            content: found.content,
            time: found.time,
            meaning: word.meaning(witness),
            next: word.next(witness),
            limits,
            flight: found.flight,
            covers: found.covers,
            trust: found.trust,
            counts: found.counts,
            ordered: found.ordered,
            papers: found.papers,
            outside_time: found.outside_time,
            witness_facts: found.witness_facts,
            opened: found.opened,
            timeline: found.timeline,
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
