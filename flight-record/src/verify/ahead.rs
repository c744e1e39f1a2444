//! A reader that looks ahead as far as an age header reaches, and then gets out of the way: what comes behind is read
//! straight into the buffer of whoever reads it.

use std::io::{self, BufRead, Read};

/// An age header of ours is a few hundred bytes; nothing is looked for further ahead than this.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// Bytes looked at at first, and then more each time.
const PIECE_BYTES: usize = 4096;

pub(super) struct Ahead<R> {
    input: R,
    /// What was read ahead, and how much of it is done with.
    seen: Vec<u8>,
    used: usize,
}

impl<R: Read> Ahead<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, seen: Vec::new(), used: 0 }
    }

    /// Looks at more than before. False at the end, or when enough was seen.
    pub(super) fn look_further(&mut self) -> io::Result<bool> {
        let more = PIECE_BYTES.min(MAX_HEADER_BYTES.saturating_sub(self.seen.len()));
        let found = (&mut self.input).take(more as u64).read_to_end(&mut self.seen)?;
        Ok(found > 0)
    }
}

impl<R: Read> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut ahead = &self.seen[self.used..];
        if ahead.is_empty() {
            return self.input.read(buffer);
        }
        let read = ahead.read(buffer)?;
        self.used += read;
        Ok(read)
    }
}

impl<R: Read> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.seen.len() {
            self.seen.clear();
            self.used = 0;
            self.look_further()?;
        }
        Ok(&self.seen[self.used..])
    }

    fn consume(&mut self, bytes: usize) {
        self.used = self.seen.len().min(self.used + bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_read_once_and_in_order() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(2 * MAX_HEADER_BYTES).collect();
        let mut ahead = Ahead::new(&bytes[..]);
        assert_eq!(ahead.fill_buf().unwrap(), &bytes[..PIECE_BYTES]);
        while ahead.look_further().unwrap() {}
        assert_eq!(ahead.fill_buf().unwrap(), &bytes[..MAX_HEADER_BYTES], "and no further");
        ahead.consume(10);
        let mut rest = Vec::new();
        ahead.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes[10..]);
    }

    #[test]
    fn a_short_file_ends() {
        let mut ahead = Ahead::new(&b"ab"[..]);
        assert_eq!(ahead.fill_buf().unwrap(), b"ab");
        assert!(!ahead.look_further().unwrap());
        ahead.consume(2);
        assert_eq!(ahead.fill_buf().unwrap(), b"");
    }
}
