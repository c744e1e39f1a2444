//! The hub over real sockets on the loopback, ports chosen by the system.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::mpsc::Receiver,
};
use vehicle_link::{
    dialect::{COMMAND_LONG_DATA, MavMessage},
    endpoint::Endpoint,
    frames::{Encoder, Frame, Splitter},
    hub::{Hub, LinkId, PEER_QUEUE, Received, To, UDP_SILENCE_NS},
};

use crate::support::{TestClock, heartbeat_of, soon, until};

const FIRST: LinkId = LinkId(0);

async fn open(endpoints: &[&str]) -> (Hub, Arc<TestClock>) {
    let endpoints: Vec<Endpoint> = endpoints.iter().map(|text| text.parse().unwrap()).collect();
    let clock = Arc::new(TestClock::default());
    let hub = Hub::open(&endpoints, clock.clone()).await.unwrap();
    (hub, clock)
}

fn port(hub: &Hub, link: LinkId) -> u16 {
    hub.local_addr(link).unwrap().port()
}

async fn next(received: &mut Receiver<Received>) -> Received {
    soon("a frame at the subscriber", received.recv()).await.unwrap()
}

async fn udp_frame(socket: &UdpSocket) -> Frame {
    let mut bytes = [0; 2048];
    let len = soon("a datagram", socket.recv(&mut bytes)).await.unwrap();
    let mut frames = Vec::new();
    Splitter::new().datagram(&bytes[..len], |frame| frames.push(frame));
    assert_eq!(frames.len(), 1);
    frames.remove(0)
}

async fn udp_station(hub: &Hub) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(("127.0.0.1", port(hub, FIRST))).await.unwrap();
    socket
}

#[tokio::test]
async fn udp_peers_are_told_apart_by_address() {
    let (hub, _) = open(&["udpin:127.0.0.1:0"]).await;
    let mut received = hub.subscribe();
    let (a, b) = (udp_station(&hub).await, udp_station(&hub).await);

    let from_a = heartbeat_of(&mut Encoder::new(255, 190));
    a.send(from_a.bytes()).await.unwrap();
    let first = next(&mut received).await;
    assert_eq!(first.frame, from_a);
    let from_b = heartbeat_of(&mut Encoder::new(254, 190));
    b.send(from_b.bytes()).await.unwrap();
    let second = next(&mut received).await;
    assert_ne!(first.peer, second.peer);
    assert!(second.at_mono_ns > first.at_mono_ns);
    // B's heartbeat was routed to A, not back to B.
    assert_eq!(udp_frame(&a).await, from_b);

    let mut ours = Encoder::new(1, 1);
    let to_all = heartbeat_of(&mut ours);
    assert_eq!(hub.send(&to_all, To::All), 2);
    assert_eq!(udp_frame(&a).await, to_all);
    assert_eq!(udp_frame(&b).await, to_all);

    // One station only, by its peer id and by its system id.
    let to_b = heartbeat_of(&mut ours);
    assert_eq!(hub.send(&to_b, To::Peer(second.peer)), 1);
    assert_eq!(udp_frame(&b).await, to_b);
    let ack = COMMAND_LONG_DATA { target_system: 255, target_component: 190, ..Default::default() };
    let ack = ours.encode(&MavMessage::COMMAND_LONG(ack));
    assert_eq!(hub.send(&ack, To::Target), 1);
    assert_eq!(udp_frame(&a).await, ack);

    until("four frames sent and one routed", || hub.statistics()[0].sent_frames == 5).await;
    let statistics = hub.statistics()[0];
    assert_eq!((statistics.received_frames, statistics.peers, statistics.connects), (2, 2, 2));
}

#[tokio::test]
async fn a_damaged_frame_has_one_bit_wrong_anywhere() {
    let (vehicle, _) = open(&["udpin:127.0.0.1:0"]).await;
    let station = udp_station(&vehicle).await;
    station.send(heartbeat_of(&mut Encoder::new(255, 190)).bytes()).await.unwrap();
    until("the station", || vehicle.peers().len() == 1).await;

    let whole = heartbeat_of(&mut Encoder::new(1, 1));
    let bits = whole.bytes().len() as u64 * 8;
    for bit in 0..bits {
        assert_eq!(vehicle.send_damaged(&whole, To::All, bits * 5 + bit), 1);
        let mut bytes = [0; 300];
        let len = soon("a datagram", station.recv(&mut bytes)).await.unwrap();
        let wrong: Vec<u8> = bytes[..len].iter().zip(whole.bytes()).map(|(a, b)| a ^ b).collect();
        let ones: u32 = wrong.iter().map(|byte| byte.count_ones()).sum();
        assert_eq!((len, ones), (whole.bytes().len(), 1));
        assert_eq!(wrong[usize::try_from(bit / 8).unwrap()], 1 << (bit % 8));
    }
    vehicle.send(&whole, To::All);
    assert_eq!(udp_frame(&station).await, whole, "the frame itself is as it was");
}

#[tokio::test]
async fn a_silent_udp_address_is_forgotten_and_noise_makes_no_peer() {
    let (hub, clock) = open(&["udpin:127.0.0.1:0"]).await;
    let station = udp_station(&hub).await;
    station.send(b"not mavlink").await.unwrap();
    until("noise counted", || hub.statistics()[0].skipped_bytes == 11).await;
    assert!(hub.peers().is_empty());

    station.send(heartbeat_of(&mut Encoder::new(255, 190)).bytes()).await.unwrap();
    until("the station", || hub.peers().len() == 1).await;
    clock.advance_ns(UDP_SILENCE_NS);
    until("the station forgotten at the next sweep", || hub.peers().is_empty()).await;
}

#[tokio::test]
async fn udpout_reaches_udpin_both_ways() {
    let (vehicle, _) = open(&["udpin:127.0.0.1:0"]).await;
    let (agent, _) = open(&[&format!("udpout:127.0.0.1:{}", port(&vehicle, FIRST))]).await;
    let (mut at_vehicle, mut at_agent) = (vehicle.subscribe(), agent.subscribe());

    let hello = heartbeat_of(&mut Encoder::new(1, 100));
    assert_eq!(agent.send(&hello, To::All), 1);
    assert_eq!(next(&mut at_vehicle).await.frame, hello);
    let answer = heartbeat_of(&mut Encoder::new(1, 1));
    assert_eq!(vehicle.send(&answer, To::All), 1);
    assert_eq!(next(&mut at_agent).await.frame, answer);
    assert_eq!(agent.peers().len(), 1);
}

#[tokio::test]
async fn tcp_serves_several_and_survives_their_leaving() {
    let (hub, _) = open(&["tcpin:127.0.0.1:0"]).await;
    let mut received = hub.subscribe();
    let address = hub.local_addr(FIRST).unwrap();
    let mut a = TcpStream::connect(address).await.unwrap();
    let mut b = TcpStream::connect(address).await.unwrap();
    until("two connections", || hub.peers().len() == 2).await;

    // Cut in the middle of a frame.
    let frame = heartbeat_of(&mut Encoder::new(255, 190));
    let (head, tail) = frame.bytes().split_at(5);
    a.write_all(head).await.unwrap();
    a.flush().await.unwrap();
    a.write_all(tail).await.unwrap();
    assert_eq!(next(&mut received).await.frame, frame);
    let mut routed = vec![0; frame.bytes().len()];
    soon("the routed frame", b.read_exact(&mut routed)).await.unwrap();
    assert_eq!(routed, frame.bytes());

    drop(a);
    until("one connection", || hub.peers().len() == 1).await;
    assert_eq!(hub.send(&heartbeat_of(&mut Encoder::new(1, 1)), To::All), 1);
}

#[tokio::test]
async fn tcpout_connects_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (hub, _) = open(&[&format!("tcpout:127.0.0.1:{port}")]).await;
    let mut received = hub.subscribe();
    let mut remote = Encoder::new(1, 1);
    for round in 1..=2 {
        let (mut stream, _) = soon("a connection", listener.accept()).await.unwrap();
        let frame = heartbeat_of(&mut remote);
        stream.write_all(frame.bytes()).await.unwrap();
        assert_eq!(next(&mut received).await.frame, frame);
        assert_eq!(hub.statistics()[0].connects, round);
    }
}

#[tokio::test]
async fn a_serial_port_carries_frames_both_ways() {
    let (mut autopilot, device) = tokio_serial::SerialStream::pair().unwrap();
    let path = tokio_serial::SerialPort::name(&device).unwrap();
    drop(device);
    let (hub, _) = open(&[&format!("serial:{path}:57600")]).await;
    let mut received = hub.subscribe();
    until("the port open", || hub.peers().len() == 1).await;

    let down = heartbeat_of(&mut Encoder::new(1, 1));
    autopilot.write_all(down.bytes()).await.unwrap();
    assert_eq!(next(&mut received).await.frame, down);
    let up = heartbeat_of(&mut Encoder::new(1, 100));
    assert_eq!(hub.send(&up, To::All), 1);
    let mut bytes = vec![0; up.bytes().len()];
    soon("the frame at the far end", autopilot.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(bytes, up.bytes());
}

#[tokio::test]
async fn frames_are_routed_between_links_once_and_never_in_circles() {
    let (hub, _) = open(&["udpin:127.0.0.1:0", "tcpin:127.0.0.1:0"]).await;
    let mut received = hub.subscribe();
    let udp = udp_station(&hub).await;
    let mut tcp = TcpStream::connect(hub.local_addr(LinkId(1)).unwrap()).await.unwrap();
    until("the connection", || hub.peers().len() == 1).await;

    let frame = heartbeat_of(&mut Encoder::new(1, 1));
    udp.send(frame.bytes()).await.unwrap();
    assert_eq!(next(&mut received).await.link, FIRST);
    let mut routed = vec![0; frame.bytes().len()];
    soon("the routed frame", tcp.read_exact(&mut routed)).await.unwrap();
    // The far side of the TCP link hands it back: a loop.
    tcp.write_all(&routed).await.unwrap();
    until("the copy refused", || hub.statistics()[1].duplicates == 1).await;
    assert_eq!(hub.statistics()[0].sent_frames, 0);

    // And our own frames come back as reflections.
    let ours = heartbeat_of(&mut Encoder::new(1, 100));
    hub.send(&ours, To::Link(LinkId(1)));
    tcp.write_all(ours.bytes()).await.unwrap();
    until("the reflection refused", || hub.statistics()[1].reflected == 1).await;
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn a_peer_that_does_not_read_loses_frames_and_holds_up_nobody() {
    let (hub, _) = open(&["tcpin:127.0.0.1:0"]).await;
    let address = hub.local_addr(FIRST).unwrap();
    let _deaf = TcpStream::connect(address).await.unwrap();
    let mut hears = TcpStream::connect(address).await.unwrap();
    until("two connections", || hub.peers().len() == 2).await;

    let mut ours = Encoder::new(1, 1);
    let frame = heartbeat_of(&mut ours);
    let reader = tokio::spawn(async move {
        let (mut bytes, mut total) = (vec![0; 65_536], 0);
        while let Ok(Ok(len @ 1..)) = tokio::time::timeout(Duration::from_secs(2), hears.read(&mut bytes)).await {
            total += len;
        }
        total
    });
    let mut sent = 0_usize;
    soon("the deaf peer's queue full", async {
        while hub.statistics()[0].queue_drops == 0 {
            for _ in 0..PEER_QUEUE / 4 {
                sent += hub.send(&frame, To::All);
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(hub);
    let heard = reader.await.unwrap();
    assert!(heard > 0 && heard <= sent * frame.bytes().len());
}
