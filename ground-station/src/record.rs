//! `record`: starts and stops the recording, and believes it only when bytes are seen to grow.

use std::collections::VecDeque;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use vehicle_link::camera::COMPONENT_IDS;
use vehicle_link::command::Command as Order;
use vehicle_link::endpoint::Endpoint;
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

use crate::clock;
use crate::link::Link;

const VIDEO_START_CAPTURE: u16 = 2500;
const VIDEO_STOP_CAPTURE: u16 = 2501;
const REQUEST_MESSAGE: u16 = 512;
const CAMERA_CAPTURE_STATUS: u32 = 262;
/// How long a recording may take to be seen running, or stopped, after it was acknowledged.
const SEEN_NS: u64 = 15_000_000_000;

const EXAMPLES: &str = "\
A start is reported only once the camera says that it records and its recording time grows;
an acknowledgement alone is no recording.

Examples:
  skyseal-ground record start --reason \"missing person, log 1234\" --mavlink udpout:192.168.1.10:14551
  skyseal-ground record stop --reason \"found\" --json";

/// What to do with the recording.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Starts it.
    #[command(after_help = EXAMPLES)]
    Start(Arguments),
    /// Stops it.
    #[command(after_help = EXAMPLES)]
    Stop(Arguments),
}

/// Arguments of both.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Why, in words; printed with the time for the pilot's log
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    /// Link to the aircraft; repeat for more
    #[arg(long, value_name = "ENDPOINT", default_value = "udpin:0.0.0.0:14550")]
    mavlink: Vec<Endpoint>,
    /// The vehicle's system id; without it the first autopilot heard
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(1..))]
    system: Option<u8>,
    /// The camera's component id
    #[arg(long, value_name = "ID", default_value_t = *COMPONENT_IDS.start(), value_parser = clap::value_parser!(u8).range(100..=105))]
    camera: u8,
    /// Prints the facts as JSON
    #[arg(long)]
    json: bool,
}

/// A reason has words in it.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
        return Err("say why, in words".to_owned());
    }
    if text.len() > 500 { Err("at most 500 bytes".to_owned()) } else { Ok(text.to_owned()) }
}

/// Does it; what to print.
pub(crate) fn run(command: &Command) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (arguments, start) = match command {
            Command::Start(arguments) => (arguments, true),
            Command::Stop(arguments) => (arguments, false),
        };
        let mut link = Link::open(&arguments.mavlink).await?;
        let vehicle = link.find(arguments.system).await?;
        let camera = Address::new(vehicle.address.system, arguments.camera);
        let number = if start { VIDEO_START_CAPTURE } else { VIDEO_STOP_CAPTURE };
        let word = if start { "start" } else { "stop" };
        link.command(camera, Order::new::<0>(number, []))
            .await?
            .with_context(|| format!("camera {camera} did not {word} recording"))?;
        let recorded_ms = see(&mut link, camera, start).await?;
        Ok(report(arguments, camera, start, recorded_ms))
    })
}

/// Waits until the camera is seen to record, or not to. Gives the recording time it says.
async fn see(link: &mut Link, camera: Address, recording: bool) -> Result<u32> {
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

fn report(arguments: &Arguments, camera: Address, start: bool, recorded_ms: u32) -> String {
    let at_utc_us = clock::now_utc_us();
    if arguments.json {
        let facts = json!({
            "camera": camera.to_string(),
            "recording": start,
            "recorded_ms": recorded_ms,
            "reason": arguments.reason,
            "at_utc_us": at_utc_us,
        });
        return format!("{facts:#}\n");
    }
    let at = jiff::Timestamp::from_microsecond(at_utc_us).map_or_else(|_| String::new(), |at| at.to_string());
    let state = if start { "records" } else { "has stopped" };
    format!("{at}: camera {camera} {state} ({:.1} s); {}\n", f64::from(recorded_ms) / 1e3, arguments.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_words() {
        assert!(reason("missing person").is_ok());
        for bad in ["", "  ", ".", "--", "ok"] {
            assert!(reason(bad).is_err(), "{bad}");
        }
    }
}
