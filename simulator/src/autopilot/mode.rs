//! Flight modes and how PX4 writes them in `custom_mode` (main mode in bits 16–23, sub mode in bits 24–31).

use vehicle_link::dialect::MavModeFlag;

/// What the autopilot is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A pilot's mode without sticks: the vehicle keeps its place.
    #[default]
    Position,
    /// Climbing to the take-off height.
    TakeOff,
    /// Keeping its place, or going to one it was given.
    Hold,
    /// Flying the mission.
    Mission,
    /// Going home and landing.
    Return,
    /// Landing here.
    Land,
}

const MAIN_AUTO: u32 = 4;

impl Mode {
    /// PX4's `custom_mode`.
    #[must_use]
    pub fn px4_custom_mode(self) -> u32 {
        let (main, sub) = match self {
            Self::Position => (3, 0),
            Self::TakeOff => (MAIN_AUTO, 2),
            Self::Hold => (MAIN_AUTO, 3),
            Self::Mission => (MAIN_AUTO, 4),
            Self::Return => (MAIN_AUTO, 5),
            Self::Land => (MAIN_AUTO, 6),
        };
        main << 16 | sub << 24
    }

    /// The mode of PX4's main and sub mode; none for those this vehicle does not fly.
    #[must_use]
    pub fn from_px4(main: u32, sub: u32) -> Option<Self> {
        match (main, sub) {
            // Manual, altitude, position, stabilised: without sticks they come to the same.
            (1 | 2 | 3 | 7, _) => Some(Self::Position),
            (MAIN_AUTO, 2) => Some(Self::TakeOff),
            (MAIN_AUTO, 1 | 3) => Some(Self::Hold),
            (MAIN_AUTO, 4) => Some(Self::Mission),
            (MAIN_AUTO, 5) => Some(Self::Return),
            (MAIN_AUTO, 6) => Some(Self::Land),
            _ => None,
        }
    }

    /// PX4's `base_mode` for this mode.
    #[must_use]
    pub fn base_mode(self, armed: bool) -> MavModeFlag {
        let mode = match self {
            Self::Position => MavModeFlag::MAV_MODE_FLAG_MANUAL_INPUT_ENABLED,
            Self::TakeOff | Self::Hold | Self::Mission | Self::Return | Self::Land => {
                MavModeFlag::MAV_MODE_FLAG_AUTO_ENABLED | MavModeFlag::MAV_MODE_FLAG_GUIDED_ENABLED
            }
        };
        let armed = if armed { MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED } else { MavModeFlag::empty() };
        MavModeFlag::MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | MavModeFlag::MAV_MODE_FLAG_STABILIZE_ENABLED | mode | armed
    }

    /// The name a person knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::TakeOff => "take-off",
            Self::Hold => "hold",
            Self::Mission => "mission",
            Self::Return => "return",
            Self::Land => "land",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_as_px4_writes_them() {
        // PX4 px4_custom_mode.h: AUTO is 4, AUTO_MISSION 4, AUTO_LOITER 3, POSCTL 3.
        assert_eq!(Mode::Mission.px4_custom_mode(), 0x0404_0000);
        assert_eq!(Mode::Hold.px4_custom_mode(), 0x0304_0000);
        assert_eq!(Mode::Position.px4_custom_mode(), 0x0003_0000);
        assert_eq!(Mode::Mission.base_mode(true).bits(), 157);
        for mode in [Mode::Position, Mode::TakeOff, Mode::Hold, Mode::Mission, Mode::Return, Mode::Land] {
            let custom = mode.px4_custom_mode();
            assert_eq!(Mode::from_px4(custom >> 16 & 0xFF, custom >> 24), Some(mode));
        }
    }
}
