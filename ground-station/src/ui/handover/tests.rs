//! The workspace driven by its names, over the worker that does the work; and what it looks like.

use egui::{Rect, Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use super::{Command, Shown, View, show};
use crate::clock;
use crate::dock::runner::fixture::{PIN, Unit};
use crate::dock::runner::{Acting, Dock, Tell};
use crate::state::handover::{
    Aboard, Docked, End, Event, Handover, Hands, Job, Place, Planned, Progress, Receipted, Room, SegmentState, Span,
    TakenOver, Undocked, Verdict,
};
use crate::state::signin::Person;
use crate::ui::shot::{self, Shot};
use crate::ui::theme;
use crate::ui::tokens::Theme;
use evidence_store::intake::Step;
use flight_record::trust::Duty;
use flight_record::verify::{Content, Integrity, Time, Witness, Word};
use flight_record::{FlightId, Sha256};

const PATIENCE: Duration = Duration::from_secs(60);
const SMALL: egui::Vec2 = vec2(1192.0, 728.0);

/// The window, as far as this workspace needs one.
struct Window {
    state: Handover,
    view: View,
    first: Person,
    asked: Vec<Command>,
}

fn draw(ui: &mut Ui, window: &mut Window) {
    let rect = Rect::from_min_size(ui.max_rect().min, ui.max_rect().size());
    let shown = Shown { state: &window.state, first: Some(&window.first), now_utc_us: clock::now_utc_us() };
    window.asked.extend(show(ui, rect, shown, &mut window.view));
}

fn harness(window: Window) -> Harness<'static, Window> {
    let mut harness = Harness::builder()
        .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
        .with_size(SMALL)
        .build_ui_state(draw, window);
    harness.run();
    harness
}

/// A worker, and the window in front of it.
struct Station {
    unit: Unit,
    dock: Dock,
    events: Receiver<Event>,
    session: Arc<evidence_store::people::Session>,
}

impl Station {
    fn new() -> (Self, Harness<'static, Window>) {
        let unit = Unit::new();
        unit.flight(4, 100_000);
        unit.flight(2, 50_000);
        let (sender, events) = sync_channel(256);
        let dock = Dock::start(unit.setup(), Vec::new(), Tell::new(sender, Arc::new(|| ()))).unwrap();
        let session = Arc::new(unit.pilot());
        let first = Person { label: session.label().clone(), duties: session.duties().to_vec() };
        let view = View::with_packages(&unit.path("packages"));
        let window = Window { state: Handover::default(), view, first, asked: Vec::new() };
        let mut harness = harness(window);
        let station = Self { unit, dock, events, session };
        station.until(&mut harness, |event| matches!(event, Event::NotHandedOver(_)));
        (station, harness)
    }

    fn until(&self, harness: &mut Harness<'_, Window>, wanted: impl Fn(&Event) -> bool) {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            harness.state_mut().state.apply(event.clone());
            harness.step();
            if wanted(&event) {
                harness.run();
                return;
            }
        }
    }

    fn ended(&self, harness: &mut Harness<'_, Window>, job: Job) {
        self.until(harness, |event| matches!(event, Event::Ended(ended, End::Done) if *ended == job));
    }

    /// Does the one thing that was asked for.
    fn obey(&self, harness: &mut Harness<'_, Window>) {
        let mut asked = std::mem::take(&mut harness.state_mut().asked);
        assert_eq!(asked.len(), 1, "{asked:?}");
        let acting = |reason| Acting { session: Arc::clone(&self.session), reason };
        match asked.remove(0) {
            Command::Look(from, device) => self.dock.look(from, device).unwrap(),
            Command::TakeOver(reason) => self.dock.take_over(acting(reason)).unwrap(),
            Command::Countersign(who, secret) => self.dock.countersign(who, secret).unwrap(),
            Command::Erase(reason, quarantined_too) => self.dock.erase(acting(reason), quarantined_too).unwrap(),
            Command::Package(reason, dir) => self.dock.package(acting(reason), dir).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn docked(&self, harness: &mut Harness<'_, Window>) {
        harness.state_mut().view.from = self.unit.path("card").display().to_string();
        harness.run();
        press(harness, "Look at it");
        self.obey(harness);
        self.until(harness, |event| matches!(event, Event::Docked(_)));
    }
}

fn press(harness: &mut Harness<'_, Window>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

fn says(harness: &Harness<'_, Window>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

/// Takes the slide at its knob and pushes it across.
fn slide(harness: &mut Harness<'_, Window>, name: &str) {
    let rect = harness.get_by_label(name).rect();
    let (from, to) = (rect.left_center() + vec2(30.0, 0.0), rect.right_center() - vec2(4.0, 0.0));
    harness.drag_at(from);
    harness.step();
    harness.hover_at(to);
    harness.step();
    harness.drop_at(to);
    harness.run();
}

#[test]
fn a_card_is_handed_over_by_two_people() {
    let (station, mut harness) = Station::new();
    assert!(says(&harness, "Nothing docked"));
    station.docked(&mut harness);
    assert!(says(&harness, "Plan: 2 flights, room for all"));
    press(&mut harness, "Take over 2 flights");
    station.obey(&mut harness);
    station.ended(&mut harness, Job::TakeOver);
    assert!(says(&harness, "VERIFIED-UNWITNESSED") && says(&harness, "Verify: 2 of 2 done"));
    assert!(says(&harness, "Person 2: own PIN: open") && says(&harness, "1 condition is open"));

    press(&mut harness, "Verdict of flight 1");
    assert!(says(&harness, "Means: Every record"));
    press(&mut harness, "Close the verdict");
    press(&mut harness, "Countersigner DS 2207 Iqbal");
    for key in ["2", "7", "1", "8", "2", "9", "Backspace", "8"] {
        press(&mut harness, key);
    }
    press(&mut harness, "OK");
    let printed = format!("{:?} {:?}", harness.state().asked, harness.state().view);
    assert!(!printed.contains(PIN) && printed.contains("Secret(…)"), "a PIN is never printed");
    assert_eq!(harness.state().view.secret.signs(), 0, "nothing of it stays");
    station.obey(&mut harness);
    station.ended(&mut harness, Job::Countersign);
    assert!(says(&harness, "Countersigned") && says(&harness, "Person 2: DS 2207 Iqbal: holds"));

    slide(&mut harness, "Slide to order the erase on the card");
    station.obey(&mut harness);
    station.ended(&mut harness, Job::Erase);
    assert!(harness.state().state.flights().iter().all(|flight| flight.aboard() == Aboard::Ordered));
    assert!(says(&harness, "Ordered: the aircraft erases at its next start"));

    press(&mut harness, "Make package");
    station.obey(&mut harness);
    station.ended(&mut harness, Job::Package);
    assert!(says(&harness, "2 packages made"));
}

#[test]
fn what_cannot_be_done_says_why_and_asks_for_nothing() {
    let (station, mut harness) = Station::new();
    assert!(says(&harness, "Name the card's folder first."));
    press(&mut harness, "Look at it");
    harness.state_mut().view.from = "ssh://card".to_owned();
    harness.run();
    assert!(says(&harness, "`ssh://` is not spoken"));
    harness.state_mut().view.from = "tls://192.0.2.7:7443".to_owned();
    harness.run();
    assert!(says(&harness, "Choose the aircraft."));
    press(&mut harness, "Aircraft Delta 2-1");
    assert!(!says(&harness, "Choose the aircraft."));
    station.docked(&mut harness);
    harness.state_mut().view.reason = "x".to_owned();
    harness.run();
    assert!(says(&harness, "Say why in 8 to 200 characters"));
    press(&mut harness, "Take over 2 flights");
    slide(&mut harness, "Slide to order the erase on the card");
    press(&mut harness, "Make package");
    press(&mut harness, "Countersign");
    assert!(harness.state().asked.is_empty(), "{:?}", harness.state().asked);
    assert!(says(&harness, "conditions are open"));
}

#[test]
fn a_pin_is_typed_on_the_keyboard_too() {
    let (station, mut harness) = Station::new();
    station.docked(&mut harness);
    press(&mut harness, "Take over 2 flights");
    station.obey(&mut harness);
    station.ended(&mut harness, Job::TakeOver);
    press(&mut harness, "Countersigner PC 1180 Obi");
    press(&mut harness, "Own PIN of PC 1180 Obi");
    harness.event(egui::Event::Text("31415".to_owned()));
    harness.event(egui::Event::Text("99".to_owned()));
    harness.key_press(egui::Key::Backspace);
    harness.run();
    assert_eq!(harness.state().view.secret.signs(), 6);
    harness.key_press(egui::Key::Enter);
    harness.run();
    station.obey(&mut harness);
    station.until(&mut harness, |event| matches!(event, Event::PinRefused(..)));
    assert!(says(&harness, "That is not the PIN of PC 1180 Obi. 9 tries are left"));
}

/// 2026-06-18T21:31:24Z.
const NOW_US: i64 = 1_781_818_284_000_000;
const MINUTE_US: i64 = 60_000_000;

fn person(name: &str, duties: &[Duty]) -> Person {
    Person { label: name.parse().unwrap(), duties: duties.to_vec() }
}

fn spans(parts: &[(u32, SegmentState)]) -> Vec<Span> {
    let mut from = 0;
    let span = |&(to, state): &(u32, SegmentState)| {
        let span = Span { from, to, state };
        from = to;
        span
    };
    parts.iter().map(span).collect()
}

fn planned(nth: u8, minutes: (i64, i64), segments: u32, bytes: u64) -> Planned {
    Planned {
        flight: FlightId::new(NOW_US + i64::from(nth) * MINUTE_US, [nth; 10]),
        opened_utc_us: Some(NOW_US - minutes.0 * MINUTE_US),
        last_utc_us: Some(NOW_US - minutes.1 * MINUTE_US),
        closed: true,
        files: u64::from(segments) * 2 + 4,
        bytes,
        here_bytes: 0,
        segments,
        ribbon: spans(&[(segments, if nth == 4 { SegmentState::Unwitnessed } else { SegmentState::Aboard })]),
        missing: 0,
        others: 0,
        witnessed_by: vec!["van 3".parse().unwrap()],
        held: None,
        no_challenge: None,
    }
}

fn verdict(integrity: Integrity, ribbon: Vec<Span>) -> Box<Verdict> {
    let word = Word::of(integrity, Witness::Full, Content::Sealed, Time::Ok);
    Box::new(Verdict {
        word,
        integrity,
        witness: Witness::Full,
        content: Content::Sealed,
        time: Time::Ok,
        meaning: word.meaning(Witness::Full).to_owned(),
        next: word.next(Witness::Full).to_owned(),
        doubts: vec!["segments/eo/000210.ts.age: GAP, the camera was restarted, 1.2 s are missing".to_owned()],
        ribbon,
    })
}

fn taken(plan: &Planned, minutes: i64, quarantined: bool) -> Event {
    let receipt = |store: &str, later: i64| Receipted {
        store: store.parse().unwrap(),
        at_utc_us: NOW_US - minutes * MINUTE_US + later * MINUTE_US,
    };
    Event::TakenOver(Box::new(TakenOver {
        flight: plan.flight,
        quarantined,
        manifest: Sha256::of(b"manifest"),
        files: plan.files,
        bytes: plan.bytes,
        receipts: vec![receipt("Force store", 0), receipt("Second site", 2)],
        awaiting: vec![4217, 4219],
        aboard: Aboard::Stays,
        notices: Vec::new(),
    }))
}

fn docked(flights: &[Planned]) -> Event {
    let room = |store: &str, free_bytes| Room {
        store: store.parse().unwrap(),
        place: format!("/srv/{store}"),
        needed_bytes: flights.iter().map(|flight| flight.bytes).sum(),
        free_bytes,
    };
    Event::Docked(Box::new(Docked {
        from: "card /media/hale/DELTA21".to_owned(),
        aircraft: false,
        device: None,
        flights: flights.to_vec(),
        rooms: [room("Force store", 612_000_000_000), room("Second site", 3_100_000_000_000)],
        one_disk: false,
    }))
}

fn evening() -> Vec<Planned> {
    vec![
        planned(1, (209, 192), 512, 4_300_000_000),
        planned(2, (156, 139), 498, 4_200_000_000),
        planned(3, (50, 33), 509, 4_300_000_000),
        planned(4, (30, 26), 118, 1_000_000_000),
    ]
}

fn told(events: Vec<Event>) -> Handover {
    let mut state = Handover::default();
    state.apply(Event::People(vec![
        person("PC 4417 Hale", &[Duty::Pilot]),
        person("DS 2207 Iqbal", &[Duty::Custodian, Duty::Witness]),
        person("PC 1180 Obi", &[Duty::Observer]),
    ]));
    events.into_iter().for_each(|event| state.apply(event));
    state
}

fn began() -> Event {
    let actor = person("PC 4417 Hale", &[Duty::Pilot]);
    Event::Began(Job::TakeOver, Hands { actor, at_utc_us: NOW_US - 12 * MINUTE_US, reason: "End of duty".to_owned() })
}

fn progress(plan: &Planned, step: Step, done: u64, bytes_per_s: u64) -> Event {
    Event::Progress(Progress {
        flight: plan.flight,
        step,
        segment: Some(326),
        bytes_done: done,
        bytes_total: plan.bytes,
        bytes_per_s,
        left_s: Some(30),
    })
}

/// Two flights in two stores, the third on its way.
fn copying() -> Vec<Event> {
    let flights = evening();
    let good = spans(&[(512, SegmentState::Witnessed)]);
    let odd = spans(&[
        (210, SegmentState::Witnessed),
        (216, SegmentState::Faulty),
        (330, SegmentState::Witnessed),
        (342, SegmentState::Late),
        (498, SegmentState::Witnessed),
    ]);
    vec![
        docked(&flights),
        began(),
        Event::Judged { flight: flights[0].flight, verdict: verdict(Integrity::Intact, good) },
        taken(&flights[0], 12, false),
        Event::Judged { flight: flights[1].flight, verdict: verdict(Integrity::Gap, odd) },
        taken(&flights[1], 9, false),
        progress(&flights[2], Step::Copy, 2_752_000_000, 84_000_000),
    ]
}

/// Each of these at each size and in each theme.
fn scenes() -> Vec<(&'static str, Handover, View)> {
    let lost = |nth: u8, place: Place| Undocked {
        flight: FlightId::new(NOW_US, [nth; 10]),
        seen_utc_us: Some(NOW_US - i64::from(nth) * 75 * MINUTE_US),
        place,
    };
    let left = vec![lost(1, Place::Card("/media/hale/DELTA21".to_owned())), lost(2, Place::Aircraft)];
    let mut ended = copying();
    let flights = evening();
    ended.push(taken(&flights[2], 4, true));
    let altered = spans(&[(300, SegmentState::Witnessed), (309, SegmentState::Faulty), (509, SegmentState::Witnessed)]);
    ended.push(Event::Judged { flight: flights[2].flight, verdict: verdict(Integrity::Altered, altered) });
    ended.push(Event::Judged {
        flight: flights[3].flight,
        verdict: verdict(Integrity::Intact, spans(&[(118, SegmentState::Unwitnessed)])),
    });
    ended.push(taken(&flights[3], 2, false));
    ended.push(Event::Ended(Job::TakeOver, End::Done));
    ended.push(Event::PinTaken(person("DS 2207 Iqbal", &[Duty::Custodian, Duty::Witness]), NOW_US - MINUTE_US));
    let by = "DS 2207 Iqbal".parse().unwrap();
    ended.push(Event::Countersigned { by, at_utc_us: NOW_US - MINUTE_US, lines: vec![4217, 4219] });
    let mut pin = View { second: Some("DS 2207 Iqbal".parse().unwrap()), ..View::default() };
    "271".chars().for_each(|sign| pin.secret.push(sign));
    let reading = View { selected: Some(flights[1].flight), ..View::default() };
    let mut paused = copying();
    paused.push(Event::Ended(Job::TakeOver, End::Paused));
    vec![
        ("nothing", told(vec![Event::NotHandedOver(left)]), View::default()),
        ("plan", told(vec![docked(&flights)]), View::default()),
        ("copy", told(copying()), View::default()),
        ("pin", told(copying()), pin),
        ("paused", told(paused), reading),
        ("erase", told(ended), View::with_packages(std::path::Path::new("/srv/packages"))),
    ]
}

#[test]
fn every_scene_is_drawn_at_each_size_in_each_theme() {
    let first = person("PC 4417 Hale", &[Duty::Pilot]);
    for (name, state, mut view) in scenes() {
        for (width, height) in [(1192.0, 728.0), (1352.0, 828.0), (1832.0, 1008.0)] {
            for theme in Theme::ALL {
                let image = Shot::new(width, height, theme).take(|ui| {
                    let shown = Shown { state: &state, first: Some(&first), now_utc_us: NOW_US };
                    show(ui, ui.max_rect(), shown, &mut view);
                });
                let drawn = image.pixels.iter().filter(|pixel| **pixel != theme.tokens().bg).count();
                assert!(drawn > image.pixels.len() * 9 / 10, "{name} {width} {theme:?}: {drawn}");
                if let Some(folder) = std::env::var_os("SKYSEAL_SHOTS") {
                    let theme = theme.name().to_lowercase().replace(' ', "-");
                    let file = format!("handover-{name}-{width}-{theme}.png");
                    shot::write(&image, &std::path::Path::new(&folder).join(file)).unwrap();
                }
            }
        }
    }
}
