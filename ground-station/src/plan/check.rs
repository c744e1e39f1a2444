//! `plan check`: preflight.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use mission_profiles::authorisation::Authorisation;
use mission_profiles::preflight::{Aircraft, Crew, Finding, Report, Severity, Situation, Weather, preflight};
use mission_profiles::route::{Habits, Route};
use mission_profiles::zones::{Index, Source, Span, Surroundings};
use serde_json::{Value, json};

use super::arguments::Check;
use super::{files, make::CLIMB_MS};

/// How well a plan's own height of its take-off is known, metres: it was read off a map.
const HOME_ERROR_M: f64 = 5.0;

/// What was found, and the zones that it was found with.
pub(super) struct Checked {
    pub(super) report: Report,
    sources: Vec<Source>,
}

/// Looks at everything.
pub(super) fn check(args: &Check, now: Timestamp) -> Result<Checked> {
    let plan = files::plan(&args.plan)?;
    let profile = files::profile(&args.profile)?;
    let datasets = crate::zones::datasets(args.zones.as_deref())?;
    let read = |path: &std::path::PathBuf| {
        Authorisation::read(&files::bytes(path)?).with_context(|| path.display().to_string())
    };
    let mut authorisations = args.authorisation.iter().map(read).collect::<Result<Vec<_>>>()?;
    if let Some(store) = &args.register {
        authorisations.extend(crate::auth::held(store, &[])?.into_iter().map(|held| held.authorisation));
    }
    let terrain = args.terrain.as_deref().map(files::terrain).transpose()?;
    let limits = profile.content.limits;
    let habits = Habits { cruise_ms: limits.speed_ms, climb_ms: CLIMB_MS, return_height_m: limits.return_height_m };
    let route = Route::of(&plan, args.home.map(|place| place.position()), habits)
        .with_context(|| args.plan.display().to_string())?;
    let home_m = terrain
        .as_ref()
        .and_then(|terrain| terrain.height_m(route.home))
        .or(plan.planned_home.map(|[.., height_m]| height_m));
    let home_m = home_m.context(
        "nobody knows how high the take-off is: load its terrain tile, or save the plan with its planned home position",
    )?;
    let index = Index::new(&datasets);
    let crew = Crew {
        pilot: args.pilot.clone(),
        roles: std::iter::once("pilot".to_owned()).chain(args.role.clone()).collect(),
        recent_h: args.recent_hours,
    };
    let aircraft = Aircraft {
        serial: args.aircraft.clone(),
        endurance_s: args.endurance_min.map(|minutes| minutes * 60.0),
        battery_percent: args.battery,
        free_bytes: args.free_gb.map(bytes),
    };
    let from = args.from.unwrap_or(now);
    let report = preflight(&Situation {
        route: &route,
        profile: &profile,
        zones: &index,
        sources: datasets.iter().map(|dataset| &dataset.source).collect(),
        authorisations: &authorisations,
        crew: &crew,
        aircraft: &aircraft,
        weather: args.gust.zip(args.visibility).map(|(gust_ms, visibility_m)| Weather { gust_ms, visibility_m }),
        surroundings: Surroundings {
            home: route.home,
            home_amsl: Span { low_m: home_m - HOME_ERROR_M, high_m: home_m + HOME_ERROR_M },
            terrain: terrain.as_ref(),
            qnh_hpa: args.qnh,
            geoid_m: None,
        },
        from,
        to: args.to.unwrap_or_else(|| from.checked_add(SignedDuration::from_hours(1)).unwrap_or(from)),
        now,
    });
    Ok(Checked { report, sources: datasets.iter().map(|dataset| dataset.source.clone()).collect() })
}

/// Of so many GB as those who sell media count them.
fn bytes(gb: f64) -> u64 {
    // The command line takes up to a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let bytes = (gb * 1e9) as u64;
    bytes
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocks => "BLOCKS",
        Severity::Warns => "warns",
        Severity::Notes => "notes",
    }
}

/// For people.
pub(super) fn text(Checked { report, sources }: &Checked) -> String {
    let count = |severity: Severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let verdict = if report.is_clear() { "nothing blocks" } else { "NOT TO BE FLOWN as it is" };
    let mut text = format!(
        "{verdict}: {} block, {} warn, {} note\n",
        count(Severity::Blocks),
        count(Severity::Warns),
        count(Severity::Notes)
    );
    text.extend(sources.iter().map(|source| crate::zones::edition(source, report.made)));
    for finding in &report.findings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{} [{}] {}", word(finding.severity), finding.rule, finding.what);
        let place = finding.place.map(crate::zones::said).unwrap_or_default();
        let when = finding.when.map(|(from, to)| format!("{from} to {to}")).unwrap_or_default();
        for (name, said) in [("where", &place), ("when", &when), ("why", &finding.why), ("cure", &finding.cure)] {
            if !said.is_empty() {
                let _ = writeln!(text, "  {name:5} {said}");
            }
        }
    }
    text
}

/// For programs.
pub(super) fn facts(Checked { report, sources }: &Checked) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "severity": word(finding.severity).to_lowercase(),
            "rule": finding.rule,
            "what": finding.what,
            "place": finding.place.map(|place| [place.lat_deg, place.lon_deg]),
            "when": finding.when,
            "why": finding.why,
            "cure": finding.cure,
            "ask": finding.ask.iter().map(|who| json!({"name": who.name, "phone": who.phone, "email": who.email})).collect::<Vec<_>>(),
        })
    };
    let named =
        |(id, digest): &(String, mission_profiles::zones::Digest)| json!({"id": id, "sha256": digest.to_string()});
    json!({
        "clear": report.is_clear(),
        "made": report.made,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "profile": report.profile.to_string(),
        "datasets": report.datasets.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "editions": sources.iter().map(|source| crate::zones::edition_json(source, report.made)).collect::<Vec<_>>(),
        "authorisations": report.authorisations.iter().map(named).collect::<Vec<_>>(),
    })
}
