//! `plan make`: the profile's pattern over what somebody drew.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use mission_profiles::pattern::{self, Estimate, Performance, Waypoint, follow, mission, split};
use mission_profiles::place::Position;
use mission_profiles::plan_files::Plan;
use serde_json::{Value, json};

use super::arguments::{Kind, Make};
use super::draw::{Numbers, Sketch};
use super::files;
use crate::tasks::meter::Meter;

/// Upwards and downwards, where nobody says otherwise, metres a second.
pub(crate) const CLIMB_MS: f64 = 2.5;
/// What a turn costs, seconds.
pub(crate) const TURN_S: f64 = 2.0;
/// Rise of the ground over the line between two waypoints that is not flown over evenly, metres.
pub(crate) const FOLLOW_M: f64 = 5.0;

/// Plans that were made, and what they take.
pub(super) struct Made {
    /// Each with the file that it goes to: one, or one a battery.
    pub(super) plans: Vec<(PathBuf, Plan)>,
    pub(super) facts: Value,
}

/// Makes them.
pub(super) fn make(args: &Make) -> Result<Made> {
    let profile = files::profile(&args.profile)?;
    let drawing = files::drawing(&args.drawing)?;
    let terrain = args.terrain.as_deref().map(|dir| files::terrain(dir, &Meter::unwatched())).transpose()?;
    let kind = args.pattern.unwrap_or_else(|| Kind::of(profile.content.pattern));
    let numbers = Numbers::of(profile.content.pattern, args.camera).said(args);
    let file = args.drawing.display().to_string();
    let level = Sketch { file: &file, drawing: &drawing, shape: args.shape.as_deref(), numbers }.draw(kind)?;
    let home = args.home.position();
    let ground_m = terrain.as_ref().and_then(|terrain| terrain.height_m(home));
    let home_amsl = args
        .home_amsl
        .or(ground_m)
        .context("how high is the take-off? give --home-amsl, or --terrain with its tile")?;
    let waypoints = match &terrain {
        Some(terrain) => follow(&level, terrain, home, FOLLOW_M)
            .context("the terrain's tiles do not cover the whole pattern, or it needs too many waypoints")?,
        None => level,
    };
    let limits = &profile.content.limits;
    let performance = Performance {
        speed_ms: limits.speed_ms,
        climb_ms: CLIMB_MS,
        turn_s: TURN_S,
        usable_s: args.endurance_min * 60.0 * (1.0 - limits.battery_reserve_percent / 100.0),
        bitrate_kbps: profile.content.recording.bitrate_kbps,
    };
    let parts = match args.split {
        true => split(home, &waypoints, &performance).context(
            "the way out, between two neighbouring waypoints, and home takes longer than a battery: take off nearer",
        )?,
        false => vec![waypoints.clone()],
    };
    let planned =
        |part: &[Waypoint]| mission([home.lat_deg, home.lon_deg, home_amsl], part, limits.speed_ms, kind.looks_down());
    let plans: Vec<_> = names(args, parts.len()).into_iter().zip(parts.iter().map(|part| planned(part))).collect();
    let mut facts = facts(args, home, &waypoints, &performance, numbers, &plans);
    let bytes = profile.content.recording.bytes(facts["duration_s"].as_f64().unwrap_or_default());
    facts["storage_gb"] = json!((bytes / 1e7).ceil() / 100.0);
    Ok(Made { plans, facts })
}

/// One file, or one a battery: search-1.plan, search-2.plan, …
fn names(args: &Make, count: usize) -> Vec<PathBuf> {
    if !args.split {
        return vec![args.out.clone()];
    }
    let stem = args.out.file_stem().and_then(|stem| stem.to_str()).unwrap_or("part");
    (1..=count).map(|part| args.out.with_file_name(format!("{stem}-{part}.plan"))).collect()
}

fn facts(
    args: &Make,
    home: Position,
    waypoints: &[Waypoint],
    performance: &Performance,
    numbers: Numbers,
    plans: &[(PathBuf, Plan)],
) -> Value {
    let Estimate { distance_m, duration_s, batteries, footage_bytes } = pattern::estimate(home, waypoints, performance);
    let (height_m, camera) = (numbers.height_m, args.camera);
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    json!({
        "plan": plans.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>().join(", "),
        "waypoints": waypoints.len(),
        "height_m": tenth(height_m),
        "footprint_m": [tenth(camera.across_m(height_m)), tenth(camera.along_m(height_m))],
        "gsd_cm": tenth(camera.sampling_m(height_m) * 100.0),
        "line_spacing_m": tenth(numbers.spacing_m()),
        "picture_each_m": tenth(numbers.survey().trigger_m()),
        "distance_m": distance_m.round(),
        "duration_s": duration_s.round(),
        "battery_percent": (duration_s / (args.endurance_min * 60.0) * 100.0).round(),
        "batteries": if batteries == 0 { json!("none lasts from one waypoint to the next and home") } else { json!(batteries) },
        "footage_mib": footage_bytes >> 20,
    })
}
