//! The station's folder of datasets: files as they were given out, each with a line about it beside.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use jiff::Timestamp;
use mission_profiles::zones::{Dataset, read};
use serde::{Deserialize, Serialize};

/// Datasets in one folder.
const MAX_DATASETS: usize = 100;
/// What stands beside a dataset.
const ABOUT: &str = "about.json";

/// What stands beside a dataset.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    name: String,
    file: String,
    sha256: String,
    imported: Timestamp,
    illustrative: bool,
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
    let bytes = bytes(path)?;
    Ok((read::dataset(&path.display().to_string(), &bytes)?, bytes))
}

/// Puts a dataset into the folder, durably; an older one of its name goes aside. Where it went.
pub(super) fn put(dir: &Path, dataset: &Dataset, file: &Path, bytes: &[u8], now: Timestamp) -> Result<PathBuf> {
    let sha256 = dataset.source.sha256.to_string();
    let home = dir.join(&sha256[..16]);
    let file = file.file_name().and_then(|name| name.to_str()).unwrap_or("dataset").to_owned();
    for (known, about) in abouts(dir)? {
        if about.name == dataset.source.name && about.sha256 != sha256 {
            let aside = dir.join("replaced");
            fs::create_dir_all(&aside)?;
            let to = aside.join(known.file_name().unwrap_or_default());
            fs::rename(&known, &to).with_context(|| format!("cannot put {} aside", known.display()))?;
        }
    }
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    let about = About {
        name: dataset.source.name.clone(),
        file: file.clone(),
        sha256,
        imported: now,
        illustrative: dataset.source.illustrative,
    };
    write(&home.join(&file), bytes)?;
    // Last: without it the folder holds no dataset.
    write(&home.join(ABOUT), &serde_json::to_vec_pretty(&about)?)?;
    fs::File::open(dir)?.sync_all()?;
    Ok(home.join(file))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    let put = || -> std::io::Result<()> {
        let mut file = fs::File::create(&new)?;
        std::io::Write::write_all(&mut file, bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    put().with_context(|| format!("cannot write {}", path.display()))
}

fn abouts(dir: &Path) -> Result<Vec<(PathBuf, About)>> {
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
pub(super) fn datasets(dir: &Path) -> Result<Vec<Dataset>> {
    ensure!(dir.is_dir(), "{}: there is no such folder; make it with `skyseal-ground zones import`", dir.display());
    let load = |(home, about): (PathBuf, About)| {
        let path = home.join(&about.file);
        let (mut dataset, _) = dataset(&path)?;
        if dataset.source.sha256.to_string() != about.sha256 {
            bail!("{}: changed since it was imported; import the dataset again", path.display());
        }
        (dataset.source.name, dataset.source.illustrative) = (about.name, about.illustrative);
        Ok(dataset)
    };
    abouts(dir)?.into_iter().map(load).collect()
}
