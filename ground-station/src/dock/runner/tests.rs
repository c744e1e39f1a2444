//! The worker from end to end, on a card with flights that were recorded and sealed.

use super::fixture::{PIN, Unit};
use super::{Acting, Dock, Tell};
use crate::clock;
use crate::state::handover::{
    Aboard, Action, Dock as Docked, End, Event, Handover, Job, Mark, Met, Place, SegmentState, Stage,
};
use crate::state::signin::{Person, Secret};
use crate::tasks::meter::{Meter, Stop};
use evidence_store::intake::Step;
use evidence_store::ledger::{Category, HEADS_FILE, Ledger};
use evidence_store::people::Session;
use evidence_store::store::{Folder, Store};
use flight_record::verify::{Integrity, Word};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A window without a screen.
struct Window {
    dock: Dock,
    events: Receiver<Event>,
    state: Handover,
    pilot: Arc<Session>,
}

impl Window {
    fn open(unit: &Unit) -> Self {
        let (sender, events) = sync_channel(64);
        let media = vec![unit.path("media")];
        let dock = Dock::start(unit.setup(), media, Tell::new(sender, Arc::new(|| ()))).unwrap();
        let pilot = Arc::new(unit.pilot());
        let mut window = Self { dock, events, state: Handover::default(), pilot };
        window.until(|event| matches!(event, Event::NotHandedOver(_)));
        window
    }

    /// Takes events in until one is as wanted.
    fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            self.state.apply(event.clone());
            if wanted(&event) {
                return event;
            }
        }
    }

    fn ended(&mut self, job: Job) -> End {
        match self.until(|event| matches!(event, Event::Ended(ended, _) if *ended == job)) {
            Event::Ended(_, end) => end,
            other => unreachable!("{other:?}"),
        }
    }

    fn look(&mut self, card: &Path) {
        self.dock.look(crate::dock::From::Folder(card.to_owned()), None).unwrap();
        self.until(|event| matches!(event, Event::Docked(_) | Event::NotDocked(_)));
    }

    fn acting(&self) -> Acting {
        Acting { session: Arc::clone(&self.pilot), reason: "End of duty".parse().unwrap() }
    }

    fn person(&self) -> Person {
        Person { label: self.pilot.label().clone(), duties: self.pilot.duties().to_vec() }
    }

    fn why_not(&self, action: Action) -> Option<String> {
        self.state.why_not(action, Some(&self.person()), clock::now_utc_us())
    }
}

fn secret(text: &str) -> Secret {
    let mut secret = Secret::default();
    text.chars().for_each(|sign| secret.push(sign));
    secret
}

#[test]
fn a_card_is_taken_over_countersigned_erased_and_packaged() {
    let unit = Unit::new();
    let flights = [unit.flight(4, 200_000), unit.flight(2, 100_000)];
    let mut window = Window::open(&unit);
    window.look(&unit.path("card"));
    let docked = window.state.docked().unwrap();
    assert_eq!(docked.device.as_ref().unwrap().0.as_ref().unwrap().as_str(), "Delta 2-1");
    assert_eq!(docked.flights.iter().map(|flight| flight.segments).collect::<Vec<_>>(), [4, 2]);
    assert_eq!(window.state.fleet[0].0.as_str(), "Delta 2-1");
    assert_eq!(window.why_not(Action::TakeOver), None);

    window.dock.take_over(window.acting()).unwrap();
    assert_eq!(window.ended(Job::TakeOver), End::Done);
    for flight in window.state.flights() {
        assert_eq!(flight.stage, Stage::Done);
        let (taken, verdict) = (flight.taken.as_ref().unwrap(), flight.verdict.as_ref().unwrap());
        assert_eq!((verdict.word, verdict.integrity), (Word::VerifiedUnwitnessed, Integrity::Intact));
        assert!(verdict.ribbon.iter().all(|span| span.state == SegmentState::Unwitnessed), "{:?}", verdict.ribbon);
        let stores: Vec<&str> = taken.receipts.iter().map(|receipt| receipt.store.as_str()).collect();
        assert_eq!((stores, taken.aboard, taken.awaiting.len()), (vec!["first", "second"], Aboard::Stays, 2));
    }
    let setup = unit.setup();
    let anchors = crate::evidence::Anchors { trust: setup.trust, root: setup.root };
    let meter = Arc::new(Meter::new(Stop::default(), 0, |_, _| {}));
    let verdict = crate::evidence::check(&setup.store, flights[0], &anchors, unit.temp.path(), &meter).unwrap();
    let stream = &verdict.recorded.streams["eo"];
    let opened = crate::state::replay::sealed::Judged {
        seal: crate::state::evidence::Seal::Unwitnessed,
        plain: Some(flight_record::Extent::of(&vec![1; 200_000])),
    };
    assert_eq!((stream.len(), stream["000001"]), (4, opened), "what a replay compares its bytes with");
    assert!(window.why_not(Action::Erase { quarantined_too: false }).unwrap().contains("1 condition is open"));
    assert!(window.why_not(Action::Package).unwrap().contains("countersigned"));

    window.dock.countersign("DS 2207 Iqbal".parse().unwrap(), secret("314159")).unwrap();
    window.until(|event| matches!(event, Event::PinRefused(_, why) if why.why.contains("9 tries are left")));
    // The thread that looked at the wrong one may still be leaving.
    while window.dock.countersign("DS 2207 Iqbal".parse().unwrap(), secret(PIN)).is_err() {
        std::thread::yield_now();
    }
    assert_eq!(window.ended(Job::Countersign), End::Done);
    assert_eq!(window.state.awaiting(), 0);
    let conditions = window.state.conditions(false, Some(&window.person()), clock::now_utc_us());
    assert!(conditions.iter().all(|condition| condition.met == Met::Yes), "{conditions:?}");

    window.dock.erase(window.acting(), false).unwrap();
    assert_eq!(window.ended(Job::Erase), End::Done);
    for flight in flights {
        assert!(unit.path(&format!("card/dock/{flight}.order")).is_file());
    }
    assert!(window.state.flights().iter().all(|flight| flight.aboard() == Aboard::Ordered));

    window.dock.package(window.acting(), unit.path("packages")).unwrap();
    assert_eq!(window.ended(Job::Package), End::Done);
    for flight in flights {
        assert!(unit.path(&format!("packages/{flight}/manifest-sha256.txt")).is_file());
    }
    let steps = window.state.steps(clock::now_utc_us());
    assert!(steps.iter().all(|step| step.mark == Mark::Done), "{steps:?}");

    let first = Folder::open(&unit.path("first")).unwrap();
    let outside = [unit.path("second").join(HEADS_FILE)];
    let ledger = Ledger::open(&unit.path("first/ledger.sqlite"), first.identity(), &outside).unwrap();
    ledger.check().unwrap();
    assert_eq!(ledger.awaiting().count(), 0);
    let categories: Vec<Category> = ledger.of_flight(flights[0]).unwrap().iter().map(|entry| entry.category).collect();
    assert!(categories.contains(&Category::Movement) && categories.contains(&Category::Erasure), "{categories:?}");
    assert!(categories.contains(&Category::Disclosure), "{categories:?}");
}

#[test]
fn what_is_cancelled_goes_on_from_there() {
    let unit = Unit::new();
    unit.flight(30, 3_000_000);
    let mut window = Window::open(&unit);
    window.look(&unit.path("card"));
    window.dock.take_over(window.acting()).unwrap();
    window.until(|event| matches!(event, Event::Progress(progress) if progress.step == Step::Copy));
    window.dock.pause();
    assert_eq!(window.ended(Job::TakeOver), End::Paused);
    let resumes = window.state.resumes().unwrap();
    assert!(resumes.starts_with("Goes on at flight 1"), "{resumes}");
    assert_eq!(window.why_not(Action::TakeOver), None);
    window.look(&unit.path("card"));
    let here = window.state.docked().unwrap().flights[0].here_bytes;
    assert!(here > 0, "what was copied is here");
    window.dock.take_over(window.acting()).unwrap();
    let first = window.until(|event| matches!(event, Event::Progress(_)));
    assert!(matches!(first, Event::Progress(progress) if progress.bytes_done >= here), "{first:?} after {here}");
    assert_eq!(window.ended(Job::TakeOver), End::Done);
    assert!(window.state.flights()[0].taken.is_some());
}

#[test]
fn what_is_no_card_is_said_with_what_to_do() {
    let unit = Unit::new();
    let mut window = Window::open(&unit);
    window.look(&unit.path("identities"));
    let Docked::Refused(fault) = &window.state.dock else { panic!("{:?}", window.state.dock) };
    assert!(fault.what.contains("holds no flights") && fault.cure.contains("`flights`"), "{fault:?}");
    let elsewhere = crate::dock::From::Aircraft("127.0.0.1:9".to_owned());
    window.dock.look(elsewhere, None).unwrap();
    window.until(|event| matches!(event, Event::NotDocked(fault) if fault.what.contains("key")));
}

#[test]
fn a_store_that_is_gone_fails_in_words_and_nothing_is_lost() {
    let unit = Unit::new();
    let flight = unit.flight(3, 100_000);
    let mut window = Window::open(&unit);
    window.look(&unit.path("card"));
    std::fs::remove_dir_all(unit.path("second")).unwrap();
    window.dock.take_over(window.acting()).unwrap();
    let End::Failed(fault) = window.ended(Job::TakeOver) else { panic!("it cannot succeed") };
    assert!(fault.safe.contains("Nothing aboard was erased") && !fault.cure.is_empty(), "{fault:?}");
    assert!(unit.path(&format!("card/flights/{flight}/records.jsonl")).is_file());
}

#[test]
fn a_card_in_this_machine_and_a_flight_that_was_witnessed_raise_the_alarm_until_they_are_handed_over() {
    let unit = Unit::new();
    let flight = unit.flight(2, 1000);
    std::fs::create_dir_all(unit.path("media/officer")).unwrap();
    std::fs::rename(unit.path("card"), unit.path("media/officer/CARD")).unwrap();
    std::fs::create_dir(unit.path("witness")).unwrap();
    let seen = "01900000-0000-7000-8000-000000000000";
    std::fs::write(unit.path("witness").join(format!("{seen}.jsonl")), b"").unwrap();
    let mut window = Window::open(&unit);
    let later_utc_us = clock::now_utc_us() + 3_600_000_000;
    assert_eq!(window.state.waiting(clock::now_utc_us()), 1, "the aircraft may still fly");
    assert_eq!(window.state.waiting(later_utc_us), 2);
    assert!(window.state.alarm(later_utc_us).unwrap().starts_with("2 flights not handed over"));
    let on_card = |place: &Place| matches!(place, Place::Card(path) if path.ends_with("officer/CARD"));
    assert!(window.state.not_handed_over.iter().any(|found| found.flight == flight && on_card(&found.place)));
    window.look(&unit.path("media/officer/CARD"));
    window.dock.take_over(window.acting()).unwrap();
    window.ended(Job::TakeOver);
    window.until(|event| matches!(event, Event::NotHandedOver(found) if found.len() == 1));
    assert_eq!(window.state.alarm(clock::now_utc_us()), None);
}
