//! A world and a ground station that speaks to it.

use std::path::Path;

use simulator::autopilot::{Audience, Content, Outgoing};
use simulator::geodesy::{Geodetic, Map};
use simulator::maths::Vec3;
use simulator::scenario::Scenario;
use simulator::world::World;
use vehicle_link::dialect::{
    COMMAND_INT_DATA, COMMAND_LONG_DATA, HEARTBEAT_DATA, MISSION_COUNT_DATA, MISSION_ITEM_INT_DATA, MavCmd, MavFrame,
    MavMessage, MavMissionResult, MavMissionType, MavParamType, MavResult, MavType, PARAM_SET_DATA,
};
use vehicle_link::frames::Body;

pub(crate) const GCS: (u8, u8) = (255, 190);
pub(crate) const MISSION: MavMissionType = MavMissionType::MAV_MISSION_TYPE_MISSION;

/// A world and a ground station that speaks to it.
pub(crate) struct Flight {
    pub(crate) world: World,
    pub(crate) heard: Vec<MavMessage>,
    /// Of ArduPilot's own dialect.
    pub(crate) foreign: Vec<Body>,
}

/// What was sent, where the common dialect has it.
pub(crate) fn common(outgoing: &Outgoing) -> Option<MavMessage> {
    outgoing.content.common().cloned()
}

impl Flight {
    pub(crate) fn new(text: &str) -> Self {
        let scenario = Scenario::parse(text, Path::new("test.toml")).unwrap();
        Self::of(World::new(&scenario, 1_700_000_000_000_000))
    }

    pub(crate) fn of(world: World) -> Self {
        Self { world, heard: Vec::new(), foreign: Vec::new() }
    }

    pub(crate) fn send(&mut self, message: &MavMessage) -> Vec<MavMessage> {
        let answers = self.world.receive(self.world.now_ns(), GCS, message);
        let (all, answers): (Vec<_>, Vec<_>) = answers.into_iter().partition(|o| o.audience == Audience::All);
        self.heard.extend(all.iter().filter_map(common));
        answers.iter().filter_map(common).collect()
    }

    pub(crate) fn command(&mut self, command: MavCmd, params: [f32; 7]) -> MavResult {
        let [param1, param2, param3, param4, param5, param6, param7] = params;
        let answers = self.send(&MavMessage::COMMAND_LONG(COMMAND_LONG_DATA {
            param1,
            param2,
            param3,
            param4,
            param5,
            param6,
            param7,
            command,
            target_system: 1,
            target_component: 1,
            confirmation: 0,
        }));
        let acks: Vec<_> = answers
            .iter()
            .filter_map(|m| if let MavMessage::COMMAND_ACK(ack) = m { Some(ack) } else { None })
            .collect();
        assert_eq!(acks.len(), 1, "one answer to a command");
        assert_eq!((acks[0].command, acks[0].target_system, acks[0].target_component), (command, GCS.0, GCS.1));
        acks[0].result
    }

    pub(crate) fn arm(&mut self) {
        let arm = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let result = self.command(MavCmd::MAV_CMD_COMPONENT_ARM_DISARM, arm);
        assert_eq!(result, MavResult::MAV_RESULT_ACCEPTED);
    }

    pub(crate) fn run(&mut self, seconds: f64) {
        self.run_until(seconds, |_| false);
    }

    /// Steps until `done`, at most for `seconds`; returns how long it took.
    pub(crate) fn run_until(&mut self, seconds: f64, done: impl Fn(&World) -> bool) -> Option<f64> {
        let from = self.world.now_ns();
        let end = from + (seconds * 1e9) as u64;
        while self.world.now_ns() < end {
            let outgoing = self.world.step();
            self.foreign.extend(outgoing.iter().filter_map(|o| match &o.content {
                Content::Foreign(body) => Some(body.clone()),
                Content::Common(_) => None,
            }));
            self.heard.extend(outgoing.iter().filter_map(common));
            if done(&self.world) {
                return Some((self.world.now_ns() - from) as f64 * 1e-9);
            }
        }
        None
    }

    pub(crate) fn upload(&mut self, items: &[MISSION_ITEM_INT_DATA]) -> MavMissionResult {
        self.upload_as(MISSION, items)
    }

    pub(crate) fn upload_as(&mut self, kind: MavMissionType, items: &[MISSION_ITEM_INT_DATA]) -> MavMissionResult {
        let count = MISSION_COUNT_DATA {
            count: items.len() as u16,
            target_system: 1,
            target_component: 1,
            mission_type: kind,
            opaque_id: 0,
        };
        let mut answers = self.send(&MavMessage::MISSION_COUNT(count));
        loop {
            match answers.as_slice() {
                [MavMessage::MISSION_REQUEST_INT(ask)] => {
                    let item =
                        MISSION_ITEM_INT_DATA { seq: ask.seq, mission_type: kind, ..items[usize::from(ask.seq)] };
                    answers = self.send(&MavMessage::MISSION_ITEM_INT(item));
                }
                [MavMessage::MISSION_ACK(ack)] => return ack.mavtype,
                other => panic!("{other:?}"),
            }
        }
    }

    /// A command with a place.
    pub(crate) fn command_at(&mut self, command: MavCmd, params: [f32; 4], place: Vec3) -> MavResult {
        let at = self.world.map().geodetic(place.horizontal());
        let [param1, param2, param3, param4] = params;
        let answers = self.send(&MavMessage::COMMAND_INT(COMMAND_INT_DATA {
            param1,
            param2,
            param3,
            param4,
            x: (at.lat_deg * 1e7).round() as i32,
            y: (at.lon_deg * 1e7).round() as i32,
            z: -place.z as f32,
            command,
            target_system: 1,
            target_component: 1,
            frame: MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT,
            current: 0,
            autocontinue: 0,
        }));
        let ack =
            answers.iter().find_map(|m| if let MavMessage::COMMAND_ACK(ack) = m { Some(ack.result) } else { None });
        ack.expect("an answer to a command")
    }

    /// Sets a parameter by the encoding of its autopilot; the answer must say so.
    pub(crate) fn set(&mut self, name: &str, value: f64, whole: bool) {
        let px4 = self.world.autopilot().personality() == simulator::autopilot::personality::Personality::Px4;
        let (param_value, param_type) = match (px4, whole) {
            (true, true) => (f32::from_bits(value as u32), MavParamType::MAV_PARAM_TYPE_INT32),
            _ => (value as f32, MavParamType::MAV_PARAM_TYPE_REAL32),
        };
        let set =
            PARAM_SET_DATA { param_value, target_system: 1, target_component: 1, param_id: name.into(), param_type };
        self.send(&MavMessage::PARAM_SET(set));
        assert_eq!(self.world.autopilot().parameters().value(name), value, "{name}");
    }

    /// A ground station's heartbeat.
    pub(crate) fn beat(&mut self) {
        let beat = HEARTBEAT_DATA { mavtype: MavType::MAV_TYPE_GCS, ..HEARTBEAT_DATA::default() };
        self.send(&MavMessage::HEARTBEAT(beat));
    }

    /// Arms and climbs to a height above home, by the ways of the vehicle's autopilot.
    pub(crate) fn take_off(&mut self, height_m: f32) {
        let px4 = self.world.autopilot().personality() == simulator::autopilot::personality::Personality::Px4;
        if !px4 {
            assert_eq!(self.mode(4), MavResult::MAV_RESULT_ACCEPTED, "GUIDED");
        }
        self.arm();
        let above = if px4 { 142.0 } else { 0.0 };
        let up = [0.0, 0.0, 0.0, f32::NAN, f32::NAN, f32::NAN, height_m + above];
        assert_eq!(self.command(MavCmd::MAV_CMD_NAV_TAKEOFF, up), MavResult::MAV_RESULT_ACCEPTED);
        let reached = self.run_until(60.0, |world| -world.vehicle().airframe.position.z > f64::from(height_m) - 0.6);
        assert!(reached.is_some(), "{} m", self.height_m());
        self.run(2.0);
    }

    /// DO_SET_MODE with an ArduPilot number.
    pub(crate) fn mode(&mut self, custom: u8) -> MavResult {
        self.command(MavCmd::MAV_CMD_DO_SET_MODE, [1.0, f32::from(custom), 0.0, 0.0, 0.0, 0.0, 0.0])
    }

    /// What was said in words since the beginning.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |m: &MavMessage| match m {
            MavMessage::STATUSTEXT(text) => Some(text.text.to_str().unwrap().to_owned()),
            _ => None,
        };
        self.heard.iter().filter_map(text).collect()
    }

    pub(crate) fn said(&self, words: &str) -> bool {
        self.texts().iter().any(|text| text.contains(words))
    }

    pub(crate) fn height_m(&self) -> f64 {
        -self.world.vehicle().airframe.position.z
    }
}

pub(crate) const CALM: &str = "[wind]\nspeed_mps = 2.0\ngust_mps = 0.2\n";

pub(crate) fn waypoint(map: &Map, north: f64, east: f64, height: f32) -> MISSION_ITEM_INT_DATA {
    let at = map.geodetic(simulator::maths::Vec3::new(north, east, 0.0));
    item(MavCmd::MAV_CMD_NAV_WAYPOINT, [0.0, 0.0, 0.0, f32::NAN], at, height)
}

pub(crate) fn item(command: MavCmd, params: [f32; 4], at: Geodetic, height: f32) -> MISSION_ITEM_INT_DATA {
    MISSION_ITEM_INT_DATA {
        param1: params[0],
        param2: params[1],
        param3: params[2],
        param4: params[3],
        x: (at.lat_deg * 1e7).round() as i32,
        y: (at.lon_deg * 1e7).round() as i32,
        z: height,
        seq: 0,
        command,
        target_system: 1,
        target_component: 1,
        frame: MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT_INT,
        current: 0,
        autocontinue: 1,
        mission_type: MISSION,
    }
}

pub(crate) fn action(command: MavCmd, params: [f32; 4]) -> MISSION_ITEM_INT_DATA {
    let nowhere = Geodetic { lat_deg: 0.0, lon_deg: 0.0, height_m: 0.0 };
    MISSION_ITEM_INT_DATA { frame: MavFrame::MAV_FRAME_MISSION, ..item(command, params, nowhere, 0.0) }
}
