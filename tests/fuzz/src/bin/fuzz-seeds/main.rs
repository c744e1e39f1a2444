//! Makes what the fuzzers begin with: `fixture/` where there is none, and a first corpus for each target.
//!
//! ```text
//! cargo run -p fuzz-targets --bin fuzz-seeds [FOLDER]      FOLDER/<target>/…, `corpus/` of this crate if none is given
//! ```

#![expect(clippy::unwrap_used, reason = "it is run by hand, and says where it stops")]

mod corpus;
mod filmed;

use fuzz_targets::sample::fixture;
use std::path::{Path, PathBuf};

fn main() {
    if !fixture("flight").exists() {
        filmed::make();
    }
    let folder = std::env::args_os().nth(1).map_or_else(|| fixture("../corpus"), PathBuf::from);
    for (target, seeds) in corpus::all() {
        for (n, seed) in seeds.iter().enumerate() {
            write(&folder.join(target).join(format!("seed-{n:02}")), seed);
        }
    }
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
