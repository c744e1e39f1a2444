//! The ground as a map of colours: luma at full resolution, chroma at half, each with smaller copies for what is far.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "texel arithmetic: every index is masked to the map's size"
)]

use super::colour::Colour;
use super::village::PERIOD_M;

/// A square map of bytes whose side is a power of two; it wraps.
#[derive(Clone, Debug)]
pub struct Level {
    /// log2 of the side.
    pub bits: u32,
    /// Texels, south to north, west to east; one byte each for luma, two for chroma.
    pub texels: Vec<u8>,
    /// Columns and rows repeated at the end.
    margin: usize,
}

/// Where something is on the ground, for shapes: east, north → metres outside (+) or inside (−).
pub type Distance<'a> = &'a dyn Fn(f64, f64) -> f64;

/// How a shape is painted.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Its colour.
    pub colour: Colour,
    /// Strength of its grain, luma steps.
    pub grain: f32,
    /// 1 covers, 0 does nothing.
    pub opacity: f32,
    /// Width of its edge, m; 0 for a crisp one.
    pub soft_m: f64,
}

impl Paint {
    /// A covering colour with grain and a crisp edge.
    #[must_use]
    pub fn flat(colour: Colour, grain: f32) -> Self {
        Self { colour, grain, opacity: 1.0, soft_m: 0.0 }
    }
}

/// The map.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Luma, finest first.
    pub luma: Vec<Level>,
    /// Cb and Cr side by side, finest first; the first has half the luma's side.
    pub chroma: Vec<Level>,
    texels_per_metre: f64,
}

const LEVELS: usize = 6;

impl Ground {
    /// A bare map of `base` with 2^`bits` luma texels a side.
    pub fn new(bits: u32, base: &(impl Fn(f64, f64) -> (Colour, f32) + Sync)) -> Self {
        let side = 1usize << bits;
        let metre = side as f64 / PERIOD_M;
        let mut luma = vec![0u8; side * side];
        let mut chroma = vec![0u8; side * side / 2];
        // Two threads, half of the rows each.
        let half = side * side / 2;
        std::thread::scope(|scope| {
            let parts = luma.chunks_mut(half).zip(chroma.chunks_mut(half / 2)).enumerate();
            for (part, (luma, chroma)) in parts {
                scope.spawn(move || fill(luma, chroma, side, part * side / 2, metre, base));
            }
        });
        Self {
            luma: vec![Level { bits, texels: luma, margin: 0 }],
            chroma: vec![Level { bits: bits - 1, texels: chroma, margin: 0 }],
            texels_per_metre: metre,
        }
    }

    /// Luma texels of a metre in the finest level.
    #[must_use]
    pub fn texels_per_metre(&self) -> f64 {
        self.texels_per_metre
    }

    /// Paints a shape inside `bounds` (west, east, south, north).
    pub fn paint(&mut self, bounds: [f64; 4], paint: Paint, distance: Distance<'_>) {
        let edge_m = paint.soft_m.max(1.0 / self.texels_per_metre);
        let shape = Shape { bounds, edge_m, distance };
        let colour = paint.colour;
        shape.visit(&mut self.luma[0], 1, self.texels_per_metre, |texel, cover, at| {
            let grain = (f32::from(hash(at.0, at.1)) / 127.5 - 1.0) * paint.grain;
            let old = f32::from(texel[0]);
            texel[0] = (old + (colour.y + grain - old) * cover * paint.opacity).clamp(16.0, 235.0) as u8;
        });
        shape.visit(&mut self.chroma[0], 2, self.texels_per_metre / 2.0, |texel, cover, _| {
            for (old, new) in texel.iter_mut().zip([colour.cb, colour.cr]) {
                *old = (f32::from(*old) + (new - f32::from(*old)) * cover * paint.opacity).round() as u8;
            }
        });
    }

    /// Darkens a shape inside `bounds` to `light` of what it was.
    pub fn shade(&mut self, bounds: [f64; 4], light: f32, soft_m: f64, distance: Distance<'_>) {
        let shape = Shape { bounds, edge_m: soft_m, distance };
        let darker = |value: u8, origin: f32, cover: f32| {
            (origin + (f32::from(value) - origin) * (1.0 - cover * (1.0 - light))).round() as u8
        };
        shape.visit(&mut self.luma[0], 1, self.texels_per_metre, |texel, cover, _| {
            texel[0] = darker(texel[0], 16.0, cover);
        });
        shape.visit(&mut self.chroma[0], 2, self.texels_per_metre / 2.0, |texel, cover, _| {
            texel.iter_mut().for_each(|value| *value = darker(*value, 128.0, cover));
        });
    }

    /// Once painting is done: makes the smaller copies, and gives each luma level its margin.
    pub fn finish(&mut self) {
        for _ in 1..LEVELS {
            if let (Some(luma), Some(chroma)) = (self.luma.last(), self.chroma.last()) {
                let (luma, chroma) = (halved(luma, 1), halved(chroma, 2));
                self.luma.push(luma);
                self.chroma.push(chroma);
            }
        }
        for level in &mut self.luma {
            level.add_margin();
        }
    }
}

impl Level {
    /// Texels from a row to the next.
    #[must_use]
    pub fn stride(&self) -> usize {
        (1 << self.bits) + self.margin
    }

    /// Repeats the first column after the last, and the first row after the last, so that a texel's neighbours need no wrapping.
    fn add_margin(&mut self) {
        let side = 1usize << self.bits;
        let mut texels = Vec::with_capacity((side + 1) * (side + 1));
        for row in self.texels.chunks_exact(side) {
            texels.extend_from_slice(row);
            texels.push(row[0]);
        }
        texels.extend_from_within(..=side);
        self.texels = texels;
        self.margin = 1;
    }
}

fn fill(
    luma: &mut [u8],
    chroma: &mut [u8],
    side: usize,
    first_row: usize,
    metre: f64,
    base: &(impl Fn(f64, f64) -> (Colour, f32) + Sync),
) {
    for (pair, (luma, chroma)) in luma.chunks_exact_mut(2 * side).zip(chroma.chunks_exact_mut(side)).enumerate() {
        let row = first_row + 2 * pair;
        let (upper, lower) = luma.split_at_mut(side);
        let north = (row as f64 + 1.0) / metre;
        for column in 0..side / 2 {
            let (colour, grain) = base((2 * column + 1) as f64 / metre, north);
            chroma[2 * column] = colour.cb as u8;
            chroma[2 * column + 1] = colour.cr as u8;
            for (line, dy) in [(&mut *upper, 0), (&mut *lower, 1)] {
                for dx in 0..2 {
                    let at = 2 * column + dx;
                    let noise = (f32::from(hash(at as u32, (row + dy) as u32)) / 127.5 - 1.0) * grain;
                    line[at] = (colour.y + noise).clamp(16.0, 235.0) as u8;
                }
            }
        }
    }
}

/// A shape by its distance: how it lies on the texels.
struct Shape<'a> {
    bounds: [f64; 4],
    edge_m: f64,
    distance: Distance<'a>,
}

impl Shape<'_> {
    /// Texels of a tile's side.
    const TILE: i64 = 16;
    /// How much faster than the place a distance may change.
    const STEEPEST: f64 = 1.6;

    /// Calls `change` with each covered texel, how much of it is covered, and its index.
    fn visit(&self, level: &mut Level, planes: usize, metre: f64, mut change: impl FnMut(&mut [u8], f32, (u32, u32))) {
        let [west, east, south, north] = self.bounds;
        let index = |metres: f64| (metres * metre).floor() as i64;
        let (left, right, low, high) = (index(west), index(east), index(south), index(north));
        let edge_m = self.edge_m.max(1.0 / metre);
        let reach = Self::TILE as f64 / metre * std::f64::consts::FRAC_1_SQRT_2 * Self::STEEPEST + edge_m;
        let mask = (1i64 << level.bits) - 1;
        let place = |texel: i64| (texel as f64 + 0.5) / metre;
        for tile_row in (low..=high).step_by(Self::TILE as usize) {
            for tile_column in (left..=right).step_by(Self::TILE as usize) {
                let half = Self::TILE / 2;
                let middle = (self.distance)(place(tile_column + half), place(tile_row + half));
                if middle > reach {
                    continue;
                }
                let inside = middle < -reach;
                for row in tile_row..(tile_row + Self::TILE).min(high + 1) {
                    let line = ((row & mask) as usize) << level.bits;
                    for column in tile_column..(tile_column + Self::TILE).min(right + 1) {
                        let cover = if inside {
                            1.0
                        } else {
                            ((0.5 - (self.distance)(place(column), place(row)) / edge_m) as f32).clamp(0.0, 1.0)
                        };
                        if cover > 0.0 {
                            let at = (line + (column & mask) as usize) * planes;
                            change(&mut level.texels[at..at + planes], cover, (column as u32, row as u32));
                        }
                    }
                }
            }
        }
    }
}

fn halved(level: &Level, planes: usize) -> Level {
    let side = 1usize << (level.bits - 1);
    let mut texels = vec![0u8; side * side * planes];
    for row in 0..side {
        for column in 0..side {
            for plane in 0..planes {
                let at = |dx: usize, dy: usize| {
                    u32::from(level.texels[((2 * row + dy) * 2 * side + 2 * column + dx) * planes + plane])
                };
                let mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4;
                texels[(row * side + column) * planes + plane] = mean as u8;
            }
        }
    }
    Level { bits: level.bits - 1, texels, margin: 0 }
}

/// White noise by place.
#[must_use]
pub fn hash(x: u32, y: u32) -> u8 {
    let mut h = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    h = (h ^ h >> 15).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ h >> 13).wrapping_mul(0x297A_2D39);
    (h >> 24) as u8
}

/// Smooth noise in −1..1 of about `wavelength_m` (which must divide the period), by place.
#[must_use]
pub fn smooth_noise(east: f64, north: f64, wavelength_m: f64, salt: u32) -> f32 {
    let cells = (PERIOD_M / wavelength_m) as u32;
    // Counted from two periods away, so that truncation is the floor.
    let count = |metres: f64| (metres + 2.0 * PERIOD_M) / wavelength_m;
    let (x, y) = (count(east), count(north));
    let (column, row) = (x as u32, y as u32);
    let (fx, fy) = ((x - f64::from(column)) as f32, (y - f64::from(row)) as f32);
    let knot = |dx: u32, dy: u32| {
        let at = hash(((column + dx) % cells) ^ salt, ((row + dy) % cells).wrapping_add(salt));
        f32::from(at) / 127.5 - 1.0
    };
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (ex, ey) = (ease(fx), ease(fy));
    let south = knot(0, 0) + (knot(1, 0) - knot(0, 0)) * ex;
    let north = knot(0, 1) + (knot(1, 1) - knot(0, 1)) * ex;
    south + (north - south) * ey
}
