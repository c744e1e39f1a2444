//! The trust list itself: entries, rules, and how it is read under a root that the reader already knows.

use super::{Class, EnrolmentRequest, TrustError, Validity};
use crate::canonical;
use crate::dsse::{self, Envelope};
use crate::keys::{KeyId, PublicKey, Signer};
use crate::names::{Code, Label};
use serde::{Deserialize, Serialize};

const PAYLOAD_TYPE: &str = "application/vnd.skyseal.trust.v1+json";
const DAY_US: i64 = 86_400_000_000;
/// How long a version of the list says anything.
const LIST_VALID_DAYS: i64 = 366;
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
    /// From 1, rising by one with each change; lower versions are refused wherever a higher one is held.
    pub version: u64,
    /// When this version was signed.
    pub issued_utc_us: i64,
    /// After this the list says nothing any more: a newer one might revoke.
    pub expires_utc_us: i64,
    /// The keys, by id.
    pub keys: Vec<Entry>,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// An aircraft's computer: signs records and tree heads.
    Device,
    /// A ground station: witnesses.
    Station,
    /// An evidence store: signs receipts.
    Store,
    /// A person, under a pseudonym.
    Officer,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Device => "device",
            Self::Station => "station",
            Self::Store => "store",
            Self::Officer => "officer",
        })
    }
}

/// One key of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// SHA-256 of the key.
    pub id: KeyId,
    /// The key.
    pub public_key: PublicKey,
    /// What it may do.
    pub role: Role,
    /// The unit's name for it; never a person's name.
    pub name: Label,
    /// What its flights may count as; for devices only.
    pub class: Option<Class>,
    /// First instant it counts.
    pub valid_from_utc_us: i64,
    /// Last instant it counts.
    pub valid_until_utc_us: i64,
    /// When and why it stopped counting.
    pub revoked: Option<Revocation>,
}

/// A key that stopped counting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// From when.
    pub at_utc_us: i64,
    /// Why.
    pub reason: Code,
}

/// A device's entry as the aircraft held it: goes into `open`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The device's key.
    pub public_key: PublicKey,
    /// The unit's name for the device.
    pub name: Label,
    /// What its flights may count as.
    pub class: Class,
    /// First instant the key counts, POSIX µs.
    pub valid_from_utc_us: i64,
    /// Last instant the key counts, POSIX µs.
    pub valid_until_utc_us: i64,
    /// Fingerprint of the root that certifies it.
    pub root: KeyId,
    /// Version of the trust list the aircraft held.
    pub trust_version: u64,
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
            keys: Vec::new(),
        }
    }

    /// The next version of the list, with one more device.
    ///
    /// # Errors
    /// [`TrustError::AlreadyEnrolled`] when the key is listed.
    pub fn with_device(
        mut self,
        request: &EnrolmentRequest,
        class: Class,
        validity: Validity,
    ) -> Result<Self, TrustError> {
        let id = request.public_key.id();
        if let Some(entry) = self.entry(id) {
            return Err(TrustError::AlreadyEnrolled { id, name: entry.name.clone() });
        }
        self.keys.push(Entry {
            id,
            public_key: request.public_key,
            role: Role::Device,
            name: request.name.clone(),
            class: Some(class),
            valid_from_utc_us: validity.from_utc_us,
            valid_until_utc_us: validity.from_utc_us.saturating_add(i64::from(validity.days).saturating_mul(DAY_US)),
            revoked: None,
        });
        self.keys.sort_by_key(|entry| entry.id);
        self.version += 1;
        self.issued_utc_us = validity.from_utc_us;
        self.expires_utc_us = expiry(validity.from_utc_us);
        Ok(self)
    }

    /// Reads a list that must be signed by the root with this fingerprint. Whether it has expired is the reader's to ask
    /// ([`TrustList::expires_utc_us`]).
    ///
    /// # Errors
    /// Another root, a bad signature, another spelling, or entries that contradict each other.
    pub fn open(bytes: &[u8], fingerprint: KeyId) -> Result<Self, TrustError> {
        if bytes.len() > MAX_LIST_BYTES {
            return Err(TrustError::TooLong);
        }
        let envelope = Envelope::parse(bytes.strip_suffix(b"\n").unwrap_or(bytes), PAYLOAD_TYPE)?;
        if envelope.key_id() != fingerprint {
            return Err(TrustError::OtherRoot { found: envelope.key_id(), wanted: fingerprint });
        }
        // The list carries the root's key; it counts only because its digest is the fingerprint asked for.
        let claimed: Self = canonical::read(envelope.claimed_payload())?;
        let list: Self = canonical::read(envelope.verify(&claimed.root)?)?;
        list.check()?;
        Ok(list)
    }

    /// The list signed by the root, one line: what `trust.json` holds.
    pub fn seal(&self, root: &impl Signer) -> Vec<u8> {
        let mut bytes = dsse::seal(PAYLOAD_TYPE, &canonical::write(self), root);
        bytes.push(b'\n');
        bytes
    }

    fn check(&self) -> Result<(), TrustError> {
        let rule = |holds: bool, text| {
            if holds { Ok(()) } else { Err(TrustError::Inconsistent(text)) }
        };
        rule(self.version >= 1, "versions begin at 1")?;
        rule(self.issued_utc_us < self.expires_utc_us, "it expires before it is issued")?;
        rule(self.keys.windows(2).all(|pair| pair[0].id < pair[1].id), "keys are not sorted by id, each once")?;
        for entry in &self.keys {
            rule(entry.id == entry.public_key.id(), "an id is not the digest of its key")?;
            rule(entry.class.is_some() == (entry.role == Role::Device), "devices have a class and nothing else has")?;
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
        self.keys.iter().find(|entry| entry.id == id)
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

    /// Refuses a list older than one already held under the same root.
    ///
    /// # Errors
    /// [`TrustError::OlderVersion`].
    pub fn not_older_than(self, held: &Self) -> Result<Self, TrustError> {
        if self.version < held.version {
            return Err(TrustError::OlderVersion { held: held.version, offered: self.version });
        }
        Ok(self)
    }
}

fn expiry(now_utc_us: i64) -> i64 {
    now_utc_us.saturating_add(LIST_VALID_DAYS * DAY_US)
}
