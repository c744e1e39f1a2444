//! What goes with a flight that has papers: they are sent and seen to stand in its record, and the monitor looks at the same rules ten
//! times a second; what begins and ends is said, and stands in the record too.

use anyhow::{Context as _, Result, bail, ensure};
use flight_record::FlightId;
use flight_record::papers::{Facts, Judged};
use flight_record::radio::Purpose;
use jiff::Timestamp;
use mission_profiles::authorisation::Authorisation;
use mission_profiles::monitor::{Alert, Monitor, State};
use mission_profiles::papers::{Noted, NotedAs};
use mission_profiles::place::Position;
use mission_profiles::plan_files::Plan;
use mission_profiles::preflight::Severity;
use mission_profiles::profile::Profile;
use mission_profiles::zones::{Digest, Index, Surroundings};
use serde_json::{Value, json};
use vehicle_link::frames::Frame;

use super::Arguments;
use crate::clock;
use crate::link::{Link, Watch};
use crate::papers::{self, Carried, Delivered, Message};
use crate::plan::rules::{self, Loaded};

/// A place is believed for so long, ns.
const FRESH_NS: u64 = 5_000_000_000;
/// Between two looks.
const LOOK_NS: u64 = 100_000_000;
/// After landing, what is still to be said of the flight may take so long.
const LAST_WORDS_NS: u64 = 10_000_000_000;

/// Alerts in what is printed for programs; the record has them all.
const MAX_TOLD: usize = 200;

/// What a flight is held against, read and compared with its papers.
pub(super) struct Brief {
    pub(super) judged: Judged,
    pub(super) packed: Vec<u8>,
    profile: Profile,
    rules: Loaded,
    home: Position,
    plan: Plan,
}

impl Brief {
    /// Reads the papers; nothing where there are none.
    ///
    /// # Errors
    /// When the flight may not be flown by them, or they are of another plan, profile or permission.
    pub(super) fn read(arguments: &Arguments, bytes: &[u8], plan: &Plan) -> Result<Option<Self>> {
        let Some(path) = &arguments.papers else { return Ok(None) };
        let signed = papers::read(path)?;
        let judged = papers::cleared(&signed, &arguments.vouched.list()?)?;
        let named = arguments.profile.as_deref().unwrap_or(&judged.facts.profile.id);
        let profile = rules::profile(named).context("the profile of the papers; name it with --profile")?;
        let rules = arguments.rules.load()?;
        fits(&judged.facts, bytes, &profile, &rules.authorisations)?;
        let home = plan.planned_home.and_then(|[lat, lon, _]| Position::new(lat, lon));
        let home = home.context("the plan does not say where it starts: the monitor cannot know how far it is")?;
        rules.surroundings(home, plan)?;
        Ok(Some(Self { judged, packed: signed.pack()?, profile, rules, home, plan: plan.clone() }))
    }

    /// What whoever flies should know before.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = papers::warnings(&self.judged.facts, clock::now_utc_us());
        let known = |id: &str| self.rules.authorisations.iter().any(|held| held.id == id);
        let missing = self.judged.facts.authorisations.iter().filter(|named| !known(&named.id));
        warnings.extend(missing.map(|named| {
            format!("{}: not at hand here, so the monitor does not count on it (--authorisation, --register)", named.id)
        }));
        warnings
    }

    pub(super) fn index(&self) -> Index<'_> {
        Index::new(&self.rules.datasets)
    }

    fn surroundings(&self) -> Result<Surroundings<'_>> {
        self.rules.surroundings(self.home, &self.plan)
    }
}

/// Whether the papers are of this plan, this profile and these permissions.
fn fits(facts: &Facts, plan: &[u8], profile: &Profile, held: &[Authorisation]) -> Result<()> {
    ensure!(
        facts.mission.sha256 == Digest::of(plan).to_string(),
        "the papers are of another plan, or it was changed since: `skyseal-ground plan check` it again"
    );
    ensure!(
        facts.profile.sha256 == profile.digest.to_string(),
        "the papers are of another profile than {} version {}, or it was changed since: check again",
        profile.content.id,
        profile.content.version
    );
    for named in &facts.authorisations {
        if let Some(now) = held.iter().find(|now| now.id == named.id && now.digest().to_string() != named.sha256) {
            bail!("{} has changed since the check and is {} now: check again", now.id, now.state());
        }
    }
    Ok(())
}

/// The escort of one flight.
pub(super) struct Escort<'a> {
    carried: Carried<'a>,
    monitor: Monitor<'a>,
    endurance_s: Option<f64>,
    look_ns: u64,
    stands_in: Option<FlightId>,
    alerts: Vec<Value>,
    refused: Option<String>,
    /// The vehicle does not say where it is, and that was said.
    blind: bool,
}

impl<'a> Escort<'a> {
    /// With papers on their way.
    pub(super) fn new(
        brief: &'a Brief,
        index: &'a Index<'a>,
        carried: Carried<'a>,
        endurance_min: Option<f64>,
    ) -> Result<Self> {
        let facts = &brief.judged.facts;
        let limits = brief.profile.content.limits;
        let who = (facts.crew.pilot.as_str(), facts.aircraft.as_str());
        let monitor = Monitor::new(index, limits, &brief.rules.authorisations, who, brief.surroundings()?);
        Ok(Self {
            carried,
            monitor,
            endurance_s: endurance_min.map(|minutes| minutes * 60.0),
            look_ns: 0,
            stands_in: None,
            alerts: Vec::new(),
            refused: None,
            blind: false,
        })
    }

    /// Waits until the aircraft has the papers.
    pub(super) async fn hand_over(&mut self, link: &mut Link) -> Result<()> {
        let delivered = papers::deliver(&mut self.carried, link).await?;
        self.note(delivered);
        Ok(())
    }

    fn note(&mut self, delivered: Delivered) {
        if let Delivered::InFlight(flight) = delivered {
            self.stands_in = Some(flight);
        }
    }

    /// Takes what came, looks where it is time; what is to be said. In the air a refusal is said, and nothing is stopped for it.
    pub(super) fn step(&mut self, link: &mut Link, frame: Option<&Frame>) -> Vec<String> {
        let before = self.stands_in;
        let mut say = Vec::new();
        match self.carried.step(link, frame) {
            Ok(delivered) => delivered.into_iter().for_each(|delivered| self.note(delivered)),
            Err(error) => {
                let words = format!("{error:#}");
                if self.refused.as_ref() != Some(&words) {
                    say.push(words.clone());
                    self.refused = Some(words);
                }
            }
        }
        if let Some(flight) = self.stands_in.filter(|_| before != self.stands_in) {
            say.push(format!("the papers stand in the record of flight {flight}"));
        }
        let now_ns = clock::mono_ns();
        if now_ns >= self.look_ns && link.watch.armed {
            self.look_ns = now_ns + LOOK_NS;
            say.extend(self.look(&link.watch));
        }
        say
    }

    fn look(&mut self, watch: &Watch) -> Vec<String> {
        let at = Timestamp::from_microsecond(clock::now_utc_us()).unwrap_or(Timestamp::UNIX_EPOCH);
        let Some(state) = state(watch, self.endurance_s, clock::mono_ns(), at) else { return self.sight(false) };
        let mut say = self.sight(true);
        let tick = self.monitor.tick(&state);
        let began = tick.began.iter().map(|alert| (alert, NotedAs::Began));
        let ended = tick.ended.iter().map(|alert| (alert, NotedAs::Ended));
        say.extend(began.chain(ended).map(|(alert, how)| self.tell(alert, how, at)));
        say
    }

    /// Whether it is known where the vehicle is; what is to be said when that changes.
    fn sight(&mut self, seen: bool) -> Vec<String> {
        if self.blind != seen {
            return Vec::new();
        }
        self.blind = !seen;
        let words = if seen {
            "the vehicle says again where it is: limits and zones are watched"
        } else {
            "ALERT the vehicle does not say where it is: neither limits nor zones are watched. Watch it by eye"
        };
        vec![words.to_owned()]
    }

    fn tell(&mut self, alert: &Alert, how: NotedAs, at: Timestamp) -> String {
        let noted = Noted::of(alert, how, at);
        let purpose = if noted.is_about_authorisation() { Purpose::Authorisation } else { Purpose::Limit };
        self.carried.alert(Message { purpose, bytes: noted.write() });
        if self.alerts.len() < MAX_TOLD {
            self.alerts.push(json!(noted));
        }
        let grave = if alert.severity == Severity::Blocks { "ALERT" } else { "alert" };
        match how {
            NotedAs::Began => format!("{grave} [{}] {}", alert.rule, alert.what),
            NotedAs::Ended => format!("over: [{}] {}", alert.rule, alert.what),
        }
    }

    /// After the landing: what is still to be said of the flight is, while the flight is open.
    pub(super) async fn last_words(&mut self, link: &mut Link) -> Result<()> {
        let until_ns = clock::mono_ns() + LAST_WORDS_NS;
        while clock::mono_ns() < until_ns && (self.carried.undelivered() > 0 || self.stands_in.is_none()) {
            let frame = link.next().await?;
            self.step(link, frame.as_ref());
        }
        Ok(())
    }

    /// For programs.
    pub(super) fn facts(&self, judged: &Judged) -> Value {
        json!({
            "sha256": judged.sha256,
            "standing": judged.standing,
            "recorded_in": self.stands_in,
            "alerts": self.alerts,
            "alerts_not_recorded": self.carried.undelivered(),
        })
    }
}

/// What the vehicle says of itself, while it says where it is.
fn state(watch: &Watch, endurance_s: Option<f64>, now_ns: u64, at: Timestamp) -> Option<State> {
    let place = watch.place.filter(|_| now_ns.saturating_sub(watch.place_ns) < FRESH_NS)?;
    let position = Position::new(f64::from(place.lat_e7) / 1e7, f64::from(place.lon_e7) / 1e7)?;
    let [north_ms, east_ms, down_ms] = place.velocity_cms.map(|cms| f64::from(cms) / 100.0);
    Some(State {
        position,
        speed_ms: north_ms.hypot(east_ms),
        course_deg: east_ms.atan2(north_ms).to_degrees().rem_euclid(360.0),
        climb_ms: -down_ms,
        height_m: f64::from(place.above_home_mm) / 1e3,
        satellites_amsl_m: watch.satellites_mm.map(|mm| f64::from(mm) / 1e3),
        battery_percent: watch.battery_percent.map(f64::from),
        endurance_s,
        at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Place;

    #[test]
    fn a_course_is_from_north_and_a_climb_is_up() {
        let place = Place {
            lat_e7: 515_034_000,
            lon_e7: -19_787_000,
            msl_mm: 150_000,
            above_home_mm: 8_000,
            velocity_cms: [0, -300, -200],
        };
        let mut watch = Watch::default();
        (watch.place, watch.battery_percent) = (Some(place), Some(80));
        assert_eq!(state(&watch, None, FRESH_NS, Timestamp::UNIX_EPOCH), None, "an old place is none");
        let state = state(&watch, None, FRESH_NS - 1, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((state.speed_ms, state.course_deg, state.climb_ms, state.height_m), (3.0, 270.0, 2.0, 8.0));
        assert_eq!((state.battery_percent, state.satellites_amsl_m), (Some(80.0), None));
    }
}
