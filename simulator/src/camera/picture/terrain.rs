//! The ground and the sky behind everything: each pixel looks up where its ray meets the ground.
//!
//! Along a line of the picture rays change linearly, so a block of [`BLOCK`] pixels costs one division: its ends are exact, between them the
//! ground is stepped in 16.16. How large texels must be and how thick the haze is changes slowly: once every [`SPAN`] blocks.
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
use crate::maths::Vec3;

/// Pixels between exact rays.
const BLOCK: usize = 8;
/// Blocks between looks at scale and haze.
const SPAN: usize = 8;
const SKY: Colour = Colour::rgb(126, 170, 220);
const HAZE: Colour = Colour::rgb(196, 206, 214);
/// Distance over which the air hides about two thirds of what is behind it, m.
const HAZE_M: f64 = 2600.0;
/// Rays flatter than this do not meet the ground.
const HORIZON: f64 = 0.004;

/// Draws ground and sky over the whole picture.
pub fn draw(canvas: &mut Canvas, view: &View, ground: &Ground) {
    let (width, height) = (canvas.width(), canvas.height());
    let (luma, blue, red) = canvas.planes_mut();
    for line in 0..height {
        let row = &mut luma[line * width..(line + 1) * width];
        luma_line(row, view, ground, line as f64 + 0.5);
    }
    let half = width / 2;
    let lines = blue.chunks_exact_mut(half).zip(red.chunks_exact_mut(half));
    for (line, (blue, red)) in lines.enumerate() {
        chroma_line(blue, red, view, ground, (2 * line) as f64 + 1.0);
    }
}

/// Where on the ground a line's rays fall, block by block.
struct Line<'a> {
    view: &'a View,
    /// Ray of the block's first sample, and its change from block to block.
    ray: Vec3,
    step: Vec3,
    /// East and north of that ray's foot; none in the sky.
    foot: Option<(f64, f64)>,
    /// Slope below which a ray is sky, times the rays' length hereabouts.
    flattest: f64,
    spacing_px: f64,
}

/// What is the same for [`SPAN`] blocks.
#[derive(Clone, Copy)]
struct Air {
    /// Metres from one sample to the next, as log2.
    scale: f32,
    /// 0 clear, 256 nothing but haze.
    haze: i32,
}

impl<'a> Line<'a> {
    /// The line at `v` whose samples are `spacing_px` apart.
    fn new(view: &'a View, v: f64, spacing_px: f64) -> Self {
        let ray = view.ray(spacing_px / 2.0, v);
        let step = view.axes[1] * (spacing_px * BLOCK as f64 / view.focal_px);
        let mut line = Self { view, ray, step, foot: None, flattest: 0.0, spacing_px };
        line.flattest = HORIZON * ray.norm();
        line.foot = line.foot_of(ray);
        line
    }

    fn foot_of(&self, ray: Vec3) -> Option<(f64, f64)> {
        let at = self.view.position;
        let reach = -at.z / ray.z;
        (ray.z > self.flattest).then_some((at.y + reach * ray.y, at.x + reach * ray.x))
    }

    /// Scale and haze about the present block.
    fn air(&mut self) -> Air {
        let middle = self.ray + self.step * (SPAN as f64 / 2.0);
        let length = middle.norm();
        self.flattest = HORIZON * length;
        let slope = (middle.z / length).max(HORIZON);
        let distance = -self.view.position.z / slope;
        // Between the sample's size across the view and its size along it, which grazing stretches.
        let metres = distance * self.spacing_px / self.view.focal_px / slope.sqrt();
        let haze = ((1.0 - (-distance / HAZE_M).exp()) * 256.0) as i32;
        Air { scale: metres.log2() as f32, haze }
    }

    /// Moves on by a block and returns where it began and ends on the ground.
    fn block(&mut self) -> Option<[(f64, f64); 2]> {
        let from = self.foot;
        self.ray += self.step;
        self.foot = self.foot_of(self.ray);
        Some([from?, self.foot?])
    }

    fn sky(&self) -> Colour {
        let ray = self.ray - self.step * 0.5;
        let up = (-ray.z / ray.norm()).clamp(0.0, 1.0) as f32;
        HAZE.mix(SKY, (up * 4.0).min(1.0))
    }
}

fn luma_line(row: &mut [u8], view: &View, ground: &Ground, v: f64) {
    let mut line = Line::new(view, v, 1.0);
    for span in row.chunks_mut(BLOCK * SPAN) {
        let air = line.air();
        let level = level_of(&ground.luma, ground.texels_per_metre(), air.scale);
        for pixels in span.chunks_mut(BLOCK) {
            let Some(ends) = line.block() else {
                pixels.fill(line.sky().y as u8);
                continue;
            };
            let (at, step) = walk(ends, level.bits);
            sample(pixels, level, at, step, air.haze);
        }
    }
}

fn chroma_line(blue: &mut [u8], red: &mut [u8], view: &View, ground: &Ground, v: f64) {
    let mut line = Line::new(view, v, 2.0);
    let spans = blue.chunks_mut(BLOCK * SPAN).zip(red.chunks_mut(BLOCK * SPAN));
    for (blue, red) in spans {
        let air = line.air();
        let level = level_of(&ground.chroma, ground.texels_per_metre() / 2.0, air.scale);
        for (blue, red) in blue.chunks_mut(BLOCK).zip(red.chunks_mut(BLOCK)) {
            let Some(ends) = line.block() else {
                let colour = line.sky();
                blue.fill(colour.cb as u8);
                red.fill(colour.cr as u8);
                continue;
            };
            let (mut at, step) = walk(ends, level.bits);
            for (blue, red) in blue.iter_mut().zip(red) {
                let index = texel(level, at.0 >> 16, at.1 >> 16) * 2;
                *blue = hazed(i32::from(level.texels[index]), HAZE.cb as i32, air.haze);
                *red = hazed(i32::from(level.texels[index + 1]), HAZE.cr as i32, air.haze);
                at = (at.0.wrapping_add(step.0), at.1.wrapping_add(step.1));
            }
        }
    }
}

#[inline(always)]
fn hazed(value: i32, haze: i32, thickness: i32) -> u8 {
    (value + (((haze - value) * thickness) >> 8)) as u8
}

/// The level whose texels are about as large as samples are there.
fn level_of(levels: &[Level], texels_per_metre: f64, scale: f32) -> &Level {
    let fine = scale + (texels_per_metre.log2() as f32) + 0.35;
    &levels[(fine.max(0.0) as usize).min(levels.len() - 1)]
}

/// Texel coordinates in 16.16 at a block's beginning, and the step from sample to sample towards its end. They wrap with the map.
fn walk([from, to]: [(f64, f64); 2], bits: u32) -> ((i32, i32), (i32, i32)) {
    let metre = f64::from(1u32 << bits) / PERIOD_M;
    let mask = (1i64 << (bits + 16)) - 1;
    let fixed = |metres: f64| (((metres * metre - 0.5) * 65536.0) as i64 & mask) as i32;
    let step = |from: f64, to: f64| ((to - from) * metre * (65536.0 / BLOCK as f64)) as i64 as i32;
    ((fixed(from.0), fixed(from.1)), (step(from.0, to.0), step(from.1, to.1)))
}

#[inline(always)]
fn texel(level: &Level, x: i32, y: i32) -> usize {
    let mask = (1i32 << level.bits) - 1;
    (((y & mask) as usize) << level.bits) | (x & mask) as usize
}

/// The luma of a block. Kept apart, so that all it needs stays in registers.
#[inline(never)]
fn sample(pixels: &mut [u8], level: &Level, at: (i32, i32), step: (i32, i32), haze: i32) {
    let mask = (1u32 << level.bits) - 1;
    let stride = level.stride();
    let texels = level.texels.as_slice();
    let (mut x, mut y) = (at.0.cast_unsigned(), at.1.cast_unsigned());
    let (dx, dy) = (step.0.cast_unsigned(), step.1.cast_unsigned());
    let (thickness, veil) = (haze.cast_unsigned(), HAZE.y as u32 * haze.cast_unsigned());
    for pixel in pixels {
        let at = ((y >> 16) & mask) as usize * stride + ((x >> 16) & mask) as usize;
        let (fx, fy) = ((x >> 8) & 0xFF, (y >> 8) & 0xFF);
        // Two lanes of a word: the western and the eastern texel.
        let lanes = |at: usize| {
            let pair = &texels[at..at + 2];
            u32::from(u16::from_le_bytes([pair[0], pair[1]]))
        };
        let spread = |pair: u32| (pair | pair << 8) & 0x00FF_00FF;
        let (south, north) = (spread(lanes(at)), spread(lanes(at + stride)));
        let both = ((south * (256 - fy) + north * fy) >> 8) & 0x00FF_00FF;
        let value = ((both & 0xFF) * (256 - fx) + (both >> 16) * fx) >> 8;
        *pixel = ((value * (256 - thickness) + veil) >> 8) as u8;
        x = x.wrapping_add(dx);
        y = y.wrapping_add(dy);
    }
}
