//! Plan, at its desk.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use egui::{Rect, Ui};

use super::App;
use super::papers::Papers;
use super::send::Sending;
use crate::clock;
use crate::command::{Command, Workspace};
use crate::plan::bench::Bench;
use crate::plan::rules::Loaded;
use crate::state::plan::Planner;
use crate::state::plan::work::Means;
use crate::state::progress::{Unit, Work};
use crate::tasks::meter::{Meter, Stop};
use crate::ui::plan::{self, Ground, PlanCommand, PlanView};
use crate::window::settings::Settings;

/// What is done before anything can be planned.
const READING: &str = "Reading zones, permissions and terrain";
/// Longest file taken in, bytes.
const MAX_BYTES: u64 = 32 << 20;

#[derive(Default)]
enum Rules {
    #[default]
    NotAsked,
    Reading,
    There(Box<Bench>),
    /// Why.
    Failed(String),
}

pub(super) struct Desk {
    pub(super) planner: Option<Planner>,
    rules: Rules,
    terrain: &'static str,
    pub(super) view: PlanView,
    /// An upload that goes on.
    pub(super) sending: Option<Sending>,
    /// The rules are being read, so far.
    reading: Option<Work>,
    pub(super) papers: Papers,
}

impl Desk {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut view = PlanView::default();
        if let Ok(Some(home)) = settings.home() {
            view.map.look_at(home, 13.5);
        }
        let (sending, reading, papers) = (None, None, Papers::default());
        Self { planner: Planner::new().ok(), rules: Rules::NotAsked, terrain: "", view, sending, reading, papers }
    }

    pub(super) fn forget_textures(&mut self) {
        self.view.map.forget_textures();
    }

    pub(super) fn look_at(&mut self, middle: mission_profiles::place::Position, zoom: f64) {
        self.view.map.look_at(middle, zoom);
    }
}

/// What for, as the profile says: of the plan that is drawn, or opened; nothing while there is none.
pub(in crate::window) fn task(app: &App) -> Option<String> {
    let planner = app.desks.plan.planner.as_ref()?;
    let document = planner.document();
    let planned = document.is_drawn() || document.imported.is_some();
    planned.then(|| planner.profile().content.purpose.task.clone())
}

#[cfg(test)]
impl App {
    /// What is drawn in Plan.
    pub(in crate::window) fn planned(&mut self) -> &crate::state::plan::document::Document {
        self.desks.plan.planner.as_ref().unwrap().document()
    }

    /// Everything is known that a drawing needs.
    pub(in crate::window) fn plan_waits_for_a_drawing(&self) -> bool {
        use crate::state::plan::work::Missing;
        let missing = self.desks.plan.planner.as_ref().and_then(Planner::missing);
        matches!(missing, Some(Missing::Drawing(_)))
    }

    /// How its map lies in this rectangle.
    pub(in crate::window) fn plan_lens(&self, map: Rect) -> crate::ui::map::lens::Lens {
        self.desks.plan.view.map.lens(map)
    }
}

impl App {
    /// Begins with the plan in this file.
    pub(crate) fn open_plan(&mut self, path: &Path) {
        if let Err(error) = take_in(self, path) {
            self.notices.fault(format!("The plan is not opened: {error:#}"), clock::mono_ns());
        }
    }
}

/// Questions and answers go on, whatever is shown.
pub(super) fn go_on(app: &mut App) {
    let now = app.moment().now;
    let (vehicle, stands_at) = stands(app);
    let pilot = app.desks.gate.signed_in();
    let (crew, serial) = (app.settings.crew.clone(), app.settings.links.aircraft.clone().unwrap_or_default());
    let left = left_aboard(app);
    let desk = &mut app.desks.plan;
    let (Rules::There(bench), Some(planner)) = (&mut desk.rules, &mut desk.planner) else { return };
    let mut means: Means = planner.means().clone();
    (means.vehicle, means.stands_at) = (vehicle, stands_at);
    means.crew.roles.clone_from(&crew.roles);
    means.crew.roles.extend(planner.filled().filter(|role| !crew.roles.contains(role)).cloned());
    means.crew.recent_h = crew.recent_h;
    if let Some(pilot) = pilot {
        means.crew.pilot = pilot;
        means.crew.roles.push("pilot".to_owned());
    }
    means.aircraft.serial = serial;
    means.aircraft.endurance_s = crew.endurance_min.map(|minutes| minutes * 60.0);
    (means.aircraft.battery_percent, means.aircraft.free_bytes) = left;
    planner.set_means(means);
    if let Some(question) = planner.question(now) {
        bench.ask(question);
    }
    if let Some(answer) = bench.answer() {
        planner.answer(answer);
    }
}

/// Datasets or permissions are others now.
pub(super) fn rules_changed(app: &mut App) {
    if matches!(app.desks.plan.rules, Rules::There(_) | Rules::Failed(_)) {
        app.desks.plan.rules = Rules::NotAsked;
        app.desks.plan.planner.iter_mut().for_each(Planner::stale);
    }
}

fn stands(app: &App) -> (Option<String>, Option<(mission_profiles::place::Position, f64)>) {
    let now_ns = clock::mono_ns();
    let Some(vehicle) = app.flight.vehicle().filter(|vehicle| !vehicle.link.is_lost(now_ns)) else {
        return (None, None);
    };
    let name = app.settings.links.aircraft.clone().unwrap_or_else(|| format!("system {}", vehicle.address.system));
    let fix = vehicle.place.fix.now(now_ns);
    // To the metre: a place that trembles is no other plan.
    let steady = |value: f64, by: f64| (value * by).round() / by;
    let at = fix.and_then(|fix| {
        let place = mission_profiles::place::Position::new(
            steady(fix.position.lat_deg, 1e5),
            steady(fix.position.lon_deg, 1e5),
        )?;
        Some((place, (fix.height_msl_m - fix.height_above_home_m).round()))
    });
    (Some(name), at)
}

/// Battery and storage, in steps that are no other plan.
fn left_aboard(app: &App) -> (Option<f64>, Option<u64>) {
    let now_ns = clock::mono_ns();
    let Some(vehicle) = app.flight.vehicle() else { return (None, None) };
    let percent = vehicle.power.now(now_ns).and_then(|battery| battery.percent).map(|percent| percent.floor());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes of a disk, clamped")]
    let free = vehicle
        .storage
        .least(now_ns)
        .map(|left| (left.free_bytes.clamp(0.0, 1e15) / 1e9).floor() as u64 * 1_000_000_000);
    (percent, free)
}

fn read_rules(app: &mut App) {
    app.desks.plan.rules = Rules::Reading;
    app.desks.plan.reading = Some(Work::begun(READING, Unit::Bytes, None, clock::mono_ns()));
    let settings = &app.settings;
    let (zones, register, terrain) =
        (settings.airspace.zones.clone(), settings.stores.first.clone(), settings.airspace.terrain.clone());
    let repaint = Arc::clone(&app.desks.repaint);
    app.desks.aside("rules", move |post| {
        let far = |done, total| {
            post.telemetry(Box::new(move |app: &mut App| {
                let now_ns = clock::mono_ns();
                app.desks.plan.reading.iter_mut().for_each(|work| work.at(READING, (done, total), now_ns));
            }));
        };
        let meter = Meter::new(Stop::default(), 0, far);
        let bench = Loaded::of(zones.as_deref(), register.as_deref(), terrain.as_deref(), &meter).and_then(|rules| {
            let model = if rules.terrain.is_some() { "Terrain model" } else { "" };
            Ok((Bench::start(Arc::new(rules), move || repaint())?, model))
        });
        Box::new(move |app: &mut App| {
            app.desks.plan.reading = None;
            match bench {
                Ok((bench, model)) => {
                    (app.desks.plan.rules, app.desks.plan.terrain) = (Rules::There(Box::new(bench)), model);
                }
                Err(error) => {
                    let why = format!("{error:#}");
                    app.notices.fault(format!("Plans cannot be checked: {why}"), clock::mono_ns());
                    app.desks.plan.rules = Rules::Failed(why);
                }
            }
        })
    });
}

/// Reads the rules the first time, and when they changed.
pub(super) fn begin(app: &mut App) {
    if matches!(app.desks.plan.rules, Rules::NotAsked) {
        read_rules(app);
    }
}

pub(super) fn draw(ui: &mut Ui, rect: Rect, app: &mut App) -> Vec<Command> {
    begin(app);
    let now_ns = clock::mono_ns();
    let own = app.flight.vehicle().and_then(|vehicle| {
        let fix = vehicle.place.fix.now(now_ns)?;
        Some((fix.position, vehicle.place.heading_deg(now_ns).unwrap_or(0.0)))
    });
    let datasets = Arc::clone(&app.skies.datasets);
    let no_papers = super::papers::cannot(app);
    let people = app.desks.gate.people().to_vec();
    let desk = &mut app.desks.plan;
    let tiles = app.desks.tiles.as_ref();
    let ground = Ground {
        datasets: &datasets,
        edition: app.skies.edition,
        tiles,
        own,
        terrain: desk.terrain,
        sending: desk.sending.as_ref().map(|sending| &sending.work),
        reading: desk.reading.as_ref(),
        trouble: if let Rules::Failed(why) = &desk.rules { Some(why) } else { None },
        people: &people,
        no_papers,
    };
    let Some(planner) = &mut desk.planner else { return Vec::new() };
    let asked = plan::show(ui, rect, planner, ground, &mut desk.view);
    asked.into_iter().filter_map(|command| carry_out(app, command, now_ns)).collect()
}

fn carry_out(app: &mut App, command: PlanCommand, now_ns: u64) -> Option<Command> {
    match command {
        PlanCommand::Upload(plan) => super::send::begin(app, plan, now_ns),
        PlanCommand::CancelUpload => super::send::cancel(app),
        PlanCommand::Answer(answer) => super::papers::answer(app, *answer),
        PlanCommand::Activate(id) => {
            super::airspace::open(app, &id);
            return Some(Command::Go(Workspace::Airspace));
        }
        PlanCommand::OpenAirspace => return Some(Command::Go(Workspace::Airspace)),
        PlanCommand::Call { name, phone } => app.notices.done(format!("Call {name}: {phone}"), None, now_ns),
        PlanCommand::Import(path) => match take_in(app, &path) {
            Ok(()) => app.desks.plan.view.filed(),
            Err(error) => app.desks.plan.view.refuse(format!("{error:#}")),
        },
        PlanCommand::Export(path) => match write_out(app, &path) {
            Ok(()) => {
                app.desks.plan.view.filed();
                app.notices.done(format!("Plan written: {}", path.display()), None, now_ns);
            }
            Err(error) => app.desks.plan.view.refuse(format!("{error:#}")),
        },
    }
    None
}

fn take_in(app: &mut App, path: &Path) -> Result<()> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    let planner = app.desks.plan.planner.as_mut().context("no profiles")?;
    planner.import(&path.display().to_string(), &bytes).map_err(anyhow::Error::msg)
}

fn write_out(app: &App, path: &Path) -> Result<()> {
    use std::io::Write as _;
    let planner = app.desks.plan.planner.as_ref().context("no profiles")?;
    let bytes = planner.export(&path.display().to_string()).map_err(anyhow::Error::msg)?;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let file =
        file.as_mut().map_err(|error| anyhow::anyhow!("{}: {error}; nothing is written over", path.display()))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).with_context(|| path.display().to_string())
}
