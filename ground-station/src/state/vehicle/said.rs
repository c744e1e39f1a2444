//! What was said, and when: a value that is old is unknown.

/// The last thing said of something, believed for a while.
#[derive(Debug, Clone)]
pub(crate) struct Said<T> {
    last: Option<(T, u64)>,
    fresh_ns: u64,
}

impl<T> Said<T> {
    /// Nothing said yet; what will be said is believed for `fresh_s`.
    pub(super) const fn for_seconds(fresh_s: u64) -> Self {
        Self { last: None, fresh_ns: fresh_s.saturating_mul(1_000_000_000) }
    }

    /// Nothing said yet; what will be said stays true until something else is said.
    pub(super) const fn for_good() -> Self {
        Self { last: None, fresh_ns: u64::MAX }
    }

    pub(super) fn say(&mut self, value: T, now_ns: u64) {
        self.last = Some((value, now_ns));
    }

    /// The value, while it is believed.
    pub(crate) fn get(&self, now_ns: u64) -> Option<&T> {
        let (value, at_ns) = self.last.as_ref()?;
        (now_ns.saturating_sub(*at_ns) <= self.fresh_ns).then_some(value)
    }

    /// The value however old, with its age: to be shown with it or not at all.
    pub(crate) fn last(&self, now_ns: u64) -> Option<(&T, u64)> {
        self.last.as_ref().map(|(value, at_ns)| (value, now_ns.saturating_sub(*at_ns)))
    }
}

impl<T: Copy> Said<T> {
    /// The value, while it is believed.
    pub(crate) fn now(&self, now_ns: u64) -> Option<T> {
        self.get(now_ns).copied()
    }
}

/// A float that says something.
pub(super) fn finite(value: f32) -> Option<f64> {
    value.is_finite().then(|| f64::from(value))
}

/// Degrees from 1e-7 degrees.
pub(super) fn degrees(e7: i32) -> f64 {
    f64::from(e7) / 1e7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_is_unknown_and_has_an_age() {
        let mut said = Said::for_seconds(2);
        assert_eq!((said.now(0), said.last(0)), (None, None));
        said.say(7, 1);
        assert_eq!(said.now(2_000_000_001), Some(7));
        assert_eq!(said.now(2_000_000_002), None);
        assert_eq!(said.last(3_000_000_001), Some((&7, 3_000_000_000)));
        let mut home = Said::for_good();
        home.say(7, 1);
        assert_eq!(home.now(u64::MAX), Some(7));
    }
}
