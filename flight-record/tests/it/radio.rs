//! Bodies on the radio: one form each, exact lengths, nothing that makes the reader fall over.

use flight_record::keys::DeviceKey;
use flight_record::note::{Checkpoint, Cosignature};
use flight_record::radio::{
    Agreement, Beacon, Body, Cosigned, Leaves, LiveAnswer, LiveCall, LiveHolder, LiveOffer, LiveScope, Nonce,
    RadioError, Ready, RecipientOffer, SigningKeyHint, Statement,
};
use flight_record::statement::{Action, Moment};
use flight_record::{FlightId, Sha256};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::TestRunner;

/// Payload types with the lengths their bodies may have.
const LENGTHS: [(u16, &[usize]); 9] = [
    (42_001, &[126]),
    (42_002, &[27, 59, 91, 123]),
    (42_003, &[102]),
    (42_004, &[126]),
    (42_005, &[126]),
    (42_006, &[104, 128, 124]),
    (42_008, &[22]),
    (42_009, &[126]),
    (42_010, &[128]),
];
/// Where an authorisation says for how many minutes.
const MINUTES_AT: usize = 30;

/// Flags, none; or the action of a statement, an authorisation or, by its length, an agreement.
fn second_byte(payload_type: u16, length: usize) -> u8 {
    match (payload_type, length) {
        (42_005 | 42_010, _) | (42_006, 104) => 1,
        (42_006, 128) => 2,
        (42_006, _) => 3,
        _ => 0,
    }
}

fn flight() -> impl Strategy<Value = FlightId> {
    any::<[u8; 16]>().prop_map(FlightId::from_bytes)
}

fn hash() -> impl Strategy<Value = Sha256> {
    any::<[u8; 32]>().prop_map(Sha256)
}

fn signature() -> impl Strategy<Value = [u8; 64]> {
    any::<([u8; 32], [u8; 32])>().prop_map(|(r, s)| std::array::from_fn(|at| if at < 32 { r[at] } else { s[at - 32] }))
}

fn body() -> impl Strategy<Value = Body> {
    let station = DeviceKey::from_seed([3; 32]);
    let (other, officer) = (station.clone(), station.clone());
    prop_oneof![
        (any::<u8>(), flight(), any::<[u8; 4]>(), any::<u64>(), hash(), signature()).prop_map(
            |(flags, flight, key_hash, size, root, signature)| {
                Body::Beacon(Beacon { flags, flight, key_hash, size, root, signature })
            }
        ),
        (flight(), any::<u64>(), proptest::collection::vec(hash(), 0..=3))
            .prop_map(|(flight, from, hashes)| Body::Leaves(Leaves { flight, from, hashes })),
        (flight(), any::<[u8; 4]>(), any::<u64>(), any::<u64>(), signature()).prop_map(
            |(flight, key_hash, size, time_s, signature)| {
                let cosignature = Cosignature { key_hash, time_s, signature };
                Body::Cosignature(Cosigned { flight, size, cosignature })
            }
        ),
        (flight(), hash(), any::<u64>())
            .prop_map(move |(flight, nonce, time_s)| Body::Nonce(Nonce::sign(flight, nonce, time_s, &station))),
        any::<(u8, [u8; 16], [u8; 4])>().prop_map(|(flags, device, recipient)| Body::Ready(Ready {
            flags,
            device,
            recipient
        })),
        (hash(), any::<[u8; 32]>(), any::<u64>())
            .prop_map(move |(device, key, at)| Body::Recipient(RecipientOffer::sign(device, key, at, &other))),
        (any::<([u8; 16], u32, u32, bool)>(), hash()).prop_map(move |((about, time_s, counter, start), reason)| {
            let action = if start { Action::Start } else { Action::Stop };
            Body::Statement(Statement::sign(action, about, Moment { time_s, counter }, reason, &officer))
        }),
        agreement(),
    ]
}

fn agreement() -> impl Strategy<Value = Body> {
    let key = DeviceKey::from_seed([3; 32]);
    let any_of = (0..3_u8, any::<([u8; 16], [u8; 6], [u8; 32], u32)>(), any::<Option<([u8; 3], [u8; 4])>>());
    any_of.prop_map(move |(which, (about, boot, half, number), holder)| {
        let scope = LiveScope { about, boot };
        // Four zeros are no key id that anybody has: they say that nobody holds keys.
        let holder = holder.map(|([a, b, c], offer)| LiveHolder { station: SigningKeyHint([1, a, b, c]), offer });
        let offer = LiveOffer::sign(scope, half, number, &key);
        Body::Agreement(match which {
            0 => Agreement::Call(LiveCall::sign(scope, number, holder, &key)),
            1 => Agreement::Offer(offer),
            _ => Agreement::Answer(LiveAnswer::sign(&offer, half, &key)),
        })
    })
}

#[test]
fn what_is_written_reads_back_and_fits() {
    TestRunner::default()
        .run(&body(), |body| {
            let bytes = body.encode();
            assert!(bytes.len() <= 128);
            assert_eq!(Body::decode(body.payload_type(), &bytes), Ok(body));
            Ok(())
        })
        .unwrap();
}

#[test]
fn whatever_is_read_has_one_form_only() {
    let near = (0..LENGTHS.len(), any::<u8>(), proptest::collection::vec(any::<u8>(), 0..130));
    TestRunner::default()
        .run(&near, |(which, tweak, mut bytes)| {
            let (payload_type, lengths) = LENGTHS[which];
            if tweak > 40 {
                // Most of the time close enough to be taken.
                bytes.resize(lengths[usize::from(tweak) % lengths.len()], tweak);
                let second = second_byte(payload_type, bytes.len());
                bytes[..2].copy_from_slice(&[1, second]);
                if payload_type == 42_010 {
                    bytes[MINUTES_AT..MINUTES_AT + 2].copy_from_slice(&[tweak, 1]);
                }
                if payload_type == 42_002 {
                    bytes[26] = u8::try_from((bytes.len() - 27) / 32).unwrap();
                }
            }
            match Body::decode(payload_type, &bytes) {
                Ok(body) => assert_eq!((body.payload_type(), body.encode()), (payload_type, bytes)),
                Err(_) => assert!(tweak <= 40, "{payload_type} of {} bytes", bytes.len()),
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_other_length_is_refused() {
    for (payload_type, lengths) in LENGTHS {
        for length in 0..=300 {
            let mut bytes = vec![0; length];
            bytes.iter_mut().zip([1, second_byte(payload_type, length)]).for_each(|(byte, begins)| *byte = begins);
            if payload_type == 42_002 && length > 26 {
                bytes[26] = u8::try_from((length - 27) / 32).unwrap();
            }
            if let Some(minutes) = bytes.get_mut(MINUTES_AT).filter(|_| payload_type == 42_010) {
                *minutes = 1;
            }
            let read = Body::decode(payload_type, &bytes);
            assert_eq!(read.is_ok(), lengths.contains(&length), "{payload_type} of {length} bytes");
            if let Err(error) = read {
                assert!(matches!(error, RadioError::Length { bytes, .. } if bytes == length), "{error}");
            }
        }
    }
}

#[test]
fn other_types_versions_and_flags_are_refused() {
    for other in [0, 1, 32_767, 42_000, 42_011, u16::MAX] {
        assert_eq!(Body::decode(other, &[1; 126]), Err(RadioError::OtherType(other)));
    }
    for (payload_type, lengths) in LENGTHS {
        let mut bytes = vec![0; lengths[0]];
        for version in [0, 2, 255] {
            bytes[0] = version;
            assert!(matches!(Body::decode(payload_type, &bytes), Err(RadioError::Version { .. })), "{payload_type}");
        }
        bytes[..2].copy_from_slice(&[1, 0x80]);
        let advisory = [42_001, 42_008].contains(&payload_type);
        assert_eq!(Body::decode(payload_type, &bytes).is_ok(), advisory, "{payload_type}");
    }
}

#[test]
fn a_beacon_is_a_whole_note() {
    let device = DeviceKey::from_seed([3; 32]);
    let head = Checkpoint { flight: FlightId::new(1, [1; 10]), size: 12, root: Sha256::of(b"root") };
    let note = head.sign(&device);
    let Ok(Body::Beacon(beacon)) = Body::decode(42_001, &Body::Beacon(Beacon::of(&note, true).unwrap()).encode())
    else {
        panic!("a beacon");
    };
    assert_eq!(beacon.note().to_string(), note, "byte for byte");
    assert_eq!(beacon.note().verify(&device.public()), Ok(&head));
    assert!(beacon.closed() && beacon.verifies(&device.public()));
    assert!(!beacon.verifies(&DeviceKey::from_seed([4; 32]).public()));
    assert!(!Beacon { size: 13, ..beacon }.verifies(&device.public()));
}
