//! A real flight, damaged: whatever is done to it, no verdict is green and the right thing is named.
//!
//! A sample is checked each time. Every byte of the logs, 10 000 flips in the sealed files and every pair of files swapped take about ten
//! minutes, longer than the runner allows one test; after `tests/run` has built everything:
//! `SKYSEAL_THOROUGH=1 SKYSEAL_VENV=$PWD/.venv cargo test --workspace --test system damage:: -- --nocapture`

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use flight_record::verify::{Integrity, Report, Subject};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use system_tests::process::{binary, run};
use tempfile::TempDir;

use crate::recorded::Recorded;

/// Of so many flips one is judged by opening the files as well.
const OPENED_EVERY: usize = 50;

#[test]
fn any_byte_of_the_records_changed_is_named_by_its_line() -> Result<()> {
    flip_bytes_of("records.jsonl", |subject| match subject {
        Subject::Record { line, .. } => Some(*line),
        _ => None,
    })
}

#[test]
fn any_byte_of_the_checkpoints_changed_is_named_by_its_line() -> Result<()> {
    flip_bytes_of("checkpoints.jsonl", |subject| match subject {
        Subject::Checkpoint { line } => Some(*line),
        _ => None,
    })
}

fn flip_bytes_of(file: &str, line_of: impl Fn(&Subject) -> Option<u64>) -> Result<()> {
    let recorded = Recorded::terminated()?;
    let spoilt = Spoilt::new(recorded)?;
    let good = fs::read(spoilt.flight.join(file))?;
    let positions = sample(good.len(), 250);
    for &at in &positions {
        let report = spoilt.with_flip(file, at, 1 << (at % 8), false)?;
        let line = 1 + good[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
        let worst = report.doubts().into_iter().filter(|item| item.word == Some(report.integrity));
        let named: Vec<u64> = worst.filter_map(|item| line_of(&item.item)).collect();
        ensure!(named.contains(&line), "{file} byte {at} on line {line}: {:#?}", report.doubts());
    }
    println!("{file}: {} of {} bytes changed one at a time, each named by its line", positions.len(), good.len());
    spoilt.is_good_again()
}

#[test]
fn a_flip_anywhere_in_footage_or_telemetry_is_named_by_its_file() -> Result<()> {
    let recorded = Recorded::flight()?;
    let spoilt = Spoilt::new(recorded)?;
    let files: Vec<_> = spoilt.sealed()?.into_iter().filter(|name| !name.starts_with("documents/")).collect();
    let flips = if thorough() { 10_000 } else { 300 };
    let mut random = StdRng::seed_from_u64(20_261_121);
    for round in 0..flips {
        let file = &files[random.random_range(0..files.len())];
        let bytes = usize::try_from(fs::metadata(spoilt.flight.join(file))?.len())?;
        let (at, bit) = (random.random_range(0..bytes), 1 << random.random_range(0..8));
        let report = spoilt.with_flip(file, at, bit, round % OPENED_EVERY == 0)?;
        let doubts: Vec<_> = report.doubts().into_iter().map(|item| (item.item.to_string(), item.word)).collect();
        assert_eq!(doubts, [(file.clone(), Some(Integrity::Altered))], "{file} byte {at} bit {bit:#x}");
    }
    println!("{flips} random flips in {} files, each named by its file and nothing else", files.len());
    spoilt.is_good_again()
}

#[test]
fn a_file_removed_or_cut_is_named_with_what_happened_to_it() -> Result<()> {
    let recorded = Recorded::flight()?;
    let spoilt = Spoilt::new(recorded)?;
    let files = spoilt.files()?;
    let mut cases = 0;
    for file in &files {
        let path = spoilt.flight.join(file);
        let good = fs::read(&path)?;
        fs::remove_file(&path)?;
        let report = spoilt.judge(false)?;
        assert_eq!(word_of(&report, file), Some(Integrity::Missing), "{file} removed: {:#?}", report.doubts());
        cases += 1;
        for kept in BTreeSet::from([0, 1, good.len() / 2, good.len() - 1]) {
            fs::write(&path, &good[..kept])?;
            let report = spoilt.judge(false)?;
            let word = word_of(&report, file);
            let right = if file.ends_with(".jsonl") {
                word == Some(Integrity::Truncated)
            } else {
                matches!(word, Some(Integrity::Incomplete | Integrity::Altered))
            };
            ensure!(right, "{file} cut to {kept}: {word:?} {:#?}", report.doubts());
            cases += 1;
        }
        fs::write(&path, &good)?;
    }
    println!("{cases} files removed or cut, each named");
    spoilt.is_good_again()
}

#[test]
fn two_files_swapped_are_both_named() -> Result<()> {
    let recorded = Recorded::flight()?;
    let spoilt = Spoilt::new(recorded)?;
    let files = spoilt.files()?;
    let mut cases = 0;
    for (at, first) in files.iter().enumerate() {
        let partners = &files[at + 1..];
        for second in partners.iter().take(if thorough() { files.len() } else { 1 }) {
            let (a, b) = (spoilt.flight.join(first), spoilt.flight.join(second));
            swap(&a, &b)?;
            let report = spoilt.judge(false)?;
            for file in [first, second] {
                let word = word_of(&report, file);
                // A file that only a record names which is gone with the log cannot be judged, and is said to be unjudged.
                let log_gone = [first, second].iter().any(|name| name.ends_with(".jsonl"));
                let named = word.is_some_and(|word| word >= Integrity::Incomplete)
                    || (log_gone && report.doubts().iter().any(|item| item.item.to_string() == **file));
                ensure!(named, "{first} and {second} swapped, {file}: {:#?}", report.doubts());
            }
            swap(&a, &b)?;
            cases += 1;
        }
    }
    println!("{cases} pairs of files swapped, both named each time");
    spoilt.is_good_again()
}

#[test]
fn the_program_ends_with_1_on_a_damaged_flight() -> Result<()> {
    let recorded = Recorded::terminated()?;
    for file in ["records.jsonl", "checkpoints.jsonl", "segments/eo/000001.ts.age", "telemetry/000001.tlog.age"] {
        let spoilt = Spoilt::new(recorded)?;
        let path = spoilt.flight.join(file);
        let middle = usize::try_from(fs::metadata(&path)?.len() / 2)?;
        flip(&path, middle, 0x10)?;
        let mut command = Command::new(binary("skyseal-verify"));
        command.arg(&spoilt.flight).args(["--root", &recorded.root, "--trust"]).arg(&recorded.trust);
        command.arg("--identity").arg(&recorded.identity);
        let said = run(&mut command, 1)?;
        let word = said.lines().next().unwrap_or_default();
        ensure!(!word.contains("VERIFIED") && said.contains(file), "{file}: {said}");
    }
    Ok(())
}

/// A copy of a flight that is damaged and mended again and again.
struct Spoilt {
    recorded: &'static Recorded,
    flight: PathBuf,
    _folder: TempDir,
}

impl Spoilt {
    fn new(recorded: &'static Recorded) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let spoilt = Self { recorded, flight: recorded.copy(folder.path())?, _folder: folder };
        spoilt.is_good_again()?;
        Ok(spoilt)
    }

    /// The verdict on the damaged copy, which must not be green.
    fn judge(&self, opened: bool) -> Result<Report> {
        let report = self.recorded.judge(&self.flight, opened)?;
        ensure!(!report.word.to_string().contains("VERIFIED") && !report.is_verified(), "green: {}", report.word);
        Ok(report)
    }

    fn with_flip(&self, file: &str, at: usize, bit: u8, opened: bool) -> Result<Report> {
        let path = self.flight.join(file);
        flip(&path, at, bit)?;
        let report = self.judge(opened).with_context(|| format!("{file} byte {at} bit {bit:#x}"));
        flip(&path, at, bit)?;
        report
    }

    /// What was damaged is mended: so it was the damage that was found.
    fn is_good_again(&self) -> Result<()> {
        let word = self.recorded.judge(&self.flight, true)?.word.to_string();
        ensure!(word == "VERIFIED-UNWITNESSED", "the copy itself is {word}");
        Ok(())
    }

    /// Every file by its path in the flight, sorted.
    fn files(&self) -> Result<Vec<String>> {
        let list = run(Command::new("find").arg(&self.flight).args(["-type", "f", "-printf", "%P\\n"]), 0)?;
        let mut files: Vec<String> = list.lines().map(str::to_owned).collect();
        files.sort();
        Ok(files)
    }

    fn sealed(&self) -> Result<Vec<String>> {
        Ok(self.files()?.into_iter().filter(|name| name.ends_with(".age")).collect())
    }
}

/// What the report says of one file: for a log the worst of its lines.
fn word_of(report: &Report, file: &str) -> Option<Integrity> {
    let of_it = report.items.iter().filter(|item| item.item.to_string().starts_with(file));
    of_it.filter_map(|item| item.word).max()
}

fn flip(path: &Path, at: usize, bit: u8) -> Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at as u64)?;
    file.write_all_at(&[byte[0] ^ bit], at as u64)?;
    Ok(())
}

fn swap(a: &Path, b: &Path) -> Result<()> {
    let aside = a.with_extension("aside");
    fs::rename(a, &aside)?;
    fs::rename(b, a)?;
    fs::rename(&aside, b)?;
    Ok(())
}

fn thorough() -> bool {
    std::env::var_os("SKYSEAL_THOROUGH").is_some()
}

/// All of `0..length` when thorough, else about `count` of them, spread evenly with some chance.
fn sample(length: usize, count: usize) -> Vec<usize> {
    if thorough() {
        return (0..length).collect();
    }
    let step = (length / count).max(1);
    let mut random = StdRng::seed_from_u64(7);
    (0..length).step_by(step).map(|at| (at + random.random_range(0..step)).min(length - 1)).collect()
}
