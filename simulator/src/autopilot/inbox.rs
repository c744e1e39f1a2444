//! What comes in, and who answers it.

use vehicle_link::dialect::{
    GIMBAL_MANAGER_SET_PITCHYAW_DATA, MISSION_ITEM_INT_DATA, MavMessage, MavMissionType, MavType, PING_DATA,
    TIMESYNC_DATA,
};

use super::fixed_point::i32_of;
use super::ftp::Files;
use super::gimbal_manager::{Order, order_of_attitude};
use super::mode::Mode;
use super::personality::Personality;
use super::transfer::{self, Address, Judge, Outcome};
use super::{AUTOPILOT_COMPONENT, Audience, Autopilot, GIMBAL_COMPONENT, Outgoing, commands, guided};
use crate::vehicle::Vehicle;

impl Autopilot {
    /// Takes a message from a peer that arrived at `now_ns` of the simulation.
    pub fn handle(&mut self, now_ns: u64, peer: Address, message: &MavMessage, vehicle: &mut Vehicle) {
        if self.booting() {
            return;
        }
        match message {
            MavMessage::HEARTBEAT(beat) if beat.mavtype == MavType::MAV_TYPE_GCS => {
                self.watch.station_ns = Some(now_ns);
            }
            MavMessage::COMMAND_LONG(command) => {
                self.command(peer, &commands::Command::from_long(command), vehicle);
            }
            MavMessage::COMMAND_INT(command) => {
                self.command(peer, &commands::Command::from_int(command), vehicle);
            }
            MavMessage::SET_MODE(set) if set.target_system == self.system_id => {
                let wanted = Mode::from_custom(self.personality, set.custom_mode);
                let _ = wanted.map(|mode| self.fly_mode(mode, vehicle));
            }
            // tc1 = 0 is a question; anything else an answer to somebody.
            MavMessage::TIMESYNC(sync) if sync.tc1 == 0 => {
                self.reply(MavMessage::TIMESYNC(TIMESYNC_DATA {
                    tc1: i64::try_from(self.clock.boot_ns(now_ns)).unwrap_or(i64::MAX),
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
                let _ = self.jump_to(f64::from(set.seq), vehicle);
            }
            other => self.handle_protocols(now_ns, peer, other, vehicle),
        }
    }

    fn handle_protocols(&mut self, now_ns: u64, peer: Address, message: &MavMessage, vehicle: &mut Vehicle) {
        match message {
            MavMessage::PARAM_REQUEST_LIST(ask) if self.is_for_us(ask.target_system, ask.target_component) => {
                self.listing.begin(now_ns);
            }
            MavMessage::PARAM_REQUEST_READ(ask) if self.is_for_us(ask.target_system, ask.target_component) => {
                let name = ask.param_id.to_str().unwrap_or_default().trim_end_matches('\0');
                if let Some(value) = self.parameters.read(ask.param_index, name) {
                    self.broadcast(value);
                }
            }
            MavMessage::PARAM_SET(set) if self.is_for_us(set.target_system, set.target_component) => {
                if let Some(value) = self.parameters.write(set) {
                    self.apply_parameters();
                    self.broadcast(value);
                }
            }
            MavMessage::LOG_REQUEST_LIST(ask) if self.is_for_us(ask.target_system, ask.target_component) => {
                for entry in self.logs.entries(ask) {
                    self.reply(entry);
                }
            }
            MavMessage::LOG_REQUEST_DATA(ask) if self.is_for_us(ask.target_system, ask.target_component) => {
                self.download.begin(ask);
            }
            MavMessage::LOG_REQUEST_END(ask) if self.is_for_us(ask.target_system, ask.target_component) => {
                self.download.stop();
            }
            MavMessage::LOG_ERASE(ask) if self.is_for_us(ask.target_system, ask.target_component) => self.logs.erase(),
            MavMessage::FILE_TRANSFER_PROTOCOL(packet)
                if self.is_for_us(packet.target_system, packet.target_component) =>
            {
                let files = Files { personality: self.personality, logs: &self.logs, parameters: &self.parameters };
                for answer in self.ftp.handle(peer, packet, &files) {
                    self.reply(answer);
                }
            }
            other => self.handle_steering(now_ns, peer, other, vehicle),
        }
    }

    fn handle_steering(&mut self, now_ns: u64, peer: Address, message: &MavMessage, vehicle: &mut Vehicle) {
        let here = self.here(vehicle);
        match message {
            MavMessage::SET_POSITION_TARGET_GLOBAL_INT(set)
                if self.is_for_us(set.target_system, set.target_component) =>
            {
                self.take_aim(guided::from_global(set, &self.map, &here));
            }
            MavMessage::SET_POSITION_TARGET_LOCAL_NED(set)
                if self.is_for_us(set.target_system, set.target_component) =>
            {
                self.take_aim(guided::from_local(set, &here));
            }
            MavMessage::GIMBAL_MANAGER_SET_PITCHYAW(set) if self.is_for_us(set.target_system, set.target_component) => {
                self.point(peer, &order_of_pitch_yaw(set), vehicle);
            }
            MavMessage::GIMBAL_MANAGER_SET_ATTITUDE(set) if self.is_for_us(set.target_system, set.target_component) => {
                let rates = [set.angular_velocity_x, set.angular_velocity_y, set.angular_velocity_z];
                self.point(peer, &order_of_attitude(set.q, rates, set.flags.bits()), vehicle);
            }
            other => self.handle_transfer(now_ns, peer, other),
        }
    }

    /// A target from outside counts where its mode is flown, or is about to be.
    fn take_aim(&mut self, aim: Option<guided::Aim>) {
        let Some(aim) = aim else { return };
        match self.personality {
            Personality::Px4 => {
                self.offered = Some(aim);
                if self.mode == Mode::Guided {
                    self.flight.aim = Some(aim);
                }
            }
            Personality::Ardupilot => {
                if matches!(self.mode, Mode::Guided | Mode::Hold) {
                    self.mode = Mode::Guided;
                    self.flight.aim = Some(aim);
                }
            }
        }
    }

    pub(super) fn point(&mut self, who: Address, order: &Order, vehicle: &mut Vehicle) -> bool {
        let obeyed = self.gimbal.obeys(who);
        if obeyed {
            self.gimbal.order(order, &mut vehicle.gimbal);
        }
        obeyed
    }

    fn handle_transfer(&mut self, now_ns: u64, peer: Address, message: &MavMessage) {
        let judge = Judge { personality: self.personality, map: &self.map };
        let outcome = match message {
            MavMessage::MISSION_COUNT(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.transfer.count(now_ns, peer, m, &mut self.plans)
            }
            MavMessage::MISSION_ITEM_INT(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.transfer.item(now_ns, peer, m, &mut self.plans, &judge)
            }
            MavMessage::MISSION_ITEM(m) if self.is_for_us(m.target_system, m.target_component) => {
                self.transfer.item(now_ns, peer, &whole(m), &mut self.plans, &judge)
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

    pub(super) fn deliver(&mut self, outcome: Outcome, audience: Audience) {
        if let Some(kind) = outcome.replaced {
            self.take_plans(kind);
        }
        for message in outcome.replies {
            self.outbox.push(Outgoing { component: AUTOPILOT_COMPONENT, audience, content: message.into() });
        }
    }

    pub(super) fn is_for_us(&self, system: u8, component: u8) -> bool {
        (system == self.system_id || system == 0) && matches!(component, 0 | AUTOPILOT_COMPONENT | GIMBAL_COMPONENT)
    }
}

fn order_of_pitch_yaw(set: &GIMBAL_MANAGER_SET_PITCHYAW_DATA) -> Order {
    let given = |value: f32| Some(f64::from(value)).filter(|value| value.is_finite());
    Order {
        pitch_rad: given(set.pitch),
        yaw_rad: given(set.yaw),
        pitch_rps: given(set.pitch_rate),
        yaw_rps: given(set.yaw_rate),
        flags: set.flags.bits(),
    }
}

/// An item of the older message, degrees as floats.
fn whole(item: &vehicle_link::dialect::MISSION_ITEM_DATA) -> MISSION_ITEM_INT_DATA {
    MISSION_ITEM_INT_DATA {
        param1: item.param1,
        param2: item.param2,
        param3: item.param3,
        param4: item.param4,
        x: i32_of(f64::from(item.x) * 1e7),
        y: i32_of(f64::from(item.y) * 1e7),
        z: item.z,
        seq: item.seq,
        command: item.command,
        target_system: item.target_system,
        target_component: item.target_component,
        frame: item.frame,
        current: item.current,
        autocontinue: item.autocontinue,
        mission_type: item.mission_type,
    }
}
