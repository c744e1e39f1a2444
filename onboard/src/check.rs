//! `skyseal-onboard check`: everything that could go wrong in the air, looked at on the ground.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use footage::access_unit::Normaliser;
use serde::Serialize;
use vehicle_link::signing::Key;

use crate::agent::Identity;
use crate::camera::{self, FromCamera};
use crate::config::{self, Config, Protection};
use crate::uplink::Live;
use crate::{clock, storage};

/// How long a camera may take to show its first key frame.
const CAMERA_WAIT: Duration = Duration::from_secs(15);

/// One thing looked at.
#[derive(Serialize)]
struct Finding {
    what: String,
    ok: bool,
    detail: String,
}

/// Checks and prints; `true` when all is well.
///
/// # Errors
/// When the configuration itself cannot be read.
pub fn check(path: &Path, json: bool) -> Result<bool> {
    let config = config::load(path)?;
    gstreamer::init().context("GStreamer does not start")?;
    let mut findings = vec![
        finding("keys and trust", identity(&config, path)),
        finding("recipients", recipients(&config)),
        finding("signing", signing(&config)),
        finding("room", room(&config)),
    ];
    if let Some(dock) = &config.dock {
        findings.push(finding("dock", listens(dock)));
    }
    if let Some(live) = &config.live {
        findings.push(finding("live view", live_view(live)));
    }
    for camera in &config.cameras {
        findings.push(finding(&format!("camera {}", camera.stream.get_ref()), first_picture(camera)));
    }
    let well = findings.iter().all(|finding| finding.ok);
    if json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        for Finding { what, ok, detail } in &findings {
            println!("{} {what:<16} {detail}", if *ok { "ok  " } else { "FAIL" });
        }
    }
    Ok(well)
}

fn finding(what: &str, looked: Result<String>) -> Finding {
    let (ok, detail) = match looked {
        Ok(detail) => (true, detail),
        Err(error) => (false, format!("{error:#}")),
    };
    Finding { what: what.to_owned(), ok, detail }
}

fn identity(config: &Config, path: &Path) -> Result<String> {
    let identity = Identity::load(config, path, clock::realtime_us())?;
    let certificate = identity.certificate()?;
    if clock::realtime_us() > identity.trust.list().expires_utc_us {
        bail!("the trust list has expired: no station can dock or witness; copy the unit's newest trust.json aboard");
    }
    Ok(format!(
        "{} is certified as {} by trust version {}",
        certificate.name, certificate.class, certificate.trust_version
    ))
}

fn signing(config: &Config) -> Result<String> {
    let mavlink = &config.mavlink;
    let Some(key) = &mavlink.signing_key else {
        return Ok("none: MAVLink is taken from whoever sends it".to_owned());
    };
    Key::load(key.get_ref())?;
    let signed: Vec<&str> =
        mavlink.endpoints.iter().map(|text| text.get_ref().as_str()).filter(|text| mavlink.signs(text)).collect();
    Ok(format!("MAVLink is signed on {}", signed.join(", ")))
}

fn recipients(config: &Config) -> Result<String> {
    let path = &config.keys.recipients;
    let lines = |path: &Path| {
        std::fs::read_to_string(path).map(|text| text.lines().filter(|line| line.starts_with("age1")).count())
    };
    let loaded =
        lines(path).with_context(|| format!("{}; load some with `skyseal-ground recipients make`", path.display()))?;
    let used = lines(&path.with_extension("used")).unwrap_or(0);
    match loaded.saturating_sub(used) {
        0 => bail!("all {loaded} one-time recipients are used; load more with `skyseal-ground recipients make`"),
        left => Ok(format!("{left} of {loaded} one-time recipients left: one a flight")),
    }
}

fn listens(dock: &config::Dock) -> Result<String> {
    let address = dock.address().context("no address")?;
    std::net::TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address}; is the agent running, or the port another program's?"))?;
    Ok(format!("can listen on {address}"))
}

/// Who can see it is said, and that it could start.
fn live_view(live: &config::Live) -> Result<String> {
    drop(Live::start(live)?);
    let who = match live.protection {
        Protection::Srtp => "encrypted (SRTP): a station of the unit agrees keys with `skyseal-ground live`",
        Protection::None => "PLAIN RTP, as configured: whoever the network brings it to can watch",
    };
    Ok(format!("to {} and {}, {who}", live.video, live.klv))
}

fn room(config: &Config) -> Result<String> {
    let dir = &config.storage.dir;
    std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let space = storage::space(dir)?;
    let spare = space.free_bytes.saturating_sub(config.storage.reserve_bytes());
    let kbps: u32 = config.cameras.iter().map(|camera| camera.bitrate_kbps).sum();
    if spare == 0 {
        bail!(
            "{} MiB free, reserve {} MiB: nothing can be recorded",
            space.free_bytes >> 20,
            config.storage.reserve_mib
        );
    }
    let minutes = spare / (u64::from(kbps).max(1) * 125) / 60;
    Ok(format!("{} MiB above the reserve, about {minutes} min at {kbps} kbit/s", spare >> 20))
}

fn first_picture(camera: &config::Camera) -> Result<String> {
    let (sink, pictures) = sync_channel(64);
    let ending = Arc::new(AtomicBool::new(false));
    let thread = camera::spawn(camera.clone(), sink, Arc::clone(&ending))?;
    let seen = await_key(&pictures);
    ending.store(true, std::sync::atomic::Ordering::Relaxed);
    drop(pictures);
    drop(thread.join());
    seen
}

fn await_key(pictures: &std::sync::mpsc::Receiver<FromCamera>) -> Result<String> {
    let until_ns = clock::mono_ns() + u64::try_from(CAMERA_WAIT.as_nanos()).unwrap_or(u64::MAX);
    let mut normaliser: Option<Normaliser> = None;
    let mut why = String::from("nothing came");
    while clock::mono_ns() < until_ns {
        match pictures.recv_timeout(Duration::from_millis(100)) {
            Ok(FromCamera::Picture(picture)) => {
                let normaliser = normaliser.get_or_insert_with(|| Normaliser::new(picture.codec));
                let mut out = Vec::new();
                match normaliser.normalise(&picture.data, 0, false, &mut out) {
                    Ok(unit) if unit.key => {
                        let Some(info) = unit.info else { continue };
                        let reordered = if info.reorder_depth > 0 { ", B-frames" } else { "" };
                        return Ok(format!("{:?} {}×{}{reordered}", picture.codec, info.width, info.height));
                    }
                    Ok(_) => {}
                    Err(error) => why = error.to_string(),
                }
            }
            Ok(FromCamera::Sound) => {}
            Ok(FromCamera::Lost(reason)) => why = reason,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    bail!("no key frame within {} s: {why}", CAMERA_WAIT.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_see_the_live_view_is_said() {
        gstreamer::init().unwrap();
        let to = "127.0.0.1:5600".parse().unwrap();
        let said = |protection| live_view(&config::Live { video: to, klv: to, protection }).unwrap();
        assert!(said(Protection::Srtp).contains("encrypted (SRTP)") && !said(Protection::Srtp).contains("PLAIN"));
        assert!(said(Protection::None).contains("PLAIN RTP"));
    }
}
