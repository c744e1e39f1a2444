//! What the autopilot sends, and to whom.

use vehicle_link::dialect::MavMessage;
use vehicle_link::frames::Body;

/// For whom a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody on every link.
    All,
    /// Whoever asked.
    Asker,
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Component it comes from.
    pub component: u8,
    /// For whom.
    pub audience: Audience,
    /// What.
    pub content: Content,
}

/// What a message says.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every one is of the large kind")]
pub enum Content {
    /// A message of the dialect.
    Common(MavMessage),
    /// One of ArduPilot's own dialect, laid out by hand.
    Foreign(Body),
}

impl Content {
    /// What goes on the wire.
    #[must_use]
    pub fn body(&self) -> Body {
        match self {
            Self::Common(message) => Body::from(message),
            Self::Foreign(body) => body.clone(),
        }
    }

    /// The message, where the dialect has it.
    #[must_use]
    pub fn common(&self) -> Option<&MavMessage> {
        match self {
            Self::Common(message) => Some(message),
            Self::Foreign(_) => None,
        }
    }
}

impl From<MavMessage> for Content {
    fn from(message: MavMessage) -> Self {
        Self::Common(message)
    }
}
