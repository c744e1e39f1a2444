//! Bits of a raw byte sequence payload, in the standards' notation: u(n), ue(v), se(v).

/// A reader that gives `None` past the end instead of guessing.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(rbsp: &'a [u8]) -> Self {
        Self { bytes: rbsp, at: 0 }
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        let octet = *self.bytes.get(self.at / 8)?;
        let bit = octet >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// u(n), n ≤ 32.
    pub(super) fn u(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some((value << 1) | u32::from(self.flag()?)))
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.at += count;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// ue(v), values up to 2³² − 2 as the standards allow.
    pub(super) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.u(zeros)?)
    }

    /// ue(v) that the standard bounds; `None` above the bound.
    pub(super) fn ue_up_to(&mut self, most: u32) -> Option<u32> {
        self.ue().filter(|&value| value <= most)
    }

    pub(super) fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let magnitude = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }
}
