//! Telemetry that waits for its turn: pictures come in decoding order, telemetry is written in order of time.

/// Most packets that wait; the standards reorder at most sixteen pictures, of which each may have several.
const MOST_PACKETS: usize = 64;

/// KLV packets in ascending order of time, equal ones in the order they came.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    packets: Vec<(u64, Vec<u8>)>,
}

impl Waiting {
    pub(super) fn add(&mut self, pts_90k: u64, packet: &[u8]) {
        let place = self.packets.partition_point(|&(known, _)| known <= pts_90k);
        self.packets.insert(place, (pts_90k, packet.to_vec()));
    }

    /// Takes the packets whose time has come: no picture decoded at `dts_90k` or later is shown before them.
    ///
    /// More than 64 do not wait: the earliest go ahead of their time.
    pub(super) fn due(&mut self, dts_90k: u64) -> impl Iterator<Item = (u64, Vec<u8>)> {
        let due = self.packets.partition_point(|&(pts, _)| pts <= dts_90k);
        self.packets.drain(..due.max(self.packets.len().saturating_sub(MOST_PACKETS)))
    }
}
