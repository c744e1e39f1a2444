//! What a gimbal and its manager say, read field by field.

use crate::{frames::Frame, peers::Address};

/// GIMBAL_DEVICE_FLAGS_YAW_LOCK, and the two that say in which frame the attitude is.
const YAW_LOCK: u16 = 16;
const YAW_IN_VEHICLE_FRAME: u16 = 32;
const YAW_IN_EARTH_FRAME: u16 = 64;
/// Up to here the pitch is read off plainly; beyond it, yaw and roll are one.
const GIMBAL_LOCK_SINE: f32 = 0.999_9;

/// GIMBAL_MANAGER_INFORMATION.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Information {
    /// GIMBAL_MANAGER_CAP_FLAGS.
    pub flags: u32,
    /// The gimbal: a component id, or 1 to 6 for those of the autopilot.
    pub gimbal: u8,
    /// Lowest and highest, degrees, up positive.
    pub pitch_deg: (f32, f32),
    /// Lowest and highest, degrees, right positive.
    pub yaw_deg: (f32, f32),
}

impl Information {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        let deg = |at: usize| payload.f32(at).to_degrees();
        (frame.message_id() == 280).then(|| Self {
            flags: payload.u32(4),
            gimbal: payload.u8(32),
            pitch_deg: (deg(16), deg(20)),
            yaw_deg: (deg(24), deg(28)),
        })
    }

    /// Whether it can be kept on a place (bits 16 and 17: local, global).
    pub fn points_at_places(&self) -> bool {
        self.flags & (1 << 17) != 0
    }
}

/// GIMBAL_MANAGER_STATUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// The gimbal.
    pub gimbal: u8,
    /// GIMBAL_MANAGER_FLAGS.
    pub flags: u32,
    /// Who is in control; `None` nobody.
    pub primary: Option<Address>,
    /// Who may help; `None` nobody.
    pub secondary: Option<Address>,
}

impl Status {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        let who = |at: usize| {
            let [system, component] = [payload.u8(at), payload.u8(at + 1)];
            (system != 0).then_some(Address { system, component })
        };
        (frame.message_id() == 281).then(|| Self {
            gimbal: payload.u8(8),
            flags: payload.u32(4),
            primary: who(9),
            secondary: who(11),
        })
    }
}

/// GIMBAL_DEVICE_ATTITUDE_STATUS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attitude {
    /// Degrees, up positive.
    pub pitch_deg: f32,
    /// Degrees, right positive: from the nose, or from north with `earth`.
    pub yaw_deg: f32,
    /// Degrees, right side down positive.
    pub roll_deg: f32,
    /// The yaw is from north.
    pub earth: bool,
    /// GIMBAL_DEVICE_ERROR_FLAGS; 0 none.
    pub failures: u32,
}

impl Attitude {
    /// Reads it; nothing from another message, or from one without an attitude.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        let [w, x, y, z] = [4, 8, 12, 16].map(|at| payload.f32(at));
        if frame.message_id() != 285 || !(w * w + x * x + y * y + z * z - 1.0).abs().lt(&0.1) {
            return None;
        }
        let sine = (2.0 * (w * y - z * x)).clamp(-1.0, 1.0);
        let (roll, yaw) = if sine.abs() < GIMBAL_LOCK_SINE {
            let roll = (2.0 * (w * x + y * z)).atan2(1.0 - 2.0 * (x * x + y * y));
            (roll, (2.0 * (w * z + x * y)).atan2(1.0 - 2.0 * (y * y + z * z)))
        } else {
            (0.0, -2.0 * sine.signum() * x.atan2(w))
        };
        let flags = payload.u16(36);
        let earth = match flags & (YAW_IN_VEHICLE_FRAME | YAW_IN_EARTH_FRAME) {
            // From before these flags: the lock says it.
            0 => flags & YAW_LOCK != 0,
            said => said & YAW_IN_EARTH_FRAME != 0,
        };
        Some(Self {
            pitch_deg: sine.asin().to_degrees(),
            yaw_deg: yaw.to_degrees(),
            roll_deg: roll.to_degrees(),
            earth,
            failures: payload.u32(32),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frames::{Body, Encoder};

    fn attitude([roll, pitch, yaw]: [f32; 3], flags: u16) -> Option<Attitude> {
        let half = |deg: f32| (deg.to_radians() / 2.0).sin_cos();
        let ((sr, cr), (sp, cp), (sy, cy)) = (half(roll), half(pitch), half(yaw));
        let q = [
            cr * cp * cy + sr * sp * sy,
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        ];
        let mut payload = vec![0; 4];
        payload.extend(q.iter().flat_map(|part| part.to_le_bytes()));
        payload.resize(36, 0);
        payload.extend_from_slice(&flags.to_le_bytes());
        Attitude::read(&Encoder::new(1, 1).encode_body(&Body::raw(285, &payload).unwrap()))
    }

    proptest! {
        #[test]
        fn angles_are_those_of_the_quaternion(roll in -170.0..170.0_f32, pitch in -85.0..85.0_f32, yaw in -179.0..179.0_f32) {
            let told = attitude([roll, pitch, yaw], 0).unwrap();
            prop_assert!((told.pitch_deg - pitch).abs() < 0.05, "{told:?}");
            prop_assert!((told.yaw_deg - yaw).abs() < 0.05, "{told:?}");
            prop_assert!((told.roll_deg - roll).abs() < 0.05, "{told:?}");
        }
    }

    #[test]
    fn straight_down_has_a_yaw_and_the_frame_is_said() {
        let down = attitude([0.0, -90.0, 30.0], YAW_LOCK).unwrap();
        assert!((down.pitch_deg + 90.0).abs() < 0.1 && (down.yaw_deg - 30.0).abs() < 0.5 && down.earth, "{down:?}");
        assert!(!attitude([0.0; 3], YAW_LOCK | YAW_IN_VEHICLE_FRAME).unwrap().earth);
        assert!(attitude([0.0; 3], YAW_IN_EARTH_FRAME).unwrap().earth);
        let nothing = Encoder::new(1, 1).encode_body(&Body::raw(285, &[0; 40]).unwrap());
        assert_eq!(Attitude::read(&nothing), None, "no attitude");
    }
}
