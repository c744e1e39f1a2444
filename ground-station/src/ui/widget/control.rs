//! The face of a large control: an icon, what it does, and how it stands with it. Fly's buttons are made of it.

use egui::{Color32, CornerRadius, Rect, Response, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::ui::icon::Icon;
use crate::ui::theme::{RADIUS_FLIGHT, tokens};
use crate::ui::{paint, text};

/// How it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// Like any control.
    Plain,
    /// Of more weight: Hold.
    Strong,
    /// The one primary action: Return.
    Primary,
    /// Recording.
    Recording,
    /// On its way to recording.
    Starting,
    /// It failed or was refused.
    Fault,
    /// Not to be pressed now.
    Off,
}

/// A control, at best 88 points high.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Control<'a> {
    name: &'a str,
    icon: Icon,
    icon_size: f32,
    title: &'a str,
    style: text::Style,
    detail: Option<&'a str>,
    key: Option<&'a str>,
    face: Face,
}

impl<'a> Control<'a> {
    /// With this icon and title, which is its name too.
    pub(crate) const fn new(icon: Icon, title: &'a str) -> Self {
        Self {
            name: title,
            icon,
            icon_size: 30.0,
            title,
            style: text::CONTROL,
            detail: None,
            key: None,
            face: Face::Plain,
        }
    }

    /// Another name than its title, where the title is a figure.
    pub(crate) const fn named(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// With a second line.
    pub(crate) const fn detail(mut self, detail: Option<&'a str>) -> Self {
        self.detail = detail;
        self
    }

    /// With the key that does the same.
    pub(crate) const fn key(mut self, key: Option<&'a str>) -> Self {
        self.key = key;
        self
    }

    /// With another face.
    pub(crate) const fn face(mut self, face: Face) -> Self {
        self.face = face;
        self
    }

    /// With the words of Hold and Return.
    pub(crate) const fn large(mut self) -> Self {
        (self.style, self.icon_size) = (text::FLIGHT, 36.0);
        self
    }

    /// Draws it here; it can be pressed unless its face is [`Face::Off`] or [`Face::Starting`].
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> Response {
        let response = super::target(ui, rect, self.name, !matches!(self.face, Face::Off | Face::Starting));
        let pressed = response.is_pointer_button_down_on() && response.enabled();
        let [title, detail] = self.ground(ui, rect, pressed, response.hovered());
        super::focus_ring(ui, rect, RADIUS_FLIGHT, &response);
        self.contents(ui, rect, title, detail);
        response
    }

    /// Its ground and frame; the inks that stand on it.
    fn ground(&self, ui: &Ui, rect: Rect, pressed: bool, hovered: bool) -> [Color32; 2] {
        let t = tokens(ui);
        let dashed = matches!(self.face, Face::Off | Face::Starting);
        let (fill, edge, inks) = match self.face {
            Face::Off => (Color32::TRANSPARENT, t.edge, [t.text3, t.text2]),
            Face::Starting => (t.raised, t.rec, [t.text, t.text2]),
            _ if pressed => (t.sunken, t.text, [t.text, t.text2]),
            Face::Plain => (t.raised, if hovered { t.text2 } else { t.edge }, [t.text, t.text2]),
            Face::Strong => (t.raised, t.text, [t.text, t.text2]),
            Face::Primary => (t.accent_fill, t.accent, [t.on_accent; 2]),
            Face::Recording => (t.warn_fill, t.warn_fill, [t.on_warn; 2]),
            Face::Fault => (t.warn_dim, t.warn, [t.text, t.text2]),
        };
        let radius = CornerRadius::same(RADIUS_FLIGHT);
        if dashed {
            ui.painter().rect_filled(rect, radius, fill);
            super::dashed_frame(ui, rect, RADIUS_FLIGHT, Stroke::new(2.0, edge));
        } else {
            ui.painter().rect(rect, radius, fill, Stroke::new(2.0, edge), StrokeKind::Inside);
        }
        inks
    }

    fn contents(&self, ui: &Ui, rect: Rect, title: Color32, detail: Color32) {
        let painter = ui.painter();
        let narrow = rect.width() < 160.0;
        let (margin, gap) = if narrow { (12.0, 9.0) } else { (16.0, 12.0) };
        let icon = pos2(rect.left() + margin + self.icon_size / 2.0, rect.center().y);
        paint::icon(painter, icon, self.icon_size, title, self.icon);
        let left = rect.left() + margin + self.icon_size + gap;
        let room = rect.right() - 8.0 - left;
        let style = if narrow && self.style == text::CONTROL { text::VALUE } else { self.style };
        let line = |top: f32, high: f32| Rect::from_min_size(pos2(left, rect.center().y + top), vec2(room, high));
        match self.detail {
            Some(words) => {
                let below =
                    paint::lines(painter, text::LABEL, detail, words, room, if rect.height() > 80.0 { 2 } else { 1 });
                let top = -(22.0 + below.size().y) / 2.0;
                paint::fit(painter, line(top, 22.0), style, title, self.title);
                painter.galley(pos2(left, rect.center().y + top + 22.0), below, detail);
            }
            None => {
                paint::fit(painter, line(-13.0, 26.0), style, title, self.title);
            }
        }
        let crowded = self.detail.is_some() && self.style == text::FLIGHT;
        if let Some(key) = self.key.filter(|_| !crowded) {
            let left = rect.right() - 8.0 - super::badge::key_width(ui, key);
            let filled = matches!(self.face, Face::Primary | Face::Recording);
            super::badge::key_cap(ui, pos2(left, rect.top() + 17.0), key, filled.then_some(title));
        }
    }
}
