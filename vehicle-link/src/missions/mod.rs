//! Plans over the mission protocol: the vehicle's plan down ([`Download`]), ours up ([`Upload`]), none at all ([`Clear`]),
//! and the vehicle's side of these ([`Server`]). Pure state machines: frames and the time in,
//! [`Action`]s out.
//!
//! All three plan types (mission, fence, rally); 1500 ms for the first answer, 250 ms an item, five
//! retries at every step into silence, more while the other end is heard ([`crate::request`]). Items are kept as on the wire, so commands and frames newer than the
//! dialect pass unharmed.

mod clear;
mod compare;
mod download;
mod item;
mod server;
mod upload;

pub use crate::request::Ends;
pub use clear::Clear;
pub use compare::{Difference, differences};
pub use download::Download;
pub use item::{Item, Position};
pub use server::{Server, ServerAction};
pub use upload::Upload;

use crate::{
    dialect::{MISSION_ACK_DATA, MavMessage, MavMissionResult, MavMissionType},
    frames::{Body, Frame},
    request::{Silence, Timing},
};

/// Wait for the answer to a first message, ns.
pub const FIRST_TIMEOUT_NS: u64 = 1_500_000_000;
/// Wait for the answer within a transfer, ns.
pub const ITEM_TIMEOUT_NS: u64 = 250_000_000;
/// How often a message is sent again before the transfer is given up.
pub const RETRIES: u8 = 5;

const FIRST: Timing = Timing::every(FIRST_TIMEOUT_NS, RETRIES);
const ITEM: Timing = Timing::every(ITEM_TIMEOUT_NS, RETRIES).doubling_to(FIRST_TIMEOUT_NS);

/// MAV_MISSION_OPERATION_CANCELLED.
const CANCELLED: u8 = 15;
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

fn ack(ends: Ends, kind: MavMissionType, result: MavMissionResult, opaque_id: u32) -> Body {
    Body::from(&MavMessage::MISSION_ACK(MISSION_ACK_DATA {
        target_system: ends.remote.system,
        target_component: ends.remote.component,
        mavtype: result,
        mission_type: kind,
        opaque_id,
    }))
}

/// How far a transfer had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// At the first message.
    Begin,
    /// At item `next` of `of`, from 0.
    Items {
        /// The next to go over.
        next: u16,
        /// All.
        of: u16,
    },
    /// All items were sent, the acknowledgement has not come: the vehicle may fly the new plan or the old.
    End,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Begin => write!(f, "at the first message"),
            Self::Items { next, of } => write!(f, "at item {next} of {of}"),
            Self::End => write!(f, "at the acknowledgement; read the plan back to see which the vehicle holds"),
        }
    }
}

/// Why a transfer failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer after all retries.
    #[error("no answer after {RETRIES} retries and more, {at}; the link is bad or the vehicle has no such plan")]
    Timeout {
        /// How far it had come.
        at: Step,
    },
    /// The other end refused, with a MAV_MISSION_RESULT.
    #[error("the vehicle refused {at}: {}", result_name(*.result))]
    Refused {
        /// MAV_MISSION_RESULT.
        result: u8,
        /// How far it had come.
        at: Step,
    },
    /// The other end broke the protocol.
    #[error("the vehicle broke the mission protocol: {0}")]
    Protocol(&'static str),
}

impl Failure {
    fn silent(_: Silence, at: Step) -> Self {
        Self::Timeout { at }
    }
}

/// MAV_MISSION_RESULT in words.
fn result_name(result: u8) -> &'static str {
    match result {
        1 => "it failed",
        2 => "coordinate frame unsupported",
        3 => "command unsupported",
        4 => "the plan is longer than it can hold",
        5..=12 => "a parameter is invalid",
        13 => "an item came out of order",
        14 => "denied; another station may be at it",
        15 => "cancelled",
        _ => "by a result newer than this program",
    }
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
    /// A plan was cleared.
    Cleared,
    /// Given up; the machine does nothing more. The vehicle's plan is what it was, but see [`Step::End`].
    Failed(Failure),
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

/// The other end's id of the plan in a MISSION_COUNT or MISSION_ACK; `None` where it gives none.
fn opaque_id(frame: &Frame) -> Option<u32> {
    let at = if frame.message_id() == MISSION_ACK { 4 } else { 5 };
    Some(frame.payload().u32(at)).filter(|id| *id != 0)
}
