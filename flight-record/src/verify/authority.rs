//! Whether the unit vouches for the device that signed.

use super::Anchor;
use super::records::Records;
use super::report::{FlightFacts, Items, Subject, TrustFacts};
use super::words::Integrity;
use crate::trust::{Role, TrustList};
use std::error::Error;

/// Opens the trust list under the root that the reader knows, and looks the device up in it.
pub(super) fn check(anchor: &Anchor, now_utc_us: i64, records: &Records, items: &mut Items) -> Option<TrustFacts> {
    let untrusted = |items: &mut Items, detail: String| {
        items.found(Subject::Trust, Integrity::KeyUntrusted, detail);
    };
    let list = match TrustList::open(&anchor.trust_json, anchor.root) {
        Ok(list) => list,
        Err(error) => {
            let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            untrusted(items, format!("the trust list is refused: {error}{source}"));
            return None;
        }
    };
    match records.flight.as_ref().map(|flight| vouch(&list, now_utc_us, records, flight)) {
        None => items.not_checked(Subject::Trust, "no device to look up: record 0 is not readable"),
        Some(Ok(())) => items.intact(Subject::Trust),
        Some(Err(why)) => untrusted(items, why),
    }
    Some(TrustFacts {
        unit: list.unit.clone(),
        root: list.fingerprint(),
        version: list.version,
        issued_utc_us: list.issued_utc_us,
        expires_utc_us: list.expires_utc_us,
    })
}

fn vouch(list: &TrustList, now_utc_us: i64, records: &Records, flight: &FlightFacts) -> Result<(), String> {
    if now_utc_us > list.expires_utc_us {
        return Err(format!("version {} of the trust list has expired: a newer one may revoke", list.version));
    }
    if list.version < records.trust_version {
        let aboard = records.trust_version;
        return Err(format!(
            "version {} of the trust list is older than version {aboard}, which was aboard",
            list.version
        ));
    }
    let Some(entry) = list.entry(flight.device_id) else {
        return Err(format!("the unit does not list device key {}", flight.device_id));
    };
    if entry.role != Role::Device {
        return Err("the unit lists the key, but not as a device's".to_owned());
    }
    if entry.class.is_none_or(|class| flight.class > class) {
        return Err(format!("the flight says it is {}, which the unit does not grant this device", flight.class));
    }
    if let Some(revocation) = &entry.revoked {
        return Err(format!(
            "the unit has revoked the key ({}), and nobody witnessed the flight before",
            revocation.reason
        ));
    }
    let uncertainty = records.opened_uncertainty_us;
    let begins_in_time = flight.opened_utc_us.saturating_add_unsigned(uncertainty) >= entry.valid_from_utc_us;
    let ends_in_time = records.last_utc_us.saturating_sub_unsigned(uncertainty) <= entry.valid_until_utc_us;
    if begins_in_time && ends_in_time {
        Ok(())
    } else {
        Err("the flight lies outside the time for which the unit vouches for the key".to_owned())
    }
}
