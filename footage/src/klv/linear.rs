//! The linear maps of ST 0601: a range of real numbers on all words of one, two or four octets.

/// A linear map between a physical range and the words of a fixed width.
///
/// - unsigned: `round((v − low) / (high − low) · (2ⁿ − 1))`; no error value, what lies outside has no word;
/// - signed: `round(v / reach · (2ⁿ⁻¹ − 1))`; the lowest word is the error value (ST 0601 calls it *out of range*,
///   *off earth* or *reserved*), here NaN, and what lies outside the range takes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    low: f64,
    high: f64,
    /// Words per physical unit.
    scale: f64,
    /// Physical units per word.
    step: f64,
    octets: u8,
    signed: bool,
}

impl Linear {
    /// `low..=high` on `octets` (1, 2 or 4) octets without a sign.
    #[must_use]
    pub const fn unsigned(octets: u8, low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            scale: top(octets, false) / (high - low),
            step: (high - low) / top(octets, false),
            octets,
            signed: false,
        }
    }

    /// `−reach..=reach` on `octets` (1, 2 or 4) octets in two's complement.
    #[must_use]
    pub const fn signed(octets: u8, reach: f64) -> Self {
        Self {
            low: -reach,
            high: reach,
            scale: top(octets, true) / reach,
            step: reach / top(octets, true),
            octets,
            signed: true,
        }
    }

    /// Width of the word in octets.
    #[must_use]
    pub const fn octets(self) -> u8 {
        self.octets
    }

    /// One step of the word in physical units: the resolution of the item.
    #[must_use]
    pub const fn step(self) -> f64 {
        self.step
    }

    /// Whether a value lies in the range.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        value >= self.low && value <= self.high
    }

    /// The word for a value; `None` when there is none (an unsigned map and a value outside its range, or NaN).
    #[must_use]
    #[inline]
    pub fn encode(self, value: f64) -> Option<u32> {
        let inside = self.contains(value);
        if !self.signed {
            return inside.then(|| truncate((value - self.low) * self.scale + 0.5).cast_unsigned());
        }
        if !inside {
            return Some(1 << (u32::from(self.octets) * 8 - 1));
        }
        let word = truncate(value * self.scale + 0.5_f64.copysign(value)).cast_unsigned();
        Some(word & (u32::MAX >> (32 - u32::from(self.octets) * 8)))
    }

    /// The value of a word; NaN for the error value of a signed map. Bits above the width are ignored.
    #[must_use]
    pub fn decode(self, word: u32) -> f64 {
        let unused = 32 - u32::from(self.octets) * 8;
        if !self.signed {
            return f64::from(word << unused >> unused) * self.step + self.low;
        }
        let word = (word << unused).cast_signed();
        if word == i32::MIN { f64::NAN } else { f64::from(word >> unused) * self.step }
    }
}

/// The highest word as a real number.
const fn top(octets: u8, signed: bool) -> f64 {
    match (octets, signed) {
        (1, false) => 255.0,
        (1, true) => 127.0,
        (2, false) => 65_535.0,
        (2, true) => 32_767.0,
        (_, false) => 4_294_967_295.0,
        (_, true) => 2_147_483_647.0,
    }
}

/// Towards zero into 32 bits, whether the word has a sign or not.
#[expect(clippy::cast_possible_truncation, reason = "the caller has checked the range: |value| < 2³²")]
fn truncate(value: f64) -> i32 {
    value as i64 as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAPS: [Linear; 6] = [
        Linear::unsigned(1, 0.0, 100.0),
        Linear::unsigned(2, -900.0, 19_000.0),
        Linear::unsigned(4, 0.0, 360.0),
        Linear::signed(2, 20.0),
        Linear::signed(2, 0.075),
        Linear::signed(4, 180.0),
    ];

    #[test]
    fn the_ends_have_the_outermost_words() {
        assert_eq!(Linear::unsigned(2, 0.0, 360.0).encode(360.0), Some(0xFFFF));
        assert_eq!(Linear::unsigned(4, 0.0, 360.0).encode(360.0), Some(u32::MAX));
        assert_eq!(Linear::unsigned(2, 0.0, 360.0).encode(-0.1), None);
        assert_eq!(Linear::unsigned(2, 0.0, 360.0).encode(f64::NAN), None);
        assert_eq!(Linear::signed(2, 20.0).encode(-20.0), Some(0x8001));
        assert_eq!(Linear::signed(2, 20.0).encode(20.1), Some(0x8000));
        assert_eq!(Linear::signed(4, 90.0).encode(f64::NAN), Some(0x8000_0000));
        assert!(Linear::signed(4, 90.0).decode(0x8000_0000).is_nan());
    }

    proptest! {
        #[test]
        fn a_value_comes_back_within_half_a_step(map in 0..MAPS.len(), part in 0.0..=1.0) {
            let map = MAPS[map];
            let value = map.low + part * (map.high - map.low);
            let word = map.encode(value).ok_or_else(|| TestCaseError::fail("no word"))?;
            prop_assert!((map.decode(word) - value).abs() <= 0.500_001 * map.step());
        }

        #[test]
        fn every_word_comes_back(map in 0..MAPS.len(), word: u32) {
            let map = MAPS[map];
            let word = word >> (32 - u32::from(map.octets) * 8);
            prop_assert_eq!(map.encode(map.decode(word)), Some(word));
        }
    }
}
