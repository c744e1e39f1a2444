//! Pictures: access units of a camera, and transport streams.

use footage::access_unit::{Codec, Normaliser, nal};
use footage::sei::{self, CaptureTime};
use footage::ts::{Demuxer, Frame, Metadata, Muxer, PACKET_OCTETS, TsConfig, Unit};

fn codec(octet: u8) -> Codec {
    if octet & 1 == 0 { Codec::H264 } else { Codec::H265 }
}

/// The first octet chooses the codec, the second where the first access unit ends and the next begins.
pub fn access_unit(bytes: &[u8]) {
    const TIME_US: u64 = 1_777_636_800_123_456;
    let Some((&[kind, cut], stream)) = bytes.split_first_chunk::<2>() else { return };
    let codec = codec(kind);
    let mut normaliser = Normaliser::new(codec);
    let mut taken = 0;
    let (first, second) = stream.split_at(usize::from(cut).min(stream.len()));
    for (unit, time_us) in [(first, TIME_US), (second, TIME_US + 40_000)] {
        taken += unit.len();
        let mut out = vec![0xEE];
        let time = CaptureTime { time_us, locked: kind & 2 != 0 };
        let Ok(told) = normaliser.normalise(unit, time_us, time.locked, &mut out) else {
            assert_eq!(out, [0xEE], "nothing is written of what is refused");
            continue;
        };
        let out = out.split_off(1);
        assert!(out.len() <= 5 * taken + 1024, "{} bytes of {taken}", out.len());
        assert_eq!(sei::parse_access_unit(codec, &out), Some(time), "the capture time, and no other");
        let count = |stream: &[u8], wanted: fn(nal::Kind) -> bool| {
            nal::split(stream).filter_map(|unit| nal::kind(codec, unit)).filter(|kind| wanted(*kind)).count()
        };
        let slices = |stream: &[u8]| count(stream, |kind| matches!(kind, nal::Kind::Slice { .. }));
        assert_eq!(slices(&out), slices(unit), "every slice is kept");
        assert_eq!(count(&out, |kind| kind == nal::Kind::Delimiter), 1);
        if told.key {
            let mut again = Vec::new();
            Normaliser::new(codec).normalise(&out, time_us, time.locked, &mut again).unwrap();
            assert_eq!(again, out, "what is in order stays as it is");
        }
    }
}

/// The first octet says in what pieces the rest comes.
pub fn ts(bytes: &[u8]) {
    let Some((&piece, stream)) = bytes.split_first() else { return };
    let (units, whole_octets) = demuxed(stream, stream.len().max(1));
    let (in_pieces, whole_in_pieces) = demuxed(stream, usize::from(piece) * 3 + 1);
    assert_eq!(in_pieces, units, "however it comes");
    assert_eq!((whole_in_pieces, whole_octets <= stream.len() as u64), (whole_octets, true));
    let (mut given, mut damaged) = (0, 0);
    for unit in &units {
        match unit {
            Unit::Video(pes) | Unit::Klv(pes) => given += pes.data.len(),
            Unit::Damaged { octets } => damaged += octets,
            Unit::Program(_) | Unit::Discontinuity { .. } => {}
        }
    }
    assert!(given + damaged <= stream.len(), "{given} given, {damaged} damaged of {}", stream.len());
    remuxed(&units, codec(piece));
}

fn demuxed(stream: &[u8], piece: usize) -> (Vec<Unit>, u64) {
    let (mut demuxer, mut units) = (Demuxer::new(), Vec::new());
    stream.chunks(piece).for_each(|piece| demuxer.feed(piece, &mut units));
    demuxer.finish(&mut units);
    (units, demuxer.whole_octets())
}

/// What was read is written anew and reads back.
fn remuxed(units: &[Unit], codec: Codec) {
    const STEP_90K: u64 = 3_000;
    let pictures: Vec<&[u8]> = units
        .iter()
        .filter_map(|unit| match unit {
            Unit::Video(pes) if !pes.data.is_empty() => Some(&pes.data[..]),
            _ => None,
        })
        .collect();
    let mut muxer = Muxer::new(TsConfig { codec, metadata: Metadata::Synchronous });
    let (mut stream, mut at_90k) = (Vec::new(), 90_000);
    for picture in &pictures {
        let frame = Frame { pts_90k: at_90k, dts_90k: at_90k, key: true, picture, klv: &[(at_90k, b"klv")] };
        muxer.frame(frame, &mut stream).unwrap();
        at_90k += STEP_90K;
    }
    muxer.flush(&mut stream);
    assert_eq!(stream.len() % PACKET_OCTETS, 0);
    let (again, _) = demuxed(&stream, 1 << 20);
    let read: Vec<&[u8]> = again
        .iter()
        .filter_map(|unit| match unit {
            Unit::Video(pes) => Some(&pes.data[..]),
            Unit::Damaged { .. } | Unit::Discontinuity { .. } => panic!("{unit:?}"),
            Unit::Klv(_) | Unit::Program(_) => None,
        })
        .collect();
    assert_eq!(read, pictures);
}
