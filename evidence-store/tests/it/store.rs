//! The store: objects once, read-only, found again without any index, kept for as long as somebody decided.

use crate::support::{Handover, Unit, code, tree};
use evidence_store::store::{Put, Store, StoreError, StoreIdentity, rebuild};
use flight_record::{Extent, Sha256};
use proptest::prelude::*;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

fn put(store: &dyn Store, bytes: &[u8]) -> Result<Put, StoreError> {
    store.put(&Extent::of(bytes), &mut &bytes[..])
}

#[test]
fn an_object_is_put_once_and_read_only() {
    let unit = Unit::new();
    let store = unit.first();
    assert_eq!(put(&store, b"footage").unwrap(), Put::Stored);
    assert_eq!(put(&store, b"footage").unwrap(), Put::Present);
    let path = store.object_path(Sha256::of(b"footage"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o444);
    let mut middle = String::new();
    store.range(Sha256::of(b"footage"), 2, 3).unwrap().read_to_string(&mut middle).unwrap();
    assert_eq!(middle, "ota");
    assert!(matches!(store.get(Sha256::of(b"none")), Err(StoreError::Absent { .. })));
    assert_eq!(store.list().unwrap(), [Sha256::of(b"footage")]);
}

#[test]
fn bytes_that_are_not_what_they_should_be_never_become_an_object() {
    let unit = Unit::new();
    let store = unit.first();
    for given in [&b"footagE"[..], b"footag", b"footage and more", b""] {
        let refused = store.put(&Extent::of(b"footage"), &mut &given[..]);
        assert!(matches!(refused, Err(StoreError::Damaged { .. })));
    }
    assert_eq!(store.list().unwrap(), []);
    put(&store, b"footage").unwrap();
    let path = store.object_path(Sha256::of(b"footage"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&path, b"altered").unwrap();
    assert!(matches!(put(&store, b"footage"), Err(StoreError::Damaged { .. })), "a damaged object is no second copy");
}

#[test]
fn what_is_held_or_kept_stays() {
    let unit = Unit::new();
    let store = unit.first();
    put(&store, b"footage").unwrap();
    let digest = Sha256::of(b"footage");
    assert!(matches!(store.delete_if_allowed(digest, i64::MAX - 1), Err(StoreError::Retained { .. })), "undecided");
    store.retain_until(digest, 1000).unwrap();
    assert!(matches!(store.retain_until(digest, 999), Err(StoreError::Shortened { .. })));
    store.legal_hold(digest, &code("appeal"), true).unwrap();
    assert!(matches!(store.delete_if_allowed(digest, 2000), Err(StoreError::Held { .. })));
    store.legal_hold(digest, &code("appeal"), false).unwrap();
    assert!(matches!(store.delete_if_allowed(digest, 999), Err(StoreError::Retained { .. })));
    store.delete_if_allowed(digest, 1000).unwrap();
    assert!(store.stat(digest).unwrap().is_none());
    store.delete_if_allowed(digest, 1000).unwrap();
    // Bytes put again begin without the old promise.
    put(&store, b"footage").unwrap();
    assert_eq!(store.stat(digest).unwrap().unwrap().retention.until_utc_us, None);
}

#[test]
fn damaged_retention_forbids() {
    let unit = Unit::new();
    let store = unit.first();
    put(&store, b"footage").unwrap();
    let digest = Sha256::of(b"footage");
    store.retain_until(digest, 0).unwrap();
    let name = digest.to_string();
    fs::write(unit.path("first/retention").join(&name[..2]).join(format!("{name}.json")), "{").unwrap();
    assert!(matches!(store.delete_if_allowed(digest, i64::MAX), Err(StoreError::Io { .. })));
}

#[test]
fn the_catalogue_comes_back_from_the_objects_alone() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(3, 10_000);
    Handover::new(&unit, &people).done(&mut unit.card(), flight);
    for name in ["first", "second"] {
        let before = tree(&unit.path(name).join("flights"));
        assert!(!before.is_empty());
        fs::remove_dir_all(unit.path(name).join("flights")).unwrap();
        let store = if name == "first" { unit.first() } else { unit.second() };
        assert_eq!(store.flights().unwrap(), []);
        let rebuilt = rebuild(&store).unwrap();
        assert_eq!((rebuilt.flights, rebuilt.statements, rebuilt.damaged.len(), rebuilt.absent.len()), (1, 3, 0, 0));
        assert_eq!(tree(&unit.path(name).join("flights")), before);
        let holding = (&store as &dyn Store).holding(flight).unwrap().unwrap();
        assert_eq!(holding.verdict, "VERIFIED-UNWITNESSED");
    }
}

#[test]
fn a_rebuild_names_what_is_damaged_or_gone_and_believes_no_other_store() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(2, 10_000);
    Handover::new(&unit, &people).done(&mut unit.card(), flight);
    let store = unit.first();
    let holding = (&store as &dyn Store).holding(flight).unwrap().unwrap();
    let digests: Vec<Sha256> = holding.manifest.entries().values().map(|extent| extent.sha256).collect();
    fs::remove_file(store.object_path(digests[0])).unwrap();
    let path = store.object_path(digests[1]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&path, b"altered").unwrap();
    let rebuilt = rebuild(&store).unwrap();
    assert_eq!((rebuilt.absent, rebuilt.damaged), (vec![digests[0]], vec![digests[1]]));
    // The first store's statement, lying in the second, is not the second's word.
    let second = unit.second();
    let statement = fs::read_dir(unit.path("first/flights").join(flight.to_string())).unwrap();
    let theirs: Vec<Vec<u8>> = statement.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    let before = second.statements(flight).unwrap().len();
    theirs.iter().for_each(|bytes| {
        put(&second, bytes).unwrap();
    });
    rebuild(&second).unwrap();
    assert_eq!(second.statements(flight).unwrap().len(), before);
}

#[test]
fn a_store_keeps_its_key_and_is_used_by_one_writer() {
    let unit = Unit::new();
    assert!(matches!(
        StoreIdentity::init(&unit.path("first"), "other".parse().unwrap(), 0),
        Err(StoreError::NotAStore { .. })
    ));
    let lock = unit.first().lock().unwrap();
    assert!(matches!(unit.first().lock(), Err(StoreError::Busy { .. })));
    drop(lock);
    unit.first().lock().unwrap();
    fs::copy(unit.path("second/store.key"), unit.path("first/store.key")).unwrap();
    assert!(matches!(StoreIdentity::load(&unit.path("first")), Err(StoreError::NotAStore { .. })));
    assert!(matches!(StoreIdentity::load(&unit.path("nowhere")), Err(StoreError::NotAStore { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_put_comes_back(objects in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..5000), 1..8)) {
        let temp = tempfile::tempdir().unwrap();
        StoreIdentity::init(temp.path(), "store".parse().unwrap(), 0).unwrap();
        let store = evidence_store::store::Folder::open(temp.path()).unwrap();
        for bytes in &objects {
            put(&store, bytes).unwrap();
        }
        for bytes in &objects {
            let mut found = Vec::new();
            store.get(Sha256::of(bytes)).unwrap().read_to_end(&mut found).unwrap();
            prop_assert_eq!(&found, bytes);
        }
        let mut distinct = objects;
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(store.list().unwrap().len(), distinct.len());
    }
}
