//! The pinhole: from the world to pixels and back.
#![allow(clippy::cast_possible_truncation, reason = "screen coordinates need no double precision")]

use super::village::{PERIOD_M, Place};
use crate::maths::Vec3;
use crate::vehicle::Pose;

/// A point in camera axes: ahead, right, down; metres.
pub type Seen = Vec3;

/// A camera at one instant.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Camera axes in NED: ahead, right, down.
    pub axes: [Vec3; 3],
    /// Where it is: north, east, down of home.
    pub position: Vec3,
    /// Pixels of a unit tangent.
    pub focal_px: f64,
    /// Picture size, pixels.
    pub size: (f64, f64),
}

impl View {
    /// The view of a pose through a lens of `hfov_rad`.
    #[must_use]
    pub fn new(pose: &Pose, hfov_rad: f64, width: f64, height: f64) -> Self {
        let axis = |x, y, z| pose.camera.rotate(Vec3::new(x, y, z));
        Self {
            axes: [axis(1.0, 0.0, 0.0), axis(0.0, 1.0, 0.0), axis(0.0, 0.0, 1.0)],
            position: pose.position,
            focal_px: width / 2.0 / (hfov_rad / 2.0).tan(),
            size: (width, height),
        }
    }

    /// Direction (NED, not normalised) through a point of the picture.
    #[must_use]
    pub fn ray(&self, u: f64, v: f64) -> Vec3 {
        let (x, y) = ((u - self.size.0 / 2.0) / self.focal_px, (v - self.size.1 / 2.0) / self.focal_px);
        self.axes[0] + self.axes[1] * x + self.axes[2] * y
    }

    /// The image of the world nearest to the camera: the world repeats.
    #[must_use]
    pub fn nearest(&self, at: Place) -> Place {
        let wrap = |value: f64, about: f64| value + PERIOD_M * ((about - value) / PERIOD_M).round();
        Place::new(wrap(at.east, self.position.y), wrap(at.north, self.position.x))
    }

    /// A point `height_m` above the ground in camera axes.
    #[must_use]
    pub fn see(&self, at: Place, height_m: f64) -> Seen {
        let offset = Vec3::new(at.north, at.east, -height_m) - self.position;
        Vec3::new(offset.dot(self.axes[0]), offset.dot(self.axes[1]), offset.dot(self.axes[2]))
    }

    /// Where a point in front of the camera is in the picture.
    #[must_use]
    pub fn project(&self, seen: Seen) -> (f32, f32) {
        let scale = self.focal_px / seen.x;
        ((self.size.0 / 2.0 + seen.y * scale) as f32, (self.size.1 / 2.0 + seen.z * scale) as f32)
    }

    /// Distance to something of `radius_m` about `at`, if any of it may be in the picture and it is not smaller than a pixel.
    #[must_use]
    pub fn sees(&self, at: Place, height_m: f64, radius_m: f64) -> Option<f64> {
        let middle = self.see(at, height_m);
        let margin = |half_px: f64| half_px / self.focal_px;
        let (across, down) = (margin(self.size.0 / 2.0), margin(self.size.1 / 2.0));
        let outside = middle.x < -radius_m
            || middle.y.abs() - radius_m * (1.0 + across) > middle.x.max(0.0) * across
            || middle.z.abs() - radius_m * (1.0 + down) > middle.x.max(0.0) * down;
        let distance = middle.norm();
        (!outside && radius_m * self.focal_px > distance).then_some(distance)
    }
}
