//! Kinds of vehicle and their flight modes, in a pilot's words (ArduCopter/mode.h, px4_custom_mode.h).

use std::borrow::Cow;

/// MAV_AUTOPILOT_ARDUPILOTMEGA and MAV_AUTOPILOT_PX4.
const ARDUPILOT: u8 = 3;
const PX4: u8 = 12;
/// MAV_TYPE of what ArduCopter flies: quadrotor, coaxial, helicopter, hexarotor, octorotor, tricopter, dodecarotor, decarotor.
const COPTERS: [u8; 8] = [2, 3, 4, 13, 14, 15, 29, 35];

/// Which software flies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// ArduPilot on a multirotor or helicopter.
    ArduCopter,
    /// PX4.
    Px4,
    /// Another, by its MAV_AUTOPILOT and MAV_TYPE.
    Other {
        /// MAV_AUTOPILOT.
        autopilot: u8,
        /// MAV_TYPE.
        mav_type: u8,
    },
}

impl Kind {
    pub(super) fn of(autopilot: u8, mav_type: u8) -> Self {
        match autopilot {
            ARDUPILOT if COPTERS.contains(&mav_type) => Self::ArduCopter,
            PX4 => Self::Px4,
            _ => Self::Other { autopilot, mav_type },
        }
    }
}

/// Whose hand a mode follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// The sticks of the radio.
    Sticks,
    /// The autopilot, by its plan.
    Itself,
    /// A station or a computer aboard, point by point.
    Guided,
    /// Nobody can tell.
    Unknown,
}

/// A flight mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mode {
    /// In a word or two.
    pub(crate) name: Cow<'static, str>,
    /// Who flies in it.
    pub(crate) hand: Hand,
    /// Going home by itself.
    pub(crate) returns: bool,
}

type Row = (u32, &'static str, Hand);

const COPTER_MODES: &[Row] = &[
    (0, "Stabilize", Hand::Sticks),
    (1, "Acro", Hand::Sticks),
    (2, "Altitude hold", Hand::Sticks),
    (3, "Mission", Hand::Itself),
    (4, "Guided", Hand::Guided),
    (5, "Loiter", Hand::Sticks),
    (6, "Return", Hand::Itself),
    (7, "Circle", Hand::Itself),
    (9, "Land", Hand::Itself),
    (11, "Drift", Hand::Sticks),
    (13, "Sport", Hand::Sticks),
    (14, "Flip", Hand::Itself),
    (15, "Autotune", Hand::Sticks),
    (16, "Position hold", Hand::Sticks),
    (17, "Brake", Hand::Itself),
    (18, "Throw", Hand::Itself),
    (19, "Avoiding traffic", Hand::Itself),
    (20, "Guided without GNSS", Hand::Guided),
    (21, "Return by its own track", Hand::Itself),
    (22, "Flow hold", Hand::Sticks),
    (23, "Follow", Hand::Itself),
    (24, "Zigzag", Hand::Sticks),
    (25, "System identification", Hand::Sticks),
    (26, "Autorotation", Hand::Sticks),
    (27, "Return by mission", Hand::Itself),
    (28, "Turtle", Hand::Sticks),
];
const COPTER_RETURNS: [u32; 3] = [6, 21, 27];

/// Main mode, and sub mode of AUTO and POSCTL from bit 8 on.
const PX4_MODES: &[Row] = &[
    (1, "Manual", Hand::Sticks),
    (2, "Altitude", Hand::Sticks),
    (3, "Position", Hand::Sticks),
    (3 | 1 << 8, "Orbit", Hand::Itself),
    (3 | 2 << 8, "Position, slow", Hand::Sticks),
    (4 | 1 << 8, "Ready", Hand::Itself),
    (4 | 2 << 8, "Take-off", Hand::Itself),
    (4 | 3 << 8, "Hold", Hand::Itself),
    (4 | 4 << 8, "Mission", Hand::Itself),
    (4 | 5 << 8, "Return", Hand::Itself),
    (4 | 6 << 8, "Land", Hand::Itself),
    (4 | 8 << 8, "Follow", Hand::Itself),
    (4 | 9 << 8, "Precision landing", Hand::Itself),
    (4 | 10 << 8, "Take-off", Hand::Itself),
    (5, "Acro", Hand::Sticks),
    (6, "Offboard", Hand::Guided),
    (7, "Stabilized", Hand::Sticks),
    (8, "Rattitude", Hand::Sticks),
    (10, "Termination", Hand::Itself),
    (11, "Altitude cruise", Hand::Sticks),
];
const PX4_RETURN: u32 = 4 | 5 << 8;

/// Modes that a pilot may be offered in flight, by the numbers of their tables: none that flips, throws, calibrates or lets fall.
const COPTER_OFFERED: [u32; 10] = [5, 16, 2, 17, 4, 3, 7, 6, 21, 9];
const PX4_OFFERED: [u32; 7] = [3, 2, 4 | 3 << 8, 4 | 4 << 8, 4 | 5 << 8, 4 | 6 << 8, 7];

/// A mode that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// As in HEARTBEAT.
    pub(crate) custom_mode: u32,
    /// In a word or two.
    pub(crate) name: &'static str,
    /// Who flies in it.
    pub(crate) hand: Hand,
}

/// What a vehicle of this kind can be told to fly in; nothing of one whose modes are not known.
pub(crate) fn choices(kind: Kind) -> Vec<Choice> {
    let (rows, offered, shift) = match kind {
        Kind::ArduCopter => (COPTER_MODES, &COPTER_OFFERED[..], 0),
        Kind::Px4 => (PX4_MODES, &PX4_OFFERED[..], 16),
        Kind::Other { .. } => (&[][..], &[][..], 0),
    };
    let row = |number: &u32| rows.iter().find(|row| row.0 == *number);
    let choice = |(number, name, hand): &Row| Choice { custom_mode: number << shift, name, hand: *hand };
    offered.iter().filter_map(row).map(choice).collect()
}

impl Mode {
    /// The mode of a heartbeat's `custom_mode`.
    pub(super) fn of(kind: Kind, custom_mode: u32) -> Self {
        let (rows, number) = match kind {
            Kind::ArduCopter => (COPTER_MODES, custom_mode),
            Kind::Px4 => (PX4_MODES, custom_mode >> 16),
            Kind::Other { .. } => (&[][..], custom_mode),
        };
        let returns = match kind {
            Kind::ArduCopter => COPTER_RETURNS.contains(&number),
            Kind::Px4 => number == PX4_RETURN,
            Kind::Other { .. } => false,
        };
        match rows.iter().find(|row| row.0 == number) {
            Some((_, name, hand)) => Self { name: Cow::Borrowed(name), hand: *hand, returns },
            None => Self { name: format!("Mode {number}").into(), hand: Hand::Unknown, returns },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_have_names() {
        let name = |kind, custom| Mode::of(kind, custom).name.into_owned();
        assert_eq!(name(Kind::ArduCopter, 5), "Loiter");
        assert_eq!(name(Kind::ArduCopter, 99), "Mode 99");
        assert_eq!(name(Kind::Px4, 67_371_008), "Mission", "as PX4 said it in px4-conversation.tlog");
        assert_eq!(name(Kind::Px4, 50_593_792), "Hold");
        assert_eq!(name(Kind::Px4, 3 << 16), "Position");
        assert_eq!(name(Kind::of(ARDUPILOT, 1), 10), "Mode 10", "a plane's modes are others");
    }

    #[test]
    fn who_flies_and_whether_it_goes_home() {
        let mode = |custom| Mode::of(Kind::ArduCopter, custom);
        assert_eq!([0, 3, 4, 99].map(|at| mode(at).hand), [Hand::Sticks, Hand::Itself, Hand::Guided, Hand::Unknown]);
        assert_eq!([6, 21, 9].map(|at| mode(at).returns), [true, true, false]);
        assert!(Mode::of(Kind::Px4, 0x0504_0000).returns);
    }

    #[test]
    fn what_is_offered_has_a_name_and_is_read_back_as_what_it_is() {
        for kind in [Kind::ArduCopter, Kind::Px4] {
            let choices = choices(kind);
            assert!(choices.len() >= 7 && choices.iter().any(|choice| choice.name == "Return"), "{choices:?}");
            for choice in choices {
                let mode = Mode::of(kind, choice.custom_mode);
                assert_eq!((mode.name.as_ref(), mode.hand), (choice.name, choice.hand));
            }
        }
        assert_eq!(choices(Kind::Other { autopilot: ARDUPILOT, mav_type: 1 }), []);
    }
}
