//! Our plan up: COUNT → (REQUEST_INT → ITEM_INT)… → ACK.

use super::{
    Action, Ends, FIRST_TIMEOUT_NS, Failure, Item, Kind, MISSION_ACK, MISSION_REQUEST, MISSION_REQUEST_INT, Pending,
    ack_result, kind_of,
};
use crate::{
    dialect::{MISSION_COUNT_DATA, MavMessage},
    frames::{Body, Frame},
};

/// One upload. It ends in [`Action::Uploaded`] or [`Action::Failed`] within bounded time.
///
/// The vehicle asks for the items and repeats what it misses; we repeat our last message when it
/// falls silent: COUNT, or the last item when the ACK may have been lost.
#[derive(Debug)]
pub struct Upload {
    ends: Ends,
    kind: Kind,
    items: Vec<Item>,
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
        let pending = Some(Pending::new(body.clone(), FIRST_TIMEOUT_NS, now_ns));
        Ok((Self { ends, kind, items, pending }, Action::Send(body)))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// Takes any frame; those that do not concern this upload are left alone. MISSION_REQUEST (40)
    /// of older vehicles is answered with ITEM_INT as the guide asks.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        if self.is_over() || !self.ends.concern(frame) || !self.kind.is(kind_of(frame)) {
            return Vec::new();
        }
        match frame.message_id() {
            MISSION_REQUEST | MISSION_REQUEST_INT => self.requested(frame.payload().u16(0), now_ns),
            MISSION_ACK => match ack_result(frame) {
                0 => self.end(Action::Uploaded),
                result => self.end(Action::Failed(Failure::Refused(result))),
            },
            _ => Vec::new(),
        }
    }

    /// Sends the last message again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        match self.pending.as_mut().and_then(|pending| pending.poll(now_ns)) {
            None => Vec::new(),
            Some(Ok(body)) => vec![Action::Send(body)],
            Some(Err(failure)) => self.end(Action::Failed(failure)),
        }
    }

    fn requested(&mut self, seq: u16, now_ns: u64) -> Vec<Action> {
        let Some(item) = self.items.get(usize::from(seq)) else {
            return Vec::new();
        };
        let current = seq == 0 && self.kind == Kind::Mission;
        let body = item.body(seq, current, self.kind, self.ends);
        self.pending = Some(Pending::new(body.clone(), FIRST_TIMEOUT_NS, now_ns));
        vec![Action::Send(body)]
    }

    fn end(&mut self, action: Action) -> Vec<Action> {
        self.pending = None;
        vec![action]
    }
}
