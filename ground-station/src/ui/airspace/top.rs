//! How old the datasets are, and the search.

use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::view::{Shown, Side, View};
use crate::state::board::{Age, age, zone_kind_words};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::theme::{RADIUS, RADIUS_SMALL, tokens};
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::Button;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::field::Field;
use crate::ui::widget::{self, badge, panel, table};
use crate::ui::{icon, paint, text};

/// Datasets that have room beside each other.
const MOST: usize = 4;
const IMPORT: f32 = 128.0;
/// A row of the list of kinds, points.
const KIND_ROW: f32 = 40.0;

/// The datasets, each with its age on a bar to 28 days and beyond.
pub(super) fn datasets(ui: &Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) {
    let t = tokens(ui);
    let mut inside = panel::panel(ui, rect);
    let place = inside.right_part(IMPORT);
    ui.painter().vline(place.left(), place.y_range(), Stroke::new(1.0, t.line));
    let open = view.side == Side::Import;
    let button = Button::new("Import").named("Import zones").icon(icon::UPLOAD_SIMPLE.regular()).chosen(open);
    if button.at(ui, Rect::from_center_size(place.center(), vec2(IMPORT - 28.0, 48.0))).clicked() {
        view.side = if open { Side::Nothing } else { Side::Import };
    }
    let Some(airspace) = shown.airspace() else {
        paint::fit(ui.painter(), inside.shrink2(vec2(14.0, 0.0)), text::BODY, t.text2, "Reading the zones …");
        return;
    };
    let datasets = match &airspace.datasets {
        Ok(datasets) => datasets,
        Err(why) => {
            let (icon, what) = (icon::WARNING.fill(), "The zones cannot be read: nobody knows what is restricted here");
            Empty { icon, what, how: why, action: None }.at(ui, inside);
            return;
        }
    };
    if datasets.is_empty() {
        let how = "Import the national dataset (ED-269, ED-318, GeoJSON, OpenAir or YAIXM): with Import, or `skyseal-ground zones import`.";
        let what = "No zones yet: nobody knows what is restricted here";
        Empty { icon: icon::POLYGON.regular(), what, how, action: None }.at(ui, inside);
        return;
    }
    let more = datasets.len().saturating_sub(MOST);
    // The oldest first, when there are more than fit: they matter most.
    let mut ages: Vec<Age> = datasets.iter().map(|dataset| age(dataset, shown.moment.now)).collect();
    if more > 0 {
        ages.sort_by(|a, b| b.part.total_cmp(&a.part));
    }
    let count = u8::try_from(ages.len().min(MOST)).unwrap_or(1);
    let wide = inside.width() / f32::from(count.max(1));
    for (nth, one) in ages.iter().take(MOST).enumerate() {
        let part = inside.left_part(wide);
        if nth > 0 {
            ui.painter().vline(part.left(), part.y_range(), Stroke::new(1.0, t.line));
        }
        dataset(ui, part, one, if nth + 1 == MOST { more } else { 0 });
    }
}

fn dataset(ui: &Ui, part: Rect, one: &Age, more: usize) {
    let t = tokens(ui);
    let (ink, sign) = match one.stale {
        Some(_) => (t.warn, icon::WARNING_OCTAGON.fill()),
        None => (t.ok, icon::CHECK_CIRCLE.fill()),
    };
    let mut inside = part.shrink2(vec2(14.0, 10.0));
    let whole = inside;
    let mut head = inside.top_part(22.0);
    let said = paint::width(ui.painter(), text::CELL_STRONG, &one.age) + 1.0;
    paint::fit(ui.painter(), head.right_part(said), text::CELL_STRONG, ink, &one.age);
    head.right_part(5.0);
    paint::icon(ui.painter(), head.right_part(18.0).center(), 18.0, ink, sign);
    head.right_part(8.0);
    let middle = inside.center().x;
    let name = head.with_max_x(head.right().min(middle - 14.0));
    let name = if name.width() > 90.0 { name } else { head };
    paint::fit(ui.painter(), name, text::STRONG, t.text, &one.name);
    if name.right() <= middle - 13.0 && head.right() > middle + 12.0 {
        paint::words(
            ui.painter(),
            pos2(middle, head.center().y + 2.0),
            egui::Align2::CENTER_CENTER,
            text::LABEL,
            t.text2,
            "28",
        );
    }
    inside.top_part(4.0);
    bar(ui, inside.top_part(8.0), one.part, ink);
    inside.top_part(4.0);
    let line = inside.top_part(18.0);
    let right = if more > 0 { format!("{} · {more} more datasets", one.counts) } else { one.counts.clone() };
    let wide = paint::width(ui.painter(), text::LABEL, &right).min(line.width() * 0.72) + 1.0;
    let mut left = line;
    paint::fit_right(ui.painter(), left.right_part(wide), text::LABEL, t.text2, &right);
    left.right_part(8.0);
    let edition = if one.illustrative { format!("Illustrative · {}", one.edition) } else { one.edition.clone() };
    paint::fit(ui.painter(), left, text::LABEL, if one.illustrative { t.caution } else { t.text2 }, &edition);
    let why = one.stale.map(|why| format!(", {why}")).unwrap_or_default();
    let words = format!("{}: {}{why}. {edition}. {}. SHA-256 {}", one.name, one.age, one.counts, one.sha256);
    widget::says(ui, whole, &words).on_hover_text(words);
}

/// The age; the mark in the middle is one cycle, 28 days.
fn bar(ui: &Ui, track: Rect, part: f32, ink: egui::Color32) {
    let t = tokens(ui);
    let radius = CornerRadius::same(RADIUS_SMALL);
    ui.painter().rect_filled(track, radius, t.sunken);
    let mut full = track;
    ui.painter().rect_filled(full.left_part((track.width() * part).max(2.0)), radius, ink);
    ui.painter().vline(track.center().x, track.y_range(), Stroke::new(2.0, t.text));
}

/// One field for a name, a coordinate or a grid reference; kinds; the map; a new permission.
pub(super) fn search(ui: &mut Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) {
    let mut rest = rect;
    let new = Button::new("New authorisation").icon(icon::PLUS.bold());
    // Sign and activate is the primary of the screen while a permission is open.
    let new = if matches!(view.side, Side::Permission(_) | Side::Form) { new } else { new.primary() };
    let place = rest.right_part(new.width(ui));
    if new.at(ui, place).clicked()
        && let Some(airspace) = shown.airspace()
    {
        view.begin(airspace, None);
    }
    rest.right_part(GUTTER);
    let on_map = Button::new("On map").icon(icon::MAP_TRIFOLD.regular()).chosen(view.on_map);
    let place = rest.right_part(on_map.width(ui));
    if on_map.at(ui, place).clicked() {
        view.on_map = !view.on_map;
    }
    rest.right_part(GUTTER);
    let words = view.kind.map_or("All kinds", zone_kind_words);
    let kinds = Button::new(words).named("Kinds of zones").icon(icon::FUNNEL.regular()).chosen(view.kind.is_some());
    let place = rest.right_part(kinds.width(ui));
    if kinds.at(ui, place).clicked() {
        view.kinds_open = !view.kinds_open;
    }
    rest.right_part(GUTTER);
    let hint = "Name, coordinate or OS grid";
    let field = Field::new("Find a zone").hint(hint).icon(icon::MAGNIFYING_GLASS.regular()).limit(100);
    let response = field.at(ui, rest, &mut view.search);
    if view.to_search {
        response.request_focus();
    }
    let place = pos2(rest.right() - 34.0, rest.center().y);
    if view.search.is_empty() {
        badge::key_cap(ui, place, "/", None);
    } else {
        let clear = Rect::from_center_size(rest.right_center() - vec2(22.0, 0.0), vec2(40.0, 40.0));
        if Button::icon_only(icon::X.bold(), "Clear the search").small().quiet().at(ui, clear).clicked() {
            view.search.clear();
        }
    }
}

/// The kinds that can be chosen, over what is below, while they are open.
pub(super) fn kinds(ui: &Ui, search: Rect, shown: &Shown<'_>, view: &mut View) {
    let Some(airspace) = shown.airspace().filter(|_| view.kinds_open) else { return };
    let t = tokens(ui);
    let kinds = airspace.kinds();
    let rows = f32::from(u8::try_from(kinds.len() + 1).unwrap_or(u8::MAX));
    let mut list =
        Rect::from_min_size(pos2(search.right() - 560.0, search.bottom() + 4.0), vec2(260.0, rows * KIND_ROW + 2.0));
    let ground = ui.interact(list, ui.scope_id().with("kinds"), egui::Sense::click());
    ui.painter().rect(list, CornerRadius::same(RADIUS), t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
    list = list.shrink(1.0);
    let all = std::iter::once(None).chain(kinds.into_iter().map(Some));
    for kind in all {
        let words = kind.map_or("All kinds", zone_kind_words);
        let row = list.top_part(KIND_ROW);
        let chosen = kind == view.kind;
        let response = table::row(ui, row, &format!("Only {}", words.to_lowercase()), chosen);
        paint::fit(
            ui.painter(),
            row.shrink2(vec2(14.0, 0.0)),
            text::BODY,
            if chosen { Tone::Accent.ink(ui) } else { t.text },
            words,
        );
        if response.clicked() {
            (view.kind, view.kinds_open) = (kind, false);
        }
    }
    if ground.clicked_elsewhere() && ui.input(|input| input.pointer.any_click()) && !ui.rect_contains_pointer(search) {
        view.kinds_open = false;
    }
}
