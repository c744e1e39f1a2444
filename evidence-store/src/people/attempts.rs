//! How often a PIN may be tried: a pure state machine; the account's row keeps it.

/// Failures after which only an administrator helps.
pub const MOST_FAILURES: u32 = 10;
/// Failures that cost no waiting.
const FREE_FAILURES: u32 = 2;
/// First wait; it doubles with each further failure.
const FIRST_WAIT_US: i64 = 30_000_000;
/// Longest wait.
const LONGEST_WAIT_US: i64 = 900_000_000;

/// Failures in a row, and when the next attempt may be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Failures since the last success.
    pub failures: u32,
    /// POSIX µs.
    pub next_try_utc_us: i64,
}

/// Why no attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// Later.
    Wait {
        /// How much later, µs.
        for_us: i64,
    },
    /// Never, until an administrator resumes the account.
    Locked,
}

impl Attempts {
    /// An attempt begins: it counts as failed until it has succeeded, so that killing the program saves nobody a failure.
    ///
    /// # Errors
    /// [`Barred`].
    pub fn begin(self, now_utc_us: i64) -> Result<Self, Barred> {
        if self.failures >= MOST_FAILURES {
            return Err(Barred::Locked);
        }
        // A clock that was set back never makes anybody wait for longer than the longest wait.
        let for_us = self.next_try_utc_us.saturating_sub(now_utc_us).min(LONGEST_WAIT_US);
        if for_us > 0 {
            return Err(Barred::Wait { for_us });
        }
        let failures = self.failures + 1;
        let wait_us = match failures.checked_sub(FREE_FAILURES + 1) {
            None => 0,
            Some(doublings) => FIRST_WAIT_US.saturating_mul(1 << doublings.min(10)).min(LONGEST_WAIT_US),
        };
        Ok(Self { failures, next_try_utc_us: now_utc_us.saturating_add(wait_us) })
    }

    /// Whether the account is locked.
    pub fn is_locked(self) -> bool {
        self.failures >= MOST_FAILURES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_double_and_the_tenth_failure_locks() {
        let (mut attempts, mut now, mut waits) = (Attempts::default(), 0, Vec::new());
        for _ in 0..MOST_FAILURES {
            attempts = attempts.begin(now).unwrap();
            if let Err(Barred::Wait { for_us }) = attempts.begin(now) {
                assert!(attempts.begin(now + for_us - 1).is_err(), "not a moment earlier");
                waits.push(for_us / 1_000_000);
                now += for_us;
            }
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(attempts.begin(i64::MAX), Err(Barred::Locked));
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_ten_tries_whatever_the_clock_does(times in proptest::collection::vec(any::<i64>(), 0..200)) {
            let (mut attempts, mut tries) = (Attempts::default(), 0);
            for now in times {
                if let Ok(next) = attempts.begin(now) {
                    attempts = next;
                    tries += 1;
                }
            }
            prop_assert!(tries <= MOST_FAILURES);
        }
    }
}
