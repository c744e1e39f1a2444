//! What is signed and stands in the flight's record: orders, marks.

use anyhow::Result;

use super::{Answer, Marked, SentPapers, Signed, SignedWish};
use crate::clock;
use crate::link::Converse;
use crate::papers::{Carried, Message, deliver};
use crate::record::order::{Wish, give, keep};

/// Keeps the reason, then signs and sends until the aircraft says that the order stands in its record.
///
/// # Errors
/// When the reason cannot be kept, the signer may not sign any more, or the aircraft refuses or does not answer.
pub(super) async fn order(ear: &mut impl Converse, signed: &Signed) -> Result<Answer> {
    let SignedWish::Rec(action) = signed.wish;
    let wish = Wish::Order(action);
    let commitment = keep(&signed.reasons, &signed.reason)?;
    let key = signed.signer.key(clock::now_utc_us())?;
    let flight = give(ear, signed.camera, (wish, commitment), key).await?;
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
