//! `plan change`: a take-off, a geofence, rally points; nothing else of the plan is touched.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use mission_profiles::place::Position;
use mission_profiles::plan_files::{self, PlanFile, Shape};

use super::arguments::Change;
use super::files;

/// Does it; what to print.
pub(super) fn change(args: &Change) -> Result<String> {
    let named = || args.plan.display().to_string();
    let plan = PlanFile::read(&files::bytes(&args.plan)?).with_context(named)?;
    let area = |shape: &Shape| matches!(shape, Shape::Area(_));
    let inside = drawn(args.fence.as_deref(), "area", area)?;
    let outside = drawn(args.keep_out.as_deref(), "area", area)?;
    let rally = drawn(args.rally.as_deref(), "point", |shape| matches!(shape, Shape::Point(_)))?;
    let fence = (args.fence.is_some() || args.keep_out.is_some()).then(|| plan_files::fence(&inside, &outside));
    let rally = args.rally.is_some().then(|| plan_files::rally(&rally.concat(), args.rally_height));
    let planned_home = args.home.zip(args.home_amsl).map(|(place, amsl_m)| {
        let place = place.position();
        [place.lat_deg, place.lon_deg, amsl_m]
    });
    let change = plan_files::Change { planned_home, mission: None, fence: fence.as_deref(), rally: rally.as_deref() };
    let changed = plan.changed(&change).with_context(named)?;
    files::write_new(&args.out, changed.text().as_bytes())?;
    Ok(format!("{}: {} bytes\n", args.out.display(), changed.text().len()))
}

/// The shapes of a drawing that fit, of which there must be one; none where no drawing is named.
fn drawn(path: Option<&Path>, what: &str, fits: fn(&Shape) -> bool) -> Result<Vec<Vec<Position>>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let drawing = files::drawing(path)?;
    let fitting = drawing.shapes.iter().filter(|named| fits(&named.shape));
    let fitting: Vec<_> = fitting.map(|named| named.shape.places().to_vec()).collect();
    ensure!(!fitting.is_empty(), "{}: it shows no {what}", path.display());
    Ok(fitting)
}
