//! The picture with its display, as a person sees and hears it.

use std::sync::{Arc, OnceLock};

use egui::{Event, Modifiers, PointerButton, Pos2, Rect, Ui, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use footage::access_unit::Codec;
use footage::klv::{Decoded, Uas};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use mission_profiles::place::Position;

use super::hud::Words;
use super::picture::{Ask, Seen, View, show, show_small};
use crate::state::hud::{Beside, Hud};
use crate::ui::shot::{Shot, write};
use crate::ui::theme;
use crate::ui::tokens::Theme;
use crate::video::{Picture, Pixels, Status};

const NOW_NS: u64 = 60_000_000_000;

/// A still of a real flight.
fn still() -> Arc<Picture> {
    static STILL: OnceLock<Arc<Picture>> = OnceLock::new();
    Arc::clone(STILL.get_or_init(|| {
        gst::init().unwrap();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/karma.mp4");
        let line = format!(
            "filesrc location={file} ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! videoscale \
             ! video/x-raw,format=RGBA,width=1280,height=720 ! appsink name=out sync=false max-buffers=1"
        );
        let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
        let sink = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
        pipeline.set_state(gst::State::Playing).unwrap();
        let sample = sink.pull_sample().unwrap();
        let rgba = Pixels::from(sample.buffer().unwrap().map_readable().unwrap().to_vec());
        pipeline.set_state(gst::State::Null).unwrap();
        assert_eq!(rgba.len(), 1280 * 720 * 4);
        Arc::new(Picture {
            width: 1280,
            height: 720,
            rgba,
            taken_utc_us: Some(1_781_812_446_860_000),
            time_locked: true,
            klv: Some(Arc::new(Decoded { uas: uas(), version: Some(19), others: Vec::new(), length: 0 })),
            arrived_ns: NOW_NS - 140_000_000,
            codec: Codec::H264,
            damaged: false,
            frame_number: 1,
        })
    }))
}

fn uas() -> Uas {
    Uas {
        timestamp_us: 1_781_812_446_860_000,
        image_source_sensor: Some("EO".into()),
        platform_heading_deg: Some(128.0),
        platform_pitch_deg: Some(-3.0),
        platform_roll_deg: Some(4.0),
        sensor_latitude_deg: Some(52.893_7),
        sensor_longitude_deg: Some(-1.637_6),
        sensor_altitude_msl_m: Some(127.0),
        sensor_fov_horizontal_deg: Some(70.0),
        sensor_relative_azimuth_deg: Some(0.0),
        sensor_relative_elevation_deg: Some(-14.0),
        sensor_relative_roll_deg: Some(356.0),
        frame_centre_elevation_msl_m: Some(66.0),
        height_agl_m: Some(61.0),
        north_velocity_mps: Some(3.0),
        east_velocity_mps: Some(-2.9),
        vertical_speed_mps: Some(0.1),
        wind_direction_deg: Some(220.0),
        wind_speed_mps: Some(3.0),
        ..Uas::default()
    }
}

const WORDS: Words<'_> = Words {
    camera: Some("EO"),
    zoom: Some("1.0×"),
    gimbal: Some("follows nose"),
    mission: Some(["Search B, line 4 of 9", "Left the line 00:48 ago"]),
};

fn hud(uas: &Uas) -> Hud {
    let home = Position::new(52.896, -1.640_5);
    let beside = Beside {
        home,
        home_amsl_m: None,
        return_speed_mps: Some(8.0),
        limit_agl_m: Some(120.0),
        time_uncertainty_us: Some(8_000),
    };
    Hud::of(uas, [1280, 720], &beside)
}

struct Scene {
    picture: Option<Arc<Picture>>,
    status: Status,
    hud: Option<Hud>,
    now_ns: u64,
    /// How much later than the picture says it was shot it is now, where clocks are vouched for, µs.
    since_us: Option<i64>,
    view: View,
    asks: Vec<Ask>,
}

impl Scene {
    fn new() -> Self {
        let status = Status::Playing { fps: 29.97, since_ns: 0 };
        Self {
            picture: Some(still()),
            status,
            hud: Some(hud(&uas())),
            now_ns: NOW_NS,
            since_us: None,
            view: View::default(),
            asks: Vec::new(),
        }
    }

    fn draw(&mut self, ui: &mut Ui) {
        let rect = Rect::from_min_size(Pos2::ZERO, ui.ctx().content_rect().size());
        let seen = Seen {
            picture: self.picture.as_ref(),
            status: &self.status,
            now_ns: self.now_ns,
            now_utc_us: self.since_us.map(|since_us| 1_781_812_446_860_000 + since_us),
            recorded: false,
        };
        let asks = show(ui, rect, &seen, self.hud.as_ref(), &WORDS, &mut self.view);
        self.asks.extend(asks);
    }

    fn harness(self) -> Harness<'static, Self> {
        let mut harness = Harness::builder().with_size(vec2(1024.0, 576.0)).build_ui_state(
            |ui, scene: &mut Self| {
                theme::install(ui.ctx(), Theme::Night);
                scene.draw(ui);
            },
            self,
        );
        harness.run_steps(2);
        harness
    }
}

/// Where looked-at pictures go, when somebody wants to see them.
fn keep(image: &egui::ColorImage, name: &str) {
    if let Some(folder) = std::env::var_os("SKYSEAL_LOOK") {
        write(image, &std::path::Path::new(&folder).join(format!("{name}.png"))).unwrap();
    }
}

#[test]
fn every_figure_is_named_with_its_unit_and_datum() {
    let harness = Scene::new().harness();
    for name in [
        "LIVE, picture 0.14 s old. EO 1.0× 720p30 H.264",
        "Heading 128°",
        "Height 61 m above ground, 127 m above sea level. Limit 120 AGL",
        "Speed 4.2 m/s, climb +0.1 m/s, Wind  3 m/s",
        "Mission Search B, line 4 of 9, Left the line 00:48 ago",
    ] {
        harness.get_by_label(name);
    }
    harness.get_by_label_contains("Gimbal −17°, pan 0°");
    harness.get_by_label_contains("Home 32");
    harness.get_by_label_contains("SK 24");
    harness.get_by_label_contains("UTC ± 8 ms");
    harness.get_by_label("Horizon of this picture");
}

#[test]
fn what_this_picture_does_not_tell_is_not_said() {
    let mut scene = Scene::new();
    scene.hud = Some(hud(&Uas { timestamp_us: 1, ..Uas::default() }));
    let harness = scene.harness();
    harness.get_by_label("Heading not known");
    harness.get_by_label_contains("Height — m above ground");
    harness.get_by_label_contains("Speed — m/s");
    harness.get_by_label_contains("Gimbal —");
    harness.get_by_label("Home not known");
    harness.get_by_label_contains("no heading, no position");
    assert!(harness.query_by_label("Horizon of this picture").is_none());
    let mut scene = Scene::new();
    scene.hud = None;
    let harness = scene.harness();
    harness.get_by_label_contains("No telemetry with this picture");
    assert!(harness.query_by_label_contains("Height").is_none());
}

#[test]
fn an_old_picture_says_so_and_no_picture_says_what_to_check() {
    let mut scene = Scene::new();
    scene.now_ns = NOW_NS + 3_100_000_000;
    let harness = scene.harness();
    harness.get_by_label_contains("STALE, picture 3.24 s old");
    harness.get_by_label_contains("Stale picture: 3.24 s old");
    let mut scene = Scene::new();
    (scene.picture, scene.status) = (None, Status::Waiting);
    scene.harness().get_by_label_contains("No picture yet. Waiting for the aircraft's live view. Check that");
    let mut scene = Scene::new();
    scene.picture = None;
    scene.status = Status::Broken { why: "UDP port 5610 is another program's".to_owned(), cure: "Close it".to_owned() };
    scene.harness().get_by_label("UDP port 5610 is another program's. Close it");
}

#[test]
fn one_picture_a_second_is_stale_when_more_than_two_are_missing() {
    let at = |seconds: f64| {
        let mut scene = Scene::new();
        scene.status = Status::Playing { fps: 1.0, since_ns: 0 };
        scene.now_ns =
            NOW_NS - 140_000_000 + u64::try_from(std::time::Duration::from_secs_f64(seconds).as_nanos()).unwrap();
        scene.harness()
    };
    at(1.4).get_by_label_contains("LIVE, picture 1.40 s old. EO 1.0× 720p1 H.264");
    at(2.6).get_by_label_contains("STALE, picture 2.60 s old");
    let mut scene = Scene::new();
    scene.now_ns += 1_000_000_000;
    scene.harness().get_by_label_contains("STALE, picture 1.14 s old");
}

#[test]
fn clocks_that_disagree_are_said_and_not_taken_for_a_picture_that_stays_away() {
    let mut scene = Scene::new();
    scene.since_us = Some(3 * 3_600_000_000);
    let harness = scene.harness();
    harness.get_by_label_contains("STALE, picture 180 min old");
    harness.get_by_label_contains("It came just now: it was held up on its way, or the clocks");
    assert!(harness.query_by_label_contains("Nothing newer has come").is_none());
    let mut scene = Scene::new();
    scene.since_us = Some(-4_000_000);
    scene.harness().get_by_label_contains("LIVE, picture 0.14 s old, dated 4.00 s ahead");
    let mut scene = Scene::new();
    scene.since_us = Some(-400_000);
    scene.harness().get_by_label("LIVE, picture 0.14 s old. EO 1.0× 720p30 H.264");
}

#[test]
fn a_picture_with_something_missing_says_that_it_is_damaged() {
    let mut scene = Scene::new();
    scene.picture = Some(Arc::new(Picture { damaged: true, ..Picture::clone(&still()) }));
    let image = Shot::new(1024.0, 576.0, Theme::Day).take(|ui| scene.draw(ui));
    keep(&image, "picture-damaged");
    scene.harness().get_by_label("LIVE, picture 0.14 s old, damaged. EO 1.0× 720p30 H.264");
}

#[test]
fn a_pressed_point_is_measured_and_pressed_again_is_gone() {
    let mut harness = Scene::new().harness();
    let press = |harness: &mut Harness<'_, Scene>, at: Pos2| {
        for pressed in [true, false] {
            harness.event(Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        }
        harness.run_steps(2);
    };
    harness.event(Event::PointerMoved(pos2(512.0, 288.0)));
    press(&mut harness, pos2(512.0, 288.0));
    let Some(Ask::Measured(Some(spot))) = harness.state().asks.last().copied() else {
        panic!("{:?}", harness.state().asks)
    };
    let leg = mission_profiles::place::inverse(Position::new(52.893_7, -1.637_6).unwrap(), spot);
    // 61 m above the ground, 17° down: 199 m ahead.
    assert!((leg.distance_m - 199.5).abs() < 3.0 && (leg.azimuth_deg - 128.0).abs() < 2.0, "{leg:?}");
    harness.get_by_label_contains("Measured point: SK 24");
    press(&mut harness, pos2(512.0, 288.0));
    assert_eq!(harness.state().asks.last(), Some(&Ask::Measured(None)));
    press(&mut harness, pos2(300.0, 40.0));
    assert_eq!(harness.state().asks.last(), Some(&Ask::Measured(None)), "the sky is no place");
}

#[test]
fn pixels_are_the_pictures_own_and_red_in_red_night() {
    let size = vec2(1280.0, 720.0);
    for theme in Theme::ALL {
        let mut scene = Scene::new();
        let image = Shot::new(size.x, size.y, theme).take(|ui| scene.draw(ui));
        keep(&image, &format!("picture-{}", theme.name().to_lowercase().replace(' ', "-")));
        let (at, pixel) = (300 + 200 * 1280, image[(300, 200)]);
        let picture = still();
        let [r, g, b, _] = picture.rgba.as_chunks::<4>().0[at];
        if theme == Theme::Red {
            assert!(pixel.g() <= pixel.r() / 5 && pixel.b() <= pixel.r() / 6 && pixel.r() > 20, "{pixel:?}");
        } else {
            let near = |shown: u8, own: u8| shown.abs_diff(own) <= 2;
            assert!(near(pixel.r(), r) && near(pixel.g(), g) && near(pixel.b(), b), "{pixel:?} {r} {g} {b}");
        }
    }
}

#[test]
fn it_looks_right_in_every_size_it_gets() {
    for (name, size) in [
        ("wide", vec2(1400.0, 800.0)),
        ("mock", vec2(1024.0, 576.0)),
        ("narrow", vec2(864.0, 486.0)),
        ("least", vec2(640.0, 420.0)),
    ] {
        let mut scene = Scene::new();
        keep(&Shot::new(size.x, size.y, Theme::Night).take(|ui| scene.draw(ui)), &format!("picture-{name}"));
        // No plate lies over another.
        let mut harness = Harness::builder().with_size(size).build_ui_state(
            |ui, scene: &mut Scene| {
                theme::install(ui.ctx(), Theme::Night);
                scene.draw(ui);
            },
            Scene::new(),
        );
        harness.run_steps(2);
        let plates = ["LIVE", "Heading", "Height", "Speed", "Home 3", "Mission", "Frame centre"];
        let rects: Vec<(&str, Rect)> =
            plates.iter().map(|name| (*name, harness.get_by_label_contains(name).rect())).collect();
        for (index, (a, one)) in rects.iter().enumerate() {
            assert!(Rect::from_min_size(Pos2::ZERO, size).contains_rect(*one), "{name}: {a} {one:?}");
            for (b, other) in &rects[index + 1..] {
                assert!(!one.shrink(0.5).intersects(other.shrink(0.5)), "{name}: {a} {one:?} lies over {b} {other:?}");
            }
        }
    }
    let mut scene = Scene::new();
    scene.now_ns += 3_000_000_000;
    keep(&Shot::new(1024.0, 576.0, Theme::Day).take(|ui| scene.draw(ui)), "picture-stale");
    let mut scene = Scene::new();
    (scene.picture, scene.status) = (None, Status::Waiting);
    keep(&Shot::new(1024.0, 576.0, Theme::Day).take(|ui| scene.draw(ui)), "picture-none");
}

#[test]
fn the_inset_says_whether_it_is_of_now() {
    let mut view = View::default();
    let (picture, status) = (still(), Status::Playing { fps: 30.0, since_ns: 0 });
    let mut harness = Harness::builder().with_size(vec2(320.0, 180.0)).build_ui(move |ui| {
        theme::install(ui.ctx(), Theme::Night);
        let seen = Seen { picture: Some(&picture), status: &status, now_ns: NOW_NS, now_utc_us: None, recorded: false };
        show_small(ui, Rect::from_min_size(Pos2::ZERO, vec2(320.0, 180.0)), &seen, &mut view);
    });
    harness.run_steps(2);
    harness.get_by_label_contains("LIVE, picture 0.14 s old");
    assert!(harness.query_by_label_contains("Speed").is_none());
}

fn pointer(harness: &mut Harness<'_, Scene>, pos: Pos2, pressed: bool) {
    harness.event(Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE });
    harness.run_steps(2);
}

#[test]
fn a_pulled_picture_turns_the_camera_until_it_is_let_go_and_measures_nothing() {
    for turns in [true, false] {
        let mut scene = Scene::new();
        scene.view.turns = turns;
        let mut harness = scene.harness();
        let (from, to) = (pos2(420.0, 330.0), pos2(520.0, 330.0));
        harness.event(Event::PointerMoved(from));
        pointer(&mut harness, from, true);
        harness.event(Event::PointerMoved(to));
        harness.run_steps(2);
        let asked = harness.state().asks.last().copied();
        if !turns {
            assert_eq!(asked, None, "there is no gimbal");
            continue;
        }
        let Some(Ask::Turn(rates)) = asked else { panic!("{asked:?}") };
        assert!(rates.yaw_deg_s > 5.0 && rates.pitch_deg_s == 0.0, "{rates:?}");
        harness.get_by_label(&format!("Camera turns: {}", rates.words()));
        pointer(&mut harness, to, false);
        harness.state_mut().asks.clear();
        harness.run_steps(2);
        assert_eq!(harness.state().asks, [], "let go: neither turned nor measured");
    }
}
