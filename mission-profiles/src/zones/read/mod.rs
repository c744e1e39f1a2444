//! Readers: bytes of a file to a [`Dataset`], or a refusal that names what is wrong and the cure.
//!
//! Files of the real world deviate from their standards. What can be understood is read, and noted as a deviation; what can not makes its
//! zone larger or longer, and noted as a doubt. Everything is bounded: size, depth, zones, corners.

mod angle;
mod arcs;
mod assembly;
mod cursor;
mod ed269;
mod features;
mod geometry;
mod openair;
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
    let mut outlines = geometry::outlines(&At::root(geometry), &mut notes);
    let (cleaned, _) = outlines.pop().filter(|_| outlines.is_empty())?;
    (cleaned.doubt.is_none() && notes.is_clear()).then_some(cleaned.outline)
}

fn read(bytes: &[u8], assembly: &mut Assembly) -> Reading<()> {
    let whole = |what: String, cure| Unreadable { place: "whole file".into(), what, cure };
    if bytes.len() > MAX_BYTES {
        let what = format!("{} bytes are more than the {MAX_BYTES} that are read", bytes.len());
        return Err(whole(what, "split the dataset by region"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => std::borrow::Cow::Borrowed(text),
        // OpenAir files of gliding clubs are in code page 1252; only names differ.
        Err(_) if openair::looks_like(bytes) => String::from_utf8_lossy(bytes),
        Err(error) => {
            let what = format!("byte {} is not UTF-8", error.valid_up_to());
            return Err(whole(what, "save the file as UTF-8"));
        }
    };
    match text.trim_start().bytes().next() {
        None => Err(whole("it is empty".into(), "download it again")),
        Some(b'{' | b'[') => structured(&json(&text)?, assembly),
        Some(b'<') => {
            let cure = "use the dataset's ED-269, ED-318, GeoJSON, YAIXM or OpenAir form";
            Err(whole("XML (AIXM, KML) is not read".into(), cure))
        }
        Some(_) if openair::looks_like(bytes) => openair::read(&text, assembly),
        Some(_) => structured(&yaml(&text)?, assembly),
    }
}

fn json(text: &str) -> Reading<Value> {
    serde_json::from_str(text).map_err(|error| Unreadable {
        place: format!("line {}, column {}", error.line(), error.column()),
        what: format!("it is not JSON: {error}"),
        cure: "download it again, or have it mended by whoever made it",
    })
}

fn yaml(text: &str) -> Reading<Value> {
    serde_saphyr::from_str(text).map_err(|error| Unreadable {
        place: error
            .location()
            .map_or_else(|| "whole file".into(), |at| format!("line {}, column {}", at.line(), at.column())),
        what: "it is neither OpenAir nor YAML".into(),
        cure: "check that the file is a dataset of zones: ED-269, ED-318, GeoJSON, YAIXM or OpenAir",
    })
}

fn structured(root: &Value, assembly: &mut Assembly) -> Reading<()> {
    let at = At::root(root);
    if at.has("airspace") || at.has("rat") {
        return yaixm::read(&at, assembly);
    }
    if at.has("UASZoneList") {
        return ed269::read(&at, "UASZoneList", assembly);
    }
    if at.has("features") {
        let first = at.field("features").items();
        let flat = first.first().is_some_and(|feature| !feature.has("properties") && feature.has("identifier"));
        return if flat { ed269::read(&at, "features", assembly) } else { features::read(&at, assembly) };
    }
    if at.has("properties") && at.has("geometry") {
        return features::read(&at, assembly);
    }
    let what = if at.has("identifier") && at.has("country") {
        "these are the properties of a zone alone, without its place"
    } else {
        "it has neither `features` (ED-318, GeoJSON), `UASZoneList` (ED-269) nor `airspace` (YAIXM)"
    };
    Err(Unreadable {
        place: "whole file".into(),
        what: what.into(),
        cure: "take the whole dataset, as its publisher gives it out",
    })
}
