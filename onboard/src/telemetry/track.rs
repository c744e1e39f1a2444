//! A short history of one moving quantity, asked for its value at an instant.

use std::collections::VecDeque;

/// A quantity that moves.
pub(super) trait Sample: Copy {
    /// How long a sample still says something, in nanoseconds.
    const STALE_AFTER_NS: u64;

    /// The value at `fraction` (0..1) of the way to `later`.
    #[must_use]
    fn toward(&self, later: &Self, fraction: f64) -> Self;

    /// The value `seconds` after this sample, by its own rates.
    #[must_use]
    fn ahead(&self, seconds: f64) -> Self;
}

/// Samples in order of their own time, at most [`Track::CAPACITY`]: 5 s at 50 Hz.
#[derive(Debug, Clone)]
pub(super) struct Track<T> {
    samples: VecDeque<(u64, T)>,
}

impl<T> Default for Track<T> {
    fn default() -> Self {
        Self { samples: VecDeque::with_capacity(Self::CAPACITY) }
    }
}

impl<T> Track<T> {
    /// Most samples kept; the oldest goes first.
    pub(super) const CAPACITY: usize = 256;
}

impl<T: Sample> Track<T> {
    /// Adds a sample taken at `at_ns` (capture clock). One that is not newer than the last is dropped:
    /// redundant links deliver each message more than once.
    pub(super) fn push(&mut self, at_ns: u64, sample: T) {
        if self.samples.back().is_some_and(|(last, _)| *last >= at_ns) {
            return;
        }
        if self.samples.len() == Self::CAPACITY {
            self.samples.pop_front();
        }
        self.samples.push_back((at_ns, sample));
    }

    /// Forgets everything: the vehicle's clock began anew.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
    }

    /// The value at `at_ns`: interpolated between two samples, else carried on from the last one by its
    /// rates. `None` when nothing was heard within [`Sample::STALE_AFTER_NS`] of that instant.
    #[must_use]
    pub(super) fn at(&self, at_ns: u64) -> Option<T> {
        let after = self.samples.partition_point(|(time, _)| *time <= at_ns);
        let later = self.samples.get(after);
        let Some((before_ns, before)) = after.checked_sub(1).and_then(|i| self.samples.get(i)) else {
            let (first_ns, first) = later?;
            let early_ns = first_ns - at_ns;
            return (early_ns < T::STALE_AFTER_NS).then(|| first.ahead(-seconds(early_ns)));
        };
        let gap_ns = at_ns - before_ns;
        match later {
            Some((later_ns, later)) if later_ns - before_ns < T::STALE_AFTER_NS => {
                Some(before.toward(later, seconds(gap_ns) / seconds(later_ns - before_ns)))
            }
            Some(_) | None => (gap_ns < T::STALE_AFTER_NS).then(|| before.ahead(seconds(gap_ns))),
        }
    }
}

/// Nanoseconds as seconds; exact to a nanosecond below 104 days.
#[expect(clippy::cast_precision_loss, reason = "a history of seconds needs 53 bits at most")]
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    struct Line {
        value: f64,
        rate: f64,
    }

    impl Sample for Line {
        const STALE_AFTER_NS: u64 = 1_000_000_000;
        fn toward(&self, later: &Self, fraction: f64) -> Self {
            Self { value: self.value + (later.value - self.value) * fraction, ..*self }
        }
        fn ahead(&self, seconds: f64) -> Self {
            Self { value: self.value + self.rate * seconds, ..*self }
        }
    }

    fn track() -> Track<Line> {
        let mut track = Track::default();
        track.push(10_000_000_000, Line { value: 1.0, rate: 10.0 });
        track.push(10_100_000_000, Line { value: 3.0, rate: 10.0 });
        track
    }

    #[test]
    fn between_samples_it_interpolates() {
        let value = track().at(10_050_000_000).unwrap().value;
        assert!((value - 2.0).abs() < 1e-9, "{value}");
    }

    #[test]
    fn beyond_the_last_it_goes_on_by_rate_then_is_stale() {
        let value = track().at(10_300_000_000).unwrap().value;
        assert!((value - 5.0).abs() < 1e-9, "{value}");
        assert!(track().at(11_200_000_000).is_none());
    }

    #[test]
    fn before_the_first_it_goes_back_by_rate() {
        let value = track().at(9_900_000_000).unwrap().value;
        assert!((value - 0.0).abs() < 1e-9, "{value}");
        assert!(track().at(8_000_000_000).is_none());
    }

    #[test]
    fn a_hole_is_not_bridged() {
        let mut track = track();
        track.push(20_000_000_000, Line { value: 99.0, rate: 0.0 });
        let value = track.at(10_600_000_000).unwrap().value;
        assert!((value - 8.0).abs() < 1e-9, "{value}");
        assert!(track.at(15_000_000_000).is_none());
    }

    #[test]
    fn repeats_and_old_samples_are_dropped_and_the_history_is_bounded() {
        let mut track = track();
        track.push(10_100_000_000, Line { value: 7.0, rate: 0.0 });
        assert!((track.at(10_100_000_000).unwrap().value - 3.0).abs() < 1e-9);
        for i in 0..1_000_u64 {
            track.push(11_000_000_000 + i, Line { value: 0.0, rate: 0.0 });
        }
        assert_eq!(track.samples.len(), Track::<Line>::CAPACITY);
    }
}
