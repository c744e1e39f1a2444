//! Commands as they come, and their acknowledgements, read and written by hand: the dialect's
//! closed enum would lose exactly the commands that we must refuse.

use crate::{
    dialect::MavResult,
    frames::{Body, Frame},
    peers::Address,
};

const COMMAND_INT: u32 = 75;
const COMMAND_LONG: u32 = 76;
const COMMAND_ACK: u32 = 77;

pub(super) const SET_MESSAGE_INTERVAL: u16 = 511;
pub(super) const REQUEST_MESSAGE: u16 = 512;
pub(super) const REQUEST_CAMERA_INFORMATION: u16 = 521;
pub(super) const REQUEST_CAMERA_SETTINGS: u16 = 522;
pub(super) const REQUEST_STORAGE_INFORMATION: u16 = 525;
pub(super) const STORAGE_FORMAT: u16 = 526;
pub(super) const REQUEST_CAMERA_CAPTURE_STATUS: u16 = 527;
pub(super) const SET_CAMERA_MODE: u16 = 530;
pub(super) const IMAGE_START_CAPTURE: u16 = 2000;
pub(super) const IMAGE_STOP_CAPTURE: u16 = 2001;
pub(super) const REQUEST_CAMERA_IMAGE_CAPTURE: u16 = 2002;
pub(super) const VIDEO_START_CAPTURE: u16 = 2500;
pub(super) const VIDEO_STOP_CAPTURE: u16 = 2501;
pub(super) const VIDEO_START_STREAMING: u16 = 2502;
pub(super) const VIDEO_STOP_STREAMING: u16 = 2503;
pub(super) const REQUEST_VIDEO_STREAM_INFORMATION: u16 = 2504;
pub(super) const REQUEST_VIDEO_STREAM_STATUS: u16 = 2505;

/// A command, from COMMAND_LONG or COMMAND_INT; the camera uses parameters 1 to 4 only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Command {
    pub(super) from: Address,
    /// System and component it is for; 0 for all.
    pub(super) target: (u8, u8),
    pub(super) number: u16,
    params: [f32; 4],
}

impl Command {
    pub(super) fn read(frame: &Frame) -> Option<Self> {
        if !matches!(frame.message_id(), COMMAND_INT | COMMAND_LONG) {
            return None;
        }
        // Both lay out parameters 1 to 4, command and target alike.
        let payload = frame.payload();
        Some(Self {
            from: Address::of(frame),
            target: (payload.u8(30), payload.u8(31)),
            number: payload.u16(28),
            params: [0, 4, 8, 12].map(|at| payload.f32(at)),
        })
    }

    /// Parameter 1 to 4; NaN, which stands for "not given", is 0.
    pub(super) fn param(&self, number: usize) -> f32 {
        self.params.get(number - 1).copied().filter(|value| !value.is_nan()).unwrap_or(0.0)
    }

    /// Parameter as an id: whole and from 0 to `u32::MAX`, else `None`.
    pub(super) fn id(&self, number: usize) -> Option<u32> {
        let value = f64::from(self.param(number));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range by the guard")]
        (value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value)).then_some(value as u32)
    }

    /// Parameter as the index of one thing, from 0; `None` also where it is not given (NaN).
    pub(super) fn index(&self, number: usize) -> Option<u32> {
        self.params.get(number - 1).filter(|value| !value.is_nan()).and_then(|_| self.id(number))
    }

    /// COMMAND_ACK: command u16, result, progress, result_param2 i32, target system, component.
    pub(super) fn ack(&self, result: MavResult) -> Body {
        ack(self.number, self.from, result)
    }
}

pub(super) fn ack(number: u16, to: Address, result: MavResult) -> Body {
    let [low, high] = number.to_le_bytes();
    let payload = [low, high, result as u8, 0, 0, 0, 0, 0, to.system, to.component];
    #[expect(clippy::expect_used, reason = "the id is in the dialect and 10 bytes fit")]
    Body::raw(COMMAND_ACK, &payload).expect("COMMAND_ACK is in the dialect")
}
