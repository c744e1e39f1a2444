//! A vehicle as it is heard: every figure with its age, and unknown rather than old.

mod control;
mod cures;
pub(crate) mod energy;
mod facts;
pub(crate) mod failsafe;
mod fleet;
pub(crate) mod gnss;
pub(crate) mod health;
pub(crate) mod link;
pub(crate) mod messages;
pub(crate) mod mode;
pub(crate) mod payload;
pub(crate) mod place;
pub(crate) mod power;
pub(crate) mod prearm;
mod said;
pub(crate) mod storage;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod traffic;

use vehicle_link::frames::Frame;
use vehicle_link::parameters::{Encoding, Parameter};
use vehicle_link::peers::Address;

pub(crate) use fleet::Fleet;
pub(crate) use said::Said;

use failsafe::Failsafes;
use gnss::Receiver;
use health::Health;
use link::{DataLink, RadioControl};
use messages::Messages;
use mode::{Hand, Kind, Mode};
use place::Place;
use power::Power;
use prearm::PreArm;
use storage::Storages;

const HEARTBEAT: u32 = 0;
const SYS_STATUS: u32 = 1;
const PARAM_VALUE: u32 = 22;
const MISSION_CURRENT: u32 = 42;
const MISSION_COUNT: u32 = 44;
const AUTOPILOT_VERSION: u32 = 148;
const EXTENDED_SYS_STATE: u32 = 245;
/// Messages that say how things are: one that was overtaken says how they were.
const STATES: [u32; 12] = [0, 1, 24, 30, 33, 42, 65, 74, 141, 147, 245, 162];
const ARMED: u8 = 0x80;
/// MAV_STATE.
const STANDBY: u8 = 3;
/// So high above home it flies, where it does not say.
const FLYING_ABOVE_HOME_M: f64 = 2.0;

/// What a heartbeat says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beat {
    kind: Kind,
    custom_mode: u32,
    armed: bool,
    status: u8,
}

/// On the ground or in the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aloft {
    /// It stands.
    OnGround,
    /// It flies.
    InAir,
}

/// How far the mission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The item that is flown to.
    pub(crate) current: u16,
    /// Items; `None` unknown.
    pub(crate) total: Option<u16>,
}

/// One vehicle.
#[derive(Debug)]
pub(crate) struct Vehicle {
    /// Its autopilot.
    pub(crate) address: Address,
    beat: Said<Beat>,
    landed: Said<u8>,
    mission: Said<Progress>,
    mission_items: Option<u16>,
    last_aloft: Option<Aloft>,
    capabilities: Option<u64>,
    /// The data link.
    pub(crate) link: DataLink,
    /// The radio of the sticks.
    pub(crate) radio: RadioControl,
    /// The battery.
    pub(crate) power: Power,
    /// The satellite receiver.
    pub(crate) gnss: Receiver,
    /// Place, heights, speeds, wind.
    pub(crate) place: Place,
    /// Sensors, estimator, vibration, fence.
    pub(crate) health: Health,
    /// What it says in words.
    pub(crate) messages: Messages,
    /// Why it does not arm.
    pub(crate) prearm: PreArm,
    /// The storage aboard.
    pub(crate) storage: Storages,
    /// Cameras and gimbal.
    pub(crate) payload: payload::Payload,
    /// What it does when something is lost.
    pub(crate) failsafes: Failsafes,
}

impl Vehicle {
    /// A vehicle whose autopilot has this address.
    pub(crate) fn new(address: Address) -> Self {
        Self {
            address,
            beat: Said::for_seconds(4),
            landed: Said::for_seconds(4),
            mission: Said::for_seconds(10),
            mission_items: None,
            last_aloft: None,
            capabilities: None,
            link: DataLink::default(),
            radio: RadioControl::default(),
            power: Power::default(),
            gnss: Receiver::default(),
            place: Place::default(),
            health: Health::default(),
            messages: Messages::default(),
            prearm: PreArm::default(),
            storage: Storages::default(),
            payload: payload::Payload::default(),
            failsafes: Failsafes::default(),
        }
    }

    /// Takes every frame of this system, whatever component sent it.
    pub(crate) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        if frame.system_id() != self.address.system {
            return;
        }
        self.storage.hear(frame, now_ns);
        self.payload.hear(frame, now_ns);
        for (_, words) in self.messages.hear(frame, now_ns) {
            self.prearm.said(&words, now_ns);
        }
        if Address::of(frame) != self.address {
            // Batteries and rangefinders may be components of their own.
            match frame.message_id() {
                132 => self.place.hear(frame, now_ns),
                147 => self.power.hear(frame, now_ns),
                _ => {}
            }
            return;
        }
        let overtaken = self.link.heard(frame.sequence(), now_ns);
        if overtaken && STATES.contains(&frame.message_id()) {
            return;
        }
        self.hear_state(frame, now_ns);
        self.power.hear(frame, now_ns);
        self.gnss.hear(frame, now_ns);
        self.place.hear(frame, now_ns);
        // Without a heartbeat it is not known what the figures mean.
        if let Some(kind) = self.beat.last(now_ns).map(|(beat, _)| beat.kind) {
            self.radio.hear(frame, kind, now_ns);
            self.health.hear(frame, kind, now_ns);
            self.hear_parameter(frame, kind);
        }
        match frame.message_id() {
            HEARTBEAT if self.is_armed(now_ns) == Some(true) => self.prearm.armed(),
            SYS_STATUS if self.health.may_arm(now_ns) == Some(true) => self.prearm.checks_pass(),
            _ => {}
        }
        self.last_aloft = self.aloft(now_ns).or(self.last_aloft);
    }

    fn hear_state(&mut self, frame: &Frame, now_ns: u64) {
        let payload = frame.payload();
        match frame.message_id() {
            HEARTBEAT => {
                let kind = Kind::of(payload.u8(5), payload.u8(4));
                let (armed, status) = (payload.u8(6) & ARMED != 0, payload.u8(7));
                self.beat.say(Beat { kind, custom_mode: payload.u32(0), armed, status }, now_ns);
            }
            EXTENDED_SYS_STATE => self.landed.say(payload.u8(1), now_ns),
            // Of the mission, not of fence or rally points.
            MISSION_COUNT if payload.u8(4) == 0 => self.mission_items = Some(payload.u16(0)),
            MISSION_CURRENT => {
                let total = match (payload.u16(2), payload.u8(4)) {
                    (u16::MAX, _) => None,
                    // Older than the extension.
                    (0, 0) => self.mission_items,
                    (total, _) => Some(total),
                };
                self.mission.say(Progress { current: payload.u16(0), total }, now_ns);
            }
            AUTOPILOT_VERSION => self.capabilities = Some(payload.u64(0)),
            _ => {}
        }
    }

    fn hear_parameter(&mut self, frame: &Frame, kind: Kind) {
        if frame.message_id() != PARAM_VALUE {
            return;
        }
        let autopilot = match kind {
            Kind::ArduCopter => 3,
            Kind::Px4 => 12,
            Kind::Other { autopilot, .. } => autopilot,
        };
        if let Some(parameter) = Parameter::heard(frame, Encoding::of(self.capabilities, autopilot)) {
            self.failsafes.take(kind, &parameter);
        }
    }

    /// What kind it is; stays known when it is silent.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.beat.last(0).map(|(beat, _)| beat.kind)
    }

    /// Its flight mode.
    pub(crate) fn mode(&self, now_ns: u64) -> Option<Mode> {
        self.beat.now(now_ns).map(|beat| Mode::of(beat.kind, beat.custom_mode))
    }

    /// Motors turn.
    pub(crate) fn is_armed(&self, now_ns: u64) -> Option<bool> {
        self.beat.now(now_ns).map(|beat| beat.armed)
    }

    /// Its autopilot says that it is in a failsafe or an emergency (MAV_STATE critical, emergency).
    pub(crate) fn is_in_failsafe(&self, now_ns: u64) -> Option<bool> {
        self.beat.now(now_ns).map(|beat| matches!(beat.status, 5 | 6))
    }

    /// On the ground or in the air: as it says; else disarmed is on the ground, and armed goes by the height and the state.
    pub(crate) fn aloft(&self, now_ns: u64) -> Option<Aloft> {
        match self.landed.now(now_ns) {
            Some(1) => return Some(Aloft::OnGround),
            Some(2..=4) => return Some(Aloft::InAir),
            Some(_) | None => {}
        }
        let beat = self.beat.now(now_ns)?;
        if !beat.armed {
            return Some(Aloft::OnGround);
        }
        if let Some(height_m) = self.place.height_above_home_m(now_ns) {
            return Some(if height_m > FLYING_ABOVE_HOME_M { Aloft::InAir } else { Aloft::OnGround });
        }
        // ArduPilot stands by until it takes off.
        (beat.kind == Kind::ArduCopter && beat.status == STANDBY).then_some(Aloft::OnGround)
    }

    /// In the air, or so when it was last known.
    pub(crate) fn was_in_air(&self) -> bool {
        self.last_aloft == Some(Aloft::InAir)
    }

    /// When it must turn home: unknown on the ground, without a position or home, and until the battery's rate is measured.
    pub(crate) fn energy_home(&self, way: &energy::Way, now_ns: u64) -> Option<energy::Home> {
        let kind = self.kind()?;
        let home = self.place.way_home(now_ns)?;
        let height_m = self.place.height_above_home_m(now_ns)?;
        let now = energy::Now {
            percent: self.power.now(now_ns)?.percent?,
            falls_percent_s: self.power.falls_percent_s(now_ns)?,
            distance_m: home.distance_m,
            azimuth_deg: home.azimuth_deg,
            height_m,
            return_height_m: self.failsafes.return_height(kind).and_then(|height| height.height_m).unwrap_or(height_m),
            wind: self.place.wind.now(now_ns),
        };
        let cruise_mps = self.failsafes.return_speed_mps(kind).unwrap_or(way.cruise_mps);
        (self.aloft(now_ns)? == Aloft::InAir).then(|| energy::home(&now, &energy::Way { cruise_mps, ..*way }))
    }

    /// How far its mission is.
    pub(crate) fn mission(&self, now_ns: u64) -> Option<Progress> {
        self.mission.now(now_ns)
    }

    /// Who is in control, in words; `override_by` moves its sticks over the link ([`Fleet::stations`]).
    pub(crate) fn in_control(&self, override_by: Option<Address>, now_ns: u64) -> Option<String> {
        if let Some(station) = override_by {
            return Some(format!("Another station ({station}) moves the sticks"));
        }
        let mode = self.mode(now_ns)?;
        Some(match mode.hand {
            Hand::Sticks => "Pilot, by the sticks".to_owned(),
            Hand::Itself => format!("Autopilot: {}", mode.name.to_lowercase()),
            Hand::Guided => "A station or computer, point by point".to_owned(),
            Hand::Unknown => format!("Not known ({})", mode.name),
        })
    }
}

#[cfg(test)]
mod tests;
