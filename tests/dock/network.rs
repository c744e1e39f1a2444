//! A whole handover over the network, and what cuts, refusals and flying do to it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use evidence_store::intake::{Erasure, NetworkSource, Source, SourceError};
use flight_record::Sha256;
use flight_record::dock::Challenge;
use flight_record::keys::{DeviceKey, PublicKey};
use flight_record::note::Checkpoint;
use flight_record::radio::Cosigned;
use flight_record::trust::{Class, EnrolmentRequest, Grant, Revocation, TrustList, Validity};
use onboard::clock;
use onboard::dock::gate::Situation;
use onboard::dock::holdings::Holdings;
use onboard::recorder::notary::{Notary, Order};
use onboard::uplink::outbox::Outbox;

use crate::berth::{AT_REST, Berth, DAY_US, key};
use crate::proxy::{Cut, NEVER, wire};

const STATION: u8 = 6;

/// A dock that serves; it ends with the value.
pub(crate) struct Serving {
    pub(crate) holdings: Arc<Holdings>,
    pub(crate) address: SocketAddr,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    pub(crate) fn start(berth: &Berth) -> Self {
        let holdings = berth.start();
        let ending = Arc::new(AtomicBool::new(false));
        let listen = Some("127.0.0.1:0".parse().unwrap());
        let (address, thread) = onboard::dock::start(Arc::clone(&holdings), listen, Arc::clone(&ending)).unwrap();
        Self { holdings, address: address.unwrap(), ending, thread: Some(thread) }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn source_by(address: SocketAddr, station: &DeviceKey, device: Sha256) -> NetworkSource {
    NetworkSource::new(&address.to_string(), station, device, Arc::new(|_: &PublicKey| true)).unwrap()
}

pub(crate) fn source(address: SocketAddr) -> NetworkSource {
    source_by(address, &key(STATION), key(1).public().id())
}

/// Every file of the flight as the source gives it.
fn fetched(source: &mut dyn Source, berth: &Berth) -> BTreeMap<String, Vec<u8>> {
    let inventory = source.inventory(berth.flight).unwrap();
    let mut files = BTreeMap::new();
    for (path, bytes) in inventory.files {
        let mut content = Vec::new();
        source.open(berth.flight, &path, 0).unwrap().read_to_end(&mut content).unwrap();
        assert_eq!(content.len() as u64, bytes, "{path}");
        files.insert(path, content);
    }
    files
}

fn aboard(berth: &Berth) -> BTreeMap<String, Vec<u8>> {
    let manifest = flight_record::dock::files_aboard(
        &berth.path("flights"),
        berth.flight,
        &flight_record::dock::Manifest::default(),
    );
    let read = |path: &String| (path.clone(), fs::read(berth.flight_dir().join(path)).unwrap());
    manifest.unwrap().0.entries().keys().map(read).collect()
}

#[test]
fn a_flight_is_fetched_whole_and_erased_once() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    let mut source = source(serving.address);
    let device = source.device().unwrap();
    assert_eq!(device.id, Some(key(1).public().id()));
    assert_eq!(device.name.unwrap().as_str(), "aircraft");
    let log = device.device_log.unwrap();
    assert_eq!(log.records, fs::read(berth.path("device-log/records.jsonl")).unwrap());
    assert_eq!(log.checkpoints, fs::read(berth.path("device-log/checkpoints.jsonl")).unwrap());
    assert_eq!(source.flights().unwrap(), [berth.flight]);
    assert_eq!(fetched(&mut source, &berth), aboard(&berth));
    assert!(source.others(berth.flight).unwrap().is_empty());
    let challenge = source.challenge(berth.flight).unwrap();
    assert_eq!(Some(Challenge(challenge)), Challenge::held(&berth.path("dock"), berth.flight).unwrap());

    let order = berth.order();
    let Erasure::Erased { record } = source.erase(berth.flight, &order).unwrap() else { panic!("deferred") };
    assert!(fs::read_to_string(berth.path("device-log/records.jsonl")).unwrap().contains(&record));
    assert!(!berth.flight_dir().exists());
    assert!(source.flights().unwrap().is_empty());
    assert!(matches!(source.inventory(berth.flight), Err(SourceError::NoFlight { .. })));
    // Sent again, it is not carried out again: the answer is the line that says it was.
    assert_eq!(source.erase(berth.flight, &order).unwrap(), Erasure::Erased { record });
    assert_eq!(berth.said("erased"), 1);
}

#[test]
fn a_file_is_read_from_any_byte_on() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    let mut source = source(serving.address);
    let whole = fs::read(berth.flight_dir().join("records.jsonl")).unwrap();
    for from in [0, 1, whole.len() / 2, whole.len() - 1, whole.len()] {
        let mut rest = Vec::new();
        source.open(berth.flight, "records.jsonl", from as u64).unwrap().read_to_end(&mut rest).unwrap();
        assert_eq!(rest, whole[from..], "from {from}");
    }
    for absent in ["segments/eo/000001.ts.age", "../../device-log/records.jsonl", "records.jsonl/", ""] {
        let opened = source.open(berth.flight, absent, 0).map(|_| ());
        assert!(matches!(opened, Err(SourceError::NoFile { .. })), "{absent}");
    }
}

#[test]
fn a_cut_anywhere_only_costs_time() {
    let berth = Berth::new();
    fs::write(berth.flight_dir().join("documents/large"), vec![7; 700_000]).unwrap();
    let serving = Serving::start(&berth);
    let wanted = aboard(&berth);
    // More than a TLS record (16 KiB) comes through each time: it goes on for ever.
    for down_bytes in [20_000, 50_000, 100_000, 262_144, 300_000, 500_000] {
        let (address, made) = wire(serving.address, Cut { down_bytes, up_bytes: NEVER, connections: NEVER });
        assert_eq!(fetched(&mut source(address), &berth), wanted, "cut after {down_bytes}");
        let made = made.load(Ordering::SeqCst);
        assert!(made >= 700_000 / down_bytes && made < 2_000_000 / down_bytes + 20, "{made} at {down_bytes}");
    }
    // In the handshake, in the head of an answer, in its body: a few tries later it comes through.
    for down_bytes in (0..6_000).step_by(500) {
        let (address, made) = wire(serving.address, Cut { down_bytes, up_bytes: NEVER, connections: 2 });
        assert_eq!(fetched(&mut source(address), &berth), wanted, "cut after {down_bytes}");
        assert_eq!(made.load(Ordering::SeqCst), 3, "cut after {down_bytes}");
    }
}

#[test]
fn a_wire_on_which_nothing_comes_through_is_given_up() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    let (address, made) = wire(serving.address, Cut { down_bytes: 10, up_bytes: NEVER, connections: NEVER });
    let Err(error) = source(address).flights() else { panic!("something came through") };
    assert!(error.to_string().contains("the same command goes on from here"), "{error}");
    assert_eq!(made.load(Ordering::SeqCst), 6, "tries are bounded");
}

#[test]
fn a_wait_for_an_aircraft_that_says_nothing_ends_when_somebody_says_stop() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut source = source(silent.local_addr().unwrap()).stopped_by(Arc::clone(&stop));
    let asking = std::thread::spawn(move || source.flights());
    // It is connected, and waits for the other end to say who it is.
    let _connection = silent.accept().unwrap();
    stop.store(true, Ordering::Relaxed);
    let stopped = asking.join().unwrap();
    assert!(matches!(stopped, Err(SourceError::Stopped)), "{stopped:?}");
}

#[test]
fn an_order_whose_answer_is_lost_is_carried_out_once() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    let order = berth.order();
    // Enough for handshake and order; what comes back is lost, for one connection.
    for up_bytes in [order.len() as u64 / 2, order.len() as u64 + 600] {
        let (address, _) = wire(serving.address, Cut { down_bytes: NEVER, up_bytes, connections: 1 });
        let Erasure::Erased { record } = source(address).erase(berth.flight, &order).unwrap() else {
            panic!("deferred")
        };
        assert!(fs::read_to_string(berth.path("device-log/records.jsonl")).unwrap().contains(&record));
        assert_eq!((berth.said("erase-begun"), berth.said("erased")), (1, 1));
    }
}

#[test]
fn flying_comes_first() {
    let berth = Berth::new();
    fs::write(berth.flight_dir().join("documents/large"), vec![7; 8 << 20]).unwrap();
    let serving = Serving::start(&berth);
    let mut source = source(serving.address);
    for (situation, word) in [
        (Situation { armed: true, ..AT_REST }, "armed"),
        (Situation { recording: true, ..AT_REST }, "recording"),
        (Situation { started: false, ..AT_REST }, "starting"),
    ] {
        serving.holdings.gate.tell(situation);
        let Err(SourceError::Refused { reason }) = source.flights() else { panic!("{word}") };
        assert!(reason.contains(word), "{reason}");
        assert!(matches!(source.erase(berth.flight, &berth.order()), Err(SourceError::Refused { .. })), "{word}");
    }
    serving.holdings.gate.tell(AT_REST);
    // Armed in the middle of a file: the aircraft lets go of it at once.
    let mut file = source.open(berth.flight, "documents/large", 0).unwrap();
    let mut first = [0; 1000];
    file.read_exact(&mut first).unwrap();
    serving.holdings.gate.tell(Situation { armed: true, ..AT_REST });
    let error = file.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("armed"), "{error}");
    drop(file);
    serving.holdings.gate.tell(Situation { current: Some(berth.flight), ..AT_REST });
    assert!(
        matches!(source.challenge(berth.flight), Err(SourceError::Refused { .. })),
        "no challenge while it is open"
    );
    assert!(!source.inventory(berth.flight).unwrap().closed);
}

#[test]
fn only_listed_stations_and_the_device_asked_for() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    let device = key(1).public().id();
    // Unknown, revoked, and listed as something else.
    for stranger in [99, 7, 2, 4] {
        let Err(error) = source_by(serving.address, &key(stranger), device).flights() else { panic!("{stranger}") };
        assert!(matches!(error, SourceError::Protocol { .. }), "{stranger}: {error:?}");
        assert!(error.to_string().contains("does not accept this station's key"), "{error}");
    }
    let Err(error) = source_by(serving.address, &key(STATION), Sha256::of(b"another")).flights() else {
        panic!("another device")
    };
    assert!(error.to_string().contains("not the device asked for"), "{error}");
    assert_eq!(source(serving.address).flights().unwrap(), [berth.flight], "and the right ones are let in");
}

#[test]
fn what_was_listed_is_what_is_erased_whatever_a_station_says_meanwhile() {
    let mut berth = Berth::new();
    let serving = Serving::start(&berth);
    let (time, listed) = (serving.holdings.time.clone(), Arc::clone(&serving.holdings.listed));
    let outbox = Outbox::default();
    let (notary, _thread) = Notary::start(time, outbox.clone(), listed).unwrap();
    let flight = berth.open_flight();
    berth.flight = flight.id();
    notary.order(Order::Begin(Box::new(flight)));
    let (done, closed) = sync_channel(1);
    notary.order(Order::Close { reason: "landed", done });
    assert!(closed.recv().unwrap());
    Challenge::make(&berth.path("dock"), berth.flight).unwrap();
    let end = outbox.take().0.pop().unwrap().head;
    let head = Checkpoint { flight: berth.flight, size: end.size, root: end.root };
    // What this station says of the end of the flight; how long the heads are then.
    let says = |station: u8| {
        let time_s = u64::try_from(berth.now_utc_us / 1_000_000).unwrap();
        let cosignature = head.cosign(&key(station), time_s);
        let cosigned = Box::new(Cosigned { flight: head.flight, size: head.size, cosignature });
        notary.order(Order::Cosignature { station: key(station).public(), cosigned });
        let (done, carried_out) = sync_channel(1);
        notary.order(Order::Barrier(done));
        carried_out.recv().unwrap();
        fs::metadata(berth.flight_dir().join("checkpoints.jsonl")).unwrap().len()
    };
    let (bare, cosigned) = (aboard(&berth)["checkpoints.jsonl"].len() as u64, says(6));
    assert!(cosigned > bare, "a word that comes in time is kept");
    let mut source = source(serving.address);
    let inventory = source.inventory(berth.flight).unwrap();
    assert!(inventory.closed && inventory.length_of("checkpoints.jsonl") == Some(cosigned));
    let order = berth.order();
    assert_eq!(says(8), cosigned, "what was listed grows no more");
    assert!(matches!(source.erase(berth.flight, &order).unwrap(), Erasure::Erased { .. }));
}

/// Does it until it comes out so, for half a minute at most.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let since_ns = clock::mono_ns();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(clock::mono_ns() - since_ns < 30_000_000_000, "it never came");
        std::thread::yield_now();
    }
}

#[test]
fn a_station_revoked_while_the_aircraft_runs_is_let_in_no_more() {
    let berth = Berth::new();
    let serving = Serving::start(&berth);
    let mut open = source(serving.address);
    assert_eq!(open.flights().unwrap(), [berth.flight]);
    // A list that is none changes nothing, and is noted once.
    fs::write(berth.path("trust.json"), b"{}").unwrap();
    until(|| (berth.said("trust-refused") == 1).then_some(()));
    assert_eq!(open.flights().unwrap(), [berth.flight]);

    let lost = Revocation { at_utc_us: berth.now_utc_us - 1, reason: "lost".parse().unwrap() };
    let newer = berth.trust.clone().with_revoked(key(STATION).public().id(), lost, berth.now_utc_us).unwrap();
    berth.put_list(&newer);
    let error = until(|| open.flights().err());
    assert!(matches!(error, SourceError::Refused { .. }), "over the connection it had: {error:?}");
    assert!(error.to_string().contains("does not vouch for this station any more"), "{error}");
    let Err(error) = source(serving.address).flights() else { panic!("let in") };
    assert!(error.to_string().contains("does not accept this station's key"), "{error}");
    until(|| (berth.said("trust-renewed") == 1).then_some(()));
    assert_eq!(berth.said("trust-refused"), 1);
    // The older list put back is refused, now and at the next start.
    berth.put_list(&berth.trust);
    until(|| (berth.said("trust-refused") == 2).then_some(()));
    assert_eq!(serving.holdings.trust.list().version, newer.version);
}

#[test]
fn a_list_that_has_expired_lets_nobody_in() {
    let mut berth = Berth::new();
    let validity = Validity { from_utc_us: berth.now_utc_us - 400 * DAY_US, days: 800 };
    let mut list = TrustList::first("unit".parse().unwrap(), key(9).public(), validity.from_utc_us);
    for (seed, grant) in [(1, Grant::device(Class::Simulated)), (STATION, Grant::station())] {
        let request = EnrolmentRequest::write(&key(seed), format!("key {seed}").parse().unwrap(), berth.now_utc_us);
        list = list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap();
    }
    berth.trust = list;
    let serving = Serving::start(&berth);
    let Err(error) = source(serving.address).flights() else { panic!("let in") };
    assert!(error.to_string().contains("does not accept this station's key"), "{error}");
}
