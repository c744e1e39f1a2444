//! In whose name the record will stand, and why: the recording session, and the reason with what is left of its fifteen minutes.

use egui::{Rect, Stroke, StrokeKind, Ui, vec2};

use crate::state::recording::reason::Amendment;
use crate::ui::cut::{Cut as _, GUTTER, PAD};
use crate::ui::theme::tokens;
use crate::ui::widget::button::Button;
use crate::ui::widget::field::{Field, LABELLED};
use crate::ui::widget::{self, choice, panel};
use crate::ui::{icon, paint, text};

/// Its height, points.
pub(crate) const HEIGHT: f32 = 340.0;
/// Its width, points.
pub(crate) const WIDTH: f32 = 560.0;
/// How long a session can be asked for: minutes, and in words.
const LENGTHS: [(u16, &str); 3] = [(60, "1 hour"), (240, "4 hours"), (720, "12 hours")];

/// How it stands.
pub(crate) struct Now<'a> {
    /// In whose name the record will stand, or stands, in a sentence.
    pub(crate) name: &'a str,
    /// A session is in force.
    pub(crate) session: bool,
    /// Why no session can be opened or ended.
    pub(crate) why_not: Option<&'a str>,
    /// The reason, and where it comes from.
    pub(crate) reason: (&'a str, &'a str),
    /// It records: what is written amends.
    pub(crate) records: bool,
    /// Why the reason cannot be changed.
    pub(crate) fixed: Option<&'a str>,
    /// What became of the last amendment.
    pub(crate) amendment: &'a Amendment,
}

/// What is only of this screen.
#[derive(Debug, Default)]
pub(crate) struct View {
    words: String,
    length: usize,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A session for so many minutes.
    Open {
        /// From now.
        minutes: u16,
    },
    /// Its end.
    End,
    /// These words for the next recording, or for the one that runs.
    Reason(String),
    /// Close the panel.
    Close,
}

/// Draws it.
pub(crate) fn show(ui: &mut Ui, rect: Rect, now: &Now<'_>, view: &mut View) -> Option<Ask> {
    let t = tokens(ui);
    ui.painter().rect(rect, 6.0, t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
    let (inside, mut head) = panel::headed(ui, rect, Some(icon::SIGNATURE.regular()), "Reason and officer");
    let mut asked = None;
    let close = Button::new("Close").small().quiet();
    let wide = close.width(ui);
    if close.at(ui, head.right_part(wide)).clicked() {
        asked = Some(Ask::Close);
    }
    let mut rest = inside.shrink(PAD);
    said(ui, &mut rest, "In whose name", now.name);
    asked = session(ui, rest.top_part(48.0), now, view).or(asked);
    if let Some(why) = now.why_not {
        let line = rest.top_part(22.0).with_min_y(rest.top() - 18.0);
        paint::fit(ui.painter(), line, text::LABEL, t.text2, why);
        widget::says(ui, line, why);
    }
    rest.top_part(PAD);
    paint::rule(ui.painter(), rest.top_part(1.0), t.line);
    rest.top_part(GUTTER);
    said(ui, &mut rest, now.reason.1, now.reason.0);
    reason(ui, rest, now, view).or(asked)
}

/// A label over a sentence of two lines at most.
fn said(ui: &Ui, rest: &mut Rect, label: &str, words: &str) {
    let t = tokens(ui);
    paint::fit(ui.painter(), rest.top_part(18.0), text::LABEL, t.text2, label);
    let lines = paint::lines(ui.painter(), text::CELL_STRONG, t.text, words, rest.width(), 2);
    let place = rest.top_part(lines.size().y.max(20.0));
    ui.painter().galley(place.min, lines, t.text);
    widget::says(ui, place, &format!("{label}: {words}"));
    rest.top_part(GUTTER);
}

fn session(ui: &Ui, mut row: Rect, now: &Now<'_>, view: &mut View) -> Option<Ask> {
    if now.session {
        let end = Button::new("End the session").icon(icon::STOP.fill()).unless(now.why_not);
        let wide = end.width(ui).min(row.width());
        return end.at(ui, row.left_part(wide)).clicked().then_some(Ask::End);
    }
    let open = Button::new("Open a session").icon(icon::SIGNATURE.regular()).primary().unless(now.why_not);
    let wide = open.width(ui).clamp(0.0, row.width() - 200.0);
    let pressed = open.at(ui, row.right_part(wide)).clicked();
    row.right_part(GUTTER);
    let options = LENGTHS.map(|(_, words)| (None, words));
    if let Some(length) = choice::segments(ui, row, "Session lasts", &options, view.length) {
        view.length = length;
    }
    let (minutes, _) = LENGTHS.get(view.length).copied().unwrap_or(LENGTHS[0]);
    pressed.then_some(Ask::Open { minutes })
}

fn reason(ui: &mut Ui, mut rest: Rect, now: &Now<'_>, view: &mut View) -> Option<Ask> {
    let t = tokens(ui);
    let (label, verb) =
        if now.records { ("Amend the reason", "Amend") } else { ("Reason of the next recording", "Use it") };
    let mut row = rest.top_part(LABELLED);
    let valid = view.words.trim().parse::<flight_record::Reason>().is_ok();
    let short = (!valid).then_some("4 to 200 plain characters");
    let set = Button::new(verb).icon(icon::PENCIL_SIMPLE.regular()).unless(now.fixed.or(short));
    let wide = set.width(ui).min(row.width() * 0.5);
    let mut side = row.right_part(wide);
    let pressed = set.at(ui, side.bottom_part(44.0)).clicked();
    row.right_part(GUTTER);
    Field::labelled(label).hint("In a few words, with the log number").limit(200).at(ui, row, &mut view.words);
    rest.top_part(4.0);
    let (ink, words) = match now.amendment {
        Amendment::None => (t.text2, String::new()),
        Amendment::Sent(_) => (t.text2, "Sent; the aircraft has not confirmed it yet".to_owned()),
        Amendment::Stands => (t.ok, "The amendment stands in the flight’s record, beside the first reason".to_owned()),
        Amendment::Refused(why) => (t.warn, format!("Not amended: {why}")),
    };
    if !words.is_empty() {
        let line = Rect::from_min_size(rest.min, vec2(rest.width(), 20.0));
        paint::fit(ui.painter(), line, text::LABEL, ink, &words);
        widget::says(ui, line, &words);
    }
    pressed.then(|| Ask::Reason(std::mem::take(&mut view.words).trim().to_owned()))
}
