//! The four corners of the picture on the ground: full (tags 82–89) and as offsets from the centre (tags 26–33).

use super::linear::Linear;
use super::uas::Uas;

/// Where one corner of the picture meets the ground. NaN in both: it looks past the horizon (ST 0601 *off earth*).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corner {
    /// WGS 84 latitude, −90..=90 degrees.
    pub latitude_deg: f64,
    /// WGS 84 longitude, −180..=180 degrees.
    pub longitude_deg: f64,
}

impl Corner {
    /// A corner above the horizon.
    pub const OFF_EARTH: Self = Self { latitude_deg: f64::NAN, longitude_deg: f64::NAN };
}

/// First tag of the offsets: latitude of corner 1, then longitude, then corner 2 …
pub(super) const FIRST_OFFSET_TAG: u8 = 26;
/// First tag of the full corners, in the same order.
pub(super) const FIRST_FULL_TAG: u8 = 82;
/// Number of coordinates in each.
pub(super) const COORDINATES: u8 = 8;

const OFFSET: Linear = Linear::signed(2, 0.075);
const FULL: [Linear; 2] = [Linear::signed(4, 90.0), Linear::signed(4, 180.0)];

fn coordinates(corners: &[Corner; 4]) -> [f64; 8] {
    let [a, b, c, d] = *corners;
    [
        a.latitude_deg,
        a.longitude_deg,
        b.latitude_deg,
        b.longitude_deg,
        c.latitude_deg,
        c.longitude_deg,
        d.latitude_deg,
        d.longitude_deg,
    ]
}

/// Hands the words of both representations to `put(tag, word, octets)`: in full, and as offsets when the centre is known
/// and all corners are within their reach of it.
pub(super) fn encode(uas: &Uas, mut put: impl FnMut(u8, u32, u8)) {
    let Some(corners) = &uas.corners else { return };
    let coordinates = coordinates(corners);
    if let (Some(latitude), Some(longitude)) = (uas.frame_centre_latitude_deg, uas.frame_centre_longitude_deg) {
        let centre = [latitude, longitude];
        let offsets: [f64; 8] = std::array::from_fn(|index| coordinates[index] - centre[index % 2]);
        if offsets.iter().all(|&offset| OFFSET.contains(offset)) {
            for (offset, tag) in offsets.into_iter().zip(FIRST_OFFSET_TAG..) {
                if let Some(word) = OFFSET.encode(offset) {
                    put(tag, word, OFFSET.octets());
                }
            }
        }
    }
    for (index, tag) in (FIRST_FULL_TAG..FIRST_FULL_TAG + COORDINATES).enumerate() {
        let map = FULL[index % 2];
        if let Some(word) = map.encode(coordinates[index]) {
            put(tag, word, map.octets());
        }
    }
}

/// Corner coordinates as they come in, tag by tag.
#[derive(Default)]
pub(super) struct Collected {
    offsets: [Option<f64>; 8],
    full: [Option<f64>; 8],
}

impl Collected {
    /// Takes a coordinate; false when the tag is none or the width is wrong.
    pub(super) fn take(&mut self, tag: u32, value: &[u8]) -> bool {
        let index_from = |first: u8| {
            let index = usize::try_from(tag.checked_sub(u32::from(first))?).ok()?;
            (index < usize::from(COORDINATES)).then_some(index)
        };
        if let (Some(index), Some(&octets)) = (index_from(FIRST_OFFSET_TAG), value.as_array::<2>()) {
            self.offsets[index] = Some(OFFSET.decode(u32::from(u16::from_be_bytes(octets))));
            true
        } else if let (Some(index), Some(&octets)) = (index_from(FIRST_FULL_TAG), value.as_array::<4>()) {
            self.full[index] = Some(FULL[index % 2].decode(u32::from_be_bytes(octets)));
            true
        } else {
            false
        }
    }

    /// The corners, from the full ones if all are there, else from the offsets and the centre.
    pub(super) fn corners(&self, uas: &Uas) -> Option<[Corner; 4]> {
        let pairs = |known: [Option<f64>; 8], centre: [f64; 2]| {
            let corner = |index: usize| {
                Some(Corner { latitude_deg: known[index]? + centre[0], longitude_deg: known[index + 1]? + centre[1] })
            };
            Some([corner(0)?, corner(2)?, corner(4)?, corner(6)?])
        };
        pairs(self.full, [0.0; 2])
            .or_else(|| pairs(self.offsets, [uas.frame_centre_latitude_deg?, uas.frame_centre_longitude_deg?]))
    }
}
