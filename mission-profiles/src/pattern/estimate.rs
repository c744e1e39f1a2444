//! How far, how long, how many batteries, how much footage.

use super::Waypoint;
use crate::place::{Position, inverse};

/// What the aircraft and the recording do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    /// Between waypoints, metres a second.
    pub speed_ms: f64,
    /// Up and down, metres a second.
    pub climb_ms: f64,
    /// What a turn at a waypoint costs, seconds.
    pub turn_s: f64,
    /// In the air on a full battery, less its reserve, seconds.
    pub usable_s: f64,
    /// Of footage, kilobits a second.
    pub bitrate_kbps: u32,
}

/// What a pattern takes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// From home through the waypoints and home, metres over the ground.
    pub distance_m: f64,
    /// Seconds.
    pub duration_s: f64,
    /// Batteries.
    pub batteries: u32,
    /// Of footage, bytes.
    pub footage_bytes: u64,
}

/// What it takes to fly `waypoints` from `home` and back.
#[must_use]
pub fn estimate(home: Position, waypoints: &[Waypoint], performance: &Performance) -> Estimate {
    let (distance_m, duration_s) = flown(home, waypoints, performance);
    // Hours at most, and bitrates of megabits: far below 2⁶³; never below 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let footage_bytes = (duration_s * f64::from(performance.bitrate_kbps) * 125.0) as u64;
    let batteries =
        u32::try_from(split(home, waypoints, performance).map_or(0, |parts| parts.len())).unwrap_or(u32::MAX);
    Estimate { distance_m, duration_s, batteries, footage_bytes }
}

fn flown(home: Position, waypoints: &[Waypoint], performance: &Performance) -> (f64, f64) {
    let Some(first) = waypoints.first() else { return (0.0, 0.0) };
    let last = waypoints.last().unwrap_or(first);
    let up_s = (first.height_m + last.height_m) / performance.climb_ms.max(0.1);
    let mut total = leg(home, first.position, 0.0, performance);
    let back = leg(last.position, home, 0.0, performance);
    for pair in waypoints.windows(2) {
        let next = leg(pair[0].position, pair[1].position, pair[1].height_m - pair[0].height_m, performance);
        total = (total.0 + next.0, total.1 + next.1);
    }
    (total.0 + back.0, total.1 + back.1 + up_s)
}

fn leg(from: Position, to: Position, up_m: f64, performance: &Performance) -> (f64, f64) {
    let distance_m = inverse(from, to).distance_m;
    let level_s = distance_m / performance.speed_ms.max(0.1);
    (distance_m, level_s.max(up_m.abs() / performance.climb_ms.max(0.1)) + performance.turn_s)
}

/// The waypoints split so that each part, with the way out and home, lasts no longer than a battery; each part begins where the last ended.
/// `None` when two neighbours alone take longer.
#[must_use]
pub fn split(home: Position, waypoints: &[Waypoint], performance: &Performance) -> Option<Vec<Vec<Waypoint>>> {
    let lasts = |part: &[Waypoint]| flown(home, part, performance).1 <= performance.usable_s;
    let mut parts = Vec::new();
    let mut rest = waypoints;
    while !rest.is_empty() {
        if lasts(rest) {
            parts.push(rest.to_vec());
            break;
        }
        // The longest part that lasts: more waypoints never take less time.
        let (mut low, mut high) = (1, rest.len());
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if lasts(&rest[..middle]) { low = middle } else { high = middle }
        }
        if low < 2 {
            return None;
        }
        parts.push(rest[..low].to_vec());
        rest = &rest[low - 1..];
    }
    Some(parts)
}
