//! KLV: one packet of the moving items and the minimum set, written and read. Aim: 0.5 µs each.
//!
//! `SKYSEAL_VENV=DIR cargo bench -p footage --bench klv` measures klvdata (Python) in the same run, reading the packet
//! ours made.

use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};

use divan::Bencher;
use divan::counter::ItemsCount;
use footage::klv::{CoreIdentifier, Corner, FrameRate, Quality, Security, Uas};

fn main() {
    let mut packet = Vec::new();
    everything().encode(&mut packet);
    println!("packet: {} octets", packet.len());
    divan::main();
    match std::env::var_os("SKYSEAL_VENV") {
        Some(venv) => peer(&std::path::Path::new(&venv).join("bin/python"), &packet),
        None => println!("peer klvdata: not measured, SKYSEAL_VENV names no Python environment"),
    }
}

#[divan::bench(sample_size = 1000)]
fn encode_everything(bencher: Bencher<'_, '_>) {
    let state = everything();
    let mut out = Vec::with_capacity(1024);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        out.clear();
        black_box(&state).encode(&mut out);
        black_box(out.len())
    });
}

#[divan::bench(sample_size = 1000)]
fn encode_moving(bencher: Bencher<'_, '_>) {
    let state = moving();
    let mut out = Vec::with_capacity(1024);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        out.clear();
        black_box(&state).encode(&mut out);
        black_box(out.len())
    });
}

#[divan::bench(sample_size = 1000)]
fn decode_everything(bencher: Bencher<'_, '_>) {
    let mut packet = Vec::new();
    everything().encode(&mut packet);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        // What was read is also let go of: a stored result would measure the memory it is stored in.
        let _ = black_box(Uas::decode(black_box(&packet)));
    });
}

#[divan::bench(sample_size = 1000)]
fn decode_moving(bencher: Bencher<'_, '_>) {
    let mut packet = Vec::new();
    moving().encode(&mut packet);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        // What was read is also let go of: a stored result would measure the memory it is stored in.
        let _ = black_box(Uas::decode(black_box(&packet)));
    });
}

/// klvdata reads the same packet, and writes its value objects back.
const PEER: &str = r"
import sys, time, klvdata
packet = sys.stdin.buffer.read()
def decode(): return [p.items for p in klvdata.StreamParser(packet)]
def encode(items): return b''.join(bytes(i) for i in items.values())
items = decode()[0]
for name, run, n in (('decode', decode, 300), ('encode', lambda: encode(items), 300)):
    best = 1e9
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(n): run()
        best = min(best, (time.perf_counter() - start) / n)
    print(f'peer klvdata {name}: {best * 1e6:.1f} us a packet, {len(items)} items')
";

fn peer(python: &std::path::Path, packet: &[u8]) {
    let run = || -> std::io::Result<std::process::ExitStatus> {
        let mut child = Command::new(python).args(["-c", PEER]).stdin(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(packet)?;
        }
        child.wait()
    };
    match run() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("peer klvdata: {status}"),
        Err(error) => println!("peer klvdata: {}: {error}", python.display()),
    }
}

fn moving() -> Uas {
    let corner = |north: f64, east: f64| Corner { latitude_deg: 52.2 + north, longitude_deg: 0.12 + east };
    Uas {
        timestamp_us: 1_780_315_200_000_000,
        platform_heading_deg: Some(159.97),
        platform_pitch_deg: Some(-4.3),
        platform_roll_deg: Some(3.4),
        sensor_latitude_deg: Some(52.2),
        sensor_longitude_deg: Some(0.12),
        sensor_altitude_msl_m: Some(120.0),
        sensor_height_ellipsoid_m: Some(166.0),
        sensor_fov_horizontal_deg: Some(60.0),
        sensor_fov_vertical_deg: Some(36.0),
        sensor_relative_azimuth_deg: Some(12.0),
        sensor_relative_elevation_deg: Some(-30.0),
        sensor_relative_roll_deg: Some(0.5),
        slant_range_m: Some(200.0),
        target_width_m: Some(230.9),
        frame_centre_latitude_deg: Some(52.201),
        frame_centre_longitude_deg: Some(0.121),
        frame_centre_elevation_msl_m: Some(20.0),
        corners: Some([corner(0.001, 0.0), corner(0.001, 0.002), corner(0.0, 0.002), corner(0.0, 0.0)]),
        wind_direction_deg: Some(270.0),
        wind_speed_mps: Some(5.0),
        vertical_speed_mps: Some(0.3),
        ground_speed_mps: Some(15.0),
        north_velocity_mps: Some(12.0),
        east_velocity_mps: Some(9.0),
        course_deg: Some(37.0),
        height_agl_m: Some(100.0),
        storage_used_percent: Some(12.5),
        satellites: Some(14),
        ..Uas::default()
    }
}

fn everything() -> Uas {
    Uas {
        mission_id: Some("EXERCISE 1".into()),
        platform_designation: Some("Multirotor".into()),
        image_source_sensor: Some("EO".into()),
        image_coordinate_system: Some("Geodetic WGS84".into()),
        security: Some(Security::unclassified("GBR")),
        core_identifier: Some(CoreIdentifier {
            sensor: [0x11; 16],
            sensor_quality: Quality::Physical,
            platform: [0x22; 16],
            platform_quality: Quality::Virtual,
        }),
        frame_rate: Some(FrameRate { numerator: 30_000, denominator: 1001 }),
        ..moving()
    }
}
