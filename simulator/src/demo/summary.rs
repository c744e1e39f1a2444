//! What the demonstration tells: a table for people, `summary.json` for programs.

use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::Value;

use super::layout;

/// `summary.json`; paths are relative to its folder.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    flight: String,
    trust: &'static str,
    root: &'static str,
    identity: String,
    truth: &'static str,
    verdict_file: &'static str,
    opened: &'static str,
    package: String,
    witness: Option<String>,
    store: &'static str,
    second_store: &'static str,
    ledger: &'static str,
    plan: &'static str,
    papers: &'static str,
    /// SHA-256 of the papers that were checked.
    papers_sha256: String,
    /// The documents of the opened record hold exactly these papers.
    pub(super) papers_frozen: bool,
    /// Whether they are clear, as the check said.
    papers_clear: bool,
    frames_sent: u64,
    frames: u64,
    pub(super) lost: u64,
    klv_packets: u64,
    segments: u64,
    records: u64,
    bytes: u64,
    /// Flights still aboard after docking.
    pub(super) left_aboard: usize,
    pub(super) verdict: String,
}

impl Summary {
    /// Counts what the camera sent while it was recorded against what the verified records hold.
    pub(super) fn gather(out: &Path, recorded: &Recorded, verdict: &str) -> Result<Self> {
        let verdict: Value = serde_json::from_str(verdict).context("the verdict is not JSON")?;
        let count = |name: &str| verdict["counts"][name].as_u64().unwrap_or(0);
        let klv_packets = verdict["opened"]["klv_packets"].as_u64().unwrap_or(0);
        let span_us = recorded.span_us.context("the flight has no segment")?;
        let sent = sent(&out.join(layout::TRUTH), span_us)?;
        let frames = count("frames");
        Ok(Self {
            flight: format!("{}/{}", recorded.package, layout::FLIGHT),
            trust: layout::TRUST,
            root: layout::ROOT,
            identity: layout::identity(&recorded.recipient),
            truth: layout::TRUTH,
            verdict_file: layout::VERDICT,
            opened: layout::OPENED,
            package: recorded.package.clone(),
            witness: recorded.witness_file(out),
            store: layout::STORE,
            second_store: layout::SECOND,
            ledger: layout::LEDGER,
            plan: layout::PLAN,
            papers: layout::PAPERS,
            papers_sha256: String::new(),
            papers_frozen: false,
            papers_clear: false,
            frames_sent: sent,
            frames,
            lost: sent.saturating_sub(frames),
            klv_packets,
            segments: count("segments"),
            records: count("records") + 1,
            bytes: count("sealed_bytes"),
            left_aboard: flights_in(&out.join(layout::FLIGHTS)),
            verdict: verdict["word"].as_str().unwrap_or("none").to_owned(),
        })
    }

    /// Holds the papers that the check wrote against those of the opened record.
    pub(super) fn frozen(&mut self, out: &Path) -> Result<()> {
        let checked = std::fs::read(out.join(layout::PAPERS)).context("the papers of the check")?;
        let verdict: Value = serde_json::from_slice(&std::fs::read(out.join(layout::VERDICT))?)?;
        let (papers, none) = (&verdict["papers"], Vec::new());
        let records = papers.as_array().unwrap_or(&none);
        // The record's first line names them.
        let Some(frozen) = records.iter().find(|frozen| frozen["record"] == 0) else { return Ok(()) };
        let document = frozen["document"].as_str().unwrap_or_default();
        let opened = std::fs::read(out.join(layout::OPENED).join("documents").join(document))?;
        self.papers_frozen = opened == checked;
        self.papers_sha256 = frozen["sha256"].as_str().unwrap_or_default().to_owned();
        self.papers_clear = frozen["judged"]["standing"] == "clear";
        Ok(())
    }

    pub(super) fn write(&self, out: &Path) -> Result<()> {
        std::fs::write(out.join("summary.json"), serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }

    fn frozen_word(&self) -> &'static str {
        match (self.papers_frozen, self.papers_clear) {
            (true, true) => "clear, in the record",
            (true, false) => "NOT clear, in the record",
            (false, _) => "NOT in the record",
        }
    }

    pub(super) fn print(&self, out: &Path) {
        let rows = [
            ("frames sent", self.frames_sent.to_string()),
            ("frames recorded", self.frames.to_string()),
            ("frames lost", self.lost.to_string()),
            ("KLV packets", self.klv_packets.to_string()),
            ("segments", self.segments.to_string()),
            ("records", self.records.to_string()),
            ("bytes sealed", self.bytes.to_string()),
            ("left aboard", self.left_aboard.to_string()),
            ("papers", self.frozen_word().to_owned()),
            ("verdict", self.verdict.clone()),
        ];
        for (name, value) in rows {
            println!("{name:<16} {value:>24}");
        }
        println!("\nEverything is in {}; play opened/segments/eo/*.ts, check with", out.display());
        println!(
            "  skyseal-verify {} --trust {} --root \"$(cat {})\" --identity {}",
            self.package, self.trust, self.root, self.identity
        );
    }
}

/// What the demonstration reads of the public flight record.
pub(super) struct Recorded {
    /// The age recipient the flight is sealed to.
    pub(super) recipient: String,
    flight_id: String,
    package: String,
    /// Capture times (µs) of the first and last recorded picture.
    span_us: Option<(i64, i64)>,
}

impl Recorded {
    pub(super) fn read(out: &Path, package: &str) -> Result<Self> {
        let flight = out.join(package).join(layout::FLIGHT);
        let records = std::fs::read_to_string(flight.join("records.jsonl")).context("records.jsonl")?;
        let mut epoch_us = 0;
        let mut recorded =
            Self { recipient: String::new(), flight_id: String::new(), package: package.to_owned(), span_us: None };
        for line in records.lines() {
            let record = payload(line.as_bytes())?;
            let body = &record["body"];
            match record["kind"].as_str() {
                Some("open") => {
                    epoch_us = body["pts_epoch_utc_us"].as_i64().context("open without its epoch")?;
                    recorded.flight_id = record["flight_id"].as_str().unwrap_or_default().to_owned();
                    recorded.recipient = body["recipients"][0].as_str().context("open without a recipient")?.to_owned();
                }
                Some("segment") => recorded.extend(epoch_us, body)?,
                _ => {}
            }
        }
        Ok(recorded)
    }

    /// What the ground witness kept of it.
    fn witness_file(&self, out: &Path) -> Option<String> {
        let path = format!("{}/{}.jsonl", layout::WITNESS, self.flight_id);
        out.join(&path).is_file().then_some(path)
    }

    fn extend(&mut self, epoch_us: i64, segment: &Value) -> Result<()> {
        let time = |pts: &Value| pts.as_i64().map(|pts| epoch_us + (pts - 90_000) * 100 / 9);
        let times = time(&segment["first_pts_90k"]).zip(time(&segment["last_pts_90k"]));
        let (first, last) = times.context("segment without its times")?;
        let (begun, ended) = self.span_us.unwrap_or((first, last));
        self.span_us = Some((begun.min(first), ended.max(last)));
        Ok(())
    }
}

/// Folders of flights.
fn flights_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().is_dir()).count()
}

/// What an envelope says; a demonstration believes it, a verifier does not.
pub(super) fn payload(envelope: &[u8]) -> Result<Value> {
    let envelope: Value = serde_json::from_slice(envelope)?;
    let payload = BASE64_STANDARD.decode(envelope["payload"].as_str().unwrap_or_default())?;
    Ok(serde_json::from_slice(&payload)?)
}

/// Pictures the camera sent in that span; half a frame of slack covers what dating them may be off.
fn sent(truth: &Path, (first_us, last_us): (i64, i64)) -> Result<u64> {
    const SLACK_US: i64 = 12_000;
    let text = std::fs::read_to_string(truth).with_context(|| truth.display().to_string())?;
    let mut lines = text.lines();
    let header = lines.next().context("truth.csv is empty")?;
    let column = header.split(',').position(|name| name == "capture_us").context("truth.csv has no capture_us")?;
    let within = |line: &&str| {
        let time: Option<i64> = line.split(',').nth(column).and_then(|cell| cell.parse().ok());
        time.is_some_and(|time| (first_us - SLACK_US..=last_us + SLACK_US).contains(&time))
    };
    Ok(lines.filter(within).count() as u64)
}
