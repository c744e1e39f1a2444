//! At the left: the profiles, and the figures of what is drawn.

use egui::{CornerRadius, Rect, Role, Ui, pos2, vec2};
use mission_profiles::profile::{Authority, Notice, Sight};

use super::{PlanView, items};
use crate::state::plan::Planner;
use crate::state::plan::document::Edit;
use crate::state::plan::kinds::{self, Figure};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon::{self, Glyph};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::{self, button::Button, choice, panel, table};
use crate::ui::{paint, text};

/// A profile's row, points.
const ROW: f32 = 42.0;

/// The profiles; a click chooses.
pub(super) fn profiles(ui: &mut Ui, rect: Rect, planner: &mut Planner) {
    let (inside, head) = panel::headed(ui, rect, None, "Profile");
    let count = planner.profiles().len();
    paint::fit_right(ui.painter(), head, text::CELL, tokens(ui).text2, &count.to_string());
    let chosen = planner.document().profile;
    let mut choice = None;
    panel::scrolled(ui, inside, "profiles", |ui| {
        for (index, profile) in planner.profiles().iter().enumerate() {
            let (row, _) = ui.allocate_exact_size(vec2(inside.width(), ROW), egui::Sense::hover());
            if profile_row(ui, row, &profile.content.id, &profile.content.name, index == chosen) {
                choice = Some(index);
            }
        }
    });
    if let Some(index) = choice {
        planner.choose(index);
    }
}

fn profile_row(ui: &Ui, row: Rect, id: &str, name: &str, on: bool) -> bool {
    let t = tokens(ui);
    let response = widget::chosen_target(ui, row, name, (true, on), Role::ListItem);
    if on {
        ui.painter().rect_filled(row, CornerRadius::ZERO, t.accent_dim);
        table::mark(ui, row);
    } else if response.hovered() {
        ui.painter().rect_filled(row, CornerRadius::ZERO, t.raised);
    }
    widget::focus_ring(ui, row.shrink(3.0), RADIUS, &response);
    let mut line = row.shrink2(vec2(PAD, 0.0));
    let sign = glyph(id);
    let (sign, ink) = if on { (sign.fill(), t.accent) } else { (sign.regular(), t.text2) };
    paint::icon(ui.painter(), line.left_part(22.0).center(), 22.0, ink, sign);
    line.left_part(10.0);
    if on {
        paint::icon(ui.painter(), line.right_part(18.0).center(), 18.0, t.accent, icon::CHECK.bold());
    }
    let style = if on { text::STRONG } else { text::BODY };
    paint::fit(ui.painter(), line, style, t.text, name);
    response.clicked()
}

fn glyph(id: &str) -> Glyph {
    match id {
        "missing-person" => icon::PERSON_SIMPLE_WALK,
        "collision-scene" => icon::CAR_PROFILE,
        "public-order" => icon::USERS_THREE,
        "containment" => icon::SHIELD,
        "event" => icon::TICKET,
        "building-inspection" => icon::BUILDINGS,
        "evidence-stills" => icon::CAMERA,
        "training" => icon::GRADUATION_CAP,
        _ => icon::DRONE,
    }
}

/// The figures of what is drawn, and what the profile says of it.
pub(super) fn figures(ui: &mut Ui, rect: Rect, planner: &mut Planner, view: &mut PlanView) {
    let imported = planner.document().imported.as_ref().map(|imported| imported.name.clone());
    let heading = match &imported {
        Some(name) => name.clone(),
        None if planner.document().corners.is_empty() => "Not drawn".into(),
        None => format!("Drawn {}", planner.document().form.word()),
    };
    let (inside, head) = panel::headed(ui, rect, None, &heading);
    if imported.is_none() {
        pattern(ui, head, planner);
    }
    panel::scrolled(ui, inside, "figures", |ui| {
        ui.add_space(4.0);
        if imported.is_some() {
            items::items(ui, inside.width(), planner, view);
            let (row, _) = ui.allocate_exact_size(vec2(inside.width(), 56.0), egui::Sense::hover());
            let line = Button::new("Edit as a line").icon(icon::LINE_SEGMENTS.regular()).quiet();
            let why = "Its places become a line that is flown as it is drawn; commands between them are left out";
            if line.at(ui, row.shrink2(vec2(PAD, 4.0))).on_hover_text(why).clicked() {
                planner.unpack();
                view.selected = None;
            }
        } else {
            for figure in Figure::of(planner.document().kind) {
                stepper(ui, inside.width(), *figure, planner);
            }
            if !planner.has_terrain_height() {
                stepper(ui, inside.width(), Figure::TakeOff, planner);
            }
            let (row, _) = ui.allocate_exact_size(vec2(inside.width(), 48.0), egui::Sense::hover());
            let follows = planner.document().follow;
            if choice::switch(ui, row.shrink2(vec2(PAD, 0.0)), "Follow terrain", follows).clicked() {
                planner.edit(&Edit::Follow(!follows), false);
            }
        }
        said(ui, inside.width(), planner);
    });
}

/// The pattern, at the right of the head; a press takes the next one that fits the shape.
fn pattern(ui: &Ui, head: Rect, planner: &mut Planner) {
    let t = tokens(ui);
    let (form, kind) = (planner.document().form, planner.document().kind);
    let words = kinds::name(kind);
    let wide = paint::width(ui.painter(), text::CELL, words) + 22.0;
    let place =
        Rect::from_min_max(pos2(head.right() - wide - 6.0, head.top()), pos2(head.right() + 6.0, head.bottom()));
    let response =
        widget::target(ui, place, &format!("Pattern: {words}"), true).on_hover_text("The next pattern for this shape");
    if response.hovered() {
        ui.painter().rect_filled(place.shrink2(vec2(0.0, 4.0)), CornerRadius::same(RADIUS), t.raised);
    }
    widget::focus_ring(ui, place.shrink(3.0), RADIUS, &response);
    let mut line = place.shrink2(vec2(6.0, 0.0));
    paint::icon(ui.painter(), line.right_part(14.0).center(), 14.0, t.text2, icon::CARET_UP_DOWN.bold());
    paint::fit(ui.painter(), line, text::CELL, t.text2, words);
    if response.clicked() {
        let kinds = form.kinds();
        let next = kinds.iter().position(|known| *known == kind).map_or(0, |at| (at + 1) % kinds.len());
        planner.edit(&Edit::Kind(kinds[next]), false);
    }
}

fn stepper(ui: &mut Ui, width: f32, figure: Figure, planner: &mut Planner) {
    let t = tokens(ui);
    let (row, _) = ui.allocate_exact_size(vec2(width, 52.0), egui::Sense::hover());
    let mut line = row.shrink2(vec2(PAD, 2.0));
    let control = line.right_part(170.0);
    line.right_part(4.0);
    paint::fit(ui.painter(), line, text::CELL, t.text2, figure.name());
    let value = planner.figure(figure);
    let [low, high] = figure.range();
    let turns = figure == Figure::Angle;
    let more = (turns || value > low, turns || value < high);
    let step = match choice::stepper(ui, control, figure.name(), &figure.said(value), more) {
        Some(choice::Step::Less) => -figure.step(),
        Some(choice::Step::More) => figure.step(),
        None => return,
    };
    planner.edit(&Edit::Figure(figure, value + step), false);
}

/// What the profile says of purpose and privacy.
fn said(ui: &mut Ui, width: f32, planner: &Planner) {
    let t = tokens(ui);
    let content = &planner.profile().content;
    let basis = match content.purpose.authority {
        Authority::Overt => "Overt",
        Authority::ImmediateResponse => "Immediate response",
        Authority::AuthorisedCovert => "Covert, authorised",
    };
    let notice = match content.privacy.notice {
        Notice::Signs => "Signs",
        Notice::Loudspeaker => "Loudspeaker",
        Notice::SocialMedia => "Force's pages",
        Notice::None => "None, with its reason",
    };
    let sight = match content.limits.sight {
        Sight::Vlos => "VLOS",
        Sight::Bvlos => "BVLOS",
    };
    let roles = content.crew.roles.iter().filter(|role| *role != "pilot").cloned().collect::<Vec<_>>().join(", ");
    let sight = if roles.is_empty() { sight.to_owned() } else { format!("{sight}, {roles}") };
    let facts = [
        ("Basis", format!("{basis}: {}", content.purpose.task)),
        ("DPIA", format!("{}, review {}", content.privacy.dpia, content.privacy.dpia_review.strftime("%-d %b %Y"))),
        ("Notice", notice.to_owned()),
        ("Retention", content.privacy.retention.clone()),
        ("Sight", sight),
    ];
    let (rule, _) = ui.allocate_exact_size(vec2(width, 8.0), egui::Sense::hover());
    paint::rule(ui.painter(), rule, t.line);
    ui.add_space(4.0);
    for (name, value) in facts {
        let galley = paint::lines(ui.painter(), text::CELL_STRONG, t.text, &value, width - 2.0 * PAD - 84.0, 2);
        let (row, _) = ui.allocate_exact_size(vec2(width, galley.size().y + 8.0), egui::Sense::hover());
        let line = row.shrink2(vec2(PAD, 4.0));
        paint::words(ui.painter(), line.left_top(), egui::Align2::LEFT_TOP, text::CELL, t.text2, name);
        paint::lines_to_right(ui.painter(), line.right(), line.top(), &galley, text::CELL_STRONG, t.text);
        widget::says(ui, row, &format!("{name}: {value}"));
    }
    ui.add_space(6.0);
}
