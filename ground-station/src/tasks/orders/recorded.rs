//! Orders that are signed and stand in the flight's record.

use anyhow::Result;

use super::{Answer, Signed, SignedWish};
use crate::clock;
use crate::link::Converse;
use crate::record::order::{Wish, give, keep};

/// Keeps the reason, then signs and sends until the aircraft says that the order stands in its record.
///
/// # Errors
/// When the reason cannot be kept, the signer may not sign any more, or the aircraft refuses or does not answer.
pub(super) async fn order(ear: &mut impl Converse, signed: &Signed) -> Result<Answer> {
    let wish = match signed.wish {
        SignedWish::Rec(action) => Wish::Order(action),
        SignedWish::Session(session) => Wish::Session(session),
    };
    let commitment = keep(&signed.reasons, &signed.reason)?;
    let key = signed.signer.key(clock::now_utc_us())?;
    let flight = give(ear, signed.camera, (wish, commitment), key).await?;
    Ok(Answer::Recorded { commitment, flight })
}
