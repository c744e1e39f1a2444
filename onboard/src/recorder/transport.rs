//! Frames to transport stream: decoding times, and telemetry in the order of its own time.

use footage::access_unit::{Codec, StreamInfo};
use footage::dts::Order;
use footage::ts::{Frame, Metadata, Muxer, TsConfig};

use super::framing::Framed;

/// Frame duration assumed for the first decoding times of a stream that states none: 1/30 s.
const FRAME_90K: u64 = 3_000;

/// The transport stream of one stream; continuity goes on over segments.
pub(super) struct Transport {
    muxer: Muxer,
    order: Order,
    reorder_depth: u32,
}

impl Transport {
    pub(super) fn new(codec: Codec) -> Self {
        Self {
            muxer: Muxer::new(TsConfig { codec, metadata: Metadata::Synchronous }),
            order: Order::new(0, FRAME_90K),
            reorder_depth: 0,
        }
    }

    /// Appends one frame and its KLV to `out`.
    pub(super) fn frame(&mut self, framed: &Framed, pts_90k: u64, out: &mut Vec<u8>) {
        self.follow(framed.info);
        let dts_90k = self.order.next(pts_90k);
        let klv: [(u64, &[u8]); 1] = [(pts_90k, &framed.klv)];
        let frame = Frame { pts_90k, dts_90k, key: framed.key, picture: &framed.picture, klv: &klv };
        if let Err(error) = self.muxer.frame(frame, out) {
            tracing::error!(%error, "a frame does not fit into the transport stream");
        }
    }

    /// Appends the telemetry that waits for its time (B-frames): the segment ends here.
    pub(super) fn rest(&mut self, out: &mut Vec<u8>) {
        self.muxer.flush(out);
    }

    fn follow(&mut self, info: Option<StreamInfo>) {
        let Some(info) = info.filter(|info| info.reorder_depth != self.reorder_depth) else {
            return;
        };
        self.reorder_depth = info.reorder_depth;
        let ticks = info.frame_duration.and_then(|each| u64::try_from(each.as_nanos() * 9 / 100_000).ok());
        self.order = Order::new(info.reorder_depth, ticks.unwrap_or(FRAME_90K));
    }
}

/// PTS of a frame: 90000 at `epoch_utc_us`, the flight's own zero. Unwrapped; the stream carries 33 bits.
pub(super) fn pts_90k(utc_us: i64, epoch_utc_us: i64) -> u64 {
    let since_us = i128::from(utc_us) - i128::from(epoch_utc_us);
    u64::try_from(90_000 + since_us * 9 / 100).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use footage::ts::{Demuxer, Unit};

    fn framed(key: bool, klv: u8, reorder_depth: u32) -> Framed {
        Framed {
            picture: vec![0, 0, 0, 1, 0x65, 1, 2, 3],
            klv: vec![klv; 20],
            utc_us: 0,
            key,
            parameter_sets_changed: false,
            info: Some(StreamInfo { width: 64, height: 64, reorder_depth, frame_duration: None }),
            short_of_minimum: false,
            view: vehicle_link::camera::View::default(),
            place: crate::stills::Place::default(),
        }
    }

    #[test]
    fn telemetry_of_b_frames_rises_and_none_is_left_over() {
        let mut transport = Transport::new(Codec::H264);
        let mut out = Vec::new();
        // Decoding order I0 P3 B1 B2 P6 B4 B5 with two frames of reordering.
        for (place, key) in [(0, true), (3, false), (1, false), (2, false), (6, false), (4, false), (5, false)] {
            let pts = 90_000 + place * 3_000;
            transport.frame(&framed(key, u8::try_from(place).unwrap(), 2), pts, &mut out);
        }
        transport.rest(&mut out);
        let mut units = Vec::new();
        let mut demuxer = Demuxer::new();
        demuxer.feed(&out, &mut units);
        demuxer.finish(&mut units);
        let klv = |unit: Unit| match unit {
            Unit::Klv(pes) => pes.data.first().copied(),
            _ => None,
        };
        let seen: Vec<u8> = units.into_iter().filter_map(klv).collect();
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn pts_counts_from_the_flights_epoch() {
        assert_eq!(pts_90k(1_000_000, 1_000_000), 90_000);
        assert_eq!(pts_90k(2_000_000, 1_000_000), 180_000);
        assert_eq!(pts_90k(0, 1_000_000_000), 0);
    }
}
