use flight_record::ClockSource;
use flight_record::keys::DeviceKey;
use flight_record::radio::MessageHint;
use flight_record::trust::{Duty, EnrolmentRequest, Grant, Validity};
use mission_profiles::monitor::Alert;
use mission_profiles::papers::NotedAs;
use mission_profiles::preflight::Severity;
use proptest::prelude::*;

use super::*;

const START_US: i64 = 1_777_636_800_000_000;
const PILOT: u8 = 2;
const STATION: u8 = 3;
const CUSTODIAN: u8 = 5;

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn device() -> KeyId {
    key(1).public().id()
}

fn trust() -> TrustList {
    let list = TrustList::first("unit".parse().unwrap(), key(9).public(), START_US);
    let many = (20..40).map(|n| (n, Grant::station()));
    let grants = [
        (PILOT, Grant::officer(&[Duty::Pilot])),
        (STATION, Grant::station()),
        (CUSTODIAN, Grant::officer(&[Duty::Custodian])),
    ];
    grants.into_iter().chain(many).fold(list, |list, (n, grant)| {
        let request = EnrolmentRequest::write(&key(n), format!("key {n}").parse().unwrap(), START_US);
        let validity = Validity { from_utc_us: START_US - 600_000_000, days: 3000 };
        list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap()
    })
}

fn flight() -> FlightId {
    FlightId::new(START_US, [7; 10])
}

fn at(second: i64) -> Stamp {
    let mono_ns = u64::try_from(second).unwrap() * 1_000_000_000;
    Stamp { mono_ns, utc_us: START_US + second * 1_000_000, source: ClockSource::Gnss, uncertainty_us: 1000 }
}

fn machine() -> Messages<u64> {
    Messages::new(device(), BTreeMap::new(), [])
}

/// Papers of several parts, told apart by `n`.
fn papers(n: u8) -> Papers {
    let hash = |at: u32| Sha256::of(&[&[n][..], &at.to_le_bytes()].concat()).to_string();
    let finding =
        |at: u32| format!(r#"{{"severity":"notes","final":false,"rule":"zone-idle","what":"{}","cure":""}}"#, hash(at));
    let findings: Vec<_> = (0..20).map(finding).collect();
    let text = format!(
        r#"{{"schema":"skyseal-papers/1","made_utc_us":1,"mission":{{"sha256":"{0}","items":1,"fence":0,"rally":0}},"profile":{{"id":"training","version":1,"sha256":"{0}"}},"window":{{"from_utc_us":1,"to_utc_us":2}},"crew":{{"pilot":"officer-10","roles":["pilot"]}},"aircraft":"SKY-1","datasets":[],"authorisations":[],"findings":[{1}],"left_out":{{"warns":0,"notes":0}},"checklist":[],"rapid_launch":null}}"#,
        hash(99),
        findings.join(",")
    );
    Papers::sign(text.as_bytes(), &key(PILOT)).unwrap()
}

fn alert() -> Vec<u8> {
    let alert =
        Alert { rule: "height", of: String::new(), severity: Severity::Blocks, what: "too high".into(), in_s: 0.0 };
    Noted::of(&alert, NotedAs::Began, jiff::Timestamp::from_microsecond(START_US).unwrap()).write()
}

fn about(flight: Option<FlightId>) -> [u8; 16] {
    match flight {
        Some(flight) => radio::Statement::about(Subject::Flight, flight, device()),
        None => radio::Statement::about(Subject::Device, FlightId::from_bytes([0; 16]), device()),
    }
}

fn announce(purpose: Purpose, flight: Option<FlightId>, message: &[u8], second: i64, who: u8) -> Fragment {
    let made = Moment::from(START_US + second * 1_000_000);
    Fragment::Announced(Announcement::sign(purpose, about(flight), made, message, &key(who)).unwrap())
}

fn parts(message: &[u8]) -> Vec<Fragment> {
    (0..).map_while(|number| Part::of(message, number)).map(Fragment::Part).collect()
}

fn refused(heard: &Heard) -> Option<Refusal> {
    if let Heard::Refused(refusal) = heard { Some(*refusal) } else { None }
}

#[test]
fn papers_come_whole_in_any_order_and_are_known_again() {
    let (trust, mut machine, papers) = (trust(), machine(), papers(1));
    let message = papers.pack().unwrap();
    let announced = announce(Purpose::Papers, None, &message, 0, STATION);
    let all = parts(&message);
    assert!(all.len() > 5, "several parts: {}", all.len());
    let Heard::Wanted(wanted) = machine.hear((&announced, 1), &trust, None, at(0)) else { panic!("wanted") };
    assert_eq!(wanted.parts.count_ones() as usize, all.len());
    // Backwards, each twice, one not at all.
    for part in all.iter().skip(1).rev().flat_map(|part| [part, part]) {
        assert_eq!(machine.hear((part, 1), &trust, None, at(1)), Heard::Ignored);
    }
    let Heard::Wanted(wanted) = machine.hear((&announced, 1), &trust, None, at(2)) else { panic!("wanted") };
    assert_eq!(wanted.parts, 1, "the first is missing");
    let Heard::Taken(whole) = machine.hear((&all[0], 1), &trust, None, at(3)) else { panic!("whole") };
    assert_eq!(
        (whole.document, whole.subject, whole.signer),
        (papers.write(), Subject::Device, key(STATION).public().id())
    );
    assert_eq!(machine.hear((&announced, 1), &trust, None, at(4)), Heard::Again);
    let anew = announce(Purpose::Papers, Some(flight()), &message, 5, STATION);
    assert_eq!(
        machine.hear((&anew, 1), &trust, Some(flight()), at(5)),
        Heard::Stands,
        "they are in the flight that opened"
    );
    assert_eq!(machine.hear((&anew, 1), &trust, Some(flight()), at(6)), Heard::Stands, "the answer was lost");
    machine.flight_closed();
    let later = announce(Purpose::Papers, None, &message, 6, STATION);
    assert!(
        matches!(machine.hear((&later, 1), &trust, None, at(6)), Heard::Wanted(_)),
        "of the next flight they are not"
    );
}

#[test]
fn announced_anew_they_go_on_where_they_were() {
    let (trust, mut machine) = (trust(), machine());
    let message = papers(1).pack().unwrap();
    machine.hear((&announce(Purpose::Papers, None, &message, 0, STATION), 1), &trust, None, at(0));
    let all = parts(&message);
    machine.hear((&all[0], 1), &trust, None, at(0));
    let anew = announce(Purpose::Papers, Some(flight()), &message, 1, STATION);
    let Heard::Wanted(wanted) = machine.hear((&anew, 1), &trust, Some(flight()), at(1)) else { panic!("wanted") };
    assert_eq!(wanted.parts & 1, 0);
    for part in &all[1..] {
        if let Heard::Taken(whole) = machine.hear((part, 1), &trust, Some(flight()), at(1)) {
            return assert_eq!(whole.subject, Subject::Flight);
        }
    }
    panic!("never whole");
}

#[test]
fn what_may_not_be_is_refused_with_its_reason() {
    let message = papers(1).pack().unwrap();
    let papers = |flight, second, who| announce(Purpose::Papers, flight, &message, second, who);
    let junk = [5; 300];
    let cases = [
        (papers(None, 0, CUSTODIAN), None, Refusal::NotGranted),
        (papers(None, 0, 77), None, Refusal::NotGranted),
        (papers(Some(flight()), 0, STATION), None, Refusal::OtherFlight),
        (papers(None, 0, STATION), Some(flight()), Refusal::OtherFlight),
        (papers(None, 200, STATION), None, Refusal::Clock),
        (announce(Purpose::Limit, None, &alert(), 0, STATION), None, Refusal::OtherFlight),
    ];
    for (fragment, flight, why) in cases {
        assert_eq!(refused(&machine().hear((&fragment, 1), &trust(), flight, at(0))), Some(why));
    }
    let mut machine = machine();
    assert!(matches!(machine.hear((&papers(None, 5, PILOT), 1), &trust(), None, at(5)), Heard::Wanted(_)));
    assert_eq!(refused(&machine.hear((&papers(None, 4, PILOT), 1), &trust(), None, at(5))), Some(Refusal::Replayed));
    machine.hear((&announce(Purpose::Papers, None, &junk, 6, PILOT), 1), &trust(), None, at(6));
    let heard: Vec<_> = parts(&junk).iter().map(|part| machine.hear((part, 1), &trust(), None, at(6))).collect();
    assert_eq!(refused(heard.last().unwrap()), Some(Refusal::Unreadable));
}

#[test]
fn an_alert_is_taken_in_flight_and_only_so_many() {
    let (trust, mut machine) = (trust(), machine());
    let (flight, message) = (Some(flight()), alert());
    for second in 0..i64::from(MAX_ALERTS) {
        machine.hear((&announce(Purpose::Limit, flight, &message, second, PILOT), 1), &trust, flight, at(second));
        let taken = machine.hear((&parts(&message)[0], 1), &trust, flight, at(second));
        let whole =
            parts(&message).iter().skip(1).fold(taken, |_, part| machine.hear((part, 1), &trust, flight, at(second)));
        assert!(matches!(whole, Heard::Taken(whole) if whole.document == message), "{second}");
    }
    let more = announce(Purpose::Limit, flight, &message, 2000, PILOT);
    assert_eq!(refused(&machine.hear((&more, 1), &trust, flight, at(2000))), Some(Refusal::TooMany));
}

#[test]
fn a_mark_is_taken_in_flight_and_nothing_else_passes_for_one() {
    let (trust, flight) = (trust(), Some(flight()));
    let mark = mission_profiles::papers::Mark::new("red car, north side", jiff::Timestamp::UNIX_EPOCH).write();
    for (purpose, message, taken) in [
        (Purpose::Marker, &mark, true),
        (Purpose::Notice, &mark, true),
        (Purpose::Limit, &mark, false),
        (Purpose::Marker, &alert(), false),
    ] {
        let mut machine = machine();
        machine.hear((&announce(purpose, flight, message, 0, PILOT), 1), &trust, flight, at(0));
        let heard: Vec<_> = parts(message).iter().map(|part| machine.hear((part, 1), &trust, flight, at(0))).collect();
        match heard.last().unwrap() {
            Heard::Taken(whole) => assert!(taken && whole.document == *message, "{purpose:?}"),
            other => assert!(!taken && refused(other) == Some(Refusal::Unreadable), "{purpose:?} {other:?}"),
        }
    }
}

#[test]
fn a_forged_part_is_asked_for_again_and_strangers_cost_nothing() {
    let (trust, mut machine) = (trust(), machine());
    let message = papers(1).pack().unwrap();
    let announced = announce(Purpose::Papers, None, &message, 0, STATION);
    machine.hear((&announced, 1), &trust, None, at(0));
    let hint = MessageHint::of(Sha256::of(&message));
    machine.hear(
        (&Fragment::Part(Part { message: hint, number: 0, bytes: vec![0; radio::PART_BYTES] }), 1),
        &trust,
        None,
        at(0),
    );
    for wrong in [0_u8, 35, 36, 63, 64, 255] {
        let part = Part { message: hint, number: wrong, bytes: vec![1; 3] };
        assert_eq!(machine.hear((&Fragment::Part(part), 1), &trust, None, at(0)), Heard::Ignored, "of another length");
    }
    let last = parts(&message)[1..].iter().map(|part| machine.hear((part, 1), &trust, None, at(1))).last();
    assert!(matches!(last, Some(Heard::Wanted(missing)) if missing.parts & 1 == 1), "all anew");
    let taken = parts(&message).iter().map(|part| machine.hear((part, 1), &trust, None, at(2))).last();
    assert!(matches!(taken, Some(Heard::Taken(_))));
    // A flood of announcements that nobody signed.
    for n in 0..10_000_u32 {
        let stranger = announce(Purpose::Papers, None, &n.to_le_bytes(), 3, 77);
        machine.hear((&stranger, 2), &trust, None, at(3));
    }
    assert!(machine.coming.is_empty() && machine.newest.len() == 1);
    let heard = machine.hear((&announce(Purpose::Papers, None, b"next", 3, STATION), 1), &trust, None, at(3));
    assert!(matches!(heard, Heard::Wanted(_)), "in the same second: a station is not shouted down");
}

#[test]
fn many_senders_share_what_is_left() {
    let (trust, mut machine) = (trust(), machine());
    let stranger = |n: u32| announce(Purpose::Papers, None, &n.to_le_bytes(), 3, 77);
    let refused = (0..10_000_u32)
        .filter(|n| matches!(machine.hear((&stranger(*n), u64::from(*n)), &trust, None, at(3)), Heard::Refused(_)));
    assert_eq!(refused.count(), MAX_SENDERS + MAX_REFUSALS as usize);
    assert_eq!(machine.senders.len(), MAX_SENDERS);
    machine.hear((&stranger(1), 99_999), &trust, None, at(30));
    assert_eq!(machine.senders.len(), 1, "the silent gave their places up");
}

#[test]
fn few_are_put_together_at_once_and_the_least_heard_gives_way() {
    let (trust, mut machine) = (trust(), machine());
    for who in 20..40 {
        let message = papers(who).pack().unwrap();
        let second = i64::from(who);
        let heard =
            machine.hear((&announce(Purpose::Papers, None, &message, second, who), 1), &trust, None, at(second));
        assert!(matches!(heard, Heard::Wanted(_)), "the newest is always heard");
        assert!(machine.coming.len() <= MAX_COMING);
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_bounded_and_never_panics(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..=128), 0..60)) {
        let (trust, mut machine) = (trust(), machine());
        let message = papers(1).pack().unwrap();
        machine.hear((&announce(Purpose::Papers, None, &message, 0, STATION), 1), &trust, None, at(0));
        for mut body in bodies {
            if let [version, action, ..] = &mut body[..] {
                (*version, *action) = (1, *action % 6);
            }
            if let Ok(radio::Body::Fragment(fragment)) = radio::Body::decode(42_007, &body) {
                machine.hear((&fragment, 1), &trust, None, at(1));
            }
        }
        prop_assert!(machine.coming.len() == 1, "what a station announced is not lost");
    }
}
