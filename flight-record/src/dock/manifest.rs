//! Every file of a flight with its length and digest; as text it is what `sha256sum` prints.

use crate::digest::{Extent, Sha256};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Files of a flight by path, sorted by the bytes of the path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest {
    entries: BTreeMap<String, Extent>,
}

/// A path that cannot stand in a manifest.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{path:?} cannot stand in a manifest: a path has no control character and no backslash")]
pub struct ManifestError {
    path: String,
}

impl Manifest {
    /// The files, sorted by path.
    pub fn entries(&self) -> &BTreeMap<String, Extent> {
        &self.entries
    }

    /// Files in it.
    pub fn files(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When the path would not survive a line of text.
    pub fn insert(&mut self, path: &str, extent: Extent) -> Result<(), ManifestError> {
        if path.is_empty() || path.chars().any(|c| c.is_control() || c == '\\') {
            return Err(ManifestError { path: path.to_owned() });
        }
        self.entries.insert(path.to_owned(), extent);
        Ok(())
    }

    /// `<sha256>  <path>` a line, sorted by the bytes of the path: what `sha256sum` prints and `sha256sum -c` reads.
    pub fn text(&self) -> String {
        self.entries.iter().fold(String::new(), |mut text, (path, extent)| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}  {path}", extent.sha256);
            text
        })
    }

    /// SHA-256 of [`Manifest::text`].
    pub fn digest(&self) -> Sha256 {
        Sha256::of(self.text().as_bytes())
    }

    /// All bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.entries.values().map(|extent| extent.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_sha256sum_prints() {
        let mut manifest = Manifest::default();
        for path in ["telemetry/000001.tlog.age", "checkpoints.jsonl", "records.jsonl"] {
            manifest.insert(path, Extent::of(path.as_bytes())).unwrap();
        }
        let text = manifest.text();
        let lines: Vec<_> = text.lines().map(|line| line.split_once("  ").unwrap()).collect();
        assert_eq!(
            lines.iter().map(|(_, path)| *path).collect::<Vec<_>>(),
            ["checkpoints.jsonl", "records.jsonl", "telemetry/000001.tlog.age"]
        );
        assert_eq!(lines[0].0, Sha256::of(b"checkpoints.jsonl").to_string());
        assert!(text.ends_with('\n') && manifest.digest() == Sha256::of(text.as_bytes()));
        assert_eq!(manifest.bytes(), 17 + 13 + 25);
    }

    #[test]
    fn a_path_that_would_break_its_line_is_refused() {
        for path in ["", "a\nb", "a\\b", "a\u{7f}"] {
            assert!(Manifest::default().insert(path, Extent::of(b"")).is_err(), "{path:?}");
        }
    }
}
