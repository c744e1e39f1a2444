//! What opens over a workspace and goes again.

use egui::{Rect, Stroke, StrokeKind, Ui, vec2};

use super::app::{App, Over};
use super::asked::For;
use crate::command::Command;
use crate::state::alarms::What;
use crate::state::notices::Kind;
use crate::state::vehicle::mode::choices;
use crate::tasks::orders::Order;
use crate::ui::cut::{Cut as _, GUTTER, PAD};
use crate::ui::fly::controls::Guarded;
use crate::ui::fly::{failsafe, mode, why};
use crate::ui::theme::tokens;
use crate::ui::widget::button::Button;
use crate::ui::widget::field::Field;
use crate::ui::widget::hold::Hold;
use crate::ui::widget::panel;
use crate::ui::{icon, paint, text};
use crate::window::words::utc;

/// Of what opens at the right, points.
pub(super) const WIDEST: f32 = 620.0;
/// Of the bar on top, with what is below it, points.
const ABOVE: f32 = 56.0;
/// Of the flight's controls at the foot, points.
const CONTROLS: f32 = 88.0;
/// Lines of history that are drawn.
const MOST_LINES: usize = 200;

/// Draws it.
pub(super) fn draw(ui: &mut Ui, work: Rect, app: &mut App, now_ns: u64) -> Vec<Command> {
    let Some(over) = app.view.over else { return Vec::new() };
    let mut asked = Vec::new();
    match over {
        Over::WhyNotArm => match why::show(ui, at_right(ui, work, 560.0, 560.0), app.flight.vehicle(), now_ns) {
            Some(why::Ask::CheckAgain) => app.order(Order::CheckPreArm, For::Quiet("Checking again"), now_ns),
            Some(why::Ask::Close) => app.view.over = None,
            None => {}
        },
        Over::Failsafes => match failsafe::show(ui, at_right(ui, work, WIDEST, 560.0), app.flight.vehicle(), None) {
            Some(failsafe::Ask::Read) => app.failsafes_asked = None,
            Some(failsafe::Ask::Close) => app.view.over = None,
            None => {}
        },
        Over::Mode => modes(ui, work, app, now_ns),
        Over::Notices => notices(ui, at_right(ui, work, WIDEST, 640.0), app),
        Over::Marker => marker(ui, work, app, now_ns),
        Over::Reason => app.reason_panel(ui, work, now_ns),
        Over::StopMotors => stop_motors(ui, work, app, now_ns),
        Over::SignIn => {
            let mut free = work;
            free.bottom_part(CONTROLS + GUTTER);
            super::desks::signin(ui, free, app);
        }
        Over::Settings => asked.extend(super::desks::settings(ui, at_right(ui, work, WIDEST, 640.0), app)),
    }
    asked
}

/// Below the alarms, and above Hold and Return: nothing may cover those. What lies under it cannot be pressed through it.
fn at_right(ui: &Ui, work: Rect, width: f32, height: f32) -> Rect {
    let room = work.height() - ABOVE - CONTROLS - GUTTER;
    let size = vec2(width.min(work.width()), height.min(room));
    let rect = Rect::from_min_size(egui::pos2(work.right() - size.x, work.top() + ABOVE), size);
    ground(ui, rect);
    rect
}

/// Covers what is below it, for the eye and for the pointer.
fn ground(ui: &Ui, rect: Rect) {
    ui.interact(rect, ui.scope_id().with("ground of the panel"), egui::Sense::CLICK | egui::Sense::DRAG);
    ui.painter().rect_filled(rect.expand(4.0), 6.0, tokens(ui).bg);
}

fn frame(ui: &Ui, rect: Rect) {
    let t = tokens(ui);
    ground(ui, rect);
    ui.painter().rect(rect, 6.0, t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
}

/// A heading with a close button; what is left.
fn headed(ui: &Ui, rect: Rect, app: &mut App, heading: &str) -> Rect {
    let (inside, mut line) = panel::headed(ui, rect, None, heading);
    let close = Button::new("Close").small().quiet();
    let wide = close.width(ui);
    if close.at(ui, line.right_part(wide)).clicked() {
        app.view.over = None;
    }
    inside
}

fn notices(ui: &mut Ui, rect: Rect, app: &mut App) {
    let inside = headed(ui, rect, app, "What was said");
    let mut lines: Vec<(String, String)> = Vec::new();
    for entry in app.alarms.log().take(MOST_LINES) {
        let how = match &entry.what {
            What::Raised => "Alarm".to_owned(),
            What::Acknowledged { by } => format!("Seen by {by}"),
            What::Over => "Over".to_owned(),
        };
        lines.push((format!("{} UTC  {how}", utc(entry.at_utc_us)), entry.words.clone()));
    }
    for notice in app.notices.history().take(MOST_LINES) {
        let kind = if matches!(notice.kind, Kind::Fault) { "Fault" } else { "Done" };
        lines.push((kind.to_owned(), notice.words.clone()));
    }
    if app.notices.waiting() > 0 {
        lines.insert(
            0,
            ("Waiting".to_owned(), format!("{} more are shown when these are read.", app.notices.waiting())),
        );
    }
    if lines.is_empty() {
        lines.push((
            "Nothing yet".to_owned(),
            "Alarms, faults and what was done stand here, the newest first.".to_owned(),
        ));
    }
    let t = tokens(ui);
    panel::scrolled(ui, inside, "what was said", |ui| {
        for (head, words) in &lines {
            let wide = ui.available_width() - 2.0 * PAD;
            let galley = paint::lines(ui.painter(), text::CELL, t.text, words, wide, 4);
            let (rect, _) =
                ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y + 34.0), egui::Sense::hover());
            crate::ui::widget::says(ui, rect, &format!("{head}. {words}"));
            let at = rect.min + vec2(PAD, 8.0);
            paint::words(ui.painter(), at, egui::Align2::LEFT_TOP, text::LABEL_STRONG, t.text2, head);
            ui.painter().galley(at + vec2(0.0, 18.0), galley, t.text);
            paint::rule(ui.painter(), rect, t.line);
        }
    });
}

fn modes(ui: &Ui, work: Rect, app: &mut App, now_ns: u64) {
    let vehicle = app.flight.vehicle();
    let choices = vehicle.and_then(|vehicle| vehicle.kind()).map_or_else(Vec::new, choices);
    let now = vehicle.and_then(|vehicle| vehicle.mode(now_ns)).map(|mode| mode.name);
    let sticks = vehicle.and_then(|vehicle| vehicle.health.radio_received(now_ns));
    let rect = at_right(ui, work, 400.0, mode::height(&choices));
    match mode::show(ui, rect, &choices, now.as_deref(), sticks) {
        Some(mode::Ask::Choose(choice)) => {
            app.view.over = None;
            app.offer(Guarded::Mode(choice));
        }
        Some(mode::Ask::Close) => app.view.over = None,
        None => {}
    }
}

fn marker(ui: &mut Ui, work: Rect, app: &mut App, now_ns: u64) {
    let rect = Rect::from_min_size(work.left_bottom() + vec2(192.0, -88.0 - GUTTER - 168.0), vec2(460.0, 168.0));
    frame(ui, rect);
    let mut inside = headed(ui, rect, app, "Marker").shrink(PAD);
    let field = Field::new("Note").hint("A note, or nothing").limit(200);
    let response = field.at(ui, inside.top_part(44.0), &mut app.view.note);
    // Written at once; Tab goes on to the button from there.
    if ui.memory(|memory| memory.focused().is_none()) {
        response.request_focus();
    }
    inside.top_part(GUTTER);
    let mut row = inside.top_part(48.0);
    let set = Button::new("Set marker").icon(icon::FLAG_PENNANT.fill()).primary();
    let wide = set.width(ui);
    let pressed = set.at(ui, row.left_part(wide)).clicked();
    if pressed || ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        app.mark_moment(now_ns);
    }
}

fn stop_motors(ui: &mut Ui, work: Rect, app: &mut App, now_ns: u64) {
    let rect = Rect::from_center_size(work.center(), vec2(520.0, 220.0));
    frame(ui, rect);
    let mut inside = headed(ui, rect, app, "Stop the motors").shrink(PAD);
    let t = tokens(ui);
    let words = "In the air the aircraft falls. Use it when it endangers people and nothing else helps. Hold for 2 seconds, then confirm.";
    let lines = paint::lines(ui.painter(), text::BODY, t.text, words, inside.width(), 3);
    let high = lines.size().y;
    ui.painter().galley(inside.min, lines, t.text);
    inside.top_part(high + PAD);
    let why_not = app.flight.vehicle().is_none().then_some("No vehicle is heard");
    let hold = Hold { verb: "Stop motors", confirm: "Stop them now", why_not };
    if hold.at(ui, inside.top_part(80.0)) {
        app.view.over = None;
        app.order(Order::MotorStop, For::Told("Motor stop"), now_ns);
    }
}
