//! The autopilot: MAVLink in, MAVLink out, demands to the airframe. Pure; personality PX4.

pub mod commands;
pub mod fixed_point;
pub mod flight;
pub mod guidance;
pub mod mission;
pub mod mode;
pub mod streams;
pub mod telemetry;
pub mod transfer;

use vehicle_link::dialect::{
    COMMAND_LONG_DATA, MISSION_ITEM_REACHED_DATA, MavMessage, MavMissionType, MavSeverity, PING_DATA, STATUSTEXT_DATA,
    TIMESYNC_DATA,
};

use crate::geodesy::Map;
use crate::vehicle::{Demand, Vehicle};
use flight::{Event, Flight, Settings, Situation};
use mission::{Item, Plans};
use mode::Mode;
use streams::Streams;
use transfer::{Address, Outcome, Transfer};

/// MAV_COMP_ID_AUTOPILOT1.
pub const AUTOPILOT_COMPONENT: u8 = 1;
/// MAV_COMP_ID_GIMBAL: whom gimbal attitudes come from. It sends no heartbeat of its own, as a gimbal driven by PX4 sends none; stations
/// that keep one heartbeat a system would take it for the vehicle's.
pub const GIMBAL_COMPONENT: u8 = 154;
/// MAV_COMP_ID_CAMERA: whom a mission's camera items go to.
const CAMERA_COMPONENT: u8 = 100;

const GROUND_SECONDS_TO_DISARM: f64 = 2.0;
const IDLE_SECONDS_TO_DISARM: f64 = 10.0;

/// For whom a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody on every link.
    All,
    /// Whoever asked.
    Asker,
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Component it comes from.
    pub component: u8,
    /// For whom.
    pub audience: Audience,
    /// What.
    pub message: MavMessage,
}

/// What a vehicle is from its maker and its place.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// MAVLink system id.
    pub system_id: u8,
    /// UTC of boot, µs.
    pub boot_utc_us: i64,
    /// Altitude of home above mean sea level, m.
    pub home_msl_m: f64,
    /// Height of the geoid above the ellipsoid here, m.
    pub undulation_m: f64,
}

/// The autopilot's whole state.
#[derive(Clone, Debug)]
pub struct Autopilot {
    system_id: u8,
    boot_utc_us: i64,
    home_msl_m: f64,
    undulation_m: f64,
    map: Map,
    now_ns: u64,
    armed: bool,
    mode: Mode,
    flight: Flight,
    plans: Plans,
    transfer: Transfer,
    streams: Streams,
    on_ground_s: f64,
    has_flown: bool,
    battery_step: u8,
    outbox: Vec<Outgoing>,
}

impl Autopilot {
    /// A booted autopilot on the ground at the map's home.
    #[must_use]
    pub fn new(identity: Identity, map: Map, settings: Settings) -> Self {
        Self {
            system_id: identity.system_id,
            boot_utc_us: identity.boot_utc_us,
            home_msl_m: identity.home_msl_m,
            undulation_m: identity.undulation_m,
            map,
            now_ns: 0,
            armed: false,
            mode: Mode::default(),
            flight: Flight::new(settings),
            plans: Plans::default(),
            transfer: Transfer::default(),
            streams: Streams::default(),
            on_ground_s: 0.0,
            has_flown: false,
            battery_step: 0,
            outbox: Vec::new(),
        }
    }

    /// Motors turning.
    #[must_use]
    pub fn armed(&self) -> bool {
        self.armed
    }

    /// What it is doing.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// How it flies.
    #[must_use]
    pub fn flight(&self) -> &Flight {
        &self.flight
    }

    /// Stored plans.
    #[must_use]
    pub fn plans(&self) -> &Plans {
        &self.plans
    }

    /// Puts a mission in place, as an upload would.
    pub fn load_mission(&mut self, items: Vec<Item>) {
        self.plans.replace(MavMissionType::MAV_MISSION_TYPE_MISSION, mission::Plan::new(items));
        self.flight.set_current(0);
    }

    /// Takes messages to send since the last call.
    pub fn take_outbox(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.outbox)
    }

    /// One physics step: flies, and puts what is due into the outbox. `now_ns` is the boot time of the vehicle's state.
    pub fn step(&mut self, now_ns: u64, vehicle: &mut Vehicle) -> Demand {
        self.now_ns = now_ns;
        let outcome = self.transfer.step(now_ns);
        self.deliver(outcome, Audience::All);
        let dt_s = crate::vehicle::STEP_S;
        self.watch_ground(dt_s, vehicle);
        self.watch_battery(vehicle);
        let demand = self.fly(dt_s, vehicle);
        self.emit(vehicle);
        demand
    }

    fn fly(&mut self, dt_s: f64, vehicle: &mut Vehicle) -> Demand {
        if !self.armed {
            return Demand::Off;
        }
        let position = vehicle.airframe.position + vehicle.gnss.error();
        let waiting = vehicle.airframe.on_ground()
            && match self.mode {
                Mode::Position | Mode::Hold | Mode::Land => true,
                Mode::Return => self.has_flown,
                Mode::Mission => self.plans.mission.items.is_empty() || self.flight.finished,
                Mode::TakeOff => false,
            };
        if waiting {
            self.flight.guidance.reset(vehicle.airframe.attitude.to_euler().yaw_rad);
            return Demand::Idle;
        }
        let situation =
            Situation { dt_s, position, items: &self.plans.mission.items, map: &self.map, home_msl_m: self.home_msl_m };
        match self.flight.step(self.mode, &situation, &mut vehicle.gimbal) {
            Some(Event::Reached(seq)) => {
                self.broadcast(MavMessage::MISSION_ITEM_REACHED(MISSION_ITEM_REACHED_DATA { seq }));
                self.send_current(vehicle);
            }
            Some(Event::Finished) => {
                self.say(MavSeverity::MAV_SEVERITY_INFO, "Mission finished, loitering");
                self.set_mode(Mode::Hold, vehicle);
                self.flight.finished = true;
            }
            Some(Event::Next(mode)) => self.set_mode(mode, vehicle),
            Some(Event::Camera(item)) => self.pass_to_camera(&item),
            None => {}
        }
        self.flight.guidance.demand()
    }

    /// Changes the mode; what is flown starts from here.
    fn set_mode(&mut self, mode: Mode, vehicle: &Vehicle) {
        let position = vehicle.airframe.position + vehicle.gnss.error();
        self.mode = mode;
        self.flight.enter(mode, position);
        if let Some(heartbeat) = self.build(0, vehicle) {
            self.broadcast(heartbeat);
        }
    }

    /// Disarms after landing, or when nothing came of arming.
    fn watch_ground(&mut self, dt_s: f64, vehicle: &Vehicle) {
        if !self.armed || !vehicle.airframe.on_ground() {
            self.has_flown |= self.armed && -vehicle.airframe.position.z > 0.5;
            self.on_ground_s = 0.0;
            return;
        }
        self.on_ground_s += dt_s;
        let landing = matches!(self.mode, Mode::Land | Mode::Return);
        if self.has_flown && landing && self.on_ground_s > GROUND_SECONDS_TO_DISARM {
            self.say(MavSeverity::MAV_SEVERITY_INFO, "Landing detected");
            self.disarm("Disarmed by landing");
        } else if self.on_ground_s > IDLE_SECONDS_TO_DISARM {
            self.disarm("Disarmed by auto preflight disarming");
        }
    }

    fn watch_battery(&mut self, vehicle: &Vehicle) {
        let step = match vehicle.battery.remaining() {
            left if left < 0.07 => 3,
            left if left < 0.15 => 2,
            left if left < 0.25 => 1,
            _ => 0,
        };
        if step <= self.battery_step || !self.armed {
            return;
        }
        self.battery_step = step;
        let flying = !vehicle.airframe.on_ground();
        match step {
            1 => self.say(MavSeverity::MAV_SEVERITY_WARNING, "Low battery level, return advised"),
            2 => {
                self.say(MavSeverity::MAV_SEVERITY_CRITICAL, "Critical battery level, returning");
                if flying && !matches!(self.mode, Mode::Land | Mode::Return) {
                    self.set_mode(Mode::Return, vehicle);
                }
            }
            _ => {
                self.say(MavSeverity::MAV_SEVERITY_EMERGENCY, "Dangerous battery level, landing now");
                if flying && self.mode != Mode::Land {
                    self.set_mode(Mode::Land, vehicle);
                }
            }
        }
    }

    fn emit(&mut self, vehicle: &Vehicle) {
        let now_ns = self.now_ns;
        let due: Vec<_> = self.streams.due(now_ns).collect();
        for id in due {
            if let Some(message) = self.build(id, vehicle) {
                let component = telemetry::component_of(id);
                self.outbox.push(Outgoing { component, audience: Audience::All, message });
            }
        }
    }

    /// Takes a message from a peer that read `now_ns` on the boot clock when it arrived.
    pub fn handle(&mut self, now_ns: u64, peer: Address, message: &MavMessage, vehicle: &mut Vehicle) {
        match message {
            MavMessage::COMMAND_LONG(command) => {
                self.command(peer, &commands::Command::from_long(command), vehicle);
            }
            MavMessage::COMMAND_INT(command) => {
                self.command(peer, &commands::Command::from_int(command), vehicle);
            }
            MavMessage::SET_MODE(set) if set.target_system == self.system_id => {
                let wanted = Mode::from_px4(set.custom_mode >> 16 & 0xFF, set.custom_mode >> 24);
                if let Some(mode) = wanted {
                    self.set_mode(mode, vehicle);
                }
            }
            // tc1 = 0 is a question; anything else an answer to somebody.
            MavMessage::TIMESYNC(sync) if sync.tc1 == 0 => {
                self.reply(MavMessage::TIMESYNC(TIMESYNC_DATA {
                    tc1: i64::try_from(now_ns).unwrap_or(i64::MAX),
                    ts1: sync.ts1,
                    target_system: peer.0,
                    target_component: peer.1,
                }));
            }
            MavMessage::PING(ping) if ping.target_system == 0 && ping.target_component == 0 => {
                let answer = PING_DATA { target_system: peer.0, target_component: peer.1, ..*ping };
                self.reply(MavMessage::PING(answer));
            }
            MavMessage::MISSION_SET_CURRENT(set) if set.target_system == self.system_id => {
                if usize::from(set.seq) < self.plans.mission.items.len() {
                    self.flight.set_current(set.seq);
                }
                self.send_current(vehicle);
            }
            MavMessage::GIMBAL_MANAGER_SET_PITCHYAW(set) if self.is_for_us(set.target_system, set.target_component) => {
                let (pitch, yaw) = (f64::from(set.pitch).to_degrees(), f64::from(set.yaw).to_degrees());
                flight::point(&mut vehicle.gimbal, pitch, yaw);
            }
            other => self.handle_transfer(now_ns, peer, other),
        }
    }

    fn handle_transfer(&mut self, now_ns: u64, peer: Address, message: &MavMessage) {
        let outcome = match message {
            MavMessage::MISSION_COUNT(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.transfer.count(now_ns, peer, m, &mut self.plans)
            }
            MavMessage::MISSION_ITEM_INT(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.transfer.item(now_ns, peer, m, &mut self.plans)
            }
            MavMessage::MISSION_CLEAR_ALL(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.transfer.clear(peer, m.mission_type, &mut self.plans)
            }
            MavMessage::MISSION_REQUEST_LIST(m) if self.is_for_us(m.target_system, m.target_component) => {
                let replies = vec![transfer::list(peer, m.mission_type, &self.plans)];
                Outcome { replies, replaced: None }
            }
            MavMessage::MISSION_REQUEST_INT(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.give_item(peer, m.mission_type, m.seq)
            }
            MavMessage::MISSION_REQUEST(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.give_item(peer, m.mission_type, m.seq)
            }
            MavMessage::MISSION_ACK(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.transfer.cancel(peer);
                return;
            }
            _ => return,
        };
        self.deliver(outcome, Audience::Asker);
    }

    fn give_item(&self, peer: Address, kind: MavMissionType, seq: u16) -> Outcome {
        let replies = vec![transfer::request(peer, kind, seq, self.flight.current, &self.plans)];
        Outcome { replies, replaced: None }
    }

    fn deliver(&mut self, outcome: Outcome, audience: Audience) {
        if matches!(
            outcome.replaced,
            Some(MavMissionType::MAV_MISSION_TYPE_MISSION | MavMissionType::MAV_MISSION_TYPE_ALL)
        ) {
            self.flight.set_current(0);
        }
        for message in outcome.replies {
            self.outbox.push(Outgoing { component: AUTOPILOT_COMPONENT, audience, message });
        }
    }

    fn is_for_us(&self, system: u8, component: u8) -> bool {
        (system == self.system_id || system == 0) && matches!(component, 0 | AUTOPILOT_COMPONENT | GIMBAL_COMPONENT)
    }

    fn pass_to_camera(&mut self, item: &Item) {
        let [param1, param2, param3, param4] = item.params;
        self.broadcast(MavMessage::COMMAND_LONG(COMMAND_LONG_DATA {
            param1,
            param2,
            param3,
            param4,
            param5: f32::NAN,
            param6: f32::NAN,
            param7: f32::NAN,
            command: item.command,
            target_system: self.system_id,
            target_component: CAMERA_COMPONENT,
            confirmation: 0,
        }));
    }

    fn disarm(&mut self, why: &str) {
        self.armed = false;
        self.has_flown = false;
        self.mode = Mode::Hold;
        self.flight.set_current(0);
        self.say(MavSeverity::MAV_SEVERITY_INFO, why);
    }

    fn send_current(&mut self, vehicle: &Vehicle) {
        if let Some(message) = self.build(42, vehicle) {
            self.broadcast(message);
        }
    }

    /// A text for the pilot, at most 50 characters here.
    fn say(&mut self, severity: MavSeverity, text: &str) {
        let text = text.into();
        self.broadcast(MavMessage::STATUSTEXT(STATUSTEXT_DATA { severity, text, id: 0, chunk_seq: 0 }));
    }

    fn broadcast(&mut self, message: MavMessage) {
        self.outbox.push(Outgoing { component: AUTOPILOT_COMPONENT, audience: Audience::All, message });
    }

    fn reply(&mut self, message: MavMessage) {
        self.outbox.push(Outgoing { component: AUTOPILOT_COMPONENT, audience: Audience::Asker, message });
    }
}
