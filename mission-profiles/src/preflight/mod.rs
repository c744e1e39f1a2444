//! Whether this mission, with this crew, aircraft, purpose and paper, may fly here at this time; and if not, whom to call.
//!
//! Pure: everything that is known comes in as values, the time too. Each rule is a function from the [`Situation`] to findings.

mod airspace;
mod limits;
mod people;

use jiff::{SignedDuration, Timestamp};

use crate::authorisation::Authorisation;
use crate::place::Position;
use crate::profile::Profile;
use crate::route::Route;
use crate::zones::{Authority, Digest, Index, Source, Surroundings};

/// Everything that a preflight looks at.
pub struct Situation<'a> {
    /// What is flown.
    pub route: &'a Route,
    /// How.
    pub profile: &'a Profile,
    /// The zones.
    pub zones: &'a Index<'a>,
    /// Where they came from.
    pub sources: Vec<&'a Source>,
    /// The unit's permissions.
    pub authorisations: &'a [Authorisation],
    /// Who flies.
    pub crew: &'a Crew,
    /// With what.
    pub aircraft: &'a Aircraft,
    /// The weather, where somebody looked.
    pub weather: Option<Weather>,
    /// The ground and the air.
    pub surroundings: Surroundings<'a>,
    /// Take-off not before this,
    pub from: Timestamp,
    /// and not after this.
    pub to: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// Who flies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Crew {
    /// The pilot's id.
    pub pilot: String,
    /// The roles that are filled, the pilot's too.
    pub roles: Vec<String>,
    /// The pilot's hours in the last three months, where the flight log knows them.
    pub recent_h: Option<f64>,
}

/// With what.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Aircraft {
    /// Serial number.
    pub serial: String,
    /// How long a full battery lasts in the air, seconds, where the unit knows it.
    pub endurance_s: Option<f64>,
    /// Of the battery that is left now, per cent.
    pub battery_percent: Option<f64>,
    /// Free on the recording medium, bytes.
    pub free_bytes: Option<u64>,
}

/// The weather at the height flown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weather {
    /// Gusts, metres a second.
    pub gust_ms: f64,
    /// On the ground, metres.
    pub visibility_m: f64,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Not to be flown, unless somebody other than the pilot overrides it with a reason.
    Blocks,
    /// To be thought about.
    Warns,
    /// To be known.
    Notes,
}

/// Something that a preflight found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How grave.
    pub severity: Severity,
    /// Which rule: a word that does not change.
    pub rule: &'static str,
    /// What, in a sentence.
    pub what: String,
    /// Where.
    pub place: Option<Position>,
    /// When: the part of the planned time that it is about.
    pub when: Option<(Timestamp, Timestamp)>,
    /// The rule, and the source.
    pub why: String,
    /// How to clear it.
    pub cure: String,
    /// Whom to call.
    pub ask: Vec<Authority>,
}

/// What a preflight found, and on what it looked.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The findings, the gravest first.
    pub findings: Vec<Finding>,
    /// The profile's digest.
    pub profile: Digest,
    /// The datasets', in order.
    pub datasets: Vec<Digest>,
    /// Those of the permissions that were counted on, by id.
    pub authorisations: Vec<(String, Digest)>,
    /// When it was made.
    pub made: Timestamp,
}

impl Report {
    /// Whether nothing blocks.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Blocks)
    }

    /// The findings of one rule.
    pub fn of<'r>(&'r self, rule: &'r str) -> impl Iterator<Item = &'r Finding> {
        self.findings.iter().filter(move |finding| finding.rule == rule)
    }
}

impl Finding {
    fn new(severity: Severity, rule: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { severity, rule, what, place: None, when: None, why: String::new(), cure: String::new(), ask: Vec::new() }
    }

    fn why(self, why: impl Into<String>) -> Self {
        Self { why: why.into(), ..self }
    }

    fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: cure.into(), ..self }
    }

    fn at(self, place: Position) -> Self {
        Self { place: Some(place), ..self }
    }
}

impl Situation<'_> {
    /// The time in which the aircraft may be in the air: from the first take-off to the last landing.
    fn aloft(&self) -> (Timestamp, Timestamp) {
        let flight = SignedDuration::try_from_secs_f64(self.route.duration_s()).unwrap_or(SignedDuration::ZERO);
        (self.from, self.to.checked_add(flight).unwrap_or(Timestamp::MAX))
    }
}

/// Looks at everything.
#[must_use]
pub fn preflight(situation: &Situation<'_>) -> Report {
    let mut counted_on = Vec::new();
    let mut findings = airspace::zones(situation, &mut counted_on);
    findings.extend(airspace::datasets(situation));
    findings.extend(limits::heights(situation));
    findings.extend(limits::range(situation));
    findings.extend(limits::energy(situation));
    findings.extend(limits::room(situation));
    findings.extend(limits::weather(situation));
    findings.extend(limits::end(situation));
    findings.extend(people::crew(situation));
    findings.extend(people::papers(situation, &mut counted_on));
    findings.sort_by_key(|finding| finding.severity);
    counted_on.sort_by(|a, b| a.0.cmp(&b.0));
    counted_on.dedup();
    Report {
        findings,
        profile: situation.profile.digest,
        datasets: situation.sources.iter().map(|source| source.sha256).collect(),
        authorisations: counted_on,
        made: situation.now,
    }
}
