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
            let image = picture(&mut app, &woken, (workspace, theme), size);
            let name = format!("{}-{}.png", workspace.name().to_lowercase(), word(theme));
            let path = dir.join(&name);
            write(&image, &path).with_context(|| format!("{} cannot be written", path.display()))?;
            written.push_str(&format!("{}\n", path.display()));
        }
    }
    Ok(written)
}

/// A picture of one workspace, in a context of its own.
fn picture(
    app: &mut App,
    woken: &Receiver<()>,
    (workspace, theme): (Workspace, Theme),
    size: [f32; 2],
) -> egui::ColorImage {
    app.go(workspace);
    app.theme = theme;
    app.forget_textures();
    Shot::new(size[0], size[1], theme).take(|ui| {
        app.update(ui.ctx());
        app.draw(ui);
        wait_for_tiles(ui, app, woken);
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basemap::mbtiles::tests::{file, png};

    #[test]
    fn the_raster_map_is_in_the_picture_of_each_workspace_that_has_one() {
        let temp = tempfile::tempdir().unwrap();
        // One tile of the whole east of Europe, its western half red.
        let tiles = file(temp.path(), "png", &png());
        let path = temp.path().join("station.toml");
        let text = format!(
            "[links]\nmavlink = [\"udpin:127.0.0.1:0\"]\n[live]\nview = \"none\"\n[map]\nhome = [52.0, 9.0]\nmbtiles = {:?}\n",
            tiles.display().to_string()
        );
        std::fs::write(&path, text).unwrap();
        let (wake, woken) = sync_channel(1);
        let repaint = Arc::new(move || {
            let _ = wake.try_send(());
        });
        let mut app = App::new(Settings::load(&path).unwrap(), None, Some(path), repaint).unwrap();
        let ctx = egui::Context::default();
        let until_ns = clock::mono_ns() + 60_000_000_000;
        while app.desks.tiles.is_none() && clock::mono_ns() < until_ns {
            app.update(&ctx);
            let _ = woken.recv_timeout(LOOK);
        }
        for workspace in [Workspace::Plan, Workspace::Fly, Workspace::Plan, Workspace::Airspace] {
            let image = picture(&mut app, &woken, (workspace, Theme::Day), [1_440.0, 900.0]);
            let red = image.pixels.iter().filter(|pixel| pixel.r() > 200 && pixel.g() < 40 && pixel.b() < 40).count();
            assert!(red > 10_000, "{workspace:?}: {red} pixels of the tile");
        }
    }
}
