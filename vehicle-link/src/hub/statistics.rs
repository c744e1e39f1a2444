//! What went over each link, and what did not.

use crate::frames;

/// Counts of one link since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkStatistics {
    /// Frames that came in, copies and reflections included.
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
    /// Frames missing by their senders' sequence numbers. A lower bound: 128 lost in a row look
    /// like a late frame.
    pub lost_frames: u64,
    /// Copies of frames that had come over another path.
    pub duplicates: u64,
    /// Frames in the name of our own components that came in from outside.
    pub reflected: u64,
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
}

impl LinkStatistics {
    /// Adds what a splitter saw between two readings of its counters.
    pub(super) fn add_split(&mut self, before: frames::Counters, after: frames::Counters) {
        self.bad_checksums += after.bad_checksums - before.bad_checksums;
        self.unknown_ids += after.unknown_ids - before.unknown_ids;
        self.skipped_bytes += after.skipped_bytes - before.skipped_bytes;
    }
}
