//! Plan, at its desk.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use egui::{Rect, Ui};

use super::App;
use crate::clock;
use crate::command::{Command, Workspace};
use crate::plan::bench::Bench;
use crate::plan::rules::Loaded;
use crate::state::plan::Planner;
use crate::state::plan::work::Means;
use crate::tasks::orders::Order;
use crate::ui::plan::{self, Ground, PlanCommand, PlanView};
use crate::window::asked::For;
use crate::window::settings::Settings;

/// Longest file taken in, bytes.
const MAX_BYTES: u64 = 32 << 20;

#[derive(Default)]
enum Rules {
    #[default]
    NotAsked,
    Reading,
    There(Box<Bench>),
    Failed,
}

pub(super) struct Desk {
    planner: Option<Planner>,
    rules: Rules,
    terrain: &'static str,
    view: PlanView,
}

impl Desk {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut view = PlanView::default();
        if let Ok(Some(home)) = settings.home() {
            view.map.look_at(home, 13.5);
        }
        Self { planner: Planner::new().ok(), rules: Rules::NotAsked, terrain: "", view }
    }

    pub(super) fn look_at(&mut self, middle: mission_profiles::place::Position, zoom: f64) {
        self.view.map.look_at(middle, zoom);
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
    if matches!(app.desks.plan.rules, Rules::There(_) | Rules::Failed) {
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
    let settings = &app.settings;
    let (zones, register, terrain) =
        (settings.airspace.zones.clone(), settings.stores.first.clone(), settings.airspace.terrain.clone());
    let repaint = Arc::clone(&app.desks.repaint);
    app.desks.aside("rules", move |_| {
        let bench = Loaded::of(zones.as_deref(), register.as_deref(), terrain.as_deref()).and_then(|rules| {
            let model = if rules.terrain.is_some() { "Terrain model" } else { "" };
            Ok((Bench::start(Arc::new(rules), move || repaint())?, model))
        });
        Box::new(move |app: &mut App| match bench {
            Ok((bench, model)) => {
                (app.desks.plan.rules, app.desks.plan.terrain) = (Rules::There(Box::new(bench)), model);
            }
            Err(error) => {
                app.desks.plan.rules = Rules::Failed;
                app.notices.fault(format!("Plans cannot be checked: {error:#}"), clock::mono_ns());
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
    let desk = &mut app.desks.plan;
    let tiles = app.desks.tiles.as_ref();
    let ground = Ground { datasets: &datasets, edition: app.skies.edition, tiles, own, terrain: desk.terrain };
    let Some(planner) = &mut desk.planner else { return Vec::new() };
    let asked = plan::show(ui, rect, planner, ground, &mut desk.view);
    asked.into_iter().filter_map(|command| carry_out(app, command, now_ns)).collect()
}

fn carry_out(app: &mut App, command: PlanCommand, now_ns: u64) -> Option<Command> {
    match command {
        PlanCommand::Upload(plan) => app.order(Order::Upload(plan), For::Told("Plan uploaded and read back"), now_ns),
        PlanCommand::Activate(_) | PlanCommand::OpenAirspace => return Some(Command::Go(Workspace::Airspace)),
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
