//! Plans and drawings from files and into files.

use std::path::PathBuf;

use egui::{CornerRadius, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{PlanCommand, PlanView};
use crate::ui::cut::Cut as _;
use crate::ui::icon;
use crate::ui::map::controls::{Square, column};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::{button::Button, field};
use crate::ui::{paint, text};

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

/// The file that is being named.
#[derive(Default)]
pub(super) struct FilesView {
    way: Option<Way>,
    path: String,
    wrong: Option<String>,
    fresh: bool,
}

impl FilesView {
    /// What was wrong with it.
    pub(super) fn refuse(&mut self, why: String) {
        self.wrong = Some(why);
    }
}

/// The two buttons, and the line in which a file is named.
pub(super) fn files(ui: &mut Ui, map: Rect, at: Pos2, view: &mut PlanView) -> Option<PlanCommand> {
    let squares = [
        Square {
            chosen: view.files.way == Some(Way::In),
            ..Square::new(icon::FOLDER_OPEN.regular(), "Import a plan or a drawing")
        },
        Square { chosen: view.files.way == Some(Way::Out), ..Square::new(icon::EXPORT.regular(), "Export the plan") },
    ];
    let clicked = column(ui, at, &squares);
    for (response, way) in clicked.iter().zip([Way::In, Way::Out]) {
        if response.clicked() {
            let open = view.files.way != Some(way);
            view.files = FilesView { way: open.then_some(way), fresh: open, ..FilesView::default() };
        }
    }
    // A file that is dropped on the window is taken in.
    let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_path_buf()));
    if let Some(path) = dropped {
        return Some(PlanCommand::Import(path));
    }
    let way = view.files.way?;
    line(ui, map, way, &mut view.files)
}

fn line(ui: &mut Ui, map: Rect, way: Way, view: &mut FilesView) -> Option<PlanCommand> {
    let t = tokens(ui);
    let width = (map.width() - 210.0).clamp(260.0, 620.0);
    let high = 94.0 + if view.wrong.is_some() { field::WRONG } else { 0.0 };
    let plate = Rect::from_min_size(pos2(map.center().x - width / 2.0 + 20.0, map.top() + 60.0), vec2(width, high));
    ui.painter().rect(plate, CornerRadius::same(RADIUS), t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
    let mut inside = plate.shrink(12.0);
    let words = match way {
        Way::In => "File to take in: .plan, .waypoints, .kml, .kmz, .gpx, .geojson",
        Way::Out => "File to write: .plan, .waypoints, .kml, .kmz, .gpx, .geojson",
    };
    paint::fit(ui.painter(), inside.top_part(22.0), text::LABEL, t.text2, words);
    let button = Button::new(if way == Way::In { "Import" } else { "Export" });
    let mut place = inside.right_part(button.width(ui));
    inside.right_part(8.0);
    let name = if way == Way::In { "File to take in" } else { "File to write" };
    let hint = if way == Way::In { "/media/usb/search.kml" } else { "/media/usb/search.plan" };
    let wrong = view.wrong.clone();
    let response = field::Field::new(name).hint(hint).wrong(wrong.as_deref()).at(ui, inside, &mut view.path);
    if std::mem::take(&mut view.fresh) {
        response.request_focus();
    }
    if response.changed() {
        view.wrong = None;
    }
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let empty = view.path.trim().is_empty();
    let pressed = button.unless(empty.then_some("Name a file first")).at(ui, place.top_part(field::HEIGHT)).clicked();
    if (!pressed && !entered) || empty {
        return None;
    }
    let path = PathBuf::from(view.path.trim());
    Some(match way {
        Way::In => PlanCommand::Import(path),
        Way::Out => PlanCommand::Export(path),
    })
}
