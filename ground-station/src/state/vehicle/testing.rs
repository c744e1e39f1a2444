//! Frames of tests. All have one number: none is overtaken.

use std::path::Path;

use vehicle_link::frames::{Body, Encoder, Frame};
use vehicle_link::peers::Address;
use vehicle_link::tlog;

pub(crate) const VEHICLE: Address = Address { system: 1, component: 1 };

pub(crate) fn frame_of(from: Address, id: u32, payload: &[u8]) -> Frame {
    Encoder::new(from.system, from.component).encode_body(&Body::raw(id, payload).unwrap())
}

pub(crate) fn frame(id: u32, payload: &[u8]) -> Frame {
    frame_of(VEHICLE, id, payload)
}

/// A message of ArduPilot's own dialect.
pub(crate) fn foreign(id: u32, crc_extra: u8, payload: &[u8]) -> Frame {
    Encoder::new(VEHICLE.system, VEHICLE.component).encode_body(&Body::foreign(id, crc_extra, payload).unwrap())
}

pub(crate) fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn text(severity: u8, words: &str) -> Frame {
    let mut payload = vec![severity];
    payload.extend(words.bytes().take(50));
    payload.resize(51, 0);
    frame(253, &payload)
}

/// GLOBAL_POSITION_INT, standing.
pub(crate) fn position(lat_e7: i32, lon_e7: i32, msl_mm: i32, above_home_mm: i32) -> Frame {
    let mut payload = vec![0; 4];
    [lat_e7, lon_e7, msl_mm, above_home_mm].iter().for_each(|field| payload.extend(field.to_le_bytes()));
    payload.extend([0; 6]);
    payload.extend(9_000_u16.to_le_bytes());
    frame(33, &payload)
}

/// What was said in a real conversation of `tests/data`, with the time of each frame since the first, ns.
pub(crate) fn conversation(name: &str) -> Vec<(u64, Frame)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data").join(name);
    let entries: Vec<_> = tlog::Reader::new(std::fs::File::open(path).unwrap()).map(Result::unwrap).collect();
    let begun_us = entries[0].utc_us;
    entries.into_iter().map(|entry| (entry.utc_us.saturating_sub(begun_us) * 1_000, entry.frame)).collect()
}
