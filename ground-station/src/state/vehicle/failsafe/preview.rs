//! The return height against the fence and the ground.

use super::{FenceLimits, ReturnHeight};

/// Kept free above ground and trees, metres.
const CLEAR_M: f64 = 20.0;
/// Kept below a ceiling, metres.
const BELOW_M: f64 = 5.0;

/// What is known of the ground it may return over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ground {
    /// The highest terrain, above home.
    pub(crate) highest_above_home_m: f64,
}

/// Something that does not fit, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// What.
    pub(crate) words: String,
    /// What the pilot does.
    pub(crate) cure: String,
}

/// What does not fit of a return at this height. What is not known, is not judged: the caller says that it is missing.
pub(crate) fn doubts(height: ReturnHeight, fence: Option<FenceLimits>, ground: Option<Ground>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let ceiling_m = fence.and_then(|fence| fence.ceiling_m);
    let through = |(height_m, ceiling_m): &(f64, f64)| !height.above_terrain && *height_m > ceiling_m - BELOW_M;
    if let Some((height_m, ceiling_m)) = height.height_m.zip(ceiling_m).filter(through) {
        doubts.push(Doubt {
            words: format!("Returns at {height_m:.0} m; the fence ends at {ceiling_m:.0} m above home"),
            cure: format!("Set the return height to {:.0} m or less, or raise the fence.", ceiling_m - BELOW_M),
        });
    }
    let Some(ground) = ground.filter(|_| !height.above_terrain) else { return doubts };
    let wanted_m = (ground.highest_above_home_m + CLEAR_M).max(CLEAR_M);
    match height.height_m {
        Some(height_m) if height_m < wanted_m => doubts.push(Doubt {
            words: format!(
                "Returns at {height_m:.0} m; the ground rises to {:.0} m above home",
                ground.highest_above_home_m
            ),
            cure: format!("Set the return height to {wanted_m:.0} m or more."),
        }),
        None => doubts.push(Doubt {
            words: "Returns at the height it has, whatever stands in its way".to_owned(),
            cure: format!("Set the return height to {wanted_m:.0} m, or stay above it."),
        }),
        Some(_) => {}
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_40: ReturnHeight = ReturnHeight { height_m: Some(40.0), above_terrain: false };

    fn words(height: ReturnHeight, ceiling_m: Option<f64>, highest_m: Option<f64>) -> Vec<String> {
        let fence = FenceLimits { ceiling_m, radius_m: None };
        let ground = highest_m.map(|highest_above_home_m| Ground { highest_above_home_m });
        doubts(height, Some(fence), ground).into_iter().map(|doubt| doubt.words).collect()
    }

    #[test]
    fn a_return_within_fence_and_above_ground_is_in_order() {
        assert_eq!(words(AT_40, Some(45.0), Some(20.0)), [""; 0]);
        assert_eq!(doubts(AT_40, None, None), []);
    }

    #[test]
    fn a_return_through_the_ceiling_or_the_hill_is_told() {
        let both = words(AT_40, Some(44.0), Some(21.0));
        assert_eq!(
            both,
            [
                "Returns at 40 m; the fence ends at 44 m above home",
                "Returns at 40 m; the ground rises to 21 m above home"
            ]
        );
        let cure = doubts(AT_40, None, Some(Ground { highest_above_home_m: 21.0 }))[0].cure.clone();
        assert_eq!(cure, "Set the return height to 41 m or more.");
    }

    #[test]
    fn above_terrain_needs_no_hill_and_the_present_height_is_doubted() {
        assert_eq!(words(ReturnHeight { above_terrain: true, ..AT_40 }, Some(30.0), Some(90.0)), [""; 0]);
        let present = ReturnHeight { height_m: None, above_terrain: false };
        assert_eq!(
            words(present, Some(30.0), Some(-5.0)),
            ["Returns at the height it has, whatever stands in its way"]
        );
    }
}
