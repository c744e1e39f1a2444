use super::scene::{Craft, Fence, Pin, Traffic};
use super::*;
use crate::state::airspace::{Asks, Stand};
use crate::ui::shot::Shot;
use crate::ui::tokens::Theme;
use crate::ui::widget::badge::Tone;
use egui::{Event, Modifiers, PointerButton, Pos2, pos2};
use egui_kittest::{Harness, kittest::Queryable as _};
use mission_profiles::place::direct;
use mission_profiles::zones::{Dataset, read};

pub(super) const HOME: Position = Position { lat_deg: 52.9, lon_deg: -1.6 };

pub(super) fn datasets() -> Vec<Dataset> {
    let zone = |class: &str, name: &str, place: &str, radius: &str| {
        format!("AC {class}\nAN {name}\nAL SFC\nAH 2175ft\nV X={place}\nDC {radius}\n\n")
    };
    let mut text = String::from("* ILLUSTRATIVE\n");
    text += &zone("CTR", "FRZ Derby", "52:52:30 N 001:34:30 W", "0.9");
    text += &zone("P", "Prison", "52:54:40 N 001:37:20 W", "0.25");
    text += &zone("D", "Firing", "52:54:20 N 001:33:50 W", "0.35");
    text += &zone("R", "Hospital", "52:53:40 N 001:38:40 W", "0.3");
    text += &zone("D", "Unread", "52:55:10 N 001:35:00 W", "0.3");
    vec![read::dataset("test.txt", text.as_bytes()).unwrap()]
}

pub(super) fn stands() -> Vec<Stand> {
    let asks = [
        (Asks::Blocks, "no permission"),
        (Asks::CallFirst, "call first"),
        (Asks::Held, "held: D-1 until 15:00 UTC"),
        (Asks::Note, "above or below you"),
        (Asks::Uncertain, "parts could not be read"),
    ];
    let stand = |(zone, (asks, words)): (usize, (Asks, &str))| Stand {
        dataset: 0,
        zone,
        volume: 0,
        asks,
        words: words.into(),
        near_m: None,
    };
    asks.into_iter().enumerate().map(stand).collect()
}

fn way(from: Position, legs: &[(f64, f64)]) -> Vec<Position> {
    let next = |here: &mut Position, (azimuth_deg, far_m): &(f64, f64)| {
        *here = direct(*here, *azimuth_deg, *far_m);
        Some(*here)
    };
    std::iter::once(from).chain(legs.iter().scan(from, next)).collect()
}

struct World {
    datasets: Vec<Dataset>,
    stands: Vec<Stand>,
    flown: Vec<Position>,
    route: Vec<Position>,
    others: Vec<(String, Craft)>,
    traffic: Vec<Traffic>,
    fence: Vec<Fence>,
    rally: Vec<Position>,
    pins: Vec<Pin>,
    footprint: Vec<(Position, bool)>,
}

impl World {
    fn new() -> Self {
        let flown = way(HOME, &[(120.0, 400.0), (30.0, 200.0), (300.0, 60.0)]);
        let here = flown[3];
        let corners = way(direct(here, 100.0, 150.0), &[(100.0, 300.0), (200.0, 400.0), (290.0, 150.0)]);
        Self {
            // Cut off at its far edge.
            footprint: [1, 2, 3, 0].map(|nth| (corners[nth], nth == 1 || nth == 2)).into(),
            datasets: datasets(),
            stands: stands(),
            route: way(here, &[(210.0, 250.0), (120.0, 60.0), (30.0, 250.0), (120.0, 60.0), (210.0, 250.0)]),
            flown,
            others: vec![("Delta 3".into(), Craft { position: direct(HOME, 250.0, 500.0), heading_deg: 80.0 })],
            traffic: vec![Traffic {
                position: direct(HOME, 20.0, 900.0),
                callsign: "HELI1".into(),
                above_m: Some(-40.0),
                near: true,
            }],
            fence: vec![Fence {
                corners: way(direct(HOME, 315.0, 900.0), &[(90.0, 1_400.0), (180.0, 1_500.0), (270.0, 1_400.0)]),
                inside: true,
            }],
            rally: vec![direct(HOME, 200.0, 150.0)],
            pins: vec![Pin {
                number: 1,
                position: direct(HOME, 150.0, 900.0),
                tone: Tone::Warn,
                chosen: false,
                name: "zone".into(),
            }],
        }
    }

    fn scene(&self) -> Scene<'_> {
        let here = self.flown[3];
        Scene {
            datasets: &self.datasets,
            edition: 1,
            stands: &self.stands,
            stands_edition: 1,
            home: Some(HOME),
            own: Some(Craft { position: here, heading_deg: 128.0 }),
            others: &self.others,
            traffic: &self.traffic,
            flown: &self.flown,
            route: &self.route,
            back: &[],
            course: None,
            footprint: &self.footprint,
            frame_centre: Some(direct(here, 130.0, 300.0)),
            fence: &self.fence,
            rally: &self.rally,
            pins: &self.pins,
            keep_clear: &[],
            tiles: None,
        }
    }
}

#[test]
fn pictures_of_a_map_in_each_theme() {
    let world = World::new();
    for theme in Theme::ALL {
        let mut view = MapView::default();
        let image = Shot::new(900.0, 620.0, theme).take(|ui| {
            let rect = ui.max_rect();
            Map::show(ui, rect, &world.scene(), &mut view);
        });
        let t = theme.tokens();
        let has = |color: egui::Color32| image.pixels.iter().filter(|pixel| **pixel == color).count();
        assert!(
            has(t.map_land) > 10_000 && has(t.warn) > 400 && has(t.accent) > 60,
            "{theme:?}: land, a zone, the aircraft"
        );
        keep(&format!("map-{}", theme.name()), &image);
        let mut view = MapView { fitted: true, ..MapView::default() };
        let image = Shot::new(320.0, 364.0, theme).take(|ui| {
            let rect = ui.max_rect();
            Map::show(ui, rect, &Scene::default(), &mut view);
        });
        let sea = image.pixels.iter().filter(|pixel| **pixel == t.map_water).count();
        let land = image.pixels.iter().filter(|pixel| **pixel == t.map_land).count();
        assert!(sea > 20_000 && land > 20_000, "{sea} {land}");
        keep(&format!("britain-{}", theme.name()), &image);
    }
}

/// Keeps a picture where somebody wants to look at it.
pub(crate) fn keep(name: &str, image: &egui::ColorImage) {
    if let Some(dir) = std::env::var_os("SKYSEAL_SHOTS") {
        let path = std::path::Path::new(&dir).join(format!("{name}.png"));
        crate::ui::shot::write(image, &path).unwrap();
    }
}

fn harness<'a>(world: &'a World, view: MapView) -> Harness<'a, (MapView, Vec<Position>)> {
    let mut harness = Harness::builder().with_size(vec2(700.0, 476.0)).build_ui_state(
        move |ui, (view, clicked): &mut (MapView, Vec<Position>)| {
            if !dressed(ui) {
                return;
            }
            let rect = Rect::from_min_size(Pos2::ZERO, vec2(700.0, 476.0));
            let out = Map::show(ui, rect, &world.scene(), view);
            clicked.extend(out.clicked.into_iter().chain(out.pressed_long));
        },
        (view, Vec::new()),
    );
    harness.run();
    harness
}

/// Puts the theme on; whether it is on already, for fonts are there from the next frame on.
pub(crate) fn dressed(ui: &Ui) -> bool {
    let id = egui::Id::unique("dressed");
    let is = ui.data(|data| data.get_temp(id).unwrap_or(false));
    if !is {
        crate::ui::theme::install(ui.ctx(), Theme::Night);
        ui.data_mut(|data| data.insert_temp(id, true));
        ui.ctx().request_repaint();
    }
    is
}

fn click(harness: &mut Harness<'_, (MapView, Vec<Position>)>, at: Pos2) {
    click_by(harness, at, PointerButton::Primary);
}

fn click_by(harness: &mut Harness<'_, (MapView, Vec<Position>)>, pos: Pos2, button: PointerButton) {
    for event in [
        Event::PointerMoved(pos),
        Event::PointerButton { pos, button, pressed: true, modifiers: Modifiers::NONE },
        Event::PointerButton { pos, button, pressed: false, modifiers: Modifiers::NONE },
    ] {
        harness.input_mut().events.push(event);
        harness.step();
    }
}

#[test]
fn a_click_gives_the_place_and_measuring_takes_it() {
    let world = World::new();
    let mut harness = harness(&world, MapView::default());
    let lens = Lens::of(Rect::from_min_size(Pos2::ZERO, vec2(700.0, 476.0)), &harness.state().0.memory);
    click(&mut harness, pos2(200.0, 250.0));
    let wanted = lens.place(pos2(200.0, 250.0));
    assert_eq!(harness.state().1.len(), 1);
    assert!(mission_profiles::place::inverse(harness.state().1[0], wanted).distance_m < 0.5);
    click_by(&mut harness, pos2(210.0, 250.0), PointerButton::Secondary);
    assert_eq!(harness.state().1.len(), 2, "the other button asks of a place too");
    harness.state_mut().1.pop();
    harness.state_mut().0.measuring = true;
    click(&mut harness, pos2(100.0, 100.0));
    click(&mut harness, pos2(200.0, 100.0));
    assert_eq!(harness.state().1.len(), 1, "measuring clicks are no clicks");
    let [from, to] = [100.0, 200.0].map(|x| lens.place(pos2(x, 100.0)));
    let metres = crate::state::airspace::metres(mission_profiles::place::inverse(from, to).distance_m);
    harness.get_by_label(&format!("Leg {metres} · 090° true"));
}

#[test]
fn buttons_zoom_and_the_aircraft_is_followed_until_the_map_is_moved() {
    let world = World::new();
    let mut harness = harness(&world, MapView::default());
    let zoom = harness.state().0.memory.zoom();
    harness.get_by_label("Zoom in").click();
    harness.run();
    assert!((harness.state().0.memory.zoom() - zoom - 1.0).abs() < 1e-9);
    harness.state_mut().0.look_at(direct(HOME, 0.0, 20_000.0), 15.0);
    harness.run();
    harness.get_by_label("Own aircraft");
    harness.get_by_label("Show everything").click();
    harness.run();
    assert!(!harness.state().0.follow);
    harness.get_by_label("FRZ Derby: no permission, SFC–2,175 ft AMSL");
    harness.get_by_label("Traffic HELI1 −40 m");
}

#[test]
fn ten_thousand_zones_are_made_in_portions_and_then_kept() {
    let mut world = World::new();
    let one = world.datasets[0].zones[0].clone();
    let many = (0..10_000_u32).map(|i| {
        let mut zone = one.clone();
        let centre = direct(HOME, f64::from(i) * 2.39, 30.0 * f64::from(i));
        zone.volumes[0].outline = mission_profiles::zones::Outline::Circle { centre, radius_m: 400.0 };
        zone
    });
    world.datasets[0].zones = many.collect();
    let stand = |zone| Stand { zone, ..world.stands[0].clone() };
    world.stands = (0..10_000).map(stand).collect();
    let mut view = MapView { follow: false, fitted: true, ..MapView::default() };
    view.look_at(HOME, 12.0);
    let (mut drawn, mut frames) = (0, 0);
    let image = Shot::new(700.0, 476.0, Theme::Night).take(|ui| {
        let rect = ui.max_rect();
        Map::show(ui, rect, &world.scene(), &mut view);
        drawn = view.still.figures.len();
        frames += 1;
    });
    assert!(frames > 1 && drawn > 200 && drawn < 10_000, "{frames} frames for {drawn} that are seen");
    keep("many", &image);
}
