//! What the camera is seen to do: an acknowledgement alone is no recording.

use anyhow::{Result, bail};
use flight_record::radio::Body;
use vehicle_link::camera_client::CAPTURE_STATUS;
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use crate::clock;
use crate::link::{Converse as _, Link};
use crate::rec::{Heard, Rec, Status};

/// How long a recording may take to be seen running, or stopped, after it was acknowledged.
const SEEN_NS: u64 = 20_000_000_000;

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It records, and hashes what it records.
    Sealed,
    /// It records; a camera of another make hashes nothing.
    Recording,
    /// It does not record.
    Off,
}

impl Wanted {
    fn is_met(self, shown: Rec) -> bool {
        match self {
            Self::Sealed => shown == Rec::Recording,
            Self::Recording => matches!(shown, Rec::Recording | Rec::Awaited | Rec::Unsealed),
            Self::Off => shown == Rec::Off,
        }
    }
}

/// Waits until the camera is seen to do what is wanted. Gives what is seen, and the recording time it says in milliseconds.
pub(super) async fn see(link: &mut Link, camera: Address, wanted: Wanted) -> Result<(Rec, u32)> {
    let until_ns = clock::mono_ns() + SEEN_NS;
    let mut heard = Heard::default();
    if wanted != Wanted::Off {
        heard.acknowledged();
    }
    let mut ask_ns = 0;
    while clock::mono_ns() < until_ns {
        if clock::mono_ns() >= ask_ns {
            ask_ns = clock::mono_ns() + 500_000_000;
            // Nothing is missed while an acknowledgement is waited for: a refusal shows as silence.
            link.request(camera, CAPTURE_STATUS);
        }
        let Some(frame) = link.next().await? else { continue };
        hear(&mut heard, &frame, camera);
        let shown = heard.shown(clock::mono_ns());
        if wanted.is_met(shown) {
            return Ok((shown, heard.recorded_ms()));
        }
    }
    bail!(
        "{} after {} s; look at the aircraft's storage and log",
        words(heard.shown(clock::mono_ns())),
        SEEN_NS / 1_000_000_000
    )
}

fn hear(heard: &mut Heard, frame: &Frame, camera: Address) {
    let now_ns = clock::mono_ns();
    if let Some(status) = Status::read(frame, camera) {
        heard.status(status, now_ns);
    }
    let tunnel = Tunnel::read(frame).filter(|_| Address::of(frame) == camera);
    if let Some(Ok(Body::Beacon(beacon))) = tunnel.map(|tunnel| Body::decode(tunnel.payload_type, &tunnel.bytes)) {
        heard.head(&beacon, now_ns);
    }
}

fn words(shown: Rec) -> &'static str {
    match shown {
        Rec::Unknown | Rec::Silent => "the camera acknowledged, and says no more of its recording",
        Rec::Off | Rec::Asked => "the camera acknowledged, but says that it does not record",
        Rec::Claimed => "the camera says that it records, but its recording time stands",
        Rec::Awaited | Rec::Unsealed => "the camera records, but no newer hash of the flight is heard",
        Rec::Recording => "the camera is still seen to record",
    }
}
