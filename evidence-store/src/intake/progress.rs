//! How far a handover is. Pure: the program hands in the time.

use std::fmt;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// From the aircraft to the first store.
    Copy,
    /// Against the records and what was witnessed.
    Verify,
    /// Into the first store's objects.
    Keep,
    /// To the second store.
    SecondCopy,
    /// Both stores' receipts.
    Receipts,
    /// The ledger.
    Ledger,
    /// The erase order.
    Erase,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Copy => "copy",
            Self::Verify => "verify",
            Self::Keep => "keep",
            Self::SecondCopy => "second copy",
            Self::Receipts => "receipts",
            Self::Ledger => "ledger",
            Self::Erase => "erase",
        })
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The step.
    pub step: Step,
    /// Bytes done.
    pub bytes_done: u64,
    /// All bytes of the step; 0 where there is nothing to count.
    pub bytes_total: u64,
    /// Bytes a second since the step began; 0 while nobody can tell.
    pub bytes_per_s: u64,
    /// Seconds to the end of the step at that rate.
    pub left_s: Option<u64>,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop here; the same call later goes on from here.
    Cancel,
}

/// Measures a step.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    step: Step,
    bytes_total: u64,
    /// What was there before the step began costs no time.
    bytes_before: u64,
    began_mono_ns: u64,
}

impl Meter {
    /// A step that begins now with `bytes_before` of `bytes_total` done.
    pub fn new(step: Step, bytes_before: u64, bytes_total: u64, mono_ns: u64) -> Self {
        Self { step, bytes_total, bytes_before, began_mono_ns: mono_ns }
    }

    /// With so much done now.
    pub fn at(&self, bytes_done: u64, mono_ns: u64) -> Progress {
        let elapsed_ns = u128::from(mono_ns.saturating_sub(self.began_mono_ns));
        let moved = u128::from(bytes_done.saturating_sub(self.bytes_before));
        let rate = (moved * 1_000_000_000).checked_div(elapsed_ns).unwrap_or(0);
        let bytes_per_s = u64::try_from(rate).unwrap_or(u64::MAX);
        let left_s = self.bytes_total.saturating_sub(bytes_done).checked_div(bytes_per_s);
        Progress { step: self.step, bytes_done, bytes_total: self.bytes_total, bytes_per_s, left_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left() {
        let meter = Meter::new(Step::Copy, 1000, 11_000, 5_000_000_000);
        let begun = meter.at(1000, 5_000_000_000);
        assert_eq!((begun.bytes_per_s, begun.left_s), (0, None));
        let later = meter.at(3000, 7_000_000_000);
        assert_eq!((later.bytes_per_s, later.left_s), (1000, Some(8)));
        assert_eq!(meter.at(11_000, 15_000_000_000).left_s, Some(0));
        assert_eq!(meter.at(2000, 4_000_000_000).left_s, None, "a clock that went back measures nothing");
    }
}
