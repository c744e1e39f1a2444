//! Text fields, 44 points high.

use egui::{
    Color32, CornerRadius, FontSelection, Frame, Margin, Rect, Response, Stroke, StrokeKind, TextEdit, Ui, UiBuilder,
    vec2,
};

use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon::Icon;
use crate::ui::theme::{RADIUS, theme, tokens};
use crate::ui::tokens::Theme;
use crate::ui::{paint, text};

/// Its height, points.
pub(crate) const HEIGHT: f32 = 44.0;
/// With its label above, points.
pub(crate) const LABELLED: f32 = HEIGHT + LABEL;
/// What is wrong with it, below; points more.
pub(crate) const WRONG: f32 = 20.0;
const LABEL: f32 = 20.0;

/// A text field.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    name: &'a str,
    labelled: bool,
    hint: &'a str,
    icon: Option<Icon>,
    password: bool,
    rows: usize,
    limit: usize,
    wrong: Option<&'a str>,
}

impl<'a> Field<'a> {
    /// With this name, which nobody sees.
    pub(crate) const fn new(name: &'a str) -> Self {
        let (hint, icon, wrong) = ("", None, None);
        Self { name, labelled: false, hint, icon, password: false, rows: 1, limit: 1024, wrong }
    }

    /// With this label above, which is its name.
    pub(crate) const fn labelled(label: &'a str) -> Self {
        let mut field = Self::new(label);
        field.labelled = true;
        field
    }

    /// What is shown while it is empty.
    pub(crate) const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// With an icon before the text.
    pub(crate) const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Nobody reads it over a shoulder.
    pub(crate) const fn password(mut self) -> Self {
        self.password = true;
        self
    }

    /// Several lines, as many as the rectangle has room for.
    pub(crate) const fn lines(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// At most so many characters; 1024 unless told.
    pub(crate) const fn limit(mut self, characters: usize) -> Self {
        self.limit = characters;
        self
    }

    /// What is wrong with what stands in it, said below.
    pub(crate) const fn wrong(mut self, wrong: Option<&'a str>) -> Self {
        self.wrong = wrong;
        self
    }

    /// Draws it here: [`HEIGHT`] high, or [`LABELLED`], and [`WRONG`] more where it may be wrong.
    pub(crate) fn at(self, ui: &mut Ui, rect: Rect, words: &mut String) -> Response {
        let t = tokens(ui);
        let mut rest = rect;
        if self.labelled {
            let label = rest.top_part(LABEL);
            paint::fit(ui.painter(), label.translate(vec2(0.0, -2.0)), text::LABEL, t.text2, self.name);
        }
        if let Some(wrong) = self.wrong {
            let below = rest.bottom_part(WRONG);
            paint::fit(ui.painter(), below.translate(vec2(0.0, 2.0)), text::LABEL, t.warn, wrong);
            super::says(ui, below, wrong);
        }
        let fill = if theme(ui.ctx()) == Theme::Day { t.panel } else { t.sunken };
        let frame = rest;
        ui.painter().rect_filled(frame, CornerRadius::same(RADIUS), fill);
        let mut inside = frame.shrink2(vec2(PAD, 0.0));
        if let Some(icon) = self.icon {
            let at = inside.left_part(20.0).center();
            paint::icon(ui.painter(), at, 20.0, t.text2, icon);
            inside.left_part(8.0);
        }
        let response = self.edit(ui, inside, words);
        let (width, edge) = match (response.has_focus(), self.wrong) {
            (true, _) => (2.0, t.accent),
            (false, Some(_)) => (1.5, t.warn),
            (false, None) => (1.0, if response.hovered() { t.text2 } else { t.edge }),
        };
        ui.painter().rect_stroke(frame, CornerRadius::same(RADIUS), Stroke::new(width, edge), StrokeKind::Inside);
        response
    }

    fn edit(&self, ui: &mut Ui, inside: Rect, words: &mut String) -> Response {
        let t = tokens(ui);
        let edit = if self.rows > 1 { TextEdit::multiline(words) } else { TextEdit::singleline(words) };
        let hint = egui::RichText::new(self.hint).font(text::BODY.font()).color(t.text3);
        let upright = if self.rows > 1 { 12.0 } else { (inside.height() - 20.0) / 2.0 };
        let edit = edit
            .id_salt(self.name)
            .frame(Frame::NONE)
            .margin(Margin::ZERO)
            .font(FontSelection::FontId(text::BODY.font()))
            .text_color_opt((t.text != Color32::PLACEHOLDER).then_some(t.text))
            .hint_text(hint)
            .password(self.password)
            .char_limit(self.limit)
            .desired_width(inside.width())
            .desired_rows(self.rows)
            .background_color(Color32::TRANSPARENT);
        let place = inside.shrink2(vec2(0.0, upright));
        // A child that takes no room: whoever puts the field somewhere has taken it.
        let mut child = ui.new_child(UiBuilder::new().id_salt(self.name).max_rect(place));
        child.set_clip_rect(ui.clip_rect().intersect(inside));
        child.spacing_mut().interact_size.y = 20.0;
        let response = child.add(edit);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(self.name));
        response
    }
}
