//! The vehicle's state as MAVLink messages. Each carries the boot time of the very step its values are from.

use vehicle_link::dialect::{
    ATTITUDE_DATA, ATTITUDE_QUATERNION_DATA, AUTOPILOT_VERSION_DATA, BATTERY_STATUS_DATA, EXTENDED_SYS_STATE_DATA,
    GIMBAL_DEVICE_ATTITUDE_STATUS_DATA, GLOBAL_POSITION_INT_DATA, GPS_RAW_INT_DATA, GimbalDeviceErrorFlags,
    GimbalDeviceFlags, GpsFixType, HEARTBEAT_DATA, HOME_POSITION_DATA, MISSION_CURRENT_DATA, MavBatteryChargeState,
    MavBatteryFunction, MavBatteryType, MavLandedState, MavMessage, MavState, MavSysStatusSensor, MavType,
    MissionState, SYS_STATUS_DATA, SYSTEM_TIME_DATA, VFR_HUD_DATA, WIND_COV_DATA,
};

use super::fixed_point::{deg_e7, f32_of, i8_of, i16_of, i32_of, u16_of, u32_of};
use super::mode::Mode;
use super::personality::Personality;
use super::streams::MessageId;
use super::{Autopilot, Content, GIMBAL_COMPONENT, foreign_telemetry};
use crate::geodesy::Geodetic;
use crate::maths::{Quat, Vec3, wrap_360};
use crate::vehicle::Vehicle;

/// The message of PX4's estimator.
pub(super) const ESTIMATOR_STATUS: MessageId = 230;
/// The message of PX4's wind.
pub(super) const WIND_COV: MessageId = 231;

/// Message ids that either autopilot can send when asked.
const KNOWN: &[MessageId] = &[
    0, 1, 2, 24, 30, 31, 32, 33, 42, 49, 62, 74, 141, 147, 148, 162, 242, 245, 280, 281, 283, 285, 300, 360, 435, 436,
];

/// An autopilot of this kind can send it when asked.
#[must_use]
pub fn is_sent(id: MessageId, personality: Personality) -> bool {
    let own = match personality {
        Personality::Px4 => [ESTIMATOR_STATUS, WIND_COV],
        Personality::Ardupilot => foreign_telemetry::IDS,
    };
    KNOWN.contains(&id) || own.contains(&id)
}

impl Autopilot {
    /// What message `id` says at this instant; none for ids that this autopilot does not have.
    #[must_use]
    pub fn content(&self, id: MessageId, vehicle: &Vehicle) -> Option<Content> {
        if !is_sent(id, self.personality) {
            return None;
        }
        self.build_foreign(id, vehicle).map(Content::Foreign).or_else(|| self.build(id, vehicle).map(Content::Common))
    }

    /// The message `id` of this instant; none for ids the vehicle does not have.
    #[must_use]
    pub fn build(&self, id: MessageId, vehicle: &Vehicle) -> Option<MavMessage> {
        let message = match id {
            0 => self.heartbeat(),
            1 => self.sys_status(vehicle),
            2 => self.system_time(),
            24 => self.gps_raw(vehicle),
            30 => self.attitude(vehicle),
            31 => self.attitude_quaternion(vehicle),
            33 => self.global_position(vehicle),
            42 => self.mission_current(),
            74 => self.vfr_hud(vehicle),
            147 => self.battery(vehicle),
            148 => self.version(),
            WIND_COV => self.wind(vehicle),
            242 => self.home_position(),
            245 => self.extended_state(vehicle),
            285 => self.gimbal_attitude(vehicle),
            _ => return self.build_more(id, vehicle),
        };
        Some(message)
    }

    pub(super) fn boot_ms(&self) -> u32 {
        u32::try_from(self.clock.boot_ns(self.now_ns) / 1_000_000).unwrap_or(u32::MAX)
    }

    fn utc_us(&self) -> u64 {
        self.clock.utc_us(self.now_ns)
    }

    /// Where the receiver says the vehicle is.
    pub(super) fn reported(&self, vehicle: &Vehicle) -> (Vec3, Geodetic) {
        let local = Self::believed(vehicle);
        (local, self.map.geodetic(local))
    }

    fn heartbeat(&self) -> MavMessage {
        let failsafe = self.watch.station_lost || self.watch.position_lost || self.watch.battery_step > 1;
        let status = match (self.armed, failsafe) {
            (true, true) => MavState::MAV_STATE_CRITICAL,
            (true, false) => MavState::MAV_STATE_ACTIVE,
            (false, _) => MavState::MAV_STATE_STANDBY,
        };
        MavMessage::HEARTBEAT(HEARTBEAT_DATA {
            custom_mode: self.mode.custom_mode(self.personality),
            mavtype: MavType::MAV_TYPE_QUADROTOR,
            autopilot: self.personality.autopilot(),
            base_mode: self.mode.base_mode(self.personality, self.armed),
            system_status: status,
            mavlink_version: 3,
        })
    }

    fn sys_status(&self, vehicle: &Vehicle) -> MavMessage {
        let sensors = MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_3D_GYRO
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_3D_ACCEL
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_3D_MAG
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_ABSOLUTE_PRESSURE
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_GPS
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_ANGULAR_RATE_CONTROL
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_ATTITUDE_STABILIZATION
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_YAW_POSITION
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_Z_ALTITUDE_CONTROL
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS
            | MavSysStatusSensor::MAV_SYS_STATUS_AHRS
            | MavSysStatusSensor::MAV_SYS_STATUS_LOGGING
            | MavSysStatusSensor::MAV_SYS_STATUS_GEOFENCE
            | MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_BATTERY
            | MavSysStatusSensor::MAV_SYS_STATUS_PREARM_CHECK;
        let ill = |is: bool, sensor| if is { sensor } else { MavSysStatusSensor::empty() };
        let without_fix = MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_GPS;
        let lost =
            MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL | MavSysStatusSensor::MAV_SYS_STATUS_AHRS;
        let troubles = ill(!vehicle.gnss.has_fix(), without_fix)
            | ill(self.watch.position_lost, lost)
            | ill(self.watch.breach.is_some(), MavSysStatusSensor::MAV_SYS_STATUS_GEOFENCE)
            | ill(self.watch.battery_step > 0, MavSysStatusSensor::MAV_SYS_STATUS_SENSOR_BATTERY)
            | ill(!self.armed && self.fitness_fails(vehicle), MavSysStatusSensor::MAV_SYS_STATUS_PREARM_CHECK);
        let fence = ill(!self.policy.fence.enabled, MavSysStatusSensor::MAV_SYS_STATUS_GEOFENCE);
        let battery = &vehicle.battery;
        MavMessage::SYS_STATUS(SYS_STATUS_DATA {
            onboard_control_sensors_present: sensors,
            onboard_control_sensors_enabled: sensors & !fence,
            onboard_control_sensors_health: sensors & !troubles,
            load: 180,
            voltage_battery: u16_of(battery.voltage_v() * 1000.0),
            current_battery: i16_of(battery.current_a() * 100.0),
            battery_remaining: i8_of(battery.remaining() * 100.0),
            ..SYS_STATUS_DATA::default()
        })
    }

    fn system_time(&self) -> MavMessage {
        // A whole millisecond of boot time: the two fields are one instant.
        MavMessage::SYSTEM_TIME(SYSTEM_TIME_DATA { time_unix_usec: self.utc_us(), time_boot_ms: self.boot_ms() })
    }

    fn gps_raw(&self, vehicle: &Vehicle) -> MavMessage {
        let (_, at) = self.reported(vehicle);
        let velocity = vehicle.airframe.velocity;
        let (h_acc, v_acc) = vehicle.gnss.claimed_accuracy_m();
        let fix = vehicle.gnss.has_fix();
        MavMessage::GPS_RAW_INT(GPS_RAW_INT_DATA {
            time_usec: self.utc_us(),
            lat: deg_e7(at.lat_deg),
            lon: deg_e7(at.lon_deg),
            alt: i32_of((at.height_m - self.undulation_m) * 1000.0),
            eph: if fix { 60 } else { u16::MAX },
            epv: if fix { 90 } else { u16::MAX },
            vel: u16_of(velocity.horizontal_norm() * 100.0),
            cog: u16_of(wrap_360(velocity.y.atan2(velocity.x).to_degrees()) * 100.0) % 36_000,
            fix_type: if fix { GpsFixType::GPS_FIX_TYPE_RTK_FIXED } else { GpsFixType::GPS_FIX_TYPE_NO_FIX },
            satellites_visible: if fix { vehicle.gnss.satellites } else { 0 },
            alt_ellipsoid: i32_of(at.height_m * 1000.0),
            h_acc: u32_of(h_acc * 1000.0),
            v_acc: u32_of(v_acc * 1000.0),
            vel_acc: 50,
            hdg_acc: 0,
            yaw: 0,
        })
    }

    fn attitude(&self, vehicle: &Vehicle) -> MavMessage {
        let euler = vehicle.airframe.attitude.to_euler();
        let rates = vehicle.airframe.body_rates;
        MavMessage::ATTITUDE(ATTITUDE_DATA {
            time_boot_ms: self.boot_ms(),
            roll: f32_of(euler.roll_rad),
            pitch: f32_of(euler.pitch_rad),
            yaw: f32_of(euler.yaw_rad),
            rollspeed: f32_of(rates.x),
            pitchspeed: f32_of(rates.y),
            yawspeed: f32_of(rates.z),
        })
    }

    fn attitude_quaternion(&self, vehicle: &Vehicle) -> MavMessage {
        let [q1, q2, q3, q4] = wire_quaternion(vehicle.airframe.attitude);
        let rates = vehicle.airframe.body_rates;
        MavMessage::ATTITUDE_QUATERNION(ATTITUDE_QUATERNION_DATA {
            time_boot_ms: self.boot_ms(),
            q1,
            q2,
            q3,
            q4,
            rollspeed: f32_of(rates.x),
            pitchspeed: f32_of(rates.y),
            yawspeed: f32_of(rates.z),
            repr_offset_q: [0.0; 4],
        })
    }

    fn global_position(&self, vehicle: &Vehicle) -> MavMessage {
        let (local, at) = self.reported(vehicle);
        let velocity = vehicle.airframe.velocity;
        let heading = wrap_360(vehicle.airframe.attitude.to_euler().yaw_rad.to_degrees());
        MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
            time_boot_ms: self.boot_ms(),
            lat: deg_e7(at.lat_deg),
            lon: deg_e7(at.lon_deg),
            alt: i32_of((at.height_m - self.undulation_m) * 1000.0),
            relative_alt: i32_of(-local.z * 1000.0),
            vx: i16_of(velocity.x * 100.0),
            vy: i16_of(velocity.y * 100.0),
            vz: i16_of(velocity.z * 100.0),
            hdg: u16_of(heading * 100.0) % 36_000,
        })
    }

    fn mission_current(&self) -> MavMessage {
        let total = u16::try_from(self.plans.mission.items.len()).unwrap_or(u16::MAX);
        let state = if total == 0 {
            MissionState::MISSION_STATE_NO_MISSION
        } else if self.flight.finished {
            MissionState::MISSION_STATE_COMPLETE
        } else if self.flight.paused_at.is_some() {
            MissionState::MISSION_STATE_PAUSED
        } else if self.mode == Mode::Mission && self.armed {
            MissionState::MISSION_STATE_ACTIVE
        } else if self.flight.current == 0 {
            MissionState::MISSION_STATE_NOT_STARTED
        } else {
            MissionState::MISSION_STATE_PAUSED
        };
        MavMessage::MISSION_CURRENT(MISSION_CURRENT_DATA {
            seq: self.flight.current.min(total.saturating_sub(1)),
            total,
            mission_state: state,
            mission_mode: if self.mode == Mode::Mission { 1 } else { 2 },
            mission_id: self.plans.mission.id,
            fence_id: self.plans.fence.id,
            rally_points_id: self.plans.rally.id,
        })
    }

    fn vfr_hud(&self, vehicle: &Vehicle) -> MavMessage {
        let (_, at) = self.reported(vehicle);
        let airframe = &vehicle.airframe;
        let heading = wrap_360(airframe.attitude.to_euler().yaw_rad.to_degrees());
        MavMessage::VFR_HUD(VFR_HUD_DATA {
            airspeed: f32_of(airframe.airspeed().norm()),
            groundspeed: f32_of(airframe.velocity.horizontal_norm()),
            alt: f32_of(at.height_m - self.undulation_m),
            climb: f32_of(-airframe.velocity.z),
            heading: i16_of(heading) % 360,
            throttle: u16_of((airframe.throttle() * 45.0).min(100.0)),
        })
    }

    fn battery(&self, vehicle: &Vehicle) -> MavMessage {
        let battery = &vehicle.battery;
        let mut voltages = [u16::MAX; 10];
        for cell in voltages.iter_mut().take(usize::from(battery.cells())) {
            *cell = u16_of(battery.cell_v() * 1000.0);
        }
        let passed = self.policy.battery.iter().rposition(|threshold| battery.remaining() < threshold.below);
        let charge_state = match passed {
            Some(2) => MavBatteryChargeState::MAV_BATTERY_CHARGE_STATE_EMERGENCY,
            Some(1) => MavBatteryChargeState::MAV_BATTERY_CHARGE_STATE_CRITICAL,
            Some(_) => MavBatteryChargeState::MAV_BATTERY_CHARGE_STATE_LOW,
            None => MavBatteryChargeState::MAV_BATTERY_CHARGE_STATE_OK,
        };
        MavMessage::BATTERY_STATUS(BATTERY_STATUS_DATA {
            current_consumed: i32_of(battery.used_mah()),
            energy_consumed: i32_of(battery.used_wh() * 36.0),
            temperature: 2900,
            voltages,
            current_battery: i16_of(battery.current_a() * 100.0),
            id: 0,
            battery_function: MavBatteryFunction::MAV_BATTERY_FUNCTION_ALL,
            mavtype: MavBatteryType::MAV_BATTERY_TYPE_LIPO,
            battery_remaining: i8_of(battery.remaining() * 100.0),
            charge_state,
            ..BATTERY_STATUS_DATA::default()
        })
    }

    fn version(&self) -> MavMessage {
        MavMessage::AUTOPILOT_VERSION(AUTOPILOT_VERSION_DATA {
            capabilities: self.personality.capabilities(),
            uid: 0x5_1A7E + u64::from(self.system_id),
            flight_sw_version: self.personality.software_version(),
            ..AUTOPILOT_VERSION_DATA::default()
        })
    }

    fn wind(&self, vehicle: &Vehicle) -> MavMessage {
        let wind = vehicle.wind.velocity();
        MavMessage::WIND_COV(WIND_COV_DATA {
            time_usec: self.clock.boot_ns(self.now_ns) / 1000,
            wind_x: f32_of(wind.x),
            wind_y: f32_of(wind.y),
            // PX4 estimates no vertical wind, and no accuracy.
            wind_z: 0.0,
            var_horiz: 0.2,
            var_vert: 0.0,
            wind_alt: f32_of(self.home_msl_m - vehicle.airframe.position.z),
            horiz_accuracy: 0.0,
            vert_accuracy: 0.0,
        })
    }

    fn home_position(&self) -> MavMessage {
        let home = self.map.geodetic(self.flight.home);
        MavMessage::HOME_POSITION(HOME_POSITION_DATA {
            latitude: deg_e7(home.lat_deg),
            longitude: deg_e7(home.lon_deg),
            altitude: i32_of(self.home_msl_m * 1000.0),
            x: f32_of(self.flight.home.x),
            y: f32_of(self.flight.home.y),
            z: f32_of(self.flight.home.z),
            q: [1.0, 0.0, 0.0, 0.0],
            time_usec: self.clock.boot_ns(self.now_ns) / 1000,
            ..HOME_POSITION_DATA::default()
        })
    }

    fn extended_state(&self, vehicle: &Vehicle) -> MavMessage {
        let landed_state = if vehicle.airframe.on_ground() {
            MavLandedState::MAV_LANDED_STATE_ON_GROUND
        } else {
            match self.mode {
                Mode::Land => MavLandedState::MAV_LANDED_STATE_LANDING,
                Mode::TakeOff => MavLandedState::MAV_LANDED_STATE_TAKEOFF,
                Mode::Stabilise
                | Mode::Altitude
                | Mode::Position
                | Mode::Hold
                | Mode::Mission
                | Mode::Return
                | Mode::Orbit
                | Mode::Guided
                | Mode::Brake => MavLandedState::MAV_LANDED_STATE_IN_AIR,
            }
        };
        MavMessage::EXTENDED_SYS_STATE(EXTENDED_SYS_STATE_DATA { landed_state, ..EXTENDED_SYS_STATE_DATA::default() })
    }

    /// Roll and pitch against the horizon, yaw against the airframe's heading (no YAW_LOCK).
    fn gimbal_attitude(&self, vehicle: &Vehicle) -> MavMessage {
        let rates = vehicle.gimbal.rates();
        MavMessage::GIMBAL_DEVICE_ATTITUDE_STATUS(GIMBAL_DEVICE_ATTITUDE_STATUS_DATA {
            time_boot_ms: self.boot_ms(),
            q: wire_quaternion(vehicle.gimbal.relative_attitude()),
            angular_velocity_x: f32_of(rates.x),
            angular_velocity_y: f32_of(rates.y),
            angular_velocity_z: f32_of(rates.z),
            failure_flags: GimbalDeviceErrorFlags::empty(),
            flags: GimbalDeviceFlags::GIMBAL_DEVICE_FLAGS_ROLL_LOCK
                | GimbalDeviceFlags::GIMBAL_DEVICE_FLAGS_PITCH_LOCK
                | GimbalDeviceFlags::GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME,
            target_system: 0,
            target_component: 0,
            delta_yaw: f32_of(vehicle.airframe.attitude.to_euler().yaw_rad),
            delta_yaw_velocity: f32::NAN,
            gimbal_device_id: 0,
        })
    }
}

/// Which of the vehicle's components sends a message.
#[must_use]
pub fn component_of(id: MessageId) -> u8 {
    if matches!(id, 283 | 285) { GIMBAL_COMPONENT } else { super::AUTOPILOT_COMPONENT }
}

fn wire_quaternion(q: Quat) -> [f32; 4] {
    [f32_of(q.w), f32_of(q.v.x), f32_of(q.v.y), f32_of(q.v.z)]
}
