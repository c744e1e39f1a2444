//! What comes over the air: MAVLink frames, TUNNEL messages, the bodies in them.

use crate::sample::{device, station};
use bytes::Bytes;
use flight_record::live;
use flight_record::papers::Papers;
use flight_record::radio::{Agreement, Body, Fragment, MAX_BODY_BYTES};
use vehicle_link::frames::{Body as Message, Encoder, Frame, Splitter};
use vehicle_link::peers::Address;
use vehicle_link::tlog;
use vehicle_link::tunnel::{self, Tunnel};

/// The first octet chooses the payload type, the rest is the body.
pub fn beacon(bytes: &[u8]) {
    let Some((kind, body)) = bytes.split_first() else { return };
    let payload_type = 42_000 + u16::from(kind % 12);
    if let Ok(read) = Body::decode(payload_type, body) {
        assert_eq!(read.encode(), body, "one spelling");
        assert_eq!(read.payload_type(), payload_type);
        assert!(body.len() <= MAX_BODY_BYTES);
        said(&read);
        over_the_air(payload_type, body);
    }
    let sent = &body[..body.len().min(tunnel::MAX_BYTES)];
    over_the_air(payload_type, sent);
    assert!(
        body.len() <= tunnel::MAX_BYTES || Tunnel::to(Address::new(1, 1), payload_type, body.to_vec()).body().is_err()
    );
}

/// Nobody but the holder of a key says something in its name.
fn said(body: &Body) {
    let (device, station) = (device().public(), station().public());
    match body {
        Body::Beacon(beacon) => {
            let note = beacon.note();
            assert_eq!(flight_record::note::SignedNote::parse(&note.to_string()), Ok(note));
            assert_eq!(beacon.verifies(&device), beacon.note().verify(&device).is_ok());
        }
        Body::Nonce(nonce) => assert!(!(nonce.verifies(&station) && nonce.verifies(&device))),
        Body::Recipient(offer) => assert!(!(offer.verifies(&station) && offer.verifies(&device))),
        Body::Statement(order) => assert!(!(order.verifies(&station) && order.verifies(&device))),
        Body::Agreement(Agreement::Call(call)) => assert!(!(call.verifies(&station) && call.verifies(&device))),
        Body::Agreement(Agreement::Offer(offer)) => {
            assert!(!(offer.verifies(&station) && offer.verifies(&device)));
            if let Ok(Some((answer, _))) = live::answer(offer, &crate::sample::device()) {
                assert!(answer.verifies(offer, &device), "whatever half is offered");
            }
        }
        Body::Agreement(Agreement::Answer(answer)) => {
            let (own, offer) = live::offer(answer.scope, 1, &crate::sample::station()).unwrap();
            assert!(live::accept(own, &offer, answer, &device).is_none(), "to an offer that was never on the air");
        }
        Body::Authorisation(word) => assert!(!(word.verifies(&station) && word.verifies(&device))),
        Body::Leaves(leaves) => assert!(leaves.hashes.len() <= flight_record::radio::MAX_LEAVES),
        Body::Fragment(Fragment::Announced(announced)) => {
            assert!(!(announced.verifies(&station) && announced.verifies(&device)));
            assert!((1..=36).contains(&announced.parts()) && announced.part_bytes(announced.parts()).is_none());
        }
        Body::Fragment(Fragment::Part(part)) => {
            // Whatever a part holds: papers are inflated to a bound, and what unpacks has one spelling.
            if let Ok(papers) = Papers::unpack(&part.bytes) {
                assert_eq!(Papers::read(&papers.write()).unwrap(), papers);
            }
        }
        Body::Fragment(Fragment::Missing(_)) | Body::Cosignature(_) | Body::Ready(_) => {}
    }
}

fn over_the_air(payload_type: u16, bytes: &[u8]) {
    let sent = Tunnel::to(Address::new(255, 190), payload_type, bytes.to_vec());
    let frame = Encoder::new(1, 100).encode_body(&sent.body().unwrap());
    let (mut splitter, mut heard) = (Splitter::new(), Vec::new());
    splitter.datagram(frame.bytes(), |frame| heard.push(frame));
    assert_eq!(heard.iter().map(Tunnel::read).collect::<Vec<_>>(), [Some(sent)]);
}

/// The bytes as a stream of MAVLink, as datagrams, and as a log of it.
pub fn frames(bytes: &[u8]) {
    let whole = split(&[bytes]);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(bytes.first().copied().unwrap_or(1)).max(1)).collect();
    assert_eq!(split(&pieces), whole, "however it was cut into reads");
    for frame in &whole {
        assert_eq!(Frame::parse(Bytes::copy_from_slice(frame.bytes())).as_ref().ok(), Some(frame));
        if let Some(tunnel) = Tunnel::read(frame) {
            assert!(tunnel.bytes.len() <= tunnel::MAX_BYTES);
            let again = Encoder::new(1, 1).encode_body(&tunnel.body().unwrap());
            assert_eq!(Tunnel::read(&again), Some(tunnel));
        }
        // A message that is written again reads back as itself.
        if let Ok((_, message)) = frame.message() {
            let again = Encoder::new(frame.system_id(), frame.component_id()).encode(&message);
            assert!(again.message().is_ok(), "{message:?}");
        }
        let _ = (frame.target(), frame.is_signed(), frame.checksum());
        let _ = Message::raw(frame.message_id(), frame.payload().bytes());
    }
    log_of(bytes);
}

fn split(pieces: &[&[u8]]) -> Vec<Frame> {
    let (mut splitter, mut frames) = (Splitter::new(), Vec::new());
    pieces.iter().for_each(|piece| splitter.stream(piece, |frame| frames.push(frame)));
    splitter.finish(|frame| frames.push(frame));
    let all: usize = pieces.iter().map(|piece| piece.len()).sum();
    let held: usize = frames.iter().map(|frame| frame.bytes().len()).sum();
    let counters = splitter.counters();
    assert_eq!(counters.skipped_bytes + held as u64, all as u64, "every byte is a frame's or skipped");
    assert_eq!(counters.frames, frames.len() as u64);
    frames
}

fn log_of(bytes: &[u8]) {
    let mut reader = tlog::Reader::new(bytes);
    let entries: Vec<tlog::Entry> = reader.by_ref().map(Result::unwrap).collect();
    let mut written = Vec::new();
    for entry in &entries {
        tlog::write(&mut written, entry.utc_us, &entry.frame).unwrap();
    }
    assert_eq!(written.len() as u64 + reader.skipped_bytes(), bytes.len() as u64);
    if reader.skipped_bytes() == 0 {
        assert_eq!(written, bytes);
    }
}
