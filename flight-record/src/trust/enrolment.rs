//! A device's request to be enrolled, signed by its own key so that nobody enrols a key the device does not hold.

use super::TrustError;
use crate::canonical;
use crate::dsse::{self, Envelope};
use crate::keys::{DeviceKey, PublicKey};
use crate::names::Label;
use serde::{Deserialize, Serialize};

const PAYLOAD_TYPE: &str = "application/vnd.skyseal.enrolment.v1+json";
const MAX_REQUEST_BYTES: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-enrolment/1")]
    V1,
}

/// What a device says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    schema: Schema,
    /// The device's key.
    pub public_key: PublicKey,
    /// The name it asks for.
    pub name: Label,
    /// When it asks, POSIX µs.
    pub at_utc_us: i64,
}

impl EnrolmentRequest {
    /// The request of the device that holds `key`: one line, to be written to a file.
    pub fn write(key: &DeviceKey, name: Label, at_utc_us: i64) -> Vec<u8> {
        let request = Self { schema: Schema::V1, public_key: key.public(), name, at_utc_us };
        let mut bytes = dsse::seal(PAYLOAD_TYPE, &canonical::write(&request), key);
        bytes.push(b'\n');
        bytes
    }

    /// Reads a request and checks that the device holds the key it asks for.
    ///
    /// # Errors
    /// Another spelling, or a signature that does not verify.
    pub fn read(bytes: &[u8]) -> Result<Self, TrustError> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(TrustError::TooLong);
        }
        let envelope = Envelope::parse(bytes.strip_suffix(b"\n").unwrap_or(bytes), PAYLOAD_TYPE)?;
        let claimed: Self = canonical::read(envelope.claimed_payload())?;
        Ok(canonical::read(envelope.verify(&claimed.public_key)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_proves_that_the_device_holds_the_key() {
        let (key, other) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]));
        let bytes = EnrolmentRequest::write(&key, "aircraft 1".parse().unwrap(), 5);
        let request = EnrolmentRequest::read(&bytes).unwrap();
        assert_eq!((request.public_key, request.name.as_str()), (key.public(), "aircraft 1"));
        // Another device's key in a request signed by this one.
        let forged = canonical::write(&EnrolmentRequest { public_key: other.public(), ..request });
        assert!(EnrolmentRequest::read(&dsse::seal(PAYLOAD_TYPE, &forged, &key)).is_err());
    }
}
