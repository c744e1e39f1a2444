//! The witness on the ground against an aircraft, over a radio that loses, doubles and reorders, and through its own deaths.

use flight_record::keys::DeviceKey;
use flight_record::note::{Checkpoint, Cosignature};
use flight_record::radio::{Beacon, Body, Cosigned, Leaves};
use flight_record::tree::Tree;
use flight_record::trust::{Class, EnrolmentRequest, Grant, Revocation, TrustList, Validity};
use flight_record::witness::file::{self, Kind};
use flight_record::witness::{Alarm, Note, Recalled, Step, Witness};
use flight_record::{ClockSource, FlightId, Sha256, Stamp};
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeMap;

const MS: u64 = 1_000_000;
/// 2026-05-01T12:00:00Z.
const START_US: i64 = 1_777_636_800_000_000;

fn at_ms(ms: u64) -> Stamp {
    let utc_us = START_US + i64::try_from(ms).unwrap() * 1000;
    Stamp { mono_ns: 1_000_000 * MS + ms * MS, utc_us, source: ClockSource::Ntp, uncertainty_us: 50_000 }
}

fn device(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn station() -> DeviceKey {
    DeviceKey::from_seed([99; 32])
}

fn trust(devices: u8) -> TrustList {
    let root = DeviceKey::from_seed([98; 32]);
    let mut list = TrustList::first("Test unit".parse().unwrap(), root.public(), START_US);
    for n in 1..=devices {
        let request = EnrolmentRequest::write(&device(n), format!("aircraft {n}").parse().unwrap(), START_US);
        let request = EnrolmentRequest::read(&request).unwrap();
        list = list
            .with_key(&request, Grant::device(Class::Training), Validity { from_utc_us: START_US, days: 30 })
            .unwrap();
    }
    list
}

/// An aircraft that does what the format asks: one history, leaves before their beacon, answers.
#[derive(Clone)]
struct Aircraft {
    key: DeviceKey,
    flight: FlightId,
    leaves: Vec<Sha256>,
    tree: Tree,
    told: usize,
    closed: bool,
    /// Size and cosignature, as they came.
    cosigned: Vec<(u64, Cosignature)>,
}

impl Aircraft {
    fn new(n: u8) -> Self {
        let flight = FlightId::new(START_US, [n; 10]);
        let (leaves, tree) = (Vec::new(), Tree::default());
        Self { key: device(n), flight, leaves, tree, told: 0, closed: false, cosigned: Vec::new() }
    }

    fn record(&mut self, what: &str) {
        let leaf = Sha256::of(format!("{} {what} {}", self.flight, self.leaves.len()).as_bytes());
        self.leaves.push(leaf);
        self.tree.push(leaf);
    }

    fn head(&self) -> Checkpoint {
        Checkpoint { flight: self.flight, size: self.tree.size(), root: self.tree.root() }
    }

    fn beacon(&self) -> Body {
        Body::Beacon(Beacon::of(&self.head().sign(&self.key), self.closed).unwrap())
    }

    /// Makes the flight known, so that the leaves after it are kept.
    fn first_beacon(&mut self) -> Body {
        self.record("open");
        self.beacon()
    }

    fn some(&self, from: usize, most: usize) -> Vec<Body> {
        let end = self.leaves.len().min(from + most);
        let body = |(at, hashes): (usize, &[Sha256])| {
            Body::Leaves(Leaves { flight: self.flight, from: (from + at * 3) as u64, hashes: hashes.to_vec() })
        };
        self.leaves.get(from..end).unwrap_or_default().chunks(3).enumerate().map(body).collect()
    }

    /// New leaves, then the beacon.
    fn speak(&mut self) -> Vec<Body> {
        let mut bodies = self.some(self.told, 48);
        self.told = self.leaves.len();
        bodies.push(self.beacon());
        bodies
    }

    fn hear(&mut self, body: &Body) -> Vec<Body> {
        match body {
            Body::Leaves(request) => self.some(usize::try_from(request.from).unwrap(), 48),
            Body::Cosignature(Cosigned { size, cosignature, .. }) => {
                self.cosigned.push((*size, *cosignature));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Every cosignature is the station's, over this history, and there is one time a size.
    fn check_cosignatures(&self) {
        let mut times = BTreeMap::new();
        for (size, cosignature) in &self.cosigned {
            let mut tree = Tree::default();
            self.leaves[..usize::try_from(*size).unwrap()].iter().for_each(|leaf| tree.push(*leaf));
            let head = Checkpoint { flight: self.flight, size: *size, root: tree.root() };
            assert!(cosignature.verifies(&head, &station().public()), "size {size}");
            assert_eq!(*times.entry(*size).or_insert(cosignature.time_s), cosignature.time_s, "size {size}");
        }
    }
}

/// The station: the machine, its files, and a disk that may fail.
struct Desk {
    witness: Witness,
    files: BTreeMap<FlightId, Vec<u8>>,
    alarms: Vec<Alarm>,
    landed: Vec<file::Landed>,
    lines: usize,
    /// The process dies at this line; with bytes, so many of it are on the disk.
    dies_at: Option<(usize, Option<usize>)>,
}

impl Desk {
    fn new(devices: u8) -> Self {
        let witness = Witness::new(station(), trust(devices));
        let (files, alarms, landed) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { witness, files, alarms, landed, lines: 0, dies_at: None }
    }

    fn restart(&mut self, at: Stamp) -> Vec<Body> {
        let (trust, mut sent) = (trust(8), Vec::new());
        self.witness = Witness::new(station(), trust);
        for flight in self.files.keys().copied().collect::<Vec<_>>() {
            let recalled = self.recall(flight);
            let steps = self.witness.recalled(flight, recalled, at);
            sent.extend(self.carry_out(steps, at));
        }
        sent
    }

    /// Reads the file as the program does: torn bytes are cut off.
    fn recall(&mut self, flight: FlightId) -> Option<Recalled> {
        let bytes = self.files.get_mut(&flight)?;
        match Recalled::read(&bytes[..], &station()) {
            Ok(recalled) => {
                bytes.truncate(usize::try_from(recalled.whole_bytes()).unwrap());
                Some(recalled)
            }
            Err(file::FileError::Empty) => {
                bytes.clear();
                None
            }
            Err(error) => unreachable!("{error}"),
        }
    }

    /// What is to be sent.
    fn carry_out(&mut self, steps: Vec<Step>, at: Stamp) -> Vec<Body> {
        let mut sent = Vec::new();
        for step in steps {
            match step {
                Step::Persist { flight, line } => {
                    let file = self.files.entry(flight).or_default();
                    if let Some((_, torn)) = self.dies_at.filter(|(dies_at, _)| *dies_at == self.lines) {
                        self.dies_at = None;
                        file.extend_from_slice(&line[..torn.unwrap_or(line.len()).min(line.len())]);
                        self.lines += 1;
                        sent.extend(self.restart(at));
                        return sent;
                    }
                    file.extend_from_slice(&line);
                    self.lines += 1;
                }
                Step::Recall(flight) => {
                    let recalled = self.recall(flight);
                    let more = self.witness.recalled(flight, recalled, at);
                    sent.extend(self.carry_out(more, at));
                }
                Step::Send { body, .. } => sent.push(body),
                Step::Alarm(alarm) => self.alarms.push(alarm),
                Step::Note(Note::Landed { statement, .. }) => self.landed.push(statement),
                Step::Note(_) => {}
            }
        }
        sent
    }

    fn hear(&mut self, body: &Body, at: Stamp) -> Vec<Body> {
        let steps = self.witness.hear(body, at);
        self.carry_out(steps, at)
    }

    fn tick(&mut self, at: Stamp) -> Vec<Body> {
        let steps = self.witness.tick(at);
        self.carry_out(steps, at)
    }

    /// The checked entries of a flight's file.
    fn entries(&self, flight: FlightId) -> (file::Summary, Vec<Kind>) {
        let mut kinds = Vec::new();
        let known = |_| Some(station().public());
        let summary = file::read(&self.files[&flight][..], known, |entry| kinds.push(entry.kind)).unwrap();
        (summary, kinds)
    }

    fn equivocations(&self) -> Vec<u64> {
        let size = |alarm: &Alarm| match alarm {
            Alarm::Equivocation { size, .. } => Some(*size),
            _ => None,
        };
        self.alarms.iter().filter_map(size).collect()
    }
}

/// A radio with faults, both ways.
struct Radio {
    random: StdRng,
    loss: f64,
    duplicate: f64,
    jitter_ms: u64,
    /// By arrival, then in order: whether for the ground, and what.
    under_way: BTreeMap<(u64, u64), (bool, Body)>,
    count: u64,
}

impl Radio {
    fn new(seed: u64, loss: f64, duplicate: f64, jitter_ms: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { random, loss, duplicate, jitter_ms, under_way: BTreeMap::new(), count: 0 }
    }

    fn send(&mut self, now_ms: u64, to_ground: bool, bodies: Vec<Body>) {
        for body in bodies {
            let copies = if self.random.random_bool(self.duplicate) { 2 } else { 1 };
            for _ in 0..copies {
                self.count += 1;
                if !self.random.random_bool(self.loss) {
                    let at_ms = now_ms + self.random.random_range(0..=self.jitter_ms);
                    let decoded = Body::decode(body.payload_type(), &body.encode()).unwrap();
                    self.under_way.insert((at_ms, self.count), (to_ground, decoded));
                }
            }
        }
    }

    fn arrived(&mut self, now_ms: u64) -> Vec<(bool, Body)> {
        let later = self.under_way.split_off(&(now_ms + 1, 0));
        std::mem::replace(&mut self.under_way, later).into_values().collect()
    }
}

/// Flies all aircraft for `air_s`, then lets the radio speak for `after_s` more.
fn fly(aircraft: &mut [Aircraft], desk: &mut Desk, radio: &mut Radio, air_s: u64, after_s: u64) {
    for now_ms in (0..(air_s + after_s) * 1000).step_by(50) {
        let at = at_ms(now_ms);
        for one in aircraft.iter_mut() {
            if now_ms < air_s * 1000 && now_ms % 300 == 0 {
                one.record("r");
            }
            one.closed = now_ms >= air_s * 1000;
            if now_ms % 1000 == 0 {
                radio.send(now_ms, true, one.speak());
            }
        }
        for (to_ground, body) in radio.arrived(now_ms) {
            if to_ground {
                let answers = desk.hear(&body, at);
                radio.send(now_ms, false, answers);
            } else {
                for one in aircraft.iter_mut() {
                    let ours = match &body {
                        Body::Leaves(leaves) => leaves.flight == one.flight,
                        Body::Cosignature(cosigned) => cosigned.flight == one.flight,
                        Body::Nonce(nonce) => nonce.flight == one.flight,
                        _ => false,
                    };
                    if ours {
                        let answers = one.hear(&body);
                        radio.send(now_ms, true, answers);
                    }
                }
            }
        }
        let sent = desk.tick(at);
        radio.send(now_ms, false, sent);
    }
}

/// Both ends say the same, the file bears it out, and nothing was alleged.
fn agree(aircraft: &[Aircraft], desk: &Desk) {
    for one in aircraft {
        let (summary, kinds) = desk.entries(one.flight);
        assert_eq!((summary.tree.size(), summary.tree.root()), (one.tree.size(), one.tree.root()));
        assert_eq!(summary.equivocations, 0);
        one.check_cosignatures();
        assert!(one.cosigned.iter().any(|(size, _)| *size == one.tree.size()), "the last head came back cosigned");
        assert!(kinds.iter().any(|kind| matches!(kind, Kind::Nonce(_))));
        assert!(summary.landed);
    }
    assert_eq!(desk.alarms, []);
}

#[test]
fn over_a_quiet_radio_every_beacon_is_witnessed_at_once() {
    let (mut aircraft, mut desk) = ([Aircraft::new(1)], Desk::new(1));
    fly(&mut aircraft, &mut desk, &mut Radio::new(1, 0.0, 0.0, 0), 20, 20);
    agree(&aircraft, &desk);
    let (summary, kinds) = desk.entries(aircraft[0].flight);
    let unconfirmed = kinds.iter().filter(|kind| matches!(kind, Kind::Seen(_))).count();
    assert_eq!(unconfirmed, 1, "leaves come before their beacon, but for the first: nobody knows the flight yet");
    assert_eq!(summary.heads, 21, "one a second, and the last record");
    assert_eq!((desk.landed.len(), desk.landed[0].reason.as_str(), desk.landed[0].heads), (1, "closed", 21));
    assert!(desk.witness.all_landed());
}

#[test]
fn whatever_the_radio_does_both_ends_say_the_same() {
    let config = Config { cases: 24, ..Config::default() };
    let radios = (any::<u64>(), 0.0..0.4_f64, 0.0..0.5_f64, 0..900_u64);
    TestRunner::new(config)
        .run(&radios, |(seed, loss, duplicate, jitter_ms)| {
            let mut aircraft: Vec<Aircraft> = (1..4).map(Aircraft::new).collect();
            let mut desk = Desk::new(3);
            fly(&mut aircraft, &mut desk, &mut Radio::new(seed, loss, duplicate, jitter_ms), 25, 90);
            agree(&aircraft, &desk);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_station_that_comes_late_catches_up_and_its_lines_fit() {
    let (mut aircraft, mut desk) = ([Aircraft::new(1)], Desk::new(1));
    (0..2000).for_each(|_| aircraft[0].record("before"));
    aircraft[0].told = 2000;
    fly(&mut aircraft, &mut desk, &mut Radio::new(3, 0.1, 0.0, 20), 30, 60);
    agree(&aircraft, &desk);
    let (_, kinds) = desk.entries(aircraft[0].flight);
    assert!(kinds.iter().any(|kind| matches!(kind, Kind::Leaves(leaves) if leaves.leaves.len() == 512)));
}

#[test]
fn dying_at_any_line_changes_nothing_but_the_time_lost() {
    let run = |dies_at| {
        let (mut aircraft, mut desk) = ([Aircraft::new(1)], Desk::new(8));
        desk.dies_at = dies_at;
        fly(&mut aircraft, &mut desk, &mut Radio::new(5, 0.2, 0.2, 300), 8, 40);
        agree(&aircraft, &desk);
        (desk.lines, desk.entries(aircraft[0].flight).1)
    };
    let (lines, _) = run(None);
    assert!(lines > 10, "{lines}");
    for dies_at in 0..lines {
        for torn in [None, Some(0), Some(1), Some(200)] {
            let (_, kinds) = run(Some((dies_at, torn)));
            // At the first line nothing whole may be there, behind the statement nothing is added.
            let nothing = kinds.iter().all(|kind| !matches!(kind, Kind::Restarted(_)));
            assert!(!nothing || (dies_at == 0 && torn.is_some()) || dies_at + 1 == lines, "line {dies_at} {torn:?}");
        }
    }
}

/// An aircraft whose device signs a second history from record `from` on, which it grows to `size`.
fn forked(honest: &Aircraft, from: usize, size: usize) -> Aircraft {
    let mut fork = Aircraft { leaves: Vec::new(), tree: Tree::default(), cosigned: Vec::new(), ..honest.clone() };
    for at in 0..size {
        match honest.leaves.get(at).filter(|_| at < from) {
            Some(leaf) => {
                fork.leaves.push(*leaf);
                fork.tree.push(*leaf);
            }
            None => fork.record("forked"),
        }
    }
    fork
}

#[test]
fn a_second_history_is_alarmed_about_at_an_older_an_equal_and_a_newer_size() {
    for (size, at_once) in [(7, true), (20, true), (26, false)] {
        let (mut honest, mut desk) = (Aircraft::new(1), Desk::new(8));
        let mut now_ms = 0;
        for _ in 0..20 {
            honest.record("r");
            now_ms += 1000;
            for body in honest.speak() {
                desk.hear(&body, at_ms(now_ms));
            }
        }
        assert_eq!(desk.alarms, []);
        let mut fork = forked(&honest, 5, size);
        fork.told = size;
        desk.hear(&fork.beacon(), at_ms(now_ms + 10));
        assert_eq!(desk.equivocations().len(), usize::from(at_once), "size {size}");
        // A newer one shows when its leaves have been asked for and never fit.
        for step in 0..200 {
            let at = at_ms(now_ms + 20 + step * 50);
            for request in desk.tick(at) {
                for answer in fork.hear(&request) {
                    desk.hear(&answer, at);
                }
            }
        }
        now_ms += 20_000;
        assert_eq!(desk.equivocations(), [size as u64], "once");
        desk.restart(at_ms(now_ms));
        desk.hear(&fork.beacon(), at_ms(now_ms + 10));
        assert_eq!(desk.equivocations().len(), 1, "it stands in the file already");
        let (summary, kinds) = desk.entries(honest.flight);
        assert_eq!((summary.equivocations, summary.tree.size()), (1, 20), "the own tree stays");
        let held = kinds.iter().find_map(|kind| match kind {
            Kind::Equivocation(found) => Some(found.held.is_some()),
            _ => None,
        });
        assert_eq!(held, Some(size <= 20), "both notes where both were heard");
        // Nothing of the second history was cosigned.
        honest.cosigned.extend(fork.cosigned);
        honest.check_cosignatures();
        // What goes on with the first history is witnessed on.
        honest.record("after");
        for body in honest.speak() {
            desk.hear(&body, at_ms(now_ms + 2000));
        }
        assert_eq!(desk.entries(honest.flight).0.tree.size(), 21);
    }
}

#[test]
fn two_heads_of_a_size_not_reached_yet_are_an_equivocation_too() {
    let (mut honest, mut desk) = (Aircraft::new(1), Desk::new(1));
    (0..9).for_each(|_| honest.record("r"));
    desk.hear(&honest.beacon(), at_ms(0));
    desk.hear(&forked(&honest, 2, 9).beacon(), at_ms(10));
    assert_eq!(desk.equivocations(), [9]);
    let (_, kinds) = desk.entries(honest.flight);
    assert!(kinds.iter().any(|kind| matches!(kind, Kind::Equivocation(found) if found.held.is_some())));
}

#[test]
fn wrong_leaves_from_a_stranger_delay_and_prove_nothing() {
    let (mut honest, mut desk) = (Aircraft::new(1), Desk::new(1));
    let mut now_ms = 0;
    let mut random = StdRng::seed_from_u64(4);
    for second in 0..60 {
        if second < 20 {
            (0..3).for_each(|_| honest.record("r"));
        }
        for step in 0..20 {
            now_ms += 50;
            let at = at_ms(now_ms);
            // A stranger guesses the next leaves half of the time.
            if second < 40 && random.random_bool(0.5) {
                let from = honest.tree.size().saturating_sub(4);
                let hashes = (0..3).map(|_| Sha256(random.random())).collect();
                desk.hear(&Body::Leaves(Leaves { flight: honest.flight, from, hashes }), at);
            }
            let spoken = if step == 0 { honest.speak() } else { Vec::new() };
            let asked = spoken.iter().flat_map(|body| desk.hear(body, at)).collect::<Vec<_>>();
            for request in asked.into_iter().chain(desk.tick(at)) {
                for answer in honest.hear(&request) {
                    desk.hear(&answer, at);
                }
            }
        }
    }
    assert!(desk.equivocations().is_empty());
    assert!(desk.alarms.iter().any(|alarm| matches!(alarm, Alarm::LeavesDisagree { .. })), "but it shows");
    assert_eq!(desk.entries(honest.flight).0.tree.root(), honest.tree.root(), "and is over when the stranger is");
    honest.check_cosignatures();
}

#[test]
fn strangers_revoked_keys_and_forged_heads_leave_no_file() {
    let mut desk = Desk::new(1);
    let mut stranger = Aircraft::new(2);
    stranger.record("r");
    desk.hear(&stranger.beacon(), at_ms(0));
    let mut known = Aircraft::new(1);
    known.record("r");
    let Body::Beacon(beacon) = known.beacon() else { unreachable!("a beacon") };
    desk.hear(&Body::Beacon(Beacon { size: 2, ..beacon }), at_ms(6000));
    let reason = "lost".parse().unwrap();
    let revoked = trust(1).with_revoked(device(1).public().id(), Revocation { at_utc_us: START_US, reason }, START_US);
    desk.witness.set_trust(revoked.unwrap());
    desk.hear(&known.beacon(), at_ms(12_000));
    desk.witness.set_trust(trust(1));
    let late_ms = 31 * 86_400 * 1000;
    desk.hear(&known.beacon(), at_ms(late_ms));
    for why in ["no device of the", "does not verify", "outside the time", "has revoked"] {
        let says = |alarm: &Alarm| matches!(alarm, Alarm::Untrusted { why: said, .. } if said.contains(why));
        assert!(desk.alarms.iter().any(says), "{why}: {:?}", desk.alarms);
    }
    assert!(desk.files.is_empty());
    for n in 0..200 {
        desk.hear(&stranger.beacon(), at_ms(late_ms + 10_000 + n));
    }
    assert_eq!(desk.alarms.len(), 5, "not one alarm a message");
}

#[test]
fn a_flight_lands_when_it_says_so_or_falls_silent_and_not_by_a_forged_flag() {
    let (mut aircraft, mut desk) = (Aircraft::new(1), Desk::new(1));
    desk.hear(&aircraft.first_beacon(), at_ms(0));
    for second in 0..20 {
        aircraft.record("r");
        for body in aircraft.speak() {
            // The flag is not signed: a stranger may set it on a copy.
            if let Body::Beacon(beacon) = &body {
                desk.hear(&Body::Beacon(Beacon { flags: Beacon::CLOSED, ..beacon.clone() }), at_ms(second * 1000));
            }
            desk.hear(&body, at_ms(second * 1000));
        }
        desk.tick(at_ms(second * 1000 + 900));
    }
    assert_eq!(desk.landed, []);
    assert_eq!(desk.entries(aircraft.flight).0.heads, 21);
    desk.tick(at_ms(19_000 + 599_000));
    assert_eq!(desk.landed, []);
    desk.tick(at_ms(19_000 + 601_000));
    assert_eq!(desk.landed[0].reason.as_str(), "silence");
    assert_eq!(desk.landed[0].longest_silence_ms, 601_000);
    // Afterwards nothing is cosigned, but everything is written down.
    aircraft.record("late");
    aircraft.speak().iter().for_each(|body| {
        let sent = desk.hear(body, at_ms(630_000));
        assert_eq!(sent, []);
    });
    assert!(matches!(desk.alarms[..], [Alarm::AfterLanded { size: 22, .. }]));
    let (summary, kinds) = desk.entries(aircraft.flight);
    assert_eq!((summary.heads, summary.landed), (21, true));
    assert!(matches!(kinds.last(), Some(Kind::Seen(_))));
}

#[test]
fn a_lost_cosignature_is_sent_again_as_it_was_even_after_a_restart() {
    let (mut aircraft, mut desk) = (Aircraft::new(1), Desk::new(8));
    desk.hear(&aircraft.first_beacon(), at_ms(0));
    aircraft.record("open");
    let mut sent: Vec<Body> = aircraft.speak().iter().flat_map(|body| desk.hear(body, at_ms(0))).collect();
    sent.extend(desk.hear(&aircraft.beacon(), at_ms(1000)));
    desk.restart(at_ms(5000));
    sent.extend(desk.hear(&aircraft.beacon(), at_ms(6000)));
    let cosigned: Vec<&Body> =
        sent.iter().filter(|body| matches!(body, Body::Cosignature(made) if made.size == 2)).collect();
    assert_eq!(cosigned.len(), 3);
    assert!(cosigned.iter().all(|body| *body == cosigned[0]));
}
