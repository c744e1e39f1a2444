//! The table of ST 0601 items that are one number or one text each: tag, map, field.

use std::sync::Arc;

use super::imapb::{Imapb, Mapped, Special};
use super::linear::Linear;
use super::uas::Uas;

/// How a number becomes octets.
#[derive(Debug, Clone, Copy)]
pub(super) enum Map {
    Linear(Linear),
    Imapb(Imapb),
}

/// An item that is a number.
pub(super) struct Number {
    pub(super) tag: u8,
    pub(super) map: Map,
    /// A direction: 370° is 10°.
    turns: bool,
    /// The same value has a finer item, which wins when both are read.
    coarse: bool,
    /// Read, never written.
    legacy: bool,
    get: fn(&Uas) -> Option<f64>,
    field: fn(&mut Uas) -> &mut Option<f64>,
}

/// An item that is a text.
pub(super) struct Text {
    pub(super) tag: u8,
    pub(super) get: fn(&Uas) -> Option<&str>,
    pub(super) field: fn(&mut Uas) -> &mut Option<Arc<str>>,
}

const fn u(octets: u8, low: f64, high: f64) -> Map {
    Map::Linear(Linear::unsigned(octets, low, high))
}

const fn i(octets: u8, reach: f64) -> Map {
    Map::Linear(Linear::signed(octets, reach))
}

const fn imapb(octets: u8, low: f64, high: f64) -> Map {
    Map::Imapb(Imapb::new(octets, low, high))
}

macro_rules! number {
    ($tag:literal, $field:ident, $map:expr $(, $flag:ident)?) => {
        Number {
            $($flag: true,)?
            ..Number {
                tag: $tag,
                map: $map,
                turns: false,
                coarse: false,
                legacy: false,
                get: |uas| uas.$field,
                field: |uas| &mut uas.$field,
            }
        }
    };
}

macro_rules! text {
    ($tag:literal, $field:ident) => {
        Text {
            tag: $tag,
            get: |uas| uas.$field.as_deref(),
            field: |uas| &mut uas.$field,
        }
    };
}

/// Texts, at most 127 octets each.
pub(super) static TEXTS: [Text; 4] = [
    text!(3, mission_id),
    text!(10, platform_designation),
    text!(11, image_source_sensor),
    text!(12, image_coordinate_system),
];

/// Numbers in ascending order of tag, as they are written.
pub(super) static NUMBERS: [Number; 30] = [
    number!(5, platform_heading_deg, u(2, 0.0, 360.0), turns),
    number!(6, platform_pitch_deg, i(2, 20.0), coarse),
    number!(7, platform_roll_deg, i(2, 50.0), coarse),
    number!(13, sensor_latitude_deg, i(4, 90.0)),
    number!(14, sensor_longitude_deg, i(4, 180.0)),
    number!(15, sensor_altitude_msl_m, u(2, -900.0, 19_000.0)),
    number!(16, sensor_fov_horizontal_deg, u(2, 0.0, 180.0)),
    number!(17, sensor_fov_vertical_deg, u(2, 0.0, 180.0)),
    number!(18, sensor_relative_azimuth_deg, u(4, 0.0, 360.0), turns),
    number!(19, sensor_relative_elevation_deg, i(4, 180.0)),
    number!(20, sensor_relative_roll_deg, u(4, 0.0, 360.0), turns),
    number!(21, slant_range_m, u(4, 0.0, 5_000_000.0)),
    number!(22, target_width_m, u(2, 0.0, 10_000.0), coarse),
    number!(23, frame_centre_latitude_deg, i(4, 90.0)),
    number!(24, frame_centre_longitude_deg, i(4, 180.0)),
    number!(25, frame_centre_elevation_msl_m, u(2, -900.0, 19_000.0)),
    number!(35, wind_direction_deg, u(2, 0.0, 360.0), turns),
    number!(36, wind_speed_mps, u(1, 0.0, 100.0)),
    number!(51, vertical_speed_mps, i(2, 180.0)),
    number!(56, ground_speed_mps, u(1, 0.0, 255.0)),
    number!(
        75,
        sensor_height_ellipsoid_m,
        u(2, -900.0, 19_000.0),
        legacy
    ),
    number!(79, north_velocity_mps, i(2, 327.0)),
    number!(80, east_velocity_mps, i(2, 327.0)),
    number!(90, platform_pitch_deg, i(4, 90.0)),
    number!(91, platform_roll_deg, i(4, 90.0)),
    number!(96, target_width_m, imapb(3, 0.0, 1_500_000.0)),
    number!(104, sensor_height_ellipsoid_m, imapb(3, -900.0, 40_000.0)),
    number!(112, course_deg, imapb(2, 0.0, 360.0), turns),
    number!(113, height_agl_m, imapb(3, -900.0, 40_000.0)),
    number!(120, storage_used_percent, imapb(2, 0.0, 100.0)),
];

impl Number {
    /// The item's word and width; `None` when it is to be left out.
    pub(super) fn encode(&self, uas: &Uas) -> Option<(u32, u8)> {
        if self.legacy {
            return None;
        }
        let mut value = (self.get)(uas)?;
        if self.turns && !(0.0..=360.0).contains(&value) {
            value = value.rem_euclid(360.0);
        }
        match self.map {
            Map::Linear(map) => Some((map.encode(value)?, map.octets())),
            Map::Imapb(map) => Some((u32::try_from(map.encode(value)).ok()?, map.octets())),
        }
    }

    /// Takes a value that was read; false when its width is not this item's.
    pub(super) fn take(&self, uas: &mut Uas, value: &[u8]) -> bool {
        let Some(value) = self.decode(value) else {
            return false;
        };
        let field = (self.field)(uas);
        if field.is_none() || !(self.coarse || self.legacy) {
            *field = Some(value);
        }
        true
    }

    fn decode(&self, value: &[u8]) -> Option<f64> {
        match self.map {
            Map::Linear(map) => {
                if value.len() != usize::from(map.octets()) {
                    return None;
                }
                let word = value
                    .iter()
                    .fold(0_u32, |word, &octet| (word << 8) | u32::from(octet));
                Some(map.decode(word))
            }
            Map::Imapb(map) => match map.decode(value)? {
                Mapped::Value(value) => Some(value),
                Mapped::Special(special) => Some(match special {
                    Special::PositiveInfinity => f64::INFINITY,
                    Special::NegativeInfinity => f64::NEG_INFINITY,
                    // ST 1201 §8: a parent that says nothing else takes the nearest bound.
                    Special::BelowMinimum => map.low(),
                    Special::AboveMaximum => map.high(),
                    Special::NotANumber | Special::Reserved => f64::NAN,
                }),
            },
        }
    }
}
