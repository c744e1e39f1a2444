//! What the camera is seen to do: an acknowledgement alone is no recording.

use std::collections::VecDeque;

use anyhow::{Result, bail};
use vehicle_link::command::Command as Order;
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

use crate::clock;
use crate::link::Link;

const REQUEST_MESSAGE: u16 = 512;
const CAMERA_CAPTURE_STATUS: u32 = 262;
/// How long a recording may take to be seen running, or stopped, after it was acknowledged.
const SEEN_NS: u64 = 15_000_000_000;

/// Waits until the camera is seen to record, or not to. Gives the recording time it says, in milliseconds.
pub(super) async fn see(link: &mut Link, camera: Address, recording: bool) -> Result<u32> {
    let until_ns = clock::mono_ns() + SEEN_NS;
    let mut seen: VecDeque<Status> = VecDeque::new();
    let mut ask_ns = 0;
    while clock::mono_ns() < until_ns {
        if clock::mono_ns() >= ask_ns {
            ask_ns = clock::mono_ns() + 500_000_000;
            let ask = Order::new(REQUEST_MESSAGE, [262.0]);
            // A refusal shows as silence below; what matters is the message itself.
            let _ = link.command(camera, ask).await?;
        }
        let Some(status) = link.next().await?.and_then(|frame| Status::read(&frame, camera)) else {
            continue;
        };
        seen.push_back(status);
        if seen.len() > 2 {
            seen.pop_front();
        }
        match seen.make_contiguous() {
            [.., last] if !recording && !last.recording => return Ok(last.recorded_ms),
            [before, last]
                if recording && last.recording && before.recording && last.recorded_ms > before.recorded_ms =>
            {
                return Ok(last.recorded_ms);
            }
            _ => {}
        }
    }
    let what = if recording { "is not seen to record" } else { "is still seen to record" };
    bail!(
        "the camera acknowledged, but {what} after {} s; look at the aircraft's storage and log",
        SEEN_NS / 1_000_000_000
    )
}

/// What CAMERA_CAPTURE_STATUS says of the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status {
    recording: bool,
    recorded_ms: u32,
}

impl Status {
    fn read(frame: &Frame, camera: Address) -> Option<Self> {
        (frame.message_id() == CAMERA_CAPTURE_STATUS && Address::of(frame) == camera).then(|| {
            let payload = frame.payload();
            Self { recording: payload.u8(17) == 1, recorded_ms: payload.u32(8) }
        })
    }
}
