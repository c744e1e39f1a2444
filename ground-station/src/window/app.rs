//! The window: what it knows, and the order in which a frame is made.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use mission_profiles::zones::Dataset;

use super::asked::Asked;
use super::flight::Flight;
use super::settings::Settings;
use super::work::Work;
use crate::clock;
use crate::command::{Command, Workspace};
use crate::state::airspace::{NextLimit, Stand};
use crate::state::alarms::{Alarms, Facts};
use crate::state::notices::Notices;
use crate::state::seal::Ribbon;
use crate::state::station::Station;
use crate::state::viewers::Holders;
use crate::tasks::Repaint;
use crate::tasks::skies::Question;
use crate::ui::fly::controls::Guarded;
use crate::ui::fly::layout::Wish;
use crate::ui::fly::{beside::Viewers, picture, ribbon};
use crate::ui::map::MapView;
use crate::ui::shell::palette::Palette;
use crate::ui::theme;
use crate::ui::tokens::Theme;

/// What can be taken back from a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undo {}

/// What the zones say of the flight.
#[derive(Default)]
pub(super) struct Skies {
    /// The zones.
    pub(super) datasets: Arc<Vec<Dataset>>,
    /// Rises with each reading of them.
    pub(super) edition: u64,
    /// How each stands to the flight.
    pub(super) stands: Vec<Stand>,
    /// Rises with each change of that.
    pub(super) stands_edition: u64,
    /// The next limit.
    pub(super) next: Option<NextLimit>,
    /// The permission that ends first.
    pub(super) ends: Option<(String, i64)>,
    /// What was asked last, and when, ns.
    pub(super) asked: Option<(Question, u64)>,
}

/// A panel over the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Why it would not arm.
    WhyNotArm,
    /// What it does by itself.
    Failsafes,
    /// Everything that was said.
    Notices,
    /// The settings.
    Settings,
    /// Who works here.
    SignIn,
    /// The control that stops the motors.
    StopMotors,
    /// The modes.
    Mode,
    /// The note of a marker.
    Marker,
    /// In whose name it is recorded, and why.
    Reason,
}

/// How it is looked at: nothing of it matters to anything else.
#[derive(Default)]
pub(super) struct View {
    pub(super) workspace: Workspace,
    pub(super) wish: Wish,
    pub(super) palette: Option<Palette>,
    pub(super) over: Option<Over>,
    pub(super) picture: picture::View,
    pub(super) inset: picture::View,
    pub(super) ribbon: ribbon::View,
    pub(super) map: MapView,
    pub(super) guarded: Option<Guarded>,
    pub(super) note: String,
    pub(super) reason: crate::ui::fly::reason::View,
}

/// The window.
pub(crate) struct App {
    pub(super) settings: Settings,
    pub(super) zone: TimeZone,
    pub(super) work: Work,
    pub(super) repaint: Repaint,
    pub(super) theme: Theme,
    pub(super) flight: Flight,
    pub(super) asked: Asked,
    pub(super) steer: super::steer::Steer,
    pub(super) alarms: Alarms,
    pub(super) notices: Notices<Undo>,
    pub(super) ribbon: Ribbon,
    pub(super) station: Station,
    pub(super) skies: Skies,
    pub(super) viewers: Viewers,
    /// Who holds the keys of the view, and who held them.
    pub(super) holders: Holders,
    /// A recorded flight that is looked at in Fly's screen.
    pub(super) replay: Option<super::replay::Replay>,
    /// The witness runs; nothing while it is not wanted.
    pub(super) witness_runs: Option<bool>,
    /// The files of the witness are read.
    pub(super) caught_up: bool,
    /// Links that could not be opened when they were tried last; of those that the settings name.
    pub(super) links_away: BTreeSet<String>,
    /// A step of the clock that nobody has seen yet, µs.
    pub(super) unexplained_step: Option<i64>,
    pub(super) failsafes_asked: Option<u8>,
    pub(super) desks: super::desks::Desks,
    /// The file of the settings, and what was wrong with it when it was read last.
    pub(super) config: Option<PathBuf>,
    pub(super) config_trouble: Option<String>,
    /// Alarms are heard.
    pub(super) sounds: bool,
    pub(super) view: View,
    /// Nothing where the window is only pictured.
    pub(super) seat: Option<super::seat::Seat>,
}

impl App {
    /// A window by these settings. `repaint` wakes it.
    ///
    /// # Errors
    /// When the settings do not hold together.
    pub(crate) fn new(
        settings: Settings,
        theme: Option<Theme>,
        config: Option<PathBuf>,
        repaint: Repaint,
    ) -> anyhow::Result<Self> {
        let (work, troubles) = Work::start(&settings, &repaint);
        let repaint_desks = Arc::clone(&repaint);
        let mut app = Self {
            zone: settings.time_zone()?,
            theme: theme.unwrap_or(settings.station.theme),
            repaint,
            flight: Flight::default(),
            asked: Asked::default(),
            steer: super::steer::Steer::default(),
            alarms: Alarms::default(),
            notices: Notices::default(),
            ribbon: Ribbon::default(),
            station: Station::default(),
            skies: Skies::default(),
            viewers: Viewers::default(),
            holders: Holders::default(),
            replay: None,
            witness_runs: work.witness.as_ref().map(|_| true),
            caught_up: false,
            links_away: BTreeSet::new(),
            unexplained_step: None,
            failsafes_asked: None,
            desks: super::desks::Desks::new(&settings, &repaint_desks),
            config,
            config_trouble: None,
            sounds: settings.station.sounds,
            view: View::default(),
            seat: None,
            work,
            settings,
        };
        if let Some(home) = app.settings.home()? {
            app.view.map.look_at(home, 13.5);
        }
        app.viewers = super::hear::no_viewers(&app.settings);
        let now_ns = clock::mono_ns();
        troubles.into_iter().for_each(|trouble| app.notices.fault(trouble, now_ns));
        Ok(app)
    }

    /// A theme put in force.
    pub(super) fn put_theme(&mut self, ctx: &egui::Context, theme: Theme) {
        self.theme = theme;
        theme::apply(ctx, theme);
    }

    /// Hears what has happened and lets time pass; before anything is drawn.
    pub(crate) fn update(&mut self, ctx: &egui::Context) {
        let (now_ns, utc_us) = (clock::mono_ns(), clock::now_utc_us());
        let facts = self.look(now_ns, utc_us);
        ctx.request_repaint_after(self.rest(&facts, now_ns, utc_us));
    }

    /// The same, at this time; the facts by which the alarms were judged.
    pub(super) fn look(&mut self, now_ns: u64, utc_us: i64) -> Facts {
        self.hear(now_ns, utc_us);
        self.hear_desks();
        self.flight.tick(now_ns);
        self.asked.tick(now_ns);
        self.look_after_target(now_ns);
        self.notices.tick(now_ns);
        self.ask_skies(now_ns);
        self.ask_failsafes(now_ns);
        self.ask_plan(now_ns);
        let facts = self.facts(now_ns, utc_us);
        self.alarms.look(&facts, now_ns);
        self.look_after_seat(now_ns);
        self.look_after_replay(now_ns);
        self.look_after_record(now_ns, utc_us);
        facts
    }

    /// Draws a frame and does what was asked in it.
    pub(crate) fn draw(&mut self, ui: &mut egui::Ui) {
        // Before what is asked for in the same frame opens.
        if self.view.palette.is_none() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            self.view.over = None;
        }
        let asked = super::keys_first(ui.ctx(), self.desks.gate.is_locked(), self.view.palette.is_some());
        for command in asked {
            self.act(ui.ctx(), command);
        }
        let commands = super::shell::draw(ui, self);
        for command in commands {
            self.act(ui.ctx(), command);
        }
    }

    /// Textures belong to one context: those of another are made anew.
    pub(crate) fn forget_textures(&mut self) {
        (self.view.picture, self.view.inset) = (picture::View::default(), picture::View::default());
        self.view.map.forget_textures();
        self.replay.iter_mut().for_each(super::replay::Replay::forget_textures);
        self.desks.forget_textures();
    }

    /// For a test or a picture: shows this workspace.
    pub(crate) fn go(&mut self, workspace: Workspace) {
        self.view.workspace = workspace;
    }

    /// Who acts here, for the log of alarms.
    pub(super) fn who(&self) -> String {
        self.desks.gate.signed_in().unwrap_or_else(|| self.settings.station.place.clone())
    }

    /// The settings' file was changed by somebody: what can be taken up while the window runs is.
    pub(super) fn read_settings_again(&mut self) {
        let Some(path) = self.config.clone() else { return };
        match Settings::load(&path) {
            Ok(settings) => {
                (self.sounds, self.config_trouble) = (settings.station.sounds, None);
                self.zone = settings.time_zone().unwrap_or(TimeZone::UTC);
                self.settings = settings;
                let words =
                    "Settings read: links, keys, stores and witness are taken up when the window is opened again";
                self.notices.done(words, None, clock::mono_ns());
            }
            Err(error) => self.config_trouble = Some(format!("{error:#}")),
        }
    }

    /// The slide that stands at the foot of Fly.
    pub(super) fn slide(&self, now_ns: u64) -> (Guarded, Option<String>) {
        super::guard::slide(self, now_ns)
    }
}

/// Commands that only say where to look.
pub(super) fn opens(command: Command) -> Option<Over> {
    match command {
        Command::WhyNotArm => Some(Over::WhyNotArm),
        Command::Failsafes => Some(Over::Failsafes),
        Command::Notices => Some(Over::Notices),
        Command::Settings => Some(Over::Settings),
        Command::StopMotors => Some(Over::StopMotors),
        Command::SignIn => Some(Over::SignIn),
        Command::Marker => Some(Over::Marker),
        Command::Reason => Some(Over::Reason),
        Command::Mode => Some(Over::Mode),
        _ => None,
    }
}
