//! Trust lists: of another unit, out of date, with keys revoked before and after.

use super::world::World;
use super::{Case, GOOD, UNWITNESSED, case, shows};
use crate::ground::station_key;
use crate::support::{at, code};
use flight_record::keys::{DeviceKey, KeyId};
use flight_record::trust::{Entry, Revocation, Role, TrustList};
use std::fs;
use std::path::Path;

pub(super) const CASES: &[Case] = &[
    case("trust-flip", "a bit of the trust list flipped", "KEY-UNTRUSTED", |w, c| bytes(w, c, |list| list[400] ^= 1)),
    case("trust-empty", "an empty trust list", "KEY-UNTRUSTED", |w, c| bytes(w, c, Vec::clear)),
    case("trust-two-lines", "the trust list twice in its file", "KEY-UNTRUSTED", |w, c| {
        bytes(w, c, |list| list.extend_from_within(..));
    }),
    case("trust-of-another-root", "a list of another root with the same keys", "KEY-UNTRUSTED", |w, c| {
        w.seen(c);
        let root = DeviceKey::from_seed([0x44; 32]);
        let mut trust = w.unit.trust.clone();
        trust.root = root.public();
        fs::write(c.join("trust.json"), trust.seal(&root)).unwrap();
    }),
    case("trust-signed-by-another", "the unit's list signed by another key", "KEY-UNTRUSTED", |w, c| {
        w.seen(c);
        fs::write(c.join("trust.json"), w.unit.trust.seal(&DeviceKey::from_seed([0x44; 32]))).unwrap();
    }),
    case("trust-old", "a list older than the one aboard", "KEY-UNTRUSTED", |w, c| list(w, c, |list| list.version = 1)),
    case("trust-expired", "a list that has expired", "KEY-UNTRUSTED", |w, c| {
        list(w, c, |list| list.expires_utc_us = at(60).utc_us);
    }),
    case("trust-version-of-another-serial", "a version that its serial does not allow", "KEY-UNTRUSTED", |w, c| {
        list(w, c, |list| list.version = 1_000_000);
    }),
    case("trust-unsorted", "the keys of the list not sorted", "KEY-UNTRUSTED", |w, c| {
        list(w, c, |list| list.keys.reverse());
    }),
    case("device-not-listed", "a device that the list does not name", "KEY-UNTRUSTED", |w, c| {
        let device = w.unit.device.public().id();
        list(w, c, |list| list.keys.retain(|entry| entry.id != device));
    }),
    case("device-listed-as-a-station", "a device listed as a station", "KEY-UNTRUSTED", |w, c| {
        entry(w, c, w.unit.device.public().id(), |entry| (entry.role, entry.class) = (Role::Station, None));
    }),
    case("device-revoked-before", "a device revoked before the flight", "KEY-UNTRUSTED", |w, c| {
        entry(w, c, w.unit.device.public().id(), |entry| entry.revoked = revoked(-60));
    }),
    case("device-revoked-in-flight", "a device revoked before the end was seen", "KEY-UNTRUSTED", |w, c| {
        entry(w, c, w.unit.device.public().id(), |entry| entry.revoked = revoked(4));
    }),
    shows("device-revoked-after", "a device revoked after a station saw the end", GOOD, |w, c| {
        entry(w, c, w.unit.device.public().id(), |entry| entry.revoked = revoked(60));
    }),
    case("device-revoked-after-unseen", "a device revoked after a flight that nobody saw", "KEY-UNTRUSTED", |w, c| {
        w.unseen(c);
        let device = w.unit.device.public().id();
        w.trust(c, |list| change(list, device, |entry| entry.revoked = revoked(60)));
    }),
    case("device-out-of-date", "a device whose time was over before the flight", "KEY-UNTRUSTED", |w, c| {
        entry(w, c, w.unit.device.public().id(), |entry| {
            (entry.valid_from_utc_us, entry.valid_until_utc_us) = (at(0).utc_us - 9_000_000, at(0).utc_us - 1_000_000);
        });
    }),
    case("station-not-listed", "a station that the list does not name", "MALFORMED", |w, c| {
        let station = station_key(1).public().id();
        list(w, c, |list| list.keys.retain(|entry| entry.id != station));
    }),
    case("station-revoked-before", "a station revoked before the flight", UNWITNESSED, |w, c| {
        entry(w, c, station_key(1).public().id(), |entry| entry.revoked = revoked(-60));
    }),
    case("station-revoked-in-flight", "a station revoked in the middle of the flight", UNWITNESSED, |w, c| {
        entry(w, c, station_key(1).public().id(), |entry| entry.revoked = revoked(4));
    }),
    shows("station-revoked-after", "a station revoked after the flight", GOOD, |w, c| {
        entry(w, c, station_key(1).public().id(), |entry| entry.revoked = revoked(60));
    }),
    case("station-not-yet", "a station whose time begins after the flight", UNWITNESSED, |w, c| {
        entry(w, c, station_key(1).public().id(), |entry| entry.valid_from_utc_us = at(60).utc_us);
    }),
];

fn revoked(at_s: i64) -> Option<Revocation> {
    Some(Revocation { at_utc_us: at(0).utc_us + at_s * 1_000_000, reason: code("stolen") })
}

/// The flight that was seen, under another list of the unit.
fn list(w: &World, case: &Path, change: impl FnOnce(&mut TrustList)) {
    w.seen(case);
    w.trust(case, change);
}

fn entry(w: &World, case: &Path, id: KeyId, how: impl FnOnce(&mut Entry)) {
    list(w, case, |list| change(list, id, how));
}

fn change(list: &mut TrustList, id: KeyId, how: impl FnOnce(&mut Entry)) {
    list.version += 1;
    how(list.keys.iter_mut().find(|entry| entry.id == id).unwrap());
}

/// The flight that was seen, under a file of other bytes.
fn bytes(w: &World, case: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    w.seen(case);
    let mut bytes = w.unit.trust.seal(&w.unit.root);
    change(&mut bytes);
    fs::write(case.join("trust.json"), bytes).unwrap();
}
