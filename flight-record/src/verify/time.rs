//! Whether the clock contradicts itself.

use super::words::Time;
use crate::names::BootId;
use crate::record::Record;

/// Beyond the stated uncertainties, so much difference is forgiven.
pub(super) const TOLERANCE_US: i128 = 5_000_000;

/// The clock as the records show it.
#[derive(Default)]
pub(super) struct Clockwork {
    last: Option<Reading>,
    suspect: bool,
}

struct Reading {
    boot_id: BootId,
    mono_ns: u64,
    utc_us: i64,
    uncertainty_us: u64,
}

impl Clockwork {
    /// Takes the next record's times. Within a boot monotonic time never goes back and the time of day follows it;
    /// over a restart the time of day does not go back.
    pub(super) fn take(&mut self, record: &Record, notices: &mut Vec<String>) {
        let now = Reading {
            boot_id: record.boot_id,
            mono_ns: record.mono_ns,
            utc_us: record.utc_us,
            uncertainty_us: record.clock.uncertainty_us,
        };
        if let Some(why) = self.last.as_ref().and_then(|last| last.contradicts(&now)) {
            self.suspect = true;
            notices.push(format!("Clock at record {}: {why}.", record.seq));
        }
        self.last = Some(now);
    }

    /// Records are left out before the next: it is compared with none.
    pub(super) fn interrupt(&mut self) {
        self.last = None;
    }

    pub(super) fn verdict(&self) -> Time {
        if self.suspect { Time::Suspect } else { Time::Ok }
    }
}

impl Reading {
    fn contradicts(&self, next: &Self) -> Option<String> {
        let allowed = i128::from(self.uncertainty_us) + i128::from(next.uncertainty_us) + TOLERANCE_US;
        let elapsed_us = i128::from(next.utc_us) - i128::from(self.utc_us);
        if self.boot_id != next.boot_id {
            return (elapsed_us < -allowed)
                .then(|| format!("the time of day goes back by {} ms over a restart", -elapsed_us / 1000));
        }
        let mono_us = (i128::from(next.mono_ns) - i128::from(self.mono_ns)) / 1000;
        if next.mono_ns < self.mono_ns {
            return Some("monotonic time goes back".to_owned());
        }
        let step_us = elapsed_us - mono_us;
        (step_us.abs() > allowed)
            .then(|| format!("the time of day steps by {} ms against monotonic time", step_us / 1000))
    }
}

/// The instant nearest to `near_utc_us` that a PTS may stand for: it wraps every 26.5 hours.
pub(super) fn time_of_pts(pts_90k: u64, pts_epoch_utc_us: i64, near_utc_us: i64) -> i64 {
    const RANGE_90K: i128 = 1 << 33;
    let near_90k = (i128::from(near_utc_us) - i128::from(pts_epoch_utc_us)) * 9 / 100 + 90_000;
    let ahead = (i128::from(pts_90k) - near_90k).rem_euclid(RANGE_90K);
    let offset_90k = if ahead > RANGE_90K / 2 { ahead - RANGE_90K } else { ahead };
    let time = i128::from(near_utc_us) + offset_90k * 100 / 9;
    i64::try_from(time).unwrap_or(near_utc_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pts_is_the_instant_nearest_to_its_record() {
        let epoch = 1_777_636_800_000_000;
        let pts = |utc_us: i64| u64::try_from((90_000 + (utc_us - epoch) * 9 / 100).rem_euclid(1 << 33)).unwrap();
        for at_s in [0, 10, 95_443, 95_444, 400_000] {
            let utc_us = epoch + at_s * 1_000_000;
            for record_later_s in [-3, 0, 5] {
                let found = time_of_pts(pts(utc_us), epoch, utc_us + record_later_s * 1_000_000);
                assert!((found - utc_us).abs() <= 12, "{at_s} {record_later_s}: {}", found - utc_us);
            }
        }
        assert_eq!(time_of_pts(u64::MAX >> 31, i64::MIN, i64::MAX).signum(), 1, "no overflow");
    }
}
