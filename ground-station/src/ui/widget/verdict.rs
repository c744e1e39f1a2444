//! The verdict on a flight: its one word, never reworded, and the axes it comes from.

use egui::{Align2, CornerRadius, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use flight_record::verify::{Content, Integrity, Time, Witness, Word};

use super::badge::Tone;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS_SMALL, tokens};
use crate::ui::{paint, text};

/// Its height, points.
pub(crate) const HEIGHT: f32 = 26.0;
/// Words of a badge.
const STYLE: text::Style = text::Style::new(12.0, text::Face::Bold);
/// Between two axes, points.
const APART: f32 = 16.0;

/// How much a word asks for a person, and its sign.
pub(crate) const fn looks(word: Word) -> (Tone, Icon) {
    match word {
        Word::Verified | Word::VerifiedSealedOnly | Word::Extract | Word::Doubt(Integrity::Intact) => {
            (Tone::Ok, icon::SEAL_CHECK.fill())
        }
        Word::VerifiedUnwitnessed | Word::ExtractUnwitnessed => (Tone::Caution, icon::SEAL_QUESTION.fill()),
        Word::ClockSuspect => (Tone::Caution, icon::CLOCK_COUNTDOWN.fill()),
        Word::Doubt(Integrity::UnattestedTail | Integrity::Incomplete) => (Tone::Caution, icon::SEAL_WARNING.fill()),
        Word::Doubt(Integrity::Gap | Integrity::Missing | Integrity::Truncated | Integrity::OutOfOrder) => {
            (Tone::Warn, icon::SEAL_WARNING.fill())
        }
        Word::Doubt(
            Integrity::WrongFlight
            | Integrity::Equivocation
            | Integrity::Altered
            | Integrity::KeyUntrusted
            | Integrity::Malformed,
        ) => (Tone::Warn, icon::X_CIRCLE.fill()),
    }
}

/// The badge of a verdict, its left middle at `at`.
pub(crate) fn badge(ui: &Ui, at: Pos2, word: Word) -> Rect {
    let (tone, icon) = looks(word);
    stamp(ui, at, tone, icon, &word.to_string())
}

/// A badge with another word of the format: WORKING COPY, UNATTESTED.
pub(crate) fn stamp(ui: &Ui, at: Pos2, tone: Tone, icon: Icon, words: &str) -> Rect {
    let (t, ink) = (tokens(ui), tone.ink(ui));
    let rect = Rect::from_min_size(pos2(at.x, at.y - HEIGHT / 2.0), vec2(stamp_width(ui, words), HEIGHT));
    let edge = if tone == Tone::Neutral { t.edge } else { ink };
    let radius = CornerRadius::same(RADIUS_SMALL);
    ui.painter().rect(rect, radius, tone.ground(ui), Stroke::new(1.5, edge), StrokeKind::Inside);
    paint::icon(ui.painter(), pos2(rect.left() + 17.0, rect.center().y), 16.0, ink, icon);
    let place = pos2(rect.left() + 31.0, rect.center().y);
    paint::words(ui.painter(), place, Align2::LEFT_CENTER, STYLE, ink, words);
    super::says(ui, rect, words);
    rect
}

/// The width a badge with these words takes.
pub(crate) fn stamp_width(ui: &Ui, words: &str) -> f32 {
    (paint::width(ui.painter(), STYLE, words) + 40.0).ceil()
}

/// One axis of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axis {
    name: &'static str,
    value: String,
    tone: Tone,
    icon: Icon,
}

impl Axis {
    /// Whether what is there is what was recorded.
    pub(crate) fn integrity(integrity: Integrity) -> Self {
        let (tone, icon) = match looks(Word::Doubt(integrity)) {
            (Tone::Ok, _) => (Tone::Ok, icon::CHECK_CIRCLE.fill()),
            other => other,
        };
        Self { name: "Integrity", value: integrity.to_string().to_lowercase(), tone, icon }
    }

    /// Whether the ground saw it, and how much of it late or not at all where the caller can say: "4 of 381".
    pub(crate) fn witness(witness: Witness, how_much: Option<&str>) -> Self {
        let (value, tone, icon) = match witness {
            Witness::Full => ("full", Tone::Ok, icon::SEAL_CHECK.fill()),
            Witness::Late => ("late", Tone::Caution, icon::CLOCK_COUNTDOWN.fill()),
            Witness::Partial => ("partial", Tone::Caution, icon::SEAL_WARNING.fill()),
            Witness::None => ("none", Tone::Caution, icon::SEAL_QUESTION.fill()),
        };
        let value = how_much.map_or_else(|| value.to_owned(), |how_much| format!("{value}, {how_much}"));
        Self { name: "Witness", value, tone, icon }
    }

    /// Whether the footage was looked into.
    pub(crate) fn content(content: Content) -> Self {
        let (value, icon) = match content {
            Content::Opened => ("opened", icon::LOCK_SIMPLE_OPEN.fill()),
            Content::Sealed => ("sealed", icon::LOCK_SIMPLE.fill()),
        };
        Self { name: "Content", value: value.to_owned(), tone: Tone::Neutral, icon }
    }

    /// Whether the clock is believable.
    pub(crate) fn time(time: Time) -> Self {
        let (value, tone, icon) = match time {
            Time::Ok => ("ok", Tone::Ok, icon::CHECK_CIRCLE.fill()),
            Time::Suspect => ("suspect", Tone::Caution, icon::CLOCK_COUNTDOWN.fill()),
        };
        Self { name: "Time", value: value.to_owned(), tone, icon }
    }
}

/// Axes side by side from the left middle of `rect`, as many as there is room for.
pub(crate) fn axes(ui: &Ui, rect: Rect, axes: &[Axis]) {
    let t = tokens(ui);
    let painter = ui.painter();
    let mut at = rect.left_center();
    for axis in axes {
        let name = paint::width(painter, text::LABEL, axis.name);
        let wide = 21.0 + name + 4.0 + paint::width(painter, text::LABEL, &axis.value);
        if at.x + wide > rect.right() + 0.5 {
            return;
        }
        paint::icon(painter, at + vec2(8.0, 0.0), 16.0, axis.tone.ink(ui), axis.icon);
        let place = at + vec2(21.0, 0.0);
        paint::words(painter, place, Align2::LEFT_CENTER, text::LABEL, t.text2, axis.name);
        paint::words(painter, place + vec2(name + 4.0, 0.0), Align2::LEFT_CENTER, text::LABEL, t.text, &axis.value);
        let named = Rect::from_min_size(at - vec2(0.0, 8.0), vec2(wide, 16.0));
        super::says(ui, named, &format!("{} {}", axis.name, axis.value));
        at.x += wide + APART;
    }
}
