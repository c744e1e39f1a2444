//! PX4's names, units and meanings (its parameter reference, 1.15).

use super::super::flight::Settings;
use super::super::policy::{Action, FencePolicy, Policy, Threshold};
use super::{Definition, Kind::Int32, Parameters, real, whole};

pub(super) const TABLE: &[Definition] = &[
    real("BAT1_CAPACITY", 11_800.0, -1.0, 100_000.0),
    whole("BAT1_N_CELLS", Int32, 6, 0, 16),
    real("BAT_CRIT_THR", 0.15, 0.0, 1.0),
    real("BAT_EMERGEN_THR", 0.07, 0.0, 1.0),
    real("BAT_LOW_THR", 0.25, 0.0, 1.0),
    whole("CAL_ACC0_ID", Int32, 1_310_988, 0, i32::MAX),
    whole("CAL_GYRO0_ID", Int32, 1_310_988, 0, i32::MAX),
    whole("CAL_MAG0_ID", Int32, 197_388, 0, i32::MAX),
    real("COM_DISARM_LAND", 2.0, -1.0, 20.0),
    real("COM_DISARM_PRFLT", 10.0, -1.0, 60.0),
    whole("COM_DL_LOSS_T", Int32, 10, 5, 300),
    whole("COM_FLTMODE1", Int32, 2, -1, 18),
    whole("COM_LOW_BAT_ACT", Int32, 3, 0, 3),
    whole("COM_POSCTL_NAVL", Int32, 1, 0, 1),
    whole("COM_RC_IN_MODE", Int32, 1, 0, 4),
    whole("GF_ACTION", Int32, 2, 0, 5),
    real("GF_MAX_HOR_DIST", 0.0, 0.0, 10_000.0),
    real("GF_MAX_VER_DIST", 0.0, 0.0, 10_000.0),
    whole("MAV_SYS_ID", Int32, 1, 1, 250),
    whole("MAV_TYPE", Int32, 2, 0, 22),
    real("MIS_TAKEOFF_ALT", 10.0, 0.0, 80.0),
    real("MPC_LAND_SPEED", 1.0, 0.6, 5.0),
    real("MPC_XY_CRUISE", 8.0, 0.5, 20.0),
    real("MPC_XY_VEL_MAX", 20.0, 0.5, 20.0),
    real("MPC_YAWRAUTO_MAX", 60.0, 5.0, 360.0),
    real("MPC_Z_VEL_MAX_DN", 4.0, 0.5, 4.0),
    real("MPC_Z_VEL_MAX_UP", 5.0, 0.5, 8.0),
    real("NAV_ACC_RAD", 2.0, 0.05, 200.0),
    whole("NAV_DLL_ACT", Int32, 0, 0, 6),
    real("RTL_DESCEND_ALT", 30.0, 0.0, 100.0),
    real("RTL_LAND_DELAY", 0.0, -1.0, 100.0),
    real("RTL_RETURN_ALT", 30.0, 0.0, 150.0),
    whole("RTL_TYPE", Int32, 0, 0, 5),
    whole("SYS_AUTOSTART", Int32, 4001, 0, 9_999_999),
    whole("SYS_HITL", Int32, 0, -1, 2),
];

pub(super) fn carry(settings: &Settings) -> Vec<(&'static str, f64)> {
    vec![
        ("MPC_XY_CRUISE", settings.cruise_mps),
        ("MPC_Z_VEL_MAX_UP", settings.climb_mps),
        ("MPC_Z_VEL_MAX_DN", settings.sink_mps),
        ("MPC_LAND_SPEED", settings.land_mps),
        ("MIS_TAKEOFF_ALT", settings.takeoff_height_m),
        ("RTL_RETURN_ALT", settings.return_height_m),
        ("MPC_YAWRAUTO_MAX", settings.yaw_rate_rps.to_degrees()),
    ]
}

pub(super) fn settings(from: &Parameters) -> Settings {
    Settings {
        cruise_mps: from.value("MPC_XY_CRUISE"),
        climb_mps: from.value("MPC_Z_VEL_MAX_UP"),
        sink_mps: from.value("MPC_Z_VEL_MAX_DN"),
        land_mps: from.value("MPC_LAND_SPEED"),
        takeoff_height_m: from.value("MIS_TAKEOFF_ALT"),
        return_height_m: from.value("RTL_RETURN_ALT"),
        yaw_rate_rps: from.value("MPC_YAWRAUTO_MAX").to_radians(),
    }
}

pub(super) fn policy(from: &Parameters) -> Policy {
    // COM_LOW_BAT_ACT: 0 warning, 2 land when critical, 3 return when critical and land in emergency.
    let (critical, emergency) = match from.choice("COM_LOW_BAT_ACT") {
        2 => (Action::Land, Action::Land),
        3 => (Action::Return, Action::Land),
        _ => (Action::Warn, Action::Warn),
    };
    let limit = |name| Some(from.value(name)).filter(|&metres| metres > 0.0);
    Policy {
        battery: [
            Threshold { below: from.value("BAT_LOW_THR"), action: Action::Warn },
            Threshold { below: from.value("BAT_CRIT_THR"), action: critical },
            Threshold { below: from.value("BAT_EMERGEN_THR"), action: emergency },
        ],
        link_timeout_s: from.value("COM_DL_LOSS_T"),
        link: match from.choice("NAV_DLL_ACT") {
            1 => Action::Hold,
            2 => Action::Return,
            3 => Action::Land,
            5 => Action::Terminate,
            6 => Action::Disarm,
            _ => Action::None,
        },
        gnss: if from.choice("COM_POSCTL_NAVL") == 1 { Action::Land } else { Action::Warn },
        fence: FencePolicy {
            enabled: true,
            action: match from.choice("GF_ACTION") {
                0 => Action::None,
                2 => Action::Hold,
                3 => Action::Return,
                4 => Action::Terminate,
                5 => Action::Land,
                _ => Action::Warn,
            },
            radius_m: limit("GF_MAX_HOR_DIST"),
            ceiling_m: limit("GF_MAX_VER_DIST"),
            all_inclusions: false,
        },
        // RTL_TYPE: 0 home or rally, 1 and 2 mission landings or home, 3 the closest of all.
        rally: matches!(from.choice("RTL_TYPE"), 0 | 3),
        rally_reach_m: f64::INFINITY,
        home_counts: true,
        disarm_landed_s: from.value("COM_DISARM_LAND"),
        disarm_idle_s: from.value("COM_DISARM_PRFLT"),
    }
}
