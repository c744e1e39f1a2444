//! The log protocol, vehicle side: LOG_ENTRY for each log, LOG_DATA at a bounded pace.

use vehicle_link::dialect::{LOG_DATA_DATA, LOG_ENTRY_DATA, LOG_REQUEST_DATA_DATA, LOG_REQUEST_LIST_DATA, MavMessage};

use super::Logs;

/// Bytes of one LOG_DATA.
const CHUNK: usize = 90;
/// Chunks each physics step: 90 kB/s of simulated time.
const CHUNKS_A_STEP: usize = 2;

/// A download under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Download {
    id: u16,
    from: usize,
    to: usize,
}

impl Download {
    /// Takes a LOG_REQUEST_DATA; the bytes come with the steps.
    pub fn begin(&mut self, request: &LOG_REQUEST_DATA_DATA) {
        let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let from = place(request.ofs);
        *self = Self { id: request.id, from, to: from.saturating_add(place(request.count)) };
    }

    /// Ends it.
    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// The chunks of this step. One shorter than 90 bytes is the log's last.
    pub fn step(&mut self, logs: &Logs) -> Vec<MavMessage> {
        let Some(log) = logs.all().iter().find(|log| log.id == self.id) else { return Vec::new() };
        let mut chunks = Vec::new();
        while self.from < self.to && chunks.len() < CHUNKS_A_STEP {
            let rest = log.bytes.get(self.from..).unwrap_or_default();
            let take = rest.len().min(CHUNK).min(self.to - self.from);
            let mut data = [0; CHUNK];
            data[..take].copy_from_slice(&rest[..take]);
            chunks.push(MavMessage::LOG_DATA(LOG_DATA_DATA {
                ofs: u32::try_from(self.from).unwrap_or(u32::MAX),
                id: self.id,
                count: u8::try_from(take).unwrap_or(u8::MAX),
                data,
            }));
            self.from += take;
            if take < CHUNK {
                self.stop();
            }
        }
        chunks
    }
}

impl Logs {
    /// The entries asked for; without any log one entry says so.
    #[must_use]
    pub fn entries(&self, request: &LOG_REQUEST_LIST_DATA) -> Vec<MavMessage> {
        let num_logs = u16::try_from(self.all().len()).unwrap_or(u16::MAX);
        let last_log_num = self.all().last().map_or(0, |log| log.id);
        let entry =
            |id, time_utc, size| MavMessage::LOG_ENTRY(LOG_ENTRY_DATA { time_utc, size, id, num_logs, last_log_num });
        if self.all().is_empty() {
            return vec![entry(0, 0, 0)];
        }
        let asked = self.all().iter().filter(|log| (request.start..=request.end).contains(&log.id));
        asked.map(|log| entry(log.id, log.utc_s, u32::try_from(log.bytes.len()).unwrap_or(u32::MAX))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autopilot::logs::Sample;
    use crate::autopilot::personality::Personality;

    fn flown(personality: Personality) -> Logs {
        let mut logs = Logs::new(personality);
        logs.begin(5_000_000, 1_700_000_000_000_000);
        for n in 0..50 {
            logs.sample(&Sample { boot_us: n * 100_000, ..Sample::default() });
        }
        logs.text(5, 6, "Armed");
        logs.end();
        logs
    }

    #[test]
    fn every_byte_arrives_and_a_short_chunk_ends_it() {
        for personality in [Personality::Px4, Personality::Ardupilot] {
            let logs = flown(personality);
            let log = &logs.all()[0];
            let mut download = Download::default();
            let request =
                LOG_REQUEST_DATA_DATA { ofs: 0, count: u32::MAX, id: log.id, target_system: 1, target_component: 1 };
            download.begin(&request);
            let mut bytes: Vec<u8> = Vec::new();
            loop {
                let chunks = download.step(&logs);
                if chunks.is_empty() {
                    break;
                }
                for chunk in chunks {
                    let MavMessage::LOG_DATA(data) = chunk else { panic!() };
                    assert_eq!(data.ofs as usize, bytes.len());
                    bytes.extend(&data.data[..usize::from(data.count)]);
                }
            }
            assert_eq!(bytes, log.bytes);
        }
    }

    #[test]
    fn no_log_is_said_too() {
        let request = LOG_REQUEST_LIST_DATA { start: 0, end: u16::MAX, target_system: 1, target_component: 1 };
        let entries = Logs::new(Personality::Px4).entries(&request);
        assert!(matches!(&entries[..], [MavMessage::LOG_ENTRY(LOG_ENTRY_DATA { num_logs: 0, .. })]));
        assert_eq!(flown(Personality::Px4).entries(&request).len(), 1);
    }
}
