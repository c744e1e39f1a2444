//! Whether the unit vouches for the device that signed.

use super::Anchor;
use super::records::Records;
use super::report::{FlightFacts, Items, Subject, TrustFacts};
use super::words::Integrity;
use crate::trust::{Role, TrustList};
use std::error::Error;

/// Opens the trust list under the root that the reader knows; what is wrong with it is named.
pub(super) fn open(anchor: &Anchor, items: &mut Items) -> Option<TrustList> {
    TrustList::open(&anchor.trust_json, anchor.root)
        .map_err(|error| {
            let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            let detail = format!("the trust list is refused: {error}{source}");
            items.found(Subject::Trust, Integrity::KeyUntrusted, detail);
        })
        .ok()
}

/// When others had seen the end of the flight, POSIX µs.
#[derive(Clone, Copy)]
pub(super) struct EndSeen {
    /// A station that is not revoked.
    pub(super) by_station: Option<i64>,
    /// A time-stamping authority whose root the reader brought: at the latest then.
    pub(super) by_authority: Option<i64>,
}

impl EndSeen {
    /// Who had seen it, or as much of it as an extract carries, before an instant.
    fn before(self, utc_us: i64, is_part: bool) -> Option<&'static str> {
        let before = |seen: Option<i64>| seen.is_some_and(|seen| seen < utc_us);
        match (before(self.by_station), before(self.by_authority)) {
            (true, _) if is_part => Some("a station had cosigned all of it before"),
            (true, _) => Some("a station had cosigned its end before"),
            (false, true) => Some("a time-stamping authority had stamped its end before"),
            (false, false) => None,
        }
    }
}

/// Looks the device up in the list.
pub(super) fn check(list: &TrustList, now_utc_us: i64, records: &mut Records, seen: EndSeen, items: &mut Items) {
    match records.flight.as_ref().map(|flight| vouch(list, now_utc_us, records, flight, seen)) {
        None => items.not_checked(Subject::Trust, "no device to look up: record 0 is not readable"),
        Some(Ok(notice)) => {
            records.notices.extend(notice);
            items.intact(Subject::Trust);
        }
        Some(Err(why)) => items.found(Subject::Trust, Integrity::KeyUntrusted, why),
    }
}

impl From<&TrustList> for TrustFacts {
    fn from(list: &TrustList) -> Self {
        Self {
            unit: list.unit.clone(),
            root: list.fingerprint(),
            version: list.version,
            serial: list.serial,
            issued_utc_us: list.issued_utc_us,
            expires_utc_us: list.expires_utc_us,
        }
    }
}

/// Whether the unit vouches for the flight; also what a reader should know of that.
fn vouch(
    list: &TrustList,
    now_utc_us: i64,
    records: &Records,
    flight: &FlightFacts,
    seen: EndSeen,
) -> Result<Option<String>, String> {
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
    let notice = match entry
        .revoked
        .as_ref()
        .map(|revoked| (&revoked.reason, seen.before(revoked.at_utc_us, records.is_part())))
    {
        Some((why, Some(who))) => {
            let what = if records.is_part() { "extract" } else { "flight" };
            Some(format!("The unit has revoked the device's key ({why}). The {what} counts because {who}."))
        }
        Some((why, None)) => {
            return Err(format!("the unit has revoked the key ({why}), and nobody witnessed the whole flight before"));
        }
        None => None,
    };
    let uncertainty = records.opened_uncertainty_us;
    let begins_in_time = flight.opened_utc_us.saturating_add_unsigned(uncertainty) >= entry.valid_from_utc_us;
    let ends_in_time = records.last_utc_us.saturating_sub_unsigned(uncertainty) <= entry.valid_until_utc_us;
    if begins_in_time && ends_in_time {
        Ok(notice)
    } else {
        Err("the flight lies outside the time for which the unit vouches for the key".to_owned())
    }
}
