//! What the head-up display says of one picture, from that picture's own KLV. What is missing or out of its range is not said.

mod sight;

use footage::klv::Uas;
use mission_profiles::place::{Leg, Position, inverse, to_grid};

pub(crate) use sight::{Outline, Sight};

/// What is known beside the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Beside {
    /// Where the aircraft returns to.
    pub(crate) home: Option<Position>,
    /// How high that lies above mean sea level, m.
    pub(crate) home_amsl_m: Option<f64>,
    /// How fast it returns, m/s.
    pub(crate) return_speed_mps: Option<f64>,
    /// How high it may fly, m above ground.
    pub(crate) limit_agl_m: Option<f64>,
    /// Half-width of the clock that dated the picture, µs.
    pub(crate) time_uncertainty_us: Option<u64>,
}

/// Wind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wind {
    /// m/s.
    pub(crate) speed_mps: f64,
    /// Where it comes from, degrees from true north.
    pub(crate) from_deg: f64,
}

/// The way home.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Homeward {
    /// Along the ground, m.
    pub(crate) distance_m: f64,
    /// Degrees from true north.
    pub(crate) bearing_deg: f64,
    /// At the speed of return, s.
    pub(crate) back_s: Option<f64>,
}

/// Where the middle of the picture meets the ground.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Centre {
    /// There.
    Ground {
        /// WGS 84.
        position: Position,
        /// OS grid, to ten metres; outside Great Britain there is none.
        grid: Option<String>,
        /// From the camera, m.
        slant_range_m: Option<f64>,
    },
    /// Nowhere: it looks past the horizon.
    Sky,
    /// It is not known.
    Unknown,
}

/// Everything the display says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hud {
    /// Which way the nose points, degrees from true north, 0 to below 360.
    pub(crate) heading_deg: Option<f64>,
    /// How the camera looks; horizon, ladder and measurements come from it.
    pub(crate) sight: Option<Sight>,
    /// The camera's tilt against the horizon, degrees, down negative.
    pub(crate) tilt_deg: Option<f64>,
    /// Its pan against the nose, degrees, −180 to 180, right positive.
    pub(crate) pan_deg: Option<f64>,
    /// Above the ground beneath, m.
    pub(crate) height_agl_m: Option<f64>,
    /// Above mean sea level, m.
    pub(crate) height_amsl_m: Option<f64>,
    /// Above where it took off, m: by the height of the picture and that of home.
    pub(crate) height_above_home_m: Option<f64>,
    /// How high it may be, m above ground.
    pub(crate) limit_agl_m: Option<f64>,
    /// Over ground, m/s.
    pub(crate) speed_mps: Option<f64>,
    /// Up is positive, m/s.
    pub(crate) climb_mps: Option<f64>,
    /// Wind.
    pub(crate) wind: Option<Wind>,
    /// Where the camera is.
    pub(crate) position: Option<Position>,
    /// The way home.
    pub(crate) home: Option<Homeward>,
    /// What is in the middle.
    pub(crate) centre: Centre,
    /// The ground in the picture; empty when it is not known.
    pub(crate) footprint: Outline,
    /// When it was shot, POSIX µs.
    pub(crate) taken_utc_us: Option<i64>,
    /// Half-width of that, µs.
    pub(crate) time_uncertainty_us: Option<u64>,
    /// What this picture's telemetry does not say, in words.
    pub(crate) missing: Vec<&'static str>,
}

/// A value that is a number.
pub(crate) fn known(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

fn within(value: Option<f64>, low: f64, high: f64) -> Option<f64> {
    value.filter(|value| (low..=high).contains(value))
}

/// A place whose coordinates both are numbers in their range.
pub(crate) fn position(lat_deg: Option<f64>, lon_deg: Option<f64>) -> Option<Position> {
    Position::new(known(lat_deg)?, known(lon_deg)?)
}

/// Speed over ground, the finer item first.
pub(crate) fn speed_mps(uas: &Uas) -> Option<f64> {
    let fine = within(uas.north_velocity_mps, -327.0, 327.0).zip(within(uas.east_velocity_mps, -327.0, 327.0));
    fine.map(|(north, east)| north.hypot(east)).or(within(uas.ground_speed_mps, 0.0, 255.0))
}

impl Hud {
    /// How wide the picture is, degrees.
    pub(crate) fn field_deg(&self) -> Option<f64> {
        let [right, _] = self.sight.as_ref()?.field?;
        Some(2.0 * right.atan().to_degrees())
    }

    /// Of a picture of this size with this telemetry.
    pub(crate) fn of(uas: &Uas, size: [u32; 2], beside: &Beside) -> Self {
        let heading_deg = within(uas.platform_heading_deg, 0.0, 360.0).map(|heading| heading.rem_euclid(360.0));
        let (sight, here) = (Sight::of(uas, size), position(uas.sensor_latitude_deg, uas.sensor_longitude_deg));
        let pan_deg = within(uas.sensor_relative_azimuth_deg, 0.0, 360.0).map(half_turn);
        let mut hud = Self {
            heading_deg,
            tilt_deg: sight.as_ref().map(|sight| sight.camera.pitch_deg),
            pan_deg,
            height_agl_m: within(uas.height_agl_m, -900.0, 40_000.0),
            height_amsl_m: within(uas.sensor_altitude_msl_m, -900.0, 19_000.0),
            height_above_home_m: within(uas.sensor_altitude_msl_m, -900.0, 19_000.0)
                .zip(beside.home_amsl_m)
                .map(|(height_m, home_m)| height_m - home_m),
            limit_agl_m: beside.limit_agl_m,
            speed_mps: speed_mps(uas),
            climb_mps: within(uas.vertical_speed_mps, -180.0, 180.0),
            wind: wind(uas),
            position: here,
            home: homeward(here, beside),
            centre: centre(uas, sight.as_ref()),
            footprint: sight.as_ref().map_or_else(Outline::default, |sight| sight.footprint(uas)),
            sight,
            taken_utc_us: i64::try_from(uas.timestamp_us).ok(),
            time_uncertainty_us: beside.time_uncertainty_us,
            missing: Vec::new(),
        };
        hud.missing = hud.not_said();
        hud
    }

    /// Whether it is higher than it may be.
    pub(crate) fn over_limit(&self) -> bool {
        self.height_agl_m.zip(self.limit_agl_m).is_some_and(|(height_m, limit_m)| height_m > limit_m)
    }

    fn not_said(&self) -> Vec<&'static str> {
        let said = [
            (self.heading_deg.is_some(), "heading"),
            (self.position.is_some(), "position"),
            (self.height_agl_m.is_some(), "height AGL"),
            (self.height_amsl_m.is_some(), "height AMSL"),
            (self.speed_mps.is_some(), "speed"),
            (self.sight.is_some(), "camera angles"),
            (self.sight.as_ref().is_none_or(|sight| sight.field.is_some()), "field of view"),
        ];
        said.into_iter().filter(|(known, _)| !known).map(|(_, what)| what).collect()
    }
}

/// Degrees as −180 to 180.
pub(crate) fn half_turn(deg: f64) -> f64 {
    let turned = (deg + 180.0).rem_euclid(360.0) - 180.0;
    if turned == -180.0 { 180.0 } else { turned }
}

fn wind(uas: &Uas) -> Option<Wind> {
    let speed_mps = within(uas.wind_speed_mps, 0.0, 100.0)?;
    Some(Wind { speed_mps, from_deg: within(uas.wind_direction_deg, 0.0, 360.0)? })
}

fn homeward(here: Option<Position>, beside: &Beside) -> Option<Homeward> {
    let Leg { distance_m, azimuth_deg } = inverse(here?, beside.home?);
    let speed_mps = beside.return_speed_mps.filter(|speed| *speed > 0.1);
    Some(Homeward { distance_m, bearing_deg: azimuth_deg, back_s: speed_mps.map(|speed| distance_m / speed) })
}

fn centre(uas: &Uas, sight: Option<&Sight>) -> Centre {
    let off_earth = |value: Option<f64>| value.is_some_and(f64::is_nan);
    if off_earth(uas.frame_centre_latitude_deg) || off_earth(uas.frame_centre_longitude_deg) {
        return Centre::Sky;
    }
    let told = position(uas.frame_centre_latitude_deg, uas.frame_centre_longitude_deg)
        .map(|position| (position, within(uas.slant_range_m, 0.0, 5_000_000.0)));
    let found = told.or_else(|| {
        let spot = sight?.ground(0.0, 0.0)?;
        Some((spot.position, Some(spot.range_m)))
    });
    match found {
        Some((position, slant_range_m)) => Centre::Ground { position, grid: to_grid(position), slant_range_m },
        None => Centre::Unknown,
    }
}

#[cfg(test)]
mod tests;
