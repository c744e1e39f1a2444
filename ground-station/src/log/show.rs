//! What `log show` prints: one flight, and who changed what.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use evidence_store::ids::PersonId;
use evidence_store::people::People;
use evidence_store::register::{Register, Version};
use evidence_store::store::Folder;
use flight_record::Label;
use jiff::Timestamp;
use mission_profiles::flight_log::{Entry, changes, local, prompts};
use mission_profiles::place::Position;
use serde_json::{Value, json};

use super::arguments::Show;
use super::register::{self, find, held};
use super::{files, pretty};
use crate::{desk, zones};

/// Shows it.
pub(super) fn show(args: &Show, now: Timestamp) -> Result<String> {
    let (entry, versions) = match &args.shelf.store {
        None => (files::draft(&args.drafts.path(&args.id)?)?, Vec::new()),
        Some(store) => {
            let logged = find(held(store, &args.shelf.outside_head)?, &args.id)?;
            let history = desk::history(Register::FlightLog, store, &args.shelf.outside_head, logged.version.digest)?;
            let folder = Folder::open(store)?;
            let read = |version: Version| Ok((register::entry(&folder, &version)?, version));
            (logged.entry, history.into_iter().map(read).collect::<Result<Vec<_>>>()?)
        }
    };
    if let Some(path) = &args.map {
        files::put_new(path, map(&entry)?.as_bytes())?;
    }
    let names = names(args.shelf.store.as_deref())?;
    let versions = steps(&versions, &names);
    if args.json {
        let tell: Vec<_> = prompts(&entry).iter().map(|prompt| prompt.said(now)).collect();
        return pretty(
            &json!({"entry": entry, "versions": versions, "tell": tell, "lacks": entry.lacks(), "kept_until": entry.kept_until()}),
        );
    }
    Ok(text(&entry, &versions, now))
}

/// Under which names the people of a store sign in.
pub(super) fn names(store: Option<&Path>) -> Result<BTreeMap<PersonId, Label>> {
    let Some(store) = store else { return Ok(BTreeMap::new()) };
    let accounts = People::open(&store.join("people.sqlite"))?.accounts()?;
    Ok(accounts.into_iter().map(|account| (account.person, account.label)).collect())
}

/// Each version: who entered it, when, why, and what it changed.
fn steps(versions: &[(Entry, Version)], names: &BTreeMap<PersonId, Label>) -> Vec<Value> {
    let before = std::iter::once(None).chain(versions.iter().map(|(entry, _)| Some(entry)));
    let step = |((entry, version), before): (&(Entry, Version), Option<&Entry>)| {
        let place = &version.entry.place_in_ledger;
        json!({
            "sha256": version.digest.to_string(),
            "line": place.seq,
            "at": place.local,
            "person": version.entry.actor.person,
            "name": names.get(&version.entry.actor.person),
            "reason": version.entry.reason,
            "changes": before.map(|before| changes(before, entry)),
        })
    };
    versions.iter().zip(before).map(step).collect()
}

/// For people.
fn text(entry: &Entry, versions: &[Value], now: Timestamp) -> String {
    let mut text = format!("{}\n", entry.id);
    for (name, said) in facts(entry) {
        if !said.is_empty() {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "  {name:<14} {said}");
        }
    }
    for prompt in prompts(entry) {
        let _ = writeln!(text, "  REPORT {}", prompt.said(now));
    }
    if !versions.is_empty() {
        text.push_str("Versions\n");
    }
    for version in versions {
        let said = |key: &str| version[key].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(
            text,
            "  line {} of the ledger, {}, {}: {}",
            version["line"],
            said("at"),
            said("name"),
            said("reason")
        );
        for change in version["changes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let _ = writeln!(text, "    {change}");
        }
    }
    text
}

/// The facts of an entry, named and in words; those that say nothing are empty.
pub(crate) fn facts(entry: &Entry) -> Vec<(&'static str, String)> {
    let header = &entry.header;
    let joined = |parts: &[&str]| parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let minutes = |seconds: u32| format!("{:.1} min", f64::from(seconds) / 60.0);
    let moment = |moment: mission_profiles::flight_log::Moment| {
        format!("{} ({} UTC), {}", local(moment.at), moment.at.strftime("%H:%M:%S"), moment.said())
    };
    let light = match (entry.day_s(), entry.night_s) {
        (Some(day_s), Some(night_s)) => format!(": {} by day, {} by night", minutes(day_s), minutes(night_s)),
        _ => ", nobody knows whether by day".to_owned(),
    };
    let incident = |incident: &mission_profiles::flight_log::Incident| {
        let reported = if incident.reported.is_empty() { "not reported" } else { incident.reported.as_str() };
        format!("{}: {} ({reported})", incident.grade, incident.what)
    };
    let record = |record: &mission_profiles::flight_log::Reconciled| {
        let said = if record.differences.is_empty() { "agrees".to_owned() } else { record.differences.join("; ") };
        format!("{} ({}): {said}", record.flight, record.verdict)
    };
    let way = format!("{:.0} m flown, {:.0} m away at most", entry.distance_m, entry.farthest_m);
    let height = entry.highest_m.map(|highest_m| format!(", {highest_m:.0} m above the take-off at most"));
    let battery = entry.battery_percent.map(|[from, to]| format!("{from:.0} % to {to:.0} %")).unwrap_or_default();
    vec![
        ("operator", header.operator_id.clone()),
        ("aircraft", joined(&[&header.make, &header.model, &header.serial])),
        ("recorder", header.device.clone()),
        ("battery", joined(&[&header.battery, &battery])),
        ("pilot", joined(&[&header.pilot, &header.flyer_id])),
        ("crew", header.crew.join("; ")),
        ("activity", header.activity.clone()),
        ("place", header.place.clone()),
        ("take-off", moment(entry.take_off)),
        ("landing", moment(entry.landing)),
        ("in the air", format!("{}{light}", minutes(entry.duration_s()))),
        ("way", format!("{way}{}", height.unwrap_or_default())),
        ("sight", header.sight.clone()),
        ("authorisations", header.authorisations.join("; ")),
        ("preflight", header.preflight.clone()),
        ("remarks", entry.remarks.replace('\n', "; ")),
        ("defects", entry.defects.join("; ")),
        ("incidents", entry.incidents.iter().map(incident).collect::<Vec<_>>().join("; ")),
        ("records", entry.records.iter().map(record).collect::<Vec<_>>().join("; ")),
        ("of the draft", entry.notes.join("; ")),
        ("not said", entry.lacks().join(", ")),
        ("kept until", local(entry.kept_until())[..10].to_owned()),
    ]
}

/// The way flown, as SVG.
pub(super) fn map(entry: &Entry) -> Result<String> {
    let places: Vec<Position> = entry.track.iter().filter_map(|[lat, lon, _]| Position::new(*lat, *lon)).collect();
    if places.is_empty() {
        anyhow::bail!("{}: no way was kept of it, so there is nothing to draw", entry.id)
    }
    Ok(zones::way(&places))
}
