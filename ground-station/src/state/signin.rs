//! Who is signed in at this station.

use std::fmt;

use flight_record::Label;
use flight_record::trust::Duty;
use zeroize::{Zeroize as _, Zeroizing};

/// Longest PIN or passphrase, in bytes; the accounts take no longer one.
const MAX_SECRET_BYTES: usize = 256;

/// Somebody of the unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The pseudonym under which they sign.
    pub(crate) label: Label,
    /// What they may do.
    pub(crate) duties: Vec<Duty>,
}

impl Person {
    /// Whether one of these is theirs.
    pub(crate) fn has(&self, duties: &[Duty]) -> bool {
        self.duties.iter().any(|duty| duties.contains(duty))
    }

    /// Their duties in words.
    pub(crate) fn duties_in_words(&self) -> String {
        let words: Vec<&str> = self.duties.iter().map(|duty| duty_in_words(*duty)).collect();
        let mut text = words.join(", ");
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        text
    }
}

fn duty_in_words(duty: Duty) -> &'static str {
    match duty {
        Duty::Pilot => "remote pilot",
        Duty::Observer => "observer",
        Duty::Witness => "witness",
        Duty::Supervisor => "supervisor",
        Duty::Custodian => "evidence custodian",
        Duty::DataProtection => "data protection officer",
        Duty::Auditor => "auditor",
        Duty::Administrator => "administrator",
    }
}

/// What somebody types and nobody else reads: wiped when it goes, never printed.
#[derive(Default)]
pub(crate) struct Secret(Zeroizing<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// One more sign; none beyond the longest, and no control signs.
    pub(crate) fn push(&mut self, sign: char) {
        // Room for all of it at once: a string that grows leaves copies of itself behind.
        if self.0.capacity() < MAX_SECRET_BYTES {
            let mut roomy = String::with_capacity(MAX_SECRET_BYTES);
            roomy.push_str(&self.0);
            self.0.zeroize();
            self.0 = Zeroizing::new(roomy);
        }
        if !sign.is_control() && self.0.len() + sign.len_utf8() <= MAX_SECRET_BYTES {
            self.0.push(sign);
        }
    }

    /// The last sign goes.
    pub(crate) fn backspace(&mut self) {
        self.0.pop();
    }

    /// How many signs there are.
    pub(crate) fn signs(&self) -> usize {
        self.0.chars().count()
    }

    /// All of it goes.
    pub(crate) fn clear(&mut self) {
        self.0.zeroize();
    }

    /// Hands it over, and keeps nothing.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// For whoever compares it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// Why a PIN was not taken, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotLetIn {
    /// What is the matter, and what helps.
    pub(crate) why: String,
    /// When the next try may be made, POSIX µs.
    pub(crate) until_utc_us: Option<i64>,
}

impl NotLetIn {
    /// With what is left of the wait.
    pub(crate) fn words(&self, now_utc_us: i64) -> String {
        match self.wait_s(now_utc_us) {
            Some(wait_s) => format!("{} Try again in {}.", self.why, crate::state::handover::words::span(wait_s)),
            None if self.until_utc_us.is_some() => "You can try again now.".to_owned(),
            None => self.why.clone(),
        }
    }

    /// Seconds left of the wait.
    pub(crate) fn wait_s(&self, now_utc_us: i64) -> Option<u64> {
        let left_us = self.until_utc_us?.saturating_sub(now_utc_us);
        u64::try_from(left_us).ok().filter(|left_us| *left_us > 0).map(|left_us| left_us.div_ceil(1_000_000))
    }
}
