//! Steady wind with gusts.

use super::noise::Wander;
use crate::maths::Vec3;

/// The moving air.
#[derive(Clone, Debug)]
pub struct Wind {
    steady: Vec3,
    gusts: [Wander; 3],
    now: Vec3,
}

impl Wind {
    /// Air blowing *from* `from_deg` at `speed_mps`, with gusts of standard deviation `gust_mps`.
    #[must_use]
    pub fn new(speed_mps: f64, from_deg: f64, gust_mps: f64, seed: u64) -> Self {
        let (sin, cos) = from_deg.to_radians().sin_cos();
        let steady = Vec3::new(-cos, -sin, 0.0) * speed_mps;
        let gust = |stream, sigma| Wander::new(seed, stream, sigma, 3.0);
        Self { steady, gusts: [gust(1, gust_mps), gust(2, gust_mps), gust(3, gust_mps * 0.3)], now: steady }
    }

    /// Velocity of the air over the ground, NED, `height_m` above the ground. It slackens near the ground.
    pub fn step(&mut self, dt_s: f64, height_m: f64) -> Vec3 {
        let [north, east, down] = &mut self.gusts;
        let gust = Vec3::new(north.step(dt_s), east.step(dt_s), down.step(dt_s));
        let shear = (height_m.max(0.0) / 10.0).powf(0.14).clamp(0.3, 1.3);
        self.now = (self.steady + gust) * shear;
        self.now
    }

    /// The velocity of the last step.
    #[must_use]
    pub fn velocity(&self) -> Vec3 {
        self.now
    }
}
