//! Gimbals (gimbal protocol, version 2) from the station's side: which managers there are, who is in control, where they look. Pure.
//!
//! Who manages gimbals is found by a [`Survey`](crate::survey::Survey) for [`INFORMATION`] among [`may_manage`]; what they say is read by
//! the types of [`told`]; what they shall do is a [`Command`](crate::command::Command) of [`orders`].
//! <https://mavlink.io/en/services/gimbal_v2.html>

pub mod orders;
pub mod told;

use crate::ask::Wanted;

/// MAV_COMP_ID_AUTOPILOT1.
const AUTOPILOT: u8 = 1;
/// MAV_COMP_ID_GIMBAL, MAV_COMP_ID_GIMBAL2 to MAV_COMP_ID_GIMBAL6.
const GIMBAL: u8 = 154;
const GIMBALS: std::ops::RangeInclusive<u8> = 171..=175;
const MAV_TYPE_GIMBAL: u8 = 26;
const MAV_TYPE_ONBOARD_CONTROLLER: u8 = 18;

/// GIMBAL_MANAGER_INFORMATION.
pub const INFORMATION: Wanted = Wanted::only(280);
/// GIMBAL_MANAGER_STATUS.
pub const STATUS: Wanted = Wanted::only(281);
/// GIMBAL_DEVICE_ATTITUDE_STATUS.
pub const ATTITUDE: Wanted = Wanted::only(285);

/// Whether a component may manage gimbals: an autopilot, a companion computer, a gimbal itself.
pub fn may_manage(component: u8, mav_type: u8) -> bool {
    let gimbal = component == GIMBAL || GIMBALS.contains(&component) || mav_type == MAV_TYPE_GIMBAL;
    gimbal || component == AUTOPILOT || mav_type == MAV_TYPE_ONBOARD_CONTROLLER
}
