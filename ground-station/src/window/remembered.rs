//! How the window was left: read when it opens, and kept by a thread of its own whenever it changes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};

use super::app::App;
use crate::state::settings::Remembered;
use crate::ui::tokens::Theme;

/// In the folder of what the station remembers.
const FILE: &str = "window.toml";
/// Longest file read, bytes.
const MAX_BYTES: u64 = 1 << 16;

/// What was kept last, and who keeps it.
pub(super) struct Left {
    kept: Remembered,
    /// A theme that was asked for this once.
    given: Option<Theme>,
    keep: Option<SyncSender<Remembered>>,
    troubles: Receiver<String>,
    thread: Option<JoinHandle<()>>,
}

impl Left {
    /// As it was left, and what was wrong with the file.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub(super) fn open(state: &Path, given: Option<Theme>) -> Result<(Self, Option<String>)> {
        let path = state.join(FILE);
        let (kept, trouble) = match read(&path) {
            Ok(kept) => (kept, None),
            Err(error) => (Remembered::default(), Some(format!("How the window was left is not known: {error:#}"))),
        };
        let (keep, kept_next) = sync_channel::<Remembered>(4);
        let (tell, troubles) = sync_channel(1);
        let run = move || {
            for left in kept_next {
                if let Err(error) = write(&path, left.write().as_bytes()) {
                    // The same again is not said again.
                    let _ = tell.try_send(format!("How the window is left is not kept: {error:#}"));
                }
            }
        };
        let thread = std::thread::Builder::new().name("remembered".to_owned()).spawn(run)?;
        Ok((Self { kept, given, keep: Some(keep), troubles, thread: Some(thread) }, trouble))
    }

    /// Keeps it, if it is another; what is wrong with keeping it.
    fn keep(&mut self, now: Remembered) -> Option<String> {
        if now != self.kept && self.keep.as_ref().is_some_and(|keep| keep.try_send(now.clone()).is_ok()) {
            self.kept = now;
        }
        self.troubles.try_recv().ok()
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        self.keep = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(path: &Path) -> Result<Remembered> {
    use std::io::Read as _;
    let name = || path.display().to_string();
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Remembered::default()),
        Err(error) => return Err(error).with_context(name),
    };
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).with_context(name)?;
    Remembered::read(&text).map_err(anyhow::Error::msg).with_context(name)
}

/// After a crash there is the old file or the new.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let fresh = PathBuf::from(format!("{}.new", path.display()));
    let folder = path.parent().unwrap_or(Path::new("."));
    let put = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = std::fs::File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)
    };
    put().with_context(|| format!("{} cannot be written", path.display()))
}

impl App {
    /// Puts the window as it was left.
    pub(super) fn as_left(&mut self, ctx: &egui::Context, left: &Left) {
        let kept = &left.kept;
        self.put_theme(ctx, left.given.unwrap_or_else(|| kept.theme(&self.settings)));
        self.sounds = kept.sounds(&self.settings);
        self.view.workspace = kept.workspace;
        self.view.wish.swapped = kept.map_large;
        self.view.map.follow = !kept.map_stays;
    }

    /// Keeps how it is now.
    pub(super) fn keep_left(&mut self, left: &mut Left, now_ns: u64) {
        let set = &self.settings.station;
        // A theme of the command line is for this once.
        let theme = if left.given == Some(self.theme) {
            left.kept.theme
        } else {
            left.given = None;
            (self.theme != set.theme).then_some(self.theme)
        };
        let now = Remembered {
            theme,
            sounds: (self.sounds != set.sounds).then_some(self.sounds),
            workspace: self.view.workspace,
            map_large: self.view.wish.swapped,
            map_stays: !self.view.map.follow,
        };
        if let Some(trouble) = left.keep(now) {
            self.notices.fault(trouble, now_ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Workspace;

    #[test]
    fn what_is_kept_is_read_back_and_what_cannot_be_kept_is_said() {
        let temp = tempfile::tempdir().unwrap();
        let state = temp.path().join("state");
        let (mut left, trouble) = Left::open(&state, None).unwrap();
        assert_eq!((&left.kept, trouble), (&Remembered::default(), None));
        let now = Remembered { theme: Some(Theme::Red), workspace: Workspace::Airspace, ..Remembered::default() };
        assert_eq!(left.keep(now.clone()), None);
        // It ends when everything is written.
        drop(left);
        assert_eq!(Left::open(&state, None).unwrap().0.kept, now);

        std::fs::write(state.join(FILE), "theme = \"pink\"\n").unwrap();
        let (left, trouble) = Left::open(&state, None).unwrap();
        assert!(trouble.unwrap().contains("window.toml"));
        assert_eq!(left.kept, Remembered::default());

        let file = temp.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = format!("{:#}", write(&file.join(FILE), b"").unwrap_err());
        assert!(error.contains("cannot be written"), "{error}");
    }
}
