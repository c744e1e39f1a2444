//! Plans over the mission protocol: the vehicle's plan down ([`Download`]), ours up ([`Upload`]),
//! and the vehicle's side of both ([`Server`]). Pure state machines: frames and the time in,
//! [`Action`]s out.
//!
//! All three plan types (mission, fence, rally); 1500 ms for the first answer, 250 ms an item, five
//! retries at every step. Items are kept as on the wire, so commands and frames newer than the
//! dialect pass unharmed.

mod compare;
mod download;
mod item;
mod server;
mod upload;

pub use compare::{Difference, differences};
pub use download::Download;
pub use item::{Item, Position};
pub use server::{Server, ServerAction};
pub use upload::Upload;

use crate::{
    dialect::{MISSION_ACK_DATA, MavMessage, MavMissionResult, MavMissionType},
    frames::{Body, Frame},
    peers::Address,
};

/// Wait for the answer to a first message, ns.
pub const FIRST_TIMEOUT_NS: u64 = 1_500_000_000;
/// Wait for the answer within a transfer, ns.
pub const ITEM_TIMEOUT_NS: u64 = 250_000_000;
/// How often a message is sent again before the transfer is given up.
pub const RETRIES: u8 = 5;

const MISSION_REQUEST: u32 = 40;
const MISSION_REQUEST_LIST: u32 = 43;
const MISSION_COUNT: u32 = 44;
const MISSION_CLEAR_ALL: u32 = 45;
const MISSION_ACK: u32 = 47;
const MISSION_REQUEST_INT: u32 = 51;
const MISSION_ITEM_INT: u32 = 73;

/// Which of a vehicle's plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Waypoints and actions.
    Mission,
    /// Geofence.
    Fence,
    /// Rally points.
    Rally,
}

impl Kind {
    /// All kinds, by their number on the wire.
    pub const ALL: [Self; 3] = [Self::Mission, Self::Fence, Self::Rally];

    fn from_wire(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// MAV_MISSION_TYPE.
    pub fn wire(self) -> MavMissionType {
        match self {
            Self::Mission => MavMissionType::MAV_MISSION_TYPE_MISSION,
            Self::Fence => MavMissionType::MAV_MISSION_TYPE_FENCE,
            Self::Rally => MavMissionType::MAV_MISSION_TYPE_RALLY,
        }
    }

    fn is(self, number: u8) -> bool {
        self.wire() as u8 == number
    }
}

/// The two ends of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Ours.
    pub own: Address,
    /// The other.
    pub remote: Address,
}

impl Ends {
    /// Whether `frame` comes from the other end.
    pub(crate) fn hears(self, frame: &Frame) -> bool {
        Address::of(frame) == self.remote
    }

    /// Whether `frame` comes from the other end and is for us.
    fn concern(self, frame: &Frame) -> bool {
        self.hears(frame) && frame.target().is_none_or(|to| self.own.is_in(to))
    }

    fn ack(self, kind: Kind, result: MavMissionResult) -> Body {
        Body::from(&MavMessage::MISSION_ACK(MISSION_ACK_DATA {
            target_system: self.remote.system,
            target_component: self.remote.component,
            mavtype: result,
            mission_type: kind.wire(),
            opaque_id: 0,
        }))
    }
}

/// Why a transfer failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer after all retries.
    #[error("no answer after {RETRIES} retries; the link is bad or the vehicle has no such plan")]
    Timeout,
    /// The other end refused, with a MAV_MISSION_RESULT.
    #[error("the vehicle refused with MAV_MISSION_RESULT {0}")]
    Refused(u8),
    /// The other end broke the protocol.
    #[error("the vehicle broke the mission protocol: {0}")]
    Protocol(&'static str),
}

/// What a client's state machine wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this to the other end.
    Send(Body),
    /// A download is complete: the vehicle's items, in order.
    Downloaded(Vec<Item>),
    /// An upload was acknowledged; the vehicle flies the new plan.
    Uploaded,
    /// Given up; the machine does nothing more. The vehicle's plan is what it was.
    Failed(Failure),
}

/// A message to be repeated until something else happens.
#[derive(Debug)]
struct Pending {
    body: Body,
    timeout_ns: u64,
    deadline_ns: u64,
    retries_left: u8,
}

impl Pending {
    fn new(body: Body, timeout_ns: u64, now_ns: u64) -> Self {
        Self { body, timeout_ns, deadline_ns: now_ns + timeout_ns, retries_left: RETRIES }
    }

    /// The message again when its time is up, [`Failure::Timeout`] when too often.
    fn poll(&mut self, now_ns: u64) -> Option<Result<Body, Failure>> {
        if now_ns < self.deadline_ns {
            return None;
        }
        let Some(left) = self.retries_left.checked_sub(1) else {
            return Some(Err(Failure::Timeout));
        };
        self.retries_left = left;
        self.deadline_ns = now_ns + self.timeout_ns;
        Some(Ok(self.body.clone()))
    }
}

/// Plan type of the messages that carry it, by the place of the extension field.
fn kind_of(frame: &Frame) -> u8 {
    let payload = frame.payload();
    match frame.message_id() {
        MISSION_REQUEST_LIST | MISSION_CLEAR_ALL => payload.u8(2),
        MISSION_ACK => payload.u8(3),
        MISSION_ITEM_INT => payload.u8(37),
        // MISSION_COUNT, MISSION_REQUEST and MISSION_REQUEST_INT: u16, target, target, type.
        _ => payload.u8(4),
    }
}

/// Result in a MISSION_ACK; 0 is accepted.
fn ack_result(frame: &Frame) -> u8 {
    frame.payload().u8(2)
}
