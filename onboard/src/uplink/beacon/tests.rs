use flight_record::flight::Head;
use flight_record::keys::DeviceKey;
use flight_record::tree::Tree;
use flight_record::trust::{EnrolmentRequest, Grant, Revocation, Validity};

use super::*;

/// 2026-05-01T12:00:00Z.
const START_S: u64 = 1_777_636_800;
const START_US: i64 = 1_777_636_800_000_000;

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn trust() -> TrustList {
    let validity = || Validity { from_utc_us: START_US, days: 30 };
    let mut list = TrustList::first("unit".parse().unwrap(), key(9).public(), START_US);
    for (n, name) in [(2, "station 1"), (3, "station 2"), (4, "store")] {
        let request = EnrolmentRequest::write(&key(n), name.parse().unwrap(), START_US);
        let grant = if n == 4 { Grant::store() } else { Grant::station() };
        list = list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity()).unwrap();
    }
    let revoked = Revocation { at_utc_us: START_US + 1, reason: "lost".parse().unwrap() };
    list.with_revoked(key(3).public().id(), revoked, START_US).unwrap()
}

/// A flight's heads, without its files.
struct Log {
    flight: FlightId,
    tree: Tree,
}

impl Log {
    fn new(n: u8) -> Self {
        Self { flight: FlightId::new(START_US, [n; 10]), tree: Tree::default() }
    }

    fn record(&mut self) -> Head {
        let leaf = Sha256::of(&self.tree.size().to_be_bytes());
        self.tree.push(leaf);
        let (size, root) = (self.tree.size(), self.tree.root());
        Head { size, root, leaf, note: Checkpoint { flight: self.flight, size, root }.sign(&key(1)) }
    }

    fn news(&mut self, records: u64, whole: bool, closed: bool) -> News {
        let heads: Vec<Head> = (0..records).map(|_| self.record()).collect();
        let head = heads.last().unwrap().clone();
        News { flight: self.flight, whole, leaves: heads.iter().map(|head| head.leaf).collect(), head, closed }
    }

    fn word(&self, station: &DeviceKey, time_s: u64) -> Body {
        let head = Checkpoint { flight: self.flight, size: self.tree.size(), root: self.tree.root() };
        Body::Cosignature(Cosigned { flight: self.flight, size: head.size, cosignature: head.cosign(station, time_s) })
    }
}

fn uplink() -> Uplink {
    Uplink::new(key(1).public().id(), trust(), None, BTreeMap::new())
}

fn beacons(bodies: &[Body]) -> Vec<(u64, bool)> {
    let beacon = |body: &Body| match body {
        Body::Beacon(beacon) => Some((beacon.size, beacon.closed())),
        _ => None,
    };
    bodies.iter().filter_map(beacon).collect()
}

fn told(bodies: &[Body]) -> usize {
    let leaves = |body: &Body| if let Body::Leaves(leaves) = body { leaves.hashes.len() } else { 0 };
    bodies.iter().map(leaves).sum()
}

#[test]
fn one_beacon_a_second_behind_its_leaves_until_it_is_cosigned() {
    let (mut uplink, mut log) = (uplink(), Log::new(1));
    uplink.news(log.news(5, true, false), 0);
    let first = uplink.tick(0);
    assert_eq!((told(&first), beacons(&first)), (5, vec![(5, false)]));
    assert!(matches!(first.last(), Some(Body::Beacon(_))), "leaves come first");
    uplink.news(log.news(2, false, false), SECOND_NS / 2);
    assert!(uplink.tick(SECOND_NS / 2).is_empty());
    let second = uplink.tick(SECOND_NS);
    assert_eq!((told(&second), beacons(&second)), (2, vec![(7, false)]));
    assert_eq!(beacons(&uplink.tick(2 * SECOND_NS)), [(7, false)], "again, it is not cosigned");
    let Some(Output::Store { station, cosigned }) = uplink.hear(&log.word(&key(2), START_S + 5), 0).pop() else {
        panic!("a word to store");
    };
    assert_eq!((station, cosigned.size), (key(2).public(), 7));
    uplink.stored(log.flight, 7);
    assert!(uplink.tick(4 * SECOND_NS).is_empty());
    assert_eq!(beacons(&uplink.tick(7 * SECOND_NS)), [(7, false)], "kept alive");
    uplink.news(log.news(1, false, false), 8 * SECOND_NS);
    assert_eq!(beacons(&uplink.tick(8 * SECOND_NS)), [(8, false)], "a new head");
}

#[test]
fn a_closed_flight_asks_until_it_is_cosigned_and_a_minute_at_most() {
    for cosigned in [false, true] {
        let (mut uplink, mut log) = (uplink(), Log::new(1));
        uplink.news(log.news(3, true, false), 0);
        uplink.tick(0);
        assert!(uplink.is_settled(), "nothing is asked for an open flight's end");
        uplink.news(log.news(1, false, true), SECOND_NS / 10);
        assert_eq!(beacons(&uplink.tick(SECOND_NS / 10)), [(4, true)], "at once");
        assert!(!uplink.is_settled() && !uplink.misses_its_witness(), "nobody has ever cosigned it");
        uplink.stored(log.flight, 3);
        assert!(uplink.misses_its_witness());
        if cosigned {
            uplink.stored(log.flight, 4);
            assert!(uplink.is_settled() && !uplink.misses_its_witness());
            assert!(beacons(&uplink.tick(2 * SECOND_NS)).is_empty());
        } else {
            assert_eq!(beacons(&uplink.tick(60 * SECOND_NS)), [(4, true)]);
            assert!(beacons(&uplink.tick(61 * SECOND_NS)).is_empty());
            assert!(uplink.is_settled());
        }
    }
}

#[test]
fn missed_leaves_are_told_48_at_a_time_and_a_few_times_a_second() {
    let (mut uplink, mut log) = (uplink(), Log::new(1));
    uplink.news(log.news(1000, true, false), 0);
    assert_eq!(told(&uplink.tick(0)), 48, "the newest unasked");
    let ask = |from| Body::Leaves(Leaves::request(FlightId::new(START_US, [1; 10]), from));
    let answer = uplink.hear(&ask(100), 0);
    assert_eq!(answer.len(), 16);
    assert!(
        matches!(&answer[1], Output::Answer(Body::Leaves(leaves)) if leaves.from == 103 && leaves.hashes.len() == 3)
    );
    assert_eq!(uplink.hear(&ask(998), 0).len(), 1);
    assert!(uplink.hear(&ask(1000), 0).is_empty() && uplink.hear(&ask(u64::MAX), 0).is_empty());
    let answered = (0..100).filter(|_| !uplink.hear(&ask(0), 0).is_empty()).count();
    assert_eq!(answered, 2, "four a second");
    assert!(!uplink.hear(&ask(0), SECOND_NS).is_empty());
}

#[test]
fn only_stations_of_the_list_are_believed() {
    let (mut uplink, mut log) = (uplink(), Log::new(1));
    uplink.news(log.news(3, true, false), 0);
    let month_s = 31 * 86_400;
    for (who, time_s) in [(3, START_S), (4, START_S), (5, START_S), (2, START_S + month_s), (2, u64::MAX)] {
        assert!(uplink.hear(&log.word(&key(who), time_s), 0).is_empty(), "{who} at {time_s}");
        let nonce = Nonce::sign(log.flight, Sha256::of(b"n"), time_s, &key(who));
        assert!(uplink.hear(&Body::Nonce(nonce), 0).is_empty(), "{who} at {time_s}");
        let offer = RecipientOffer::sign(key(1).public().id(), [9; 32], time_s, &key(who));
        assert!(uplink.hear(&Body::Recipient(offer), 0).is_empty(), "{who} at {time_s}");
    }
    // Another head's word under this size.
    let mut other = Log::new(1);
    other.record();
    (0..2).for_each(|_| other.tree.push(Sha256::of(b"other")));
    assert!(uplink.hear(&other.word(&key(2), START_S), 0).is_empty());
    assert_eq!(uplink.hear(&log.word(&key(2), START_S), 0).len(), 1);
}

#[test]
fn stations_are_judged_by_the_newest_list_and_by_none_that_has_expired() {
    let (mut uplink, mut log) = (uplink(), Log::new(1));
    uplink.news(log.news(3, true, false), 0);
    let request = EnrolmentRequest::read(&EnrolmentRequest::write(&key(6), "station 6".parse().unwrap(), START_US));
    let long = Validity { from_utc_us: START_US, days: 3000 };
    let list = trust().with_key(&request.unwrap(), Grant::station(), long).unwrap();
    let (by_6, year_s) = (|time_s| log.word(&key(6), time_s), 367 * 86_400);
    assert!(uplink.hear(&by_6(START_S), 0).is_empty(), "not listed yet");
    uplink.trust(Arc::new(list.clone()));
    assert_eq!(uplink.hear(&by_6(START_S), 0).len(), 1);
    assert!(uplink.hear(&by_6(START_S + year_s), 0).is_empty(), "the list has expired then");
    let nonce = Nonce::sign(log.flight, Sha256::of(b"n"), START_S + year_s, &key(6));
    assert!(uplink.hear(&Body::Nonce(nonce), 0).is_empty(), "the list has expired then");
    let lost = Revocation { at_utc_us: START_US + 1, reason: "lost".parse().unwrap() };
    uplink.trust(Arc::new(list.with_revoked(key(6).public().id(), lost, START_US).unwrap()));
    assert!(uplink.hear(&by_6(START_S), 0).is_empty(), "revoked in flight");
}

#[test]
fn a_nonce_is_recorded_once_a_station_and_forgeries_cost_little() {
    let (mut uplink, mut log) = (uplink(), Log::new(1));
    uplink.news(log.news(1, true, false), 0);
    let nonce = Nonce::sign(log.flight, Sha256::of(b"n"), START_S, &key(2));
    for n in 0..100_u8 {
        assert!(uplink.hear(&Body::Nonce(Nonce { nonce: Sha256([n; 32]), ..nonce.clone() }), 0).is_empty());
    }
    assert!(uplink.hear(&Body::Nonce(nonce.clone()), 0).is_empty(), "twenty checks a second");
    let taken = uplink.hear(&Body::Nonce(nonce.clone()), SECOND_NS);
    assert!(matches!(&taken[..], [Output::Nonce { nonce: taken, .. }] if taken.signed(log.flight) == nonce));
    let again = Nonce::sign(log.flight, Sha256::of(b"m"), START_S + 1, &key(2));
    assert!(uplink.hear(&Body::Nonce(again), SECOND_NS).is_empty());
}

#[test]
fn a_recipient_is_taken_for_one_flight_and_never_twice() {
    let mut uplink = uplink();
    let ready = |uplink: &mut Uplink, at_s: u64| match uplink.tick(at_s * SECOND_NS).pop() {
        Some(Body::Ready(ready)) => (ready.flags, ready.recipient),
        other => panic!("{other:?}"),
    };
    assert_eq!(ready(&mut uplink, 0), (Ready::WANTS_RECIPIENT, [0; 4]));
    assert!(uplink.tick(SECOND_NS / 2).is_empty(), "once a second");
    let device = key(1).public().id();
    let offer = RecipientOffer::sign(device, [9; 32], START_S, &key(2));
    let elsewhere = RecipientOffer::sign(key(7).public().id(), [9; 32], START_S, &key(2));
    assert!(uplink.hear(&Body::Recipient(elsewhere), 0).is_empty());
    let Some(Output::Recipient(taken)) = uplink.hear(&Body::Recipient(offer.clone()), 0).pop() else {
        panic!("taken");
    };
    assert_eq!((taken.station, taken.recipient.key_bytes()), (key(2).public().id(), Ok([9; 32])));
    assert_eq!(ready(&mut uplink, 1).0, Ready::WANTS_RECIPIENT, "not before it is kept");
    uplink.held(Some(taken.recipient));
    let [a, b, c, d, ..] = Sha256::of(&[9; 32]).0;
    assert_eq!(ready(&mut uplink, 2), (0, [a, b, c, d]));
    let mut log = Log::new(1);
    uplink.held(None);
    uplink.news(log.news(1, true, false), 3 * SECOND_NS);
    assert!(!uplink.tick(3 * SECOND_NS).iter().any(|body| matches!(body, Body::Ready(_))), "a flight is open");
    assert!(uplink.hear(&Body::Recipient(offer.clone()), 4 * SECOND_NS).is_empty(), "replayed");
    let before = BTreeMap::from([(key(2).public().id(), START_S)]);
    let mut again = Uplink::new(device, trust(), None, before);
    assert!(again.hear(&Body::Recipient(offer), 0).is_empty(), "replayed over a restart");
    let newer = RecipientOffer::sign(device, [8; 32], START_S + 1, &key(2));
    assert_eq!(again.hear(&Body::Recipient(newer), 0).len(), 1);
}
