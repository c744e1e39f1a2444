//! Two cameras on one aircraft, as stations of other people's making share them: recording, stills, refusals.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port};
use system_tests::oracle;
use system_tests::process::run;
use system_tests::simulator::{Simulator, Sortie};

/// An aircraft that stands and films.
const STANDING: &str = "seed = 6\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n";
const ACCEPTED: u64 = 0;
/// What an ffprobe prints that has no name for OffsetTimeOriginal.
const OFFSET_TIME_ORIGINAL: &str = "0x9011";

#[test]
fn two_stations_share_two_cameras_and_their_stills_are_sealed_where_they_were_taken() -> Result<()> {
    let mut aircraft = Aircraft::new()?;
    let scenario = aircraft.folder().join("standing.toml");
    std::fs::write(&scenario, STANDING)?;
    let rtsp_port = free_tcp_port()?;
    aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
    let thermal = "{ kind = \"test\", width = 320, height = 240, fps = 15 }";
    aircraft.camera("ir", thermal, "sensor = \"LWIR\"\nmount_pitch_deg = -80.0");
    let mut agent = aircraft.start_agent(true)?;
    let sortie = Sortie { scenario: &scenario, air_seconds: None, mavlink_port: aircraft.mavlink_port, rtsp_port };
    let simulator = Simulator::start(&sortie, aircraft.folder())?;
    let port = aircraft.mavlink_port.to_string();
    let said = oracle::script("peers/two_cameras.py", &[Path::new(&port)]).with_context(|| agent.output())?;
    let ended = agent.wait(PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    drop(simulator.stop()?);

    the_stations_were_told_the_truth(&said)?;
    let flight = aircraft.only_flight()?;
    let plain = aircraft.folder().join("plain");
    let verdict = aircraft.verify(&flight, Some(&plain))?;
    assert_eq!(verdict["word"], "VERIFIED-UNWITNESSED", "{verdict:#}");
    let records = oracle::records(&flight)?;
    let starts = records.iter().filter(|record| record["body"]["code"] == "recording-started").count();
    assert_eq!(starts, 1, "two stations, one recording");
    for stream in ["eo", "ir"] {
        let segments =
            records.iter().filter(|record| record["kind"] == "segment" && record["body"]["stream"] == stream);
        ensure!(segments.count() > 0, "nothing of {stream}");
    }
    let stills: Vec<&Value> = records.iter().filter(|record| record["kind"] == "still").collect();
    assert_eq!(stills.len(), 5, "four of one camera, one of the other: {stills:#?}");
    let again = stills.iter().find(|still| still["body"]["file"] == said["asked_again"]["file"]);
    let again = again.context("the still that was asked for again is in the record")?;
    assert_eq!(again["body"]["taken_utc_us"], said["asked_again"]["utc_us"]);
    for still in stills {
        let file = still["body"]["file"].as_str().context("file")?.trim_end_matches(".age");
        the_still_says_where_and_when(&plain.join(file), &said["asked_again"])?;
    }
    Ok(())
}

fn the_stations_were_told_the_truth(said: &Value) -> Result<()> {
    assert_eq!(said["acks"]["photo_without_flight"], 1, "TEMPORARILY_REJECTED: {said:#}");
    for ack in ["start", "start_by_another", "start_by_another_again", "photo", "photo_repeated", "photo_ir", "series"]
    {
        assert_eq!(said["acks"][ack], ACCEPTED, "{ack}: {said:#}");
    }
    assert_eq!(
        (&said["acks"]["mode"], &said["mode"], &said["acks"]["stop"]),
        (&json!(ACCEPTED), &json!(0), &json!(ACCEPTED))
    );
    assert_eq!(
        (&said["acks"]["format"], &said["acks"]["zoom"]),
        (&json!(2), &json!(3)),
        "DENIED, UNSUPPORTED: {said:#}"
    );
    let words = said["words"].as_array().context("words")?;
    for why in ["Photo refused: no flight open", "Format denied: evidence is aboard"] {
        ensure!(words.iter().any(|word| word.as_str().is_some_and(|word| word.starts_with(why))), "{why}: {said:#}");
    }
    for camera in ["100", "101"] {
        let times = ["before", "after"].map(|when| said["recording_ms"][when][camera].as_u64().unwrap_or(0));
        ensure!(times[0] > 0 && times[1] > times[0], "a second station moves no timer: {said:#}");
    }
    let indices = |camera: &str| -> Vec<(u64, u64)> {
        let images = said["images"][camera].as_array().into_iter().flatten();
        let mut seen: Vec<_> = images.filter_map(|image| Some((image[0].as_u64()?, image[1].as_u64()?))).collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    };
    assert_eq!(indices("100"), [(0, 1), (1, 1), (2, 1), (3, 1)], "{said:#}");
    assert_eq!(indices("101"), [(0, 1)], "every station hears of it: {said:#}");
    assert_eq!((&said["asked_again"]["index"], &said["asked_again"]["result"]), (&json!(2), &json!(1)), "{said:#}");
    Ok(())
}

/// By ffprobe, which is none of ours.
fn the_still_says_where_and_when(still: &Path, told: &Value) -> Result<()> {
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "error", "-of", "json", "-show_entries", "stream=codec_name:frame_tags"]).arg(still);
    let probe: Value = serde_json::from_str(&run(&mut probe, 0)?)?;
    assert_eq!(probe["streams"][0]["codec_name"], "mjpeg", "{probe:#}");
    let tag = |name: &str| probe["frames"][0]["tags"][name].as_str().with_context(|| format!("{name}: {probe:#}"));
    for (name, expected) in [("lat", "GPSLatitude"), ("lon", "GPSLongitude")] {
        let told = told[name].as_f64().context("a position")?.abs();
        let parts: Vec<f64> = tag(expected)?.split(',').map(rational).collect::<Option<_>>().context("no rationals")?;
        let [degrees, minutes, seconds] = parts[..] else { anyhow::bail!("{expected}: {parts:?}") };
        let deg = degrees + minutes / 60.0 + seconds / 3_600.0;
        ensure!((deg - told).abs() < 1e-4, "{expected} {deg}, the message said {told}");
    }
    assert_eq!(tag("GPSMapDatum")?, "WGS-84");
    ensure!(
        tag("DateTimeOriginal")?.len() == 19
            && (tag("OffsetTimeOriginal").is_ok() || tag(OFFSET_TIME_ORIGINAL).is_ok()),
        "{probe:#}"
    );
    ensure!(tag("GPSImgDirection").is_ok() && tag("GPSAltitude").is_ok(), "{probe:#}");
    ensure!(tag("Model")?.starts_with("TEST-1 "), "{probe:#}");
    Ok(())
}

fn rational(text: &str) -> Option<f64> {
    let (num, denom) = text.trim().split_once(':')?;
    Some(num.trim().parse::<f64>().ok()? / denom.trim().parse::<f64>().ok()?)
}
