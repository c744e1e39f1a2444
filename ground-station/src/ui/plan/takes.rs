//! What the flight takes: distance, time, battery, footage, storage.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use crate::state::plan::Planner;
use crate::state::plan::work::Takes;
use crate::ui::cut::Cut as _;
use crate::ui::theme::tokens;
use crate::ui::widget::{self, panel};
use crate::ui::{paint, text};

/// A figure, what it is of, and its unit or what it is held against.
type Fact = (&'static str, String, String);

/// How much of the row each takes.
const PARTS: [f32; 5] = [0.16, 0.17, 0.25, 0.215, 0.205];

/// In one row.
pub(super) fn takes(ui: &Ui, rect: Rect, planner: &Planner) {
    let t = tokens(ui);
    let inside = panel::panel(ui, rect);
    let takes = planner.worked().map(|worked| worked.takes);
    let facts = takes.map_or_else(none, |takes| facts(&takes));
    let low = takes.is_some_and(|takes| takes.lands_with_percent.is_some_and(|left| left < takes.reserve_percent));
    let full = takes.is_some_and(|takes| takes.free_bytes.is_some_and(|free| bytes(free) < takes.bytes));
    let mut row = inside;
    for (nth, ((name, value, unit), part)) in facts.into_iter().zip(PARTS).enumerate() {
        let column = row.left_part(inside.width() * part);
        if nth > 0 {
            ui.painter().vline(column.left(), column.shrink2(vec2(0.0, 10.0)).y_range(), Stroke::new(1.0, t.line));
        }
        let line = column.shrink2(vec2(12.0, 0.0));
        paint::words(
            ui.painter(),
            pos2(line.left(), line.top() + 20.0),
            Align2::LEFT_CENTER,
            text::LABEL,
            t.text2,
            name,
        );
        let ink = if (low && nth == 2) || (full && nth == 4) {
            t.warn
        } else if planner.is_pending() {
            t.text2
        } else {
            t.text
        };
        let figure = paint::words(
            ui.painter(),
            pos2(line.left(), line.top() + 44.0),
            Align2::LEFT_CENTER,
            text::TITLE,
            ink,
            &value,
        );
        let rest = Rect::from_min_max(
            pos2(figure.right() + 6.0, line.top() + 38.0),
            pos2(column.right() - 2.0, line.top() + 54.0),
        );
        paint::fit(ui.painter(), rest, text::LABEL, t.text2, &unit);
        widget::says(ui, column, format!("{name}: {value} {unit}").trim_end());
    }
}

fn none() -> [Fact; 5] {
    ["Distance", "Time", "Lands with", "Footage", "Storage"].map(|name| (name, "—".into(), String::new()))
}

fn facts(takes: &Takes) -> [Fact; 5] {
    let (minutes, seconds) = ((takes.duration_s / 60.0).floor(), (takes.duration_s % 60.0).floor());
    let battery = takes.lands_with_percent.map_or_else(
        || ("—".into(), "not known".to_owned()),
        |left| (format!("{left:.0} %"), format!("reserve {:.0}", takes.reserve_percent)),
    );
    let gigabytes =
        |bytes: f64| if bytes < 9.95e9 { format!("{:.1}", bytes / 1e9) } else { format!("{:.0}", bytes / 1e9) };
    let room = takes.free_bytes.map_or_else(|| "GB".to_owned(), |free| format!("of {} GB", gigabytes(bytes(free))));
    [
        ("Distance", format!("{:.2}", takes.distance_m / 1_000.0), "km".into()),
        ("Time", format!("{minutes:.0}:{seconds:02.0}"), "min".into()),
        ("Lands with", battery.0, battery.1),
        ("Footage", format!("{:.0}", takes.segments), "segments".into()),
        ("Storage", gigabytes(takes.bytes), room),
    ]
}

/// Sizes of disks are far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
fn bytes(count: u64) -> f64 {
    count as f64
}
