//! One pass over a sealed file: its digest, the prefixes attested while it was written, and whoever reads it.

use crate::digest::{Counted, Extent};
use std::io::{self, Read};

/// A reader that hashes what passes and compares it with prefixes on the way.
pub(super) struct Sealed<'a, R> {
    input: R,
    counted: Counted,
    /// Line and extent, by rising length; those passed are gone.
    prefixes: &'a [(u64, Extent)],
    agreed: Option<(u64, Extent)>,
    refuted: Option<u64>,
}

/// What one pass showed.
pub(super) struct Passed {
    /// All of the file.
    pub(super) extent: Extent,
    /// The last prefix that agrees: line and extent.
    pub(super) agreed: Option<(u64, Extent)>,
    /// The first prefix that does not agree, by line.
    pub(super) refuted: Option<u64>,
    /// The first prefix that is longer than the file, by line.
    pub(super) unreached: Option<u64>,
}

impl<'a, R: Read> Sealed<'a, R> {
    pub(super) fn new(input: R, prefixes: &'a [(u64, Extent)]) -> Self {
        let mut sealed = Self { input, counted: Counted::default(), prefixes, agreed: None, refuted: None };
        sealed.compare();
        sealed
    }

    /// Reads what nobody has read and says what the pass showed.
    pub(super) fn finish(mut self) -> io::Result<Passed> {
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(Passed {
            extent: self.counted.extent(),
            agreed: self.agreed,
            refuted: self.refuted,
            unreached: self.prefixes.first().map(|(line, _)| *line),
        })
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while let Some((_, prefix)) = self.prefixes.first() {
            let Ok(wanted) = usize::try_from(prefix.bytes - self.counted.bytes()) else {
                break;
            };
            let Some((head, tail)) = bytes.split_at_checked(wanted) else {
                break;
            };
            self.counted.update(head);
            bytes = tail;
            self.compare();
        }
        self.counted.update(bytes);
    }

    /// Compares all prefixes that end here.
    fn compare(&mut self) {
        while let Some(((line, prefix), rest)) = self.prefixes.split_first() {
            // A prefix shorter than the one before is out of order; its record has been named for it.
            if prefix.bytes > self.counted.bytes() {
                break;
            }
            self.prefixes = rest;
            if *prefix == self.counted.extent() {
                self.agreed = Some((*line, *prefix));
            } else {
                self.refuted.get_or_insert(*line);
            }
        }
    }
}

impl<R: Read> Read for Sealed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.take(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(bytes: &[u8], prefixes: &[(u64, Extent)]) -> Passed {
        Sealed::new(bytes, prefixes).finish().unwrap()
    }

    #[test]
    fn prefixes_agree_refute_or_are_not_reached() {
        let bytes: Vec<u8> = (0..=255).cycle().take(700_000).collect();
        let prefix = |line, len: usize| (line, Extent::of(&bytes[..len]));
        let prefixes = [prefix(3, 0), prefix(4, 100), prefix(5, 100), prefix(6, 262_144), prefix(7, 700_000)];
        let passed = pass(&bytes, &prefixes);
        assert_eq!((passed.extent, passed.refuted, passed.unreached), (Extent::of(&bytes), None, None));
        assert_eq!(passed.agreed, Some(prefixes[4]));

        let passed = pass(&bytes[..500_000], &prefixes);
        assert_eq!((passed.agreed, passed.refuted, passed.unreached), (Some(prefixes[3]), None, Some(7)));

        let mut altered = bytes.clone();
        altered[99] ^= 1;
        let passed = pass(&altered, &prefixes);
        assert_eq!((passed.agreed, passed.refuted), (Some(prefixes[0]), Some(4)));
    }
}
