//! From the capture clock to UTC: one mapping for the whole agent, frozen while anything is recorded.

use std::sync::{Arc, Mutex, PoisonError};

use flight_record::{ClockSource, Stamp};

/// `utc_us` was the time of day when the capture clock read `mono_ns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// Capture clock, nanoseconds.
    pub mono_ns: u64,
    /// POSIX microseconds.
    pub utc_us: i64,
    /// Who says so.
    pub source: ClockSource,
    /// Half-width of the interval that holds the truth, microseconds.
    pub uncertainty_us: u64,
}

impl Mapping {
    /// UTC of an instant of the capture clock, POSIX microseconds.
    #[must_use]
    pub fn utc_us(&self, at_ns: u64) -> i64 {
        let since_us = i128::from(at_ns) - i128::from(self.mono_ns);
        let utc_us = i128::from(self.utc_us) + since_us.div_euclid(1_000);
        i64::try_from(utc_us).unwrap_or(if utc_us < 0 { i64::MIN } else { i64::MAX })
    }

    /// UTC less capture clock in nanoseconds.
    #[must_use]
    pub fn offset_ns(&self) -> i64 {
        let offset = i128::from(self.utc_us) * 1_000 - i128::from(self.mono_ns);
        i64::try_from(offset).unwrap_or(0)
    }

    /// The stamp of a record made at `at_ns`.
    #[must_use]
    pub fn stamp(&self, at_ns: u64) -> Stamp {
        Stamp { mono_ns: at_ns, utc_us: self.utc_us(at_ns), source: self.source, uncertainty_us: self.uncertainty_us }
    }

    /// Whether a time receiver would call this locked.
    #[must_use]
    pub fn locked(&self) -> bool {
        match self.source {
            ClockSource::Gnss | ClockSource::Ptp | ClockSource::Ntp => true,
            ClockSource::Rtc | ClockSource::None => false,
        }
    }

    /// Whether `other` says something new: a better source, half the uncertainty, or a time that the two
    /// uncertainties do not explain.
    #[must_use]
    pub fn improved_by(&self, other: &Self) -> bool {
        let apart_us = self.utc_us(other.mono_ns).abs_diff(other.utc_us);
        let better = rank(other.source) < rank(self.source);
        let worse = rank(other.source) > rank(self.source);
        better
            || (!worse
                && (other.uncertainty_us * 2 < self.uncertainty_us || apart_us > other.uncertainty_us.max(1_000)))
    }
}

fn rank(source: ClockSource) -> u8 {
    match source {
        ClockSource::Gnss => 0,
        ClockSource::Ptp => 1,
        ClockSource::Ntp => 2,
        ClockSource::Rtc => 3,
        ClockSource::None => 4,
    }
}

/// The mapping in force, shared by every thread of the agent.
#[derive(Debug, Clone)]
pub struct TimeBase(Arc<Mutex<Mapping>>);

impl TimeBase {
    /// Starts with what the machine itself knows.
    #[must_use]
    pub fn new(first: Mapping) -> Self {
        Self(Arc::new(Mutex::new(first)))
    }

    /// The mapping in force.
    #[must_use]
    pub fn mapping(&self) -> Mapping {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the mapping. Only the agent calls this, and never while a camera is recorded.
    pub fn set(&self, mapping: Mapping) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = mapping;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(source: ClockSource, utc_us: i64, uncertainty_us: u64) -> Mapping {
        Mapping { mono_ns: 1_000_000_000, utc_us, source, uncertainty_us }
    }

    #[test]
    fn it_maps_both_ways_from_its_anchor() {
        let base = mapping(ClockSource::Gnss, 1_700_000_000_000_000, 100);
        assert_eq!(base.utc_us(1_500_000_000), 1_700_000_000_500_000);
        assert_eq!(base.utc_us(0), 1_699_999_999_000_000);
        assert_eq!(base.stamp(1_000_001_000).utc_us, 1_700_000_000_000_001);
    }

    #[test]
    fn only_news_replaces_it() {
        let rtc = mapping(ClockSource::Rtc, 1_700_000_000_000_000, 1_000_000);
        let gnss = mapping(ClockSource::Gnss, 1_700_000_000_000_000, 2_000);
        assert!(rtc.improved_by(&gnss) && !gnss.improved_by(&rtc));
        assert!(!gnss.improved_by(&mapping(ClockSource::Gnss, 1_700_000_000_000_500, 2_000)));
        assert!(gnss.improved_by(&mapping(ClockSource::Gnss, 1_700_000_000_003_000, 2_000)));
        assert!(gnss.improved_by(&mapping(ClockSource::Gnss, 1_700_000_000_000_000, 500)));
    }
}
