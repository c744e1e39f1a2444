//! Paints the window without a display and without a GPU: egui's triangles onto an image.
//!
//! Colours are multiplied and blended as `egui_glow` does it: premultiplied, in gamma space. A pixel belongs to a triangle when its middle
//! lies within it; both triangles beside an edge find the same place for it, so that no pixel is painted twice or left out.

mod texture;

use egui::epaint::{ClippedPrimitive, Primitive, Vertex};
use egui::{Color32, ColorImage, Mesh, Rect, TextureFilter};

use texture::Texture;
pub(crate) use texture::Textures;

/// Paints over an image; `scale` is its pixels in a point.
pub(crate) fn paint(image: &mut ColorImage, textures: &Textures, scale: f32, primitives: &[ClippedPrimitive]) {
    let [width, height] = image.size;
    for ClippedPrimitive { clip_rect, primitive } in primitives {
        let clip = Clip::new(*clip_rect, scale, [width, height]);
        match primitive {
            Primitive::Mesh(mesh) => match textures.get(mesh.texture_id) {
                Some(texture) => Canvas { pixels: &mut image.pixels, width, clip, scale }.mesh(mesh, texture),
                None => tracing::warn!("texture {:?} was never put: not painted", mesh.texture_id),
            },
            Primitive::Callback(_) => tracing::warn!("what draws itself with a GPU is not painted"),
        }
    }
}

/// What may be painted, pixels; the ends are outside.
#[derive(Clone, Copy)]
struct Clip {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Clip {
    fn new(rect: Rect, scale: f32, [width, height]: [usize; 2]) -> Self {
        let side = |points: f32, most: usize| pixel((points * scale).round()).min(most);
        let (left, top) = (side(rect.left(), width), side(rect.top(), height));
        Self { left, top, right: side(rect.right(), width), bottom: side(rect.bottom(), height) }
    }
}

/// An image that is painted on.
struct Canvas<'a> {
    pixels: &'a mut [Color32],
    width: usize,
    clip: Clip,
    scale: f32,
}

/// What changes along a triangle: place in the texture, texels; premultiplied colour, 0 to 255.
type Values = [f32; 6];

/// A corner of a triangle, pixels.
#[derive(Clone, Copy)]
struct Corner {
    x: f32,
    y: f32,
    values: Values,
}

/// How a triangle is filled: the values at the pixel (0, 0) and how they change to the right and down.
struct Fill<'a> {
    texture: &'a Texture,
    filter: TextureFilter,
    origin: Values,
    right: Values,
    down: Values,
    /// One colour everywhere.
    flat: Option<[f32; 4]>,
    /// One place of the texture everywhere.
    sample: Option<[f32; 4]>,
}

impl Canvas<'_> {
    fn mesh(&mut self, mesh: &Mesh, texture: &Texture) {
        let size = texture.size();
        for triangle in mesh.indices.chunks_exact(3) {
            let vertex = |i: u32| usize::try_from(i).ok().and_then(|i| mesh.vertices.get(i));
            if let [Some(a), Some(b), Some(c)] = [vertex(triangle[0]), vertex(triangle[1]), vertex(triangle[2])] {
                self.triangle([a, b, c].map(|vertex| Corner::new(vertex, self.scale, size)), texture);
            }
        }
    }

    fn triangle(&mut self, mut corners: [Corner; 3], texture: &Texture) {
        corners.sort_by(|one, other| one.y.total_cmp(&other.y));
        let [high, middle, low] = corners;
        let rows = row(high.y).max(self.clip.top)..row(low.y).min(self.clip.bottom);
        if rows.is_empty() {
            return;
        }
        let Some(fill) = Fill::new(&corners, texture) else { return };
        for y in rows {
            let at = centre(y);
            let long = crossing(high, low, at);
            let short = if at < middle.y { crossing(high, middle, at) } else { crossing(middle, low, at) };
            let (left, right) = (row(long.min(short)).max(self.clip.left), row(long.max(short)).min(self.clip.right));
            if left < right {
                let start = y * self.width;
                fill.span(&mut self.pixels[start + left..start + right], left, y);
            }
        }
    }
}

impl Corner {
    fn new(vertex: &Vertex, scale: f32, [width, height]: [f32; 2]) -> Self {
        let [r, g, b, a] = vertex.color.to_array().map(f32::from);
        let values = [vertex.uv.x * width, vertex.uv.y * height, r, g, b, a];
        Self { x: vertex.pos.x * scale, y: vertex.pos.y * scale, values }
    }
}

impl<'a> Fill<'a> {
    fn new([a, b, c]: &[Corner; 3], texture: &'a Texture) -> Option<Self> {
        let (bx, by, cx, cy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
        let doubled_area = bx * cy - cx * by;
        if !doubled_area.is_finite() || doubled_area.abs() < 1e-6 {
            return None;
        }
        let rise = |i: usize| (b.values[i] - a.values[i], c.values[i] - a.values[i]);
        let right: Values = std::array::from_fn(|i| (rise(i).0 * cy - rise(i).1 * by) / doubled_area);
        let down: Values = std::array::from_fn(|i| (rise(i).1 * bx - rise(i).0 * cx) / doubled_area);
        let origin = std::array::from_fn(|i| a.values[i] + right[i] * (0.5 - a.x) + down[i] * (0.5 - a.y));
        let filter = texture.filter(right[0].hypot(right[1]).max(down[0].hypot(down[1])));
        let same = |part: std::ops::Range<usize>| {
            a.values[part.clone()] == b.values[part.clone()] && a.values[part.clone()] == c.values[part]
        };
        let [u, v, red, green, blue, alpha] = a.values;
        let sample = same(0..2).then(|| texture.at(filter, u, v));
        let flat = same(2..6).then_some([red, green, blue, alpha]);
        Some(Self { texture, filter, origin, right, down, flat, sample })
    }

    /// Fills pixels of the row `y` from `x` on.
    fn span(&self, pixels: &mut [Color32], x: usize, y: usize) {
        if let (Some(flat), Some(sample)) = (self.flat, self.sample) {
            let source = times(flat, sample);
            if source[3] >= 255.0 {
                pixels.fill(over(source, Color32::BLACK));
            } else if source != [0.0; 4] {
                pixels.iter_mut().for_each(|pixel| *pixel = over(source, *pixel));
            }
            return;
        }
        let (x, y) = (centre(x) - 0.5, centre(y) - 0.5);
        let mut at: Values = std::array::from_fn(|i| self.origin[i] + self.right[i] * x + self.down[i] * y);
        for pixel in pixels {
            let color = self.flat.unwrap_or([at[2], at[3], at[4], at[5]].map(|channel| channel.clamp(0.0, 255.0)));
            let sample = self.sample.unwrap_or_else(|| self.texture.at(self.filter, at[0], at[1]));
            let source = times(color, sample);
            if source != [0.0; 4] {
                *pixel = over(source, *pixel);
            }
            at.iter_mut().zip(self.right).for_each(|(value, step)| *value += step);
        }
    }
}

/// Where the line from the higher corner to the lower one is at this height.
fn crossing(high: Corner, low: Corner, y: f32) -> f32 {
    if low.y <= high.y { high.x } else { high.x + (y - high.y) * ((low.x - high.x) / (low.y - high.y)) }
}

/// The first row, or column, whose middle is not before this place.
fn row(at: f32) -> usize {
    pixel((at - 0.5).ceil())
}

#[expect(clippy::cast_precision_loss, reason = "an image is a few thousand pixels wide")]
fn centre(pixel: usize) -> f32 {
    pixel as f32 + 0.5
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is left of the image is cut off at its edge"
)]
fn pixel(at: f32) -> usize {
    at.clamp(0.0, 1e6) as usize
}

fn times(one: [f32; 4], other: [f32; 4]) -> [f32; 4] {
    std::array::from_fn(|i| one[i] * other[i] / 255.0)
}

/// Puts a premultiplied colour, 0 to 255, over another.
fn over(source: [f32; 4], below: Color32) -> Color32 {
    let through = 1.0 - source[3] / 255.0;
    let below = below.to_array();
    let [r, g, b, a] = std::array::from_fn(|i| level(source[i] + f32::from(below[i]) * through));
    Color32::from_rgba_premultiplied(r, g, b, a)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
fn level(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use egui::epaint::ImageDelta;
    use egui::{TextureId, TextureOptions, pos2, vec2};

    use super::*;

    const WHOLE: Rect = Rect::EVERYTHING;
    const BLUE: Color32 = Color32::from_rgb(0, 0, 200);

    /// Textures with a white one, as egui's atlas has, and another of 2 × 2.
    fn textures(options: TextureOptions) -> Textures {
        let mut textures = Textures::default();
        let mut delta = egui::TexturesDelta::default();
        delta.push(TextureId::Managed(0), ImageDelta::full(ColorImage::filled([1, 1], Color32::WHITE), options));
        let four = ColorImage::new([2, 2], vec![Color32::RED, Color32::GREEN, Color32::BLUE, Color32::BLACK]);
        delta.push(TextureId::Managed(1), ImageDelta::full(four, options));
        textures.set(&delta);
        delta.clear();
        textures
    }

    fn painted(textures: &Textures, clip_rect: Rect, mesh: Mesh) -> ColorImage {
        let mut image = ColorImage::filled([8, 8], BLUE);
        paint(&mut image, textures, 2.0, &[ClippedPrimitive { clip_rect, primitive: Primitive::Mesh(mesh) }]);
        image
    }

    fn square(color: Color32) -> Mesh {
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(Rect::from_min_size(pos2(1.0, 0.5), vec2(2.0, 3.0)), color);
        mesh
    }

    fn textured(texture: u64) -> Mesh {
        let mut mesh = Mesh::with_texture(TextureId::Managed(texture));
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        mesh.add_rect_with_uv(Rect::from_min_size(pos2(0.0, 0.0), vec2(4.0, 4.0)), uv, Color32::WHITE);
        mesh
    }

    #[test]
    fn a_square_covers_its_pixels_and_no_other() {
        let image = painted(&textures(TextureOptions::LINEAR), WHOLE, square(Color32::RED));
        for y in 0..8 {
            for x in 0..8 {
                let inside = (2..6).contains(&x) && (1..7).contains(&y);
                assert_eq!(image[(x, y)], if inside { Color32::RED } else { BLUE }, "{x} {y}");
            }
        }
    }

    #[test]
    fn what_is_clipped_is_not_painted_and_what_is_outside_of_the_image_does_no_harm() {
        let textures = textures(TextureOptions::LINEAR);
        let clip = Rect::from_min_max(pos2(2.0, -5.0), pos2(100.0, 2.0));
        let image = painted(&textures, clip, square(Color32::RED));
        let red = (0..64).filter(|i| image[(i % 8, i / 8)] == Color32::RED).collect::<Vec<_>>();
        assert_eq!(red, [12, 13, 20, 21, 28, 29]);
        let mut everywhere = Mesh::default();
        everywhere.add_colored_rect(Rect::from_center_size(pos2(0.0, 0.0), vec2(1e6, 1e6)), Color32::RED);
        assert!(painted(&textures, WHOLE, everywhere).pixels.iter().all(|pixel| *pixel == Color32::RED));
    }

    #[test]
    fn a_pixel_beneath_two_triangles_of_a_half_transparent_square_is_blended_once() {
        let half = Color32::from_rgba_premultiplied(100, 0, 0, 128);
        let image = painted(&textures(TextureOptions::LINEAR), WHOLE, square(half));
        for (x, y) in (1..7).flat_map(|y| (2..6).map(move |x| (x, y))) {
            assert_eq!(image[(x, y)], Color32::from_rgba_premultiplied(100, 0, 100, 255), "{x} {y}");
        }
        let light = Color32::from_rgba_premultiplied(40, 40, 40, 0);
        assert_eq!(
            painted(&textures(TextureOptions::LINEAR), WHOLE, square(light))[(3, 3)],
            Color32::from_rgb(40, 40, 240)
        );
    }

    #[test]
    fn colours_run_from_corner_to_corner() {
        let mut mesh = square(Color32::BLACK);
        for vertex in &mut mesh.vertices {
            vertex.color = if vertex.pos.x < 2.0 { Color32::BLACK } else { Color32::WHITE };
        }
        let image = painted(&textures(TextureOptions::LINEAR), WHOLE, mesh);
        assert_eq!([2, 3, 4, 5].map(|x| image[(x, 3)].r()), [32, 96, 159, 223]);
    }

    #[test]
    fn a_texture_is_read_at_its_nearest_pixel_or_between_them() {
        let near = painted(&textures(TextureOptions::NEAREST), WHOLE, textured(1));
        assert_eq!(
            [(3, 3), (4, 3), (3, 4), (4, 4)].map(|at| near[at]),
            [Color32::RED, Color32::GREEN, Color32::BLUE, Color32::BLACK]
        );
        let between = painted(&textures(TextureOptions::LINEAR), WHOLE, textured(1));
        assert_eq!(between[(0, 0)], Color32::RED, "beyond the middle of the first texel its edge goes on");
        assert_eq!(between[(3, 0)], Color32::from_rgb(159, 96, 0));
    }

    #[test]
    fn a_texture_is_changed_in_part_and_let_go() {
        let mut textures = textures(TextureOptions::NEAREST);
        let mut delta = egui::TexturesDelta::default();
        let white = ColorImage::filled([1, 2], Color32::WHITE);
        delta.push(TextureId::Managed(1), ImageDelta::partial([1, 0], white.clone(), TextureOptions::NEAREST));
        delta.push(TextureId::Managed(1), ImageDelta::partial([2, 0], white, TextureOptions::NEAREST));
        textures.set(&delta);
        delta.clear();
        let image = painted(&textures, WHOLE, textured(1));
        assert_eq!(
            [(0, 0), (7, 0), (0, 7), (7, 7)].map(|at| image[at]),
            [Color32::RED, Color32::WHITE, Color32::BLUE, Color32::WHITE]
        );
        delta.free(TextureId::Managed(1));
        textures.free(&delta);
        delta.clear();
        assert!(painted(&textures, WHOLE, textured(1)).pixels.iter().all(|pixel| *pixel == BLUE));
    }

    #[test]
    fn a_texture_can_go_on_beyond_its_edges() {
        for (options, expected) in [
            (TextureOptions::NEAREST, [Color32::RED, Color32::GREEN, Color32::GREEN, Color32::GREEN]),
            (TextureOptions::NEAREST_REPEAT, [Color32::RED, Color32::GREEN, Color32::RED, Color32::GREEN]),
            (TextureOptions::NEAREST_MIRRORED_REPEAT, [Color32::RED, Color32::GREEN, Color32::GREEN, Color32::RED]),
        ] {
            let mut mesh = textured(1);
            mesh.vertices.iter_mut().for_each(|vertex| vertex.uv = pos2(vertex.uv.x * 2.0, vertex.uv.y * 2.0));
            let image = painted(&textures(options), WHOLE, mesh);
            assert_eq!([1, 3, 5, 7].map(|x| image[(x, 0)]), expected);
        }
    }
}
