//! Two short clips with B-frames, one of each codec.

use footage::access_unit::Codec;
use footage::access_unit::nal::{Kind, kind, split};

/// An elementary stream with delimiters.
pub(crate) struct Clip<'a> {
    pub(crate) codec: Codec,
    pub(crate) stream: &'a [u8],
    /// Place of each picture in output order, in decoding order.
    pub(crate) shown: [u8; 20],
}

pub(crate) const CLIPS: [Clip<'static>; 2] = [
    Clip {
        codec: Codec::H264,
        stream: include_bytes!("../data/reordered.h264"),
        shown: [0, 4, 2, 1, 3, 7, 5, 6, 8, 9, 10, 13, 11, 12, 16, 14, 15, 19, 17, 18],
    },
    Clip {
        codec: Codec::H265,
        stream: include_bytes!("../data/reordered.h265"),
        shown: [0, 4, 2, 1, 3, 7, 5, 6, 9, 8, 10, 15, 13, 11, 12, 14, 19, 17, 16, 18],
    },
];

impl Clip<'_> {
    /// The access units, each from its delimiter on.
    pub(crate) fn access_units(&self) -> Vec<Vec<u8>> {
        let mut units: Vec<Vec<u8>> = Vec::new();
        for nal in split(self.stream) {
            if kind(self.codec, nal) == Some(Kind::Delimiter) || units.is_empty() {
                units.push(Vec::new());
            }
            if let Some(unit) = units.last_mut() {
                unit.extend_from_slice(&[0, 0, 1]);
                unit.extend_from_slice(nal);
            }
        }
        units
    }
}
