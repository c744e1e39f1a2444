//! Rigid body of a multirotor under a velocity and yaw controller.
//!
//! The inner loops of a real autopilot are part of the airframe here: a velocity demand becomes an acceleration, the acceleration a thrust
//! vector with limited tilt, the vector an attitude, and the attitude moves as a damped second-order system with limited rates. Thrust,
//! gravity and the drag of the air then move the body.

use crate::maths::{Quat, Vec3};

/// Standard gravity, m/s².
pub const GRAVITY_MPS2: f64 = 9.806_65;
const AIR_DENSITY_KGPM3: f64 = 1.225;

/// What the autopilot asks of the airframe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Demand {
    /// Motors stopped.
    Off,
    /// Motors turning, no lift.
    Idle,
    /// Fly at this velocity (NED, m/s) with this yaw (rad) moving at this rate (rad/s).
    Fly {
        /// Velocity over the ground.
        velocity: Vec3,
        /// Heading.
        yaw_rad: f64,
        /// Rate of that heading, fed forward.
        yaw_rate_rps: f64,
    },
}

/// The body, its limits and its state.
#[derive(Clone, Debug)]
pub struct Airframe {
    /// Take-off mass, kg.
    pub mass_kg: f64,
    /// Drag area (coefficient times area), m².
    pub drag_area_m2: f64,
    /// Largest tilt of the thrust from the vertical, rad.
    pub tilt_limit_rad: f64,
    /// Map position.
    pub position: Vec3,
    /// Velocity over the ground, NED.
    pub velocity: Vec3,
    /// Airframe to NED.
    pub attitude: Quat,
    /// Angular velocity, body axes, rad/s.
    pub body_rates: Vec3,
    thrust_n: f64,
    acceleration: Vec3,
    trim: Vec3,
    air: Vec3,
    turning: bool,
}

impl Airframe {
    /// A body at rest on the ground at the map's origin, heading `yaw_rad`.
    #[must_use]
    pub fn new(mass_kg: f64, drag_area_m2: f64, tilt_limit_rad: f64, yaw_rad: f64) -> Self {
        Self {
            mass_kg,
            drag_area_m2,
            tilt_limit_rad,
            position: Vec3::ZERO,
            velocity: Vec3::ZERO,
            attitude: Quat::from_rotation_vector(Vec3::new(0.0, 0.0, yaw_rad)),
            body_rates: Vec3::ZERO,
            thrust_n: 0.0,
            acceleration: Vec3::ZERO,
            trim: Vec3::ZERO,
            air: Vec3::ZERO,
            turning: false,
        }
    }

    /// Moves by `dt_s` in air of this velocity.
    pub fn step(&mut self, dt_s: f64, demand: &Demand, air: Vec3) {
        self.air = air;
        let target = match *demand {
            Demand::Off | Demand::Idle => {
                self.turning = *demand == Demand::Idle;
                self.relax(dt_s);
                self.attitude
            }
            Demand::Fly { velocity, yaw_rad, .. } => {
                self.turning = true;
                self.steer(dt_s, velocity, yaw_rad)
            }
        };
        let yaw_rate = if let Demand::Fly { yaw_rate_rps, .. } = *demand { yaw_rate_rps } else { 0.0 };
        self.rotate(dt_s, target, yaw_rate);
        self.translate(dt_s);
    }

    /// True while the skids carry the weight.
    #[must_use]
    pub fn on_ground(&self) -> bool {
        self.position.z >= -0.01 && self.velocity.norm() < 0.05
    }

    /// Thrust against the hover thrust.
    #[must_use]
    pub fn throttle(&self) -> f64 {
        self.thrust_n / (self.mass_kg * GRAVITY_MPS2)
    }

    /// Velocity through the air, NED.
    #[must_use]
    pub fn airspeed(&self) -> Vec3 {
        self.velocity - self.air
    }

    /// Electrical power now: induced power grows with thrust to 1.5 (momentum theory), plus avionics, camera and idling rotors.
    #[must_use]
    pub fn electrical_power_w(&self) -> f64 {
        let hover_w = 105.0 * self.mass_kg;
        let idle_w = if self.turning { 30.0 } else { 0.0 };
        18.0 + idle_w + hover_w * self.throttle().powf(1.5)
    }

    fn relax(&mut self, dt_s: f64) {
        self.thrust_n *= (-dt_s / 0.1).exp();
        self.trim = Vec3::ZERO;
        self.acceleration = Vec3::ZERO;
    }

    /// Velocity loop: the attitude that accelerates towards `velocity`, and the thrust.
    fn steer(&mut self, dt_s: f64, velocity: Vec3, yaw_rad: f64) -> Quat {
        const GAIN_PER_S: f64 = 2.2;
        const TRIM_PER_S2: f64 = 0.7;
        const FILTER_S: f64 = 0.12;
        let error = velocity - self.velocity;
        if self.position.z < -0.1 {
            self.trim = (self.trim + error * (TRIM_PER_S2 * dt_s)).limited(6.0);
        }
        let tilt_limit = GRAVITY_MPS2 * self.tilt_limit_rad.tan();
        let wanted = error * GAIN_PER_S + self.trim;
        let mut wanted = wanted.horizontal().limited(tilt_limit) + Vec3::new(0.0, 0.0, wanted.z.clamp(-6.0, 5.0));
        self.acceleration = self.acceleration.lerp(wanted, (dt_s / FILTER_S).min(1.0));
        wanted = self.acceleration;

        let lift = Vec3::new(0.0, 0.0, GRAVITY_MPS2) - wanted;
        let lift_norm = lift.norm().max(1.0);
        let body_z = lift * (1.0 / lift_norm);
        let ahead = Vec3::new(yaw_rad.cos(), yaw_rad.sin(), 0.0);
        let body_y = body_z.cross(ahead);
        let body_y = body_y * (1.0 / body_y.norm());
        // The rotors spin up and down with a lag of their own.
        let thrust_n = (lift_norm * self.mass_kg).min(2.2 * self.mass_kg * GRAVITY_MPS2);
        self.thrust_n += (thrust_n - self.thrust_n) * (dt_s / 0.05).min(1.0);
        Quat::from_axes(body_y.cross(body_z), body_y, body_z)
    }

    fn rotate(&mut self, dt_s: f64, target: Quat, yaw_rate_rps: f64) {
        const TILT_RPS: f64 = 11.0;
        const YAW_RPS: f64 = 7.0;
        const DAMPING: f64 = 0.9;
        let error = self.attitude.error_to(target);
        // The yaw rate is about the world's vertical: bring it into body axes.
        let feed = self.attitude.inverse().rotate(Vec3::new(0.0, 0.0, yaw_rate_rps));
        let angular = |error: f64, rate: f64, feed: f64, natural: f64, limit: f64| {
            (natural * natural * error + 2.0 * DAMPING * natural * (feed - rate)).clamp(-limit, limit)
        };
        let acceleration = Vec3::new(
            angular(error.x, self.body_rates.x, feed.x, TILT_RPS, 40.0),
            angular(error.y, self.body_rates.y, feed.y, TILT_RPS, 40.0),
            angular(error.z, self.body_rates.z, feed.z, YAW_RPS, 12.0),
        );
        self.body_rates += acceleration * dt_s;
        let limit = |rate: f64, limit: f64| rate.clamp(-limit, limit);
        self.body_rates =
            Vec3::new(limit(self.body_rates.x, 3.5), limit(self.body_rates.y, 3.5), limit(self.body_rates.z, 2.0));
        self.attitude = self.attitude * Quat::from_rotation_vector(self.body_rates * dt_s);
    }

    fn translate(&mut self, dt_s: f64) {
        let through_air = self.airspeed();
        let drag = through_air * (-0.5 * AIR_DENSITY_KGPM3 * self.drag_area_m2 * through_air.norm());
        let lift = self.attitude.rotate(Vec3::new(0.0, 0.0, -self.thrust_n));
        let mut acceleration = (lift + drag) * (1.0 / self.mass_kg) + Vec3::new(0.0, 0.0, GRAVITY_MPS2);
        if self.position.z >= 0.0 && acceleration.z > 0.0 {
            // The ground carries it: no sinking, no sliding, and it stands level.
            acceleration = Vec3::ZERO;
            self.velocity = Vec3::ZERO;
            self.position.z = 0.0;
            let level = Vec3::new(0.0, 0.0, self.attitude.to_euler().yaw_rad);
            self.attitude = self.attitude.slerp(Quat::from_rotation_vector(level), (dt_s / 0.1).min(1.0));
            self.body_rates = Vec3::ZERO;
        }
        self.position += self.velocity * dt_s + acceleration * (0.5 * dt_s * dt_s);
        self.velocity += acceleration * dt_s;
    }
}

#[cfg(test)]
mod tests {
    use super::super::STEP_S;
    use super::*;

    fn body() -> Airframe {
        Airframe::new(3.8, 0.06, 35f64.to_radians(), 0.0)
    }

    fn fly(airframe: &mut Airframe, seconds: f64, velocity: Vec3, air: Vec3) {
        let demand = Demand::Fly { velocity, yaw_rad: 0.0, yaw_rate_rps: 0.0 };
        let mut left_s = seconds;
        while left_s > 0.0 {
            left_s -= STEP_S;
            airframe.step(STEP_S, &demand, air);
        }
    }

    #[test]
    fn hover_is_stable_in_wind() {
        let mut airframe = body();
        airframe.position.z = -40.0;
        fly(&mut airframe, 20.0, Vec3::ZERO, Vec3::new(-8.0, 3.0, 0.0));
        let before = airframe.position;
        fly(&mut airframe, 20.0, Vec3::ZERO, Vec3::new(-8.0, 3.0, 0.0));
        assert!((airframe.position - before).norm() < 0.05, "{:?}", airframe.position - before);
        assert!(airframe.body_rates.norm() < 1e-3);
        // Into the wind it leans: drag equals the horizontal thrust.
        let lean = airframe.attitude.to_euler().pitch_rad;
        let drag_n = 0.5 * AIR_DENSITY_KGPM3 * 0.06 * 8.544f64.powi(2) * 8.0 / 8.544;
        assert!((lean + (drag_n / (3.8 * GRAVITY_MPS2)).atan()).abs() < 0.01, "{lean}");
    }

    #[test]
    fn terminal_speed_is_where_drag_balances_the_tilt_limit() {
        let mut airframe = body();
        airframe.position.z = -400.0;
        fly(&mut airframe, 60.0, Vec3::new(100.0, 0.0, 0.0), Vec3::ZERO);
        let expected = (3.8 * GRAVITY_MPS2 * 35f64.to_radians().tan() / (0.5 * AIR_DENSITY_KGPM3 * 0.06)).sqrt();
        assert!((airframe.velocity.x - expected).abs() < 0.02 * expected, "{} {expected}", airframe.velocity.x);
        assert!(airframe.attitude.to_euler().pitch_rad > -36f64.to_radians());
    }

    #[test]
    fn falling_without_thrust_reaches_terminal_speed_and_conserves_energy_before() {
        let mut airframe = body();
        airframe.drag_area_m2 = 1e-9;
        airframe.position.z = -1000.0;
        for _ in 0..2500 {
            airframe.step(STEP_S, &Demand::Off, Vec3::ZERO);
        }
        let energy = 0.5 * airframe.velocity.norm().powi(2) - GRAVITY_MPS2 * airframe.position.z;
        assert!((energy - GRAVITY_MPS2 * 1000.0).abs() < 1.0, "{energy}");
    }

    #[test]
    fn yaw_follows_sixty_degrees_a_second() {
        let mut airframe = body();
        airframe.position.z = -40.0;
        fly(&mut airframe, 3.0, Vec3::ZERO, Vec3::ZERO);
        let rate = 60f64.to_radians();
        let mut yaw: f64 = 0.0;
        for _ in 0..1500 {
            yaw += rate * STEP_S;
            airframe.step(STEP_S, &Demand::Fly { velocity: Vec3::ZERO, yaw_rad: yaw, yaw_rate_rps: rate }, Vec3::ZERO);
        }
        assert!((airframe.body_rates.z - rate).abs() < 0.02, "{}", airframe.body_rates.z);
        assert!(crate::maths::wrap_pi(airframe.attitude.to_euler().yaw_rad - yaw).abs() < 0.02);
    }

    #[test]
    fn roll_reaches_sixty_degrees_a_second() {
        let mut airframe = body();
        airframe.position.z = -40.0;
        let mut fastest: f64 = 0.0;
        for k in 0..3000 {
            let side = if (k / 500) % 2 == 0 { 8.0 } else { -8.0 };
            let velocity = Vec3::new(0.0, side, 0.0);
            airframe.step(STEP_S, &Demand::Fly { velocity, yaw_rad: 0.0, yaw_rate_rps: 0.0 }, Vec3::ZERO);
            fastest = fastest.max(airframe.body_rates.x.abs());
        }
        assert!(fastest > 60f64.to_radians(), "{}", fastest.to_degrees());
    }

    #[test]
    fn stands_on_the_ground() {
        let mut airframe = body();
        for _ in 0..1000 {
            airframe.step(STEP_S, &Demand::Idle, Vec3::new(10.0, 0.0, 0.0));
        }
        assert!(airframe.on_ground());
        assert_eq!(airframe.position, Vec3::ZERO);
    }
}
