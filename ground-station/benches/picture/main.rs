//! How long a picture takes from the camera to the window's texture, on the loopback and without waiting for a clock, beside what
//! QGroundControl and plain GStreamer do with the same camera; and what memory the window's end takes for how long it runs.
//!
//! `cargo bench -p ground-station --bench picture [-- SECONDS]`
//! `cargo bench -p ground-station --bench picture -- memory MINUTES`
//! `cargo bench -p ground-station --bench picture -- rates SECONDS`, of a camera at 1 and at 60 pictures a second
//!
//! The camera is a process of its own: 720p30, 4 Mbit/s, encoded in software. Each picture carries the instant at which it was handed to its
//! encoder, which is read off the decoded pixels. The receivers run one after the other, so that none takes another's time.

mod camera;

use std::net::Ipv4Addr;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use ground_station::live_view::{Live, Picture, Screen, Source, Status};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use rustix::time::{ClockId, clock_gettime};

use camera::{Camera, launch, part, ticks_in};

/// Pictures a second, where nothing else is said.
const FPS: u32 = 30;
/// Nothing here is older, 100 µs ticks.
const BELIEVED: u32 = 100_000;
/// Pictures of a stream that has just begun are not counted.
const BEGINNING: usize = 30;
/// Rows of the table of memory.
const SAMPLES: u64 = 20;
/// What QGroundControl builds for a UDP address (`GstVideoReceiver.cc`), with memory at its end instead of a screen: in its low-latency
/// mode, and as it is installed.
const PEERS: [(&str, &str); 3] = [
    ("QGroundControl’s pipeline, low-latency mode", "parsebin ! queue ! decodebin3 ! {} sync=false"),
    ("QGroundControl’s pipeline, as installed", "rtpjitterbuffer ! parsebin ! queue ! decodebin3 ! {} sync=true"),
    ("gst-launch: rtph264depay ! avdec_h264", "rtph264depay ! avdec_h264 ! {} sync=false"),
];

fn main() -> Result<()> {
    gst::init()?;
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["camera", video, klv, fps] => camera::run(video.parse()?, klv.parse()?, fps.parse()?),
        ["memory", minutes] => memory(minutes.parse()?),
        ["rates", seconds] => rates(seconds.parse()?),
        [] => latency(20),
        [seconds] => latency(seconds.parse()?),
        _ => anyhow::bail!("SECONDS, memory MINUTES, or rates SECONDS"),
    }
}

/// 100 µs ticks of the machine's clock.
fn now_ticks() -> u64 {
    now_ns() / 100_000
}

fn now_ns() -> u64 {
    let at = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(at.tv_nsec).unwrap_or(0)
}

/// Since the picture was taken, 100 µs ticks.
fn since(ticks: u32) -> u32 {
    u32::try_from(now_ticks() & u64::from(u32::MAX)).unwrap_or(0).wrapping_sub(ticks)
}

fn latency(seconds: u64) -> Result<()> {
    println!("720p30, 4 Mbit/s, H.264 in software, from the camera, ms; load {}", load()?);
    println!("{:<52} {:>7} {:>7} {:>7} {:>9} {:>10}", "", "median", "95 %", "most", "pictures", "% of a core");
    let (mut slot, mut texture) = (Vec::new(), Vec::new());
    let share = cpu_share(|| {
        window(FPS, seconds, |in_slot, in_texture, _| {
            slot.push(in_slot);
            texture.push(in_texture);
        })
    })?;
    row("Skyseal: in the slot", slot, None);
    row("Skyseal: laid out with its display, texture put", texture, Some(share));
    for (name, line) in PEERS {
        let mut shown = Vec::new();
        let share = cpu_share(|| peer(line, seconds, &mut shown))?;
        row(name, shown, Some(share));
    }
    println!("load {}", load()?);
    Ok(())
}

fn row(name: &str, mut latencies: Vec<u32>, share: Option<f64>) {
    let mut latencies = latencies.split_off(BEGINNING.min(latencies.len()));
    let all = latencies.len();
    // A picture that was decoded wrongly tells no instant.
    latencies.retain(|ticks| *ticks < BELIEVED);
    latencies.sort_unstable();
    let name = match all - latencies.len() {
        0 => name.to_owned(),
        misread => format!("{name}, {misread} misread"),
    };
    let at = |part: usize| latencies.get((latencies.len() * part / 100).min(latencies.len().saturating_sub(1)));
    let ms =
        |ticks: Option<&u32>| ticks.map_or_else(|| "—".to_owned(), |ticks| format!("{:.1}", f64::from(*ticks) / 10.0));
    let share = share.map_or_else(String::new, |share| format!("{share:.0}"));
    let (median, most, last) = (ms(at(50)), ms(at(95)), ms(latencies.last()));
    println!("{name:<52} {median:>7} {most:>7} {last:>7} {:>9} {share:>10}", latencies.len());
}

/// The window's end: receives, joins, lays out and puts the texture of each picture for so many seconds after the first.
fn window(fps: u32, seconds: u64, mut shown: impl FnMut(u32, u32, &Status)) -> Result<()> {
    let camera = Camera::start(fps)?;
    let (wake, woken) = sync_channel(1);
    // A full channel: it is awake already.
    let repaint = Arc::new(move || {
        let _ = wake.try_send(());
    });
    let source = Source::Rtp { listen: Ipv4Addr::LOCALHOST, video_port: camera.ports.0, klv_port: camera.ports.1 };
    let live = Live::start(source, repaint)?;
    let (mut screen, mut last, mut until_ns) = (Screen::new(1280.0, 720.0), None, now_ns() + 30_000_000_000);
    let mut first = true;
    while now_ns() < until_ns {
        let Some(picture) = next(&live, &woken, &mut last) else { continue };
        if std::mem::take(&mut first) {
            until_ns = now_ns() + seconds * 1_000_000_000;
        }
        let ticks = ticks_in(&picture.rgba, usize::try_from(picture.width)?);
        let taken = u64::try_from(picture.taken_utc_us.context("a picture without its time")?)?;
        ensure!((taken / 100) & u64::from(u32::MAX) == u64::from(ticks), "a picture that was dated as another");
        // On a busy machine telemetry may come too late for its picture, which then has none; never another's.
        let another = picture.klv.as_ref().is_some_and(|klv| klv.uas.timestamp_us != taken);
        ensure!(!another, "picture {} has the telemetry of another", picture.frame_number);
        let in_slot = since(ticks);
        let status = live.status(now_ns());
        screen.put(&picture, &status, now_ns());
        shown(in_slot, since(ticks), &status);
    }
    ensure!(!first, "no picture came");
    Ok(())
}

/// The newest picture that was not seen yet.
fn next(live: &Live, woken: &Receiver<()>, last: &mut Option<Arc<Picture>>) -> Option<Arc<Picture>> {
    let _ = woken.recv_timeout(Duration::from_millis(100));
    let picture = live.latest()?;
    if last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &picture)) {
        return None;
    }
    *last = Some(Arc::clone(&picture));
    Some(picture)
}

/// Another's pipeline, to pixels in memory, for so many seconds after its first picture.
fn peer(line: &str, seconds: u64, shown: &mut Vec<u32>) -> Result<()> {
    let camera = Camera::start(FPS)?;
    let end = "videoconvert ! video/x-raw,format=RGBA ! appsink name=out max-buffers=1 drop=true";
    let pipeline = launch(&format!(
        "udpsrc address=127.0.0.1 port={} caps=\"application/x-rtp,media=video,clock-rate=90000,encoding-name=H264\" ! {}",
        camera.ports.0,
        line.replace("{}", end)
    ))?;
    let came = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&came);
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let rgba = sample.buffer().and_then(|buffer| buffer.map_readable().ok()).ok_or(gst::FlowError::Error)?;
        noted.lock().unwrap_or_else(PoisonError::into_inner).push(since(ticks_in(&rgba, 1280)));
        Ok(gst::FlowSuccess::Ok)
    });
    part::<gst_app::AppSink>(&pipeline, "out")?.set_callbacks(callbacks.build());
    pipeline.set_state(gst::State::Playing)?;
    let count = || came.lock().unwrap_or_else(PoisonError::into_inner).len();
    let begun_ns = now_ns();
    while count() == 0 {
        ensure!(now_ns() < begun_ns + 30_000_000_000, "no picture came");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_secs(seconds));
    pipeline.set_state(gst::State::Null)?;
    shown.append(&mut came.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(())
}

/// The slowest and the fastest camera: what reaches the texture, when, and what the window says of its rate.
fn rates(seconds: u64) -> Result<()> {
    println!("{:<52} {:>7} {:>7} {:>7} {:>9} {:>10}", "ms", "median", "95 %", "most", "pictures", "% of a core");
    for fps in [1, 60] {
        let (mut texture, mut said) = (Vec::new(), (f64::MAX, 0.0_f64));
        let share = cpu_share(|| {
            window(fps, seconds, |_, in_texture, status| {
                texture.push(in_texture);
                if let Status::Playing { fps, .. } = status
                    && texture.len() > BEGINNING
                {
                    said = (said.0.min(*fps), said.1.max(*fps));
                }
            })
        })?;
        row(&format!("{fps} a second, said to be {:.1} to {:.1}", said.0, said.1), texture, Some(share));
    }
    Ok(())
}

fn memory(minutes: u64) -> Result<()> {
    println!("The window's end at 720p30 for {minutes} minutes; load {}", load()?);
    println!("{:>7} {:>9} {:>9}", "seconds", "pictures", "RSS, MiB");
    let each_ns = minutes * 60_000_000_000 / SAMPLES;
    let (begun_ns, mut pictures, mut rows) = (now_ns(), 0_u64, Vec::new());
    window(FPS, minutes * 60 + 2, |_, _, _| {
        pictures += 1;
        let passed_ns = now_ns() - begun_ns;
        let due = u64::try_from(rows.len()).is_ok_and(|done| passed_ns >= done * each_ns);
        if let Some(rss_mib) = rss_mib().ok().filter(|_| due) {
            println!("{:>7} {pictures:>9} {rss_mib:>9.1}", passed_ns / 1_000_000_000);
            rows.push(rss_mib);
        }
    })?;
    let mean = |rows: &[f64]| rows.iter().sum::<f64>() / f64::from(u32::try_from(rows.len()).unwrap_or(1).max(1));
    let (begin, end) = rows.split_at(rows.len() / 2);
    println!("mean of the second half over the first: {:+.1} MiB; load {}", mean(end) - mean(begin), load()?);
    Ok(())
}

fn rss_mib() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.split_whitespace().next().context("VmRSS")?.parse::<f64>()? / 1024.0)
}

/// CPU time of this process over wall time while that is done, in per cent of a core.
fn cpu_share(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let (begun_ns, before) = (now_ns(), cpu_seconds());
    work()?;
    let wall = Duration::from_nanos(now_ns() - begun_ns).as_secs_f64();
    Ok((cpu_seconds() - before) / wall * 100.0)
}

fn cpu_seconds() -> f64 {
    let at = clock_gettime(ClockId::ProcessCPUTime);
    let part = Duration::from_nanos(u64::try_from(at.tv_nsec).unwrap_or(0));
    Duration::from_secs(u64::try_from(at.tv_sec).unwrap_or(0)).as_secs_f64() + part.as_secs_f64()
}

fn load() -> Result<String> {
    Ok(std::fs::read_to_string("/proc/loadavg")?.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}
