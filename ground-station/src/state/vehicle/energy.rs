//! Energy home: when it must turn, so as to be on the ground with the reserve.

use std::time::Duration;

use super::place::Wind;

/// How the way home is reckoned where nothing better is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Way {
    /// Kept for the unforeseen, percent of the battery.
    pub(crate) reserve_percent: f64,
    /// Through the air, m/s.
    pub(crate) cruise_mps: f64,
    /// Upwards, m/s.
    pub(crate) climb_mps: f64,
    /// Downwards at height, m/s.
    pub(crate) descent_mps: f64,
    /// Downwards near the ground, m/s.
    pub(crate) landing_mps: f64,
}

impl Default for Way {
    fn default() -> Self {
        Self { reserve_percent: 25.0, cruise_mps: 8.0, climb_mps: 2.5, descent_mps: 1.5, landing_mps: 0.5 }
    }
}

/// The last metres go down slowly.
const SLOW_BELOW_M: f64 = 10.0;
/// Slower than this over the ground is not getting home.
const LEAST_MPS: f64 = 1.0;

/// What is known now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Now {
    /// Battery, percent.
    pub(crate) percent: f64,
    /// How fast it falls, percent a second.
    pub(crate) falls_percent_s: f64,
    /// To home, along the ground.
    pub(crate) distance_m: f64,
    /// Towards home, from true north.
    pub(crate) azimuth_deg: f64,
    /// Above home.
    pub(crate) height_m: f64,
    /// The height at which it returns, above home.
    pub(crate) return_height_m: f64,
    /// The wind, where it is known.
    pub(crate) wind: Option<Wind>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Home {
    /// It gets home; it must turn within so many seconds (less than 0: it is late), and is then so long on its way.
    Turn {
        /// Until it must turn, seconds.
        within_s: f64,
        /// From here to the ground at home, seconds.
        way_s: f64,
        /// What is left if it turned now, percent.
        lands_with_percent: f64,
    },
    /// The wind is stronger than it flies.
    AgainstWind,
}

impl Home {
    /// The time by which it must turn, UTC µs, of the time now.
    pub(crate) fn turn_by_utc_us(self, now_utc_us: i64) -> Option<i64> {
        let Self::Turn { within_s, .. } = self else { return None };
        let within = Duration::try_from_secs_f64(within_s.abs()).ok()?;
        let within_us = i64::try_from(within.as_micros()).ok()?;
        if within_s < 0.0 { now_utc_us.checked_sub(within_us) } else { now_utc_us.checked_add(within_us) }
    }
}

/// When it must turn. A tail wind is not counted on.
pub(crate) fn home(now: &Now, way: &Way) -> Home {
    let tail_mps = now.wind.map_or(0.0, |wind| -wind.speed_mps * (wind.from_deg - now.azimuth_deg).to_radians().cos());
    let cross_mps = now.wind.map_or(0.0, |wind| wind.speed_mps * (wind.from_deg - now.azimuth_deg).to_radians().sin());
    // It holds its course into a cross wind: what is left of its speed along it.
    let along_mps = (way.cruise_mps.powi(2) - cross_mps.powi(2)).max(0.0).sqrt();
    let ground_mps = (along_mps + tail_mps).min(way.cruise_mps);
    let here = now.distance_m < SLOW_BELOW_M;
    if ground_mps < LEAST_MPS && !here {
        return Home::AgainstWind;
    }
    let over_s = if here { 0.0 } else { now.distance_m / ground_mps };
    let height_m = now.height_m.max(0.0);
    let top_m = if here { height_m } else { height_m.max(now.return_height_m) };
    let climb_s = (top_m - height_m) / way.climb_mps;
    let down_s = (top_m - SLOW_BELOW_M).max(0.0) / way.descent_mps + top_m.min(SLOW_BELOW_M) / way.landing_mps;
    let way_s = climb_s + over_s + down_s;
    let left_s = (now.percent - way.reserve_percent) / now.falls_percent_s;
    let lands_with_percent = now.percent - way_s * now.falls_percent_s;
    Home::Turn { within_s: left_s - way_s, way_s, lands_with_percent }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Now = Now {
        percent: 75.0,
        falls_percent_s: 0.05,
        distance_m: 800.0,
        azimuth_deg: 180.0,
        height_m: 40.0,
        return_height_m: 40.0,
        wind: None,
    };

    fn turn(now: &Now) -> (f64, f64) {
        match home(now, &Way::default()) {
            Home::Turn { within_s, way_s, .. } => (within_s, way_s),
            Home::AgainstWind => panic!("it gets home"),
        }
    }

    #[test]
    fn the_way_and_the_reserve_are_kept() {
        // 100 s over the ground, 20 s down to 10 m, 20 s to the ground; 50 % last 1000 s.
        assert_eq!(turn(&NOW), (1000.0 - 140.0, 140.0));
        let Home::Turn { lands_with_percent, .. } = home(&NOW, &Way::default()) else { panic!() };
        assert!((lands_with_percent - 68.0).abs() < 1e-9);
        assert_eq!(turn(&Now { return_height_m: 65.0, ..NOW }).1, 100.0 + 10.0 + 55.0 / 1.5 + 20.0, "it climbs first");
        assert!(turn(&Now { percent: 30.0, ..NOW }).0 < 0.0, "late");
        assert_eq!(turn(&Now { distance_m: 5.0, height_m: 5.0, ..NOW }).1, 10.0, "it lands here");
    }

    #[test]
    fn the_time_to_turn_is_a_time_of_day() {
        let turn =
            |within_s| Home::Turn { within_s, way_s: 1.0, lands_with_percent: 30.0 }.turn_by_utc_us(1_000_000_000);
        assert_eq!([turn(12.5), turn(-1.0)], [Some(1_012_500_000), Some(999_000_000)]);
        assert_eq!([turn(f64::INFINITY), turn(f64::NAN), Home::AgainstWind.turn_by_utc_us(0)], [None; 3]);
    }

    #[test]
    fn a_head_wind_takes_time_and_a_tail_wind_gives_none() {
        let wind = |from_deg, speed_mps| Now { wind: Some(Wind { from_deg, speed_mps }), ..NOW };
        assert!((turn(&wind(180.0, 4.0)).1 - 240.0).abs() < 1e-6, "half the speed");
        assert!((turn(&wind(0.0, 4.0)).1 - 140.0).abs() < 1e-6);
        let across = turn(&wind(90.0, 4.8)).1;
        assert!((across - (800.0 / 6.4 + 40.0)).abs() < 1e-6, "{across}");
        assert_eq!(home(&wind(180.0, 7.5), &Way::default()), Home::AgainstWind);
        assert_eq!(home(&wind(90.0, 9.0), &Way::default()), Home::AgainstWind);
    }
}
