//! Targets set from outside: SET_POSITION_TARGET_GLOBAL_INT and SET_POSITION_TARGET_LOCAL_NED, for PX4's offboard and ArduPilot's
//! guided mode.

use vehicle_link::dialect::{
    MavFrame, PositionTargetTypemask as Mask, SET_POSITION_TARGET_GLOBAL_INT_DATA, SET_POSITION_TARGET_LOCAL_NED_DATA,
};

use crate::geodesy::{Geodetic, Map};
use crate::maths::Vec3;

/// Where to go, or how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aim {
    /// A place to go to.
    pub place: Option<Vec3>,
    /// A velocity to keep; added to what the place asks.
    pub velocity: Option<Vec3>,
    /// A heading.
    pub yaw_rad: Option<f64>,
    /// A turn, rad/s.
    pub yaw_rps: Option<f64>,
    /// When it came, ns.
    pub at_ns: u64,
}

/// What the targets are against.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// Where the vehicle believes it is.
    pub position: Vec3,
    /// Its heading.
    pub yaw_rad: f64,
    /// Altitude of the map's ground.
    pub home_msl_m: f64,
    /// Now.
    pub now_ns: u64,
}

/// Reads a global target; none for a frame that it cannot be in, or one that asks for nothing.
#[must_use]
pub fn from_global(set: &SET_POSITION_TARGET_GLOBAL_INT_DATA, map: &Map, here: &Here) -> Option<Aim> {
    let up = match set.coordinate_frame {
        MavFrame::MAV_FRAME_GLOBAL | MavFrame::MAV_FRAME_GLOBAL_INT => f64::from(set.alt) - here.home_msl_m,
        MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT
        | MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT_INT
        | MavFrame::MAV_FRAME_GLOBAL_TERRAIN_ALT
        | MavFrame::MAV_FRAME_GLOBAL_TERRAIN_ALT_INT => f64::from(set.alt),
        _ => return None,
    };
    let (lat_deg, lon_deg) = (f64::from(set.lat_int) * 1e-7, f64::from(set.lon_int) * 1e-7);
    let across = map.local(Geodetic { lat_deg, lon_deg, height_m: map.home().height_m });
    let place = Vec3::new(across.x, across.y, -up);
    let velocity = Vec3::new(f64::from(set.vx), f64::from(set.vy), f64::from(set.vz));
    aim(set.type_mask, place, velocity, (set.yaw, set.yaw_rate), here)
}

/// Reads a local target: from the map's origin, from the vehicle, or from the vehicle along its nose.
#[must_use]
pub fn from_local(set: &SET_POSITION_TARGET_LOCAL_NED_DATA, here: &Here) -> Option<Aim> {
    let (from, turn) = match set.coordinate_frame {
        MavFrame::MAV_FRAME_LOCAL_NED => (Vec3::ZERO, 0.0),
        MavFrame::MAV_FRAME_LOCAL_OFFSET_NED => (here.position, 0.0),
        MavFrame::MAV_FRAME_BODY_NED | MavFrame::MAV_FRAME_BODY_OFFSET_NED => (here.position, here.yaw_rad),
        _ => return None,
    };
    let turned = |v: Vec3| {
        let (sin, cos) = turn.sin_cos();
        Vec3::new(v.x * cos - v.y * sin, v.x * sin + v.y * cos, v.z)
    };
    let place = from + turned(Vec3::new(f64::from(set.x), f64::from(set.y), f64::from(set.z)));
    let velocity = turned(Vec3::new(f64::from(set.vx), f64::from(set.vy), f64::from(set.vz)));
    aim(set.type_mask, place, velocity, (set.yaw, set.yaw_rate), here)
}

fn aim(mask: Mask, place: Vec3, velocity: Vec3, (yaw, yaw_rate): (f32, f32), here: &Here) -> Option<Aim> {
    // A component that is masked or NaN is not asked for; one left out of a place stays as it is.
    let pick = |ignored: Mask, asked: f64| (!mask.contains(ignored) && asked.is_finite()).then_some(asked);
    let position = [
        pick(Mask::POSITION_TARGET_TYPEMASK_X_IGNORE, place.x),
        pick(Mask::POSITION_TARGET_TYPEMASK_Y_IGNORE, place.y),
        pick(Mask::POSITION_TARGET_TYPEMASK_Z_IGNORE, place.z),
    ];
    let speed = [
        pick(Mask::POSITION_TARGET_TYPEMASK_VX_IGNORE, velocity.x),
        pick(Mask::POSITION_TARGET_TYPEMASK_VY_IGNORE, velocity.y),
        pick(Mask::POSITION_TARGET_TYPEMASK_VZ_IGNORE, velocity.z),
    ];
    let or = |given: [Option<f64>; 3], else_: Vec3| {
        let [x, y, z] = given;
        given
            .iter()
            .any(Option::is_some)
            .then(|| Vec3::new(x.unwrap_or(else_.x), y.unwrap_or(else_.y), z.unwrap_or(else_.z)))
    };
    let aim = Aim {
        place: or(position, here.position),
        velocity: or(speed, Vec3::ZERO),
        yaw_rad: pick(Mask::POSITION_TARGET_TYPEMASK_YAW_IGNORE, f64::from(yaw)),
        yaw_rps: pick(Mask::POSITION_TARGET_TYPEMASK_YAW_RATE_IGNORE, f64::from(yaw_rate)),
        at_ns: here.now_ns,
    };
    (aim.place.is_some() || aim.velocity.is_some()).then_some(aim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Here = Here {
        position: Vec3::new(10.0, 20.0, -30.0),
        yaw_rad: std::f64::consts::FRAC_PI_2,
        home_msl_m: 100.0,
        now_ns: 5,
    };

    #[test]
    fn only_what_is_not_masked_counts() {
        let mut set = SET_POSITION_TARGET_LOCAL_NED_DATA {
            x: 1.0,
            vx: 2.0,
            yaw: f32::NAN,
            coordinate_frame: MavFrame::MAV_FRAME_BODY_OFFSET_NED,
            type_mask: Mask::from_bits_truncate(0b1101_1100_0111),
            ..SET_POSITION_TARGET_LOCAL_NED_DATA::default()
        };
        let aim = from_local(&set, &HERE).unwrap();
        assert_eq!((aim.place, aim.yaw_rad, aim.at_ns), (None, None, 5));
        assert!((aim.velocity.unwrap() - Vec3::new(0.0, 2.0, 0.0)).norm() < 1e-12, "along a nose that looks east");
        set.type_mask = Mask::from_bits_truncate(0b1101_1111_1000);
        let aim = from_local(&set, &HERE).unwrap();
        assert!((aim.place.unwrap() - Vec3::new(10.0, 21.0, -30.0)).norm() < 1e-12);
        set.type_mask = Mask::from_bits_truncate(0b1101_1111_1111);
        assert_eq!(from_local(&set, &HERE), None, "nothing is asked");
    }

    #[test]
    fn a_global_target_by_its_frame() {
        let map = Map::new(Geodetic { lat_deg: 51.5, lon_deg: -1.9, height_m: 148.0 });
        let at = map.geodetic(Vec3::new(30.0, 40.0, 0.0));
        let set = SET_POSITION_TARGET_GLOBAL_INT_DATA {
            lat_int: super::super::fixed_point::deg_e7(at.lat_deg),
            lon_int: super::super::fixed_point::deg_e7(at.lon_deg),
            alt: 125.0,
            coordinate_frame: MavFrame::MAV_FRAME_GLOBAL_INT,
            type_mask: Mask::from_bits_truncate(0b1101_1111_1000),
            ..SET_POSITION_TARGET_GLOBAL_INT_DATA::default()
        };
        let aim = from_global(&set, &map, &HERE).unwrap();
        assert!((aim.place.unwrap() - Vec3::new(30.0, 40.0, -25.0)).norm() < 0.02, "{aim:?}");
    }
}
