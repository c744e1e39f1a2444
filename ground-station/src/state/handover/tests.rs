//! The dock screen's state, told by hand.

use super::*;
use evidence_store::intake::Step;
use flight_record::Sha256;
use flight_record::trust::Duty;

const NOW_US: i64 = 1_777_640_000_000_000;

fn person(name: &str, duties: &[Duty]) -> Person {
    Person { label: name.parse().unwrap(), duties: duties.to_vec() }
}

fn pilot() -> Person {
    person("PC 4417 Hale", &[Duty::Pilot])
}

fn planned(number: u8) -> Planned {
    Planned {
        flight: FlightId::new(NOW_US - 1_000_000_000 + i64::from(number) * 1_000_000, [number; 10]),
        opened_utc_us: Some(NOW_US - 900_000_000),
        last_utc_us: Some(NOW_US - 600_000_000),
        closed: true,
        files: 10,
        bytes: 1_000_000_000,
        here_bytes: 0,
        segments: 4,
        ribbon: vec![Span { from: 0, to: 4, state: SegmentState::Aboard }],
        missing: 0,
        others: 0,
        witnessed_by: Vec::new(),
        held: None,
        no_challenge: None,
    }
}

fn room(name: &str, free_bytes: u64) -> Room {
    Room { store: name.parse().unwrap(), place: format!("/srv/{name}"), needed_bytes: 2_000_000_000, free_bytes }
}

fn docked(flights: Vec<Planned>, free_bytes: u64) -> Handover {
    let mut state = Handover::default();
    state.apply(Event::Looking { from: "/media/card".to_owned() });
    let rooms = [room("first", free_bytes), room("second", u64::MAX)];
    let (from, device) = ("card /media/card".to_owned(), None);
    state.apply(Event::Docked(Box::new(Docked { from, aircraft: false, device, flights, rooms, one_disk: false })));
    state
}

fn at(flight: &Planned, step: Step, done: u64) -> Event {
    Event::Progress(Progress {
        flight: flight.flight,
        step,
        segment: Some(1),
        bytes_done: done,
        bytes_total: flight.bytes,
        bytes_per_s: 1_000_000,
        left_s: Some(9),
    })
}

fn taken(flight: &Planned, quarantined: bool) -> Event {
    let receipt = |name: &str| Receipted { store: name.parse().unwrap(), at_utc_us: NOW_US };
    Event::TakenOver(Box::new(TakenOver {
        flight: flight.flight,
        quarantined,
        manifest: Sha256::of(b"manifest"),
        files: flight.files,
        bytes: flight.bytes,
        receipts: vec![receipt("first"), receipt("second")],
        awaiting: vec![7],
        aboard: Aboard::Stays,
        notices: Vec::new(),
    }))
}

fn began(job: Job) -> Event {
    Event::Began(job, Hands { actor: pilot(), at_utc_us: NOW_US, reason: "End of duty".to_owned() })
}

#[test]
fn steps_and_copies_follow_the_work() {
    let flights = [planned(1), planned(2)];
    let mut state = docked(flights.to_vec(), u64::MAX);
    let shown = |state: &Handover| state.steps(NOW_US).map(|step| (step.mark, step.detail));
    assert_eq!(shown(&state)[0], (Mark::Now, "2 flights, room for all".to_owned()));
    state.apply(began(Job::TakeOver));
    state.apply(at(&flights[0], Step::Copy, 640_000_000));
    assert_eq!(shown(&state)[0].0, Mark::Done);
    assert_eq!(shown(&state)[1], (Mark::Now, "Flight 1 of 2".to_owned()));
    let [into, second] = state.copies();
    assert_eq!((into.bytes_done, into.bytes_total, second.bytes_done), (640_000_000, 2_000_000_000, 0));
    assert!(!state.unplug().0);
    state.apply(at(&flights[0], Step::SecondCopy, 230_000_000));
    assert_eq!(shown(&state)[3], (Mark::Running, "23 %, running".to_owned()));
    state.apply(taken(&flights[0], false));
    assert_eq!(shown(&state)[2].1, "1 of 2 done");
    state.apply(at(&flights[1], Step::Copy, 0));
    state.apply(Event::Ended(Job::TakeOver, End::Paused));
    assert_eq!(shown(&state)[1].1, "Paused at flight 2 of 2");
    assert!(state.unplug().1.contains("1.0 GB are not in two stores yet"), "{:?}", state.unplug());
    state.apply(taken(&flights[1], false));
    assert!(state.unplug().1.starts_with("Yes. Two stores hold every flight"));
}

#[test]
fn nothing_is_erased_until_every_condition_holds() {
    let flights = [planned(1), planned(2)];
    let mut state = docked(flights.to_vec(), u64::MAX);
    let erase = Action::Erase { quarantined_too: false };
    let who = pilot();
    let open = |state: &Handover, now| state.open_conditions(false, Some(&who), now);
    state.apply(began(Job::TakeOver));
    state.apply(taken(&flights[0], false));
    assert_eq!(state.why_not(erase, Some(&who), NOW_US).as_deref(), Some("Wait: flights are being copied."));
    let words = |state: &Handover| -> Vec<String> {
        state.conditions(false, Some(&who), NOW_US).into_iter().map(|condition| condition.words).collect()
    };
    assert!(words(&state).contains(&"Receipts open: 2".to_owned()), "{:?}", words(&state));
    state.apply(taken(&flights[1], false));
    state.apply(Event::Ended(Job::TakeOver, End::Done));
    assert_eq!(open(&state, NOW_US), 1, "a second person");
    state.apply(Event::PinTaken(person("DS 2207 Iqbal", &[Duty::Custodian]), NOW_US));
    assert_eq!((open(&state, NOW_US), state.why_not(erase, Some(&who), NOW_US)), (0, None));
    assert_eq!(open(&state, NOW_US + WITNESS_STAYS_US + 1), 1, "their PIN counts for a while only");
    assert!(state.why_not(erase, Some(&person("PC 2", &[Duty::Supervisor])), NOW_US).is_some());
    for broken in [
        Planned { closed: false, ..planned(3) },
        Planned { others: 1, ..planned(3) },
        Planned { no_challenge: Some("not closed".to_owned()), ..planned(3) },
    ] {
        let mut state = docked(vec![broken.clone()], u64::MAX);
        state.apply(began(Job::TakeOver));
        state.apply(taken(&broken, false));
        state.apply(Event::Ended(Job::TakeOver, End::Done));
        state.apply(Event::PinTaken(person("DS 2207 Iqbal", &[Duty::Custodian]), NOW_US));
        assert_eq!(open(&state, NOW_US), 1, "{broken:?}");
    }
}

#[test]
fn what_is_in_quarantine_is_two_custodians_business() {
    let flight = planned(1);
    let mut state = docked(vec![flight.clone()], u64::MAX);
    state.apply(began(Job::TakeOver));
    state.apply(taken(&flight, true));
    state.apply(Event::Ended(Job::TakeOver, End::Done));
    let custodian = person("PC 1", &[Duty::Custodian]);
    state.apply(Event::PinTaken(person("PC 2", &[Duty::Observer]), NOW_US));
    let why = |state: &Handover, too| state.why_not(Action::Erase { quarantined_too: too }, Some(&custodian), NOW_US);
    assert_eq!(why(&state, false).as_deref(), Some("1 flight in quarantine: two custodians decide."));
    assert_eq!(why(&state, true).as_deref(), Some("1 condition is open"));
    state.apply(Event::PinTaken(person("PC 3", &[Duty::Custodian]), NOW_US));
    assert_eq!(why(&state, true), None);
    assert!(state.why_not(Action::Package, Some(&custodian), NOW_US).unwrap().contains("quarantine"));
}

#[test]
fn whoever_hands_over_cannot_countersign() {
    let mut state = docked(vec![planned(1)], u64::MAX);
    let all = [pilot(), person("DS 2207 Iqbal", &[Duty::Custodian]), person("auditor", &[Duty::Auditor])];
    state.apply(Event::People(all.to_vec()));
    let names = |state: &Handover| -> Vec<String> {
        state.countersigners(None).iter().map(|person| person.label.to_string()).collect()
    };
    assert_eq!(names(&state), ["PC 4417 Hale", "DS 2207 Iqbal"]);
    assert!(state.why_not(Action::Countersign, None, NOW_US).unwrap().contains("Start the copy first"));
    state.apply(began(Job::TakeOver));
    assert_eq!(names(&state), ["DS 2207 Iqbal"]);
    assert_eq!(state.why_not(Action::Countersign, None, NOW_US), None);
    let wait = NotLetIn { why: "Too many wrong PINs.".to_owned(), until_utc_us: Some(NOW_US + 30_000_000) };
    state.apply(Event::PinRefused("DS 2207 Iqbal".parse().unwrap(), wait));
    let why = state.why_not(Action::Countersign, None, NOW_US).unwrap();
    assert_eq!(why, "Too many wrong PINs. Try again in 30 s.");
    assert_eq!(state.why_not(Action::Countersign, None, NOW_US + 30_000_000), None);
}

#[test]
fn why_a_copy_cannot_begin_is_said() {
    let full = docked(vec![planned(1)], 500_000_000);
    let why = |state: &Handover, who: Option<&Person>| state.why_not(Action::TakeOver, who, NOW_US);
    assert_eq!(why(&full, Some(&pilot())).as_deref(), Some("Store first needs 1.5 GB more room: /srv/first."));
    let roomy = docked(vec![planned(1)], u64::MAX);
    assert!(why(&roomy, None).unwrap().starts_with("Sign in first"));
    assert!(why(&roomy, Some(&person("auditor", &[Duty::Auditor]))).unwrap().contains("is no pilot"));
    assert_eq!(why(&roomy, Some(&pilot())), None);
    assert_eq!(why(&Handover::default(), Some(&pilot())).as_deref(), Some("Nothing is docked."));
}
