//! Frames split, parsed and encoded per second. With SKYSEAL_VENV set (a virtual environment with
//! pymavlink), pymavlink parses the same bytes in the same run.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::{hint::black_box, io::Write, path::PathBuf, process::Command};

use divan::{Bencher, counter::ItemsCount};
use vehicle_link::{
    dialect::{ATTITUDE_DATA, GLOBAL_POSITION_INT_DATA, HEARTBEAT_DATA, MavMessage, VFR_HUD_DATA},
    frames::{Encoder, Frame, Splitter},
};

const FRAMES: usize = 100_000;
/// One read of a busy socket.
const READ_BYTES: usize = 4096;

fn main() {
    divan::main();
    by_pymavlink();
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
