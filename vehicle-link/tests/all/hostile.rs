//! Hostile links: whatever comes in, nothing breaks, nothing grows, and each refusal is counted.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UdpSocket},
};
use vehicle_link::{
    dialect::{COMMAND_LONG_DATA, MavMessage, TIMESYNC_DATA},
    frames::{Body, Encoder, Frame, Splitter},
    hub::{Hub, LinkId, MAX_PEERS, To},
    peers::{Address, MAX_COMPONENTS, Table},
    timesync::{Filter, answer},
};

use crate::{
    channel::{Chance, MS},
    support::{TestClock, heartbeat_of, soon, until},
};

const FIRST: LinkId = LinkId(0);

async fn open(endpoint: &str) -> (Hub, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    (Hub::open(&[endpoint.parse().unwrap()], clock.clone()).await.unwrap(), clock)
}

async fn socket(hub: &Hub) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(hub.local_addr(FIRST).unwrap()).await.unwrap();
    socket
}

#[tokio::test]
async fn noise_and_damage_are_counted_and_the_next_frame_is_heard() {
    let (hub, _) = open("tcpin:127.0.0.1:0").await;
    let mut received = hub.subscribe();
    let mut stream = TcpStream::connect(hub.local_addr(FIRST).unwrap()).await.unwrap();
    let mut chance = Chance(1);
    let noise: Vec<u8> = (0..1_000_000).map(|_| chance.next().to_le_bytes()[0]).collect();
    stream.write_all(&noise).await.unwrap();
    let mut encoder = Encoder::new(1, 1);
    for at in 1..17 {
        let mut damaged = heartbeat_of(&mut encoder).bytes().to_vec();
        damaged[at] ^= 0x40;
        stream.write_all(&damaged).await.unwrap();
    }
    // A candidate may claim 280 bytes: these fill whatever it waits for.
    stream.write_all(&[0; 300]).await.unwrap();
    let good = heartbeat_of(&mut encoder);
    stream.write_all(good.bytes()).await.unwrap();
    soon("the good frame", async { while received.recv().await.unwrap().frame != good {} }).await;
    until("all counted", || {
        let statistics = hub.statistics()[0];
        let all = noise.len() + 16 * 21 + 300 + good.bytes().len();
        statistics.bad_checksums > 0 && statistics.skipped_bytes + statistics.received_bytes == all as u64
    })
    .await;
}

/// More frames than 10,000 a second for two seconds of the hub's clock, from one address, in everybody's name.
#[tokio::test]
async fn a_flood_of_forged_ids_leaves_room_for_the_true_station() {
    let (hub, clock) = open("tcpin:127.0.0.1:0").await;
    let mut received = hub.subscribe();
    let mut flood = TcpStream::connect(hub.local_addr(FIRST).unwrap()).await.unwrap();
    let drops = hub.clone();
    let drain = tokio::spawn(async move {
        let (mut table, mut count) = (Table::new(), 0_u64);
        // Nothing vanishes uncounted.
        while count + drops.subscriber_drops() < 20_000 {
            let heard = tokio::time::timeout(Duration::from_millis(50), received.recv()).await;
            if let Ok(Some(heard)) = heard {
                table.heard(&heard.frame, heard.peer, heard.at_mono_ns);
                table.poll(heard.at_mono_ns);
                count += 1;
            }
        }
        (table.iter().count(), table.ignored())
    });
    for i in 0..20_000_u32 {
        let [a, b, ..] = i.to_le_bytes();
        let forged = heartbeat_of(&mut Encoder::new(a, b));
        flood.write_all(forged.bytes()).await.unwrap();
        clock.advance_ns(100_000);
    }
    until("all came in", || hub.statistics()[0].received_frames == 20_000).await;
    let (components, ignored) = soon("the subscriber", drain).await.unwrap();
    assert!(components <= MAX_COMPONENTS);
    assert!(ignored > 0);

    let mut received = hub.subscribe();
    let mut station = TcpStream::connect(hub.local_addr(FIRST).unwrap()).await.unwrap();
    let hello = heartbeat_of(&mut Encoder::new(255, 190));
    station.write_all(hello.bytes()).await.unwrap();
    assert_eq!(soon("the station", received.recv()).await.unwrap().frame, hello);
}

#[tokio::test]
async fn addresses_beyond_the_most_are_refused_and_counted() {
    let (hub, _) = open("udpin:127.0.0.1:0").await;
    let mut sockets = Vec::new();
    for i in 0..MAX_PEERS + 8 {
        let socket = socket(&hub).await;
        let id = u8::try_from(i).unwrap() + 1;
        socket.send(heartbeat_of(&mut Encoder::new(id, 1)).bytes()).await.unwrap();
        sockets.push(socket);
    }
    until("eight refused", || hub.statistics()[0].refused_peers == 8).await;
    assert_eq!(hub.peers().len(), MAX_PEERS);
}

/// Somebody speaks in our own name: nobody hears it, and it is counted.
#[tokio::test]
async fn our_own_name_from_outside_is_refused() {
    let (hub, _) = open("udpin:127.0.0.1:0").await;
    let mut received = hub.subscribe();
    let socket = socket(&hub).await;
    hub.send(&heartbeat_of(&mut Encoder::new(1, 100)), To::All);
    let data = COMMAND_LONG_DATA { target_system: 1, target_component: 100, ..Default::default() };
    let forged = Encoder::new(1, 100).encode(&MavMessage::COMMAND_LONG(data));
    socket.send(forged.bytes()).await.unwrap();
    until("refused", || hub.statistics()[0].reflected == 1).await;
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn peers_and_links_tell_rates_losses_and_round_trips() {
    let (hub, clock) = open("udpin:127.0.0.1:0").await;
    let socket = socket(&hub).await;
    let mut vehicle = Encoder::new(1, 1);
    for n in 1..=700_u64 {
        let frame = heartbeat_of(&mut vehicle);
        // Each tenth is lost.
        if n % 10 != 0 {
            socket.send(frame.bytes()).await.unwrap();
            until("the frame", || hub.statistics()[0].received_frames == n - n / 10).await;
        }
        clock.advance_ns(10 * MS);
    }
    let (link, peer) = (hub.statistics()[0], hub.peers()[0].statistics);
    assert_eq!((link.lost_frames, peer.lost_frames), (69, 69));
    assert!((85..=91).contains(&link.received.frames_per_s), "{link:?}");
    assert!((85..=91).contains(&peer.received.frames_per_s) && peer.received_frames == 630);
    assert_eq!(link.round_trip_ns, None);

    let question = TIMESYNC_DATA { ts1: 4711, ..Default::default() };
    hub.send(&Encoder::new(255, 190).encode(&MavMessage::TIMESYNC(question.clone())), To::All);
    clock.advance_ns(40 * MS);
    let answer = TIMESYNC_DATA { tc1: 99, ..question };
    socket.send(vehicle.encode(&MavMessage::TIMESYNC(answer)).bytes()).await.unwrap();
    until("the round trip", || hub.statistics()[0].round_trip_ns.is_some()).await;
    let took_ns = hub.peers()[0].statistics.round_trip_ns.unwrap();
    assert!((40 * MS..60 * MS).contains(&took_ns), "{took_ns}");
}

proptest! {
    /// Every machine that listens, under frames of every id with random payloads.
    #[test]
    fn random_payloads_break_no_machine(seed in any::<u64>()) {
        use vehicle_link::{command, logs, missions, parameters};
        use crate::channel::{ENDS, VEHICLE};

        let mut chance = Chance(seed);
        let (mut order, _) = command::Request::start(ENDS, command::Command::new(400, [1.0]), 0);
        let (mut up, _) = missions::Upload::start(ENDS, missions::Kind::Mission, Vec::new(), 0).unwrap();
        let (mut down, _) = missions::Download::start(ENDS, missions::Kind::Rally, 0);
        let accepts = |_, _: &missions::Item| vehicle_link::dialect::MavMissionResult::MAV_MISSION_ACCEPTED;
        let mut plans = missions::Server::new(VEHICLE, 50, accepts);
        let (mut all, _) = parameters::List::start(ENDS, parameters::Encoding::CCast, 0);
        let mut kept = parameters::Server::new(VEHICLE, parameters::Encoding::CCast, Vec::new(), |_| true);
        let (mut list, _) = logs::List::start(ENDS, 0);
        let (mut fetch, _) = logs::Fetch::start(ENDS, logs::Entry { id: 1, size_bytes: u32::MAX, time_utc_s: 0 }, 0, 0);
        for now_ns in 0..400_u64 {
            let id = [21, 20, 22, 23, 40, 43, 44, 45, 47, 51, 73, 77, 117, 118, 119, 120][(chance.next() % 16) as usize];
            let payload: Vec<u8> = (0..chance.next() % 60).map(|_| [chance.next().to_le_bytes()[0], 1][(chance.next() % 2) as usize]).collect();
            let body = Body::raw(id, &payload).unwrap();
            let from_vehicle = Encoder::new(1, 1).encode_body(&body);
            let from_station = Encoder::new(255, 190).encode_body(&body);
            let _ = (order.frame(&from_vehicle, now_ns), up.frame(&from_vehicle, now_ns), down.frame(&from_vehicle, now_ns));
            let _ = (all.frame(&from_vehicle, now_ns), list.frame(&from_vehicle, now_ns), fetch.frame(&from_vehicle, now_ns));
            let _ = (plans.frame(&from_station, now_ns), kept.frame(&from_station), kept.poll());
            prop_assert!(plans.plan(missions::Kind::Mission).len() <= 50);
        }
    }

    /// TIMESYNC at ten a second over 25 s, 20 ms of jitter each way, a simulated clock that drifts by 20 ppm: 1 ms at most for all
    /// but the unluckiest of seeds, and never more than the stated uncertainty.
    #[test]
    fn the_clock_is_known_within_its_uncertainty_under_jitter(seed in any::<u64>(), offset in -1_000_000_000_i64..1_000_000_000) {
        let (error_ns, uncertainty_ns) = after_25_s(seed, offset);
        prop_assert!(error_ns <= uncertainty_ns && error_ns < 4 * MS, "{error_ns} {uncertainty_ns}");
    }
}

/// The error of the offset, and the greatest that the filter says it may be, ns.
fn after_25_s(seed: u64, offset: i64) -> (u64, u64) {
    let (own, vehicle) = (Address::new(255, 190), Address::new(1, 1));
    let mut chance = Chance(seed);
    let mut filter = Filter::new(vehicle);
    let at_vehicle = |ns: u64| i64::try_from(ns + ns / 50_000).unwrap() + offset + 5_000_000_000;
    let begun_ns = 100_000 * MS;
    for n in 0..250 {
        let now_ns = begun_ns + n * 100 * MS;
        let (out, back) = (chance.next() % (20 * MS), chance.next() % (20 * MS));
        let request = filter.request(now_ns);
        let vehicle_ns = u64::try_from(at_vehicle(now_ns + out)).unwrap();
        let reply = answer(&request, own, vehicle, vehicle_ns).unwrap();
        filter.answered(&reply, now_ns + out + back);
    }
    let end_ns = begun_ns + 25_000 * MS;
    let estimate = filter.estimate(end_ns).unwrap();
    let truth = at_vehicle(end_ns) - i64::try_from(end_ns).unwrap();
    (estimate.offset_ns.abs_diff(truth), estimate.uncertainty_ns)
}

/// The figure of the aim: at most 1 ms for 99 of 100 seeds.
#[test]
fn timesync_errs_by_1_ms_at_most_under_20_ms_of_jitter() {
    let mut errors: Vec<u64> = (0..1000).map(|seed| after_25_s(seed, 0).0).collect();
    errors.sort_unstable();
    println!(
        "TIMESYNC error: median {} µs, 99 % {} µs, worst {} µs",
        errors[500] / 1000,
        errors[990] / 1000,
        errors[999] / 1000
    );
    assert!(errors[990] <= MS, "{}", errors[990]);
}

/// A splitter holds one frame at most, however long the garbage.
#[test]
fn endless_starts_of_frames_do_not_grow() {
    let mut splitter = Splitter::new();
    let mut frames: Vec<Frame> = Vec::new();
    for _ in 0..1000 {
        splitter.stream(&[0xFD, 0xFF, 0x00, 0xFE, 0xFD, 0xFD, 0x01], |frame| frames.push(frame));
    }
    splitter.finish(|frame| frames.push(frame));
    let counters = splitter.counters();
    let framed: usize = frames.iter().map(|frame| frame.bytes().len()).sum();
    assert_eq!(counters.skipped_bytes + framed as u64, 7000);
}
