//! From where one is to where one wants to be: velocity and yaw demands with limited acceleration.

use crate::maths::{Vec3, wrap_pi};
use crate::vehicle::Demand;

/// How fast a leg may be flown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Speed over the ground, m/s.
    pub cruise_mps: f64,
    /// Upwards, m/s.
    pub climb_mps: f64,
    /// Downwards, m/s.
    pub sink_mps: f64,
    /// Speed at which the target may be passed, m/s; 0 stops there.
    pub pass_mps: f64,
}

/// The demand that is being flown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Guidance {
    velocity: Vec3,
    yaw_rad: f64,
    yaw_rate_rps: f64,
}

impl Guidance {
    const HORIZONTAL_MPS2: f64 = 3.5;
    const VERTICAL_MPS2: f64 = 2.5;
    const BRAKING_MPS2: f64 = 2.2;
    const YAW_RPS2: f64 = 2.4;

    /// Starts from rest at this heading.
    pub fn reset(&mut self, yaw_rad: f64) {
        *self = Self { velocity: Vec3::ZERO, yaw_rad, yaw_rate_rps: 0.0 };
    }

    /// Heads for `target` from `position`.
    pub fn go(&mut self, dt_s: f64, position: Vec3, target: Vec3, limits: &Limits) {
        let error = target - position;
        let distance = error.horizontal_norm();
        let speed = braking_speed(distance, Self::BRAKING_MPS2, limits.pass_mps).min(limits.cruise_mps);
        let across = if distance > 1e-6 { error.horizontal() * (speed / distance) } else { Vec3::ZERO };
        let vertical =
            braking_speed(error.z.abs(), 1.5, 0.0).copysign(error.z).clamp(-limits.climb_mps, limits.sink_mps);
        self.move_at(dt_s, across + Vec3::new(0.0, 0.0, vertical));
    }

    /// Takes up this velocity.
    pub fn move_at(&mut self, dt_s: f64, velocity: Vec3) {
        let change = velocity - self.velocity;
        let across = change.horizontal().limited(Self::HORIZONTAL_MPS2 * dt_s);
        let vertical = change.z.clamp(-Self::VERTICAL_MPS2 * dt_s, Self::VERTICAL_MPS2 * dt_s);
        self.velocity += across + Vec3::new(0.0, 0.0, vertical);
    }

    /// Turns towards `yaw_rad` by the shorter way, no faster than `rate_rps`. Returns how far is left.
    pub fn turn(&mut self, dt_s: f64, yaw_rad: f64, rate_rps: f64) -> f64 {
        self.turn_by(dt_s, wrap_pi(yaw_rad - self.yaw_rad), rate_rps)
    }

    /// Turns by `left_rad` (more than half a turn allowed), no faster than `rate_rps`. Returns how far is left.
    pub fn turn_by(&mut self, dt_s: f64, left_rad: f64, rate_rps: f64) -> f64 {
        let rate = braking_speed(left_rad.abs(), Self::YAW_RPS2, 0.0).min(rate_rps).copysign(left_rad);
        let change = (rate - self.yaw_rate_rps).clamp(-Self::YAW_RPS2 * dt_s, Self::YAW_RPS2 * dt_s);
        self.yaw_rate_rps += change;
        self.yaw_rad = wrap_pi(self.yaw_rad + self.yaw_rate_rps * dt_s);
        left_rad - self.yaw_rate_rps * dt_s
    }

    /// Heading being demanded.
    #[must_use]
    pub fn yaw_rad(&self) -> f64 {
        self.yaw_rad
    }

    /// What to ask of the airframe.
    #[must_use]
    pub fn demand(&self) -> Demand {
        Demand::Fly { velocity: self.velocity, yaw_rad: self.yaw_rad, yaw_rate_rps: self.yaw_rate_rps }
    }
}

/// Speed from which `distance` is enough to slow to `pass` at `braking`; linear close by, so that it settles.
fn braking_speed(distance: f64, braking: f64, pass: f64) -> f64 {
    const SETTLE_PER_S: f64 = 0.9;
    let linear = braking / (SETTLE_PER_S * SETTLE_PER_S);
    let stopping =
        if distance < linear { distance * SETTLE_PER_S } else { (2.0 * braking * (distance - linear / 2.0)).sqrt() };
    stopping.hypot(pass)
}
