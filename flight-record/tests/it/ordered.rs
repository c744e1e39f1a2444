//! Orders to record: who may give them, what is recorded of them, and what cannot be made up afterwards.

use crate::ground::{enrol, station_key};
use crate::support::{START_UTC_US, Unit, at, boot, code, options};
use flight_record::flight::{Flight, FlightError, Open};
use flight_record::keys::DeviceKey;
use flight_record::radio;
use flight_record::record::{Authorisation, Kind, MAX_STATEMENTS, Statement};
use flight_record::statement::{Action, GivenReason, Moment, Said, Session, Subject};
use flight_record::trust::{Class, Duty, Grant, Revocation};
use flight_record::verify::{Integrity, Options, Report, Time, verify};
use flight_record::{FlightId, Sha256};
use std::path::Path;

fn pilot() -> DeviceKey {
    DeviceKey::from_seed([0x71; 32])
}

fn custodian() -> DeviceKey {
    DeviceKey::from_seed([0x72; 32])
}

fn unit() -> Unit {
    let mut unit = Unit::new(Class::Operational);
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    enrol(&mut unit, &station_key(3), "store 1", Grant::store());
    enrol(&mut unit, &pilot(), "officer 9", Grant::officer(&[Duty::Pilot]));
    enrol(&mut unit, &custodian(), "officer 7", Grant::officer(&[Duty::Custodian]));
    unit
}

fn given(words: &str) -> GivenReason {
    GivenReason::new(words.parse().unwrap()).unwrap()
}

/// An order, given `after_s` into the flight.
struct Order<'a> {
    action: Action,
    subject: Subject,
    after_s: i64,
    reason: &'a GivenReason,
}

impl Order<'_> {
    fn kind(&self, unit: &Unit, flight: FlightId, key: &DeviceKey) -> Kind {
        let about = radio::Statement::about(self.subject, flight, unit.device.public().id());
        let made = Moment::from(START_UTC_US + self.after_s * 1_000_000);
        let said = radio::Statement::sign(self.action, about, made, self.reason.commitment(), key);
        Kind::Statement(Statement::of(key.public().id(), self.subject, &said))
    }
}

fn start(after_s: i64, reason: &GivenReason) -> Order<'_> {
    Order { action: Action::Start, subject: Subject::Flight, after_s, reason }
}

fn judge(unit: &Unit, dir: &Path, reasons: &[GivenReason]) -> Report {
    verify(dir, &unit.anchor(), &Options { reasons: reasons.to_vec(), ..options(None) }).unwrap()
}

fn close(flight: Flight<Open>) -> std::path::PathBuf {
    flight.close(code("landed"), at(30)).unwrap().dir().to_owned()
}

#[test]
fn the_record_says_who_ordered_and_the_ground_says_why() {
    let unit = unit();
    let mut flight = unit.open();
    let (why, done) = (given("missing person, log 1234"), given("found"));
    let begins = Order { subject: Subject::Device, ..start(-1, &why) };
    flight.append(begins.kind(&unit, flight.id(), &pilot()), at(1)).unwrap();
    flight.event_by(code("recording-started"), Some(pilot().public().id()), None, at(1)).unwrap();
    let ends = Order { action: Action::Stop, ..start(5, &done) };
    flight.append(ends.kind(&unit, flight.id(), &station_key(1)), at(6)).unwrap();
    let dir = close(flight);

    let report = judge(&unit, &dir, &[given("another"), why.clone()]);
    assert_eq!((report.integrity, report.time), (Integrity::Intact, Time::Ok), "{:#?}", report.doubts());
    let [first, second] = &report.ordered[..] else { panic!("two orders: {:?}", report.ordered) };
    assert_eq!((first.record, first.action, first.name.as_str()), (1, Said::Start, "officer 9"));
    assert_eq!((first.signer, first.utc_us), (pilot().public().id(), START_UTC_US - 1_000_000));
    assert_eq!(first.reason.as_ref().map(|reason| reason.as_str()), Some("missing person, log 1234"));
    assert_eq!((second.record, second.action, second.name.as_str()), (3, Said::Stop, "van 3"));
    assert_eq!((second.commitment, &second.reason), (done.commitment(), &None), "its words stay where they are kept");
}

#[test]
fn what_was_not_signed_or_not_granted_is_named() {
    let unit = unit();
    let why = given("a reason");
    for (what, change, word) in [
        ("a store's key", None, Integrity::KeyUntrusted),
        ("another action", Some("action"), Integrity::Malformed),
        ("another reason", Some("reason"), Integrity::Malformed),
        ("another subject", Some("subject"), Integrity::Malformed),
        ("another time", Some("time"), Integrity::Malformed),
        ("another counter", Some("counter"), Integrity::Malformed),
    ] {
        let mut flight = unit.open();
        let key = if change.is_some() { pilot() } else { station_key(3) };
        let Kind::Statement(mut made) = start(1, &why).kind(&unit, flight.id(), &key) else { panic!("a statement") };
        match change {
            Some("action") => made.action = Action::Stop,
            Some("reason") => made.reason = given("a reason").commitment(),
            Some("subject") => made.subject = Subject::Device,
            Some("time") => made.time_s += 1,
            Some("counter") => made.counter += 1,
            _ => {}
        }
        flight.append(Kind::Statement(made), at(2)).unwrap();
        let report = judge(&unit, &close(flight), std::slice::from_ref(&why));
        assert_eq!(report.integrity, word, "{what}");
        assert!(report.doubts()[0].item.to_string().contains("line 2 (seq 1, statement)"), "{what}");
        assert_eq!(report.ordered, [], "{what}: it says nothing about who ordered");
    }
}

#[test]
fn an_officer_without_the_duty_a_stranger_and_another_flight_order_nothing() {
    let unit = unit();
    let why = given("a reason");
    let stranger = DeviceKey::from_seed([0x79; 32]);
    let other = FlightId::new(START_UTC_US, [9; 10]);
    for (what, key, about, word) in [
        ("a custodian", custodian(), None, Integrity::KeyUntrusted),
        ("a stranger", stranger, None, Integrity::KeyUntrusted),
        ("for another flight", pilot(), Some(other), Integrity::Malformed),
    ] {
        let mut flight = unit.open();
        let kind = start(1, &why).kind(&unit, about.unwrap_or(flight.id()), &key);
        flight.append(kind, at(2)).unwrap();
        let report = judge(&unit, &close(flight), &[]);
        assert_eq!((report.integrity, report.ordered.len()), (word, 0), "{what}");
    }
}

#[test]
fn a_key_that_is_revoked_before_does_not_count_and_does_not_spoil_the_flight() {
    let mut unit = unit();
    let mut flight = unit.open();
    flight.append(start(1, &given("a reason")).kind(&unit, flight.id(), &pilot()), at(2)).unwrap();
    let dir = close(flight);
    let revocation = Revocation { at_utc_us: START_UTC_US, reason: code("left") };
    unit.trust = unit.trust.clone().with_revoked(pilot().public().id(), revocation, START_UTC_US).unwrap();
    let report = judge(&unit, &dir, &[]);
    assert_eq!((report.integrity, report.ordered.len()), (Integrity::Intact, 0), "{:#?}", report.doubts());
    assert!(report.notices.iter().any(|notice| notice.contains("statement of record 1 does not count")));
}

#[test]
fn a_forged_order_is_malformed_also_where_its_key_does_not_count() {
    let unit = unit();
    let mut flight = unit.open();
    let why = given("a reason");
    let before = Order { subject: Subject::Device, ..start(-3_600, &why) };
    let Kind::Statement(mut made) = before.kind(&unit, flight.id(), &pilot()) else { return };
    made.counter += 1;
    flight.append(Kind::Statement(made), at(2)).unwrap();
    assert_eq!(judge(&unit, &close(flight), &[]).integrity, Integrity::Malformed);
}

#[test]
fn an_order_from_the_future_is_told() {
    let unit = unit();
    let mut flight = unit.open();
    flight.append(start(60, &given("a reason")).kind(&unit, flight.id(), &pilot()), at(2)).unwrap();
    let report = judge(&unit, &close(flight), &[]);
    assert!(report.notices.iter().any(|notice| notice.contains("58000 ms later")), "{:?}", report.notices);
}

fn rule(error: &FlightError) -> &'static str {
    let FlightError::Rule { rule, .. } = error else { return "no rule" };
    rule
}

#[test]
fn a_signers_orders_rise_also_over_a_restart_and_are_bounded() {
    let unit = unit();
    let why = given("a reason");
    let mut flight = unit.open();
    let (id, dir) = (flight.id(), flight.dir().to_owned());
    flight.append(start(3, &why).kind(&unit, id, &pilot()), at(3)).unwrap();
    for after_s in [3, 2] {
        let error = flight.append(start(after_s, &why).kind(&unit, id, &pilot()), at(4)).err().unwrap();
        assert!(rule(&error).contains("rise"), "{after_s}");
    }
    flight.append(start(2, &why).kind(&unit, id, &station_key(1)), at(4)).unwrap();
    drop(flight);
    let (mut flight, _) = Flight::resume(&dir, &unit.device, &unit.path("keys"), boot(2), at(5)).unwrap();
    assert!(flight.append(start(3, &why).kind(&unit, id, &pilot()), at(6)).is_err(), "remembered");
    assert_eq!(flight.statements()[&pilot().public().id()], Moment::from(START_UTC_US + 3_000_000));
    for n in 2..MAX_STATEMENTS {
        let after_s = 4 + i64::try_from(n).unwrap();
        flight.append(start(after_s, &why).kind(&unit, id, &pilot()), at(6)).unwrap();
    }
    let error = flight.append(start(5000, &why).kind(&unit, id, &pilot()), at(7)).err().unwrap();
    assert!(rule(&error).contains("at most 1000"));
}

#[test]
fn an_event_names_nobody_who_ordered_nothing() {
    let unit = unit();
    let mut flight = unit.open();
    let actor = Some(pilot().public().id());
    let error = flight.event_by(code("recording-started"), actor, None, at(1)).err().unwrap();
    assert!(rule(&error).contains("actor"));
    let recorded = Sha256::of(b"x");
    assert!(flight.event_by(code("recording-started"), Some(recorded), None, at(1)).is_err());
    assert!(flight.event_by(code("recording-started"), None, None, at(1)).is_ok());
}

/// An authorisation, given `after_s` into the flight.
fn authorisation(unit: &Unit, session: Session, after_s: i64, key: &DeviceKey) -> Authorisation {
    let about = radio::Statement::about(Subject::Device, FlightId::from_bytes([0; 16]), unit.device.public().id());
    let made = Moment::from(START_UTC_US + after_s * 1_000_000);
    let said = radio::Authorisation::sign(session, about, made, given("a reason").commitment(), key);
    Authorisation::of(key.public().id(), Subject::Device, &said)
}

#[test]
fn the_record_says_who_let_any_button_order_and_until_when() {
    let unit = unit();
    let mut flight = unit.open();
    let (begin, actor) = (Session::Begin { minutes: 90 }, Some(pilot().public().id()));
    flight.append(Kind::Authorisation(authorisation(&unit, begin, -1, &pilot())), at(1)).unwrap();
    flight.event_by(code("recording-started"), actor, None, at(1)).unwrap();
    let error = flight.append(Kind::Authorisation(authorisation(&unit, begin, -1, &pilot())), at(2)).err().unwrap();
    assert!(rule(&error).contains("rise"));
    flight.append(Kind::Authorisation(authorisation(&unit, Session::End, 3, &pilot())), at(3)).unwrap();
    let (id, dir) = (flight.id(), flight.dir().to_owned());
    drop(flight);
    let (flight, _) = Flight::resume(&dir, &unit.device, &unit.path("keys"), boot(2), at(5)).unwrap();
    assert_eq!(flight.sessions()[&pilot().public().id()].session(), Some(Session::End), "remembered in flight {id}");
    let report = judge(&unit, &close(flight), &[]);
    assert_eq!(
        report.doubts().iter().filter(|item| item.word == Some(Integrity::Malformed)).count(),
        0,
        "{:#?}",
        report.doubts()
    );
    let said: Vec<_> = report.ordered.iter().map(|word| (word.action, word.until_utc_us, word.name.as_str())).collect();
    let until = START_UTC_US - 1_000_000 + 90 * 60_000_000;
    assert_eq!(said, [(Said::Authorise, Some(until), "officer 9"), (Said::Withdraw, None, "officer 9")]);
}

#[test]
fn an_authorisation_that_was_changed_or_not_an_officers_is_named() {
    let unit = unit();
    let begin = Session::Begin { minutes: 90 };
    for (what, key, minutes, word) in [
        ("a station", station_key(1), 90, Integrity::KeyUntrusted),
        ("a custodian", custodian(), 90, Integrity::KeyUntrusted),
        ("a minute more", pilot(), 91, Integrity::Malformed),
    ] {
        let mut flight = unit.open();
        let made = Authorisation { minutes, ..authorisation(&unit, begin, 1, &key) };
        flight.append(Kind::Authorisation(made), at(2)).unwrap();
        let report = judge(&unit, &close(flight), &[]);
        assert_eq!((report.integrity, report.ordered.len()), (word, 0), "{what}");
    }
    let mut flight = unit.open();
    let endless = Authorisation { minutes: 721, ..authorisation(&unit, begin, 1, &pilot()) };
    assert!(flight.append(Kind::Authorisation(endless), at(2)).is_err(), "no session is longer than twelve hours");
}
