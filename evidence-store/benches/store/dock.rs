//! The whole handover.

use crate::unit::{Unit, stamp, with_unit};
use divan::Bencher;
use divan::counter::BytesCount;
use evidence_store::intake::{Desk, EraseWish, Flow, FolderSource, Step, plan, run};
use evidence_store::ledger::Ledger;
use evidence_store::store::{Folder, Store as _, StoreIdentity};
use std::collections::BTreeMap;
use std::time::Instant;

/// Copied, hashed, synced, read back, verified, copied again, hashed, synced, read back; receipts and entries.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn dock_into_two_stores(bencher: Bencher<'_, '_>) {
    with_unit(|unit| {
        let mut steps = Vec::new();
        bencher
            .counter(BytesCount::new(unit.bytes))
            .with_inputs(|| {
                unit.two_empty();
                for name in ["first", "second"] {
                    StoreIdentity::init(&unit.path(name), name.parse().unwrap(), 0).unwrap();
                }
                let identity = StoreIdentity::load(&unit.path("first")).unwrap();
                Ledger::create(&unit.path("first/ledger.sqlite"), &identity, 0).unwrap();
            })
            .bench_local_values(|()| steps.push(dock(unit)));
        for steps in steps {
            eprintln!("dock: {}", steps.join(", "));
        }
    });
}

/// Hands the flight over; how long each step took.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn dock(unit: &Unit) -> Vec<String> {
    let (first, second) = (Folder::open(&unit.path("first")).unwrap(), Folder::open(&unit.path("second")).unwrap());
    let mut ledger = Ledger::open(&unit.path("first/ledger.sqlite"), first.identity(), &[]).unwrap();
    let mut source = FolderSource::open(&unit.aircraft()).unwrap();
    let trust_json = unit.trust.seal(&unit.root);
    let plan = plan(&mut source, unit.flight, (&first, &second), Some(&unit.trust), &[]).unwrap();
    let mut desk = Desk {
        first: &first,
        second: &second,
        ledger: &mut ledger,
        actor: &unit.session,
        witness: None,
        trust_json: &trust_json,
        root: unit.root.public().id(),
        witness_files: &[],
        attachments: &BTreeMap::new(),
        place: "dock".parse().unwrap(),
        reason: "a benchmark".parse().unwrap(),
        threads: 2,
        clock: &stamp,
        erase: EraseWish::Keep,
    };
    let mut begun: Vec<(Step, Instant)> = Vec::new();
    let done = run(&plan, &mut source, &mut desk, &mut |progress| {
        if begun.last().is_none_or(|(step, _)| *step != progress.step) {
            begun.push((progress.step, Instant::now()));
        }
        Flow::Continue
    });
    assert_eq!(done.unwrap().verdict, "VERIFIED-UNWITNESSED");
    let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([Instant::now()]);
    begun.iter().zip(ends).map(|((step, at), end)| format!("{step} {} ms", (end - *at).as_millis())).collect()
}
