//! What there is to stamp of a flight: found in its two logs, unchecked, as anybody may have any bytes stamped.

use super::imprint;
use crate::canonical;
use crate::digest::Sha256;
use crate::log::CheckpointLine;
use crate::log::lines::{Line, Lines};
use crate::note::SignedNote;
use crate::outline::Outline;
use std::io::{self, BufRead};

/// The end of a flight. Whether it is rightly signed is for the verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What is stamped: [`imprint`] of the head over `close`.
    pub imprint: Sha256,
    /// When the flight was closed, as its `close` says, POSIX µs.
    pub closed_utc_us: i64,
}

impl Closing {
    /// Finds it in `records.jsonl` and `checkpoints.jsonl`; none while there is no `close`, or no head over it.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn find(records: impl BufRead, checkpoints: impl BufRead) -> io::Result<Option<Self>> {
        let outline = Outline::read(records)?;
        let (Some(closed_utc_us), true) = (outline.last_utc_us, outline.closed) else {
            return Ok(None);
        };
        let mut lines = Lines::new(checkpoints);
        while let Some(line) = lines.next()? {
            let Line::Whole(bytes) = line else { continue };
            let Ok(line) = canonical::read::<CheckpointLine>(&bytes) else { continue };
            let Ok(note) = SignedNote::parse(&line.note) else { continue };
            if note.claimed().size == outline.records {
                return Ok(Some(Self { imprint: imprint(&note), closed_utc_us }));
            }
        }
        Ok(None)
    }
}
