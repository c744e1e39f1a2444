//! The window, driven by what stands on it.

mod alarms;
mod keyboard;
mod tasks;
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use vehicle_link::frames::{Body, Encoder};

use super::app::App;
use super::settings::Settings;
use crate::clock;
use crate::command::Workspace;
use crate::tasks::Repaint;
use crate::ui::shot::{Shot, write};
use crate::ui::theme;
use crate::ui::tokens::Theme;

/// A window that listens to nobody, over a folder of its own.
fn window(temp: &tempfile::TempDir) -> Harness<'static, App> {
    let path = temp.path().join("station.toml");
    std::fs::write(&path, "[links]\nmavlink = [\"udpin:127.0.0.1:0\"]\n[live]\nview = \"none\"\n").unwrap();
    let mut harness = opened(path, Arc::new(|| ()));
    harness.run_steps(2);
    harness
}

/// The window of these settings, which wakes this.
pub(in crate::window) fn opened(settings: PathBuf, wake: Repaint) -> Harness<'static, App> {
    let app = App::new(Settings::load(&settings).unwrap(), None, Some(settings), wake).unwrap();
    let draw = |ui: &mut egui::Ui, app: &mut App| {
        app.update(ui.ctx());
        app.draw(ui);
    };
    Harness::builder()
        .with_size(vec2(1440.0, 900.0))
        .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
        .build_ui_state(draw, app)
}

/// Something is painted; into the folder that SKYSEAL_SHOTS names, where it does.
pub(in crate::window) fn pictured(app: &mut App, name: &str, size: (f32, f32)) {
    app.forget_textures();
    let image = Shot::new(size.0, size.1, app.theme).take(|ui| {
        app.update(ui.ctx());
        app.draw(ui);
    });
    assert!(image.pixels.iter().any(|pixel| *pixel != image.pixels[0]), "{name}");
    if let Some(folder) = std::env::var_os("SKYSEAL_SHOTS") {
        write(&image, &Path::new(&folder).join(format!("{name}.png"))).unwrap();
    }
    app.forget_textures();
}

/// Whether it stands somewhere, once or more.
fn stands(harness: &Harness<'static, App>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// HEARTBEAT of an ArduCopter in its mode 4, armed or not.
fn beat(harness: &mut Harness<'static, App>, encoder: &mut Encoder, armed: bool) {
    let base_mode = if armed { 0x81 } else { 0x01 };
    let body = Body::raw(0, &[4, 0, 0, 0, 2, 3, base_mode, 4, 3]).unwrap();
    let frame = encoder.encode_body(&body);
    harness.state_mut().flight.hear(&frame, clock::mono_ns());
    harness.run_steps(2);
}

#[test]
fn every_workspace_opens_by_its_name_and_by_its_number() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(&temp);
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6];
    for (workspace, key) in Workspace::ALL.into_iter().zip(keys).rev() {
        harness.get_by_label(workspace.name()).click();
        harness.run_steps(2);
        assert_eq!(harness.state().view.workspace, workspace);
        harness.get_by_label("Fly").click();
        harness.run_steps(2);
        harness.key_press(key);
        harness.run_steps(2);
        assert_eq!(harness.state().view.workspace, workspace, "by key");
    }
}

#[test]
fn the_palette_does_what_is_typed() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(&temp);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(2);
    harness.event(egui::Event::Text("red night".to_owned()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!((harness.state().theme, harness.state().view.palette.is_none()), (Theme::Red, true));
}

#[test]
fn without_a_vehicle_hold_says_so_and_nothing_can_be_armed() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(&temp);
    harness.key_press(Key::F1);
    harness.run_steps(2);
    let shown: Vec<String> = harness.state().notices.shown().iter().map(|notice| notice.words.clone()).collect();
    assert!(shown.iter().any(|words| words.starts_with("Hold: no vehicle is heard")), "{shown:?}");
    harness.get_by_label_contains("No vehicle heard yet");
    harness.get_by_label_contains("Arm");
    assert!(harness.state().slide(clock::mono_ns()).1.is_some_and(|why| why.contains("No vehicle")));
}

#[test]
fn a_vehicle_that_is_heard_stands_in_the_strip_and_says_why_it_does_not_arm() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(&temp);
    let mut encoder = Encoder::new(1, 1);
    beat(&mut harness, &mut encoder, false);
    harness.get_by_label_contains("Mode: Disarmed");
    let mut text = vec![2];
    text.extend(b"PreArm: Compass not calibrated\0");
    text.resize(51, 0);
    let frame = encoder.encode_body(&Body::raw(253, &text).unwrap());
    harness.state_mut().flight.hear(&frame, clock::mono_ns());
    harness.run_steps(2);
    harness.get_by_label_contains("Not ready to arm: 1 reason");
    let (_, why_not) = harness.state().slide(clock::mono_ns());
    assert_eq!(why_not.as_deref(), Some("1 check is open"));
    harness.key_press(Key::W);
    harness.run_steps(3);
    assert_eq!(harness.state().view.over, Some(super::app::Over::WhyNotArm));
    assert!(stands(&harness, "Compass not calibrated"));
    beat(&mut harness, &mut encoder, true);
    // Whether it flies it does not say: its mode stands there, not "on the ground".
    harness.get_by_label_contains("Mode: Guided");
}

#[test]
fn the_highest_alarm_stands_on_every_workspace_until_it_is_acknowledged() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(&temp);
    harness.state_mut().unexplained_step = Some(5_000_000);
    for workspace in Workspace::ALL {
        harness.state_mut().go(workspace);
        harness.run_steps(2);
        assert!(stands(&harness, "This station's clock jumped by +5.0 s"), "{workspace:?}");
    }
    harness.key_press(Key::A);
    harness.run_steps(2);
    let standing = harness.state().alarms.standing();
    assert!(standing.iter().all(|alarm| alarm.acknowledged.is_some()) && !standing.is_empty(), "by its key");
}

#[test]
fn a_marker_needs_a_flight_that_it_could_stand_in() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(&temp);
    harness.key_press(Key::M);
    harness.run_steps(2);
    harness.get_by_label("Set marker").click();
    harness.run_steps(2);
    let shown: Vec<String> = harness.state().notices.shown().iter().map(|notice| notice.words.clone()).collect();
    assert!(shown.iter().any(|words| words.contains("no flight is open")), "{shown:?}");
}

#[test]
fn nothing_that_opens_covers_hold_or_return() {
    use super::app::Over;
    use crate::state::notices::Notices;
    let mut world = world::World::flying();
    // Each press is told of at once.
    world.app().work.radio = None;
    let all =
        [Over::WhyNotArm, Over::Failsafes, Over::Notices, Over::Settings, Over::SignIn, Over::Marker, Over::StopMotors];
    for size in [vec2(1000.0, 640.0), vec2(1280.0, 800.0), vec2(1920.0, 1080.0)] {
        world.harness.set_size(size);
        for over in all {
            world.app().view.over = Some(over);
            world.harness.run_steps(3);
            for name in ["Hold", "Return"] {
                let button = world.harness.get_by_label(name).rect().shrink(3.0);
                for corner in [button.left_top(), button.right_top(), button.left_bottom(), button.right_bottom()] {
                    world.app().notices = Notices::default();
                    for pressed in [true, false] {
                        world.harness.event(egui::Event::PointerMoved(corner));
                        let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
                        world.harness.event(egui::Event::PointerButton { pos: corner, button, pressed, modifiers });
                        world.harness.run_steps(1);
                    }
                    let words = format!("{name}: there is no radio here");
                    let asked = world.app().notices.shown().iter().any(|notice| notice.words == words);
                    assert!(asked, "{name} at {corner:?} of {size:?} under {over:?}");
                }
            }
        }
    }
}
