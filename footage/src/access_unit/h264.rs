//! H.264 parameter sets and slice headers, as far as they are needed (ITU-T H.264 §7.3.2, §7.3.3, annex E).

use std::time::Duration;

use super::bits::Bits;
use super::nal::unescape;
use super::{StreamInfo, ticks_duration};

/// Id of a sequence parameter set and what it says.
pub(super) fn sequence(nal: &[u8]) -> Option<(u32, StreamInfo)> {
    let rbsp = unescape(nal.get(1..)?);
    let bits = &mut Bits::new(&rbsp);
    let profile = bits.u(8)?;
    let constraints = bits.u(8)?;
    let level = bits.u(8)?;
    let id = bits.ue_up_to(31)?;
    let chroma = chroma_format(bits, profile)?;
    bits.ue_up_to(12)?; // log2_max_frame_num_minus4
    let order_type = picture_order(bits)?;
    bits.ue_up_to(16)?; // max_num_ref_frames
    bits.flag()?; // gaps_in_frame_num_value_allowed_flag
    let width_mbs = bits.ue_up_to(1 << 12)? + 1;
    let height_units = bits.ue_up_to(1 << 12)? + 1;
    let frame_mbs_only = bits.flag()?;
    let height_mbs = height_units * if frame_mbs_only { 1 } else { 2 };
    if !frame_mbs_only {
        bits.flag()?; // mb_adaptive_frame_field_flag
    }
    bits.flag()?; // direct_8x8_inference_flag
    let (crop_width, crop_height) = cropping(bits, chroma, frame_mbs_only)?;
    let usability = if bits.flag()? { usability(bits).unwrap_or_default() } else { Usability::default() };
    let reorder_depth = usability
        .reorder_depth
        .unwrap_or_else(|| default_reorder(profile, constraints, level, order_type, width_mbs * height_mbs));
    Some((
        id,
        StreamInfo {
            width: (width_mbs * 16).checked_sub(crop_width)?,
            height: (height_mbs * 16).checked_sub(crop_height)?,
            reorder_depth,
            frame_duration: usability.frame_duration,
        },
    ))
}

/// Profiles whose sets carry chroma format, bit depths and scaling lists.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// ChromaArrayType: 1 when the profile has no other.
fn chroma_format(bits: &mut Bits<'_>, profile: u32) -> Option<u32> {
    if !HIGH_PROFILES.contains(&profile) {
        return Some(1);
    }
    let chroma = bits.ue_up_to(3)?;
    let separate_planes = chroma == 3 && bits.flag()?;
    bits.ue_up_to(6)?; // bit_depth_luma_minus8
    bits.ue_up_to(6)?; // bit_depth_chroma_minus8
    bits.flag()?; // qpprime_y_zero_transform_bypass_flag
    if bits.flag()? {
        for list in 0..if chroma == 3 { 12 } else { 8 } {
            if bits.flag()? {
                scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(if separate_planes { 0 } else { chroma })
}

fn scaling_list(bits: &mut Bits<'_>, size: u32) -> Option<()> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.se().filter(|delta| (-128..=127).contains(delta))?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// pic_order_cnt_type.
fn picture_order(bits: &mut Bits<'_>) -> Option<u32> {
    let order_type = bits.ue_up_to(2)?;
    if order_type == 0 {
        bits.ue_up_to(12)?; // log2_max_pic_order_cnt_lsb_minus4
    } else if order_type == 1 {
        bits.flag()?; // delta_pic_order_always_zero_flag
        bits.se()?; // offset_for_non_ref_pic
        bits.se()?; // offset_for_top_to_bottom_field
        for _ in 0..bits.ue_up_to(255)? {
            bits.se()?; // offset_for_ref_frame
        }
    }
    Some(order_type)
}

/// Luma samples cut off in width and height.
fn cropping(bits: &mut Bits<'_>, chroma: u32, frame_mbs_only: bool) -> Option<(u32, u32)> {
    if !bits.flag()? {
        return Some((0, 0));
    }
    let unit_x = if chroma == 1 || chroma == 2 { 2 } else { 1 };
    let unit_y = if chroma == 1 { 2 } else { 1 } * if frame_mbs_only { 1 } else { 2 };
    let most = 1 << 16;
    let x = bits.ue_up_to(most)? + bits.ue_up_to(most)?;
    let y = bits.ue_up_to(most)? + bits.ue_up_to(most)?;
    Some((x * unit_x, y * unit_y))
}

/// What the video usability information says, where it says it.
#[derive(Default)]
struct Usability {
    frame_duration: Option<Duration>,
    reorder_depth: Option<u32>,
}

/// VUI, annex E.1.1. `None` when it is cut: cameras write wrong ones, and the rest of the set still counts.
fn usability(bits: &mut Bits<'_>) -> Option<Usability> {
    const EXTENDED_SAR: u32 = 255;
    if bits.flag()? && bits.u(8)? == EXTENDED_SAR {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.flag()?; // overscan_appropriate_flag
    }
    if bits.flag()? {
        bits.skip(4)?; // video_format, video_full_range_flag
        if bits.flag()? {
            bits.skip(24)?; // colour description
        }
    }
    if bits.flag()? {
        bits.ue()?; // chroma_sample_loc_type_top_field
        bits.ue()?; // chroma_sample_loc_type_bottom_field
    }
    let frame_duration = if bits.flag()? {
        let (units, scale) = (bits.u(32)?, bits.u(32)?);
        bits.flag()?; // fixed_frame_rate_flag
        // A tick is a field: a frame takes two (E.2.1).
        ticks_duration(u64::from(units) * 2, scale)
    } else {
        None
    };
    let reorder_depth = reordering(bits).flatten();
    Some(Usability { frame_duration, reorder_depth })
}

/// max_num_reorder_frames; `Some(None)` when there is no bitstream restriction.
fn reordering(bits: &mut Bits<'_>) -> Option<Option<u32>> {
    let network = bits.flag()?;
    if network {
        reference_decoder(bits)?;
    }
    let video = bits.flag()?;
    if video {
        reference_decoder(bits)?;
    }
    if network || video {
        bits.flag()?; // low_delay_hrd_flag
    }
    bits.flag()?; // pic_struct_present_flag
    if !bits.flag()? {
        return Some(None);
    }
    bits.flag()?; // motion_vectors_over_pic_boundaries_flag
    for _ in 0..4 {
        bits.ue()?; // max_bytes_per_pic_denom … log2_max_mv_length_vertical
    }
    Some(Some(bits.ue_up_to(16)?))
}

fn reference_decoder(bits: &mut Bits<'_>) -> Option<()> {
    let schedules = bits.ue_up_to(31)? + 1;
    bits.skip(8)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..schedules {
        bits.ue()?; // bit_rate_value_minus1
        bits.ue()?; // cpb_size_value_minus1
        bits.flag()?; // cbr_flag
    }
    bits.skip(20) // initial_cpb_removal_delay_length_minus1 … time_offset_length
}

/// The depth of a stream that does not say (E.2.1, max_num_reorder_frames): none where the profile or the order of
/// pictures rules it out, else as many frames as the level's decoded picture buffer holds.
fn default_reorder(profile: u32, constraints: u32, level: u32, order_type: u32, size_mbs: u32) -> u32 {
    const BASELINE: u32 = 66;
    const OUTPUT_IS_DECODING_ORDER: u32 = 2;
    let set3 = constraints & 0x10 != 0;
    let intra_only = set3 && matches!(profile, 44 | 86 | 100 | 110 | 122 | 244);
    if intra_only || profile == BASELINE || order_type == OUTPUT_IS_DECODING_ORDER {
        return 0;
    }
    // Level 1b is level_idc 11 with constraint_set3_flag in the profiles without intra-only variants.
    let level = if level == 11 && set3 { 9 } else { level };
    (buffer_mbs(level) / size_mbs.max(1)).clamp(1, 16)
}

/// MaxDpbMbs, table A-1.
fn buffer_mbs(level: u32) -> u32 {
    match level {
        0..=10 => 396,
        11 => 900,
        12..=20 => 2_376,
        21 => 4_752,
        22..=30 => 8_100,
        31 => 18_000,
        32 => 20_480,
        40 | 41 => 32_768,
        42 => 34_816,
        50 => 110_400,
        51 | 52 => 184_320,
        _ => 696_320,
    }
}

/// Id of a picture parameter set, and of the sequence parameter set it refers to.
pub(super) fn picture(nal: &[u8]) -> Option<(u32, u32)> {
    let rbsp = unescape(&nal[1..nal.len().min(16)]);
    let bits = &mut Bits::new(&rbsp);
    Some((bits.ue_up_to(255)?, bits.ue_up_to(31)?))
}

/// Id of the picture parameter set a slice refers to.
pub(super) fn slice_picture_set(nal: &[u8]) -> Option<u32> {
    const SLICE_TYPES: u32 = 9;
    if !matches!(nal[0] & 0x1F, 1 | 2 | 5) {
        return None;
    }
    let rbsp = unescape(&nal[1..nal.len().min(24)]);
    let bits = &mut Bits::new(&rbsp);
    bits.ue()?; // first_mb_in_slice
    bits.ue_up_to(SLICE_TYPES)?;
    bits.ue_up_to(255)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits as they are written, in the standard's notation.
    #[derive(Default)]
    struct Writer(Vec<bool>);

    impl Writer {
        fn u(mut self, count: u32, value: u32) -> Self {
            self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
            self
        }

        fn ue(self, value: u32) -> Self {
            let width = 32 - (value + 1).leading_zeros();
            self.u(width - 1, 0).u(width, value + 1)
        }

        fn nal(self) -> Vec<u8> {
            let mut nal = vec![0x67];
            let mut bits = self.u(1, 1).0;
            bits.resize(bits.len().next_multiple_of(8), false);
            let octets: Vec<u8> =
                bits.chunks(8).map(|octet| octet.iter().fold(0, |value, &bit| value << 1 | u8::from(bit))).collect();
            super::super::nal::push_escaped(&mut nal, &octets);
            nal
        }
    }

    /// A frame-coded set of 1920×1080, up to the VUI flag.
    fn hd(profile: u32, constraints: u32, level: u32, order_type: u32) -> Writer {
        let mut bits = Writer::default().u(8, profile).u(8, constraints).u(8, level).ue(0);
        if profile >= 100 {
            bits = bits.ue(1).ue(0).ue(0).u(1, 0).u(1, 0);
        }
        bits = bits.ue(0).ue(order_type);
        if order_type == 0 {
            bits = bits.ue(4);
        }
        bits.ue(1).u(1, 0).ue(119).ue(67).u(1, 1).u(1, 1).u(1, 1).ue(0).ue(0).ue(0).ue(4)
    }

    fn depth(bits: Writer) -> u32 {
        sequence(&bits.nal()).unwrap().1.reorder_depth
    }

    #[test]
    fn size_is_cropped() {
        let (id, info) = sequence(&hd(100, 0, 40, 0).u(1, 0).nal()).unwrap();
        assert_eq!((id, info.width, info.height, info.frame_duration), (0, 1920, 1080, None));
    }

    #[test]
    fn depth_that_is_not_stated_follows_profile_and_level() {
        for (profile, constraints, level, order_type, expected) in [
            (100, 0, 40, 0, 4),  // 32768 / 8160 macroblocks
            (100, 0, 51, 0, 16), // more than sixteen fit
            (77, 0, 31, 0, 2),
            (77, 0, 10, 0, 1),     // too small a level for the size: one at least
            (100, 0, 40, 2, 0),    // output order is decoding order
            (66, 0xC0, 40, 0, 0),  // constrained baseline
            (100, 0x10, 40, 0, 0), // High 10 intra and its like
        ] {
            let bits = hd(profile, constraints, level, order_type).u(1, 0);
            assert_eq!(depth(bits), expected, "profile {profile}, level {level}");
        }
    }

    #[test]
    fn depth_and_timing_that_are_stated_count() {
        // Sample aspect ratio, overscan, signal type, chroma location absent; 1001/60000 s a field.
        let vui = |bits: Writer| bits.u(1, 1).u(4, 0).u(1, 1).u(32, 1001).u(32, 60_000).u(1, 1).u(2, 0).u(1, 0);
        let stated = |frames| vui(hd(100, 0, 40, 0)).u(1, 1).u(1, 1).ue(0).ue(0).ue(16).ue(16).ue(frames).ue(4);
        for frames in [0, 1, 4] {
            let (_, info) = sequence(&stated(frames).nal()).unwrap();
            assert_eq!(info.reorder_depth, frames);
            assert_eq!(info.frame_duration, Some(Duration::from_nanos(33_366_666)));
        }
        assert_eq!(depth(vui(hd(100, 0, 40, 0)).u(1, 0)), 4, "no restriction");
    }

    #[test]
    fn a_set_that_is_cut_is_none() {
        let whole = hd(100, 0, 40, 0).u(1, 0).nal();
        for end in 0..whole.len() - 1 {
            assert_eq!(sequence(&whole[..end]), None);
        }
    }
}
