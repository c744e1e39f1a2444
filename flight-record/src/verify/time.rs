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
