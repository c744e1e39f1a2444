use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::state::vehicle::testing::{VEHICLE, frame, text as says_text};
use crate::ui::shot::{Shot, write};
use crate::ui::theme;
use crate::ui::tokens::Theme;

const SECOND_NS: u64 = 1_000_000_000;
const SIZES: [(f32, f32); 3] = [(1024.0, 576.0), (640.0, 560.0), (1500.0, 760.0)];

/// SYS_STATUS of a copter with all of the sensors of this mask ill.
fn status(ill: u32) -> vehicle_link::frames::Frame {
    let there = 0x3_u32 | 1 << 2 | 1 << 5 | 1 << 28;
    let mut payload = Vec::new();
    [there, there, there & !ill].iter().for_each(|bits| payload.extend(bits.to_le_bytes()));
    payload.resize(31, 0);
    frame(1, &payload)
}

fn heartbeat(base_mode: u8) -> vehicle_link::frames::Frame {
    frame(0, &[5, 0, 0, 0, 2, 3, base_mode, 3, 3])
}

fn refusing() -> Vehicle {
    let mut vehicle = Vehicle::new(VEHICLE);
    let heard = [
        (0, heartbeat(0)),
        (0, says_text(6, "ArduCopter V4.6.0")),
        (4, says_text(2, "PreArm: Need 3D Fix")),
        (4, says_text(2, "PreArm: Check mag field: 812, max 875, min 185")),
        (5, says_text(4, "PreArm: Flux capacitor cold")),
        (9, says_text(4, "Battery 1 is low")),
        (10, says_text(4, "Battery 1 is low")),
        (10, heartbeat(0)),
        (10, status(1 << 28 | 1 << 2)),
    ];
    heard.iter().for_each(|(at_s, frame)| vehicle.hear(frame, at_s * SECOND_NS));
    vehicle
}

const NOW_NS: u64 = 11 * SECOND_NS;

#[derive(Default)]
struct Page {
    vehicle: Option<Vehicle>,
    asked: Option<Ask>,
}

fn harness(vehicle: Option<Vehicle>, (width, height): (f32, f32)) -> Harness<'static, Page> {
    let builder = Harness::builder().with_context_setup(|ctx| theme::install(ctx, Theme::Night));
    let mut harness = builder.with_size(vec2(width, height)).build_ui_state(
        |ui, page: &mut Page| {
            let rect = ui.ctx().content_rect();
            page.asked = show(ui, rect, page.vehicle.as_ref(), NOW_NS).or(page.asked);
        },
        Page { vehicle, asked: None },
    );
    harness.run();
    harness
}

#[test]
fn each_reason_stands_with_its_cure_and_the_vehicles_own_words() {
    for size in SIZES {
        let harness = harness(Some(refusing()), size);
        for words in [
            "There is no satellite position yet.",
            "Put it in the open with a clear sky; it takes up to two minutes.",
            "Vehicle: Need 3D Fix · 7 s ago",
            "Carry it away from cars, metal, manhole covers and cables.",
            "Flux capacitor cold",
            "This station does not know it: look it up in the manual of the autopilot.",
            "Fails: compass",
            "Battery 1 is low",
            "warning · 2 times, last 1 s ago",
            "information · 11 s ago",
        ] {
            harness.get_by_label(words);
        }
    }
}

#[test]
fn it_is_asked_to_check_again_and_to_close() {
    for (button, ask) in [("Check again", Ask::CheckAgain), ("Close", Ask::Close)] {
        let mut harness = harness(Some(refusing()), SIZES[0]);
        harness.get_by_label(button).click();
        harness.run();
        assert_eq!(harness.state().asked, Some(ask));
    }
}

#[test]
fn what_is_not_known_is_said_and_what_is_in_order_too() {
    harness(None, SIZES[0]).get_by_label("No vehicle is heard");
    harness(Some(Vehicle::new(VEHICLE)), SIZES[0]).get_by_label("The vehicle is silent");
    let heard = |frames: &[vehicle_link::frames::Frame]| {
        let mut vehicle = Vehicle::new(VEHICLE);
        frames.iter().for_each(|frame| vehicle.hear(frame, NOW_NS));
        harness(Some(vehicle), SIZES[0])
    };
    heard(&[heartbeat(0)]).get_by_label("The vehicle says nothing of its checks");
    heard(&[heartbeat(0), status(1 << 28)]).get_by_label("The vehicle's checks fail, and it has not said why");
    let well = heard(&[heartbeat(0), status(0)]);
    well.get_by_label("The vehicle's checks pass");
    well.get_by_label("All in order, as the vehicle sees it");
    let mut armed = heard(&[heartbeat(0x80)]);
    armed.get_by_label("The vehicle is armed");
    armed.get_by_label("Check again").click();
    armed.run();
    assert_eq!(armed.state().asked, None, "nothing to check any more");
}

/// Pictures are written where `SKYSEAL_SHOTS` names a folder.
#[test]
fn it_is_drawn_in_all_themes_and_sizes() {
    let vehicle = refusing();
    for theme in Theme::ALL {
        for (width, height) in SIZES {
            let image = Shot::new(width, height, theme).take(|ui| {
                let rect = ui.ctx().content_rect();
                show(ui, rect, Some(&vehicle), NOW_NS);
            });
            assert!(image.pixels.contains(&theme.tokens().warn_dim), "{theme:?}");
            if let Some(folder) = std::env::var_os("SKYSEAL_SHOTS") {
                let name = format!("why-{}-{width}.png", theme.name().replace(' ', "-").to_lowercase());
                write(&image, &std::path::Path::new(&folder).join(name)).unwrap();
            }
        }
    }
}
