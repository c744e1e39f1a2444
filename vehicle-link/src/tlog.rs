//! Telemetry logs (`.tlog`) as ground stations write them: for each frame, eight bytes of UTC
//! microseconds, big-endian, then the frame as on the wire.
//!
//! The reader goes on after damage: it looks for the next place where a whole entry stands. A frame
//! whose id the dialect does not know, and whose checksum therefore nobody can check, is taken when
//! another entry, or the end, follows it and its time is within a day of the entry before.

use std::io::{self, Read, Write};

use bytes::{Buf, BytesMut};

use crate::frames::{Candidate, Frame, MAX_FRAME_BYTES, STX_V1, STX_V2};

const STAMP_BYTES: usize = 8;
/// Enough for an entry and the start of the next.
const WANTED_BYTES: usize = MAX_FRAME_BYTES + 2 * STAMP_BYTES + 1;
const READ_BYTES: usize = 64 * 1024;
const DAY_US: u64 = 86_400_000_000;

/// One frame and when it was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// µs since 1970-01-01 UTC. MAVProxy puts a link number into the lowest two bits.
    pub utc_us: u64,
    /// The frame.
    pub frame: Frame,
}

/// Appends one entry.
///
/// # Errors
/// Those of the writer.
pub fn write(out: &mut impl Write, utc_us: u64, frame: &Frame) -> io::Result<()> {
    out.write_all(&utc_us.to_be_bytes())?;
    out.write_all(frame.bytes())
}

/// Reads a log, entry by entry, with a bounded buffer.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    buffer: BytesMut,
    ended: bool,
    skipped_bytes: u64,
    last_utc_us: Option<u64>,
}

impl<R: Read> Reader<R> {
    /// Reads from `input`, which need not be buffered.
    pub fn new(input: R) -> Self {
        Self { input, buffer: BytesMut::new(), ended: false, skipped_bytes: 0, last_utc_us: None }
    }

    /// Bytes that belonged to no entry, so far.
    pub fn skipped_bytes(&self) -> u64 {
        self.skipped_bytes
    }

    fn fill(&mut self) -> io::Result<()> {
        while !self.ended && self.buffer.len() < WANTED_BYTES {
            let held = self.buffer.len();
            self.buffer.resize(held + READ_BYTES, 0);
            let read = match self.input.read(&mut self.buffer[held..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
                // After an error what is held is still read out; the input is not asked again.
                other => {
                    self.ended = !matches!(other, Ok(1..));
                    other
                }
            };
            self.buffer.truncate(held + *read.as_ref().unwrap_or(&0));
            read?;
        }
        Ok(())
    }

    /// Time and frame length of the entry that stands at the buffer's start, if one does.
    fn entry(&self) -> Option<(u64, usize)> {
        let (stamp, rest) = self.buffer.split_first_chunk::<STAMP_BYTES>()?;
        let utc_us = u64::from_be_bytes(*stamp);
        match Candidate::at(rest) {
            Candidate::Known(len) => Some((utc_us, len)),
            Candidate::Unknown(len) => {
                let next = rest.get(len + STAMP_BYTES);
                let followed = matches!(next, Some(&(STX_V1 | STX_V2))) || rest.len() == len;
                let timely = self.last_utc_us.is_none_or(|last| last.abs_diff(utc_us) < DAY_US);
                (followed && timely).then_some((utc_us, len))
            }
            Candidate::Incomplete | Candidate::Refused | Candidate::BadChecksum => None,
        }
    }

    fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        loop {
            self.fill()?;
            if let Some((utc_us, len)) = self.entry() {
                self.buffer.advance(STAMP_BYTES);
                self.last_utc_us = Some(utc_us);
                let frame = Frame::from_checked(self.buffer.split_to(len).freeze());
                return Ok(Some(Entry { utc_us, frame }));
            }
            if self.buffer.is_empty() {
                return Ok(None);
            }
            self.buffer.advance(1);
            self.skipped_bytes += 1;
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_entry().transpose()
    }
}
