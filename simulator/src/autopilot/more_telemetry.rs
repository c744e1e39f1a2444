//! Further messages: the estimator, the fence, the modes, the gimbal manager.

use vehicle_link::dialect::{
    ALTITUDE_DATA, AVAILABLE_MODES_DATA, CURRENT_MODE_DATA, ESTIMATOR_STATUS_DATA, EstimatorStatusFlags,
    FENCE_STATUS_DATA, FenceBreach, FenceMitigate, GIMBAL_DEVICE_INFORMATION_DATA, GIMBAL_MANAGER_INFORMATION_DATA,
    GIMBAL_MANAGER_STATUS_DATA, GPS_GLOBAL_ORIGIN_DATA, GimbalDeviceCapFlags, GimbalDeviceCapFlagsU16,
    GimbalManagerCapFlags, GimbalManagerFlags, LOCAL_POSITION_NED_DATA, MavFrame, MavMessage,
    NAV_CONTROLLER_OUTPUT_DATA, ORBIT_EXECUTION_STATUS_DATA, PROTOCOL_VERSION_DATA,
};

use super::fixed_point::{deg_e7, f32_of, i16_of, i32_of, u16_of};
use super::mode::Mode;
use super::streams::MessageId;
use super::telemetry::ESTIMATOR_STATUS;
use super::{Autopilot, GIMBAL_COMPONENT};
use crate::vehicle::{Gimbal, Vehicle};

impl Autopilot {
    /// The message `id`, of those that are not built in `telemetry`.
    pub(super) fn build_more(&self, id: MessageId, vehicle: &Vehicle) -> Option<MavMessage> {
        let message = match id {
            32 => self.local_position(vehicle),
            49 => self.origin(),
            62 => self.steering(vehicle),
            141 => self.altitude(vehicle),
            162 => self.fence_status(),
            ESTIMATOR_STATUS => self.estimator(),
            280 => self.gimbal_manager(),
            281 => self.gimbal_control(),
            283 => self.gimbal_device(),
            300 => Self::protocol_version(),
            360 => return self.orbit_status(),
            436 => self.current_mode(),
            _ => return None,
        };
        Some(message)
    }

    fn boot_us(&self) -> u64 {
        self.clock.boot_ns(self.now_ns) / 1000
    }

    fn local_position(&self, vehicle: &Vehicle) -> MavMessage {
        let (local, _) = self.reported(vehicle);
        let velocity = vehicle.airframe.velocity;
        MavMessage::LOCAL_POSITION_NED(LOCAL_POSITION_NED_DATA {
            time_boot_ms: self.boot_ms(),
            x: f32_of(local.x),
            y: f32_of(local.y),
            z: f32_of(local.z),
            vx: f32_of(velocity.x),
            vy: f32_of(velocity.y),
            vz: f32_of(velocity.z),
        })
    }

    fn origin(&self) -> MavMessage {
        let origin = self.map.home();
        MavMessage::GPS_GLOBAL_ORIGIN(GPS_GLOBAL_ORIGIN_DATA {
            latitude: deg_e7(origin.lat_deg),
            longitude: deg_e7(origin.lon_deg),
            altitude: i32_of(self.home_msl_m * 1000.0),
            time_usec: self.boot_us(),
        })
    }

    fn steering(&self, vehicle: &Vehicle) -> MavMessage {
        let attitude = vehicle.airframe.attitude.to_euler();
        let way = self.flight.target - Self::believed(vehicle);
        let bearing = i16_of(way.y.atan2(way.x).to_degrees());
        let flying = self.armed;
        MavMessage::NAV_CONTROLLER_OUTPUT(NAV_CONTROLLER_OUTPUT_DATA {
            nav_roll: f32_of(attitude.roll_rad.to_degrees()),
            nav_pitch: f32_of(attitude.pitch_rad.to_degrees()),
            alt_error: if flying { f32_of(-way.z) } else { 0.0 },
            nav_bearing: bearing,
            target_bearing: bearing,
            wp_dist: if flying { u16_of(way.horizontal_norm()) } else { 0 },
            ..NAV_CONTROLLER_OUTPUT_DATA::default()
        })
    }

    fn altitude(&self, vehicle: &Vehicle) -> MavMessage {
        let (local, at) = self.reported(vehicle);
        let msl = f32_of(at.height_m - self.undulation_m);
        let up = f32_of(-local.z);
        MavMessage::ALTITUDE(ALTITUDE_DATA {
            time_usec: self.boot_us(),
            altitude_monotonic: msl,
            altitude_amsl: msl,
            altitude_local: up,
            altitude_relative: f32_of(self.flight.home.z - local.z),
            altitude_terrain: f32_of(self.home_msl_m),
            bottom_clearance: up,
        })
    }

    fn fence_status(&self) -> MavMessage {
        let watch = &self.watch;
        MavMessage::FENCE_STATUS(FENCE_STATUS_DATA {
            breach_time: watch.breached_ms,
            breach_count: watch.breaches,
            breach_status: u8::from(watch.breach.is_some()),
            breach_type: watch.breach.unwrap_or(FenceBreach::FENCE_BREACH_NONE),
            breach_mitigation: FenceMitigate::FENCE_MITIGATE_NONE,
        })
    }

    fn estimator(&self) -> MavMessage {
        let placed = EstimatorStatusFlags::ESTIMATOR_POS_HORIZ_ABS
            | EstimatorStatusFlags::ESTIMATOR_POS_HORIZ_REL
            | EstimatorStatusFlags::ESTIMATOR_VELOCITY_HORIZ
            | EstimatorStatusFlags::ESTIMATOR_PRED_POS_HORIZ_ABS
            | EstimatorStatusFlags::ESTIMATOR_PRED_POS_HORIZ_REL;
        let always = EstimatorStatusFlags::ESTIMATOR_ATTITUDE
            | EstimatorStatusFlags::ESTIMATOR_VELOCITY_VERT
            | EstimatorStatusFlags::ESTIMATOR_POS_VERT_ABS;
        let lost = self.watch.position_lost;
        MavMessage::ESTIMATOR_STATUS(ESTIMATOR_STATUS_DATA {
            time_usec: self.boot_us(),
            vel_ratio: 0.05,
            pos_horiz_ratio: if lost { 1.5 } else { 0.05 },
            pos_vert_ratio: 0.05,
            mag_ratio: 0.05,
            pos_horiz_accuracy: if lost { 50.0 } else { 0.1 },
            pos_vert_accuracy: 0.2,
            flags: if lost { always } else { always | placed },
            ..ESTIMATOR_STATUS_DATA::default()
        })
    }

    fn gimbal_manager(&self) -> MavMessage {
        let cap_flags = GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_HAS_NEUTRAL
            | GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_HAS_ROLL_LOCK
            | GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_HAS_PITCH_AXIS
            | GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_HAS_PITCH_LOCK
            | GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_AXIS
            | GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_FOLLOW
            | GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_LOCK
            | GimbalManagerCapFlags::GIMBAL_MANAGER_CAP_FLAGS_CAN_POINT_LOCATION_GLOBAL;
        MavMessage::GIMBAL_MANAGER_INFORMATION(GIMBAL_MANAGER_INFORMATION_DATA {
            time_boot_ms: self.boot_ms(),
            cap_flags,
            roll_min: 0.0,
            roll_max: 0.0,
            pitch_min: f32_of(Gimbal::PITCH_MIN_RAD),
            pitch_max: f32_of(Gimbal::PITCH_MAX_RAD),
            yaw_min: f32_of(-Gimbal::YAW_LIMIT_RAD),
            yaw_max: f32_of(Gimbal::YAW_LIMIT_RAD),
            gimbal_device_id: GIMBAL_COMPONENT,
        })
    }

    fn gimbal_control(&self) -> MavMessage {
        let (primary, secondary) = (self.gimbal.primary, self.gimbal.secondary);
        MavMessage::GIMBAL_MANAGER_STATUS(GIMBAL_MANAGER_STATUS_DATA {
            time_boot_ms: self.boot_ms(),
            flags: GimbalManagerFlags::GIMBAL_MANAGER_FLAGS_ROLL_LOCK
                | GimbalManagerFlags::GIMBAL_MANAGER_FLAGS_PITCH_LOCK,
            gimbal_device_id: GIMBAL_COMPONENT,
            primary_control_sysid: primary.0,
            primary_control_compid: primary.1,
            secondary_control_sysid: secondary.0,
            secondary_control_compid: secondary.1,
        })
    }

    fn gimbal_device(&self) -> MavMessage {
        MavMessage::GIMBAL_DEVICE_INFORMATION(GIMBAL_DEVICE_INFORMATION_DATA {
            time_boot_ms: self.boot_ms(),
            pitch_min: f32_of(Gimbal::PITCH_MIN_RAD),
            pitch_max: f32_of(Gimbal::PITCH_MAX_RAD),
            yaw_min: f32_of(-Gimbal::YAW_LIMIT_RAD),
            yaw_max: f32_of(Gimbal::YAW_LIMIT_RAD),
            cap_flags: GimbalDeviceCapFlagsU16::from_bits_truncate(0x0732),
            cap_flags2: GimbalDeviceCapFlags::from_bits_truncate(0x0732),
            vendor_name: "Skyseal".into(),
            model_name: "simulated gimbal".into(),
            ..GIMBAL_DEVICE_INFORMATION_DATA::default()
        })
    }

    fn protocol_version() -> MavMessage {
        MavMessage::PROTOCOL_VERSION(PROTOCOL_VERSION_DATA {
            version: 200,
            min_version: 100,
            max_version: 200,
            ..PROTOCOL_VERSION_DATA::default()
        })
    }

    fn orbit_status(&self) -> Option<MavMessage> {
        let orbit = self.flight.orbit.filter(|_| self.mode == Mode::Orbit)?;
        let centre = self.map.geodetic(orbit.centre);
        Some(MavMessage::ORBIT_EXECUTION_STATUS(ORBIT_EXECUTION_STATUS_DATA {
            time_usec: self.boot_us(),
            radius: f32_of(orbit.radius_m.copysign(orbit.speed_mps)),
            x: deg_e7(centre.lat_deg),
            y: deg_e7(centre.lon_deg),
            z: f32_of(self.home_msl_m - orbit.centre.z),
            frame: MavFrame::MAV_FRAME_GLOBAL,
        }))
    }

    fn current_mode(&self) -> MavMessage {
        let custom_mode = self.mode.custom_mode(self.personality);
        MavMessage::CURRENT_MODE(CURRENT_MODE_DATA {
            custom_mode,
            intended_custom_mode: custom_mode,
            standard_mode: self.mode.standard(self.personality),
        })
    }

    /// AVAILABLE_MODES of every mode.
    pub(super) fn available_modes(&self) -> Vec<MavMessage> {
        let modes = Mode::listed(self.personality);
        let number_modes = u8::try_from(modes.len()).unwrap_or(u8::MAX);
        let listed = (1u8..).zip(modes).map(|(mode_index, mode)| {
            MavMessage::AVAILABLE_MODES(AVAILABLE_MODES_DATA {
                custom_mode: mode.custom,
                properties: mode.properties,
                number_modes,
                mode_index,
                standard_mode: mode.standard,
                mode_name: mode.name.into(),
            })
        });
        listed.collect()
    }

    /// Something but the mode forbids arming.
    pub(super) fn fitness_fails(&self, vehicle: &Vehicle) -> bool {
        self.unfit(vehicle).is_some_and(|why| !matches!(why, super::notice::Notice::ArmMode(_)))
    }
}
