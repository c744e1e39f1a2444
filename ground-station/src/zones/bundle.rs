//! `zones bundle`: files as they were given out, and a manifest of them, into the folder that is built into the program.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use flight_record::disk::{Disk as _, LocalDisk};
use mission_profiles::zones::{Counts, Manifest};

use super::arguments::Bundle;
use super::{folder, put};

/// The manifest's name.
const MANIFEST: &str = "manifest.json";
/// Endings of files that may hold zones.
const ENDINGS: [&str; 6] = ["yaml", "yml", "json", "geojson", "txt", "openair"];
/// Files of a bundle.
const MAX_FILES: usize = 100;

/// Does it; what to print, and whether every zone was kept whole.
pub(super) fn run(args: &Bundle) -> Result<(String, bool)> {
    let files = files(&args.dir)?;
    let list: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let manifest = Manifest::of(&list)?;
    let make = || -> std::io::Result<()> {
        LocalDisk.create_folder(&args.out)?;
        for (name, bytes) in &list {
            put::write(&LocalDisk, &args.out.join(name), bytes)?;
        }
        put::write(&LocalDisk, &args.out.join(MANIFEST), manifest.write().as_bytes())?;
        LocalDisk.sync_folder(&args.out)
    };
    make().with_context(|| format!("cannot write the bundle into {}", args.out.display()))?;
    let Counts { read, kept, uncertain, refused } = manifest.total;
    if args.json {
        return Ok((manifest.write(), kept == read));
    }
    let mut text = String::new();
    for entry in &manifest.files {
        let edition = entry.edition.as_deref().unwrap_or("not stated");
        text += &format!(
            "{}: {}, edition {edition}, {} zones, SHA-256 {}\n",
            entry.file, entry.name, entry.zones.read, entry.sha256
        );
    }
    text +=
        &format!("{read} zones read = {kept} kept + {uncertain} uncertain + {refused} refused\n{}\n", manifest.about);
    Ok((text, kept == read))
}

fn files(dir: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if !ENDINGS.contains(&ending) || name == MANIFEST || name.starts_with('.') || !path.is_file() {
            continue;
        }
        files.push((name, folder::bytes(&path)?));
        ensure!(files.len() <= MAX_FILES, "{}: more than {MAX_FILES} files of zones", dir.display());
    }
    ensure!(!files.is_empty(), "{}: no files of zones in it ({})", dir.display(), ENDINGS.join(", "));
    Ok(files)
}
