//! Pictures of the window, or of a part of it, taken without a display.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use egui::{ColorImage, Context, Event, RawInput, Rect, Ui, Vec2};

use super::raster::{Textures, paint};
use super::theme;
use super::tokens::Theme;

/// The widest texture; what most GPUs can do.
const TEXTURE_SIDE: usize = 8192;
/// How often a window may ask to be drawn again before the picture is taken all the same.
const PASSES: usize = 8;

/// How a picture is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shot {
    /// Points.
    pub(crate) size: Vec2,
    /// Pixels in a point.
    pub(crate) scale: f32,
    /// In whose colours.
    pub(crate) theme: Theme,
}

impl Shot {
    /// This large, one pixel a point.
    pub(crate) const fn new(width: f32, height: f32, theme: Theme) -> Self {
        Self { size: Vec2::new(width, height), scale: 1.0, theme }
    }

    /// What this draws once it has come to rest.
    pub(crate) fn take(self, draw: impl FnMut(&mut Ui)) -> ColorImage {
        self.after(&[], draw)
    }

    /// [`Self::take`] after these have happened, one in each pass: a pointer that moves, a key that is pressed.
    pub(crate) fn after(self, events: &[Event], mut draw: impl FnMut(&mut Ui)) -> ColorImage {
        let ctx = Context::default();
        theme::install(&ctx, self.theme);
        let mut textures = Textures::default();
        let mut pass = 0;
        loop {
            let mut output = ctx.run_ui(self.input(pass, events.get(pass).cloned()), &mut draw);
            textures.set(&output.textures_delta);
            let delay = output.viewport_output.values().map(|viewport| viewport.repaint_delay).min();
            pass += 1;
            let moves = pass <= events.len() || delay == Some(Duration::ZERO) && pass < PASSES + events.len();
            let image = (!moves).then(|| self.develop(&ctx, &textures, std::mem::take(&mut output.shapes)));
            textures.free(&output.textures_delta);
            output.textures_delta.clear();
            if let Some(image) = image {
                return image;
            }
        }
    }

    fn input(self, pass: usize, event: Option<Event>) -> RawInput {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, self.size)),
            max_texture_side: Some(TEXTURE_SIDE),
            time: Some(f64::from(u32::try_from(pass).unwrap_or(u32::MAX)) / 60.0),
            events: event.into_iter().collect(),
            ..RawInput::default()
        };
        input.viewports.entry(egui::ViewportId::ROOT).or_default().native_pixels_per_point = Some(self.scale);
        input
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a window is a few thousand pixels wide"
    )]
    fn develop(self, ctx: &Context, textures: &Textures, shapes: Vec<egui::epaint::ClippedShape>) -> ColorImage {
        let side = |points: f32| (points * self.scale).round().clamp(1.0, 16384.0) as usize;
        let size = [side(self.size.x), side(self.size.y)];
        let mut image = ColorImage::filled(size, self.theme.tokens().bg);
        paint(&mut image, textures, self.scale, &ctx.tessellate(shapes, self.scale));
        image
    }
}

/// Writes an image as PNG. Where it was seen through, it lies on black.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(image: &ColorImage, path: &Path) -> anyhow::Result<()> {
    let file = std::fs::File::create(path).with_context(|| format!("cannot make the picture {}", path.display()))?;
    let [width, height] = image.size.map(u32::try_from);
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), width?, height?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels = image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect::<Vec<_>>();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish().with_context(|| format!("cannot write the picture {}", path.display()))
}

#[cfg(test)]
mod tests {
    use egui::{Align2, Color32, Sense, pos2, vec2};

    use super::*;
    use crate::ui::{paint as brush, text};

    fn differs(image: &ColorImage, rect: [usize; 4]) -> bool {
        let [left, top, right, bottom] = rect;
        (top..bottom).any(|y| (left..right).any(|x| image[(x, y)] != image[(0, 0)]))
    }

    #[test]
    fn words_stand_where_they_were_put_in_the_colours_of_the_theme() {
        for theme in Theme::ALL {
            let image = Shot::new(200.0, 60.0, theme).take(|ui| {
                let color = theme.tokens().text;
                brush::words(ui.painter(), pos2(100.0, 30.0), Align2::LEFT_CENTER, text::TITLE, color, "Hold");
            });
            assert_eq!((image.size, image[(0, 0)]), ([200, 60], theme.tokens().bg));
            assert!(differs(&image, [100, 15, 150, 45]) && !differs(&image, [0, 0, 99, 60]), "{theme:?}");
            let inked = image.pixels.iter().filter(|pixel| **pixel == theme.tokens().text).count();
            assert!(inked > 30, "the strokes of a title are wide enough to be seen: {inked}");
        }
    }

    #[test]
    fn what_happens_is_seen_in_the_picture() {
        let square = Rect::from_min_size(pos2(10.0, 10.0), vec2(20.0, 20.0));
        let draw = |ui: &mut Ui| {
            let hovered = ui.interact(square, ui.scope_id().with("square"), Sense::hover()).hovered();
            ui.painter().rect_filled(square, 0.0, if hovered { Color32::RED } else { Color32::GREEN });
        };
        let shot = Shot { scale: 2.0, ..Shot::new(40.0, 40.0, Theme::Day) };
        assert_eq!(shot.take(draw)[(40, 40)], Color32::GREEN);
        assert_eq!(shot.after(&[Event::PointerMoved(pos2(20.0, 20.0))], draw)[(40, 40)], Color32::RED);
    }

    #[test]
    fn a_window_that_never_rests_is_taken_all_the_same() {
        let mut passes = 0;
        Shot::new(10.0, 10.0, Theme::Night).take(|ui| {
            passes += 1;
            ui.ctx().request_repaint();
        });
        assert_eq!(passes, PASSES);
    }

    #[test]
    fn a_picture_is_written_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.png");
        let image = ColorImage::new([2, 1], vec![Color32::RED, Color32::from_rgb(1, 2, 3)]);
        write(&image, &path).unwrap();
        let mut reader =
            png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&path).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height, pixels), (2, 1, vec![255, 0, 0, 1, 2, 3]));
        let error = write(&image, &folder.path().join("none/one.png")).unwrap_err().to_string();
        assert!(error.contains("none/one.png"), "{error}");
    }
}
