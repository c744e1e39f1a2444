//! Which autopilot the vehicle pretends to be: what it says it is and what it can do.

use clap::ValueEnum;
use serde::Deserialize;
use vehicle_link::dialect::{MavAutopilot, MavProtocolCapability};

/// Which autopilot to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Personality {
    /// PX4 1.15: its modes, its numbers.
    #[default]
    Px4,
    /// ArduPilot Copter 4.6.
    Ardupilot,
}

impl Personality {
    /// The autopilot of its HEARTBEAT.
    #[must_use]
    pub fn autopilot(self) -> MavAutopilot {
        match self {
            Self::Px4 => MavAutopilot::MAV_AUTOPILOT_PX4,
            Self::Ardupilot => MavAutopilot::MAV_AUTOPILOT_ARDUPILOTMEGA,
        }
    }

    /// `flight_sw_version` of AUTOPILOT_VERSION: major, minor, patch, FIRMWARE_VERSION_TYPE_OFFICIAL.
    #[must_use]
    pub fn software_version(self) -> u32 {
        match self {
            Self::Px4 => 0x010F_04FF,
            Self::Ardupilot => 0x0406_00FF,
        }
    }

    /// What it says it can do; only what it really does.
    #[must_use]
    pub fn capabilities(self) -> MavProtocolCapability {
        let both = MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_MISSION_INT
            | MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_COMMAND_INT
            | MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
            | MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_MISSION_RALLY
            | MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_LOCAL_NED
            | MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_GLOBAL_INT
            | MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_FTP
            | MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_MAVLINK2;
        both | match self {
            Self::Px4 => MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE,
            // ArduPilot says PARAM_FLOAT and means the C cast.
            Self::Ardupilot => MavProtocolCapability::MAV_PROTOCOL_CAPABILITY_PARAM_FLOAT,
        }
    }
}
