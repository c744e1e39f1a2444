//! Whom the verifier believes.

use crate::support::{START_UTC_US, Unit, at, code, options};
use flight_record::keys::DeviceKey;
use flight_record::trust::{
    Authority, Class, Duty, EnrolmentRequest, Entry, Grant, Held, Passphrase, Refusal, Revocation, Role, TrustError,
    TrustList, Validity,
};
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
    let refused = authority.enrol(&request, Grant::device(Class::Training), validity, &wrong);
    assert!(matches!(refused, Err(TrustError::Passphrase { .. })));
    assert_eq!(authority.list().unwrap().version, 1, "nothing was published");
    let second = authority.enrol(&request, Grant::device(Class::Training), validity, &right).unwrap();
    assert_eq!((second.version, authority.list().unwrap()), (2, second.clone()));
    assert_eq!(second.certificate(unit.device.public().id()).unwrap().class, Class::Training);
    let again = authority.enrol(&request, Grant::device(Class::Training), validity, &right);
    assert!(matches!(again, Err(TrustError::AlreadyEnrolled { .. })));
}

/// A unit's folder with an enrolment key, and the passphrases of both.
fn authority(unit: &Unit) -> (Authority, Passphrase, Passphrase) {
    let authority = Authority::new(&unit.path("root"));
    let (root, desk) = (Passphrase::from("root".to_owned()), Passphrase::from("desk".to_owned()));
    authority.init("Unit".parse().unwrap(), &root, START_UTC_US).unwrap();
    (authority, root, desk)
}

fn request(key: &DeviceKey, name: &str) -> EnrolmentRequest {
    EnrolmentRequest::read(&EnrolmentRequest::write(key, name.parse().unwrap(), START_UTC_US)).unwrap()
}

const DAYS: Validity = Validity { from_utc_us: START_UTC_US, days: 10 };

#[test]
fn an_enrolment_key_signs_in_the_roots_place_until_it_is_revoked() {
    let unit = Unit::new(Class::Simulated);
    let (authority, root, desk) = authority(&unit);
    let no_key = authority.revoke_enrolment_key(&root, START_UTC_US);
    assert!(matches!(no_key, Err(TrustError::NoEnrolmentKey)));
    assert!(authority.make_enrolment_key(&desk, &desk, DAYS).is_err(), "only the root certifies");
    let list = authority.make_enrolment_key(&root, &desk, DAYS).unwrap();
    assert_eq!((list.version, list.serial), (1_000_000, 1));
    let fingerprint = list.fingerprint();

    // Elsewhere, without the root's key.
    fs::create_dir(unit.path("desk")).unwrap();
    for file in ["enrolment.key", "trust.json", "root.fingerprint"] {
        fs::copy(unit.path("root").join(file), unit.path("desk").join(file)).unwrap();
    }
    let elsewhere = Authority::new(&unit.path("desk"));
    let station = DeviceKey::from_seed([70; 32]);
    let wrong = elsewhere.enrol(&request(&station, "station 1"), Grant::station(), DAYS, &root);
    assert!(matches!(wrong, Err(TrustError::Passphrase { .. })));
    let third = elsewhere.enrol(&request(&station, "station 1"), Grant::station(), DAYS, &desk).unwrap();
    assert_eq!((third.version, third.serial), (1_000_001, 1));
    let bytes = elsewhere.list_bytes().unwrap();
    assert_eq!(TrustList::open(&bytes, fingerprint).unwrap(), third);
    assert!(third.vouches(station.public().id(), Role::Station, START_UTC_US).is_ok());
    let late = Validity { from_utc_us: START_UTC_US + 11 * DAY_US, days: 1 };
    let store = DeviceKey::from_seed([71; 32]);
    let refused = elsewhere.enrol(&request(&store, "store 1"), Grant::store(), late, &desk);
    assert!(matches!(refused, Err(TrustError::Inconsistent(why)) if why.contains("outside the time")));

    // Holders go on: first the desk's list, then the root's that takes the desk's key back.
    let state = unit.path("held");
    Held::accept(&state, &bytes, fingerprint).unwrap();
    let revoked = authority.revoke_enrolment_key(&root, START_UTC_US).unwrap();
    assert_eq!((revoked.version, revoked.serial), (2_000_000, 2), "above all that the desk could sign");
    Held::accept(&state, &authority.list_bytes().unwrap(), fingerprint).unwrap();
    // Whoever has the desk's key goes on signing.
    let latest = (0..3_u8).fold(bytes, |_, n| {
        let another = request(&DeviceKey::from_seed([100 + n; 32]), "another");
        elsewhere.enrol(&another, Grant::station(), DAYS, &desk).unwrap();
        elsewhere.list_bytes().unwrap()
    });
    assert_eq!(TrustList::open(&latest, fingerprint).unwrap().version, 1_000_004);
    let refused = Held::accept(&state, &latest, fingerprint);
    assert!(matches!(refused, Err(TrustError::OlderSerial { held: 2, offered: 1 })), "{refused:?}");
}

#[test]
fn only_the_roots_own_certificate_makes_an_enrolment_key() {
    let unit = Unit::new(Class::Simulated);
    let (authority, root, desk) = authority(&unit);
    let list = authority.make_enrolment_key(&root, &desk, DAYS).unwrap();
    let fingerprint = list.fingerprint();
    let thief = DeviceKey::from_seed([66; 32]);
    // Another root's certificate, another serial, none, another unit's name: signed by the thief or by our own root.
    let theirs = Authority::new(&unit.path("theirs"));
    theirs.init("Unit".parse().unwrap(), &root, START_UTC_US).unwrap();
    let foreign = theirs.make_enrolment_key(&root, &desk, DAYS).unwrap().enrolment;
    for (what, change) in [
        ("foreign", changed(&list, |list| list.enrolment = foreign.clone())),
        ("none", changed(&list, |list| list.enrolment = None)),
        ("serial", changed(&list, |list| (list.serial, list.version) = (7, 7_000_000))),
        ("unit", changed(&list, |list| list.unit = "Other".parse().unwrap())),
        ("as it is", list.clone()),
    ] {
        assert!(TrustList::open(&change.seal(&thief), fingerprint).is_err(), "{what}");
    }
}

#[test]
fn a_version_stays_in_its_serial() {
    let unit = Unit::new(Class::Simulated);
    let open = |serial, version| {
        let list = changed(&unit.trust, |list| (list.serial, list.version) = (serial, version));
        TrustList::open(&list.seal(&unit.root), unit.root.public().id())
    };
    for (serial, version) in [(0, 1), (0, 999_999), (1, 1_000_000), (3, 3_999_999)] {
        assert!(open(serial, version).is_ok(), "{serial} {version}");
    }
    for (serial, version) in [(0, 0), (0, 1_000_000), (1, 999_999), (1, 5), (0, u64::MAX), (u64::MAX, u64::MAX)] {
        assert!(open(serial, version).is_err(), "{serial} {version}");
    }
}

#[test]
fn holders_never_go_back() {
    let unit = Unit::new(Class::Simulated);
    let state = unit.path("state/held");
    fs::create_dir(unit.path("state")).unwrap();
    let fingerprint = unit.root.public().id();
    let with_version = |version| changed(&unit.trust, |list| list.version = version).seal(&unit.root);
    let accept = |bytes: &[u8]| Held::accept(&state, bytes, fingerprint);
    assert_eq!(accept(&with_version(5)).unwrap().version, 5);
    assert_eq!(accept(&with_version(5)).unwrap().version, 5, "the same again");
    assert!(matches!(accept(&with_version(4)), Err(TrustError::OlderVersion { held: 5, offered: 4 })));
    let forked = changed(&unit.trust, |list| {
        list.version = 5;
        list.keys.clear();
    });
    assert!(matches!(accept(&forked.seal(&unit.root)), Err(TrustError::TwoLists { version: 5 })));
    assert_eq!(accept(&with_version(6)).unwrap().version, 6);
    assert!(accept(&with_version(5)).is_err());

    // Another root is another unit: its list is judged anew.
    let other = DeviceKey::from_seed([44; 32]);
    let theirs = TrustList::first("Other".parse().unwrap(), other.public(), START_UTC_US).seal(&other);
    assert!(Held::accept(&state, &theirs, fingerprint).is_err());
    assert_eq!(Held::accept(&state, &theirs, other.public().id()).unwrap().version, 1);

    fs::write(&state, b"{}").unwrap();
    assert!(
        matches!(accept(&with_version(9)), Err(TrustError::StateDamaged { .. })),
        "damage is not taken for nothing held"
    );
}

#[test]
fn revoked_keys_count_until_then_and_no_longer() {
    let unit = Unit::new(Class::Simulated);
    let (authority, root, _) = authority(&unit);
    let officer = DeviceKey::from_seed([80; 32]);
    let id = officer.public().id();
    let grant = Grant::officer(&[Duty::Witness, Duty::Pilot, Duty::Witness]);
    let list = authority.enrol(&request(&officer, "officer 12"), grant, DAYS, &root).unwrap();
    let entry = list.entry(id).unwrap();
    assert_eq!(entry.duties, [Duty::Pilot, Duty::Witness]);
    let refusal = |list: &TrustList, role, at_utc_us| list.vouches(id, role, at_utc_us).err();
    assert_eq!(refusal(&list, Role::Officer, START_UTC_US), None);
    assert!(matches!(refusal(&list, Role::Store, START_UTC_US), Some(Refusal::OtherRole { .. })));
    assert!(matches!(refusal(&list, Role::Officer, START_UTC_US - 1), Some(Refusal::OutOfTime(_))));
    assert!(matches!(refusal(&list, Role::Officer, START_UTC_US + 10 * DAY_US + 1), Some(Refusal::OutOfTime(_))));

    let noon = START_UTC_US + DAY_US;
    assert!(matches!(
        authority.revoke(fingerprint_of(1), code("lost"), noon, &root),
        Err(TrustError::NotEnrolled { .. })
    ));
    authority.revoke(id, code("lost"), noon, &root).unwrap();
    assert!(matches!(authority.revoke(id, code("lost"), noon, &root), Err(TrustError::AlreadyRevoked { .. })));
    let earlier = Revocation { at_utc_us: START_UTC_US + 5, reason: code("lost") };
    let list = authority.revoke_since(id, earlier, noon, &root).unwrap();
    assert_eq!((list.version, list.issued_utc_us), (4, noon));
    assert_eq!(refusal(&list, Role::Officer, START_UTC_US + 4), None);
    assert!(matches!(refusal(&list, Role::Officer, START_UTC_US + 5), Some(Refusal::Revoked { .. })));
}

fn fingerprint_of(seed: u8) -> flight_record::keys::KeyId {
    DeviceKey::from_seed([seed; 32]).public().id()
}

#[test]
fn grants_fit_their_role() {
    let unit = Unit::new(Class::Simulated);
    let key = DeviceKey::from_seed([81; 32]);
    for grant in [
        Grant { class: None, ..Grant::device(Class::Simulated) },
        Grant { class: Some(Class::Simulated), ..Grant::station() },
        Grant { duties: vec![Duty::Pilot], ..Grant::store() },
    ] {
        let refused = unit.trust.clone().with_key(&request(&key, "key"), grant.clone(), DAYS);
        assert!(matches!(refused, Err(TrustError::Inconsistent(_))), "{grant:?}");
    }
}
