//! A plan emptied: CLEAR_ALL → ACK.

use super::{Action, Ends, FIRST, Failure, Kind, MISSION_ACK, Step, ack_result, kind_of};
use crate::{
    dialect::{MISSION_CLEAR_ALL_DATA, MavMessage, MavMissionType},
    frames::{Body, Frame},
    request::Pending,
};

/// One plan cleared, or all. It ends in [`Action::Cleared`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct Clear {
    ends: Ends,
    kind: Option<Kind>,
    pending: Option<Pending>,
}

impl Clear {
    /// Starts; the action is the first message. Without a `kind`, all plans.
    pub fn start(ends: Ends, kind: Option<Kind>, now_ns: u64) -> (Self, Action) {
        let body = Body::from(&MavMessage::MISSION_CLEAR_ALL(MISSION_CLEAR_ALL_DATA {
            target_system: ends.remote.system,
            target_component: ends.remote.component,
            mission_type: kind.map_or(MavMissionType::MAV_MISSION_TYPE_ALL, Kind::wire),
        }));
        let pending = Some(Pending::new(body.clone(), FIRST, now_ns));
        (Self { ends, kind, pending }, Action::Send(body))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        let pending = self.pending.as_mut().filter(|_| self.ends.hears(frame))?;
        pending.heard(now_ns);
        // Of all plans at once, vehicles acknowledge one kind or another.
        let ours = self.ends.concern(frame) && self.kind.is_none_or(|kind| kind.is(kind_of(frame)));
        if frame.message_id() != MISSION_ACK || !ours {
            return None;
        }
        self.pending = None;
        Some(match ack_result(frame) {
            0 => Action::Cleared,
            result => Action::Failed(Failure::Refused { result, at: Step::Begin }),
        })
    }

    /// Sends again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.pending.as_mut()?.poll(now_ns)? {
            Ok(body) => Some(Action::Send(body)),
            Err(silence) => {
                self.pending = None;
                Some(Action::Failed(Failure::silent(silence, Step::Begin)))
            }
        }
    }
}
