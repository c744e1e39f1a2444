//! Tokens of time-stamping authorities over the end of the flight: each good in itself or named with what is wrong, and
//! counted only under a root that the reader brings.

use super::records::Records;
use super::report::{Items, Subject};
use super::time::TOLERANCE_US;
use super::words::{Integrity, Time};
use crate::digest::Sha256;
use crate::outside_time::{MAX_TOKENS, Roots, Token, TokenError};
use serde::Serialize;

/// What an authority says of the head over `close`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stamped {
    /// Place in the order given, from 1.
    pub number: usize,
    /// SHA-256 of the token's file: its name in a package.
    pub token: Sha256,
    /// Whether it counts: it leads to a root that the reader brought.
    pub counts: bool,
    /// SHA-256 of that root's certificate.
    pub root: Option<Sha256>,
    /// Subject of the certificate that signed, as it says.
    pub authority: String,
    /// The authority's number for it, hexadecimal.
    pub serial: String,
    /// The policy under which it was made: an object identifier.
    pub policy: String,
    /// When it was made, by the authority's clock, POSIX µs.
    pub gen_time_utc_us: i64,
    /// How far that may be from the true time, µs; null where the authority does not say.
    pub accuracy_us: Option<u64>,
    /// How long after `close` that is, by the flight's own clock, µs.
    pub delay_us: i64,
}

/// What the tokens come to.
pub(super) struct Outside {
    pub(super) stamped: Vec<Stamped>,
    /// Whether the flight's clock contradicts one that counts.
    pub(super) time: Time,
    /// When one that counts had seen the end of the flight at the latest, POSIX µs.
    pub(super) close_seen_utc_us: Option<i64>,
}

/// Checks all of them.
pub(super) fn check(tokens: &[Vec<u8>], roots: &Roots, records: &mut Records, items: &mut Items) -> Outside {
    let mut outside = Outside { stamped: Vec::new(), time: Time::Ok, close_seen_utc_us: None };
    for (number, bytes) in (1..).zip(tokens) {
        let item = Subject::Token { number };
        if number > MAX_TOKENS {
            items.found(item, Integrity::Malformed, format!("more than the {MAX_TOKENS} a flight may have"));
            break;
        }
        match Token::open(bytes) {
            Err(TokenError::Unsupported(algorithm)) => {
                let detail =
                    format!("signed by algorithm {algorithm}, which is not checked here; use openssl ts -verify");
                items.not_checked(item, detail);
            }
            Err(error) => items.found(item, Integrity::Malformed, error.to_string()),
            Ok(token) => outside.take(number, bytes, &token, roots, records, items),
        }
    }
    outside
}

impl Outside {
    /// A token that is good in itself.
    fn take(
        &mut self,
        number: usize,
        bytes: &[u8],
        token: &Token,
        roots: &Roots,
        records: &mut Records,
        items: &mut Items,
    ) {
        let item = Subject::Token { number };
        let Some(imprint) = records.close_imprint else {
            return items.not_checked(item, "there is no head over close that agrees with the records");
        };
        if token.imprint != imprint {
            return items.found(item, Integrity::Altered, "a token over something else than this flight's last head");
        }
        let root = token.root(roots);
        if root.is_ok() {
            self.count(number, token, records);
        }
        self.stamped.push(Stamped {
            number,
            token: Sha256::of(bytes),
            counts: root.is_ok(),
            root: root.as_ref().ok().copied(),
            authority: token.authority.clone(),
            serial: token.serial.clone(),
            policy: token.policy.clone(),
            gen_time_utc_us: token.gen_time_utc_us,
            accuracy_us: token.accuracy_us,
            delay_us: token.gen_time_utc_us.saturating_sub(records.last_utc_us),
        });
        match root {
            Ok(_) => items.intact(item),
            Err(why) => items.not_checked(item, why),
        }
    }

    fn count(&mut self, number: usize, token: &Token, records: &mut Records) {
        let latest_utc_us = token.latest_utc_us();
        self.close_seen_utc_us = Some(self.close_seen_utc_us.map_or(latest_utc_us, |seen| seen.min(latest_utc_us)));
        let uncertainty_us = records.times.last().copied().flatten().map_or(0, |made| made.uncertainty_us);
        let early_us = i128::from(records.last_utc_us) - i128::from(latest_utc_us);
        if early_us > i128::from(uncertainty_us) + TOLERANCE_US {
            self.time = Time::Suspect;
            records.notices.push(format!(
                "Clock at close: timestamp {number} was made {} ms before the time it states.",
                early_us / 1000
            ));
        }
    }
}
