//! EUROCAE ED-269: `UASZoneList`, or a list of `features` of the same form.

use super::super::{Authority, Certainty, Kind, Limit, Restriction, Volume, Zone};
use super::assembly::{Assembly, Notes};
use super::cursor::{At, short};
use super::{Reading, geometry, times};
use crate::place::Datum;

/// Identifiers have at most 7 characters (ED-269 4.2); longer ones are kept.
const IDENTIFIER: usize = 7;

pub(super) fn read(root: &At<'_>, list: &str, assembly: &mut Assembly) -> Reading<()> {
    assembly.source.format = "ED-269";
    assembly.source.edition = root.field("formatVersion").text().unwrap_or_default();
    head(root, "createdAt", assembly);
    for item in root.field(list).items() {
        assembly.zone(&item.path, |notes| zone(&item, notes))?;
    }
    Ok(())
}

/// The date of issue, that a file may have wrong.
pub(super) fn head(root: &At<'_>, issued: &str, assembly: &mut Assembly) {
    let at = root.field(issued);
    match at.instant() {
        Ok(instant) => assembly.source.issued = instant,
        Err(said) => assembly.doubt(&at.path, format!("`{said}` is no date: the dataset's age is unknown")),
    }
}

fn zone(item: &At<'_>, notes: &mut Notes) -> Result<Zone, String> {
    let mut volumes = Vec::new();
    for part in item.field("geometry").items() {
        let (lower, upper) = (limit(&part, "lower", notes), limit(&part, "upper", notes));
        for (outline, at) in geometry::outlines(&part.field("horizontalProjection"), notes) {
            volumes.push(notes.volume(&at.path, outline, lower, upper));
        }
    }
    Ok(described(item, &item.any(&["restriction", "type"]), volumes, notes))
}

/// What ED-269 and ED-318 say of a zone beside its volumes, in the fields that both have.
pub(super) fn described(item: &At<'_>, restriction: &At<'_>, volumes: Vec<Volume>, notes: &mut Notes) -> Zone {
    let identifier = item.field("identifier").text();
    if identifier.as_ref().is_some_and(|identifier| identifier.chars().count() > IDENTIFIER) {
        notes.deviation(&item.path, format!("its identifier has more than {IDENTIFIER} characters"));
    }
    let name = item.field("name").text().or_else(|| identifier.clone()).unwrap_or_else(|| item.path.clone());
    let restriction = match restriction.code().as_str() {
        "NO_RESTRICTION" | "NONE" => Restriction::None,
        "CONDITIONAL" => Restriction::Conditional,
        "REQ_AUTHORISATION" | "USPACE" => Restriction::AskFirst,
        "PROHIBITED" => Restriction::Prohibited,
        other => {
            notes.doubt(&restriction.path, format!("`{}` is no restriction; taken as prohibited", short(other)));
            Restriction::Prohibited
        }
    };
    let texts = |names: &[&str]| names.iter().flat_map(|name| item.field(name).texts()).collect::<Vec<_>>();
    let periods = item.any(&["limitedApplicability", "applicability"]);
    Zone {
        identifier: identifier.unwrap_or_else(|| name.clone()),
        name,
        kind: Kind::Geographical,
        restriction,
        conditions: texts(&["restrictionConditions", "message", "otherReasonInfo"]),
        reasons: texts(&["reason", "reasons"]),
        volumes,
        applicability: times::periods(&periods, notes),
        authorities: item.any(&["zoneAuthority", "authority"]).items().iter().map(authority).collect(),
        certainty: Certainty::Whole,
    }
}

fn authority(item: &At<'_>) -> Authority {
    let text = |name: &str| item.field(name).text().unwrap_or_default();
    Authority {
        name: text("name"),
        service: text("service"),
        contact: text("contactName"),
        phone: text("phone"),
        email: text("email"),
        site: item.any(&["siteURL", "SiteURL"]).text().unwrap_or_default(),
        purpose: text("purpose"),
        notice: text("intervalBefore"),
    }
}

fn limit(part: &At<'_>, which: &str, notes: &mut Notes) -> Limit {
    let (value, datum) = (part.field(&format!("{which}Limit")), part.field(&format!("{which}VerticalReference")));
    bounded(&value, &datum, &part.field("uomDimensions"), which == "lower", notes)
}

/// A limit of a value, a reference and a unit; absent or unreadable it is the surface below, and none above.
pub(super) fn bounded(value: &At<'_>, datum: &At<'_>, unit: &At<'_>, is_lower: bool, notes: &mut Notes) -> Limit {
    let open = if is_lower { Limit::Surface } else { Limit::Unlimited };
    if value.is_absent() {
        return open;
    }
    let feet = match unit.code().as_str() {
        "M" | "" => Some(false),
        "FT" | "F" | "FEET" => Some(true),
        _ => None,
    };
    let reference = match datum.code().as_str() {
        "AGL" | "SFC" | "ASFC" => Some(Datum::Agl),
        "AMSL" | "MSL" => Some(Datum::Amsl),
        "WGS84" | "HAE" => Some(Datum::Ellipsoid),
        // Zero of whatever is the surface; elsewhere nobody knows.
        "" if value.number() == Some(0.0) => Some(Datum::Agl),
        _ => None,
    };
    let read = || match (value.number(), feet, reference) {
        (Some(value), Some(feet), Some(datum)) => Limit::new(value, feet, datum),
        (None, ..) => Limit::read(&value.text()?),
        _ => None,
    };
    read().unwrap_or_else(|| {
        let said = [value, unit, datum].map(|at| at.text().unwrap_or_else(|| "nothing".into()));
        notes.doubt(&value.path, format!("`{}` is no height; taken as {open}", short(&said.join(" "))));
        open
    })
}
