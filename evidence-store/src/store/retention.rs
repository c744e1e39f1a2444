//! What forbids deleting an object: a time, and legal holds. A value; the store keeps it beside the object.

use super::StoreError;
use flight_record::{Code, Sha256};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Until when an object stays, and who holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// POSIX µs; null when nobody has decided yet, and then it stays.
    pub until_utc_us: Option<i64>,
    /// Legal holds: each beats every timer.
    pub holds: BTreeSet<Code>,
}

impl Retention {
    /// The same, kept at least until then.
    ///
    /// # Errors
    /// [`StoreError::Shortened`].
    pub fn lengthened(mut self, digest: Sha256, until_utc_us: i64) -> Result<Self, StoreError> {
        match self.until_utc_us {
            Some(held) if held > until_utc_us => Err(StoreError::Shortened { digest, until_utc_us: held }),
            _ => {
                self.until_utc_us = Some(until_utc_us);
                Ok(self)
            }
        }
    }

    /// Whether the object may go now.
    ///
    /// # Errors
    /// [`StoreError::Held`] or [`StoreError::Retained`]; an object nobody decided about stays for ever.
    pub fn allows_deletion(&self, digest: Sha256, now_utc_us: i64) -> Result<(), StoreError> {
        if let Some(hold) = self.holds.first() {
            return Err(StoreError::Held { digest, hold: hold.clone() });
        }
        match self.until_utc_us {
            Some(until) if now_utc_us >= until => Ok(()),
            until => Err(StoreError::Retained { digest, until_utc_us: until.unwrap_or(i64::MAX) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_beats_the_timer_and_the_timer_is_never_shortened() {
        let digest = Sha256::of(b"x");
        let undecided = Retention::default();
        assert!(matches!(undecided.allows_deletion(digest, i64::MAX - 1), Err(StoreError::Retained { .. })));
        let mut kept = undecided.lengthened(digest, 100).unwrap();
        assert!(matches!(kept.clone().lengthened(digest, 99), Err(StoreError::Shortened { until_utc_us: 100, .. })));
        assert!(kept.allows_deletion(digest, 99).is_err() && kept.allows_deletion(digest, 100).is_ok());
        kept.holds.insert("appeal".parse().unwrap());
        assert!(matches!(kept.allows_deletion(digest, 1000), Err(StoreError::Held { .. })));
    }
}
