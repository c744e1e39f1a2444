//! What an entry of the ledger says, and who must sign it.

use crate::ids::{EntryId, PersonId};
use flight_record::keys::{DeviceKey, PublicKey};
use flight_record::record::Clock;
use flight_record::trust::Duty;
use flight_record::{Code, FlightId, Label, Reason, Sha256, Stamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// DSSE payload type of an entry.
pub(crate) const ENTRY_TYPE: &str = "application/vnd.skyseal.ledger.v1+json";
/// DSSE payload type of a countersignature that came later.
pub(crate) const COUNTERSIGNATURE_TYPE: &str = "application/vnd.skyseal.countersignature.v1+json";
/// Most digests in an entry; more are named by the digest of their manifest.
pub const MAX_ITEMS: usize = 256;
/// Longest line, in bytes.
pub(crate) const MAX_LINE_BYTES: usize = 64 * 1024;
/// How long an entry may wait for its countersignature.
pub const COUNTERSIGN_WITHIN_US: i64 = 72 * 3_600_000_000;

/// What was done: the six of DPA 2018 s.62, and those that a chain of custody needs besides. Closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Taken over.
    Collection,
    /// Changed: only ever a derived copy.
    Alteration,
    /// Looked at.
    Consultation,
    /// Given to somebody.
    Disclosure,
    /// Put together with something else.
    Combination,
    /// Destroyed.
    Erasure,
    /// Carried or copied to another place.
    Movement,
    /// Equipment booked out or in.
    Booking,
    /// An account made, changed, suspended.
    Account,
    /// A decision on how long something stays.
    Retention,
    /// Checked.
    Verification,
    /// A document entered in a register, or a version of it: permissions to fly, flights flown.
    Register,
    /// An older ledger explained.
    Restore,
}

/// When a second person signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countersigning {
    /// Never needed.
    NotNeeded,
    /// With the actor, or within 72 h.
    MayFollow,
    /// With the actor; the act waits for it.
    AtOnce,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Collection,
        Self::Alteration,
        Self::Consultation,
        Self::Disclosure,
        Self::Combination,
        Self::Erasure,
        Self::Movement,
        Self::Booking,
        Self::Account,
        Self::Retention,
        Self::Verification,
        Self::Register,
        Self::Restore,
    ];

    /// Whether, and when, a second person must sign.
    pub fn countersigning(self) -> Countersigning {
        match self {
            Self::Disclosure | Self::Erasure => Countersigning::AtOnce,
            Self::Collection | Self::Movement | Self::Alteration | Self::Combination | Self::Restore => {
                Countersigning::MayFollow
            }
            Self::Consultation
            | Self::Booking
            | Self::Account
            | Self::Retention
            | Self::Verification
            | Self::Register => Countersigning::NotNeeded,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Collection => "collection",
            Self::Alteration => "alteration",
            Self::Consultation => "consultation",
            Self::Disclosure => "disclosure",
            Self::Combination => "combination",
            Self::Erasure => "erasure",
            Self::Movement => "movement",
            Self::Booking => "booking",
            Self::Account => "account",
            Self::Retention => "retention",
            Self::Verification => "verification",
            Self::Register => "register",
            Self::Restore => "restore",
        })
    }
}

/// Text that is no category.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "a category is collection, alteration, consultation, disclosure, combination, erasure, movement, booking, account, retention, verification, register or restore"
)]
pub struct BadCategory;

impl std::str::FromStr for Category {
    type Err = BadCategory;

    fn from_str(text: &str) -> Result<Self, BadCategory> {
        Self::ALL.into_iter().find(|category| category.to_string() == text).ok_or(BadCategory)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum EntrySchema {
    #[default]
    #[serde(rename = "skyseal-ledger/1")]
    V1,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum CountersignatureSchema {
    #[default]
    #[serde(rename = "skyseal-countersignature/1")]
    V1,
}

/// A head of the ledger's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadRef {
    /// Lines.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Sha256,
}

/// Somebody who signs, as the entry names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hand {
    /// The person.
    pub person: PersonId,
    /// The key they sign with.
    pub key: PublicKey,
    /// The duty in which they act.
    pub duty: Duty,
}

/// Somebody who signs now.
#[derive(Clone, Copy)]
pub struct Signatory<'a> {
    /// The person.
    pub person: PersonId,
    /// The pseudonym of their account: for people only, no entry holds it.
    pub name: &'a Label,
    /// The duty in which they act.
    pub duty: Duty,
    /// Their key.
    pub key: &'a DeviceKey,
}

impl Signatory<'_> {
    /// How entries name them.
    pub fn hand(&self) -> Hand {
        Hand { person: self.person, key: self.key.public(), duty: self.duty }
    }
}

/// Where in the ledger a line stands, and when it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The ledger.
    pub ledger: FlightId,
    /// Line, from 0.
    pub seq: u64,
    /// The head before this line.
    pub prev: HeadRef,
    /// POSIX µs.
    pub at_utc_us: i64,
    /// The same as the clock on the wall showed it: `2026-05-01T13:00:00+01:00`.
    pub local: Label,
    /// How well the time is known.
    pub clock: Clock,
}

impl Place {
    pub(crate) fn new(ledger: FlightId, prev: HeadRef, at: Stamp) -> Self {
        let clock = Clock { source: at.source, uncertainty_us: at.uncertainty_us };
        Self { ledger, seq: prev.size, prev, at_utc_us: at.utc_us, local: local_time(at.utc_us), clock }
    }
}

/// British time of an instant; UTC where this machine has no time-zone data.
fn local_time(utc_us: i64) -> Label {
    let instant = jiff::Timestamp::from_microsecond(utc_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let zone = jiff::tz::TimeZone::get("Europe/London").unwrap_or(jiff::tz::TimeZone::UTC);
    let text = instant.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    #[expect(clippy::expect_used, reason = "digits, signs and colons, always 25 or 26 of them")]
    text.parse().expect("a time is a label")
}

/// An entry: the payload of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    schema: EntrySchema,
    /// Where it stands.
    pub place_in_ledger: Place,
    /// Unique in all ledgers.
    pub id: EntryId,
    /// What was done.
    pub category: Category,
    /// How it ended: `done`, `refused`, `verified-unwitnessed`, …
    pub outcome: Code,
    /// The flight it is about.
    pub flight: Option<FlightId>,
    /// Digests of what it is about.
    pub items: Vec<Sha256>,
    /// Who did it.
    pub actor: Hand,
    /// Who countersigns with the actor; null when nobody need, or when it is to follow.
    pub witness: Option<Hand>,
    /// Where.
    pub place: Label,
    /// Why.
    pub reason: Option<Reason>,
    /// Salted commitment to personal data kept beside the ledger: recipients, names.
    pub personal: Option<Sha256>,
    /// Heads that were seen elsewhere and are gone: only in a `restore`.
    pub lost: Vec<HeadRef>,
}

/// What the caller says; the ledger adds where and when.
#[derive(Clone, Debug)]
pub struct Act {
    /// What was done.
    pub category: Category,
    /// How it ended.
    pub outcome: Code,
    /// The flight it is about.
    pub flight: Option<FlightId>,
    /// Digests of what it is about, at most [`MAX_ITEMS`].
    pub items: Vec<Sha256>,
    /// Where.
    pub place: Label,
    /// Why.
    pub reason: Option<Reason>,
    /// Personal data, to be kept beside the ledger: never in it.
    pub personal: Option<String>,
}

impl Entry {
    pub(crate) fn new(place: Place, id: EntryId, act: &Act, actor: Hand, witness: Option<Hand>) -> Self {
        Self {
            schema: EntrySchema::V1,
            place_in_ledger: place,
            id,
            category: act.category,
            outcome: act.outcome.clone(),
            flight: act.flight,
            items: act.items.clone(),
            actor,
            witness,
            place: act.place.clone(),
            reason: act.reason.clone(),
            personal: None,
            lost: Vec::new(),
        }
    }

    /// Whether a countersignature is still to come.
    pub fn awaits_countersignature(&self) -> bool {
        self.witness.is_none() && self.category.countersigning() != Countersigning::NotNeeded
    }

    /// The keys that sign its line, in order.
    pub fn signers(&self) -> Vec<PublicKey> {
        std::iter::once(self.actor.key).chain(self.witness.map(|witness| witness.key)).collect()
    }

    /// What no entry may be, whoever signs it.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.items.len() > MAX_ITEMS {
            return Err("more items than an entry may have");
        }
        if let Some(witness) = &self.witness {
            if witness.person == self.actor.person {
                return Err("the witness is the person who acted");
            }
            if witness.key == self.actor.key {
                return Err("the witness signs with the actor's key");
            }
        } else if self.category.countersigning() == Countersigning::AtOnce {
            return Err("nobody countersigned what may not wait for it");
        }
        if self.category != Category::Restore && !self.lost.is_empty() {
            return Err("only a restore names lost heads");
        }
        Ok(())
    }
}

/// A countersignature that came later: the payload of a line of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersignature {
    schema: CountersignatureSchema,
    /// Where it stands.
    pub place_in_ledger: Place,
    /// The line that is countersigned.
    pub entry_seq: u64,
    /// Its id.
    pub entry_id: EntryId,
    /// Its leaf hash: it covers all bytes of the line, the actor's signature too.
    pub entry_leaf: Sha256,
    /// Who acted.
    pub actor: Hand,
    /// Who countersigns.
    pub witness: Hand,
}

impl Countersignature {
    pub(crate) fn new(place: Place, entry: &Entry, entry_leaf: Sha256, witness: Hand) -> Self {
        Self {
            schema: CountersignatureSchema::V1,
            place_in_ledger: place,
            entry_seq: entry.place_in_ledger.seq,
            entry_id: entry.id,
            entry_leaf,
            actor: entry.actor,
            witness,
        }
    }
}
