//! ArduPilot Copter's names, units and meanings (4.6: centimetres, milliampere-hours).

use super::super::flight::Settings;
use super::super::policy::{Action, FencePolicy, Policy, Threshold};
use super::Kind::{Int8, Int16, Int32};
use super::{Definition, Parameters, real, whole};

pub(super) const TABLE: &[Definition] = &[
    whole("ARMING_CHECK", Int32, 1, 0, i32::MAX),
    real("ATC_SLEW_YAW", 6000.0, 500.0, 18_000.0),
    whole("AUTO_OPTIONS", Int32, 0, 0, 255),
    whole("BATT_CAPACITY", Int32, 11_800, 1, 1_000_000),
    real("BATT_CRT_MAH", 826.0, 0.0, 1_000_000.0),
    whole("BATT_FS_CRT_ACT", Int8, 1, 0, 7),
    whole("BATT_FS_LOW_ACT", Int8, 2, 0, 7),
    real("BATT_LOW_MAH", 1770.0, 0.0, 1_000_000.0),
    whole("BATT_MONITOR", Int8, 4, 0, 30),
    whole("COMPASS_DEV_ID", Int32, 97_539, 0, i32::MAX),
    whole("DISARM_DELAY", Int8, 10, 0, 127),
    whole("FENCE_ACTION", Int8, 1, 0, 8),
    real("FENCE_ALT_MAX", 120.0, 10.0, 1000.0),
    whole("FENCE_ENABLE", Int8, 0, 0, 1),
    real("FENCE_MARGIN", 2.0, 1.0, 10.0),
    real("FENCE_RADIUS", 1000.0, 30.0, 10_000.0),
    whole("FENCE_TOTAL", Int8, 0, 0, 127),
    whole("FENCE_TYPE", Int8, 7, 0, 15),
    whole("FLTMODE1", Int8, 5, 0, 28),
    whole("FRAME_CLASS", Int8, 1, 0, 17),
    whole("FRAME_TYPE", Int8, 1, 0, 19),
    whole("FS_EKF_ACTION", Int8, 1, 0, 3),
    whole("FS_GCS_ENABLE", Int8, 0, 0, 7),
    real("FS_GCS_TIMEOUT", 5.0, 2.0, 120.0),
    whole("INS_ACC_ID", Int32, 2_753_036, 0, i32::MAX),
    whole("INS_GYR_ID", Int32, 2_752_780, 0, i32::MAX),
    whole("LAND_SPEED", Int16, 100, 30, 500),
    whole("MIS_RESTART", Int8, 0, 0, 1),
    whole("MIS_TOTAL", Int16, 0, 0, 32_766),
    real("PILOT_TKOFF_ALT", 1000.0, 0.0, 5000.0),
    whole("RALLY_INCL_HOME", Int8, 1, 0, 1),
    real("RALLY_LIMIT_KM", 0.3, 0.0, 100.0),
    whole("RALLY_TOTAL", Int8, 0, 0, 127),
    whole("RTL_ALT", Int32, 3000, 30, 300_000),
    whole("RTL_ALT_FINAL", Int16, 0, 0, 1000),
    whole("RTL_CLIMB_MIN", Int16, 0, 0, 3000),
    real("RTL_CONE_SLOPE", 3.0, 0.5, 10.0),
    whole("RTL_LOIT_TIME", Int32, 0, 0, 60_000),
    whole("SYSID_MYGCS", Int16, 255, 1, 255),
    whole("SYSID_THISMAV", Int16, 1, 1, 255),
    real("WPNAV_RADIUS", 200.0, 5.0, 1000.0),
    real("WPNAV_SPEED", 800.0, 50.0, 2000.0),
    real("WPNAV_SPEED_DN", 400.0, 50.0, 500.0),
    real("WPNAV_SPEED_UP", 500.0, 50.0, 1000.0),
];

/// FENCE_TYPE: 1 altitude, 2 circle around home, 4 polygons (which are looked at in any case).
const FENCE_CEILING: i32 = 1;
const FENCE_CIRCLE: i32 = 2;

pub(super) fn carry(settings: &Settings) -> Vec<(&'static str, f64)> {
    vec![
        ("WPNAV_SPEED", settings.cruise_mps * 100.0),
        ("WPNAV_SPEED_UP", settings.climb_mps * 100.0),
        ("WPNAV_SPEED_DN", settings.sink_mps * 100.0),
        ("LAND_SPEED", settings.land_mps * 100.0),
        ("PILOT_TKOFF_ALT", settings.takeoff_height_m * 100.0),
        ("RTL_ALT", settings.return_height_m * 100.0),
        ("ATC_SLEW_YAW", settings.yaw_rate_rps.to_degrees() * 100.0),
    ]
}

pub(super) fn settings(from: &Parameters) -> Settings {
    Settings {
        cruise_mps: from.value("WPNAV_SPEED") / 100.0,
        climb_mps: from.value("WPNAV_SPEED_UP") / 100.0,
        sink_mps: from.value("WPNAV_SPEED_DN") / 100.0,
        land_mps: from.value("LAND_SPEED") / 100.0,
        takeoff_height_m: from.value("PILOT_TKOFF_ALT") / 100.0,
        return_height_m: from.value("RTL_ALT") / 100.0,
        yaw_rate_rps: (from.value("ATC_SLEW_YAW") / 100.0).to_radians(),
    }
}

pub(super) fn policy(from: &Parameters) -> Policy {
    let capacity = from.value("BATT_CAPACITY").max(1.0);
    let battery = |mah, action| Threshold {
        below: from.value(mah) / capacity,
        action: match from.choice(action) {
            1 => Action::Land,
            2..=4 | 6 | 7 => Action::Return,
            5 => Action::Terminate,
            _ => Action::Warn,
        },
    };
    let types = from.choice("FENCE_TYPE");
    let limit = |kind: i32, name| (types & kind != 0).then(|| from.value(name));
    Policy {
        battery: [
            Threshold { below: -1.0, action: Action::None },
            battery("BATT_LOW_MAH", "BATT_FS_LOW_ACT"),
            battery("BATT_CRT_MAH", "BATT_FS_CRT_ACT"),
        ],
        link_timeout_s: from.value("FS_GCS_TIMEOUT"),
        link: match from.choice("FS_GCS_ENABLE") {
            1..=4 | 6 => Action::Return,
            5 => Action::Land,
            7 => Action::Hold,
            _ => Action::None,
        },
        gnss: if from.choice("FS_EKF_ACTION") == 0 { Action::Warn } else { Action::Land },
        fence: FencePolicy {
            enabled: from.choice("FENCE_ENABLE") == 1,
            // 0 report, 1 return or land, 2 land, 3 smart return, 4 brake or land.
            action: match from.choice("FENCE_ACTION") {
                0 => Action::Warn,
                2 => Action::Land,
                4 => Action::Hold,
                _ => Action::Return,
            },
            radius_m: limit(FENCE_CIRCLE, "FENCE_RADIUS"),
            ceiling_m: limit(FENCE_CEILING, "FENCE_ALT_MAX"),
            all_inclusions: true,
        },
        rally: true,
        // RALLY_LIMIT_KM: 0 is no limit.
        rally_reach_m: Some(from.value("RALLY_LIMIT_KM") * 1000.0).filter(|&m| m > 0.0).unwrap_or(f64::INFINITY),
        home_counts: from.choice("RALLY_INCL_HOME") == 1,
        disarm_landed_s: 1.0,
        disarm_idle_s: from.value("DISARM_DELAY"),
    }
}
