//! What becomes of a recording when nobody on the ground is heard any more: a pure state machine.
//!
//! The link is lost when some station was heard and none is any more. An aircraft that never heard one has none to lose.

use crate::config::OnLinkLoss;

const SECOND_NS: u64 = 1_000_000_000;
/// Stations say that they are there each second; one that is not heard for this long is not there.
const SILENT_NS: u64 = 3_500_000_000;

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// No station is heard any more.
    Lost,
    /// One is heard again.
    Regained,
    /// The policy ends the recording.
    Stop,
}

/// The link to the ground.
#[derive(Debug)]
pub(super) struct LinkLoss {
    policy: OnLinkLoss,
    lost_ns: Option<u64>,
    recording_ns: Option<u64>,
}

impl LinkLoss {
    pub(super) fn new(policy: OnLinkLoss) -> Self {
        Self { policy, lost_ns: None, recording_ns: None }
    }

    /// Time passes; `heard_ns` is when a station was last heard.
    pub(super) fn step(&mut self, heard_ns: Option<u64>, recording: bool, now_ns: u64) -> Option<Change> {
        self.recording_ns = recording.then(|| self.recording_ns.unwrap_or(now_ns));
        let silent = heard_ns.is_some_and(|heard_ns| now_ns.saturating_sub(heard_ns) >= SILENT_NS);
        match (silent, self.lost_ns) {
            (true, None) => {
                self.lost_ns = Some(now_ns);
                Some(Change::Lost)
            }
            (false, Some(_)) => {
                self.lost_ns = None;
                Some(Change::Regained)
            }
            (false, None) => None,
            (true, Some(lost_ns)) => {
                // A recording that begins without a link has the same time.
                let since_ns = self.recording_ns?.max(lost_ns);
                let over = match self.policy {
                    OnLinkLoss::Continue => false,
                    OnLinkLoss::StopAfterS(wait_s) => now_ns.saturating_sub(since_ns) >= u64::from(wait_s) * SECOND_NS,
                };
                over.then_some(Change::Stop)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that follows in these seconds, looked at ten times each.
    fn run(
        link: &mut LinkLoss,
        heard_s: Option<u64>,
        recording: bool,
        seconds: std::ops::Range<u64>,
    ) -> Vec<(u64, Change)> {
        let tenths = seconds.start * 10..seconds.end * 10;
        let step = |tenth: u64| {
            let now_ns = tenth * SECOND_NS / 10;
            link.step(heard_s.map(|second| second * SECOND_NS), recording, now_ns).map(|change| (tenth, change))
        };
        tenths.filter_map(step).collect()
    }

    #[test]
    fn a_recording_ends_so_long_after_the_link() {
        let mut link = LinkLoss::new(OnLinkLoss::StopAfterS(10));
        assert_eq!(run(&mut link, Some(100), true, 100..103), []);
        let changes = run(&mut link, Some(100), true, 103..114);
        assert_eq!(changes[..2], [(1_035, Change::Lost), (1_135, Change::Stop)]);
        assert_eq!(run(&mut link, Some(100), false, 114..200), [], "it is over");
        assert_eq!(run(&mut link, Some(200), false, 200..203), [(2_000, Change::Regained)]);
    }

    #[test]
    fn a_link_that_comes_back_in_time_ends_nothing() {
        let mut link = LinkLoss::new(OnLinkLoss::StopAfterS(10));
        assert_eq!(run(&mut link, Some(100), true, 100..113), [(1_035, Change::Lost)]);
        assert_eq!(run(&mut link, Some(113), true, 113..116), [(1_130, Change::Regained)]);
        assert_eq!(run(&mut link, Some(113), true, 116..126), [(1_165, Change::Lost)], "counted anew");
    }

    #[test]
    fn one_that_begins_without_a_link_has_its_time_too() {
        let mut link = LinkLoss::new(OnLinkLoss::StopAfterS(10));
        run(&mut link, Some(100), false, 100..200);
        assert_eq!(run(&mut link, Some(100), true, 200..210), []);
        assert_eq!(run(&mut link, Some(100), true, 210..211)[0], (2_100, Change::Stop));
    }

    #[test]
    fn by_default_it_goes_on_and_who_never_heard_a_station_loses_none() {
        let mut link = LinkLoss::new(OnLinkLoss::Continue);
        assert_eq!(run(&mut link, Some(0), true, 0..1_000), [(35, Change::Lost)]);
        let mut alone = LinkLoss::new(OnLinkLoss::StopAfterS(1));
        assert_eq!(run(&mut alone, None, true, 0..1_000), []);
    }
}
