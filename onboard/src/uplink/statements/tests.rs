use flight_record::Sha256;
use flight_record::keys::DeviceKey;
use flight_record::statement::Session;
use flight_record::trust::{Duty, EnrolmentRequest, Grant, Revocation, Validity};

use super::*;

/// 2026-05-01T12:00:00Z.
const START_US: i64 = 1_777_636_800_000_000;
const PILOT: u8 = 2;
const STATION: u8 = 3;
const STORE: u8 = 4;
const CUSTODIAN: u8 = 5;
const REVOKED: u8 = 6;

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn device() -> KeyId {
    key(1).public().id()
}

fn trust() -> TrustList {
    let mut list = TrustList::first("unit".parse().unwrap(), key(9).public(), START_US);
    for (n, grant) in [
        (PILOT, Grant::officer(&[Duty::Pilot])),
        (STATION, Grant::station()),
        (STORE, Grant::store()),
        (CUSTODIAN, Grant::officer(&[Duty::Custodian])),
        (REVOKED, Grant::officer(&[Duty::Pilot])),
    ] {
        let request = EnrolmentRequest::write(&key(n), format!("key {n}").parse().unwrap(), START_US);
        let validity = Validity { from_utc_us: START_US - 600_000_000, days: 3000 };
        list = list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap();
    }
    let later = Revocation { at_utc_us: START_US + 3_600_000_000, reason: "left".parse().unwrap() };
    list.with_revoked(key(REVOKED).public().id(), later, START_US).unwrap()
}

fn flight(n: u8) -> FlightId {
    FlightId::new(START_US, [n; 10])
}

/// The aircraft so many seconds into its day, its clock known to a millisecond.
fn now(flight: Option<FlightId>, second: u32) -> Situation {
    let at = Stamp {
        mono_ns: u64::from(second) * 1_000_000_000,
        utc_us: START_US + i64::from(second) * 1_000_000,
        source: ClockSource::Gnss,
        uncertainty_us: 1000,
    };
    Situation { flight, no_start: None, at }
}

fn order(action: Action, about: [u8; 16], second: i64, who: u8) -> radio::Statement {
    let made = Moment::from(START_US + second * 1_000_000);
    radio::Statement::sign(action, about, made, Sha256::of(b"why"), &key(who))
}

fn for_flight(n: u8) -> [u8; 16] {
    radio::Statement::about(Subject::Flight, flight(n), device())
}

fn for_device(device: KeyId) -> [u8; 16] {
    radio::Statement::about(Subject::Device, flight(0), device)
}

fn hear(machine: &mut Statements, order: &radio::Statement, now: Situation) -> Heard {
    machine.hear(&Word::Order(order.clone()), &trust(), now)
}

fn session(session: Session, about: [u8; 16], second: i64, who: u8) -> Word {
    let made = Moment::from(START_US + second * 1_000_000);
    Word::Session(radio::Authorisation::sign(session, about, made, Sha256::of(b"why"), &key(who)))
}

#[test]
fn an_order_is_taken_once_and_answered_again() {
    let mut machine = Statements::new(device(), false);
    let start = order(Action::Start, for_device(device()), 1, PILOT);
    let Heard::Taken(taken) = hear(&mut machine, &start, now(None, 1)) else { panic!("taken") };
    let Kind::Statement(taken) = *taken else { panic!("a statement") };
    assert_eq!((taken.signer, taken.subject, taken.action), (key(PILOT).public().id(), Subject::Device, Action::Start));
    assert_eq!(taken.signed(flight(7), device()), start, "what is recorded is what was signed");
    assert_eq!(hear(&mut machine, &start, now(Some(flight(7)), 2)), Heard::Again, "the flight it opened is open");
    let stop = order(Action::Stop, for_flight(7), 9, STATION);
    assert!(matches!(hear(&mut machine, &stop, now(Some(flight(7)), 9)), Heard::Taken(_)), "a station may order too");
    let replay = hear(&mut machine, &start, now(None, 20));
    assert_eq!(replay, Heard::Again, "nobody can start it again with the old order");
    let older = order(Action::Start, for_device(device()), 0, PILOT);
    assert_eq!(hear(&mut machine, &older, now(None, 20)), Heard::Refused(Refusal::Replayed));
}

#[test]
fn each_refusal_says_why() {
    let here = now(Some(flight(7)), 300);
    let mut forged = order(Action::Start, for_flight(7), 300, PILOT);
    forged.action = Action::Stop;
    let (start, about) = (Action::Start, for_flight(7));
    for (what, order, now, refusal) in [
        ("forged", forged, here, Refusal::NotGranted),
        ("a stranger", order(start, about, 300, 77), here, Refusal::NotGranted),
        ("a store", order(start, about, 300, STORE), here, Refusal::NotGranted),
        ("a custodian", order(start, about, 300, CUSTODIAN), here, Refusal::NotGranted),
        ("revoked, even later", order(start, about, 300, REVOKED), here, Refusal::NotGranted),
        ("before its key counts", order(start, about, -700, PILOT), here, Refusal::NotGranted),
        ("another flight", order(start, for_flight(8), 300, PILOT), here, Refusal::OtherFlight),
        ("the device, in a flight", order(start, for_device(device()), 300, PILOT), here, Refusal::OtherFlight),
        ("the flight, after it", order(start, about, 300, PILOT), now(None, 300), Refusal::OtherFlight),
        (
            "another device",
            order(start, for_device(key(8).public().id()), 300, PILOT),
            now(None, 300),
            Refusal::OtherFlight,
        ),
        ("too old", order(start, about, 179, PILOT), here, Refusal::Clock),
        ("too new", order(start, about, 421, PILOT), here, Refusal::Clock),
        (
            "no room",
            order(start, about, 300, PILOT),
            Situation { no_start: Some(Refusal::StorageLow), ..here },
            Refusal::StorageLow,
        ),
    ] {
        let mut machine = Statements::new(device(), false);
        assert_eq!(hear(&mut machine, &order, now), Heard::Refused(refusal), "{what}");
        assert!(refusal.to_string().len() <= 50, "it fits a STATUSTEXT");
        let good = super::tests::order(Action::Stop, for_flight(7), 300, PILOT);
        assert!(matches!(hear(&mut machine, &good, here), Heard::Taken(_)), "{what}: and the next good one is taken");
    }
}

#[test]
fn nobody_orders_by_a_list_that_has_expired() {
    let second = 370 * 86_400;
    let order = order(Action::Start, for_flight(7), i64::from(second), PILOT);
    let heard = hear(&mut Statements::new(device(), false), &order, now(Some(flight(7)), second));
    assert_eq!(heard, Heard::Refused(Refusal::NotGranted));
}

#[test]
fn a_full_disk_starts_nothing_and_still_stops() {
    let mut machine = Statements::new(device(), false);
    let here = Situation { no_start: Some(Refusal::StorageLow), ..now(Some(flight(7)), 5) };
    assert!(matches!(hear(&mut machine, &order(Action::Stop, for_flight(7), 5, PILOT), here), Heard::Taken(_)));
}

#[test]
fn without_a_flight_there_is_nothing_to_stop() {
    let mut machine = Statements::new(device(), false);
    let stop = order(Action::Stop, for_device(device()), 5, PILOT);
    assert_eq!(hear(&mut machine, &stop, now(None, 5)), Heard::Refused(Refusal::NoFlight));
    assert!(Refusal::NoFlight.to_string().len() <= 50, "it fits a STATUSTEXT");
}

#[test]
fn without_a_clock_of_its_own_the_aircraft_believes_the_signer() {
    let mut machine = Statements::new(device(), false);
    let mut here = now(None, 0);
    here.at = Stamp { utc_us: 0, source: ClockSource::None, uncertainty_us: u64::MAX, ..here.at };
    let start = order(Action::Start, for_device(device()), 1, PILOT);
    assert!(matches!(hear(&mut machine, &start, here), Heard::Taken(_)));
}

#[test]
fn a_restart_remembers_the_orders_of_the_flight() {
    let mut machine = Statements::new(device(), false);
    let stop = order(Action::Stop, for_flight(7), 10, PILOT);
    machine.resume(&BTreeMap::from([(key(PILOT).public().id(), stop.made)]));
    let replay = hear(&mut machine, &stop, now(Some(flight(7)), 12));
    assert_eq!(replay, Heard::Refused(Refusal::Replayed));
}

#[test]
fn a_flood_is_neither_checked_nor_answered() {
    let mut machine = Statements::new(device(), false);
    let here = now(Some(flight(7)), 5);
    let heard: Vec<Heard> =
        (0..100).map(|n| hear(&mut machine, &order(Action::Start, [n; 16], 5, PILOT), here)).collect();
    assert_eq!(heard.iter().filter(|heard| matches!(heard, Heard::Refused(_))).count(), 2);
    assert!(heard.iter().all(|heard| !matches!(heard, Heard::Taken(_))));
    let good = order(Action::Start, for_flight(7), 5, PILOT);
    assert_eq!(hear(&mut machine, &good, here), Heard::Ignored, "in this second; it is sent again");
    assert!(matches!(hear(&mut machine, &good, now(Some(flight(7)), 6)), Heard::Taken(_)));
}

#[test]
fn an_officer_authorises_a_session_and_nobody_else_does() {
    const BEGIN: Session = Session::Begin { minutes: 60 };
    let here = now(Some(flight(7)), 300);
    let mut forged = session(BEGIN, for_flight(7), 300, PILOT);
    let Word::Session(word) = &mut forged else { panic!("a session") };
    word.session = Session::Begin { minutes: 61 };
    for (what, word, now, refusal) in [
        ("a minute more", forged, here, Refusal::NotGranted),
        ("a stranger", session(BEGIN, for_flight(7), 300, 77), here, Refusal::NotGranted),
        ("a station", session(BEGIN, for_flight(7), 300, STATION), here, Refusal::OfficerOnly),
        ("a custodian", session(BEGIN, for_flight(7), 300, CUSTODIAN), here, Refusal::NotGranted),
        ("revoked", session(BEGIN, for_flight(7), 300, REVOKED), here, Refusal::NotGranted),
        (
            "another aircraft",
            session(BEGIN, for_device(key(8).public().id()), 300, PILOT),
            now(None, 300),
            Refusal::OtherFlight,
        ),
        ("another flight", session(BEGIN, for_flight(8), 300, PILOT), here, Refusal::OtherFlight),
        ("expired on its way", session(BEGIN, for_flight(7), 179, PILOT), here, Refusal::Clock),
    ] {
        let mut machine = Statements::new(device(), false);
        assert_eq!(machine.hear(&word, &trust(), now), Heard::Refused(refusal), "{what}");
        assert!(refusal.to_string().len() <= 50, "it fits a STATUSTEXT");
    }
    let mut machine = Statements::new(device(), false);
    let begin = session(BEGIN, for_flight(7), 300, PILOT);
    let Heard::Taken(taken) = machine.hear(&begin, &trust(), here) else { panic!("taken") };
    assert!(matches!(&*taken, Kind::Authorisation(word) if word.minutes == 60));
    assert_eq!(machine.hear(&begin, &trust(), here), Heard::Again);
    let end = session(Session::End, for_flight(7), 301, PILOT);
    assert!(matches!(machine.hear(&end, &trust(), now(Some(flight(7)), 301)), Heard::Taken(_)));
    let older = session(BEGIN, for_flight(7), 299, PILOT);
    let replay = machine.hear(&older, &trust(), now(Some(flight(7)), 302));
    assert_eq!(replay, Heard::Refused(Refusal::Replayed), "an end is not undone by what was said before");
    let order = order(Action::Start, for_flight(7), 300, PILOT);
    assert_eq!(
        hear(&mut machine, &order, now(Some(flight(7)), 302)),
        Heard::Refused(Refusal::Replayed),
        "both rise together"
    );
}

#[test]
fn where_an_officer_must_sign_no_station_orders() {
    let mut machine = Statements::new(device(), true);
    let here = now(Some(flight(7)), 5);
    let refused = hear(&mut machine, &order(Action::Start, for_flight(7), 5, STATION), here);
    assert_eq!(refused, Heard::Refused(Refusal::OfficerOnly));
    assert!(matches!(hear(&mut machine, &order(Action::Start, for_flight(7), 5, PILOT), here), Heard::Taken(_)));
}
