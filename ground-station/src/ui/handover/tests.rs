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
use crate::state::handover::{Aboard, End, Event, Handover, Job};
use crate::state::signin::Person;
use crate::ui::theme;
use crate::ui::tokens::Theme;

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
    assert!(says(&harness, "Countersignature: open") && says(&harness, "1 condition is open"));

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
    assert!(says(&harness, "Countersigned") && says(&harness, "Countersigner: DS 2207 Iqbal: holds"));

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
