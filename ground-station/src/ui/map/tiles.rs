//! A raster map under everything else, tinted for the dark.

use std::collections::HashMap;

use egui::{Color32, ColorImage, Mesh, Painter, Rect, Shape, TextureHandle, TextureOptions, Ui, pos2};

use super::figure::level;
use super::lens::Lens;
use crate::basemap::mbtiles::Pixels;
use crate::basemap::tiles::{TileId, Tiles};
use crate::ui::tokens::Theme;

/// Textures kept.
const MOST_KEPT: usize = 256;
/// Tiles painted in one frame, at most.
const MOST_SEEN: u32 = 192;
/// How often a missing tile is looked for in those of smaller zooms.
const MOST_UP: u8 = 5;

/// Tiles as textures; a tile that the map does not have is kept as none.
#[derive(Default)]
pub(crate) struct Textures {
    red: bool,
    kept: HashMap<TileId, (u64, Option<TextureHandle>)>,
    frame: u64,
}

impl Textures {
    /// Paints what is seen, and asks for what is missing.
    pub(crate) fn paint(&mut self, ui: &Ui, painter: &Painter, lens: &Lens, tiles: &Tiles, theme: Theme) {
        let red = theme == Theme::Red;
        if self.red != red {
            self.kept.clear();
            self.red = red;
        }
        self.frame += 1;
        for (id, read) in tiles.take() {
            let texture = read.ok().flatten().map(|pixels| {
                let name = format!("tile {id:?}");
                ui.ctx().load_texture(name, picture(&pixels, red), TextureOptions::LINEAR)
            });
            self.kept.insert(id, (self.frame, texture));
        }
        let tint = match theme {
            Theme::Day | Theme::Red => Color32::WHITE,
            Theme::Night => Color32::from_gray(120),
        };
        let (low, high) = tiles.zooms();
        let zoom = u8::try_from(level(lens.zoom() + 0.4)).unwrap_or(0).clamp(low, high);
        let span = f64::from(zoom).exp2();
        let [from, to] = lens.seen();
        let [columns, rows] = [0, 1].map(|axis| {
            let tile = |at: f64| whole((at * span).floor().clamp(0.0, span - 1.0));
            tile(from[axis])..=tile(to[axis])
        });
        let seen = rows.flat_map(|row| columns.clone().map(move |column| (zoom, column, row)));
        for id in seen.take(usize::try_from(MOST_SEEN).unwrap_or(0)) {
            self.one(painter, lens, tiles, id, tint);
        }
        if self.kept.len() > MOST_KEPT {
            let frame = self.frame;
            self.kept.retain(|_, (used, _)| *used == frame);
        }
    }

    /// Paints a tile, or the part of a larger one in its place.
    fn one(&mut self, painter: &Painter, lens: &Lens, tiles: &Tiles, id: TileId, tint: Color32) {
        let (zoom, column, row) = id;
        if !self.kept.contains_key(&id) {
            tiles.ask(id);
        }
        for up in 0..=MOST_UP.min(zoom) {
            let larger = (zoom - up, column >> up, row >> up);
            let Some((used, Some(texture))) = self.kept.get_mut(&larger) else { continue };
            *used = self.frame;
            let span = f64::from(zoom).exp2();
            let corner = |x: u32, y: u32| lens.point([f64::from(x) / span, f64::from(y) / span]);
            let rect = Rect::from_min_max(corner(column, row), corner(column + 1, row + 1));
            let part = f32::from(1_u8 << up);
            // Below 32.
            #[expect(clippy::cast_precision_loss, reason = "below 32")]
            let at = [column - (larger.1 << up), row - (larger.2 << up)].map(|within| within as f32 / part);
            let mut mesh = Mesh::with_texture(texture.id());
            let uv = Rect::from_min_max(pos2(at[0], at[1]), pos2(at[0] + 1.0 / part, at[1] + 1.0 / part));
            mesh.add_rect_with_uv(rect, uv, tint);
            painter.add(Shape::mesh(mesh));
            return;
        }
    }
}

/// Of a number from 0 to 2²⁴.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2²⁴")]
fn whole(value: f64) -> u32 {
    value as u32
}

/// For eyes that must stay adapted to the dark, only its lightness is left, in red.
fn picture(pixels: &Pixels, red: bool) -> ColorImage {
    let mut rgba = pixels.rgba.clone();
    if red {
        for pixel in rgba.chunks_exact_mut(4) {
            let light = (u32::from(pixel[0]) * 54 + u32::from(pixel[1]) * 183 + u32::from(pixel[2]) * 19) / 256;
            let part = |of: u32| u8::try_from(light * of / 256).unwrap_or(u8::MAX);
            // Half as light as it was, then (1, 0.17, 0.13) of it.
            (pixel[0], pixel[1], pixel[2]) = (part(128), part(22), part(17));
        }
    }
    ColorImage::from_rgba_unmultiplied([pixels.width, pixels.height], &rgba)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_red_night_nothing_is_blue() {
        let pixels = Pixels { width: 2, height: 1, rgba: vec![0, 0, 255, 255, 255, 255, 255, 255] };
        let picture = picture(&pixels, true);
        let [blue, white] = [picture.pixels[0], picture.pixels[1]];
        assert!(blue.b() < 3 && white.b() < 20 && white.r() > 120, "{blue:?} {white:?}");
    }
}
