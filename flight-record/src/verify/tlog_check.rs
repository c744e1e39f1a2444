//! What a piece of telemetry must hold: whole MAVLink frames in tlog form, as many as its record says.

use super::words::Integrity;
use crate::record::Telemetry;

/// Longest entry: 8 bytes of time and a MAVLink 2 frame with 255 bytes of payload and a signature.
const MAX_ENTRY_BYTES: usize = 8 + 10 + 255 + 2 + 13;

/// Reads tlog entries as they come: 8 bytes of big-endian µs and a MAVLink frame.
#[derive(Default)]
pub(super) struct TlogCheck {
    pending: Vec<u8>,
    whole_bytes: u64,
    pub(super) messages: u64,
    first_utc_us: Option<i64>,
    last_utc_us: Option<i64>,
    broken: bool,
}

impl TlogCheck {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(64 * MAX_ENTRY_BYTES) {
            if self.broken {
                return;
            }
            self.pending.extend_from_slice(piece);
            let mut used = 0;
            while let Some(length) = self.entry_bytes(used) {
                used += length;
            }
            self.pending.drain(..used);
            self.whole_bytes += used as u64;
        }
    }

    /// Length of the entry that begins at `at`, if all of it is there; notes its time.
    fn entry_bytes(&mut self, at: usize) -> Option<usize> {
        let entry = self.pending.get(at..)?;
        let (time, frame) = entry.split_first_chunk::<8>()?;
        let length = match (*frame.first()?, *frame.get(1)?, *frame.get(2)?) {
            (0xFE, payload, _) => 8 + usize::from(payload),
            (0xFD, payload, flags) => 12 + usize::from(payload) + if flags & 1 == 1 { 13 } else { 0 },
            _ => {
                self.broken = true;
                return None;
            }
        };
        frame.get(..length)?;
        let utc_us = i64::from_be_bytes(*time);
        self.messages += 1;
        // Several links are heard at once, so that entries need not stand in the order of their times.
        self.first_utc_us = Some(self.first_utc_us.map_or(utc_us, |first| first.min(utc_us)));
        self.last_utc_us = self.last_utc_us.max(Some(utc_us));
        Some(8 + length)
    }

    /// Where the last whole entry ends.
    pub(super) fn whole_bytes(&self) -> u64 {
        self.whole_bytes
    }

    /// Compares what was read with its record.
    pub(super) fn finish(self, record: &Telemetry) -> Vec<(Integrity, String)> {
        let mut broken = Vec::new();
        let mut rule = |holds: bool, detail: String| {
            if !holds {
                broken.push((Integrity::Malformed, detail));
            }
        };
        rule(!self.broken && self.pending.is_empty(), "it is not a row of MAVLink frames in tlog form".to_owned());
        rule(
            self.messages == record.messages,
            format!("{} frames, its record says {}", self.messages, record.messages),
        );
        let times = (self.first_utc_us, self.last_utc_us);
        rule(times == (record.first_utc_us, record.last_utc_us), "its times are not those of its record".to_owned());
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_links_may_be_written_down_out_of_order() {
        let entry = |utc_us: i64| [&utc_us.to_be_bytes()[..], &[0xFE, 1, 0, 1, 1, 0, 7, 0, 0]].concat();
        let mut check = TlogCheck::default();
        check.take(&[entry(20), entry(10), entry(40), entry(30)].concat());
        assert_eq!((check.messages, check.first_utc_us, check.last_utc_us), (4, Some(10), Some(40)));
        assert!(!check.broken && check.pending.is_empty());
    }
}
