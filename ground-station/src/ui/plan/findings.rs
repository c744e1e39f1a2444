//! What preflight found, the gravest first; each with its cure.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, CornerRadius, Galley, Rect, Role, Ui, pos2, vec2};
use flight_record::papers::Overridden;
use mission_profiles::preflight::Severity;

use super::{PlanView, answer, board};
use crate::state::plan::Planner;
use crate::state::plan::cure::Cure;
use crate::state::plan::papers::Answering;
use crate::state::plan::work::Found;
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::{self, button, button::Button, empty::Empty, panel, table};
use crate::ui::{paint, text};

/// At the left of the words: icon and number, points.
const SIGN: f32 = 44.0;
/// At the right of them.
const MARGIN: f32 = 8.0;

/// The list; what was pressed to clear something, and what an officer answers for.
pub(super) fn findings(
    ui: &mut Ui,
    rect: Rect,
    planner: &Planner,
    trouble: Option<&str>,
    view: &mut PlanView,
) -> (Vec<Cure>, Option<Answering>) {
    let (mut inside, head) = panel::headed(ui, rect, None, "Findings");
    if let Some(why) = trouble {
        let what = "Plans cannot be checked";
        Empty { icon: icon::WARNING.regular(), what, how: why, action: None }.at(ui, inside);
        return (Vec::new(), None);
    }
    let Some(worked) = planner.worked() else {
        let how = "The map says what is missing for a plan. As soon as there is one, what blocks, what warns, and what clears it is listed here.";
        Empty { icon: icon::LIST_CHECKS.regular(), what: "No plan to be checked yet", how, action: None }
            .at(ui, inside);
        return (Vec::new(), None);
    };
    counts(ui, head, planner, &worked.found);
    if worked.found.is_empty() {
        let how = "Zones, permissions, heights, range, battery, room, weather, crew and papers were looked at.";
        Empty { icon: icon::CHECK_CIRCLE.regular(), what: "Nothing was found", how, action: None }.at(ui, inside);
        return (Vec::new(), None);
    }
    let asked = view.answering.as_ref().map(|form| form.answer.number);
    let about = asked.and_then(|number| worked.found.iter().find(|found| found.number == number));
    let answer = match about {
        Some(found) => {
            let place = inside.bottom_part(answer::HEIGHT.min(inside.height()));
            answer::form(ui, place, planner, found, view)
        }
        None => {
            view.answering = None;
            None
        }
    };
    let mut cures = Vec::new();
    let mut chosen = None;
    panel::scrolled(ui, inside, "findings", |ui| {
        for found in &worked.found {
            let answered = planner.answered_for(found);
            let (row, cure) = row(ui, inside.width(), (found, answered), view.chosen == Some(found.number));
            if row {
                chosen = Some(found);
            }
            match cure.map(|nth| &found.cures[nth]) {
                Some(Cure::Answer) => {
                    view.answering = Some(answer::Form::of(found.number));
                    chosen = Some(found);
                }
                other => cures.extend(other.cloned()),
            }
        }
    });
    if let Some(found) = chosen {
        view.chosen = Some(found.number);
        if let Some(place) = found.finding.place {
            view.map.show_place(place);
        }
    }
    (cures, answer)
}

fn looks(ui: &Ui, severity: Severity) -> (Icon, &'static str, Color32) {
    let t = tokens(ui);
    match severity {
        Severity::Blocks => (icon::PROHIBIT.fill(), "Blocks:", t.warn),
        Severity::Warns => (icon::WARNING.fill(), "Warns:", t.caution),
        Severity::Notes => (icon::INFO.fill(), "Note:", t.text2),
    }
}

/// How many of each, at the right of the head.
fn counts(ui: &Ui, head: Rect, planner: &Planner, found: &[Found]) {
    let t = tokens(ui);
    let mut line = head;
    for (severity, word) in [(Severity::Notes, "note"), (Severity::Warns, "warn"), (Severity::Blocks, "block")] {
        let count = found
            .iter()
            .filter(|found| found.finding.severity == severity && planner.answered_for(found).is_none())
            .count();
        let (icon, _, ink) = looks(ui, severity);
        let words = count.to_string();
        let wide = paint::width(ui.painter(), text::STRONG, &words) + 23.0;
        let place = line.right_part(wide);
        let ink = if count == 0 { t.text3 } else { ink };
        paint::icon(ui.painter(), pos2(place.left() + 9.0, place.center().y), 18.0, ink, icon);
        paint::words(
            ui.painter(),
            pos2(place.left() + 23.0, place.center().y),
            Align2::LEFT_CENTER,
            text::STRONG,
            t.text,
            &words,
        );
        widget::says(ui, place, &format!("{count} {word}"));
        line.right_part(12.0);
    }
}

/// The head of a finding: its word in its colour, then the fact.
fn title(ui: &Ui, found: &Found, (said, ink): (&str, Color32), width: f32) -> Arc<Galley> {
    let style = text::STRONG.font();
    let mut job = LayoutJob::default();
    job.append(said, 0.0, TextFormat::simple(style.clone(), ink));
    job.append(&found.finding.what, 4.0, TextFormat::simple(style, tokens(ui).text));
    job.wrap = TextWrapping { max_width: width, max_rows: 4, break_anywhere: false, overflow_character: Some('…') };
    ui.painter().layout_job(job)
}

/// A row as high as it must be; whether it was pressed, and which of its cures.
fn row(
    ui: &mut Ui,
    width: f32,
    (found, answered): (&Found, Option<&Overridden>),
    chosen: bool,
) -> (bool, Option<usize>) {
    let t = tokens(ui);
    let room = width - SIGN - MARGIN;
    let (icon, said, ink) = match answered {
        Some(_) => (icon::SHIELD.fill(), "Overridden:", t.text2),
        None => looks(ui, found.finding.severity),
    };
    let title = title(ui, found, (said, ink), room);
    let why = if let Some(word) = answered {
        format!("By {}: {}", word.by, word.reason)
    } else if found.cures.is_empty() && !found.finding.cure.is_empty() {
        [found.finding.why.as_str(), found.finding.cure.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(". ")
    } else {
        found.finding.why.clone()
    };
    let why = (!why.is_empty()).then(|| paint::lines(ui.painter(), text::CELL, t.text2, &why, room, 4));
    let words = title.size().y + why.as_ref().map_or(0.0, |why| why.size().y + 2.0);
    let (buttons, rows) = if answered.is_some() { (Vec::new(), 0) } else { buttons(ui, found, room) };
    let high = (words + 20.0 + f32::from(rows) * (button::SMALL + 6.0)).max(52.0);
    let (place, _) = ui.allocate_exact_size(vec2(width, high), egui::Sense::hover());
    let over = if answered.is_some() { ", overridden" } else { "" };
    let name = format!("Finding {}: {}{over}", found.number, found.finding.what);
    let response = widget::chosen_target(ui, place, &name, (true, chosen), Role::ListItem);
    if found.finding.severity == Severity::Blocks && answered.is_none() {
        ui.painter().rect_filled(place, CornerRadius::ZERO, t.warn_dim);
    } else if chosen || response.hovered() {
        ui.painter().rect_filled(place, CornerRadius::ZERO, t.raised);
    }
    if chosen {
        table::mark(ui, place);
    }
    paint::rule(ui.painter(), place, t.line);
    widget::focus_ring(ui, place.shrink(4.0), RADIUS, &response);
    paint::icon(ui.painter(), pos2(place.left() + 22.0, place.top() + 22.0), 24.0, ink, icon);
    let number = found.number.to_string();
    paint::words(
        ui.painter(),
        pos2(place.left() + 22.0, place.top() + 43.0),
        Align2::CENTER_CENTER,
        text::CELL_STRONG,
        t.text,
        &number,
    );
    let mut at = pos2(place.left() + SIGN, place.top() + 10.0);
    let below = title.size().y + 2.0;
    ui.painter().galley(at, title, t.text);
    at.y += below;
    if let Some(why) = why {
        let below = why.size().y;
        ui.painter().galley(at, why, t.text2);
        at.y += below;
    }
    let mut pressed = None;
    for (nth, (by, button)) in buttons.into_iter().enumerate() {
        let place = Rect::from_min_size(at + by.min.to_vec2() + vec2(0.0, 6.0), by.size());
        let words = found.cures[nth].words();
        let name = format!("{words}: finding {}", found.number);
        let button = button.build(
            &words,
            &name,
            nth == 0 && found.finding.severity == Severity::Blocks && found.cures[nth] != Cure::Answer,
        );
        if button.at(ui, place).clicked() {
            pressed = Some(nth);
        }
    }
    (response.clicked(), pressed)
}

/// How the button of a cure looks.
struct Looks {
    icon: Icon,
}

impl Looks {
    fn build<'a>(&self, words: &'a str, name: &'a str, primary: bool) -> Button<'a> {
        let button = Button::new(words).named(name).icon(self.icon).small();
        if primary { button.primary() } else { button }
    }
}

/// Where the cures' buttons stand below the words, and in how many rows.
fn buttons(ui: &Ui, found: &Found, room: f32) -> (Vec<(Rect, Looks)>, u8) {
    let mut at = egui::Pos2::ZERO;
    let mut rows = u8::from(!found.cures.is_empty());
    let mut placed = Vec::new();
    for cure in &found.cures {
        let icon = match cure {
            Cure::Trim(_) => icon::SCISSORS,
            Cure::ReturnHeight(_) => icon::ARROW_UP,
            Cure::Height(_) => icon::ARROW_DOWN,
            Cure::Follow => icon::MOUNTAINS,
            Cure::Activate(_) => icon::PHONE_CALL,
            Cure::Call { .. } => icon::PHONE,
            Cure::Airspace => icon::POLYGON,
            Cure::Answer => icon::SHIELD,
        };
        let looks = Looks { icon: icon.regular() };
        let words = cure.words();
        let wide = looks.build(&words, &words, false).width(ui).min(room);
        if at.x > 0.0 && at.x + wide > room {
            at = pos2(0.0, at.y + button::SMALL + 6.0);
            rows += 1;
        }
        placed.push((Rect::from_min_size(at, vec2(wide, button::SMALL)), looks));
        at.x += wide + 8.0;
    }
    (placed, rows)
}

/// The tone of a finding's number.
pub(super) fn tone(found: &Found) -> crate::ui::widget::badge::Tone {
    board::tone(found.finding.severity)
}
