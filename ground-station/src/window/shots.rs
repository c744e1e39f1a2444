//! Pictures of every workspace, painted without a display.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::app::App;
use super::settings::Settings;
use crate::clock;
use crate::command::Workspace;
use crate::ui::shot::{Shot, write};
use crate::ui::tokens::Theme;

/// How often the window is told the time while it listens.
const LOOK: Duration = Duration::from_millis(100);
/// How long tiles of the raster map are waited for, ns.
const TILES_NS: u64 = 10_000_000_000;

/// Listens for a while, then writes `fly-night.png` and so on into a folder; which, in words.
pub(super) fn take(mut settings: Settings, arguments: &super::Arguments, dir: &Path, size: [f32; 2]) -> Result<String> {
    std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    // Whoever takes pictures leaves no process behind.
    settings.witness.start = false;
    let (wake, woken) = sync_channel(1);
    // A full channel: it is awake already.
    let mut app = App::new(
        settings,
        arguments.theme,
        arguments.config.clone(),
        Arc::new(move || {
            let _ = wake.try_send(());
        }),
    )?;
    arguments.plan.iter().for_each(|plan| app.open_plan(plan));
    app.read_everything();
    let until_ns = clock::mono_ns() + u64::from(arguments.after) * 1_000_000_000;
    let ctx = egui::Context::default();
    while clock::mono_ns() < until_ns {
        app.update(&ctx);
        if woken.recv_timeout(LOOK) == Err(RecvTimeoutError::Disconnected) {
            break;
        }
    }
    let themes = arguments.theme.map_or(Theme::ALL.to_vec(), |theme| vec![theme]);
    let mut written = String::new();
    for theme in themes {
        for workspace in
            Workspace::ALL.into_iter().filter(|one| arguments.only.is_empty() || arguments.only.contains(one))
        {
            app.go(workspace);
            app.theme = theme;
            app.forget_textures();
            let shot = Shot::new(size[0], size[1], theme);
            let image = shot.take(|ui| {
                app.update(ui.ctx());
                app.draw(ui);
                wait_for_tiles(ui, &app, &woken);
            });
            let name = format!("{}-{}.png", workspace.name().to_lowercase(), word(theme));
            let path = dir.join(&name);
            write(&image, &path).with_context(|| format!("{} cannot be written", path.display()))?;
            written.push_str(&format!("{}\n", path.display()));
        }
    }
    Ok(written)
}

/// The raster map that this picture shows is read aside: what it asked for is waited for, and drawn in the next pass.
fn wait_for_tiles(ui: &egui::Ui, app: &App, woken: &Receiver<()>) {
    let until_ns = clock::mono_ns() + TILES_NS;
    let mut waited = false;
    while app.desks.reads_tiles() && clock::mono_ns() < until_ns {
        waited = true;
        // Woken or not, it is looked at again.
        let _ = woken.recv_timeout(LOOK);
    }
    if waited {
        ui.ctx().request_repaint();
    }
}

const fn word(theme: Theme) -> &'static str {
    match theme {
        Theme::Day => "day",
        Theme::Night => "night",
        Theme::Red => "red",
    }
}
