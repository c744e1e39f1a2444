//! SHA-256 digests and the extent of a file: how long it is and what it hashes to.

use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::fmt;

/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // One string, not 32: digests are most of what a record or an entry spells out.
        let mut text = String::with_capacity(2 * self.0.len());
        for byte in self.0 {
            text.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Sha256 {
    type Error = NotHex;

    fn try_from(text: String) -> Result<Self, NotHex> {
        text.parse()
    }
}

impl std::str::FromStr for Sha256 {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Self, NotHex> {
        hex32(text).map(Self)
    }
}

/// Text that is not exactly 64 lower-case hexadecimal digits.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not 64 lower-case hexadecimal digits")]
pub struct NotHex;

/// Reads 32 bytes from exactly 64 lower-case hexadecimal digits.
pub(crate) fn hex32(text: &str) -> Result<[u8; 32], NotHex> {
    let nibble = |c: u8| match c {
        b'0'..=b'9' => Ok(c - b'0'),
        b'a'..=b'f' => Ok(c - b'a' + 10),
        _ => Err(NotHex),
    };
    let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| NotHex)?;
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(out)
}

/// Length and digest of a run of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extent {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of exactly these bytes.
    pub sha256: Sha256,
}

impl Extent {
    /// The extent of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut counted = Counted::default();
        counted.update(bytes);
        counted.extent()
    }
}

/// A digest in the making that also counts its bytes.
#[derive(Clone, Default)]
pub struct Counted {
    hash: sha2::Sha256,
    bytes: u64,
}

impl Counted {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Bytes taken so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Extent of all bytes taken so far; more may follow.
    pub fn extent(&self) -> Extent {
        Extent { bytes: self.bytes, sha256: Sha256(self.hash.clone().finalize().into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_fips_180_4_and_round_trips() {
        // FIPS 180-4 example: SHA-256("abc").
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sha256::of(b"abc").to_string(), text);
        assert_eq!(text.parse(), Ok(Sha256::of(b"abc")));
    }

    #[test]
    fn only_lower_case_hex_of_full_length_is_read() {
        let good = Sha256::of(b"").to_string();
        for bad in [&good.to_uppercase(), &good[1..], &format!("{good}0"), &good.replace('e', "g")] {
            assert_eq!(bad.parse::<Sha256>(), Err(NotHex), "{bad}");
        }
    }
}
