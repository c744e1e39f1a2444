//! The window for whoever draws it: the display, or a harness that drives it as a pilot does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::app::App;
use super::settings::Settings;
use crate::ui::shot::{Shot, write};
use crate::ui::theme;
use crate::ui::tokens::Theme;

/// The ground station's window.
pub struct Window(App);

impl Window {
    /// Opens it by a settings file, as `skyseal-ground window --config` does. `program` is `skyseal-ground` itself: witness and live view
    /// run as processes of it.
    ///
    /// # Errors
    /// When the settings are not understood.
    pub fn open(context: &eframe::CreationContext<'_>, config: &Path, program: &Path) -> Result<Self> {
        let settings = Settings { program: Some(program.to_owned()), ..Settings::load(config)? };
        Self::seated(context, settings, None, Some(config.to_owned()))
    }

    /// Opens it where a person sits before it.
    pub(super) fn seated(
        context: &eframe::CreationContext<'_>,
        settings: Settings,
        theme: Option<Theme>,
        config: Option<PathBuf>,
    ) -> Result<Self> {
        let ctx = context.egui_ctx.clone();
        theme::install(&ctx, theme.unwrap_or(settings.station.theme));
        let woken = ctx.clone();
        let mut app = App::new(settings, theme, config, Arc::new(move || woken.request_repaint()))?;
        app.seat(&ctx, theme);
        Ok(Self(app))
    }

    /// Begins with the plan in this file.
    pub(super) fn open_plan(&mut self, plan: &Path) {
        self.0.open_plan(plan);
    }

    /// Plays this file or folder in Fly.
    pub(super) fn replay(&mut self, place: &Path) {
        self.0.replay_file(place);
    }

    /// Paints what it shows now into a PNG file, so many points wide and high.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn picture(&mut self, [width, height]: [f32; 2], path: &Path) -> Result<()> {
        self.0.forget_textures();
        let image = Shot::new(width, height, self.0.theme).take(|ui| self.0.draw(ui));
        self.0.forget_textures();
        write(&image, path).with_context(|| format!("{} cannot be written", path.display()))
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.0.update(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.0.draw(ui);
    }
}
