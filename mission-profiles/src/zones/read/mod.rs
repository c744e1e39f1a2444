//! Readers: bytes of a file to a [`Dataset`], or a refusal that names what is wrong and the cure.
//!
//! Files of the real world deviate from their standards. What can be understood is read, and noted as a deviation; what can not makes its
//! zone larger or longer, and noted as a doubt. Everything is bounded: size, depth, zones, corners.

mod angle;
mod arcs;
mod assembly;
mod country;
mod cursor;
mod ed269;
mod features;
mod geometry;
mod limits;
mod meaning;
mod moment;
mod openair;
mod rings;
mod text;
mod times;
mod yaixm;

use serde_json::Value;

use super::{Dataset, Outline};
use assembly::Assembly;
use cursor::At;

/// Larger files are refused, bytes.
pub const MAX_BYTES: usize = 32 << 20;
/// Files with more zones are refused.
pub const MAX_ZONES: usize = 50_000;
/// Files with more corners are refused.
pub const MAX_CORNERS: usize = 2_000_000;

/// Why a file is refused whole: place in it, reason, cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {place}: {what}; {cure}")]
pub struct Refusal {
    /// The file's name, as it was given.
    pub file: String,
    /// Where in it.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What helps.
    pub cure: String,
}

/// What a reader says of the file it gives up; the file's name is added by [`dataset`].
#[derive(Debug)]
struct Unreadable {
    place: String,
    what: String,
    cure: &'static str,
}

type Reading<T> = Result<T, Unreadable>;

/// Reads the zones of `bytes`, a file called `name`: ED-269, ED-318, GeoJSON, YAIXM (as YAML or JSON) or OpenAir, by its content.
///
/// # Errors
/// When it is none of these, holds no zone, or is beyond the bounds.
pub fn dataset(name: &str, bytes: &[u8]) -> Result<Dataset, Refusal> {
    let mut assembly = Assembly::new(name, bytes);
    read(bytes, &mut assembly).and_then(|()| assembly.finish()).map_err(|unreadable| Refusal {
        file: name.into(),
        place: unreadable.place,
        what: unreadable.what,
        cure: unreadable.cure.into(),
    })
}

/// The outline of a GeoJSON geometry that is one polygon or one circle, read whole.
#[must_use]
pub fn outline(geometry: &Value) -> Option<Outline> {
    let mut notes = assembly::Notes::default();
    let mut outlines = geometry::outlines(&At::root(geometry), &At::root(&Value::Null), &mut notes);
    let (cleaned, _) = outlines.pop().filter(|_| outlines.is_empty())?;
    (cleaned.doubt.is_none() && notes.is_clear()).then_some(cleaned.outline)
}

fn read(bytes: &[u8], assembly: &mut Assembly) -> Reading<()> {
    let whole = |what: String, cure| Unreadable { place: "whole file".into(), what, cure };
    if bytes.len() > MAX_BYTES {
        let what = format!("{} bytes are more than the {MAX_BYTES} that are read", bytes.len());
        return Err(whole(what, "split the dataset by region"));
    }
    let text = text::decoded(bytes, assembly)?;
    match text.trim_start().bytes().next() {
        None => Err(whole("it is empty".into(), "download it again")),
        Some(b'{' | b'[') => structured(&text::json(&text, assembly)?, assembly),
        Some(b'<') => {
            let cure = "use the dataset's ED-269, ED-318, GeoJSON, YAIXM or OpenAir form";
            Err(whole("XML (AIXM, KML) or HTML is not read".into(), cure))
        }
        Some(_) if openair::looks_like(&text) => openair::read(&text, assembly),
        Some(_) => structured(&text::yaml(&text)?, assembly),
    }
}

/// How deep in a file its lists of zones are looked for.
const MAX_WRAPPERS: usize = 3;

fn structured(root: &Value, assembly: &mut Assembly) -> Reading<()> {
    let at = At::root(root);
    if at.has("airspace") || at.has("rat") {
        return yaixm::read(&at, assembly);
    }
    let mut lists = Vec::new();
    gather(&at, &mut lists, MAX_WRAPPERS);
    let Some((first, ..)) = lists.first() else {
        let what = if at.has("identifier") && at.has("country") {
            "these are the properties of a zone alone, without its place"
        } else {
            "it has neither `features` (ED-318, GeoJSON), `UASZoneList` (ED-269) nor `airspace` (YAIXM)"
        };
        return Err(Unreadable {
            place: "whole file".into(),
            what: what.into(),
            cure: "take the whole dataset, as its publisher gives it out",
        });
    };
    if !first.path.is_empty() || lists.len() > 1 {
        assembly.deviation("whole file", "its lists of zones do not stand where the standards have them");
    }
    for (root, items) in &lists {
        earthly(root)?;
        let flat = !items.iter().any(|zone| zone.has("properties"));
        if flat { ed269::read(root, items, assembly)? } else { features::read(root, items, assembly)? }
    }
    Ok(())
}

/// Members that hold zones.
const LISTS: [&str; 2] = ["UASZoneList", "features"];

/// The lists of zones at `at` and within it, each with the object that it is a member of.
fn gather<'v>(at: &At<'v>, lists: &mut Vec<(At<'v>, Vec<At<'v>>)>, depth: usize) {
    for name in LISTS.into_iter().filter(|name| at.has(name)) {
        lists.push((at.clone(), at.field(name).items()));
    }
    if at.has("geometry") && (at.has("properties") || at.has("identifier")) {
        return lists.push((at.clone(), vec![at.clone()]));
    }
    let items = if at.is_object() { Vec::new() } else { at.items() };
    if items.iter().any(|item| item.has("geometry")) {
        return lists.push((at.clone(), items));
    }
    if depth > 0 {
        let others = at.members().into_iter().filter(|member| !LISTS.iter().any(|name| member.is_named(name)));
        for part in others.chain(items).filter(|part| part.is_object() || part.array().is_some()) {
            gather(&part, lists, depth - 1);
        }
    }
}

/// Names of reference systems whose coordinates are longitude and latitude (RFC 7946 4: the first alone).
const DEGREES: [&str; 5] = ["CRS84", "4326", "4258", "4979", "WGS"];

/// Refuses coordinates that are metres on a map.
fn earthly(root: &At<'_>) -> Reading<()> {
    let crs = root.field("crs").field("properties").field("name");
    let name = crs.text().unwrap_or_default();
    if name.is_empty() || DEGREES.iter().any(|known| name.contains(known)) {
        return Ok(());
    }
    Err(Unreadable {
        place: crs.path,
        what: format!("coordinates by `{}` are not longitude and latitude", cursor::short(&name)),
        cure: "export the dataset in WGS 84 (EPSG:4326)",
    })
}
