//! Orders to record, and the reasons for them: what a person or a station signs, and what stays on the ground.
//!
//! The aircraft learns who ordered what and when, and a commitment to the reason ([`crate::radio::Statement`]); its record
//! keeps that ([`crate::record::Statement`]). The words are kept on the ground in a [`GivenReason`], and show later that
//! nobody thought of another reason afterwards.

use crate::canonical;
use crate::digest::Sha256;
use crate::durable;
use crate::keys::{KeyError, random};
use crate::names::Reason;
use crate::trust::{Duty, Entry, Refusal, Role};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Record from now on.
    Start,
    /// Stop recording.
    Stop,
}

impl Action {
    /// The number on the radio.
    pub fn number(self) -> u8 {
        match self {
            Self::Start => 1,
            Self::Stop => 2,
        }
    }

    /// The action with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Start, Self::Stop].into_iter().find(|action| action.number() == number)
    }

    /// The word in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
        }
    }
}

/// Longest session authorisation, minutes.
pub const MAX_SESSION_MINUTES: u16 = 720;

/// What an authorisation says: for so long the buttons of any station work, or from now on they do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// They work, from when it was made.
    Begin {
        /// For so long, 1 to [`MAX_SESSION_MINUTES`].
        minutes: u16,
    },
    /// They do not work any longer by this signer's word.
    End,
}

impl Session {
    /// The numbers on the radio: the action, and how many minutes.
    pub fn numbers(self) -> (u8, u16) {
        match self {
            Self::Begin { minutes } => (1, minutes),
            Self::End => (2, 0),
        }
    }

    /// What these numbers say; `None` when they say nothing, or something longer than may be.
    pub fn from_numbers(action: u8, minutes: u16) -> Option<Self> {
        match (action, minutes) {
            (1, 1..=MAX_SESSION_MINUTES) => Some(Self::Begin { minutes }),
            (2, 0) => Some(Self::End),
            _ => None,
        }
    }
}

/// What somebody on the ground signed about recording, for who reads of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Record from now on.
    Start,
    /// Stop recording.
    Stop,
    /// The buttons of any station work for a while.
    Authorise,
    /// They do not work any longer.
    Withdraw,
}

impl Said {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Authorise => "authorise",
            Self::Withdraw => "withdraw",
        }
    }
}

impl From<Action> for Said {
    fn from(action: Action) -> Self {
        match action {
            Action::Start => Self::Start,
            Action::Stop => Self::Stop,
        }
    }
}

impl From<Session> for Said {
    fn from(session: Session) -> Self {
        match session {
            Session::Begin { .. } => Self::Authorise,
            Session::End => Self::Withdraw,
        }
    }
}

/// What an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The flight whose record holds it.
    Flight,
    /// The aircraft, while it had no flight open: the order opened this one.
    Device,
}

/// When an order was made, by its signer's clock. A signer's orders rise: what does not is a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// POSIX seconds.
    pub time_s: u32,
    /// Tells orders of one second apart.
    pub counter: u32,
}

impl Moment {
    /// POSIX µs of the second.
    pub fn utc_us(self) -> i64 {
        i64::from(self.time_s) * 1_000_000
    }
}

impl From<i64> for Moment {
    /// The moment of a POSIX time in µs; times that do not fit become the nearest that do.
    fn from(utc_us: i64) -> Self {
        let time_s = u32::try_from(utc_us.div_euclid(1_000_000).max(0)).unwrap_or(u32::MAX);
        let counter = u32::try_from(utc_us.rem_euclid(1_000_000)).unwrap_or(0);
        Self { time_s, counter }
    }
}

/// Whether the holder of `entry` may order a recording at this time: a station, or an officer who flies or leads.
///
/// # Errors
/// Why not.
pub fn may_order(entry: &Entry, at_utc_us: i64) -> Result<(), Refusal> {
    let leads = [Duty::Pilot, Duty::Observer, Duty::Supervisor].iter().any(|duty| entry.has_duty(*duty));
    let role = if leads { Role::Officer } else { Role::Station };
    entry.vouches(role, at_utc_us)
}

/// Whether the holder of `entry` may authorise a session at this time: an officer who flies or leads, never a station.
///
/// # Errors
/// Why not.
pub fn may_authorise(entry: &Entry, at_utc_us: i64) -> Result<(), Refusal> {
    entry.vouches(Role::Officer, at_utc_us)?;
    may_order(entry, at_utc_us)
}

/// `schema` of a reason: this version, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    /// Version 1.
    #[serde(rename = "skyseal-reason/1")]
    V1,
}

/// Why a recording was started or stopped, as the ground keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenReason {
    schema: Schema,
    /// 32 random bytes, so that nobody finds the words by trying.
    salt: Sha256,
    /// The words.
    pub reason: Reason,
}

/// Longest reason file, in bytes.
pub const MAX_REASON_BYTES: u64 = 1024;

impl GivenReason {
    /// The words with fresh salt.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn new(reason: Reason) -> Result<Self, KeyError> {
        Ok(Self { schema: Schema::V1, salt: Sha256(*random()?), reason })
    }

    /// SHA-256 of the salt and the words: what is signed, sent and recorded.
    pub fn commitment(&self) -> Sha256 {
        Sha256::of(&[&self.salt.0, self.reason.as_str().as_bytes()].concat())
    }

    /// Where the reason with this commitment is kept in `dir`.
    pub fn path(dir: &Path, commitment: Sha256) -> PathBuf {
        dir.join(format!("{commitment}.json"))
    }

    /// Keeps it in `dir`, durably, for its owner's eyes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, dir: &Path) -> io::Result<()> {
        let path = Self::path(dir, self.commitment());
        durable::create_folder_of(&path)?;
        durable::replace(&path, &self.write(), 0o600)
    }

    /// The bytes of the file `<commitment>.json`.
    pub fn write(&self) -> Vec<u8> {
        canonical::write(self)
    }

    /// Reads such a file.
    ///
    /// # Errors
    /// When it is spelled in any other way.
    pub fn read(bytes: &[u8]) -> Result<Self, canonical::NotCanonical> {
        canonical::read(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(words: &str) -> GivenReason {
        GivenReason::new(words.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_reason_reads_back_and_commits_to_its_words() {
        let kept = given("missing person, log 1234");
        assert_eq!(GivenReason::read(&kept.write()).unwrap(), kept);
        assert_ne!(given("found").commitment(), given("found").commitment(), "the same words under another salt");
        let salted = [&kept.salt.0[..], b"missing person, log 1234"].concat();
        assert_eq!(kept.commitment(), Sha256::of(&salted));
        let other = GivenReason { reason: "missing person, log 1235".parse().unwrap(), ..kept };
        assert_ne!(other.commitment(), Sha256::of(&salted));
    }

    #[test]
    fn it_is_kept_under_what_commits_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let (dir, kept) = (dir.path().join("reasons"), given("found"));
        kept.keep(&dir).unwrap();
        let bytes = std::fs::read(GivenReason::path(&dir, kept.commitment())).unwrap();
        assert_eq!(GivenReason::read(&bytes).unwrap(), kept);
    }

    #[test]
    fn other_spellings_are_no_reason() {
        let text = String::from_utf8(given("found").write()).unwrap();
        for bad in [text.replace(':', ": "), text.replace("/1", "/2"), text.replace("found", "no"), format!("{text}\n")]
        {
            assert!(GivenReason::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_rise_with_time() {
        let at = |utc_us: i64| Moment::from(utc_us);
        assert!(at(1_999_999) < at(2_000_000) && at(2_000_000) < at(2_000_001));
        assert_eq!((at(-5).time_s, at(i64::MAX).time_s), (0, u32::MAX));
        assert_eq!(at(1_777_636_800_000_123), Moment { time_s: 1_777_636_800, counter: 123 });
    }
}
