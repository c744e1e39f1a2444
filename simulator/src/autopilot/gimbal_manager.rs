//! The gimbal manager (gimbal protocol v2): who is in control, and where the camera shall look.

use super::transfer::Address;
use crate::maths::{Quat, Vec3, wrap_pi};
use crate::vehicle::{Gimbal, Vehicle};

/// Yaw of an order is against north, not against the nose.
pub const YAW_LOCK: u32 = 16;
/// Back to looking ahead, level.
pub const NEUTRAL: u32 = 2;

/// What an order asks; what it leaves out stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Order {
    /// Above the horizon, rad.
    pub pitch_rad: Option<f64>,
    /// Right of the nose, or of north with [`YAW_LOCK`], rad.
    pub yaw_rad: Option<f64>,
    /// Upwards, rad/s.
    pub pitch_rps: Option<f64>,
    /// To the right, rad/s.
    pub yaw_rps: Option<f64>,
    /// GIMBAL_MANAGER_FLAGS.
    pub flags: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Pointing {
    /// As the gimbal was told last.
    #[default]
    Still,
    /// Kept on a heading, rad.
    Locked(f64),
    /// Moving: up, right, rad/s.
    Moving(f64, f64),
    /// Kept on a place.
    Place(Vec3),
}

/// The manager's state.
#[derive(Clone, Copy, Debug, Default)]
pub struct GimbalManager {
    pointing: Pointing,
    /// Who is in control; 0, 0 nobody.
    pub primary: Address,
    /// Who may help; 0, 0 nobody.
    pub secondary: Address,
}

impl GimbalManager {
    /// Whether a sender's orders are taken: while nobody is in control, everybody's.
    #[must_use]
    pub fn obeys(&self, who: Address) -> bool {
        self.primary == (0, 0) || who == self.primary || who == self.secondary
    }

    /// DO_GIMBAL_MANAGER_CONFIGURE: −1 leaves, −2 takes for `who`, −3 gives up where `who` has it, else the id itself.
    pub fn configure(&mut self, who: Address, wanted: [i32; 4]) {
        let resolve = |held: Address, system: i32, component: i32| match (system, component) {
            (-2, _) | (_, -2) => who,
            (-3, _) | (_, -3) => {
                if held == who {
                    (0, 0)
                } else {
                    held
                }
            }
            (-1, _) | (_, -1) => held,
            (system, component) => (u8::try_from(system).unwrap_or(0), u8::try_from(component).unwrap_or(0)),
        };
        let [system, component, system2, component2] = wanted;
        self.primary = resolve(self.primary, system, component);
        self.secondary = resolve(self.secondary, system2, component2);
    }

    /// Carries out an order.
    pub fn order(&mut self, order: &Order, gimbal: &mut Gimbal) {
        if order.flags & NEUTRAL != 0 {
            (gimbal.pitch_demand_rad, gimbal.yaw_demand_rad) = (0.0, 0.0);
            self.pointing = Pointing::Still;
            return;
        }
        if order.pitch_rad.is_none() && order.yaw_rad.is_none() {
            if order.pitch_rps.is_some() || order.yaw_rps.is_some() {
                self.pointing = Pointing::Moving(order.pitch_rps.unwrap_or(0.0), order.yaw_rps.unwrap_or(0.0));
            }
            return;
        }
        self.pointing = Pointing::Still;
        if let Some(pitch) = order.pitch_rad {
            gimbal.pitch_demand_rad = pitch.clamp(Gimbal::PITCH_MIN_RAD, Gimbal::PITCH_MAX_RAD);
        }
        match order.yaw_rad {
            Some(yaw) if order.flags & YAW_LOCK != 0 => self.pointing = Pointing::Locked(yaw),
            Some(yaw) => gimbal.yaw_demand_rad = wrap_pi(yaw),
            None => {}
        }
    }

    /// Points the camera: pitch from the horizon, yaw from the nose, degrees; NaN leaves an angle as it is.
    pub fn point(&mut self, pitch_deg: f64, yaw_deg: f64, gimbal: &mut Gimbal) {
        let given = |deg: f64| Some(deg.to_radians()).filter(|rad| rad.is_finite());
        let order = Order { pitch_rad: given(pitch_deg), yaw_rad: given(yaw_deg), ..Order::default() };
        self.order(&order, gimbal);
    }

    /// Keeps the camera on a place of the map.
    pub fn look_at(&mut self, place: Vec3) {
        self.pointing = Pointing::Place(place);
    }

    /// Lets go of the place.
    pub fn look_at_nothing(&mut self) {
        if let Pointing::Place(_) = self.pointing {
            self.pointing = Pointing::Still;
        }
    }

    /// Moves the demands by one step.
    pub fn step(&self, dt_s: f64, vehicle: &mut Vehicle) {
        let heading = vehicle.airframe.attitude.to_euler().yaw_rad;
        let position = vehicle.airframe.position;
        let gimbal = &mut vehicle.gimbal;
        match self.pointing {
            Pointing::Still => {}
            Pointing::Locked(yaw) => gimbal.yaw_demand_rad = wrap_pi(yaw - heading),
            Pointing::Moving(up, right) => {
                let pitch = gimbal.pitch_demand_rad + up * dt_s;
                gimbal.pitch_demand_rad = pitch.clamp(Gimbal::PITCH_MIN_RAD, Gimbal::PITCH_MAX_RAD);
                gimbal.yaw_demand_rad = wrap_pi(gimbal.yaw_demand_rad + right * dt_s);
            }
            Pointing::Place(place) => {
                let there = place - position;
                if there.horizontal_norm() > 0.5 {
                    gimbal.yaw_demand_rad = wrap_pi(there.y.atan2(there.x) - heading);
                }
                let pitch = -there.z.atan2(there.horizontal_norm());
                gimbal.pitch_demand_rad = pitch.clamp(Gimbal::PITCH_MIN_RAD, Gimbal::PITCH_MAX_RAD);
            }
        }
    }
}

/// The order of an attitude: NaN anywhere in the quaternion leaves the angles to the rates.
#[must_use]
pub fn order_of_attitude(q: [f32; 4], rates: [f32; 3], flags: u32) -> Order {
    let [w, x, y, z] = q.map(f64::from);
    let given = |rate: f32| Some(f64::from(rate)).filter(|rate| rate.is_finite());
    let angles = (w + x + y + z).is_finite().then(|| Quat { w, v: Vec3::new(x, y, z) }.to_euler());
    Order {
        pitch_rad: angles.map(|e| e.pitch_rad),
        yaw_rad: angles.map(|e| e.yaw_rad),
        pitch_rps: given(rates[1]),
        yaw_rps: given(rates[2]),
        flags,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_is_taken_kept_and_given_up() {
        let mut manager = GimbalManager::default();
        let (one, other) = ((255, 190), (254, 190));
        assert!(manager.obeys(one) && manager.obeys(other));
        manager.configure(one, [-2, -2, -1, -1]);
        assert!(manager.obeys(one) && !manager.obeys(other));
        manager.configure(other, [-3, -3, -3, -3]);
        assert!(manager.obeys(one), "nobody gives up for another");
        manager.configure(one, [254, 190, -1, -1]);
        assert!(manager.obeys(other) && !manager.obeys(one));
        manager.configure(other, [-3, -3, -1, -1]);
        assert!(manager.obeys(one));
    }

    #[test]
    fn nan_leaves_an_angle_as_it_is() {
        let mut gimbal = Gimbal::new(-0.3);
        let mut manager = GimbalManager::default();
        manager.point(f64::NAN, 30.0, &mut gimbal);
        assert_eq!(gimbal.pitch_demand_rad, -0.3);
        assert!((gimbal.yaw_demand_rad - 30f64.to_radians()).abs() < 1e-12);
        manager.order(&order_of_attitude([f32::NAN; 4], [f32::NAN; 3], 0), &mut gimbal);
        assert_eq!(gimbal.pitch_demand_rad, -0.3);
    }
}
