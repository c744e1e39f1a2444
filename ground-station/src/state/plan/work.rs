//! What follows from a document: the plan, the route, what it takes, what was found. Pure, and too slow for a frame: see [`crate::plan::bench`].

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mission_profiles::papers::{Checked, Checklist, Papers};
use mission_profiles::pattern::{Waypoint, follow, mission};
use mission_profiles::place::{Position, inverse};
use mission_profiles::plan_files::{Drawing, Named, Plan, Shape, fence, rally};
use mission_profiles::preflight::{Aircraft, Crew, Finding, Report, Severity, Situation, Weather, preflight};
use mission_profiles::profile::Profile;
use mission_profiles::route::{Habits, Route};
use mission_profiles::zones::{Index, Span, Surroundings};

use super::cure::{Cure, Kit};
use super::document::Document;
use super::height::{Side, side};
use super::kinds::Form;
use crate::plan::draw::Sketch;
use crate::plan::make::{CLIMB_MS, FOLLOW_M, TURN_S};
use crate::plan::rules::{HOME_ERROR_M, Loaded};
use crate::state::airspace::{Flight, Stand, stands};

/// Rally points lie so high above the take-off, metres.
const RALLY_HEIGHT_M: f32 = 50.0;
/// The way home clears the ground by less: worth a word, metres.
const CLEAR_M: f64 = 20.0;

/// With whom and what it is flown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Means {
    /// Who flies.
    pub(crate) crew: Crew,
    /// With what.
    pub(crate) aircraft: Aircraft,
    /// The vehicle's name, where one is connected: the plan can be sent to it.
    pub(crate) vehicle: Option<String>,
    /// Where it stands, and how high above the sea by its own reckoning.
    pub(crate) stands_at: Option<(Position, f64)>,
    /// The weather, where somebody looked.
    pub(crate) weather: Option<Weather>,
}

/// What is to be worked out.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Of which state of the document.
    pub(crate) revision: u64,
    /// The document.
    pub(crate) document: Arc<Document>,
    /// Its profile.
    pub(crate) profile: Arc<Profile>,
    /// See there.
    pub(crate) means: Means,
    /// Now: the flight takes off within the hour.
    pub(crate) now: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Of which state of the document.
    pub(crate) revision: u64,
    /// How the zones stand to this flight, where its take-off is known.
    pub(crate) stands: Arc<Vec<Stand>>,
    /// The plan, or what is missing for one.
    pub(crate) worked: Result<Worked, Missing>,
}

/// What is missing for a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The take-off.
    Home,
    /// How high that is.
    Height,
    /// Enough of a shape.
    Drawing(Form),
    /// Something that the pattern cannot do.
    Pattern(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str(
                "Put the take-off on the map: the house, then a click. A connected vehicle puts it there itself.",
            ),
            Self::Height => {
                f.write_str("Nobody knows how high the take-off is: set it at the left, or load its terrain tile.")
            }
            Self::Drawing(Form::Area) => {
                f.write_str("Draw the area: choose the polygon, click its corners on the map, Enter when it is done.")
            }
            Self::Drawing(Form::Line) => {
                f.write_str("Draw the line: choose the line, click its places on the map, Enter when it is done.")
            }
            Self::Drawing(Form::Points) => f.write_str(
                "Put the point on the map: choose the pin, then one click. An area or a line will do as well.",
            ),
            Self::Pattern(what) => f.write_str(what),
        }
    }
}

/// A plan and what follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Worked {
    /// What a vehicle is sent.
    pub(crate) plan: Plan,
    /// From the first waypoint to the last.
    pub(crate) way: Vec<Position>,
    /// What was found, the gravest first.
    pub(crate) found: Vec<Found>,
    /// What it takes.
    pub(crate) takes: Takes,
    /// From the side.
    pub(crate) side: Side,
    /// What of the way lies in zones that block.
    pub(crate) blocked: Vec<Vec<Position>>,
    /// Papers of it in which nothing is ticked; the plan's digest is that of the file that is exported.
    pub(crate) papers: Option<Papers>,
}

/// A finding with its number, its place along the route and its cures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// From 1: the same in list, map and height profile.
    pub(crate) number: usize,
    /// What was found.
    pub(crate) finding: Finding,
    /// What clears it.
    pub(crate) cures: Vec<Cure>,
    /// From the take-off along the route, metres.
    pub(crate) along_m: Option<f64>,
}

/// What a flight takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Takes {
    /// Over the ground.
    pub(crate) distance_m: f64,
    /// From take-off to landing.
    pub(crate) duration_s: f64,
    /// Of the battery at landing, per cent, where its endurance is known.
    pub(crate) lands_with_percent: Option<f64>,
    /// What the profile keeps of it.
    pub(crate) reserve_percent: f64,
    /// Segments of footage.
    pub(crate) segments: f64,
    /// On the medium.
    pub(crate) bytes: f64,
    /// Free on the medium, where the aircraft says it.
    pub(crate) free_bytes: Option<u64>,
}

/// Works it out.
pub(crate) fn work_out(question: &Question, rules: &Loaded, index: &Index<'_>) -> Answer {
    let Question { revision, document, means, now, .. } = question;
    let mut profile = Profile::clone(&question.profile);
    // The plan's own figures are what is flown, and what is looked at.
    profile.content.limits.return_height_m = document.return_height_m;
    profile.content.limits.speed_ms = document.speed_ms;
    let asked = Asked { document, profile: &profile, means, rules, index, now: *now };
    let around = asked.around();
    let route = around.clone().and_then(|around| asked.planned(&around).map(|(plan, route)| (around, plan, route)));
    let stands = match (&route, around) {
        (Ok((around, _, route)), _) => asked.stands(*around, Some(route)),
        (Err(_), Ok(around)) => asked.stands(around, None),
        (Err(_), Err(_)) => Vec::new(),
    };
    let worked = route.map(|(around, plan, route)| asked.worked(around, plan, &route, &stands));
    Answer { revision: *revision, stands: Arc::new(stands), worked }
}

struct Asked<'a> {
    document: &'a Document,
    profile: &'a Profile,
    means: &'a Means,
    rules: &'a Loaded,
    index: &'a Index<'a>,
    now: Timestamp,
}

impl<'a> Asked<'a> {
    fn window(&self) -> (Timestamp, Timestamp) {
        (self.now, self.now.checked_add(SignedDuration::from_hours(1)).unwrap_or(self.now))
    }

    /// The take-off, and what is known about it.
    fn around(&self) -> Result<Surroundings<'a>, Missing> {
        let said = self.means.stands_at;
        let home = self.document.home.or(said.map(|(place, _)| place)).ok_or(Missing::Home)?;
        let modelled_m = self.rules.terrain.as_ref().and_then(|terrain| terrain.height_m(home));
        let home_m =
            modelled_m.or(self.document.home_amsl_m).or(said.map(|(_, amsl_m)| amsl_m)).ok_or(Missing::Height)?;
        Ok(Surroundings {
            home,
            home_amsl: Span { low_m: home_m - HOME_ERROR_M, high_m: home_m + HOME_ERROR_M },
            terrain: self.rules.terrain.as_ref(),
            qnh_hpa: self.rules.qnh_hpa,
            geoid_m: None,
        })
    }

    /// The plan as a vehicle is sent it, and the way that it flies.
    fn planned(&self, around: &Surroundings<'_>) -> Result<(Plan, Route), Missing> {
        let (document, limits) = (self.document, &self.profile.content.limits);
        let home_m = f64::midpoint(around.home_amsl.low_m, around.home_amsl.high_m);
        let mut plan = match &document.imported {
            Some(imported) => imported.plan.clone(),
            None => {
                let waypoints = self.waypoints(around)?;
                let home = [around.home.lat_deg, around.home.lon_deg, home_m];
                mission(home, &waypoints, document.speed_ms, document.kind.looks_down())
            }
        };
        let areas = |inside: bool| {
            let wanted = document.fence.iter().filter(|area| area.inside == inside && area.corners.len() >= 3);
            wanted.map(|area| area.corners.clone()).collect::<Vec<_>>()
        };
        if !document.fence.is_empty() || document.imported.is_none() {
            plan.fence = fence(&areas(true), &areas(false));
        }
        if !document.rally.is_empty() || document.imported.is_none() {
            plan.rally = rally(&document.rally, RALLY_HEIGHT_M);
        }
        let habits = Habits { cruise_ms: limits.speed_ms, climb_ms: CLIMB_MS, return_height_m: limits.return_height_m };
        let route = Route::of(&plan, Some(around.home), habits).map_err(|error| Missing::Pattern(error.to_string()))?;
        Ok((plan, route))
    }

    fn waypoints(&self, around: &Surroundings<'_>) -> Result<Vec<Waypoint>, Missing> {
        let document = self.document;
        if !document.is_drawn() {
            return Err(Missing::Drawing(document.form));
        }
        let named = |shape: Shape| Named { name: String::new(), shape };
        let shapes = match document.form {
            Form::Area => vec![named(Shape::Area(document.corners.clone()))],
            Form::Line => vec![named(Shape::Line(document.corners.clone()))],
            Form::Points => document.corners.iter().map(|place| named(Shape::Point(*place))).collect(),
        };
        let sketch = Sketch { file: "the map", drawing: &Drawing { shapes }, shape: None, numbers: document.numbers };
        let level = sketch.draw(document.kind).map_err(|error| Missing::Pattern(format!("{error:#}")))?;
        match around.terrain.filter(|_| document.follow) {
            // Where tiles are missing the plan stays level, and preflight says so.
            Some(terrain) => Ok(follow(&level, terrain, around.home, FOLLOW_M).unwrap_or(level)),
            None => Ok(level),
        }
    }

    fn stands(&self, surroundings: Surroundings<'_>, route: Option<&Route>) -> Vec<Stand> {
        let (from, to) = self.window();
        let flight = Flight {
            index: self.index,
            authorisations: &self.rules.authorisations,
            limits: self.profile.content.limits,
            pilot: &self.means.crew.pilot,
            aircraft: &self.means.aircraft.serial,
            surroundings,
            route,
            from,
            to,
            now: self.now,
        };
        stands(&self.rules.datasets, &flight)
    }

    fn worked(&self, around: Surroundings<'_>, plan: Plan, route: &Route, stands: &[Stand]) -> Worked {
        let content = &self.profile.content;
        let (from, to) = self.window();
        let report = preflight(&Situation {
            route,
            profile: self.profile,
            zones: self.index,
            sources: self.rules.datasets.iter().map(|dataset| &dataset.source).collect(),
            authorisations: &self.rules.authorisations,
            crew: &self.means.crew,
            aircraft: &self.means.aircraft,
            weather: self.means.weather,
            surroundings: around,
            from,
            to,
            now: self.now,
        });
        let mut side = side(route, &around, content.limits.height_agl_m, (&self.rules.datasets, self.index, stands));
        let mut report = report;
        let low = self.way_home(&side, &around);
        if let Some((finding, _)) = &low {
            report.findings.push(finding.clone());
            report.findings.sort_by_key(|finding| finding.severity);
        }
        let findings = report.findings.clone();
        let kit = Kit {
            document: self.document,
            limits: &content.limits,
            authorisations: &self.rules.authorisations,
            index: self.index,
            home: around.home,
            has_terrain: around.terrain.is_some(),
        };
        let found = |(finding, number): (Finding, usize)| {
            let cures = match &low {
                Some((own, cure)) if *own == finding => vec![cure.clone()],
                _ => kit.cures(&finding),
            };
            Found { number, along_m: finding.place.and_then(|place| side.along_m(place)), cures, finding }
        };
        let found: Vec<Found> = findings.into_iter().zip(1..).map(found).collect();
        for crossing in &mut side.crossings {
            let about = found
                .iter()
                .find(|found| found.finding.rule.starts_with("zone") && found.finding.what.starts_with(&crossing.name));
            crossing.number = about.map(|found| found.number);
        }
        let papers = None;
        let mut worked =
            Worked { takes: self.takes(route), way: way(&plan), found, blocked: side.blocked(), side, plan, papers };
        worked.papers = self.papers(&worked, &report);
        for found in worked.found.iter_mut().filter(|found| found.finding.severity == Severity::Blocks) {
            let drafted = worked.papers.iter().flat_map(|papers| &papers.findings);
            let is_open = drafted.into_iter().any(|known| known.rule == found.finding.rule && !known.is_final);
            found.cures.extend(is_open.then_some(Cure::Answer));
        }
        worked
    }

    /// The papers of what was found, bound to the bytes of the plan as it is exported.
    fn papers(&self, worked: &Worked, report: &Report) -> Option<Papers> {
        let bytes = super::files::given("the.plan", self.document, Some(worked)).ok()?;
        let checked = Checked {
            bytes: &bytes,
            plan: &worked.plan,
            profile: self.profile,
            sources: self.rules.datasets.iter().map(|dataset| &dataset.source).collect(),
            authorisations: &self.rules.authorisations,
            crew: &self.means.crew,
            aircraft: &self.means.aircraft.serial,
            window: self.window(),
            report,
        };
        Papers::of(&checked, &Checklist::default()).ok()
    }

    fn takes(&self, route: &Route) -> Takes {
        let content = &self.profile.content;
        // What each turn costs is in the time of a pattern's estimate, and so here.
        let turns = route.stretches.iter().filter(|stretch| inverse(stretch.from, stretch.to).distance_m > 1.0).count();
        let duration_s = route.duration_s() + f64::from(u32::try_from(turns).unwrap_or(u32::MAX)) * TURN_S;
        let Aircraft { endurance_s, battery_percent, free_bytes, .. } = self.means.aircraft;
        let used = |endurance_s: f64| battery_percent.unwrap_or(100.0) - duration_s / endurance_s * 100.0;
        Takes {
            distance_m: route.distance_m(),
            duration_s,
            lands_with_percent: endurance_s.filter(|endurance_s| *endurance_s > 0.0).map(used),
            reserve_percent: content.limits.battery_reserve_percent,
            segments: (duration_s / f64::from(content.recording.segment_s.max(1))).ceil(),
            bytes: content.recording.bytes(duration_s),
            free_bytes,
        }
    }

    /// Whether a return from anywhere clears the ground, and the height from which it does.
    fn way_home(&self, side: &Side, around: &Surroundings<'_>) -> Option<(Finding, Cure)> {
        let terrain = around.terrain?;
        let home_m = f64::midpoint(around.home_amsl.low_m, around.home_amsl.high_m);
        let limits = &self.profile.content.limits;
        let along = |from: Position| {
            let way = inverse(from, around.home);
            (0..=8_u8).filter_map(move |i| {
                let place = mission_profiles::place::direct(from, way.azimuth_deg, way.distance_m * f64::from(i) / 8.0);
                terrain.height_m(place).map(|ground_m| (ground_m, place))
            })
        };
        let grounds = side.samples.iter().step_by(8).flat_map(|sample| along(sample.place));
        let (highest_m, place) = grounds.max_by(|a, b| a.0.total_cmp(&b.0))?;
        let clear_m = home_m + limits.return_height_m - highest_m;
        if clear_m >= CLEAR_M {
            return None;
        }
        let better_m = ((highest_m + CLEAR_M - home_m) / 5.0).ceil() * 5.0;
        let finding = Finding {
            severity: if clear_m < 0.0 { Severity::Blocks } else { Severity::Warns },
            rule: "way-home",
            what: format!("a return clears the ground by {clear_m:.0} m"),
            place: Some(place),
            when: None,
            why: format!("return height {:.0} m; {CLEAR_M:.0} m are wanted", limits.return_height_m),
            cure: format!("return at {better_m:.0} m"),
            ask: Vec::new(),
        };
        Some((finding, Cure::ReturnHeight(better_m)))
    }
}

/// The places of a plan, from the first waypoint to the last.
fn way(plan: &Plan) -> Vec<Position> {
    let flies = |command: u16| matches!(command, 16..=19 | 21 | 31 | 34 | 82 | 85);
    let places = plan.mission.iter().filter(|item| flies(item.command) && (item.x, item.y) != (0, 0));
    places.filter_map(|item| Position::new(f64::from(item.x) / 1e7, f64::from(item.y) / 1e7)).collect()
}
