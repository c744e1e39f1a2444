//! What a store says it holds of a flight: an object like the others, signed by the store, found again without any index.

use super::StoreIdentity;
use flight_record::canonical;
use flight_record::dock::Manifest;
use flight_record::dsse::{self, Envelope, EnvelopeError};
use flight_record::keys::{KeyId, PublicKey};
use flight_record::{Extent, FlightId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// DSSE payload type of a holding.
const PAYLOAD_TYPE: &str = "application/vnd.skyseal.holding.v1+json";
/// Longest holding read, in bytes.
pub(super) const MAX_BYTES: u64 = 64 << 20;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[default]
    #[serde(rename = "skyseal-holding/1")]
    V1,
}

/// A flight in a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    schema: Schema,
    /// Key id of the store that says so.
    pub store: KeyId,
    /// The flight.
    pub flight_id: FlightId,
    /// The device, as its records say; null when they cannot be read.
    pub device_id: Option<KeyId>,
    /// When it was taken over, POSIX µs.
    pub at_utc_us: i64,
    /// The word it got on arrival.
    pub verdict: String,
    /// Kept apart until two custodians decide.
    pub quarantined: bool,
    /// Its files.
    pub manifest: Manifest,
    /// What came with it, by its place in a package: `witness/…`, `device-log/…`, `report.json`, `trust.json`, `wraps/…`,
    /// `reasons/…`.
    pub attachments: BTreeMap<String, Extent>,
}

/// What a holding says, before the store that says it is known.
pub struct HoldingFacts {
    /// The flight.
    pub flight: FlightId,
    /// The device.
    pub device: Option<KeyId>,
    /// When, POSIX µs.
    pub at_utc_us: i64,
    /// The word.
    pub verdict: String,
    /// Kept apart.
    pub quarantined: bool,
    /// The files.
    pub manifest: Manifest,
    /// What came with it.
    pub attachments: BTreeMap<String, Extent>,
}

/// Why a holding is refused.
#[derive(Debug, thiserror::Error)]
pub enum HoldingError {
    /// The envelope or its signature.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The statement in it.
    #[error(transparent)]
    NotCanonical(#[from] canonical::NotCanonical),
}

impl Holding {
    /// Signs it for a store: one line without its newline.
    pub fn sign(facts: HoldingFacts, store: &StoreIdentity) -> (Self, Vec<u8>) {
        let holding = Self {
            schema: Schema::V1,
            store: store.key.public().id(),
            flight_id: facts.flight,
            device_id: facts.device,
            at_utc_us: facts.at_utc_us,
            verdict: facts.verdict,
            quarantined: facts.quarantined,
            manifest: facts.manifest,
            attachments: facts.attachments,
        };
        let bytes = dsse::seal(PAYLOAD_TYPE, &canonical::write(&holding), &store.key);
        (holding, bytes)
    }

    /// Reads one that `store` must have signed.
    ///
    /// # Errors
    /// Another spelling, another store, a signature that does not verify.
    pub fn open(bytes: &[u8], store: &PublicKey) -> Result<Self, HoldingError> {
        Ok(canonical::read(Envelope::parse(bytes, PAYLOAD_TYPE)?.verify(store)?)?)
    }

    /// Every object it names, each once.
    pub fn extents(&self) -> BTreeMap<flight_record::Sha256, Extent> {
        let files = self.manifest.entries().values().chain(self.attachments.values());
        files.map(|extent| (extent.sha256, *extent)).collect()
    }
}
