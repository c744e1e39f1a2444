//! H.265 parameter sets and slice headers, as far as they are needed (ITU-T H.265 §7.3.2, §7.3.6, annex E).

use super::bits::Bits;
use super::nal::unescape;
use super::{StreamInfo, ticks_duration};

/// Id of a video parameter set.
pub(super) fn video(nal: &[u8]) -> Option<u32> {
    Some(u32::from(*nal.get(2)? >> 4))
}

/// Id of a sequence parameter set and what it says.
pub(super) fn sequence(nal: &[u8]) -> Option<(u32, StreamInfo)> {
    let rbsp = unescape(nal.get(2..)?);
    let bits = &mut Bits::new(&rbsp);
    bits.skip(4)?; // sps_video_parameter_set_id
    let sub_layers = bits.u(3)?;
    bits.flag()?; // sps_temporal_id_nesting_flag
    profile_tier_level(bits, sub_layers)?;
    let id = bits.ue_up_to(15)?;
    let chroma = bits.ue_up_to(3)?;
    let separate_planes = chroma == 3 && bits.flag()?;
    let coded = (bits.ue_up_to(1 << 16)?, bits.ue_up_to(1 << 16)?);
    let cropped = window(bits, if separate_planes { 0 } else { chroma })?;
    bits.ue_up_to(8)?; // bit_depth_luma_minus8
    bits.ue_up_to(8)?; // bit_depth_chroma_minus8
    let order_bits = bits.ue_up_to(12)? + 4;
    let reorder_depth = ordering(bits, sub_layers)?;
    let info = StreamInfo {
        width: coded.0.checked_sub(cropped.0)?,
        height: coded.1.checked_sub(cropped.1)?,
        reorder_depth,
        frame_duration: None,
    };
    let frame_duration = timing(bits, chroma, order_bits);
    Some((id, StreamInfo { frame_duration, ..info }))
}

fn profile_tier_level(bits: &mut Bits<'_>, sub_layers: u32) -> Option<()> {
    bits.skip(96)?; // general profile, tier, level
    let mut present = [(false, false); 8];
    for layer in present.iter_mut().take(usize::try_from(sub_layers).ok()?) {
        *layer = (bits.flag()?, bits.flag()?);
    }
    if sub_layers > 0 {
        bits.skip(2 * (8 - usize::try_from(sub_layers).ok()?))?;
    }
    for (profile, level) in present {
        bits.skip(if profile { 88 } else { 0 } + if level { 8 } else { 0 })?;
    }
    Some(())
}

/// Luma samples cut off in width and height by the conformance window.
fn window(bits: &mut Bits<'_>, chroma: u32) -> Option<(u32, u32)> {
    if !bits.flag()? {
        return Some((0, 0));
    }
    let unit_x = if chroma == 1 || chroma == 2 { 2 } else { 1 };
    let unit_y = if chroma == 1 { 2 } else { 1 };
    let most = 1 << 16;
    let x = bits.ue_up_to(most)? + bits.ue_up_to(most)?;
    let y = bits.ue_up_to(most)? + bits.ue_up_to(most)?;
    Some((x * unit_x, y * unit_y))
}

/// sps_max_num_reorder_pics of the highest sub-layer.
fn ordering(bits: &mut Bits<'_>, sub_layers: u32) -> Option<u32> {
    let each = bits.flag()?;
    let mut depth = 0;
    for _ in 0..=if each { sub_layers } else { 0 } {
        bits.ue_up_to(15)?; // sps_max_dec_pic_buffering_minus1
        depth = bits.ue_up_to(15)?;
        bits.ue()?; // sps_max_latency_increase_plus1
    }
    Some(depth)
}

/// Frame duration from the rest of the set; `None` when it does not say, or is cut.
fn timing(bits: &mut Bits<'_>, chroma: u32, order_bits: u32) -> Option<std::time::Duration> {
    for _ in 0..6 {
        bits.ue()?; // coding block and transform sizes, hierarchy depths
    }
    if bits.flag()? && bits.flag()? {
        scaling_lists(bits, chroma)?;
    }
    bits.skip(2)?; // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if bits.flag()? {
        bits.skip(8)?; // pcm bit depths
        bits.ue()?;
        bits.ue()?;
        bits.flag()?;
    }
    let sets = bits.ue_up_to(64)?;
    let mut pictures = 0;
    for set in 0..sets {
        pictures = reference_pictures(bits, set, pictures)?;
    }
    if bits.flag()? {
        for _ in 0..bits.ue_up_to(32)? {
            bits.u(order_bits)?; // lt_ref_pic_poc_lsb_sps
            bits.flag()?;
        }
    }
    bits.skip(2)?; // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
    if bits.flag()? { usability_timing(bits) } else { None }
}

fn scaling_lists(bits: &mut Bits<'_>, chroma: u32) -> Option<()> {
    for size in 0..4_u32 {
        let step = if size == 3 && chroma != 3 { 3 } else { 1 };
        for _ in (0..6).step_by(step) {
            if !bits.flag()? {
                bits.ue()?; // scaling_list_pred_matrix_id_delta
                continue;
            }
            if size > 1 {
                bits.se()?; // scaling_list_dc_coef_minus8
            }
            for _ in 0..64.min(1 << (4 + (size << 1))) {
                bits.se()?;
            }
        }
    }
    Some(())
}

/// st_ref_pic_set(set); gives its number of pictures, which the next set's prediction needs.
fn reference_pictures(bits: &mut Bits<'_>, set: u32, previous: u32) -> Option<u32> {
    const MOST: u32 = 16;
    if set != 0 && bits.flag()? {
        bits.flag()?; // delta_rps_sign
        bits.ue()?; // abs_delta_rps_minus1
        let mut pictures = 0;
        for _ in 0..=previous {
            let used = bits.flag()?;
            if used || bits.flag()? {
                pictures += 1;
            }
        }
        return (pictures <= MOST).then_some(pictures);
    }
    let (before, after) = (bits.ue_up_to(MOST)?, bits.ue_up_to(MOST)?);
    for _ in 0..before + after {
        bits.ue()?; // delta_poc_minus1
        bits.flag()?; // used_by_curr_pic_flag
    }
    (before + after <= MOST).then_some(before + after)
}

/// VUI, annex E.2.1, to the timing.
fn usability_timing(bits: &mut Bits<'_>) -> Option<std::time::Duration> {
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
    bits.skip(3)?; // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
    if bits.flag()? {
        for _ in 0..4 {
            bits.ue()?; // default display window
        }
    }
    if !bits.flag()? {
        return None;
    }
    let (units, scale) = (bits.u(32)?, bits.u(32)?);
    ticks_duration(u64::from(units), scale)
}

/// Id of a picture parameter set, and of the sequence parameter set it refers to.
pub(super) fn picture(nal: &[u8]) -> Option<(u32, u32)> {
    let rbsp = unescape(nal.get(2..nal.len().min(16))?);
    let bits = &mut Bits::new(&rbsp);
    Some((bits.ue_up_to(63)?, bits.ue_up_to(15)?))
}

/// Id of the picture parameter set a slice refers to.
pub(super) fn slice_picture_set(nal: &[u8]) -> Option<u32> {
    let rbsp = unescape(nal.get(2..nal.len().min(16))?);
    let bits = &mut Bits::new(&rbsp);
    bits.flag()?; // first_slice_segment_in_pic_flag
    if matches!((nal[0] >> 1) & 0x3F, 16..=23) {
        bits.flag()?; // no_output_of_prior_pics_flag
    }
    bits.ue_up_to(63)
}
