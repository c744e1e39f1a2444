use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use flight_record::keys::DeviceKey;
use flight_record::note::Checkpoint;
use flight_record::radio::Beacon;
use flight_record::witness::file::{Begin, EntryWriter, Head, Kind};
use flight_record::{ClockSource, Sha256, Stamp, tree};
use vehicle_link::frames::Encoder;
use vehicle_link::peers::Address;

use super::*;
use crate::clock;
use crate::state::seal::{Ribbon, State};
use crate::tasks::witness::SAID;

const T0_US: i64 = 1_777_636_800_000_000;
const PATIENCE_NS: u64 = 30_000_000_000;

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

/// A station writing the file of one flight, a leaf a head.
struct Station {
    flight: FlightId,
    writer: EntryWriter,
    tree: tree::Tree,
    lines: Vec<Vec<u8>>,
}

impl Station {
    fn new() -> Self {
        let flight = FlightId::new(T0_US, [1; 10]);
        let mut station =
            Self { flight, writer: EntryWriter::new(flight), tree: tree::Tree::default(), lines: Vec::new() };
        let begin = Begin { device: key(1).public().id(), device_key: key(1).public(), trust_version: 1 };
        station.write(Kind::Begin(begin), 0);
        station
    }

    fn write(&mut self, kind: Kind, at_s: u64) {
        let utc_us = T0_US + i64::try_from(at_s).unwrap() * 1_000_000;
        let at = Stamp { mono_ns: at_s, utc_us, source: ClockSource::Rtc, uncertainty_us: 1 };
        let line = self.writer.line(kind, at, &key(2));
        self.lines.push(line);
    }

    /// The next head; cosigned in the same second.
    fn head(&mut self, at_s: u64) {
        let leaf = Sha256::of(&at_s.to_le_bytes());
        self.tree.push(leaf);
        let head = self.checkpoint();
        let note = head.sign(&key(1));
        let cosignature = head.cosign(&key(2), u64::try_from(T0_US / 1_000_000).unwrap() + at_s);
        let received_utc_us = T0_US + i64::try_from(at_s).unwrap() * 1_000_000;
        let cosignature = Some((&cosignature).into());
        self.write(Kind::Head(Head { leaves: vec![leaf], note, cosignature, received_utc_us }), at_s);
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint { flight: self.flight, size: self.tree.size(), root: self.tree.root() }
    }

    fn append(&self, dir: &Path, lines: std::ops::Range<usize>) {
        let path = dir.join(format!("{}.jsonl", self.flight));
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        self.lines[lines].iter().for_each(|line| file.write_all(line).unwrap());
    }
}

/// What follows, and what it told.
struct Bench {
    follow: Follow,
    asked: Receiver<()>,
    ribbon: Ribbon,
    others: Vec<Event>,
}

impl Bench {
    fn start(dir: &Path) -> Self {
        let (tell, asked) = sync_channel(1);
        let setup = Setup { witness: dir.to_owned(), marks: dir.join("marks"), station: key(2).public() };
        let follow = Follow::start(
            setup,
            Arc::new(move || {
                let _ = tell.try_send(());
            }),
        )
        .unwrap();
        Self { follow, asked, ribbon: Ribbon::default(), others: Vec::new() }
    }

    fn until(&mut self, wanted: impl Fn(&Self) -> bool) {
        let until_ns = clock::mono_ns() + PATIENCE_NS;
        while !wanted(self) {
            for event in self.follow.events() {
                match event {
                    Event::Facts(facts) => facts.into_iter().for_each(|fact| self.ribbon.take(fact)),
                    other => self.others.push(other),
                }
            }
            assert!(clock::mono_ns() < until_ns, "never came: {:?}", self.others);
            let _ = self.asked.recv_timeout(Duration::from_millis(50));
        }
    }

    fn states(&self) -> Vec<State> {
        let cells = self.ribbon.newest().map(|(_, flight)| flight.cells(false, T0_US + 60_000_000));
        cells.unwrap_or_default().iter().map(|cell| cell.state).collect()
    }
}

#[test]
fn a_growing_file_becomes_cells_and_a_new_window_is_back_in_the_flight() {
    let temp = tempfile::tempdir().unwrap();
    let mut station = Station::new();
    [1, 2, 40].into_iter().for_each(|at_s| station.head(at_s));
    let mut bench = Bench::start(temp.path());
    bench.until(|bench| bench.others.contains(&Event::CaughtUp));
    station.append(temp.path(), 0..2);
    bench.until(|bench| bench.states().len() == 1);
    station.append(temp.path(), 2..4);
    bench.until(|bench| bench.states().len() == 3);
    let all = [State::Witnessed, State::Witnessed, State::Late];
    assert_eq!(bench.states(), all);
    let moment = Moment { flight: station.flight, at_utc_us: T0_US + 5, mark: Mark::Notice };
    bench.follow.mark(moment).unwrap();
    bench.until(|bench| bench.ribbon.newest().unwrap().1.marks().len() == 1);
    drop(bench);
    let mut again = Bench::start(temp.path());
    again.until(|again| again.others.contains(&Event::CaughtUp));
    assert_eq!((again.states(), again.ribbon.newest().unwrap().1.marks().len()), (all.to_vec(), 1));
}

#[test]
fn a_line_that_was_changed_is_not_believed_nor_what_is_behind_it() {
    let temp = tempfile::tempdir().unwrap();
    let mut station = Station::new();
    [1, 2, 3].into_iter().for_each(|at_s| station.head(at_s));
    station.lines.remove(2);
    station.append(temp.path(), 0..3);
    let mut bench = Bench::start(temp.path());
    bench.until(|bench| {
        bench.others.iter().any(|event| matches!(event, Event::Trouble(why) if why.contains("not believed")))
    });
    assert_eq!(bench.states(), [State::Witnessed]);
}

#[test]
fn beacons_count_when_the_device_of_the_flight_has_signed_them() {
    let temp = tempfile::tempdir().unwrap();
    let mut station = Station::new();
    station.head(1);
    station.append(temp.path(), 0..2);
    let frame = |beacon: Beacon| {
        let body = Body::Beacon(beacon);
        let tunnel = Tunnel::to(Address::new(0, 0), body.payload_type(), body.encode());
        Encoder::new(1, 191).encode_body(&tunnel.body().unwrap())
    };
    station.head(2);
    let head = station.checkpoint();
    let (right, wrong) = (head.sign(&key(1)), head.sign(&key(3)));
    let [right, wrong] = [right, wrong].map(|note| frame(Beacon::of(&note, false).unwrap()));
    let mut bench = Bench::start(temp.path());
    assert_eq!(bench.follow.beacon(&right, T0_US), None, "whose is it?");
    bench.until(|bench| bench.others.iter().any(|event| matches!(event, Event::Device { .. })));
    assert_eq!(bench.follow.beacon(&wrong, T0_US), None);
    let fact = bench.follow.beacon(&right, T0_US + 2_000_000).unwrap();
    assert_eq!((fact.flight, fact.what), (station.flight, What::Heard { size: 2 }));
}

#[test]
fn what_the_witness_says_is_handed_on() {
    let temp = tempfile::tempdir().unwrap();
    std::fs::write(temp.path().join(SAID), "{\"event\":\"alarm\"}\nnot json\n").unwrap();
    let mut bench = Bench::start(temp.path());
    bench.until(|bench| bench.others.contains(&Event::Said(serde_json::json!({ "event": "alarm" }))));
}
