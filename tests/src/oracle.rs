//! Other people's tools: the Python environment of `tests/prepare oracles`, ffmpeg, age, sha256sum.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::process::run;

/// The folder of the oracles' scripts.
#[must_use]
pub fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles")
}

/// A program of the Python environment.
///
/// # Errors
/// When `SKYSEAL_VENV` is not set: `tests/run` sets it.
pub fn venv(program: &str) -> Result<Command> {
    let venv = std::env::var_os("SKYSEAL_VENV")
        .context("SKYSEAL_VENV is not set; run `tests/run`, or `tests/prepare oracles` and set it to .venv")?;
    Ok(Command::new(Path::new(&venv).join("bin").join(program)))
}

/// Runs one of our oracle scripts and reads the JSON it prints.
///
/// # Errors
/// When it fails or prints something else.
pub fn script(name: &str, arguments: &[&Path]) -> Result<Value> {
    let text = run(venv("python")?.arg(scripts().join(name)).args(arguments), 0)?;
    serde_json::from_str(&text).with_context(|| format!("{name} printed no JSON: {text}"))
}

/// The payloads of a flight's records, in order, read here without our own code.
///
/// # Errors
/// When a line is no DSSE envelope.
pub fn records(flight: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(flight.join("records.jsonl")).context("records.jsonl")?;
    text.lines().map(|line| payload(line.as_bytes())).collect()
}

/// The payload of a DSSE envelope; its signature is not looked at.
///
/// # Errors
/// When it is no envelope of JSON.
pub fn payload(envelope: &[u8]) -> Result<Value> {
    let envelope: Value = serde_json::from_slice(envelope)?;
    let payload = BASE64_STANDARD.decode(envelope["payload"].as_str().unwrap_or_default())?;
    Ok(serde_json::from_slice(&payload)?)
}

/// Puts the extracted segments of a stream end to end, in order, and gives the file.
///
/// # Errors
/// When there are none.
pub fn concatenate(extracted: &Path, stream: &str) -> Result<PathBuf> {
    let folder = extracted.join("segments").join(stream);
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut segments: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    segments.sort();
    let whole = extracted.join(format!("{stream}.ts"));
    let mut bytes = Vec::new();
    for segment in segments {
        bytes.extend(std::fs::read(segment)?);
    }
    std::fs::write(&whole, bytes)?;
    Ok(whole)
}
