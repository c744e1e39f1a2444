//! Floating point to integer mapping, MISB ST 1201.5, method B: the writer chooses the width.

/// A map of `low..=high` on words of any width up to eight octets, with words for what is not a number of the range.
///
/// `y = trunc(2^(8·octets − 1 − b) · (x − low) + z)` with `b = ⌈log₂(high − low)⌉`, and `z` such that zero is exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imapb {
    low: f64,
    high: f64,
    octets: u8,
    /// Words per physical unit at `octets`: a power of two, so every word's value is exact.
    scale: f64,
    /// Where zero falls between two words, so that zero itself is a word (ST 1201 §7.1.2).
    zero_offset: f64,
}

/// What a word of ST 1201 stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mapped {
    /// A number of the range.
    Value(f64),
    /// One of the special words.
    Special(Special),
}

/// The special words of ST 1201 §7.2 that ST 0601 items use; all but the first octet are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// `C8`: +∞.
    PositiveInfinity,
    /// `E8`: −∞.
    NegativeInfinity,
    /// `D0` (read also from `D8`, `F0`, `F8` and their payloads): not a number.
    NotANumber,
    /// `E0`: below the range.
    BelowMinimum,
    /// `E1`: above the range.
    AboveMaximum,
    /// Reserved or user-defined; carries no value we know.
    Reserved,
}

impl Special {
    const fn first_octet(self) -> u8 {
        match self {
            Self::PositiveInfinity => 0xC8,
            Self::NegativeInfinity => 0xE8,
            // Reserved words are never written; one that was read goes out again as "no value".
            Self::NotANumber | Self::Reserved => 0xD0,
            Self::BelowMinimum => 0xE0,
            Self::AboveMaximum => 0xE1,
        }
    }
}

impl Imapb {
    /// A map of `low..=high`, written with `octets` (1 to 8) octets.
    #[must_use]
    pub const fn new(octets: u8, low: f64, high: f64) -> Self {
        let mut reach = 1.0;
        while reach < high - low {
            reach *= 2.0;
        }
        while reach / 2.0 >= high - low {
            reach /= 2.0;
        }
        let mut scale = 0.5 / reach;
        let mut octet = 0;
        while octet < octets {
            scale *= 256.0;
            octet += 1;
        }
        let zero_offset = if low < 0.0 && high > 0.0 { scale * low - (scale * low).floor() } else { 0.0 };
        Self { low, high, octets, scale, zero_offset }
    }

    /// Lowest value of the range.
    #[must_use]
    pub const fn low(self) -> f64 {
        self.low
    }

    /// Highest value of the range.
    #[must_use]
    pub const fn high(self) -> f64 {
        self.high
    }

    /// Width in octets of the words that [`Self::encode`] makes.
    #[must_use]
    pub const fn octets(self) -> u8 {
        self.octets
    }

    /// One step of the written word in physical units.
    #[must_use]
    pub const fn step(self) -> f64 {
        1.0 / self.scale
    }

    /// The word of a value; outside the range, infinite or not a number: the special word that says so.
    #[must_use]
    pub fn encode(self, value: f64) -> u64 {
        let special = if value.is_nan() {
            Special::NotANumber
        } else if value.is_infinite() {
            if value > 0.0 { Special::PositiveInfinity } else { Special::NegativeInfinity }
        } else if value < self.low {
            Special::BelowMinimum
        } else if value > self.high {
            Special::AboveMaximum
        } else {
            return truncate(self.scale * (value - self.low) + self.zero_offset);
        };
        u64::from(special.first_octet()) << (8 * (self.octets - 1))
    }

    /// What a word of 1 to 8 octets stands for; `None` for another width.
    #[must_use]
    pub fn decode(self, word: &[u8]) -> Option<Mapped> {
        let octets = u8::try_from(word.len()).ok().filter(|octets| (1..=8).contains(octets))?;
        let (first, tail) = (word[0], &word[1..]);
        let exact_maximum = first == 0x80 && tail.iter().all(|&octet| octet == 0);
        if first & 0x80 != 0 && !exact_maximum {
            return Some(Mapped::Special(special(first, tail)));
        }
        let code = word.iter().fold(0_u64, |code, &octet| (code << 8) | u64::from(octet));
        // The width is the writer's choice.
        let map = if octets == self.octets { self } else { Self::new(octets, self.low, self.high) };
        #[expect(
            clippy::cast_precision_loss,
            reason = "below 2⁵³ for all widths in use; wider ones lose no physical digit"
        )]
        let code = code as f64;
        Some(Mapped::Value((code - map.zero_offset) / map.scale + map.low))
    }
}

fn special(first: u8, tail: &[u8]) -> Special {
    if first & 0xF8 == 0xD0 || first & 0xF8 == 0xD8 || first & 0xF8 == 0xF0 || first & 0xF8 == 0xF8 {
        return Special::NotANumber;
    }
    if tail.iter().any(|&octet| octet != 0) {
        return Special::Reserved;
    }
    match first {
        0xC8 => Special::PositiveInfinity,
        0xE8 => Special::NegativeInfinity,
        0xE0 => Special::BelowMinimum,
        0xE1 => Special::AboveMaximum,
        _ => Special::Reserved,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has checked the range: 0 ≤ value ≤ 2⁶³"
)]
fn truncate(value: f64) -> u64 {
    value as u64
}
