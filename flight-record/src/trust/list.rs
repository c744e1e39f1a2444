//! The trust list itself: its keys, its rules, and how it is read under a root that the reader already knows.

use super::entry::{Certificate, Entry, Grant, Refusal, Revocation, Role};
use super::{EnrolmentCertificate, EnrolmentRequest, TrustError, Validity};
use crate::canonical;
use crate::dsse::{self, Envelope};
use crate::keys::{KeyId, PublicKey, Signer};
use crate::names::Label;
use serde::{Deserialize, Serialize};

const PAYLOAD_TYPE: &str = "application/vnd.skyseal.trust.v1+json";
const DAY_US: i64 = 86_400_000_000;
/// How long a version of the list says anything.
const LIST_VALID_DAYS: u32 = 366;
/// The versions of serial *n* run from *n* times this, so that whoever holds an enrolment key that was taken back cannot
/// sign a version above the list that takes it back.
const VERSIONS_A_SERIAL: u64 = 1_000_000;
/// Largest list read, in bytes.
pub(crate) const MAX_LIST_BYTES: usize = 4 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-trust/1")]
    V1,
}

/// The keys a unit trusts, at one version. Times are POSIX µs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustList {
    schema: Schema,
    /// The unit's name for itself.
    pub unit: Label,
    /// The unit's root, whose id is the fingerprint.
    pub root: PublicKey,
    /// From 1, rising by one with each change, or to the next million with a new serial; lower versions are refused
    /// wherever a higher one is held.
    pub version: u64,
    /// When this version was signed.
    pub issued_utc_us: i64,
    /// After this the list says nothing any more: a newer one might revoke.
    pub expires_utc_us: i64,
    /// From 0, rising by one whenever the root makes or revokes an enrolment key: the millions of the version.
    pub serial: u64,
    /// The key that may sign lists in the root's place, certified by the root.
    pub enrolment: Option<EnrolmentCertificate>,
    /// The keys, by id.
    pub keys: Vec<Entry>,
}

impl Validity {
    /// The last instant.
    pub(super) fn until_utc_us(self) -> i64 {
        self.from_utc_us.saturating_add(i64::from(self.days).saturating_mul(DAY_US))
    }
}

impl TrustList {
    /// A list without keys, version 1.
    pub fn first(unit: Label, root: PublicKey, now_utc_us: i64) -> Self {
        Self {
            schema: Schema::V1,
            unit,
            root,
            version: 1,
            issued_utc_us: now_utc_us,
            expires_utc_us: expiry(now_utc_us),
            serial: 0,
            enrolment: None,
            keys: Vec::new(),
        }
    }

    /// The next version of the list, with one more key.
    ///
    /// # Errors
    /// [`TrustError::AlreadyEnrolled`] when the key is listed; [`TrustError::Inconsistent`] when the grant does not fit the role.
    pub fn with_key(
        mut self,
        request: &EnrolmentRequest,
        grant: Grant,
        validity: Validity,
    ) -> Result<Self, TrustError> {
        let id = request.public_key.id();
        if let Some(entry) = self.entry(id) {
            return Err(TrustError::AlreadyEnrolled { id, name: entry.name.clone() });
        }
        let mut duties = grant.duties;
        duties.sort_unstable();
        duties.dedup();
        self.keys.push(Entry {
            id,
            public_key: request.public_key,
            role: grant.role,
            name: request.name.clone(),
            class: grant.class,
            duties,
            valid_from_utc_us: validity.from_utc_us,
            valid_until_utc_us: validity.until_utc_us(),
            revoked: None,
        });
        self.keys.sort_by_key(|entry| entry.id);
        self.check()?;
        Ok(self.next_version(validity.from_utc_us))
    }

    /// The next version of the list, in which a key no longer counts.
    ///
    /// # Errors
    /// [`TrustError::NotEnrolled`]; [`TrustError::AlreadyRevoked`] unless the new time is earlier.
    pub fn with_revoked(mut self, id: KeyId, revocation: Revocation, now_utc_us: i64) -> Result<Self, TrustError> {
        let entry = self.keys.iter_mut().find(|entry| entry.id == id).ok_or(TrustError::NotEnrolled { id })?;
        if entry.revoked.as_ref().is_some_and(|held| held.at_utc_us <= revocation.at_utc_us) {
            return Err(TrustError::AlreadyRevoked { id, name: entry.name.clone() });
        }
        entry.revoked = Some(revocation);
        Ok(self.next_version(now_utc_us))
    }

    /// The next version of the list, with another enrolment key or none. To be signed by the root.
    pub(super) fn with_enrolment(mut self, enrolment: Option<EnrolmentCertificate>, now_utc_us: i64) -> Self {
        self.serial += 1;
        self.enrolment = enrolment;
        // One below the first of the serial, which is next.
        self.version = self.serial.saturating_mul(VERSIONS_A_SERIAL) - 1;
        self.next_version(now_utc_us)
    }

    fn next_version(mut self, now_utc_us: i64) -> Self {
        self.version += 1;
        self.issued_utc_us = now_utc_us;
        self.expires_utc_us = expiry(now_utc_us);
        self
    }

    /// Reads a list that must be signed by the root with this fingerprint, or by the enrolment key that this root
    /// certifies in it. Whether it has expired is the reader's to ask ([`TrustList::expires_utc_us`]).
    ///
    /// # Errors
    /// Another root, a bad signature, another spelling, or entries that contradict each other.
    pub fn open(bytes: &[u8], fingerprint: KeyId) -> Result<Self, TrustError> {
        if bytes.len() > MAX_LIST_BYTES {
            return Err(TrustError::TooLong);
        }
        let envelope = Envelope::parse(bytes.strip_suffix(b"\n").unwrap_or(bytes), PAYLOAD_TYPE)?;
        // The list carries the keys that may sign it; the root counts only because its digest is the fingerprint asked
        // for, the enrolment key only because that root certifies it.
        let claimed: Self = canonical::read(envelope.claimed_payload())?;
        let other_root = |found| TrustError::OtherRoot { found, wanted: fingerprint };
        if claimed.fingerprint() != fingerprint {
            return Err(other_root(claimed.fingerprint()));
        }
        let signer = match &claimed.enrolment {
            _ if envelope.key_id() == fingerprint => claimed.root,
            Some(enrolment) if envelope.key_id() == enrolment.public_key().id() => {
                enrolment.check_for(&claimed)?;
                enrolment.public_key()
            }
            _ => return Err(other_root(envelope.key_id())),
        };
        let list: Self = canonical::read(envelope.verify(&signer)?)?;
        list.check()?;
        Ok(list)
    }

    /// The list signed by the root, or by the enrolment key it certifies; one line: what `trust.json` holds.
    pub fn seal(&self, signer: &impl Signer) -> Vec<u8> {
        let mut bytes = dsse::seal(PAYLOAD_TYPE, &canonical::write(self), signer);
        bytes.push(b'\n');
        bytes
    }

    fn check(&self) -> Result<(), TrustError> {
        rule(self.version >= 1, "versions begin at 1")?;
        let in_serial = self.version / VERSIONS_A_SERIAL == self.serial;
        rule(in_serial, "versions of a serial run from serial · 1,000,000; make a new enrolment key to go on")?;
        rule(self.issued_utc_us < self.expires_utc_us, "it expires before it is issued")?;
        rule(self.keys.windows(2).all(|pair| pair[0].id < pair[1].id), "keys are not sorted by id, each once")?;
        if let Some(enrolment) = &self.enrolment {
            enrolment.check_signed_by(self)?;
        }
        for entry in &self.keys {
            rule(entry.id == entry.public_key.id(), "an id is not the digest of its key")?;
            rule(entry.class.is_some() == (entry.role == Role::Device), "devices have a class and nothing else has")?;
            rule(entry.duties.is_empty() || entry.role == Role::Officer, "officers have duties and nobody else has")?;
            rule(entry.duties.is_sorted_by(|a, b| a < b), "duties are not sorted, each once")?;
            rule(entry.valid_from_utc_us < entry.valid_until_utc_us, "a key ends before it begins")?;
        }
        Ok(())
    }

    /// The root's fingerprint.
    pub fn fingerprint(&self) -> KeyId {
        self.root.id()
    }

    /// The entry of a key.
    pub fn entry(&self, id: KeyId) -> Option<&Entry> {
        self.keys.binary_search_by_key(&id, |entry| entry.id).ok().and_then(|at| self.keys.get(at))
    }

    /// The entry of a key that counts as a `role` at this time.
    ///
    /// # Errors
    /// Why the unit does not vouch for it.
    pub fn vouches(&self, id: KeyId, role: Role, at_utc_us: i64) -> Result<&Entry, Refusal> {
        let entry = self.entry(id).ok_or(Refusal::NotListed(id))?;
        entry.vouches(role, at_utc_us)?;
        Ok(entry)
    }

    /// The entries whose cosigning key has this C2SP key hash, whatever their role: four bytes may fit several.
    pub fn cosigners(&self, key_hash: [u8; 4]) -> impl Iterator<Item = &Entry> {
        self.keys.iter().filter(move |entry| crate::note::station_key_hash(&entry.public_key) == key_hash)
    }

    /// The certificate of a device, to be copied into `open`.
    pub fn certificate(&self, device: KeyId) -> Option<Certificate> {
        let entry = self.entry(device)?;
        Some(Certificate {
            public_key: entry.public_key,
            name: entry.name.clone(),
            class: entry.class?,
            valid_from_utc_us: entry.valid_from_utc_us,
            valid_until_utc_us: entry.valid_until_utc_us,
            root: self.fingerprint(),
            trust_version: self.version,
        })
    }
}

fn expiry(now_utc_us: i64) -> i64 {
    Validity { from_utc_us: now_utc_us, days: LIST_VALID_DAYS }.until_utc_us()
}

pub(super) fn rule(holds: bool, text: &'static str) -> Result<(), TrustError> {
    if holds { Ok(()) } else { Err(TrustError::Inconsistent(text)) }
}
