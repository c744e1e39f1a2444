//! The nonces among the records: each proves that what follows it was made after a station made it.

use super::super::records::Records;
use super::super::report::{Items, NotBefore, Subject};
use super::super::time::TOLERANCE_US;
use super::super::words::{Integrity, Time};
use crate::trust::{Refusal, Role, TrustList};

/// Checks all of them; from when on what holds, and whether the clock contradicts them.
pub(in crate::verify) fn check(
    records: &mut Records,
    trust: Option<&TrustList>,
    items: &mut Items,
) -> (Vec<NotBefore>, Time) {
    let (mut not_before, mut time) = (Vec::new(), Time::Ok);
    let (Some(trust), Some(flight)) = (trust, records.flight.as_ref().map(|flight| flight.flight_id)) else {
        return (not_before, time);
    };
    for (line, nonce) in &records.nonces {
        let at_us = i64::try_from(nonce.time_s).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let item = Subject::Record { line: *line, kind: Some("nonce") };
        let entry = match trust.vouches(nonce.station, Role::Station, at_us) {
            Ok(entry) => entry,
            Err(refusal @ (Refusal::NotListed(_) | Refusal::OtherRole { .. })) => {
                items.found(item, Integrity::KeyUntrusted, refusal.to_string());
                continue;
            }
            Err(refusal) => {
                records.notices.push(format!("The nonce of record {} does not count: {refusal}.", line - 1));
                continue;
            }
        };
        if !nonce.signed(flight).verifies(&entry.public_key) {
            items.found(item, Integrity::Malformed, "the station's signature over the nonce does not verify");
            continue;
        }
        let record = usize::try_from(line - 1).ok().and_then(|at| records.times.get(at).copied().flatten());
        if let Some(record) = record {
            let ahead_us = i128::from(at_us) - i128::from(record.utc_us);
            if ahead_us > i128::from(record.uncertainty_us) + TOLERANCE_US {
                time = Time::Suspect;
                let ahead_ms = ahead_us / 1000;
                records.notices.push(format!(
                    "Clock at record {}: the nonce in it was made {ahead_ms} ms later, by the clock of {}.",
                    line - 1,
                    entry.name
                ));
            }
        }
        not_before.push(NotBefore { record: line - 1, station: entry.name.clone(), utc_us: at_us });
    }
    (not_before, time)
}
