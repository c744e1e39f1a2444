//! The glyphs of Phosphor 2.1 that the window uses. Regular for objects, fill for states, bold for small strokes.

use egui::{FontFamily, FontId};

/// A glyph; its code point is the same in every weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glyph(char);

/// A glyph in a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Icon {
    glyph: Glyph,
    weight: Weight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Regular,
    Fill,
    Bold,
}

impl Glyph {
    /// For objects.
    pub(crate) const fn regular(self) -> Icon {
        Icon { glyph: self, weight: Weight::Regular }
    }

    /// For states, and for what is active.
    pub(crate) const fn fill(self) -> Icon {
        Icon { glyph: self, weight: Weight::Fill }
    }

    /// For small strokes.
    pub(crate) const fn bold(self) -> Icon {
        Icon { glyph: self, weight: Weight::Bold }
    }
}

impl Icon {
    /// What is painted.
    pub(crate) const fn char(self) -> char {
        self.glyph.0
    }

    /// In which font, `size` points high.
    pub(crate) fn font(self, size: f32) -> FontId {
        let family = match self.weight {
            Weight::Regular => "phosphor",
            Weight::Fill => "phosphor-fill",
            Weight::Bold => "phosphor-bold",
        };
        FontId::new(size, FontFamily::Name(family.into()))
    }
}

pub(crate) const AIRPLANE: Glyph = Glyph('\u{e002}');
pub(crate) const AIRPLANE_LANDING: Glyph = Glyph('\u{e502}');
pub(crate) const AIRPLANE_TAKEOFF: Glyph = Glyph('\u{e504}');
pub(crate) const AIRPLANE_TILT: Glyph = Glyph('\u{e5d6}');
pub(crate) const ARCHIVE: Glyph = Glyph('\u{e00c}');
pub(crate) const ARROW_CLOCKWISE: Glyph = Glyph('\u{e036}');
pub(crate) const ARROW_DOWN: Glyph = Glyph('\u{e03e}');
pub(crate) const ARROW_RIGHT: Glyph = Glyph('\u{e06c}');
pub(crate) const ARROW_U_UP_LEFT: Glyph = Glyph('\u{e08a}');
pub(crate) const ARROW_U_UP_RIGHT: Glyph = Glyph('\u{e08c}');
pub(crate) const ARROW_UP: Glyph = Glyph('\u{e08e}');
pub(crate) const ARROWS_CLOCKWISE: Glyph = Glyph('\u{e094}');
pub(crate) const BACKSPACE: Glyph = Glyph('\u{e0ae}');
pub(crate) const BATTERY_VERTICAL_EMPTY: Glyph = Glyph('\u{e7c6}');
pub(crate) const BATTERY_VERTICAL_FULL: Glyph = Glyph('\u{e7c4}');
pub(crate) const BATTERY_VERTICAL_LOW: Glyph = Glyph('\u{e7be}');
pub(crate) const BATTERY_VERTICAL_MEDIUM: Glyph = Glyph('\u{e7c0}');
pub(crate) const BELL: Glyph = Glyph('\u{e0ce}');
pub(crate) const BROADCAST: Glyph = Glyph('\u{e0f2}');
pub(crate) const BUILDINGS: Glyph = Glyph('\u{e102}');
pub(crate) const CAMERA: Glyph = Glyph('\u{e10e}');
pub(crate) const CAR_PROFILE: Glyph = Glyph('\u{e8cc}');
pub(crate) const CARET_DOUBLE_RIGHT: Glyph = Glyph('\u{e12a}');
pub(crate) const CARET_DOWN: Glyph = Glyph('\u{e136}');
pub(crate) const CARET_LEFT: Glyph = Glyph('\u{e138}');
pub(crate) const CARET_RIGHT: Glyph = Glyph('\u{e13a}');
pub(crate) const CARET_UP: Glyph = Glyph('\u{e13c}');
pub(crate) const CARET_UP_DOWN: Glyph = Glyph('\u{e140}');
pub(crate) const CELL_TOWER: Glyph = Glyph('\u{ebaa}');
pub(crate) const CERTIFICATE: Glyph = Glyph('\u{e766}');
pub(crate) const CHAT_TEXT: Glyph = Glyph('\u{e17a}');
pub(crate) const CHECK: Glyph = Glyph('\u{e182}');
pub(crate) const CHECK_CIRCLE: Glyph = Glyph('\u{e184}');
pub(crate) const CIRCLE: Glyph = Glyph('\u{e18a}');
pub(crate) const CIRCLE_DASHED: Glyph = Glyph('\u{e602}');
pub(crate) const CIRCLE_NOTCH: Glyph = Glyph('\u{eb44}');
pub(crate) const CLOCK: Glyph = Glyph('\u{e19a}');
pub(crate) const CLOCK_COUNTDOWN: Glyph = Glyph('\u{ed2c}');
pub(crate) const COMMAND: Glyph = Glyph('\u{e1c4}');
pub(crate) const COPY: Glyph = Glyph('\u{e1ca}');
pub(crate) const CORNERS_OUT: Glyph = Glyph('\u{e1d0}');
pub(crate) const CPU: Glyph = Glyph('\u{e610}');
pub(crate) const CROSSHAIR: Glyph = Glyph('\u{e1d6}');
pub(crate) const CROSSHAIR_SIMPLE: Glyph = Glyph('\u{e1d8}');
pub(crate) const CURSOR: Glyph = Glyph('\u{e1dc}');
pub(crate) const DATABASE: Glyph = Glyph('\u{e1de}');
pub(crate) const DRONE: Glyph = Glyph('\u{ed74}');
pub(crate) const ERASER: Glyph = Glyph('\u{e21e}');
pub(crate) const EXPORT: Glyph = Glyph('\u{eaf0}');
pub(crate) const EYE: Glyph = Glyph('\u{e220}');
pub(crate) const EYE_SLASH: Glyph = Glyph('\u{e224}');
pub(crate) const FILE_PDF: Glyph = Glyph('\u{e702}');
pub(crate) const FILE_TEXT: Glyph = Glyph('\u{e23a}');
pub(crate) const FILM_STRIP: Glyph = Glyph('\u{e792}');
pub(crate) const FLAG_PENNANT: Glyph = Glyph('\u{ecf0}');
pub(crate) const FOLDER_OPEN: Glyph = Glyph('\u{e256}');
pub(crate) const FUNNEL: Glyph = Glyph('\u{e266}');
pub(crate) const GAUGE: Glyph = Glyph('\u{e628}');
pub(crate) const GEAR: Glyph = Glyph('\u{e270}');
pub(crate) const GPS_FIX: Glyph = Glyph('\u{edd6}');
pub(crate) const GRADUATION_CAP: Glyph = Glyph('\u{e62c}');
pub(crate) const HAND_PALM: Glyph = Glyph('\u{e57e}');
pub(crate) const HANDSHAKE: Glyph = Glyph('\u{e582}');
pub(crate) const HARD_DRIVE: Glyph = Glyph('\u{e29e}');
pub(crate) const HARD_DRIVES: Glyph = Glyph('\u{e2a0}');
pub(crate) const HOURGLASS: Glyph = Glyph('\u{e2b2}');
pub(crate) const HOUSE: Glyph = Glyph('\u{e2c2}');
pub(crate) const HOUSE_LINE: Glyph = Glyph('\u{e2c4}');
pub(crate) const IDENTIFICATION_CARD: Glyph = Glyph('\u{e2c8}');
pub(crate) const INFO: Glyph = Glyph('\u{e2ce}');
pub(crate) const JOYSTICK: Glyph = Glyph('\u{ea5e}');
pub(crate) const LAPTOP: Glyph = Glyph('\u{e586}');
pub(crate) const LIFEBUOY: Glyph = Glyph('\u{e63a}');
pub(crate) const LINE_SEGMENTS: Glyph = Glyph('\u{e6d4}');
pub(crate) const LINK_BREAK: Glyph = Glyph('\u{e2e4}');
pub(crate) const LIST_CHECKS: Glyph = Glyph('\u{eadc}');
pub(crate) const LOCK_KEY: Glyph = Glyph('\u{e2fe}');
pub(crate) const LOCK_SIMPLE: Glyph = Glyph('\u{e308}');
pub(crate) const LOCK_SIMPLE_OPEN: Glyph = Glyph('\u{e30a}');
pub(crate) const MAGNIFYING_GLASS: Glyph = Glyph('\u{e30c}');
pub(crate) const MAP_PIN: Glyph = Glyph('\u{e316}');
pub(crate) const MAP_TRIFOLD: Glyph = Glyph('\u{e31a}');
pub(crate) const MEGAPHONE: Glyph = Glyph('\u{e324}');
pub(crate) const MINUS: Glyph = Glyph('\u{e32a}');
pub(crate) const MOON: Glyph = Glyph('\u{e330}');
pub(crate) const MOON_STARS: Glyph = Glyph('\u{e58e}');
pub(crate) const MOUNTAINS: Glyph = Glyph('\u{e7ae}');
pub(crate) const NAVIGATION_ARROW: Glyph = Glyph('\u{eade}');
pub(crate) const NOTEBOOK: Glyph = Glyph('\u{e34e}');
pub(crate) const PACKAGE: Glyph = Glyph('\u{e390}');
pub(crate) const PAPER_PLANE_TILT: Glyph = Glyph('\u{e398}');
pub(crate) const PATH: Glyph = Glyph('\u{e39c}');
pub(crate) const PAUSE: Glyph = Glyph('\u{e39e}');
pub(crate) const PENCIL_SIMPLE: Glyph = Glyph('\u{e3b4}');
pub(crate) const PENCIL_SIMPLE_LINE: Glyph = Glyph('\u{ebc6}');
pub(crate) const PERSON_SIMPLE_WALK: Glyph = Glyph('\u{e73a}');
pub(crate) const PHONE: Glyph = Glyph('\u{e3b8}');
pub(crate) const PHONE_CALL: Glyph = Glyph('\u{e3ba}');
pub(crate) const PLAY: Glyph = Glyph('\u{e3d0}');
pub(crate) const PLUGS: Glyph = Glyph('\u{eb56}');
pub(crate) const PLUS: Glyph = Glyph('\u{e3d4}');
pub(crate) const POLYGON: Glyph = Glyph('\u{e6d0}');
pub(crate) const POWER: Glyph = Glyph('\u{e3da}');
pub(crate) const PROHIBIT: Glyph = Glyph('\u{e3de}');
pub(crate) const QUESTION: Glyph = Glyph('\u{e3e8}');
pub(crate) const RECORD: Glyph = Glyph('\u{e3ee}');
pub(crate) const RULER: Glyph = Glyph('\u{e6b8}');
pub(crate) const SCISSORS: Glyph = Glyph('\u{eae0}');
pub(crate) const SEAL: Glyph = Glyph('\u{e604}');
pub(crate) const SEAL_CHECK: Glyph = Glyph('\u{e606}');
pub(crate) const SEAL_QUESTION: Glyph = Glyph('\u{e608}');
pub(crate) const SEAL_WARNING: Glyph = Glyph('\u{e60c}');
pub(crate) const SHIELD: Glyph = Glyph('\u{e40a}');
pub(crate) const SHIELD_CHECK: Glyph = Glyph('\u{e40c}');
pub(crate) const SHIELD_WARNING: Glyph = Glyph('\u{e412}');
pub(crate) const SIGN_OUT: Glyph = Glyph('\u{e42a}');
pub(crate) const SIGNATURE: Glyph = Glyph('\u{ebac}');
pub(crate) const SIM_CARD: Glyph = Glyph('\u{e664}');
pub(crate) const SKIP_BACK: Glyph = Glyph('\u{e5a4}');
pub(crate) const SKIP_FORWARD: Glyph = Glyph('\u{e5a6}');
pub(crate) const STEERING_WHEEL: Glyph = Glyph('\u{e9ac}');
pub(crate) const STOP: Glyph = Glyph('\u{e46c}');
pub(crate) const STOP_CIRCLE: Glyph = Glyph('\u{e46e}');
pub(crate) const SUN: Glyph = Glyph('\u{e472}');
pub(crate) const SWAP: Glyph = Glyph('\u{e83c}');
pub(crate) const TARGET: Glyph = Glyph('\u{e47c}');
pub(crate) const TICKET: Glyph = Glyph('\u{e490}');
pub(crate) const TIMER: Glyph = Glyph('\u{e492}');
pub(crate) const TRAY_ARROW_DOWN: Glyph = Glyph('\u{e010}');
pub(crate) const TREE: Glyph = Glyph('\u{e6da}');
pub(crate) const UPLOAD_SIMPLE: Glyph = Glyph('\u{e4c0}');
pub(crate) const USER_CIRCLE: Glyph = Glyph('\u{e4c4}');
pub(crate) const USER_SWITCH: Glyph = Glyph('\u{e756}');
pub(crate) const USERS: Glyph = Glyph('\u{e4d6}');
pub(crate) const USERS_THREE: Glyph = Glyph('\u{e68e}');
pub(crate) const VIDEO_CAMERA_SLASH: Glyph = Glyph('\u{e4dc}');
pub(crate) const WARNING: Glyph = Glyph('\u{e4e0}');
pub(crate) const WARNING_OCTAGON: Glyph = Glyph('\u{e4e4}');
pub(crate) const WRENCH: Glyph = Glyph('\u{e5d4}');
pub(crate) const X: Glyph = Glyph('\u{e4f6}');
pub(crate) const X_CIRCLE: Glyph = Glyph('\u{e4f8}');

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{theme, tokens::Theme};

    #[test]
    fn every_glyph_is_in_every_weight() {
        let codes =
            include_str!("icon.rs").lines().filter_map(|line| line.split_once("Glyph('\\u{")?.1.split_once('}'));
        let glyphs: Vec<Glyph> =
            codes.map(|(code, _)| Glyph(u32::from_str_radix(code, 16).unwrap().try_into().unwrap())).collect();
        assert!(glyphs.contains(&X_CIRCLE));
        let install = |ctx: &egui::Context| theme::install(ctx, Theme::Day);
        let harness = egui_kittest::Harness::builder().with_context_setup(install).build_ui(|_| {});
        for icon in glyphs.iter().flat_map(|glyph| [glyph.regular(), glyph.fill(), glyph.bold()]) {
            assert!(harness.ctx.fonts_mut(|fonts| fonts.has_glyph(&icon.font(20.0), icon.char())), "{icon:x?}");
        }
    }
}
