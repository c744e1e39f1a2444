//! Lines of a log, read one at a time in bounded memory, however long a line somebody put there.

use crate::record::MAX_LINE_BYTES;
use std::io::{self, BufRead};

/// One line, by how it ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Ended by a newline, which is not part of it.
    Whole(Vec<u8>),
    /// The file ends before a newline, or with a line in which bytes are 0, which a power cut leaves where it had not
    /// written yet: so many bytes.
    Torn(u64),
    /// Longer than any line we write.
    TooLong,
}

/// Reads lines and counts where they begin.
pub(crate) struct Lines<R> {
    input: R,
    /// Bytes of all lines read so far, newlines counted.
    pub(crate) offset: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, offset: 0 }
    }

    fn available(&mut self) -> io::Result<&[u8]> {
        while let Err(error) = self.input.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        self.input.fill_buf()
    }

    /// The next line, or `None` at the end of the file. `offset` does not move over torn bytes.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut kept = Vec::new();
        let mut seen = 0_u64;
        loop {
            let available = self.available()?;
            if available.is_empty() {
                return Ok(if seen == 0 { None } else { Some(Line::Torn(seen)) });
            }
            let newline = available.iter().position(|byte| *byte == b'\n');
            let (take, used) = newline.map_or((available.len(), available.len()), |at| (at, at + 1));
            let room = (MAX_LINE_BYTES + 1).saturating_sub(kept.len());
            kept.extend_from_slice(&available[..take.min(room)]);
            self.input.consume(used);
            seen += used as u64;
            if newline.is_some() {
                if kept.contains(&0) && self.available()?.is_empty() {
                    return Ok(Some(Line::Torn(seen)));
                }
                self.offset += seen;
                return Ok(Some(if kept.len() > MAX_LINE_BYTES { Line::TooLong } else { Line::Whole(kept) }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> (Vec<Line>, u64) {
        let mut lines = Lines::new(io::BufReader::with_capacity(7, text));
        let mut out = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            out.push(line);
        }
        (out, lines.offset)
    }

    #[test]
    fn whole_torn_empty_and_endless_lines() {
        let whole = |text: &[u8]| Line::Whole(text.to_vec());
        assert_eq!(all(b""), (vec![], 0));
        assert_eq!(all(b"one\n\ntwo long line\n"), (vec![whole(b"one"), whole(b""), whole(b"two long line")], 19));
        assert_eq!(all(b"one\nto"), (vec![whole(b"one"), Line::Torn(2)], 4));
        assert_eq!(all(b"one\nt\0o\n"), (vec![whole(b"one"), Line::Torn(4)], 4), "a power cut leaves holes at the end");
        assert_eq!(all(b"t\0o\none\n").0, [whole(b"t\0o"), whole(b"one")], "and nowhere else");
        let mut endless = vec![b'x'; MAX_LINE_BYTES + 1];
        endless.extend_from_slice(b"\nok\n");
        assert_eq!(all(&endless).0, vec![Line::TooLong, whole(b"ok")]);
        assert_eq!(all(&[b"x".repeat(MAX_LINE_BYTES), b"\n".to_vec()].concat()).0.len(), 1);
    }
}
