//! Lines to and fro over an area, so far apart that the pictures overlap: survey grid, parallel track, creeping line.

use super::plane::{Flat, Plane, turned, turned_back};
use super::{Camera, MAX_WAYPOINTS, PatternError, Waypoint, checked};
use crate::place::Position;
use crate::zones::crosses_itself;

/// What a survey keeps to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survey {
    /// Above the ground, metres.
    pub height_m: f64,
    /// Of neighbouring pictures along a line, per cent.
    pub overlap_percent: f64,
    /// Of neighbouring lines, per cent.
    pub sidelap_percent: f64,
    /// The lines' direction, degrees from north; the one that needs the fewest lines, where nothing is said.
    pub azimuth_deg: Option<f64>,
    /// What looks down.
    pub camera: Camera,
}

impl Survey {
    /// Between lines, metres.
    #[must_use]
    pub fn spacing_m(&self) -> f64 {
        self.camera.across_m(self.height_m) * (1.0 - self.sidelap_percent / 100.0)
    }

    /// Between pictures, metres.
    #[must_use]
    pub fn trigger_m(&self) -> f64 {
        self.camera.along_m(self.height_m) * (1.0 - self.overlap_percent / 100.0)
    }
}

/// The lines over `area` (its corners, in either direction).
///
/// Every place of the area lies within half the spacing of a line; no line leaves the area by more than half the spacing.
///
/// # Errors
/// When the area has no inside, is too large, or needs more waypoints than a vehicle takes.
pub fn survey(area: &[Position], survey: &Survey) -> Result<Vec<Waypoint>, PatternError> {
    survey.camera.check()?;
    checked("height_m", survey.height_m, 1.0, 500.0)?;
    checked("overlap_percent", survey.overlap_percent, 0.0, 95.0)?;
    checked("sidelap_percent", survey.sidelap_percent, 0.0, 95.0)?;
    tracks(area, survey.spacing_m(), survey.height_m, survey.azimuth_deg, 0.0)
}

/// Parallel track (IAMSAR Manual vol. II, 5.3): legs along the area's longer side, where no direction is said, `spacing_m` apart at most, the
/// first half of that inside.
///
/// # Errors
/// When a number makes no sense, the area has no inside, is too large, or needs more waypoints than a vehicle takes.
pub fn parallel_track(
    area: &[Position],
    spacing_m: f64,
    height_m: f64,
    azimuth_deg: Option<f64>,
) -> Result<Vec<Waypoint>, PatternError> {
    checked("spacing_m", spacing_m, 1.0, 10_000.0)?;
    checked("height_m", height_m, 1.0, 500.0)?;
    tracks(area, spacing_m, height_m, azimuth_deg, 0.0)
}

/// Creeping line (IAMSAR Manual vol. II, 5.3): the same with short legs across the area, so that the search creeps along its longer side.
///
/// # Errors
/// As [`parallel_track`].
pub fn creeping_line(
    area: &[Position],
    spacing_m: f64,
    height_m: f64,
    azimuth_deg: Option<f64>,
) -> Result<Vec<Waypoint>, PatternError> {
    checked("spacing_m", spacing_m, 1.0, 10_000.0)?;
    checked("height_m", height_m, 1.0, 500.0)?;
    tracks(area, spacing_m, height_m, azimuth_deg, 90.0)
}

/// Legs to and fro in the direction that is said, else in the one in which the fewest are needed, turned by `turn_deg`.
fn tracks(
    area: &[Position],
    spacing_m: f64,
    height_m: f64,
    azimuth_deg: Option<f64>,
    turn_deg: f64,
) -> Result<Vec<Waypoint>, PatternError> {
    if area.len() < 3 {
        return Err(PatternError::Corners(area.len()));
    }
    let (plane, ring) = Plane::of(area)?;
    if crosses_itself(&ring) {
        return Err(PatternError::Crosses);
    }
    let azimuth_deg = match azimuth_deg {
        Some(azimuth_deg) => checked("azimuth_deg", azimuth_deg, -360.0, 360.0)?,
        None => narrowest(&ring) + turn_deg,
    };
    let ring: Vec<_> = ring.iter().map(|corner| turned(*corner, azimuth_deg)).collect();
    let lines = lines(&ring, spacing_m)?;
    let waypoint = |flat: Flat| {
        let position = plane.position(turned_back(flat, azimuth_deg));
        Waypoint { position, height_m, heading_deg: None }
    };
    Ok(lines.into_iter().flatten().map(waypoint).collect())
}

/// Lines along the first axis, strip by strip, to and fro.
fn lines(ring: &[Flat], spacing_m: f64) -> Result<Vec<[Flat; 2]>, PatternError> {
    let (low, high) = bounds(ring.iter().map(|corner| corner[1]));
    // Bounded by the check below.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let strips = ((high - low) / spacing_m).ceil().clamp(1.0, 1e6) as usize;
    if strips * 2 > MAX_WAYPOINTS {
        return Err(PatternError::TooMany);
    }
    // Even strips over the whole breadth, none wider than the spacing.
    #[allow(clippy::cast_precision_loss)]
    let (width_m, of) = ((high - low) / strips as f64, |i: usize| i as f64);
    let mut lines = Vec::new();
    for strip in 0..strips {
        let bottom = low + of(strip) * width_m;
        let mut ranges = ranges(ring, bottom, bottom + width_m);
        let beside = bottom + width_m / 2.0;
        let back = strip % 2 == 1;
        if back {
            ranges.reverse();
        }
        let line =
            |(from, to): (f64, f64)| if back { [[to, beside], [from, beside]] } else { [[from, beside], [to, beside]] };
        lines.extend(ranges.into_iter().map(line));
        if lines.len() * 2 > MAX_WAYPOINTS {
            return Err(PatternError::TooMany);
        }
    }
    Ok(lines)
}

/// Where, along the first axis, the area has something between `bottom` and `top`: its edges there, and what is inside at both rims.
fn ranges(ring: &[Flat], bottom: f64, top: f64) -> Vec<(f64, f64)> {
    let edges = || ring.iter().zip(ring.iter().cycle().skip(1));
    let mut parts: Vec<(f64, f64)> = edges().filter_map(|(a, b)| clipped(*a, *b, bottom, top)).collect();
    for rim in [bottom, top] {
        let mut crossings: Vec<f64> = edges()
            .filter(|(a, b)| (a[1] <= rim) != (b[1] <= rim))
            .map(|(a, b)| a[0] + (b[0] - a[0]) * (rim - a[1]) / (b[1] - a[1]))
            .collect();
        crossings.sort_by(f64::total_cmp);
        parts.extend(crossings.chunks_exact(2).map(|pair| (pair[0], pair[1])));
    }
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut apart: Vec<(f64, f64)> = Vec::new();
    for (from, to) in parts {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// The part of an edge between two rims, along the first axis.
fn clipped(a: Flat, b: Flat, bottom: f64, top: f64) -> Option<(f64, f64)> {
    let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
    if low[1] > top || high[1] < bottom {
        return None;
    }
    let at = |rim: f64| low[0] + (high[0] - low[0]) * ((rim - low[1]) / (high[1] - low[1]));
    let from = if low[1] < bottom { at(bottom) } else { low[0] };
    let to = if high[1] > top { at(top) } else { high[0] };
    Some((from.min(to), from.max(to)))
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}

/// The direction of the edge along which the area is narrowest.
fn narrowest(ring: &[Flat]) -> f64 {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let azimuths = edges.map(|(a, b)| (b[0] - a[0]).atan2(b[1] - a[1]).to_degrees());
    let breadth = |azimuth_deg: &f64| {
        let (low, high) = bounds(ring.iter().map(|corner| turned(*corner, *azimuth_deg)[1]));
        high - low
    };
    azimuths.min_by(|a, b| breadth(a).total_cmp(&breadth(b))).unwrap_or(0.0)
}
