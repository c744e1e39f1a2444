//! What a store says of a token it holds: an object like the others, with the token in it.

use crate::store::StoreIdentity;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flight_record::canonical;
use flight_record::dsse::{self, Envelope};
use flight_record::keys::{KeyId, PublicKey};
use flight_record::outside_time::{Closing, MAX_TOKEN_BYTES, Token};
use flight_record::{FlightId, Sha256};
use serde::{Deserialize, Serialize};

/// DSSE payload type of the statement.
const PAYLOAD_TYPE: &str = "application/vnd.skyseal.timestamp.v1+json";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[default]
    #[serde(rename = "skyseal-timestamp/1")]
    V1,
}

/// A token over the end of a flight, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamped {
    schema: Schema,
    /// Key id of the store that says so.
    pub store: KeyId,
    /// The flight.
    pub flight_id: FlightId,
    /// What was stamped.
    pub imprint: Sha256,
    /// When the flight was closed, as its `close` says, POSIX µs.
    pub closed_utc_us: i64,
    /// When it was stamped, as the token says, POSIX µs: the difference is the delay.
    pub gen_time_utc_us: i64,
    /// When the store had the token, by its own clock, POSIX µs.
    pub at_utc_us: i64,
    token: String,
}

impl Stamped {
    /// What `store` says of a token in the form in which it is kept.
    pub(super) fn new(
        flight: FlightId,
        closing: &Closing,
        token: (&[u8], &Token),
        store: KeyId,
        at_utc_us: i64,
    ) -> Self {
        Self {
            schema: Schema::V1,
            store,
            flight_id: flight,
            imprint: closing.imprint,
            closed_utc_us: closing.closed_utc_us,
            gen_time_utc_us: token.1.gen_time_utc_us,
            at_utc_us,
            token: STANDARD.encode(token.0),
        }
    }

    /// The same, said and signed by this store: one line without its newline.
    pub(super) fn sign(&self, store: &StoreIdentity) -> Vec<u8> {
        let said = Self { store: store.key.public().id(), ..self.clone() };
        dsse::seal(PAYLOAD_TYPE, &canonical::write(&said), &store.key)
    }

    /// Reads one that `store` must have signed; none for anything else.
    pub fn open(bytes: &[u8], store: &PublicKey) -> Option<Self> {
        let stamped: Self = canonical::read(Envelope::parse(bytes, PAYLOAD_TYPE).ok()?.verify(store).ok()?).ok()?;
        let token = STANDARD.decode(&stamped.token).ok()?;
        (stamped.store == store.id() && token.len() as u64 <= MAX_TOKEN_BYTES).then_some(stamped)
    }

    /// The token, as it stands in a package.
    pub fn token(&self) -> Vec<u8> {
        STANDARD.decode(&self.token).unwrap_or_default()
    }

    /// From `close` to the token, in µs, each by its own clock.
    pub fn delay_us(&self) -> i64 {
        self.gen_time_utc_us.saturating_sub(self.closed_utc_us)
    }
}
