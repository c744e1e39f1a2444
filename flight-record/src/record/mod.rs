//! The records of a log: what each kind says, field by field. `FORMAT.md` repeats this for strangers.

mod from_ground;
mod rules;

pub use from_ground::{Authorisation, MAX_NONCES, MAX_STATEMENTS, Nonce, SessionAction, Statement};
pub(crate) use rules::FromGround;

use crate::digest::{Extent, Sha256};
use crate::keys::{KeyId, PublicKey};
use crate::layout::{SealedName, StillFormat, TornFrom};
use crate::names::{BootId, Code, FlightId, Label, StreamName};
use crate::recipients::Recipient;
use crate::stamp::{ClockSource, Stamp};
use crate::trust::{Certificate, Class};
use serde::{Deserialize, Serialize};

/// DSSE payload type of a record.
pub const PAYLOAD_TYPE: &str = "application/vnd.skyseal.record.v1+json";
/// Longest line of a log, in bytes, its newline not counted.
pub const MAX_LINE_BYTES: usize = 64 * 1024;
/// Most records in a log.
pub const MAX_RECORDS: u64 = 1_000_000;

/// `schema` of a record: this version, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schema {
    /// Version 1.
    #[serde(rename = "skyseal-record/1")]
    V1,
}

/// One record: the payload of one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Always [`Schema::V1`].
    pub schema: Schema,
    /// The flight, or the device log.
    pub flight_id: FlightId,
    /// Key id of the device.
    pub device_id: KeyId,
    /// The boot this was written in.
    pub boot_id: BootId,
    /// Position in the log, from 0.
    pub seq: u64,
    /// CLOCK_MONOTONIC of the boot, ns.
    pub mono_ns: u64,
    /// POSIX time, µs.
    pub utc_us: i64,
    /// How well `utc_us` is known.
    pub clock: Clock,
    /// Leaf hash of the line before; null at `seq` 0.
    pub prev: Option<Sha256>,
    /// The key that signs the next record; null in `close`.
    pub next_key: Option<PublicKey>,
    /// What this record says: `"kind":"…","body":{…}`.
    #[serde(flatten)]
    pub kind: Kind,
}

/// Source and uncertainty of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Where the time of day comes from.
    pub source: ClockSource,
    /// Half-width of the interval that holds the true time, µs.
    pub uncertainty_us: u64,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case")]
pub enum Kind {
    /// First record of a flight; signed by the device key.
    Open(Open),
    /// First record of a device log; signed by the device key.
    LogOpen(LogOpen),
    /// A finished piece of footage.
    Segment(Segment),
    /// How far an unfinished segment is safe on the disk.
    Prefix(Prefix),
    /// A finished piece of the raw MAVLink log.
    Telemetry(Telemetry),
    /// A still picture.
    Still(Still),
    /// A moment the pilot or officer marked.
    Marker(Marker),
    /// Something that happened.
    Event(Event),
    /// A ground station's nonce: what follows was made after it.
    Nonce(Nonce),
    /// An order to start or to stop recording, as its signer gave it.
    Statement(Statement),
    /// An officer's word that the buttons of any station work for a while, or no longer.
    Authorisation(Authorisation),
    /// A better estimate of the time of day; readers correct, nothing already written changes.
    Clock(ClockEstimate),
    /// The log was taken up again after the program or the computer died.
    Recovered(Recovered),
    /// Something is known to be missing.
    Gap(Gap),
    /// A flight was erased from the device, by order; in device logs only.
    Erased(Erased),
    /// Last record of a flight.
    Close(Close),
}

impl Kind {
    /// The word in `kind`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::LogOpen(_) => "log-open",
            Self::Segment(_) => "segment",
            Self::Prefix(_) => "prefix",
            Self::Telemetry(_) => "telemetry",
            Self::Still(_) => "still",
            Self::Marker(_) => "marker",
            Self::Event(_) => "event",
            Self::Nonce(_) => "nonce",
            Self::Statement(_) => "statement",
            Self::Authorisation(_) => "authorisation",
            Self::Clock(_) => "clock",
            Self::Recovered(_) => "recovered",
            Self::Gap(_) => "gap",
            Self::Erased(_) => "erased",
            Self::Close(_) => "close",
        }
    }

    /// The sealed files that this record finishes: nothing more will be written to them.
    pub fn finishes(&self) -> Vec<SealedName> {
        self.sealed_files().into_iter().map(|(name, _)| name).collect()
    }

    /// The same files, with what the record says of them as they lie on the disk.
    pub fn sealed_files(&self) -> Vec<(SealedName, Extent)> {
        let document = |document: &Document| (document.name(), document.sealed);
        match self {
            Self::Open(open) => open.documents.iter().map(|named| document(&named.document)).collect(),
            Self::Segment(segment) => vec![(segment.file.clone(), segment.sealed)],
            Self::Telemetry(telemetry) => vec![(telemetry.file.clone(), telemetry.sealed)],
            Self::Still(still) => vec![(still.file.clone(), still.sealed)],
            Self::Event(event) => event.detail.iter().map(document).collect(),
            Self::Recovered(recovered) => {
                recovered.files.iter().map(|found| (found.file.clone(), found.sealed)).collect()
            }
            Self::LogOpen(_)
            | Self::Prefix(_)
            | Self::Marker(_)
            | Self::Nonce(_)
            | Self::Statement(_)
            | Self::Authorisation(_)
            | Self::Clock(_)
            | Self::Gap(_)
            | Self::Erased(_)
            | Self::Close(_) => Vec::new(),
        }
    }
}

/// `open`: whose flight this is and how to read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The device's entry in the trust list, as the aircraft held it.
    pub certificate: Certificate,
    /// What this flight is; never above the class of the certificate.
    pub class: Class,
    /// age recipients every file is sealed to; at least one.
    pub recipients: Vec<Recipient>,
    /// POSIX µs that PTS 90000 stands for: `PTS = (90000 + (time − epoch)·9/100) mod 2³³`, 90 kHz.
    pub pts_epoch_utc_us: i64,
    /// Whether the source had sound, which is never recorded.
    pub audio_dropped: bool,
    /// The program that records.
    pub software: Software,
    /// SHA-256 of the configuration file as it was read.
    pub configuration_sha256: Sha256,
    /// Mission, profile, authorisation, …, sealed under `documents/`.
    pub documents: Vec<NamedDocument>,
    /// The flight this device opened before, so that a dropped flight shows.
    pub prev_flight: Option<PrevFlight>,
}

/// The program that records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// Its name.
    pub name: Label,
    /// Its version.
    pub version: Label,
    /// SHA-256 of its executable.
    pub sha256: Sha256,
}

/// A sealed document and what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedDocument {
    /// `mission`, `profile`, `authorisation`, …
    pub what: Code,
    /// Where it is.
    pub document: Document,
}

/// Bytes kept in `documents/<sealed.sha256>.age`; the plain bytes begin with 32 random bytes of salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The file.
    pub sealed: Extent,
    /// Salt and content.
    pub plain: Extent,
}

impl Document {
    /// The file that holds it.
    pub fn name(&self) -> SealedName {
        SealedName::Document(self.sealed.sha256)
    }
}

/// The head of an earlier flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrevFlight {
    /// Its id.
    pub id: FlightId,
    /// Records in it.
    pub size: u64,
    /// Root over them.
    pub root: Sha256,
}

/// `log-open`: whose log this is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogOpen {
    /// The device's entry in the trust list.
    pub certificate: Certificate,
    /// The program that writes.
    pub software: Software,
}

/// `segment`: footage that is finished and safe on the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its stream.
    pub stream: StreamName,
    /// Its number in the stream, from 1.
    pub index: u32,
    /// `segments/<stream>/<index>.ts.age`
    pub file: SealedName,
    /// The encrypted file.
    pub sealed: Extent,
    /// The MPEG-TS bytes in it.
    pub plain: Extent,
    /// PTS of its earliest picture, 90 kHz, below 2³³.
    pub first_pts_90k: u64,
    /// PTS of its latest picture, 90 kHz, below 2³³.
    pub last_pts_90k: u64,
    /// Pictures in it; each with one KLV packet.
    pub frames: u64,
    /// Pictures that reached the recorder during this segment and are not in it.
    pub drops: u64,
    /// Pictures whose KLV lacks an item of the ST 0902 minimum set.
    pub minimum_set_shortfall: u64,
    /// The telemetry files that cover it, if any.
    pub telemetry: Option<IndexRange>,
}

/// First and last index, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexRange {
    /// First index.
    pub first: u32,
    /// Last index.
    pub last: u32,
}

/// `prefix`: the bytes of an unfinished file that are safe on the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prefix {
    /// The file.
    pub file: SealedName,
    /// Its first bytes, as synced.
    pub sealed: Extent,
}

/// `telemetry`: every raw MAVLink frame heard, in tlog form, finished and safe on the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Its number, from 1.
    pub index: u32,
    /// `telemetry/<index>.tlog.age`
    pub file: SealedName,
    /// The encrypted file.
    pub sealed: Extent,
    /// The tlog bytes in it.
    pub plain: Extent,
    /// Frames in it.
    pub messages: u64,
    /// Time of the first frame, µs; null when there is none.
    pub first_utc_us: Option<i64>,
    /// Time of the last frame, µs; null when there is none.
    pub last_utc_us: Option<i64>,
    /// Links the frames came over.
    pub links: u32,
}

/// `still`: a picture taken by command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Still {
    /// Its number, from 1.
    pub index: u32,
    /// How the picture is coded.
    pub format: StillFormat,
    /// `stills/<index>.<format>.age`
    pub file: SealedName,
    /// The encrypted file.
    pub sealed: Extent,
    /// The picture file in it.
    pub plain: Extent,
    /// When it was taken, µs.
    pub taken_utc_us: i64,
}

/// `marker`: a moment to come back to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// What kind of moment.
    pub code: Code,
    /// The moment, µs.
    pub at_utc_us: i64,
}

/// `event`: something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What: `recording-started`, `storage-low`, `camera-lost`, …
    pub code: Code,
    /// Key id of the person or station that caused it, when known by a signature.
    pub actor: Option<KeyId>,
    /// The flight it is about, in a device log.
    pub flight: Option<FlightId>,
    /// More, in words, sealed.
    pub detail: Option<Document>,
}

/// `clock`: how monotonic time maps to the time of day, as known now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockEstimate {
    /// CLOCK_MONOTONIC, ns.
    pub mono_ns: u64,
    /// The time of day at that instant, POSIX µs.
    pub utc_us: i64,
    /// Where it comes from.
    pub source: ClockSource,
    /// Half-width of the interval that holds the true time, µs.
    pub uncertainty_us: u64,
}

impl From<Stamp> for ClockEstimate {
    fn from(at: Stamp) -> Self {
        Self { mono_ns: at.mono_ns, utc_us: at.utc_us, source: at.source, uncertainty_us: at.uncertainty_us }
    }
}

/// `recovered`: what was found when the log was taken up again. Nothing was decrypted, nothing was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    /// The boot of the record before.
    pub previous_boot_id: BootId,
    /// Files no record finishes, exactly as found.
    pub files: Vec<FoundFile>,
    /// Torn bytes, kept under `torn/`.
    pub torn: Vec<Torn>,
}

/// A file as the recovery found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundFile {
    /// The file.
    pub file: SealedName,
    /// All of it.
    pub sealed: Extent,
}

/// Torn bytes as the recovery found them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Torn {
    /// What they were the end of; they are in `torn/<from>-<seq of this record>`.
    pub from: TornFrom,
    /// All of them.
    pub extent: Extent,
}

/// `gap`: something is known to be missing, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The stream, or null when telemetry or records are missing.
    pub stream: Option<StreamName>,
    /// Why.
    pub reason: Code,
    /// Where it begins, µs.
    pub from_utc_us: i64,
    /// Where it ends, µs; null when it has not ended.
    pub to_utc_us: Option<i64>,
    /// Pictures or messages missing, when known.
    pub count: Option<u64>,
}

/// `erased`: a flight is gone from this device, because two people ordered it on the word of two stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// The flight.
    pub flight: FlightId,
    /// Who ordered it.
    pub actor: KeyId,
    /// Who countersigned.
    pub witness: KeyId,
    /// The two stores that hold it.
    pub stores: [KeyId; 2],
    /// SHA-256 of the manifest that both hold.
    pub manifest: Sha256,
    /// SHA-256 of the order.
    pub order: Sha256,
    /// Files erased.
    pub files: u64,
    /// Their lengths together, in bytes.
    pub bytes: u64,
}

/// `close`: the flight is over; what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// Why it was closed.
    pub reason: Code,
    /// The counts over all records before this one.
    pub counts: Counts,
}

/// What a flight holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Records before `close`.
    pub records: u64,
    /// `segment` records.
    pub segments: u64,
    /// Pictures in them.
    pub frames: u64,
    /// `telemetry` records.
    pub telemetry: u64,
    /// MAVLink frames in them.
    pub messages: u64,
    /// `still` records.
    pub stills: u64,
    /// Documents named by `open` and events.
    pub documents: u64,
    /// Sealed bytes of all of these.
    pub sealed_bytes: u64,
}

impl Counts {
    /// Takes one more record into account.
    pub fn add(&mut self, kind: &Kind) {
        self.records += 1;
        let mut bytes = |extent: &Extent| self.sealed_bytes = self.sealed_bytes.saturating_add(extent.bytes);
        match kind {
            Kind::Segment(segment) => {
                bytes(&segment.sealed);
                self.segments += 1;
                self.frames = self.frames.saturating_add(segment.frames);
            }
            Kind::Telemetry(telemetry) => {
                bytes(&telemetry.sealed);
                self.telemetry += 1;
                self.messages = self.messages.saturating_add(telemetry.messages);
            }
            Kind::Still(still) => {
                bytes(&still.sealed);
                self.stills += 1;
            }
            Kind::Open(open) => {
                open.documents.iter().for_each(|named| bytes(&named.document.sealed));
                self.documents += open.documents.len() as u64;
            }
            Kind::Event(Event { detail: Some(detail), .. }) => {
                bytes(&detail.sealed);
                self.documents += 1;
            }
            Kind::Event(_)
            | Kind::LogOpen(_)
            | Kind::Prefix(_)
            | Kind::Marker(_)
            | Kind::Nonce(_)
            | Kind::Statement(_)
            | Kind::Authorisation(_)
            | Kind::Clock(_)
            | Kind::Recovered(_)
            | Kind::Gap(_)
            | Kind::Erased(_)
            | Kind::Close(_) => {}
        }
    }
}
