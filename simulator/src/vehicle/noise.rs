//! Coloured noise from a seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// An Ornstein–Uhlenbeck process: zero mean, a standard deviation, a correlation time. Smooth enough for gusts and GNSS wander.
#[derive(Clone, Debug)]
pub struct Wander {
    rng: ChaCha8Rng,
    sigma: f64,
    correlation_s: f64,
    raw: f64,
    value: f64,
    pace: Pace,
}

/// What depends on the step alone: exponentials are dear, and the step is always the same.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    dt_s: f64,
    decay: f64,
    drive: f64,
    smoothing: f64,
}

impl Wander {
    /// A process of its own random stream.
    #[must_use]
    pub fn new(seed: u64, stream: u64, sigma: f64, correlation_s: f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self { rng, sigma, correlation_s, raw: 0.0, value: 0.0, pace: Pace::default() }
    }

    /// The value after `dt_s`.
    pub fn step(&mut self, dt_s: f64) -> f64 {
        if self.pace.dt_s.to_bits() != dt_s.to_bits() {
            self.pace = self.pace_of(dt_s);
        }
        let Pace { decay, drive, smoothing, .. } = self.pace;
        self.raw = self.raw * decay + drive * standard_normal(&mut self.rng);
        self.value = self.value * smoothing + self.raw * (1.0 - smoothing);
        self.value
    }

    fn pace_of(&self, dt_s: f64) -> Pace {
        let decay = (-dt_s / self.correlation_s).exp();
        let drive = self.sigma * (1.0 - decay * decay).sqrt();
        // A second, ten times faster pole takes the white edge off.
        let smoothing = (-10.0 * dt_s / self.correlation_s).exp();
        Pace { dt_s, decay, drive, smoothing }
    }

    /// The last value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }
}

/// One draw from N(0, 1) (Box–Muller).
pub fn standard_normal(rng: &mut impl Rng) -> f64 {
    let u: f64 = rng.random::<f64>().max(f64::MIN_POSITIVE);
    let v: f64 = rng.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_spread_it_is_given_and_repeats_under_a_seed() {
        let draw = || {
            let mut wander = Wander::new(7, 3, 2.0, 0.5);
            (0..200_000).map(|_| wander.step(0.01)).collect::<Vec<_>>()
        };
        let values = draw();
        let variance = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        assert!((variance.sqrt() - 1.9).abs() < 0.25, "{}", variance.sqrt());
        assert_eq!(values, draw());
    }
}
