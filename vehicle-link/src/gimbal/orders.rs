//! What a gimbal manager can be told.

use crate::{
    command::{Command, Place},
    peers::Address,
};

const SET_ROI_LOCATION: u16 = 195;
const SET_ROI_NONE: u16 = 197;
const MANAGER_PITCHYAW: u16 = 1000;
const MANAGER_CONFIGURE: u16 = 1001;

/// GIMBAL_MANAGER_FLAGS: folded in, out of the way.
pub const RETRACT: u32 = 1;
/// Ahead and level.
pub const NEUTRAL: u32 = 2;
/// The roll is kept level.
pub const ROLL_LOCK: u32 = 4;
/// The pitch is against the horizon.
pub const PITCH_LOCK: u32 = 8;
/// The yaw is against north, not the nose.
pub const YAW_LOCK: u32 = 16;

/// Where a gimbal shall look, or how it shall move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// To these angles: degrees, up positive, and right positive of the nose or, with [`YAW_LOCK`], of north. `None` leaves one as it is.
    Angles {
        /// Pitch.
        pitch_deg: Option<f32>,
        /// Yaw.
        yaw_deg: Option<f32>,
    },
    /// All the while: degrees a second, up and right positive.
    Rates {
        /// Pitch.
        pitch_deg_s: f32,
        /// Yaw.
        yaw_deg_s: f32,
    },
}

/// Takes control for `own`: orders of others but a secondary's are then refused. `gimbal` 0: all.
pub fn take(own: Address, gimbal: u8) -> Command {
    configure([f32::from(own.system), f32::from(own.component)], -1.0, gimbal)
}

/// Gives control up, where it is ours.
pub fn release(gimbal: u8) -> Command {
    configure([-3.0, -3.0], -3.0, gimbal)
}

/// −1 leaves who is in control, −3 takes it from us.
fn configure([system, component]: [f32; 2], secondary: f32, gimbal: u8) -> Command {
    Command::new(MANAGER_CONFIGURE, [system, component, secondary, secondary, 0.0, 0.0, f32::from(gimbal)])
}

/// Points it; `flags` of this module.
#[expect(clippy::cast_precision_loss, reason = "flags have 13 bits")]
pub fn point(aim: Aim, flags: u32, gimbal: u8) -> Command {
    let nan = f32::NAN;
    let [pitch, yaw, pitch_rate, yaw_rate] = match aim {
        Aim::Angles { pitch_deg, yaw_deg } => [pitch_deg.unwrap_or(nan), yaw_deg.unwrap_or(nan), nan, nan],
        Aim::Rates { pitch_deg_s, yaw_deg_s } => [nan, nan, pitch_deg_s, yaw_deg_s],
    };
    Command::new(MANAGER_PITCHYAW, [pitch, yaw, pitch_rate, yaw_rate, flags as f32, 0.0, f32::from(gimbal)])
}

/// Keeps it on a place.
pub fn look_at(place: Place, gimbal: u8) -> Command {
    Command::at(SET_ROI_LOCATION, [f32::from(gimbal), 0.0, 0.0, 0.0], place)
}

/// Lets go of the place.
pub fn look_at_nothing(gimbal: u8) -> Command {
    Command::new(SET_ROI_NONE, [f32::from(gimbal)])
}
