//! A three-axis gimbal: levelled in roll and pitch, following the airframe's heading in yaw.

use crate::maths::{Euler, Quat, Vec3, wrap_pi};

/// Camera mount. Angles are of the camera: pitch against the horizon, yaw against the airframe's heading.
#[derive(Clone, Debug)]
pub struct Gimbal {
    pitch: Axis,
    yaw: Axis,
    /// What is asked: pitch, radians above the horizon.
    pub pitch_demand_rad: f64,
    /// What is asked: yaw from the airframe's heading, radians.
    pub yaw_demand_rad: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Axis {
    angle_rad: f64,
    rate_rps: f64,
}

impl Axis {
    /// Second order, critically damped, with a limited rate.
    fn step(&mut self, dt_s: f64, demand_rad: f64) {
        const STIFFNESS_RPS: f64 = 10.0;
        const RATE_LIMIT_RPS: f64 = 1.6;
        let wanted = ((demand_rad - self.angle_rad) * STIFFNESS_RPS / 2.0).clamp(-RATE_LIMIT_RPS, RATE_LIMIT_RPS);
        self.rate_rps += (wanted - self.rate_rps) * (2.0 * STIFFNESS_RPS * dt_s);
        self.angle_rad += self.rate_rps * dt_s;
    }
}

impl Gimbal {
    /// Lowest pitch: straight down.
    pub const PITCH_MIN_RAD: f64 = -std::f64::consts::FRAC_PI_2;
    /// Highest pitch.
    pub const PITCH_MAX_RAD: f64 = 0.35;
    /// Furthest yaw to either side.
    pub const YAW_LIMIT_RAD: f64 = 2.8;

    /// A gimbal at rest at `pitch_rad`, looking ahead.
    #[must_use]
    pub fn new(pitch_rad: f64) -> Self {
        let pitch = Axis { angle_rad: pitch_rad, rate_rps: 0.0 };
        Self { pitch, yaw: Axis::default(), pitch_demand_rad: pitch_rad, yaw_demand_rad: 0.0 }
    }

    /// Moves by `dt_s` towards what is asked.
    pub fn step(&mut self, dt_s: f64) {
        self.pitch.step(dt_s, self.pitch_demand_rad.clamp(Self::PITCH_MIN_RAD, Self::PITCH_MAX_RAD));
        self.yaw.step(dt_s, wrap_pi(self.yaw_demand_rad).clamp(-Self::YAW_LIMIT_RAD, Self::YAW_LIMIT_RAD));
    }

    /// Attitude against the horizon and the airframe's heading, as a gimbal reports it.
    #[must_use]
    pub fn relative_attitude(&self) -> Quat {
        Quat::from_euler(Euler { roll_rad: 0.0, pitch_rad: self.pitch.angle_rad, yaw_rad: self.yaw.angle_rad })
    }

    /// Angular velocity of that attitude, camera axes.
    #[must_use]
    pub fn rates(&self) -> Vec3 {
        let (sin, cos) = self.pitch.angle_rad.sin_cos();
        Vec3::new(-sin * self.yaw.rate_rps, self.pitch.rate_rps, cos * self.yaw.rate_rps)
    }

    /// Camera to NED on an airframe of this attitude.
    #[must_use]
    pub fn camera_attitude(&self, airframe: Quat) -> Quat {
        let heading = Euler { yaw_rad: airframe.to_euler().yaw_rad, ..Euler::default() };
        Quat::from_euler(heading) * self.relative_attitude()
    }
}
