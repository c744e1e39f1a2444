//! Frames split, checked, parsed, routed, signed and encoded per second on one core; a command's round trip over loopback.
//!
//! Peers take the same bytes in the same run: pymavlink where SKYSEAL_VENV names a virtual environment that has it, and the MAVLink C
//! library where SKYSEAL_MAVLINK_C names a folder of its headers (mavlink/c_library_v2) and `cc` is there.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::{hint::black_box, io::Write, path::PathBuf, process::Command, sync::Arc, time::Instant};

use divan::{Bencher, counter::ItemsCount};
use vehicle_link::{
    dialect::{ATTITUDE_DATA, GLOBAL_POSITION_INT_DATA, HEARTBEAT_DATA, MavMessage, VFR_HUD_DATA},
    frames::{Body, Encoder, Frame, Splitter},
    hub::{Hub, LinkId, PeerId, Router, To},
    signing::{Kept, Key, Signing, Timestamps, Unsigned},
};

const FRAMES: usize = 100_000;
/// One read of a busy socket.
const READ_BYTES: usize = 4096;

fn main() {
    divan::main();
    by_pymavlink();
    by_the_c_library();
    round_trips();
}

/// The traffic of a vehicle in flight: mostly attitude, some position, a heartbeat now and then.
fn messages() -> [MavMessage; 8] {
    let attitude = MavMessage::ATTITUDE(ATTITUDE_DATA {
        time_boot_ms: 123_456,
        roll: 0.1,
        pitch: -0.05,
        yaw: 1.5,
        rollspeed: 0.01,
        pitchspeed: 0.02,
        yawspeed: 0.03,
    });
    let position = MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
        time_boot_ms: 123_456,
        lat: 515_000_000,
        lon: -1_250_000,
        alt: 120_000,
        relative_alt: 40_000,
        vx: 100,
        vy: 200,
        vz: -5,
        hdg: 9_000,
    });
    let hud = MavMessage::VFR_HUD(VFR_HUD_DATA { airspeed: 5.0, groundspeed: 5.0, ..Default::default() });
    let heartbeat = MavMessage::HEARTBEAT(HEARTBEAT_DATA { mavlink_version: 3, ..Default::default() });
    let a = || attitude.clone();
    [a(), a(), position.clone(), a(), hud, a(), position, heartbeat]
}

fn wire() -> Vec<u8> {
    let mut encoder = Encoder::new(1, 1);
    let messages = messages();
    let frames = messages.iter().cycle().take(FRAMES).map(|message| encoder.encode(message));
    frames.flat_map(|frame| frame.bytes().to_vec()).collect()
}

fn split(wire: &[u8], mut sink: impl FnMut(Frame)) {
    let mut splitter = Splitter::new();
    for read in wire.chunks(READ_BYTES) {
        splitter.stream(read, &mut sink);
    }
    assert_eq!(splitter.counters().frames, FRAMES as u64);
}

#[divan::bench(sample_count = 20)]
fn split_only(bencher: Bencher) {
    let wire = wire();
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| split(&wire, |frame| drop(black_box(frame))));
}

#[divan::bench(sample_count = 20)]
fn split_and_parse(bencher: Bencher) {
    let wire = wire();
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| {
        split(&wire, |frame| {
            black_box(frame.message().unwrap());
        });
    });
}

/// As a hub does it: between a vehicle and a station, most frames for everybody.
#[divan::bench(sample_count = 20)]
fn split_parse_and_route(bencher: Bencher) {
    let wire = wire();
    let (vehicle, station) = (PeerId::new(1), PeerId::new(2));
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| {
        let mut router = Router::default();
        router.add_peer(vehicle);
        router.add_peer(station);
        let (mut now_ns, mut destinations) = (0, Vec::new());
        split(&wire, |frame| {
            now_ns += 100_000;
            black_box(router.received(vehicle, &frame, now_ns));
            destinations.clear();
            router.destinations(Some(vehicle), &frame, &mut destinations);
            assert_eq!(black_box(&destinations).len(), 1);
            black_box(frame.message().unwrap());
        });
    });
}

#[divan::bench(sample_count = 20)]
fn sign_and_check(bencher: Bencher) {
    let key = || Key::new([7; 32].into());
    let ready = || {
        let mut timestamps = Timestamps::new(Kept::default(), 0);
        timestamps.kept(Kept { limit: 1 << 40, seen: 0 });
        Signing::new(key(), Unsigned::Accept, timestamps)
    };
    let mut encoder = Encoder::new(1, 1);
    let frames: Vec<Frame> = messages().iter().map(|message| encoder.encode(message)).collect();
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| {
        let (mut ours, mut theirs) = (ready(), ready());
        for frame in frames.iter().cycle().take(FRAMES) {
            let signed = ours.sign(frame, 1, 1).unwrap();
            theirs.check(black_box(&signed), 1).unwrap();
        }
    });
}

#[divan::bench(sample_count = 20)]
fn encode(bencher: Bencher) {
    let messages = messages();
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| {
        let mut encoder = Encoder::new(1, 1);
        for message in messages.iter().cycle().take(FRAMES) {
            black_box(encoder.encode(message));
        }
    });
}

/// Parses the same bytes in the same pieces, reading the clock inside the interpreter.
const PYMAVLINK: &str = r#"
import sys, time
from pymavlink.dialects.v20 import ardupilotmega as dialect
wire = open(sys.argv[1], "rb").read()
parser = dialect.MAVLink(None)
start, count = time.perf_counter(), 0
for at in range(0, len(wire), 4096):
    count += len(parser.parse_buffer(wire[at:at + 4096]) or [])
took = time.perf_counter() - start
print(f"pymavlink: split and parse {count} frames: {count / took / 1e3:.0f} k frames/s")
"#;

fn by_pymavlink() {
    let Ok(venv) = std::env::var("SKYSEAL_VENV") else {
        println!("pymavlink: not measured, SKYSEAL_VENV is not set");
        return;
    };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&wire()).unwrap();
    let status =
        Command::new(PathBuf::from(venv).join("bin/python")).args(["-c", PYMAVLINK]).arg(file.path()).status().unwrap();
    assert!(status.success());
}

/// The C library over the same bytes, each message decoded: `mavlink_parse_char`, as its examples use it.
const C: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "common/mavlink.h"
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
int main(int argc, char **argv) {
    FILE *file = fopen(argv[1], "rb");
    static unsigned char wire[64 << 20];
    size_t len = fread(wire, 1, sizeof wire, file);
    double best = 1e9, sum = 0;
    long count = 0;
    for (int round = 0; round < 20; round++) {
        double start = now();
        count = 0;
        mavlink_message_t message; mavlink_status_t status;
        for (size_t i = 0; i < len; i++) {
            if (!mavlink_parse_char(MAVLINK_COMM_0, wire[i], &message, &status)) continue;
            count++;
            switch (message.msgid) {
            case 0: { mavlink_heartbeat_t m; mavlink_msg_heartbeat_decode(&message, &m); sum += m.type; break; }
            case 30: { mavlink_attitude_t m; mavlink_msg_attitude_decode(&message, &m); sum += m.roll; break; }
            case 33: { mavlink_global_position_int_t m; mavlink_msg_global_position_int_decode(&message, &m); sum += m.lat; break; }
            case 74: { mavlink_vfr_hud_t m; mavlink_msg_vfr_hud_decode(&message, &m); sum += m.airspeed; break; }
            }
        }
        double took = now() - start;
        if (took < best) best = took;
    }
    printf("C library: split and parse %ld frames: %.0f k frames/s at best of 20 (%g)\n", count, count / best / 1e3, sum);
}
"#;

fn by_the_c_library() {
    let Ok(headers) = std::env::var("SKYSEAL_MAVLINK_C") else {
        println!("C library: not measured, SKYSEAL_MAVLINK_C is not set");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (source, program, bytes) =
        (folder.path().join("parse.c"), folder.path().join("parse"), folder.path().join("wire"));
    std::fs::write(&source, C).unwrap();
    std::fs::write(&bytes, wire()).unwrap();
    let built = Command::new("cc")
        .args(["-O3", "-march=native", "-w", "-I", &headers, "-o"])
        .arg(&program)
        .arg(&source)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        println!("C library: not measured, `cc` is not there or does not build it with the headers in {headers}");
        return;
    }
    assert!(Command::new(program).arg(bytes).status().unwrap().success());
}

struct MonotonicClock(Instant);

impl vehicle_link::Clock for MonotonicClock {
    fn mono_ns(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap()
    }
}

/// COMMAND_LONG to COMMAND_ACK between two hubs over UDP on the loopback, both ends in this process.
fn round_trips() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut took_us = runtime.block_on(commands(2000));
    took_us.sort_unstable();
    let at = |part: usize| took_us[took_us.len() * part / 100];
    println!(
        "command to acknowledgement over loopback: median {} µs, 99 % {} µs, of {}",
        at(50),
        at(99),
        took_us.len()
    );
}

async fn commands(count: usize) -> Vec<u128> {
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    let now = Instant::now;
    let clock = Arc::new(MonotonicClock(now()));
    let vehicle = Hub::open(&["udpin:127.0.0.1:0".parse().unwrap()], clock.clone()).await.unwrap();
    let port = vehicle.local_addr(LinkId(0)).unwrap().port();
    let station = Hub::open(&[format!("udpout:127.0.0.1:{port}").parse().unwrap()], clock).await.unwrap();
    let (mut at_vehicle, mut at_station) = (vehicle.subscribe(), station.subscribe());
    let answering = tokio::spawn(async move {
        let mut encoder = Encoder::new(1, 1);
        while let Some(heard) = at_vehicle.recv().await {
            if heard.frame.message_id() == 76 {
                let ack = Body::raw(77, &[144, 1, 0, 0, 0, 0, 0, 0, 255, 190]).unwrap();
                vehicle.send(&encoder.encode_body(&ack), To::Peer(heard.peer));
            }
        }
    });
    let mut encoder = Encoder::new(255, 190);
    let mut took_us = Vec::new();
    for _ in 0..count {
        let mut command = [0; 33];
        (command[28], command[29], command[30], command[31]) = (144, 1, 1, 1);
        let start = now();
        station.send(&encoder.encode_body(&Body::raw(76, &command).unwrap()), To::All);
        while at_station.recv().await.unwrap().frame.message_id() != 77 {}
        took_us.push(start.elapsed().as_micros());
    }
    answering.abort();
    took_us
}
