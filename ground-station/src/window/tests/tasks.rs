//! Ten things that a police drone pilot does, each from a stated state to a stated end, counted as it is done. `docs/tasks.md` holds the
//! counts, beside those of QGroundControl: a count that is no longer true fails here.

use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mission_profiles::place::{Position, direct};

use super::world::{World, words_of};
use crate::command::Workspace;
use crate::state::evidence::tests::flight;
use crate::state::recording::Button;
use crate::window::app::Over;
use crate::window::asked::For;

/// The table that people read.
const TABLE: &str = include_str!("../../../../docs/tasks.md");
/// Where the aircraft of the tests stands.
const STANDS: Position = Position { lat_deg: 52.864, lon_deg: -1.6 };

/// What hands and head do, by the operators of the Keystroke-Level Model (Card, Moran, Newell 1980).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Work {
    /// Pointing at something and pressing it.
    clicks: u32,
    /// Pressing something, pointing elsewhere, letting go.
    drags: u32,
    keys: u32,
    /// Texts typed, and their characters.
    texts: u32,
    characters: u32,
    /// From the pointer to the keys, or back.
    homings: u32,
    /// Before each step that has to be thought of.
    thoughts: u32,
    /// The program makes the person wait, milliseconds.
    waits_ms: u32,
}

impl Work {
    fn presses(self) -> u32 {
        self.clicks + self.drags + self.keys + self.texts
    }

    fn seconds(self) -> f64 {
        const KEY: f64 = 0.28;
        const POINT: f64 = 1.1;
        const BUTTON: f64 = 0.1;
        const HOME: f64 = 0.4;
        const THINK: f64 = 1.35;
        let times = |count: u32, seconds: f64| f64::from(count) * seconds;
        times(self.clicks, POINT + 2.0 * BUTTON)
            + times(self.drags, 2.0 * POINT + 2.0 * BUTTON)
            + times(self.keys + self.characters, KEY)
            + times(self.homings, HOME)
            + times(self.thoughts, THINK)
            + f64::from(self.waits_ms) / 1_000.0
    }

    fn words(self) -> String {
        format!("{} | {:.1} s", self.presses(), self.seconds())
    }
}

/// QGroundControl's side of a row: what its sources and its guide ask of a person, or that it is not there.
fn theirs(task: &str) -> Option<Work> {
    let work = |clicks, drags, thoughts, waits_ms| Some(Work { clicks, drags, thoughts, waits_ms, ..Work::default() });
    match task {
        "Connect" => work(0, 0, 0, 0),
        // The status, then the arrow of the reason.
        "See why it will not arm, and the cure" => work(2, 0, 2, 0),
        // Q, Plan Flight, the template Survey, and the four corners of its square.
        "Plan a survey of an area" => work(3, 4, 3, 0),
        // GeoFence, Polygon Fence, and the four corners of its square.
        "Add a fence of four corners" => work(2, 4, 2, 0),
        "Start recording" => work(1, 0, 1, 0),
        // Return, then the confirmation, held for half a second.
        "Return home" => work(2, 0, 2, 500),
        _ => None,
    }
}

/// Hands on a window.
struct Hands {
    world: World,
    work: Work,
    on_keys: bool,
}

impl Hands {
    fn on(world: World) -> Self {
        Self { world, work: Work::default(), on_keys: false }
    }

    fn thinks(&mut self) {
        self.work.thoughts += 1;
    }

    fn homes(&mut self, keys: bool) {
        self.work.homings += u32::from(self.on_keys != keys);
        self.on_keys = keys;
    }

    fn key(&mut self, key: Key) {
        self.homes(true);
        self.work.keys += 1;
        self.world.harness.key_press(key);
        self.world.harness.run_steps(2);
    }

    fn types(&mut self, text: &str) {
        self.homes(true);
        self.work.texts += 1;
        self.work.characters += u32::try_from(text.chars().count()).unwrap();
        self.world.harness.event(Event::Text(text.to_owned()));
        self.world.harness.run_steps(3);
    }

    fn clicks(&mut self, name: &str) {
        self.homes(false);
        self.work.clicks += 1;
        let at = self.world.harness.get_by_label_contains(name).rect().center();
        self.press(at);
    }

    fn clicks_at(&mut self, at: Pos2) {
        self.homes(false);
        self.work.clicks += 1;
        self.press(at);
    }

    fn press(&mut self, pos: Pos2) {
        for pressed in [true, false] {
            self.world.harness.event(Event::PointerMoved(pos));
            self.world.harness.run_steps(1);
            let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
            self.world.harness.event(Event::PointerButton { pos, button, pressed, modifiers });
            self.world.harness.run_steps(1);
        }
        self.world.harness.run_steps(2);
    }

    /// Whether it stands somewhere.
    fn sees(&self, words: &str) -> bool {
        self.world.harness.query_all_by_label_contains(words).next().is_some()
    }

    /// The end of a task: its row stands in the table as it was done.
    fn done(self, task: &str) {
        let theirs = theirs(task).map_or_else(|| "not there | —".to_owned(), Work::words);
        let row = format!("| {task} | {} | {theirs} |", self.work.words());
        assert!(TABLE.lines().any(|line| line == row), "docs/tasks.md lacks this row:\n{row}");
    }
}

#[test]
fn connect() {
    let mut hands = Hands::on(World::new());
    hands.world.harness.run_steps(2);
    assert!(hands.sees("No vehicle heard yet"));
    hands.world.pass(1);
    assert!(hands.sees("Aircraft: SKY-1") && !hands.sees("No vehicle heard yet"));
    hands.done("Connect");
}

#[test]
fn see_why_it_will_not_arm() {
    let mut world = World::new();
    world.aircraft.flies = false;
    world.pass(1);
    world.text(2, "PreArm: Compass not calibrated");
    world.pass(1);
    let mut hands = Hands::on(world);
    assert!(hands.sees("Not ready to arm: 1 reason"), "the first reason stands there before anything is pressed");
    hands.thinks();
    hands.key(Key::W);
    assert_eq!(hands.world.app().view.over, Some(Over::WhyNotArm));
    assert!(hands.sees("Compass not calibrated") && hands.sees("Check again"));
    hands.done("See why it will not arm, and the cure");
}

/// Four corners about the aircraft, on the map that is drawn.
fn corners(hands: &Hands, away_m: f64) -> [Pos2; 4] {
    let map = hands.world.harness.get_by_label("Map").rect();
    let lens = hands.world.harness.state().plan_lens(map);
    [45.0, 135.0, 225.0, 315.0].map(|azimuth_deg| lens.at(direct(STANDS, azimuth_deg, away_m)))
}

/// A window before which the aircraft stands, the zones are known, and Plan has been looked at.
fn standing() -> Hands {
    let mut world = World::new();
    world.aircraft.flies = false;
    world.unit.imports();
    world.pass(1);
    world.app().go(Workspace::Plan);
    world.live_until("the rules", |harness| harness.state().plan_waits_for_a_drawing());
    Hands::on(world)
}

fn draws_a_survey(hands: &mut Hands) {
    hands.thinks();
    hands.clicks("Draw an area");
    hands.thinks();
    for corner in corners(hands, 150.0) {
        hands.clicks_at(corner);
    }
    hands.key(Key::Enter);
    hands.world.live_until("the pattern", |harness| {
        harness.query_all_by_label_contains("Distance: ").any(|node| words_of(&node.accesskit_node()).ends_with("km"))
    });
}

#[test]
fn plan_a_survey_and_fence_it() {
    let mut hands = standing();
    hands.world.app().go(Workspace::Fly);
    hands.world.harness.run_steps(2);
    hands.thinks();
    hands.key(Key::Num2);
    draws_a_survey(&mut hands);
    assert_eq!(hands.world.app().planned().corners.len(), 4);
    let mut fences = Hands::on(World::new());
    std::mem::swap(&mut fences.world, &mut hands.world);
    hands.done("Plan a survey of an area");
    fences.thinks();
    fences.clicks("Fence: stay inside");
    fences.thinks();
    for corner in corners(&fences, 230.0) {
        fences.clicks_at(corner);
    }
    let fence = fences.world.app().planned().fence.clone();
    assert!(fence.len() == 1 && fence[0].inside && fence[0].corners.len() == 4, "{fence:?}");
    fences.done("Add a fence of four corners");
}

#[test]
fn start_recording() {
    let mut hands = Hands::on(World::flying());
    hands.thinks();
    hands.key(Key::R);
    let now_ns = hands.world.now_ns;
    assert!(matches!(hands.world.app().flight.recording.button(now_ns), Button::Starting { .. }));
    hands.world.aircraft.records_ms = Some(0);
    hands.world.pass(3);
    assert!(hands.sees("Recording: REC 00:00:0"), "seen to grow");
    hands.done("Start recording");
}

#[test]
fn each_thing_called_record_records_at_one_press() {
    let places = |hands: &Hands| -> Vec<Pos2> {
        hands.world.harness.query_all_by_label("Record").map(|node| node.rect().center()).collect()
    };
    let all = places(&Hands::on(World::flying()));
    assert!(all.len() >= 2, "the bar's and the control's: {all:?}");
    for nth in 0..all.len() {
        let mut hands = Hands::on(World::flying());
        let at = places(&hands)[nth];
        hands.clicks_at(at);
        let now_ns = hands.world.now_ns;
        let shown = hands.world.app().flight.recording.button(now_ns);
        assert!(matches!(shown, Button::Starting { .. }), "{at}: {shown:?}");
    }
}

#[test]
fn return_home() {
    let mut hands = Hands::on(World::flying());
    hands.thinks();
    hands.key(Key::F2);
    assert_ne!(hands.world.app().asked.of(&For::Return), crate::ui::widget::flight::Sent::Ready, "it is ordered");
    hands.done("Return home");
}

#[test]
fn find_the_footage_of_yesterdays_flight() {
    const DAY_US: i64 = 86_400_000_000;
    let mut hands = Hands::on(World::new());
    let now_us = hands.world.utc_us;
    let flights = (0_u8..30).map(|day| flight(day, now_us - i64::from(day) * DAY_US)).collect();
    hands.world.app().show_flights(flights);
    hands.thinks();
    hands.key(Key::Num5);
    let yesterday = crate::ui::evidence::day(now_us - DAY_US);
    assert!(!hands.sees(&format!("{yesterday}, chosen")));
    hands.thinks();
    hands.clicks(&yesterday);
    assert_eq!(hands.world.app().chosen_flight(), Some(flight(1, 0).id));
    assert!(hands.sees("VERIFIED-SEALED-ONLY"));
    hands.done("Find the footage of yesterday's flight");
}

/// A restricted zone whose dataset names whom to call.
const TOWER: &str = r#"{"formatVersion": "1", "features": [{"identifier": "EGXX01", "name": "FRZ Etwall", "type": "COMMON",
 "country": "GBR", "restriction": "REQ_AUTHORISATION", "reason": ["AIR_TRAFFIC"],
 "zoneAuthority": [{"name": "Etwall Tower", "phone": "01632 960118", "purpose": "AUTHORIZATION"}],
 "applicability": [{"permanent": "YES"}],
 "geometry": [{"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 600,
  "upperVerticalReference": "AGL", "horizontalProjection": {"type": "Polygon",
   "coordinates": [[[-1.65,52.83],[-1.55,52.83],[-1.55,52.88],[-1.65,52.88],[-1.65,52.83]]]}}]}]}"#;

#[test]
fn check_whether_a_place_may_be_flown_and_whom_to_call() {
    let world = World::new();
    std::fs::write(world.unit.path("local.json"), TOWER).unwrap();
    world.unit.imports();
    let mut hands = Hands::on(world);
    hands.world.pass(1);
    hands.world.app().go(Workspace::Airspace);
    hands.world.live_until("the zones", |harness| harness.query_all_by_label_contains("FRZ Etwall: ").next().is_some());
    hands.world.app().go(Workspace::Fly);
    hands.world.harness.run_steps(2);
    hands.thinks();
    hands.key(Key::Num3);
    hands.thinks();
    hands.key(Key::Slash);
    hands.types("SK 290 290");
    assert!(hands.sees("FRZ Etwall: Blocks"), "what it asks");
    hands.thinks();
    hands.clicks("FRZ Etwall: Blocks");
    assert!(hands.sees("Telephone 01632 960118"), "whom to call");
    hands.done("Check whether a place may be flown, and whom to call");
}

#[test]
fn mark_a_moment() {
    let mut world = World::flying();
    world.begin_witnessing();
    let mut hands = Hands::on(world);
    hands.world.harness.run_steps(2);
    hands.thinks();
    hands.key(Key::M);
    hands.types("blue van");
    hands.key(Key::Enter);
    hands.world.until("the marker", |app| app.markers() == 1);
    hands.done("Mark a moment, with a note");
}

#[test]
fn note_that_people_were_told() {
    let mut world = World::flying();
    world.begin_witnessing();
    let mut hands = Hands::on(world);
    hands.thinks();
    hands.key(Key::N);
    hands.world.until("the notice", |app| app.notice_given().is_some());
    hands.done("Note that people were told of the flight");
}

#[test]
fn see_when_it_must_turn_home() {
    let mut world = World::new().since(45);
    world.aircraft.battery_falls_percent_s = 0.05;
    world.pass(45);
    let hands = Hands::on(world);
    let said = hands
        .world
        .harness
        .query_all_by_label_contains("Return by ")
        .next()
        .map(|node| words_of(&node.accesskit_node()));
    assert!(said.is_some_and(|said| said.contains("Battery: ")), "it stands in the strip");
    hands.done("See by when it must turn home");
}

#[test]
fn the_table_has_no_row_that_nobody_counts() {
    let tasks = include_str!("tasks.rs").matches(".done(\"").count();
    let rows = TABLE.lines().filter(|line| line.starts_with("| ") && line.contains(" s | ")).count();
    assert_eq!(rows, tasks, "each row of docs/tasks.md is one task above");
}
