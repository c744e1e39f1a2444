//! The live view without a window, received and painted as the window does it: for benches and whole-system tests.

use std::sync::Arc;

use egui::{ColorImage, Context, FullOutput, Pos2, RawInput, Rect, Vec2};

use crate::state::hud::{Beside, Hud};
use crate::ui::fly::hud::Words;
use crate::ui::fly::picture::{Seen, View, show};
use crate::ui::raster::{Textures, paint};
use crate::ui::theme;
use crate::ui::tokens::Theme;
pub use crate::video::{Live, Picture, Pixels, Source, Status};

/// The widest texture; what most GPUs can do.
const TEXTURE_SIDE: usize = 8_192;

/// The Fly workspace's picture with its head-up display, on a screen of its own without a display behind it.
pub struct Screen {
    ctx: Context,
    size: Vec2,
    textures: Textures,
    view: View,
}

/// What stands on the screen.
pub struct Painted {
    /// Its pixels.
    pub image: ColorImage,
    /// What is said of it to who does not see it.
    pub says: Vec<String>,
}

impl Screen {
    /// So many points, each one pixel.
    #[must_use]
    pub fn new(width: f32, height: f32) -> Self {
        let ctx = Context::default();
        theme::install(&ctx, Theme::Night);
        Self { ctx, size: Vec2::new(width, height), textures: Textures::default(), view: View::default() }
    }

    /// Lays the picture out with its display and puts its texture, as for a GPU; nothing is painted.
    pub fn put(&mut self, picture: &Arc<Picture>, status: &Status, now_ns: u64) {
        let mut output = self.lay_out(picture, status, now_ns);
        self.textures.free(&output.textures_delta);
        output.textures_delta.clear();
    }

    /// [`Self::put`], and paints it.
    pub fn paint(&mut self, picture: &Arc<Picture>, status: &Status, now_ns: u64) -> Painted {
        self.ctx.enable_accesskit();
        let mut output = self.lay_out(picture, status, now_ns);
        let nodes = output.platform_output.accesskit_update.take().map(|update| update.nodes).unwrap_or_default();
        // What is only painted has its words as a value.
        let says = nodes.iter().filter_map(|(_, node)| node.label().or(node.value()).map(str::to_owned)).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a screen is a few thousand wide")]
        let size = [self.size.x.max(1.0) as usize, self.size.y.max(1.0) as usize];
        let mut image = ColorImage::filled(size, Theme::Night.tokens().bg);
        paint(&mut image, &self.textures, 1.0, &self.ctx.tessellate(std::mem::take(&mut output.shapes), 1.0));
        self.textures.free(&output.textures_delta);
        output.textures_delta.clear();
        Painted { image, says }
    }

    fn lay_out(&mut self, picture: &Arc<Picture>, status: &Status, now_ns: u64) -> FullOutput {
        let size = [picture.width, picture.height];
        let hud = picture.klv.as_ref().map(|klv| Hud::of(&klv.uas, size, &Beside::default()));
        let seen = Seen { picture: Some(picture), status, now_ns, now_utc_us: None, recorded: false };
        let (rect, view) = (Rect::from_min_size(Pos2::ZERO, self.size), &mut self.view);
        let input = RawInput { screen_rect: Some(rect), max_texture_side: Some(TEXTURE_SIDE), ..RawInput::default() };
        let output = self.ctx.run_ui(input, |ui| {
            show(ui, rect, &seen, hud.as_ref(), &Words::default(), view);
        });
        self.textures.set(&output.textures_delta);
        output
    }
}
