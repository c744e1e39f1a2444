//! The status strip. It never hides, and its order never changes: link, mode, battery, GNSS, storage, REC, SEAL, airspace, clock, officer.

use egui::{Color32, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use crate::ui::cut::Cut as _;
use crate::ui::icon::Icon;
use crate::ui::theme::tokens;
use crate::ui::widget::chip::{Chip, State};

/// Its height, points.
pub(crate) const HEIGHT: f32 = 56.0;
/// As wide as the rail, points.
const BRAND: f32 = super::rail::WIDTH;
/// Narrower than this no value can be read, points.
const NARROWEST: f32 = 72.0;

/// What a chip is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// Vehicle, data link and radio control.
    Link,
    /// Flight mode, and who is in control.
    Mode,
    /// Its battery.
    Battery,
    /// Its place.
    Gnss,
    /// Room aboard.
    Storage,
    /// The recording.
    Rec,
    /// The seal.
    Seal,
    /// The next limit.
    Airspace,
    /// The time.
    Clock,
    /// Who is signed in.
    Officer,
}

impl Of {
    /// In the order of the strip.
    pub(crate) const ALL: [Self; 10] = [
        Self::Link,
        Self::Mode,
        Self::Battery,
        Self::Gnss,
        Self::Storage,
        Self::Rec,
        Self::Seal,
        Self::Airspace,
        Self::Clock,
        Self::Officer,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Link => "Aircraft",
            Self::Mode => "Mode",
            Self::Battery => "Battery",
            Self::Gnss => "GNSS",
            Self::Storage => "Storage aboard",
            Self::Rec => "Recording",
            Self::Seal => "Seal",
            Self::Airspace => "Airspace",
            Self::Clock => "Clock",
            Self::Officer => "Signed in",
        }
    }

    /// Keeps its second line whatever the window's width.
    const fn keeps_label(self) -> bool {
        matches!(self, Self::Link | Self::Battery | Self::Rec | Self::Seal)
    }
}

/// What a chip says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Words {
    /// Its sign.
    pub(crate) icon: Icon,
    /// In large figures.
    pub(crate) value: String,
    /// Below it.
    pub(crate) label: String,
    /// How it is.
    pub(crate) state: State,
}

/// Draws it; which chip was pressed.
pub(crate) fn strip(ui: &Ui, mut rect: Rect, words: &[Words; 10]) -> Option<Of> {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0.0, t.panel);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    rect.max.y -= 1.0;
    let brand = rect.left_part(BRAND);
    mark(ui, brand.center());
    ui.painter().vline(brand.right() - 0.5, brand.y_range(), Stroke::new(1.0, t.line));
    let mut pressed = None;
    for (i, (of, (words, (width, labelled)))) in
        Of::ALL.into_iter().zip(words.iter().zip(widths(ui, rect.width(), words))).enumerate()
    {
        let part = rect.left_part(if i + 1 == Of::ALL.len() { rect.width() } else { width });
        let label = labelled.then_some(words.label.as_str());
        let chip = Chip { name: of.name(), icon: words.icon, value: &words.value, label, state: words.state };
        let mut full = format!("{}: {}", of.name(), words.value);
        if !words.label.is_empty() {
            full = format!("{full}\n{}", words.label);
        }
        if chip.at(ui, part).on_hover_text(full).clicked() {
            pressed = Some(of);
        }
        if i + 1 < Of::ALL.len() {
            ui.painter().vline(part.right() - 0.5, part.y_range(), Stroke::new(1.0, t.line));
        }
    }
    pressed
}

/// How wide each is, and whether its second line has room. What is over goes to the clock; where it is not enough, second lines
/// drop out from right to left, and then all give way alike.
fn widths(ui: &Ui, room: f32, words: &[Words; 10]) -> [(f32, bool); 10] {
    let wide = |i: usize, labelled: bool| {
        let words = &words[i];
        let label = labelled.then_some(words.label.as_str()).filter(|label| !label.is_empty());
        let chip = Chip { name: "", icon: words.icon, value: &words.value, label, state: words.state };
        chip.width(ui).max(NARROWEST)
    };
    let mut all: [(f32, bool); 10] = std::array::from_fn(|i| (wide(i, true), !words[i].label.is_empty()));
    let sum = |all: &[(f32, bool); 10]| all.iter().map(|(width, _)| width).sum::<f32>();
    for i in (0..all.len()).rev() {
        if sum(&all) <= room {
            break;
        }
        if !Of::ALL[i].keeps_label() {
            all[i] = (wide(i, false), false);
        }
    }
    let over = room - sum(&all);
    if over >= 0.0 {
        all[8].0 += over;
    } else {
        let less = room / sum(&all);
        all.iter_mut().for_each(|(width, _)| *width *= less);
    }
    all
}

/// The unit's mark: a seal, and in it the way up.
fn mark(ui: &Ui, at: Pos2) {
    let t = tokens(ui);
    let place = |(x, y): (f32, f32)| at + (vec2(x, y) - vec2(16.0, 16.0)) * 0.94;
    let seal = [(16.0, 2.2), (28.0, 9.0), (28.0, 23.0), (16.0, 29.8), (4.0, 23.0), (4.0, 9.0)].map(place).to_vec();
    let way = [(9.5, 18.6), (16.0, 11.4), (22.5, 18.6)].map(place).to_vec();
    ui.painter().add(Shape::convex_polygon(seal, Color32::TRANSPARENT, Stroke::new(1.8, t.text)));
    ui.painter().add(Shape::line(way, Stroke::new(2.6, t.accent)));
}

/// Where the workspaces are, when the strip is at the top and the rail at the left.
pub(crate) fn work_area(window: Rect) -> Rect {
    let min = pos2(window.left() + BRAND + 8.0, window.top() + HEIGHT + 8.0);
    Rect::from_min_max(min, window.max - vec2(8.0, 8.0))
}
