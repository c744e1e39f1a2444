//! One vehicle on its links: frames out, frames in, and what faults make of them on the way.

use vehicle_link::dialect::MavResult;
use vehicle_link::frames::{Body, Encoder, Frame};
use vehicle_link::hub::{Hub, PeerId, Received, To};

use crate::autopilot::{AUTOPILOT_COMPONENT, Audience, GIMBAL_COMPONENT, Outgoing};
use crate::passage::Passage;
use crate::scenario::Scenario;
use crate::world::World;

const COMMAND_INT: u32 = 75;
const COMMAND_LONG: u32 = 76;
const COMMAND_ACK: u32 = 77;
// Where both commands have their id and their target.
const COMMAND_AT: usize = 28;
const TARGET_SYSTEM_AT: usize = 30;
const TARGET_COMPONENT_AT: usize = 31;

/// A vehicle and its side of the links.
pub(crate) struct Craft {
    /// What moves.
    pub(crate) world: World,
    hub: Hub,
    system_id: u8,
    autopilot: Encoder,
    gimbal: Encoder,
    outwards: Passage<(Frame, To)>,
    inwards: Passage<Received>,
}

impl Craft {
    /// A vehicle at boot.
    pub(crate) fn new(scenario: &Scenario, hub: Hub, boot_utc_us: i64) -> Self {
        let system_id = scenario.system_id;
        Self {
            world: World::new(scenario, boot_utc_us),
            hub,
            system_id,
            autopilot: Encoder::new(system_id, AUTOPILOT_COMPONENT),
            gimbal: Encoder::new(system_id, GIMBAL_COMPONENT),
            outwards: Passage::new(scenario.seed.wrapping_mul(2)),
            inwards: Passage::new(scenario.seed.wrapping_mul(2).wrapping_add(1)),
        }
    }

    /// MAVLink system id.
    pub(crate) fn system_id(&self) -> u8 {
        self.system_id
    }

    /// One physics step, and what the links bring and take in it.
    pub(crate) fn step(&mut self) {
        let outgoing = self.world.step();
        let radio = self.world.troubles().radio;
        self.outwards.degrade(radio);
        self.inwards.degrade(radio);
        self.send(outgoing, None);
        let now_ns = self.world.now_ns();
        for ((frame, to), damage) in self.outwards.arrived(now_ns) {
            match damage {
                Some(which) => self.hub.send_damaged(&frame, to, which),
                None => self.hub.send(&frame, to),
            };
        }
        for (received, damage) in self.inwards.arrived(now_ns) {
            // The checksum of a damaged frame is wrong: nobody hears it.
            if damage.is_none() {
                self.hear(&received);
            }
        }
    }

    /// Takes a frame from its links.
    pub(crate) fn receive(&mut self, received: Received) {
        if self.world.troubles().link_silent {
            return;
        }
        if let Some(received) = self.inwards.send(self.world.now_ns(), received) {
            self.hear(&received);
        }
    }

    fn hear(&mut self, received: &Received) {
        let Ok((_, message)) = received.frame.message() else {
            self.refuse_unknown(received);
            return;
        };
        let from = (received.frame.system_id(), received.frame.component_id());
        // A frame that was long under way is heard now.
        let at_ns = received.at_mono_ns.max(self.world.now_ns());
        let outgoing = self.world.receive(at_ns, from, &message);
        self.send(outgoing, Some(received.peer));
    }

    /// A command that the dialect does not know is refused at once, so that nobody waits for it.
    fn refuse_unknown(&mut self, received: &Received) {
        let frame = &received.frame;
        let payload = frame.payload();
        let ours = payload.u8(TARGET_SYSTEM_AT) == self.system_id
            && matches!(payload.u8(TARGET_COMPONENT_AT), 0 | AUTOPILOT_COMPONENT | GIMBAL_COMPONENT);
        if !matches!(frame.message_id(), COMMAND_INT | COMMAND_LONG) || !ours {
            return;
        }
        let [low, high] = payload.u16(COMMAND_AT).to_le_bytes();
        let unsupported = MavResult::MAV_RESULT_UNSUPPORTED as u8;
        let ack = [low, high, unsupported, 0, 0, 0, 0, 0, frame.system_id(), frame.component_id()];
        if let Ok(body) = Body::raw(COMMAND_ACK, &ack) {
            let frame = self.autopilot.encode_body(&body);
            self.pass(frame, To::Peer(received.peer));
        }
    }

    fn send(&mut self, outgoing: Vec<Outgoing>, asker: Option<PeerId>) {
        for message in outgoing {
            let encoder = if message.component == GIMBAL_COMPONENT { &mut self.gimbal } else { &mut self.autopilot };
            let frame = encoder.encode_body(&message.content.body());
            let to = match (message.audience, asker) {
                (Audience::Asker, Some(peer)) => To::Peer(peer),
                (Audience::Asker | Audience::All, _) => To::All,
            };
            self.pass(frame, to);
        }
    }

    fn pass(&mut self, frame: Frame, to: To) {
        if self.world.troubles().link_silent {
            return;
        }
        if let Some((frame, to)) = self.outwards.send(self.world.now_ns(), (frame, to)) {
            self.hub.send(&frame, to);
        }
    }

    /// How it is, as JSON.
    pub(crate) fn status(&self) -> serde_json::Value {
        let (autopilot, vehicle) = (self.world.autopilot(), self.world.vehicle());
        let position = vehicle.airframe.position;
        serde_json::json!({
            "system_id": self.system_id,
            "mode": autopilot.mode().name(autopilot.personality()),
            "armed": autopilot.armed(),
            "north_m": position.x,
            "east_m": position.y,
            "up_m": -position.z,
            "battery": vehicle.battery.remaining(),
            "links": { "sent": self.outwards.counts().passed, "lost": self.outwards.counts().lost },
            "troubles": format!("{:?}", self.world.troubles()),
        })
    }

    /// How many correspondents there are.
    pub(crate) fn peers(&self) -> usize {
        self.hub.peers().len()
    }
}
