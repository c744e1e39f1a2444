use super::*;
use footage::klv::Corner;
use proptest::prelude::*;

const SIZE: [u32; 2] = [1920, 1080];

/// 61 m up, looking 17° down to the south-east with a lens 60° wide.
fn uas() -> Uas {
    Uas {
        timestamp_us: 1_780_000_000_000_000,
        platform_heading_deg: Some(128.0),
        platform_pitch_deg: Some(0.0),
        platform_roll_deg: Some(0.0),
        sensor_latitude_deg: Some(52.8937),
        sensor_longitude_deg: Some(-1.6376),
        sensor_altitude_msl_m: Some(127.0),
        sensor_fov_horizontal_deg: Some(60.0),
        sensor_relative_azimuth_deg: Some(0.0),
        sensor_relative_elevation_deg: Some(-17.0),
        sensor_relative_roll_deg: Some(0.0),
        frame_centre_elevation_msl_m: Some(66.0),
        height_agl_m: Some(61.0),
        north_velocity_mps: Some(3.0),
        east_velocity_mps: Some(-4.0),
        vertical_speed_mps: Some(0.1),
        wind_direction_deg: Some(220.0),
        wind_speed_mps: Some(3.0),
        ..Uas::default()
    }
}

fn hud(uas: &Uas) -> Hud {
    Hud::of(uas, SIZE, &Beside::default())
}

#[test]
fn figures_are_those_of_the_packet() {
    let home = Position::new(52.896, -1.640);
    let beside = Beside {
        home,
        home_amsl_m: None,
        return_speed_mps: Some(8.0),
        limit_agl_m: Some(60.0),
        time_uncertainty_us: Some(8_000),
    };
    let hud = Hud::of(&uas(), SIZE, &beside);
    assert_eq!((hud.heading_deg, hud.height_agl_m, hud.height_amsl_m), (Some(128.0), Some(61.0), Some(127.0)));
    assert_eq!((hud.speed_mps, hud.climb_mps, hud.pan_deg), (Some(5.0), Some(0.1), Some(0.0)));
    assert!((hud.tilt_deg.unwrap() + 17.0).abs() < 1e-9 && hud.over_limit());
    let homeward = hud.home.unwrap();
    assert!((homeward.distance_m - 302.8).abs() < 1.0 && (homeward.bearing_deg - 327.7).abs() < 0.5, "{homeward:?}");
    assert!((homeward.back_s.unwrap() - homeward.distance_m / 8.0).abs() < 1e-9);
    assert_eq!((hud.taken_utc_us, hud.time_uncertainty_us), (Some(1_780_000_000_000_000), Some(8_000)));
    assert_eq!(hud.missing, Vec::<&str>::new());
}

#[test]
fn the_middle_of_the_picture_is_found_where_the_packet_does_not_tell_it() {
    let Centre::Ground { position, grid, slant_range_m } = hud(&uas()).centre else { panic!() };
    // By the plane: 61 m / tan 17° = 199.5 m away, 208.6 m along the sight.
    let leg = inverse(hud(&uas()).position.unwrap(), position);
    assert!((leg.distance_m - 199.5).abs() < 0.1 && (leg.azimuth_deg - 128.0).abs() < 0.01, "{leg:?}");
    assert!((slant_range_m.unwrap() - 208.6).abs() < 0.1);
    assert!(grid.unwrap().starts_with("SK 2"));
    let told = Uas {
        frame_centre_latitude_deg: Some(52.0),
        frame_centre_longitude_deg: Some(-1.0),
        slant_range_m: Some(9.0),
        ..uas()
    };
    let Centre::Ground { position, slant_range_m, .. } = hud(&told).centre else { panic!() };
    assert_eq!((position.lat_deg, slant_range_m), (52.0, Some(9.0)), "what the aircraft says wins");
    let sky = Uas { frame_centre_latitude_deg: Some(f64::NAN), frame_centre_longitude_deg: Some(f64::NAN), ..uas() };
    assert_eq!(hud(&sky).centre, Centre::Sky);
}

#[test]
fn nothing_is_said_of_what_is_missing_or_out_of_range() {
    let hud = hud(&Uas { timestamp_us: 1, ..Uas::default() });
    assert!(hud.heading_deg.is_none() && hud.sight.is_none() && hud.home.is_none() && hud.footprint.points.is_empty());
    assert_eq!(hud.centre, Centre::Unknown);
    assert_eq!(hud.missing.len(), 6, "{:?}", hud.missing);
    let wrong = Uas {
        platform_heading_deg: Some(f64::NAN),
        height_agl_m: Some(1e9),
        sensor_latitude_deg: Some(91.0),
        sensor_fov_horizontal_deg: Some(0.0),
        north_velocity_mps: Some(f64::INFINITY),
        ground_speed_mps: Some(7.0),
        ..uas()
    };
    let hud = Hud::of(&wrong, SIZE, &Beside::default());
    assert!(hud.heading_deg.is_none() && hud.height_agl_m.is_none() && hud.position.is_none() && hud.sight.is_none());
    assert_eq!(hud.speed_mps, Some(7.0), "the coarser item, when the finer is none");
}

#[test]
fn the_horizon_lies_where_the_angles_put_it() {
    let level = hud(&uas()).sight.unwrap();
    // 17° above the middle; the lens has square pixels, so its half height is tan 30° · 9/16.
    let half_height = 30_f64.to_radians().tan() * 9.0 / 16.0;
    let [x, y] = level.project(128.0, 0.0).unwrap();
    assert!(x.abs() < 1e-9 && (y + 17_f64.to_radians().tan() / half_height).abs() < 1e-9, "{x} {y}");
    assert!(level.project(308.0, 0.0).is_none(), "behind");
    // Right wing down: the horizon falls to the left side of the picture, seen from the camera it rises to the right.
    let banked = Uas { platform_roll_deg: Some(20.0), sensor_relative_elevation_deg: Some(0.0), ..uas() };
    let sight = hud(&banked).sight.unwrap();
    let ([left_x, left_y], [right_x, right_y]) =
        (sight.project(118.0, 0.0).unwrap(), sight.project(138.0, 0.0).unwrap());
    let slope = (right_y - left_y) * 9.0 / 16.0 / (right_x - left_x);
    assert!((slope + 20_f64.to_radians().tan()).abs() < 1e-6, "{slope}");
}

#[test]
fn a_footprint_past_the_horizon_is_cut_and_one_that_is_told_is_taken() {
    let looking_up = Uas { sensor_relative_elevation_deg: Some(-8.0), ..uas() };
    let hud = hud(&looking_up);
    let here = hud.position.unwrap();
    let farthest = hud.footprint.points.iter().map(|(point, _)| inverse(here, *point).distance_m).fold(0.0, f64::max);
    assert!(hud.footprint.points.iter().any(|(_, cut)| *cut) && hud.footprint.points.iter().any(|(_, cut)| !cut));
    assert!((farthest - 488.0).abs() < 1.0, "{farthest}");
    let away = Uas { sensor_relative_elevation_deg: Some(40.0), ..uas() };
    assert!(Hud::of(&away, SIZE, &Beside::default()).footprint.points.is_empty());
    let corner = |latitude_deg| Corner { latitude_deg, longitude_deg: -1.6 };
    let told = Uas { corners: Some([52.1, 52.2, 52.3, 52.4].map(corner)), ..uas() };
    assert_eq!(Hud::of(&told, SIZE, &Beside::default()).footprint.points.len(), 4);
}

proptest! {
    /// A point of the picture on the ground, looked at from the camera, is that point of the picture.
    #[test]
    fn what_is_measured_on_the_ground_projects_back(
        x in -1.0..1.0_f64, y in -1.0..1.0_f64, heading in 0.0..360.0_f64, tilt in -85.0..-25.0_f64,
        pitch in -10.0..10.0_f64, roll in -20.0..20.0_f64, pan in 0.0..360.0_f64,
    ) {
        let uas = Uas {
            platform_heading_deg: Some(heading),
            platform_pitch_deg: Some(pitch),
            platform_roll_deg: Some(roll),
            sensor_relative_azimuth_deg: Some(pan),
            sensor_relative_elevation_deg: Some(tilt),
            ..uas()
        };
        let hud = Hud::of(&uas, SIZE, &Beside::default());
        let sight = hud.sight.unwrap();
        if let Some(spot) = sight.ground(x, y).filter(|spot| spot.range_m < 2_000.0) {
            let leg = inverse(hud.position.unwrap(), spot.position);
            let down = -(61.0_f64).atan2(leg.distance_m).to_degrees();
            let [seen_x, seen_y] = sight.project(leg.azimuth_deg, down).unwrap();
            prop_assert!((seen_x - x).abs() < 0.01 && (seen_y - y).abs() < 0.01, "{x} {y}: {seen_x} {seen_y}");
        }
    }

    #[test]
    fn no_packet_makes_it_fall(values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 16)) {
        let mut next = values.into_iter();
        let mut value = || next.next().flatten();
        let uas = Uas {
            platform_heading_deg: value(), platform_pitch_deg: value(), platform_roll_deg: value(),
            sensor_latitude_deg: value(), sensor_longitude_deg: value(), sensor_altitude_msl_m: value(),
            sensor_fov_horizontal_deg: value(), sensor_fov_vertical_deg: value(), sensor_relative_azimuth_deg: value(),
            sensor_relative_elevation_deg: value(), sensor_relative_roll_deg: value(), frame_centre_latitude_deg: value(),
            frame_centre_longitude_deg: value(), frame_centre_elevation_msl_m: value(), height_agl_m: value(), slant_range_m: value(),
            ..Uas::default()
        };
        let hud = Hud::of(&uas, [1, 1], &Beside::default());
        prop_assert!(hud.heading_deg.is_none_or(|heading| (0.0..360.0).contains(&heading)));
    }
}
