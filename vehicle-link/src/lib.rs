//! MAVLink as a conversation: frames, links, peers, clocks, camera.
//!
//! | module | what it holds |
//! |---|---|
//! | [`frames`] | the splitter (bytes → frames), the frame, the encoder |
//! | [`catalogue`] | what the dialect says of each message id |
//! | [`endpoint`] | `udpin:0.0.0.0:14550`, `serial:/dev/ttyAMA0:921600` … |
//! | [`hub`] | the sockets: several links, several peers, routing, statistics |
//! | [`signing`] | frames that prove their sender holds the key, each taken once |
//! | [`peers`] | who is there, lost, regained |
//! | [`timesync`] | the vehicle's clock and GNSS time against ours |
//! | [`tlog`] | telemetry logs as other stations write them |
//! | [`tunnel`] | up to 128 bytes of somebody's own |
//! | [`request`] | one message that wants an answer: the engine of all below |
//! | [`missions`] | plans down, up, and served |
//! | [`parameters`] | a vehicle's parameters listed, read, set, and served |
//! | [`ftp`] | a vehicle's folders and files, read |
//! | [`logs`] | a vehicle's flight logs, listed and fetched |
//! | [`ask`], [`survey`] | one message asked of one component; of all that may have it |
//! | [`command`] | commands to a vehicle: sent, repeated, answered |
//! | [`camera`], [`camera_client`] | the camera protocol, version 2, from the camera's side and from the station's |
//! | [`gimbal`] | the gimbal protocol, version 2, from the station's side |
//!
//! Everything but [`hub`] and [`signing::TimestampFile`] is pure: it is handed bytes, frames and the time, and reads no clock.
//! Raw frames come first: what cannot be parsed is still a [`frames::Frame`] that can be logged
//! and routed.

pub mod ask;
pub mod camera;
pub mod camera_client;
pub mod catalogue;
pub mod clock;
pub mod command;
pub mod crc32;
pub mod endpoint;
pub mod frames;
pub mod ftp;
mod gaps;
pub mod gimbal;
pub mod hub;
pub mod logs;
pub mod missions;
pub mod parameters;
pub mod peers;
pub mod request;
pub mod signing;
pub mod survey;
pub mod timesync;
pub mod tlog;
pub mod tunnel;

pub use clock::Clock;
/// The message set: `common` with MAVLink 2 extension fields.
pub use mavlink::dialects::common as dialect;
pub use mavlink::{MavHeader, MavlinkVersion};
