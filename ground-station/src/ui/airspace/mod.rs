//! The Airspace workspace: how old the datasets are, what the zones ask, and the unit's permissions as a board.

mod act;
mod board;
mod detail;
mod import;
mod permit;
mod side;
mod sketch;
mod table;
#[cfg(test)]
mod tests;
mod top;
mod view;
mod zone;

pub(crate) use view::{Shown, View};

use egui::{Key, Rect, Ui, pos2, vec2};
use mission_profiles::place::Position;

use super::cut::{Cut as _, GUTTER};
use super::widget::progress::{self, Progress};
use super::widget::{panel, toast};
use super::{icon, paint};
use crate::state::board::{Doing, Work};

/// Width of the column at the right, points.
const SIDE: f32 = 338.0;
const DATASETS: f32 = 86.0;
const SEARCH: f32 = 44.0;

/// What the person asks for.
#[derive(Debug)]
pub(crate) enum AirspaceCommand {
    /// To be done on a worker's thread, by `crate::airspace::carry_out`.
    Work(Work),
    /// The map looks here.
    Centre(Position),
    /// What is being done is to be stopped.
    Stop,
    /// What went wrong, or was done, was read.
    Read,
}

/// Draws it; what was asked for. `map` draws the map of the zones.
pub(crate) fn show(
    ui: &mut Ui,
    rect: Rect,
    shown: &Shown<'_>,
    view: &mut View,
    map: &mut dyn FnMut(&mut Ui, Rect),
) -> Vec<AirspaceCommand> {
    let mut asked = Vec::new();
    view.refresh(shown);
    keys(ui, view);
    let mut rest = rect;
    top::datasets(ui, rest.top_part(DATASETS), shown, view);
    rest.top_part(GUTTER);
    let right = rest.right_part(SIDE);
    rest.right_part(GUTTER);
    let search = rest.top_part(SEARCH);
    top::search(ui, search, shown, view);
    rest.top_part(GUTTER);
    working(ui, &mut rest, shown, &mut asked);
    let low = (rest.height() * 0.38).clamp(200.0, 330.0);
    let mut bottom = rest.bottom_part(low);
    rest.bottom_part(GUTTER);
    if view.on_map {
        map(ui, rest);
    } else {
        board::show(ui, rest, shown, view);
        map(ui, bottom.left_part((bottom.width() * 0.62 - 290.0).clamp(200.0, 480.0)));
        bottom.left_part(GUTTER);
    }
    asked.extend(table::show(ui, bottom, shown, view));
    asked.extend(side::show(ui, right, shown, view));
    asked.extend(done(ui, rest, shown, view));
    top::kinds(ui, search, shown, view);
    asked
}

/// `/` goes into the search; Escape closes what is open.
fn keys(ui: &Ui, view: &mut View) {
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        view.kinds_open = false;
    }
    let typing = ui.ctx().text_edit_focused();
    view.to_search = !typing && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Slash));
}

/// What is being done, or went wrong: a row of its own, while there is something to say.
fn working(ui: &Ui, rest: &mut Rect, shown: &Shown<'_>, asked: &mut Vec<AirspaceCommand>) {
    let (figures, can_stop);
    let (what, words, state, share) = match &shown.workspace.doing {
        Doing::Idle => return,
        Doing::Busy(work) => {
            (figures, can_stop) = (work.figures(), work.can_stop());
            (work.what(), figures.as_str(), progress::State::Running, work.share())
        }
        Doing::Failed(why) => {
            can_stop = false;
            (why.as_str(), "Nothing was changed", progress::State::Failed, 1.0)
        }
    };
    let row = panel::panel(ui, rest.top_part(progress::HEIGHT + 4.0));
    rest.top_part(GUTTER);
    let buttons: &[_] = match state {
        progress::State::Failed => &[(icon::X.bold(), "Close")],
        progress::State::Running if can_stop => &[(icon::X.bold(), "Cancel")],
        progress::State::Running => &[],
    };
    if (Progress { what, figures: words, share, state, buttons }).at(ui, row).is_some() {
        asked.push(if state == progress::State::Failed { AirspaceCommand::Read } else { AirspaceCommand::Stop });
    }
}

/// What was entered last, and Undo where there is one.
fn done(ui: &Ui, rest: Rect, shown: &Shown<'_>, view: &mut View) -> Option<AirspaceCommand> {
    let done = shown.workspace.done.as_ref()?;
    let size = vec2(440.0_f32.min(rest.width()), toast::HEIGHT);
    let place = Rect::from_min_size(pos2(rest.right() - size.x - 8.0, rest.bottom() - size.y - 8.0), size);
    let detail = "Signed, and entered in the register";
    let action = done.undo.is_some().then_some("Undo");
    let pressed = toast::Toast { fault: false, what: &done.words, detail, action }.at(ui, place)?;
    if pressed == toast::Pressed::Action {
        view.undo(done, shown.moment);
    }
    Some(AirspaceCommand::Read)
}

/// A sign and words in a row.
fn signed(ui: &Ui, mut row: Rect, sign: icon::Icon, ink: egui::Color32, style: super::text::Style, words: &str) {
    paint::icon(ui.painter(), row.left_part(18.0).center(), 16.0, ink, sign);
    row.left_part(5.0);
    paint::fit(ui.painter(), row, style, ink, words);
}
