//! The picture is right: from the simulated camera through the agent, the network in SRTP and `skyseal-ground live` to the window's own
//! receiver and its display, what is said of each picture is of the picture that is shown.
//!
//! The camera draws its frame number and its instant into each picture (`simulator/STRIP.md`), with a sum; they are read off the pixels that
//! are shown. Some packets of telemetry are lost on the way: their pictures must say so, and take no other's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod strip;

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use ground_station::live_view::{Live, Picture, Screen, Source};
use strip::Stamp;
use system_tests::aircraft::{Aircraft, free_tcp_port, free_udp_port};
use system_tests::process::Running;
use system_tests::simulator::{Simulator, Sortie};
use system_tests::unit::Unit;

/// Pictures that must have been shown and read.
const PICTURES: usize = 1_000;
/// Of those, one in so many is drawn whole.
const DRAWN: usize = 50;
/// One in so many packets of telemetry is lost.
const LOST: usize = 9;
/// From one picture to the next, µs: what is dated nearer than half of it is of no other picture.
const EACH_US: u64 = 33_333;
/// Getting ready and a thousand pictures, on a loaded machine.
const SLACK: Duration = Duration::from_secs(240);
const HOVER: &str = "seed = 3\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 1500\npitch_deg = -35\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 600.0\n\
mission = [{ take_off = { height_m = 10 } }, { wait = { seconds = 3600 } }]\n\
[[faults]]\ncamera_resolution = { at_s = 40, width = 848, height = 480 }\n";

/// Loses each ninth packet on its way to a port of this machine.
struct Lossy {
    address: SocketAddr,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Lossy {
    fn toward(port: u16) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        let (address, ending) = (socket.local_addr()?, Arc::<AtomicBool>::default());
        let over = Arc::clone(&ending);
        let thread = std::thread::spawn(move || {
            let (mut bytes, mut count) = ([0; 65_536], 0);
            while !over.load(Ordering::Relaxed) {
                let Ok(length) = socket.recv(&mut bytes) else { continue };
                count += 1;
                if count % LOST != 0 {
                    let _ = socket.send_to(&bytes[..length], ("127.0.0.1", port));
                }
            }
        });
        Ok(Self { address, ending, thread: Some(thread) })
    }
}

impl Drop for Lossy {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// Everything that flies, and the window's receiver.
struct Scene {
    live: Live,
    woken: Receiver<()>,
    last: Option<Arc<Picture>>,
    _lossy: Lossy,
    agent: Running,
    viewer: Running,
    simulator: Simulator,
    _aircraft: Aircraft,
}

impl Scene {
    fn set() -> Result<Self> {
        let unit = Rc::new(Unit::found()?);
        unit.station("station")?;
        let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
        let ports = [free_udp_port()?, free_udp_port()?];
        let lossy = Lossy::toward(ports[1])?;
        let video = format!("127.0.0.1:{}", ports[0]);
        write!(aircraft.cameras, "\n[live]\nvideo = \"{video}\"\nklv = \"{}\"\n", lossy.address)?;
        let (scenario, rtsp_port) = (aircraft.folder().join("hover.toml"), free_tcp_port()?);
        fs::write(&scenario, HOVER)?;
        aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
        let agent = aircraft.start_agent(false)?;
        let sortie = Sortie { scenario: &scenario, air_seconds: None, mavlink_port: aircraft.mavlink_port, rtsp_port };
        let simulator = Simulator::start(&sortie, aircraft.folder())?;
        // The window listens on two ports side by side.
        let to = pair()?;
        let (wake, woken) = sync_channel(1);
        let repaint = Arc::new(move || {
            // A full channel: it is awake already.
            let _ = wake.try_send(());
        });
        let source = Source::Rtp { listen: Ipv4Addr::LOCALHOST, video_port: to, klv_port: to + 1 };
        let live = Live::start(source, repaint)?;
        let [video, klv] = ports.map(|port| port.to_string());
        let (root, to) = (unit.root()?, format!("127.0.0.1:{to}"));
        let link = format!("udpout:127.0.0.1:{}", aircraft.radio_port);
        let words = ["live", "--key", "station.key", "--trust", "trust/trust.json", "--root", &root, "--json"];
        let where_to = ["--video-port", &video, "--klv-port", &klv, "--mavlink", &link, "--to", &to];
        let mut command = unit.command("skyseal-ground", &[&words[..], &where_to].concat());
        let viewer = Running::start(&mut command, unit.folder().join("live.log"))?;
        Ok(Self { live, woken, last: None, _lossy: lossy, agent, viewer, simulator, _aircraft: aircraft })
    }

    /// The next picture that is shown, as a window that is woken takes it.
    fn next(&mut self) -> Option<Arc<Picture>> {
        let _ = self.woken.recv_timeout(Duration::from_millis(100));
        let picture = self.live.latest()?;
        if self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &picture)) {
            return None;
        }
        self.last = Some(Arc::clone(&picture));
        Some(picture)
    }
}

fn pair() -> Result<u16> {
    let free = |port: u16| UdpSocket::bind(("127.0.0.1", port)).is_ok();
    (0..100).find_map(|_| free_udp_port().ok().filter(|port| free(port + 1))).context("two ports side by side")
}

#[expect(clippy::disallowed_methods, reason = "how old a picture is that this machine's simulator has dated")]
fn now_us() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a bound on how long the test waits")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The hours, minutes, seconds and hundredths of an instant, as a display says them.
fn clock_words(at_us: u64) -> String {
    let (of_day, hundredths) = (at_us / 1_000_000 % 86_400, at_us / 10_000 % 100);
    format!("{:02}:{:02}:{:02}.{hundredths:02} UTC", of_day / 3_600, of_day / 60 % 60, of_day % 60)
}

/// Draws the picture with its display as high as leaves the strip free of plates, and holds what stands there against the strip.
fn assert_drawn(picture: &Arc<Picture>, stamp: Stamp, live: &Live, screens: &Mutex<Vec<(u32, Screen)>>) -> Result<()> {
    let mut screens = screens.lock().unwrap();
    let above = 200;
    let size = (f32::from(u16::try_from(picture.width)?), f32::from(u16::try_from(picture.height + 2 * above)?));
    if screens.iter().all(|(width, _)| *width != picture.width) {
        screens.push((picture.width, Screen::new(size.0, size.1)));
    }
    let (_, screen) = screens.iter_mut().find(|(width, _)| *width == picture.width).context("a screen")?;
    let painted = screen.paint(picture, &live.status(picture.arrived_ns), picture.arrived_ns);
    let width = painted.image.size[0];
    let row = usize::try_from(above)? * width;
    let read = strip::read(|x, y| painted.image.pixels.get(row + y * width + x).map(|pixel| pixel.g()));
    ensure!(read == Some(stamp), "the screen shows {read:?} where the picture is {stamp:?}");
    let says = painted.says.join("\n");
    if picture.klv.is_some() {
        let near = [0, 1_000].map(|more| clock_words(stamp.capture_us - 500 + more));
        ensure!(near.iter().any(|words| says.contains(words)), "the display of {near:?} says\n{says}");
    } else {
        ensure!(says.contains("No telemetry with this picture"), "{says}");
        ensure!(!says.contains(" UTC") && !says.contains("Height"), "figures of another picture:\n{says}");
    }
    Ok(())
}

#[test]
fn a_thousand_shown_pictures_and_the_telemetry_beside_each_are_of_one_frame() -> Result<()> {
    let mut scene = Scene::set()?;
    let (screens, begun) = (Mutex::new(Vec::new()), now());
    let (mut latencies, mut sizes, mut off_us, mut alone, mut drawn) = (Vec::new(), Vec::new(), 0, 0, 0);
    let (mut last, mut joined) = (None, 0);
    while latencies.len() < PICTURES || sizes.len() < 2 {
        ensure!(
            begun.elapsed() < SLACK,
            "{} pictures in {SLACK:?}\n{}\n{}",
            latencies.len(),
            scene.agent.output(),
            scene.viewer.output()
        );
        let Some(picture) = scene.next() else { continue };
        let width = usize::try_from(picture.width)?;
        let stamp = strip::read(|x, y| picture.rgba.get(4 * (y * width + x) + 1).copied());
        let Some(stamp) = stamp else {
            ensure!(picture.damaged, "a whole picture whose strip does not read");
            continue;
        };
        // The agent learns the camera's clock from its first sender report.
        if latencies.is_empty() && (!picture.time_locked || picture.klv.is_none()) {
            continue;
        }
        latencies.push(now_us().saturating_sub(stamp.capture_us));
        ensure!(last.is_none_or(|last| last < stamp.frame), "frame {} after {last:?}", stamp.frame);
        last = Some(stamp.frame);
        if let Some(klv) = &picture.klv {
            let apart_us = klv.uas.timestamp_us.abs_diff(stamp.capture_us);
            ensure!(apart_us < EACH_US / 2, "frame {} has the telemetry of {apart_us} µs beside it", stamp.frame);
            off_us = off_us.max(apart_us);
            joined += 1;
        } else {
            alone += 1;
        }
        if !sizes.contains(&picture.width) {
            sizes.push(picture.width);
        }
        if latencies.len() % DRAWN == 0 || picture.klv.is_none() && alone % 10 == 1 {
            assert_drawn(&picture, stamp, &scene.live, &screens)?;
            drawn += 1;
        }
    }
    latencies.sort_unstable();
    let at = |part: usize| latencies[(latencies.len() * part / 100).min(latencies.len() - 1)] / 1_000;
    println!(
        "{} pictures of {sizes:?}: {joined} with their telemetry (at most {off_us} µs off the strip), {alone} without, none with \
         another's; {drawn} drawn; from the lens to the slot median {} ms, 95 % {} ms, most {} ms, of which the camera takes 40 ms",
        latencies.len(),
        at(50),
        at(95),
        at(100)
    );
    ensure!(alone * LOST * 2 > latencies.len(), "each ninth was lost, and {alone} of {} say so", latencies.len());
    ensure!(joined > latencies.len() / 2, "most have their telemetry: {joined}");
    drop(scene.simulator.stop()?);
    Ok(())
}
