//! The Records workspace: the flight log, who is in practice, how much each aircraft and battery flew, what went wrong and must be told.

mod draft;
mod flights;
mod form;
mod happened;
mod kit;
mod pilots;
mod sheet;
#[cfg(test)]
mod tests;

use egui::{Rect, Role, Ui, vec2};

use super::cut::{Cut as _, GUTTER};
use super::icon::{self, Icon};
use super::theme::{RADIUS, tokens};
use super::widget::badge;
use super::widget::button::{self, Button};
use super::widget::empty::Empty;
use super::widget::field::Field;
use super::widget::{self, panel, table};
use super::{paint, text};
use crate::state::records::{Entering, Loaded, Records};
use form::Form;

/// Width of the list of sections, points.
const SECTIONS: f32 = 208.0;
/// Height of the field in which something is looked for, with its margins, points.
const SEARCH: f32 = 60.0;

/// What the person asks for.
#[derive(Debug)]
pub(crate) enum Command {
    /// Read the log again, by [`crate::log::records`].
    Reload,
    /// Enter a draft, by [`crate::log::enter_draft`]; read the log again when it is done.
    Enter(Entering),
}

/// What the screen shows.
pub(crate) struct Shown<'a> {
    /// The log.
    pub(crate) loaded: &'a Loaded,
    /// Who is signed in; nobody else enters anything.
    pub(crate) signed_in: Option<&'a str>,
    /// A draft is being entered.
    pub(crate) busy: bool,
}

/// A part of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Section {
    #[default]
    Flights,
    Pilots,
    Kit,
    Happened,
}

impl Section {
    const ALL: [Self; 4] = [Self::Flights, Self::Pilots, Self::Kit, Self::Happened];

    const fn words(self) -> (Icon, &'static str) {
        match self {
            Self::Flights => (icon::NOTEBOOK.regular(), "Flight log"),
            Self::Pilots => (icon::USERS.regular(), "Pilots"),
            Self::Kit => (icon::DRONE.regular(), "Aircraft and batteries"),
            Self::Happened => (icon::SHIELD_WARNING.regular(), "Incidents"),
        }
    }

    /// What waits in it for a person.
    fn waiting(self, records: &Records) -> usize {
        match self {
            Self::Flights => records.drafts.len() + records.unreadable.len(),
            Self::Happened => records.to_report(),
            Self::Pilots | Self::Kit => 0,
        }
    }
}

/// What is only of the screen.
#[derive(Debug)]
pub(crate) struct View {
    section: Section,
    /// What is looked for among the flights.
    find: String,
    /// By which column flights are sorted, and whether the largest stands first.
    sorted: (usize, bool),
    /// The flight that is read: its id.
    flight: Option<String>,
    pilot: Option<String>,
    kit: Option<String>,
    happened: Option<usize>,
    form: Form,
}

impl Default for View {
    fn default() -> Self {
        let form = Form::default();
        Self {
            section: Section::Flights,
            find: String::new(),
            sorted: (0, true),
            flight: None,
            pilot: None,
            kit: None,
            happened: None,
            form,
        }
    }
}

/// Draws it; what was asked for.
pub(crate) fn show(ui: &mut Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) -> Vec<Command> {
    let mut asked = Vec::new();
    let mut rest = rect;
    let records = if let Loaded::There(records) = shown.loaded { Some(records) } else { None };
    sections(ui, rest.left_part(SECTIONS), records, view, &mut asked);
    rest.left_part(GUTTER);
    let Some(records) = records else {
        unread(ui, rest, shown.loaded, &mut asked);
        return asked;
    };
    let right = rest.right_part((rect.width() * 0.31).clamp(368.0, 480.0));
    rest.right_part(GUTTER);
    match view.section {
        Section::Flights => flights::show(ui, (rest, right), (shown, records), view, &mut asked),
        Section::Pilots => pilots::show(ui, (rest, right), records, view),
        Section::Kit => kit::show(ui, (rest, right), records, view),
        Section::Happened => happened::show(ui, (rest, right), records, view),
    }
    asked
}

fn sections(ui: &Ui, rect: Rect, records: Option<&Records>, view: &mut View, asked: &mut Vec<Command>) {
    let mut inside = panel::panel(ui, rect);
    for section in Section::ALL {
        let row = inside.top_part(button::HEIGHT);
        let (icon, words) = section.words();
        let t = tokens(ui);
        let chosen = section == view.section;
        let response = widget::chosen_target(ui, row, words, (true, chosen), Role::Tab);
        if chosen || response.hovered() {
            ui.painter().rect_filled(row, 0.0, t.raised);
        }
        if chosen {
            table::mark(ui, row);
        }
        widget::focus_ring(ui, row.shrink(4.0), RADIUS, &response);
        let mut line = row.shrink2(vec2(14.0, 0.0));
        let ink = if chosen { t.text } else { t.text2 };
        paint::icon(ui.painter(), line.left_part(20.0).center(), 20.0, ink, icon);
        line.left_part(8.0);
        let waiting = records.map_or(0, |records| section.waiting(records));
        if waiting > 0 {
            let at = line.right_part(20.0).center();
            badge::count(ui, at, waiting);
        }
        let style = if chosen { text::CELL_STRONG } else { text::CELL };
        paint::fit(ui.painter(), line, style, ink, words);
        if response.clicked() {
            view.section = section;
        }
    }
    let again = Button::new("Read again").icon(icon::ARROW_CLOCKWISE.regular()).small();
    let place = inside.bottom_part(button::SMALL + 12.0).shrink2(vec2(8.0, 6.0));
    if again.at(ui, place).clicked() {
        asked.push(Command::Reload);
    }
}

/// While there is nothing to show.
fn unread(ui: &Ui, rect: Rect, loaded: &Loaded, asked: &mut Vec<Command>) {
    let mut inside = panel::panel(ui, rect);
    let place = inside.top_part(200.0);
    let empty = match loaded {
        Loaded::Failed(why) => Empty {
            icon: icon::WARNING.regular(),
            what: "The flight log cannot be read",
            how: why,
            action: Some("Try again"),
        },
        Loaded::Loading | Loaded::There(_) => {
            let how = "Register, versions and drafts. Nothing else waits for it.";
            Empty { icon: icon::HOURGLASS.regular(), what: "The flight log is being read", how, action: None }
        }
    };
    if empty.at(ui, place).is_some_and(|response| response.clicked()) {
        asked.push(Command::Reload);
    }
}

/// The field above a list.
fn search(ui: &mut Ui, rect: Rect, hint: &str, find: &mut String) {
    let place = rect.shrink2(vec2(8.0, 8.0));
    Field::new("Find in the flight log").hint(hint).icon(icon::MAGNIFYING_GLASS.regular()).at(ui, place, find);
}

/// The head of a table above `count` rows that scroll in what is left of `inside`; the column that was pressed.
#[expect(clippy::cast_precision_loss, reason = "a few thousand rows")]
fn head(ui: &Ui, inside: &mut Rect, table: &table::Table<'_>, (count, height): (usize, f32)) -> Option<usize> {
    let mut place = inside.top_part(table::HEAD);
    if height * count as f32 > inside.height() {
        place.right_part(ui.spacing().scroll.allocated_width());
    }
    table.head(ui, place)
}

/// Rows that scroll; only those that are seen are drawn.
#[expect(clippy::cast_precision_loss, reason = "a few thousand rows")]
fn rows(ui: &mut Ui, rect: Rect, name: &str, (count, height): (usize, f32), mut row: impl FnMut(&Ui, Rect, usize)) {
    panel::scrolled(ui, rect, name, |ui| {
        let size = vec2(ui.available_width(), height * count as f32);
        let (all, _) = ui.allocate_exact_size(size, egui::Sense::hover());
        for nth in 0..count {
            let place = Rect::from_min_size(all.min + vec2(0.0, height * nth as f32), vec2(all.width(), height));
            if ui.is_rect_visible(place) {
                row(ui, place, nth);
            }
        }
    });
}
