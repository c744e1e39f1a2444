//! `plan show` and `plan convert`.

use anyhow::{Context as _, Result, bail};
use mission_profiles::place::{Position, inverse};
use mission_profiles::plan_files::{Drawing, Named, Plan, PlanFile, Shape};
use mission_profiles::route::{Habits, Route};
use serde_json::{Value, json};

use super::arguments::{Convert, Show};
use super::{files, make::CLIMB_MS};

/// What a plan flies where it says nothing.
const HABITS: Habits = Habits { cruise_ms: 8.0, climb_ms: CLIMB_MS, return_height_m: 60.0 };

/// The facts of a plan.
pub(super) fn facts(args: &Show) -> Result<Value> {
    let plan = files::plan(&args.plan)?;
    let route = Route::of(&plan, None, HABITS)?;
    if let Some(map) = &args.map {
        files::write_new(map, svg(&route).as_bytes())?;
    }
    let farthest = route.stretches.iter().map(|stretch| inverse(route.home, stretch.to).distance_m).fold(0.0, f64::max);
    Ok(json!({
        "home": [route.home.lat_deg, route.home.lon_deg],
        "items": plan.mission.len(),
        "fence_items": plan.fence.len(),
        "rally_points": plan.rally.len(),
        "distance_m": route.distance_m().round(),
        "duration_s": route.duration_s().round(),
        "farthest_m": farthest.round(),
        "ends": route.endless.is_none(),
    }))
}

/// The way of a plan.
fn svg(route: &Route) -> String {
    let places: Vec<Position> =
        std::iter::once(route.home).chain(route.stretches.iter().map(|stretch| stretch.to)).collect();
    crate::zones::way(&places)
}

/// Writes a file in another format.
pub(super) fn convert(args: &Convert) -> Result<String> {
    let (from, to) = (files::ending(&args.from), files::ending(&args.to));
    let is_plan = matches!(from.as_str(), "plan" | "waypoints" | "txt");
    let bytes = match to.as_str() {
        // Every word of it is kept, patterns that carry no items too.
        "plan" if from == "plan" => {
            let file = PlanFile::read(&files::bytes(&args.from)?).with_context(|| args.from.display().to_string())?;
            file.text().as_bytes().to_vec()
        }
        "plan" if is_plan => files::plan(&args.from)?.write(HABITS.cruise_ms),
        "waypoints" | "txt" if is_plan => files::plan(&args.from)?.write_waypoints().into_bytes(),
        "kml" | "kmz" | "gpx" | "geojson" | "json" => {
            let drawing = if is_plan { way(&files::plan(&args.from)?)? } else { files::drawing(&args.from)? };
            match to.as_str() {
                "kml" => drawing.to_kml().into_bytes(),
                "kmz" => drawing.to_kmz()?,
                "gpx" => drawing.to_gpx().into_bytes(),
                _ => (serde_json::to_string_pretty(&drawing.to_geojson())? + "\n").into_bytes(),
            }
        }
        "plan" | "waypoints" | "txt" => {
            bail!("{}: a drawing is no plan; `skyseal-ground plan make` makes one of it", args.from.display())
        }
        other => {
            bail!("{}: `.{other}` is none of .plan, .waypoints, .txt, .kml, .kmz, .gpx, .geojson", args.to.display())
        }
    };
    files::write_new(&args.to, &bytes)?;
    Ok(format!("{}: {} bytes\n", args.to.display(), bytes.len()))
}

/// A plan's way as a drawing.
fn way(plan: &Plan) -> Result<Drawing> {
    let route = Route::of(plan, None, HABITS)?;
    let mut places: Vec<Position> =
        std::iter::once(route.home).chain(route.stretches.iter().map(|stretch| stretch.to)).collect();
    places.dedup();
    let home = Named { name: "Take-off".into(), shape: Shape::Point(route.home) };
    let way = (places.len() > 1).then_some(Named { name: "Way".into(), shape: Shape::Line(places) });
    Ok(Drawing { shapes: std::iter::once(home).chain(way).collect() })
}
