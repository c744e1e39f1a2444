//! The table of ST 0601 items that are one number or one text each: tag, map, field.

use std::sync::Arc;

use super::imapb::{Imapb, Mapped, Special};
use super::linear::Linear;
use super::uas::Uas;

/// How a number becomes octets.
#[derive(Debug, Clone, Copy)]
enum Map {
    Linear(Linear),
    Imapb(Imapb),
}

/// What an item is to the others of the same value.
#[derive(Debug, Clone, Copy)]
enum Role {
    /// The value has one item.
    Alone,
    /// A direction with one item: 370° is 10°.
    Direction,
    /// Older and coarser: left out beyond its range, and on reading the other one wins.
    Coarse,
    /// Always written beside a coarse one.
    Fine,
    /// Written only where the coarse one's map has no word.
    Beyond(Linear),
}

/// An item that is a number.
pub(super) struct Number {
    pub(super) tag: u8,
    map: Map,
    role: Role,
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
    ($tag:literal, $field:ident, $map:expr) => {
        number!($tag, $field, $map, Role::Alone)
    };
    ($tag:literal, $field:ident, $map:expr, $role:expr) => {
        Number { tag: $tag, map: $map, role: $role, get: |uas| uas.$field, field: |uas| &mut uas.$field }
    };
}

macro_rules! text {
    ($tag:literal, $field:ident) => {
        Text { tag: $tag, get: |uas| uas.$field.as_deref(), field: |uas| &mut uas.$field }
    };
}

/// Texts, at most 127 octets each.
pub(super) static TEXTS: [Text; 4] = [
    text!(3, mission_id),
    text!(10, platform_designation),
    text!(11, image_source_sensor),
    text!(12, image_coordinate_system),
];

const WIDTH: Linear = Linear::unsigned(2, 0.0, 10_000.0);
const HEIGHT: Linear = Linear::unsigned(2, -900.0, 19_000.0);

/// Numbers in ascending order of tag, as they are written.
pub(super) static NUMBERS: [Number; 30] = [
    number!(5, platform_heading_deg, u(2, 0.0, 360.0), Role::Direction),
    number!(6, platform_pitch_deg, i(2, 20.0), Role::Coarse),
    number!(7, platform_roll_deg, i(2, 50.0), Role::Coarse),
    number!(13, sensor_latitude_deg, i(4, 90.0)),
    number!(14, sensor_longitude_deg, i(4, 180.0)),
    number!(15, sensor_altitude_msl_m, Map::Linear(HEIGHT)),
    number!(16, sensor_fov_horizontal_deg, u(2, 0.0, 180.0)),
    number!(17, sensor_fov_vertical_deg, u(2, 0.0, 180.0)),
    number!(18, sensor_relative_azimuth_deg, u(4, 0.0, 360.0), Role::Direction),
    number!(19, sensor_relative_elevation_deg, i(4, 180.0)),
    number!(20, sensor_relative_roll_deg, u(4, 0.0, 360.0), Role::Direction),
    number!(21, slant_range_m, u(4, 0.0, 5_000_000.0)),
    number!(22, target_width_m, Map::Linear(WIDTH), Role::Coarse),
    number!(23, frame_centre_latitude_deg, i(4, 90.0)),
    number!(24, frame_centre_longitude_deg, i(4, 180.0)),
    number!(25, frame_centre_elevation_msl_m, Map::Linear(HEIGHT)),
    number!(35, wind_direction_deg, u(2, 0.0, 360.0), Role::Direction),
    number!(36, wind_speed_mps, u(1, 0.0, 100.0)),
    number!(51, vertical_speed_mps, i(2, 180.0)),
    number!(56, ground_speed_mps, u(1, 0.0, 255.0)),
    number!(75, sensor_height_ellipsoid_m, Map::Linear(HEIGHT), Role::Coarse),
    number!(79, north_velocity_mps, i(2, 327.0)),
    number!(80, east_velocity_mps, i(2, 327.0)),
    number!(90, platform_pitch_deg, i(4, 90.0), Role::Fine),
    number!(91, platform_roll_deg, i(4, 90.0), Role::Fine),
    number!(96, target_width_m, imapb(3, 0.0, 1_500_000.0), Role::Beyond(WIDTH)),
    number!(104, sensor_height_ellipsoid_m, imapb(3, -900.0, 40_000.0), Role::Beyond(HEIGHT)),
    number!(112, course_deg, imapb(2, 0.0, 360.0), Role::Direction),
    number!(113, height_agl_m, imapb(3, -900.0, 40_000.0)),
    number!(120, storage_used_percent, imapb(2, 0.0, 100.0)),
];

/// Tags in [`PLACES`].
const TAGS: usize = 128;

/// Where in [`NUMBERS`] a tag is; past its end: nowhere.
static PLACES: [u8; TAGS] = {
    let mut places = [u8::MAX; TAGS];
    let mut place = 0_u8;
    while (place as usize) < NUMBERS.len() {
        places[NUMBERS[place as usize].tag as usize] = place;
        place += 1;
    }
    places
};

/// The number with this tag.
pub(super) fn number(tag: u32) -> Option<&'static Number> {
    let place = *PLACES.get(usize::try_from(tag).ok()?)?;
    NUMBERS.get(usize::from(place))
}

impl Number {
    /// The item's word and its width in octets; `None` when it is to be left out.
    #[inline]
    pub(super) fn encode(&self, uas: &Uas) -> Option<(u32, u8)> {
        let mut value = (self.get)(uas)?;
        match self.role {
            Role::Direction if !(0.0..=360.0).contains(&value) => value = value.rem_euclid(360.0),
            Role::Beyond(coarse) if coarse.contains(value) => return None,
            Role::Alone | Role::Direction | Role::Coarse | Role::Fine | Role::Beyond(_) => {}
        }
        match self.map {
            Map::Linear(map) if matches!(self.role, Role::Coarse) && !map.contains(value) => None,
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
        if field.is_none() || !matches!(self.role, Role::Coarse) {
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
                let word = match *value {
                    [a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
                    [a, b] => u32::from_be_bytes([0, 0, a, b]),
                    [a] => u32::from(a),
                    _ => return None,
                };
                Some(map.decode(word))
            }
            Map::Imapb(map) => Some(match map.decode(value)? {
                Mapped::Value(value) => value,
                Mapped::Special(Special::PositiveInfinity) => f64::INFINITY,
                Mapped::Special(Special::NegativeInfinity) => f64::NEG_INFINITY,
                // ST 1201 §8: a parent that says nothing else takes the nearest bound.
                Mapped::Special(Special::BelowMinimum) => map.low(),
                Mapped::Special(Special::AboveMaximum) => map.high(),
                Mapped::Special(Special::NotANumber | Special::Reserved) => f64::NAN,
            }),
        }
    }
}
