//! Live view over SRTP: whom it opens for, what arrives, and that nothing of it is on the network in clear.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use flight_record::keys::DeviceKey;
use footage::access_unit::{Codec, nal};
use footage::klv::{UNIVERSAL_KEY, Uas};
use footage::sei;
use footage::ts::{Demuxer, Unit as Found};
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE, free_udp_port};
use system_tests::oracle;
use system_tests::process::{Running, binary, wait_for};
use system_tests::simulator::Simulator;
use system_tests::unit::Unit;

use crate::recorded::{recorded, take_off};

const AIR_SECONDS: u32 = 20;
const SLACK: Duration = Duration::from_secs(150);
/// Pictures and packets that must have come.
const ENOUGH: usize = 100;
const HOVER: &str = "seed = 3\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 60.0\n\
mission = [{ take_off = { height_m = 10 } }, { wait = { seconds = 3600 } }]\n";
/// RTP header without extensions, octets.
const HEADER: usize = 12;
/// Octets of a picture or a packet that would give it away.
const WINDOW: usize = 16;

/// Coded slices of pictures by the instant in their SEI, µs.
type Pictures = BTreeMap<u64, Vec<Vec<u8>>>;
/// Packets of telemetry by tag 2, µs.
type Packets = BTreeMap<u64, Vec<u8>>;

/// Stands on the network between aircraft and station: hears all that is sent, and passes it on.
struct Tap {
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    address: SocketAddr,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Tap {
    /// To a port of this machine.
    fn toward(port: u16) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        let (heard, ending) = (Arc::<Mutex<Vec<Vec<u8>>>>::default(), Arc::<AtomicBool>::default());
        let address = socket.local_addr()?;
        let (told, over) = (Arc::clone(&heard), Arc::clone(&ending));
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while !over.load(Ordering::Relaxed) {
                let Ok(length) = socket.recv(&mut bytes) else { continue };
                told.lock().unwrap().push(bytes[..length].to_vec());
                // Nobody listening there is no reason to stop.
                let _ = socket.send_to(&bytes[..length], ("127.0.0.1", port));
            }
        });
        Ok(Self { heard, address, ending, thread: Some(thread) })
    }

    fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }

    fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// An aircraft whose live view goes through two taps to the ports of a station.
struct Scene {
    unit: Rc<Unit>,
    aircraft: Aircraft,
    video: Tap,
    klv: Tap,
    ports: [u16; 2],
    /// The radio loses, doubles and reorders.
    _relay: Running,
    link: String,
}

impl Scene {
    fn set() -> Result<Self> {
        let unit = Rc::new(Unit::found()?);
        unit.station("station")?;
        let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
        aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
        let ports = [free_udp_port()?, free_udp_port()?];
        let (video, klv) = (Tap::toward(ports[0])?, Tap::toward(ports[1])?);
        write!(aircraft.cameras, "\n[live]\nvideo = \"{}\"\nklv = \"{}\"\n", video.address, klv.address)?;
        let ground_port = free_udp_port()?;
        let mut relay = Command::new(binary("skyseal-sim"));
        relay.args(["relay", "--listen", &format!("127.0.0.1:{ground_port}")]);
        relay.args(["--to", &format!("127.0.0.1:{}", aircraft.radio_port)]);
        relay.args(["--loss", "0.3", "--duplicate", "0.1", "--reorder", "0.1", "--seed", "7"]);
        let relay = Running::start(&mut relay, aircraft.folder().join("relay.log"))?;
        let link = format!("udpout:127.0.0.1:{ground_port}");
        Ok(Self { unit, aircraft, video, klv, ports, _relay: relay, link })
    }

    fn take_off(&mut self, air_seconds: Option<u32>) -> Result<(Running, Simulator)> {
        let scenario = self.aircraft.folder().join("hover.toml");
        fs::write(&scenario, HOVER)?;
        take_off(&mut self.aircraft, &scenario, air_seconds)
    }

    /// Starts `skyseal-ground live`; what opens goes to files in the unit's folder.
    fn watch(&self) -> Result<Running> {
        let [video, klv] = self.ports.map(|port| port.to_string());
        let files = ["--pictures", "live.h264", "--telemetry", "live.klv", "--json"];
        let ports = ["--video-port", &video, "--klv-port", &klv, "--mavlink", &self.link];
        let root = self.unit.root()?;
        let who = ["live", "--key", "station.key", "--trust", "trust/trust.json", "--root", &root];
        let mut command = self.unit.command("skyseal-ground", &[&who[..], &ports, &files].concat());
        Running::start(&mut command, self.unit.folder().join("live.log"))
    }

    fn opened(&self, name: &str) -> Vec<u8> {
        fs::read(self.unit.folder().join(name)).unwrap_or_default()
    }

    /// What `skyseal-ground live` said of a kind.
    fn said(&self, event: &str) -> Vec<Value> {
        let log = fs::read_to_string(self.unit.folder().join("live.log")).unwrap_or_default();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["event"] == event).collect()
    }

    /// All telemetry begins with the same 16 octets. Where two packets hide them alike, they were encrypted with the same bytes.
    fn keystream_is_never_used_twice(&self) -> Result<()> {
        let heard = self.klv.heard();
        let hidden: HashSet<&[u8]> = heard.iter().filter_map(|packet| packet.get(HEADER..HEADER + WINDOW)).collect();
        ensure!(hidden.len() == heard.len(), "{} ways to hide one text in {} packets", hidden.len(), heard.len());
        Ok(())
    }
}

/// The pictures of a stream of H.264 by the instant in their SEI: their coded slices.
fn pictures(annexb: &[u8]) -> Pictures {
    let (mut pictures, mut at_us) = (Pictures::new(), None);
    for unit in nal::split(annexb) {
        if let Some(time) = sei::parse_nal(Codec::H264, unit) {
            at_us = Some(time.time_us);
        }
        if let (1 | 5, Some(at_us)) = (unit[0] & 0x1F, at_us) {
            pictures.entry(at_us).or_default().push(unit.to_vec());
        }
    }
    pictures
}

/// The packets of telemetry behind each other, by tag 2.
fn packets(mut bytes: &[u8]) -> Result<Packets> {
    let mut packets = BTreeMap::new();
    while !bytes.is_empty() {
        ensure!(bytes.starts_with(&UNIVERSAL_KEY), "no ST 0601 packet");
        let next =
            bytes[1..].windows(WINDOW).position(|window| window == UNIVERSAL_KEY).map_or(bytes.len(), |at| at + 1);
        let (packet, rest) = bytes.split_at(next);
        // The last one may still be being written.
        if let Ok(read) = Uas::decode(packet) {
            packets.insert(read.uas.timestamp_us, packet.to_vec());
        }
        bytes = rest;
    }
    Ok(packets)
}

/// Pictures and telemetry as they were recorded.
fn record(stream: &Path) -> Result<(Pictures, Packets)> {
    let (mut demuxer, mut units) = (Demuxer::new(), Vec::new());
    demuxer.feed(&fs::read(stream)?, &mut units);
    demuxer.finish(&mut units);
    let (mut video, mut klv) = (Vec::new(), Vec::new());
    for unit in units {
        match unit {
            Found::Video(pes) => video.extend(pes.data),
            Found::Klv(pes) => klv.extend(pes.data),
            Found::Program(_) | Found::Discontinuity { .. } | Found::Damaged { .. } => {}
        }
    }
    Ok((pictures(&video), packets(&klv)?))
}

/// How many of the windows stand somewhere in what was heard.
fn found(windows: &HashSet<&[u8]>, heard: &[Vec<u8>]) -> usize {
    let hits: HashSet<&[u8]> =
        heard.iter().flat_map(|bytes| bytes.windows(WINDOW)).filter(|seen| windows.contains(seen)).collect();
    hits.len()
}

#[test]
fn a_station_sees_what_is_recorded_and_the_network_sees_nothing() -> Result<()> {
    let mut scene = Scene::set()?;
    let (mut agent, simulator) = scene.take_off(Some(AIR_SECONDS))?;
    agent.until("a segment is recorded", SLACK, || recorded(&scene.aircraft, "segment") >= 1)?;
    ensure!(scene.video.count() + scene.klv.count() == 0, "something is sent before keys are agreed");
    let mut viewer = scene.watch()?;
    let ended = agent.wait(SLACK)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    viewer.signal("TERM")?;
    ensure!(viewer.wait(PATIENCE)?.success(), "{}", viewer.output());
    drop(simulator.stop()?);

    let flight = scene.aircraft.only_flight()?;
    let plain = scene.aircraft.folder().join("plain");
    let verdict = scene.aircraft.verify(&flight, Some(&plain))?;
    ensure!(verdict["word"] == "VERIFIED-UNWITNESSED", "{verdict:#}");
    let (film, telemetry) = record(&oracle::concatenate(&plain, "eo")?)?;
    let (seen, heard) = (pictures(&scene.opened("live.h264")), packets(&scene.opened("live.klv"))?);
    let both: Vec<&u64> = seen.keys().filter(|at_us| film.contains_key(at_us)).collect();
    let all: Vec<&u64> = heard.keys().filter(|at_us| telemetry.contains_key(at_us)).collect();
    println!(
        "{} of {} pictures and {} of {} packets recorded came live",
        both.len(),
        film.len(),
        all.len(),
        telemetry.len()
    );
    ensure!(both.len() >= ENOUGH && all.len() >= ENOUGH, "too few came\n{}", viewer.output());
    for at_us in both {
        ensure!(seen[at_us] == film[at_us], "the picture of {at_us} is another");
    }
    for at_us in all {
        ensure!(heard[at_us] == telemetry[at_us], "the telemetry of {at_us} is another");
    }

    let slices = film.values().flatten().filter_map(|slice| slice.get(64..64 + WINDOW));
    let windows: HashSet<&[u8]> =
        slices.chain(telemetry.values().filter_map(|packet| packet.get(32..32 + WINDOW))).collect();
    let (opened, sent) =
        (vec![scene.opened("live.h264"), scene.opened("live.klv")], [scene.video.heard(), scene.klv.heard()].concat());
    ensure!(found(&windows, &opened) >= ENOUGH, "the search finds what is there");
    ensure!(found(&windows, &sent) == 0, "pictures or telemetry are on the network in clear");
    scene.keystream_is_never_used_twice()?;
    let [ended] = &scene.said("ended")[..] else { anyhow::bail!("no end is said\n{}", viewer.output()) };
    let pictures = ended["pictures"].as_u64().context("pictures")?;
    ensure!(pictures >= ENOUGH as u64, "{ended}");
    Ok(())
}

#[test]
fn a_restart_is_agreed_anew_and_a_station_taken_off_the_list_sees_no_more() -> Result<()> {
    let mut scene = Scene::set()?;
    let (mut agent, simulator) = scene.take_off(None)?;
    let mut viewer = scene.watch()?;
    let grown = |than: usize| scene.opened("live.klv").len() > than;
    viewer.until("the view opens", SLACK, || grown(10_000))?;
    agent.until("a flight is open", SLACK, || recorded(&scene.aircraft, "segment") >= 1)?;
    let (flight, before) = (scene.aircraft.only_flight()?, scene.said("agreed").len());

    drop(agent);
    let seen = scene.opened("live.klv").len();
    let mut agent = scene.aircraft.start_agent(true)?;
    let log = scene.aircraft.folder().join("onboard.log");
    let dropped = || fs::read_to_string(&log).unwrap_or_default().contains("hold no longer");
    viewer.until("keys are agreed anew", SLACK, || scene.said("agreed").len() > before)?;
    viewer.until("the view opens again", SLACK, || grown(seen + 10_000))?;
    ensure!(scene.aircraft.only_flight()? == flight, "the same flight goes on");
    scene.keystream_is_never_used_twice()?;

    let key = DeviceKey::load(&scene.unit.folder().join("station.key"))?.public().id().to_string();
    let words =
        ["trust", "revoke", "--dir", "trust", "--key", &key, "--reason", "lost", "--passphrase-file", "passphrase"];
    scene.unit.run("skyseal-ground", &words)?;
    agent.until("the keys are dropped", PATIENCE, dropped)?;
    let sent = scene.klv.count();
    // What GStreamer still held comes within a moment; then nothing does, although the station asks again.
    wait_for(Duration::from_secs(1), || false);
    let last = scene.klv.count();
    ensure!(!wait_for(Duration::from_secs(4), || scene.klv.count() > last) && last < sent + 30, "it is sent on");
    let root = scene.unit.root()?;
    let words = ["live", "--key", "station.key", "--trust", "trust/trust.json", "--root", &root];
    let refused = scene.unit.command("skyseal-ground", &words).output()?;
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(refused.status.code() == Some(1) && why.contains("trust enrol --role station"), "{why}");
    drop((viewer, agent));
    drop(simulator.stop()?);
    Ok(())
}
