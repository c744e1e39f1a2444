//! Papers for the radio: their lines without what follows from the rest, deflated.

use super::{Line, MAX_FILE_BYTES, MAX_OVERRIDES, MAX_PAYLOAD_BYTES, Papers, PapersError};
use crate::digest::Sha256;
use crate::radio::MAX_MESSAGE_BYTES;
use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read as _, Write as _};

/// Before each payload: key id, signature, length.
const HEAD_BYTES: usize = 32 + 64 + 4;

/// Why papers are not for the radio, or a message no papers.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// They are longer than a message.
    #[error(
        "the papers take {0} bytes by radio, {MAX_MESSAGE_BYTES} at most: check again, with fewer findings or overrides"
    )]
    Long(usize),
    /// It is not deflated, or longer than papers can be.
    #[error("not deflated papers, or too long")]
    Deflated,
    /// A line is cut, or there are none, or too many.
    #[error("a line is cut, or there are none, or too many")]
    Lines,
    /// The lines are no papers.
    #[error(transparent)]
    Papers(#[from] PapersError),
}

impl Papers {
    /// The message that carries them: for each line 32 bytes of key id, 64 of signature, the length of the payload as four bytes
    /// (little-endian), the payload; all of it deflated (RFC 1951).
    ///
    /// # Errors
    /// When they are too long for a message.
    pub fn pack(&self) -> Result<Vec<u8>, PackError> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        for line in self.lines() {
            let bytes = u32::try_from(line.payload.len()).map_err(|_| PackError::Lines)?;
            for part in [&line.key.0[..], &line.signature, &bytes.to_le_bytes(), &line.payload] {
                // Writing to memory does not fail.
                encoder.write_all(part).map_err(|_| PackError::Deflated)?;
            }
        }
        let packed = encoder.finish().map_err(|_| PackError::Deflated)?;
        if packed.len() > MAX_MESSAGE_BYTES { Err(PackError::Long(packed.len())) } else { Ok(packed) }
    }

    /// The papers in a message. Bounded: whatever it holds, no more than [`MAX_FILE_BYTES`] are inflated.
    ///
    /// # Errors
    /// When it holds anything else, or anything more.
    pub fn unpack(message: &[u8]) -> Result<Self, PackError> {
        let mut bytes = Vec::new();
        let mut decoder = DeflateDecoder::new(message);
        let most = MAX_FILE_BYTES as u64;
        decoder.by_ref().take(most + 1).read_to_end(&mut bytes).map_err(|_| PackError::Deflated)?;
        if bytes.len() > MAX_FILE_BYTES || !decoder.into_inner().is_empty() {
            return Err(PackError::Deflated);
        }
        let (mut rest, mut lines) = (&bytes[..], Vec::new());
        while !rest.is_empty() {
            if lines.len() > MAX_OVERRIDES {
                return Err(PackError::Lines);
            }
            let (line, behind) = line(rest).ok_or(PackError::Lines)?;
            lines.push(line);
            rest = behind;
        }
        Ok(Self::of(lines)?)
    }
}

fn line(bytes: &[u8]) -> Option<(Line, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
    let (key, head) = head.split_first_chunk::<32>()?;
    let (signature, length) = head.split_first_chunk::<64>()?;
    let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (payload, rest) = rest.split_at_checked(length).filter(|_| length <= MAX_PAYLOAD_BYTES)?;
    Some((Line { payload: payload.to_vec(), key: Sha256(*key), signature: *signature }, rest))
}
