//! One segment being written, and what its record will say.

use flight_record::StreamName;
use flight_record::record::{IndexRange, Kind, Segment};
use flight_record::seal::{SealError, Sealed, SealedFile};

use super::notary::{Notary, Order};

/// How often written bytes are made durable.
const SYNC_NS: u64 = 250_000_000;
/// How often they are attested.
const PREFIX_NS: u64 = 1_000_000_000;

/// What one frame adds to the count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    /// 90 kHz.
    pub(super) pts_90k: u64,
    /// Its KLV lacks an item of the ST 0902 minimum set.
    pub(super) short_of_minimum: bool,
}

/// A segment being written.
pub(super) struct OpenSegment {
    file: SealedFile,
    stream: StreamName,
    index: u32,
    /// PTS of its first picture in decoding order: what its length is counted from.
    begun_pts_90k: u64,
    first_pts_90k: u64,
    last_pts_90k: u64,
    frames: u64,
    shortfall: u64,
    first_telemetry: u32,
    synced_ns: u64,
    attested_ns: u64,
}

impl OpenSegment {
    pub(super) fn new(
        file: SealedFile,
        stream: StreamName,
        index: u32,
        pts_90k: u64,
        telemetry: u32,
        now_ns: u64,
    ) -> Self {
        Self {
            file,
            stream,
            index,
            begun_pts_90k: pts_90k,
            first_pts_90k: pts_90k,
            last_pts_90k: pts_90k,
            frames: 0,
            shortfall: 0,
            first_telemetry: telemetry,
            synced_ns: now_ns,
            attested_ns: now_ns,
        }
    }

    /// 90 kHz ticks since its first picture.
    pub(super) fn length_90k(&self, pts_90k: u64) -> u64 {
        pts_90k.saturating_sub(self.begun_pts_90k)
    }

    /// Writes one frame's transport stream.
    pub(super) fn write(&mut self, ts: &[u8], frame: Counted) -> Result<(), SealError> {
        self.file.write(ts)?;
        self.frames += 1;
        self.shortfall += u64::from(frame.short_of_minimum);
        self.first_pts_90k = self.first_pts_90k.min(frame.pts_90k);
        self.last_pts_90k = self.last_pts_90k.max(frame.pts_90k);
        Ok(())
    }

    /// Writes packets that belong to frames already counted.
    pub(super) fn write_rest(&mut self, ts: &[u8]) -> Result<(), SealError> {
        self.file.write(ts)
    }

    /// Has the notary sync, and each second attest, what is written; also while no frame comes.
    pub(super) fn keep_safe(&mut self, now_ns: u64, notary: &Notary) {
        if now_ns.saturating_sub(self.synced_ns) < SYNC_NS {
            return;
        }
        self.synced_ns = now_ns;
        let attest = now_ns.saturating_sub(self.attested_ns) >= PREFIX_NS;
        let prefix = attest.then(|| self.file.progress());
        match self.file.syncer() {
            Ok(file) => {
                if attest {
                    self.attested_ns = now_ns;
                }
                notary.hint(Order::Durable { file, prefix });
            }
            Err(error) => tracing::error!(%error, "no file descriptor to sync an open segment"),
        }
    }

    /// Ends the segment: the notary finishes the file and records it. `telemetry` is the newest telemetry file.
    pub(super) fn close(self, drops: u64, telemetry: u32, notary: &Notary) {
        let Self { file, stream, index, first_pts_90k, last_pts_90k, frames, shortfall, first_telemetry, .. } = self;
        let covered = (telemetry > 0).then(|| IndexRange { first: first_telemetry.max(1), last: telemetry });
        let record = move |sealed: Sealed| {
            Kind::Segment(Segment {
                stream,
                index,
                file: sealed.file,
                sealed: sealed.sealed,
                plain: sealed.plain,
                first_pts_90k,
                last_pts_90k,
                frames,
                drops,
                minimum_set_shortfall: shortfall,
                telemetry: covered,
            })
        };
        notary.order(Order::Finish { file: Box::new(file), record: Box::new(record), done: None });
    }
}
