//! The heads of an extract: the device signed each, and each is the beginning of the last.

use super::super::report::{Items, Subject};
use super::super::witness::Gathered;
use super::super::words::Integrity;
use crate::extract::{CarriedHead, Extract};
use crate::keys::PublicKey;
use crate::note::{Checkpoint, SignedNote};
use crate::tree;

type Trouble = (Integrity, String);

/// Checks all of them and gathers what stations said of them. The last, once the device's signature over it holds.
pub(super) fn check(
    extract: &Extract,
    device: Option<PublicKey>,
    gathered: &mut Gathered<'_>,
    items: &mut Items,
) -> Option<Checkpoint> {
    let notes: Vec<_> = extract.heads.iter().map(|head| signed(head, extract, device.as_ref())).collect();
    let last = notes.last().and_then(|last| last.as_ref().ok()).map(|note| note.claimed().clone());
    let mut size_before = 0;
    for (number, (carried, note)) in (1..).zip(extract.heads.iter().zip(notes)) {
        let size = note.as_ref().ok().map(|note| note.claimed().size);
        let item = Subject::Head { number, size };
        let place = place(size, &mut size_before);
        let judged = note.and_then(|note| {
            place?;
            let Some(last) = &last else { return Ok(false) };
            is_beginning(carried, note.claimed(), last)?;
            let statements = gathered.verified(&note).map_err(|why| (Integrity::Malformed, why))?;
            statements.into_iter().for_each(|(statement, made)| gathered.take(statement, made, 0));
            Ok(true)
        });
        match judged {
            Ok(true) => items.intact(item),
            Ok(false) => items.not_checked(item, "the last head, of which it should be the beginning, is refused"),
            Err((word, detail)) => items.found(item, word, detail),
        }
    }
    last
}

/// A note of this flight that the device signed.
fn signed(head: &CarriedHead, extract: &Extract, device: Option<&PublicKey>) -> Result<SignedNote, Trouble> {
    let malformed = |why: String| (Integrity::Malformed, why);
    let note = SignedNote::parse(&head.note).map_err(|error| malformed(error.to_string()))?;
    let flight = note.claimed().flight;
    if flight != extract.flight_id {
        return Err((Integrity::WrongFlight, format!("a head of flight {flight}")));
    }
    let device = device.ok_or_else(|| malformed("record 0 does not name the device's key".to_owned()))?;
    note.verify(device).map_err(|error| malformed(error.to_string()))?;
    Ok(note)
}

/// Heads stand by rising size.
fn place(size: Option<u64>, before: &mut u64) -> Result<(), Trouble> {
    let Some(size) = size else { return Ok(()) };
    if size <= *before {
        return Err((Integrity::Malformed, format!("a head over {size} records follows one over {before}")));
    }
    *before = size;
    Ok(())
}

/// Whether the proof shows that `head` is the beginning of `last`, or is empty where it is the last itself.
fn is_beginning(carried: &CarriedHead, head: &Checkpoint, last: &Checkpoint) -> Result<(), Trouble> {
    let holds = if head == last {
        carried.proof.is_empty()
    } else {
        tree::verify_consistency(&head.root, head.size, &last.root, last.size, &carried.proof)
    };
    let detail = || "its proof does not show that it is the beginning of the last head".to_owned();
    if holds { Ok(()) } else { Err((Integrity::Altered, detail())) }
}
