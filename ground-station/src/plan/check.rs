//! `plan check`: preflight.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use mission_profiles::papers::{Checked, Checklist, Papers};
use mission_profiles::plan_files::Plan;
use mission_profiles::preflight::{Aircraft, Crew, Finding, Report, Severity, Situation, Weather, preflight};
use mission_profiles::profile::Profile;
use mission_profiles::route::{Habits, Route};
use mission_profiles::zones::{Index, Source};
use serde_json::{Value, json};

use super::arguments::Check;
use super::rules::{self, Loaded};
use super::{files, make::CLIMB_MS};

/// What was looked at, and what was found.
pub(super) struct Done {
    bytes: Vec<u8>,
    plan: Plan,
    profile: Profile,
    rules: Loaded,
    crew: Crew,
    aircraft: String,
    window: (Timestamp, Timestamp),
    pub(super) report: Report,
}

impl Done {
    /// Where the zones came from.
    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.rules.datasets.iter().map(|dataset| &dataset.source)
    }

    /// The papers of it.
    pub(super) fn papers(&self, checklist: &Checklist) -> Result<Papers> {
        let checked = Checked {
            bytes: &self.bytes,
            plan: &self.plan,
            profile: &self.profile,
            sources: self.sources().collect(),
            authorisations: &self.rules.authorisations,
            crew: &self.crew,
            aircraft: &self.aircraft,
            window: self.window,
            report: &self.report,
        };
        Ok(Papers::of(&checked, checklist)?)
    }
}

/// Looks at everything.
pub(super) fn check(args: &Check, now: Timestamp) -> Result<Done> {
    let (bytes, plan) = rules::plan(&args.plan)?;
    let profile = files::profile(&args.profile)?;
    let rules = args.rules.load()?;
    let limits = profile.content.limits;
    let habits = Habits { cruise_ms: limits.speed_ms, climb_ms: CLIMB_MS, return_height_m: limits.return_height_m };
    let route = Route::of(&plan, args.home.map(|place| place.position()), habits)
        .with_context(|| args.plan.display().to_string())?;
    let index = Index::new(&rules.datasets);
    let logged_h = args.rules.logged_h(&args.pilot, now)?;
    let crew = Crew {
        pilot: args.pilot.clone(),
        roles: std::iter::once("pilot".to_owned()).chain(args.role.clone()).collect(),
        recent_h: args.recent_hours.or(logged_h),
    };
    let aircraft = Aircraft {
        serial: args.aircraft.clone(),
        endurance_s: args.endurance_min.map(|minutes| minutes * 60.0),
        battery_percent: args.battery,
        free_bytes: args.free_gb.map(of_gb),
    };
    let from = args.from.unwrap_or(now);
    let to = args.to.unwrap_or_else(|| from.checked_add(SignedDuration::from_hours(1)).unwrap_or(from));
    anyhow::ensure!(from <= to, "--to {to} is before --from {from}");
    let report = preflight(&Situation {
        route: &route,
        profile: &profile,
        zones: &index,
        sources: rules.datasets.iter().map(|dataset| &dataset.source).collect(),
        authorisations: &rules.authorisations,
        crew: &crew,
        aircraft: &aircraft,
        weather: args.gust.zip(args.visibility).map(|(gust_ms, visibility_m)| Weather { gust_ms, visibility_m }),
        surroundings: rules.surroundings(route.home, &plan)?,
        from,
        to,
        now,
    });
    Ok(Done { bytes, plan, profile, crew, aircraft: args.aircraft.clone(), window: (from, to), report, rules })
}

/// Of so many GB as those who sell media count them.
fn of_gb(gb: f64) -> u64 {
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
pub(super) fn text(done: &Done) -> String {
    let report = &done.report;
    let count = |severity: Severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let verdict = if report.is_clear() { "nothing blocks" } else { "NOT TO BE FLOWN as it is" };
    let mut text = format!(
        "{verdict}: {} block, {} warn, {} note\n",
        count(Severity::Blocks),
        count(Severity::Warns),
        count(Severity::Notes)
    );
    text.extend(done.sources().map(|source| crate::zones::edition(source, report.made)));
    for (finding, number) in report.findings.iter().zip(1..) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{number} {} [{}] {}", word(finding.severity), finding.rule, finding.what);
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
pub(super) fn facts(done: &Done) -> Value {
    let report = &done.report;
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
        "editions": done.sources().map(|source| crate::zones::edition_json(source, report.made)).collect::<Vec<_>>(),
        "authorisations": report.authorisations.iter().map(named).collect::<Vec<_>>(),
    })
}
