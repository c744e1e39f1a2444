//! What a bad radio does to datagrams, decided by a seed. Pure.

use std::ops::Range;
use std::str::FromStr;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// How late a datagram that is overtaken may come, ns.
const OVERTAKEN_NS: Range<u64> = 20_000_000..250_000_000;

/// A time during which nothing passes, seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    from_s: f64,
    to_s: f64,
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ends = text.split_once("..").and_then(|(a, b)| Some((a.parse::<f64>().ok()?, b.parse::<f64>().ok()?)));
        match ends {
            Some((from_s, to_s)) if from_s >= 0.0 && to_s > from_s && to_s.is_finite() => Ok(Self { from_s, to_s }),
            _ => Err("write A..B in seconds, e.g. 20..80".to_owned()),
        }
    }
}

/// How bad the radio is; parts are from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// Times without any connection.
    pub cuts: Vec<Cut>,
    /// Part of the datagrams that never arrive.
    pub loss: f64,
    /// Part that arrive twice.
    pub duplicate: f64,
    /// Part that arrive after later ones.
    pub reorder: f64,
    /// Part that arrive damaged.
    pub corrupt: f64,
    /// Time under way, ns.
    pub delay_ns: u64,
}

/// A datagram that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When, ns.
    pub at_ns: u64,
    /// A number that picks the bit that arrives wrong; none where it is whole.
    pub damage: Option<u64>,
}

/// What became of the datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Arrived, copies too.
    pub passed: u64,
    /// Of these, damaged.
    pub damaged: u64,
    /// Lost at random.
    pub lost: u64,
    /// Lost in a cut.
    pub cut: u64,
}

/// One direction of the radio.
#[derive(Debug)]
pub struct Channel {
    faults: Faults,
    random: ChaCha8Rng,
    counts: Counts,
}

impl Channel {
    /// A channel; one seed, one sequence of faults.
    #[must_use]
    pub fn new(faults: Faults, seed: u64) -> Self {
        Self { faults, random: ChaCha8Rng::seed_from_u64(seed), counts: Counts::default() }
    }

    /// When a datagram sent at `now_ns` arrives: never, once or twice. `cut_clock_ns` counts for the cuts, if it runs yet.
    pub fn send(&mut self, now_ns: u64, cut_clock_ns: Option<u64>) -> Vec<Arrival> {
        if cut_clock_ns.is_some_and(|ns| self.is_cut(ns)) {
            self.counts.cut += 1;
            return Vec::new();
        }
        if self.random.random_bool(self.faults.loss) {
            self.counts.lost += 1;
            return Vec::new();
        }
        let copies = 1 + usize::from(self.random.random_bool(self.faults.duplicate));
        let arrivals: Vec<Arrival> = (0..copies).map(|_| self.arrival(now_ns)).collect();
        self.counts.passed += arrivals.len() as u64;
        self.counts.damaged += arrivals.iter().filter(|arrival| arrival.damage.is_some()).count() as u64;
        arrivals
    }

    /// What became of everything so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn is_cut(&self, clock_ns: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
        let now_s = clock_ns as f64 * 1e-9;
        self.faults.cuts.iter().any(|cut| (cut.from_s..cut.to_s).contains(&now_s))
    }

    fn arrival(&mut self, now_ns: u64) -> Arrival {
        let overtaken = self.random.random_bool(self.faults.reorder);
        let extra_ns = if overtaken { self.random.random_range(OVERTAKEN_NS) } else { 0 };
        // Without this fault no number is drawn, so that a seed gives the sequence it always gave.
        let damaged = self.faults.corrupt > 0.0 && self.random.random_bool(self.faults.corrupt);
        let damage = damaged.then(|| self.random.random());
        Arrival { at_ns: now_ns + self.faults.delay_ns + extra_ns, damage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    #[test]
    fn nothing_passes_in_a_cut_and_all_around_it() {
        let faults = Faults { cuts: vec!["2..4".parse().unwrap()], ..Faults::default() };
        let mut channel = Channel::new(faults, 1);
        let passed: Vec<u64> =
            (0..6).filter(|s| !channel.send(s * SECOND_NS, Some(s * SECOND_NS)).is_empty()).collect();
        assert_eq!(passed, [0, 1, 4, 5]);
        assert!(!channel.send(3 * SECOND_NS, None).is_empty(), "the cuts are counted from their own beginning");
        assert_eq!(channel.counts(), Counts { passed: 5, cut: 2, ..Counts::default() });
    }

    #[test]
    fn parts_are_kept_and_a_seed_repeats_itself() {
        let faults = Faults { loss: 0.3, duplicate: 0.1, reorder: 0.2, corrupt: 0.1, delay_ns: 5, ..Faults::default() };
        let run = |seed| {
            let mut channel = Channel::new(faults.clone(), seed);
            let arrivals: Vec<Vec<Arrival>> = (0..10_000).map(|n| channel.send(n * 1_000_000, None)).collect();
            (channel.counts(), arrivals)
        };
        let (counts, arrivals) = run(7);
        assert_eq!(run(7).1, arrivals);
        assert_ne!(run(8).1, arrivals);
        assert!((2_700..3_300).contains(&counts.lost), "{counts:?}");
        assert!((7_300..8_100).contains(&counts.passed), "{counts:?}");
        let time = |arrival: &Arrival| arrival.at_ns;
        let overtakes = |pair: &&[Vec<Arrival>]| pair[0].iter().map(time).max() > pair[1].iter().map(time).min();
        let overtaken = arrivals.windows(2).filter(overtakes).count();
        assert!((600..1_000).contains(&counts.damaged), "{counts:?}");
        assert!(overtaken > 500, "{overtaken}");
    }

    #[test]
    fn a_cut_is_a_span() {
        for bad in ["", "5", "5..5", "9..5", "a..b", "0..inf", "-3..4"] {
            assert!(bad.parse::<Cut>().is_err(), "{bad}");
        }
    }
}
