//! Bytes changed, files removed, cut, swapped: every single one must be said, and the right thing named.

use crate::support::{Unit, files, looks_good, said, small_flight};
use flight_record::trust::Class;
use flight_record::verify::{Integrity, Item, Subject, Word};
use rand::{Rng as _, SeedableRng as _};
use std::fs;

/// Flips a bit of every byte of one file; each time the line it stands on is named among the worst.
fn flip_every_byte(file: &str, line_of: impl Fn(&Subject) -> Option<u64>) {
    let unit = Unit::new(Class::Simulated);
    let dir = small_flight(&unit);
    let path = dir.join(file);
    let good = fs::read(&path).unwrap();
    let mut line = 1;
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        fs::write(&path, &bad).unwrap();
        let report = unit.verify_sealed(&dir);
        assert!(!looks_good(&report), "{file} byte {position}: {}", report.word);
        let worst = report.doubts().into_iter().filter(|item| item.word == Some(report.integrity));
        let named: Vec<u64> = worst.filter_map(|item| line_of(&item.item)).collect();
        assert!(named.contains(&line), "{file} byte {position} on line {line}: {:#?}", report.doubts());
        if good[position] == b'\n' {
            line += 1;
        }
    }
}

#[test]
fn every_byte_of_the_records() {
    flip_every_byte("records.jsonl", |item| match item {
        Subject::Record { line, .. } => Some(*line),
        _ => None,
    });
}

#[test]
fn every_byte_of_the_checkpoints() {
    flip_every_byte("checkpoints.jsonl", |item| match item {
        Subject::Checkpoint { line } => Some(*line),
        _ => None,
    });
}

#[test]
fn random_flips_in_every_sealed_file() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let sealed: Vec<String> = files(&dir).into_iter().filter(|path| path.ends_with(".age")).collect();
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    for round in 0..1200 {
        let path = dir.join(&sealed[round % sealed.len()]);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let position = random.random_range(0..bad.len());
        bad[position] ^= 1 << random.random_range(0..8);
        fs::write(&path, &bad).unwrap();
        let report = if round % 10 == 0 { unit.verify_opened(&dir) } else { unit.verify_sealed(&dir) };
        assert_eq!(report.word, Word::Doubt(Integrity::Altered), "{} byte {position}", path.display());
        assert_eq!(said(&report, &sealed[round % sealed.len()]), "ALTERED");
        assert_eq!(report.doubts().len(), 1);
        fs::write(&path, &good).unwrap();
    }
}

#[test]
fn every_file_removed_cut_emptied_and_lengthened() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    for path in files(&dir) {
        let full = dir.join(&path);
        let good = fs::read(&full).unwrap();
        let log = path.ends_with(".jsonl");

        fs::remove_file(&full).unwrap();
        let report = unit.verify_opened(&dir);
        assert_eq!(said(&report, &path), "MISSING");
        assert_eq!(report.word, Word::Doubt(Integrity::Missing), "{path}");

        for kept in [0, 1, good.len() / 2, good.len() - 1] {
            fs::write(&full, &good[..kept]).unwrap();
            let report = unit.verify_opened(&dir);
            assert!(!looks_good(&report), "{path} cut to {kept}");
            let names_it = |item: &&Item| item.item.to_string().starts_with(&path);
            let named = report.doubts().into_iter().find(names_it).map(|item| item.word);
            let attested = kept == 0 || (path.starts_with("segments") && kept >= good.len() / 2);
            let expected = match (log, attested) {
                (true, _) => Integrity::Truncated,
                (false, true) => Integrity::Incomplete,
                (false, false) => Integrity::Altered,
            };
            assert_eq!(named, Some(Some(expected)), "{path} cut to {kept}: {:#?}", report.doubts());
        }

        fs::write(&full, [&good[..], b"x"].concat()).unwrap();
        let report = unit.verify_opened(&dir);
        assert!(!looks_good(&report), "{path} lengthened");
        fs::write(&full, &good).unwrap();
    }
    assert!(looks_good(&unit.verify_opened(&dir)), "everything was put back");
}

#[test]
fn every_two_files_swapped_are_both_named_with_what_they_are() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let sealed: Vec<String> = files(&dir).into_iter().filter(|path| path.ends_with(".age")).collect();
    for a in 0..sealed.len() {
        for b in a + 1..sealed.len() {
            let (x, y) = (dir.join(&sealed[a]), dir.join(&sealed[b]));
            let swap = || {
                let (of_x, of_y) = (fs::read(&x).unwrap(), fs::read(&y).unwrap());
                fs::write(&x, of_y).unwrap();
                fs::write(&y, of_x).unwrap();
            };
            swap();
            let report = unit.verify_sealed(&dir);
            let doubts = report.doubts();
            assert_eq!(doubts.len(), 2, "{} and {}", sealed[a], sealed[b]);
            for item in doubts {
                let other = if item.item.to_string() == sealed[a] { &sealed[b] } else { &sealed[a] };
                let same_length = fs::metadata(&x).unwrap().len() == fs::metadata(&y).unwrap().len();
                assert!(item.word >= Some(Integrity::Incomplete), "{same_length}");
                assert!(item.detail.as_ref().unwrap().ends_with(&format!("the bytes of {other}")), "{item:?}");
            }
            swap();
        }
    }
}
