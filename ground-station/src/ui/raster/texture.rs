//! What triangles are filled with: the font atlas and the pictures of the window.

use std::collections::HashMap;
use std::sync::Arc;

use egui::epaint::textures::TexturesDelta;
use egui::epaint::{ImageData, ImageDelta};
use egui::{Color32, ColorImage, TextureFilter, TextureId, TextureOptions, TextureWrapMode};

/// All textures that the window has put so far.
#[derive(Default)]
pub(crate) struct Textures {
    by_id: HashMap<TextureId, Texture>,
}

/// An image and how it is read between its pixels.
pub(super) struct Texture {
    image: Arc<ColorImage>,
    options: TextureOptions,
}

impl Textures {
    /// Puts what is new or changed; before painting.
    pub(crate) fn set(&mut self, delta: &TexturesDelta) {
        for (id, changes) in &delta.set {
            for change in changes {
                self.put(*id, change);
            }
        }
    }

    /// Lets go of what is no longer used; after painting.
    pub(crate) fn free(&mut self, delta: &TexturesDelta) {
        for id in &delta.free {
            self.by_id.remove(id);
        }
    }

    pub(super) fn get(&self, id: TextureId) -> Option<&Texture> {
        self.by_id.get(&id)
    }

    fn put(&mut self, id: TextureId, change: &ImageDelta) {
        let ImageData::Color(new) = &change.image;
        let Some([left, top]) = change.pos else {
            self.by_id.insert(id, Texture { image: Arc::clone(new), options: change.options });
            return;
        };
        let Some(texture) = self.by_id.get_mut(&id) else {
            tracing::warn!("a part of texture {id:?} came before the whole: not painted");
            return;
        };
        texture.options = change.options;
        let ([wide, high], [width, height]) = (new.size, texture.image.size);
        if left + wide > width || top + high > height {
            tracing::warn!("a part of texture {id:?} lies outside of it: not painted");
            return;
        }
        let image = Arc::make_mut(&mut texture.image);
        for row in 0..high {
            let to = (top + row) * width + left;
            image.pixels[to..to + wide].copy_from_slice(&new.pixels[row * wide..(row + 1) * wide]);
        }
    }
}

impl Texture {
    /// In texels.
    #[expect(clippy::cast_precision_loss, reason = "textures are a few thousand texels wide")]
    pub(super) fn size(&self) -> [f32; 2] {
        self.image.size.map(|side| side as f32)
    }

    /// How it is read where a pixel of the screen covers `texels` of it.
    pub(super) fn filter(&self, texels: f32) -> TextureFilter {
        if texels > 1.0 { self.options.minification } else { self.options.magnification }
    }

    /// Its premultiplied colour at a place in texels, each channel 0 to 255.
    pub(super) fn at(&self, filter: TextureFilter, u: f32, v: f32) -> [f32; 4] {
        match filter {
            TextureFilter::Nearest => channels(self.texel(u.floor(), v.floor())),
            TextureFilter::Linear => self.between(u - 0.5, v - 0.5),
        }
    }

    fn between(&self, u: f32, v: f32) -> [f32; 4] {
        /// Nearer to a texel's middle than this it is that texel alone, as the glyphs of upright text are.
        const EXACT: f32 = 1.0 / 128.0;
        let (left, top) = (u.floor(), v.floor());
        let (right_share, bottom_share) = (u - left, v - top);
        let off = |share: f32| share.min(1.0 - share);
        if off(right_share) < EXACT && off(bottom_share) < EXACT {
            return channels(self.texel(u.round(), v.round()));
        }
        let [a, b] = [self.texel(left, top), self.texel(left + 1.0, top)].map(channels);
        let [c, d] = [self.texel(left, top + 1.0), self.texel(left + 1.0, top + 1.0)].map(channels);
        std::array::from_fn(|i| {
            let above = a[i] + (b[i] - a[i]) * right_share;
            let below = c[i] + (d[i] - c[i]) * right_share;
            above + (below - above) * bottom_share
        })
    }

    fn texel(&self, u: f32, v: f32) -> Color32 {
        let [width, height] = self.image.size;
        let (x, y) = (wrapped(self.options.wrap_mode, u, width), wrapped(self.options.wrap_mode, v, height));
        self.image.pixels.get(y * width + x).copied().unwrap_or_default()
    }
}

/// Where a texel lies in a texture that is `side` of them wide.
#[expect(clippy::cast_precision_loss, reason = "textures are a few thousand texels wide")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held to the texture before")]
fn wrapped(mode: TextureWrapMode, at: f32, side: usize) -> usize {
    let wide = side as f32;
    let at = match mode {
        TextureWrapMode::ClampToEdge => at,
        TextureWrapMode::Repeat => at.rem_euclid(wide),
        TextureWrapMode::MirroredRepeat => {
            let twice = at.rem_euclid(2.0 * wide);
            if twice < wide { twice } else { 2.0 * wide - 1.0 - twice }
        }
    };
    at.clamp(0.0, (wide - 1.0).max(0.0)) as usize
}

fn channels(color: Color32) -> [f32; 4] {
    color.to_array().map(f32::from)
}
