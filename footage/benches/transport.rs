//! From the camera's access units to transport stream packets: 1080p30 at 8 Mbit/s, ten seconds, in memory.
//!
//! When ffmpeg is there it remultiplexes the same elementary stream (`-c copy -f mpegts`) in the same run, file to
//! null, twenty times over so that its start weighs little.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use divan::Bencher;
use divan::counter::BytesCount;
use footage::access_unit::{Codec, Normaliser};
use footage::ts::{Demuxer, Frame, Metadata, Muxer, TsConfig};

/// How often the peer gets the stream over, so that its start weighs little.
const REPEATS: usize = 20;
const FRAMES: u32 = 300;
const FRAME_90K: u64 = 3_000;
const CONFIG: TsConfig = TsConfig { codec: Codec::H264, metadata: Metadata::Synchronous };

fn main() {
    let stream: Vec<u8> = access_units().concat();
    println!("elementary stream: {} octets, {FRAMES} pictures", stream.len());
    divan::main();
    peer(&stream);
}

#[divan::bench(max_time = 5)]
fn normalise_and_multiplex(bencher: Bencher<'_, '_>) {
    let units = access_units();
    let octets: usize = units.iter().map(Vec::len).sum();
    let mut picture = Vec::new();
    let mut out = Vec::new();
    bencher.counter(BytesCount::new(octets)).bench_local(|| {
        written(
            &units,
            &mut picture,
            |segment| {
                black_box(segment);
            },
            &mut out,
        );
    });
}

#[divan::bench(max_time = 5)]
fn demultiplex(bencher: Bencher<'_, '_>) {
    let mut stream = Vec::new();
    written(&access_units(), &mut Vec::new(), |packets| stream.extend_from_slice(packets), &mut Vec::new());
    bencher.counter(BytesCount::new(stream.len())).bench_local(|| {
        let mut demuxer = Demuxer::new();
        let mut units = Vec::new();
        for piece in stream.chunks(64 * 1024) {
            demuxer.feed(piece, &mut units);
            black_box(units.len());
            units.clear();
        }
    });
}

fn written(units: &[Vec<u8>], picture: &mut Vec<u8>, mut take: impl FnMut(&[u8]), out: &mut Vec<u8>) {
    let mut normaliser = Normaliser::new(CONFIG.codec);
    let mut muxer = Muxer::new(CONFIG);
    let telemetry = [0x55; 400];
    for (unit, at) in units.iter().zip((1..).map(|frame| frame * FRAME_90K)) {
        picture.clear();
        out.clear();
        let Ok(access_unit) = normaliser.normalise(unit, at * 100 / 9, true, picture) else {
            continue;
        };
        let klv = [(at, &telemetry[..])];
        let frame = Frame { pts_90k: at, dts_90k: at, key: access_unit.key, picture, klv: &klv };
        if muxer.frame(frame, out).is_ok() {
            take(out);
        }
    }
}

/// Key picture and P-pictures of the test clip's sets, blown up with octets no start code begins in.
fn access_units() -> Vec<Vec<u8>> {
    const CLIP: &[u8] = include_bytes!("../tests/data/reordered.h264");
    let nals: Vec<&[u8]> = footage::access_unit::nal::split(CLIP).collect();
    let first: Vec<&[u8]> = nals.iter().copied().skip(1).take_while(|nal| nal[0] & 0x1F != 9).collect();
    let slice = nals.iter().copied().find(|nal| nal[0] & 0x1F == 1).unwrap_or_default();
    let mut noise = 0x2545_F491_4F6C_DD1D_u64;
    let mut payload = |octets: usize| -> Vec<u8> {
        let next = |_| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise.to_le_bytes()[0].max(1)
        };
        (0..octets).map(next).collect()
    };
    let mut unit = |nals: &[&[u8]], octets: usize| -> Vec<u8> {
        let mut unit: Vec<u8> = nals.iter().flat_map(|nal| [&[0, 0, 0, 1], *nal].concat()).collect();
        unit.extend_from_slice(&payload(octets));
        unit
    };
    (0..FRAMES).map(|frame| if frame % 30 == 0 { unit(&first, 120_000) } else { unit(&[slice], 30_300) }).collect()
}

fn peer(stream: &[u8]) {
    let file = std::env::temp_dir().join(format!("skyseal-bench-{}.h264", std::process::id()));
    if let Err(error) = std::fs::write(&file, stream.repeat(REPEATS)) {
        println!("peer ffmpeg: {}: {error}", file.display());
        return;
    }
    let time = || {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "quiet", "-f", "h264", "-r", "30", "-i"]).arg(&file);
        command.args(["-c", "copy", "-bsf:v", "setts=pts=N:dts=N:time_base=1/30"]);
        command.args(["-f", "mpegts", "-y", "/dev/null"]).stdin(Stdio::null());
        elapsed(&mut command)
    };
    match time() {
        Some(whole) => {
            let octets = stream.len() * REPEATS;
            let megabytes = f64::from(u32::try_from(octets).unwrap_or(u32::MAX)) / 1e6;
            let rate = megabytes / whole.as_secs_f64();
            println!(
                "peer ffmpeg -c copy -f mpegts: {megabytes:.0} MB in {whole:.1?}: {rate:.0} MB/s, its start included"
            );
        }
        None => println!("peer ffmpeg: not measured, ffmpeg did not run"),
    }
    let _ = std::fs::remove_file(&file);
}

/// Best of five.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn elapsed(command: &mut Command) -> Option<Duration> {
    (0..5)
        .map(|_| {
            let start = std::time::Instant::now();
            command.status().ok().filter(std::process::ExitStatus::success).map(|_| start.elapsed())
        })
        .min()
        .flatten()
}
