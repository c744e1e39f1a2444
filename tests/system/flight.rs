//! One simulated flight, judged by other people's tools; and a station that commands the camera.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::{binary, run};
use system_tests::simulator::Simulator;
use tempfile::TempDir;

use crate::recorded::{Recorded, take_off};

#[test]
fn a_flight_is_verified_unwitnessed_and_every_item_is_intact() -> Result<()> {
    let recorded = Recorded::flight()?;
    let verdict = &recorded.verdict;
    ensure!(recorded.exit_code == Some(1), "only VERIFIED ends with 0: {:?}", recorded.exit_code);
    let axes = ["word", "integrity", "witness", "content", "time"].map(|axis| verdict[axis].as_str().unwrap_or("-"));
    assert_eq!(axes, ["VERIFIED-UNWITNESSED", "INTACT", "none", "opened", "ok"], "{verdict:#}");
    assert_eq!(verdict["flight"]["class"], "simulated");
    let items = verdict["items"].as_array().context("items")?;
    ensure!(items.iter().all(|item| item["word"] == "INTACT"), "{items:#?}");
    let segments = records_of(recorded, "segment")?;
    ensure!(segments.len() >= 8, "{} segments of 2 s in a flight of 26 s", segments.len());
    Ok(())
}

#[test]
fn every_picture_sent_is_there_once_and_says_where_and_when() -> Result<()> {
    let recorded = Recorded::flight()?;
    let folder = tempfile::tempdir()?;
    let truth = oracle::script("truth.py", &[&whole(recorded, &folder)?, &recorded.truth])?;
    assert_eq!((&truth["missing"], &truth["doubled"]), (&Value::from([(); 0]), &Value::from([(); 0])), "{truth:#}");
    assert_eq!(truth["unreadable_strips"], 0);
    assert_eq!(truth["tag_2_rises"], true);
    for count in ["frames_sent", "klv_packets", "klvdata_packets"] {
        assert_eq!(truth[count], truth["pictures"], "{count}: {truth:#}");
    }
    let frames: u64 = records_of(recorded, "segment")?.iter().filter_map(|body| body["frames"].as_u64()).sum();
    assert_eq!(truth["pictures"], frames, "the records count them too");
    for (error, most) in [("time_error_ms", 5.0), ("position_error_m", 0.25), ("attitude_error_deg", 1.0)] {
        let p99 = truth[error]["p99"].as_f64().with_context(|| format!("{error}: {truth:#}"))?;
        ensure!(p99 <= most, "{error}: 99 of 100 within {p99}, the aim is {most}: {truth:#}");
    }
    Ok(())
}

#[test]
fn recording_covers_the_flight_from_arming_to_disarming() -> Result<()> {
    let recorded = Recorded::flight()?;
    let events = oracle::records(&recorded.flight)?;
    let when = |code: &str| -> Result<i64> {
        let event = events.iter().find(|record| record["body"]["code"] == *code).with_context(|| code.to_owned())?;
        event["utc_us"].as_i64().context("utc_us")
    };
    let (started, stopped) = (when("recording-started")?, when("recording-stopped")?);
    // The vehicle may land a little before its time is up.
    ensure!(stopped - started > 20_000_000, "{} µs of 26 s in the air", stopped - started);
    let segments = records_of(recorded, "segment")?;
    let epoch = events[0]["body"]["pts_epoch_utc_us"].as_i64().context("pts_epoch_utc_us")?;
    let utc = |body: &Value, key: &str| -> Result<i64> {
        Ok(epoch + (body[key].as_i64().with_context(|| key.to_owned())? - 90_000) * 100 / 9)
    };
    let first = utc(&segments[0], "first_pts_90k")?;
    let last = utc(segments.last().context("a segment")?, "last_pts_90k")?;
    ensure!(first <= started, "the picture before the command is in: {first} <= {started}");
    ensure!((stopped - 1_500_000..=stopped).contains(&last), "the last picture is of the end: {last}, {stopped}");
    Ok(())
}

#[test]
fn age_opens_every_file_and_both_digests_are_those_of_the_records() -> Result<()> {
    let recorded = Recorded::flight()?;
    let folder = tempfile::tempdir()?;
    let plain = folder.path().join("plain");
    let mut files = records_of(recorded, "segment")?;
    files.extend(records_of(recorded, "telemetry")?);
    for body in &files {
        let name = body["file"].as_str().context("file")?;
        let sealed = recorded.flight.join(name);
        run(Command::new("age").arg("-d").arg("-i").arg(&recorded.identity).arg("-o").arg(&plain).arg(&sealed), 0)
            .with_context(|| name.to_owned())?;
        for (path, which) in [(&sealed, "sealed"), (&plain, "plain")] {
            assert_eq!(body[which]["sha256"].as_str(), Some(sha256sum(path)?.as_str()), "{which} {name}");
            assert_eq!(body[which]["bytes"], fs::metadata(path)?.len(), "{which} {name}");
        }
        let extracted = recorded.plain.join(name.trim_end_matches(".age"));
        ensure!(fs::read(&plain)? == fs::read(extracted)?, "{name}: age and skyseal-verify open the same bytes");
    }
    Ok(())
}

#[test]
fn the_segments_play_as_one_without_a_complaint() -> Result<()> {
    let recorded = Recorded::flight()?;
    let folder = tempfile::tempdir()?;
    let video = whole(recorded, &folder)?;
    let counted = run(
        Command::new("ffprobe")
            .args(["-v", "warning", "-count_packets", "-of", "json", "-show_entries"])
            .arg("stream=codec_name,codec_tag_string,nb_read_packets:program=program_num")
            .arg(&video),
        0,
    )?;
    let probe: Value = serde_json::from_str(&counted)?;
    let streams: Vec<_> = probe["streams"].as_array().context("streams")?.iter().collect();
    let codecs: Vec<_> = streams.iter().filter_map(|stream| stream["codec_name"].as_str()).collect();
    assert_eq!(codecs, ["h264", "klv"], "{probe:#}");
    let frames: u64 = records_of(recorded, "segment")?.iter().filter_map(|body| body["frames"].as_u64()).sum();
    assert_eq!(streams[0]["nb_read_packets"].as_str(), Some(frames.to_string().as_str()), "{probe:#}");
    let said = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "warning", "-i"])
        .arg(&video)
        .args(["-map", "0", "-f", "null", "-"])
        .output()?;
    let complaints = String::from_utf8_lossy(&said.stderr).into_owned();
    ensure!(said.status.success() && complaints.trim().is_empty(), "ffmpeg complains:\n{complaints}");
    Ok(())
}

#[test]
fn stanag4609_verify_finds_no_error() -> Result<()> {
    let recorded = Recorded::flight()?;
    let folder = tempfile::tempdir()?;
    let video = whole(recorded, &folder)?;
    let output = oracle::venv("stanag4609-verify")?.args(["--format", "json"]).arg(&video).output()?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no report: {}", String::from_utf8_lossy(&output.stderr)))?;
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    assert_eq!(
        (&report["result"], &report["summary"]["errors"]),
        (&Value::from("pass"), &Value::from(0)),
        "{report:#}"
    );
    let findings = report["findings"].as_array().context("findings")?;
    let found = |code: &str| findings.iter().find(|finding| finding["code"] == *code).context(code.to_owned());
    assert_eq!(found("st0902.profile")?["status"], "pass", "the minimum set is complete: {report:#}");
    let pictures: u64 = records_of(recorded, "segment")?.iter().filter_map(|body| body["frames"].as_u64()).sum();
    let dated = found("st0604.timestamp.syntax")?;
    let says = dated["message"].as_str().unwrap_or_default();
    ensure!(dated["status"] == "pass" && says.contains(&format!("each of {pictures} ")), "{pictures}: {dated:#}");
    Ok(())
}

#[test]
fn a_station_starts_and_stops_the_camera_over_mavlink() -> Result<()> {
    let mut aircraft = Aircraft::new()?;
    let (mut agent, simulator) = take_off(&mut aircraft, &Simulator::scenario("still.toml"), None)?;
    let port = aircraft.mavlink_port.to_string();
    let said = oracle::script("camera.py", &[Path::new(&port)]).with_context(|| agent.output())?;
    let ended = agent.wait(PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    let truth = simulator.stop()?;
    assert_eq!(said["information"]["vendor"], "Skyseal", "{said:#}");
    assert_eq!(said["information"]["resolution"], serde_json::json!([1280, 720]), "{said:#}");
    ensure!(said["storage"]["available_mib"].as_f64() > Some(0.0), "{said:#}");
    assert_eq!(said["before"]["video_status"], 0);
    for ack in ["start", "start_again", "stop", "stop_again"] {
        assert_eq!(said["acks"][ack], 0, "ACCEPTED: {said:#}");
    }
    assert_eq!(said["acks"]["format"], 2, "DENIED: {said:#}");
    let times: Vec<u64> = said["recording_ms"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    ensure!(times.len() >= 4 && times.windows(2).all(|pair| pair[0] < pair[1]), "recording time rises: {said:#}");
    assert_eq!(said["after"]["video_status"], 0, "{said:#}");

    let flight = aircraft.only_flight()?;
    let plain = aircraft.folder().join("plain");
    let verdict = aircraft.verify(&flight, Some(&plain))?;
    assert_eq!(verdict["word"], "VERIFIED-UNWITNESSED", "{verdict:#}");
    let truth = oracle::script("truth.py", &[&oracle::concatenate(&plain, "eo")?, &truth])?;
    assert_eq!((&truth["missing"], &truth["doubled"]), (&Value::from([(); 0]), &Value::from([(); 0])), "{truth:#}");
    let codes: Vec<_> =
        oracle::records(&flight)?.iter().filter_map(|r| r["body"]["code"].as_str().map(str::to_owned)).collect();
    let starts = codes.iter().filter(|code| *code == "recording-started").count();
    assert_eq!(starts, 1, "a repeated start begins nothing: {codes:?}");
    Ok(())
}

#[test]
fn check_says_before_the_flight_what_would_go_wrong_in_it() -> Result<()> {
    let mut aircraft = Aircraft::new()?;
    aircraft.camera("eo", "{ kind = \"test\", width = 320, height = 240, fps = 30 }", "");
    let config = aircraft.configure()?;
    let check = || {
        let mut command = Command::new(binary("skyseal-onboard"));
        command.args(["check", "--json", "--config"]).arg(&config);
        command
    };
    let findings: Value = serde_json::from_str(&run(&mut check(), 0)?)?;
    let what: Vec<_> = findings.as_array().into_iter().flatten().filter_map(|found| found["what"].as_str()).collect();
    assert_eq!(what, ["keys and trust", "recipients", "signing", "room", "camera eo"], "{findings:#}");
    ensure!(aircraft.flights().is_empty(), "check records nothing");

    fs::write(aircraft.folder().join("recipients.txt"), "")?;
    let findings: Value = serde_json::from_str(&run(&mut check(), 1)?)?;
    assert_eq!(findings[1]["ok"], false, "{findings:#}");
    ensure!(findings[1]["detail"].as_str().is_some_and(|text| text.contains("recipients make")), "{findings:#}");
    Ok(())
}

#[test]
fn a_wrong_configuration_is_refused_by_file_line_and_cure() -> Result<()> {
    let mut aircraft = Aircraft::new()?;
    aircraft.rtsp_camera("eo", "rtsp://127.0.0.1:1/eo", 0);
    let config = aircraft.configure()?;
    let good = fs::read_to_string(&config)?;
    let line = |of: &str| good.lines().position(|line| line.starts_with(of)).map_or(0, |at| at + 1);
    let cases = [
        ("reserve_mib =", "reserv_mib =", line("reserve_mib"), "did you mean `reserve_mib`"),
        ("policy = \"commanded\"", "policy = \"comanded\"", line("policy"), "did you mean `commanded`"),
        ("udpin:", "udp:", line("endpoints"), "udpin"),
        ("stream = \"eo\"", "stream = \"E O\"", line("stream"), "lower-case"),
    ];
    for (from, to, line, cure) in cases {
        ensure!(good.contains(from), "{from}: {good}");
        fs::write(&config, good.replace(from, to))?;
        for verb in ["check", "run"] {
            let output = Command::new(binary("skyseal-onboard")).args([verb, "--config"]).arg(&config).output()?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{verb} {to}: {said}");
            ensure!(said.contains(&format!("onboard.toml:{line}:")) && said.contains(cure), "{verb} {to}: {said}");
        }
    }
    ensure!(aircraft.flights().is_empty(), "nothing is recorded");
    Ok(())
}

#[test]
fn misuse_of_a_command_ends_with_2_and_help_with_0() -> Result<()> {
    for program in ["skyseal-onboard", "skyseal-verify", "skyseal-ground", "skyseal-sim"] {
        let help = run(Command::new(binary(program)).arg("--help"), 0)?;
        ensure!(help.contains("Usage:") && help.contains(program), "{help}");
        run(Command::new(binary(program)).arg("--version"), 0)?;
        run(Command::new(binary(program)).arg("--no-such-option"), 2)?;
        run(&mut Command::new(binary(program)), 2)?;
    }
    for words in [&["run"][..], &["check"], &["fly", "--config", "x"], &["enrol", "--name", "x"]] {
        run(Command::new(binary("skyseal-onboard")).args(words), 2)?;
    }
    let absent = run(Command::new(binary("skyseal-onboard")).args(["check", "--config", "/absent/onboard.toml"]), 1)?;
    ensure!(absent.is_empty(), "{absent}");
    Ok(())
}

/// The bodies of a flight's records of one kind.
fn records_of(recorded: &Recorded, kind: &str) -> Result<Vec<Value>> {
    let records = oracle::records(&recorded.flight)?.into_iter();
    Ok(records.filter(|record| record["kind"] == *kind).map(|mut record| record["body"].take()).collect())
}

/// All segments, opened by stock `age`, end to end.
fn whole(recorded: &Recorded, folder: &TempDir) -> Result<PathBuf> {
    let path = folder.path().join("eo.ts");
    let out = File::create(&path)?;
    for body in records_of(recorded, "segment")? {
        let sealed = recorded.flight.join(body["file"].as_str().context("file")?);
        let mut age = Command::new("age");
        age.arg("-d").arg("-i").arg(&recorded.identity).arg(sealed).stdin(Stdio::null()).stdout(out.try_clone()?);
        ensure!(age.status().context("age")?.success(), "{age:?}");
    }
    Ok(path)
}

fn sha256sum(path: &Path) -> Result<String> {
    let line = run(Command::new("sha256sum").arg(path), 0)?;
    Ok(line.split_whitespace().next().context("sha256sum printed nothing")?.to_owned())
}
