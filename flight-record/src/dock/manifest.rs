//! Every file of a flight with its length and digest, in the form `sha256sum` prints and checks.

use super::{DockError, MAX_FILES, check_path};
use crate::digest::{Counted, Extent, Sha256};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The files of a flight: path in its folder to length and SHA-256, the two logs included. As JSON an object, sorted
/// by path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Extent>", into = "BTreeMap<String, Extent>")]
pub struct Manifest {
    entries: BTreeMap<String, Extent>,
}

impl TryFrom<BTreeMap<String, Extent>> for Manifest {
    type Error = DockError;

    fn try_from(entries: BTreeMap<String, Extent>) -> Result<Self, DockError> {
        if entries.len() > MAX_FILES {
            return Err(DockError::TooManyFiles);
        }
        entries.keys().try_for_each(|path| check_path(path))?;
        Ok(Self { entries })
    }
}

impl From<Manifest> for BTreeMap<String, Extent> {
    fn from(manifest: Manifest) -> Self {
        manifest.entries
    }
}

impl Manifest {
    /// The files, sorted by path.
    pub fn entries(&self) -> &BTreeMap<String, Extent> {
        &self.entries
    }

    /// Adds a file, or replaces what was said of it.
    ///
    /// # Errors
    /// When the path is none a flight can have, or there are too many.
    pub fn insert(&mut self, path: &str, extent: Extent) -> Result<(), DockError> {
        check_path(path)?;
        self.entries.insert(path.to_owned(), extent);
        if self.entries.len() > MAX_FILES { Err(DockError::TooManyFiles) } else { Ok(()) }
    }

    /// `<sha256>  <path>` a line, sorted by the bytes of the path: `sha256sum -c` takes it as it is.
    pub fn text(&self) -> String {
        self.entries.iter().map(|(path, extent)| format!("{}  {path}\n", extent.sha256)).collect()
    }

    /// SHA-256 of [`Manifest::text`]: what receipts are about.
    pub fn digest(&self) -> Sha256 {
        let mut counted = Counted::default();
        for (path, extent) in &self.entries {
            counted.update(format!("{}  {path}\n", extent.sha256).as_bytes());
        }
        counted.extent().sha256
    }

    /// Files in it.
    pub fn files(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Length of all files together, in bytes.
    pub fn bytes(&self) -> u64 {
        self.entries.values().fold(0, |sum, extent| sum.saturating_add(extent.bytes))
    }

    /// Reads the digests back from [`Manifest::text`]; the text says nothing of lengths.
    ///
    /// # Errors
    /// A line of another form, not sorted, a path twice, or one no flight can have.
    pub fn digests(text: &str) -> Result<BTreeMap<String, Sha256>, DockError> {
        let mut digests: BTreeMap<String, Sha256> = BTreeMap::new();
        for (at, line) in text.split_inclusive('\n').enumerate() {
            let bad = || DockError::ManifestLine { line: at + 1 };
            let (digest, path) = line.strip_suffix('\n').and_then(|line| line.split_once("  ")).ok_or_else(bad)?;
            check_path(path)?;
            let rises = digests.last_key_value().is_none_or(|(last, _)| last.as_str() < path);
            if !rises {
                return Err(bad());
            }
            digests.insert(path.to_owned(), digest.parse().map_err(|_| bad())?);
            if digests.len() > MAX_FILES {
                return Err(DockError::TooManyFiles);
            }
        }
        Ok(digests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn manifest() -> Manifest {
        let mut manifest = Manifest::default();
        for (path, text) in [("segments/eo/000001.ts.age", "b"), ("records.jsonl", "a"), ("a b", "c")] {
            manifest.insert(path, Extent::of(text.as_bytes())).unwrap();
        }
        manifest
    }

    #[test]
    fn sha256sum_takes_it() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("segments/eo")).unwrap();
        for (path, text) in [("segments/eo/000001.ts.age", "b"), ("records.jsonl", "a"), ("a b", "c")] {
            std::fs::write(dir.path().join(path), text).unwrap();
        }
        std::fs::write(dir.path().join("sums"), manifest().text()).unwrap();
        let check = |dir: &std::path::Path| {
            Command::new("sha256sum").args(["--strict", "-c", "sums"]).current_dir(dir).output().unwrap().status
        };
        assert!(check(dir.path()).success());
        std::fs::write(dir.path().join("records.jsonl"), "x").unwrap();
        assert!(!check(dir.path()).success());
    }

    #[test]
    fn text_digest_and_totals_agree() {
        let manifest = manifest();
        assert_eq!(manifest.digest(), Sha256::of(manifest.text().as_bytes()));
        assert_eq!((manifest.files(), manifest.bytes()), (3, 3));
        let read = Manifest::digests(&manifest.text()).unwrap();
        assert!(
            read.iter().eq(manifest
                .entries()
                .iter()
                .map(|(path, extent)| (path, &extent.sha256))
                .collect::<BTreeMap<_, _>>())
        );
        assert!(Manifest::default().insert("../x", Extent::of(b"")).is_err());
    }

    #[test]
    fn other_texts_are_refused() {
        let text = manifest().text();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for bad in [
            lines.iter().rev().copied().collect::<String>(),
            format!("{}{}", lines[0], lines[0]),
            text.trim_end().to_owned(),
            text.replacen("  ", " *", 1),
            text.to_uppercase(),
            "\n".to_owned(),
        ] {
            assert!(Manifest::digests(&bad).is_err(), "{bad}");
        }
    }
}
