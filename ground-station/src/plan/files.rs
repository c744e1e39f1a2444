//! Plans, drawings, profiles and terrain from files.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use mission_profiles::place::Terrain;
use mission_profiles::plan_files::{Drawing, Plan};
use mission_profiles::profile::{Profile, bundled};

use crate::tasks::meter::Meter;

/// Largest file read, bytes: heights of one second of arc, 3,601 by 3,601, as real numbers are the longest.
const MAX_BYTES: u64 = 64 << 20;
/// Tiles loaded.
const MAX_TILES: usize = 64;

/// The file's bytes, bounded.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let length = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    ensure!(length <= MAX_BYTES, "{}: longer than {} MiB", path.display(), MAX_BYTES >> 20);
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A plan: `.plan`, or waypoints by their first line.
pub(super) fn plan(path: &Path) -> Result<Plan> {
    plan_of(path, &bytes(path)?)
}

/// The plan in the bytes of a file.
pub(super) fn plan_of(path: &Path, bytes: &[u8]) -> Result<Plan> {
    if bytes.starts_with(b"QGC WPL") {
        let text = std::str::from_utf8(bytes).with_context(|| format!("{}: not UTF-8", path.display()))?;
        return Plan::read_waypoints(text).with_context(|| path.display().to_string());
    }
    Plan::read(bytes).with_context(|| path.display().to_string())
}

/// A drawing.
pub(super) fn drawing(path: &Path) -> Result<Drawing> {
    Drawing::read(&bytes(path)?).with_context(|| path.display().to_string())
}

/// A profile that comes along, by its name, or a file.
pub(crate) fn profile(named: &str) -> Result<Profile> {
    let known = bundled();
    if let Some((file, text)) = known.iter().find(|(file, _)| file.trim_end_matches(".toml") == named) {
        return Ok(Profile::read(file, text)?);
    }
    let path = Path::new(named);
    if !path.exists() {
        let names: Vec<_> = known.iter().map(|(file, _)| file.trim_end_matches(".toml")).collect();
        bail!("{named}: neither a file nor one of {}", names.join(", "));
    }
    let text = String::from_utf8(bytes(path)?).with_context(|| format!("{named}: not UTF-8"))?;
    Ok(Profile::read(named, &text)?)
}

/// Every tile of a folder; their bytes count.
pub(super) fn terrain(dir: &Path, meter: &Meter<'_>) -> Result<Terrain> {
    let mut terrain = Terrain::default();
    let paths = tiles(dir)?;
    ensure!(!paths.is_empty(), "{}: no .hgt tiles and no .tif in it", dir.display());
    ensure!(
        paths.len() <= MAX_TILES,
        "{}: more than {MAX_TILES} tiles; name a folder with those of the region",
        dir.display()
    );
    for path in paths {
        terrain.add(&path.display().to_string(), &meter.bytes(&path, MAX_BYTES)?)?;
    }
    Ok(terrain)
}

/// Bytes of the tiles of a folder; 0 where it cannot be read.
pub(super) fn terrain_bytes(dir: &Path) -> u64 {
    let length = |path: PathBuf| fs::metadata(path).map_or(0, |found| found.len());
    tiles(dir).map_or(0, |paths| paths.into_iter().map(length).sum())
}

fn tiles(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut paths: Vec<_> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| matches!(ending(path).as_str(), "hgt" | "tif" | "tiff"));
    paths.sort();
    Ok(paths)
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| format!("cannot write {}", path.display()))
}

/// The ending of a file's name.
pub(super) fn ending(path: &Path) -> String {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase()
}
