//! Filling shapes into the planes of a picture.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel arithmetic: every span is clamped to the picture"
)]

use super::canvas::Canvas;
use super::colour::Colour;
use super::view::{Seen, View};

/// What is nearer than this is cut off, m.
const NEAR_M: f64 = 0.4;
/// Most corners of a shape, after cutting.
const CORNERS_MAX: usize = 24;

/// Fills the convex polygon of `corners` (camera axes) with `colour`; `opacity` below 1 lets the ground through.
pub fn polygon(canvas: &mut Canvas, view: &View, corners: &[Seen], colour: Colour, opacity: f32) {
    let mut points = [(0.0f32, 0.0f32); CORNERS_MAX];
    let mut count = 0;
    for (i, &here) in corners.iter().enumerate() {
        let next = corners[(i + 1) % corners.len()];
        let mut add = |seen: Seen| {
            if count < CORNERS_MAX {
                points[count] = view.project(seen);
                count += 1;
            }
        };
        if here.x >= NEAR_M {
            add(here);
        }
        if (here.x >= NEAR_M) != (next.x >= NEAR_M) {
            add(here.lerp(next, (NEAR_M - here.x) / (next.x - here.x)));
        }
    }
    if count >= 3 {
        fill(canvas, &points[..count], colour, opacity);
    }
}

/// Fills a disc on the screen.
pub fn disc(canvas: &mut Canvas, (x, y): (f32, f32), radius: f32, colour: Colour, opacity: f32) {
    let (top, bottom) = ((y - radius).max(0.0) as usize, (y + radius).clamp(0.0, canvas.height() as f32) as usize);
    for line in top..bottom {
        let dy = line as f32 + 0.5 - y;
        let half = (radius * radius - dy * dy).max(0.0).sqrt();
        span(canvas, line, x - half, x + half, colour, opacity);
    }
}

fn fill(canvas: &mut Canvas, points: &[(f32, f32)], colour: Colour, opacity: f32) {
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for &(_, y) in points {
        low = low.min(y);
        high = high.max(y);
    }
    let top = (low - 0.5).ceil().max(0.0) as usize;
    let bottom = ((high - 0.5).floor() + 1.0).clamp(0.0, canvas.height() as f32) as usize;
    for line in top..bottom {
        let y = line as f32 + 0.5;
        let (mut left, mut right) = (f32::INFINITY, f32::NEG_INFINITY);
        for (i, &(x0, y0)) in points.iter().enumerate() {
            let (x1, y1) = points[(i + 1) % points.len()];
            if (y0 <= y) != (y1 <= y) {
                let x = x0 + (x1 - x0) * (y - y0) / (y1 - y0);
                left = left.min(x);
                right = right.max(x);
            }
        }
        span(canvas, line, left, right, colour, opacity);
    }
}

/// Fills `left..right` of a line; the pixels at the ends by how much of them is covered.
fn span(canvas: &mut Canvas, line: usize, left: f32, right: f32, colour: Colour, opacity: f32) {
    let width = canvas.width();
    let (left, right) = (left.max(0.0), right.min(width as f32));
    if left >= right {
        return;
    }
    let (first, last) = (left as usize, (right.ceil() as usize).min(width));
    let (luma, blue, red) = canvas.planes_mut();
    let row = &mut luma[line * width + first..line * width + last];
    let count = row.len();
    if opacity >= 1.0 && count > 2 {
        row[1..count - 1].fill(colour.y as u8);
    } else if count > 2 {
        row[1..count - 1].iter_mut().for_each(|pixel| blend(pixel, colour.y, opacity));
    }
    if count == 1 {
        blend(&mut row[0], colour.y, (right - left) * opacity);
    } else {
        blend(&mut row[0], colour.y, (first as f32 + 1.0 - left) * opacity);
        blend(&mut row[count - 1], colour.y, (right - (last as f32 - 1.0)) * opacity);
    }
    if line.is_multiple_of(2) {
        // A chroma sample covers two pixels: the shape takes those it covers the most of.
        let start = line / 2 * (width / 2);
        let (first, last) = ((left / 2.0 + 0.5) as usize, ((right / 2.0 + 0.5) as usize).min(width / 2));
        if first < last {
            for (plane, value) in [(blue, colour.cb), (red, colour.cr)] {
                let row = &mut plane[start + first..start + last];
                if opacity >= 1.0 {
                    row.fill(value as u8);
                } else {
                    row.iter_mut().for_each(|sample| blend(sample, value, opacity));
                }
            }
        }
    }
}

fn blend(pixel: &mut u8, value: f32, alpha: f32) {
    let old = f32::from(*pixel);
    *pixel = (old + (value - old) * alpha) as u8;
}
