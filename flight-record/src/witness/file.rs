//! The witness file: a ground station's own account of one flight, a signed line for each thing it saw, chained like the
//! records of a log. `FORMAT.md`, "Witness file".

mod check;

pub use check::{Checker, Fault, FileError, Summary, read};

use crate::canonical;
use crate::digest::Sha256;
use crate::dsse;
use crate::keys::{KeyId, PublicKey, Signer};
use crate::names::{Code, FlightId};
use crate::note::Cosignature;
use crate::record::Clock;
use crate::stamp::Stamp;
use crate::tree;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// DSSE payload type of an entry.
pub const PAYLOAD_TYPE: &str = "application/vnd.skyseal.witness.v1+json";
/// Most leaf hashes in one entry, so that its line stays below [`crate::record::MAX_LINE_BYTES`].
pub const MAX_LEAVES: usize = 512;
/// Longest witness file read, in bytes.
pub const MAX_FILE_BYTES: u64 = 256 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-witness/1")]
    V1,
}

/// One line of a witness file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    schema: Schema,
    /// The flight; the same in all entries.
    pub flight_id: FlightId,
    /// Key id of the station; the same in all entries.
    pub station: KeyId,
    /// Position in the file, from 0.
    pub seq: u64,
    /// Leaf hash of the line before; null at `seq` 0.
    pub prev: Option<Sha256>,
    /// When the station wrote it, POSIX µs by its own clock.
    pub utc_us: i64,
    /// How well the station's clock is known.
    pub clock: Clock,
    /// What this entry says: `"kind":"…","body":{…}`.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case")]
pub enum Kind {
    /// First entry: whose flight this is.
    Begin(Begin),
    /// Leaves taken towards the next head, when it needs more than [`MAX_LEAVES`]. They count once a `head` confirms
    /// them; a `restarted` drops those that none has confirmed.
    Leaves(Leaves),
    /// A head that the station's own tree confirms.
    Head(Head),
    /// A head signed by the device that the own tree cannot confirm, yet or any more.
    Seen(Seen),
    /// The station gave the flight a nonce.
    Nonce(Nonce),
    /// The device signed two histories.
    Equivocation(Equivocation),
    /// The witness died and took the file up again.
    Restarted(Restarted),
    /// The witness statement: the flight is over for this station, which cosigns nothing of it any more.
    Landed(Landed),
}

/// `begin`: whose flight this is, by the trust list the station held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// Key id of the device.
    pub device: KeyId,
    /// The device's key.
    pub device_key: PublicKey,
    /// Version of the trust list the station held.
    pub trust_version: u64,
}

/// `leaves`: leaf hashes that follow those before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaves {
    /// 1 to [`MAX_LEAVES`].
    pub leaves: Vec<Sha256>,
}

/// `head`: the own tree, grown by `leaves`, has the root that the device signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Leaves since the own tree; at most [`MAX_LEAVES`].
    pub leaves: Vec<Sha256>,
    /// The note, signed by the device, without cosignatures.
    pub note: String,
    /// The station's cosignature over it; null where it confirmed and did not cosign.
    pub cosignature: Option<Cosigned>,
    /// When the beacon came in, POSIX µs by the station's clock.
    pub received_utc_us: i64,
}

/// A cosignature; its key is the station's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosigned {
    /// When it was made, POSIX seconds.
    pub time_s: u64,
    /// Ed25519 in strict base64.
    pub sig: String,
}

impl From<&Cosignature> for Cosigned {
    fn from(cosignature: &Cosignature) -> Self {
        Self { time_s: cosignature.time_s, sig: STANDARD.encode(cosignature.signature) }
    }
}

impl Cosigned {
    /// The cosignature as notes carry it, `station` being the one whose file this is. None where `sig` is no signature.
    pub fn cosignature(&self, station: &PublicKey) -> Option<Cosignature> {
        let signature = STANDARD.decode(&self.sig).ok()?.try_into().ok()?;
        Some(Cosignature { key_hash: crate::note::station_key_hash(station), time_s: self.time_s, signature })
    }
}

/// `seen`: a head that is kept although it proves nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The note, signed by the device, without cosignatures.
    pub note: String,
}

/// `nonce`: what the station gave the flight, so that its record holds from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nonce {
    /// 32 random bytes.
    pub nonce: Sha256,
    /// When it was made, POSIX seconds.
    pub time_s: u64,
}

/// `equivocation`: kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivocation {
    /// A note, signed by the device.
    pub note: String,
    /// Another note of the same size and another root, signed by the device; null where only the own tree contradicts.
    pub held: Option<String>,
}

/// `restarted`: nothing more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restarted {}

/// `landed`: the witness statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Landed {
    /// Size of the last head confirmed; 0 where there was none.
    pub size: u64,
    /// Its root; of nothing where there was none.
    pub root: Sha256,
    /// `head` entries before this one.
    pub heads: u64,
    /// The longest time between two beacons, or from `begin` to the first, in milliseconds.
    pub longest_silence_ms: u64,
    /// `equivocation` entries before this one.
    pub equivocations: u64,
    /// `closed`, `silence`, …
    pub reason: Code,
}

/// Where the next entry of a file belongs: writes entries one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWriter {
    flight_id: FlightId,
    seq: u64,
    prev: Option<Sha256>,
}

impl EntryWriter {
    /// For a file that has no line yet.
    pub fn new(flight_id: FlightId) -> Self {
        Self { flight_id, seq: 0, prev: None }
    }

    /// The next line, signed by the station, with its newline. It counts as written: whoever cannot make it durable reads
    /// the file anew.
    pub fn line(&mut self, kind: Kind, at: Stamp, station: &impl Signer) -> Vec<u8> {
        let entry = Entry {
            schema: Schema::V1,
            flight_id: self.flight_id,
            station: station.public().id(),
            seq: self.seq,
            prev: self.prev,
            utc_us: at.utc_us,
            clock: Clock { source: at.source, uncertainty_us: at.uncertainty_us },
            kind,
        };
        let mut line = dsse::seal(PAYLOAD_TYPE, &canonical::write(&entry), station);
        self.prev = Some(tree::leaf_hash(&line));
        self.seq += 1;
        line.push(b'\n');
        line
    }
}
