//! The zones that come with the program: files as they were given out, and a manifest that says what they are.
//!
//! The manifest is made of the files alone: who makes it again gets the same bytes.

use serde::{Deserialize, Serialize};

use super::dataset::Digest;
use super::{Dataset, read};

/// What the manifest says of all its files.
const ABOUT: &str = "Illustrative, not for operational use: for demonstration and training.";
/// What stands behind the name of each.
const MARK: &str = " (illustrative)";

/// What is known of a bundle of zones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What it is for.
    pub about: String,
    /// What came of reading all of it.
    pub total: Counts,
    /// Its files, by name.
    pub files: Vec<Entry>,
}

/// What is known of one of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file's name.
    pub file: String,
    /// What people call the dataset.
    pub name: String,
    /// What it was read as.
    pub format: String,
    /// Its length.
    pub bytes: usize,
    /// Its SHA-256.
    pub sha256: String,
    /// Its edition in its own words; `None` when it states none.
    pub edition: Option<String>,
    /// From then on it is valid, where it says so,
    pub effective_from: Option<jiff::Timestamp>,
    /// until then.
    pub effective_to: Option<jiff::Timestamp>,
    /// What the file says of its origin and terms, line by line.
    pub notice: Vec<String>,
    /// What came of reading it.
    pub zones: Counts,
}

/// What came of reading: `read` = `kept` + `uncertain` + `refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Zones the files have.
    pub read: usize,
    /// Kept whole.
    pub kept: usize,
    /// Kept larger or longer than they may be.
    pub uncertain: usize,
    /// Without a place.
    pub refused: usize,
}

impl Manifest {
    /// Of these files: their names and bytes.
    ///
    /// # Errors
    /// When one of them holds no zones.
    pub fn of(files: &[(&str, &[u8])]) -> Result<Self, read::Refusal> {
        let mut files = files.iter().map(|(file, bytes)| entry(file, bytes)).collect::<Result<Vec<_>, _>>()?;
        files.sort_by(|a, b| a.file.cmp(&b.file));
        let total = files.iter().fold(Counts::default(), |sum, entry| Counts {
            read: sum.read + entry.zones.read,
            kept: sum.kept + entry.zones.kept,
            uncertain: sum.uncertain + entry.zones.uncertain,
            refused: sum.refused + entry.zones.refused,
        });
        Ok(Self { about: ABOUT.into(), total, files })
    }

    /// As it is kept beside the files.
    #[must_use]
    pub fn write(&self) -> String {
        // Texts, numbers and lists: nothing that JSON has no word for.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn entry(file: &str, bytes: &[u8]) -> Result<Entry, read::Refusal> {
    let Dataset { source, report, .. } = read::dataset(file, bytes)?;
    let notice = notice(bytes);
    let title = notice.first().cloned().unwrap_or_else(|| file.to_owned());
    Ok(Entry {
        file: file.into(),
        name: title + MARK,
        format: source.format.into(),
        bytes: bytes.len(),
        sha256: source.sha256.to_string(),
        edition: Some(source.edition).filter(|edition| !edition.is_empty()),
        effective_from: source.valid_from,
        effective_to: source.valid_to,
        notice,
        zones: Counts {
            read: report.read,
            kept: report.kept,
            uncertain: report.uncertain,
            refused: report.refused.len(),
        },
    })
}

/// The comment at the beginning of a YAML or OpenAir file.
fn notice(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map_while(|line| line.strip_prefix(['#', '*']));
    lines.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).take(100).collect()
}

/// The UK's airspace that comes with the program: illustrative, not for operational use, and of an edition that nobody states.
///
/// # Errors
/// Never, but in a build whose files were changed and whose manifest was not.
pub fn bundled() -> Result<Vec<Dataset>, read::Refusal> {
    const MANIFEST: &str = include_str!("../../zones/manifest.json");
    const FILES: [(&str, &[u8]); 2] = [
        ("airspace.yaml", include_bytes!("../../zones/airspace.yaml")),
        ("rat.yaml", include_bytes!("../../zones/rat.yaml")),
    ];
    let changed = |file: &str, what: String| read::Refusal {
        file: file.into(),
        place: "whole file".into(),
        what,
        cure: "make the bundle again: `skyseal-ground zones bundle`".into(),
    };
    let manifest: Manifest =
        serde_json::from_str(MANIFEST).map_err(|error| changed("manifest.json", error.to_string()))?;
    let marked = |(file, bytes): (&str, &[u8])| {
        let known = manifest.files.iter().find(|entry| entry.file == file);
        let known = known.filter(|entry| entry.sha256 == Digest::of(bytes).to_string());
        let known = known.ok_or_else(|| changed(file, "it is not the file that the manifest names".into()))?;
        let mut dataset = read::dataset(&known.name, bytes)?;
        dataset.source.illustrative = true;
        Ok(dataset)
    };
    FILES.into_iter().map(marked).collect()
}
