//! Handover: what is docked at the left, this station in the middle, the stores at the right; below, what runs, who signs, and what
//! the aircraft is told to erase.

mod copies;
mod countersign;
mod detail;
mod erase;
mod flights;
mod nothing;
mod receipt;
mod steps;
#[cfg(test)]
mod tests;

use egui::{Rect, Ui};
use flight_record::keys::KeyId;
use flight_record::{FlightId, Label, Reason};
use std::path::PathBuf;

use crate::dock::From;
use crate::state::handover::Handover;
use crate::state::signin::{Person, Secret};
use crate::ui::cut::{Cut as _, GUTTER};

/// Height of the panels below the columns, points.
const BELOW: f32 = 400.0;

/// What the person wants.
#[derive(Debug)]
pub(crate) enum Command {
    /// Look at a card or an aircraft.
    Look(From, Option<KeyId>),
    /// Look around for what was not handed over.
    LookAround,
    /// Let go of what is docked.
    Leave,
    /// Take over what is docked, or go on with it.
    TakeOver(Reason),
    /// Stop where it can go on.
    Pause,
    /// Stop.
    Cancel,
    /// The second person gives their PIN.
    Countersign(Label, Secret),
    /// The aircraft erases; flights in quarantine too when that is said.
    Erase(Reason, bool),
    /// Packages of all that was taken over, in this folder.
    Package(Reason, PathBuf),
}

/// What is only of the screen.
#[derive(Debug)]
pub(crate) struct View {
    /// A card's folder, or tls://HOST:PORT.
    from: String,
    /// Which aircraft answers there.
    aircraft: Option<KeyId>,
    /// Why.
    reason: String,
    /// Where packages come to.
    packages: String,
    /// Who countersigns.
    second: Option<Label>,
    /// What they type.
    secret: Secret,
    /// The flight whose verdict is read.
    selected: Option<FlightId>,
    /// The flight that was scrolled to, as it came to be worked on.
    followed: Option<FlightId>,
    /// Flights in quarantine are to be erased too.
    quarantined_too: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            from: String::new(),
            aircraft: None,
            reason: "End of duty".to_owned(),
            packages: String::new(),
            second: None,
            secret: Secret::default(),
            selected: None,
            followed: None,
            quarantined_too: false,
        }
    }
}

impl View {
    /// It looks here first: a card's folder, or an aircraft's dock and whose it is.
    pub(crate) fn at_dock(self, from: &str, aircraft: Option<KeyId>) -> Self {
        Self { from: from.to_owned(), aircraft, ..self }
    }

    /// Packages are offered to be made in this folder.
    pub(crate) fn with_packages(packages: &std::path::Path) -> Self {
        Self { packages: packages.display().to_string(), ..Self::default() }
    }

    /// The reason, if it is one.
    fn reason(&self) -> Result<Reason, String> {
        self.reason.trim().parse().map_err(|_| "Say why in 8 to 200 characters, without quotes.".to_owned())
    }
}

/// What the screen is drawn from.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The dock.
    pub(crate) state: &'a Handover,
    /// Who is signed in.
    pub(crate) first: Option<&'a Person>,
    /// Now, POSIX µs.
    pub(crate) now_utc_us: i64,
}

/// Draws the workspace here.
pub(crate) fn show(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut rest = rect;
    steps::show(ui, rest.top_part(steps::HEIGHT), &shown.state.steps(shown.now_utc_us));
    rest.top_part(GUTTER);
    if shown.state.docked().is_none() {
        commands.extend(nothing::show(ui, rest, shown, view));
        return commands;
    }
    if view.selected.is_some_and(|selected| !shown.state.flights().iter().any(|it| it.plan.flight == selected)) {
        view.selected = None;
    }
    let below = rest.bottom_part(BELOW);
    rest.bottom_part(GUTTER);
    flights::show(ui, columns(rest), shown, view);
    let [mut left, middle, mut right] = columns(below);
    let (unplug, receipts) = (left.bottom_part(152.0), right.bottom_part(152.0));
    left.bottom_part(GUTTER);
    right.bottom_part(GUTTER);
    commands.extend(copies::show(ui, left, shown, view));
    commands.extend(copies::unplug(ui, unplug, shown, view));
    match view.selected {
        Some(selected) => detail::show(ui, middle, shown.state, selected, &mut view.selected),
        None => commands.extend(countersign::show(ui, middle, shown, view)),
    }
    commands.extend(erase::show(ui, right, shown, view));
    commands.extend(receipt::show(ui, receipts, shown, view));
    commands
}

/// Aircraft, this station, stores: as wide as in the drawing, 376 : 504 : 456.
fn columns(rect: Rect) -> [Rect; 3] {
    let wide = rect.width() - 2.0 * GUTTER;
    let mut rest = rect;
    let left = rest.left_part((wide * 376.0 / 1336.0).floor());
    rest.left_part(GUTTER);
    let middle = rest.left_part((wide * 504.0 / 1336.0).floor());
    rest.left_part(GUTTER);
    [left, middle, rest]
}
