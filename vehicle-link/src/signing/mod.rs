//! MAVLink 2 signing: frames that prove that their sender holds the key, each taken once. Pure but for [`TimestampFile`] and the
//! file of the [`Key`].
//!
//! A signed frame has 13 bytes more: link id, timestamp (48 bits, 10 µs since 2015-01-01), and the first 48 bits of SHA-256 over
//! the key and everything before. A frame is refused, by reason, when it is not signed (and its id not excepted), when the
//! signature is wrong, when its stream (system, component, link id) has gone past its timestamp, and when a new stream begins more
//! than a minute ago (<https://mavlink.io/en/guide/message_signing.html>), or before what a run before this one may have heard: a
//! restart makes no replay new. Who is behind that is heard again as soon as it hears us: every implementation counts on from there.

mod file;
mod key;
mod streams;
mod timestamps;

use subtle::ConstantTimeEq as _;

pub use file::{FileError, TimestampFile};
pub use key::{Key, KeyFileError};
pub use streams::{MAX_BEHIND, MAX_STREAMS};
pub use timestamps::{Kept, LEAST_AHEAD, MOST_AHEAD, Timestamps, of_utc_us};

use crate::frames::Frame;
use streams::Streams;

/// Telemetry radios send it in nobody's name and cannot sign it.
pub const RADIO_STATUS: u32 = 109;

/// Which unsigned frames are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsigned {
    /// None but those with these ids, such as [`RADIO_STATUS`].
    Only(Vec<u32>),
    /// All: signed ones are checked all the same.
    Accept,
}

impl Unsigned {
    fn takes(&self, id: u32) -> bool {
        match self {
            Self::Only(ids) => ids.contains(&id),
            Self::Accept => true,
        }
    }
}

/// Why a frame that came in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// Not signed, where a signature is asked.
    #[error("it is not signed")]
    Unsigned,
    /// Signed with another key, or altered.
    #[error("its signature is wrong")]
    Signature,
    /// Its stream has gone past its timestamp: a replay, a copy, or late.
    #[error("its timestamp was used already")]
    Replayed,
    /// The first of its stream, and more than a minute old, or not after what a run before this one may have heard.
    #[error("it begins a stream in the past")]
    Stale,
    /// [`MAX_STREAMS`] streams are alive.
    #[error("too many streams are signed")]
    TooManyStreams,
}

/// Why a frame of ours could not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// MAVLink 1, or an id whose checksum seed is not known.
    #[error("only MAVLink 2 frames of known ids can be signed")]
    Frame,
    /// No timestamp is reserved: the disk has not taken the last reservation.
    #[error("no timestamp is reserved; see whether the disk takes the file of timestamps")]
    NoTimestamp,
}

/// One key in use: signs what goes out, judges what comes in.
pub struct Signing {
    key: Key,
    unsigned: Unsigned,
    timestamps: Timestamps,
    streams: Streams,
}

impl Signing {
    /// With no stream heard yet.
    pub fn new(key: Key, unsigned: Unsigned, timestamps: Timestamps) -> Self {
        Self { key, unsigned, timestamps, streams: Streams::default() }
    }

    /// Which unsigned frames are taken from now on.
    pub fn set_unsigned(&mut self, unsigned: Unsigned) {
        self.unsigned = unsigned;
    }

    /// The timestamps, to keep them on a disk.
    pub fn timestamps(&mut self) -> &mut Timestamps {
        &mut self.timestamps
    }

    /// `frame` signed in the name of link `link_id`; `now` is the clock ([`of_utc_us`]).
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&mut self, frame: &Frame, link_id: u8, now: u64) -> Result<Frame, SignError> {
        let timestamp = self.timestamps.issue(now).ok_or(SignError::NoTimestamp)?;
        frame.signed(link_id, timestamp, |covered| self.key.signature(covered)).ok_or(SignError::Frame)
    }

    /// Judges a frame that came in; `now` is the clock.
    ///
    /// # Errors
    /// [`Refusal`]; the frame then changes nothing.
    pub fn check(&mut self, frame: &Frame, now: u64) -> Result<(), Refusal> {
        let Some(signature) = frame.signature() else {
            return if self.unsigned.takes(frame.message_id()) { Ok(()) } else { Err(Refusal::Unsigned) };
        };
        let right = self.key.signature(signature.covered);
        if !bool::from(right.ct_eq(&signature.bytes)) {
            return Err(Refusal::Signature);
        }
        let stream = (frame.system_id(), frame.component_id(), signature.link_id);
        let current = self.timestamps.current(now);
        self.streams.take(stream, signature.timestamp, (self.timestamps.floor(), current))?;
        self.timestamps.heard(signature.timestamp);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use zeroize::Zeroizing;

    use super::*;

    /// Made by pymavlink 2.4.50: key 0, 1 … 31, link id 5, timestamp 0x0123456789ab.
    const SIGNED: [u8; 34] = [
        0xFD, 0x09, 0x01, 0x00, 0x00, 0x01, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x02, 0x0C, 0x51, 0x04,
        0x03, 0xA1, 0xF1, 0x05, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01, 0x33, 0x0E, 0x83, 0x61, 0x09, 0xB3,
    ];
    /// The same message without a signature.
    const PLAIN: [u8; 21] = [
        0xFD, 0x09, 0x00, 0x00, 0x00, 0x01, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x02, 0x0C, 0x51, 0x04,
        0x03, 0x46, 0x09,
    ];
    const TIMESTAMP: u64 = 0x0123_4567_89AB;

    fn signing(first_byte: u8) -> Signing {
        let mut key = Zeroizing::new(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        key[0] = first_byte;
        let mut timestamps = Timestamps::new(Kept::default(), TIMESTAMP - 1);
        timestamps.kept(Kept { limit: TIMESTAMP + 9, seen: 0 });
        Signing::new(Key::new(key), Unsigned::Only(vec![RADIO_STATUS]), timestamps)
    }

    fn frame(bytes: &[u8]) -> Frame {
        Frame::parse(Bytes::copy_from_slice(bytes)).unwrap()
    }

    #[test]
    fn signs_bit_for_bit_as_others_do() {
        let signed = signing(0).sign(&frame(&PLAIN), 5, TIMESTAMP).unwrap();
        assert_eq!(signed.bytes(), SIGNED);
        let signature = signed.signature().unwrap();
        assert_eq!((signature.link_id, signature.timestamp), (5, TIMESTAMP));
        // A signed frame is signed anew, not twice.
        let again = signing(0).sign(&signed, 5, TIMESTAMP).unwrap();
        assert_eq!(again.bytes(), SIGNED);
    }

    #[test]
    fn takes_what_others_signed_once() {
        let mut signing = signing(0);
        assert_eq!(signing.check(&frame(&SIGNED), TIMESTAMP), Ok(()));
        assert_eq!(signing.check(&frame(&SIGNED), TIMESTAMP), Err(Refusal::Replayed));
        assert_eq!(signing.timestamps().issue(TIMESTAMP - 5), Some(TIMESTAMP), "goes on from there");
    }

    #[test]
    fn an_altered_signature_changes_nothing() {
        let mut signing = signing(0);
        for at in 21..34 {
            let mut bytes = SIGNED;
            bytes[at] ^= 1;
            assert_eq!(signing.check(&frame(&bytes), TIMESTAMP), Err(Refusal::Signature), "byte {at}");
        }
        assert_eq!(signing.check(&frame(&SIGNED), TIMESTAMP), Ok(()));
    }

    #[test]
    fn another_key_and_no_signature_are_refused() {
        assert_eq!(signing(1).check(&frame(&SIGNED), TIMESTAMP), Err(Refusal::Signature));
        let mut signing = signing(0);
        assert_eq!(signing.check(&frame(&PLAIN), TIMESTAMP), Err(Refusal::Unsigned));
        let radio = crate::frames::Body::raw(RADIO_STATUS, &[1; 9]).unwrap();
        let radio = crate::frames::Encoder::new(51, 68).encode_body(&radio);
        assert_eq!(signing.check(&radio, TIMESTAMP), Ok(()));
        signing.set_unsigned(Unsigned::Accept);
        assert_eq!(signing.check(&frame(&PLAIN), TIMESTAMP), Ok(()));
    }

    #[test]
    fn a_stream_that_begins_long_ago_is_refused() {
        let late = TIMESTAMP + MAX_BEHIND + 1;
        assert_eq!(signing(0).check(&frame(&SIGNED), late), Err(Refusal::Stale));
        assert_eq!(signing(0).check(&frame(&SIGNED), late - 1), Ok(()));
    }

    #[test]
    fn what_cannot_be_signed_says_why() {
        let version_1 = [0xFE, 9, 0, 0xFF, 0, 0, 0, 0, 0, 0, 6, 8, 0, 0, 3, 0xA1, 0xDF];
        assert_eq!(signing(0).sign(&frame(&version_1), 5, TIMESTAMP), Err(SignError::Frame));
        let mut signing = signing(0);
        let last = (0..12).map(|_| signing.sign(&frame(&PLAIN), 5, TIMESTAMP)).last().unwrap();
        assert_eq!(last, Err(SignError::NoTimestamp));
    }
}
