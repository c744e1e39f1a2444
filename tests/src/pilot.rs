//! Somebody who sits before the ground station's window, sees what stands on it by name, and presses, slides, draws and types.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use egui::accesskit::{Role, Toggled};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, TexturesDelta, pos2, vec2};
use egui_kittest::kittest::NodeT as _;
use egui_kittest::{Harness, Node, TestRenderer};
use ground_station::Window;

use crate::process::{binary, wait_for};

/// Points.
const SIZE: [f32; 2] = [1440.0, 900.0];
/// A frame's time as the window is told it, seconds.
const FRAME_S: f32 = 1.0 / 30.0;
/// What a window may take to show what it was asked for, on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// What scrolls lies still after so many pairs of frames.
const STILL_FRAMES: usize = 30;
/// A key that does what a slide does is held for so many frames.
const HELD_FRAMES: usize = 36;

/// Nothing is drawn on any screen: what would be uploaded to a GPU goes.
struct Blind;

impl TestRenderer for Blind {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        delta.clear();
    }
}

/// Somebody before the window. When they go the window goes with them, as if it had died.
pub struct Pilot {
    harness: Harness<'static, Window>,
}

impl Pilot {
    /// Opens the window by its settings.
    #[must_use]
    pub fn sit_down(config: &Path) -> Self {
        let config = config.to_owned();
        #[expect(clippy::panic, reason = "a test without a window should stop")]
        let open = move |context: &mut eframe::CreationContext<'static>| {
            Window::open(context, &config, &binary("skyseal-ground")).unwrap_or_else(|error| panic!("{error:#}"))
        };
        let builder = Harness::builder().with_size(vec2(SIZE[0], SIZE[1])).with_step_dt(FRAME_S).renderer(Blind);
        Self { harness: builder.build_eframe(open) }
    }

    /// Everything that stands on the window by its name, each with what can be done with it.
    fn nodes(&self) -> impl Iterator<Item = (String, Node<'_>)> {
        let name = |node: &Node<'_>| {
            let node = node.accesskit_node();
            // Words that are only painted are a value of theirs.
            node.label().or_else(|| node.value().filter(|_| node.role() == Role::Label))
        };
        self.harness.root().children_recursive().filter_map(move |node| Some((name(&node)?, node)))
    }

    /// All names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.nodes().map(|(name, _)| name).collect()
    }

    /// The first name that has these words.
    #[must_use]
    pub fn reads(&self, words: &str) -> Option<String> {
        self.nodes().map(|(name, _)| name).find(|name| name.contains(words))
    }

    /// Whether these words stand somewhere.
    #[must_use]
    pub fn sees(&self, words: &str) -> bool {
        self.reads(words).is_some()
    }

    /// Where the thing of this name is that can be used now.
    fn place(&self, name: &str) -> Option<Rect> {
        let usable = |node: &Node<'_>| {
            let node = node.accesskit_node();
            node.role() != Role::Label && !node.is_disabled()
        };
        self.nodes().find(|(known, node)| known == name && usable(node)).map(|(_, node)| node.rect())
    }

    /// Whether exactly this stands somewhere.
    #[must_use]
    pub fn stands(&self, name: &str) -> bool {
        self.nodes().any(|(known, _)| known == name)
    }

    /// Whether the thing of this name can be used now.
    #[must_use]
    pub fn can_use(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The first thing that is to be ticked and is not.
    #[must_use]
    pub fn unticked(&self) -> Option<String> {
        let open = |node: &Node<'_>| {
            let node = node.accesskit_node();
            node.role() == Role::CheckBox && !node.is_disabled() && node.toggled() == Some(Toggled::False)
        };
        self.nodes().find(|(_, node)| open(node)).map(|(name, _)| name)
    }

    /// Lets the window go on for so many frames.
    pub fn steps(&mut self, frames: usize) {
        (0..frames).for_each(|_| self.harness.step());
    }

    /// Lets the window go on until this is so.
    ///
    /// # Errors
    /// When it takes longer than `within`: with everything that stands on the window, and a picture of it.
    pub fn until(&mut self, what: &str, within: Duration, mut so: impl FnMut(&Self) -> bool) -> Result<()> {
        let held = wait_for(within, || {
            self.harness.step();
            so(self)
        });
        if held { Ok(()) } else { self.lost(&format!("{what}: not within {within:?}")) }
    }

    /// Waits for these words.
    ///
    /// # Errors
    /// As [`Self::until`].
    pub fn until_sees(&mut self, words: &str) -> Result<String> {
        self.until(&format!("“{words}”"), PATIENCE, |pilot| pilot.sees(words))?;
        Ok(self.reads(words).unwrap_or_default())
    }

    /// Why it does not go on.
    fn lost<T>(&mut self, why: &str) -> Result<T> {
        let path = std::env::temp_dir().join(format!("skyseal-window-{}.png", std::process::id()));
        let picture = self.picture(&path).map_or_else(|error| format!("{error:#}"), |()| path.display().to_string());
        bail!("{why}\nthe window: {picture}\n  {}", self.names().join("\n  "))
    }

    /// Paints the window into a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn picture(&mut self, path: &Path) -> Result<()> {
        self.harness.state_mut().picture(SIZE, path)
    }

    /// Waits until the thing of this name can be used; where it is.
    ///
    /// # Errors
    /// As [`Self::until`].
    pub fn find(&mut self, name: &str) -> Result<Rect> {
        self.until(&format!("“{name}” can be used"), PATIENCE, |pilot| pilot.place(name).is_some())?;
        self.scroll_to(name);
        self.place(name).map_or_else(|| self.lost(&format!("“{name}” is gone")), Ok)
    }

    /// Has what scrolls show it, and waits until it lies still.
    fn scroll_to(&mut self, name: &str) {
        for (_, node) in self.nodes().filter(|(known, _)| known == name) {
            node.scroll_to_me();
        }
        let mut before = None;
        for _ in 0..STILL_FRAMES {
            self.steps(2);
            if before.is_some() && before == self.place(name) {
                break;
            }
            before = self.place(name);
        }
    }

    /// Presses it with the pointer.
    ///
    /// # Errors
    /// When it cannot be pressed in time.
    pub fn press(&mut self, name: &str) -> Result<()> {
        let at = self.find(name)?.center();
        self.click(at);
        Ok(())
    }

    /// Clicks there.
    pub fn click(&mut self, at: Pos2) {
        self.point(at);
        self.button(at, true);
        self.button(at, false);
        self.harness.step();
    }

    fn point(&mut self, at: Pos2) {
        self.harness.event(Event::PointerMoved(at));
        self.harness.step();
    }

    fn button(&mut self, pos: Pos2, pressed: bool) {
        let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
        self.harness.event(Event::PointerButton { pos, button, pressed, modifiers });
        self.harness.step();
    }

    /// Presses a key.
    pub fn key(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.step();
    }

    /// Types into the field of this name.
    ///
    /// # Errors
    /// When there is none in time.
    pub fn type_into(&mut self, name: &str, text: &str) -> Result<()> {
        self.press(name)?;
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.step();
        Ok(())
    }

    /// Pushes a slide across with the pointer.
    ///
    /// # Errors
    /// When it cannot be pushed in time.
    pub fn slide(&mut self, name: &str) -> Result<()> {
        let rect = self.find(name)?;
        let (from, to) = (rect.left_center() + vec2(36.0, 0.0), rect.right_center() - vec2(4.0, 0.0));
        self.point(from);
        self.button(from, true);
        for part in [0.3, 0.7, 1.0] {
            self.point(pos2(from.x + part * (to.x - from.x), from.y));
        }
        self.button(to, false);
        Ok(())
    }

    /// Does what the slide of this name does by holding Enter.
    ///
    /// # Errors
    /// When it cannot be pushed in time.
    pub fn hold_enter_on(&mut self, name: &str) -> Result<()> {
        self.find(name)?;
        for (_, node) in self.nodes().filter(|(known, _)| known == name) {
            node.focus();
        }
        self.harness.step();
        self.harness.key_down(Key::Enter);
        for _ in 0..HELD_FRAMES {
            self.harness.step();
        }
        self.harness.key_up(Key::Enter);
        self.harness.step();
        Ok(())
    }
}
