//! A frame, from the outside in.

use egui::{Rect, Ui, vec2};

use super::app::App;
use super::chips::{self, Sealed};
use super::{fly, over, replay};
use crate::clock;
use crate::command::{Command, Workspace};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::fly::controls;
use crate::ui::fly::picture::{self, Seen};
use crate::ui::icon;
use crate::ui::shell::palette::Outcome;
use crate::ui::shell::rail;
use crate::ui::shell::strip::{self, Of, Words, strip, work_area};
use crate::ui::theme::tokens;
use crate::ui::widget::chip;
use crate::ui::widget::toast::{self, Pressed, Toast};
use crate::video;
use crate::window::words::{clock as clock_words, minute};

/// Room for Hold and Return below every other workspace while it flies, points.
const AIRBORNE: f32 = 88.0;
/// Of a note of what happened, points.
const TOAST: f32 = 480.0;

/// Draws everything; what was asked.
pub(super) fn draw(ui: &mut Ui, app: &mut App) -> Vec<Command> {
    let window = ui.max_rect();
    let (now_ns, utc_us) = (clock::mono_ns(), clock::now_utc_us());
    ui.painter().rect_filled(window, 0.0, tokens(ui).bg);
    let mut asked = Vec::new();
    let head = Rect::from_min_size(window.min, vec2(window.width(), strip::HEIGHT));
    if let Some(of) = strip(ui, head, &words(app, now_ns, utc_us)) {
        asked.extend(page(of));
    }
    let side = Rect::from_min_max(window.min + vec2(0.0, strip::HEIGHT), window.left_bottom() + vec2(rail::WIDTH, 0.0));
    asked.extend(rail::rail(ui, side, app.view.workspace, &app.desks.counts(), app.desks.gate.is_locked()));
    let mut work = work_area(window);
    if app.view.workspace != Workspace::Fly {
        asked.extend(around(ui, &mut work, app, now_ns));
    }
    if app.desks.gate.is_locked() && app.view.workspace != Workspace::Fly {
        super::desks::signin(ui, work, app);
        return asked;
    }
    match app.view.workspace {
        Workspace::Fly if app.replay.is_some() => asked.extend(replay::draw(ui, work, app, now_ns)),
        Workspace::Fly => asked.extend(fly::draw(ui, work, app, now_ns, utc_us)),
        other => asked.extend(super::desks::draw(ui, work, app, other)),
    }
    asked.extend(over::draw(ui, work, app, now_ns));
    toasts(ui, work, app, now_ns);
    if let Some(mut palette) = app.view.palette.take() {
        match palette.show(ui, window) {
            Outcome::Open => app.view.palette = Some(palette),
            Outcome::Closed => {}
            Outcome::Chosen(command) => asked.push(command),
        }
    }
    asked
}

/// What belongs to a chip.
fn page(of: Of) -> Option<Command> {
    match of {
        Of::Link => Some(Command::WhyNotArm),
        Of::Mode => Some(Command::Mode),
        Of::Battery => Some(Command::Failsafes),
        Of::Gnss | Of::Storage | Of::Rec | Of::Seal => Some(Command::Go(Workspace::Fly)),
        Of::Airspace => Some(Command::Go(Workspace::Airspace)),
        Of::Clock => Some(Command::Notices),
        Of::Officer => Some(Command::SignIn),
    }
}

fn words(app: &App, now_ns: u64, utc_us: i64) -> [Words; 10] {
    let vehicle = app.flight.vehicle();
    let turn_by = vehicle
        .and_then(|vehicle| vehicle.energy_home(&Default::default(), now_ns))
        .and_then(|home| home.turn_by_utc_us(utc_us))
        .map(|at| minute(at, &app.zone));
    let next = app.skies.next.as_ref().map(|next| (next.name.as_str(), next.distance_m, next.in_s));
    let zones = app.skies.datasets.iter().map(|dataset| dataset.zones.len()).sum();
    let reading = app.station.reading();
    let source = reading.map_or("clock not read", |reading| match reading.clocks.source {
        flight_record::ClockSource::Gnss => "GNSS",
        flight_record::ClockSource::Ntp => "network time",
        flight_record::ClockSource::Ptp => "PTP",
        flight_record::ClockSource::Rtc => "own clock",
        flight_record::ClockSource::None => "no clock",
    });
    let [value, local] = clock_words(utc_us, &app.zone, app.counts_seconds());
    let clock = Words {
        icon: icon::CLOCK.regular(),
        value,
        label: format!("{local} · {source}"),
        state: if app.unexplained_step.is_some() { chip::State::Caution } else { chip::State::Normal },
    };
    let (who, duty) = super::desks::officer(app);
    let duty = app.session_until().unwrap_or(duty);
    let officer = Words { icon: icon::USER_CIRCLE.regular(), value: who, label: duty, state: chip::State::Normal };
    [
        chips::link(vehicle, app.settings.links.aircraft.as_deref(), now_ns),
        chips::mode(vehicle, app.flight.fleet.in_control(now_ns), now_ns),
        chips::battery(vehicle, turn_by.as_deref(), now_ns),
        chips::gnss(vehicle, now_ns),
        chips::storage(vehicle, now_ns),
        chips::rec(app.flight.recording.button(now_ns)),
        chips::seal(&sealed(app, now_ns, utc_us)),
        chips::airspace(next, (app.skies.edition > 0).then_some(zones), !app.skies.stands.is_empty()),
        clock,
        officer,
    ]
}

fn sealed(app: &App, now_ns: u64, utc_us: i64) -> Sealed {
    let recording = app.is_recording(now_ns);
    let flight = app.ribbon.newest().map(|(_, flight)| flight);
    #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
    let last =
        flight.and_then(|flight| flight.last_witnessed()).map(|(size, at)| (size, (utc_us - at).max(0) as f64 / 1e6));
    Sealed {
        last,
        closed: flight.is_some_and(|flight| flight.landed()),
        witness: app.witness_runs,
        recording,
        equivocation: flight.is_some_and(|flight| flight.equivocation().is_some()),
    }
}

/// What stays on every workspace: alarms on top; while it flies Hold and Return below, and the picture beside them; beside a replay
/// as soon as a vehicle is heard.
pub(super) fn around(ui: &mut Ui, work: &mut Rect, app: &mut App, now_ns: u64) -> Vec<Command> {
    let mut asked = Vec::new();
    let standing = app.alarms.standing();
    if !standing.is_empty() {
        let bar = work.top_part(48.0);
        work.top_part(GUTTER);
        if crate::ui::fly::bar::alarm(ui, bar, &standing, now_ns) {
            asked.push(Command::Acknowledge);
        }
    }
    let replays = app.replay.is_some() && app.view.workspace == Workspace::Fly;
    if app.flight.in_air() || (replays && app.flight.vehicle().is_some()) {
        let mut row = work.bottom_part(AIRBORNE);
        work.bottom_part(GUTTER);
        let (hold, home) = (app.asked.of(&super::asked::For::Hold), app.asked.of(&super::asked::For::Return));
        asked.extend(controls::hold_and_return(ui, &mut row, hold, home));
        row.right_part(GUTTER);
        let (guarded, why_not) = app.slide(now_ns);
        if app.flight.in_air() {
            if let Some(guarded) = controls::slide(ui, row.right_part(206.0), (guarded, why_not.as_deref())) {
                app.slid(guarded);
            }
            row.right_part(2.0 * GUTTER);
        }
        let words = fly::RecWords::of(app, now_ns);
        if words.rec().at(ui, row.left_part(184.0), Some("R")).clicked() {
            asked.push(Command::Record);
        }
        row.left_part(GUTTER);
        let inset = row.left_part(AIRBORNE * 16.0 / 9.0);
        let status = app.work.picture.as_ref().map_or(video::Status::Waiting, |picture| picture.status(now_ns));
        let seen =
            Seen { picture: app.flight.picture.as_ref(), status: &status, now_ns, now_utc_us: None, recorded: false };
        picture::show_small(ui, inset, &seen, &mut app.view.inset);
    }
    asked
}

fn toasts(ui: &Ui, work: Rect, app: &mut App, now_ns: u64) {
    let mut at = work;
    at.bottom_part(AIRBORNE + GUTTER);
    // Beside what is open at the right, not over its buttons.
    if app.view.over.is_some() && at.width() >= over::WIDEST + GUTTER + TOAST {
        at.right_part(over::WIDEST + GUTTER);
    }
    let shown: Vec<(u64, bool, String)> = app
        .notices
        .shown()
        .iter()
        .map(|notice| (notice.number, matches!(notice.kind, crate::state::notices::Kind::Fault), notice.words.clone()))
        .collect();
    for (number, fault, words) in shown.into_iter().rev() {
        let mut row = at.bottom_part(toast::HEIGHT);
        at.bottom_part(GUTTER);
        let (what, detail) = words.split_once(": ").unwrap_or((&words, ""));
        let toast = Toast { fault, what, detail, action: None };
        match toast.at(ui, row.right_part(TOAST)) {
            Some(Pressed::Dismiss | Pressed::Action) => app.notices.read(number, now_ns),
            None => {}
        }
    }
}
