//! Seal cells: one a segment, its height how far it came, its cap the cosignature of the ground.

use egui::{Align2, Color32, Mesh, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use crate::ui::theme::tokens;
use crate::ui::tokens::Tokens;
use crate::ui::{paint, text};

/// Of one cell, points.
pub(crate) const WIDTH: f32 = 10.0;
/// From one cell to the next, points.
pub(crate) const PITCH: f32 = 12.0;
/// Of one cell, points.
pub(crate) const HEIGHT: f32 = 28.0;

/// How far a segment came, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    /// Cosigned on the ground in time.
    Witnessed,
    /// Hashed, signed, on the disk.
    Hashed,
    /// In the camera.
    Shot,
    /// Cosigned after the bound.
    Late,
    /// No cosignature.
    Unwitnessed,
    /// Nobody has compared it with a flight's record.
    Unchecked,
    /// Known to be missing.
    Gap,
}

impl Cell {
    /// In the order in which a segment can come to them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 7] =
        [Self::Shot, Self::Hashed, Self::Witnessed, Self::Late, Self::Unwitnessed, Self::Unchecked, Self::Gap];

    /// One word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Shot => "being shot",
            Self::Hashed => "hashed",
            Self::Witnessed => "witnessed",
            Self::Late => "late",
            Self::Unwitnessed => "unwitnessed",
            Self::Unchecked => "not checked",
            Self::Gap => "gap",
        }
    }

    /// What it means.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Shot => "in the camera",
            Self::Hashed => "hashed, signed, on the disk",
            Self::Witnessed => "cosigned on the ground in time",
            Self::Late => "cosigned after the bound",
            Self::Unwitnessed => "no cosignature",
            Self::Unchecked => "nobody has compared it with a flight's record",
            Self::Gap => "known to be missing",
        }
    }

    /// Draws it into a mesh: many cells are one.
    pub(crate) fn put(self, mesh: &mut Mesh, t: &Tokens, rect: Rect) {
        let (width, height) = (rect.width(), rect.height());
        let mut part = |top: f32, high: f32, color: Color32| {
            mesh.add_colored_rect(Rect::from_min_size(pos2(rect.left(), rect.top() + top), vec2(width, high)), color);
        };
        let cap = (height * 5.0 / HEIGHT).round();
        match self {
            Self::Witnessed => {
                part(cap + 2.0, height - cap - 2.0, t.ok_body);
                part(0.0, cap, t.ok);
            }
            Self::Late => {
                part((height * 0.5).round(), height - (height * 0.5).round(), t.ok_body);
                part(0.0, cap, t.caution);
            }
            Self::Hashed => part((height * 0.4).round(), height - (height * 0.4).round(), t.accent),
            Self::Shot => dashed(mesh, bottom(rect, 0.32), t.text2),
            Self::Unwitnessed => {
                let frame = bottom(rect, 0.6);
                outline(mesh, frame, 1.5, t.caution);
                stroke(
                    mesh,
                    frame.left_bottom() + vec2(1.0, -1.0),
                    frame.right_top() + vec2(-1.0, 1.0),
                    1.5,
                    t.caution,
                );
            }
            Self::Unchecked => outline(mesh, bottom(rect, 0.6), 1.0, t.text3),
            Self::Gap => {
                let cross =
                    Rect::from_min_max(rect.left_bottom() + vec2(1.0, -9.0), rect.right_bottom() - vec2(1.0, 1.0));
                stroke(mesh, cross.left_top(), cross.right_bottom(), 2.0, t.warn);
                stroke(mesh, cross.left_bottom(), cross.right_top(), 2.0, t.warn);
                dashes(mesh, rect.left_top() + vec2(0.0, 2.5), rect.right_top() + vec2(0.0, 2.5), t.warn);
            }
        }
    }
}

/// One cell alone.
pub(crate) fn cell(ui: &Ui, rect: Rect, cell: Cell) {
    let mut mesh = Mesh::default();
    cell.put(&mut mesh, tokens(ui), rect);
    ui.painter().add(Shape::mesh(mesh));
}

/// The frame around the cell that was pressed.
pub(crate) fn selected(ui: &Ui, rect: Rect) {
    let stroke = Stroke::new(1.6, tokens(ui).text);
    ui.painter().rect_stroke(rect.expand(2.0), 2.0, stroke, egui::StrokeKind::Middle);
}

/// How many there are of each state, as far as there is room; the words of the format's states.
pub(crate) fn legend(ui: &Ui, rect: Rect, counts: &[(Cell, usize)]) {
    let named: Vec<_> = counts.iter().map(|(cell, count)| (*cell, *count, cell.name(), cell.meaning())).collect();
    legend_in(ui, rect, &named);
}

/// [`legend`] in other words: for each state how many, its name and its meaning.
pub(crate) fn legend_in(ui: &Ui, rect: Rect, counts: &[(Cell, usize, &str, &str)]) {
    let t = tokens(ui);
    let mut left = rect.left();
    for (state, count, name, meaning) in counts {
        let number = super::seal::figures(*count);
        let number_wide = paint::width(ui.painter(), text::LABEL_STRONG, &number);
        let wide = 16.0 + number_wide + 4.0 + paint::width(ui.painter(), text::LABEL, name);
        if left + wide > rect.right() {
            return;
        }
        let glyph = Rect::from_min_size(pos2(left, rect.center().y - 10.0), vec2(WIDTH, 20.0));
        cell(ui, glyph, *state);
        let at = pos2(left + 16.0, rect.center().y);
        paint::words(ui.painter(), at, Align2::LEFT_CENTER, text::LABEL_STRONG, t.text, &number);
        paint::words(ui.painter(), at + vec2(number_wide + 4.0, 0.0), Align2::LEFT_CENTER, text::LABEL, t.text2, name);
        let place = Rect::from_min_size(glyph.min, vec2(wide, 20.0));
        super::says(ui, place, &format!("{number} {name}")).on_hover_text(*meaning);
        left += wide + 18.0;
    }
}

/// A number in groups of three.
fn figures(number: usize) -> String {
    let digits = number.to_string();
    let mut words = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            words.push('\u{202f}');
        }
        words.push(digit);
    }
    words
}

/// The lowest part of a cell.
fn bottom(rect: Rect, share: f32) -> Rect {
    Rect::from_min_max(pos2(rect.left(), rect.bottom() - rect.height() * share), rect.max)
}

fn outline(mesh: &mut Mesh, rect: Rect, width: f32, color: Color32) {
    let [tall, flat] = [vec2(width, rect.height()), vec2(rect.width(), width)];
    for (at, size) in [
        (rect.left_top(), flat),
        (rect.left_top(), tall),
        (rect.right_top() - vec2(width, 0.0), tall),
        (rect.left_bottom() - vec2(0.0, width), flat),
    ] {
        mesh.add_colored_rect(Rect::from_min_size(at, size), color);
    }
}

fn dashed(mesh: &mut Mesh, rect: Rect, color: Color32) {
    let rect = rect.shrink(0.75);
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    for pair in corners.windows(2) {
        dashes(mesh, pair[0], pair[1], color);
    }
}

/// 2 on, 2 off.
fn dashes(mesh: &mut Mesh, from: Pos2, to: Pos2, color: Color32) {
    let (long, direction) = ((to - from).length(), (to - from).normalized());
    let mut at = 0.0;
    while at < long {
        stroke(mesh, from + direction * at, from + direction * (at + 2.0).min(long), 1.5, color);
        at += 4.0;
    }
}

/// A straight line as two triangles.
fn stroke(mesh: &mut Mesh, from: Pos2, to: Pos2, width: f32, color: Color32) {
    let side = (to - from).normalized().rot90() * (width / 2.0);
    let first = u32::try_from(mesh.vertices.len()).unwrap_or(u32::MAX);
    for at in [from + side, from - side, to - side, to + side] {
        mesh.colored_vertex(at, color);
    }
    mesh.add_triangle(first, first.saturating_add(1), first.saturating_add(2));
    mesh.add_triangle(first, first.saturating_add(2), first.saturating_add(3));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::tokens::Theme;

    #[test]
    fn each_state_has_a_drawing_of_its_own_within_its_cell() {
        let rect = Rect::from_min_size(pos2(100.0, 50.0), vec2(WIDTH, HEIGHT));
        let mut seen: Vec<Mesh> = Vec::new();
        for state in Cell::ALL {
            let mut mesh = Mesh::default();
            state.put(&mut mesh, Theme::Night.tokens(), rect);
            let bounds = mesh.calc_bounds();
            assert!(rect.expand(0.1).contains_rect(bounds), "{state:?} {bounds:?}");
            assert!(mesh.is_valid() && !mesh.is_empty());
            assert!(seen.iter().all(|other| other.vertices != mesh.vertices), "{state:?}");
            seen.push(mesh);
        }
        assert_eq!(figures(1_204), "1\u{202f}204");
    }
}
