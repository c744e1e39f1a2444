//! Taking a file of zones: read first, said what it costs, then taken.

use std::path::PathBuf;

use egui::{Rect, Ui, vec2};
use mission_profiles::zones::Doubt;

use super::AirspaceCommand;
use super::side::{self, PAD, mono, room, section};
use super::view::{Shown, View};
use crate::state::board::{Doing, Import, Work};
use crate::ui::cut::Cut as _;
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::field::{self, Field};
use crate::ui::widget::panel;
use crate::ui::{icon, paint, text};

/// Why nothing can be taken.
const NO_FOLDER: &str = "To take zones in, name a folder for them in the settings: [airspace] zones";

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) -> Option<AirspaceCommand> {
    let t = tokens(ui);
    let sign = (icon::UPLOAD_SIMPLE.regular(), t.text2);
    let above = "ED-269, ED-318, GeoJSON, OpenAir, YAIXM";
    let mut rest = side::head(ui, rect, sign, above, "Import zones", view);
    dropped(ui, view);
    let busy = matches!(shown.workspace.doing, Doing::Busy(_)).then_some("Wait until the last is done");
    let mut top = rest.top_part(2.0 * field::LABELLED + 8.0 + button::HEIGHT + 24.0).shrink2(vec2(PAD, 0.0));
    let path = Field::labelled("File").hint("Drop it here, or type its path").limit(1_000);
    path.at(ui, top.top_part(field::LABELLED), &mut view.file);
    top.top_part(8.0);
    let name = Field::labelled("Name, where the file does not say it well").hint("as the file says").limit(100);
    name.at(ui, top.top_part(field::LABELLED), &mut view.file_name);
    top.top_part(12.0);
    let file = PathBuf::from(view.file.trim());
    let missing = view.file.trim().is_empty().then_some("Name a file first");
    let read = shown.workspace.import.as_ref().filter(|import| import.file == file);
    let check = Button::new("Read it").icon(icon::MAGNIFYING_GLASS.regular()).unless(busy.or(missing));
    let check = if read.is_some() { check } else { check.primary() };
    let pressed = check.at(ui, top.top_part(button::HEIGHT)).clicked();
    if let Some(import) = read {
        let foot = rest.bottom_part(button::HEIGHT + 2.0 * PAD).shrink(PAD);
        report(ui, rest, import);
        let no_folder = (!shown.has_folder).then_some(NO_FOLDER);
        if let Some(command) = take(ui, foot, import, view, no_folder.or(busy)) {
            return Some(command);
        }
    } else {
        let how = "Reading changes nothing. It says how many zones are kept, which are kept larger because parts of them cannot be read, and which have no place at all.";
        let how = if shown.has_folder { how.to_owned() } else { format!("{how}\n\n{NO_FOLDER}.") };
        let place = rest.shrink2(vec2(PAD, 8.0));
        let galley = paint::lines(ui.painter(), text::CELL, t.text2, &how, place.width(), 12);
        ui.painter().galley(place.min, galley, t.text2);
    }
    pressed.then_some(AirspaceCommand::Work(Work::Check(file)))
}

/// A file that was let go over the window.
fn dropped(ui: &Ui, view: &mut View) {
    let path = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
    if let Some(path) = path {
        view.file = path.display().to_string();
    }
}

fn report(ui: &mut Ui, rect: Rect, import: &Import) {
    panel::scrolled(ui, rect, "report", |ui| {
        let t = tokens(ui);
        side::words(ui, text::CELL_STRONG, t.text, &import.age.name);
        side::words(ui, text::CELL, t.text, &import.age.counts);
        let ink = if import.age.stale.is_some() { t.warn } else { t.text2 };
        side::words(ui, text::CELL, ink, &format!("{}, {}", import.age.edition, import.age.age));
        mono(ui, "SHA-256", &import.age.sha256);
        let lists = [
            ("Refused: without a place, not kept", &import.refused, Tone::Warn),
            ("Kept larger, or longer, than they may be", &import.larger, Tone::Caution),
            ("Not as the standard has it, and understood", &import.deviations, Tone::Neutral),
        ];
        for (heading, list, tone) in lists {
            if !list.is_empty() {
                section(ui, &format!("{heading} ({})", list.len()));
                list.iter().for_each(|one| doubt(ui, one, tone));
            }
        }
        if import.more > 0 {
            side::words(
                ui,
                text::CELL,
                t.text2,
                &format!("{} more; `skyseal-ground zones check --json` has all", import.more),
            );
        }
        room(ui, 8.0);
    });
}

fn doubt(ui: &mut Ui, one: &Doubt, tone: Tone) {
    let t = tokens(ui);
    let ink = if tone == Tone::Neutral { t.text2 } else { tone.ink(ui) };
    side::words(ui, text::MONO, ink, &one.place);
    side::words(ui, text::CELL, t.text, &one.what);
}

fn take(ui: &Ui, foot: Rect, import: &Import, view: &View, busy: Option<&str>) -> Option<AirspaceCommand> {
    if import.taken {
        let t = tokens(ui);
        super::signed(ui, foot, icon::CHECK_CIRCLE.fill(), t.ok, text::STRONG, "Taken: these zones count now");
        crate::ui::widget::says(ui, foot, "Taken: these zones count now");
        return None;
    }
    let without = match import.refused.len() {
        0 => String::new(),
        1 => " without the one refused".into(),
        many => format!(" without the {many} refused"),
    };
    let words = format!("Import{without}");
    let button = Button::new(&words).icon(icon::UPLOAD_SIMPLE.regular()).primary().unless(busy);
    button.at(ui, foot).clicked().then(|| {
        let name = Some(view.file_name.trim()).filter(|name| !name.is_empty()).map(Into::into);
        let accept_refused = !import.refused.is_empty();
        AirspaceCommand::Work(Work::Import { file: import.file.clone(), name, accept_refused })
    })
}
