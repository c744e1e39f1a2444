//! The aircraft's uplink and the station's witness against each other, over a radio that loses, doubles and reorders: a
//! real flight in its folder, real witness files, no sockets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::path::Path;

use flight_record::flight::{self, Flight, Open, OpenFacts, Sealed};
use flight_record::keys::DeviceKey;
use flight_record::note::SignedNote;
use flight_record::radio::Body;
use flight_record::record::{Kind, Marker, Software};
use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::verify::{Anchor, Options, Witness as Witnessed, Word, verify};
use flight_record::witness::file::{self, Kind as Entry};
use flight_record::witness::{Recalled, Step, Witness};
use flight_record::{BootId, ClockSource, FlightId, Sha256, Stamp};
use onboard::uplink::beacon::{Output, Uplink};
use onboard::uplink::outbox::Outbox;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};

/// 2026-05-01T12:00:00Z.
const START_US: i64 = 1_777_636_800_000_000;
const STEP_MS: u64 = 50;

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn at_ms(ms: u64) -> Stamp {
    let utc_us = START_US + i64::try_from(ms).unwrap() * 1000;
    Stamp { mono_ns: (1_000_000 + ms) * 1_000_000, utc_us, source: ClockSource::Ntp, uncertainty_us: 50_000 }
}

/// Key 1 is the aircraft, key 2 the station, key 9 the root.
fn trust() -> TrustList {
    let validity = || Validity { from_utc_us: START_US, days: 30 };
    let request = |n, name: &str| {
        EnrolmentRequest::read(&EnrolmentRequest::write(&key(n), name.parse().unwrap(), START_US)).unwrap()
    };
    let list = TrustList::first("unit".parse().unwrap(), key(9).public(), START_US);
    let list = list.with_key(&request(1, "aircraft 1"), Grant::device(Class::Training), validity()).unwrap();
    list.with_key(&request(2, "station 1"), Grant::station(), validity()).unwrap()
}

fn facts() -> OpenFacts {
    let certificate = trust().certificate(key(1).public().id()).unwrap();
    OpenFacts {
        class: certificate.class,
        certificate,
        recipients: vec![flight_record::recipients::Recipient::of_key(&[9; 32]).unwrap()],
        pts_epoch_utc_us: START_US,
        audio_dropped: false,
        software: Software {
            name: "onboard".parse().unwrap(),
            version: "1".parse().unwrap(),
            sha256: Sha256::of(b"program"),
        },
        configuration_sha256: Sha256::of(b"configuration"),
        documents: Vec::new(),
        boot_id: boot(),
    }
}

fn boot() -> BootId {
    "00000000-0000-4000-8000-000000000001".parse().unwrap()
}

/// Numbers that look random: one seed, one radio.
struct Random(u64);

impl Random {
    /// Below `most`.
    fn below(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % most.max(1)
    }
}

/// Both ways at once; nothing passes while it is cut.
struct Radio {
    random: Random,
    loss_percent: u64,
    jitter_ms: u64,
    cut_ms: std::ops::Range<u64>,
    under_way: BTreeMap<(u64, u64), (bool, Body)>,
    sent: u64,
}

impl Radio {
    fn send(&mut self, now_ms: u64, to_ground: bool, body: &Body) {
        let copies = 1 + self.random.below(10) / 8;
        for _ in 0..copies {
            self.sent += 1;
            let arrives_ms = now_ms + self.random.below(self.jitter_ms);
            let lost = self.random.below(100) < self.loss_percent || self.cut_ms.contains(&now_ms);
            if !lost {
                let body = Body::decode(body.payload_type(), &body.encode()).unwrap();
                self.under_way.insert((arrives_ms, self.sent), (to_ground, body));
            }
        }
    }

    fn arrived(&mut self, now_ms: u64) -> Vec<(bool, Body)> {
        let later = self.under_way.split_off(&(now_ms + 1, 0));
        std::mem::replace(&mut self.under_way, later).into_values().collect()
    }
}

enum Aboard {
    Flying(Box<Flight<Open>>),
    Landed(Box<Flight<Sealed>>),
}

/// What the notary does, without its thread.
struct Aircraft {
    aboard: Option<Aboard>,
    outbox: Outbox,
    uplink: Uplink,
}

impl Aircraft {
    fn take_off(dir: &Path) -> Self {
        let flight = Flight::create(&dir.join("flights"), &key(1), &dir.join("keys"), facts(), at_ms(0)).unwrap();
        let uplink = Uplink::new(key(1).public().id(), trust(), None, BTreeMap::new());
        let mut aircraft = Self { aboard: None, outbox: Outbox::default(), uplink };
        aircraft.begin(flight);
        aircraft
    }

    fn begin(&mut self, flight: Flight<Open>) {
        let leaves = flight::leaves(flight.dir()).unwrap();
        self.outbox.whole(flight.id(), leaves, flight.head().unwrap().clone(), false);
        self.aboard = Some(Aboard::Flying(Box::new(flight)));
    }

    fn append(&mut self, kind: Kind, at: Stamp) {
        if let Some(Aboard::Flying(flight)) = &mut self.aboard {
            let head = flight.append(kind, at).unwrap();
            self.outbox.head(flight.id(), &head);
        }
    }

    fn close(&mut self, at: Stamp) {
        let Some(Aboard::Flying(flight)) = self.aboard.take() else { panic!("not flying") };
        let flight = flight.close("landed".parse().unwrap(), at).unwrap();
        let leaves = flight::leaves(flight.dir()).unwrap();
        self.outbox.whole(flight.id(), leaves, flight.head().clone(), true);
        self.aboard = Some(Aboard::Landed(Box::new(flight)));
    }

    fn carry_out(&mut self, outputs: Vec<Output>, at: Stamp) -> Vec<Body> {
        let mut answers = Vec::new();
        for output in outputs {
            match output {
                Output::Answer(body) => answers.push(body),
                Output::Nonce { nonce, .. } => {
                    if let Some(Aboard::Flying(flight)) = &mut self.aboard
                        && let Some(head) = flight.nonce(nonce, at).unwrap()
                    {
                        self.outbox.head(flight.id(), &head);
                    }
                }
                Output::Store { station, cosigned } => {
                    match self.aboard.as_mut().unwrap() {
                        Aboard::Flying(f) => f.store_cosignature(&station, &cosigned.cosignature, cosigned.size),
                        Aboard::Landed(f) => f.store_cosignature(&station, &cosigned.cosignature, cosigned.size),
                    }
                    .unwrap();
                    self.outbox.stored(cosigned.flight, cosigned.size);
                }
                Output::Recipient(_) => panic!("nobody offered one"),
            }
        }
        answers
    }
}

/// What the station's program does, without its sockets.
struct Station {
    witness: Witness,
    files: BTreeMap<FlightId, Vec<u8>>,
    alarms: usize,
    landed: usize,
}

impl Station {
    fn carry_out(&mut self, steps: Vec<Step>, at: Stamp) -> Vec<Body> {
        let mut sent = Vec::new();
        for step in steps {
            match step {
                Step::Recall(flight) => {
                    let recalled = self.files.get(&flight).map(|file| Recalled::read(&file[..], &key(2)).unwrap());
                    let more = self.witness.recalled(flight, recalled, at);
                    sent.extend(self.carry_out(more, at));
                }
                Step::Persist { flight, line } => self.files.entry(flight).or_default().extend(line),
                Step::Send { body, .. } => sent.push(body),
                Step::Alarm(_) => self.alarms += 1,
                Step::Note(flight_record::witness::Note::Landed { .. }) => self.landed += 1,
                Step::Note(_) => {}
            }
        }
        sent
    }
}

/// Flies half a minute and lands; the aircraft's program dies at `dies_ms` and takes the flight up again.
fn fly(dir: &Path, radio: &mut Radio, dies_ms: Option<u64>) -> (Aircraft, Station) {
    let mut aircraft = Aircraft::take_off(dir);
    let (files, witness) = (BTreeMap::new(), Witness::new(key(2), trust()));
    let mut station = Station { witness, files, alarms: 0, landed: 0 };
    for now_ms in (0..85_000).step_by(usize::try_from(STEP_MS).unwrap()) {
        let at = at_ms(now_ms);
        if now_ms < 30_000 && now_ms % 700 == 0 {
            let marker = Marker { code: "bookmark".parse().unwrap(), at_utc_us: at.utc_us };
            aircraft.append(Kind::Marker(marker), at);
        }
        if dies_ms == Some(now_ms) {
            let Some(Aboard::Flying(flight)) = aircraft.aboard.take() else { panic!("not flying") };
            let path = flight.dir().to_owned();
            drop(flight);
            let (flight, _) = Flight::resume(&path, &key(1), &dir.join("keys"), boot(), at).unwrap();
            aircraft.outbox = Outbox::default();
            aircraft.uplink = Uplink::new(key(1).public().id(), trust(), None, BTreeMap::new());
            aircraft.begin(flight);
        }
        if now_ms == 30_000 {
            aircraft.close(at);
        }
        let (news, stored) = aircraft.outbox.take();
        news.into_iter().for_each(|news| aircraft.uplink.news(news, at.mono_ns));
        stored.into_iter().for_each(|(flight, size)| aircraft.uplink.stored(flight, size));
        aircraft.uplink.tick(at.mono_ns).iter().for_each(|body| radio.send(now_ms, true, body));
        for (to_ground, body) in radio.arrived(now_ms) {
            let answers = if to_ground {
                let steps = station.witness.hear(&body, at);
                station.carry_out(steps, at)
            } else {
                let outputs = aircraft.uplink.hear(&body, at.mono_ns);
                aircraft.carry_out(outputs, at)
            };
            answers.iter().for_each(|body| radio.send(now_ms, !to_ground, body));
        }
        let steps = station.witness.tick(at);
        station.carry_out(steps, at).iter().for_each(|body| radio.send(now_ms, false, body));
    }
    (aircraft, station)
}

/// The notes of the flight's checkpoints.
fn notes(dir: &Path) -> Vec<SignedNote> {
    let text = std::fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
    let note = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        SignedNote::parse(line["note"].as_str().unwrap()).unwrap()
    };
    text.lines().map(note).collect()
}

fn agree(aircraft: &Aircraft, station: &Station) {
    let Some(Aboard::Landed(flight)) = &aircraft.aboard else { panic!("not landed") };
    let mut entries = Vec::new();
    let file = &station.files[&flight.id()];
    let known = |_| Some(key(2).public());
    let summary = file::read(&file[..], known, |entry| entries.push(entry.kind)).unwrap();
    assert_eq!((summary.tree.size(), summary.tree.root()), (flight.head().size, flight.head().root));
    assert_eq!((station.alarms, summary.equivocations, station.landed), (0, 0, 1));
    let notes = notes(flight.dir());
    let cosigned: Vec<&SignedNote> = notes.iter().filter(|note| note.cosignatures().len() > 0).collect();
    assert!(cosigned.iter().any(|note| note.claimed().size == flight.head().size), "close came back cosigned");
    for note in &cosigned {
        assert!(note.cosignatures().all(|made| made.verifies(note.claimed(), &key(2).public())));
    }
    let heads = entries.iter().filter(|kind| matches!(kind, Entry::Head(_))).count();
    assert!(cosigned.len() <= heads, "nothing aboard that the station did not write down first");
    let records = std::fs::read_to_string(flight.dir().join("records.jsonl")).unwrap();
    assert_eq!(flight::leaves(flight.dir()).unwrap().len(), records.lines().count());
    check_verdict(flight.dir(), file);
}

/// What the aircraft stored and what the station wrote down both make it a verified flight.
fn check_verdict(dir: &Path, file: &[u8]) {
    let anchor = Anchor { trust_json: trust().seal(&key(9)), root: key(9).public().id() };
    for witness in [vec![file.to_vec()], Vec::new()] {
        let options = Options { witness, ..Options::sealed(at_ms(90_000).utc_us, 1) };
        let report = verify(dir, &anchor, &options).unwrap();
        assert_eq!((report.word, report.witness), (Word::Verified, Witnessed::Full), "{:#?}", report.witness_facts);
    }
}

fn radio(seed: u64, loss_percent: u64, jitter_ms: u64) -> Radio {
    let random = Random(seed);
    Radio { random, loss_percent, jitter_ms, cut_ms: 0..0, under_way: BTreeMap::new(), sent: 0 }
}

#[test]
fn over_a_good_radio_every_second_is_witnessed() {
    let temp = tempfile::tempdir().unwrap();
    let (aircraft, station) = fly(temp.path(), &mut radio(1, 0, 1), None);
    agree(&aircraft, &station);
    let Some(Aboard::Landed(flight)) = &aircraft.aboard else { panic!("not landed") };
    let cosigned = notes(flight.dir()).iter().filter(|note| note.cosignatures().len() > 0).count();
    assert!(cosigned >= 28, "{cosigned} heads cosigned in 30 s");
}

#[test]
fn over_a_bad_radio_both_ends_still_say_the_same() {
    let config = Config { cases: 12, ..Config::default() };
    TestRunner::new(config)
        .run(&(any::<u64>(), 0..31_u64, 1..800_u64, 5_000..25_000_u64), |(seed, loss, jitter_ms, dies_ms)| {
            let temp = tempfile::tempdir().unwrap();
            let dies_ms = (dies_ms % 2 == 0).then_some(dies_ms / STEP_MS * STEP_MS);
            let (aircraft, station) = fly(temp.path(), &mut radio(seed, loss, jitter_ms), dies_ms);
            agree(&aircraft, &station);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_cut_of_ten_seconds_is_made_good_afterwards() {
    let temp = tempfile::tempdir().unwrap();
    let mut cut = Radio { cut_ms: 10_000..20_000, ..radio(3, 5, 50) };
    let (aircraft, station) = fly(temp.path(), &mut cut, None);
    agree(&aircraft, &station);
    let Some(Aboard::Landed(flight)) = &aircraft.aboard else { panic!("not landed") };
    let times: Vec<u64> =
        notes(flight.dir()).iter().flat_map(|n| n.cosignatures().map(|made| made.time_s).collect::<Vec<_>>()).collect();
    let longest_s = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max().unwrap();
    assert!((9..=13).contains(&longest_s), "{longest_s} s without a word");
}
