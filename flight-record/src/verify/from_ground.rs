//! The ground's words among the records: nonces, each of which proves that what follows it was made after a station made
//! it, and orders to record, each of which says who wanted it, when, and commits to why.

use super::records::Records;
use super::report::{Items, NotBefore, Ordered, Subject};
use super::time::TOLERANCE_US;
use super::words::{Integrity, Time};
use crate::statement::{GivenReason, Session, may_authorise, may_order};
use crate::trust::{Entry, Refusal, Role, TrustList};

/// What the ground's words prove.
#[derive(Default)]
pub(super) struct Proven {
    pub(super) not_before: Vec<NotBefore>,
    pub(super) ordered: Vec<Ordered>,
    /// Whether the clock contradicts a nonce.
    pub(super) time: Option<Time>,
}

/// Checks all of them. `reasons` are those the reader brings; they belong to whichever order commits to them.
pub(super) fn check(
    records: &mut Records,
    trust: Option<&TrustList>,
    reasons: &[GivenReason],
    items: &mut Items,
) -> Proven {
    let mut proven = Proven::default();
    let Some(trust) = trust else { return proven };
    nonces(records, trust, items, &mut proven);
    statements(records, trust, reasons, items, &mut proven);
    authorisations(records, trust, reasons, items, &mut proven);
    proven.ordered.sort_by_key(|ordered| ordered.record);
    proven
}

fn nonces(records: &mut Records, trust: &TrustList, items: &mut Items, proven: &mut Proven) {
    let Some(flight) = records.flight.as_ref().map(|flight| flight.flight_id) else { return };
    for (line, nonce) in std::mem::take(&mut records.nonces) {
        let at_us = i64::try_from(nonce.time_s).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let word = Word { line, kind: "nonce", signature: "the station's signature over the nonce does not verify" };
        let signs = |entry: &Entry| nonce.signed(flight).verifies(&entry.public_key);
        let counts = |entry: &Entry| entry.vouches(Role::Station, at_us);
        let Some(entry) = word.judge(trust.entry(nonce.station), (signs, counts), records, items) else { continue };
        if let Some(ahead_ms) = ahead_ms(records, line, at_us) {
            proven.time = Some(Time::Suspect);
            records.notices.push(format!(
                "Clock at record {}: the nonce in it was made {ahead_ms} ms later, by the clock of {}.",
                line - 1,
                entry.name
            ));
        }
        proven.not_before.push(NotBefore { record: line - 1, station: entry.name.clone(), utc_us: at_us });
    }
}

fn statements(
    records: &mut Records,
    trust: &TrustList,
    reasons: &[GivenReason],
    items: &mut Items,
    proven: &mut Proven,
) {
    let Some((flight, device)) = records.flight.as_ref().map(|flight| (flight.flight_id, flight.device_id)) else {
        return;
    };
    for (line, statement) in std::mem::take(&mut records.statements) {
        let at_us = statement.made().utc_us();
        let word = Word { line, kind: "statement", signature: "the signature over the order does not verify" };
        let signs = |entry: &Entry| statement.signed(flight, device).verifies(&entry.public_key);
        let counts = |entry: &Entry| may_order(entry, at_us);
        let Some(entry) = word.judge(trust.entry(statement.signer), (signs, counts), records, items) else { continue };
        if let Some(ahead_ms) = ahead_ms(records, line, at_us) {
            records.notices.push(format!(
                "Order in record {}: by the clock of {} it was given {ahead_ms} ms later than the record says.",
                line - 1,
                entry.name
            ));
        }
        let reason = reasons.iter().find(|given| given.commitment() == statement.reason);
        proven.ordered.push(Ordered {
            record: line - 1,
            action: statement.action.into(),
            until_utc_us: None,
            signer: statement.signer,
            name: entry.name.clone(),
            utc_us: at_us,
            commitment: statement.reason,
            reason: reason.map(|given| given.reason.clone()),
        });
    }
}

fn authorisations(
    records: &mut Records,
    trust: &TrustList,
    reasons: &[GivenReason],
    items: &mut Items,
    proven: &mut Proven,
) {
    let Some((flight, device)) = records.flight.as_ref().map(|flight| (flight.flight_id, flight.device_id)) else {
        return;
    };
    for (line, given) in std::mem::take(&mut records.authorisations) {
        let at_us = given.made().utc_us();
        let signature = "the signature over the authorisation does not verify";
        let word = Word { line, kind: "authorisation", signature };
        let signed = given.signed(flight, device);
        let signs = |entry: &Entry| signed.as_ref().is_some_and(|signed| signed.verifies(&entry.public_key));
        let counts = |entry: &Entry| may_authorise(entry, at_us);
        let Some(entry) = word.judge(trust.entry(given.signer), (signs, counts), records, items) else { continue };
        let Some(session) = given.session() else { continue };
        if let Some(ahead_ms) = ahead_ms(records, line, at_us) {
            records.notices.push(format!(
                "Authorisation in record {}: by the clock of {} it was given {ahead_ms} ms later than the record says.",
                line - 1,
                entry.name
            ));
        }
        let until_utc_us = match session {
            Session::Begin { minutes } => Some(at_us + i64::from(minutes) * 60_000_000),
            Session::End => None,
        };
        let reason = reasons.iter().find(|reason| reason.commitment() == given.reason);
        proven.ordered.push(Ordered {
            record: line - 1,
            action: session.into(),
            until_utc_us,
            signer: given.signer,
            name: entry.name.clone(),
            utc_us: at_us,
            commitment: given.reason,
            reason: reason.map(|given| given.reason.clone()),
        });
    }
}

/// A record that somebody on the ground signed.
struct Word {
    line: u64,
    kind: &'static str,
    /// What is said when that signature does not verify.
    signature: &'static str,
}

impl Word {
    /// Whose it is, when it counts; otherwise what is wrong has been named. What is forged is worse than what does not count.
    fn judge<'a>(
        &self,
        entry: Option<&'a Entry>,
        (signs, counts): (impl Fn(&Entry) -> bool, impl Fn(&Entry) -> Result<(), Refusal>),
        records: &mut Records,
        items: &mut Items,
    ) -> Option<&'a Entry> {
        let item = Subject::Record { line: self.line, kind: Some(self.kind) };
        let Some(entry) = entry else {
            items.found(item, Integrity::KeyUntrusted, "its signer is not in the unit's trust list");
            return None;
        };
        if !signs(entry) {
            items.found(item, Integrity::Malformed, self.signature);
            return None;
        }
        match counts(entry) {
            Ok(()) => return Some(entry),
            Err(refusal @ (Refusal::NotListed(_) | Refusal::OtherRole { .. })) => {
                items.found(item, Integrity::KeyUntrusted, refusal.to_string());
            }
            Err(refusal) => {
                let (kind, record) = (self.kind, self.line - 1);
                records.notices.push(format!("The {kind} of record {record} does not count: {refusal}."));
            }
        }
        None
    }
}

/// How much later than its record says a word was made, when that is more than the clocks allow.
fn ahead_ms(records: &Records, line: u64, at_us: i64) -> Option<i128> {
    let made = usize::try_from(line - 1).ok().and_then(|at| records.times.get(at).copied().flatten())?;
    let ahead_us = i128::from(at_us) - i128::from(made.utc_us);
    (ahead_us > i128::from(made.uncertainty_us) + TOLERANCE_US).then_some(ahead_us / 1000)
}
