//! Cases too large to keep: lines, files and folders without end, pipes where files belong. Both verifiers answer, in
//! little memory, without reading what is refused.

use super::good::{killed, torn};
use super::world::World;
use super::{arguments, generate_shared};
use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Peak memory of `skyseal-verify`, in KiB, and of a Python that holds twice 100,000 names.
const MOST_KIB: [u64; 2] = [64 * 1024, 96 * 1024];
/// Longest time, in seconds: an endless read would never end.
const MOST_S: &str = "240";
const FIRST: &str = "segments/eo/000001.ts.age";

/// Runs a program; its exit code, peak memory (KiB) and output.
const MEASURE: &str = "import json,resource,subprocess,sys
done = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, capture_output=True, timeout=float(sys.argv[1]))
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([done.returncode, peak, done.stdout.decode(), done.stderr.decode()]))";

fn verifiers() -> [Vec<PathBuf>; 2] {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/verify.py");
    [vec![env!("CARGO_BIN_EXE_skyseal-verify").into()], vec!["python3".into(), python]]
}

fn measured(program: &[PathBuf], arguments: &[PathBuf]) -> (i64, u64, String, String) {
    let mut command = Command::new("python3");
    command.env("PYTHONDONTWRITEBYTECODE", "1").args(["-c", MEASURE, MOST_S]).args(program).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Makes the case and has both verifiers say the word of it, sealed and opened.
fn says(name: &str, word: &str, make: impl FnOnce(&World, &Path)) {
    let world = World::new();
    let corpus = world.unit.path("corpus");
    generate_shared(&world, &corpus);
    let case = corpus.join(name);
    fs::create_dir(&case).unwrap();
    make(&world, &case);
    for (program, most_kib) in verifiers().into_iter().zip(MOST_KIB) {
        for opened in [false, true] {
            let mut all = vec![case.join("flight"), "--json".into()];
            all.extend(arguments(&corpus, &case));
            all.extend(opened.then(|| ["--identity".into(), corpus.join("identity.txt")]).into_iter().flatten());
            let (code, peak_kib, out, error) = measured(&program, &all);
            let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_default();
            assert_eq!((report["word"].as_str(), code), (Some(word), 1), "{name}: {program:?}: {error}");
            assert!(peak_kib <= most_kib, "{name}: {program:?} took {peak_kib} KiB");
        }
    }
}

/// Zeros behind a file, by its length alone, and `end` behind them.
fn stretch(path: &Path, bytes: u64, end: &[u8]) {
    let mut file = File::options().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length + bytes).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(end).unwrap();
}

fn pipe(path: &Path) {
    drop(fs::remove_file(path));
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_line_of_a_gigabyte() {
    says("line", "MALFORMED", |w, case| stretch(&w.seen(case).join("records.jsonl"), 1 << 30, b"\n{}\n"));
    says("torn-line", "TRUNCATED", |w, case| stretch(&w.seen(case).join("checkpoints.jsonl"), 1 << 30, b""));
}

#[test]
fn files_of_four_terabytes() {
    says("finished", "ALTERED", |w, case| stretch(&w.seen(case).join(FIRST), 1 << 42, b""));
    says("unfinished", "MALFORMED", |w, case| {
        w.flown(case, |flight| stretch(&killed(flight).join("segments/eo/000002.ts.age"), 1 << 42, b""));
    });
    says("torn", "ALTERED", |w, case| {
        w.flown(case, |flight| stretch(&torn(w, flight).join("torn/records-2"), 1 << 42, b""));
    });
    says("not-named-yet", "MALFORMED", |w, case| {
        w.flown(case, |flight| {
            let dir = killed(flight);
            File::create(dir.join("segments/eo/000003.ts.age")).unwrap().set_len(1 << 42).unwrap();
        });
    });
}

/// 20,000, or as many as `SKYSEAL_FILES` says: a million takes a minute to make.
#[test]
fn files_without_number() {
    let files = std::env::var("SKYSEAL_FILES").map_or(20_000, |files| files.parse().unwrap());
    says("files", "MALFORMED", |w, case| {
        let dir = w.seen(case);
        (3..files).for_each(|n| drop(File::create(dir.join(format!("segments/eo/{n:06}.ts.age"))).unwrap()));
    });
}

#[test]
fn folders_without_end() {
    says("folders", "MALFORMED", |w, case| {
        let mut dir = w.seen(case).join("segments/eo");
        (0..500).for_each(|_| dir.push("eo"));
        fs::create_dir_all(dir).unwrap();
    });
}

#[test]
fn pipes_in_the_folder_and_behind_links_are_never_opened() {
    for (name, at) in
        [("records", "records.jsonl"), ("heads", "checkpoints.jsonl"), ("footage", FIRST), ("more", "pipe")]
    {
        says(name, "MALFORMED", |w, case| pipe(&w.seen(case).join(at)));
        says(&format!("{name}-link"), "MALFORMED", |w, case| {
            let at = w.seen(case).join(at);
            pipe(&case.join("outside"));
            drop(fs::remove_file(&at));
            symlink(case.join("outside"), at).unwrap();
        });
    }
}

#[test]
fn what_the_reader_brings_is_a_file_with_an_end() {
    let world = World::new();
    let corpus = world.unit.path("corpus");
    generate_shared(&world, &corpus);
    let case = corpus.join("case");
    fs::create_dir(&case).unwrap();
    let flight = world.seen(&case);
    pipe(&corpus.join("pipe"));
    symlink(corpus.join("trust.json"), corpus.join("linked.json")).unwrap();
    let root = fs::read_to_string(corpus.join("root.fingerprint")).unwrap();
    let run = |program: &[PathBuf], trust: &str, more: &[&str]| {
        let more = more.iter().map(|part| if part.starts_with('-') { part.into() } else { corpus.join(part) });
        let all = [flight.clone(), "--root".into(), root.trim().into(), "--trust".into(), corpus.join(trust)];
        measured(program, &all.into_iter().chain(more).collect::<Vec<_>>())
    };
    for program in verifiers() {
        for (trust, more) in [
            ("pipe", &[][..]),
            ("/dev/zero", &[]),
            ("trust.json", &["--witness", "pipe"]),
            ("trust.json", &["--identity", "pipe"]),
            ("trust.json", &["--witness", "/dev/zero"]),
            ("trust.json", &["--reason", "pipe"]),
        ] {
            let (code, _, _, error) = run(&program, trust, more);
            assert_eq!(code, 2, "{program:?} {trust} {more:?}");
            let knows = error.contains("not a regular file") || error.contains("unrecognized arguments: --reason");
            assert!(knows, "{program:?} {trust} {more:?}: {error}");
        }
        assert_eq!(run(&program, "linked.json", &[]).0, 1, "a link to a list is the list");
    }
}
