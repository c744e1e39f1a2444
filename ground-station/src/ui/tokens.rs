//! The colours of the three themes; no widget names a colour of its own.

use egui::Color32;

/// A theme of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// In daylight.
    Day,
    /// In the dark.
    #[default]
    Night,
    /// In the dark, for eyes that must stay adapted to it.
    Red,
}

impl Theme {
    /// All of them, in the order in which a key goes through them.
    pub(crate) const ALL: [Self; 3] = [Self::Day, Self::Night, Self::Red];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Day => "Day",
            Self::Night => "Night",
            Self::Red => "Red night",
        }
    }

    /// The one after it.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Day => Self::Night,
            Self::Night => Self::Red,
            Self::Red => Self::Day,
        }
    }

    /// Its colours.
    pub(crate) const fn tokens(self) -> &'static Tokens {
        match self {
            Self::Day => &DAY,
            Self::Night => &NIGHT,
            Self::Red => &RED,
        }
    }
}

/// What each colour means.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Window, gutters.
    pub(crate) bg: Color32,
    /// Panels, status strip, rail.
    pub(crate) panel: Color32,
    /// Buttons, selected row, active workspace.
    pub(crate) raised: Color32,
    /// Fields, tracks, empty part of a bar.
    pub(crate) sunken: Color32,
    /// Hairlines between things of one panel.
    pub(crate) line: Color32,
    /// Border of anything that can be pressed (≥ 3:1).
    pub(crate) edge: Color32,
    /// Values, headings, what matters.
    pub(crate) text: Color32,
    /// Labels, units, explanations.
    pub(crate) text2: Color32,
    /// Disabled, not connected.
    pub(crate) text3: Color32,
    /// Yours: own aircraft, selection, focus, running work.
    pub(crate) accent: Color32,
    /// Fill of the one primary action of a screen, of Return.
    pub(crate) accent_fill: Color32,
    /// Text on accentfill.
    pub(crate) on_accent: Color32,
    /// Selected background, viewing session.
    pub(crate) accent_dim: Color32,
    /// In order: verified, held, done.
    pub(crate) ok: Color32,
    /// Body of a sealed cell.
    pub(crate) ok_body: Color32,
    /// Background of an ok badge.
    pub(crate) ok_dim: Color32,
    /// Caution as text, icon, line.
    pub(crate) caution: Color32,
    /// Caution as a filled bar, pin, count.
    pub(crate) caution_fill: Color32,
    /// Text on cautionfill.
    pub(crate) on_caution: Color32,
    /// Background of a caution.
    pub(crate) caution_dim: Color32,
    /// Warning as text, icon, line.
    pub(crate) warn: Color32,
    /// Warning as a filled bar; REC while recording.
    pub(crate) warn_fill: Color32,
    /// Text on warnfill.
    pub(crate) on_warn: Color32,
    /// Background of a warning.
    pub(crate) warn_dim: Color32,
    /// The round record dot only.
    pub(crate) rec: Color32,
    /// Planned route and area (aviation’s magenta).
    pub(crate) route: Color32,
    /// HUD lines and text.
    pub(crate) hud: Color32,
    /// Plate under HUD text.
    pub(crate) hud_plate: Color32,
    /// Map: land.
    pub(crate) map_land: Color32,
    /// Map: field boundary.
    pub(crate) map_hedge: Color32,
    /// Map: water.
    pub(crate) map_water: Color32,
    /// Map: road casing.
    pub(crate) map_case: Color32,
    /// Map: label.
    pub(crate) map_label: Color32,
    /// Map: halo under labels and tracks.
    pub(crate) map_halo: Color32,
}

const fn rgb(red: u8, green: u8, blue: u8) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

static NIGHT: Tokens = Tokens {
    bg: rgb(0x09, 0x0D, 0x11),
    panel: rgb(0x10, 0x16, 0x1C),
    raised: rgb(0x1A, 0x22, 0x2A),
    sunken: rgb(0x05, 0x08, 0x0A),
    line: rgb(0x23, 0x2D, 0x36),
    edge: rgb(0x62, 0x72, 0x7F),
    text: rgb(0xE9, 0xEF, 0xF3),
    text2: rgb(0xA9, 0xB7, 0xC1),
    text3: rgb(0x87, 0x97, 0xA3),
    accent: rgb(0x66, 0xC7, 0xFF),
    accent_fill: rgb(0x66, 0xC7, 0xFF),
    on_accent: rgb(0x04, 0x13, 0x1D),
    accent_dim: rgb(0x12, 0x32, 0x46),
    ok: rgb(0x5F, 0xD3, 0x9B),
    ok_body: rgb(0x1E, 0x5A, 0x41),
    ok_dim: rgb(0x10, 0x28, 0x1F),
    caution: rgb(0xFF, 0xC0, 0x4D),
    caution_fill: rgb(0xFF, 0xC0, 0x4D),
    on_caution: rgb(0x1C, 0x13, 0x00),
    caution_dim: rgb(0x2A, 0x21, 0x10),
    warn: rgb(0xFF, 0x74, 0x68),
    warn_fill: rgb(0xC2, 0x30, 0x2A),
    on_warn: rgb(0xFF, 0xFF, 0xFF),
    warn_dim: rgb(0x2E, 0x14, 0x13),
    rec: rgb(0xFF, 0x4B, 0x41),
    route: rgb(0xDD, 0xA0, 0xFF),
    hud: rgb(0xF4, 0xF8, 0xFA),
    hud_plate: Color32::from_rgba_premultiplied(5, 8, 11, 194),
    map_land: rgb(0x12, 0x1A, 0x1F),
    map_hedge: rgb(0x21, 0x2D, 0x34),
    map_water: rgb(0x17, 0x30, 0x49),
    map_case: rgb(0x0B, 0x10, 0x14),
    map_label: rgb(0xB4, 0xC1, 0xCA),
    map_halo: rgb(0x0B, 0x10, 0x14),
};

static DAY: Tokens = Tokens {
    bg: rgb(0xE1, 0xE7, 0xEB),
    panel: rgb(0xFF, 0xFF, 0xFF),
    raised: rgb(0xED, 0xF1, 0xF4),
    sunken: rgb(0xD3, 0xDB, 0xE1),
    line: rgb(0xC3, 0xCC, 0xD3),
    edge: rgb(0x67, 0x75, 0x7F),
    text: rgb(0x0A, 0x10, 0x16),
    text2: rgb(0x37, 0x44, 0x4E),
    text3: rgb(0x50, 0x5E, 0x68),
    accent: rgb(0x0B, 0x57, 0xB0),
    accent_fill: rgb(0x0B, 0x57, 0xB0),
    on_accent: rgb(0xFF, 0xFF, 0xFF),
    accent_dim: rgb(0xDC, 0xE9, 0xF7),
    ok: rgb(0x0A, 0x66, 0x40),
    ok_body: rgb(0x79, 0xBC, 0x9B),
    ok_dim: rgb(0xDD, 0xF0, 0xE6),
    caution: rgb(0x96, 0x4B, 0x00),
    caution_fill: rgb(0xFF, 0xC2, 0x33),
    on_caution: rgb(0x1C, 0x13, 0x00),
    caution_dim: rgb(0xFF, 0xF1, 0xCF),
    warn: rgb(0xB0, 0x1C, 0x14),
    warn_fill: rgb(0xB0, 0x1C, 0x14),
    on_warn: rgb(0xFF, 0xFF, 0xFF),
    warn_dim: rgb(0xFB, 0xE3, 0xE1),
    rec: rgb(0xC8, 0x24, 0x1B),
    route: rgb(0x84, 0x20, 0xA8),
    hud: rgb(0xF4, 0xF8, 0xFA),
    hud_plate: Color32::from_rgba_premultiplied(5, 8, 11, 194),
    map_land: rgb(0xF3, 0xF4, 0xEE),
    map_hedge: rgb(0xD5, 0xDA, 0xCB),
    map_water: rgb(0xB5, 0xD3, 0xE8),
    map_case: rgb(0xA9, 0xB2, 0xB9),
    map_label: rgb(0x2E, 0x3A, 0x43),
    map_halo: rgb(0xFF, 0xFF, 0xFF),
};

static RED: Tokens = Tokens {
    bg: rgb(0x05, 0x00, 0x00),
    panel: rgb(0x0C, 0x02, 0x02),
    raised: rgb(0x1A, 0x05, 0x04),
    sunken: rgb(0x02, 0x00, 0x00),
    line: rgb(0x30, 0x0B, 0x09),
    edge: rgb(0xB4, 0x38, 0x2E),
    text: rgb(0xFF, 0x76, 0x69),
    text2: rgb(0xF4, 0x49, 0x3C),
    text3: rgb(0xEC, 0x3A, 0x2D),
    accent: rgb(0xFF, 0x9D, 0x93),
    accent_fill: rgb(0x6E, 0x18, 0x11),
    on_accent: rgb(0xFF, 0xDD, 0xD9),
    accent_dim: rgb(0x33, 0x10, 0x0C),
    ok: rgb(0xFF, 0x65, 0x57),
    ok_body: rgb(0x7C, 0x21, 0x1A),
    ok_dim: rgb(0x1E, 0x06, 0x05),
    caution: rgb(0xFF, 0xB3, 0xAB),
    caution_fill: rgb(0xFF, 0xB3, 0xAB),
    on_caution: rgb(0x16, 0x02, 0x02),
    caution_dim: rgb(0x2A, 0x0B, 0x08),
    warn: rgb(0xFF, 0xD0, 0xCB),
    warn_fill: rgb(0x8E, 0x1C, 0x13),
    on_warn: rgb(0xFF, 0xE3, 0xE0),
    warn_dim: rgb(0x3A, 0x0F, 0x0B),
    rec: rgb(0xFF, 0x9D, 0x93),
    route: rgb(0xFF, 0x8A, 0x7E),
    hud: rgb(0xFF, 0x8A, 0x7E),
    hud_plate: Color32::from_rgba_premultiplied(4, 0, 0, 204),
    map_land: rgb(0x0C, 0x02, 0x02),
    map_hedge: rgb(0x24, 0x08, 0x07),
    map_water: rgb(0x1E, 0x06, 0x05),
    map_case: rgb(0x05, 0x00, 0x00),
    map_label: rgb(0xF4, 0x49, 0x3C),
    map_halo: rgb(0x05, 0x00, 0x00),
};
