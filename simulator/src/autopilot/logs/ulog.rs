//! PX4's ULog (docs.px4.io, "ULog File Format"): definitions, then data of one topic and the texts.

use super::Sample;

const TOPIC: &str = "vehicle_global_position";
const FIELDS: &str =
    "uint64_t timestamp;double lat;double lon;float alt;float alt_relative;float roll;float pitch;float yaw;";
const TOPIC_ID: u16 = 0;

/// File header and definitions.
pub(super) fn beginning(boot_us: u64) -> Vec<u8> {
    let mut bytes = b"ULog\x01\x12\x35\x01".to_vec();
    bytes.extend(boot_us.to_le_bytes());
    // Flag bits: nothing incompatible, no appended data.
    message(&mut bytes, b'B', &[0; 40]);
    info(&mut bytes, "char[9] sys_name", b"simulated");
    message(&mut bytes, b'F', format!("{TOPIC}:{FIELDS}").as_bytes());
    let mut subscription = vec![0];
    subscription.extend(TOPIC_ID.to_le_bytes());
    subscription.extend(TOPIC.as_bytes());
    message(&mut bytes, b'A', &subscription);
    bytes
}

pub(super) fn sample(bytes: &mut Vec<u8>, sample: &Sample) {
    let mut data = TOPIC_ID.to_le_bytes().to_vec();
    data.extend(sample.boot_us.to_le_bytes());
    data.extend(sample.lat_deg.to_le_bytes());
    data.extend(sample.lon_deg.to_le_bytes());
    let [roll, pitch, yaw] = sample.attitude_rad;
    for value in [sample.alt_msl_m, sample.height_m, roll, pitch, yaw] {
        data.extend(value.to_le_bytes());
    }
    message(bytes, b'D', &data);
}

/// Logged string; levels are those of the kernel, as characters.
pub(super) fn text(bytes: &mut Vec<u8>, boot_us: u64, severity: u8, text: &str) {
    let mut data = vec![b'0' + severity.min(7)];
    data.extend(boot_us.to_le_bytes());
    data.extend(text.as_bytes());
    message(bytes, b'L', &data);
}

fn info(bytes: &mut Vec<u8>, key: &str, value: &[u8]) {
    let mut data = vec![u8::try_from(key.len()).unwrap_or(u8::MAX)];
    data.extend(key.as_bytes());
    data.extend(value);
    message(bytes, b'I', &data);
}

fn message(bytes: &mut Vec<u8>, kind: u8, data: &[u8]) {
    bytes.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.push(kind);
    bytes.extend(data);
}
