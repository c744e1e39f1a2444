//! `skyseal-ground witness` as it runs: an aircraft on a socket, the files it leaves, how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

use flight_record::keys::DeviceKey;
use flight_record::note::Checkpoint;
use flight_record::radio::{Beacon, Body, Leaves, Ready, device_prefix};
use flight_record::recipients::{Recipient, make_person};
use flight_record::tree::Tree;
use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::witness::file;
use flight_record::{FlightId, Sha256};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use vehicle_link::dialect::{HEARTBEAT_DATA, MavMessage};
use vehicle_link::frames::{Encoder, Splitter};
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

const WAIT: Duration = Duration::from_secs(20);

fn device() -> DeviceKey {
    DeviceKey::from_seed([1; 32])
}

fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// A station's key and the list that names it and the aircraft.
fn enrol(dir: &Path) -> DeviceKey {
    let station = DeviceKey::create(&dir.join("station.key")).unwrap();
    let root = DeviceKey::from_seed([9; 32]);
    let validity = || Validity { from_utc_us: now_us() - 1_000_000, days: 1 };
    let request = |key: &DeviceKey, name: &str| {
        EnrolmentRequest::read(&EnrolmentRequest::write(key, name.parse().unwrap(), 0)).unwrap()
    };
    let list = TrustList::first("unit".parse().unwrap(), root.public(), now_us() - 1_000_000);
    let list = list.with_key(&request(&device(), "SKY-1"), Grant::device(Class::Simulated), validity()).unwrap();
    let list = list.with_key(&request(&station, "van 1"), Grant::station(), validity()).unwrap();
    fs::write(dir.join("trust.json"), list.seal(&root)).unwrap();
    station
}

fn command(dir: &Path, more: &[&str]) -> Command {
    let root = DeviceKey::from_seed([9; 32]).public().id().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_skyseal-ground"));
    command.args(["witness", "--dir", "witness", "--key", "station.key", "--trust", "trust.json", "--root", &root]);
    command.args(["--mavlink", "udpin:127.0.0.1:0", "--json"]).args(more).current_dir(dir);
    command
}

struct Running {
    child: Child,
    events: Receiver<serde_json::Value>,
    /// Where the witness listens.
    to: String,
}

impl Running {
    fn start(dir: &Path, more: &[&str]) -> Self {
        let mut child = command(dir, more).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let mut running = Self { child, events, to: String::new() };
        let listening = running.event("listening");
        let link = listening["links"][0].as_str().unwrap();
        running.to = link[link.find('(').unwrap() + 1..].trim_end_matches(')').to_owned();
        running
    }

    /// Waits for an event of this name.
    fn event(&self, name: &str) -> serde_json::Value {
        loop {
            let event = self.events.recv_timeout(WAIT).unwrap_or_else(|_| panic!("no event {name}"));
            if event["event"] == name {
                return event;
            }
        }
    }

    fn stop(mut self) -> i32 {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An aircraft with a socket.
struct Aircraft {
    socket: UdpSocket,
    encoder: Encoder,
    splitter: Splitter,
    witness: Option<Address>,
    flight: FlightId,
    leaves: Vec<Sha256>,
    tree: Tree,
}

impl Aircraft {
    fn new(to: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(to).unwrap();
        socket.set_read_timeout(Some(WAIT)).unwrap();
        let flight = FlightId::new(now_us(), [7; 10]);
        let (encoder, splitter) = (Encoder::new(1, 100), Splitter::new());
        let mut aircraft =
            Self { socket, encoder, splitter, witness: None, flight, leaves: Vec::new(), tree: Tree::default() };
        // Where it is heard it is answered with a heartbeat.
        let heartbeat = aircraft.encoder.encode(&MavMessage::HEARTBEAT(HEARTBEAT_DATA::default()));
        aircraft.socket.send(heartbeat.bytes()).unwrap();
        aircraft.hear(|_| false);
        aircraft
    }

    fn record(&mut self) {
        let leaf = Sha256::of(&self.tree.size().to_be_bytes());
        self.leaves.push(leaf);
        self.tree.push(leaf);
    }

    fn head(&self) -> Checkpoint {
        Checkpoint { flight: self.flight, size: self.tree.size(), root: self.tree.root() }
    }

    fn tell(&mut self, body: &Body) {
        let tunnel = Tunnel::to(self.witness.unwrap(), body.payload_type(), body.encode());
        let frame = self.encoder.encode_body(&tunnel.body().unwrap());
        self.socket.send(frame.bytes()).unwrap();
    }

    fn beacon(&mut self, closed: bool) {
        let body = Body::Beacon(Beacon::of(&self.head().sign(&device()), closed).unwrap());
        self.tell(&body);
    }

    /// Hears until `wanted` says so, answering requests; before the witness is known, until its heartbeat.
    fn hear(&mut self, wanted: impl Fn(&Body) -> bool) -> Option<Body> {
        let mut buffer = [0; 2048];
        loop {
            let length = self.socket.recv(&mut buffer).expect("within the time");
            let mut frames = Vec::new();
            self.splitter.datagram(&buffer[..length], |frame| frames.push(frame));
            // The hub sends one frame a datagram.
            for frame in frames {
                if self.witness.is_none() {
                    self.witness = Some(Address::of(&frame));
                    return None;
                }
                let Some(tunnel) = Tunnel::read(&frame) else { continue };
                assert_eq!(tunnel.target, (1, 100), "targeted, never broadcast");
                let body = Body::decode(tunnel.payload_type, &tunnel.bytes).unwrap();
                if wanted(&body) {
                    return Some(body);
                }
                if let Body::Leaves(request) = body {
                    let from = usize::try_from(request.from).unwrap();
                    let hashes = self.leaves[from..].iter().take(3).copied().collect();
                    self.tell(&Body::Leaves(Leaves { hashes, ..request }));
                }
            }
        }
    }
}

#[test]
fn an_aircraft_is_witnessed_over_a_restart_until_it_has_landed() {
    let temp = tempfile::tempdir().unwrap();
    let station = enrol(temp.path());
    let running = Running::start(temp.path(), &[]);
    let locked = command(temp.path(), &[]).output().unwrap();
    assert_eq!(locked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&locked.stderr).contains("another witness"), "{locked:?}");

    let mut aircraft = Aircraft::new(&running.to);
    (0..5).for_each(|_| aircraft.record());
    aircraft.beacon(false);
    let Some(Body::Nonce(nonce)) = aircraft.hear(|body| matches!(body, Body::Nonce(_))) else { unreachable!() };
    assert!(nonce.verifies(&station.public()) && nonce.flight == aircraft.flight);
    let cosigned = |body: &Body| matches!(body, Body::Cosignature(_));
    let Some(Body::Cosignature(word)) = aircraft.hear(cosigned) else { unreachable!() };
    assert!(word.size == 5 && word.cosignature.verifies(&aircraft.head(), &station.public()));
    assert_eq!(running.event("begun")["name"], "SKY-1");
    assert_eq!(running.event("witnessed")["size"], 5);
    assert_eq!(running.stop(), 0);

    // A line that was being written when the process died.
    let path = temp.path().join(format!("witness/{}.jsonl", aircraft.flight));
    let mut bytes = fs::read(&path).unwrap();
    let whole = bytes.len();
    bytes.extend_from_slice(b"{\"payload\":\"ab");
    fs::write(&path, &bytes).unwrap();
    let running = Running::start(temp.path(), &["--once"]);
    running.event("trouble");
    assert_eq!(running.event("taken-up")["size"], 5);
    let torn = temp.path().join(format!("witness/torn/{}-{whole}", aircraft.flight));
    assert_eq!(fs::read(torn).unwrap(), b"{\"payload\":\"ab");
    let mut again = Aircraft {
        flight: aircraft.flight,
        leaves: aircraft.leaves,
        tree: aircraft.tree,
        ..Aircraft::new(&running.to)
    };
    again.record();
    again.beacon(true);
    let Some(Body::Cosignature(word)) = again.hear(cosigned) else { unreachable!() };
    assert!(word.size == 6 && word.cosignature.verifies(&again.head(), &station.public()));
    let landed = running.event("landed");
    assert_eq!(
        (landed["statement"]["reason"].as_str(), landed["statement"]["size"].as_u64()),
        (Some("closed"), Some(6))
    );
    let mut running = running;
    assert_eq!(running.child.wait().unwrap().code(), Some(0), "--once");
    let known = |_| Some(station.public());
    let summary = file::read(&fs::read(&path).unwrap()[..], known, |_| ()).unwrap();
    assert_eq!((summary.landed, summary.tree.root()), (true, again.tree.root()));
}

#[test]
fn two_histories_are_told_loudly_and_end_in_doubt() {
    let temp = tempfile::tempdir().unwrap();
    enrol(temp.path());
    let running = Running::start(temp.path(), &[]);
    let mut aircraft = Aircraft::new(&running.to);
    aircraft.record();
    aircraft.beacon(false);
    aircraft.hear(|body| matches!(body, Body::Cosignature(_)));
    let other = Checkpoint { root: Sha256::of(b"other"), ..aircraft.head() }.sign(&device());
    aircraft.tell(&Body::Beacon(Beacon::of(&other, false).unwrap()));
    assert_eq!(running.event("alarm")["alarm"], "equivocation");
    assert_eq!(running.stop(), 1);
}

#[test]
fn an_aircraft_that_is_ready_is_offered_a_recipient_that_those_entitled_can_open() {
    let temp = tempfile::tempdir().unwrap();
    let station = enrol(temp.path());
    let person = make_person(&temp.path().join("person.identity")).unwrap();
    fs::write(temp.path().join("entitled.txt"), format!("{person}\n")).unwrap();
    let running = Running::start(temp.path(), &["--entitled", "entitled.txt", "--wraps", "wraps"]);
    let mut aircraft = Aircraft::new(&running.to);
    let device_id = device_prefix(device().public().id());
    aircraft.tell(&Body::Ready(Ready { flags: Ready::WANTS_RECIPIENT, device: device_id, recipient: [0; 4] }));
    let Some(Body::Recipient(offer)) = aircraft.hear(|body| matches!(body, Body::Recipient(_))) else { unreachable!() };
    assert!(offer.verifies(&station.public()) && offer.device == device_id);
    let recipient = Recipient::of_key(&offer.key).unwrap();
    assert!(
        temp.path().join(format!("wraps/{recipient}.age")).exists(),
        "the wrap is there before the public half leaves"
    );
    assert_eq!(running.event("recipient-offered")["recipient"], recipient.to_string());
    let [a, b, c, d, ..] = Sha256::of(&offer.key).0;
    aircraft.tell(&Body::Ready(Ready { flags: 0, device: device_id, recipient: [a, b, c, d] }));
    assert_eq!(running.event("recipient-taken")["device"], "SKY-1");
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_key_that_is_no_station_is_refused_with_the_cure() {
    let temp = tempfile::tempdir().unwrap();
    enrol(temp.path());
    fs::remove_file(temp.path().join("station.key")).unwrap();
    DeviceKey::create(&temp.path().join("station.key")).unwrap();
    let refused = command(temp.path(), &[]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--role station"), "{refused:?}");
    assert_eq!(command(temp.path(), &["--wraps", "w"]).output().unwrap().status.code(), Some(2));
}
