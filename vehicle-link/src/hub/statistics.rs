//! What went over each link, and what did not.

use super::{meter::Rate, refused::Refused};
use crate::{frames, signing::Refusal};

/// What came from one peer since it joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeerStatistics {
    /// Frames that came in and were admitted, copies included.
    pub received_frames: u64,
    /// Bytes of those frames.
    pub received_bytes: u64,
    /// Frames missing by their senders' sequence numbers, as in [`LinkStatistics::lost_frames`].
    pub lost_frames: u64,
    /// What comes in, over the last seconds.
    pub received: Rate,
    /// From our TIMESYNC or PING to the answer, ns, smoothed; `None` before the first answer.
    pub round_trip_ns: Option<u64>,
}

/// Counts of one link since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkStatistics {
    /// Frames that came in, refused ones, copies and reflections included.
    pub received_frames: u64,
    /// Bytes of those frames.
    pub received_bytes: u64,
    /// Frames handed to the operating system.
    pub sent_frames: u64,
    /// Bytes of those frames.
    pub sent_bytes: u64,
    /// Frames of a known id whose checksum was wrong.
    pub bad_checksums: u64,
    /// Frames whose id the dialect does not know.
    pub unknown_ids: u64,
    /// Bytes that belonged to no frame.
    pub skipped_bytes: u64,
    /// Frames missing by their senders' sequence numbers, on each path; one that comes late is no longer missing. A lower bound: 128
    /// lost in a row look like a late frame.
    pub lost_frames: u64,
    /// Copies of frames that had come over another path.
    pub duplicates: u64,
    /// Frames in the name of our own components that came in from outside.
    pub reflected: u64,
    /// Frames refused because they were not signed.
    pub refused_unsigned: u64,
    /// Frames refused because their signature was wrong.
    pub refused_signatures: u64,
    /// Signed frames refused because their timestamp was used already: replays, or late.
    pub refused_replays: u64,
    /// Signed frames refused because they began a stream in the past.
    pub refused_stale: u64,
    /// Signed frames refused because too many streams were alive.
    pub refused_streams: u64,
    /// Frames of ours, or routed from a link without signatures, not sent because they could not be signed.
    pub not_signed: u64,
    /// SETUP_SIGNING messages kept from subscribers: they carry a key.
    pub keys_withheld: u64,
    /// Frames not sent because the peer's queue was full.
    pub queue_drops: u64,
    /// Frames or connections refused because the link had its most peers.
    pub refused_peers: u64,
    /// Sends, receives, accepts and openings that failed.
    pub errors: u64,
    /// Times a peer appeared (connection made, address first heard, port opened).
    pub connects: u64,
    /// Peers now.
    pub peers: u64,
    /// What comes in, over the last seconds, refused frames included.
    pub received: Rate,
    /// What goes out, over the last seconds.
    pub sent: Rate,
    /// From our TIMESYNC or PING to the answer, ns, smoothed; `None` before the first answer.
    pub round_trip_ns: Option<u64>,
}

impl LinkStatistics {
    /// What signing refused on this link.
    pub fn refused(&self) -> Refused {
        Refused {
            unsigned: self.refused_unsigned,
            signatures: self.refused_signatures,
            replays: self.refused_replays + self.refused_stale + self.refused_streams,
            not_signed: self.not_signed,
        }
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        let counter = match refusal {
            Refusal::Unsigned => &mut self.refused_unsigned,
            Refusal::Signature => &mut self.refused_signatures,
            Refusal::Replayed => &mut self.refused_replays,
            Refusal::Stale => &mut self.refused_stale,
            Refusal::TooManyStreams => &mut self.refused_streams,
        };
        *counter += 1;
    }

    /// Adds what a splitter saw between two readings of its counters.
    pub(super) fn add_split(&mut self, before: frames::Counters, after: frames::Counters) {
        self.bad_checksums += after.bad_checksums - before.bad_checksums;
        self.unknown_ids += after.unknown_ids - before.unknown_ids;
        self.skipped_bytes += after.skipped_bytes - before.skipped_bytes;
    }
}
