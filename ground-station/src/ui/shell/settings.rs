//! The settings: what can be chosen here, and what stands in the station's file.

use std::path::Path;

use egui::{Rect, Stroke, Ui, vec2};

use crate::state::settings::{Section, sections};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::theme::{theme, tokens};
use crate::ui::tokens::Theme;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::{self, choice, fact, panel};
use crate::ui::{icon, paint, text};
use crate::window::settings::Settings;

const PAD: f32 = 14.0;
/// Where the values begin, points.
const KEY: f32 = 110.0;
/// Columns of what is set, not narrower than this, points.
const COLUMN: f32 = 420.0;

/// What the screen shows.
pub(crate) struct Shown<'a> {
    /// Where the file is.
    pub(crate) file: &'a Path,
    /// What was read of it.
    pub(crate) settings: &'a Settings,
    /// Why it could not be read the last time, with the line.
    pub(crate) trouble: Option<&'a str>,
    /// Whether alarms are heard.
    pub(crate) sounds: bool,
}

/// What the person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingsCommand {
    /// Another theme.
    Theme(Theme),
    /// Alarms are to be heard, or not.
    Sounds(bool),
    /// The file is to be read again.
    ReadAgain,
    /// Back to the workspace.
    Close,
}

/// Draws it.
pub(crate) fn show(ui: &mut Ui, rect: Rect, shown: &Shown<'_>) -> Vec<SettingsCommand> {
    let mut asked = Vec::new();
    let mut rest = rect;
    let top = rest.top_part(if shown.trouble.is_some() { 168.0 } else { 116.0 });
    rest.top_part(GUTTER);
    file(ui, top, shown, &mut asked);
    let chosen = rest.top_part(132.0);
    rest.top_part(GUTTER);
    choices(ui, chosen, shown, &mut asked);
    let inside = panel::panel(ui, rest);
    let all = sections(shown.settings);
    if inside.width() >= 2.0 * COLUMN {
        let mut columns = halves(all).into_iter();
        for (place, name) in inside.columns::<2>(0.0).into_iter().zip(["settings left", "settings right"]) {
            list(ui, place, name, &columns.next().unwrap_or_default());
        }
    } else {
        list(ui, inside, "settings", &all);
    }
    asked
}

/// Two columns of about as many rows.
fn halves(all: Vec<Section>) -> [Vec<Section>; 2] {
    let rows = |sections: &[Section]| sections.iter().map(|section| section.rows.len() + 2).sum::<usize>();
    let half = rows(&all) / 2;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for section in all {
        let fits = rows(&left) + section.rows.len() / 2 < half;
        let column = if right.is_empty() && fits { &mut left } else { &mut right };
        column.push(section);
    }
    [left, right]
}

fn file(ui: &Ui, rect: Rect, shown: &Shown<'_>, asked: &mut Vec<SettingsCommand>) {
    let t = tokens(ui);
    let mut inside = panel::panel(ui, rect).shrink2(vec2(PAD, 10.0));
    let mut line = inside.top_part(button::HEIGHT);
    let close = Button::new("Close").named("Close the settings");
    if close.at(ui, line.right_part(Button::new("Close").width(ui))).clicked() {
        asked.push(SettingsCommand::Close);
    }
    line.right_part(GUTTER);
    let again = Button::new("Read it again").icon(icon::ARROWS_CLOCKWISE.regular());
    let place = line.right_part(Button::new("Read it again").icon(icon::ARROWS_CLOCKWISE.regular()).width(ui));
    if again.at(ui, place).clicked() {
        asked.push(SettingsCommand::ReadAgain);
    }
    line.right_part(GUTTER);
    let copy = Button::new("Copy the path").icon(icon::COPY.regular());
    let wide = Button::new("Copy the path").icon(icon::COPY.regular()).width(ui);
    if copy.at(ui, line.right_part(wide)).clicked() {
        ui.ctx().copy_text(shown.file.display().to_string());
    }
    line.right_part(PAD);
    paint::fit(ui.painter(), line, text::TITLE, t.text, "Settings");
    inside.top_part(4.0);
    let words = shown.file.display().to_string();
    let row = inside.top_part(20.0);
    paint::fit(ui.painter(), row, text::MONO, t.text, &words);
    widget::says(ui, row, &format!("Settings file: {words}"));
    let row = inside.top_part(20.0);
    let words = "Change it with a text editor: every key is explained in it. Only people write it; what the window remembers lies elsewhere.";
    paint::fit(ui.painter(), row, text::LABEL, t.text2, words);
    if let Some(trouble) = shown.trouble {
        inside.top_part(6.0);
        let words = format!("{trouble}. The window goes on with what was read before.");
        let galley = paint::lines(ui.painter(), text::CELL_STRONG, t.caution, &words, inside.width() - 26.0, 2);
        paint::icon(ui.painter(), inside.left_top() + vec2(9.0, 9.0), 18.0, t.caution, icon::WARNING.fill());
        ui.painter().galley(inside.min + vec2(26.0, 0.0), galley, t.caution);
        widget::says(ui, inside, &words);
    }
}

fn choices(ui: &Ui, rect: Rect, shown: &Shown<'_>, asked: &mut Vec<SettingsCommand>) {
    let inside = panel::panel(ui, rect).shrink2(vec2(PAD, 10.0));
    let [mut left, mut right] = inside.columns::<2>(2.0 * PAD);
    let now = theme(ui.ctx());
    caption(ui, left.top_part(28.0), "Theme");
    let glyphs = [icon::SUN, icon::MOON, icon::MOON_STARS];
    let options: Vec<_> =
        Theme::ALL.iter().zip(glyphs).map(|(theme, glyph)| (Some(glyph.regular()), theme.name())).collect();
    let at = Theme::ALL.iter().position(|theme| *theme == now).unwrap_or(0);
    let pressed = choice::segments(ui, left.top_part(button::HEIGHT), "Theme", &options, at);
    asked.extend(pressed.and_then(|nth| Theme::ALL.get(nth)).map(|theme| SettingsCommand::Theme(*theme)));
    caption(ui, right.top_part(28.0), "Sounds");
    if choice::switch(ui, right.top_part(button::HEIGHT), "Alarms are heard", shown.sounds).clicked() {
        asked.push(SettingsCommand::Sounds(!shown.sounds));
    }
    let t = tokens(ui);
    left.top_part(6.0);
    right.top_part(6.0);
    paint::fit(
        ui.painter(),
        left.top_part(18.0),
        text::LABEL,
        t.text2,
        "Kept until somebody chooses another, here or with Ctrl T.",
    );
    let words =
        if shown.sounds { "Seen and heard." } else { "Only seen: nobody hears an alarm while they look elsewhere." };
    let ink = if shown.sounds { t.text2 } else { t.caution };
    paint::fit(ui.painter(), right.top_part(18.0), text::LABEL, ink, words);
}

fn caption(ui: &Ui, rect: Rect, words: &str) {
    paint::fit(ui.painter(), rect, text::STRONG, tokens(ui).text, words);
}

fn list(ui: &mut Ui, rect: Rect, name: &str, sections: &[Section]) {
    panel::scrolled(ui, rect, name, |ui| {
        for section in sections {
            heading(ui, section);
            for row in &section.rows {
                let at = ui.available_rect_before_wrap().shrink2(vec2(PAD, 0.0));
                let high = if row.is_set {
                    fact::mono(ui, at, KEY, row.key, &row.value)
                } else {
                    fact::fact(ui, at, KEY, row.key, &format!("— {}", row.value))
                };
                ui.allocate_exact_size(vec2(ui.available_width(), high), egui::Sense::hover());
            }
        }
        ui.allocate_exact_size(vec2(ui.available_width(), PAD), egui::Sense::hover());
    });
}

fn heading(ui: &mut Ui, section: &Section) {
    let t = tokens(ui);
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), egui::Sense::hover());
    let inside = row.shrink2(vec2(PAD, 0.0));
    ui.painter().hline(inside.x_range(), inside.bottom() - 2.0, Stroke::new(1.0, t.line));
    let wide = paint::fit(ui.painter(), inside, text::STRONG, t.text, section.heading);
    let mut rest = inside;
    rest.left_part(wide + 10.0);
    paint::fit(ui.painter(), rest, text::MONO, t.text2, section.table);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::ui::shot::{Shot, write};
    use crate::ui::theme as themes;

    struct Screen {
        settings: Settings,
        trouble: Option<String>,
        sounds: bool,
        asked: Vec<SettingsCommand>,
        ready: bool,
    }

    impl Screen {
        fn new(trouble: Option<&str>) -> Self {
            let settings = Settings {
                stores: crate::window::settings::Stores { first: Some("store".into()), ..Default::default() },
                ..Settings::default()
            };
            Self { settings, trouble: trouble.map(Into::into), sounds: true, asked: Vec::new(), ready: false }
        }

        fn draw(&mut self, ui: &mut Ui) {
            if !self.ready {
                themes::install(ui.ctx(), Theme::Night);
                self.ready = true;
                return;
            }
            let (file, trouble) = (Path::new("/etc/skyseal/station.toml"), self.trouble.as_deref());
            let shown = Shown { file, settings: &self.settings, trouble, sounds: self.sounds };
            self.asked.extend(show(ui, ui.max_rect(), &shown));
        }
    }

    #[test]
    fn what_can_be_chosen_is_asked_for_and_the_file_is_named() {
        let draw = |ui: &mut Ui, screen: &mut Screen| screen.draw(ui);
        let screen = Screen::new(Some("/etc/skyseal/station.toml:7: [map] home: nowhere"));
        let mut harness = Harness::builder().with_size(vec2(1352.0, 828.0)).build_ui_state(draw, screen);
        harness.run();
        harness.get_by_label("Settings file: /etc/skyseal/station.toml");
        harness.get_by_label_contains("station.toml:7: [map] home: nowhere. The window goes on");
        harness.get_by_label("first: store");
        harness.get_by_label("zones: — The illustrative set that comes with the program");
        for name in ["Theme: Red night", "Alarms are heard", "Read it again", "Close the settings"] {
            harness.get_by_label(name).click();
            harness.run();
        }
        let asked = [
            SettingsCommand::Theme(Theme::Red),
            SettingsCommand::Sounds(false),
            SettingsCommand::ReadAgain,
            SettingsCommand::Close,
        ];
        assert_eq!(harness.state().asked, asked);
    }

    #[test]
    fn it_is_drawn_in_every_theme_and_size() {
        for (theme, (width, height)) in
            Theme::ALL.into_iter().flat_map(|theme| [(1192.0, 728.0), (1832.0, 1008.0)].map(|size| (theme, size)))
        {
            let mut screen = Screen { ready: true, ..Screen::new(Some("station.toml:7: [map] home: nowhere")) };
            let image = Shot::new(width, height, theme).take(|ui| screen.draw(ui));
            assert!(image.pixels.iter().any(|pixel| *pixel == theme.tokens().caution), "the trouble is seen");
            if let Some(folder) = std::env::var_os("SKYSEAL_SHOTS") {
                let name = format!("settings-{}-{width}.png", theme.name().replace(' ', "-"));
                write(&image, &Path::new(&folder).join(name)).unwrap();
            }
        }
    }
}
