//! The agent dies while it records: what was safe stays safe, the rest is kept and labelled, and recording goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use rand::Rng as _;
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::{run, wait_for};

use crate::recorded::{Recorded, recorded, take_off};

/// `kill -9` so often in one flight; `SKYSEAL_ROUNDS` asks for more.
const ROUNDS: usize = 10;
/// The simulated camera hands a picture out this long after its capture, µs.
const CAMERA_DELAY_US: u64 = 40_000;
/// Bytes that age holds back until its chunk is full.
const AGE_CHUNK_BYTES: u64 = 64 * 1024;
/// How long a picture may be under way from the camera to the file on a loaded machine, µs.
const UNDER_WAY_US: u64 = 1_000_000;
/// A hover with the pictures of the demonstration.
const HOVER: &str = "seed = 5\n[camera]\nwidth = 1280\nheight = 720\nfps = 30\nbitrate_kbps = 4000\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 3600.0\n\
mission = [{ take_off = { height_m = 30 } }, { turn = { degrees = 3600, rate_dps = 20 } }]\n";

#[test]
fn a_flight_survives_kill_9_again_and_again() -> Result<()> {
    let rounds = std::env::var("SKYSEAL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut aircraft = Aircraft::new()?;
    aircraft.record = "policy = \"armed\"\nafter_restart = \"continue\"".to_owned();
    let scenario = aircraft.folder().join("hover.toml");
    fs::write(&scenario, HOVER)?;
    let (mut agent, simulator) = take_off(&mut aircraft, &scenario, None)?;
    let mut kills_us = Vec::new();
    let mut random = rand::rng();
    for _ in 0..rounds {
        let before = recorded(&aircraft, "segment");
        agent.until("a segment is closed", PATIENCE, || recorded(&aircraft, "segment") > before)?;
        // The instant itself is what is tested: any within a segment of 2 s and the change to the next one.
        let instant = Duration::from_millis(random.random_range(0..2_500));
        wait_for(instant, || false);
        kills_us.push(now_us());
        drop(agent);
        agent = aircraft.start_agent(true)?;
    }
    let before = recorded(&aircraft, "segment");
    agent.until("recording goes on", PATIENCE, || recorded(&aircraft, "segment") > before)?;
    agent.signal("TERM")?;
    let ended = agent.wait(PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    let truth = Sent::read(&simulator.stop()?)?;

    let flight = aircraft.only_flight()?;
    let plain = aircraft.folder().join("plain");
    let verdict = aircraft.verify(&flight, Some(&plain))?;
    let records = oracle::records(&flight)?;
    let recoveries: Vec<&Value> = records.iter().filter(|record| record["kind"] == "recovered").collect();
    assert_eq!(recoveries.len(), rounds, "one recovery a kill");
    assert_eq!(records.last().map(|record| &record["kind"]), Some(&Value::from("close")));
    everything_else_is_intact(&verdict, &recoveries)?;
    each_boot_is_in_the_device_log(&flight, rounds)?;

    let mut losses_ms = Vec::new();
    println!(
        "| round | word | last picture sent | last picture kept | lost, ms | tail, bytes | of them attested in flight |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (round, (recovered, killed_us)) in recoveries.iter().zip(kills_us).enumerate() {
        let tail = cut_segment(recovered)?;
        let word = item(&verdict, &tail)?;
        let detail = word["detail"].as_str().unwrap_or_default();
        ensure!(word["word"] == "UNATTESTED-TAIL" && detail.contains("after the restart"), "{word:#}");
        let last = last_picture(&plain, &tail, detail)?;
        let loss_ms = truth.lost_ms(last, killed_us);
        println!(
            "| {} | {} | {} | {last} | {loss_ms} | {} | {} |",
            round + 1,
            word["word"].as_str().unwrap_or_default(),
            truth.lost(last, killed_us).last().map_or(last, |picture| picture.frame),
            bytes_of(&recovered["body"]["files"], &tail),
            attested_bytes(&records, recovered, &tail),
        );
        losses_ms.push(loss_ms);
        let held_back: u64 = truth.lost(last, killed_us - UNDER_WAY_US).map(|picture| picture.bytes).sum();
        ensure!(held_back <= AGE_CHUNK_BYTES, "{tail}: {held_back} bytes lost that had arrived long before");
    }
    losses_ms.sort_unstable();
    println!("loss at kill -9 over {rounds} rounds: median {} ms, {losses_ms:?}", losses_ms[losses_ms.len() / 2]);
    Ok(())
}

#[test]
fn sigterm_while_recording_is_a_clean_end() -> Result<()> {
    let recorded = Recorded::terminated()?;
    assert_eq!(recorded.verdict["word"], "VERIFIED-UNWITNESSED", "{:#}", recorded.verdict);
    let records = oracle::records(&recorded.flight)?;
    let close = records.last().context("a record")?;
    assert_eq!((&close["kind"], &close["body"]["reason"]), (&Value::from("close"), &Value::from("shutdown")));
    let stopped = records.iter().any(|record| record["body"]["code"] == "recording-stopped");
    ensure!(stopped, "the recording was stopped before the flight was closed");
    let whole = oracle::concatenate(&recorded.plain, "eo")?;
    let truth = oracle::script("truth.py", &[&whole, &recorded.truth])?;
    assert_eq!((&truth["missing"], &truth["doubled"]), (&Value::from([(); 0]), &Value::from([(); 0])), "{truth:#}");
    Ok(())
}

/// Every doubt is about a file that a recovery found, and says no more than that; all that was closed is intact.
fn everything_else_is_intact(verdict: &Value, recoveries: &[&Value]) -> Result<()> {
    assert_eq!(verdict["word"], "UNATTESTED-TAIL", "{verdict:#}");
    let found: Vec<&Value> = recoveries
        .iter()
        .filter_map(|record| record["body"]["files"].as_array())
        .flatten()
        .map(|at| &at["file"])
        .collect();
    for item in verdict["items"].as_array().context("items")? {
        let expected = if found.contains(&&item["item"]) { "UNATTESTED-TAIL" } else { "INTACT" };
        assert_eq!(item["word"], expected, "{item:#}");
    }
    Ok(())
}

fn each_boot_is_in_the_device_log(flight: &Path, rounds: usize) -> Result<()> {
    let data = flight.ancestors().nth(2).context("flights/ lies in the data folder")?;
    let log = oracle::records(&data.join("device-log"))?;
    let starts = log.iter().filter(|record| record["kind"] == "log-open" || record["kind"] == "recovered").count();
    assert_eq!(starts, rounds + 1, "one entry for each start");
    let resumed = log.iter().filter(|record| record["body"]["code"] == "flight-resumed").count();
    assert_eq!(resumed, rounds);
    Ok(())
}

/// The segment that was open when the agent was killed: the last one the recovery found.
fn cut_segment(recovered: &Value) -> Result<String> {
    let files = recovered["body"]["files"].as_array().context("files")?;
    let segments = files.iter().filter_map(|found| found["file"].as_str()).filter(|name| name.starts_with("segments/"));
    Ok(segments.max().context("no segment was open")?.to_owned())
}

/// Length of the file `name` in a list of files with their extents.
fn bytes_of(files: &Value, name: &str) -> u64 {
    let found = files.as_array().into_iter().flatten().find(|at| at["file"] == *name);
    found.and_then(|at| at["sealed"]["bytes"].as_u64()).unwrap_or(0)
}

/// How much of the file `name` the records before `recovered` attest.
fn attested_bytes(records: &[Value], recovered: &Value, name: &str) -> u64 {
    let before = records.iter().filter(|record| record["seq"].as_u64() < recovered["seq"].as_u64());
    let prefixes = before.filter(|record| record["kind"] == "prefix" && record["body"]["file"] == *name);
    prefixes.filter_map(|record| record["body"]["sealed"]["bytes"].as_u64()).max().unwrap_or(0)
}

fn item<'a>(verdict: &'a Value, name: &str) -> Result<&'a Value> {
    let mut items = verdict["items"].as_array().context("items")?.iter();
    items.find(|item| item["item"] == *name).with_context(|| format!("no item {name}"))
}

/// The number of the last picture that can be read when `tail` was cut: ffmpeg decodes it, the verifier says how many play.
fn last_picture(plain: &Path, tail: &str, detail: &str) -> Result<u64> {
    let segment = plain.join(tail.trim_end_matches(".age"));
    let playing: usize = detail
        .split("; ")
        .find_map(|part| part.strip_suffix(" pictures play")?.parse().ok())
        .with_context(|| format!("it does not say how much plays: {detail}"))?;
    let frames = match pictures_in(&segment) {
        Ok(frames) => frames,
        // Cut before its first picture was whole: the last is the last of the segment before.
        Err(_) if playing <= 1 => pictures_in(&segment_before(&segment)?)?,
        Err(error) => return Err(error),
    };
    // The last one may itself be cut.
    ensure!(frames.len() + 1 >= playing, "{playing} pictures play, ffmpeg decodes {}", frames.len());
    let unreadable = frames.iter().rev().take_while(|frame| frame.is_none()).count();
    ensure!(unreadable <= 1 && frames.iter().rev().skip(unreadable).all(Option::is_some), "{frames:?}");
    frames.into_iter().flatten().last().context("no picture of the tail can be read")
}

/// The numbers in the pictures of a segment, none where one cannot be read.
fn pictures_in(segment: &Path) -> Result<Vec<Option<u64>>> {
    let table = segment.with_extension("csv");
    run(oracle::venv("python")?.arg(oracle::scripts().join("strip.py")).arg(segment).arg("-o").arg(&table), 0)?;
    let text = fs::read_to_string(&table)?;
    Ok(text.lines().skip(1).map(|row| row.split(',').nth(1).and_then(|frame| frame.parse().ok())).collect())
}

/// `…/000007.ts` before `…/000008.ts`.
fn segment_before(segment: &Path) -> Result<PathBuf> {
    let number: u64 =
        segment.file_stem().and_then(|stem| stem.to_str()).context("a segment without a number")?.parse()?;
    Ok(segment.with_file_name(format!("{:06}.ts", number.checked_sub(1).context("nothing was recorded before")?)))
}

/// A picture the camera has sent.
struct Picture {
    frame: u64,
    capture_us: u64,
    sent_us: u64,
    bytes: u64,
}

/// All of them, in order.
struct Sent(Vec<Picture>);

impl Sent {
    fn read(truth: &Path) -> Result<Self> {
        let text = fs::read_to_string(truth)?;
        let mut lines = text.lines();
        let columns: Vec<&str> = lines.next().context("columns")?.split(',').collect();
        let pictures = lines.map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |name: &str| -> Result<u64> {
                let at = columns.iter().position(|column| *column == name).context(name.to_owned())?;
                Ok(cells.get(at).context("a short row")?.parse()?)
            };
            let capture_us = number("capture_us")?;
            let sent_us = capture_us + CAMERA_DELAY_US + number("late_us")?;
            Ok(Picture { frame: number("frame")?, capture_us, sent_us, bytes: number("bytes")? })
        });
        Ok(Self(pictures.collect::<Result<_>>()?))
    }

    /// The pictures sent before `killed_us` that came after picture `last`.
    fn lost(&self, last: u64, killed_us: u64) -> impl Iterator<Item = &Picture> {
        self.0.iter().filter(move |picture| picture.frame > last && picture.sent_us <= killed_us)
    }

    /// From the last picture kept to the last one sent before `killed_us`.
    fn lost_ms(&self, last: u64, killed_us: u64) -> u64 {
        let kept = self.0.iter().find(|picture| picture.frame == last);
        let newest = self.lost(last, killed_us).last();
        kept.zip(newest).map_or(0, |(kept, newest)| (newest.capture_us - kept.capture_us) / 1_000)
    }
}

#[expect(clippy::disallowed_methods, reason = "the instant of the kill, to compare with the camera's own times")]
fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
