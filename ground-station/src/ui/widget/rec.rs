//! The REC button. One press, always.

use egui::{Rect, Response, Ui};

use super::control::{Control, Face};
use crate::ui::icon;

/// What it stands for now. At least 146 × 72 points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rec<'a> {
    /// It would start.
    Ready,
    /// Started; nothing recorded yet. For how long, in words.
    Starting(&'a str),
    /// Recording, for as long as this.
    Recording(&'a str),
    /// It stopped by itself; why.
    Stopped(&'a str),
    /// There is no camera; what to look at.
    NoCamera(&'a str),
}

impl Rec<'_> {
    /// Its name, which says what a press does.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ready => "Record",
            Self::Starting(_) => "Recording starts",
            Self::Recording(_) => "Stop recording",
            Self::Stopped(_) => "Record again",
            Self::NoCamera(_) => "No camera to record with",
        }
    }

    /// Draws it here, with its key.
    pub(crate) fn at(self, ui: &Ui, rect: Rect, key: Option<&str>) -> Response {
        let (icon, title, detail, face) = match self {
            Self::Ready => (icon::RECORD.fill(), "Record", "One press", Face::Plain),
            Self::Starting(so_far) => (icon::CIRCLE_NOTCH.bold(), "Starting", so_far, Face::Starting),
            Self::Recording(elapsed) => (icon::STOP_CIRCLE.fill(), elapsed, "Press to stop", Face::Recording),
            Self::Stopped(why) => (icon::WARNING_OCTAGON.fill(), "Stopped", why, Face::Fault),
            Self::NoCamera(what) => (icon::VIDEO_CAMERA_SLASH.regular(), "No camera", what, Face::Off),
        };
        let control = Control::new(icon, title).named(self.name()).detail(Some(detail)).face(face);
        let response = control.key(key).at(ui, rect);
        super::says(ui, rect.shrink(8.0), detail);
        response
    }
}
