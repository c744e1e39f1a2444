//! Access units in whatever order cameras send them.

use footage::access_unit::nal::{Kind, kind, split};
use footage::access_unit::{AuError, Codec, Normaliser};
use footage::dts::Order;
use footage::sei::{CaptureTime, parse_access_unit, parse_nal, push_nal};
use proptest::prelude::*;

use crate::clips::{CLIPS, Clip};

const TIME_US: u64 = 1_780_315_200_123_456;

fn annexb(nals: &[&[u8]]) -> Vec<u8> {
    nals.iter().flat_map(|nal| [&[0, 0, 1], *nal].concat()).collect()
}

/// The sets, other SEI and slices of a clip's first access unit.
struct First {
    sets: Vec<Vec<u8>>,
    sei: Vec<Vec<u8>>,
    slices: Vec<Vec<u8>>,
}

impl First {
    fn of(clip: &Clip) -> Self {
        let unit = &clip.access_units()[0];
        let of = |wanted: fn(Kind) -> bool| {
            split(unit).filter(|nal| kind(clip.codec, nal).is_some_and(wanted)).map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        Self {
            sets: of(|kind| matches!(kind, Kind::Video | Kind::Sequence | Kind::Picture)),
            sei: of(|kind| kind == Kind::Sei),
            slices: of(|kind| matches!(kind, Kind::Slice { .. })),
        }
    }
}

fn delimiter(codec: Codec) -> &'static [u8] {
    match codec {
        Codec::H264 => &[0x09, 0xF0],
        Codec::H265 => &[0x46, 0x01, 0x50],
    }
}

fn time_nal(codec: Codec, time_us: u64) -> Vec<u8> {
    let mut nal = Vec::new();
    push_nal(codec, CaptureTime { time_us, locked: true }, &mut nal);
    nal
}

#[test]
fn time_sei_of_the_standard() {
    // ST 0604: identifier, status, the time with FF after each two octets.
    let nal = time_nal(Codec::H264, 1_224_807_209_913_000);
    let mut expected = vec![0x06, 5, 28];
    expected.extend_from_slice(b"MISPmicrosectime");
    expected.extend_from_slice(&[0x1F, 0x00, 0x04, 0xFF, 0x59, 0xF4, 0xFF, 0xA6, 0xAA, 0xFF, 0x4A, 0xA8, 0x80]);
    assert_eq!(nal, expected);
    let mut nal = Vec::new();
    push_nal(Codec::H265, CaptureTime { time_us: 0, locked: false }, &mut nal);
    assert_eq!(nal[..4], [0x4E, 0x01, 5, 28]);
    assert_eq!(nal[4..8], [0xA8, 0x68, 0x7D, 0xD4]);
    assert_eq!(nal[20], 0x9F);
    assert_eq!(parse_nal(Codec::H265, &nal), Some(CaptureTime { time_us: 0, locked: false }));
    assert_eq!(parse_nal(Codec::H264, &nal), None);
}

#[test]
fn one_order_comes_out_whatever_order_goes_in() {
    for clip in &CLIPS {
        let First { sets, sei, slices } = First::of(clip);
        let codec = clip.codec;
        let mut expected: Vec<&[u8]> = vec![delimiter(codec)];
        expected.extend(sets.iter().map(Vec::as_slice));
        expected.extend(sei.iter().map(Vec::as_slice));
        let time = time_nal(codec, TIME_US);
        expected.push(&time);
        expected.extend(slices.iter().map(Vec::as_slice));
        let sets: Vec<&[u8]> = sets.iter().map(Vec::as_slice).collect();
        let sei: Vec<&[u8]> = sei.iter().map(Vec::as_slice).collect();
        let slices: Vec<&[u8]> = slices.iter().map(Vec::as_slice).collect();
        let aud = [delimiter(codec)];
        // As GStreamer gives a camera's first one: sets, delimiter, sets again, SEI, picture.
        let orders = [
            [&aud[..], &sets, &sei, &slices].concat(),
            [&sets[..], &aud, &sets, &sei, &slices].concat(),
            [&sei[..], &sets, &slices].concat(),
            [&slices[..], &sei, &sets, &aud].concat(),
        ];
        for order in orders {
            let mut out = Vec::new();
            let written = Normaliser::new(codec).normalise(&annexb(&order), TIME_US, true, &mut out).unwrap();
            assert!(written.key && written.parameter_sets_changed);
            assert_eq!(split(&out).collect::<Vec<_>>(), expected);
            assert!(out.starts_with(&[0, 0, 0, 1]));
        }
    }
}

#[test]
fn a_key_picture_without_sets_gets_those_in_force() {
    for clip in &CLIPS {
        let First { sets, slices, .. } = First::of(clip);
        let sets: Vec<&[u8]> = sets.iter().map(Vec::as_slice).collect();
        let slices: Vec<&[u8]> = slices.iter().map(Vec::as_slice).collect();
        let mut normaliser = Normaliser::new(clip.codec);
        let mut out = vec![7];
        let alone = normaliser.normalise(&annexb(&slices), TIME_US, true, &mut out);
        assert_eq!(alone, Err(AuError::NoParameterSets));
        let only_sets = normaliser.normalise(&annexb(&sets), TIME_US, true, &mut out);
        assert_eq!(only_sets, Err(AuError::NoPicture));
        assert_eq!(out, [7], "nothing is appended on an error");
        let written = normaliser.normalise(&annexb(&slices), TIME_US, true, &mut out).unwrap();
        assert!(written.key && !written.parameter_sets_changed);
        let found: Vec<&[u8]> = split(&out[1..]).skip(1).take(sets.len()).collect();
        assert_eq!(found, sets);
    }
}

#[test]
fn a_time_that_came_with_the_picture_is_replaced() {
    for clip in &CLIPS {
        let First { sets, slices, .. } = First::of(clip);
        let codec = clip.codec;
        let ours = time_nal(codec, 1);
        // One NAL unit with a time and another message: only the time goes.
        let header = if codec == Codec::H264 { 1 } else { 2 };
        let mut both = ours[..ours.len() - 1].to_vec();
        both.extend_from_slice(&[4, 3, 0xB5, 0, 0x31, 0x80]);
        let mut rest = ours[..header].to_vec();
        rest.extend_from_slice(&[4, 3, 0xB5, 0, 0x31, 0x80]);
        let mut unit: Vec<&[u8]> = sets.iter().map(Vec::as_slice).collect();
        unit.extend([&ours[..], &both]);
        unit.extend(slices.iter().map(Vec::as_slice));
        let mut out = Vec::new();
        Normaliser::new(codec).normalise(&annexb(&unit), TIME_US, false, &mut out).unwrap();
        let sei: Vec<&[u8]> = split(&out).filter(|nal| kind(codec, nal) == Some(Kind::Sei)).collect();
        assert_eq!(sei.len(), 2);
        assert_eq!(sei[0], rest);
        assert_eq!(parse_nal(codec, sei[1]), Some(CaptureTime { time_us: TIME_US, locked: false }));
    }
}

#[test]
fn a_clip_passes_with_every_picture_and_its_own_time() {
    for clip in &CLIPS {
        let mut normaliser = Normaliser::new(clip.codec);
        for (index, unit) in clip.access_units().iter().enumerate() {
            let mut out = Vec::new();
            let time_us = TIME_US + index as u64;
            let written = normaliser.normalise(unit, time_us, true, &mut out).unwrap();
            assert_eq!(written.key, index % 10 == 0);
            assert_eq!(written.parameter_sets_changed, index == 0);
            let info = written.info.unwrap();
            assert_eq!((info.width, info.height), (96, 64));
            assert_eq!(info.reorder_depth, 2);
            assert_eq!(info.frame_duration, Some(std::time::Duration::from_millis(40)));
            assert_eq!(parse_access_unit(clip.codec, &out), Some(CaptureTime { time_us, locked: true }));
            let slices = |annexb: &[u8]| {
                let is_slice = |nal: &&[u8]| matches!(kind(clip.codec, nal), Some(Kind::Slice { .. }));
                split(annexb).filter(is_slice).map(<[u8]>::to_vec).collect::<Vec<_>>()
            };
            assert_eq!(slices(&out), slices(unit));
        }
    }
}

#[test]
fn decoding_times_of_real_b_frames() {
    for clip in &CLIPS {
        let mut normaliser = Normaliser::new(clip.codec);
        let mut order = None;
        let mut last = None;
        for (unit, shown) in clip.access_units().iter().zip(clip.shown) {
            let info = normaliser.normalise(unit, 0, true, &mut Vec::new()).unwrap().info.unwrap();
            let pts = 90_000 + 3_600 * u64::from(shown);
            let dts = order.get_or_insert_with(|| Order::new(info.reorder_depth, 3_600)).next(pts);
            assert!(dts <= pts && last.is_none_or(|last| dts == last + 3_600));
            last = Some(dts);
        }
    }
}

#[test]
fn a_set_that_changes_is_told_and_replaces_the_old_one() {
    let clip = &CLIPS[0];
    let First { sets, slices, .. } = First::of(clip);
    let slice = slices[0].as_slice();
    let mut normaliser = Normaliser::new(clip.codec);
    normaliser.normalise(&annexb(&[&sets[0], &sets[1], slice]), 0, true, &mut Vec::new()).unwrap();
    // The level, an octet that stands by itself, from 1.0 to 3.1.
    let mut other = sets[0].clone();
    other[3] = 31;
    let mut out = Vec::new();
    let written = normaliser.normalise(&annexb(&[&other, &sets[1], slice]), 0, true, &mut out).unwrap();
    assert!(written.parameter_sets_changed);
    let found: Vec<&[u8]> = split(&out).filter(|nal| kind(clip.codec, nal) == Some(Kind::Sequence)).collect();
    assert_eq!(found, [&other[..]]);
    // The picture set belonged to the old sequence set: without it the picture cannot be decoded.
    let alone = normaliser.normalise(&annexb(&[&sets[0], slice]), 0, true, &mut Vec::new());
    assert_eq!(alone, Err(AuError::NoParameterSets));
}

#[test]
fn a_recovery_point_starts_a_segment() {
    let clip = &CLIPS[0];
    let First { sets, .. } = First::of(clip);
    let picture = split(&clip.access_units()[1]).last().unwrap().to_vec();
    let recovery = |octet| [0x06, 6, 1, octet, 0x80];
    for (octet, key) in [(0x84, true), (0x44, false)] {
        let unit = annexb(&[&sets[0], &sets[1], &recovery(octet), &picture]);
        let written = Normaliser::new(clip.codec).normalise(&unit, 0, true, &mut Vec::new()).unwrap();
        assert_eq!(written.key, key);
    }
}

#[test]
fn an_overlong_parameter_set_is_refused() {
    let clip = &CLIPS[0];
    let mut set = First::of(clip).sets[0].clone();
    set.resize(20_000, 0x55);
    let refused = Normaliser::new(clip.codec).normalise(&annexb(&[&set]), 0, true, &mut Vec::new());
    assert_eq!(refused, Err(AuError::ParameterSetTooLong { octets: 20_000, most: 16_384 }));
}

proptest! {
    #[test]
    fn times_with_any_octets_survive_emulation_prevention(time_us: u64, locked: bool) {
        for codec in [Codec::H264, Codec::H265] {
            let time = CaptureTime { time_us, locked };
            let mut nal = Vec::new();
            push_nal(codec, time, &mut nal);
            prop_assert!(!nal.windows(3).any(|window| window[0] == 0 && window[1] == 0 && window[2] < 3));
            prop_assert_eq!(parse_nal(codec, &nal), Some(time));
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(
        bytes in prop::collection::vec(prop_oneof![Just(0_u8), Just(1_u8), any::<u8>()], 0..600),
        kinds in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        for codec in [Codec::H264, Codec::H265] {
            let mut normaliser = Normaliser::new(codec);
            let _ = normaliser.normalise(&bytes, 0, true, &mut Vec::new());
            for &kind in &kinds {
                let unit = [&[0, 0, 1, kind, 1][..], &bytes].concat();
                let _ = normaliser.normalise(&unit, 0, true, &mut Vec::new());
                let _ = parse_access_unit(codec, &unit);
            }
        }
    }

    /// Real parameter sets and slices with a few octets changed.
    #[test]
    fn damaged_clips_are_read_without_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        for clip in &CLIPS {
            let mut stream = clip.stream.to_vec();
            for (at, value) in &changes {
                stream[at.index(clip.stream.len())] = *value;
            }
            let mut normaliser = Normaliser::new(clip.codec);
            for unit in (Clip { stream: &stream, ..*clip }).access_units() {
                let _ = normaliser.normalise(&unit, 0, true, &mut Vec::new());
            }
        }
    }
}
