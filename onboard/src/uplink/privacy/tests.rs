use super::*;
use flight_record::keys::DeviceKey;
use flight_record::live;
use flight_record::trust::{Duty, EnrolmentRequest, Grant, Revocation, Validity};

const START_US: i64 = 1_777_636_800_000_000;
const BOOT: [u8; 6] = [1; 6];
const DEVICE: u8 = 1;
const STATION: u8 = 2;
const OTHER: u8 = 3;
const OFFICER: u8 = 4;
const STRANGER: u8 = 77;

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn trust() -> TrustList {
    let list = TrustList::first("unit".parse().unwrap(), key(9).public(), START_US);
    let grants = [(STATION, Grant::station()), (OTHER, Grant::station()), (OFFICER, Grant::officer(&[Duty::Pilot]))];
    grants.into_iter().fold(list, |list, (n, grant)| {
        let request = EnrolmentRequest::write(&key(n), format!("key {n}").parse().unwrap(), START_US);
        let validity = Validity { from_utc_us: START_US - 600_000_000, days: 30 };
        list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap()
    })
}

fn machine() -> Privacy {
    Privacy::new(key(DEVICE).public().id(), BOOT)
}

fn flight(n: u8) -> FlightId {
    FlightId::new(START_US, [n; 10])
}

fn in_flight(n: u8) -> LiveScope {
    LiveScope { about: *flight(n).as_bytes(), boot: BOOT }
}

fn on_the_ground() -> LiveScope {
    LiveScope { about: Statement::about(Subject::Device, flight(0), key(DEVICE).public().id()), boot: BOOT }
}

fn at(second: u32) -> Stamp {
    let utc_us = START_US + i64::from(second) * 1_000_000;
    Stamp { mono_ns: u64::from(second) * 1_000_000_000, utc_us, source: ClockSource::Gnss, uncertainty_us: 1_000 }
}

fn offer(scope: LiveScope, second: u32, who: u8) -> LiveOffer {
    let time_s = u32::try_from(START_US / 1_000_000).unwrap() + second;
    live::offer(scope, time_s, &key(who)).unwrap().1
}

fn agree(machine: &mut Privacy, offer: &LiveOffer, flight: Option<FlightId>, at: Stamp) -> bool {
    let Heard::New(station) = machine.hear(offer, &trust(), flight, at) else { return false };
    let (answer, _) = live::answer(offer, &key(DEVICE)).unwrap().unwrap();
    machine.answered(station, offer.clone(), answer);
    true
}

#[test]
fn a_station_of_the_unit_is_answered_and_again_with_the_same() {
    let (mut machine, here) = (machine(), Some(flight(7)));
    let made = offer(in_flight(7), 10, STATION);
    assert!(agree(&mut machine, &made, here, at(10)));
    let Heard::Again(answer) = machine.hear(&made, &trust(), here, at(12)) else { panic!("again") };
    assert!(answer.verifies(&made, &key(DEVICE).public()));
    assert!(!agree(&mut machine, &offer(in_flight(7), 10, STATION), here, at(12)), "not newer than the last");
    assert!(agree(&mut machine, &offer(in_flight(7), 13, OTHER), here, at(13)), "another station");
    assert!(!agree(&mut machine, &made, here, at(14)), "a replay takes the view from nobody");
    assert_eq!(machine.refused(), Refused { replayed: 2, ..Refused::default() });
}

#[test]
fn a_stranger_gets_no_answer_and_is_counted() {
    let mut forged = offer(in_flight(7), 300, STATION);
    forged.key = [9; 32];
    let of = Refused::default();
    let (strangers, elsewhere) = (Refused { strangers: 1, ..of }, Refused { elsewhere: 1, ..of });
    let clock = Refused { clock: 1, ..of };
    for (what, offer, refused) in [
        ("forged", forged, strangers),
        ("not listed", offer(in_flight(7), 300, STRANGER), strangers),
        ("an officer", offer(in_flight(7), 300, OFFICER), strangers),
        ("another flight", offer(in_flight(8), 300, STATION), elsewhere),
        ("the aircraft, in a flight", offer(on_the_ground(), 300, STATION), elsewhere),
        ("another start", offer(LiveScope { boot: [2; 6], ..in_flight(7) }, 300, STATION), elsewhere),
        ("too old", offer(in_flight(7), 179, STATION), clock),
        ("too new", offer(in_flight(7), 421, STATION), clock),
    ] {
        let mut machine = machine();
        assert_eq!(machine.hear(&offer, &trust(), Some(flight(7)), at(300)), Heard::Ignored, "{what}");
        assert_eq!(machine.refused(), refused, "{what}");
    }
    let expired = Stamp { utc_us: trust().expires_utc_us + 1, ..at(300) };
    let made =
        LiveOffer::sign(in_flight(7), [3; 32], u32::try_from(expired.utc_us / 1_000_000).unwrap(), &key(STATION));
    assert_eq!(machine().hear(&made, &trust(), Some(flight(7)), expired), Heard::Ignored, "an expired list");
}

#[test]
fn keys_hold_for_a_flight_and_while_the_unit_vouches() {
    let mut machine = machine();
    assert!(agree(&mut machine, &offer(on_the_ground(), 10, STATION), None, at(10)), "before the flight");
    assert!(!machine.is_over(&trust(), None, at(11)));
    let here = Some(flight(7));
    assert!(machine.is_over(&trust(), here, at(12)) && !machine.is_over(&trust(), here, at(12)), "said once");
    assert!(agree(&mut machine, &offer(in_flight(7), 13, STATION), here, at(13)));
    let lost = Revocation { at_utc_us: START_US + 14_000_000, reason: "lost".parse().unwrap() };
    let revoked = trust().with_revoked(key(STATION).public().id(), lost, START_US + 14_000_000).unwrap();
    assert!(!machine.is_over(&trust(), here, at(14)) && machine.is_over(&revoked, here, at(14)));
    assert!(!agree_by(&mut machine, &revoked, &offer(in_flight(7), 15, STATION), here, at(15)), "nor anew");
    assert!(agree(&mut machine, &offer(in_flight(7), 16, STATION), here, at(16)));
    let late = Stamp { utc_us: START_US + 40 * 86_400_000_000, ..at(17) };
    assert!(machine.is_over(&trust(), here, late), "the station's time is over");
}

fn agree_by(machine: &mut Privacy, trust: &TrustList, offer: &LiveOffer, flight: Option<FlightId>, at: Stamp) -> bool {
    machine.hear(offer, trust, flight, at) != Heard::Ignored
}

#[test]
fn a_flood_is_not_checked_and_the_same_offer_is_not_answered_without_end() {
    let (mut machine, here) = (machine(), Some(flight(7)));
    for _ in 0..100 {
        machine.hear(&offer(in_flight(7), 5, STRANGER), &trust(), here, at(5));
    }
    assert_eq!(machine.refused(), Refused { strangers: 10, unchecked: 90, ..Refused::default() });
    let good = offer(in_flight(7), 5, STATION);
    assert!(!agree(&mut machine, &good, here, at(5)), "in this second; it is sent again");
    assert!(agree(&mut machine, &good, here, at(6)));
    let again = (0..100).filter(|_| machine.hear(&good, &trust(), here, at(7)) != Heard::Ignored);
    assert_eq!(again.count(), 4);
}

#[test]
fn calls_rise_and_say_at_once_what_has_changed() {
    let (mut machine, device) = (machine(), key(DEVICE));
    let calls = |machine: &mut Privacy, flight, ms: u64| machine.call(flight, ms * 1_000_000, &device);
    let first = calls(&mut machine, None, 0).unwrap();
    assert!(first.verifies(&device.public()) && first.scope == on_the_ground() && first.holder.is_none());
    assert_eq!(calls(&mut machine, None, 999), None);
    assert_eq!(calls(&mut machine, None, 1_000).unwrap().count, first.count + 1);
    let taken_off = calls(&mut machine, Some(flight(7)), 1_001).unwrap();
    assert_eq!((taken_off.scope, taken_off.count), (in_flight(7), first.count + 2));
    let made = offer(in_flight(7), 2, STATION);
    assert!(agree(&mut machine, &made, Some(flight(7)), at(2)));
    let holder = calls(&mut machine, Some(flight(7)), 1_002).unwrap().holder.unwrap();
    assert_eq!(holder, LiveHolder { station: made.station, offer: made.hint() });
}
