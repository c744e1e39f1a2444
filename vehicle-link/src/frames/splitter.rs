//! Bytes in, frames out: finds frames in a stream or a datagram, and finds them again after damage.
//!
//! A candidate begins at a start byte. If the dialect knows its id, the checksum decides. If not,
//! nobody can check it, so it counts as a frame only where one is expected (at the start, or right
//! after another frame) and when another start byte follows it or the input ends there; a lone
//! unknown frame in a stream is therefore held until the next byte comes.
//! A refused candidate costs one byte, so a frame inside it is not lost. The outcome depends on
//! the bytes alone, never on how they were cut into reads.

use bytes::{Buf, BytesMut};

use super::{Candidate, Frame, MAX_FRAME_BYTES, STX_V1, STX_V2};

/// Input is taken in pieces of this size, which bounds the buffer.
const PIECE_BYTES: usize = 8 * 1024;

/// What a splitter has seen so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames given out, those with unknown ids included.
    pub frames: u64,
    /// Frames given out whose id the dialect does not know.
    pub unknown_ids: u64,
    /// Candidates refused because a known message's checksum was wrong.
    pub bad_checksums: u64,
    /// Bytes that belonged to no frame.
    pub skipped_bytes: u64,
}

/// Splits one stream, or one datagram after another, into frames.
///
/// Holds at most one incomplete frame and its follower between calls.
#[derive(Debug, Default)]
pub struct Splitter {
    buffer: BytesMut,
    counters: Counters,
    /// Bytes were skipped since the last frame.
    lost: bool,
}

impl Splitter {
    /// An empty splitter.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was seen so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Takes the next bytes of a stream and gives each frame that is complete.
    pub fn stream(&mut self, bytes: &[u8], mut sink: impl FnMut(Frame)) {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.buffer.extend_from_slice(piece);
            self.drain(false, &mut sink);
            debug_assert!(self.buffer.len() <= MAX_FRAME_BYTES, "one candidate at most");
        }
    }

    /// Takes one whole datagram: nothing is carried over to the next.
    pub fn datagram(&mut self, bytes: &[u8], mut sink: impl FnMut(Frame)) {
        self.stream(bytes, &mut sink);
        self.finish(sink);
    }

    /// The stream has ended: gives what was held back, and drops what will never be complete.
    pub fn finish(&mut self, mut sink: impl FnMut(Frame)) {
        self.drain(true, &mut sink);
        self.lost = false;
    }

    fn drain(&mut self, ended: bool, sink: &mut impl FnMut(Frame)) {
        loop {
            self.skip_to_start();
            if self.buffer.is_empty() {
                return;
            }
            match self.judge(ended) {
                Verdict::Wait => return,
                Verdict::Refuse => self.skip(1),
                Verdict::Accept(len) => {
                    let frame = Frame::from_checked(self.buffer.split_to(len).freeze());
                    self.counters.frames += 1;
                    self.lost = false;
                    sink(frame);
                }
            }
        }
    }

    fn judge(&mut self, ended: bool) -> Verdict {
        let short = if ended { Verdict::Refuse } else { Verdict::Wait };
        match Candidate::at(&self.buffer) {
            Candidate::Incomplete => short,
            Candidate::Refused => Verdict::Refuse,
            Candidate::BadChecksum => {
                self.counters.bad_checksums += 1;
                Verdict::Refuse
            }
            Candidate::Known(len) => Verdict::Accept(len),
            Candidate::Unknown(_) if self.lost => Verdict::Refuse,
            Candidate::Unknown(len) => match self.buffer.get(len) {
                None if !ended => Verdict::Wait,
                None | Some(&(STX_V1 | STX_V2)) => {
                    self.counters.unknown_ids += 1;
                    Verdict::Accept(len)
                }
                Some(_) => Verdict::Refuse,
            },
        }
    }

    fn skip_to_start(&mut self) {
        let start = self.buffer.iter().position(|b| matches!(*b, STX_V1 | STX_V2));
        self.skip(start.unwrap_or(self.buffer.len()));
    }

    fn skip(&mut self, count: usize) {
        self.lost |= count > 0;
        self.buffer.advance(count);
        self.counters.skipped_bytes += count as u64;
    }
}

enum Verdict {
    Accept(usize),
    Refuse,
    Wait,
}
