//! The row of controls at the foot of Fly: recording at the left, flight at the right, Hold and Return always in the same place.

use egui::{Rect, Ui};

use crate::command::Command;
use crate::state::steer::Wish;
use crate::state::vehicle::mode::Choice;
use crate::state::vehicle::payload::Eye;
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::icon;
use crate::ui::widget::choice;
use crate::ui::widget::control::Control;
use crate::ui::widget::flight::{Flight, Sent};
use crate::ui::widget::rec::Rec;
use crate::ui::widget::slide::Slide;

/// Room for the figure of the zoom, and for the eyes of the camera, points.
const FIGURE: f32 = 52.0;
const EYES: f32 = 96.0;

/// What can be slid just now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Guarded {
    /// Start the motors.
    Arm,
    /// Leave the ground.
    TakeOff,
    /// Fly the plan.
    StartMission,
    /// Come down here.
    Land,
    /// Stop the motors, on the ground.
    Disarm,
    /// Fly in this mode.
    Mode(Choice),
    /// Do what was asked from the map.
    Steer(Wish),
}

impl Guarded {
    /// Offered on Fly alone, where it can be seen what it would do.
    pub(crate) const fn is_of_fly(self) -> bool {
        matches!(self, Self::Mode(_) | Self::Steer(_))
    }

    /// Its verb.
    pub(crate) const fn verb(self) -> &'static str {
        match self {
            Self::Arm => "Arm",
            Self::TakeOff => "Take off",
            Self::StartMission => "Start mission",
            Self::Land => "Land",
            Self::Disarm => "Disarm",
            Self::Mode(choice) => choice.name,
            Self::Steer(wish) => wish.name(),
        }
    }
}

/// How close the picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zoom<'a> {
    /// In a figure; a dash where nobody tells.
    pub(crate) value: &'a str,
    /// And of what that is.
    pub(crate) of: &'a str,
}

/// How everything stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Controls<'a> {
    /// The recording.
    pub(crate) rec: Rec<'a>,
    /// When notice was given, in words.
    pub(crate) notice: Option<&'a str>,
    /// How many markers there are.
    pub(crate) markers: usize,
    /// How close the picture is, where the camera zooms.
    pub(crate) zoom: Option<Zoom<'a>>,
    /// Where the camera has two eyes: by which the picture was taken, where that is told.
    pub(crate) eyes: Option<Option<Eye>>,
    /// What can be slid, and why not.
    pub(crate) guarded: (Guarded, Option<&'a str>),
    /// The last Hold.
    pub(crate) hold: Sent<'a>,
    /// The last Return.
    pub(crate) home: Sent<'a>,
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pressed {
    /// A command.
    Command(Command),
    /// The slide was pushed across.
    Slid(Guarded),
    /// The camera shall see by this.
    See(Eye),
}

/// Hold and Return, at the right of `row`; they stand there on every workspace while airborne.
pub(crate) fn hold_and_return(ui: &Ui, row: &mut Rect, hold: Sent<'_>, home: Sent<'_>) -> Option<Command> {
    let mut pressed = None;
    if Flight::Return.at(ui, row.right_part(154.0), home).clicked() {
        pressed = Some(Command::Return);
    }
    row.right_part(GUTTER);
    if Flight::Hold.at(ui, row.right_part(142.0), hold).clicked() {
        pressed = Some(Command::Hold);
    }
    pressed
}

/// The slide of what is next.
pub(crate) fn slide(ui: &Ui, rect: Rect, (guarded, why_not): (Guarded, Option<&str>)) -> Option<Guarded> {
    Slide::new(guarded.verb()).unless(why_not).at(ui, rect).then_some(guarded)
}

/// Draws the row; what was pressed.
pub(crate) fn controls(ui: &Ui, mut row: Rect, now: &Controls<'_>) -> Vec<Pressed> {
    let mut pressed: Vec<Pressed> =
        hold_and_return(ui, &mut row, now.hold, now.home).map(Pressed::Command).into_iter().collect();
    row.right_part(GUTTER);
    let slid = slide(ui, row.right_part(206.0_f32.min(row.width() / 4.0).max(190.0)), now.guarded);
    pressed.extend(slid.map(Pressed::Slid));
    row.right_part(2.0 * GUTTER);
    let tight = row.width() < 680.0;
    let crowded = tight && now.eyes.is_some();
    let mut ask = |asked: bool, command| {
        if asked {
            pressed.push(Pressed::Command(command));
        }
    };
    let key = Command::Record.key_words();
    let rec = now.rec.at(
        ui,
        row.left_part(if crowded {
            150.0
        } else if tight {
            176.0
        } else {
            184.0
        }),
        key.as_deref(),
    );
    ask(rec.on_hover_text(Command::Record.tip()).clicked(), Command::Record);
    row.left_part(GUTTER);
    let side = if crowded { 48.0 } else { 60.0 };
    let sight = now.zoom.map_or(0.0, |_| 2.0 * side + FIGURE + GUTTER) + now.eyes.map_or(0.0, |_| EYES + GUTTER);
    let small = if sight > 0.0 { ((row.width() - sight - GUTTER) / 2.0).clamp(112.0, 170.0) } else { 170.0 };
    let counted = format!("{} in this flight", now.markers);
    let marker = Control::new(icon::FLAG_PENNANT.regular(), "Marker")
        .detail(Some(if now.markers == 0 { "Mark this" } else { &counted }))
        .key(Some("M"))
        .at(ui, row.left_part(small));
    ask(marker.on_hover_text(Command::Marker.tip()).clicked(), Command::Marker);
    row.left_part(GUTTER);
    let notice = Control::new(icon::MEGAPHONE.regular(), "Notice")
        .detail(Some(now.notice.unwrap_or("Not given")))
        .key(Some("N"))
        .at(ui, row.left_part(small));
    ask(notice.on_hover_text(Command::Notice.tip()).clicked(), Command::Notice);
    row.left_part(GUTTER);
    if let Some(zoom) = now.zoom {
        let out = Control::new(icon::MINUS.bold(), "").named("Zoom out").at(ui, row.left_part(side));
        ask(out.clicked(), Command::ZoomOut);
        figure(ui, row.left_part(FIGURE), zoom.value, zoom.of);
        let closer = Control::new(icon::PLUS.bold(), "").named("Zoom in").at(ui, row.left_part(side));
        ask(closer.clicked(), Command::ZoomIn);
        row.left_part(GUTTER);
    }
    if let Some(eye) = now.eyes {
        pressed.extend(eyes(ui, row.left_part(EYES), eye).map(Pressed::See));
    }
    pressed
}

/// By which eye the camera sees, and shall.
fn eyes(ui: &Ui, rect: Rect, now: Option<Eye>) -> Option<Eye> {
    let both = [Eye::Colour, Eye::Infrared];
    // Where nobody tells, none of them is chosen.
    let chosen = both.iter().position(|eye| now == Some(*eye)).unwrap_or(both.len());
    choice::segments(ui, rect, "Camera", &[(None, "EO"), (None, "IR")], chosen).and_then(|nth| both.get(nth).copied())
}

fn figure(ui: &Ui, rect: Rect, value: &str, of: &str) {
    use crate::ui::theme::tokens;
    use crate::ui::{paint, text, widget};
    let t = tokens(ui);
    let at = rect.center();
    paint::words(ui.painter(), at - egui::vec2(0.0, 9.0), egui::Align2::CENTER_CENTER, text::VALUE, t.text, value);
    paint::words(ui.painter(), at + egui::vec2(0.0, 11.0), egui::Align2::CENTER_CENTER, text::LABEL, t.text2, of);
    widget::says(ui, rect, &format!("{of} {value}"));
}
