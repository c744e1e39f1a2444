//! The vehicle's plan down: REQUEST_LIST → COUNT → (REQUEST_INT → ITEM_INT)… → ACK.

use super::{
    Action, CANCELLED, Ends, FIRST, Failure, ITEM, Item, Kind, MISSION_ACK, MISSION_COUNT, MISSION_ITEM_INT, Step, ack,
    ack_result, kind_of, opaque_id,
};
use crate::{
    dialect::{MISSION_REQUEST_INT_DATA, MISSION_REQUEST_LIST_DATA, MavMessage, MavMissionResult},
    frames::{Body, Frame},
    request::Pending,
};

/// One download. It ends in [`Action::Downloaded`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct Download {
    ends: Ends,
    kind: Kind,
    opaque_id: Option<u32>,
    state: State,
}

#[derive(Debug)]
enum State {
    Asked(Pending),
    Items { count: u16, items: Vec<Item>, pending: Pending },
    Over,
}

impl Download {
    /// Starts a download; the action is the first message.
    pub fn start(ends: Ends, kind: Kind, now_ns: u64) -> (Self, Action) {
        let body = Body::from(&MavMessage::MISSION_REQUEST_LIST(MISSION_REQUEST_LIST_DATA {
            target_system: ends.remote.system,
            target_component: ends.remote.component,
            mission_type: kind.wire(),
        }));
        let state = State::Asked(Pending::new(body.clone(), FIRST, now_ns));
        (Self { ends, kind, opaque_id: None, state }, Action::Send(body))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// How many items have come, while they come.
    pub fn received(&self) -> usize {
        match &self.state {
            State::Items { items, .. } => items.len(),
            State::Asked(_) | State::Over => 0,
        }
    }

    /// The vehicle's id of the plan, from its MISSION_COUNT; `None` where it gives none.
    pub fn opaque_id(&self) -> Option<u32> {
        self.opaque_id
    }

    /// Tells the vehicle that nothing more will be read.
    pub fn cancel(&mut self) -> Vec<Action> {
        if self.is_over() {
            return Vec::new();
        }
        self.state = State::Over;
        let cancelled = MavMissionResult::MAV_MISSION_OPERATION_CANCELLED;
        vec![Action::Send(ack(self.ends, self.kind.wire(), cancelled, 0))]
    }

    /// Takes any frame; those that do not concern this download are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        if !self.ends.hears(frame) {
            return Vec::new();
        }
        if let State::Asked(pending) | State::Items { pending, .. } = &mut self.state {
            pending.heard(now_ns);
        }
        if !self.ends.concern(frame) || !self.kind.is(kind_of(frame)) {
            return Vec::new();
        }
        match frame.message_id() {
            MISSION_COUNT => self.counted(frame, now_ns),
            MISSION_ITEM_INT => self.item(frame, now_ns),
            // Cancelled was an upload before this.
            MISSION_ACK if !matches!(ack_result(frame), 0 | CANCELLED) => {
                self.end(Failure::Refused { result: ack_result(frame), at: self.step() })
            }
            _ => Vec::new(),
        }
    }

    /// Sends again what was not answered. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        let (State::Asked(pending) | State::Items { pending, .. }) = &mut self.state else {
            return Vec::new();
        };
        match pending.poll(now_ns) {
            None => Vec::new(),
            Some(Ok(body)) => vec![Action::Send(body)],
            Some(Err(silence)) => self.end(Failure::silent(silence, self.step())),
        }
    }

    fn counted(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        let count = frame.payload().u16(0);
        match &self.state {
            State::Asked(_) => {
                self.opaque_id = opaque_id(frame);
                if count == 0 { self.complete(Vec::new()) } else { self.request(count, Vec::new(), now_ns) }
            }
            State::Items { count: known, .. } if *known != count => {
                self.end(Failure::Protocol("the plan changed while it was read"))
            }
            // The answer to a request that we sent twice.
            State::Items { .. } | State::Over => Vec::new(),
        }
    }

    fn item(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        let State::Items { count, items, .. } = &mut self.state else {
            return Vec::new();
        };
        let (seq, item) = Item::read(frame);
        if usize::from(seq) != items.len() {
            return Vec::new();
        }
        items.push(item);
        let (count, items) = (*count, std::mem::take(items));
        if items.len() == usize::from(count) { self.complete(items) } else { self.request(count, items, now_ns) }
    }

    fn request(&mut self, count: u16, items: Vec<Item>, now_ns: u64) -> Vec<Action> {
        let body = Body::from(&MavMessage::MISSION_REQUEST_INT(MISSION_REQUEST_INT_DATA {
            seq: u16::try_from(items.len()).unwrap_or(u16::MAX),
            target_system: self.ends.remote.system,
            target_component: self.ends.remote.component,
            mission_type: self.kind.wire(),
        }));
        let pending = Pending::new(body.clone(), ITEM, now_ns);
        self.state = State::Items { count, items, pending };
        vec![Action::Send(body)]
    }

    fn complete(&mut self, items: Vec<Item>) -> Vec<Action> {
        self.state = State::Over;
        let ack = ack(self.ends, self.kind.wire(), MavMissionResult::MAV_MISSION_ACCEPTED, 0);
        vec![Action::Send(ack), Action::Downloaded(items)]
    }

    fn step(&self) -> Step {
        match &self.state {
            State::Items { count, items, .. } => {
                Step::Items { next: u16::try_from(items.len()).unwrap_or(u16::MAX), of: *count }
            }
            State::Asked(_) | State::Over => Step::Begin,
        }
    }

    fn end(&mut self, failure: Failure) -> Vec<Action> {
        if self.is_over() {
            return Vec::new();
        }
        self.state = State::Over;
        vec![Action::Failed(failure)]
    }
}
