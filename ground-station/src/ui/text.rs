//! Faces and sizes of words and figures.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId};

/// A face, embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// Inter 400.
    Regular,
    /// Inter 500.
    Medium,
    /// Inter 600.
    Semibold,
    /// Inter 700.
    Bold,
    /// JetBrains Mono 400: digests, coordinates, sequence numbers, elapsed time.
    Mono,
    /// JetBrains Mono 600.
    MonoSemibold,
}

/// A face at a size, points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    face: Face,
    size: f32,
}

impl Style {
    /// This size in this face.
    pub(crate) const fn new(size: f32, face: Face) -> Self {
        Self { face, size }
    }

    /// For egui.
    pub(crate) fn font(self) -> FontId {
        FontId::new(self.size, family(self.face))
    }
}

/// Label, unit, axis, map label: the smallest there is.
pub(crate) const LABEL: Style = Style::new(12.0, Face::Medium);
/// The same, where it must be found.
pub(crate) const LABEL_STRONG: Style = Style::new(12.0, Face::Semibold);
/// Table cell, explanation.
pub(crate) const CELL: Style = Style::new(13.0, Face::Regular);
/// The same, in the middle of attention.
pub(crate) const CELL_STRONG: Style = Style::new(13.0, Face::Semibold);
/// Body.
pub(crate) const BODY: Style = Style::new(14.0, Face::Regular);
/// Panel heading.
pub(crate) const STRONG: Style = Style::new(14.0, Face::Semibold);
/// Chip value.
pub(crate) const VALUE: Style = Style::new(15.0, Face::Semibold);
/// Flight-control label.
pub(crate) const CONTROL: Style = Style::new(17.0, Face::Semibold);
/// Title of a thing, estimate, percentage.
pub(crate) const TITLE: Style = Style::new(20.0, Face::Semibold);
/// Hold, Return.
pub(crate) const FLIGHT: Style = Style::new(22.0, Face::Semibold);
/// HUD figures.
pub(crate) const FIGURE: Style = Style::new(32.0, Face::Semibold);
/// Digests and numbers in tables.
pub(crate) const MONO: Style = Style::new(13.0, Face::Mono);
/// Coordinates and elapsed time.
pub(crate) const MONO_STRONG: Style = Style::new(14.0, Face::MonoSemibold);

fn family(face: Face) -> FontFamily {
    match face {
        Face::Regular => FontFamily::Proportional,
        Face::Mono => FontFamily::Monospace,
        Face::Medium => FontFamily::Name("inter-500".into()),
        Face::Semibold => FontFamily::Name("inter-600".into()),
        Face::Bold => FontFamily::Name("inter-700".into()),
        Face::MonoSemibold => FontFamily::Name("mono-600".into()),
    }
}

macro_rules! font {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../fonts/", $name, ".ttf")) as &'static [u8])
    };
}

/// The embedded fonts; nothing of the system is read.
pub(crate) fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut put = |family: FontFamily, (name, bytes): (&str, &'static [u8])| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        fonts.families.insert(family, vec![name.to_owned()]);
    };
    put(family(Face::Regular), font!("Inter-Regular"));
    put(family(Face::Medium), font!("Inter-Medium"));
    put(family(Face::Semibold), font!("Inter-SemiBold"));
    put(family(Face::Bold), font!("Inter-Bold"));
    put(family(Face::Mono), font!("JetBrainsMono-Regular"));
    put(family(Face::MonoSemibold), font!("JetBrainsMono-SemiBold"));
    put(FontFamily::Name("phosphor".into()), font!("Phosphor-Regular"));
    put(FontFamily::Name("phosphor-fill".into()), font!("Phosphor-Fill"));
    put(FontFamily::Name("phosphor-bold".into()), font!("Phosphor-Bold"));
    fonts
}
