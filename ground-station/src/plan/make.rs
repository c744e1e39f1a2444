//! `plan make`: the profile's pattern over what somebody drew.

use anyhow::{Context as _, Result};
use mission_profiles::pattern::{
    self, Estimate, Performance, Survey, Waypoint, corridor, expanding_square, follow, mission, orbit, perimeter,
    sector_search, survey,
};
use mission_profiles::place::Position;
use mission_profiles::plan_files::{Drawing, Plan, Shape};
use mission_profiles::profile::{Pattern, Profile};

use super::arguments::{Kind, Make};
use super::files;

/// Upwards and downwards, where nobody says otherwise, metres a second.
pub(super) const CLIMB_MS: f64 = 2.5;
/// What a turn costs, seconds.
const TURN_S: f64 = 2.0;
/// Rise of the ground over the line between two waypoints that is not flown over evenly, metres.
const FOLLOW_M: f64 = 5.0;
/// Overlaps, a spacing and a radius for a pattern that is not the profile's.
const USUAL: (f64, f64, f64, f64) = (75.0, 65.0, 50.0, 40.0);

/// A plan that was made, and what it takes.
pub(super) struct Made {
    pub(super) plan: Plan,
    pub(super) estimate: Estimate,
    pub(super) waypoints: usize,
}

/// Makes it.
pub(super) fn make(args: &Make) -> Result<Made> {
    let profile = files::profile(&args.profile)?;
    let drawing = files::drawing(&args.drawing)?;
    let terrain = args.terrain.as_deref().map(files::terrain).transpose()?;
    let height_m = args.height.unwrap_or_else(|| profile.content.pattern.height_m());
    let kind = args.pattern.unwrap_or_else(|| kind(profile.content.pattern));
    let level = drawn(args, kind, &profile, &drawing, height_m)?;
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
    let down = matches!(kind, Kind::Survey | Kind::Corridor | Kind::ExpandingSquare | Kind::Sector);
    let plan = mission([home.lat_deg, home.lon_deg, home_amsl], &waypoints, limits.speed_ms, down);
    Ok(Made { plan, estimate: pattern::estimate(home, &waypoints, &performance), waypoints: waypoints.len() })
}

fn drawn(args: &Make, kind: Kind, profile: &Profile, drawing: &Drawing, height_m: f64) -> Result<Vec<Waypoint>> {
    let azimuth_deg = args.azimuth.unwrap_or(0.0);
    let (overlap_percent, sidelap_percent, spacing_m, radius_m) = numbers(profile.content.pattern);
    let area = || shape(args, drawing, "an area", |shape| matches!(shape, Shape::Area(_)));
    let line = || shape(args, drawing, "a line", |shape| matches!(shape, Shape::Line(_)));
    let point = || shape(args, drawing, "a point", |shape| matches!(shape, Shape::Point(_))).map(|places| places[0]);
    let asked = Survey { height_m, overlap_percent, sidelap_percent, azimuth_deg: args.azimuth, camera: args.camera };
    Ok(match kind {
        Kind::Survey => survey(area()?, &asked)?,
        Kind::Corridor => corridor(line()?, args.reach, asked.spacing_m(), height_m)?,
        Kind::Orbit => orbit(point()?, radius_m, azimuth_deg, height_m)?,
        Kind::Perimeter => perimeter(area()?, radius_m, height_m)?,
        Kind::ExpandingSquare => expanding_square(point()?, azimuth_deg, spacing_m, args.reach, height_m)?,
        Kind::Sector => sector_search(point()?, azimuth_deg, args.reach, height_m, true)?,
        Kind::Free => {
            line()?.iter().map(|position| Waypoint { position: *position, height_m, heading_deg: None }).collect()
        }
    })
}

/// The places of the shape that is named, or of the first that fits.
fn shape<'d>(args: &Make, drawing: &'d Drawing, what: &str, fits: impl Fn(&Shape) -> bool) -> Result<&'d [Position]> {
    let named = |name: &str| args.shape.as_deref().is_none_or(|wanted| wanted == name);
    let found = drawing.shapes.iter().find(|known| named(&known.name) && fits(&known.shape));
    let found = found.with_context(|| {
        let names: Vec<_> = drawing.shapes.iter().map(|known| format!("\"{}\"", known.name)).collect();
        let wanted = args.shape.as_deref().map(|name| format!(" called \"{name}\"")).unwrap_or_default();
        format!("{}: the pattern needs {what}{wanted}; the drawing has {}", args.drawing.display(), names.join(", "))
    })?;
    Ok(found.shape.places())
}

fn kind(pattern: Pattern) -> Kind {
    match pattern {
        Pattern::Free { .. } => Kind::Free,
        Pattern::Survey { .. } => Kind::Survey,
        Pattern::Orbit { .. } => Kind::Orbit,
        Pattern::Perimeter { .. } => Kind::Perimeter,
        Pattern::ExpandingSquare { .. } => Kind::ExpandingSquare,
        Pattern::Sector { .. } => Kind::Sector,
    }
}

/// Overlap and sidelap in per cent, spacing, and radius or standoff: the profile's, or the usual ones.
fn numbers(pattern: Pattern) -> (f64, f64, f64, f64) {
    let (overlap, sidelap, spacing_m, radius_m) = USUAL;
    match pattern {
        Pattern::Survey { overlap_percent, sidelap_percent, .. } => {
            (overlap_percent, sidelap_percent, spacing_m, radius_m)
        }
        Pattern::Orbit { radius_m, .. } | Pattern::Sector { radius_m, .. } => (overlap, sidelap, spacing_m, radius_m),
        Pattern::Perimeter { standoff_m, .. } => (overlap, sidelap, spacing_m, standoff_m),
        Pattern::ExpandingSquare { spacing_m, .. } => (overlap, sidelap, spacing_m, radius_m),
        Pattern::Free { .. } => USUAL,
    }
}
