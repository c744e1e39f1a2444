//! The ground and the sky behind everything: each pixel looks up where its ray meets the ground.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "texel arithmetic: every index is masked to the map's size"
)]

use super::canvas::Canvas;
use super::colour::Colour;
use super::ground::{Ground, Level};
use super::view::View;
use super::village::PERIOD_M;

/// Pixels between exact rays; between them the ground is stepped linearly.
const BLOCK: usize = 8;
const SKY: Colour = Colour::rgb(126, 170, 220);
const HAZE: Colour = Colour::rgb(196, 206, 214);
/// Distance over which the air hides about two thirds of what is behind it, m.
const HAZE_M: f64 = 2600.0;
/// Rays flatter than this do not meet the ground.
const HORIZON: f64 = 0.004;

/// What a ray meets.
#[derive(Clone, Copy)]
struct Hit {
    /// Metres east and north.
    east: f64,
    north: f64,
    /// log2 of the metres between neighbouring pixels there.
    scale: f32,
    /// 0 clear, 256 nothing but haze.
    haze: i32,
}

/// Draws ground and sky over the whole picture.
pub fn draw(canvas: &mut Canvas, view: &View, ground: &Ground) {
    let (width, height) = (canvas.width(), canvas.height());
    let (luma, blue, red) = canvas.planes_mut();
    for line in 0..height {
        let row = &mut luma[line * width..(line + 1) * width];
        luma_line(row, view, ground, line as f64 + 0.5);
    }
    let half = width / 2;
    for (line, (blue, red)) in blue
        .chunks_exact_mut(half)
        .zip(red.chunks_exact_mut(half))
        .enumerate()
    {
        chroma_line(blue, red, view, ground, (2 * line) as f64 + 1.0);
    }
}

fn hit(view: &View, u: f64, v: f64) -> Option<Hit> {
    let ray = view.ray(u, v);
    let slope = ray.z / ray.norm();
    if slope < HORIZON {
        return None;
    }
    let reach = -view.position.z / ray.z;
    let distance = reach * ray.norm();
    // Between the pixel's size across the view and its size along it, which grazing stretches.
    let scale = (distance / view.focal_px / slope.sqrt()).log2() as f32;
    let haze = ((1.0 - (-distance / HAZE_M).exp()) * 256.0) as i32;
    Some(Hit {
        east: view.position.y + reach * ray.y,
        north: view.position.x + reach * ray.x,
        scale,
        haze,
    })
}

fn sky(view: &View, u: f64, v: f64) -> Colour {
    let ray = view.ray(u, v);
    let up = (-ray.z / ray.norm()).clamp(0.0, 1.0) as f32;
    HAZE.mix(SKY, (up * 4.0).min(1.0))
}

fn luma_line(row: &mut [u8], view: &View, ground: &Ground, v: f64) {
    let mut left = hit(view, 0.5, v);
    for (block, pixels) in row.chunks_mut(BLOCK).enumerate() {
        let u = (block * BLOCK) as f64 + 0.5;
        let right = hit(view, u + pixels.len() as f64, v);
        match (left, right) {
            (Some(from), Some(to)) => {
                let level = level_of(
                    &ground.luma,
                    ground.texels_per_metre(),
                    from.scale.max(to.scale),
                );
                let (mut at, step) = walk(&from, &to, pixels.len(), level.bits);
                let haze = from.haze;
                for pixel in pixels {
                    let value = bilinear(level, at);
                    *pixel = (value + (((HAZE.y as i32 - value) * haze) >> 8)) as u8;
                    at = (at.0.wrapping_add(step.0), at.1.wrapping_add(step.1));
                }
            }
            _ => pixels.fill(sky(view, u + 4.0, v).y as u8),
        }
        left = right;
    }
}

fn chroma_line(blue: &mut [u8], red: &mut [u8], view: &View, ground: &Ground, v: f64) {
    let mut left = hit(view, 1.0, v);
    for (block, (blue, red)) in blue
        .chunks_mut(BLOCK)
        .zip(red.chunks_mut(BLOCK))
        .enumerate()
    {
        let u = (block * BLOCK * 2) as f64 + 1.0;
        let right = hit(view, u + 2.0 * blue.len() as f64, v);
        match (left, right) {
            (Some(from), Some(to)) => {
                let level = level_of(
                    &ground.chroma,
                    ground.texels_per_metre() / 2.0,
                    from.scale.max(to.scale) + 1.0,
                );
                let (mut at, step) = walk(&from, &to, blue.len(), level.bits);
                for (blue, red) in blue.iter_mut().zip(red) {
                    let index = texel(level, at.0 >> 16, at.1 >> 16) * 2;
                    let hazed = |value: u8, haze: f32| {
                        let value = i32::from(value);
                        (value + (((haze as i32 - value) * from.haze) >> 8)) as u8
                    };
                    *blue = hazed(level.texels[index], HAZE.cb);
                    *red = hazed(level.texels[index + 1], HAZE.cr);
                    at = (at.0.wrapping_add(step.0), at.1.wrapping_add(step.1));
                }
            }
            _ => {
                let colour = sky(view, u + 8.0, v);
                blue.fill(colour.cb as u8);
                red.fill(colour.cr as u8);
            }
        }
        left = right;
    }
}

/// The level whose texels are about as large as pixels are there.
fn level_of(levels: &[Level], texels_per_metre: f64, scale: f32) -> &Level {
    let fine = scale + (texels_per_metre.log2() as f32) + 0.35;
    &levels[(fine.max(0.0) as usize).min(levels.len() - 1)]
}

/// Texel coordinates in 16.16 at `from`, and the step from pixel to pixel towards `to`.
fn walk(from: &Hit, to: &Hit, pixels: usize, bits: u32) -> ((i32, i32), (i32, i32)) {
    // Texels of this level to a metre: the map's sides are the same stretch of ground at every level.
    let side = f64::from(1u32 << bits);
    let metre = side / PERIOD_M;
    let fixed = |metres: f64| ((metres * metre - 0.5).rem_euclid(side) * 65536.0) as i64 as i32;
    let step = |from: f64, to: f64| ((to - from) * metre * 65536.0 / pixels as f64) as i64 as i32;
    (
        (fixed(from.east), fixed(from.north)),
        (step(from.east, to.east), step(from.north, to.north)),
    )
}

#[inline(always)]
fn texel(level: &Level, x: i32, y: i32) -> usize {
    let mask = (1i32 << level.bits) - 1;
    ((y & mask) as usize) << level.bits | (x & mask) as usize
}

#[inline(always)]
fn bilinear(level: &Level, (x, y): (i32, i32)) -> i32 {
    let (column, row) = (x >> 16, y >> 16);
    let (fx, fy) = (x >> 8 & 0xFF, y >> 8 & 0xFF);
    let at = |dx: i32, dy: i32| i32::from(level.texels[texel(level, column + dx, row + dy)]);
    let south = (at(0, 0) << 8) + (at(1, 0) - at(0, 0)) * fx;
    let north = (at(0, 1) << 8) + (at(1, 1) - at(0, 1)) * fx;
    ((south << 8) + (north - south) * fy) >> 16
}
