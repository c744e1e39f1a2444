//! What is signed and stands in the flight's record: orders, marks.

use anyhow::Result;
use flight_record::statement::Action;

use super::{Answer, Marked, SentPapers, Signed, SignedWish};
use crate::clock;
use crate::link::Converse;
use crate::papers::{Carried, Message, deliver};
use crate::record::order::{Wish, give, give_in, keep};

/// Keeps the reason, then signs and sends until the aircraft says that the order stands in its record.
///
/// # Errors
/// When the reason cannot be kept, the signer may not sign any more, or the aircraft refuses or does not answer.
pub(super) async fn order(ear: &mut impl Converse, signed: &Signed) -> Result<Answer> {
    let (wish, only) = match signed.wish {
        SignedWish::Rec(action) => (Wish::Order(action), None),
        SignedWish::Amend(flight) => (Wish::Order(Action::Start), Some(flight)),
        SignedWish::Session(session) => (Wish::Session(session), None),
    };
    let commitment = keep(&signed.reasons, &signed.reason)?;
    let key = signed.signer.key(clock::now_utc_us())?;
    let flight = match only {
        Some(flight) => give_in(ear, signed.camera, flight, (wish, commitment), key).await?,
        None => give(ear, signed.camera, (wish, commitment), key).await?,
    };
    Ok(Answer::Recorded { commitment, flight })
}

/// Sends a mark until the aircraft says that it stands in the record of its flight.
///
/// # Errors
/// When the aircraft refuses it or does not say so in time.
pub(super) async fn mark(ear: &mut impl Converse, marked: &Marked) -> Result<Answer> {
    let mut carried = Carried::new(None, marked.camera, &marked.signer);
    carried.alert(Message { purpose: marked.purpose, bytes: marked.mark.write() });
    Ok(Answer::Delivered(deliver(&mut carried, ear).await?))
}

/// Sends papers until the aircraft says that it has them: for its next flight, or in the record of the one that is open.
///
/// # Errors
/// When the aircraft refuses them or does not say so in time.
pub(super) async fn papers(ear: &mut impl Converse, papers: &SentPapers) -> Result<Answer> {
    let mut carried = Carried::new(Some(papers.packed.clone()), papers.camera, &papers.signer);
    Ok(Answer::Delivered(deliver(&mut carried, ear).await?))
}
