//! What the receiver reports: the truth and a slow wander.

use super::noise::Wander;
use crate::maths::Vec3;

/// A receiver with differential corrections: centimetres of wander by default.
#[derive(Clone, Debug)]
pub struct Gnss {
    wander: [Wander; 3],
    /// Satellites used.
    pub satellites: u8,
    horizontal_sigma_m: f64,
    vertical_sigma_m: f64,
    jammed: bool,
    jump: Vec3,
    drift_mps: Vec3,
    drifted: Vec3,
}

/// How fast an estimate without satellites runs away, NED m/s: dead reckoning with what inertial sensors are left with.
const DEAD_RECKONING_MPS: Vec3 = Vec3::new(0.5, 0.35, 0.1);

impl Gnss {
    /// A receiver whose error has these standard deviations for each axis.
    #[must_use]
    pub fn new(horizontal_sigma_m: f64, vertical_sigma_m: f64, correlation_s: f64, seed: u64) -> Self {
        let axis = |stream, sigma| Wander::new(seed, stream, sigma, correlation_s);
        Self {
            wander: [axis(11, horizontal_sigma_m), axis(12, horizontal_sigma_m), axis(13, vertical_sigma_m)],
            satellites: 19,
            horizontal_sigma_m,
            vertical_sigma_m,
            jammed: false,
            jump: Vec3::ZERO,
            drift_mps: Vec3::ZERO,
            drifted: Vec3::ZERO,
        }
    }

    /// Lets the error wander for `dt_s`.
    pub fn step(&mut self, dt_s: f64) {
        for axis in &mut self.wander {
            axis.step(dt_s);
        }
        if self.jammed {
            self.drifted += DEAD_RECKONING_MPS * dt_s;
        } else {
            self.drifted += self.drift_mps * dt_s;
        }
    }

    /// What somebody else's transmitter does: no fix, a jump, a drift. Nothing of it left is the truth again.
    pub fn interfere(&mut self, jammed: bool, jump: Vec3, drift_mps: Vec3) {
        if !jammed && drift_mps == Vec3::ZERO {
            self.drifted = Vec3::ZERO;
        }
        (self.jammed, self.jump, self.drift_mps) = (jammed, jump, drift_mps);
    }

    /// The receiver has a position.
    #[must_use]
    pub fn has_fix(&self) -> bool {
        !self.jammed
    }

    /// Reported minus true position, NED metres.
    #[must_use]
    pub fn error(&self) -> Vec3 {
        let [north, east, down] = &self.wander;
        Vec3::new(north.value(), east.value(), down.value()) + self.jump + self.drifted
    }

    /// Accuracy the receiver claims (one sigma): horizontal, vertical, metres.
    #[must_use]
    pub fn claimed_accuracy_m(&self) -> (f64, f64) {
        (self.horizontal_sigma_m * std::f64::consts::SQRT_2, self.vertical_sigma_m)
    }
}
