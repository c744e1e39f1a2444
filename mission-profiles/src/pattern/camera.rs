//! What a camera that looks straight down sees of level ground.

use super::{PatternError, checked};

/// A camera, looking down, its picture's width across the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Horizontal field of view, degrees.
    pub hfov_deg: f64,
    /// Vertical field of view, degrees.
    pub vfov_deg: f64,
    /// Pixels across.
    pub width_px: u32,
}

impl Camera {
    /// Metres of ground across the picture from `height_m`.
    #[must_use]
    pub fn across_m(&self, height_m: f64) -> f64 {
        2.0 * height_m * (self.hfov_deg / 2.0).to_radians().tan()
    }

    /// Metres of ground along it.
    #[must_use]
    pub fn along_m(&self, height_m: f64) -> f64 {
        2.0 * height_m * (self.vfov_deg / 2.0).to_radians().tan()
    }

    /// Ground sampling distance: metres of ground a pixel.
    #[must_use]
    pub fn sampling_m(&self, height_m: f64) -> f64 {
        self.across_m(height_m) / f64::from(self.width_px.max(1))
    }

    /// From which height a pixel is `sampling_m` of ground.
    #[must_use]
    pub fn height_for_m(&self, sampling_m: f64) -> f64 {
        sampling_m / self.sampling_m(1.0)
    }

    pub(super) fn check(&self) -> Result<(), PatternError> {
        checked("hfov_deg", self.hfov_deg, 1.0, 170.0)?;
        checked("vfov_deg", self.vfov_deg, 1.0, 170.0)?;
        Ok(())
    }
}
