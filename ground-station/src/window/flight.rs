//! What the window knows of the flight: told by events, with the time handed in.

use std::sync::Arc;

use flight_record::radio::{Agreement, Body};
use mission_profiles::place::{Position, inverse};
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use super::aboard::Aboard;
use crate::link::OWN;
use crate::rec::{Heard, Status};
use crate::state::hud::{Beside, Hud};
use crate::state::recording::Recording;
use crate::state::recording::officer::Officer;
use crate::state::recording::reason::Reasons;
use crate::state::vehicle::{Fleet, Vehicle};
use crate::video::Picture;

const HEARTBEAT: u32 = 0;
const CAMERA_INFORMATION: u32 = 259;
/// CAMERA_CAP_FLAGS.
const HAS_BASIC_ZOOM: u32 = 64;
const MAV_TYPE_CAMERA: u8 = 30;
/// Component ids of cameras (MAV_COMP_ID_CAMERA to CAMERA6).
const CAMERAS: std::ops::RangeInclusive<u8> = 100..=105;
/// Places of the track that are kept; beyond it every other one of the older half goes.
const MAX_TRACK: usize = 8_192;
/// From one place of the track to the next, metres.
const TRACK_STEP_M: f64 = 2.0;

/// The flight.
pub(crate) struct Flight {
    /// Everybody who is heard.
    pub(crate) fleet: Fleet,
    /// The recorder.
    pub(crate) camera: Option<Address>,
    /// It can zoom, as it says of itself.
    pub(crate) zooms: bool,
    /// The plan that the vehicle holds.
    pub(crate) aboard: Aboard,
    heard: Heard,
    /// Its button.
    pub(crate) recording: Recording,
    /// The officer's session over it.
    pub(crate) officer: Officer,
    /// Why it records.
    pub(crate) reasons: Reasons,
    /// What its recorder drew when it started.
    boot: Option<[u8; 6]>,
    /// The newest picture.
    pub(crate) picture: Option<Arc<Picture>>,
    /// What its own telemetry says.
    pub(crate) hud: Option<Hud>,
    /// Where our aircraft has been since it took off.
    pub(crate) track: Vec<Position>,
}

impl Default for Flight {
    fn default() -> Self {
        Self {
            fleet: Fleet::new(OWN),
            camera: None,
            zooms: false,
            aboard: Aboard::default(),
            heard: Heard::default(),
            recording: Recording::default(),
            officer: Officer::default(),
            reasons: Reasons::default(),
            boot: None,
            picture: None,
            hud: None,
            track: Vec::new(),
        }
    }
}

impl Flight {
    /// The vehicle that is flown from here.
    pub(crate) fn vehicle(&self) -> Option<&Vehicle> {
        self.fleet.vehicle()
    }

    /// Takes a frame of whoever it is.
    pub(crate) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        self.fleet.hear(frame, now_ns);
        let from = Address::of(frame);
        let ours = self.vehicle().is_some_and(|vehicle| vehicle.address.system == from.system);
        if frame.message_id() == HEARTBEAT
            && ours
            && CAMERAS.contains(&from.component)
            && frame.payload().u8(4) == MAV_TYPE_CAMERA
            && self.camera.is_none_or(|camera| camera.system != from.system)
        {
            self.forget_camera();
            self.camera = Some(from);
        }
        if self.camera == Some(from) {
            self.hear_camera(frame, from, now_ns);
        }
        self.follow(now_ns);
    }

    fn hear_camera(&mut self, frame: &Frame, camera: Address, now_ns: u64) {
        if let Some(status) = Status::read(frame, camera) {
            self.heard.status(status, now_ns);
        }
        if frame.message_id() == CAMERA_INFORMATION {
            self.zooms = frame.payload().u32(20) & HAS_BASIC_ZOOM != 0;
        }
        let body = Tunnel::read(frame).map(|tunnel| Body::decode(tunnel.payload_type, &tunnel.bytes));
        match body {
            Some(Ok(Body::Beacon(beacon))) => self.heard.head(&beacon, now_ns),
            // A recorder that was started anew knows of no session.
            Some(Ok(Body::Agreement(Agreement::Call(call)))) => {
                let before = self.boot.replace(call.scope.boot);
                before.filter(|before| *before != call.scope.boot).into_iter().for_each(|_| self.officer.lost());
            }
            _ => {}
        }
    }

    /// Nothing of it stands for another one.
    fn forget_camera(&mut self) {
        (self.camera, self.heard, self.recording) = (None, Heard::default(), Recording::default());
        (self.officer, self.reasons, self.boot) = (Officer::default(), Reasons::default(), None);
    }

    /// The track grows while it flies, and begins anew with each take-off.
    fn follow(&mut self, now_ns: u64) {
        use crate::state::vehicle::Aloft;
        let Some(vehicle) = self.fleet.vehicle() else { return };
        let Some(fix) = vehicle.place.fix.now(now_ns) else { return };
        match vehicle.aloft(now_ns) {
            Some(Aloft::InAir) => {}
            Some(Aloft::OnGround) if vehicle.is_armed(now_ns) == Some(true) => {
                self.track.clear();
                return;
            }
            Some(Aloft::OnGround) | None => return,
        }
        let far = |last: &Position| inverse(*last, fix.position).distance_m >= TRACK_STEP_M;
        if self.track.last().is_none_or(far) {
            if self.track.len() >= MAX_TRACK {
                let newer = self.track.split_off(MAX_TRACK / 2);
                let older = self.track.iter().step_by(2).copied();
                self.track = older.chain(newer).collect();
            }
            self.track.push(fix.position);
        }
    }

    /// Takes the newest picture, and reads its telemetry; whether it is another one.
    pub(crate) fn show(&mut self, picture: Option<Arc<Picture>>, beside: &Beside) -> bool {
        let Some(picture) = picture else { return false };
        if self.picture.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, &picture)) {
            return false;
        }
        let size = [picture.width, picture.height];
        self.hud = picture.klv.as_ref().map(|klv| Hud::of(&klv.uas, size, beside));
        self.picture = Some(picture);
        true
    }

    /// Time passes.
    pub(crate) fn tick(&mut self, now_ns: u64) {
        if self.camera.is_some() {
            self.recording.look(self.heard.shown(now_ns), self.heard.recorded_ms(), now_ns);
        }
    }

    /// Another of several vehicles; what is known of the one before does not stand for it.
    pub(crate) fn select(&mut self, system: u8) {
        if self.vehicle().is_none_or(|vehicle| vehicle.address.system != system) && self.fleet.select(system) {
            self.forget_camera();
            self.track.clear();
            self.aboard = Aboard::default();
        }
    }

    /// The vehicle after this one.
    pub(crate) fn next_vehicle(&mut self) {
        let now = self.vehicle().map(|vehicle| vehicle.address.system);
        let all: Vec<u8> = self.fleet.vehicles().map(|vehicle| vehicle.address.system).collect();
        let at = all.iter().position(|system| Some(*system) == now).map_or(0, |at| at + 1);
        if let Some(next) = all.get(at % all.len().max(1)) {
            self.select(*next);
        }
    }

    /// Whether it is in the air, or was when it was last heard.
    pub(crate) fn in_air(&self) -> bool {
        self.vehicle().is_some_and(Vehicle::was_in_air)
    }
}
