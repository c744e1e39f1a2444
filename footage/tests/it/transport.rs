//! Transport streams: the layout byte for byte, what comes back, and what is done about damage.

use footage::access_unit::Codec;
use footage::ts::{Demuxer, Frame, Metadata, MuxError, Muxer, PACKET_OCTETS, Pes, TsConfig, Unit};

const PMT_PID: u16 = 0x1000;
const VIDEO_PID: u16 = 0x100;
const KLV_PID: u16 = 0x101;
pub(crate) const SECOND: u64 = 90_000;

pub(crate) const H264: TsConfig = TsConfig { codec: Codec::H264, metadata: Metadata::Synchronous };

/// A packet read without the code under test.
struct Packet<'a> {
    pid: u16,
    start: bool,
    counter: u8,
    adaptation: &'a [u8],
    payload: &'a [u8],
}

impl Packet<'_> {
    fn pcr_90k(&self) -> Option<u64> {
        let [flags, a, b, c, d, e, _] = *self.adaptation.first_chunk::<7>()?;
        let base = [a, b, c, d, e].into_iter().fold(0, |base, octet| base << 8 | u64::from(octet)) >> 7;
        (flags & 0x10 != 0).then_some(base)
    }
}

fn packets(stream: &[u8]) -> Vec<Packet<'_>> {
    assert_eq!(stream.len() % PACKET_OCTETS, 0);
    stream
        .chunks(PACKET_OCTETS)
        .map(|packet| {
            assert_eq!(packet[0], 0x47);
            let control = packet[3] >> 4;
            let adaptation = if control & 2 == 0 { &[][..] } else { &packet[5..5 + usize::from(packet[4])] };
            let payload_at = if control & 2 == 0 { 4 } else { 5 + adaptation.len() };
            Packet {
                pid: u16::from_be_bytes([packet[1] & 0x1F, packet[2]]),
                start: packet[1] & 0x40 != 0,
                counter: packet[3] & 15,
                adaptation,
                payload: if control & 1 == 0 { &[] } else { &packet[payload_at..] },
            }
        })
        .collect()
}

pub(crate) fn stream(config: TsConfig, frames: &[Frame<'_>]) -> Vec<u8> {
    let mut muxer = Muxer::new(config);
    let mut out = Vec::new();
    let written: Result<Vec<()>, MuxError> = frames.iter().map(|frame| muxer.frame(*frame, &mut out)).collect();
    assert_eq!(written.map(|frames| frames.len()), Ok(frames.len()));
    muxer.flush(&mut out);
    out
}

pub(crate) fn read(stream: &[u8]) -> Vec<Unit> {
    let mut demuxer = Demuxer::new();
    let mut units = Vec::new();
    demuxer.feed(stream, &mut units);
    demuxer.finish(&mut units);
    units
}

pub(crate) fn frame<'a>(at_90k: u64, key: bool, picture: &'a [u8], klv: &'a [(u64, &'a [u8])]) -> Frame<'a> {
    Frame { pts_90k: at_90k, dts_90k: at_90k, key, picture, klv }
}

#[test]
fn tables_are_those_of_st_1402() {
    let find = |stream: &[u8], pid: u16| packets(stream).into_iter().find(|p| p.pid == pid).unwrap().payload.to_vec();
    let bytes = stream(H264, &[frame(SECOND, true, &[1], &[])]);
    let association = find(&bytes, 0);
    assert_eq!(association[..13], [0, 0x00, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xF0, 0x00]);
    let map = find(&bytes, PMT_PID);
    assert_eq!(map[..13], [0, 0x02, 0xB0, 45, 0, 1, 0xC1, 0, 0, 0xE1, 0x00, 0xF0, 0]);
    assert_eq!(map[13..18], [0x1B, 0xE1, 0x00, 0xF0, 0]);
    assert_eq!(map[18..23], [0x15, 0xE1, 0x01, 0xF0, 22]);
    assert_eq!(map[23..34], [0x26, 0x09, 0x01, 0x00, 0xFF, b'K', b'L', b'V', b'A', 0x00, 0x0F]);
    assert_eq!(map[34..45], [0x27, 0x09, 0xC0, 0xC3, 0x50, 0xC0, 0x00, 0x40, 0xC0, 0x00, 0x00]);
    let config = TsConfig { codec: Codec::H265, metadata: Metadata::Compatibility };
    let map = find(&stream(config, &[frame(SECOND, true, &[1], &[])]), PMT_PID);
    assert_eq!(map[13..18], [0x24, 0xE1, 0x00, 0xF0, 0]);
    assert_eq!(map[18..29], [0x06, 0xE1, 0x01, 0xF0, 6, 0x05, 0x04, b'K', b'L', b'V', b'A']);
}

#[test]
fn telemetry_goes_before_its_picture_in_a_cell() {
    let klv = [(SECOND, &b"telemetry"[..])];
    let bytes = stream(H264, &[frame(SECOND, true, b"picture", &klv), frame(SECOND + 3_000, false, b"next", &klv)]);
    let packets = packets(&bytes);
    let order: Vec<u16> = packets.iter().filter(|p| !p.payload.is_empty()).map(|p| p.pid).collect();
    assert_eq!(order, [0, PMT_PID, KLV_PID, VIDEO_PID, KLV_PID, VIDEO_PID]);
    let cells: Vec<&[u8]> = packets.iter().filter(|p| p.pid == KLV_PID).map(|p| p.payload).collect();
    // PTS 90000: 21 00 05 BF 21.
    assert_eq!(cells[0][..14], [0, 0, 1, 0xFC, 0, 22, 0x84, 0x80, 5, 0x21, 0x00, 0x05, 0xBF, 0x21]);
    assert_eq!(cells[0][14..], *b"\x00\x00\xDF\x00\x09telemetry");
    assert_eq!(cells[1][14..19], [0, 1, 0xDF, 0, 9]);
    let video: Vec<&Packet<'_>> = packets.iter().filter(|p| p.pid == VIDEO_PID && p.start).collect();
    assert_eq!(video[0].payload[..9], [0, 0, 1, 0xE0, 0, 0, 0x84, 0x80, 5]);
    assert_eq!(video[0].adaptation[0] & 0x40, 0x40, "random access is marked");
    assert_eq!(video[1].adaptation[0] & 0x40, 0);
    assert_eq!(video[0].pcr_90k(), Some(SECOND - SECOND / 5));
}

#[test]
fn compatible_telemetry_has_no_time_and_no_cell() {
    let config = TsConfig { metadata: Metadata::Compatibility, ..H264 };
    let klv = [(SECOND, &b"telemetry"[..])];
    let bytes = stream(config, &[frame(SECOND, true, b"picture", &klv)]);
    let packets = packets(&bytes);
    let packet = packets.iter().find(|p| p.pid == KLV_PID).unwrap();
    assert_eq!(*packet.payload, *b"\x00\x00\x01\xBD\x00\x0C\x84\x00\x00telemetry");
    let telemetry = Pes { pts_90k: None, dts_90k: None, data: b"telemetry".to_vec() };
    assert!(read(&bytes).contains(&Unit::Klv(telemetry)));
}

/// Frame times of every kind of camera: 60 and 25 a second, one a second, and a stall.
fn uneven() -> Vec<u64> {
    let gaps =
        [1_500; 50].into_iter().chain([3_600; 30]).chain([90_000; 5]).chain([450_000, 9_001, 9_000, 8_101, 8_100]);
    gaps.scan(SECOND, |at, gap| {
        *at += gap;
        Some(*at)
    })
    .collect()
}

#[test]
fn clocks_and_tables_are_never_more_than_100_ms_apart() {
    let picture = [0x55; 1000];
    let frames: Vec<Frame<'_>> =
        uneven().into_iter().enumerate().map(|(n, at)| frame(at, n % 25 == 0, &picture, &[])).collect();
    let bytes = stream(H264, &frames);
    let mut clock: Option<u64> = None;
    let mut tables_at: Option<u64> = None;
    let mut pending_tables = false;
    for packet in packets(&bytes) {
        pending_tables |= packet.pid == 0;
        let Some(pcr) = packet.pcr_90k() else {
            continue;
        };
        assert_eq!(packet.pid, VIDEO_PID);
        assert!(clock.is_none_or(|clock| pcr > clock && pcr - clock <= SECOND / 10), "{clock:?} {pcr}");
        clock = Some(pcr);
        if pending_tables {
            assert!(tables_at.is_none_or(|tables| pcr - tables <= SECOND / 10), "{tables_at:?} {pcr}");
            tables_at = Some(pcr);
            pending_tables = false;
        }
    }
}

#[test]
fn counters_follow_on_over_segments_and_clock_packets() {
    let picture = vec![0x55; 10_000];
    let telemetry = vec![0x66; 400];
    let klv = [(0, telemetry.as_slice())];
    let frames: Vec<Frame<'_>> =
        uneven().into_iter().enumerate().map(|(n, at)| frame(at, n % 9 == 0, &picture, &klv)).collect();
    let bytes = stream(H264, &frames);
    let mut counters = std::collections::HashMap::new();
    for packet in packets(&bytes) {
        let expected = counters.get(&packet.pid).copied();
        if packet.payload.is_empty() {
            assert_eq!(Some(packet.counter), expected.map(|next: u8| (next + 15) & 15).or(Some(15)));
        } else {
            assert_eq!(packet.counter, expected.unwrap_or(0));
            counters.insert(packet.pid, (packet.counter + 1) & 15);
        }
    }
    assert!(!read(&bytes).iter().any(|unit| matches!(unit, Unit::Discontinuity { .. } | Unit::Damaged { .. })));
}

#[test]
fn a_clock_that_jumps_says_so() {
    let frames = [SECOND, SECOND * 60, SECOND * 59].map(|at| frame(at, false, b"picture", &[]));
    let bytes = stream(H264, &frames);
    let marks: Vec<bool> =
        packets(&bytes).iter().filter(|p| p.pid == VIDEO_PID && p.start).map(|p| p.adaptation[0] & 0x80 != 0).collect();
    assert_eq!(marks, [false, true, true]);
    assert!(bytes.len() < 20 * PACKET_OCTETS, "the gap is not filled");
}

#[test]
fn telemetry_of_reordered_pictures_is_in_order_of_time_and_never_late() {
    // I0 P4 B2 b1 b3 P8 B6 b5 b7, twice.
    let gop = [0_u8, 4, 2, 1, 3, 8, 6, 5, 7];
    let decoded = gop.into_iter().chain(gop.map(|shown| shown + 9));
    let mut muxer = Muxer::new(H264);
    let mut units = Vec::new();
    let mut demuxer = Demuxer::new();
    let mut out = Vec::new();
    for (k, shown) in (0_u64..).zip(decoded) {
        let pts = SECOND + u64::from(shown) * 3_600;
        let dts = SECOND + k * 3_600 - 7_200;
        let label = [shown];
        let klv = [(pts, &label[..])];
        muxer.frame(Frame { pts_90k: pts, dts_90k: dts, key: k % 9 == 0, picture: b"p", klv: &klv }, &mut out).unwrap();
        demuxer.feed(&out, &mut units);
        out.clear();
        let mut written = units.iter().filter_map(|unit| if let Unit::Klv(pes) = unit { pes.pts_90k } else { None });
        let due = (0..18).map(|shown| SECOND + shown * 3_600).filter(|&time| time <= dts).count();
        assert!(written.by_ref().count() >= due, "telemetry up to the decoding time is there");
    }
    muxer.flush(&mut out);
    demuxer.feed(&out, &mut units);
    let written: Vec<u8> =
        units.iter().filter_map(|unit| if let Unit::Klv(pes) = unit { Some(pes.data[0]) } else { None }).collect();
    assert_eq!(written, (0..18).collect::<Vec<u8>>());
}

#[test]
fn telemetry_of_a_broken_clock_does_not_pile_up() {
    let mut muxer = Muxer::new(H264);
    let mut out = Vec::new();
    for n in 0..500 {
        let klv = [(SECOND * 1_000_000 + n, &b"future"[..])];
        muxer.frame(frame(SECOND + n * 3_600, false, b"p", &klv), &mut out).unwrap();
    }
    let written = packets(&out).iter().filter(|p| p.pid == KLV_PID).count();
    assert_eq!(written, 500 - 64);
}

#[test]
fn too_long_telemetry_is_refused_and_nothing_written() {
    let long = vec![0; 65_520];
    let mut out = Vec::new();
    let refused = Muxer::new(H264).frame(frame(SECOND, true, b"p", &[(SECOND, &long)]), &mut out);
    assert_eq!(refused, Err(MuxError::KlvTooLong { octets: 65_520, most: 65_517 }));
    assert!(out.is_empty());
    let longest = vec![7; 65_517];
    let bytes = stream(H264, &[frame(SECOND, true, b"p", &[(SECOND, &longest)])]);
    let telemetry = Pes { pts_90k: Some(SECOND), dts_90k: None, data: longest };
    assert!(read(&bytes).contains(&Unit::Klv(telemetry)));
}

#[test]
fn a_lost_packet_is_told_and_costs_one_picture() {
    let picture = vec![0x55; 1_000];
    let frames: Vec<Frame<'_>> = (0..3).map(|n| frame(SECOND + n * 3_000, n == 0, &picture, &[])).collect();
    let mut bytes = stream(H264, &frames);
    let second: Vec<usize> =
        packets(&bytes).iter().enumerate().filter(|(_, p)| p.pid == VIDEO_PID && p.start).map(|(n, _)| n).collect();
    let lost = (second[1] + 2) * PACKET_OCTETS;
    bytes.drain(lost..lost + PACKET_OCTETS);
    let units = read(&bytes);
    assert_eq!(units.iter().filter(|unit| matches!(unit, Unit::Video(_))).count(), 2);
    assert!(units.iter().any(|unit| matches!(unit, Unit::Discontinuity { pid: VIDEO_PID, .. })));
}

#[test]
fn a_packet_sent_twice_counts_once() {
    let bytes = stream(H264, &[frame(SECOND, true, &[9; 500], &[])]);
    let doubled: Vec<u8> = bytes.chunks(PACKET_OCTETS).flat_map(|packet| [packet, packet].concat()).collect();
    let units = read(&doubled);
    assert_eq!(units.len(), 2);
    assert!(matches!(&units[1], Unit::Video(pes) if pes.data == [9; 500]));
}

#[test]
fn reading_starts_again_after_rubbish_and_a_torn_end() {
    let mut muxer = Muxer::new(H264);
    let mut segments = [Vec::new(), Vec::new()];
    for (segment, at) in segments.iter_mut().zip([SECOND, SECOND + 3_000]) {
        muxer.frame(frame(at, true, b"picture", &[]), segment).unwrap();
    }
    let [first, second] = segments;
    let rubbish = [[0x00; 10], [0x47; 10]].concat();
    let bytes = [&rubbish[..], &first, &rubbish, &second, &first[..100]].concat();
    let mut demuxer = Demuxer::new();
    let mut units = Vec::new();
    demuxer.feed(&bytes, &mut units);
    assert_eq!(demuxer.whole_octets(), (bytes.len() - 100) as u64);
    demuxer.finish(&mut units);
    let damaged: Vec<usize> = units
        .iter()
        .filter_map(|unit| if let Unit::Damaged { octets } = unit { Some(*octets) } else { None })
        .collect();
    assert_eq!(damaged, [20, 20, 100]);
    assert_eq!(units.iter().filter(|unit| matches!(unit, Unit::Video(_))).count(), 2);
}

#[test]
fn cells_in_several_parts_are_put_together() {
    // A PES packet of another writer: first, middle and last cell, then a whole one.
    let mut payload = Vec::new();
    for (flags, length, data) in [(0x9F_u8, 4, "tele"), (0x1F, 2, "me"), (0x5F, 3, "try"), (0xDF, 4, "more")] {
        payload.extend_from_slice(&[0, 0, flags, 0, length]);
        payload.extend_from_slice(data.as_bytes());
    }
    let klv = [(SECOND, payload.as_slice())];
    let mut foreign = stream(H264, &[frame(SECOND, true, b"p", &klv)]);
    // Ours wraps the payload in a cell of its own: take that one out again.
    let at = foreign.windows(5).position(|w| w == [0, 0, 0xDF, 0, 33]).unwrap();
    let start = at - 14;
    foreign[start + 5] -= 5;
    foreign.copy_within(at + 5..at + 5 + payload.len(), at);
    let data: Vec<Vec<u8>> = read(&foreign)
        .into_iter()
        .filter_map(|unit| if let Unit::Klv(pes) = unit { Some(pes.data) } else { None })
        .collect();
    assert_eq!(data, [b"telemetry".to_vec(), b"more".to_vec()]);
}
