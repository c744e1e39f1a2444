//! Whom the verifier believes.

use crate::support::{START_UTC_US, Unit, at, code, options};
use flight_record::keys::DeviceKey;
use flight_record::trust::{Authority, Class, EnrolmentRequest, Entry, Passphrase, TrustError, TrustList, Validity};
use flight_record::verify::{Anchor, Integrity, Word, verify};
use std::fs;
use std::path::PathBuf;

const DAY_US: i64 = 86_400_000_000;

fn flight(unit: &Unit) -> PathBuf {
    unit.open().close(code("landed"), at(2)).unwrap().dir().to_owned()
}

/// The verdict under another list and root, at another time.
fn verdict(unit: &Unit, list: &TrustList, root: &DeviceKey, now_utc_us: i64) -> (Word, String) {
    let anchor = Anchor { trust_json: list.seal(root), root: unit.root.public().id() };
    let mut options = options(None);
    options.now_utc_us = now_utc_us;
    let report = verify(&flight(unit), &anchor, &options).unwrap();
    let detail = report.doubts().first().and_then(|item| item.detail.clone()).unwrap_or_default();
    (report.word, detail)
}

fn changed(list: &TrustList, change: impl FnOnce(&mut TrustList)) -> TrustList {
    let mut list = list.clone();
    change(&mut list);
    list
}

#[test]
fn only_the_root_that_the_reader_brings_counts() {
    let unit = Unit::new(Class::Simulated);
    let dir = flight(&unit);
    let untrusted = Word::Doubt(Integrity::KeyUntrusted);
    let other = DeviceKey::from_seed([1; 32]);
    let mut wrong_root = unit.anchor();
    wrong_root.root = other.public().id();
    assert_eq!(verify(&dir, &wrong_root, &options(None)).unwrap().word, untrusted);

    // A list by another root, and one that claims our root but is signed by another.
    let elsewhere = changed(&unit.trust, |list| list.root = other.public());
    assert_eq!(verdict(&unit, &elsewhere, &other, START_UTC_US).0, untrusted);
    assert_eq!(verdict(&unit, &unit.trust, &other, START_UTC_US).0, untrusted);

    for bytes in [&b""[..], b"{}", b"not a list", &[0xFF; 100]] {
        let anchor = Anchor { trust_json: bytes.to_vec(), root: unit.root.public().id() };
        assert_eq!(verify(&dir, &anchor, &options(None)).unwrap().word, untrusted);
    }
}

#[test]
fn every_byte_of_the_list_counts() {
    let unit = Unit::new(Class::Simulated);
    let good = unit.trust.seal(&unit.root);
    for position in 0..good.len() - 1 {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        assert!(TrustList::open(&bad, unit.root.public().id()).is_err(), "byte {position}");
    }
}

#[test]
fn expired_older_revoked_unlisted_and_out_of_time() {
    let unit = Unit::new(Class::Simulated);
    let now = START_UTC_US + DAY_US;
    let good = &unit.trust;
    assert_eq!(verdict(&unit, good, &unit.root, now).0, Word::VerifiedUnwitnessed);
    let says = |list: &TrustList, now: i64, why: &str| {
        let (word, detail) = verdict(&unit, list, &unit.root, now);
        assert_eq!(word, Word::Doubt(Integrity::KeyUntrusted), "{why}");
        assert!(detail.contains(why), "{detail}");
    };
    says(good, good.expires_utc_us + 1, "has expired");
    says(&changed(good, |list| list.version = 1), now, "is older than version 2");
    says(&changed(good, |list| list.keys.clear()), now, "does not list");
    let with = |change: &dyn Fn(&mut Entry)| changed(good, |list| change(&mut list.keys[0]));
    let revocation = flight_record::trust::Revocation { at_utc_us: now, reason: code("stolen") };
    says(&with(&|entry| entry.revoked = Some(revocation.clone())), now, "revoked the key (stolen)");
    says(&with(&|entry| entry.valid_from_utc_us = START_UTC_US + DAY_US), now, "outside the time");
    says(&with(&|entry| entry.valid_until_utc_us = START_UTC_US - 2 * DAY_US), now, "contradicts itself");
    let early = with(&|entry| {
        entry.valid_from_utc_us = START_UTC_US - 2 * DAY_US;
        entry.valid_until_utc_us = START_UTC_US - DAY_US;
    });
    says(&early, now, "outside the time");
}

#[test]
fn a_simulated_key_never_yields_an_operational_flight() {
    // Aboard, somebody put a list by which the device is operational; the unit's says simulated.
    let mut unit = Unit::new(Class::Operational);
    let dir = flight(&unit);
    unit.trust.keys[0].class = Some(Class::Simulated);
    let report = unit.verify_sealed(&dir);
    assert_eq!(report.word, Word::Doubt(Integrity::KeyUntrusted));
    assert!(report.doubts()[0].detail.as_ref().unwrap().contains("does not grant"));
}

#[test]
fn the_folder_of_a_root() {
    let unit = Unit::new(Class::Simulated);
    let authority = Authority::new(&unit.path("root"));
    let (right, wrong) = (Passphrase::from("right".to_owned()), Passphrase::from("wrong".to_owned()));
    let first = authority.init("Unit".parse().unwrap(), &right, START_UTC_US).unwrap();
    assert!(authority.init("Unit".parse().unwrap(), &right, START_UTC_US).is_err(), "a root is never replaced");
    assert_eq!(authority.list().unwrap(), first);
    let wrapped = fs::read(unit.path("root/root.key")).unwrap();
    assert!(wrapped.starts_with(b"age-encryption.org/v1\n-> scrypt "));

    let request = EnrolmentRequest::write(&unit.device, "aircraft 7".parse().unwrap(), START_UTC_US);
    let request = EnrolmentRequest::read(&request).unwrap();
    let validity = Validity { from_utc_us: START_UTC_US, days: 10 };
    let refused = authority.enrol_device(&request, Class::Training, validity, &wrong);
    assert!(matches!(refused, Err(TrustError::Passphrase { .. })));
    assert_eq!(authority.list().unwrap().version, 1, "nothing was published");
    let second = authority.enrol_device(&request, Class::Training, validity, &right).unwrap();
    assert_eq!((second.version, authority.list().unwrap()), (2, second.clone()));
    assert_eq!(second.certificate(unit.device.public().id()).unwrap().class, Class::Training);
    let again = authority.enrol_device(&request, Class::Training, validity, &right);
    assert!(matches!(again, Err(TrustError::AlreadyEnrolled { .. })));
    assert!(matches!(first.not_older_than(&second), Err(TrustError::OlderVersion { held: 2, offered: 1 })));
}
