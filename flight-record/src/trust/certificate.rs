//! The root's word for an enrolment key: a key that may sign trust lists while the root stays locked away.

use super::list::rule;
use super::{TrustError, TrustList, Validity};
use crate::canonical;
use crate::dsse::{self, Envelope};
use crate::keys::{DeviceKey, PublicKey};
use crate::names::Label;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

const PAYLOAD_TYPE: &str = "application/vnd.skyseal.enrolment-key.v1+json";
/// Longest certificate read, in bytes: ours are below 1 KiB.
const MAX_CERTIFICATE_BYTES: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-enrolment-key/1")]
    V1,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    schema: Schema,
    unit: Label,
    public_key: PublicKey,
    serial: u64,
    valid_from_utc_us: i64,
    valid_until_utc_us: i64,
}

/// An envelope signed by the root; in the list it stands as base64 of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnrolmentCertificate {
    envelope: Vec<u8>,
    claims: Claims,
}

impl EnrolmentCertificate {
    /// The root's certificate for a key, for the list whose serial it raises to `serial`.
    pub(super) fn make(unit: Label, public_key: PublicKey, serial: u64, validity: Validity, root: &DeviceKey) -> Self {
        let claims = Claims {
            schema: Schema::V1,
            unit,
            public_key,
            serial,
            valid_from_utc_us: validity.from_utc_us,
            valid_until_utc_us: validity.until_utc_us(),
        };
        Self { envelope: dsse::seal(PAYLOAD_TYPE, &canonical::write(&claims), root), claims }
    }

    /// The key that may sign lists.
    pub fn public_key(&self) -> PublicKey {
        self.claims.public_key
    }

    /// Last instant at which it may, POSIX µs.
    pub fn valid_until_utc_us(&self) -> i64 {
        self.claims.valid_until_utc_us
    }

    /// The root of `list` signed it, for this list.
    pub(super) fn check_signed_by(&self, list: &TrustList) -> Result<(), TrustError> {
        let envelope = Envelope::parse(&self.envelope, PAYLOAD_TYPE)?;
        let claims: Claims = canonical::read(envelope.verify(&list.root)?)?;
        rule(claims == self.claims, "the enrolment key's certificate is not the one signed")?;
        rule(claims.serial == list.serial, "the enrolment key has another serial than the list")?;
        rule(claims.unit == list.unit, "the enrolment key is another unit's")?;
        rule(claims.valid_from_utc_us < claims.valid_until_utc_us, "the enrolment key ends before it begins")
    }

    /// Its key may sign `list`.
    pub(super) fn check_for(&self, list: &TrustList) -> Result<(), TrustError> {
        self.check_signed_by(list)?;
        let in_time = (self.claims.valid_from_utc_us..=self.claims.valid_until_utc_us).contains(&list.issued_utc_us);
        rule(in_time, "the list was issued outside the time of the enrolment key that signed it")
    }
}

impl From<EnrolmentCertificate> for String {
    fn from(certificate: EnrolmentCertificate) -> Self {
        STANDARD.encode(certificate.envelope)
    }
}

impl TryFrom<String> for EnrolmentCertificate {
    type Error = TrustError;

    fn try_from(text: String) -> Result<Self, TrustError> {
        if text.len() > MAX_CERTIFICATE_BYTES {
            return Err(TrustError::TooLong);
        }
        let not_base64 = |_| TrustError::Inconsistent("the enrolment key's certificate is not strict base64");
        let envelope = STANDARD.decode(text).map_err(not_base64)?;
        // Believed only after `check_signed_by`, which every way into a list goes through.
        let claims = canonical::read(Envelope::parse(&envelope, PAYLOAD_TYPE)?.claimed_payload())?;
        Ok(Self { envelope, claims })
    }
}
