//! The autopilot: MAVLink in, MAVLink out, demands to the airframe. Pure; PX4 or ArduPilot by [`personality`].

mod arming;
pub mod board_clock;
pub mod commands;
pub mod fence;
pub mod fixed_point;
pub mod flight;
mod foreign_telemetry;
mod ftp;
pub mod gimbal_manager;
pub mod guidance;
pub mod guided;
mod inbox;
mod item_rules;
pub mod logs;
pub mod mission;
pub mod mode;
mod more_telemetry;
pub mod notice;
mod orders;
mod outgoing;
mod param_file;
pub mod parameters;
pub mod personality;
pub mod policy;
pub mod streams;
pub mod telemetry;
pub mod transfer;
mod watch;

use vehicle_link::dialect::{
    COMMAND_LONG_DATA, MISSION_ITEM_REACHED_DATA, MavCmd, MavFrame, MavMessage, MavMissionType, MavSeverity,
    STATUSTEXT_DATA,
};

use crate::geodesy::Map;
use crate::maths::Vec3;
use crate::vehicle::{Demand, Vehicle};
use board_clock::BoardClock;
use commands::CommandFaults;
use fence::Fence;
use fixed_point::{deg_e7, f32_of};
use flight::{Event, Flight, Mount, Settings, Situation};
use ftp::Ftp;
use gimbal_manager::GimbalManager;
use guided::{Aim, Here};
use logs::server::Download;
use logs::{Logs, Sample};
use mission::{Item, Plan, Plans};
use mode::Mode;
use notice::Notice;
pub use outgoing::{Audience, Content, Outgoing};
use parameters::Parameters;
use parameters::server::Listing;
use personality::Personality;
use policy::Policy;
use streams::Streams;
use transfer::Transfer;
use watch::Watch;

/// MAV_COMP_ID_AUTOPILOT1.
pub const AUTOPILOT_COMPONENT: u8 = 1;
/// MAV_COMP_ID_GIMBAL: whom gimbal attitudes come from. It sends no heartbeat of its own, as a gimbal driven by PX4 sends none; stations
/// that keep one heartbeat a system would take it for the vehicle's.
pub const GIMBAL_COMPONENT: u8 = 154;
/// MAV_COMP_ID_CAMERA: whom a mission's camera items go to.
const CAMERA_COMPONENT: u8 = 100;

/// How long a booting autopilot says nothing.
const BOOT_NS: u64 = 2_000_000_000;
/// Bytes of one STATUSTEXT.
const TEXT_CHUNK: usize = 50;

/// What a vehicle is from its maker and its place.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// Which autopilot it is.
    pub personality: Personality,
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
    personality: Personality,
    system_id: u8,
    home_msl_m: f64,
    undulation_m: f64,
    map: Map,
    now_ns: u64,
    clock: BoardClock,
    /// It is booting until then.
    silent_until_ns: u64,
    armed: bool,
    mode: Mode,
    flight: Flight,
    plans: Plans,
    fence: Fence,
    transfer: Transfer,
    parameters: Parameters,
    policy: Policy,
    listing: Listing,
    gimbal: GimbalManager,
    /// The last target from outside, before its mode is flown (PX4).
    offered: Option<Aim>,
    streams: Streams,
    watch: Watch,
    logs: Logs,
    download: Download,
    ftp: Ftp,
    command_faults: CommandFaults,
    text_id: u16,
    outbox: Vec<Outgoing>,
}

impl Autopilot {
    /// A booted autopilot on the ground at the map's home.
    #[must_use]
    pub fn new(identity: Identity, map: Map, settings: Settings) -> Self {
        let Identity { personality, system_id, boot_utc_us, home_msl_m, undulation_m } = identity;
        let parameters = Parameters::new(personality, &settings, system_id);
        Self {
            personality,
            system_id,
            home_msl_m,
            undulation_m,
            map,
            now_ns: 0,
            clock: BoardClock::new(boot_utc_us),
            silent_until_ns: 0,
            armed: false,
            mode: first_mode(personality),
            flight: Flight::new(settings),
            plans: Plans::default(),
            fence: Fence::default(),
            transfer: Transfer::default(),
            policy: parameters.policy(),
            parameters,
            listing: Listing::default(),
            gimbal: GimbalManager::default(),
            offered: None,
            streams: Streams::new(personality),
            watch: Watch::default(),
            logs: Logs::new(personality),
            download: Download::default(),
            ftp: Ftp::default(),
            command_faults: CommandFaults::default(),
            text_id: 0,
            outbox: Vec::new(),
        }
    }

    /// Which autopilot it is.
    #[must_use]
    pub fn personality(&self) -> Personality {
        self.personality
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

    /// Its parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Its logs.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Puts a mission in place, as an upload would. ArduPilot's begins with home.
    pub fn load_mission(&mut self, items: Vec<Item>) {
        let kind = MavMissionType::MAV_MISSION_TYPE_MISSION;
        let mut items: Vec<Item> = items.into_iter().map(|item| self.personality.remembered(kind, item)).collect();
        if self.personality == Personality::Ardupilot && !items.is_empty() {
            items.insert(0, self.home_item());
        }
        self.plans.replace(kind, Plan::new(items));
        self.flight.set_current(0);
    }

    /// Takes messages to send since the last call.
    pub fn take_outbox(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.outbox)
    }

    /// What shall go wrong with commands from now on.
    pub fn set_command_faults(&mut self, faults: CommandFaults) {
        self.command_faults = faults;
    }

    /// What shall go wrong with its clock from now on.
    pub fn disturb_clock(&mut self, skew_ppm: f64, utc_step_us: i64) {
        self.clock.disturb(self.now_ns, skew_ppm, utc_step_us);
    }

    /// Boots again: motors stop wherever it is; plans, parameters and logs stay.
    pub fn reboot(&mut self) {
        self.armed = false;
        self.mode = first_mode(self.personality);
        self.flight.set_current(0);
        self.transfer = Transfer::default();
        self.listing = Listing::default();
        self.gimbal = GimbalManager::default();
        self.streams = Streams::new(self.personality);
        self.watch = Watch::default();
        self.download.stop();
        self.logs.end();
        self.clock.reboot(self.now_ns);
        self.silent_until_ns = self.now_ns + BOOT_NS;
    }

    fn booting(&self) -> bool {
        self.now_ns < self.silent_until_ns
    }

    /// One physics step: flies, and puts what is due into the outbox. `now_ns` is the time of the vehicle's state.
    pub fn step(&mut self, now_ns: u64, vehicle: &mut Vehicle) -> Demand {
        self.now_ns = now_ns;
        if self.booting() {
            return Demand::Off;
        }
        if self.silent_until_ns != 0 {
            self.silent_until_ns = 0;
            self.tell(Notice::Booted);
        }
        let outcome = self.transfer.step(now_ns);
        self.deliver(outcome, Audience::All);
        let dt_s = crate::vehicle::STEP_S;
        self.look_around(dt_s, vehicle);
        let demand = self.fly(dt_s, vehicle);
        self.gimbal.step(dt_s, vehicle);
        self.write_log(vehicle);
        self.emit(vehicle);
        demand
    }

    fn fly(&mut self, dt_s: f64, vehicle: &mut Vehicle) -> Demand {
        if !self.armed {
            return Demand::Off;
        }
        if vehicle.airframe.on_ground() && self.waits_on_ground() {
            self.flight.guidance.reset(vehicle.airframe.attitude.to_euler().yaw_rad);
            return Demand::Idle;
        }
        let situation = Situation {
            dt_s,
            position: Self::believed(vehicle),
            items: &self.plans.mission.items,
            map: &self.map,
            home_msl_m: self.home_msl_m,
            now_ns: self.now_ns,
            first_is_home: self.personality == Personality::Ardupilot,
        };
        let mut mount = Mount { manager: &mut self.gimbal, gimbal: &mut vehicle.gimbal };
        match self.flight.step(self.mode, &situation, &mut mount) {
            Some(Event::Reached(seq)) => {
                self.broadcast(MavMessage::MISSION_ITEM_REACHED(MISSION_ITEM_REACHED_DATA { seq }));
                self.send_current(vehicle);
            }
            Some(Event::Finished) => {
                self.tell(Notice::MissionFinished);
                match self.personality {
                    Personality::Px4 => self.set_mode(Mode::Hold, vehicle),
                    // It stays in AUTO.
                    Personality::Ardupilot => self.flight.paused_at = Some(Self::believed(vehicle)),
                }
                self.flight.finished = true;
            }
            Some(Event::Next(mode)) => self.set_mode(mode, vehicle),
            Some(Event::Camera(item)) => self.pass_to_camera(&item),
            None => {}
        }
        self.flight.guidance.demand()
    }

    /// On the ground nothing is asked that would lift it.
    fn waits_on_ground(&self) -> bool {
        match self.mode {
            Mode::Return => self.watch.has_flown,
            Mode::Mission => {
                let first = usize::from(self.personality == Personality::Ardupilot);
                self.plans.mission.items.len() <= first || self.flight.finished || self.flight.paused_at.is_some()
            }
            Mode::TakeOff => false,
            Mode::Guided => self.personality == Personality::Ardupilot || self.flight.aim.is_none(),
            Mode::Position | Mode::Stabilise | Mode::Altitude | Mode::Hold | Mode::Land | Mode::Orbit | Mode::Brake => {
                true
            }
        }
    }

    /// Changes the mode; what is flown starts from here.
    fn set_mode(&mut self, mode: Mode, vehicle: &Vehicle) {
        let position = Self::believed(vehicle);
        if mode == Mode::Return {
            self.flight.return_to = self.place_of_return(position);
        }
        self.mode = mode;
        self.flight.enter(mode, position);
        self.send_heartbeat(vehicle);
    }

    /// Home, or a rally point that is nearer, where the parameters allow it.
    fn place_of_return(&self, position: Vec3) -> Vec3 {
        let away = |place: &Vec3| (*place - position).horizontal_norm();
        let rally = self.plans.rally.items.iter().filter(|_| self.policy.rally);
        let rally = rally.map(|item| fence::place(item, &self.map));
        let nearest =
            rally.min_by(|a, b| away(a).total_cmp(&away(b))).filter(|at| away(at) <= self.policy.rally_reach_m);
        let home = self.flight.home;
        nearest.filter(|at| !self.policy.home_counts || away(at) < away(&home)).unwrap_or(home)
    }

    /// How this autopilot stops where it is.
    fn stop_mode(&self) -> Mode {
        if self.personality == Personality::Px4 { Mode::Hold } else { Mode::Brake }
    }

    /// Where it believes to be.
    fn believed(vehicle: &Vehicle) -> Vec3 {
        vehicle.airframe.position + vehicle.gnss.error()
    }

    fn here(&self, vehicle: &Vehicle) -> Here {
        Here {
            position: Self::believed(vehicle),
            yaw_rad: vehicle.airframe.attitude.to_euler().yaw_rad,
            home_msl_m: self.home_msl_m,
            now_ns: self.now_ns,
        }
    }

    fn set_home(&mut self, home: Vec3, vehicle: &Vehicle) {
        self.flight.home = home;
        self.refresh_home_item();
        if let Some(message) = self.build(242, vehicle) {
            self.broadcast(message);
        }
    }

    /// ArduPilot's item 0.
    fn home_item(&self) -> Item {
        let home = self.map.geodetic(self.flight.home);
        Item {
            frame: MavFrame::MAV_FRAME_GLOBAL,
            x: deg_e7(home.lat_deg),
            y: deg_e7(home.lon_deg),
            ..Item::act(MavCmd::MAV_CMD_NAV_WAYPOINT, [0.0; 4], f32_of(self.home_msl_m))
        }
    }

    fn refresh_home_item(&mut self) {
        let home = self.home_item();
        if self.personality == Personality::Ardupilot
            && let Some(first) = self.plans.mission.items.first_mut()
        {
            *first = home;
        }
    }

    /// A plan was replaced.
    fn take_plans(&mut self, kind: MavMissionType) {
        let all = kind == MavMissionType::MAV_MISSION_TYPE_ALL;
        if all || kind == MavMissionType::MAV_MISSION_TYPE_MISSION {
            self.flight.set_current(0);
            self.refresh_home_item();
        }
        if all || kind == MavMissionType::MAV_MISSION_TYPE_FENCE {
            // The transfer has judged it.
            self.fence = Fence::read(&self.plans.fence.items, &self.map).unwrap_or_default();
        }
        let count = |plan: &Plan| f64::from(u16::try_from(plan.items.len()).unwrap_or(u16::MAX).min(127));
        let totals = [("FENCE_TOTAL", count(&self.plans.fence)), ("RALLY_TOTAL", count(&self.plans.rally))];
        for (name, total) in totals {
            let _ = self.parameters.set(name, total);
        }
    }

    /// Flies by the parameters as they are now.
    fn apply_parameters(&mut self) {
        let before = self.flight.settings.cruise_mps;
        self.flight.settings = self.parameters.settings();
        if (self.flight.settings.cruise_mps - before).abs() > f64::EPSILON {
            self.flight.cruise_mps = self.flight.settings.cruise_mps;
        }
        self.policy = self.parameters.policy();
    }

    fn emit(&mut self, vehicle: &Vehicle) {
        if let Some(value) = self.listing.step(self.now_ns, &self.parameters) {
            self.broadcast(value);
        }
        for chunk in self.download.step(&self.logs) {
            self.broadcast(chunk);
        }
        if let Some(ack) = self.command_faults.step(self.now_ns) {
            self.broadcast(ack);
        }
        let now_ns = self.now_ns;
        let due: Vec<_> = self.streams.due(now_ns).collect();
        for id in due {
            if let Some(content) = self.content(id, vehicle) {
                let component = telemetry::component_of(id);
                self.outbox.push(Outgoing { component, audience: Audience::All, content });
            }
        }
    }

    fn write_log(&mut self, vehicle: &Vehicle) {
        if !self.logs.due(self.now_ns) {
            return;
        }
        let at = self.map.geodetic(Self::believed(vehicle));
        let attitude = vehicle.airframe.attitude.to_euler();
        self.logs.sample(&Sample {
            boot_us: self.clock.boot_ns(self.now_ns) / 1000,
            lat_deg: at.lat_deg,
            lon_deg: at.lon_deg,
            alt_msl_m: f32_of(at.height_m - self.undulation_m),
            height_m: f32_of(-Self::believed(vehicle).z),
            attitude_rad: [attitude.roll_rad, attitude.pitch_rad, attitude.yaw_rad].map(f32_of),
        });
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

    fn send_heartbeat(&mut self, vehicle: &Vehicle) {
        if let Some(heartbeat) = self.build(0, vehicle) {
            self.broadcast(heartbeat);
        }
    }

    fn send_current(&mut self, vehicle: &Vehicle) {
        if let Some(message) = self.build(42, vehicle) {
            self.broadcast(message);
        }
    }

    fn tell(&mut self, notice: Notice) {
        let (severity, text) = notice.words(self.personality);
        self.say(severity, &text);
    }

    /// A text for the pilot, in chunks where it is longer than one message.
    fn say(&mut self, severity: MavSeverity, text: &str) {
        self.logs.text(self.clock.boot_ns(self.now_ns) / 1000, severity as u8, text);
        let bytes = text.as_bytes();
        // Id 0 is a text of one message.
        let id = if bytes.len() > TEXT_CHUNK {
            self.text_id = self.text_id.wrapping_add(1).max(1);
            self.text_id
        } else {
            0
        };
        for (chunk_seq, chunk) in (0u8..).zip(bytes.chunks(TEXT_CHUNK)) {
            let text = String::from_utf8_lossy(chunk);
            let text = text.as_ref().into();
            self.broadcast(MavMessage::STATUSTEXT(STATUSTEXT_DATA { severity, text, id, chunk_seq }));
        }
    }

    fn broadcast(&mut self, message: MavMessage) {
        self.outbox.push(Outgoing { component: AUTOPILOT_COMPONENT, audience: Audience::All, content: message.into() });
    }

    fn reply(&mut self, message: MavMessage) {
        self.outbox.push(Outgoing {
            component: AUTOPILOT_COMPONENT,
            audience: Audience::Asker,
            content: message.into(),
        });
    }
}

/// The mode after boot.
fn first_mode(personality: Personality) -> Mode {
    match personality {
        Personality::Px4 => Mode::Position,
        Personality::Ardupilot => Mode::Stabilise,
    }
}
