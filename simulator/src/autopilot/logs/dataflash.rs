//! ArduPilot's DataFlash log: messages that describe themselves, each behind `A3 95` and its type.

use super::Sample;
use crate::autopilot::fixed_point::{deg_e7, f32_of};

const FORMAT: u8 = 128;
const POSITION: u8 = 129;
const ATTITUDE: u8 = 130;
const MESSAGE: u8 = 131;

/// Type, length with its head, name, format characters, labels.
const FORMATS: [(u8, u8, &str, &str, &str); 4] = [
    (FORMAT, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns"),
    (POSITION, 27, "POS", "QLLff", "TimeUS,Lat,Lng,Alt,RelHomeAlt"),
    (ATTITUDE, 23, "ATT", "Qfff", "TimeUS,Roll,Pitch,Yaw"),
    (MESSAGE, 75, "MSG", "QZ", "TimeUS,Message"),
];

/// The formats of all messages.
pub(super) fn beginning() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, length, name, format, labels) in FORMATS {
        head(&mut bytes, FORMAT);
        bytes.extend([kind, length]);
        padded(&mut bytes, name, 4);
        padded(&mut bytes, format, 16);
        padded(&mut bytes, labels, 64);
    }
    bytes
}

pub(super) fn sample(bytes: &mut Vec<u8>, sample: &Sample) {
    head(bytes, POSITION);
    bytes.extend(sample.boot_us.to_le_bytes());
    bytes.extend(deg_e7(sample.lat_deg).to_le_bytes());
    bytes.extend(deg_e7(sample.lon_deg).to_le_bytes());
    bytes.extend(sample.alt_msl_m.to_le_bytes());
    bytes.extend(sample.height_m.to_le_bytes());
    head(bytes, ATTITUDE);
    bytes.extend(sample.boot_us.to_le_bytes());
    for angle in sample.attitude_rad {
        bytes.extend(f32_of(f64::from(angle).to_degrees()).to_le_bytes());
    }
}

pub(super) fn text(bytes: &mut Vec<u8>, boot_us: u64, text: &str) {
    head(bytes, MESSAGE);
    bytes.extend(boot_us.to_le_bytes());
    padded(bytes, text, 64);
}

fn head(bytes: &mut Vec<u8>, kind: u8) {
    bytes.extend([0xA3, 0x95, kind]);
}

fn padded(bytes: &mut Vec<u8>, text: &str, length: usize) {
    let text = &text.as_bytes()[..text.len().min(length)];
    bytes.extend(text);
    bytes.resize(bytes.len() + length - text.len(), 0);
}
