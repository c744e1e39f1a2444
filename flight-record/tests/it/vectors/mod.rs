//! Vectors that others have published; `tests/vectors/README.md` says where each is from and on what terms.

mod bags;
mod ed25519;
mod sealed;

use std::path::{Path, PathBuf};

/// A file or folder of `tests/vectors/`.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

/// The bytes of these hexadecimal digits.
fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
