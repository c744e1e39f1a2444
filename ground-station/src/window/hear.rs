//! What happened becomes what is known.

use super::app::App;
use super::asked::For;
use super::settings::{Settings, View};
use crate::state::airspace::Course;
use crate::state::hud::Beside;
use crate::state::station::{Reading, STEP_US};
use crate::state::steer::Wish;
use crate::state::viewers::Holder;
use crate::tasks::follow;
use crate::tasks::live::News;
use crate::tasks::orders::{Answer, NOT_TAKEN, Order, Outcome};
use crate::tasks::radio::Event;
use crate::tasks::skies::{self, Question};
use crate::tasks::witness::Process;
use crate::ui::fly::beside::Viewers;
use crate::ui::fly::controls::Guarded;
use crate::window::words::minute;

/// Zones are asked this often, ns.
const SKIES_NS: u64 = 1_000_000_000;

/// Who sees the downlink before anybody does.
pub(super) fn no_viewers(settings: &Settings) -> Viewers {
    let (protection, note) = match settings.live.view {
        View::Keys if settings.keys.station.is_some() => {
            (Some("Encrypted"), "Nothing is sent until this station has agreed keys with the aircraft.")
        }
        View::Keys | View::None => (None, "No live view is set up: see [live] and [keys] in the settings."),
        View::Plain => (Some("Not encrypted"), "Everybody whom the network brings it to can watch."),
        View::Rtsp => (Some("Not encrypted"), "A camera’s own server: it does not say who watches."),
    };
    Viewers { protection, who: Vec::new(), note: note.to_owned() }
}

impl App {
    /// Takes everything that waits.
    pub(super) fn hear(&mut self, now_ns: u64, utc_us: i64) {
        self.hear_radio(now_ns, utc_us);
        self.hear_witness(now_ns);
        self.hear_view(now_ns, utc_us);
        self.hear_skies(now_ns);
        let readings = self.work.health.as_ref().map(|health| health.readings()).unwrap_or_default();
        readings.into_iter().for_each(|reading| self.hear_reading(reading));
        let beside = self.beside_hud();
        let latest = self.work.picture.as_ref().and_then(|picture| picture.latest());
        self.flight.show(latest, &beside);
    }

    /// How this machine is. Steps of its clock add up until somebody has seen them: set back, it agrees again.
    pub(super) fn hear_reading(&mut self, reading: Reading) {
        if let Some(step) = self.station.take(reading) {
            let by_us = self.unexplained_step.unwrap_or(0).saturating_add(step.by_us);
            self.unexplained_step = Some(by_us).filter(|by_us| by_us.abs() > STEP_US);
        }
    }

    fn hear_radio(&mut self, now_ns: u64, utc_us: i64) {
        let events = self.work.radio.as_ref().map(|radio| radio.events()).unwrap_or_default();
        events.into_iter().for_each(|event| self.hear_event(event, now_ns, utc_us));
        if let Some((flight, _)) = self.ribbon.newest() {
            let recording = self.is_recording(now_ns);
            self.ribbon.camera(flight, recording);
        }
    }

    /// What the radio tells.
    pub(super) fn hear_event(&mut self, event: Event, now_ns: u64, utc_us: i64) {
        match event {
            Event::Frame { frame, at_ns } => {
                let fact = self.work.follow.as_mut().and_then(|follow| follow.beacon(&frame, utc_us));
                fact.into_iter().for_each(|fact| self.ribbon.take(fact));
                self.flight.hear(&frame, at_ns);
            }
            Event::Opened { link } => {
                // One that was never away is nothing to tell of.
                if self.links_away.remove(&link) {
                    self.notices.done(format!("Link open again: {link}"), None, now_ns);
                }
            }
            Event::Failed { link, why, again_in_s } => {
                let words = format!("The link {link} is not open: {why}. It is tried again in {again_in_s} s.");
                self.notices.fault(words, now_ns);
                self.links_away.insert(link);
            }
            Event::NotSigned(words) => self.notices.fault(words, now_ns),
            Event::Order { id, outcome } => self.hear_order(id, &outcome, now_ns),
            Event::Ended(why) => self.notices.fault(
                format!("The radio has stopped: {why}. Start the window again; recording and witness go on."),
                now_ns,
            ),
        }
    }

    fn hear_order(&mut self, id: crate::tasks::orders::OrderId, outcome: &Outcome, now_ns: u64) {
        if let Outcome::Accepted(Answer::Plan(held)) = outcome {
            self.flight.aboard.take(held);
        }
        super::desks::hear_order(self, id, outcome, now_ns);
        let Some((what, refused)) = self.asked.hear(id, outcome, now_ns) else { return };
        self.steer.answered(&what, refused.as_deref());
        if let (For::Guarded(Guarded::Steer(Wish::Orbit { .. })), Some(why)) = (&what, &refused)
            && why.starts_with(NOT_TAKEN)
            && let Some(vehicle) = self.flight.vehicle()
        {
            self.steer.takes_no_orbit(vehicle.address.system);
        }
        let answer = match (outcome, &refused) {
            (Outcome::Accepted(answer), _) => Ok(answer),
            (_, why) => Err(why.as_deref().unwrap_or_default()),
        };
        if let (For::Record { .. }, Err(why)) = (&what, answer) {
            self.notices.fault(format!("{}: {why}", what.words()), now_ns);
        }
        match what {
            For::Record { start } => {
                return self.heard_record(start, answer, matches!(outcome, Outcome::Refused(_)), now_ns);
            }
            For::Session { end } => self.heard_session(end, answer, now_ns),
            For::Amend => self.heard_amendment(answer),
            For::Hold | For::Return | For::Guarded(_) | For::Told(_) | For::Quiet(_) => {}
        }
        match (&what, refused) {
            (_, Some(why)) => self.notices.fault(format!("{}: {why}", what.words()), now_ns),
            (For::Told(words), None) => self.notices.done(format!("{words}: done"), None, now_ns),
            (_, None) => {}
        }
    }

    fn hear_witness(&mut self, now_ns: u64) {
        let news = self.work.witness.as_ref().map(|witness| witness.news()).unwrap_or_default();
        news.into_iter().for_each(|news| self.hear_process(news, now_ns));
        for event in self.work.follow.as_mut().map(|follow| follow.events()).unwrap_or_default() {
            match event {
                follow::Event::Facts(facts) => facts.into_iter().for_each(|fact| self.ribbon.take(fact)),
                follow::Event::CaughtUp => self.caught_up = true,
                follow::Event::Device { .. } | follow::Event::Said(_) => {}
                follow::Event::Trouble(words) => self.notices.fault(words, now_ns),
            }
        }
    }

    /// What has become of the process of the witness.
    pub(super) fn hear_process(&mut self, news: Process, now_ns: u64) {
        match news {
            Process::Runs | Process::RanBefore => self.witness_runs = Some(true),
            Process::Ended { why, again_in_s } => {
                self.witness_runs = Some(false);
                let again =
                    again_in_s.map_or_else(String::new, |seconds| format!(" It is started again in {seconds} s."));
                self.notices.fault(format!("The witness ended: {why}.{again}"), now_ns);
            }
        }
    }

    fn hear_view(&mut self, now_ns: u64, utc_us: i64) {
        for news in self.work.keys.as_ref().map(|keys| keys.news()).unwrap_or_default() {
            match news {
                News::Agreed { aircraft } => {
                    self.holders.agreed("This station", utc_us);
                    self.viewers.note = format!(
                        "{aircraft} sends to this station alone, until the flight ends or another station asks."
                    );
                }
                News::Taken { by } => {
                    self.holders.agreed(&by, utc_us);
                    self.viewers.note = format!("{by} has the view now. Recording and seal are not touched.");
                }
                News::Called { aircraft } => self.viewers.note = format!("{aircraft} has a view; keys are offered."),
                News::Unanswered { aircraft } => {
                    self.viewers.note =
                        format!("{aircraft} does not answer: is its trust list the newest, are both clocks right?");
                }
                News::Uncalled => {
                    self.viewers.note = "No aircraft of the unit calls: check the link and its [live].".to_owned();
                }
                News::Unreadable => {
                    self.viewers.note = "The keys do not open what comes; new ones are agreed.".to_owned();
                }
                News::Silent => {
                    self.viewers.note = "Keys are agreed, nothing comes: check the camera and the firewall.".to_owned();
                }
                News::Listening | News::Received { .. } => {}
                News::Trouble { what } => self.notices.fault(what, now_ns),
                News::Ended { why, .. } => {
                    self.holders.ended(utc_us);
                    self.notices
                        .fault(format!("The live view ended: {why}. It is started again; recording goes on."), now_ns);
                }
            }
            self.viewers.who = self.holders.all().iter().map(|holder| self.held_keys(holder)).collect();
        }
    }

    /// A station that the aircraft agreed keys with, since when, until when.
    fn held_keys(&self, holder: &Holder) -> (String, String) {
        let from = minute(holder.from_utc_us, &self.zone);
        let words = match holder.until_utc_us {
            None => format!("Holds the keys since {from}"),
            Some(until) => format!("Held them {from} to {}; they open nothing now", minute(until, &self.zone)),
        };
        (holder.who.clone(), words)
    }

    fn hear_skies(&mut self, now_ns: u64) {
        for answer in self.work.skies.as_ref().map(|skies| skies.answers()).unwrap_or_default() {
            match answer {
                skies::Answer::Zones(datasets) => {
                    self.skies.datasets = datasets;
                    self.skies.edition += 1;
                    self.skies.stands_edition += 1;
                    (self.skies.stands, self.skies.next, self.skies.asked) = (Vec::new(), None, None);
                }
                skies::Answer::Stands { stands, next, ends } => {
                    if let Some(stands) = stands {
                        self.skies.stands = stands;
                        self.skies.stands_edition += 1;
                    }
                    (self.skies.next, self.skies.ends) = (next, ends);
                }
                skies::Answer::Trouble(words) => self.notices.fault(format!("Zones: {words}"), now_ns),
            }
        }
    }

    /// Asks how the zones stand to the flight when that is another one than before, once a second at most.
    pub(super) fn ask_skies(&mut self, now_ns: u64) {
        if self.skies.asked.as_ref().is_some_and(|(_, asked_ns)| now_ns.saturating_sub(*asked_ns) < SKIES_NS) {
            return;
        }
        let place = self.flight.vehicle().map(|vehicle| &vehicle.place);
        let fix = place.and_then(|place| place.fix.now(now_ns));
        let home = place.and_then(|place| place.home.now(now_ns)).map(|home| (home.position, home.height_msl_m));
        let named = self.settings.home().ok().flatten().map(|home| (home, 0.0));
        let Some(home) = home.or(fix.map(|fix| (fix.position, fix.height_msl_m - fix.height_above_home_m))).or(named)
        else {
            return;
        };
        let Some(limits) = super::limits() else { return };
        let course = fix.map(|fix| {
            let [north, east, _] = fix.velocity_mps;
            Course { course_deg: east.atan2(north).to_degrees().rem_euclid(360.0), speed_ms: north.hypot(east) }
        });
        let question = Question {
            home,
            at: fix.map_or(home.0, |fix| fix.position),
            course,
            limits,
            who: (self.who(), self.settings.links.aircraft.clone().unwrap_or_default()),
        };
        if self.skies.asked.as_ref().is_some_and(|(asked, _)| *asked == question) {
            return;
        }
        if self.work.skies.as_ref().is_some_and(|skies| skies.ask(question.clone())) {
            self.skies.asked = Some((question, now_ns));
        }
    }

    /// The plan aboard is read when a vehicle is found, and when it says that it has another number of items.
    pub(super) fn ask_plan(&mut self, now_ns: u64) {
        let Some(vehicle) = self.flight.vehicle().filter(|vehicle| !vehicle.link.is_lost(now_ns)) else { return };
        let Some(total) = vehicle.mission(now_ns).and_then(|mission| mission.total) else { return };
        let now = Some((vehicle.address.system, total));
        if self.flight.aboard.read != now {
            self.flight.aboard.read = now;
            self.order(Order::ReadPlan, For::Quiet("Reading the plan aboard"), now_ns);
        }
    }

    /// Once for each vehicle its failsafes are read.
    pub(super) fn ask_failsafes(&mut self, now_ns: u64) {
        let Some(vehicle) = self.flight.vehicle() else { return };
        let (system, Some(kind)) = (vehicle.address.system, vehicle.kind()) else { return };
        if self.failsafes_asked == Some(system) || vehicle.link.is_lost(now_ns) {
            return;
        }
        let wanted: Vec<&str> = crate::state::vehicle::failsafe::Failsafes::wanted(kind).to_vec();
        let names = wanted.iter().filter_map(|name| name.parse().ok()).collect();
        self.failsafes_asked = Some(system);
        self.order(Order::ReadParameters(names), For::Quiet("Reading the failsafes"), now_ns);
    }

    /// What the head-up display needs that the picture does not say.
    pub(super) fn beside_hud(&self) -> Beside {
        let now_ns = crate::clock::mono_ns();
        let home = self.flight.vehicle().and_then(|vehicle| vehicle.place.home.now(now_ns));
        Beside {
            home: home.map(|home| home.position),
            home_amsl_m: home.map(|home| home.height_msl_m),
            return_speed_mps: Some(crate::state::vehicle::energy::Way::default().cruise_mps),
            limit_agl_m: super::limits().map(|limits| limits.height_agl_m),
            time_uncertainty_us: None,
        }
    }
}
