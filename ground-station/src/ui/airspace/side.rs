//! The column at the right: a permission, a zone, a form.

use std::sync::Arc;

use egui::{Rect, Ui, pos2, vec2};

use super::view::{Shown, Side, View};
use super::{AirspaceCommand, detail, import, permit, zone};
use crate::state::board::{Pen, StepForm};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::icon::{self, Icon};
use crate::ui::theme::tokens;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::field::{self, Field};
use crate::ui::widget::{self, button::Button, fact, panel};
use crate::ui::{paint, text};

/// At the left and right of the column's contents, points.
pub(super) const PAD: f32 = 14.0;
/// Where the values of facts begin, points.
const KEY: f32 = 84.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) -> Vec<AirspaceCommand> {
    let inside = panel::panel(ui, rect);
    let Some(airspace) = shown.airspace().map(Arc::clone) else {
        paint::fit(ui.painter(), inside.shrink(PAD), text::BODY, tokens(ui).text2, "Reading the register …");
        return Vec::new();
    };
    match view.side.clone() {
        Side::Import => import::show(ui, inside, shown, view).into_iter().collect(),
        Side::Form => permit::show(ui, inside, shown, view).into_iter().collect(),
        Side::Permission(id) if let Some(known) = airspace.permission(&id) => {
            detail::show(ui, inside, shown, view, &airspace, known).into_iter().collect()
        }
        Side::Zone(key) if let Some((dataset, of)) = airspace.zone(key) => {
            zone::show(ui, inside, view, &airspace, (key, dataset, of)).into_iter().collect()
        }
        Side::Nothing | Side::Permission(_) | Side::Zone(_) => {
            let how = "An authorisation of the board: its history, papers and telephone numbers, and the call that activates it. A zone of the list: what it asks, and whom.";
            Empty { icon: icon::CURSOR.regular(), what: "Nothing chosen", how, action: None }.at(ui, inside);
            Vec::new()
        }
    }
}

/// The head of the column: a line of small words, a title, and what closes it. What is left.
pub(super) fn head(
    ui: &Ui,
    rect: Rect,
    sign: (Icon, egui::Color32),
    above: &str,
    title: &str,
    view: &mut View,
) -> Rect {
    let t = tokens(ui);
    let mut rest = rect;
    let galley = paint::lines(ui.painter(), text::TITLE, t.text, title, rect.width() - 2.0 * PAD, 2);
    let mut head = rest.top_part(10.0 + 20.0 + galley.size().y + 8.0).shrink2(vec2(PAD, 0.0));
    head.top_part(10.0);
    let mut line = head.top_part(20.0);
    let close = Rect::from_center_size(line.right_part(20.0).center() + vec2(0.0, 6.0), vec2(40.0, 40.0));
    if Button::icon_only(icon::X.bold(), "Close the details").small().quiet().at(ui, close).clicked() {
        view.side = Side::Nothing;
    }
    line.right_part(12.0);
    super::signed(ui, line, sign.0, sign.1, text::LABEL, above);
    widget::says(ui, head, title);
    ui.painter().galley(head.min, galley, t.text);
    rest
}

/// So much room in what scrolls.
pub(super) fn room(ui: &mut Ui, high: f32) -> Rect {
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), high), egui::Sense::hover());
    row.shrink2(vec2(PAD, 0.0))
}

/// A fact in what scrolls.
pub(super) fn fact(ui: &mut Ui, name: &str, value: &str) {
    let at = ui.available_rect_before_wrap().shrink2(vec2(PAD, 0.0));
    let high = fact::fact(ui, at, KEY, name, value);
    room(ui, high);
}

/// A fact that is a digest or a number.
pub(super) fn mono(ui: &mut Ui, name: &str, value: &str) {
    let at = ui.available_rect_before_wrap().shrink2(vec2(PAD, 0.0));
    let high = fact::mono(ui, at, KEY, name, value);
    room(ui, high);
}

/// Lines of words in what scrolls.
pub(super) fn words(ui: &mut Ui, style: text::Style, ink: egui::Color32, words: &str) {
    let wide = ui.available_width() - 2.0 * PAD;
    let galley = paint::lines(ui.painter(), style, ink, words, wide, 12);
    let place = room(ui, galley.size().y + 4.0);
    widget::says(ui, place, words);
    ui.painter().galley(place.min, galley, ink);
}

/// A heading in what scrolls, with a hairline above.
pub(super) fn section(ui: &mut Ui, heading: &str) {
    let t = tokens(ui);
    let place = room(ui, 36.0);
    ui.painter().hline(place.x_range(), place.top() + 5.0, egui::Stroke::new(1.0, t.line));
    let at = pos2(place.left(), place.bottom() - 12.0);
    paint::words(ui.painter(), at, egui::Align2::LEFT_CENTER, text::LABEL_STRONG, t.text2, heading);
}

/// A telephone number; pressing it copies it.
pub(super) fn phone(ui: &Ui, rect: Rect, number: &str) {
    let t = tokens(ui);
    let wide = paint::width(ui.painter(), text::STRONG, number) + 24.0;
    let place = Rect::from_min_max(pos2((rect.right() - wide).max(rect.left()), rect.top()), rect.max);
    let response = widget::target(ui, place.expand2(vec2(4.0, 8.0)), &format!("Telephone {number}"), true);
    super::signed(ui, place, icon::PHONE.fill(), t.accent, text::STRONG, number);
    if response.on_hover_text("Copies the number").clicked() {
        ui.ctx().copy_text(number.to_owned());
    }
}

/// How high it is where somebody signs, points.
pub(super) fn sign_height(signed_in: bool) -> f32 {
    if signed_in { 22.0 } else { field::HEIGHT }
}

/// Who signs: the one who is signed in, or fields for a name and a PIN.
pub(super) fn signs(ui: &mut Ui, rect: Rect, signed_in: Option<&str>, form: &mut StepForm) {
    if let Some(name) = signed_in {
        let words = format!("Signed as {name}, who is signed in");
        super::signed(ui, rect, icon::SIGNATURE.regular(), tokens(ui).text2, text::CELL, &words);
        widget::says(ui, rect, &words);
        return;
    }
    let [name, pin] = rect.columns::<2>(GUTTER);
    Field::new("Your account").hint("Account").limit(64).at(ui, name, &mut form.name);
    Field::new("PIN").hint("PIN").password().limit(256).at(ui, pin, &mut form.pin);
}

/// Who signs a draft.
pub(super) fn pen(form: &StepForm, signed_in: Option<&str>) -> Result<Pen, String> {
    form.pen(signed_in.is_some())
}
