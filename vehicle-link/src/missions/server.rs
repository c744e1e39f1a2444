//! The vehicle's side: gives its plans, takes new ones, keeps the old until the new is whole.

use super::{
    Ends, ITEM, Item, Kind, MISSION_ACK, MISSION_CLEAR_ALL, MISSION_COUNT, MISSION_ITEM_INT, MISSION_REQUEST,
    MISSION_REQUEST_INT, MISSION_REQUEST_LIST, ack, kind_of,
};
use crate::{
    crc32,
    dialect::{MISSION_COUNT_DATA, MISSION_REQUEST_INT_DATA, MavMessage, MavMissionResult, MavMissionType},
    frames::{Body, Frame},
    peers::Address,
    request::Pending,
};

/// MAV_MISSION_TYPE_ALL, for clearing.
const ALL_KINDS: u8 = 255;

/// What the vehicle's side wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAction {
    /// Send this; it is addressed.
    Send(Body),
    /// A plan was replaced or cleared; read it with [`Server::plan`].
    Changed(Kind),
}

/// All plans of a vehicle and at most one upload at a time (a second station is told DENIED).
#[derive(Debug)]
pub struct Server {
    own: Address,
    max_items: u16,
    accepts: fn(Kind, &Item) -> MavMissionResult,
    current: u16,
    plans: [Vec<Item>; 3],
    upload: Option<Incoming>,
    /// The last upload that was acknowledged, and the number of its last item: the ACK may be lost.
    done: Option<(Ends, Kind, u16)>,
}

#[derive(Debug)]
struct Incoming {
    ends: Ends,
    kind: Kind,
    count: u16,
    items: Vec<Item>,
    pending: Pending,
}

impl Server {
    /// A vehicle without plans. `accepts` judges each item as it comes; anything but ACCEPTED
    /// refuses the whole plan with that result.
    pub fn new(own: Address, max_items: u16, accepts: fn(Kind, &Item) -> MavMissionResult) -> Self {
        Self { own, max_items, accepts, current: 0, plans: Default::default(), upload: None, done: None }
    }

    /// The plan in force.
    pub fn plan(&self, kind: Kind) -> &[Item] {
        &self.plans[kind as usize]
    }

    /// The plan's opaque id: the CRC-32 of its items, 0 for none. Two plans alike have one id.
    pub fn opaque_id(&self, kind: Kind) -> u32 {
        let items = self.plan(kind).iter().zip(0..);
        items.fold(0, |crc, (item, seq)| crc32::more(crc, &item.wire(seq, false, kind, (0, 0))))
    }

    /// Which mission item is marked current when the plan is read.
    pub fn set_current(&mut self, seq: u16) {
        self.current = seq;
    }

    /// Takes any frame; those not of the mission protocol, or not for us, are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<ServerAction> {
        if let Some(upload) = self.upload.as_mut().filter(|upload| upload.ends.hears(frame)) {
            upload.pending.heard(now_ns);
        }
        let addressed = frame.target().is_some_and(|target| self.own.is_in(target));
        if !addressed {
            return Vec::new();
        }
        let ends = Ends { own: self.own, remote: Address::of(frame) };
        let kind = Kind::from_wire(kind_of(frame));
        match (frame.message_id(), kind) {
            (MISSION_REQUEST_LIST, Some(kind)) => vec![ServerAction::Send(self.count(kind, ends))],
            (MISSION_REQUEST | MISSION_REQUEST_INT, Some(kind)) => {
                vec![ServerAction::Send(self.give(kind, frame.payload().u16(0), ends))]
            }
            (MISSION_COUNT, Some(kind)) => self.begin(kind, frame.payload().u16(0), ends, now_ns),
            (MISSION_ITEM_INT, Some(kind)) => self.item(kind, frame, now_ns),
            (MISSION_CLEAR_ALL, kind) => self.clear(kind, kind_of(frame), ends),
            // The station cancels its upload.
            (MISSION_ACK, _) => {
                self.upload.take_if(|upload| upload.ends == ends && Some(upload.kind) == kind);
                Vec::new()
            }
            (MISSION_REQUEST_LIST | MISSION_COUNT, None) => {
                let unsupported = MavMissionResult::MAV_MISSION_UNSUPPORTED;
                vec![ServerAction::Send(refusal(ends, Kind::Mission, unsupported))]
            }
            _ => Vec::new(),
        }
    }

    /// Asks again for the item that has not come. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<ServerAction> {
        match self.upload.as_mut().and_then(|upload| upload.pending.poll(now_ns)) {
            None => Vec::new(),
            Some(Ok(body)) => vec![ServerAction::Send(body)],
            Some(Err(_timeout)) => self.refuse(MavMissionResult::MAV_MISSION_OPERATION_CANCELLED),
        }
    }

    fn count(&self, kind: Kind, ends: Ends) -> Body {
        Body::from(&MavMessage::MISSION_COUNT(MISSION_COUNT_DATA {
            // At most `max_items` were let in.
            count: u16::try_from(self.plan(kind).len()).unwrap_or(u16::MAX),
            target_system: ends.remote.system,
            target_component: ends.remote.component,
            mission_type: kind.wire(),
            opaque_id: self.opaque_id(kind),
        }))
    }

    fn give(&self, kind: Kind, seq: u16, ends: Ends) -> Body {
        match self.plan(kind).get(usize::from(seq)) {
            Some(item) => {
                let current = kind == Kind::Mission && seq == self.current;
                item.body(seq, current, kind, ends)
            }
            None => refusal(ends, kind, MavMissionResult::MAV_MISSION_INVALID_SEQUENCE),
        }
    }

    fn begin(&mut self, kind: Kind, count: u16, ends: Ends, now_ns: u64) -> Vec<ServerAction> {
        if self.is_taken_by_another(ends) {
            return vec![ServerAction::Send(refusal(ends, kind, MavMissionResult::MAV_MISSION_DENIED))];
        }
        if count > self.max_items {
            return vec![ServerAction::Send(refusal(ends, kind, MavMissionResult::MAV_MISSION_NO_SPACE))];
        }
        // A copy of the COUNT that began it: the items so far are not lost.
        if let Some(same) = self.upload.take_if(|upload| (upload.kind, upload.count) == (kind, count)) {
            let Incoming { ends, kind, count, items, .. } = same;
            return self.request(Progress { ends, kind, count, items }, now_ns);
        }
        self.upload = None;
        self.done = None;
        if count == 0 {
            return self.replace(kind, Vec::new(), ends);
        }
        self.request(Progress { ends, kind, count, items: Vec::new() }, now_ns)
    }

    fn item(&mut self, kind: Kind, frame: &Frame, now_ns: u64) -> Vec<ServerAction> {
        let from = Address::of(frame);
        let (seq, item) = Item::read(frame);
        let expected = self.upload.take_if(|upload| {
            upload.ends.remote == from && upload.kind == kind && upload.items.len() == usize::from(seq)
        });
        let Some(Incoming { ends, kind, count, mut items, .. }) = expected else {
            return self.acknowledge_again(from, kind, seq);
        };
        let verdict = (self.accepts)(kind, &item);
        if verdict != MavMissionResult::MAV_MISSION_ACCEPTED {
            return vec![ServerAction::Send(refusal(ends, kind, verdict))];
        }
        items.push(item);
        if items.len() == usize::from(count) {
            self.done = Some((ends, kind, seq));
            self.replace(kind, items, ends)
        } else {
            self.request(Progress { ends, kind, count, items }, now_ns)
        }
    }

    fn acknowledge_again(&self, from: Address, kind: Kind, seq: u16) -> Vec<ServerAction> {
        match self.done {
            Some((ends, of, last)) if (ends.remote, of, last) == (from, kind, seq) => {
                vec![ServerAction::Send(self.accepted(kind, ends))]
            }
            _ => Vec::new(),
        }
    }

    fn request(&mut self, progress: Progress, now_ns: u64) -> Vec<ServerAction> {
        let Progress { ends, kind, count, items } = progress;
        let body = Body::from(&MavMessage::MISSION_REQUEST_INT(MISSION_REQUEST_INT_DATA {
            seq: u16::try_from(items.len()).unwrap_or(u16::MAX),
            target_system: ends.remote.system,
            target_component: ends.remote.component,
            mission_type: kind.wire(),
        }));
        let pending = Pending::new(body.clone(), ITEM, now_ns);
        self.upload = Some(Incoming { ends, kind, count, items, pending });
        vec![ServerAction::Send(body)]
    }

    fn replace(&mut self, kind: Kind, items: Vec<Item>, ends: Ends) -> Vec<ServerAction> {
        self.plans[kind as usize] = items;
        if kind == Kind::Mission {
            self.current = 0;
        }
        vec![ServerAction::Send(self.accepted(kind, ends)), ServerAction::Changed(kind)]
    }

    fn is_taken_by_another(&self, ends: Ends) -> bool {
        self.upload.as_ref().is_some_and(|upload| upload.ends != ends)
    }

    fn accepted(&self, kind: Kind, ends: Ends) -> Body {
        ack(ends, kind.wire(), MavMissionResult::MAV_MISSION_ACCEPTED, self.opaque_id(kind))
    }

    fn clear(&mut self, kind: Option<Kind>, wire: u8, ends: Ends) -> Vec<ServerAction> {
        let kinds: &[Kind] = match (&kind, wire) {
            (Some(kind), _) => std::slice::from_ref(kind),
            (None, ALL_KINDS) => &Kind::ALL,
            (None, _) => return Vec::new(),
        };
        if self.is_taken_by_another(ends) {
            return vec![ServerAction::Send(refusal(ends, kinds[0], MavMissionResult::MAV_MISSION_DENIED))];
        }
        self.upload = None;
        for kind in kinds {
            self.plans[*kind as usize].clear();
        }
        self.done = None;
        let answered = kind.map_or(MavMissionType::MAV_MISSION_TYPE_ALL, Kind::wire);
        let ack = ack(ends, answered, MavMissionResult::MAV_MISSION_ACCEPTED, 0);
        let changed = kinds.iter().map(|kind| ServerAction::Changed(*kind));
        std::iter::once(ServerAction::Send(ack)).chain(changed).collect()
    }

    fn refuse(&mut self, result: MavMissionResult) -> Vec<ServerAction> {
        let Some(upload) = self.upload.take() else {
            return Vec::new();
        };
        vec![ServerAction::Send(refusal(upload.ends, upload.kind, result))]
    }
}

fn refusal(ends: Ends, kind: Kind, result: MavMissionResult) -> Body {
    ack(ends, kind.wire(), result, 0)
}

/// An upload between two items.
struct Progress {
    ends: Ends,
    kind: Kind,
    count: u16,
    items: Vec<Item>,
}
