use super::*;
use crate::plan::rules::Loaded;
use crate::state::plan::kinds::Figure;
use crate::state::plan::tests::{HOME, area, now, ready, rules, search, solve};
use crate::state::progress::{Unit, Work};
use crate::state::signin::Person;
use crate::ui::map::lens::Lens;
use crate::ui::map::tests::{dressed, keep};
use crate::ui::shot::Shot;
use crate::ui::tokens::Theme;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::{Harness, kittest::Queryable as _};
use mission_profiles::place::{Terrain, inverse};

const SIZE: egui::Vec2 = vec2(1_352.0, 828.0);

/// Ground that rises to the east.
fn hills() -> Terrain {
    let side = 1_201_usize;
    let sample = |at: usize| {
        let (row, column) = (at / side, at % side);
        let wave = ((f64::from(u32::try_from(row).unwrap()) * 0.9).sin()
            + (f64::from(u32::try_from(column).unwrap()) * 0.7).sin())
            * 7.0;
        #[expect(clippy::cast_possible_truncation, reason = "some metres")]
        let height = (70.0 + wave) as i16;
        height.to_be_bytes()
    };
    let mut terrain = Terrain::default();
    terrain.add("N52W002.hgt", &(0..side * side).flat_map(sample).collect::<Vec<_>>()).unwrap();
    terrain
}

struct Bench {
    planner: Planner,
    view: PlanView,
    rules: Loaded,
    asked: Vec<PlanCommand>,
    /// A quarter of it is on its way.
    sending: bool,
    people: Vec<Person>,
}

impl Bench {
    fn draw(&mut self, ui: &mut Ui, rect: Rect) {
        solve(&mut self.planner, &self.rules);
        let mut work = Work::begun("Sending the mission", Unit::Things("items"), Some(40), 0);
        work.at("Sending the mission", (10, 40), 1_000_000_000);
        let ground = Ground {
            sending: self.sending.then_some(&work),
            people: &self.people,
            datasets: &self.rules.datasets,
            edition: 1,
            own: Some((HOME, 0.0)),
            terrain: "SRTM 3″",
            ..Ground::default()
        };
        let asked = show(ui, rect, &mut self.planner, ground, &mut self.view);
        self.asked.extend(asked);
    }
}

fn bench(planner: Planner) -> Bench {
    Bench { planner, view: PlanView::default(), rules: rules(), asked: Vec::new(), sending: false, people: Vec::new() }
}

#[test]
fn pictures_of_the_screen_in_each_theme_and_size() {
    for (width, height) in [(1_192.0, 728.0), (1_352.0, 828.0), (1_832.0, 1_008.0)] {
        for theme in Theme::ALL {
            let mut bench = bench(search());
            bench.rules.terrain = Some(hills());
            bench.view.chosen = Some(1);
            let image = Shot::new(width, height, theme).take(|ui| {
                let rect = ui.max_rect();
                bench.draw(ui, rect);
            });
            let t = theme.tokens();
            let has = |color: egui::Color32| image.pixels.iter().filter(|pixel| **pixel == color).count();
            assert!(
                has(t.route) > 900 && has(t.warn) > 200,
                "{theme:?}: the route and what blocks: {} {}",
                has(t.route),
                has(t.warn)
            );
            keep(&format!("plan-{width}-{}", theme.name()), &image);
        }
    }
    let mut bench = bench(ready());
    let image = Shot::new(SIZE.x, SIZE.y, Theme::Day).take(|ui| {
        let rect = ui.max_rect();
        bench.draw(ui, rect);
    });
    keep("plan-empty", &image);
}

#[test]
fn pictures_of_items_and_of_an_override() {
    let mut planner = ready();
    planner.import("site.plan", PLAN.as_bytes()).unwrap();
    let mut items = Bench { sending: true, ..bench(planner) };
    items.view.selected = Some(Point::Item(1));
    let mut answering = bench(search());
    answering.view.answering = Some(answer::Form::of(1));
    for (name, mut bench) in [("plan-items", items), ("plan-override", answering)] {
        let image = Shot::new(SIZE.x, SIZE.y, Theme::Night).take(|ui| {
            let rect = ui.max_rect();
            bench.draw(ui, rect);
        });
        let filled = image.pixels.iter().filter(|pixel| **pixel == Theme::Night.tokens().accent_fill).count();
        assert!(filled > 100, "{name}");
        keep(name, &image);
    }
}

fn harness(bench: Bench) -> Harness<'static, Bench> {
    let mut harness = Harness::builder().with_size(SIZE).build_ui_state(
        |ui, bench: &mut Bench| {
            if dressed(ui) {
                bench.draw(ui, Rect::from_min_size(Pos2::ZERO, SIZE));
            }
        },
        bench,
    );
    harness.run();
    harness
}

fn lens(harness: &Harness<'_, Bench>) -> Lens {
    let map = harness.get_by_label("Map").rect();
    harness.state().view.map.lens(map)
}

fn press(harness: &mut Harness<'_, Bench>, at: Pos2, down: bool) {
    harness.input_mut().events.push(Event::PointerMoved(at));
    harness.step();
    let modifiers = Modifiers::NONE;
    harness.input_mut().events.push(Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed: down,
        modifiers,
    });
    harness.step();
}

fn click(harness: &mut Harness<'_, Bench>, place: Position) {
    let at = lens(harness).at(place);
    press(harness, at, true);
    press(harness, at, false);
}

#[test]
fn a_search_is_drawn_checked_cleared_and_sent() {
    let mut harness = harness(bench(ready()));
    harness.get_by_label("Missing-person search");
    harness.get_by_label("Road-traffic collision scene").click();
    harness.run();
    assert_eq!(harness.state().planner.document().profile, 1);
    harness.get_by_label("Missing-person search").click();
    harness.run();
    harness.state_mut().view.map.look_at(HOME, 15.4);
    harness.get_by_label("Draw an area").click();
    harness.run();
    for corner in area() {
        click(&mut harness, corner);
    }
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().planner.document().corners.len(), 4);
    harness.get_by_label("Pattern: Parallel tracks");
    let takes = harness.state().planner.worked().unwrap().takes;
    harness.get_by_label(&format!("Distance: {:.2} km", takes.distance_m / 1_000.0));
    harness.get_by_label(&format!("Lands with: {:.0} % reserve 25", takes.lands_with_percent.unwrap()));
    harness.get_by_label_contains("1 finding blocks, 7 checks open");
    // One number in three places; a click on any shows it in all.
    harness.get_by_label("Finding 1 on the map").click();
    harness.run();
    assert_eq!(harness.state().view.chosen, Some(1));
    harness.get_by_label("Finding 1 in the height profile");
    harness.get_by_label_contains("Finding 1: FRZ Derby may be entered");
    harness.get_by_label("Upload to Delta 2-1").click();
    harness.run();
    assert!(harness.state().asked.is_empty(), "it is locked");
    harness.get_by_label("Derby Tower: finding 1").click();
    harness.get_by_label("Trim to edge: finding 1").click();
    harness.run();
    let called = PlanCommand::Call { name: "Derby Tower".into(), phone: "01632 960111".into() };
    assert_eq!(harness.state_mut().asked.pop(), Some(called));
    harness.get_by_label("7 checks open");
    let items = harness.state().planner.profile().content.checklist.clone();
    for item in 0..items.len() {
        harness.state_mut().planner.tick(item, true);
    }
    harness.run();
    harness.get_by_label("Nothing blocks, all is checked");
    harness.get_by_label("Upload to Delta 2-1").click();
    harness.run();
    let asked = &harness.state().asked;
    assert!(matches!(&asked[..], [PlanCommand::Upload(plan)] if plan.mission.len() > 8), "{asked:?}");
}

#[test]
fn corners_are_dragged_added_moved_by_keys_and_taken_away() {
    let mut harness = harness(bench(search()));
    harness.state_mut().view.map.look_at(HOME, 16.0);
    harness.run();
    let before = harness.state().planner.document().corners.clone();
    let from = lens(&harness).at(before[1]);
    press(&mut harness, from, true);
    for step in 1..5_u8 {
        harness.input_mut().events.push(Event::PointerMoved(from + vec2(10.0, 6.0) * f32::from(step)));
        harness.step();
    }
    press(&mut harness, from + vec2(40.0, 24.0), false);
    harness.run();
    let moved = harness.state().planner.document().corners[1];
    let wanted = lens(&harness).place(from + vec2(40.0, 24.0));
    assert!(inverse(moved, wanted).distance_m < 1.0, "{}", inverse(moved, wanted).distance_m);
    let there = moved;
    harness.key_press(Key::ArrowUp);
    harness.run();
    let up = harness.state().planner.document().corners[1];
    assert!((inverse(there, up).distance_m - 1.0).abs() < 1e-3 && up.lat_deg > there.lat_deg);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    assert_eq!(harness.state().planner.document().corners[1], there);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    assert_eq!(harness.state().planner.document().corners, before, "a drag is one step");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    harness.run();
    assert_eq!(harness.state().planner.document().corners[1], there);
    harness.get_by_label("Between corner 3 and 4").click();
    harness.run();
    assert_eq!(harness.state().planner.document().corners.len(), 5);
    harness.key_press(Key::Delete);
    harness.run();
    assert_eq!(harness.state().planner.document().corners.len(), 4);
    harness.get_by_label("Height: more").click();
    harness.run();
    assert_eq!(harness.state().planner.figure(Figure::Height), 65.0);
    harness.get_by_label("Undo").click();
    harness.run();
    harness.get_by_label("Height: 60 m AGL");
}

#[test]
fn what_is_missing_is_taught_and_files_are_named() {
    let mut harness = harness(bench(Planner::new().unwrap()));
    harness.get_by_label_contains("Put the take-off on the map");
    harness.get_by_label("Put the take-off").click();
    harness.run();
    harness.state_mut().view.map.look_at(HOME, 15.0);
    harness.run();
    click(&mut harness, HOME);
    harness.run();
    assert!(inverse(harness.state().planner.home().unwrap(), HOME).distance_m < 1.0);
    harness.get_by_label_contains("Nobody knows how high the take-off is");
    harness.get_by_label("Import a plan or a drawing").click();
    harness.run();
    harness.get_by_label("File to take in").type_text("/media/usb/search.kml");
    harness.run();
    harness.get_by_label("Import").click();
    harness.run();
    assert_eq!(harness.state().asked, [PlanCommand::Import("/media/usb/search.kml".into())]);
    harness.state_mut().view.refuse("search.kml: it shows no point, line or area".into());
    harness.run();
    harness.get_by_label("search.kml: it shows no point, line or area");
    assert!(harness.state_mut().planner.question(now()).is_none(), "nothing has changed since");
}

/// A plan of another station: take-off, two waypoints with a camera command between them, landing.
const PLAN: &str = r#"{"fileType": "Plan", "version": 1, "groundStation": "QGroundControl",
 "geoFence": {"circles": [], "polygons": [], "version": 2}, "rallyPoints": {"points": [], "version": 2},
 "mission": {"version": 2, "firmwareType": 3, "vehicleType": 2, "cruiseSpeed": 8, "hoverSpeed": 5,
  "plannedHomePosition": [52.9, -1.6, 70], "items": [
  {"type": "SimpleItem", "autoContinue": true, "command": 22, "doJumpId": 1, "frame": 3, "params": [0, 0, 0, null, 52.9, -1.6, 40]},
  {"type": "SimpleItem", "autoContinue": true, "command": 16, "doJumpId": 2, "frame": 3, "params": [0, 0, 0, null, 52.9008, -1.6, 60]},
  {"type": "SimpleItem", "autoContinue": true, "command": 2000, "doJumpId": 3, "frame": 2, "params": [0, 0, 1, 0, 0, 0, 0]},
  {"type": "SimpleItem", "autoContinue": true, "command": 16, "doJumpId": 4, "frame": 3, "params": [0, 0, 0, null, 52.9008, -1.5985, 60]},
  {"type": "SimpleItem", "autoContinue": true, "command": 21, "doJumpId": 5, "frame": 3, "params": [0, 0, 0, null, 52.9, -1.6, 0]}]}}"#;

fn heights(harness: &Harness<'_, Bench>) -> Vec<(u16, f32)> {
    let imported = harness.state().planner.document().imported.clone().unwrap();
    imported.plan.mission.iter().map(|item| (item.command, item.z)).collect()
}

#[test]
fn a_plan_from_elsewhere_is_edited_item_by_item_and_undone() {
    let mut planner = ready();
    planner.import("site.plan", PLAN.as_bytes()).unwrap();
    let mut harness = harness(bench(planner));
    harness.get_by_label("Item 3: Camera: pictures");
    harness.get_by_label("Item 2: Waypoint, 60 m above take-off").click();
    harness.run();
    harness.get_by_label("Height: more").click();
    harness.run();
    harness.get_by_label("Speed on: less").click();
    harness.run();
    assert_eq!(heights(&harness)[..3], [(22, 40.0), (16, 65.0), (178, 0.0)]);
    let speed = (harness.state().planner.document().speed_ms - 1.0).round();
    harness.get_by_label(&format!("Item 2: Waypoint, 65 m above take-off, {speed:.0} m/s"));
    harness.get_by_label("Waypoint after item 2").click();
    harness.run();
    assert_eq!(heights(&harness).len(), 7);
    harness.get_by_label("Delete item 3").click();
    harness.run();
    harness.get_by_label("Undo").click();
    harness.run();
    // Dragged on the map, by the same handle as a corner.
    harness.state_mut().view.map.look_at(HOME, 16.0);
    harness.run();
    let before = harness.state().planner.document().place(Point::Item(1)).unwrap();
    let from = lens(&harness).at(before);
    press(&mut harness, from, true);
    harness.input_mut().events.push(Event::PointerMoved(from + vec2(30.0, 12.0)));
    harness.step();
    press(&mut harness, from + vec2(30.0, 12.0), false);
    harness.run();
    let after = harness.state().planner.document().place(Point::Item(1)).unwrap();
    let wanted = lens(&harness).place(from + vec2(30.0, 12.0));
    assert!(inverse(after, wanted).distance_m < 1.0, "{}", inverse(after, wanted).distance_m);
    // What is exported is the file as it came, with the changed items in it.
    let bytes = harness.state().planner.export("changed.plan").unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains("QGroundControl") && text.contains("\"vehicleType\": 2"), "{text}");
    let read = mission_profiles::plan_files::Plan::read(&bytes).unwrap();
    assert_eq!(read.mission.len(), heights(&harness).len());
    for _ in 0..4 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run();
    }
    assert_eq!(harness.state().planner.export("again.plan").unwrap(), PLAN.as_bytes(), "byte for byte as it came");
}

#[test]
fn a_finding_is_overridden_by_an_officer_once_the_checklist_is_done() {
    let mut harness = harness(bench(search()));
    harness.get_by_label("Override…: finding 1").click();
    harness.run();
    harness.get_by_label("Finish the checklist first: the override is bound to it");
    for item in 0..harness.state().planner.ticks().len() {
        harness.state_mut().planner.tick(item, true);
    }
    harness.run();
    harness.get_by_label("Whose account?");
    for (field, words) in
        [("Officer’s account", "obi"), ("Officer’s PIN", "271828"), ("Reason of the override", "life at risk")]
    {
        harness.get_by_label(field).focus();
        harness.run();
        harness.get_by_label(field).type_text(words);
        harness.run();
    }
    harness.get_by_label("Sign the override").click();
    harness.run();
    let asked = &harness.state().asked;
    let [PlanCommand::Answer(answer)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((answer.number, answer.who.as_str(), answer.reason.as_str()), (1, "obi", "life at risk"));
    assert!(!format!("{asked:?}").contains("271828"), "no PIN is printed");
    harness.state_mut().view.refuse_answer("whoever flies overrides nothing");
    harness.run();
    harness.get_by_label("whoever flies overrides nothing");
    assert!(harness.state().view.answering.as_ref().is_some_and(|form| form.answer.pin.is_empty()));
    harness.get_by_label("Not now").click();
    harness.run();
    assert!(harness.state().view.answering.is_none());
}

#[test]
fn an_upload_shows_how_far_it_is_and_is_cancelled() {
    let mut harness = harness(Bench { sending: true, ..bench(search()) });
    harness.get_by_label_contains("Sending the mission: 25 %, 10 of 40 items, 10/s, 3 s left");
    harness.get_by_label("Cancel: Sending the mission").click();
    harness.run();
    assert_eq!(harness.state().asked, [PlanCommand::CancelUpload]);
}

#[test]
fn the_observer_is_chosen_among_the_people_of_the_unit_and_is_not_the_pilot() {
    use flight_record::trust::Duty;
    let person = |label: &str, duty: Duty| Person { label: label.parse().unwrap(), duties: vec![duty] };
    let people = vec![person("P1", Duty::Pilot), person("custodian", Duty::Custodian), person("obi", Duty::Observer)];
    let mut planner = ready();
    let mut means = planner.means().clone();
    means.crew.roles = vec!["pilot".into()];
    planner.set_means(means);
    let mut harness = harness(Bench { people, ..bench(planner) });
    harness.get_by_label("Observer: Nobody: press to choose").click();
    harness.run();
    harness.get_by_label("Observer: obi").click();
    assert_eq!(harness.state().planner.filled().collect::<Vec<_>>(), ["observer"]);
    harness.run();
    harness.get_by_label("Observer: Nobody: press to choose");
}
