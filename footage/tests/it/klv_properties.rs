//! ST 0601 packets of any values, and any bytes as packets.

use footage::klv::{CoreIdentifier, Security, UNIVERSAL_KEY, Uas};
use proptest::prelude::*;

use crate::klv::{TIME, VALID, full, packet, wrap};

proptest! {
    #[test]
    fn numbers_come_back_within_their_resolution(part in prop::array::uniform12(0.0..=1.0)) {
        let at = |index: usize, low: f64, high: f64| Some(low + part[index] * (high - low));
        let uas = Uas {
            platform_heading_deg: at(0, 0.0, 360.0),
            platform_pitch_deg: at(1, -90.0, 90.0),
            sensor_latitude_deg: at(2, -90.0, 90.0),
            sensor_longitude_deg: at(3, -180.0, 180.0),
            sensor_altitude_msl_m: at(4, -900.0, 19_000.0),
            sensor_height_ellipsoid_m: at(5, 19_001.0, 40_000.0),
            slant_range_m: at(6, 0.0, 5e6),
            target_width_m: at(7, 10_001.0, 1.5e6),
            wind_speed_mps: at(8, 0.0, 100.0),
            east_velocity_mps: at(9, -327.0, 327.0),
            course_deg: at(10, 0.0, 360.0),
            storage_used_percent: at(11, 0.0, 100.0),
            ..Uas::default()
        };
        let back = Uas::decode(&packet(&uas)).unwrap().uas;
        for (sent, got, step) in [
            (uas.platform_heading_deg, back.platform_heading_deg, 360.0 / 65_535.0 / 2.0),
            (uas.platform_pitch_deg, back.platform_pitch_deg, 90.0 / 2_147_483_647.0 / 2.0),
            (uas.sensor_latitude_deg, back.sensor_latitude_deg, 90.0 / 2_147_483_647.0 / 2.0),
            (uas.sensor_longitude_deg, back.sensor_longitude_deg, 180.0 / 2_147_483_647.0 / 2.0),
            (uas.sensor_altitude_msl_m, back.sensor_altitude_msl_m, 19_900.0 / 65_535.0 / 2.0),
            (uas.sensor_height_ellipsoid_m, back.sensor_height_ellipsoid_m, 1.0 / 128.0),
            (uas.slant_range_m, back.slant_range_m, 5e6 / 4_294_967_295.0 / 2.0),
            (uas.target_width_m, back.target_width_m, 0.25),
            (uas.wind_speed_mps, back.wind_speed_mps, 100.0 / 255.0 / 2.0),
            (uas.east_velocity_mps, back.east_velocity_mps, 327.0 / 32_767.0 / 2.0),
            (uas.course_deg, back.course_deg, 1.0 / 64.0),
            (uas.storage_used_percent, back.storage_used_percent, 1.0 / 256.0),
        ] {
            prop_assert!((sent.unwrap() - got.unwrap()).abs() <= step * 1.000_01, "{sent:?} came back as {got:?}");
        }
    }

    /// A packet that was read and written again says the same.
    #[test]
    fn reading_and_writing_again_changes_nothing(heading in 0.0..360.0, width in 0.0..9_000.0, text in "\\PC{0,40}") {
        let uas = Uas {
            platform_heading_deg: Some(heading),
            target_width_m: Some(width),
            mission_id: (!text.is_empty()).then(|| text.as_str().into()),
            ..full()
        };
        let once = Uas::decode(&packet(&uas)).unwrap().uas;
        let twice = Uas::decode(&packet(&once)).unwrap().uas;
        // Only the coarse width follows the fine one and may fall on its neighbour.
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Uas::decode(&bytes);
        let _ = Uas::decode(&[&UNIVERSAL_KEY[..], &bytes].concat());
        let _ = Uas::decode(&wrap(&[&TIME[..], &bytes].concat()));
        let _ = Security::decode(&bytes);
        let _ = CoreIdentifier::decode(&bytes);
    }

    #[test]
    fn one_changed_octet_is_noticed(at in 0_usize..114, change in 1_u8..) {
        let mut packet = VALID.to_vec();
        packet[at] ^= change;
        prop_assert!(Uas::decode(&packet).is_err());
    }
}
