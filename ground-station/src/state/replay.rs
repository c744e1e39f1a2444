//! The telemetry of a recorded flight over time: what its plots and its track are drawn from.

pub(crate) mod sealed;

use footage::klv::Uas;
use mission_profiles::place::{Position, inverse};

/// Most samples of a flight: four hours, two a second.
pub(crate) const MOST_SAMPLES: usize = 28_800;

/// The state of the vehicle at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// POSIX µs.
    pub(crate) utc_us: i64,
    /// Where the camera was.
    pub(crate) position: Option<Position>,
    /// Above the ground beneath, m.
    pub(crate) height_agl_m: Option<f64>,
    /// Above mean sea level, m.
    pub(crate) height_amsl_m: Option<f64>,
    /// Over the ground, m/s.
    pub(crate) speed_mps: Option<f64>,
}

impl Sample {
    /// Of one packet; `None` when its time cannot be one.
    pub(crate) fn of(uas: &Uas) -> Option<Self> {
        Some(Self {
            utc_us: i64::try_from(uas.timestamp_us).ok()?,
            position: super::hud::position(uas.sensor_latitude_deg, uas.sensor_longitude_deg),
            height_agl_m: super::hud::known(uas.height_agl_m),
            height_amsl_m: super::hud::known(uas.sensor_altitude_msl_m),
            speed_mps: super::hud::speed_mps(uas),
        })
    }
}

/// What is plotted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// Height above ground.
    Height,
    /// Speed over ground.
    Speed,
    /// Distance from where the flight began.
    FromHome,
}

impl Quantity {
    /// In the order in which they stand.
    pub(crate) const ALL: [Self; 3] = [Self::Height, Self::Speed, Self::FromHome];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Height => "Height",
            Self::Speed => "Speed",
            Self::FromHome => "From home",
        }
    }

    /// Its unit and datum.
    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::Height => "m AGL",
            Self::Speed => "m/s",
            Self::FromHome => "m",
        }
    }

    /// Its value in a sample.
    pub(crate) fn of(self, sample: &Sample, home: Option<Position>) -> Option<f64> {
        match self {
            Self::Height => sample.height_agl_m,
            Self::Speed => sample.speed_mps,
            Self::FromHome => Some(inverse(home?, sample.position?).distance_m),
        }
    }
}

/// Where a recorded flight began: its first known place stands for home, which the footage does not hold.
pub(crate) fn home(samples: &[Sample]) -> Option<Position> {
    samples.iter().find_map(|sample| sample.position)
}

/// The sample at a moment: the last one not after it.
pub(crate) fn at(samples: &[Sample], utc_us: i64) -> Option<&Sample> {
    let after = samples.partition_point(|sample| sample.utc_us <= utc_us);
    samples.get(after.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(utc_us: i64, lat_deg: f64) -> Sample {
        let position = Position::new(lat_deg, -1.5);
        Sample { utc_us, position, height_agl_m: Some(50.0), height_amsl_m: None, speed_mps: Some(3.0) }
    }

    #[test]
    fn the_sample_of_a_moment_is_the_last_that_is_not_after_it() {
        let samples = [sample(10, 52.0), sample(20, 52.001), sample(30, 52.002)];
        assert_eq!(at(&samples, 9), None);
        assert_eq!(at(&samples, 10).unwrap().utc_us, 10);
        assert_eq!(at(&samples, 29).unwrap().utc_us, 20);
        assert_eq!(at(&samples, 99).unwrap().utc_us, 30);
    }

    #[test]
    fn home_is_the_first_known_place_and_distances_are_from_there() {
        let unknown = Sample { position: None, ..sample(0, 52.0) };
        let samples = [unknown, sample(10, 52.0), sample(20, 52.001)];
        let home = home(&samples);
        assert_eq!(Quantity::FromHome.of(&samples[0], home), None);
        assert!((Quantity::FromHome.of(&samples[2], home).unwrap() - 111.27).abs() < 0.1);
        assert_eq!(Quantity::Height.of(&samples[2], home), Some(50.0));
    }

    #[test]
    fn values_that_say_they_are_none_are_none() {
        let uas = Uas {
            timestamp_us: 5,
            height_agl_m: Some(f64::NAN),
            sensor_latitude_deg: Some(f64::NAN),
            sensor_longitude_deg: Some(1.0),
            ..Uas::default()
        };
        let sample = Sample::of(&uas).unwrap();
        assert_eq!((sample.height_agl_m, sample.position, sample.speed_mps), (None, None, None));
        assert_eq!(Sample::of(&Uas { timestamp_us: u64::MAX, ..Uas::default() }), None);
    }
}
