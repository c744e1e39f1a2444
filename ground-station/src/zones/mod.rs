//! `zones`: reads, imports, lists and finds zones in which flying is restricted.

mod arguments;
mod bundle;
mod folder;
mod map;
mod put;
mod show;
mod take;

pub(crate) use arguments::{Command, Place, place as place_of};
pub(crate) use folder::watched as read;
pub(crate) use map::way;
pub(crate) use show::{edition, edition_json, place as said};
pub(crate) use take::{Taking, Terms, take};

use std::cmp::Reverse;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use arguments::{Check, Find, Import, List};
use jiff::Timestamp;
use mission_profiles::zones::{Dataset, Index, Limit, Near, Reach, bundled};

use crate::clock;
use crate::tasks::meter::Meter;

/// Does it; what to print, and whether nothing is in doubt.
pub(crate) fn run(command: &Command) -> Result<(String, bool)> {
    let now = Timestamp::from_microsecond(clock::now_utc_us())?;
    match command {
        Command::Check(args) => check(args, now),
        Command::Import(args) => import(args, now),
        Command::List(args) => list(args, now),
        Command::Find(args) => find(args, now),
        Command::Bundle(args) => bundle::run(args),
    }
}

fn is_whole(dataset: &Dataset) -> bool {
    dataset.report.kept == dataset.report.read && dataset.report.doubts.is_empty()
}

fn printed(datasets: &[Dataset], now: Timestamp, json: bool) -> Result<String> {
    if json {
        let all: Vec<_> = datasets.iter().map(|dataset| show::report_json(dataset, now)).collect();
        return Ok(serde_json::to_string_pretty(&all)? + "\n");
    }
    Ok(datasets.iter().map(|dataset| show::report(dataset, now)).collect())
}

fn check(args: &Check, now: Timestamp) -> Result<(String, bool)> {
    let mut datasets = Vec::new();
    let mut refused = Vec::new();
    for file in &args.files {
        match folder::dataset(file) {
            Ok((dataset, _)) => datasets.push(dataset),
            Err(error) => refused.push(format!("{error:#}")),
        }
    }
    let text = printed(&datasets, now, args.json)?;
    for refusal in &refused {
        eprintln!("skyseal-ground: {refusal}");
    }
    Ok((text, refused.is_empty() && datasets.iter().all(is_whole)))
}

fn import(args: &Import, now: Timestamp) -> Result<(String, bool)> {
    ensure!(args.name.is_none() || args.files.len() == 1, "--name is for one file; import the others by themselves");
    // All are read before any is taken.
    let mut read = args
        .files
        .iter()
        .map(|file| folder::dataset(file).map(|(dataset, bytes)| (file, dataset, bytes)))
        .collect::<Result<Vec<_>>>()?;
    for (file, dataset, bytes) in &mut read {
        if let Some(first) = dataset.report.refused.first().filter(|_| !args.accept_refused) {
            let count = dataset.report.refused.len();
            bail!(
                "{}: {count} of {} zones have no place, the first at {first}; ask the publisher, or take the rest with --accept-refused",
                file.display(),
                dataset.report.read
            );
        }
        let terms = Terms { name: args.name.as_deref(), illustrative: args.illustrative };
        take(&args.dir, Taking { dataset, file, bytes, terms, now }, &Meter::unwatched())?;
    }
    let datasets: Vec<_> = read.into_iter().map(|(_, dataset, _)| dataset).collect();
    Ok((printed(&datasets, now, args.json)?, true))
}

fn list(args: &List, now: Timestamp) -> Result<(String, bool)> {
    let datasets = folder::datasets(&args.dir, &Meter::unwatched())?;
    let fresh = !datasets.is_empty() && datasets.iter().all(|dataset| !dataset.source.is_stale(now));
    if datasets.is_empty() && !args.json {
        return Ok((
            format!("{}: no datasets; take one in with `skyseal-ground zones import`\n", args.dir.display()),
            false,
        ));
    }
    Ok((printed(&datasets, now, args.json)?, fresh))
}

fn find(args: &Find, now: Timestamp) -> Result<(String, bool)> {
    let datasets = datasets(args.dir.as_deref())?;
    let index = Index::new(&datasets);
    let named = args.name.as_ref().map(|name| index.named(name));
    let centre = match (args.at, &named) {
        (Some(place), _) => place.position(),
        (None, Some(near)) => near.first().context("no zone has this in its name or identifier")?.at,
        (None, None) => bail!("say --at PLACE or --name NAME"),
    };
    let mut near =
        named.unwrap_or_else(|| index.beside(Reach { from: centre, to: centre, home: None, within_m: args.within }));
    near.retain(|near| args.height.is_none_or(|height| reaches_down(near, height)));
    let at = args.when.unwrap_or(now);
    let holds = |near: &Near<'_>| near.zone.applies(at, at, near.at).at_all();
    near.retain(|near| args.when.is_none() || holds(near));
    near.sort_by(|a, b| {
        Reverse(a.zone.restriction).cmp(&Reverse(b.zone.restriction)).then(a.distance_m.total_cmp(&b.distance_m))
    });
    if let Some(path) = &args.map {
        let half_m = args.within.max(500.0) * 1.5;
        std::fs::write(path, map::draw(centre, half_m, &near))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.json {
        let mut found = show::found_json(&near, holds);
        found["datasets"] = datasets.iter().map(|dataset| show::edition_json(&dataset.source, now)).collect();
        return Ok((serde_json::to_string_pretty(&found)? + "\n", true));
    }
    let mut text = format!("{}: {} zones\n{}", show::place(centre), near.len(), show::found(&near));
    text.extend(datasets.iter().map(|dataset| show::edition(&dataset.source, now)));
    Ok((text, true))
}

/// The station's datasets, or those that come with the program.
pub(crate) fn datasets(dir: Option<&Path>) -> Result<Vec<Dataset>> {
    datasets_watched(dir, &Meter::unwatched())
}

/// The same; bytes count twice, when they are read, and when each zone was looked at.
pub(crate) fn datasets_watched(dir: Option<&Path>, meter: &Meter<'_>) -> Result<Vec<Dataset>> {
    match dir {
        Some(dir) => folder::datasets(dir, meter),
        None => Ok(bundled()?),
    }
}

/// Bytes of the station's datasets.
pub(crate) fn length(dir: &Path) -> u64 {
    folder::length(dir)
}

/// Whether a zone's floor is at or below a height; floors of another datum count, since nobody can compare them here.
fn reaches_down(near: &Near<'_>, height: Limit) -> bool {
    match (near.volume.lower, height) {
        (Limit::At(floor), Limit::At(height)) => floor.above(height).is_none_or(|above_m| above_m <= 0.0),
        _ => true,
    }
}
