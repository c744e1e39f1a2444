//! The camera protocol, version 2, from the station's side: which cameras there are, how they are, and what they are told. Pure.
//!
//! Who has cameras is found by a [`Survey`](crate::survey::Survey) for [`INFORMATION`] among [`is_camera`]; how each is, is asked with
//! [`Ask`](crate::ask::Ask) for the [`Wanted`] of this module and read by the types of [`told`]; what it shall do is a
//! [`Command`](crate::command::Command) of [`orders`]. A video is started and stopped by [`Video`], which believes what it sees and not
//! the acknowledgement.

pub mod orders;
pub mod told;
mod video;

pub use video::{Action, Failure, SEEN_NS, Seen, Video, Wish};

use crate::ask::Wanted;
use crate::camera::COMPONENT_IDS;

const MAV_TYPE_CAMERA: u8 = 30;

/// CAMERA_INFORMATION.
pub const INFORMATION: Wanted = Wanted { older: Some(521), ..Wanted::only(259) };
/// CAMERA_SETTINGS.
pub const SETTINGS: Wanted = Wanted { older: Some(522), ..Wanted::only(260) };
/// CAMERA_CAPTURE_STATUS.
pub const CAPTURE_STATUS: Wanted = Wanted { older: Some(527), ..Wanted::only(262) };

/// STORAGE_INFORMATION of one storage, from 1.
pub fn storage(id: u8) -> Wanted {
    Wanted { message: 261, which: id.into(), which_at: Some(24), older: Some(525) }
}

/// VIDEO_STREAM_INFORMATION of one stream, from 1.
pub fn stream(id: u8) -> Wanted {
    Wanted { message: 269, which: id.into(), which_at: Some(18), older: Some(2504) }
}

/// CAMERA_IMAGE_CAPTURED of one photo, from 0.
pub fn image(index: u16) -> Wanted {
    Wanted { which: index, ..Wanted::only(263) }
}

/// Whether a component is a camera, by its id or by what its heartbeat says.
pub fn is_camera(component: u8, mav_type: u8) -> bool {
    COMPONENT_IDS.contains(&component) || mav_type == MAV_TYPE_CAMERA
}
