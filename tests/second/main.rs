//! The second verifier, `flight-record/verifier/verify.py`, which was written from FORMAT.md alone: it passes its own tests, and says the
//! same word as `skyseal-verify` of flights and extracts that are damaged in every way known.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use system_tests::process::{binary, run};

/// Each kind of damage is tried so often; `SKYSEAL_ROUNDS` asks for more.
const ROUNDS: &str = "2";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../flight-record/verifier")
}

fn python() -> Command {
    let mut python = Command::new("python3");
    python.current_dir(folder()).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

#[test]
fn it_passes_its_own_tests() -> Result<()> {
    let tests = ["test_verify", "test_example", "test_vectors", "test_extracts", "test_timestamps"];
    run(python().args(["-m", "unittest", "-q"]).args(tests), 0).map(drop)
}

fn compare(script: &str) -> Result<()> {
    let rounds = std::env::var("SKYSEAL_ROUNDS").unwrap_or_else(|_| ROUNDS.to_owned());
    let table = run(python().arg(script).arg(binary("skyseal-verify")).args(["--seed", "4", "--count", &rounds]), 0)?;
    println!("{table}");
    Ok(())
}

#[test]
fn both_verifiers_say_the_same_word() -> Result<()> {
    compare("compare.py")
}

#[test]
fn both_verifiers_say_the_same_word_of_extracts() -> Result<()> {
    compare("compare_extracts.py")
}

#[test]
fn both_verifiers_read_the_format_as_it_was_decided() -> Result<()> {
    run(python().arg("decided.py").arg(binary("skyseal-verify")), 0).map(drop)
}
