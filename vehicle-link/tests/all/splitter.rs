//! The splitter under damage: what comes out depends on the bytes alone.

use bytes::Bytes;
use proptest::prelude::*;
use vehicle_link::{
    MavlinkVersion,
    dialect::{ATTITUDE_DATA, MavMessage, STATUSTEXT_DATA, TIMESYNC_DATA},
    frames::{Encoder, Frame, FrameError, MAX_FRAME_BYTES, STX_V1, STX_V2, Splitter},
};

use crate::support::heartbeat_of;

/// HEARTBEAT in MAVLink 1, sequence 0, from 255/0, as it opens `dronekit_flight.tlog`.
const V1_HEARTBEAT: [u8; 17] = [0xFE, 9, 0, 0xFF, 0, 0, 0, 0, 0, 0, 6, 8, 0, 0, 3, 0xA1, 0xDF];

fn all(splitter: &mut Splitter, chunks: &[&[u8]]) -> Vec<Frame> {
    let mut frames = Vec::new();
    for chunk in chunks {
        splitter.stream(chunk, |frame| frames.push(frame));
    }
    splitter.finish(|frame| frames.push(frame));
    frames
}

fn whole(bytes: &[u8]) -> Vec<Frame> {
    all(&mut Splitter::new(), &[bytes])
}

/// A frame whose id no dialect has, with whatever checksum.
fn unknown(payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![STX_V2, u8::try_from(payload.len()).unwrap(), 0, 0, 7, 1, 1, 0x01, 0x00, 0xF0];
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&[0xAA, 0x55]);
    bytes
}

/// A signed frame: flag set, checksum made again by a second encoding, 13 bytes more.
fn signed() -> Vec<u8> {
    let plain = heartbeat_of(&mut Encoder::new(1, 1));
    let mut bytes = plain.bytes().to_vec();
    bytes[2] = 1;
    let end = bytes.len() - 2;
    let crc = crc_mcrf4xx(&bytes[1..end], 50);
    bytes[end..].copy_from_slice(&crc.to_le_bytes());
    bytes.extend_from_slice(&[STX_V2; 13]);
    bytes
}

/// The checksum as the MAVLink guide writes it, one bit after another.
fn crc_mcrf4xx(bytes: &[u8], extra: u8) -> u16 {
    bytes.iter().chain([&extra]).fold(0xFFFF_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0x8408 } else { crc >> 1 })
    })
}

#[test]
fn reads_version_1() {
    let frames = whole(&V1_HEARTBEAT);
    assert_eq!(frames.len(), 1);
    let frame = &frames[0];
    assert_eq!(frame.version(), MavlinkVersion::V1);
    assert_eq!((frame.system_id(), frame.component_id(), frame.message_id()), (255, 0, 0));
    let (_, message) = frame.message().unwrap();
    assert!(matches!(message, MavMessage::HEARTBEAT(h) if h.mavlink_version == 3));
}

#[test]
fn signed_frames_have_thirteen_bytes_more() {
    let mut bytes = signed();
    let len = bytes.len();
    bytes.extend_from_slice(&V1_HEARTBEAT);
    let frames = whole(&bytes);
    assert_eq!(frames.iter().map(|f| f.bytes().len()).collect::<Vec<_>>(), [len, 17]);
    assert!(frames[0].is_signed() && !frames[1].is_signed());
}

#[test]
fn a_flag_we_do_not_understand_is_refused() {
    let mut bytes = signed();
    bytes[2] = 0x03;
    bytes.extend_from_slice(&V1_HEARTBEAT);
    assert_eq!(whole(&bytes).len(), 1);
}

#[test]
fn unknown_ids_are_kept_when_a_frame_or_the_end_follows() {
    let alien = unknown(&[1, 2, 3]);
    let mut splitter = Splitter::new();
    let frames = all(&mut splitter, &[&alien, &V1_HEARTBEAT, &alien]);
    assert_eq!(frames.len(), 3);
    assert_eq!(frames[0].message_id(), 0xF0_0001);
    assert!(!frames[0].is_known() && frames[1].is_known());
    assert_eq!((splitter.counters().unknown_ids, splitter.counters().skipped_bytes), (2, 0));

    // Followed by noise it is noise: nobody vouches for it.
    let mut splitter = Splitter::new();
    let frames = all(&mut splitter, &[&alien, &[0], &V1_HEARTBEAT]);
    assert_eq!(frames.len(), 1);
    assert_eq!(splitter.counters().skipped_bytes, alien.len() as u64 + 1);
    // And right after noise only a checksum brings the splitter back into step.
    let mut splitter = Splitter::new();
    let frames = all(&mut splitter, &[&[0], &alien, &V1_HEARTBEAT, &alien]);
    assert_eq!(frames.iter().map(Frame::is_known).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_frame_inside_a_damaged_one_is_found() {
    // A byte of the length was hit: the candidate covers the frames behind it.
    let mut bytes = heartbeat_of(&mut Encoder::new(1, 1)).bytes().to_vec();
    bytes[1] = 60;
    for _ in 0..5 {
        bytes.extend_from_slice(&V1_HEARTBEAT);
    }
    let mut splitter = Splitter::new();
    assert_eq!(all(&mut splitter, &[&bytes]).len(), 5);
    assert_eq!(splitter.counters().bad_checksums, 1);
}

#[test]
fn a_datagram_leaves_nothing_behind() {
    let mut splitter = Splitter::new();
    let mut frames = 0;
    splitter.datagram(&V1_HEARTBEAT[..9], |_| frames += 1);
    splitter.datagram(&V1_HEARTBEAT[9..], |_| frames += 1);
    assert_eq!(frames, 0);
    splitter.datagram(&V1_HEARTBEAT, |_| frames += 1);
    assert_eq!(frames, 1);
}

#[test]
fn parse_takes_exactly_one_frame() {
    assert!(Frame::parse(Bytes::from_static(&V1_HEARTBEAT)).is_ok());
    let short = Frame::parse(Bytes::copy_from_slice(&V1_HEARTBEAT[..16]));
    assert!(matches!(short, Err(FrameError::NotOneFrame { len: 16 })));
    let mut bad = V1_HEARTBEAT;
    bad[12] ^= 1;
    let bad = Frame::parse(Bytes::copy_from_slice(&bad));
    assert!(matches!(bad, Err(FrameError::Checksum { id: 0 })));
}

fn message() -> impl Strategy<Value = MavMessage> {
    prop_oneof![
        (any::<f32>(), any::<u32>()).prop_map(|(roll, time_boot_ms)| {
            MavMessage::ATTITUDE(ATTITUDE_DATA { roll, time_boot_ms, ..Default::default() })
        }),
        (any::<i64>(), any::<u8>()).prop_map(|(tc1, target_system)| {
            MavMessage::TIMESYNC(TIMESYNC_DATA { tc1, target_system, ..Default::default() })
        }),
        "[ -~]{0,50}".prop_map(|text| {
            let text = text.as_str().into();
            MavMessage::STATUSTEXT(STATUSTEXT_DATA { text, ..Default::default() })
        }),
    ]
}

/// A piece of the wire: a good frame, an unknown one, a signed one, a damaged one, or noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => message().prop_map(|m| Encoder::new(3, 4).encode(&m).bytes().to_vec()),
        1 => Just(V1_HEARTBEAT.to_vec()),
        1 => Just(signed()),
        1 => prop::collection::vec(any::<u8>(), 0..60).prop_map(|payload| unknown(&payload)),
        1 => (message(), any::<prop::sample::Index>(), 1..=255_u8).prop_map(|(m, at, flip)| {
            let mut bytes = Encoder::new(3, 4).encode(&m).bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            bytes
        }),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::collection::vec(prop::sample::select(vec![STX_V1, STX_V2, 0, 1, 255]), 0..40),
    ]
}

proptest! {
    #[test]
    fn the_outcome_does_not_depend_on_the_cuts(
        pieces in prop::collection::vec(piece(), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let wire = pieces.concat();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len() + 1)).collect();
        at.extend([0, wire.len()]);
        at.sort_unstable();
        let chunks: Vec<&[u8]> = at.windows(2).map(|w| &wire[w[0]..w[1]]).collect();
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();

        let (mut one, mut cut, mut single) = (Splitter::new(), Splitter::new(), Splitter::new());
        let frames = all(&mut one, &[&wire]);
        prop_assert_eq!(&frames, &all(&mut cut, &chunks));
        prop_assert_eq!(&frames, &all(&mut single, &bytes));
        prop_assert_eq!(one.counters(), cut.counters());
        prop_assert_eq!(one.counters(), single.counters());
        // Every byte is in a frame or counted as skipped.
        let framed: usize = frames.iter().map(|f| f.bytes().len()).sum();
        prop_assert_eq!(framed as u64 + one.counters().skipped_bytes, wire.len() as u64);
    }

    #[test]
    fn good_frames_survive_noise_without_start_bytes(
        messages in prop::collection::vec(message(), 1..20),
        noise in prop::collection::vec(0..0xFD_u8, 0..50),
    ) {
        let mut encoder = Encoder::new(9, 10);
        let sent: Vec<Frame> = messages.iter().map(|m| encoder.encode(m)).collect();
        let mut wire = noise.clone();
        for frame in &sent {
            wire.extend_from_slice(frame.bytes());
            wire.extend_from_slice(&noise);
        }
        prop_assert_eq!(whole(&wire), sent);
    }

    #[test]
    fn random_bytes_never_panic_nor_grow(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        for frame in whole(&bytes) {
            prop_assert!(frame.bytes().len() <= MAX_FRAME_BYTES);
            let _ = (frame.target(), frame.checksum(), frame.message().is_ok());
        }
    }

    #[test]
    fn what_is_encoded_parses_back(message in message(), system in 1..=255_u8, component in 1..=255_u8) {
        let frame = Encoder::new(system, component).encode(&message);
        let (header, back) = Frame::parse(Bytes::copy_from_slice(frame.bytes())).unwrap().message().unwrap();
        prop_assert_eq!((header.system_id, header.component_id), (u32::from(system), component));
        // By serialised form: NaN differs from itself.
        prop_assert_eq!(&Encoder::new(system, component).encode(&back), &frame);
        prop_assert_eq!(frame.checksum(), {
            let end = frame.bytes().len() - 2;
            let entry = vehicle_link::catalogue::entry(frame.message_id()).unwrap();
            crc_mcrf4xx(&frame.bytes()[1..end], entry.crc_extra)
        });
    }
}
