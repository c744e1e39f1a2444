//! EUROCAE ED-269: `UASZoneList`, or a list of `features` of the same form.

use super::super::{Authority, Certainty, Kind, Restriction, Volume, Zone};
use super::assembly::{Assembly, Notes};
use super::cursor::{At, short};
use super::{Reading, country, geometry, limits, times};

/// Identifiers have at most 7 characters (ED-269 4.2); longer ones are kept.
const IDENTIFIER: usize = 7;
/// What says when a zone holds, in ED-318 and in ED-269.
const PERIODS: [&str; 2] = ["limitedApplicability", "applicability"];
/// What a flat form says of it.
const FLAT_PERIOD: [&str; 7] =
    ["startDateTime", "endDateTime", "day", "startTime", "endTime", "startEvent", "endEvent"];

pub(super) fn read(root: &At<'_>, zones: &[At<'_>], assembly: &mut Assembly) -> Reading<()> {
    assembly.source.format = "ED-269";
    assembly.source.edition = root.field("formatVersion").text().unwrap_or_default();
    head(root, "createdAt", assembly);
    for item in zones {
        assembly.zone(&item.path, |notes| Ok(zone(item, notes)))?;
    }
    Ok(())
}

/// The date of issue, that a file may have wrong.
pub(super) fn head(root: &At<'_>, issued: &str, assembly: &mut Assembly) {
    let at = root.field(issued);
    match at.instant() {
        Ok(instant) => assembly.source.issued = instant.or(assembly.source.issued),
        Err(said) => assembly.doubt(&at.path, format!("`{said}` is no date: the dataset's age is unknown")),
    }
}

fn zone(item: &At<'_>, notes: &mut Notes) -> Zone {
    let mut volumes = Vec::new();
    for part in item.field("geometry").items() {
        let projection = part.field("horizontalProjection");
        // Some put the outline, and some the limits, a step higher.
        let projections = if projection.is_absent() { vec![part.clone()] } else { projection.items() };
        let bounds = if limits::speaks(&part) { &part } else { item };
        let (lower, upper) = limits::limits(bounds, false, notes);
        for projection in projections {
            for (outline, at) in geometry::outlines(&projection, &part, notes) {
                volumes.push(notes.volume(&at.path, outline, lower, upper));
            }
        }
    }
    described(std::slice::from_ref(item), volumes, notes)
}

/// What ED-269 and ED-318 say of a zone beside its volumes, in the fields that both have; of several places the first that speaks.
pub(super) fn described(places: &[At<'_>], mut volumes: Vec<Volume>, notes: &mut Notes) -> Zone {
    let field = |names: &[&str]| first(places, names);
    let (identifier, path) =
        (field(&["identifier"]).text(), places.first().map(|at| at.path.clone()).unwrap_or_default());
    if identifier.as_ref().is_some_and(|identifier| identifier.chars().count() > IDENTIFIER) {
        notes.deviation(&path, format!("its identifier has more than {IDENTIFIER} characters"));
    }
    let name = field(&["name"]).text().or_else(|| identifier.clone()).unwrap_or(path);
    country::check(&field(&["country"]), &mut volumes, notes);
    let texts = |names: &[&str]| names.iter().flat_map(|name| field(&[*name]).texts()).collect::<Vec<_>>();
    Zone {
        identifier: identifier.unwrap_or_else(|| name.clone()),
        name,
        kind: Kind::Geographical,
        restriction: restriction(&field(&["restriction", "type"]), notes),
        conditions: texts(&["restrictionConditions", "message", "otherReasonInfo"]),
        reasons: texts(&["reason", "reasons"]),
        volumes,
        applicability: times::periods(&periods(places), notes),
        authorities: authorities(places),
        certainty: Certainty::Whole,
    }
}

/// The first of these members that stands in one of these places, the places in their order.
fn first<'v>(places: &[At<'v>], names: &[&str]) -> At<'v> {
    let there = names.iter().find_map(|name| places.iter().map(|at| at.field(name)).find(|at| !at.is_absent()));
    there.unwrap_or_else(|| places[0].field(names[0]))
}

/// Where the periods stand: in their list, or flat among the other members.
fn periods<'v>(places: &[At<'v>]) -> At<'v> {
    let flat = || places.iter().find(|at| FLAT_PERIOD.iter().any(|name| !at.field(name).is_absent()));
    let list = first(places, &PERIODS);
    if list.is_absent() { flat().cloned().unwrap_or(list) } else { list }
}

/// Whether `at` has a restriction's word, by either standard's name of it.
pub(super) fn has_restriction(at: &At<'_>) -> bool {
    ["restriction", "type"].iter().any(|name| word(&at.field(name)).is_some())
}

fn word(at: &At<'_>) -> Option<Restriction> {
    match at.code().replace([' ', '-'], "_").as_str() {
        "NO_RESTRICTION" => Some(Restriction::None),
        "CONDITIONAL" => Some(Restriction::Conditional),
        "REQ_AUTHORISATION" | "USPACE" => Some(Restriction::AskFirst),
        "PROHIBITED" => Some(Restriction::Prohibited),
        _ => None,
    }
}

fn restriction(at: &At<'_>, notes: &mut Notes) -> Restriction {
    word(at).unwrap_or_else(|| {
        notes.doubt(&at.path, format!("`{}` is no restriction; taken as prohibited", short(&at.code())));
        Restriction::Prohibited
    })
}

/// Whom to ask: from their list, or flat among the other members.
fn authorities(places: &[At<'_>]) -> Vec<Authority> {
    let list = first(places, &["zoneAuthority", "authority"]);
    if !list.is_absent() {
        return list.items().iter().map(authority).collect();
    }
    let has_contact = |at: &&At<'_>| ["email", "phone", "siteURL"].iter().any(|name| !at.field(name).is_absent());
    let flat = |at: &At<'_>| Authority { name: at.field("name_authority").text().unwrap_or_default(), ..authority(at) };
    places.iter().find(has_contact).map(flat).into_iter().collect()
}

fn authority(item: &At<'_>) -> Authority {
    let text = |name: &str| item.field(name).text().unwrap_or_default();
    Authority {
        name: text("name"),
        service: text("service"),
        contact: text("contactName"),
        phone: text("phone"),
        email: text("email"),
        site: text("siteURL"),
        purpose: text("purpose"),
        notice: text("intervalBefore"),
    }
}
