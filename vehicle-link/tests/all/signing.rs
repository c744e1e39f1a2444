//! Signing over real sockets, and beside pymavlink's in both directions.

use std::{path::PathBuf, process::Command, sync::Arc};

use bytes::Bytes;
use tokio::net::UdpSocket;
use vehicle_link::{
    Clock as _,
    frames::{Body, Encoder, Frame},
    hub::{Hub, LinkId, LinkStatistics, Signer, To},
    signing::{Kept, Key, RADIO_STATUS, Refusal, Signing, TimestampFile, Timestamps, Unsigned, of_utc_us},
};
use zeroize::Zeroizing;

use crate::support::{TestClock, heartbeat_of, soon, until};

/// 2026-01-01.
const UTC_US: u64 = 1_767_225_600_000_000;

fn key(first: u8) -> Key {
    let mut bytes = Zeroizing::new([7; 32]);
    bytes[0] = first;
    Key::new(bytes)
}

/// A key in use without a disk.
fn signing(first: u8) -> Signing {
    let now = of_utc_us(UTC_US);
    let mut timestamps = Timestamps::new(Kept::default(), now);
    timestamps.kept(Kept { limit: now + 1_000_000, seen: now });
    Signing::new(key(first), Unsigned::Only(vec![RADIO_STATUS]), timestamps)
}

async fn open(folder: &tempfile::TempDir, name: &str, endpoints: &[String], first_link_id: u8) -> Hub {
    let clock = Arc::new(TestClock::default());
    let file = TimestampFile::new(folder.path().join(name));
    let signer = Signer::open(key(1), file, clock.as_ref(), UTC_US).unwrap().from_link_id(first_link_id);
    let endpoints: Vec<_> = endpoints.iter().map(|text| text.parse().unwrap()).collect();
    Hub::open_signed(&endpoints, clock, signer).await.unwrap()
}

async fn listening(folder: &tempfile::TempDir) -> (Hub, UdpSocket) {
    let hub = open(folder, "hub", &["udpin:127.0.0.1:0".to_owned()], 0).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(hub.local_addr(LinkId(0)).unwrap()).await.unwrap();
    (hub, socket)
}

fn refused(statistics: &LinkStatistics) -> [u64; 5] {
    let s = statistics;
    [s.refused_unsigned, s.refused_signatures, s.refused_replays, s.refused_stale, s.refused_streams]
}

#[tokio::test]
async fn two_hubs_with_one_key_hear_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let vehicle = open(&folder, "vehicle", &["udpin:127.0.0.1:0".to_owned()], 0).await;
    let port = vehicle.local_addr(LinkId(0)).unwrap().port();
    let station = open(&folder, "station", &[format!("udpout:127.0.0.1:{port}")], 9).await;
    let (mut at_vehicle, mut at_station) = (vehicle.subscribe(), station.subscribe());

    let hello = heartbeat_of(&mut Encoder::new(255, 190));
    assert_eq!(station.send(&hello, To::All), 1);
    let heard = soon("the signed frame", at_vehicle.recv()).await.unwrap().frame;
    assert_eq!(heard.payload().bytes(), hello.payload().bytes());
    assert_eq!(heard.signature().unwrap().link_id, 9);
    assert_eq!(vehicle.send(&heartbeat_of(&mut Encoder::new(1, 1)), To::All), 1);
    assert!(soon("the answer", at_station.recv()).await.unwrap().frame.is_signed());
}

#[tokio::test]
async fn each_refusal_is_counted_and_makes_no_peer() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, socket) = listening(&folder).await;
    let mut received = hub.subscribe();
    let mut encoder = Encoder::new(255, 190);

    let plain = heartbeat_of(&mut encoder);
    socket.send(plain.bytes()).await.unwrap();
    let forged = signing(2).sign(&plain, 0, of_utc_us(UTC_US)).unwrap();
    socket.send(forged.bytes()).await.unwrap();
    let long_ago = of_utc_us(UTC_US - 120_000_000);
    let mut timestamps = Timestamps::new(Kept::default(), long_ago);
    timestamps.kept(Kept { limit: long_ago + 9, seen: 0 });
    let stale = Signing::new(key(1), Unsigned::Accept, timestamps).sign(&plain, 0, long_ago).unwrap();
    socket.send(stale.bytes()).await.unwrap();
    until("three refused", || refused(&hub.statistics()[0]) == [1, 1, 0, 1, 0]).await;
    assert!(hub.peers().is_empty(), "nobody who is refused is a peer");

    let mut signing = signing(1);
    let signed = signing.sign(&plain, 3, of_utc_us(UTC_US)).unwrap();
    socket.send(signed.bytes()).await.unwrap();
    assert_eq!(soon("the signed frame", received.recv()).await.unwrap().frame, signed);
    socket.send(signed.bytes()).await.unwrap();
    until("the replay refused", || hub.statistics()[0].refused_replays == 1).await;
    // From elsewhere within half a second it may be a second path: a copy. Nobody hears it twice.
    let elsewhere = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    elsewhere.connect(hub.local_addr(LinkId(0)).unwrap()).await.unwrap();
    elsewhere.send(signed.bytes()).await.unwrap();
    until("the copy", || hub.statistics()[0].duplicates == 1).await;
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn a_key_on_its_way_is_no_subscribers() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, socket) = listening(&folder).await;
    let mut received = hub.subscribe();
    let (mut encoder, mut signing) = (Encoder::new(255, 190), signing(1));
    let secret = encoder.encode_body(&Body::raw(256, &[42; 42]).unwrap());
    for frame in [secret, heartbeat_of(&mut encoder)] {
        let signed = signing.sign(&frame, 0, of_utc_us(UTC_US)).unwrap();
        socket.send(signed.bytes()).await.unwrap();
    }
    assert_eq!(soon("the heartbeat", received.recv()).await.unwrap().frame.message_id(), 0);
    assert_eq!(hub.statistics()[0].keys_withheld, 1);
}

#[tokio::test]
async fn links_may_be_left_unsigned() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let file = TimestampFile::new(folder.path().join("hub"));
    let signer = Signer::open(key(1), file, clock.as_ref(), UTC_US).unwrap().on(vec![LinkId(1)]);
    let endpoints = ["udpin:127.0.0.1:0", "udpin:127.0.0.1:0"].map(|text| text.parse().unwrap());
    let hub = Hub::open_signed(&endpoints, clock, signer).await.unwrap();
    let mut received = hub.subscribe();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let plain = heartbeat_of(&mut Encoder::new(1, 1));
    socket.send_to(plain.bytes(), hub.local_addr(LinkId(1)).unwrap()).await.unwrap();
    until("refused on the second", || hub.statistics()[1].refused_unsigned == 1).await;
    socket.send_to(plain.bytes(), hub.local_addr(LinkId(0)).unwrap()).await.unwrap();
    assert_eq!(soon("taken on the first", received.recv()).await.unwrap().link, LinkId(0));
}

#[tokio::test]
async fn what_comes_by_an_unsigned_wire_goes_on_signed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let file = TimestampFile::new(folder.path().join("hub"));
    let signer = Signer::open(key(1), file, clock.as_ref(), UTC_US).unwrap().on(vec![LinkId(1)]);
    let endpoints = ["udpin:127.0.0.1:0", "udpin:127.0.0.1:0"].map(|text| text.parse().unwrap());
    let hub = Hub::open_signed(&endpoints, clock, signer).await.unwrap();
    let [autopilot, station] =
        [UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap()];
    let (wire, radio) = (hub.local_addr(LinkId(0)).unwrap(), hub.local_addr(LinkId(1)).unwrap());
    let (mut ground, mut signing) = (Encoder::new(255, 190), signing(1));
    let hello = signing.sign(&heartbeat_of(&mut ground), 3, of_utc_us(UTC_US)).unwrap();
    station.send_to(hello.bytes(), radio).await.unwrap();
    until("the station is a peer", || hub.peers().len() == 1).await;
    let telemetry = heartbeat_of(&mut Encoder::new(1, 1));
    autopilot.send_to(telemetry.bytes(), wire).await.unwrap();

    let mut datagram = [0; 300];
    let (len, _) = soon("the telemetry", station.recv_from(&mut datagram)).await.unwrap();
    let heard = Frame::parse(Bytes::copy_from_slice(&datagram[..len])).unwrap();
    assert_eq!(
        ((heard.system_id(), heard.component_id()), heard.payload().bytes()),
        ((1, 1), telemetry.payload().bytes())
    );
    assert_eq!(signing.check(&heard, of_utc_us(UTC_US)), Ok(()));
    // The other way it passes as it is: who does not sign does not look.
    let order = signing.sign(&heartbeat_of(&mut ground), 3, of_utc_us(UTC_US)).unwrap();
    station.send_to(order.bytes(), radio).await.unwrap();
    let (len, _) = soon("the order", autopilot.recv_from(&mut datagram)).await.unwrap();
    assert_eq!(&datagram[..len], order.bytes());
    // MAVLink 1 cannot be signed.
    let version_1 = [0xFE, 9, 0, 1, 1, 0, 0, 0, 0, 0, 2, 12, 0, 3, 3, 0x29, 0xF2];
    autopilot.send_to(&version_1, wire).await.unwrap();
    until("not sent", || hub.statistics()[1].not_signed == 1).await;
    assert_eq!(hub.statistics()[1].refused().to_string(), "1 of ours not sent for want of a signature");
}

#[tokio::test]
async fn a_restart_takes_nothing_that_was_heard_before() {
    let folder = tempfile::tempdir().unwrap();
    let plain = heartbeat_of(&mut Encoder::new(255, 190));
    let now = of_utc_us(UTC_US);
    let mut signing = signing(1);
    let signed = signing.sign(&plain, 3, now).unwrap();
    {
        let (hub, socket) = listening(&folder).await;
        let mut received = hub.subscribe();
        socket.send(signed.bytes()).await.unwrap();
        soon("the frame", received.recv()).await.unwrap();
    }
    let (hub, socket) = listening(&folder).await;
    let mut received = hub.subscribe();
    socket.send(signed.bytes()).await.unwrap();
    until("refused", || hub.statistics()[0].refused().replays == 1).await;
    assert_eq!(hub.statistics()[0].refused().to_string(), "1 replayed or out of date");
    // A station whose clock goes on is heard.
    let later = signing.sign(&plain, 3, now + 500_000).unwrap();
    socket.send(later.bytes()).await.unwrap();
    assert_eq!(soon("the later frame", received.recv()).await.unwrap().frame, later);
}

#[tokio::test]
async fn a_restart_begins_above_what_was_used() {
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::default();
    let file = || TimestampFile::new(folder.path().join("key"));
    let open = |utc_us| Signer::open(key(1), file(), &clock, utc_us).unwrap();
    drop(open(UTC_US));
    let first = file().read().limit;
    assert!(first > of_utc_us(UTC_US));
    // The clock was lost: 1970.
    drop(open(0));
    assert!(file().read().limit > first);
    std::fs::write(folder.path().join("key"), b"torn").unwrap();
    drop(open(UTC_US));
    assert!(file().read().limit > of_utc_us(UTC_US));
}

#[tokio::test]
async fn a_station_that_counts_on_without_a_clock_is_heard_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let now = of_utc_us(UTC_US);
    let (mut encoder, mut signing) = (Encoder::new(255, 190), signing(1));
    let mut frame = || heartbeat_of(&mut encoder);
    {
        let (hub, socket) = listening(&folder).await;
        let mut received = hub.subscribe();
        socket.send(signing.sign(&frame(), 3, now).unwrap().bytes()).await.unwrap();
        soon("the frame", received.recv()).await.unwrap();
    }
    let (hub, socket) = listening(&folder).await;
    let mut received = hub.subscribe();
    hub.send(&heartbeat_of(&mut Encoder::new(1, 100)), To::All);
    socket.send(signing.sign(&frame(), 3, now).unwrap().bytes()).await.unwrap();
    let mut datagram = [0; 300];
    let len = soon("a frame to count on from", socket.recv(&mut datagram)).await.unwrap();
    assert!(hub.peers().is_empty() && hub.statistics()[0].refused_stale == 1);
    let greeting = Frame::parse(Bytes::copy_from_slice(&datagram[..len])).unwrap();
    assert_eq!(signing.check(&greeting, now), Ok(()));
    let counted_on = signing.sign(&frame(), 3, now).unwrap();
    socket.send(counted_on.bytes()).await.unwrap();
    assert_eq!(soon("it is heard", received.recv()).await.unwrap().frame, counted_on);
}

#[tokio::test]
async fn timestamps_are_kept_reserved_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let file = TimestampFile::new(folder.path().join("hub"));
    let signer = Signer::open(key(1), file.clone(), clock.as_ref(), UTC_US).unwrap();
    let _hub = Hub::open_signed(&["udpin:127.0.0.1:0".parse().unwrap()], clock.clone(), signer).await.unwrap();
    let before = file.read().limit;
    clock.advance_ns(100_000_000_000);
    until("a longer reservation", || file.read().limit > before + 10_000_000).await;
    assert!(clock.mono_ns() > 0);
}

/// Gives `input` to `tests/oracles/signing.py`, by the interpreter of SKYSEAL_VENV; what it prints.
fn by_pymavlink(what: &str, input: &str) -> String {
    let venv = std::env::var("SKYSEAL_VENV").expect("SKYSEAL_VENV names a venv with pymavlink 2.4.50");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), input).unwrap();
    let output = Command::new(PathBuf::from(venv).join("bin/python"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/oracles/signing.py"))
        .args([what, &of_utc_us(UTC_US).to_string()])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Bytes {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
#[ignore = "needs SKYSEAL_VENV with pymavlink"]
fn pymavlink_takes_what_we_sign_and_refuses_what_we_refuse() {
    let (mut encoder, mut ours, mut foreign) = (Encoder::new(1, 100), signing(1), signing(2));
    let mut lines = Vec::new();
    let mut expected = Vec::new();
    for round in 0..200_u64 {
        let plain = heartbeat_of(&mut encoder);
        let now = of_utc_us(UTC_US) + round;
        let signed = ours.sign(&plain, 4, now).unwrap();
        let (frame, taken) = match round % 4 {
            0 | 1 => (signed.clone(), true),
            2 => (foreign.sign(&plain, 9, now).unwrap(), false),
            _ => (plain, false),
        };
        lines.push(hex(frame.bytes()));
        expected.push(if taken { "taken" } else { "refused" });
        if round % 40 == 1 {
            lines.push(hex(signed.bytes()));
            expected.push("refused");
        }
    }
    let said = by_pymavlink("check", &lines.join("\n"));
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
#[ignore = "needs SKYSEAL_VENV with pymavlink"]
fn we_take_what_pymavlink_signs() {
    let said = by_pymavlink("sign", "");
    let frames: Vec<Frame> = said.lines().map(|line| Frame::parse(unhex(line)).unwrap()).collect();
    assert!(frames.len() > 200, "one of each message");
    let (mut ours, mut foreign) = (signing(1), signing(2));
    for frame in &frames {
        let now = of_utc_us(UTC_US);
        assert_eq!(foreign.check(frame, now), Err(Refusal::Signature));
        assert_eq!(ours.check(frame, now), Ok(()), "{frame:?}");
        assert_eq!(ours.check(frame, now), Err(Refusal::Replayed));
    }
}
