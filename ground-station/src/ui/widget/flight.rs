//! Hold and Return: one press, without confirmation, always in the same place.

use egui::{Rect, Response, Ui};

use super::control::{Control, Face};
use crate::ui::icon;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flight {
    /// Stop where it is.
    Hold,
    /// Come home.
    Return,
}

/// What became of the last press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent<'a> {
    /// Nothing is under way.
    Ready,
    /// The vehicle has not confirmed it yet.
    Waiting,
    /// The vehicle does it.
    Done,
    /// The vehicle refused; why.
    Refused(&'a str),
}

impl Flight {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hold => "Hold",
            Self::Return => "Return",
        }
    }

    /// The key that does the same, inside text fields too.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Hold => "F1",
            Self::Return => "F2",
        }
    }

    /// Draws it here. It can be pressed in every state: a command that was lost is sent again.
    pub(crate) fn at(self, ui: &Ui, rect: Rect, sent: Sent<'_>) -> Response {
        let (plain, face) = match self {
            Self::Hold => (icon::HAND_PALM.fill(), Face::Strong),
            Self::Return => (icon::HOUSE_LINE.fill(), Face::Primary),
        };
        let (icon, detail, face) = match sent {
            Sent::Ready => (plain, None, face),
            Sent::Waiting => (icon::CIRCLE_NOTCH.bold(), Some("Sent, waiting"), face),
            Sent::Done => (plain, Some("Confirmed"), face),
            Sent::Refused(why) => (icon::WARNING_OCTAGON.fill(), Some(why), Face::Fault),
        };
        let control = Control::new(icon, self.name()).large().detail(detail).face(face);
        let response = control.key(Some(self.key())).at(ui, rect);
        if let Some(detail) = detail {
            super::says(ui, rect.shrink(8.0), detail);
        }
        response
    }
}
