//! Pictures of every workspace, painted without a display.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use flight_record::Label;
use zeroize::Zeroizing;

use super::app::App;
use super::settings::Settings;
use crate::command::Workspace;
use crate::ui::shot::{Shot, write};
use crate::ui::tokens::Theme;
use crate::{clock, pin};

/// How often the window is told the time while it listens.
const LOOK: Duration = Duration::from_millis(100);
/// A PIN, or a flight that is checked and opened, may take so long on a loaded machine.
const PATIENCE_S: u32 = 60;

/// How long tiles of the raster map are waited for, ns.
const TILES_NS: u64 = 10_000_000_000;

/// The window while nobody looks.
struct Unseen {
    app: App,
    ctx: egui::Context,
    woken: Receiver<()>,
}

impl Unseen {
    /// Has the window listen for so long, or until something is so; whether it is.
    fn listen(&mut self, seconds: u32, mut until: impl FnMut(&mut App) -> bool) -> bool {
        let end_ns = clock::mono_ns() + u64::from(seconds) * 1_000_000_000;
        while clock::mono_ns() < end_ns {
            self.app.update(&self.ctx);
            if until(&mut self.app) {
                return true;
            }
            if self.woken.recv_timeout(LOOK) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
        }
        false
    }

    fn sign_in(&mut self, who: &Label, pin: &str) -> Result<()> {
        let mut given = false;
        let mut refused = None;
        let let_in = self.listen(PATIENCE_S, |app| {
            refused = app.desks.gate.said(who);
            given = given || app.desks.gate.give(who, pin);
            app.desks.gate.signed_in().is_some() || refused.is_some()
        });
        match refused {
            Some(why) => bail!("{who} is not signed in: {why}"),
            None if !let_in => bail!("{who} is not signed in: the PIN was not looked at in {PATIENCE_S} s"),
            None => Ok(()),
        }
    }

    /// Shows footage of the newest flight, from its middle.
    fn view(&mut self, who: &Label, pin: &Zeroizing<String>, reason: &str) -> Result<()> {
        if !self.listen(PATIENCE_S, |app| app.view_newest(who.as_str(), pin.clone(), reason)) {
            bail!("--viewing: the store of the settings holds no flight");
        }
        let mut fault = None;
        let views = self.listen(PATIENCE_S, |app| {
            let views = app.views();
            fault = views.as_ref().err().cloned();
            views != Ok(false)
        });
        match fault {
            Some(why) => bail!("--viewing: {why}"),
            None if !views => bail!("--viewing: no picture of the flight came in {PATIENCE_S} s"),
            None => self.app.view_middle(),
        }
        Ok(())
    }

    fn picture(&mut self, workspace: Workspace, theme: Theme, size: [f32; 2]) -> egui::ColorImage {
        picture(&mut self.app, &self.woken, (workspace, theme), size)
    }
}

/// Listens for a while, then writes `fly-night.png` and so on into a folder; which, in words.
pub(super) fn take(mut settings: Settings, arguments: &super::Arguments, dir: &Path, size: [f32; 2]) -> Result<String> {
    std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    // Whoever takes pictures leaves no process behind.
    settings.witness.start = false;
    let (wake, woken) = sync_channel(1);
    // A full channel: it is awake already.
    let wake = Arc::new(move || {
        let _ = wake.try_send(());
    });
    let mut app = App::new(settings, arguments.theme, arguments.config.clone(), wake)?;
    arguments.plan.iter().for_each(|plan| app.open_plan(plan));
    arguments.replay.iter().for_each(|place| app.replay_file(place));
    app.read_everything();
    let mut unseen = Unseen { app, ctx: egui::Context::default(), woken };
    let person = arguments.name.as_ref().zip(arguments.pin_file.as_ref());
    let person = person.map(|(name, file)| Ok::<_, anyhow::Error>((name, pin::first_line(file)?))).transpose()?;
    if let Some((name, pin)) = &person {
        unseen.sign_in(name, pin)?;
        arguments.viewing.iter().try_for_each(|reason| unseen.view(name, pin, reason))?;
    }
    unseen.listen(arguments.after, |_| false);
    let themes = arguments.theme.map_or(Theme::ALL.to_vec(), |theme| vec![theme]);
    let workspaces: Vec<Workspace> =
        Workspace::ALL.into_iter().filter(|one| arguments.only.is_empty() || arguments.only.contains(one)).collect();
    let mut written = String::new();
    for (theme, workspace) in themes.iter().flat_map(|theme| workspaces.iter().map(move |one| (*theme, *one))) {
        let image = unseen.picture(workspace, theme, size);
        let path = dir.join(format!("{}-{}.png", workspace.name().to_lowercase(), word(theme)));
        write(&image, &path).with_context(|| format!("{} cannot be written", path.display()))?;
        written.push_str(&format!("{}\n", path.display()));
    }
    if let Some((_, pin)) = person.filter(|_| unseen.app.is_viewing()) {
        unseen.app.end_viewing(pin);
        if !unseen.listen(PATIENCE_S, |app| !app.is_viewing()) {
            bail!("the viewing could not be ended on the ledger");
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
