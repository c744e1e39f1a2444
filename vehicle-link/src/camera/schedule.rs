//! When messages go out by themselves.

use std::collections::BTreeMap;

use super::{
    CAMERA_CAPTURE_STATUS, CAMERA_FOV_STATUS, CAMERA_INFORMATION, CAMERA_SETTINGS, STORAGE_INFORMATION,
    VIDEO_STREAM_INFORMATION, VIDEO_STREAM_STATUS,
};

/// Messages that may be asked for, once or at intervals.
pub(super) const OFFERED: [u32; 7] = [
    CAMERA_INFORMATION,
    CAMERA_SETTINGS,
    STORAGE_INFORMATION,
    CAMERA_CAPTURE_STATUS,
    VIDEO_STREAM_INFORMATION,
    VIDEO_STREAM_STATUS,
    CAMERA_FOV_STATUS,
];

const HEARTBEAT_NS: u64 = 1_000_000_000;
/// CAMERA_CAPTURE_STATUS while recording, unless asked otherwise: the rising recording time is what
/// a station may show as REC.
const RECORDING_NS: u64 = 1_000_000_000;
/// No message more often than this, whatever is asked.
const LEAST_NS: u64 = 20_000_000;
/// Nor more rarely: an interval beyond is taken for this.
const MOST_NS: u64 = 3_600_000_000_000;

#[derive(Debug, Default)]
pub(super) struct Schedule {
    heartbeat_ns: u64,
    /// What was asked for, by message id.
    asked: BTreeMap<u32, Asked>,
    /// When CAMERA_CAPTURE_STATUS is due next by default; `None` while not recording.
    recording_ns: Option<u64>,
}

#[derive(Debug)]
enum Asked {
    Never,
    Every { interval_ns: u64, next_ns: u64 },
}

impl Schedule {
    pub(super) fn heartbeat_due(&mut self, now_ns: u64) -> bool {
        due(&mut self.heartbeat_ns, HEARTBEAT_NS, now_ns)
    }

    pub(super) fn due(&mut self, now_ns: u64) -> Vec<u32> {
        let mut ids: Vec<u32> = self
            .asked
            .iter_mut()
            .filter_map(|(id, asked)| match asked {
                Asked::Never => None,
                Asked::Every { interval_ns, next_ns } => due(next_ns, *interval_ns, now_ns).then_some(*id),
            })
            .collect();
        let by_default = !self.asked.contains_key(&CAMERA_CAPTURE_STATUS);
        if let Some(at) = self.recording_ns.as_mut()
            && by_default
            && due(at, RECORDING_NS, now_ns)
        {
            ids.push(CAMERA_CAPTURE_STATUS);
        }
        ids
    }

    /// MAV_CMD_SET_MESSAGE_INTERVAL: negative never, 0 the default, else µs. `false` for a message
    /// that is not offered.
    pub(super) fn set(&mut self, id: u32, interval_us: f32, now_ns: u64) -> bool {
        if !OFFERED.contains(&id) {
            return false;
        }
        if interval_us > 0.0 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and `as` saturates")]
            let interval_ns = (f64::from(interval_us) * 1e3) as u64;
            let interval_ns = interval_ns.clamp(LEAST_NS, MOST_NS);
            self.asked.insert(id, Asked::Every { interval_ns, next_ns: now_ns });
        } else if interval_us < 0.0 {
            self.asked.insert(id, Asked::Never);
        } else {
            self.asked.remove(&id);
        }
        true
    }

    /// Recording begins or ends.
    pub(super) fn recording(&mut self, recording: bool, now_ns: u64) {
        self.recording_ns = recording.then_some(now_ns + RECORDING_NS);
    }
}

/// Whether `at` has come; sets the next, and does not make up for what was missed.
fn due(at: &mut u64, interval_ns: u64, now_ns: u64) -> bool {
    if now_ns < *at {
        return false;
    }
    *at = now_ns + interval_ns - (now_ns - *at) % interval_ns;
    true
}
