//! Program association and program map tables (H.222.0 §2.4.4), with the descriptors of ST 1402.

use super::crc::crc32;
use super::{KLV_PID, Metadata, PMT_PID, TsConfig, VIDEO_PID};
use crate::access_unit::Codec;

const PROGRAM: u16 = 1;
const H264_TYPE: u8 = 0x1B;
const H265_TYPE: u8 = 0x24;
const METADATA_TYPE: u8 = 0x15;
const PRIVATE_TYPE: u8 = 0x06;

/// metadata_descriptor: application 0x0100, format identifier `KLVA`, service 0, no decoder configuration.
const METADATA_DESCRIPTOR: [u8; 11] = [0x26, 0x09, 0x01, 0x00, 0xFF, b'K', b'L', b'V', b'A', 0x00, 0x0F];
/// metadata_STD_descriptor: input leak 20 Mbit/s (C350 · 400 bit/s), buffer 64 KiB, no output leak (synchronous).
///
/// The 512 octets of the transport buffer (H.222.0 §2.4.2.6) must drain while the packets of one KLV packet come in at
/// the pictures' rate: with the often seen 100 kbit/s any KLV packet above two transport packets overflows it, and 30
/// of them a second never leave it empty. The buffer holds what waits for its picture: lead and reordering.
const METADATA_STD_DESCRIPTOR: [u8; 11] = [0x27, 0x09, 0xC0, 0xC3, 0x50, 0xC0, 0x00, 0x40, 0xC0, 0x00, 0x00];
/// registration_descriptor of KLV.
const KLVA: [u8; 6] = [0x05, 0x04, b'K', b'L', b'V', b'A'];

/// Both tables as units for the packet writer: pointer field, section, CRC.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) association: Vec<u8>,
    pub(super) map: Vec<u8>,
}

impl Tables {
    pub(super) fn new(config: TsConfig) -> Self {
        let mut association = Vec::new();
        association.extend_from_slice(&PROGRAM.to_be_bytes());
        association.extend_from_slice(&(0xE000 | PMT_PID).to_be_bytes());
        let mut map = Vec::new();
        map.extend_from_slice(&(0xE000 | VIDEO_PID).to_be_bytes());
        map.extend_from_slice(&0xF000_u16.to_be_bytes()); // no program descriptors
        push_stream(&mut map, video_type(config.codec), VIDEO_PID, &[]);
        match config.metadata {
            Metadata::Synchronous => {
                let descriptors = [METADATA_DESCRIPTOR, METADATA_STD_DESCRIPTOR].concat();
                push_stream(&mut map, METADATA_TYPE, KLV_PID, &descriptors);
            }
            Metadata::Compatibility => push_stream(&mut map, PRIVATE_TYPE, KLV_PID, &KLVA),
        }
        Self { association: section(0x00, 1, &association), map: section(0x02, PROGRAM, &map) }
    }
}

const fn video_type(codec: Codec) -> u8 {
    match codec {
        Codec::H264 => H264_TYPE,
        Codec::H265 => H265_TYPE,
    }
}

fn push_stream(map: &mut Vec<u8>, stream_type: u8, pid: u16, descriptors: &[u8]) {
    map.push(stream_type);
    map.extend_from_slice(&(0xE000 | pid).to_be_bytes());
    // Descriptors here are at most 22 octets.
    map.extend_from_slice(&[0xF0, descriptors.len().to_le_bytes()[0]]);
    map.extend_from_slice(descriptors);
}

fn section(table: u8, extension: u16, body: &[u8]) -> Vec<u8> {
    // Sections here are far below 256 octets: extension, version, numbers (5), body, CRC (4).
    let mut unit = vec![0, table, 0xB0, (body.len() + 9).to_le_bytes()[0]];
    unit.extend_from_slice(&extension.to_be_bytes());
    unit.extend_from_slice(&[0xC1, 0, 0]); // version 0, current, section 0 of 0
    unit.extend_from_slice(body);
    let crc = crc32(&unit[1..]);
    unit.extend_from_slice(&crc.to_be_bytes());
    unit
}

/// PID of the first program's map in a whole, checked association section.
pub(super) fn map_pid(section: &[u8]) -> Option<u16> {
    let body = section.get(8..section.len().checked_sub(4)?)?;
    body.chunks_exact(4).find_map(|entry| {
        let [p0, p1, m0, m1] = *entry.as_array()?;
        (u16::from_be_bytes([p0, p1]) != 0).then_some(u16::from_be_bytes([m0 & 0x1F, m1]))
    })
}

/// The streams of a program, as a map section tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Streams {
    pub(super) video: Option<(u16, Codec)>,
    pub(super) klv: Option<(u16, Metadata)>,
}

/// Reads a whole, checked map section: its first picture stream and its first telemetry stream.
pub(super) fn streams(section: &[u8]) -> Option<Streams> {
    let body = section.get(8..section.len().checked_sub(4)?)?;
    let program_info = usize::from(u16::from_be_bytes([body.get(2)? & 0x0F, *body.get(3)?]));
    let mut rest = body.get(4 + program_info..)?;
    let mut streams = Streams::default();
    while let Some(&[stream_type, p0, p1, l0, l1]) = rest.get(..5).and_then(<[u8]>::as_array) {
        let pid = u16::from_be_bytes([p0 & 0x1F, p1]);
        let descriptors = rest.get(5..5 + usize::from(u16::from_be_bytes([l0 & 0x0F, l1])))?;
        rest = &rest[5 + descriptors.len()..];
        // Both the registration and the metadata descriptor name the format with these four letters.
        let is_klv = descriptors.windows(4).any(|window| window == b"KLVA");
        match stream_type {
            H264_TYPE => streams.video = streams.video.or(Some((pid, Codec::H264))),
            H265_TYPE => streams.video = streams.video.or(Some((pid, Codec::H265))),
            METADATA_TYPE if is_klv => {
                streams.klv = streams.klv.or(Some((pid, Metadata::Synchronous)));
            }
            PRIVATE_TYPE if is_klv => {
                streams.klv = streams.klv.or(Some((pid, Metadata::Compatibility)));
            }
            _ => {}
        }
    }
    Some(streams)
}
