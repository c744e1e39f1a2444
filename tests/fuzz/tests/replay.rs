//! The kept corpora, through the same functions that the fuzzer calls.

use fuzz_targets::TARGETS;
use std::path::Path;

/// What is kept of a target: small enough to be read by everybody who clones the project.
const MAX_FILES: usize = 60;
const MAX_BYTES: u64 = 100 * 1024;

#[test]
fn every_kept_input_passes_its_target() {
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let bytes: u64 = files.iter().map(|path| path.metadata().unwrap().len()).sum();
        assert!(
            (1..=MAX_FILES).contains(&files.len()) && bytes <= MAX_BYTES,
            "{name}: {} files, {bytes} bytes",
            files.len()
        );
        for path in files {
            println!("{}", path.display());
            target(&std::fs::read(&path).unwrap());
        }
    }
}
