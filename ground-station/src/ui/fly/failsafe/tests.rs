use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::state::vehicle::testing::{VEHICLE, frame};
use crate::ui::shot::{Shot, write};
use crate::ui::theme;
use crate::ui::tokens::Theme;

const SIZES: [(f32, f32); 3] = [(1024.0, 576.0), (640.0, 560.0), (1500.0, 760.0)];

/// A copter that was asked for some of its settings.
fn copter() -> Vehicle {
    let mut vehicle = Vehicle::new(VEHICLE);
    vehicle.hear(&frame(0, &[0, 0, 0, 0, 2, 3, 0, 3, 3]), 0);
    let settings: [(&str, f32); 12] = [
        ("FS_THR_ENABLE", 1.0),
        ("FS_GCS_ENABLE", 0.0),
        ("BATT_FS_LOW_ACT", 2.0),
        ("BATT_LOW_MAH", 1_770.0),
        ("BATT_CAPACITY", 11_800.0),
        ("BATT_FS_CRT_ACT", 1.0),
        ("BATT_CRT_MAH", 826.0),
        ("RTL_ALT", 4_000.0),
        ("FENCE_ENABLE", 1.0),
        ("FENCE_ACTION", 1.0),
        ("FENCE_TYPE", 7.0),
        ("FENCE_ALT_MAX", 120.0),
    ];
    for (name, value) in settings {
        let mut payload = value.to_le_bytes().to_vec();
        payload.extend([1, 0, 0, 0]);
        payload.extend(name.bytes().chain(std::iter::repeat(0)).take(16));
        payload.push(9);
        vehicle.hear(&frame(22, &payload), 0);
    }
    vehicle
}

fn hill(highest_above_home_m: f64) -> Option<Ground> {
    Some(Ground { highest_above_home_m })
}

#[derive(Default)]
struct Page {
    vehicle: Option<Vehicle>,
    ground: Option<Ground>,
    asked: Option<Ask>,
}

fn harness(vehicle: Option<Vehicle>, ground: Option<Ground>, (width, height): (f32, f32)) -> Harness<'static, Page> {
    let builder = Harness::builder().with_context_setup(|ctx| theme::install(ctx, Theme::Night));
    let mut harness = builder.with_size(vec2(width, height)).build_ui_state(
        |ui, page: &mut Page| {
            let rect = ui.ctx().content_rect();
            page.asked = show(ui, rect, page.vehicle.as_ref(), page.ground).or(page.asked);
        },
        Page { vehicle, ground, asked: None },
    );
    harness.run();
    harness
}

#[test]
fn settings_are_sentences_and_what_is_doubtful_stands_out() {
    for size in SIZES {
        let harness = harness(Some(copter()), hill(35.0), size);
        for words in [
            "Radio lost: returns at 40 m above home or higher",
            "Data link lost: nothing: it goes on with what it does",
            "Look twice: is this what you want today? (FS_GCS_ENABLE)",
            "Battery low: below 15 % returns at 40 m above home or higher",
            "Position lost: not read yet (FS_EKF_ACTION)",
            "Fence crossed: returns at 40 m above home or higher, or lands",
            "It returns: at 40 m above home or higher",
            "Fence ceiling: 120 m above home",
            "Highest ground: 35 m above home",
            "Returns at 40 m; the ground rises to 35 m above home",
            "Set the return height to 55 m or more.",
            "12 of 22 settings read",
        ] {
            harness.get_by_label(words);
        }
    }
}

#[test]
fn a_return_that_is_clear_says_so_and_what_is_not_known_is_not_judged() {
    let clear = harness(Some(copter()), hill(12.0), SIZES[0]);
    clear.get_by_label("The return is clear of ground and fence");
    let unknown = harness(Some(copter()), None, SIZES[0]);
    unknown.get_by_label("Highest ground: not known: no terrain data here");
    assert!(unknown.query_by_label("The return is clear of ground and fence").is_none());
}

#[test]
fn it_is_asked_to_read_and_to_close() {
    for (button, ask) in [("Read the settings", Ask::Read), ("Close", Ask::Close)] {
        let mut harness = harness(Some(copter()), None, SIZES[0]);
        harness.get_by_label(button).click();
        harness.run();
        assert_eq!(harness.state().asked, Some(ask));
    }
}

#[test]
fn without_a_vehicle_or_with_a_strange_one_it_teaches() {
    harness(None, None, SIZES[0]).get_by_label("No vehicle is heard");
    let mut strange = Vehicle::new(VEHICLE);
    strange.hear(&frame(0, &[0, 0, 0, 0, 2, 9, 0, 3, 3]), 0);
    harness(Some(strange), None, SIZES[0]).get_by_label("This station does not know the settings of this autopilot");
    let mut unread = Vehicle::new(VEHICLE);
    unread.hear(&frame(0, &[0, 0, 0, 0, 2, 12, 0, 3, 3]), 0);
    harness(Some(unread), None, SIZES[0]).get_by_label("Radio lost: not read yet (NAV_RCL_ACT)");
}

/// Pictures are written where `SKYSEAL_SHOTS` names a folder.
#[test]
fn it_is_drawn_in_all_themes_and_sizes() {
    let vehicle = copter();
    for theme in Theme::ALL {
        for (width, height) in SIZES {
            let image = Shot::new(width, height, theme).take(|ui| {
                let rect = ui.ctx().content_rect();
                show(ui, rect, Some(&vehicle), hill(35.0));
            });
            assert!(image.pixels.contains(&theme.tokens().caution_dim), "{theme:?}");
            if let Some(folder) = std::env::var_os("SKYSEAL_SHOTS") {
                let name = format!("failsafe-{}-{width}.png", theme.name().replace(' ', "-").to_lowercase());
                write(&image, &std::path::Path::new(&folder).join(name)).unwrap();
            }
        }
    }
}
