//! One access unit as the camera sent it → the same picture in order, with its capture time.

use super::nal::{self, Kind, kind, split};
use super::parameter_sets::ParameterSets;
use super::{AuError, Codec, StreamInfo};
use crate::sei::{self, CaptureTime, WithoutTime};

/// Delimiter that allows any slice type: primary_pic_type 7.
const DELIMITER_H264: &[u8] = &[0x09, 0xF0];
/// Delimiter that allows any slice type: pic_type 2.
const DELIMITER_H265: &[u8] = &[0x46, 0x01, 0x50];
/// H.264 SEI payload type of the recovery point.
const RECOVERY_POINT: u32 = 6;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessUnit {
    /// Decoding can start here: an IDR or other random access picture, or an H.264 recovery point without delay.
    /// A segment may begin with it; its parameter sets are in it.
    pub key: bool,
    /// A parameter set came that is new or differs from the one of the same id: the size, for one, may be another.
    pub parameter_sets_changed: bool,
    /// What the picture's sequence parameter set says; `None` while it is not known.
    pub info: Option<StreamInfo>,
}

/// Puts access units in order: one delimiter, parameter sets, SEI, the capture time last, slices, the rest.
///
/// Key pictures always carry the parameter sets in force, whether or not the camera repeats them. Delimiters and
/// MISP time stamps that came with the picture are replaced; nothing else is dropped but parameter sets that stand
/// in the access unit twice.
#[derive(Debug)]
pub struct Normaliser {
    codec: Codec,
    sets: ParameterSets,
}

impl Normaliser {
    /// A normaliser that has seen nothing yet.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        Self { codec, sets: ParameterSets::default() }
    }

    /// Appends one access unit to `out`, given in annex B form, with the capture time `time_us` (µs since 1970) and
    /// whether the clock behind it was locked to an absolute reference (ST 0603).
    ///
    /// # Errors
    /// See [`AuError`]; nothing is appended then.
    pub fn normalise(
        &mut self,
        au_annexb: &[u8],
        time_us: u64,
        locked: bool,
        out: &mut Vec<u8>,
    ) -> Result<AccessUnit, AuError> {
        let units = Units::sort(self.codec, au_annexb);
        let update = self.sets.update(self.codec, &units.parameter_sets)?;
        if units.slices.is_empty() {
            return Err(AuError::NoPicture);
        }
        let info = units.slices.iter().find_map(|slice| self.sets.info(self.codec, slice));
        let key = units.random_access || self.recovers_at_once(&units.sei);
        if key && info.is_none() && update.unread.is_empty() {
            return Err(AuError::NoParameterSets);
        }
        out.reserve(au_annexb.len() + 256);
        nal::push(out, self.delimiter());
        if key || !units.parameter_sets.is_empty() {
            self.sets.in_order().chain(update.unread).for_each(|set| nal::push(out, set));
        }
        for sei in &units.sei {
            match sei::without_time(self.codec, sei) {
                WithoutTime::Unchanged => nal::push(out, sei),
                WithoutTime::Rest(rest) => nal::push(out, &rest),
                WithoutTime::Nothing => {}
            }
        }
        nal::push(out, &[]);
        sei::push_nal(self.codec, CaptureTime { time_us, locked }, out);
        for unit in units.prefixes.iter().chain(&units.slices).chain(&units.suffixes) {
            nal::push(out, unit);
        }
        Ok(AccessUnit { key, parameter_sets_changed: update.changed, info })
    }

    fn delimiter(&self) -> &'static [u8] {
        match self.codec {
            Codec::H264 => DELIMITER_H264,
            Codec::H265 => DELIMITER_H265,
        }
    }

    /// An H.264 recovery point with recovery_frame_cnt 0, as encoders that never send an IDR mark their I-pictures.
    fn recovers_at_once(&self, sei: &[&[u8]]) -> bool {
        self.codec == Codec::H264
            && sei.iter().any(|nal| {
                // recovery_frame_cnt is ue(v): a leading one bit is zero.
                sei::find_payload(self.codec, nal, RECOVERY_POINT)
                    .is_some_and(|payload| payload.first().is_some_and(|octet| octet & 0x80 != 0))
            })
    }
}

/// The NAL units of an access unit by their place, each group in the order it came.
#[derive(Default)]
struct Units<'a> {
    parameter_sets: Vec<(Kind, &'a [u8])>,
    sei: Vec<&'a [u8]>,
    prefixes: Vec<&'a [u8]>,
    slices: Vec<&'a [u8]>,
    suffixes: Vec<&'a [u8]>,
    random_access: bool,
}

impl<'a> Units<'a> {
    fn sort(codec: Codec, annexb: &'a [u8]) -> Self {
        let mut units = Self::default();
        for nal in split(annexb) {
            let Some(kind) = kind(codec, nal) else {
                continue;
            };
            match kind {
                Kind::Delimiter => {}
                Kind::Video | Kind::Sequence | Kind::SequenceExtension | Kind::Picture => {
                    units.parameter_sets.push((kind, nal));
                }
                Kind::Sei => units.sei.push(nal),
                Kind::Prefix => units.prefixes.push(nal),
                Kind::Slice { random_access } => {
                    units.random_access |= random_access;
                    units.slices.push(nal);
                }
                Kind::Suffix => units.suffixes.push(nal),
            }
        }
        units
    }
}
