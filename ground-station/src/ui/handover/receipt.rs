//! What two stores signed, and the package that may leave the unit.

use egui::{Rect, Ui, pos2, vec2};
use std::path::PathBuf;

use super::{Command, Shown, View};
use crate::state::handover::Action;
use crate::state::handover::words::count;
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::badge::{self, Tone};
use crate::ui::widget::button::Button;
use crate::ui::widget::field::{self, Field};
use crate::ui::widget::{panel, says};
use crate::ui::{paint, text};

pub(super) fn show(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let t = tokens(ui);
    let mut inside = panel::panel(ui, rect).shrink2(vec2(PAD, 12.0));
    let mut foot = inside.bottom_part(field::HEIGHT);
    let flights = shown.state.flights();
    let signed = flights.iter().filter(|it| it.taken.as_ref().is_some_and(|taken| taken.receipts.len() == 2)).count();
    let packed: Vec<&String> = flights.iter().filter_map(|flight| flight.package.as_ref()).collect();
    let mut title = inside.top_part(24.0);
    let (tone, word) = match (signed, packed.len()) {
        (_, 1..) => (Tone::Ok, "Packaged"),
        (0, _) => (Tone::Neutral, "Waits"),
        _ => (Tone::Ok, "Signed"),
    };
    let wide = badge::tag_width(ui, false, word);
    let place = title.right_part(wide);
    badge::tag(ui, pos2(place.left(), place.center().y), tone, None, word);
    paint::icon(ui.painter(), title.left_part(20.0).center(), 20.0, t.text2, icon::CERTIFICATE.regular());
    title.left_part(8.0);
    paint::fit(ui.painter(), title, text::VALUE, t.text, "Receipts");
    let why_not = shown.state.why_not(Action::Package, shown.first, shown.now_utc_us);
    let folder = view.packages.trim();
    let why_not = why_not.or_else(|| folder.is_empty().then(|| "Name the folder that packages come to.".to_owned()));
    let why_not = why_not.or_else(|| view.reason().err());
    let words = match (packed.first(), signed) {
        (Some(path), _) => format!("{} made: {path}", count(packed.len(), "package")),
        (None, 0) => {
            "Each store signs for the digest of every file once it holds and has read back all of them.".to_owned()
        }
        (None, signed) => {
            let carries = "A package carries the flight, its verdict, the receipts and what checks them.";
            let more = why_not.as_deref().unwrap_or(carries);
            format!("Both stores have signed for {}. {more}", count(signed, "flight"))
        }
    };
    let galley = paint::lines(ui.painter(), text::CELL, t.text2, &words, inside.width(), 3);
    ui.painter().galley(inside.left_top() + vec2(0.0, 2.0), galley, t.text2);
    says(ui, inside, &words).on_hover_text(&words);
    let button = Button::new("Make package").icon(icon::PACKAGE.regular()).unless(why_not.as_deref());
    let pressed = button.at(ui, foot.right_part(button_width(ui))).clicked();
    foot.right_part(8.0);
    let field = Field::new("Folder of packages").hint("Folder of packages").icon(icon::FOLDER_OPEN.regular());
    field.at(ui, foot, &mut view.packages);
    if pressed {
        view.reason().ok().map(|reason| Command::Package(reason, PathBuf::from(view.packages.trim())))
    } else {
        None
    }
}

fn button_width(ui: &Ui) -> f32 {
    Button::new("Make package").icon(icon::PACKAGE.regular()).width(ui)
}
