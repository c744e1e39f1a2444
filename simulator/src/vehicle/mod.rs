//! The multirotor: forces, attitude, battery, wind, gimbal and what its sensors report.
//!
//! Pure: [`Vehicle::step`] moves it by one fixed step under a [`Demand`]; the same seed gives the same flight.

pub mod airframe;
pub mod battery;
pub mod gimbal;
pub mod gnss;
pub mod noise;
pub mod wind;

use crate::maths::{Quat, Vec3};

pub use airframe::{Airframe, Demand};
pub use battery::Battery;
pub use gimbal::Gimbal;
pub use gnss::Gnss;
pub use wind::Wind;

/// One step of the physics, nanoseconds (500 Hz).
pub const STEP_NS: u64 = 2_000_000;
/// One step of the physics, seconds.
pub const STEP_S: f64 = 0.002;

/// Where everything truly is at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pose {
    /// Map position: north, east, and −z the height above the ground at home.
    pub position: Vec3,
    /// Velocity over the ground, NED.
    pub velocity: Vec3,
    /// Airframe to NED.
    pub attitude: Quat,
    /// Angular velocity in body axes, rad/s.
    pub body_rates: Vec3,
    /// Camera to NED (x along the optical axis, y to the picture's right, z down the picture).
    pub camera: Quat,
}

impl Pose {
    /// The pose between `self` (0) and `other` (1), one physics step apart.
    #[must_use]
    pub fn between(&self, other: &Self, fraction: f64) -> Self {
        Self {
            position: self.position.lerp(other.position, fraction),
            velocity: self.velocity.lerp(other.velocity, fraction),
            attitude: self.attitude.slerp(other.attitude, fraction),
            body_rates: self.body_rates.lerp(other.body_rates, fraction),
            camera: self.camera.slerp(other.camera, fraction),
        }
    }
}

/// The whole vehicle.
#[derive(Clone, Debug)]
pub struct Vehicle {
    /// Body and rotors.
    pub airframe: Airframe,
    /// Camera mount.
    pub gimbal: Gimbal,
    /// Energy.
    pub battery: Battery,
    /// Air.
    pub wind: Wind,
    /// Receiver.
    pub gnss: Gnss,
}

impl Vehicle {
    /// Moves everything by one [`STEP_NS`].
    pub fn step(&mut self, demand: &Demand) {
        let air = self.wind.step(STEP_S, -self.airframe.position.z);
        self.airframe.step(STEP_S, demand, air);
        self.gimbal.step(STEP_S);
        self.battery.step(STEP_S, self.airframe.electrical_power_w());
        self.gnss.step(STEP_S);
    }

    /// Where everything is now.
    #[must_use]
    pub fn pose(&self) -> Pose {
        Pose {
            position: self.airframe.position,
            velocity: self.airframe.velocity,
            attitude: self.airframe.attitude,
            body_rates: self.airframe.body_rates,
            camera: self.gimbal.camera_attitude(self.airframe.attitude),
        }
    }
}
