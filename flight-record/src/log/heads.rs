//! `checkpoints.jsonl`: every tree head as the device signed it, and again with what ground stations say of it.

use super::{Appended, LogError};
use crate::canonical;
use crate::disk::Disk;
#[cfg(test)]
use crate::disk::DiskFile;
use crate::keys::PublicKey;
use crate::layout::CHECKPOINTS;
use crate::note::{Cosignature, MAX_COSIGNATURES, SignedNote};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::path::Path;

/// Heads that still take a cosignature: stations vouch for the newest, and the radio may be late.
const MAX_RECENT: usize = 1024;

/// A line of `checkpoints.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckpointLine {
    pub(crate) note: String,
}

/// A note as a line of `checkpoints.jsonl`, with its newline.
pub(crate) fn checkpoint_line(note: &str) -> Vec<u8> {
    let mut line = canonical::write(&CheckpointLine { note: note.to_owned() });
    line.push(b'\n');
    line
}

/// What became of a cosignature that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is on the disk, durably.
    Stored,
    /// The head has one of this station, or as many as a note holds: nothing was written.
    Known,
    /// It is not over a head of this flight that still takes one, or not by this station.
    NotOurs,
}

/// The newest heads of a log with the cosignatures stored under them.
#[derive(Default)]
pub(crate) struct Recent {
    /// Sizes follow on each other.
    notes: VecDeque<SignedNote>,
}

impl Recent {
    /// Takes the next head.
    pub(crate) fn push(&mut self, note: SignedNote) {
        if self.notes.len() == MAX_RECENT {
            self.notes.pop_front();
        }
        self.notes.push_back(note);
    }

    /// The head of this size, if it is among the newest.
    pub(crate) fn get_mut(&mut self, size: u64) -> Option<&mut SignedNote> {
        let first = self.notes.front()?.claimed().size;
        self.notes.get_mut(usize::try_from(size.checked_sub(first)?).ok()?)
    }
}

/// The file of the heads, while the log is written and while late cosignatures come.
pub(crate) struct Heads {
    file: Appended,
    recent: Recent,
}

impl Heads {
    /// Takes up the file in `dir`, which must end after the newest of `recent`.
    pub(crate) fn take_up(disk: &dyn Disk, dir: &Path, recent: Recent) -> Result<Self, LogError> {
        Ok(Self { file: Appended::open(disk, dir.join(CHECKPOINTS))?, recent })
    }

    /// Whether something may stand behind the last head.
    pub(super) fn is_broken(&self) -> bool {
        self.file.broken
    }

    /// Takes back what a failure left.
    pub(super) fn mend(&mut self) -> Result<(), LogError> {
        self.file.mend()
    }

    #[cfg(test)]
    pub(super) fn swap_file(&mut self, (file, bytes): (Box<dyn DiskFile>, u64)) -> (Box<dyn DiskFile>, u64) {
        (std::mem::replace(&mut self.file.file, file), std::mem::replace(&mut self.file.bytes, bytes))
    }

    /// Makes the next head durable.
    pub(crate) fn append(&mut self, note: SignedNote) -> Result<String, LogError> {
        let text = note.to_string();
        self.file.append(&checkpoint_line(&text))?;
        self.recent.push(note);
        Ok(text)
    }

    /// Appends the head of `size` once more, with this cosignature added; durable on return.
    pub(crate) fn store(
        &mut self,
        station: &PublicKey,
        cosignature: &Cosignature,
        size: u64,
    ) -> Result<Stored, LogError> {
        let Some(note) = self.recent.get_mut(size).filter(|note| cosignature.verifies(note.claimed(), station)) else {
            return Ok(Stored::NotOurs);
        };
        let known = note.cosignatures().any(|held| held.key_hash == cosignature.key_hash);
        if known || note.cosignatures().len() >= MAX_COSIGNATURES {
            return Ok(Stored::Known);
        }
        let cosigned = note.with_cosignature(station, *cosignature);
        self.file.append(&checkpoint_line(&cosigned))?;
        if let Ok(cosigned) = SignedNote::parse(&cosigned) {
            *note = cosigned;
        }
        Ok(Stored::Stored)
    }
}
