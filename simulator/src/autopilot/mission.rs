//! Mission items as they are stored, and where they lie on the map.

use vehicle_link::dialect::{MISSION_ITEM_INT_DATA, MavCmd, MavFrame, MavMissionType};

use crate::geodesy::{Geodetic, Map};
use crate::maths::Vec3;

/// Most items a plan may hold.
pub const ITEMS_MAX: u16 = 2000;

/// One item, as it came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// What its coordinates are against.
    pub frame: MavFrame,
    /// What to do.
    pub command: MavCmd,
    /// Parameters 1 to 4.
    pub params: [f32; 4],
    /// Latitude × 1e7, or parameter 5.
    pub x: i32,
    /// Longitude × 1e7, or parameter 6.
    pub y: i32,
    /// Altitude, or parameter 7.
    pub z: f32,
    /// Go on to the next by itself.
    pub autocontinue: u8,
}

impl Item {
    /// An item without a place.
    #[must_use]
    pub fn act(command: MavCmd, params: [f32; 4], z: f32) -> Self {
        Self { frame: MavFrame::MAV_FRAME_MISSION, command, params, x: 0, y: 0, z, autocontinue: 1 }
    }

    /// What a mission transfer brought.
    #[must_use]
    pub fn from_wire(item: &MISSION_ITEM_INT_DATA) -> Self {
        Self {
            frame: item.frame,
            command: item.command,
            params: [item.param1, item.param2, item.param3, item.param4],
            x: item.x,
            y: item.y,
            z: item.z,
            autocontinue: item.autocontinue,
        }
    }

    /// The message for a peer.
    #[must_use]
    pub fn to_wire(&self, seq: u16, current: bool, kind: MavMissionType, to: (u8, u8)) -> MISSION_ITEM_INT_DATA {
        MISSION_ITEM_INT_DATA {
            param1: self.params[0],
            param2: self.params[1],
            param3: self.params[2],
            param4: self.params[3],
            x: self.x,
            y: self.y,
            z: self.z,
            seq,
            command: self.command,
            target_system: to.0,
            target_component: to.1,
            frame: self.frame,
            current: u8::from(current),
            autocontinue: self.autocontinue,
            mission_type: kind,
        }
    }

    /// Items that are flown to.
    #[must_use]
    pub fn has_place(&self) -> bool {
        matches!(
            self.command,
            MavCmd::MAV_CMD_NAV_WAYPOINT
                | MavCmd::MAV_CMD_NAV_LOITER_UNLIM
                | MavCmd::MAV_CMD_NAV_LOITER_TIME
                | MavCmd::MAV_CMD_NAV_LAND
                | MavCmd::MAV_CMD_NAV_TAKEOFF
        )
    }

    /// Items that are done, at a place or anywhere.
    #[must_use]
    pub fn is_action(&self) -> bool {
        self.is_camera_command()
            || matches!(
                self.command,
                MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH
                    | MavCmd::MAV_CMD_NAV_DELAY
                    | MavCmd::MAV_CMD_CONDITION_YAW
                    | MavCmd::MAV_CMD_DO_CHANGE_SPEED
                    | MavCmd::MAV_CMD_DO_JUMP
                    | MavCmd::MAV_CMD_DO_MOUNT_CONTROL
                    | MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW
                    | MavCmd::MAV_CMD_DO_SET_HOME
                    | MavCmd::MAV_CMD_DO_SET_ROI
                    | MavCmd::MAV_CMD_DO_SET_ROI_LOCATION
                    | MavCmd::MAV_CMD_DO_SET_ROI_NONE
                    | MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE
                    | MavCmd::MAV_CMD_CONDITION_DELAY
                    | MavCmd::MAV_CMD_DO_LAND_START
            )
    }

    /// Commands for the camera, passed on to it when their turn comes.
    #[must_use]
    pub fn is_camera_command(&self) -> bool {
        matches!(
            self.command,
            MavCmd::MAV_CMD_VIDEO_START_CAPTURE
                | MavCmd::MAV_CMD_VIDEO_STOP_CAPTURE
                | MavCmd::MAV_CMD_IMAGE_START_CAPTURE
                | MavCmd::MAV_CMD_IMAGE_STOP_CAPTURE
                | MavCmd::MAV_CMD_SET_CAMERA_MODE
                | MavCmd::MAV_CMD_SET_CAMERA_ZOOM
        )
    }

    /// Where it lies. Latitude and longitude both 0 mean "where the vehicle is", as PX4 takes a take-off.
    #[must_use]
    pub fn place(&self, map: &Map, home_msl_m: f64, here: Vec3) -> Vec3 {
        let height_m = match self.frame {
            MavFrame::MAV_FRAME_GLOBAL | MavFrame::MAV_FRAME_GLOBAL_INT => f64::from(self.z) - home_msl_m,
            _ => f64::from(self.z),
        };
        if self.x == 0 && self.y == 0 {
            return Vec3::new(here.x, here.y, -height_m);
        }
        let at = Geodetic {
            lat_deg: f64::from(self.x) * 1e-7,
            lon_deg: f64::from(self.y) * 1e-7,
            height_m: map.home().height_m + height_m,
        };
        map.local(at)
    }
}

/// The three stored plans.
#[derive(Clone, Debug, Default)]
pub struct Plans {
    /// What is flown.
    pub mission: Plan,
    /// Where it may fly.
    pub fence: Plan,
    /// Where else it may return to.
    pub rally: Plan,
}

/// One stored plan.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Its items.
    pub items: Vec<Item>,
    /// Identifies the content to those who know `opaque_id`.
    pub id: u32,
}

impl Plan {
    /// A plan with an id of its content (FNV-1a over the items' wire form; never 0 but for no items).
    #[must_use]
    pub fn new(items: Vec<Item>) -> Self {
        let mut id: u32 = if items.is_empty() { 0 } else { 0x811C_9DC5 };
        for item in &items {
            let params = item.params.iter().flat_map(|p| p.to_bits().to_le_bytes());
            let place =
                item.x.to_le_bytes().into_iter().chain(item.y.to_le_bytes()).chain(item.z.to_bits().to_le_bytes());
            let what = [item.frame as u32, item.command as u32].into_iter().flat_map(u32::to_le_bytes);
            for byte in params.chain(place).chain(what) {
                id = (id ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
        }
        Self { items, id }
    }
}

impl Plans {
    /// The plan of a mission type.
    #[must_use]
    pub fn of(&self, kind: MavMissionType) -> Option<&Plan> {
        match kind {
            MavMissionType::MAV_MISSION_TYPE_MISSION => Some(&self.mission),
            MavMissionType::MAV_MISSION_TYPE_FENCE => Some(&self.fence),
            MavMissionType::MAV_MISSION_TYPE_RALLY => Some(&self.rally),
            MavMissionType::MAV_MISSION_TYPE_ALL => None,
        }
    }

    /// Replaces the plan of a mission type; `ALL` replaces each.
    pub fn replace(&mut self, kind: MavMissionType, plan: Plan) {
        match kind {
            MavMissionType::MAV_MISSION_TYPE_MISSION => self.mission = plan,
            MavMissionType::MAV_MISSION_TYPE_FENCE => self.fence = plan,
            MavMissionType::MAV_MISSION_TYPE_RALLY => self.rally = plan,
            MavMissionType::MAV_MISSION_TYPE_ALL => {
                *self = Self { mission: plan.clone(), fence: plan.clone(), rally: plan };
            }
        }
    }
}
