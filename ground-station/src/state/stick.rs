//! The stick of the gimbal: how fast it turns while somebody pulls, and what of it is told to the vehicle.

/// Fastest turn, degrees a second, and slowest full deflection when the picture is close.
const FASTEST_DEG_S: f64 = 40.0;
const SLOWEST_DEG_S: f64 = 3.0;
/// At full deflection so much of the picture's width goes by in a second.
const WIDTHS_A_SECOND: f64 = 0.6;
/// Where nothing says how wide the picture is, degrees.
const USUAL_FIELD_DEG: f64 = 60.0;
/// Smaller pulls are none.
const DEAD: f64 = 0.06;
/// Between two orders, ns.
const PACE_NS: u64 = 100_000_000;
/// Smaller changes are not told, as a part of the faster rate, and degrees a second.
const SAME: (f32, f32) = (0.08, 0.3);

/// How fast the camera turns, degrees a second; right and up are positive.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Rates {
    /// Up.
    pub(crate) pitch_deg_s: f32,
    /// To the right.
    pub(crate) yaw_deg_s: f32,
}

impl Rates {
    /// Of a pull to the right and upwards, 1 where it is full, over a picture so wide.
    pub(crate) fn of([right, up]: [f32; 2], field_deg: Option<f64>) -> Self {
        let full = (field_deg.unwrap_or(USUAL_FIELD_DEG) * WIDTHS_A_SECOND).clamp(SLOWEST_DEG_S, FASTEST_DEG_S);
        #[expect(clippy::cast_possible_truncation, reason = "some degrees a second")]
        let rate = |pull: f32| {
            let pull = f64::from(pull).clamp(-1.0, 1.0);
            let past = ((pull.abs() - DEAD) / (1.0 - DEAD)).max(0.0);
            // Fine near the middle.
            (past * past.sqrt() * full).copysign(pull) as f32
        };
        Self { pitch_deg_s: rate(up), yaw_deg_s: rate(right) }
    }

    /// It stands.
    pub(crate) fn is_still(self) -> bool {
        self.pitch_deg_s == 0.0 && self.yaw_deg_s == 0.0
    }

    /// In words.
    pub(crate) fn words(self) -> String {
        let one = |rate: f32, more: &str, less: &str| match rate {
            rate if rate.abs() < 0.05 => None,
            rate => Some(format!("{:.1}°/s {}", rate.abs(), if rate > 0.0 { more } else { less })),
        };
        let both: Vec<String> =
            [one(self.yaw_deg_s, "right", "left"), one(self.pitch_deg_s, "up", "down")].into_iter().flatten().collect();
        if both.is_empty() { "still".to_owned() } else { both.join(", ") }
    }

    fn is_near(self, other: Self) -> bool {
        let near = |a: f32, b: f32| (a - b).abs() <= (SAME.0 * a.abs().max(b.abs())).max(SAME.1);
        self.is_still() == other.is_still()
            && near(self.pitch_deg_s, other.pitch_deg_s)
            && near(self.yaw_deg_s, other.yaw_deg_s)
    }
}

/// What was told last.
#[derive(Debug, Default)]
pub(crate) struct Stick {
    told: Rates,
    told_ns: u64,
}

impl Stick {
    /// What is to be told now; `waits`: the order before is not answered yet. A stop waits for nobody, everything else for its turn, so that
    /// no order takes the place of one that is still on its way.
    pub(crate) fn step(&mut self, pulled: Rates, waits: bool, now_ns: u64) -> Option<Rates> {
        if pulled.is_near(self.told) {
            return None;
        }
        let turn = !waits && now_ns.saturating_sub(self.told_ns) >= PACE_NS;
        if !turn && !pulled.is_still() {
            return None;
        }
        (self.told, self.told_ns) = (pulled, now_ns);
        Some(pulled)
    }

    /// It was told, and turns by it.
    pub(crate) fn turns(&self) -> bool {
        !self.told.is_still()
    }

    /// Another order took its place: it turns no more by the stick.
    pub(crate) fn forget(&mut self) {
        self.told = Rates::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn a_pull_is_fine_near_the_middle_and_slower_when_the_picture_is_close() {
        assert!(Rates::of([0.05, -0.05], None).is_still());
        let [half, full] = [0.5, 1.0].map(|pull| Rates::of([pull, -pull], Some(60.0)));
        assert!((full.yaw_deg_s - 36.0).abs() < 0.01 && (full.pitch_deg_s + 36.0).abs() < 0.01, "{full:?}");
        assert!(half.yaw_deg_s < 0.4 * full.yaw_deg_s && half.yaw_deg_s > 0.0);
        assert!((Rates::of([7.0, 0.0], Some(10.0)).yaw_deg_s - 6.0).abs() < 0.01);
        assert_eq!(full.words(), "36.0°/s right, 36.0°/s down");
    }

    #[test]
    fn letting_go_stops_at_once_and_a_pull_waits_for_its_turn() {
        let mut stick = Stick::default();
        let pull = |yaw_deg_s| Rates { pitch_deg_s: 0.0, yaw_deg_s };
        let still = Rates::default();
        assert_eq!(stick.step(still, false, 1_000 * MS), None);
        assert_eq!(stick.step(pull(10.0), false, 1_000 * MS), Some(pull(10.0)));
        assert_eq!(stick.step(pull(10.2), false, 2_000 * MS), None, "as good as the same");
        assert_eq!(stick.step(pull(20.0), true, 2_000 * MS), None, "the first is not answered yet");
        assert_eq!(stick.step(pull(20.0), false, 2_000 * MS), Some(pull(20.0)));
        assert_eq!(stick.step(pull(30.0), false, 2_050 * MS), None, "not so often");
        assert!(stick.turns());
        assert_eq!(stick.step(still, true, 2_060 * MS), Some(still), "a stop waits for nobody");
        assert_eq!(stick.step(still, false, 3_000 * MS), None);
        assert!(!stick.turns());
    }
}
