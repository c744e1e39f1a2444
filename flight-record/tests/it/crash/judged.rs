//! What must hold of a disk after any crash: what was told is there and verifies, and nothing is greener than it is.

use super::flown::{Machine, Sky, Told};
use flight_record::flight;
use flight_record::tree::Tree;
use flight_record::verify::{Integrity, Report};
use flight_record::{Extent, FlightId};
use std::fs;
use std::path::Path;

/// Runs every case, so that all faults are seen at once.
#[derive(Default)]
pub(crate) struct Cases {
    tried: usize,
    failed: Vec<String>,
}

impl Cases {
    pub(crate) fn try_one<T>(&mut self, case: impl FnOnce() -> T) -> Option<T> {
        self.tried += 1;
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(case))
            .map_err(|panic| {
                let words = panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "no words".to_owned());
                self.failed.push(words);
            })
            .ok()
    }

    pub(crate) fn end(&self) {
        assert!(
            self.failed.is_empty(),
            "{} of {} cases failed; first: {}",
            self.failed.len(),
            self.tried,
            self.failed[0]
        );
        println!("{} cases", self.tried);
    }
}

/// Every head that was told still stands, and every file that those vouch for.
pub(crate) fn nothing_told_is_lost(machine: &Machine, told: &Told, what: &str) {
    for (step, id, size, root) in &told.heads {
        let leaves = flight::leaves(&machine.flights().join(id.to_string())).unwrap_or_default();
        let size = usize::try_from(*size).unwrap();
        assert!(leaves.len() >= size, "{what}: {} records, {size} were told at step {step}", leaves.len());
        let mut tree = Tree::default();
        leaves[..size].iter().for_each(|leaf| tree.push(*leaf));
        assert_eq!(tree.root(), *root, "{what}: another history than was told at step {step}");
    }
    for (step, id, name, extent) in &told.files {
        let bytes = fs::read(name.under(&machine.flights().join(id.to_string()))).unwrap_or_default();
        assert_eq!(Extent::of(&bytes), *extent, "{what}: {name}, told at step {step}");
    }
}

/// The verdict with and without the key agrees, and is one of `allowed`.
pub(crate) fn judge(sky: &Sky, dir: &Path, allowed: &[Integrity], what: &str) -> Report {
    let sealed = sky.unit.verify_sealed(dir);
    let opened = sky.unit.verify_opened(dir);
    for report in [&sealed, &opened] {
        assert!(allowed.contains(&report.integrity), "{what}: {} {:#?}", report.integrity, doubts(report));
    }
    opened
}

/// The doubts, a line each.
pub(crate) fn doubts(report: &Report) -> String {
    let line = |item: &&flight_record::verify::Item| {
        format!(
            "\n  {}: {} {}",
            item.item,
            item.word.map_or("-".to_owned(), |word| word.to_string()),
            item.detail.as_deref().unwrap_or_default()
        )
    };
    report.doubts().iter().map(line).collect()
}

/// The flights on the disk.
pub(crate) fn flights(machine: &Machine) -> Vec<FlightId> {
    flight::flight_ids(&machine.flights()).unwrap().into_iter().collect()
}
