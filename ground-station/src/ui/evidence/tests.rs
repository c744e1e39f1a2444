//! The workspace as a person sees it.

use std::sync::Arc;

use egui::{Rect, Ui, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use flight_record::verify::{Content, Integrity, Time, Witness, Word};
use footage::access_unit::Codec;
use footage::klv::{Decoded, Uas};
use mission_profiles::place::Position;

use super::{Ask, Playing, View, show};
use crate::state::evidence::tests::flight;
use crate::state::evidence::{Event, Evidence, Seal, Session, Verdict};
use crate::state::replay::Sample;
use crate::state::replay::sealed::Recorded;
use crate::ui::shot::{Shot, write};
use crate::ui::theme;
use crate::ui::tokens::Theme;
use crate::video::{Picture, ReelOrder, ReelState};

const BEGIN_US: i64 = 1_781_805_600_000_000;
const AT_US: i64 = BEGIN_US + 494_200_000;

fn recording() -> (ReelState, Arc<Picture>) {
    let sample = |second: i32| {
        let way = f64::from(second) / 1_024.0;
        Sample {
            utc_us: BEGIN_US + 1_000_000 * i64::from(second),
            position: Position::new(52.893 + 0.003 * (way * 3.1).sin(), -1.636 + 0.004 * way),
            height_agl_m: Some(60.0 * (way * 20.0).min(1.0) + 3.0 * (way * 40.0).sin()),
            height_amsl_m: Some(124.0),
            speed_mps: Some(4.6 + 2.0 * (way * 60.0).sin()),
        }
    };
    // Nothing was told for a while.
    let samples: Vec<Sample> = (0..1_024).filter(|second| !(300..330).contains(second)).map(sample).collect();
    let state = ReelState {
        begin_utc_us: BEGIN_US,
        end_utc_us: BEGIN_US + 1_024_000_000,
        at_utc_us: AT_US,
        segment: "000248".to_owned(),
        place: (248, 512),
        samples: Arc::new(samples),
        read: 512,
        ..ReelState::default()
    };
    let uas = Uas {
        timestamp_us: u64::try_from(AT_US).unwrap(),
        platform_heading_deg: Some(200.4),
        platform_pitch_deg: Some(-3.1),
        platform_roll_deg: Some(0.4),
        sensor_latitude_deg: Some(52.893_49),
        sensor_longitude_deg: Some(-1.636_03),
        sensor_altitude_msl_m: Some(124.2),
        sensor_fov_horizontal_deg: Some(60.1),
        sensor_relative_azimuth_deg: Some(0.0),
        sensor_relative_elevation_deg: Some(-23.9),
        frame_centre_elevation_msl_m: Some(66.0),
        height_agl_m: Some(58.0),
        slant_range_m: Some(f64::NAN),
        ..Uas::default()
    };
    let rgba: Vec<u8> = (0..360_u32)
        .flat_map(|y| {
            (0..640_u32).flat_map(move |x| {
                let shade = |value: u32| u8::try_from(value.min(255)).unwrap();
                [shade(60 + (x / 16 + y / 24) % 2 * 24), shade(90 + y / 4), shade(50 + x / 16), 255]
            })
        })
        .collect();
    let picture = Picture {
        width: 640,
        height: 360,
        rgba: rgba.into(),
        taken_utc_us: Some(AT_US),
        time_locked: true,
        klv: Some(Arc::new(Decoded { uas, version: Some(19), others: Vec::new(), length: 0 })),
        arrived_ns: 0,
        codec: Codec::H264,
        damaged: false,
        frame_number: 1,
    };
    (state, Arc::new(picture))
}

fn evidence() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.take(Event::Reading { store: "store-a".to_owned() });
    let (mut gap, mut late, mut bare) = (
        flight(2, BEGIN_US - 86_400_000_000),
        flight(3, BEGIN_US - 2 * 86_400_000_000),
        flight(4, BEGIN_US - 9 * 86_400_000_000),
    );
    gap.verdict = "GAP".to_owned();
    gap.purpose = Some("Road collision survey".to_owned());
    late.verdict = "VERIFIED-UNWITNESSED".to_owned();
    late.kept.holds = vec!["appeal".to_owned()];
    (bare.purpose, bare.pilot, bare.duration_s) = (None, None, None);
    evidence.take(Event::Read(Ok(vec![gap, flight(1, BEGIN_US), late, bare])));
    evidence
}

fn verdict() -> Box<Verdict> {
    Box::new(Verdict {
        word: Word::Verified,
        axes: (Integrity::Intact, Witness::Full, Content::Opened, Time::Ok),
        meaning: "Every record, tree head and file is as the device recorded it.",
        next: "",
        witnessed: (512, 512),
        streams: vec![
            (0..512_u16).map(|place| if (200..210).contains(&place) { Seal::Late } else { Seal::Witnessed }).collect(),
        ],
        recorded: Recorded::default(),
        faults: Vec::new(),
        at_utc_us: AT_US,
    })
}

fn session() -> Session {
    Session {
        who: "marsh".to_owned(),
        reason: "Confirm route of missing person before the statement is taken".to_owned(),
        flight: flight(1, 0).id,
        line: 4_231,
        since_utc_us: AT_US,
    }
}

struct Scene {
    state: Evidence,
    playing: Option<(ReelState, Option<Arc<Picture>>)>,
    view: View,
    asks: Vec<Ask>,
}

impl Scene {
    fn looking() -> Self {
        let mut state = evidence();
        state.take(Event::Began(Ok(session())));
        state.take(Event::Checked(flight(1, 0).id, Ok(verdict())));
        let (reel, picture) = recording();
        Self { state, playing: Some((reel, Some(picture))), view: View::default(), asks: Vec::new() }
    }

    fn sealed() -> Self {
        Self { state: evidence(), playing: None, view: View::default(), asks: Vec::new() }
    }

    fn draw(&mut self, ui: &mut Ui) {
        let rect = Rect::from_min_max(pos2(8.0, 8.0), ui.ctx().content_rect().max - vec2(8.0, 8.0));
        let playing = self.playing.as_ref().map(|(state, picture)| Playing { state, picture: picture.as_ref() });
        let shown = show(ui, rect, &self.state, playing, AT_US + 372_000_000, &mut self.view);
        self.asks.extend(shown.asks);
        if let Some(map) = shown.map {
            assert!(rect.contains_rect(map.rect) && map.rect.height() > 100.0);
            assert!(map.flown > 0 && map.flown < map.track.len() && map.footprint.points.len() > 3);
            crate::ui::widget::panel::panel(ui, map.rect);
        }
    }

    fn harness(self) -> Harness<'static, Self> {
        let mut harness = Harness::builder().with_size(vec2(1368.0, 844.0)).build_ui_state(
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

fn keep(image: &egui::ColorImage, name: &str) {
    if let Some(folder) = std::env::var_os("SKYSEAL_LOOK") {
        write(image, &std::path::Path::new(&folder).join(format!("{name}.png"))).unwrap();
    }
}

fn press(harness: &mut Harness<'_, Scene>, name: &str) {
    harness.get_by_label(name).click();
    harness.run_steps(2);
}

#[test]
fn inside_a_session_the_player_says_what_the_picture_is_of() {
    let mut harness = Scene::looking().harness();
    for name in [
        "Who: marsh",
        "Seal 502 of 512 witnessed in time",
        "Integrity intact",
        "Witness full, 512 of 512",
        "Content opened",
        "Tag 21 Slant range error",
    ] {
        harness.get_by_label(name);
    }
    harness.get_by_label_contains("Viewing session 00:06:12. On the ledger, line 4231");
    harness.get_by_label_contains("2026-06-18 18:08:14.200 UTC");
    harness.get_by_label_contains("SK 24");
    harness.get_by_label("00:08:14.20 of 00:17:04");
    harness.get_by_label_contains("Height 6");
    for (name, ask) in [
        ("Play", Ask::Reel(ReelOrder::Play)),
        ("Next picture", Ask::Reel(ReelOrder::Next)),
        ("Picture before", Ask::Reel(ReelOrder::Previous)),
        ("To the beginning", Ask::Reel(ReelOrder::To { utc_us: BEGIN_US })),
        ("Still as PNG", Ask::Still),
        ("Check again", Ask::Check(flight(1, 0).id)),
        ("Open footage", Ask::OpenFootage),
    ] {
        press(&mut harness, name);
        assert_eq!(harness.state().asks.last(), Some(&ask), "{name}");
    }
    press(&mut harness, "Show or hide the KLV of this frame");
    assert!(harness.query_by_label_contains("Tag 21").is_none());
}

#[test]
fn a_press_on_the_plot_goes_to_that_moment() {
    let mut harness = Scene::looking().harness();
    press(&mut harness, "Time of the recording");
    let Some(Ask::Reel(ReelOrder::To { utc_us })) = harness.state().asks.last() else { panic!() };
    let middle = BEGIN_US + 512_000_000;
    assert!((utc_us - middle).abs() < 2_000_000, "{}", utc_us - middle);
}

#[test]
fn without_a_session_nothing_is_opened_and_it_says_how() {
    let mut harness = Scene::sealed().harness();
    harness.get_by_label("Footage is sealed");
    press(&mut harness, "Open footage");
    press(&mut harness, "Begin viewing");
    press(&mut harness, "Play");
    assert_eq!(harness.state().asks, []);
    let flights = harness.get_all_by_label_contains("Missing-person search").count();
    assert_eq!(flights, 2);
    harness.get_by_label_contains("Tue 9 Jun 2026").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asks, [Ask::Choose(flight(4, 0).id)]);
}

#[test]
fn a_session_is_asked_for_with_account_pin_and_reason() {
    let mut harness = Scene::sealed().harness();
    for (field, words) in [("Account", "marsh"), ("PIN", "493817"), ("Reason for viewing", "Confirm the route")] {
        harness.get_by_label(field).focus();
        harness.run_steps(2);
        harness.get_by_label(field).type_text(words);
        harness.run_steps(2);
    }
    press(&mut harness, "Begin viewing");
    let Some(Ask::Begin { who, reason, pin }) = harness.state().asks.last() else {
        panic!("{:?}", harness.state().asks)
    };
    assert_eq!((who.as_str(), reason.as_str(), pin.0.as_str()), ("marsh", "Confirm the route", "493817"));
    assert_eq!(format!("{pin:?}"), "Pin");
}

#[test]
fn what_is_missing_is_taught() {
    let mut scene = Scene::sealed();
    scene.state = Evidence::default();
    let mut harness = scene.harness();
    harness.get_by_label("No evidence store is chosen");
    press(&mut harness, "Choose a store");
    assert_eq!(harness.state().asks, [Ask::ChooseStore]);
    let mut scene = Scene::sealed();
    scene.state.take(Event::Read(Ok(Vec::new())));
    scene.harness().get_by_label("The store holds no flight yet");
}

#[test]
fn it_is_looked_at_in_every_theme_and_size() {
    for (name, theme, size) in [
        ("night", Theme::Night, [1368.0, 844.0]),
        ("day", Theme::Day, [1368.0, 844.0]),
        ("red", Theme::Red, [1368.0, 844.0]),
        ("least", Theme::Day, [1208.0, 744.0]),
        ("most", Theme::Night, [1848.0, 1024.0]),
    ] {
        let mut scene = Scene::looking();
        let image = Shot::new(size[0], size[1], theme).take(|ui| scene.draw(ui));
        keep(&image, &format!("evidence-{name}"));
        assert!(image.pixels.iter().any(|pixel| *pixel == theme.tokens().accent), "{name}");
    }
    let mut scene = Scene::sealed();
    keep(&Shot::new(1368.0, 844.0, Theme::Night).take(|ui| scene.draw(ui)), "evidence-sealed");
}
