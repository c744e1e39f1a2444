//! The tree heads, line by line, against the tree that the records give.

use super::records::Records;
use super::report::{Items, Subject};
use super::witness::Gathered;
use super::words::Integrity;
use crate::canonical;
use crate::digest::Sha256;
use crate::layout::CHECKPOINTS;
use crate::log::CheckpointLine;
use crate::log::lines::{Line, Lines};
use crate::note::{Checkpoint, SignedNote};
use crate::outside_time;
use crate::record::MAX_RECORDS;
use std::io::{self, BufRead};

/// Most lines of `checkpoints.jsonl`: a head a record, and a few times again with cosignatures.
const MAX_LINES: u64 = 4 * MAX_RECORDS;

type Trouble = (Integrity, String);

/// Reads all of `checkpoints.jsonl`; what is stamped of the head over `close`, once that head agrees with the records.
pub(super) fn check(
    input: impl BufRead,
    records: &Records,
    gathered: &mut Gathered<'_>,
    items: &mut Items,
) -> io::Result<Option<Sha256>> {
    let mut lines = Lines::new(input);
    let mut heads = Heads { records, gathered, size: 0, root: None, close_imprint: None };
    let mut number = 0;
    while let Some(line) = lines.next()? {
        number += 1;
        let item = Subject::Checkpoint { line: number };
        if number > MAX_LINES {
            items.found(item, Integrity::Malformed, "more heads than a log may have; nothing behind was read");
            break;
        }
        match line {
            Line::Torn(bytes) => {
                let detail = format!("{bytes} bytes behind the last newline: a head that was never finished");
                items.found(item, Integrity::Truncated, detail);
            }
            Line::TooLong => items.found(item, Integrity::Malformed, "longer than any line of the format"),
            Line::Whole(bytes) => match heads.take(&bytes) {
                Ok(Verdict::Agrees) => items.intact(item),
                Ok(Verdict::NotComparable(why)) => items.not_checked(item, why),
                Err((word, detail)) => items.found(item, word, detail),
            },
        }
    }
    let last = records.roots.len() as u64;
    if heads.size < last {
        let detail = format!("the heads end at record {} of {last}", heads.size);
        items.found(Subject::File(CHECKPOINTS.to_owned()), Integrity::Truncated, detail);
    }
    Ok(heads.close_imprint)
}

enum Verdict {
    Agrees,
    NotComparable(&'static str),
}

struct Heads<'a, 'b> {
    records: &'a Records,
    gathered: &'a mut Gathered<'b>,
    /// Size that the head before says it has.
    size: u64,
    /// Root of the last head that the device signed.
    root: Option<Sha256>,
    close_imprint: Option<Sha256>,
}

impl Heads<'_, '_> {
    fn take(&mut self, line: &[u8]) -> Result<Verdict, Trouble> {
        let malformed = |why: String| (Integrity::Malformed, why);
        let parsed = canonical::read::<CheckpointLine>(line)
            .map_err(|error| malformed(error.to_string()))
            .and_then(|line| SignedNote::parse(&line.note).map_err(|error| malformed(error.to_string())));
        let note = parsed.inspect_err(|_| self.size += 1)?;
        let flight = self.records.flight.as_ref().map(|flight| flight.flight_id);
        if flight.is_some_and(|id| id != note.claimed().flight) {
            // Anybody could put it there: it says nothing about the heads around it.
            return Err((Integrity::WrongFlight, format!("a head of flight {}", note.claimed().flight)));
        }
        let is_cosigned = note.cosignatures().len() > 0;
        let place = if is_cosigned { self.repeats(note.claimed()) } else { self.place(note.claimed()) };
        if !is_cosigned {
            self.size = note.claimed().size;
        }
        let Some(device) = &self.records.device else {
            return Ok(Verdict::NotComparable("the device's key is not known without record 0"));
        };
        let head = note.verify(device).map_err(|error| malformed(error.to_string()))?;
        if !is_cosigned {
            self.root = Some(head.root);
        }
        // A head over other records is the worse fault, wherever it stands.
        let compared = self.compare(head);
        match (&compared, place) {
            (Err((word, _)), Err((placed, _))) if *word >= placed => {}
            (_, Err(trouble)) => return Err(trouble),
            (_, Ok(())) => {}
        }
        let verdict = compared?;
        let statements = self.gathered.verified(&note).map_err(malformed)?;
        if matches!(verdict, Verdict::Agrees) {
            if self.records.ends_under(head.size) {
                self.close_imprint = Some(outside_time::imprint(&note));
            }
            statements.into_iter().for_each(|(statement, made)| self.gathered.take(statement, made, 0));
        }
        Ok(verdict)
    }

    /// What stations say stands under a head that is there already.
    fn repeats(&self, head: &Checkpoint) -> Result<(), Trouble> {
        let size = head.size;
        if size <= self.size || size > self.records.roots.len() as u64 {
            return Ok(());
        }
        Err((Integrity::OutOfOrder, format!("cosignatures of a head of size {size} stand before that head")))
    }

    /// Heads grow by one record each.
    fn place(&self, head: &Checkpoint) -> Result<(), Trouble> {
        let Checkpoint { size, root, .. } = head;
        if *size == self.size + 1 {
            Ok(())
        } else if *size > self.size {
            Err((Integrity::Missing, format!("a head of size {size} follows one of size {}", self.size)))
        } else if *size == self.size && self.root.is_some_and(|last| last != *root) {
            Err((Integrity::Equivocation, format!("a second head of size {size} with another root")))
        } else {
            Err((Integrity::OutOfOrder, format!("a head of size {size} follows one of size {}", self.size)))
        }
    }

    fn compare(&self, head: &Checkpoint) -> Result<Verdict, Trouble> {
        if self.records.sound_until.is_some_and(|sound| head.size > sound) {
            return Ok(Verdict::NotComparable("a record under it is refused"));
        }
        let index = head.size.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.records.roots.get(index)) {
            Some(root) if *root == head.root => Ok(Verdict::Agrees),
            Some(_) => Err((Integrity::Equivocation, "signed over other records than these".to_owned())),
            None => Err((
                Integrity::Truncated,
                format!("a head over {} records, of which {} are here", head.size, self.records.roots.len()),
            )),
        }
    }
}
