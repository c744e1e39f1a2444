//! The one place of the simulator that reads a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The simulated vehicle's clock: nanoseconds since its boot, and the UTC of that boot.
///
/// Everything the simulator stamps (MAVLink boot times, TIMESYNC, frame capture, RTP) comes from this one scale. At speed 1 it runs
/// as CLOCK_MONOTONIC does, and `utc_us` stays on CLOCK_REALTIME as it was read at boot.
#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    boot: Instant,
    boot_utc_us: i64,
    speed: f64,
}

impl SimClock {
    /// Boots the clock. `speed` is simulated seconds per real second.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the clock module: the one place that reads the system's clocks")]
    pub fn start(speed: f64) -> Self {
        // A preempted reading would offset UTC from the monotonic scale: take the tightest of a few.
        let (mut boot, mut utc, mut tightest) = (Instant::now(), SystemTime::now(), Duration::MAX);
        for _ in 0..16 {
            let before = Instant::now();
            let reading = SystemTime::now();
            let width = before.elapsed();
            if width < tightest {
                (boot, utc, tightest) = (before + width / 2, reading, width);
            }
        }
        let since_epoch = utc.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { boot, boot_utc_us: i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX), speed }
    }

    /// Simulated nanoseconds since boot.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "585 years"
    )]
    pub fn now_ns(&self) -> u64 {
        let real_ns = self.boot.elapsed().as_nanos() as u64;
        if (self.speed - 1.0).abs() < f64::EPSILON { real_ns } else { (real_ns as f64 * self.speed) as u64 }
    }

    /// UTC of boot, microseconds since 1970.
    #[must_use]
    pub fn boot_utc_us(&self) -> i64 {
        self.boot_utc_us
    }

    /// The real instant of a simulated one.
    #[must_use]
    pub fn instant_of(&self, sim_ns: u64) -> Instant {
        self.boot + Duration::from_nanos(sim_ns).div_f64(self.speed)
    }
}
