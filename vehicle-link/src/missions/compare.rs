//! Whether a plan that was read back is the plan that was sent.
//!
//! Autopilots store plans in their own way: heights in centimetres, parameters in fewer bits, NaN as 0, the integer frames as
//! their older twins. What flies the same is the same; anything else is named.

use super::Item;

/// Heights may come back rounded by this, m.
const HEIGHT_TOLERANCE_M: f32 = 0.01;
/// Positions may come back rounded by this, 1e-7 degrees (about 1 cm).
const POSITION_TOLERANCE: u32 = 1;
/// Parameters may come back rounded by this part of themselves.
const PARAM_TOLERANCE: f32 = 0.01;

/// One way in which the plans differ.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Difference {
    /// Another number of items.
    #[error("{sent} items were sent, {held} came back")]
    Count {
        /// Sent.
        sent: usize,
        /// Read back.
        held: usize,
    },
    /// An item that would fly otherwise.
    #[error("item {seq}: {what} was sent as {sent}, and came back as {held}")]
    Item {
        /// Its number, from 0.
        seq: usize,
        /// The field.
        what: &'static str,
        /// As sent.
        sent: f64,
        /// As read back.
        held: f64,
    },
}

/// What would fly otherwise in the plan `held` by the vehicle than in the one `sent`.
pub fn differences(sent: &[Item], held: &[Item]) -> Vec<Difference> {
    if sent.len() != held.len() {
        return vec![Difference::Count { sent: sent.len(), held: held.len() }];
    }
    sent.iter().zip(held).enumerate().filter_map(|(seq, (sent, held))| differs(seq, sent, held)).collect()
}

fn differs(seq: usize, sent: &Item, held: &Item) -> Option<Difference> {
    let unlike = |what, sent: f64, held: f64| Some(Difference::Item { seq, what, sent, held });
    if sent.command != held.command {
        return unlike("the command", f64::from(sent.command), f64::from(held.command));
    }
    // An item that is nowhere keeps no frame, no position and no height on some autopilots.
    if sent.position().is_some() || held.position().is_some() {
        if !is_outline(sent) && older_twin(sent.frame) != older_twin(held.frame) {
            return unlike("the frame", f64::from(sent.frame), f64::from(held.frame));
        }
        for (what, a, b) in [("the latitude", sent.x, held.x), ("the longitude", sent.y, held.y)] {
            if a.abs_diff(b) > POSITION_TOLERANCE {
                return unlike(what, f64::from(a) / 1e7, f64::from(b) / 1e7);
            }
        }
        if !is_outline(sent) && (or_zero(sent.z) - or_zero(held.z)).abs() > HEIGHT_TOLERANCE_M {
            return unlike("the height", f64::from(sent.z), f64::from(held.z));
        }
    }
    let names = ["parameter 1", "parameter 2", "parameter 3", "parameter 4"];
    for ((what, a), b) in names.into_iter().zip(sent.params).zip(held.params) {
        if (or_zero(a) - or_zero(b)).abs() > PARAM_TOLERANCE * or_zero(a).abs().max(1.0) {
            return unlike(what, f64::from(a), f64::from(b));
        }
    }
    None
}

/// Fence polygons and circles are lines on the ground: autopilots keep no height for them.
fn is_outline(item: &Item) -> bool {
    (5001..=5004).contains(&item.command)
}

/// NaN is "use the default"; autopilots hand it back as 0.
fn or_zero(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value }
}

/// The `_INT` frames mean what their twins without it mean.
fn older_twin(frame: u8) -> u8 {
    match frame {
        5 => 0,
        6 => 3,
        11 => 10,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waypoint() -> Item {
        Item {
            frame: 3,
            command: 16,
            autocontinue: 1,
            params: [2.0, 0.0, 0.0, f32::NAN],
            x: 515_000_000,
            y: -19_000_000,
            z: 45.0,
        }
    }

    #[test]
    fn what_an_autopilot_rounds_is_no_difference() {
        let rounded = Item { frame: 6, params: [2.001, 0.0, 0.0, 0.0], x: 515_000_001, z: 45.005, ..waypoint() };
        assert_eq!(differences(&[waypoint()], &[rounded]), []);
    }

    #[test]
    fn a_fence_has_no_height() {
        let corner = Item { command: 5001, params: [4.0, 0.0, 0.0, 0.0], z: 0.0, ..waypoint() };
        assert_eq!(differences(&[corner], &[Item { frame: 0, z: 12.0, ..corner }]), []);
    }

    #[test]
    fn what_would_fly_otherwise_is_named() {
        let w = waypoint();
        for (held, field) in [
            (Item { command: 17, ..w }, "the command"),
            (Item { frame: 0, ..w }, "the frame"),
            (Item { x: w.x + 20, ..w }, "the latitude"),
            (Item { y: w.y - 20, ..w }, "the longitude"),
            (Item { z: 44.0, ..w }, "the height"),
            (Item { params: [3.0, 0.0, 0.0, 0.0], ..w }, "parameter 1"),
            (Item { params: [2.0, 0.0, 0.0, 90.0], ..w }, "parameter 4"),
        ] {
            let found = differences(&[w], &[held]);
            assert!(matches!(&found[..], [Difference::Item { what, .. }] if *what == field), "{field}: {found:?}");
        }
        assert_eq!(differences(&[w, w], &[w]), [Difference::Count { sent: 2, held: 1 }]);
    }
}
