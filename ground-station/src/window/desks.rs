//! The other workspaces, each with what it knows and who works for it.

use egui::{Rect, Ui};

use super::app::App;
use crate::command::{Command, Workspace};

/// Draws one.
pub(super) fn draw(_ui: &mut Ui, _work: Rect, _app: &mut App, _workspace: Workspace) -> Vec<Command> {
    Vec::new()
}

/// Who is signed in.
pub(super) fn officer(app: &App) -> (String, String) {
    let who = if app.work.station.is_some() { "This station" } else { "Nobody" };
    (who.to_owned(), "Signs with its key".to_owned())
}

/// The settings.
pub(super) fn settings(_ui: &mut Ui, _rect: Rect, _app: &mut App) -> Vec<Command> {
    Vec::new()
}
