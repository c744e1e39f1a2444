//! Every file that is at hand, read, or refused with the right reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::fmt::Write as _;
use std::path::Path;

use mission_profiles::zones::read;

/// A line for each file, and for each thing said of it.
fn told(folder: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut told = String::new();
    for path in files.iter().filter(|path| path.extension().is_none_or(|extension| extension != "md")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        match read::dataset(name, &std::fs::read(path).unwrap()) {
            Ok(dataset) => {
                let report = &dataset.report;
                assert_eq!(report.read, report.kept + report.uncertain + report.refused.len(), "{name}");
                assert_eq!(dataset.zones.len(), report.kept + report.uncertain, "{name}");
                let (read, kept, uncertain) = (report.read, report.kept, report.uncertain);
                writeln!(
                    told,
                    "{name}: {} {read} = {kept} + {uncertain} + {}",
                    dataset.source.format,
                    report.refused.len()
                )
                .unwrap();
                let said = [("refused", &report.refused), ("doubt", &report.doubts), ("deviation", &report.deviations)];
                for (what, list) in said {
                    list.iter().for_each(|doubt| writeln!(told, "  {what}: {doubt}").unwrap());
                }
            }
            Err(refusal) => writeln!(told, "REFUSED {refusal}").unwrap(),
        }
    }
    told
}

/// What is said of each file, line by line, is in `files.expected`: of a file that says something else, look which is right.
#[test]
fn every_file_is_read_or_refused_with_the_right_reason() {
    let told: String = ["ed269", "ed318", "openair"].map(told).concat();
    let expected = include_str!("files.expected");
    let differing = told.lines().zip(expected.lines()).find(|(told, expected)| told != expected);
    assert_eq!(differing, None);
    assert_eq!(told.lines().count(), expected.lines().count());
}

#[test]
fn the_uk_set_is_read_whole() {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones").join(name);
        let report = read::dataset(name, &std::fs::read(path).unwrap()).unwrap().report;
        (report.read, report.kept, report.uncertain, report.refused.len())
    };
    // One outline of 1,053 crosses itself, as published.
    assert_eq!(read("airspace.yaml"), (702, 701, 1, 0));
    assert_eq!(read("rat.yaml"), (6, 6, 0, 0));
}
