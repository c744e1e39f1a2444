//! The agent that flies: records, seals and signs footage and telemetry in flight.
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`] | `onboard.toml`, checked with file, line and cure |
//! | [`agent`] | when a flight opens, when the camera is recorded; the MAVLink side |
//! | [`camera`] | sources, kept connected; when each picture was shot |
//! | [`telemetry`] | the vehicle's state at an instant, and the KLV of a frame |
//! | [`recorder`] | pictures and frames to sealed segments; the notary that records them |
//! | [`stills`] | the picture of now as a sealed JPEG; gives way to the recorder |
//! | [`dock`] | handing flights over, and erasing them by order; gives way to everything else |
//! | [`journal`] | the device log, opened as soon as the disk lets it |
//! | [`uplink`] | live view; can never hold up the recorder |
//! | [`trusted`] | whom the unit trusts: the newest list seen, taken anew while the agent runs |
//! | [`storage`] | free space and the reserve |
//! | [`clock`] | the only place that reads a clock |

pub mod agent;
pub mod camera;
pub mod check;
pub mod clock;
pub mod config;
pub mod dock;
pub mod enrol;
pub mod journal;
pub mod recorder;
pub mod stills;
pub mod storage;
pub mod telemetry;
pub mod trusted;
pub mod uplink;
