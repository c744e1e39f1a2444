//! The station's folder of datasets: files as they were given out, each with a line about it beside.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use jiff::Timestamp;
use mission_profiles::zones::{Dataset, read};
use serde::{Deserialize, Serialize};

use crate::tasks::meter::Meter;

/// Datasets in one folder.
const MAX_DATASETS: usize = 100;
/// What stands beside a dataset.
pub(super) const ABOUT: &str = "about.json";

/// What stands beside a dataset.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) sha256: String,
    pub(super) imported: Timestamp,
    pub(super) illustrative: bool,
}

/// The file, bounded.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let length = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    ensure!(
        length <= read::MAX_BYTES as u64,
        "{}: {length} bytes are more than the {} that are read",
        path.display(),
        read::MAX_BYTES
    );
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a file as a dataset.
pub(super) fn dataset(path: &Path) -> Result<(Dataset, Vec<u8>)> {
    watched(path, &Meter::unwatched())
}

/// The same; its bytes count twice: when they are read, and when each zone was looked at.
pub(crate) fn watched(path: &Path, meter: &Meter<'_>) -> Result<(Dataset, Vec<u8>)> {
    let bytes = meter.bytes(path, read::MAX_BYTES as u64)?;
    let dataset = read::dataset(&path.display().to_string(), &bytes)?;
    meter.add(bytes.len() as u64)?;
    Ok((dataset, bytes))
}

/// What the folder holds, and where each stands.
pub(super) fn abouts(dir: &Path) -> Result<Vec<(PathBuf, About)>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut homes: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    homes.retain(|home| home.join(ABOUT).is_file());
    homes.sort();
    ensure!(homes.len() <= MAX_DATASETS, "{}: more than {MAX_DATASETS} datasets", dir.display());
    let about = |home: PathBuf| {
        let bytes = bytes(&home.join(ABOUT))?;
        let about = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: not as it was written", home.join(ABOUT).display()))?;
        Ok((home, about))
    };
    homes.into_iter().map(about).collect()
}

/// Every dataset of the folder. One that is not as it was imported is refused: nobody flies by a map that somebody changed.
/// The bytes of each count twice.
pub(super) fn datasets(dir: &Path, meter: &Meter<'_>) -> Result<Vec<Dataset>> {
    ensure!(dir.is_dir(), "{}: there is no such folder; make it with `skyseal-ground zones import`", dir.display());
    let load = |(home, about): (PathBuf, About)| {
        let path = home.join(&about.file);
        let (mut dataset, _) = watched(&path, meter)?;
        if dataset.source.sha256.to_string() != about.sha256 {
            bail!("{}: changed since it was imported; import the dataset again", path.display());
        }
        (dataset.source.name, dataset.source.illustrative) = (about.name, about.illustrative);
        Ok(dataset)
    };
    abouts(dir)?.into_iter().map(load).collect()
}

/// Bytes of all datasets of the folder; 0 where it cannot be read.
pub(super) fn length(dir: &Path) -> u64 {
    let length = |(home, about): (PathBuf, About)| fs::metadata(home.join(about.file)).map_or(0, |found| found.len());
    abouts(dir).map_or(0, |all| all.into_iter().map(length).sum())
}
