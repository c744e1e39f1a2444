//! Which mission items each autopilot takes, and what it remembers of the frame they came in. ArduPilot keeps a frame only with a place;
//! PX4 gives places back in the frames of MISSION_ITEM_INT; neither keeps a fence's.

use vehicle_link::dialect::{MavCmd, MavFrame, MavMissionResult, MavMissionType};

use super::mission::Item;
use super::personality::Personality;

/// The frame of items without a place.
const NOWHERE: MavFrame = MavFrame::MAV_FRAME_MISSION;

/// What a frame says of heights; none for frames of no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heights {
    AboveSea,
    AboveHome,
}

impl Heights {
    fn of(frame: MavFrame) -> Option<Self> {
        match frame {
            MavFrame::MAV_FRAME_GLOBAL | MavFrame::MAV_FRAME_GLOBAL_INT => Some(Self::AboveSea),
            MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT | MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT_INT => {
                Some(Self::AboveHome)
            }
            _ => None,
        }
    }
}

const UNSUPPORTED: MavMissionResult = MavMissionResult::MAV_MISSION_UNSUPPORTED;
const WRONG_FRAME: MavMissionResult = MavMissionResult::MAV_MISSION_UNSUPPORTED_FRAME;

impl Personality {
    /// Refuses a mission item that this autopilot can not fly: an unknown command, frame or a place that is none.
    ///
    /// # Errors
    /// The result MAVLink has for it.
    pub(super) fn check(self, item: &Item) -> Result<(), MavMissionResult> {
        match self {
            Self::Px4 => check_for_px4(item),
            Self::Ardupilot => check_for_ardupilot(item),
        }
    }

    /// Refuses a corner, a circle or a rally point in a frame of no place.
    ///
    /// # Errors
    /// The result that this autopilot has for it.
    pub(super) fn check_place(self, item: &Item) -> Result<(), MavMissionResult> {
        match (self, item.frame) {
            (_, frame) if Heights::of(frame).is_some() => Ok(()),
            (Self::Px4, MavFrame::MAV_FRAME_MISSION) => Err(UNSUPPORTED),
            _ => Err(WRONG_FRAME),
        }
    }

    /// The item as this autopilot will give it back.
    #[must_use]
    pub(super) fn remembered(self, kind: MavMissionType, item: Item) -> Item {
        let mission = kind == MavMissionType::MAV_MISSION_TYPE_MISSION;
        let heights = match self {
            _ if kind == MavMissionType::MAV_MISSION_TYPE_FENCE => Some(Heights::AboveSea),
            Self::Ardupilot if mission && (!ardupilot_stores_place(&item) || item.frame == NOWHERE) => {
                Some(Heights::AboveSea)
            }
            _ => Heights::of(item.frame),
        };
        let frame = match (self, heights) {
            (_, None) => item.frame,
            (Self::Ardupilot, Some(Heights::AboveSea)) => MavFrame::MAV_FRAME_GLOBAL,
            (Self::Ardupilot, Some(Heights::AboveHome)) => MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT,
            (Self::Px4, Some(Heights::AboveSea)) => MavFrame::MAV_FRAME_GLOBAL_INT,
            (Self::Px4, Some(Heights::AboveHome)) => MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT_INT,
        };
        Item { frame, ..item }
    }
}

/// PX4 wants places in frames of places and everything else in MAV_FRAME_MISSION. The real one refuses CONDITION_YAW; here it is flown,
/// as scenarios turn with it.
fn check_for_px4(item: &Item) -> Result<(), MavMissionResult> {
    let roi = matches!(item.command, MavCmd::MAV_CMD_DO_SET_ROI | MavCmd::MAV_CMD_DO_SET_ROI_LOCATION);
    // MAV_ROI: 0 none, 1 and 2 a waypoint, 3 this place.
    let this_place = item.command == MavCmd::MAV_CMD_DO_SET_ROI_LOCATION || (item.params[0] - 3.0).abs() < 0.5;
    if Heights::of(item.frame).is_some() {
        return match item.has_place() || roi {
            false => Err(UNSUPPORTED),
            true if roi && !this_place => Err(MavMissionResult::MAV_MISSION_INVALID_PARAM1),
            true => check_coordinates(item),
        };
    }
    if item.frame != NOWHERE {
        return Err(WRONG_FRAME);
    }
    let zoom = item.command == MavCmd::MAV_CMD_SET_CAMERA_ZOOM;
    if item.is_action() && !zoom && !(roi && this_place) { Ok(()) } else { Err(UNSUPPORTED) }
}

/// ArduPilot leaves the camera's mode and who steers the gimbal to commands, and looks at a frame only where it stores a place.
fn check_for_ardupilot(item: &Item) -> Result<(), MavMissionResult> {
    let left_to_commands =
        matches!(item.command, MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE | MavCmd::MAV_CMD_SET_CAMERA_MODE);
    if left_to_commands || !(item.has_place() || item.is_action()) {
        return Err(UNSUPPORTED);
    }
    if !ardupilot_stores_place(item) {
        return Ok(());
    }
    if item.frame != NOWHERE && Heights::of(item.frame).is_none() {
        return Err(WRONG_FRAME);
    }
    check_coordinates(item)
}

fn ardupilot_stores_place(item: &Item) -> bool {
    item.has_place()
        || matches!(
            item.command,
            MavCmd::MAV_CMD_DO_SET_HOME
                | MavCmd::MAV_CMD_DO_LAND_START
                | MavCmd::MAV_CMD_DO_SET_ROI
                | MavCmd::MAV_CMD_DO_SET_ROI_LOCATION
        )
}

fn check_coordinates(item: &Item) -> Result<(), MavMissionResult> {
    if item.x.unsigned_abs() > 900_000_000 {
        return Err(MavMissionResult::MAV_MISSION_INVALID_PARAM5_X);
    }
    if item.y.unsigned_abs() > 1_800_000_000 {
        return Err(MavMissionResult::MAV_MISSION_INVALID_PARAM6_Y);
    }
    if item.z.is_finite() { Ok(()) } else { Err(MavMissionResult::MAV_MISSION_INVALID_PARAM7) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISSION: MavMissionType = MavMissionType::MAV_MISSION_TYPE_MISSION;
    const FENCE: MavMissionType = MavMissionType::MAV_MISSION_TYPE_FENCE;
    const RALLY: MavMissionType = MavMissionType::MAV_MISSION_TYPE_RALLY;
    const SEA: MavFrame = MavFrame::MAV_FRAME_GLOBAL;
    const SEA_INT: MavFrame = MavFrame::MAV_FRAME_GLOBAL_INT;
    const HOME: MavFrame = MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT;
    const HOME_INT: MavFrame = MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT_INT;
    const BODY: MavFrame = MavFrame::MAV_FRAME_BODY_NED;
    const WAYPOINT: MavCmd = MavCmd::MAV_CMD_NAV_WAYPOINT;
    const CORNER: MavCmd = MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION;

    fn item(command: MavCmd, frame: MavFrame) -> Item {
        Item { frame, ..Item::act(command, [1.0; 4], 20.0) }
    }

    /// What ArduCopter 4.7 and PX4 of May 2026 gave back of these.
    #[test]
    fn frames_are_forgotten_as_the_autopilots_do() {
        let cases = [
            (MISSION, WAYPOINT, HOME_INT, HOME, HOME_INT),
            (MISSION, WAYPOINT, SEA, SEA, SEA_INT),
            (MISSION, MavCmd::MAV_CMD_DO_SET_ROI_LOCATION, HOME, HOME, HOME_INT),
            (MISSION, MavCmd::MAV_CMD_DO_CHANGE_SPEED, NOWHERE, SEA, NOWHERE),
            (MISSION, MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH, NOWHERE, SEA, NOWHERE),
            (FENCE, CORNER, HOME, SEA, SEA_INT),
            (RALLY, MavCmd::MAV_CMD_NAV_RALLY_POINT, HOME, HOME, HOME_INT),
            (RALLY, MavCmd::MAV_CMD_NAV_RALLY_POINT, SEA_INT, SEA, SEA_INT),
        ];
        for (kind, command, sent, ardupilots, px4s) in cases {
            let back = |personality: Personality| personality.remembered(kind, item(command, sent)).frame;
            let got = (back(Personality::Ardupilot), back(Personality::Px4));
            assert_eq!(got, (ardupilots, px4s), "{command:?} in {sent:?}");
        }
        assert_eq!(Personality::Ardupilot.remembered(MISSION, item(WAYPOINT, NOWHERE)).frame, SEA);
    }

    /// What ArduCopter 4.7 and PX4 of May 2026 answered to these.
    #[test]
    fn items_are_refused_as_the_autopilots_do() {
        let (no, frame) = (Err(UNSUPPORTED), Err(WRONG_FRAME));
        let cases = [
            (WAYPOINT, HOME, Ok(()), Ok(())),
            (WAYPOINT, NOWHERE, Ok(()), no),
            (WAYPOINT, BODY, frame, frame),
            (MavCmd::MAV_CMD_DO_CHANGE_SPEED, NOWHERE, Ok(()), Ok(())),
            (MavCmd::MAV_CMD_DO_CHANGE_SPEED, HOME, Ok(()), no),
            (MavCmd::MAV_CMD_DO_CHANGE_SPEED, BODY, Ok(()), frame),
            (MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE, NOWHERE, no, Ok(())),
            (MavCmd::MAV_CMD_SET_CAMERA_MODE, NOWHERE, no, Ok(())),
            (MavCmd::MAV_CMD_SET_CAMERA_ZOOM, NOWHERE, Ok(()), no),
            (MavCmd::MAV_CMD_DO_SET_ROI_LOCATION, HOME_INT, Ok(()), Ok(())),
            (MavCmd::MAV_CMD_DO_SET_ROI_LOCATION, NOWHERE, Ok(()), no),
            (MavCmd::MAV_CMD_DO_SET_ROI, HOME, Ok(()), Err(MavMissionResult::MAV_MISSION_INVALID_PARAM1)),
            (MavCmd::MAV_CMD_DO_FENCE_ENABLE, SEA, no, no),
        ];
        for (command, sent, ardupilots, px4s) in cases {
            let answers = [Personality::Ardupilot, Personality::Px4].map(|p| p.check(&item(command, sent)));
            assert_eq!(answers, [ardupilots, px4s], "{command:?} in {sent:?}");
        }
        let corner = item(CORNER, NOWHERE);
        assert_eq!(Personality::Ardupilot.check_place(&corner), frame);
        assert_eq!(Personality::Px4.check_place(&corner), no);
    }
}
