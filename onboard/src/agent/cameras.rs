//! The agent's cameras as MAVLink components: one a stream, from the first camera's component id on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use flight_record::StreamName;
use footage::access_unit::Codec;
use vehicle_link::camera::{self, Action, Camera, Encoding, Facts, ImageRequest, Refusal, Storage, Transport};
use vehicle_link::dialect::{COMMAND_LONG_DATA, MavCmd, MavMessage, MavSeverity, STATUSTEXT_DATA};
use vehicle_link::frames::{Body, Encoder};
use vehicle_link::hub::{Hub, PeerId, Received, To};
use vehicle_link::peers::Address;

use super::control::{Input, Refusal as NotNow};
use crate::config::Config;
use crate::recorder::stream::{Status, Stream, StreamOrder};
use crate::stills::{self, Ended};
use crate::storage::Space;
use crate::uplink::Live;

/// A camera that has not shown a picture after this long announces itself without a size.
const SHAPE_WAIT_NS: u64 = 5_000_000_000;
/// Recording without a new frame on the disk for this long is no recording.
const STALLED_NS: u64 = 3_000_000_000;
/// A picture older than this means that the camera is not there.
const PICTURE_FRESH_NS: u64 = 2_000_000_000;
/// What the vehicle is asked to send and how often, in microseconds: autopilots stream nothing by default.
const WANTED: [(u32, f32); 10] = [
    (30, 20_000.0),     // ATTITUDE
    (33, 40_000.0),     // GLOBAL_POSITION_INT
    (285, 40_000.0),    // GIMBAL_DEVICE_ATTITUDE_STATUS
    (24, 200_000.0),    // GPS_RAW_INT
    (2, 500_000.0),     // SYSTEM_TIME
    (231, 1_000_000.0), // WIND_COV
    (242, 5_000_000.0), // HOME_POSITION
    (136, 1_000_000.0), // TERRAIN_REPORT
    (132, 200_000.0),   // DISTANCE_SENSOR
    (147, 1_000_000.0), // BATTERY_STATUS
];

/// What is missing and what to do, each in the 50 bytes of a STATUSTEXT.
const NOT_AUTHORISED: [&str; 2] =
    ["Refused: an officer must order or authorise this", "On the ground: skyseal-ground record authorise"];
/// Why there are no stills now, in the 50 bytes of a STATUSTEXT.
const NO_FLIGHT: &str = "Photo refused: no flight open; arm or record first";

/// What stations may ask for now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    /// Recording is on.
    pub(super) recording: bool,
    /// Why a start would be refused.
    pub(super) no_start: Option<NotNow>,
    /// A flight is open.
    pub(super) flight: bool,
    /// Stations' buttons work: nobody need authorise them, or somebody has.
    pub(super) buttons: bool,
}

/// What a station wants of the recorder, and may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// What the control is to hear.
    Input(Input),
    /// Stills, which are being taken.
    Stills,
}

struct Unit {
    /// Which camera of the configuration, and which stream.
    place: usize,
    camera: Camera,
    encoder: Encoder,
    status: Arc<Status>,
    live: Option<Live>,
    /// Frames recorded when the count last rose, and when that was.
    progress: (u64, u64),
}

/// The camera components of this agent.
pub(super) struct Cameras {
    config: Config,
    vehicle: Option<Address>,
    found_ns: Option<u64>,
    /// Speaks for the agent before and beside the cameras.
    encoder: Option<Encoder>,
    units: Vec<Unit>,
    space: Option<Space>,
    recording: bool,
    /// The live view, of the first camera.
    live: Option<Live>,
    /// Stills, as they ended.
    ended: Receiver<Ended>,
}

impl Cameras {
    /// None yet: they take the vehicle's system id.
    #[must_use]
    pub(super) fn new(config: &Config, live: Option<Live>, ended: Receiver<Ended>) -> Self {
        Self {
            config: config.clone(),
            vehicle: None,
            found_ns: None,
            encoder: None,
            units: Vec::new(),
            space: None,
            recording: false,
            live,
            ended,
        }
    }

    /// The address of the first camera, once the vehicle is known.
    #[must_use]
    pub(super) fn own(&self) -> Option<Address> {
        self.vehicle.map(|vehicle| Address::new(vehicle.system, *self.config.mavlink.component_id.get_ref()))
    }

    /// The vehicle is there: join its system and ask it for what a frame's telemetry needs.
    pub(super) fn found(&mut self, vehicle: Address, hub: &Hub) {
        self.vehicle = Some(vehicle);
        self.encoder = self.own().map(|own| Encoder::new(own.system, own.component));
        self.ask(hub);
    }

    /// Asks the vehicle for its telemetry; again after it was away.
    pub(super) fn ask(&mut self, hub: &Hub) {
        let Some(vehicle) = self.vehicle else { return };
        for (id, interval_us) in WANTED {
            #[expect(clippy::cast_precision_loss, reason = "message ids are below 2^24")]
            let message = COMMAND_LONG_DATA {
                command: MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL,
                param1: id as f32,
                param2: interval_us,
                target_system: vehicle.system,
                target_component: vehicle.component,
                ..Default::default()
            };
            self.broadcast(hub, &MavMessage::COMMAND_LONG(message));
        }
    }

    /// Sends to the vehicle's system by the frame's own target.
    pub(super) fn broadcast(&mut self, hub: &Hub, message: &MavMessage) {
        if let Some(encoder) = &mut self.encoder {
            hub.send(&encoder.encode(message), To::Target);
        }
    }

    /// Says to every station that something is wrong.
    pub(super) fn warn(&mut self, hub: &Hub, words: &str) {
        let data =
            STATUSTEXT_DATA { severity: MavSeverity::MAV_SEVERITY_CRITICAL, text: words.into(), ..Default::default() };
        self.broadcast(hub, &MavMessage::STATUSTEXT(data));
    }

    /// Sends to whoever is behind `peer`.
    pub(super) fn send(&mut self, hub: &Hub, message: &MavMessage, peer: PeerId) {
        if let Some(encoder) = &mut self.encoder {
            hub.send(&encoder.encode(message), To::Peer(peer));
        }
    }

    /// Sends a message laid out by hand to whoever is behind `peer`.
    pub(super) fn send_body(&mut self, hub: &Hub, body: &Body, peer: PeerId) {
        if let Some(encoder) = &mut self.encoder {
            hub.send(&encoder.encode_body(body), To::Peer(peer));
        }
    }

    /// The disk as it is now.
    pub(super) fn storage(&mut self, space: Space) {
        self.space = Some(space);
    }

    /// Takes a frame; what stations ask of the recorder comes back. What `gate` does not let through is refused at once.
    pub(super) fn hear(
        &mut self,
        hub: &Hub,
        received: &Received,
        streams: &[(StreamName, Stream)],
        gate: Gate,
    ) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        let now_ns = received.at_mono_ns;
        for unit in &mut self.units {
            let mut actions = unit.camera.frame(&received.frame, now_ns);
            let wishes: Vec<Action> =
                actions.extract_if(.., |action| !matches!(action, Action::Send(_) | Action::TakeImage)).collect();
            for wish in wishes {
                match wish {
                    Action::StartVideo { .. } | Action::StopVideo { .. } if !gate.buttons => {
                        let starts = matches!(wish, Action::StartVideo { .. });
                        actions.extend(unit.camera.video_denied(starts, Refusal::Denied, now_ns));
                        actions.extend(NOT_AUTHORISED.map(Camera::words));
                    }
                    Action::StartVideo { .. } => match gate.no_start.map(refusal) {
                        Some(refusal) => actions.extend(unit.camera.video_denied(true, refusal, now_ns)),
                        None => wanted.push(Wanted::Input(Input::StartCommand)),
                    },
                    Action::StopVideo { .. } => wanted.push(Wanted::Input(Input::StopCommand)),
                    Action::Images(request) => match unit.images(request, gate, now_ns) {
                        Ok(allowed) => {
                            wanted.extend(request.starts().then_some(Wanted::Stills));
                            actions.extend(allowed);
                        }
                        Err(refused) => actions.extend(refused),
                    },
                    Action::StartStreaming(_) => unit.stream_live(true),
                    Action::StopStreaming(_) => unit.stream_live(false),
                    Action::TakeImage | Action::Send(_) => {}
                }
            }
            unit.carry_out(hub, streams, actions);
        }
        wanted
    }

    /// Time passes: heartbeats, intervals, and the truth about the recording.
    pub(super) fn tick(&mut self, hub: &Hub, streams: &[(StreamName, Stream)], gate: Gate, now_ns: u64) {
        self.join(streams, now_ns);
        let recording = gate.recording;
        let begun = !std::mem::replace(&mut self.recording, recording) && recording;
        self.tell_stills(hub, now_ns);
        let reserve_bytes = self.config.storage.reserve_bytes();
        for unit in &mut self.units {
            let mut actions = Vec::new();
            let writing = recording && unit.writes(begun, now_ns);
            if writing != unit.camera.is_recording() {
                actions.extend(match writing {
                    true => unit.camera.video_started(now_ns),
                    false => unit.camera.video_stopped(now_ns),
                });
            }
            if let Some(space) = self.space {
                actions.extend(unit.camera.set_storage(storage(space, reserve_bytes), now_ns));
            }
            if let Some(view) = unit.status.view() {
                unit.camera.set_view(view);
            }
            let last_ns = unit.status.last_picture_ns.load(Ordering::Relaxed);
            let running = last_ns > 0 && now_ns.saturating_sub(last_ns) < PICTURE_FRESH_NS;
            let running = running && unit.live.as_ref().is_some_and(Live::is_running);
            actions.extend(unit.camera.set_streaming(1, running));
            if !(gate.flight && gate.buttons) {
                unit.camera.end_images();
            }
            actions.extend(unit.camera.poll(now_ns));
            unit.carry_out(hub, streams, actions);
        }
    }

    /// Says how stills ended.
    fn tell_stills(&mut self, hub: &Hub, now_ns: u64) {
        for Ended { camera, image } in self.ended.try_iter() {
            if let Some(unit) = self.units.iter_mut().find(|unit| unit.place == camera) {
                let said = unit.camera.image_ended(image, now_ns);
                unit.carry_out(hub, &[], said);
            }
        }
    }

    /// Makes the components once the vehicle is known and each camera has shown its shape, or had time to.
    fn join(&mut self, streams: &[(StreamName, Stream)], now_ns: u64) {
        let Some(own) = self.own().filter(|_| self.units.is_empty()) else {
            return;
        };
        let since_ns = now_ns.saturating_sub(*self.found_ns.get_or_insert(now_ns));
        if since_ns < SHAPE_WAIT_NS && streams.iter().any(|(_, stream)| stream.status.info().is_none()) {
            return;
        }
        for (component, (place, (_, stream))) in (own.component..=105).zip(streams.iter().enumerate()) {
            let facts = facts(&self.config, place, &stream.status);
            self.units.push(Unit {
                place,
                live: self.live.clone().filter(|_| place == 0),
                camera: Camera::new(Address::new(own.system, component), facts),
                encoder: Encoder::new(own.system, component),
                status: Arc::clone(&stream.status),
                progress: (0, now_ns),
            });
        }
    }
}

impl Unit {
    /// Whether frames reach the disk: what a station may show as REC. A recording that has just begun gets its grace.
    fn writes(&mut self, begun: bool, now_ns: u64) -> bool {
        let frames = self.status.frames.load(Ordering::Relaxed);
        if begun || frames != self.progress.0 {
            self.progress = (frames, now_ns);
        }
        now_ns.saturating_sub(self.progress.1) < STALLED_NS
    }

    fn carry_out(&mut self, hub: &Hub, streams: &[(StreamName, Stream)], actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(body) => self.send(hub, &body),
                Action::TakeImage => {
                    if let Some((_, stream)) = streams.get(self.place) {
                        stream.order(StreamOrder::Still(self.place));
                    }
                }
                // Answered where they were heard.
                Action::StartVideo { .. }
                | Action::StopVideo { .. }
                | Action::Images(_)
                | Action::StartStreaming(_)
                | Action::StopStreaming(_) => {}
            }
        }
    }

    /// Allows or refuses what is asked about stills.
    fn images(&mut self, request: ImageRequest, gate: Gate, now_ns: u64) -> Result<Vec<Action>, Vec<Action>> {
        let (refusal, words): (_, &[&str]) = match gate.no_start.map(refusal).filter(|_| request.starts()) {
            _ if !gate.buttons => (Refusal::Denied, &NOT_AUTHORISED),
            Some(refusal) => (refusal, &[]),
            None if request.starts() && !gate.flight => (Refusal::TemporarilyRejected, &[NO_FLIGHT]),
            None => return Ok(self.camera.images_allowed(request, now_ns)),
        };
        let refused = self.camera.images_refused(request, refusal).into_iter();
        Err(refused.chain(words.iter().map(|words| Camera::words(words))).collect())
    }

    fn stream_live(&self, running: bool) {
        if let Some(live) = &self.live {
            live.run(running);
        }
    }

    fn send(&mut self, hub: &Hub, body: &Body) {
        hub.send(&self.encoder.encode_body(body), To::Target);
    }
}

fn refusal(not_now: NotNow) -> Refusal {
    match not_now {
        NotNow::StorageLow | NotNow::StorageReadOnly => Refusal::TemporarilyRejected,
        NotNow::Ending => Refusal::Denied,
    }
}

#[expect(clippy::cast_precision_loss, reason = "MAVLink counts MiB in f32")]
fn storage(space: Space, reserve_bytes: u64) -> Storage {
    let mib = |bytes: u64| (bytes >> 20) as f32;
    Storage {
        total_mib: mib(space.total_bytes),
        used_mib: mib(space.total_bytes.saturating_sub(space.free_bytes)),
        available_mib: mib(space.free_bytes.saturating_sub(reserve_bytes)),
        ready: !space.read_only,
    }
}

fn facts(config: &Config, place: usize, status: &Status) -> Facts {
    let camera = config.cameras.get(place);
    let info = status.info();
    let side =
        |of: fn(&footage::access_unit::StreamInfo) -> u32| info.map_or(0, |(_, i)| u16::try_from(of(&i)).unwrap_or(0));
    let resolution = (side(|i| i.width), side(|i| i.height));
    let rate_hz = info.and_then(|(_, i)| i.frame_duration).map_or(0.0, |each| 1.0 / each.as_secs_f32());
    let live = config.live.as_ref().filter(|_| place == 0).map(|live| camera::Stream {
        name: camera.map(|c| c.stream.get_ref().clone()).unwrap_or_default(),
        address: live.video.port().to_string(),
        transport: Transport::RtpUdp,
        encoding: match info {
            Some((Codec::H265, _)) => Encoding::H265,
            Some((Codec::H264, _)) | None => Encoding::H264,
        },
        frame_rate_hz: rate_hz,
        bitrate_bps: camera.map_or(0, |c| c.bitrate_kbps.saturating_mul(1_000)),
        resolution,
        hfov_deg: None,
        thermal: false,
        running: true,
    });
    Facts {
        vendor: "Skyseal".to_owned(),
        model: camera.map(|c| c.sensor.clone()).unwrap_or_default(),
        firmware: firmware(),
        focal_length_mm: None,
        sensor_mm: None,
        resolution,
        stills: stills::available(info.map_or(Codec::H264, |(codec, _)| codec)),
        streams: live.into_iter().collect(),
    }
}

fn firmware() -> [u8; 4] {
    let part = |text: &str| text.parse().unwrap_or(0);
    [
        part(env!("CARGO_PKG_VERSION_MAJOR")),
        part(env!("CARGO_PKG_VERSION_MINOR")),
        part(env!("CARGO_PKG_VERSION_PATCH")),
        0,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_fits_into_one_message() {
        for words in [NO_FLIGHT].iter().chain(&NOT_AUTHORISED) {
            assert!(words.len() <= 50, "{words}");
        }
    }
}
