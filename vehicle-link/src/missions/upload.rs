//! Our plan up: COUNT → (REQUEST_INT → ITEM_INT)… → ACK.

use super::{
    Action, CANCELLED, Ends, FIRST, Failure, Item, Kind, MISSION_ACK, MISSION_REQUEST, MISSION_REQUEST_INT, Step, ack,
    ack_result, kind_of, opaque_id,
};
use crate::{
    dialect::{MISSION_COUNT_DATA, MavMessage, MavMissionResult},
    frames::{Body, Frame},
    request::Pending,
};

/// One upload. It ends in [`Action::Uploaded`] or [`Action::Failed`] within bounded time.
///
/// The vehicle asks for the items and repeats what it misses; we repeat our last message when it
/// falls silent: COUNT, or the last item when the ACK may have been lost. An acknowledgement before the
/// last item was asked for is a late one, of another upload, and is not believed.
#[derive(Debug)]
pub struct Upload {
    ends: Ends,
    kind: Kind,
    items: Vec<Item>,
    /// How many items were asked for, in order.
    asked: usize,
    opaque_id: Option<u32>,
    pending: Option<Pending>,
}

impl Upload {
    /// Starts an upload; the action is the first message. Item 0 becomes the current one.
    ///
    /// # Errors
    /// [`Failure::Protocol`] for more than 65,535 items, which cannot be numbered.
    pub fn start(ends: Ends, kind: Kind, items: Vec<Item>, now_ns: u64) -> Result<(Self, Action), Failure> {
        let count = u16::try_from(items.len()).map_err(|_| Failure::Protocol("a plan holds at most 65,535 items"))?;
        let body = Body::from(&MavMessage::MISSION_COUNT(MISSION_COUNT_DATA {
            count,
            target_system: ends.remote.system,
            target_component: ends.remote.component,
            mission_type: kind.wire(),
            opaque_id: 0,
        }));
        let pending = Some(Pending::new(body.clone(), FIRST, now_ns));
        Ok((Self { ends, kind, items, asked: 0, opaque_id: None, pending }, Action::Send(body)))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// How many items the vehicle has asked for, and so taken all but the last of.
    pub fn sent(&self) -> usize {
        self.asked
    }

    /// The vehicle's id of the new plan, from its acknowledgement; `None` where it gives none.
    pub fn opaque_id(&self) -> Option<u32> {
        self.opaque_id
    }

    /// Tells the vehicle to forget what it was sent; it keeps the plan it had.
    pub fn cancel(&mut self) -> Vec<Action> {
        if self.pending.take().is_none() {
            return Vec::new();
        }
        let cancelled = MavMissionResult::MAV_MISSION_OPERATION_CANCELLED;
        vec![Action::Send(ack(self.ends, self.kind.wire(), cancelled, 0))]
    }

    /// Takes any frame; those that do not concern this upload are left alone. MISSION_REQUEST (40)
    /// of older vehicles is answered with ITEM_INT as the guide asks.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        let Some(pending) = self.pending.as_mut().filter(|_| self.ends.hears(frame)) else {
            return Vec::new();
        };
        pending.heard(now_ns);
        if !self.ends.concern(frame) || !self.kind.is(kind_of(frame)) {
            return Vec::new();
        }
        match frame.message_id() {
            MISSION_REQUEST | MISSION_REQUEST_INT => self.requested(frame.payload().u16(0), now_ns),
            MISSION_ACK => match ack_result(frame) {
                0 if self.asked == self.items.len() => {
                    self.opaque_id = opaque_id(frame);
                    self.end(Action::Uploaded)
                }
                // Of an upload before this.
                0 => Vec::new(),
                CANCELLED if self.asked == 0 && !self.items.is_empty() => Vec::new(),
                result => self.end(Action::Failed(Failure::Refused { result, at: self.step() })),
            },
            _ => Vec::new(),
        }
    }

    /// Sends the last message again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        match self.pending.as_mut().and_then(|pending| pending.poll(now_ns)) {
            None => Vec::new(),
            Some(Ok(body)) => vec![Action::Send(body)],
            Some(Err(silence)) => self.end(Action::Failed(Failure::silent(silence, self.step()))),
        }
    }

    fn requested(&mut self, seq: u16, now_ns: u64) -> Vec<Action> {
        let Some(item) = self.items.get(usize::from(seq)) else {
            return Vec::new();
        };
        self.asked = self.asked.max(usize::from(seq) + 1);
        let current = seq == 0 && self.kind == Kind::Mission;
        let body = item.body(seq, current, self.kind, self.ends);
        self.pending = Some(Pending::new(body.clone(), FIRST, now_ns));
        vec![Action::Send(body)]
    }

    fn step(&self) -> Step {
        let [asked, of] = [self.asked, self.items.len()].map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        match asked {
            0 => Step::Begin,
            _ if asked == of => Step::End,
            next => Step::Items { next: next - 1, of },
        }
    }

    fn end(&mut self, action: Action) -> Vec<Action> {
        self.pending = None;
        vec![action]
    }
}
