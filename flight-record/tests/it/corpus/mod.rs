//! The attack corpus: flights that were damaged in every way known, each with the word that the format gives it.
//!
//! It lies in `tests/corpus`, one folder a case, with `cases.json` beside them. What is in a case's folder is what the
//! verifiers are given: `flight` or `package`, every `*.jsonl` as a witness file, and `trust.json` where it is not the
//! corpus's own. `SKYSEAL_CORPUS=<new folder>` makes the test below write all of it again; keys are made from fixed
//! seeds, so that anybody has them and they prove nothing.

mod endless;
mod files;
mod folder;
mod forged;
mod good;
mod heads;
mod packed;
mod records;
mod trusted;
mod witness;
mod world;

use age::secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use world::World;

/// What was done to a flight, and the flight's word for it.
struct Case {
    name: &'static str,
    did: &'static str,
    /// Without and with the identity that opens the files.
    words: [&'static str; 2],
    /// Puts all of it into the case's folder.
    make: fn(&World, &Path),
}

/// A case that looks the same, opened or not.
const fn case(name: &'static str, did: &'static str, word: &'static str, make: fn(&World, &Path)) -> Case {
    Case { name, did, words: [word, word], make }
}

/// A case of which opening the files shows more.
const fn shows(name: &'static str, did: &'static str, words: [&'static str; 2], make: fn(&World, &Path)) -> Case {
    Case { name, did, words, make }
}

/// Seen in time, whole: sealed, and opened.
const GOOD: [&str; 2] = ["VERIFIED-SEALED-ONLY", "VERIFIED"];
const UNWITNESSED: &str = "VERIFIED-UNWITNESSED";

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        good::CASES,
        records::CASES,
        heads::CASES,
        files::CASES,
        folder::CASES,
        forged::CASES,
        witness::CASES,
        trusted::CASES,
        packed::CASES,
    ]
    .into_iter()
    .flatten()
}

/// One row of `cases.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    name: String,
    did: String,
    sealed: String,
    opened: String,
}

/// Makes what all cases have in common.
fn generate_shared(World { unit, .. }: &World, dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("trust.json"), unit.trust.seal(&unit.root)).unwrap();
    fs::write(dir.join("root.fingerprint"), format!("{}\n", unit.root.public().id())).unwrap();
    fs::write(dir.join("identity.txt"), format!("{}\n", unit.identity.to_string().expose_secret())).unwrap();
}

/// Makes every case, and what they have in common, in `dir`.
fn generate(dir: &Path) {
    let world = World::new();
    generate_shared(&world, dir);
    let mut rows = Vec::new();
    for Case { name, did, words: [sealed, opened], make } in cases() {
        let case = dir.join(name);
        fs::create_dir(&case).unwrap();
        make(&world, &case);
        let [name, did, sealed, opened] = [name, did, sealed, opened].map(|text| (*text).to_owned());
        rows.push(Row { name, did, sealed, opened });
    }
    fs::write(dir.join("cases.json"), serde_json::to_string_pretty(&rows).unwrap() + "\n").unwrap();
}

/// The corpus as it is kept.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
}

fn table(dir: &Path) -> Vec<Row> {
    serde_json::from_str(&fs::read_to_string(dir.join("cases.json")).unwrap()).unwrap()
}

/// What a case is judged with, besides its path.
fn arguments(corpus: &Path, case: &Path) -> Vec<PathBuf> {
    let own = case.join("trust.json");
    let trust = if own.exists() { own } else { corpus.join("trust.json") };
    let root = fs::read_to_string(corpus.join("root.fingerprint")).unwrap();
    let mut arguments: Vec<PathBuf> = ["--trust".into(), trust, "--root".into(), root.trim().into()].into();
    let mut witness: Vec<_> = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).collect();
    witness.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    witness.sort();
    arguments.extend(witness.into_iter().flat_map(|path| ["--witness".into(), path]));
    arguments
}

/// The word of `skyseal-verify`, as people run it, and its exit code.
fn judge(corpus: &Path, name: &str, opened: bool) -> (String, Option<i32>) {
    let case = corpus.join(name);
    let package = case.join("package");
    let mut command = Command::new(env!("CARGO_BIN_EXE_skyseal-verify"));
    command.arg(if package.exists() { package } else { case.join("flight") }).arg("--json");
    command.args(arguments(corpus, &case));
    if opened {
        command.arg("--identity").arg(corpus.join("identity.txt"));
    }
    let output = command.output().unwrap();
    let report: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
    let word = report.map_or_else(
        || String::from_utf8_lossy(&output.stderr).into_owned(),
        |report| report["word"].as_str().unwrap_or_default().to_owned(),
    );
    (word, output.status.code())
}

/// Where the verifier says anything else than the table, in either mode.
fn disagreements(corpus: &Path) -> Vec<String> {
    let rows = table(corpus);
    let judged = rows.iter().flat_map(|row| [(row, &row.sealed, false), (row, &row.opened, true)]);
    judged
        .filter_map(|(row, expected, opened)| {
            let found = judge(corpus, &row.name, opened);
            let code = if expected == "VERIFIED" { 0 } else { 1 };
            let said = format!("{} (opened: {opened}): {found:?}, not {expected}", row.name);
            (found != (expected.clone(), Some(code))).then_some(said)
        })
        .collect()
}

#[test]
fn every_case_of_the_corpus_has_its_word() {
    let corpus = kept();
    assert!(table(&corpus).len() >= 80);
    assert_eq!(disagreements(&corpus), Vec::<String>::new());
}

#[test]
fn the_second_verifier_says_the_same_words() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/corpus.py");
    let mut command = Command::new("python3");
    let output = command.env("PYTHONDONTWRITEBYTECODE", "1").arg(program).arg(kept()).output().unwrap();
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{out}{error}");
}

#[test]
fn the_corpus_is_made_again_with_the_same_words() {
    let temp = tempfile::tempdir().unwrap();
    let made = temp.path().join("corpus");
    generate(&made);
    assert_eq!(disagreements(&made), Vec::<String>::new());
    if let Some(out) = std::env::var_os("SKYSEAL_CORPUS") {
        copy_with_links(&made, Path::new(&out));
    }
    assert_eq!(table(&made), table(&kept()), "SKYSEAL_CORPUS=<new folder> writes the corpus as it is made now");
}

/// As `copy`, links kept as links.
fn copy_with_links(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}
