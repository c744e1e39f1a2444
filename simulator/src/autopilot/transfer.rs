//! The mission protocol, vehicle side: COUNT → REQUEST_INT → ITEM_INT → ACK, and back.
//!
//! 250 ms an item, for five seconds, then the upload is given up, as PX4 does; the old plan stays until the last item of a new one has
//! passed its check.

use std::cmp::Ordering;

use vehicle_link::dialect::{
    MISSION_ACK_DATA, MISSION_COUNT_DATA, MISSION_ITEM_INT_DATA, MISSION_REQUEST_INT_DATA, MavCmd, MavMessage,
    MavMissionResult, MavMissionType,
};

use super::fence::Fence;
use super::mission::{ITEMS_MAX, Item, Plan, Plans};
use super::personality::Personality;
use crate::geodesy::Map;

const ITEM_TIMEOUT_NS: u64 = 250_000_000;
const TRIES: u8 = 20;

/// An address: system and component.
pub type Address = (u8, u8);

/// An upload under way.
#[derive(Clone, Debug)]
struct Upload {
    from: Address,
    kind: MavMissionType,
    count: u16,
    items: Vec<Item>,
    tries_left: u8,
    due_ns: u64,
}

/// State of the protocol.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    upload: Option<Upload>,
    /// The last upload that was acknowledged and its last item: the acknowledgement may be lost.
    done: Option<(Address, MavMissionType, u16)>,
}

/// By what an item or a plan is judged.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// Whose rules.
    pub personality: Personality,
    /// Where it lies.
    pub map: &'a Map,
}

impl Judge<'_> {
    fn item(&self, kind: MavMissionType, seq: u16, item: &Item) -> Result<(), MavMissionResult> {
        match kind {
            // ArduPilot takes whatever comes for home, and puts its own there.
            MavMissionType::MAV_MISSION_TYPE_MISSION if seq == 0 && self.personality == Personality::Ardupilot => {
                Ok(())
            }
            MavMissionType::MAV_MISSION_TYPE_MISSION => self.personality.check(item),
            MavMissionType::MAV_MISSION_TYPE_RALLY if item.command != MavCmd::MAV_CMD_NAV_RALLY_POINT => {
                Err(MavMissionResult::MAV_MISSION_UNSUPPORTED)
            }
            MavMissionType::MAV_MISSION_TYPE_RALLY | MavMissionType::MAV_MISSION_TYPE_FENCE => {
                self.personality.check_place(item)
            }
            MavMissionType::MAV_MISSION_TYPE_ALL => Ok(()),
        }
    }

    fn plan(&self, kind: MavMissionType, items: &[Item]) -> Result<(), MavMissionResult> {
        match kind {
            MavMissionType::MAV_MISSION_TYPE_FENCE => Fence::read(items, self.map).map(drop),
            _ => Ok(()),
        }
    }
}

/// What a step of the protocol leads to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Messages for the peer.
    pub replies: Vec<MavMessage>,
    /// A mission type whose plan was replaced.
    pub replaced: Option<MavMissionType>,
}

impl Outcome {
    fn reply(message: MavMessage) -> Self {
        Self { replies: vec![message], replaced: None }
    }
}

impl Transfer {
    /// A peer wants to upload `count` items.
    pub fn count(&mut self, now_ns: u64, from: Address, count: &MISSION_COUNT_DATA, plans: &mut Plans) -> Outcome {
        let kind = count.mission_type;
        let refuse = |result| Outcome::reply(ack(from, kind, result, 0));
        if kind == MavMissionType::MAV_MISSION_TYPE_ALL {
            return refuse(MavMissionResult::MAV_MISSION_UNSUPPORTED);
        }
        if count.count > ITEMS_MAX {
            return refuse(MavMissionResult::MAV_MISSION_NO_SPACE);
        }
        if self.upload.as_ref().is_some_and(|u| u.from != from) {
            return refuse(MavMissionResult::MAV_MISSION_DENIED);
        }
        self.done = None;
        if count.count == 0 {
            return Self::store(from, kind, Vec::new(), plans);
        }
        let upload = Upload {
            from,
            kind,
            count: count.count,
            items: Vec::new(),
            tries_left: TRIES,
            due_ns: now_ns + ITEM_TIMEOUT_NS,
        };
        let ask = upload.ask();
        self.upload = Some(upload);
        Outcome::reply(ask)
    }

    /// An item arrived.
    pub fn item(
        &mut self,
        now_ns: u64,
        from: Address,
        item: &MISSION_ITEM_INT_DATA,
        plans: &mut Plans,
        judge: &Judge<'_>,
    ) -> Outcome {
        let Some(upload) = self.upload.as_mut().filter(|u| u.from == from && u.kind == item.mission_type) else {
            let again = self.done == Some((from, item.mission_type, item.seq));
            let id = plans.of(item.mission_type).map_or(0, |plan| plan.id);
            let accepted = || ack(from, item.mission_type, MavMissionResult::MAV_MISSION_ACCEPTED, id);
            return if again { Outcome::reply(accepted()) } else { Outcome::default() };
        };
        match usize::from(item.seq).cmp(&upload.items.len()) {
            // One that is here already: the next was asked for when it came, and each further question would bring one more copy.
            Ordering::Less => return Outcome::default(),
            Ordering::Equal => {}
            // One too far: ask for the one that is wanted.
            Ordering::Greater => return Outcome::reply(upload.ask()),
        }
        let stored = Item::from_wire(item);
        if let Err(result) = judge.item(upload.kind, item.seq, &stored) {
            let refusal = ack(from, upload.kind, result, 0);
            self.upload = None;
            return Outcome::reply(refusal);
        }
        upload.items.push(judge.personality.remembered(upload.kind, stored));
        upload.tries_left = TRIES;
        upload.due_ns = now_ns + ITEM_TIMEOUT_NS;
        if upload.items.len() < usize::from(upload.count) {
            return Outcome::reply(upload.ask());
        }
        let (kind, items) = (upload.kind, std::mem::take(&mut upload.items));
        self.upload = None;
        if let Err(result) = judge.plan(kind, &items) {
            return Outcome::reply(ack(from, kind, result, 0));
        }
        self.done = Some((from, kind, item.seq));
        Self::store(from, kind, items, plans)
    }

    /// Asks again for what did not come; gives up after the last try.
    pub fn step(&mut self, now_ns: u64) -> Outcome {
        let Some(upload) = self.upload.as_mut().filter(|u| now_ns >= u.due_ns) else {
            return Outcome::default();
        };
        if upload.tries_left == 0 {
            let (from, kind) = (upload.from, upload.kind);
            self.upload = None;
            return Outcome::reply(ack(from, kind, MavMissionResult::MAV_MISSION_OPERATION_CANCELLED, 0));
        }
        upload.tries_left -= 1;
        upload.due_ns = now_ns + ITEM_TIMEOUT_NS;
        Outcome::reply(upload.ask())
    }

    /// The peer ended a transfer.
    pub fn cancel(&mut self, from: Address) {
        if self.upload.as_ref().is_some_and(|u| u.from == from) {
            self.upload = None;
        }
    }

    /// A peer wants everything removed.
    pub fn clear(&mut self, from: Address, kind: MavMissionType, plans: &mut Plans) -> Outcome {
        self.upload = None;
        Self::store(from, kind, Vec::new(), plans)
    }

    fn store(from: Address, kind: MavMissionType, items: Vec<Item>, plans: &mut Plans) -> Outcome {
        let plan = Plan::new(items);
        let accepted = ack(from, kind, MavMissionResult::MAV_MISSION_ACCEPTED, plan.id);
        plans.replace(kind, plan);
        Outcome { replies: vec![accepted], replaced: Some(kind) }
    }
}

impl Upload {
    fn ask(&self) -> MavMessage {
        MavMessage::MISSION_REQUEST_INT(MISSION_REQUEST_INT_DATA {
            // Never more than ITEMS_MAX.
            seq: u16::try_from(self.items.len()).unwrap_or(u16::MAX),
            target_system: self.from.0,
            target_component: self.from.1,
            mission_type: self.kind,
        })
    }
}

/// A peer asks how many items there are.
#[must_use]
pub fn list(from: Address, kind: MavMissionType, plans: &Plans) -> MavMessage {
    let Some(plan) = plans.of(kind) else {
        return ack(from, kind, MavMissionResult::MAV_MISSION_UNSUPPORTED, 0);
    };
    MavMessage::MISSION_COUNT(MISSION_COUNT_DATA {
        count: u16::try_from(plan.items.len()).unwrap_or(u16::MAX),
        target_system: from.0,
        target_component: from.1,
        mission_type: kind,
        opaque_id: plan.id,
    })
}

/// A peer asks for one item.
#[must_use]
pub fn request(from: Address, kind: MavMissionType, seq: u16, current: u16, plans: &Plans) -> MavMessage {
    let item = plans.of(kind).and_then(|plan| plan.items.get(usize::from(seq)));
    match item {
        Some(item) => MavMessage::MISSION_ITEM_INT(item.to_wire(seq, seq == current, kind, from)),
        None => ack(from, kind, MavMissionResult::MAV_MISSION_INVALID_SEQUENCE, 0),
    }
}

fn ack(to: Address, kind: MavMissionType, result: MavMissionResult, id: u32) -> MavMessage {
    MavMessage::MISSION_ACK(MISSION_ACK_DATA {
        target_system: to.0,
        target_component: to.1,
        mavtype: result,
        mission_type: kind,
        opaque_id: id,
    })
}
