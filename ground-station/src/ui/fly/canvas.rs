//! What textures are put from: megabytes, thirty times a second, so that the same few are painted on again.

use std::sync::Arc;

use egui::{Color32, ColorImage};

use crate::video::Picture;

/// One is put while another is still being uploaded; a window on the same texture may hold one more.
const MOST: usize = 3;

/// A few images. One that is still held elsewhere is left alone.
#[derive(Default)]
pub(super) struct Canvases(Vec<Arc<ColorImage>>);

impl Canvases {
    /// The picture as an image, in red where eyes are used to the dark.
    pub(super) fn paint(&mut self, picture: &Picture, red: bool) -> Arc<ColorImage> {
        let free = self.0.iter().position(|image| Arc::strong_count(image) == 1);
        let mut image = free.map(|at| self.0.swap_remove(at)).unwrap_or_default();
        fill(Arc::make_mut(&mut image), picture, red);
        if self.0.len() < MOST {
            self.0.push(Arc::clone(&image));
        }
        image
    }
}

fn fill(image: &mut ColorImage, picture: &Picture, red: bool) {
    let side = |pixels: u32| usize::try_from(pixels).unwrap_or(0);
    let (from, _) = picture.rgba.as_chunks::<4>();
    let mut pixels = std::mem::take(&mut image.pixels);
    pixels.clear();
    if red {
        pixels.extend(from.iter().map(|&[r, g, b, _]| in_red(r, g, b)));
    } else {
        pixels.extend(from.iter().map(|&[r, g, b, a]| Color32::from_rgba_premultiplied(r, g, b, a)));
    }
    *image = ColorImage::new([side(picture.width), side(picture.height)], pixels);
}

/// Luminance L as (L, 0.17 L, 0.13 L): bright enough to see by, and eyes stay used to the dark.
fn in_red(red: u8, green: u8, blue: u8) -> Color32 {
    let l = (77 * u32::from(red) + 151 * u32::from(green) + 28 * u32::from(blue)) >> 8;
    let part = |of_256: u32| u8::try_from((l * of_256) >> 8).unwrap_or(u8::MAX);
    Color32::from_rgb(part(256), part(44), part(33))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::tests::plain;

    #[test]
    fn an_image_is_painted_on_again_once_nobody_has_it() {
        let mut canvases = Canvases::default();
        let first = canvases.paint(&plain([1, 2, 3, 255], [4, 2]), false);
        assert_eq!((first.size, first.pixels.clone()), ([4, 2], vec![Color32::from_rgb(1, 2, 3); 8]));
        let at = first.pixels.as_ptr();
        let second = canvases.paint(&plain([9, 9, 9, 255], [4, 2]), false);
        assert_ne!(second.pixels.as_ptr(), at, "the first is still held");
        assert_eq!(first.pixels[0], Color32::from_rgb(1, 2, 3));
        drop(first);
        let third = canvases.paint(&plain([7, 7, 7, 255], [2, 2]), false);
        assert_eq!((third.pixels.as_ptr(), third.size, third.pixels.len()), (at, [2, 2], 4));
        let held: Vec<_> = (0..10).map(|_| canvases.paint(&plain([0, 0, 0, 255], [2, 2]), false)).collect();
        assert!(canvases.0.len() <= MOST && held.len() == 10);
    }

    #[test]
    fn red_night_is_luminance_in_red() {
        assert_eq!(in_red(255, 255, 255), Color32::from_rgb(255, 43, 32));
        assert_eq!(in_red(0, 0, 0), Color32::from_rgb(0, 0, 0));
        assert_eq!(in_red(0, 255, 0).r(), 150);
    }
}
