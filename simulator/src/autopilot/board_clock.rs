//! The autopilot board's clock: what it stamps, as faults leave it. Without faults it is the simulation's.

/// Boot time and UTC of an autopilot.
#[derive(Clone, Copy, Debug, Default)]
pub struct BoardClock {
    boot_utc_us: i64,
    booted_ns: u64,
    skew_ppm: f64,
    skewed_since_ns: u64,
    gained_ns: i64,
    utc_step_us: i64,
}

impl BoardClock {
    /// A board booted at the simulation's beginning, which was at this UTC.
    #[must_use]
    pub fn new(boot_utc_us: i64) -> Self {
        Self { boot_utc_us, ..Self::default() }
    }

    /// Boot time shown at `now_ns` of the simulation.
    #[must_use]
    pub fn boot_ns(&self, now_ns: u64) -> u64 {
        now_ns.saturating_sub(self.booted_ns).saturating_add_signed(self.gained(now_ns))
    }

    /// UTC shown at `now_ns`, µs since 1970: GNSS time, which a skewed oscillator does not move and a fault steps.
    #[must_use]
    pub fn utc_us(&self, now_ns: u64) -> u64 {
        let utc = self.boot_utc_us.saturating_add(self.utc_step_us);
        u64::try_from(utc).unwrap_or(0).saturating_add(now_ns / 1000)
    }

    /// From `now_ns` on it gains this many parts in a million, and shows UTC stepped by `utc_step_us`.
    pub fn disturb(&mut self, now_ns: u64, skew_ppm: f64, utc_step_us: i64) {
        self.gained_ns = self.gained(now_ns);
        self.skewed_since_ns = now_ns;
        (self.skew_ppm, self.utc_step_us) = (skew_ppm, utc_step_us);
    }

    /// It boots again at `now_ns`.
    pub fn reboot(&mut self, now_ns: u64) {
        (self.booted_ns, self.gained_ns, self.skewed_since_ns) = (now_ns, 0, now_ns);
    }

    fn gained(&self, now_ns: u64) -> i64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "nanoseconds of a flight by parts in a million"
        )]
        let gained = (now_ns.saturating_sub(self.skewed_since_ns) as f64 * self.skew_ppm * 1e-6) as i64;
        self.gained_ns + gained
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_skew_is_gained_slowly_and_kept() {
        let mut clock = BoardClock::new(1_700_000_000_000_000);
        assert_eq!((clock.boot_ns(5 * SECOND), clock.utc_us(5 * SECOND)), (5 * SECOND, 1_700_000_005_000_000));
        clock.disturb(10 * SECOND, 100.0, -250_000);
        assert_eq!(clock.boot_ns(20 * SECOND), 20 * SECOND + 1_000_000);
        assert_eq!(clock.utc_us(20 * SECOND), 1_700_000_019_750_000);
        clock.disturb(20 * SECOND, 0.0, 0);
        assert_eq!(clock.boot_ns(90 * SECOND), 90 * SECOND + 1_000_000);
        clock.reboot(100 * SECOND);
        assert_eq!(clock.boot_ns(103 * SECOND), 3 * SECOND);
    }
}
