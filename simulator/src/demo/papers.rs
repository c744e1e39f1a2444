//! Before the flight: a plan made of a profile that comes with the programs, checked against the zones that come with them, and its papers.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::programs::Programs;
use super::{DemoArgs, layout, unit};
use crate::plan_file;
use crate::scenario::Scenario;

/// How the search is flown.
const PROFILE: &str = "missing-person";
/// Above the ground, metres.
const HEIGHT_M: &str = "45";
/// The search goes so far from where somebody was last seen, metres.
const REACH_M: &str = "180";
/// That is so far north of the take-off, degrees.
const LAST_SEEN_NORTH_DEG: f64 = 0.000_4;
/// What the crew says of the day.
const DAY: [&str; 10] =
    ["--role", "observer", "--recent-hours", "6", "--endurance-min", "30", "--gust", "6", "--visibility", "9000"];
/// Items of the profile's checklist that a crew looks at with its eyes; here nobody can, and nothing flies but numbers.
const EYES: [&str; 8] = ["--checked", "1", "--checked", "2", "--checked", "3", "--checked", "4"];
/// The unit's operational authorisation, in force.
const OPERATIONAL: &str = "papers/operational.json";

/// The plan: a search by the profile; with a scenario of the user's own, that scenario's mission.
pub(super) fn plan(programs: &Programs, out: &Path, args: &DemoArgs, scenario: &Scenario) -> Result<()> {
    if args.scenario.is_some() {
        return Ok(std::fs::write(out.join(layout::PLAN), plan_file::plan(scenario))?);
    }
    let home = scenario.home;
    let seen = [home.lon_deg, home.lat_deg + LAST_SEEN_NORTH_DEG];
    let drawing = json!({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": "last seen"}, "geometry": {"type": "Point", "coordinates": seen}},
    ]});
    std::fs::write(out.join(layout::DRAWING), format!("{drawing:#}\n"))?;
    let (place, amsl) = (format!("{},{}", home.lat_deg, home.lon_deg), home.alt_msl_m.to_string());
    let words = ["plan", "make", "--profile", PROFILE, "--drawing", layout::DRAWING, "--home", &place];
    let how = ["--home-amsl", &amsl, "--height", HEIGHT_M, "--reach", REACH_M, "--out", layout::PLAN];
    programs.run("skyseal-ground", out, &[&words[..], &how].concat()).map(drop)
}

/// Checks the plan, and has the pilot sign its papers. Gives what the check says as JSON.
pub(super) fn check(programs: &Programs, out: &Path) -> Result<Value> {
    std::fs::write(out.join(OPERATIONAL), format!("{:#}\n", operational()))?;
    let pin = unit::pin_file(unit::PILOT.0);
    enter(programs, out, &["auth", "add", OPERATIONAL], "Permissions of the demonstration")?;
    let words = ["plan", "check", layout::PLAN, "--profile", PROFILE, "--authorisation", OPERATIONAL];
    let who = ["--pilot", unit::PILOT.0, "--aircraft", unit::AIRCRAFT, "--checked", "others", "--json"];
    let by = ["--papers", layout::PAPERS, "--as", unit::PILOT.0, "--pin-file", &pin, "--store", layout::STORE];
    let words = [&words[..], &DAY, &who, &EYES, &by].concat();
    let said = programs.run("skyseal-ground", out, &words).context("the plan may not be flown")?;
    std::fs::write(out.join(layout::CHECK), &said)?;
    Ok(serde_json::from_str(&said)?)
}

/// Enters something into the unit's register, as the pilot.
pub(super) fn enter(programs: &Programs, out: &Path, words: &[&str], reason: &str) -> Result<()> {
    let pin = unit::pin_file(unit::PILOT.0);
    let into = ["--store", layout::STORE, "--second", layout::SECOND, "--reason", reason];
    let by = ["--as", unit::PILOT.0, "--pin-file", &pin];
    programs.run("skyseal-ground", out, &[words, &into, &by].concat()).map(drop)
}

/// What a command that sends the papers, or flies by them, is told.
pub(super) fn words(root: &str) -> [&str; 6] {
    ["--papers", layout::PAPERS, "--trust", layout::TRUST, "--root", root]
}

/// What the flight is held against in the air, as it was on the ground.
pub(super) fn rules() -> [&'static str; 4] {
    ["--authorisation", OPERATIONAL, "--endurance-min", "30"]
}

fn operational() -> Value {
    let window = json!({"from": "2026-01-01T00:00:00Z", "to": "2036-01-01T00:00:00Z"});
    let history = [
        json!({"at": "2026-01-01T09:00:00Z", "to": "applied", "by": "admin-1", "how": "form, for demonstration"}),
        json!({"at": "2026-01-02T09:00:00Z", "to": "activated", "by": "admin-1", "how": "letter, for demonstration"}),
    ];
    json!({
        "id": "OA-DEMO", "reference": "for demonstration", "kind": "operational",
        "issuer": {"authority": "nobody: a demonstration", "role": "", "person": "", "phone": "", "email": "", "site": "", "notice": ""},
        "operator": "Demonstration unit", "lower": "SFC", "upper": "120 m AGL", "windows": [window], "history": history,
    })
}
