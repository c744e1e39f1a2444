//! Pictures with their telemetry: MISB KLV, SEI time, access units, MPEG-TS.
//!
//! The way of one frame: [`access_unit::Normaliser`] puts the camera's access unit in order and adds the capture time
//! ([`sei`], MISB ST 0604), [`klv::Uas::encode`] writes the vehicle's state at that instant (MISB ST 0601),
//! [`dts::Order`] gives the decoding time, and [`ts::Muxer`] writes both into one transport stream.
//! [`ts::Demuxer`] and [`klv::Uas::decode`] read it back.
//!
//! No clock, no socket, no file: bytes and times come in as arguments, bytes go out into the caller's buffer.

pub mod access_unit;
pub mod dts;
pub mod klv;
pub mod sei;
pub mod ts;
