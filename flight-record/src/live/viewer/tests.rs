use super::*;
use crate::live;
use crate::stamp::ClockSource;
use crate::trust::{Class, EnrolmentRequest, Grant, Revocation, Validity};

const START_US: i64 = 1_777_636_800_000_000;
const AIRCRAFT: u8 = 1;
const OTHER_AIRCRAFT: u8 = 2;
const STATION: u8 = 5;
const OTHER_STATION: u8 = 6;
const STRANGER: u8 = 7;
const GROUND: LiveScope = LiveScope { about: [8; 16], boot: [1; 6] };
const FLIGHT: LiveScope = LiveScope { about: [9; 16], boot: [1; 6] };

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn trust() -> TrustList {
    let device = |n| (n, Grant::device(Class::Simulated));
    let grants =
        [device(AIRCRAFT), device(OTHER_AIRCRAFT), (STATION, Grant::station()), (OTHER_STATION, Grant::station())];
    grants.into_iter().fold(TrustList::first("unit".parse().unwrap(), key(9).public(), START_US), |list, (n, grant)| {
        let request = EnrolmentRequest::write(&key(n), format!("key {n}").parse().unwrap(), START_US);
        let validity = Validity { from_utc_us: START_US, days: 30 };
        list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap()
    })
}

fn at(ms: u64) -> Stamp {
    let utc_us = START_US + i64::try_from(ms).unwrap() * 1_000;
    Stamp { mono_ns: ms * 1_000_000, utc_us, source: ClockSource::Rtc, uncertainty_us: 1 }
}

fn call(scope: LiveScope, count: u32, holder: Option<LiveHolder>, device: u8) -> Body {
    Body::Agreement(Agreement::Call(LiveCall::sign(scope, count, holder, &key(device))))
}

fn answer(offer: &LiveOffer, device: u8) -> Body {
    Body::Agreement(Agreement::Answer(live::answer(offer, &key(device)).unwrap().unwrap().0))
}

fn holder(offer: &LiveOffer) -> Option<LiveHolder> {
    Some(LiveHolder { station: offer.station, offer: offer.hint() })
}

fn viewer() -> Viewer {
    Viewer::new(key(STATION), None)
}

fn offered(viewer: &mut Viewer, ms: u64) -> Option<LiveOffer> {
    viewer.tick(at(ms)).unwrap().into_iter().find_map(|step| match step {
        Step::Send(Body::Agreement(Agreement::Offer(offer))) => Some(offer),
        Step::Called | Step::Send(_) | Step::Keys(_) | Step::Note(_) => None,
    })
}

/// Keys agreed for `scope` at 0 ms.
fn agreed(scope: LiveScope) -> (Viewer, LiveOffer) {
    let mut viewer = viewer();
    viewer.hear(&call(scope, 1, None, AIRCRAFT), &trust(), at(0));
    let offer = offered(&mut viewer, 0).unwrap();
    assert!(matches!(&viewer.hear(&answer(&offer, AIRCRAFT), &trust(), at(1))[..], [Step::Keys(_), Step::Note(_)]));
    (viewer, offer)
}

#[test]
fn it_offers_the_same_again_with_growing_waits_until_the_aircraft_answers() {
    let mut viewer = viewer();
    assert_eq!(offered(&mut viewer, 0), None, "to whom?");
    let said = viewer.hear(&call(GROUND, 1, None, AIRCRAFT), &trust(), at(0));
    assert_eq!(said, [Step::Called, Step::Note(Note::Called { aircraft: "key 1".parse().unwrap() })]);
    let first = offered(&mut viewer, 0).unwrap();
    assert!(first.verifies(&key(STATION).public()) && first.scope == GROUND);
    let sent: Vec<u64> = (1..=9_000)
        .filter(|ms| offered(&mut viewer, *ms).inspect(|again| assert_eq!(again, &first)).is_some())
        .collect();
    assert_eq!(sent, [500, 1_500, 3_500, 7_500]);
    assert!(viewer.hear(&answer(&first, OTHER_AIRCRAFT), &trust(), at(9_000)).is_empty(), "another aircraft's answer");
    assert!(viewer.hear(&answer(&first, STRANGER), &trust(), at(9_000)).is_empty(), "a stranger's answer");
    let good = answer(&first, AIRCRAFT);
    let Some(Step::Keys(keys)) = viewer.hear(&good, &trust(), at(9_000)).into_iter().next() else { panic!("keys") };
    assert_eq!(format!("{keys:?}"), "LiveKeys { video: Master(…), klv: Master(…) }");
    assert!(viewer.hear(&good, &trust(), at(9_001)).is_empty(), "once");
    assert_eq!(offered(&mut viewer, 9_002), None);
}

#[test]
fn silence_is_said_once_and_the_offer_goes_on_with_a_time_of_its_own() {
    let (mut viewer, mut times, mut complaints) = (viewer(), Vec::new(), 0);
    for second in 0..200 {
        let count = u32::try_from(second + 1).unwrap();
        viewer.hear(&call(GROUND, count, None, AIRCRAFT), &trust(), at(second * 1_000));
        for step in viewer.tick(at(second * 1_000)).unwrap() {
            match step {
                Step::Note(Note::Unanswered { .. }) => complaints += 1,
                Step::Send(Body::Agreement(Agreement::Offer(offer))) => times.push((second, offer.time_s, offer.key)),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(complaints, 1);
    assert!(times.len() < 18, "ever more rarely: {times:?}");
    for ((_, time, key), (later, next, next_key)) in times.iter().zip(&times[1..]) {
        assert!(next == time && key == next_key || next > time && key != next_key);
        let now_s = u32::try_from(START_US / 1_000_000).unwrap() + u32::try_from(*later).unwrap();
        assert!(now_s.abs_diff(*next) < 60, "the aircraft would take it");
    }
}

#[test]
fn nobody_is_offered_anything_who_is_not_the_units() {
    let mut viewer = viewer();
    let lost = Revocation { at_utc_us: START_US + 1, reason: "lost".parse().unwrap() };
    let revoked = trust().with_revoked(key(AIRCRAFT).public().id(), lost, START_US + 1).unwrap();
    let Body::Agreement(Agreement::Call(good)) = call(GROUND, 1, None, AIRCRAFT) else { panic!("a call") };
    let forged = LiveCall { scope: FLIGHT, ..good };
    assert!(viewer.hear(&call(GROUND, 1, None, STRANGER), &trust(), at(0)).is_empty());
    assert!(viewer.hear(&call(GROUND, 1, None, STATION), &trust(), at(0)).is_empty(), "a station is no aircraft");
    assert!(viewer.hear(&Body::Agreement(Agreement::Call(forged)), &trust(), at(0)).is_empty());
    assert!(viewer.hear(&call(GROUND, 1, None, AIRCRAFT), &revoked, at(0)).is_empty());
    let late = Stamp { utc_us: trust().expires_utc_us + 1, ..at(0) };
    assert!(viewer.hear(&call(GROUND, 1, None, AIRCRAFT), &trust(), late).is_empty(), "the list has expired");
    assert_eq!(offered(&mut viewer, 1), None);
    let mut choosy = Viewer::new(key(STATION), Some("key 2".parse().unwrap()));
    assert!(choosy.hear(&call(GROUND, 1, None, AIRCRAFT), &trust(), at(0)).is_empty());
    assert!(!choosy.hear(&call(GROUND, 1, None, OTHER_AIRCRAFT), &trust(), at(0)).is_empty());
}

#[test]
fn another_flight_or_boot_is_agreed_anew_at_once() {
    let (mut viewer, first) = agreed(GROUND);
    viewer.hear(&call(FLIGHT, 2, None, AIRCRAFT), &trust(), at(10));
    let second = offered(&mut viewer, 10).unwrap();
    assert!(
        second.scope == FLIGHT && second.key != first.key && second.time_s > first.time_s,
        "where the clock stands too"
    );
    assert!(viewer.hear(&answer(&first, AIRCRAFT), &trust(), at(11)).is_empty(), "an answer to the first");
    assert!(!viewer.hear(&answer(&second, AIRCRAFT), &trust(), at(11)).is_empty());
    assert!(viewer.hear(&call(GROUND, 1, None, AIRCRAFT), &trust(), at(5_000)).is_empty(), "a call that came before");
    assert_eq!(offered(&mut viewer, 5_000), None);
    let restarted = LiveScope { boot: [2; 6], ..FLIGHT };
    viewer.hear(&call(restarted, 1, None, AIRCRAFT), &trust(), at(5_001));
    assert_eq!(offered(&mut viewer, 5_001).unwrap().scope, restarted);
}

#[test]
fn a_station_that_another_relieves_does_not_take_the_view_back() {
    let (mut viewer, own) = agreed(GROUND);
    let other = live::offer(GROUND, 1, &key(OTHER_STATION)).unwrap().1;
    assert_eq!(viewer.hear(&call(GROUND, 2, holder(&own), AIRCRAFT), &trust(), at(4_000)), [Step::Called]);
    assert!(
        viewer.hear(&call(GROUND, 2, holder(&own), AIRCRAFT), &trust(), at(4_001)).is_empty(),
        "the way it came first"
    );
    let taken = viewer.hear(&call(GROUND, 3, holder(&other), AIRCRAFT), &trust(), at(5_000));
    assert_eq!(taken, [Step::Called, Step::Note(Note::Taken { by: "key 6".parse().unwrap() })]);
    assert_eq!(offered(&mut viewer, 6_000), None);
    viewer.hear(&call(GROUND, 4, None, AIRCRAFT), &trust(), at(7_000));
    assert!(offered(&mut viewer, 7_000).is_some(), "nobody has it any more");
}

#[test]
fn a_call_that_crossed_the_answer_says_nothing_and_keys_dropped_aboard_are_asked_for_again() {
    let (mut viewer, _) = agreed(GROUND);
    viewer.hear(&call(GROUND, 2, None, AIRCRAFT), &trust(), at(100));
    assert_eq!(offered(&mut viewer, 2_000), None);
    viewer.hear(&call(GROUND, 3, None, AIRCRAFT), &trust(), at(4_000));
    assert!(offered(&mut viewer, 4_000).is_some());
}

#[test]
fn packets_that_do_not_open_are_agreed_anew_and_silence_is_only_said() {
    let (mut viewer, _) = agreed(GROUND);
    assert_eq!(viewer.received(100, 0, at(1_000).mono_ns), None);
    assert_eq!(viewer.received(100, 49, at(5_000).mono_ns), None, "a few");
    assert_eq!(viewer.received(100, 50, at(5_000).mono_ns), Some(Note::Unreadable));
    let anew = offered(&mut viewer, 5_000).unwrap();
    viewer.hear(&answer(&anew, AIRCRAFT), &trust(), at(5_001));
    assert_eq!(viewer.received(200, 50, at(6_000).mono_ns), None);
    assert_eq!(viewer.received(200, 50, at(16_000).mono_ns), Some(Note::Silent));
    assert_eq!(viewer.received(200, 50, at(17_000).mono_ns), None, "once");
    viewer.hear(&call(GROUND, 2, holder(&anew), AIRCRAFT), &trust(), at(17_000));
    assert_eq!(offered(&mut viewer, 17_000), None, "the keys hold");
}

#[test]
fn an_aircraft_that_calls_no_more_is_told_of_and_gives_way() {
    let notes = |viewer: &mut Viewer, ms| viewer.tick(at(ms)).unwrap().contains(&Step::Note(Note::Uncalled));
    let mut viewer = viewer();
    assert!(
        !notes(&mut viewer, 0)
            && !notes(&mut viewer, 9_999)
            && notes(&mut viewer, 10_000)
            && !notes(&mut viewer, 11_000)
    );
    viewer.hear(&call(GROUND, 1, None, AIRCRAFT), &trust(), at(12_000));
    assert!(viewer.hear(&call(FLIGHT, 1, None, OTHER_AIRCRAFT), &trust(), at(12_001)).is_empty(), "one at a time");
    assert!(notes(&mut viewer, 22_000));
    assert!(!viewer.hear(&call(FLIGHT, 2, None, OTHER_AIRCRAFT), &trust(), at(22_001)).is_empty());
}

#[test]
fn whatever_comes_does_no_harm() {
    let (mut viewer, offer) = agreed(GROUND);
    let small = Body::Agreement(Agreement::Answer(LiveAnswer::sign(&offer, [0; 32], &key(AIRCRAFT))));
    for body in [small, Body::Agreement(Agreement::Offer(offer)), call(GROUND, u32::MAX, None, STRANGER)] {
        assert!(viewer.hear(&body, &trust(), at(2)).is_empty());
    }
    viewer.hear(&call(FLIGHT, 2, None, AIRCRAFT), &trust(), at(3));
    let next = offered(&mut viewer, 3).unwrap();
    let small = LiveAnswer::sign(&next, [0; 32], &key(AIRCRAFT));
    assert!(viewer.hear(&Body::Agreement(Agreement::Answer(small)), &trust(), at(4)).is_empty());
    assert!(offered(&mut viewer, 60_000).is_none(), "it waits for a call");
    viewer.hear(&call(FLIGHT, 3, None, AIRCRAFT), &trust(), at(60_000));
    assert!(offered(&mut viewer, 60_001).unwrap().key != next.key, "a fresh half");
}
