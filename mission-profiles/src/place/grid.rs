//! Heights of the ground at places that lie evenly in latitude and longitude.

use std::ops::RangeInclusive;

use super::position::Position;

/// Samples from the north-west corner eastwards, then southwards.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// The first sample's longitude
    pub(super) west_deg: f64,
    /// and latitude.
    pub(super) north_deg: f64,
    /// Eastwards and southwards.
    pub(super) step_deg: [f64; 2],
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Metres above mean sea level; not a number where it is not known.
    pub(super) heights_m: Vec<f32>,
}

impl Grid {
    /// The height between the samples round a place. Up to one step beyond the outer ones their height holds: neighbouring files meet so.
    pub(super) fn height_m(&self, place: Position) -> Option<f64> {
        let [column, row] = self.locate(place);
        let (west, east_part) = within(column, self.columns)?;
        let (north, south_part) = within(row, self.rows)?;
        let top = even(self.at(north, west)?, self.at(north, west + 1)?, east_part);
        let bottom = even(self.at(north + 1, west)?, self.at(north + 1, west + 1)?, east_part);
        Some(even(top, bottom, south_part))
    }

    /// The lowest and the highest sample in and round a box; `None` where it leaves the grid, or any of it is not known.
    pub(super) fn range_m(&self, north_west: Position, south_east: Position) -> Option<(f64, f64)> {
        let ([west, north], [east, south]) = (self.locate(north_west), self.locate(south_east));
        let (columns, rows) = (between(west, east, self.columns)?, between(north, south, self.rows)?);
        let mut range = (f64::MAX, f64::MIN);
        for row in rows {
            for column in columns.clone() {
                let height_m = self.at(row, column)?;
                range = (range.0.min(height_m), range.1.max(height_m));
            }
        }
        Some(range)
    }

    /// Columns from the west, rows from the north.
    fn locate(&self, place: Position) -> [f64; 2] {
        let [east, south] = self.step_deg;
        [(place.lon_deg - self.west_deg) / east, (self.north_deg - place.lat_deg) / south]
    }

    fn at(&self, row: usize, column: usize) -> Option<f64> {
        self.heights_m
            .get(row * self.columns + column)
            .map(|height| f64::from(*height))
            .filter(|height| height.is_finite())
    }
}

fn even(from: f64, to: f64, part: f64) -> f64 {
    from * (1.0 - part) + to * part
}

/// The sample before, and how far it is to the next.
fn within(at: f64, count: usize) -> Option<(usize, f64)> {
    let last = last(count);
    if !(-1.0..=last + 1.0).contains(&at) {
        return None;
    }
    let at = at.clamp(0.0, last);
    let before = at.floor().min(last - 1.0);
    Some((index(before), at - before))
}

fn between(from: f64, to: f64, count: usize) -> Option<RangeInclusive<usize>> {
    let last = last(count);
    (from >= -1.0 && to <= last + 1.0 && from <= to)
        .then(|| index(from.floor().clamp(0.0, last))..=index(to.ceil().clamp(0.0, last)))
}

fn last(count: usize) -> f64 {
    // Some thousands.
    #[allow(clippy::cast_precision_loss)]
    let last = count as f64 - 1.0;
    last
}

// Clamped to the grid: whole, and not below 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn index(at: f64) -> usize {
    at as usize
}
