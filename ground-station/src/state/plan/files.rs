//! Plans and drawings of others taken in, and ours given out: bytes in, bytes out.

use std::sync::Arc;

use mission_profiles::plan_files::{Change, Drawing, Named, Plan, PlanFile, Shape, fence, rally};
use mission_profiles::profile::Pattern;

use super::document::{Document, Edit, Imported};
use super::kinds::Form;
use super::work::Worked;
use crate::plan::arguments::Kind;

/// Rally points lie so high above the take-off, metres.
const RALLY_HEIGHT_M: f32 = 50.0;

/// What a file does to the document: a plan is flown as it is, of a drawing the first area is taken, else the first line, else its points.
///
/// # Errors
/// Names the file, and what is wrong with it.
pub(crate) fn taken(name: &str, bytes: &[u8], pattern: Pattern) -> Result<Edit, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{name}: {error}");
    if bytes.starts_with(b"QGC WPL") {
        let text = std::str::from_utf8(bytes).map_err(|error| wrong(&error))?;
        let plan = Plan::read_waypoints(text).map_err(|error| wrong(&error))?;
        return Ok(Edit::Import(Arc::new(Imported { name: name.into(), file: None, plan, changed: false })));
    }
    if name.to_ascii_lowercase().ends_with(".plan") {
        let file = PlanFile::read(bytes).map_err(|error| wrong(&error))?;
        let plan = file.plan().map_err(|error| wrong(&error))?;
        return Ok(Edit::Import(Arc::new(Imported { name: name.into(), file: Some(file), plan, changed: false })));
    }
    let drawing = Drawing::read(bytes).map_err(|error| wrong(&error))?;
    let (form, corners) = shape(&drawing).ok_or_else(|| wrong(&"it shows nothing that can be flown"))?;
    Ok(Edit::Shape(form, form.kind_for(pattern), corners))
}

fn shape(drawing: &Drawing) -> Option<(Form, Vec<mission_profiles::place::Position>)> {
    let first = |fits: fn(&Shape) -> bool| drawing.shapes.iter().find(|named| fits(&named.shape));
    let places = |named: &Named| named.shape.places().to_vec();
    let area = first(|shape| matches!(shape, Shape::Area(_))).map(|named| (Form::Area, places(named)));
    let line = || first(|shape| matches!(shape, Shape::Line(_))).map(|named| (Form::Line, places(named)));
    let points: Vec<_> = drawing.shapes.iter().flat_map(|named| named.shape.places()).copied().collect();
    area.or_else(line).or_else(|| (!points.is_empty()).then_some((Form::Points, points)))
}

/// A file of what is planned, in the format that its name's ending says.
///
/// # Errors
/// When nothing is planned, or the ending is none that is known.
pub(crate) fn given(name: &str, document: &Document, worked: Option<&Worked>) -> Result<Vec<u8>, String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let plan =
        || worked.map(|worked| &worked.plan).ok_or_else(|| format!("{name}: there is no plan yet to be written"));
    match ending.as_str() {
        "plan" => match document.imported.as_deref() {
            Some(imported) if imported.file.is_some() => kept(name, document, imported),
            _ => Ok(plan()?.write(document.speed_ms)),
        },
        "waypoints" | "txt" => Ok(plan()?.write_waypoints().into_bytes()),
        "kml" => Ok(drawing(name, document)?.to_kml().into_bytes()),
        "kmz" => drawing(name, document)?.to_kmz().map_err(|error| format!("{name}: {error}")),
        "gpx" => Ok(drawing(name, document)?.to_gpx().into_bytes()),
        "geojson" => Ok(drawing(name, document)?.to_geojson().to_string().into_bytes()),
        _ => Err(format!("{name}: end it in .plan, .waypoints, .kml, .kmz, .gpx or .geojson")),
    }
}

/// The file as it came, in which only what was changed here is written anew.
fn kept(name: &str, document: &Document, imported: &Imported) -> Result<Vec<u8>, String> {
    let Some(file) = &imported.file else { return Err(format!("{name}: it came from no .plan")) };
    let was = imported.plan.planned_home;
    let home = document.home.map(|home| [home.lat_deg, home.lon_deg, document.home_amsl_m.unwrap_or(0.0)]);
    let areas = |inside: bool| {
        let wanted = document.fence.iter().filter(|area| area.inside == inside && area.corners.len() >= 3);
        wanted.map(|area| area.corners.clone()).collect::<Vec<_>>()
    };
    let fence = (!document.fence.is_empty()).then(|| fence(&areas(true), &areas(false)));
    let rally = (!document.rally.is_empty()).then(|| rally(&document.rally, RALLY_HEIGHT_M));
    let planned_home = home.filter(|home| was != Some(*home));
    let mission = imported.changed.then_some(&imported.plan.mission[..]);
    let change = Change { planned_home, mission, fence: fence.as_deref(), rally: rally.as_deref() };
    if planned_home.is_none() && mission.is_none() && fence.is_none() && rally.is_none() {
        return Ok(file.text().as_bytes().to_vec());
    }
    let changed = file.changed(&change).map_err(|error| format!("{name}: {error}"))?;
    Ok(changed.text().as_bytes().to_vec())
}

/// What is drawn.
fn drawing(name: &str, document: &Document) -> Result<Drawing, String> {
    if document.corners.is_empty() {
        return Err(format!("{name}: nothing is drawn; a plan is written as .plan or .waypoints"));
    }
    let named = |shape: Shape, name: &str| Named { name: name.into(), shape };
    let shapes = match document.form {
        Form::Area => vec![named(Shape::Area(document.corners.clone()), "Area")],
        Form::Line => vec![named(Shape::Line(document.corners.clone()), "Line")],
        Form::Points => document.corners.iter().map(|place| named(Shape::Point(*place), "Point")).collect(),
    };
    Ok(Drawing { shapes })
}

/// The places of an imported plan as a line that can be edited, flown as it is drawn.
pub(crate) fn unpacked(worked: &Worked) -> Option<Edit> {
    (worked.way.len() >= 2).then(|| Edit::Shape(Form::Line, Kind::Free, worked.way.clone()))
}
