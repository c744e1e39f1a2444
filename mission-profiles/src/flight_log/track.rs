//! The way flown, thinned out so that it stays small however long the flight.

use super::Sample;
use crate::place::{Position, inverse};

/// Points kept at most; beyond them every other one goes.
const MOST: usize = 400;
/// Points are so far apart at first, metres.
const APART_M: f64 = 5.0;

/// A way being flown.
#[derive(Debug)]
pub(super) struct Track {
    apart_m: f64,
    points: Vec<[f64; 3]>,
    last: Option<Position>,
}

impl Track {
    pub(super) fn new() -> Self {
        Self { apart_m: APART_M, points: Vec::new(), last: None }
    }

    /// Takes where it is, when that is far enough from the last point.
    pub(super) fn take(&mut self, sample: &Sample) {
        let Some(position) = sample.position else { return };
        if self.last.is_some_and(|last| inverse(last, position).distance_m < self.apart_m) {
            return;
        }
        if self.points.len() >= MOST {
            let mut nth = 0_usize;
            self.points.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.apart_m *= 2.0;
        }
        self.last = Some(position);
        let round = |value: f64, to: f64| (value * to).round() / to;
        let height_m = round(sample.height_m.unwrap_or(0.0), 10.0);
        self.points.push([round(position.lat_deg, 1e6), round(position.lon_deg, 1e6), height_m]);
    }

    pub(super) fn points(self) -> Vec<[f64; 3]> {
        self.points
    }
}
