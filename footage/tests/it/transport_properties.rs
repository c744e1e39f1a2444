//! Transport streams of any frames, and any bytes as streams.

use footage::access_unit::Codec;
use footage::ts::{Demuxer, Frame, Metadata, Muxer, PACKET_OCTETS, Pes, Program, TsConfig, Unit};
use proptest::prelude::*;

use crate::transport::{H264, SECOND, frame, read, stream};

#[derive(Debug, Clone)]
struct Owned {
    gap: u64,
    delay: u64,
    key: bool,
    picture: Vec<u8>,
    klv: Option<Vec<u8>>,
}

fn frames() -> impl Strategy<Value = Vec<Owned>> {
    let octets = |most| prop::collection::vec(any::<u8>(), 1..most);
    let frame = (1_u64..200_000, 0_u64..40_000, any::<bool>(), octets(2_000), prop::option::of(octets(700)));
    let frame = frame.prop_map(|(gap, delay, key, picture, klv)| Owned { gap, delay, key, picture, klv });
    prop::collection::vec(frame, 1..20)
}

proptest! {
    #[test]
    fn what_was_written_is_read_whatever_the_pieces(
        frames in frames(),
        start in 0_u64..1 << 34,
        piece in 1_usize..1_000,
        h265: bool,
    ) {
        let codec = if h265 { Codec::H265 } else { Codec::H264 };
        let config = TsConfig { codec, ..H264 };
        let mut muxer = Muxer::new(config);
        let (mut bytes, mut dts) = (Vec::new(), start);
        let mut video = Vec::new();
        let mut klv = Vec::new();
        let mask = (1 << 33) - 1;
        for frame in &frames {
            dts += frame.gap;
            let pts = dts + frame.delay;
            let packets: Vec<(u64, &[u8])> = frame.klv.iter().map(|packet| (pts, packet.as_slice())).collect();
            let frame = Frame { pts_90k: pts, dts_90k: dts, key: frame.key, picture: &frame.picture, klv: &packets };
            muxer.frame(frame, &mut bytes).unwrap();
            let dts_90k = (pts != dts).then_some(dts & mask);
            video.push(Pes { pts_90k: Some(pts & mask), dts_90k, data: frame.picture.to_vec() });
            klv.extend(packets.iter().map(|(pts, packet)| (pts & mask, packet.to_vec())));
        }
        muxer.flush(&mut bytes);
        let mut demuxer = Demuxer::new();
        let mut units = Vec::new();
        for piece in bytes.chunks(piece) {
            demuxer.feed(piece, &mut units);
        }
        demuxer.finish(&mut units);
        prop_assert_eq!(demuxer.whole_octets(), bytes.len() as u64);
        let program = Program { codec: Some(codec), metadata: Some(Metadata::Synchronous) };
        prop_assert_eq!(&units[0], &Unit::Program(program));
        let (mut read_video, mut read_klv) = (Vec::new(), Vec::new());
        for unit in units.drain(1..) {
            match unit {
                Unit::Video(pes) => read_video.push(pes),
                Unit::Klv(pes) => read_klv.push((pes.pts_90k.unwrap(), pes.data)),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert_eq!(read_video, video);
        read_klv.sort();
        klv.sort();
        prop_assert_eq!(read_klv, klv);
    }

    #[test]
    fn any_bytes_are_read_without_harm(
        mut bytes in prop::collection::vec(any::<u8>(), 0..3_000),
        syncs: bool,
    ) {
        if syncs {
            bytes.iter_mut().step_by(PACKET_OCTETS).for_each(|octet| *octet = 0x47);
        }
        read(&bytes);
    }

    #[test]
    fn damaged_streams_are_read_without_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut: prop::sample::Index,
    ) {
        let picture = vec![0x55; 700];
        let telemetry = vec![0x66; 300];
        let klv = [(SECOND, telemetry.as_slice())];
        let frames: Vec<Frame<'_>> = (0..6).map(|n| frame(SECOND + n * 3_000, n % 3 == 0, &picture, &klv)).collect();
        let mut bytes = stream(H264, &frames);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.index(bytes.len()));
        let pictures = read(&bytes).iter().filter(|unit| matches!(unit, Unit::Video(_))).count();
        prop_assert!(pictures <= 6 + 40);
    }
}
