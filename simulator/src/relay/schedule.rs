//! What happens to each datagram on its way, by one seed: the pure part of the relay.

use std::str::FromStr;
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// How much later a datagram comes that others overtake.
const REORDER_NS: u64 = 150_000_000;

/// A stretch in which nothing passes, in nanoseconds after the first datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    from_ns: u64,
    to_ns: u64,
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no stretch of seconds; write e.g. 60..180");
        let (from, to) = text.split_once("..").ok_or_else(wrong)?;
        let ns = |seconds: &str| {
            let seconds: f64 = seconds.trim().parse().ok()?;
            let duration = Duration::try_from_secs_f64(seconds).ok()?;
            u64::try_from(duration.as_nanos()).ok()
        };
        let (from_ns, to_ns) = ns(from).zip(ns(to)).ok_or_else(wrong)?;
        if from_ns < to_ns { Ok(Self { from_ns, to_ns }) } else { Err(wrong()) }
    }
}

/// A share from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share: Option<f64> = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        share.map(Self).ok_or_else(|| format!("`{text}` is no share from 0 to 1; write e.g. 0.3"))
    }
}

/// The faults of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// Stretches in which nothing passes.
    pub cuts: Vec<Cut>,
    /// Share of datagrams lost.
    pub loss: Share,
    /// Share of datagrams that come twice.
    pub duplicate: Share,
    /// Share of datagrams that others overtake.
    pub reorder: Share,
    /// Time on the way, nanoseconds.
    pub delay_ns: u64,
}

/// What has passed and what has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams that came in.
    pub taken: u64,
    /// Copies that go out.
    pub sent: u64,
    /// Lost by chance.
    pub lost: u64,
    /// Lost in a cut.
    pub cut: u64,
}

/// Decides the way of each datagram.
#[derive(Clone, Debug)]
pub struct Schedule {
    faults: Faults,
    random: ChaCha8Rng,
    began_ns: Option<u64>,
    counts: Counts,
}

impl Schedule {
    /// One seed, one link.
    #[must_use]
    pub fn new(faults: Faults, seed: u64) -> Self {
        Self { faults, random: ChaCha8Rng::seed_from_u64(seed), began_ns: None, counts: Counts::default() }
    }

    /// When copies of a datagram that comes in at `now_ns` go out; none when it is lost. The first one starts the time.
    pub fn pass(&mut self, now_ns: u64) -> Vec<u64> {
        let since_ns = now_ns.saturating_sub(*self.began_ns.get_or_insert(now_ns));
        self.counts.taken += 1;
        // Always as many draws: a cut changes nothing behind it.
        let lost = self.random.random_bool(self.faults.loss.0);
        let twice = self.random.random_bool(self.faults.duplicate.0);
        let late = self.random.random_bool(self.faults.reorder.0);
        if self.faults.cuts.iter().any(|cut| (cut.from_ns..cut.to_ns).contains(&since_ns)) {
            self.counts.cut += 1;
            return Vec::new();
        }
        if lost {
            self.counts.lost += 1;
            return Vec::new();
        }
        let at_ns = now_ns.saturating_add(self.faults.delay_ns).saturating_add(if late { REORDER_NS } else { 0 });
        let copies = if twice { vec![at_ns, at_ns] } else { vec![at_ns] };
        self.counts.sent += copies.len() as u64;
        copies
    }

    /// What has passed so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn faults() -> Faults {
        Faults { cuts: Vec::new(), loss: Share(0.0), duplicate: Share(0.0), reorder: Share(0.0), delay_ns: 0 }
    }

    #[test]
    fn a_good_link_passes_everything_when_it_is_due() {
        let mut link = Schedule::new(Faults { delay_ns: 40 * MS, ..faults() }, 1);
        assert!((0..100).all(|n| link.pass(n * MS) == [(n + 40) * MS]));
        assert_eq!(link.counts(), Counts { taken: 100, sent: 100, lost: 0, cut: 0 });
    }

    #[test]
    fn cuts_count_from_the_first_datagram() {
        let cuts = vec!["1..2.5".parse().unwrap(), "4..5".parse().unwrap()];
        let mut link = Schedule::new(Faults { cuts, ..faults() }, 1);
        let start = 77_000 * MS;
        let passed: Vec<u64> = (0..60).map(|n| n * 100).filter(|ms| !link.pass(start + ms * MS).is_empty()).collect();
        let expected: Vec<u64> =
            (0..60).map(|n| n * 100).filter(|ms| !(1000..2500).contains(ms) && !(4000..5000).contains(ms)).collect();
        assert_eq!(passed, expected);
        assert_eq!(link.counts().cut, 25);
    }

    #[test]
    fn one_seed_gives_one_link_and_shares_are_kept() {
        let bad = Faults { loss: Share(0.3), duplicate: Share(0.1), reorder: Share(0.2), ..faults() };
        let run = |seed| {
            let mut link = Schedule::new(bad.clone(), seed);
            let times: Vec<Vec<u64>> = (0..10_000).map(|n| link.pass(n * MS)).collect();
            (times, link.counts())
        };
        let (times, counts) = run(5);
        assert_eq!((times.clone(), counts), run(5));
        assert_ne!(times, run(6).0);
        assert!((2_800..3_200).contains(&counts.lost), "{counts:?}");
        let twice = times.iter().filter(|copies| copies.len() == 2).count();
        assert!((600..800).contains(&twice), "{twice}");
        let late = (0_u64..).zip(&times).filter(|(n, copies)| copies.first().is_some_and(|at| *at > n * MS)).count();
        assert!((1_250..1_550).contains(&late), "{late}");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_an_example() {
        for bad in ["", "5", "5..", "9..3", "3..3", "a..b", "-1..3", "1..inf", "0..1e300"] {
            assert!(bad.parse::<Cut>().unwrap_err().contains("60..180"), "{bad}");
        }
        for bad in ["", "1.1", "-0.1", "NaN", "30%"] {
            assert!(bad.parse::<Share>().unwrap_err().contains("0.3"), "{bad}");
        }
    }
}
