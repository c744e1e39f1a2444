//! What others say of our streams: ffmpeg, `stanag4609-verify` and klvdata.
//!
//! `SKYSEAL_VENV` names a Python environment with stanag4609 0.4.0 and klvdata 0.0.3; ffmpeg is on the path. They are
//! asked for by name: `cargo nextest run -p footage --run-ignored all`.

use std::path::{Path, PathBuf};
use std::process::Command;

use footage::access_unit::{Codec, Normaliser};
use footage::dts::Order;
use footage::ts::{Frame, Metadata, Muxer, TsConfig};

use crate::clips::Clip;
use crate::klv::{full, packet};

const START_US: u64 = 1_780_315_200_000_000;

/// Runs a program that must be there and succeed; what it wrote on both outputs.
fn run(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

fn python(program: &str) -> PathBuf {
    let venv = std::env::var_os("SKYSEAL_VENV").expect("SKYSEAL_VENV names the Python environment of the peers");
    Path::new(&venv).join("bin").join(program)
}

/// Two seconds of a test picture, as elementary stream with delimiters.
fn encode(directory: &Path, codec: Codec, options: &str) -> Vec<u8> {
    let (encoder, filter, format) = match codec {
        Codec::H264 => ("libx264", "h264_metadata=aud=insert", "h264"),
        Codec::H265 => ("libx265", "hevc_metadata=aud=insert", "hevc"),
    };
    let file = directory.join(format);
    let source = "-v error -f lavfi -i testsrc2=s=320x240:r=25:d=2 -pix_fmt yuv420p -g 25";
    let mut command = Command::new("ffmpeg");
    command.args(source.split(' ')).args(["-c:v", encoder]).args(options.split(' '));
    run(command.args(["-bsf:v", filter, "-f", format, "-y"]).arg(&file));
    std::fs::read(file).unwrap()
}

/// The recorder's way: normalise, label, multiplex. `shown` maps decoding order to output order.
fn write(directory: &Path, clip: &Clip<'_>, metadata: Metadata, shown: impl Fn(usize) -> usize) -> (PathBuf, usize) {
    let mut normaliser = Normaliser::new(clip.codec);
    let mut muxer = Muxer::new(TsConfig { codec: clip.codec, metadata });
    let mut order = None;
    let mut out = Vec::new();
    let units = clip.access_units();
    for (index, unit) in units.iter().enumerate() {
        let pts_90k = 900_000 + 3_600 * u64::try_from(shown(index)).unwrap();
        let time_us = START_US + pts_90k * 100 / 9;
        let mut picture = Vec::new();
        let written = normaliser.normalise(unit, time_us, true, &mut picture).unwrap();
        let depth = written.info.unwrap().reorder_depth;
        let dts_90k = order.get_or_insert_with(|| Order::new(depth, 3_600)).next(pts_90k);
        let mut state = full();
        state.timestamp_us = time_us;
        // klvdata knows neither of the long forms of width and height.
        state.target_width_m = Some(200.0);
        state.sensor_height_ellipsoid_m = Some(160.0);
        // ST 1204 takes UUIDs of version 4 and the RFC's variant.
        let core = state.core_identifier.as_mut().unwrap();
        for id in [&mut core.sensor, &mut core.platform] {
            id[6] = 0x40 | id[6] & 0x0F;
            id[8] = 0x80 | id[8] & 0x3F;
        }
        let telemetry = packet(&state);
        let klv = [(pts_90k, telemetry.as_slice())];
        muxer.frame(Frame { pts_90k, dts_90k, key: written.key, picture: &picture, klv: &klv }, &mut out).unwrap();
    }
    muxer.flush(&mut out);
    let file = directory.join("out.ts");
    std::fs::write(&file, out).unwrap();
    (file, units.len())
}

fn verify(stream: &Path) -> serde_json::Value {
    let (report, error) = run(Command::new(python("stanag4609-verify")).args(["--format", "json"]).arg(stream));
    serde_json::from_str(&report).unwrap_or_else(|parse| panic!("{parse}: {report}{error}"))
}

/// Identifiers of the checks that failed.
fn errors(report: &serde_json::Value) -> Vec<&str> {
    let checks = report["findings"].as_array().unwrap();
    checks.iter().filter(|check| check["status"] == "error").filter_map(|check| check["code"].as_str()).collect()
}

/// MD5 of every decoded picture.
fn pictures(file: &Path, format: &str) -> Vec<String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-f", format, "-i"]).arg(file).args(["-map", "0:v", "-f", "framemd5", "-"]);
    let (listing, _) = run(&mut command);
    let lines = listing.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit(',').next()).map(|hash| hash.trim().to_owned()).collect()
}

#[test]
#[ignore = "needs ffmpeg and SKYSEAL_VENV"]
fn stock_tools_find_nothing_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let stream = encode(directory.path(), Codec::H264, "-tune zerolatency -preset veryfast");
    let clip = Clip { codec: Codec::H264, stream: &stream, shown: [0; 20] };
    let (file, frames) = write(directory.path(), &clip, Metadata::Synchronous, |index| index);
    assert_eq!(frames, 50);
    let report = verify(&file);
    assert_eq!(errors(&report), [""; 0]);

    let mut copy = Command::new("ffmpeg");
    copy.args(["-v", "warning", "-i"]).arg(&file).args(["-map", "0", "-c", "copy", "-f", "null", "-"]);
    assert_eq!(run(&mut copy).1, "", "ffmpeg has nothing to say of times and continuity");
    assert_eq!(pictures(&file, "mpegts"), pictures(&directory.path().join("h264"), "h264"));

    let telemetry = directory.path().join("klv");
    let mut data = Command::new("ffmpeg");
    data.args(["-v", "error", "-i"]).arg(&file).args(["-map", "0:d", "-c", "copy", "-f", "data", "-y"]);
    run(data.arg(&telemetry));
    let count = "import klvdata,sys;print(sum(1 for p in klvdata.StreamParser(open(sys.argv[1],'rb').read()) if len(p.items)>50))";
    let (packets, error) = run(Command::new(python("python")).args(["-c", count]).arg(&telemetry));
    assert_eq!(packets.trim(), "50", "{error}");
}

/// The only thing left to say is that B-frames' times go back in decoding order, which is what B-frames are.
#[test]
#[ignore = "needs ffmpeg and SKYSEAL_VENV"]
fn reordered_pictures_are_right_but_for_their_order() {
    let clip = &crate::clips::CLIPS[0];
    let directory = tempfile::tempdir().unwrap();
    let (file, frames) = write(directory.path(), clip, Metadata::Synchronous, |index| usize::from(clip.shown[index]));
    assert_eq!(errors(&verify(&file)), ["st0603.timestamp.order"]);
    let source = directory.path().join("source");
    std::fs::write(&source, clip.stream).unwrap();
    let written = pictures(&file, "mpegts");
    assert_eq!(written.len(), frames);
    assert_eq!(written, pictures(&source, "h264"));
}

/// MISP asks for Main 10 of H.265 cameras; the profile is the camera's.
#[test]
#[ignore = "needs ffmpeg and SKYSEAL_VENV"]
fn h265_is_right_but_for_the_profile() {
    let directory = tempfile::tempdir().unwrap();
    let stream = encode(directory.path(), Codec::H265, "-tune zerolatency -x265-params log-level=none");
    let clip = Clip { codec: Codec::H265, stream: &stream, shown: [0; 20] };
    let (file, frames) = write(directory.path(), &clip, Metadata::Synchronous, |index| index);
    assert_eq!(errors(&verify(&file)), ["misp.video.profile_level"]);
    let written = pictures(&file, "mpegts");
    assert_eq!(written.len(), frames);
    assert_eq!(written, pictures(&directory.path().join("hevc"), "hevc"));
}
