//! Telemetry as MISB KLV: the UAS Datalink Local Set (ST 0601.19) with the minimum metadata set (ST 0902.8), the
//! nested security set (ST 0102.12), floating point to integer mapping (ST 1201) and the MIIS core identifier (ST 1204).

mod ber;
mod core_identifier;
mod corners;
mod frame_rate;
mod imapb;
mod items;
mod linear;
mod minimum;
mod st0102;
mod st0601;
mod uas;

pub use core_identifier::{CoreIdentifier, Quality};
pub use corners::Corner;
pub use frame_rate::FrameRate;
pub use imapb::{Imapb, Mapped, Special};
pub use linear::Linear;
pub use st0102::{Classification, Security};
pub use st0601::{Decoded, RawItem, UNIVERSAL_KEY, checksum};
pub use uas::Uas;

/// Why bytes are not a usable ST 0601 packet. Nothing of the packet is taken when one of these is returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KlvError {
    /// The bytes end inside a key, a length or an item.
    #[error("the packet ends at byte {at}, {missing} bytes short; it was cut, or the length field is wrong")]
    Truncated {
        /// Where the bytes end, counted from the start of what was handed in.
        at: usize,
        /// How many more the field needs.
        missing: usize,
    },
    /// The first sixteen bytes are not the universal key of the UAS Datalink Local Set.
    #[error(
        "no UAS Datalink Local Set: the packet does not start with 06 0E 2B 34 02 0B 01 01 0E 01 03 01 01 00 00 00"
    )]
    Key,
    /// A BER length in the indefinite form, or longer than this machine can count; ST 0107 allows neither.
    #[error("the length field at byte {at} is indefinite or wider than eight octets")]
    Length {
        /// Where the length field starts.
        at: usize,
    },
    /// A BER-OID tag of more than five octets.
    #[error("the tag at byte {at} is longer than a 32-bit number allows")]
    Tag {
        /// Where the tag starts.
        at: usize,
    },
    /// The packet does not end in tag 1, so nothing vouches for its bytes.
    #[error("the packet has no checksum as its last item (tag 1); it is incomplete or not ST 0601")]
    ChecksumMissing,
    /// The sum over the packet is not what tag 1 says.
    #[error("the checksum is {found:04X}, the bytes give {computed:04X}; the packet was damaged or made wrongly")]
    Checksum {
        /// What tag 1 holds.
        found: u16,
        /// What the bytes add up to.
        computed: u16,
    },
    /// Tag 2 is absent, not first, or not eight octets: a packet without a time belongs to no picture.
    #[error("the packet does not begin with a precision time stamp (tag 2, 8 octets)")]
    Timestamp,
}
