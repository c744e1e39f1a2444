//! Flight modes, and how each autopilot writes them: PX4 with main mode in bits 16–23 and sub mode in bits 24–31 of `custom_mode`
//! (px4_custom_mode.h), ArduPilot Copter with one number (ArduCopter/mode.h).

use vehicle_link::dialect::{MavModeFlag, MavModeProperty, MavStandardMode};

use super::personality::Personality;

/// What the autopilot is doing. Without sticks the pilot's modes come to the same: the vehicle keeps its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A pilot's mode: attitude by stick.
    Stabilise,
    /// A pilot's mode: height kept.
    Altitude,
    /// A pilot's mode: place kept.
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
    /// Flying round a place.
    Orbit,
    /// Following the targets of a companion or a station: PX4's offboard, ArduPilot's guided.
    Guided,
    /// ArduPilot's brake: stop here.
    Brake,
}

/// A mode of one autopilot.
struct Row {
    mode: Mode,
    custom: u32,
    name: &'static str,
    standard: MavStandardMode,
    /// A station may choose it.
    selectable: bool,
}

const fn row(mode: Mode, custom: u32, name: &'static str, standard: MavStandardMode) -> Row {
    Row { mode, custom, name, standard, selectable: true }
}

const fn px4(main: u32, sub: u32) -> u32 {
    main << 16 | sub << 24
}

const OTHER: MavStandardMode = MavStandardMode::MAV_STANDARD_MODE_NON_STANDARD;

/// The first row of a mode is how it is reported; further ones are taken too.
const PX4: &[Row] = &[
    row(Mode::Position, px4(3, 0), "Position", MavStandardMode::MAV_STANDARD_MODE_POSITION_HOLD),
    row(Mode::Altitude, px4(2, 0), "Altitude", MavStandardMode::MAV_STANDARD_MODE_ALTITUDE_HOLD),
    row(Mode::Stabilise, px4(7, 0), "Stabilized", OTHER),
    row(Mode::Mission, px4(4, 4), "Mission", MavStandardMode::MAV_STANDARD_MODE_MISSION),
    row(Mode::Hold, px4(4, 3), "Hold", OTHER),
    row(Mode::Return, px4(4, 5), "Return", MavStandardMode::MAV_STANDARD_MODE_SAFE_RECOVERY),
    row(Mode::Land, px4(4, 6), "Land", MavStandardMode::MAV_STANDARD_MODE_LAND),
    row(Mode::TakeOff, px4(4, 2), "Takeoff", MavStandardMode::MAV_STANDARD_MODE_TAKEOFF),
    row(Mode::Guided, px4(6, 0), "Offboard", OTHER),
    Row { selectable: false, ..row(Mode::Orbit, px4(3, 1), "Orbit", MavStandardMode::MAV_STANDARD_MODE_ORBIT) },
];

const ARDUPILOT: &[Row] = &[
    row(Mode::Stabilise, 0, "STABILIZE", OTHER),
    row(Mode::Altitude, 2, "ALT_HOLD", MavStandardMode::MAV_STANDARD_MODE_ALTITUDE_HOLD),
    row(Mode::Mission, 3, "AUTO", MavStandardMode::MAV_STANDARD_MODE_MISSION),
    row(Mode::Guided, 4, "GUIDED", OTHER),
    row(Mode::Position, 5, "LOITER", MavStandardMode::MAV_STANDARD_MODE_POSITION_HOLD),
    row(Mode::Return, 6, "RTL", MavStandardMode::MAV_STANDARD_MODE_SAFE_RECOVERY),
    row(Mode::Land, 9, "LAND", MavStandardMode::MAV_STANDARD_MODE_LAND),
    row(Mode::Position, 16, "POSHOLD", OTHER),
    row(Mode::Brake, 17, "BRAKE", OTHER),
];

/// A mode as AVAILABLE_MODES has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Listed {
    /// `custom_mode`.
    pub custom: u32,
    /// The autopilot's name of it.
    pub name: &'static str,
    /// Which of MAVLink's standard modes it is.
    pub standard: MavStandardMode,
    /// What a station may do with it.
    pub properties: MavModeProperty,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 11] = [
        Self::Stabilise,
        Self::Altitude,
        Self::Position,
        Self::TakeOff,
        Self::Hold,
        Self::Mission,
        Self::Return,
        Self::Land,
        Self::Orbit,
        Self::Guided,
        Self::Brake,
    ];

    /// `custom_mode` of this mode. ArduPilot takes off and waits in GUIDED.
    #[must_use]
    pub fn custom_mode(self, of: Personality) -> u32 {
        self.row(of).custom
    }

    /// The mode of a `custom_mode`; none for those this vehicle does not fly.
    #[must_use]
    pub fn from_custom(of: Personality, custom: u32) -> Option<Self> {
        if of == Personality::Px4 {
            // Manual, acro and rattitude are flown as stabilised, "ready" as hold.
            match (custom >> 16 & 0xFF, custom >> 24) {
                (1 | 5 | 8, _) => return Some(Self::Stabilise),
                (4, 1) => return Some(Self::Hold),
                _ => {}
            }
        }
        rows(of).iter().find(|row| row.custom == custom && row.selectable).map(|row| row.mode)
    }

    /// `base_mode` for this mode.
    #[must_use]
    pub fn base_mode(self, of: Personality, armed: bool) -> MavModeFlag {
        let flown = match of {
            Personality::Px4 if self.is_pilots() => {
                MavModeFlag::MAV_MODE_FLAG_STABILIZE_ENABLED | MavModeFlag::MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
            }
            Personality::Px4 => {
                MavModeFlag::MAV_MODE_FLAG_STABILIZE_ENABLED
                    | MavModeFlag::MAV_MODE_FLAG_AUTO_ENABLED
                    | MavModeFlag::MAV_MODE_FLAG_GUIDED_ENABLED
            }
            Personality::Ardupilot => {
                let by_itself = match self {
                    Self::Stabilise | Self::Altitude => MavModeFlag::empty(),
                    _ => MavModeFlag::MAV_MODE_FLAG_GUIDED_ENABLED,
                };
                MavModeFlag::MAV_MODE_FLAG_STABILIZE_ENABLED
                    | MavModeFlag::MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
                    | by_itself
            }
        };
        let armed = if armed { MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED } else { MavModeFlag::empty() };
        MavModeFlag::MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | flown | armed
    }

    /// A mode of the pilot's sticks.
    #[must_use]
    pub fn is_pilots(self) -> bool {
        matches!(self, Self::Stabilise | Self::Altitude | Self::Position)
    }

    /// The autopilot's name of it.
    #[must_use]
    pub fn name(self, of: Personality) -> &'static str {
        self.row(of).name
    }

    /// MAVLink's standard mode, where it is one.
    #[must_use]
    pub fn standard(self, of: Personality) -> MavStandardMode {
        self.row(of).standard
    }

    /// Every mode that this autopilot lists, in its order.
    pub fn listed(of: Personality) -> impl ExactSizeIterator<Item = Listed> {
        rows(of).iter().map(|row| {
            let auto = if row.mode.is_pilots() {
                MavModeProperty::empty()
            } else {
                MavModeProperty::MAV_MODE_PROPERTY_AUTO_MODE
            };
            let hidden = if row.selectable {
                MavModeProperty::empty()
            } else {
                MavModeProperty::MAV_MODE_PROPERTY_NOT_USER_SELECTABLE
            };
            Listed { custom: row.custom, name: row.name, standard: row.standard, properties: auto | hidden }
        })
    }

    fn row(self, of: Personality) -> &'static Row {
        let flown = match (of, self) {
            (Personality::Ardupilot, Self::TakeOff | Self::Hold | Self::Orbit) => Self::Guided,
            (Personality::Px4, Self::Brake) => Self::Hold,
            _ => self,
        };
        let rows = rows(of);
        rows.iter().find(|row| row.mode == flown).unwrap_or(&rows[0])
    }
}

fn rows(of: Personality) -> &'static [Row] {
    match of {
        Personality::Px4 => PX4,
        Personality::Ardupilot => ARDUPILOT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_as_px4_writes_them() {
        // PX4 px4_custom_mode.h: AUTO is 4, AUTO_MISSION 4, AUTO_LOITER 3, POSCTL 3.
        let px4 = Personality::Px4;
        assert_eq!(Mode::Mission.custom_mode(px4), 0x0404_0000);
        assert_eq!(Mode::Hold.custom_mode(px4), 0x0304_0000);
        assert_eq!(Mode::Position.custom_mode(px4), 0x0003_0000);
        assert_eq!(Mode::Mission.base_mode(px4, true).bits(), 157);
    }

    #[test]
    fn modes_as_ardupilot_writes_them() {
        let ardupilot = Personality::Ardupilot;
        let numbers = [Mode::Guided, Mode::TakeOff, Mode::Mission, Mode::Return, Mode::Land, Mode::Brake];
        assert_eq!(numbers.map(|mode| mode.custom_mode(ardupilot)), [4, 4, 3, 6, 9, 17]);
        assert_eq!(Mode::Stabilise.base_mode(ardupilot, false).bits(), 81, "as SITL says it at boot");
        assert_eq!(Mode::from_custom(ardupilot, 1), None, "acro");
    }

    #[test]
    fn a_listed_mode_is_taken_as_itself() {
        for of in [Personality::Px4, Personality::Ardupilot] {
            for listed in Mode::listed(of) {
                let hidden = listed.properties.contains(MavModeProperty::MAV_MODE_PROPERTY_NOT_USER_SELECTABLE);
                let taken = Mode::from_custom(of, listed.custom);
                assert_eq!(taken.is_none(), hidden, "{}", listed.name);
                if let Some(mode) = taken.filter(|mode| mode.name(of) == listed.name) {
                    assert_eq!(mode.custom_mode(of), listed.custom);
                }
            }
        }
    }
}
