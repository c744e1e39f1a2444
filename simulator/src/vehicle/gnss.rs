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
}

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
        }
    }

    /// Lets the error wander for `dt_s`.
    pub fn step(&mut self, dt_s: f64) {
        for axis in &mut self.wander {
            axis.step(dt_s);
        }
    }

    /// Reported minus true position, NED metres.
    #[must_use]
    pub fn error(&self) -> Vec3 {
        let [north, east, down] = &self.wander;
        Vec3::new(north.value(), east.value(), down.value())
    }

    /// Accuracy the receiver claims (one sigma): horizontal, vertical, metres.
    #[must_use]
    pub fn claimed_accuracy_m(&self) -> (f64, f64) {
        (self.horizontal_sigma_m * std::f64::consts::SQRT_2, self.vertical_sigma_m)
    }
}
