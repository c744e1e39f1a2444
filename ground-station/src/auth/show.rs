//! What `auth` prints.

use std::fmt::Write as _;

use anyhow::Result;
use evidence_store::register::Version;
use flight_record::Sha256;
use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, State};
use mission_profiles::zones::{Dataset, Zone};
use serde_json::{Value, json};

use super::Held;

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// What was entered.
pub(super) fn entered(authorisation: &Authorisation, digest: Sha256, json: bool) -> Result<String> {
    let (id, state) = (&authorisation.id, authorisation.state());
    if json {
        return pretty(&json!({"id": id, "state": state.word(), "sha256": digest.to_string()}));
    }
    Ok(format!("{id}: {state}; entered as {digest}\n"))
}

/// Until when it holds; nothing where it says no end.
fn until(authorisation: &Authorisation) -> Option<Timestamp> {
    authorisation.windows.iter().map(|window| window.to).max().flatten()
}

/// All, by what they are: those in force first.
pub(super) fn list(all: &[Held], now: Timestamp, json: bool) -> Result<String> {
    if json {
        let facts = |held: &Held| {
            let authorisation = &held.authorisation;
            json!({
                "id": authorisation.id,
                "kind": authorisation.kind.word(),
                "state": authorisation.state().word(),
                "authority": authorisation.issuer.name,
                "zones": authorisation.zones,
                "until": until(authorisation),
                "over": until(authorisation).is_some_and(|until| until < now),
                "sha256": held.version.digest.to_string(),
            })
        };
        return pretty(&Value::Array(all.iter().map(facts).collect()));
    }
    let order = [
        State::Activated,
        State::InPrinciple,
        State::Applied,
        State::Draft,
        State::Suspended,
        State::Closed,
        State::Refused,
        State::Expired,
    ];
    let mut text = String::new();
    for state in order {
        let of_it: Vec<_> = all.iter().filter(|held| held.authorisation.state() == state).collect();
        if of_it.is_empty() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{state}");
        for Held { authorisation, .. } in of_it {
            let until = until(authorisation).map_or_else(
                || "no end".to_owned(),
                |until| format!("until {until}{}", if until < now { ", which is over" } else { "" }),
            );
            let zones =
                if authorisation.zones.is_empty() { "its own area".to_owned() } else { authorisation.zones.join(", ") };
            let _ = writeln!(
                text,
                "  {} ({}, {}): {zones}; {until}",
                authorisation.id,
                authorisation.kind.word(),
                authorisation.issuer.name
            );
        }
    }
    Ok(if text.is_empty() { "no permissions; enter one with `skyseal-ground auth add`\n".into() } else { text })
}

/// Where a permission's zones are looked for, and when.
pub(super) struct Zones<'a> {
    pub(super) datasets: &'a [Dataset],
    pub(super) now: Timestamp,
}

impl Zones<'_> {
    /// The zones of this identifier, and the datasets that have them.
    fn named(&self, identifier: &str) -> Vec<(&Zone, &Dataset)> {
        let of = |dataset| move |zone| (zone, dataset);
        let all = self.datasets.iter().flat_map(|dataset| dataset.zones.iter().map(of(dataset)));
        all.filter(|(zone, _)| zone.identifier == identifier).collect()
    }
}

/// One, whole, and the zones that it is for.
pub(super) fn one(held: &Held, versions: &[Version], zones: &Zones<'_>, json: bool) -> Result<String> {
    let document: Value = serde_json::from_slice(&held.authorisation.write())?;
    let entry = |version: &Version| {
        let entry = &version.entry;
        json!({
            "sha256": version.digest.to_string(),
            "line": entry.place_in_ledger.seq,
            "at": entry.place_in_ledger.local,
            "person": entry.actor.person,
            "reason": entry.reason,
        })
    };
    let known = |(zone, dataset): (&Zone, &Dataset)| json!({"name": zone.name, "dataset": dataset.source.name});
    let zone = |identifier: &String| {
        let found: Vec<_> = zones.named(identifier).into_iter().map(known).collect();
        json!({"identifier": identifier, "found": found})
    };
    let edition = |dataset: &Dataset| crate::zones::edition_json(&dataset.source, zones.now);
    let facts = json!({
        "authorisation": document,
        "versions": versions.iter().map(entry).collect::<Vec<_>>(),
        "zones": held.authorisation.zones.iter().map(zone).collect::<Vec<_>>(),
        "datasets": zones.datasets.iter().map(edition).collect::<Vec<_>>(),
    });
    if json {
        return pretty(&facts);
    }
    let mut text = serde_json::to_string_pretty(&facts["authorisation"])? + "\n";
    for version in versions {
        let place = &version.entry.place_in_ledger;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "line {} of the ledger, {}: version {}", place.seq, place.local, version.digest);
    }
    for identifier in &held.authorisation.zones {
        let found = zones.named(identifier);
        if found.is_empty() {
            let _ = writeln!(
                text,
                "{identifier}: in none of the datasets; `skyseal-ground zones find --name` finds what it is called"
            );
        }
        for (zone, dataset) in found {
            let _ = writeln!(text, "{identifier}: {}, of {}", zone.name, dataset.source.name);
        }
    }
    text.extend(zones.datasets.iter().map(|dataset| crate::zones::edition(&dataset.source, zones.now)));
    Ok(text)
}
