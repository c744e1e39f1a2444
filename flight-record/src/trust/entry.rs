//! One key of the trust list: what it may do, from when to when, and why it stopped counting.

use super::Class;
use crate::digest::{NotHex, Sha256};
use crate::keys::{KeyId, PublicKey};
use crate::names::{Code, Label};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What kind of holder a key has.
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

const ROLES: [(Role, &str); 4] =
    [(Role::Device, "device"), (Role::Station, "station"), (Role::Store, "store"), (Role::Officer, "officer")];

/// What an officer's key may sign for. Ordered as the list spells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Flies.
    Pilot,
    /// Watches the sky beside the pilot.
    Observer,
    /// Countersigns what others do.
    Witness,
    /// Answers for the unit's footage.
    Supervisor,
    /// Keeps the evidence.
    Custodian,
    /// Answers for personal data.
    DataProtection,
    /// Reads the ledger, never footage.
    Auditor,
    /// Keeps accounts and settings, never footage.
    Administrator,
}

const DUTIES: [(Duty, &str); 8] = [
    (Duty::Pilot, "pilot"),
    (Duty::Observer, "observer"),
    (Duty::Witness, "witness"),
    (Duty::Supervisor, "supervisor"),
    (Duty::Custodian, "custodian"),
    (Duty::DataProtection, "data-protection"),
    (Duty::Auditor, "auditor"),
    (Duty::Administrator, "administrator"),
];

/// Text that is no role or no duty.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is not one of {choices}")]
pub struct BadWord {
    text: String,
    choices: String,
}

fn parse<T: Copy>(text: &str, words: &[(T, &str)]) -> Result<T, BadWord> {
    let found = words.iter().find(|(_, word)| *word == text).map(|(value, _)| *value);
    found.ok_or_else(|| BadWord {
        text: text.chars().take(40).collect(),
        choices: words.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", "),
    })
}

fn word<T: PartialEq>(value: &T, words: &[(T, &'static str)]) -> &'static str {
    words.iter().find(|(known, _)| known == value).map_or("", |(_, word)| word)
}

impl FromStr for Role {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        parse(text, &ROLES)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word(self, &ROLES))
    }
}

impl FromStr for Duty {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        parse(text, &DUTIES)
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word(self, &DUTIES))
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
    /// What kind of holder it has.
    pub role: Role,
    /// The unit's name for it; never a person's name.
    pub name: Label,
    /// What its flights may count as; for devices only.
    pub class: Option<Class>,
    /// What it may sign for; for officers only, sorted, each once.
    pub duties: Vec<Duty>,
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

/// What a unit grants a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What kind of holder it has.
    pub role: Role,
    /// For devices, and for nothing else.
    pub class: Option<Class>,
    /// For officers, and for nobody else; in any order.
    pub duties: Vec<Duty>,
}

impl Grant {
    /// A device whose flights may count as `class`.
    pub fn device(class: Class) -> Self {
        Self { role: Role::Device, class: Some(class), duties: Vec::new() }
    }

    /// A ground station.
    pub fn station() -> Self {
        Self { role: Role::Station, class: None, duties: Vec::new() }
    }

    /// An evidence store.
    pub fn store() -> Self {
        Self { role: Role::Store, class: None, duties: Vec::new() }
    }

    /// An officer with these duties.
    pub fn officer(duties: &[Duty]) -> Self {
        Self { role: Role::Officer, class: None, duties: duties.to_vec() }
    }
}

/// Why the unit does not vouch for a key in a place and at a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in the list.
    #[error("the unit does not list key {0}")]
    NotListed(KeyId),
    /// Another kind of holder.
    #[error("the unit lists {name} as a {found}, not as a {wanted}")]
    OtherRole {
        /// The unit's name for the key.
        name: Label,
        /// As what.
        found: Role,
        /// What this place calls for.
        wanted: Role,
    },
    /// Before or after the time for which the unit vouches.
    #[error("{0} lies outside the time for which the unit vouches for it")]
    OutOfTime(Label),
    /// Revoked before that time.
    #[error("the unit has revoked {name} ({reason})")]
    Revoked {
        /// The unit's name for the key.
        name: Label,
        /// Why.
        reason: Code,
        /// From when, POSIX µs.
        at_utc_us: i64,
    },
}

impl Entry {
    /// Whether the unit vouches for the key as a `role` at this time.
    ///
    /// # Errors
    /// Why not.
    pub fn vouches(&self, role: Role, at_utc_us: i64) -> Result<(), Refusal> {
        let name = || self.name.clone();
        if self.role != role {
            return Err(Refusal::OtherRole { name: name(), found: self.role, wanted: role });
        }
        if !(self.valid_from_utc_us..=self.valid_until_utc_us).contains(&at_utc_us) {
            return Err(Refusal::OutOfTime(name()));
        }
        match &self.revoked {
            Some(Revocation { at_utc_us: since, reason }) if at_utc_us >= *since => {
                Err(Refusal::Revoked { name: name(), reason: reason.clone(), at_utc_us: *since })
            }
            _ => Ok(()),
        }
    }

    /// Whether the holder is an officer with this duty.
    pub fn has_duty(&self, duty: Duty) -> bool {
        self.duties.contains(&duty)
    }
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

/// A fingerprint in groups of four digits, to be compared by eye.
pub fn in_groups(fingerprint: &Sha256) -> String {
    let digits = fingerprint.to_string();
    let groups: Vec<&str> = (0..digits.len()).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
    groups.join(" ")
}

/// A fingerprint as people copy it: in groups or not, in either case.
///
/// # Errors
/// When it is not 64 hexadecimal digits.
pub fn from_groups(text: &str) -> Result<KeyId, NotHex> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    digits.to_ascii_lowercase().parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_compared_in_groups_and_copied_in_any() {
        let id = Sha256::of(b"key");
        let groups = in_groups(&id);
        assert_eq!((groups.len(), groups.split(' ').count()), (79, 16));
        for text in [&groups, &id.to_string(), &groups.to_uppercase(), &groups.replace(' ', ":")] {
            assert_eq!(from_groups(text), Ok(id));
        }
        for bad in ["", "abc", &groups[..78], &groups.replace('a', "g"), &format!("{groups} 0")] {
            assert_eq!(from_groups(bad), Err(NotHex), "{bad}");
        }
    }

    #[test]
    fn roles_and_duties_have_one_word_each() {
        for (role, word) in ROLES {
            assert_eq!((role.to_string().as_str(), word.parse()), (word, Ok(role)));
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{word}\""));
        }
        for (duty, word) in DUTIES {
            assert_eq!((duty.to_string().as_str(), word.parse()), (word, Ok(duty)));
            assert_eq!(serde_json::to_string(&duty).unwrap(), format!("\"{word}\""));
        }
        assert!("Pilot".parse::<Duty>().is_err() && "pilot".parse::<Role>().is_err());
    }
}
