//! YAIXM: UK airspace as YAML or JSON (`airspace`, and temporary restrictions under `rat`).

use super::super::shape::{self, Cleaned, Edges};
use super::super::{Kind, Limit, Restriction, Volume, Zone};
use super::assembly::{Assembly, Notes};
use super::cursor::{At, short};
use super::{Reading, angle, arcs, ed269};
use crate::place::Position;

const NAUTICAL_MILE_M: f64 = 1_852.0;

pub(super) fn read(root: &At<'_>, assembly: &mut Assembly) -> Reading<()> {
    assembly.source.format = "YAIXM";
    let release = root.field("release");
    assembly.source.edition = release.any(&["airac_date", "schema_version"]).text().unwrap_or_default();
    ed269::head(&release, "timestamp", assembly);
    assembly.source.valid_from = release.field("airac_date").instant().unwrap_or_default();
    for other in ["loa", "obstacle", "service"].into_iter().filter(|name| root.has(name)) {
        assembly.deviation(other, "it holds no airspace of its own, and is not read");
    }
    for (list, temporary) in [("airspace", false), ("rat", true)] {
        for item in root.field(list).items() {
            assembly.zone(&item.path, |notes| zone(&item, temporary, notes))?;
        }
    }
    Ok(())
}

fn zone(item: &At<'_>, temporary: bool, notes: &mut Notes) -> Result<Zone, String> {
    let name = item.field("name").text().unwrap_or_else(|| item.path.clone());
    let identifier = item.field("id").text().unwrap_or_else(|| name.to_lowercase().replace(' ', "-"));
    let volumes = item.field("geometry").items().iter().filter_map(|part| volume(part, notes)).collect();
    let (kind, restriction) = kind(item, notes);
    let mut zone = Zone::unexplained(identifier, name, volumes);
    (zone.kind, zone.restriction) = (if temporary { Kind::Temporary } else { kind }, restriction);
    let rules =
        std::iter::once(item.clone()).chain(item.field("geometry").items()).flat_map(|at| at.field("rules").texts());
    zone.conditions = rules.collect();
    zone.conditions.sort_unstable();
    zone.conditions.dedup();
    Ok(zone)
}

/// What the type of an airspace is to a drone below 400 ft: the UK's flight restriction zones follow the traffic zones (ANO 2016 art. 94A).
fn kind(item: &At<'_>, notes: &mut Notes) -> (Kind, Restriction) {
    let (main, local) = (item.field("type"), item.field("localtype").code());
    match main.code().as_str() {
        "P" => (Kind::Prohibited, Restriction::Prohibited),
        "R" => (Kind::Restricted, Restriction::Prohibited),
        "D" | "D_OTHER" => (Kind::Danger, Restriction::Conditional),
        "ATZ" => (Kind::Aerodrome, Restriction::AskFirst),
        "CTA" | "CTR" | "TMA" => (Kind::Controlled, Restriction::None),
        "OTHER" if ["GLIDER", "UL", "NOATZ", "MATZ", "RMZ", "TMZ", "ILS", ""].contains(&local.as_str()) => {
            (Kind::Information, Restriction::None)
        }
        other => {
            let said = format!("{other} {local}");
            notes.doubt(
                &main.path,
                format!("`{}` is no type that is known; permission is to be asked", short(said.trim())),
            );
            (Kind::Information, Restriction::AskFirst)
        }
    }
}

fn volume(part: &At<'_>, notes: &mut Notes) -> Option<Volume> {
    let mut limit = |which: &str, open: Limit| {
        let at = part.field(which);
        let said = at.text().unwrap_or_default();
        Limit::read(&said).unwrap_or_else(|| {
            notes.doubt(&at.path, format!("`{}` is no height; taken as {open}", short(&said)));
            open
        })
    };
    let (lower, upper) = (limit("lower", Limit::Surface), limit("upper", Limit::Unlimited));
    let boundary = part.field("boundary");
    let Some(cleaned) = outline(&boundary, notes) else {
        notes.doubt(&boundary.path, "a part has no corner that can be read, and is not kept");
        return None;
    };
    Some(notes.volume(&part.path, cleaned, lower, upper))
}

fn outline(boundary: &At<'_>, notes: &mut Notes) -> Option<Cleaned> {
    let items = boundary.items();
    if let [only] = &items[..]
        && only.has("circle")
    {
        let circle = only.field("circle");
        return Some(shape::circle(place(&circle.field("centre"))?, radius_m(&circle).unwrap_or(f64::NAN)));
    }
    let mut ring = Ring { corners: Vec::new(), doubts: Vec::new(), arcs: false };
    let last = items
        .last()
        .and_then(|item| place(&item.field("arc").field("to")).or_else(|| place(item.field("line").items().last()?)));
    for item in &items {
        ring.add(item, last);
    }
    if let Some(doubt) = ring.doubts.first() {
        return shape::around(&ring.corners, doubt.clone());
    }
    if ring.corners.is_empty() {
        notes.doubt(&boundary.path, "it is empty");
    }
    shape::polygon(&ring.corners, &[], Edges::Geodesic, if ring.arcs { arcs::SAGITTA_M } else { 0.0 })
}

struct Ring {
    corners: Vec<Position>,
    doubts: Vec<String>,
    arcs: bool,
}

impl Ring {
    /// A line or an arc; an arc that comes first begins where the ring ends.
    fn add(&mut self, item: &At<'_>, last: Option<Position>) {
        if item.has("line") {
            for corner in item.field("line").items() {
                match place(&corner) {
                    Some(corner) => self.corners.push(corner),
                    None => self.doubts.push(format!("{} is no position", corner.path)),
                }
            }
            return;
        }
        let arc = item.field("arc");
        let clockwise = match arc.field("dir").code().as_str() {
            "CW" => Some(true),
            "CCW" => Some(false),
            _ => None,
        };
        let from = self.corners.last().copied().or(last);
        let (Some(centre), Some(to), Some(clockwise), Some(from)) =
            (place(&arc.field("centre")), place(&arc.field("to")), clockwise, from)
        else {
            self.doubts.push(format!("{} is neither a line nor an arc", item.path));
            return;
        };
        let (corners, on_circle) = arcs::between(centre, from, to, clockwise);
        self.arcs = true;
        self.corners.extend(corners);
        let far_off = radius_m(&arc).is_none_or(|radius_m| {
            (radius_m - crate::place::inverse(centre, to).distance_m).abs() > (radius_m * 0.05).max(200.0)
        });
        if !on_circle || far_off {
            self.doubts.push(format!("{}: its ends are not on its circle", arc.path));
        }
    }
}

fn place(at: &At<'_>) -> Option<Position> {
    angle::position(&at.text()?).map(|(place, _)| place)
}

/// `10 nm`, `0.5 km`, `200 m`.
fn radius_m(at: &At<'_>) -> Option<f64> {
    let said = at.field("radius").text()?.to_ascii_lowercase();
    let (number, unit) = said.split_once(' ')?;
    let metres = match unit.trim() {
        "nm" => NAUTICAL_MILE_M,
        "km" => 1_000.0,
        "m" => 1.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * metres)
}
