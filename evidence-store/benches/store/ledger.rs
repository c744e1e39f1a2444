//! An entry of the ledger, beside the least that could hold it.

use crate::unit::{Unit, stamp};
use divan::Bencher;
use divan::counter::ItemsCount;
use evidence_store::ledger::{Act, Category, Ledger};
use evidence_store::store::StoreIdentity;
use flight_record::Sha256;
use flight_record::trust::Duty;
use std::path::PathBuf;
use std::time::Duration;

fn begun(unit: &Unit) -> (Ledger, PathBuf) {
    let store = StoreIdentity::init(&unit.empty("first"), "first".parse().unwrap(), 0).unwrap();
    let path = unit.path("first/ledger.sqlite");
    Ledger::create(&path, &store, 0).unwrap();
    (Ledger::open(&path, &store, &[]).unwrap(), path)
}

fn append(unit: &Unit, ledger: &mut Ledger) {
    let act = Act {
        category: Category::Consultation,
        outcome: "done".parse().unwrap(),
        flight: Some(unit.flight),
        items: vec![Sha256::of(b"x")],
        place: "here".parse().unwrap(),
        reason: Some("a benchmark".parse().unwrap()),
        personal: None,
    };
    let actor = unit.session.signatory(Duty::Custodian, stamp().utc_us).unwrap();
    ledger.append(&act, &actor, None, stamp()).unwrap();
}

/// The line made, signed by its actor, put in its tree, the head over it signed by the store, both durable.
#[divan::bench(sample_count = 1000, sample_size = 1)]
fn ledger_append(bencher: Bencher<'_, '_>) {
    let unit = Unit::new(0);
    let (mut ledger, _) = begun(&unit);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| append(&unit, &mut ledger));
}

/// The bytes of such a line and of the head over it as one row, on a connection with the same settings, and nothing else:
/// no index, no signature, no tree.
#[divan::bench(sample_count = 1000, sample_size = 1)]
fn bare_durable_commit(bencher: Bencher<'_, '_>) {
    let unit = Unit::new(0);
    let (mut ledger, path) = begun(&unit);
    append(&unit, &mut ledger);
    let open = |path| evidence_store::database::open(path, Duration::ZERO).unwrap();
    let sql = "SELECT line, note FROM entries JOIN heads ON size = seq + 1";
    let (line, note): (Vec<u8>, String) = open(&path).query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let connection = open(&unit.path("bare.sqlite"));
    connection.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, line BLOB, note TEXT) STRICT").unwrap();
    let mut insert = connection.prepare("INSERT INTO t (line, note) VALUES (?1, ?2)").unwrap();
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| insert.execute((&line, &note)).unwrap());
}
