//! CPU and memory of the whole agent at 1080p30, 8 Mbit/s, beside the bare pipeline of stock GStreamer, in one run.
//!
//! `cargo build --release --bins && cargo bench -p system-tests --bench agent [-- SECONDS]`
//! Both take the same RTSP camera at the same time; what is printed is CPU time over wall time and the peak of
//! resident memory.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port};
use system_tests::process::{Running, binary, wait_for};

fn main() -> Result<()> {
    let seconds = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(30);
    let mut aircraft = Aircraft::new()?;
    let rtsp = free_tcp_port()?;
    let url = format!("rtsp://127.0.0.1:{rtsp}/eo");
    aircraft.rtsp_camera("eo", &url, 40);
    aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
    let scenario = aircraft.folder().join("scenario.toml");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulator/scenarios/demo.toml");
    let demo = std::fs::read_to_string(demo)?;
    let full_hd = demo
        .replace("width = 1280", "width = 1920")
        .replace("height = 720", "height = 1080")
        .replace("bitrate_kbps = 4000", "bitrate_kbps = 8000");
    anyhow::ensure!(
        full_hd.contains("width = 1920") && full_hd.contains("8000"),
        "the demo scenario has another camera now"
    );
    std::fs::write(&scenario, full_hd)?;
    let agent = aircraft.start_agent(false)?;
    let simulator = Running::start(
        Command::new(binary("skyseal-sim"))
            .arg("run")
            .arg(&scenario)
            .args(["--air-seconds", &(seconds + 60).to_string()])
            .args(["--mavlink", &format!("udpout:127.0.0.1:{}", aircraft.mavlink_port)])
            .args(["--rtsp-port", &rtsp.to_string()]),
        aircraft.folder().join("simulator.log"),
    )?;
    let recording = || agent.output().contains("recording-started");
    anyhow::ensure!(wait_for(PATIENCE, recording), "no recording: {}\n{}", agent.output(), simulator.output());
    let bare_file = aircraft.folder().join("bare.ts");
    let bare = Running::start(
        Command::new("gst-launch-1.0")
            .args(["-q", "rtspsrc", "protocols=tcp", "latency=50"])
            .arg(format!("location={url}"))
            .args(["!", "rtph264depay", "!", "h264parse", "!", "mpegtsmux", "!", "filesink"])
            .arg(format!("location={}", bare_file.display())),
        aircraft.folder().join("bare.log"),
    )?;
    anyhow::ensure!(
        wait_for(PATIENCE, || std::fs::metadata(&bare_file).is_ok_and(|file| file.len() > 1_000_000)),
        "{}",
        bare.output()
    );
    let (agent_share, bare_share) = shares(agent.id(), bare.id(), Duration::from_secs(seconds))?;
    println!("{:<28} {:>10} {:>14}", "1080p30, 8 Mbit/s", "% of a core", "peak RSS, MiB");
    println!("{:<28} {:>10.1} {:>14.1}", "skyseal-onboard", agent_share, peak_mib(agent.id())?);
    println!("{:<28} {:>10.1} {:>14.1}", "gst-launch … mpegtsmux", bare_share, peak_mib(bare.id())?);
    println!("{:<28} {:>10.1}", "above the bare pipeline", agent_share - bare_share);
    Ok(())
}

/// CPU shares of two processes over the same time, in per cent of a core.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn shares(a: u32, b: u32, over: Duration) -> Result<(f64, f64)> {
    let (begun, a0, b0) = (Instant::now(), cpu_seconds(a)?, cpu_seconds(b)?);
    wait_for(over, || false);
    let wall = begun.elapsed().as_secs_f64();
    Ok(((cpu_seconds(a)? - a0) / wall * 100.0, (cpu_seconds(b)? - b0) / wall * 100.0))
}

/// User and system time of a process: fields 14 and 15 of `stat`, in hundredths of a second.
fn cpu_seconds(id: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, after_name) = stat.rsplit_once(')').context("stat")?;
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

fn peak_mib(id: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kib: f64 = line.split_whitespace().next().context("VmHWM")?.parse()?;
    Ok(kib / 1024.0)
}
