//! People and their PINs, as the accounts of the unit know them.

use crate::clock;
use crate::state::signin::{NotLetIn, Person, Secret};
use evidence_store::people::{MOST_FAILURES, People, PeopleError, Pin, Session};
use flight_record::Label;
use std::path::Path;

/// Everybody with a PIN who is not suspended.
///
/// # Errors
/// When the accounts cannot be read.
pub(super) fn people(accounts: &Path) -> Result<Vec<Person>, PeopleError> {
    let accounts = People::open(accounts)?.accounts()?;
    let ready = accounts.into_iter().filter(|account| !account.suspended && account.public_key.is_some());
    Ok(ready.map(|account| Person { label: account.label, duties: account.duties }).collect())
}

/// A session of somebody who gives their PIN now. Takes as long as Argon2id does: never on a thread that draws.
///
/// # Errors
/// Why not, in words.
pub(super) fn let_in(accounts: &Path, who: &Label, secret: &Secret) -> Result<Session, NotLetIn> {
    let now_utc_us = clock::now_utc_us();
    let refused = |error| not_let_in(error, now_utc_us);
    let people = People::open(accounts).map_err(refused)?;
    let pin = Pin::new(secret.reveal()).map_err(refused)?;
    people.log_in(who, &pin, now_utc_us).map_err(|error| match error {
        PeopleError::WrongPin(who) => wrong(&people, &who, now_utc_us),
        other => not_let_in(other, now_utc_us),
    })
}

/// A wrong PIN, and what it costs.
fn wrong(people: &People, who: &Label, now_utc_us: i64) -> NotLetIn {
    let attempts = people.account(who).map(|account| account.attempts).unwrap_or_default();
    let left = MOST_FAILURES.saturating_sub(attempts.failures);
    let why = match left {
        0 => format!("That was not the PIN of {who}, and the account is locked now. An administrator can resume it."),
        1 => format!("That is not the PIN of {who}. 1 try is left before the account locks."),
        left => format!("That is not the PIN of {who}. {left} tries are left before the account locks."),
    };
    let until_utc_us = (left > 0 && attempts.next_try_utc_us > now_utc_us).then_some(attempts.next_try_utc_us);
    NotLetIn { why, until_utc_us }
}

fn not_let_in(error: PeopleError, now_utc_us: i64) -> NotLetIn {
    let (why, until_utc_us) = match error {
        PeopleError::Wait { label, seconds } => {
            let until = now_utc_us.saturating_add(seconds.saturating_mul(1_000_000));
            (format!("Too many wrong PINs for {label}."), Some(until))
        }
        PeopleError::Suspended(who) => (format!("{who} is suspended. An administrator can resume the account."), None),
        PeopleError::Locked(who) => {
            (format!("{who} is locked after too many wrong PINs. An administrator can resume the account."), None)
        }
        PeopleError::NoPin(who) => (format!("{who} has no PIN yet: `skyseal-evidence accounts pin` sets one."), None),
        PeopleError::WeakPin(why) => (format!("That cannot be a PIN: {why}."), None),
        other => (format!("{:#}.", anyhow::Error::from(other)), None),
    };
    NotLetIn { why, until_utc_us }
}
