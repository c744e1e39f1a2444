//! The same rules in flight: how long until the next breach, what runs out, what disagrees.
//!
//! A pure machine, asked some times a second. What begins and what ends is said once each; how far off it is, at every tick.

use jiff::{SignedDuration, Timestamp};

use crate::authorisation::{Ask, Authorisation};
use crate::place::{Position, direct, inverse};
use crate::preflight::Severity;
use crate::profile::{Limits, Sight};
use crate::zones::{Index, Near, Reach, Reference, Restriction, Span, Spans, Surroundings};

/// How far ahead is looked, seconds.
const AHEAD_S: f64 = 60.0;
/// A permission that ends sooner is told of.
const EXPIRING: SignedDuration = SignedDuration::from_mins(10);
/// Heights of barometer and satellites that differ by more are told of, metres.
const DISAGREE_M: f64 = 30.0;
/// What is over is told to be over only after so long, so that an edge is not told of at every gust.
const OVER: SignedDuration = SignedDuration::from_secs(2);
/// How well heights are known in flight, metres.
const ABOVE_M: f64 = 5.0;

/// What the aircraft says of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Where it is.
    pub position: Position,
    /// Over the ground: metres a second, and degrees from north.
    pub speed_ms: f64,
    /// The direction.
    pub course_deg: f64,
    /// Upwards, metres a second.
    pub climb_ms: f64,
    /// Above the take-off, metres.
    pub height_m: f64,
    /// Above mean sea level by satellites, metres, where it says so.
    pub satellites_amsl_m: Option<f64>,
    /// Of the battery that is left, per cent, where it says so.
    pub battery_percent: Option<f64>,
    /// A full battery's, seconds, where the unit knows it.
    pub endurance_s: Option<f64>,
    /// Now.
    pub at: Timestamp,
}

/// What the monitor keeps to.
pub struct Monitor<'a> {
    zones: &'a Index<'a>,
    limits: Limits,
    authorisations: &'a [Authorisation],
    pilot: String,
    aircraft: String,
    surroundings: Surroundings<'a>,
    standing: Vec<(Alert, Timestamp)>,
}

/// Something that is, or soon will be, wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Which rule, and of what: the zone's identifier, the permission's.
    pub rule: &'static str,
    /// See there; empty where the rule says all.
    pub of: String,
    /// How grave.
    pub severity: Severity,
    /// In a sentence.
    pub what: String,
    /// Seconds until it is so; 0 when it is.
    pub in_s: f64,
}

/// What a tick gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tick {
    /// All that stands now, the soonest first.
    pub standing: Vec<Alert>,
    /// What began with this tick: events for the record.
    pub began: Vec<Alert>,
    /// What ended with it.
    pub ended: Vec<Alert>,
}

impl<'a> Monitor<'a> {
    /// For a flight by `pilot` with `aircraft`.
    #[must_use]
    pub fn new(
        zones: &'a Index<'a>,
        limits: Limits,
        authorisations: &'a [Authorisation],
        (pilot, aircraft): (&str, &str),
        surroundings: Surroundings<'a>,
    ) -> Self {
        let (pilot, aircraft) = (pilot.to_owned(), aircraft.to_owned());
        Self { zones, limits, authorisations, pilot, aircraft, surroundings, standing: Vec::new() }
    }

    /// Looks at `state`.
    pub fn tick(&mut self, state: &State) -> Tick {
        let mut now = self.airspace(state);
        now.extend(self.limits(state));
        now.extend(self.energy(state));
        now.extend(self.heights(state));
        now.sort_by(|a, b| a.in_s.total_cmp(&b.in_s).then(a.severity.cmp(&b.severity)));
        let same = |a: &Alert, b: &Alert| a.rule == b.rule && a.of == b.of;
        let began =
            now.iter().filter(|alert| !self.standing.iter().any(|(known, _)| same(known, alert))).cloned().collect();
        let mut ended = Vec::new();
        self.standing.retain(|(known, seen)| {
            let gone = !now.iter().any(|alert| same(known, alert));
            let over = gone && state.at.duration_since(*seen) >= OVER;
            if over {
                ended.push(known.clone());
            }
            gone && !over
        });
        self.standing.extend(now.iter().map(|alert| (alert.clone(), state.at)));
        Tick { standing: now, began, ended }
    }

    /// Zones here and on the way ahead, and the permissions for them that run out.
    fn airspace(&self, state: &State) -> Vec<Alert> {
        let ahead = direct(state.position, state.course_deg, state.speed_ms.max(0.0) * AHEAD_S);
        let reach = Reach { from: state.position, to: ahead, home: None, within_m: self.limits.beside_m };
        let (ground, _) = self.surroundings.ground(&[reach.from, reach.to], reach.within_m);
        let later_m = state.height_m + state.climb_ms * AHEAD_S;
        let heights = self.spans(Span::new(state.height_m, later_m), ground);
        let near = self.zones.entered(reach, &heights);
        near.iter()
            .filter(|near| near.zone.restriction != Restriction::None)
            .filter_map(|near| self.zone(state, near, reach, heights))
            .collect()
    }

    fn spans(&self, heights: Span, ground: Span) -> Spans {
        let around = Span { low_m: heights.low_m - ABOVE_M, high_m: heights.high_m + ABOVE_M };
        self.surroundings.spans(around, Reference::Home, ground)
    }

    fn zone(&self, state: &State, near: &Near<'_>, ahead: Reach, heights: Spans) -> Option<Alert> {
        let (zone, until) = (near.zone, state.at.checked_add(SignedDuration::from_secs(60)).unwrap_or(state.at));
        if !zone.applies(state.at, until, state.position).at_all() {
            return None;
        }
        let here = Reach { from: state.position, to: state.position, home: None, within_m: 0.0 };
        let ask = Ask {
            zone,
            reaches: vec![(here, heights)],
            from: state.at,
            to: until,
            now: state.at,
            pilot: &self.pilot,
            aircraft: &self.aircraft,
            vlos: self.limits.sight == Sight::Vlos,
            range_m: self.range_m(state),
        };
        if let Some(permission) = self.authorisations.iter().find(|permission| permission.lacks(&ask).is_empty()) {
            return expiring(permission, state.at);
        }
        let in_s = self.zones.until_m(near, ahead) / state.speed_ms.max(0.1);
        let inside = self
            .zones
            .entered(Reach { within_m: 0.0, ..here }, &heights)
            .iter()
            .any(|here| std::ptr::eq(here.zone, zone));
        let (rule, in_s) = if inside { ("zone-breach", 0.0) } else { ("zone-ahead", in_s.min(AHEAD_S)) };
        let what = match inside {
            true => format!("{} is entered without a permission", zone.name),
            false => format!("{} in {in_s:.0} s", zone.name),
        };
        let severity = if zone.restriction == Restriction::Conditional { Severity::Warns } else { Severity::Blocks };
        Some(Alert { rule, of: zone.identifier.clone(), severity, what, in_s })
    }

    fn range_m(&self, state: &State) -> f64 {
        inverse(self.surroundings.home, state.position).distance_m
    }

    /// The profile's height and range.
    fn limits(&self, state: &State) -> Vec<Alert> {
        let (ground, modelled) = self.surroundings.ground(&[state.position], 0.0);
        let heights = self.surroundings.spans(Span::new(state.height_m, state.height_m), Reference::Home, ground);
        let error_m = (ground.high_m - ground.low_m) / 2.0;
        let height_m = if modelled { heights.agl.high_m - error_m } else { state.height_m };
        let range_m = self.range_m(state);
        let over = |rule, is: f64, most: f64, what: String| {
            (is > most).then(|| Alert { rule, of: String::new(), severity: Severity::Blocks, what, in_s: 0.0 })
        };
        let (most_high, most_far) = (self.limits.height_agl_m, self.limits.range_m);
        [
            over(
                "height",
                height_m,
                most_high,
                format!("{height_m:.0} m above the ground; {most_high:.0} m are allowed"),
            ),
            over("range", range_m, most_far, format!("{range_m:.0} m from the take-off; {most_far:.0} m are allowed")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether the battery still brings it home with its reserve.
    fn energy(&self, state: &State) -> Option<Alert> {
        let (percent, endurance_s) = (state.battery_percent?, state.endurance_s?);
        let home_s = self.range_m(state) / self.limits.speed_ms.max(0.1)
            + (state.height_m.max(self.limits.return_height_m)) / 2.0;
        let left_s = endurance_s * (percent - self.limits.battery_reserve_percent) / 100.0 - home_s;
        (left_s < AHEAD_S).then(|| Alert {
            rule: "energy",
            of: String::new(),
            severity: Severity::Blocks,
            what: format!(
                "the way home takes {home_s:.0} s; the battery gives {:.0} s before its reserve",
                left_s + home_s
            ),
            in_s: left_s.max(0.0),
        })
    }

    /// Heights of two sources that disagree: one of them may be by another datum.
    fn heights(&self, state: &State) -> Option<Alert> {
        let home = self.surroundings.home_amsl;
        let barometer = Span { low_m: home.low_m + state.height_m, high_m: home.high_m + state.height_m };
        let satellites_m = state.satellites_amsl_m?;
        let apart_m = (barometer.low_m - satellites_m).max(satellites_m - barometer.high_m);
        (apart_m > DISAGREE_M).then(|| Alert {
            rule: "heights-disagree",
            of: String::new(),
            severity: Severity::Warns,
            what: format!("heights by barometer and satellites differ by {apart_m:.0} m : is one above the ellipsoid, or the take-off's height wrong?"),
            in_s: 0.0,
        })
    }
}

/// A permission that is flown by and ends soon.
fn expiring(permission: &Authorisation, at: Timestamp) -> Option<Alert> {
    let ends = permission.windows.iter().filter_map(|window| window.to).max()?;
    let left = ends.duration_since(at);
    (left <= EXPIRING).then(|| Alert {
        rule: "authorisation-expiring",
        of: permission.id.clone(),
        severity: Severity::Warns,
        what: format!("{} ends at {ends}", permission.id),
        in_s: left.as_secs_f64().max(0.0),
    })
}
