//! QGroundControl's `.plan` (JSON, version 1; mission version 2, fence and rally version 2): what a vehicle is sent of it.
//!
//! A survey or corridor carries the items it expands to, and they are taken. A complex item without them cannot be flown from
//! the file alone, and is refused: nothing is left out silently.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Largest file read, bytes.
const MAX_BYTES: usize = 16 << 20;
/// Most items of a plan: the mission protocol numbers them in 16 bits.
const MAX_ITEMS: usize = 65_535;
/// MAV_FRAME_GLOBAL_RELATIVE_ALT.
const FRAME_RELATIVE: u8 = 3;
/// MAV_FRAME_MISSION: parameters are no place.
const FRAME_MISSION: u8 = 2;
const DO_JUMP: u16 = 177;
const FENCE_RETURN_POINT: u16 = 5000;
const FENCE_POLYGON: [u16; 2] = [5002, 5001];
const FENCE_CIRCLE: [u16; 2] = [5004, 5003];
const RALLY_POINT: u16 = 5100;

/// Why a file is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Longer than any plan.
    #[error("longer than {} MiB: not a plan", MAX_BYTES >> 20)]
    TooLong,
    /// Not JSON.
    #[error("not JSON; a .plan as QGroundControl saves it is needed")]
    Json(#[source] serde_json::Error),
    /// JSON, but not a plan.
    #[error("not a plan: {path} {why}")]
    Shape {
        /// Where in the file.
        path: String,
        /// What is wrong there.
        why: String,
    },
    /// A version nobody has told us about.
    #[error(
        "{path} is version {found}; version {known} is understood: save the plan again with a current QGroundControl"
    )]
    Version {
        /// Which part.
        path: &'static str,
        /// Its version.
        found: u64,
        /// Ours.
        known: u64,
    },
    /// A pattern whose items are not in the file.
    #[error(
        "{path}: the pattern {kind} does not carry the items it stands for; open the plan in QGroundControl and save it again, or convert the pattern to items"
    )]
    NotExpanded {
        /// Where.
        path: String,
        /// Its complexItemType.
        kind: String,
    },
    /// More items than a vehicle can number.
    #[error("more than {MAX_ITEMS} items")]
    TooMany,
    /// A jump to an item that is not there.
    #[error("{path} jumps to item {to}, which is not in the plan")]
    Jump {
        /// Where.
        path: String,
        /// The doJumpId it names.
        to: f64,
    },
}

/// An item as a vehicle is sent it (MAVLink MISSION_ITEM_INT).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    /// MAV_FRAME.
    pub frame: u8,
    /// MAV_CMD.
    pub command: u16,
    /// Whether the vehicle goes on by itself after it.
    pub autocontinue: bool,
    /// Parameters 1 to 4; NaN where the vehicle shall use its default.
    pub params: [f32; 4],
    /// Latitude in 1e-7 degrees, or parameter 5 in frame 2 (mission).
    pub x: i32,
    /// Longitude likewise, or parameter 6.
    pub y: i32,
    /// Height in metres by the datum of `frame`, or parameter 7.
    pub z: f32,
}

/// A plan: what each of the vehicle's three stores is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Where the plan was drawn to start: degrees, degrees, metres above mean sea level.
    pub planned_home: Option<[f64; 3]>,
    /// Waypoints and actions.
    pub mission: Vec<Item>,
    /// Geofence.
    pub fence: Vec<Item>,
    /// Rally points.
    pub rally: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    file_type: String,
    version: u64,
    mission: Option<Value>,
    geo_fence: Option<Value>,
    rally_points: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mission {
    version: u64,
    items: Vec<Value>,
    planned_home_position: Option<[f64; 3]>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SimpleItem {
    command: u16,
    frame: u8,
    #[serde(default = "yes")]
    auto_continue: bool,
    do_jump_id: Option<u16>,
    params: [Option<f64>; 7],
}

#[derive(Deserialize)]
struct Transect {
    #[serde(rename = "Items")]
    items: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fence {
    version: u64,
    #[serde(default)]
    circles: Vec<FenceCircle>,
    #[serde(default)]
    polygons: Vec<FencePolygon>,
    breach_return: Option<[f64; 3]>,
}

#[derive(Deserialize)]
struct FenceCircle {
    circle: Circle,
    #[serde(default)]
    inclusion: bool,
}

#[derive(Deserialize)]
struct Circle {
    center: [f64; 2],
    radius: f64,
}

#[derive(Deserialize)]
struct FencePolygon {
    polygon: Vec<[f64; 2]>,
    #[serde(default)]
    inclusion: bool,
}

#[derive(Deserialize)]
struct Rally {
    version: u64,
    points: Vec<[f64; 3]>,
}

fn yes() -> bool {
    true
}

impl Plan {
    /// Reads a `.plan`.
    ///
    /// # Errors
    /// [`PlanError`] names the place in the file.
    pub fn read(bytes: &[u8]) -> Result<Self, PlanError> {
        let (file, mission) = head(bytes)?;
        let parts = mission_parts(mission.items)?;
        Ok(Self {
            planned_home: mission.planned_home_position,
            mission: parts.into_iter().flatten().map(|(_, item)| item).collect(),
            fence: file.geo_fence.map(fence_items).transpose()?.unwrap_or_default(),
            rally: file.rally_points.map(rally_items).transpose()?.unwrap_or_default(),
        })
    }
}

/// An item and its doJumpId.
pub(super) type Numbered = (Option<u16>, Item);

/// What stands over the items: that this is a plan, of versions that are known.
pub(super) fn head(bytes: &[u8]) -> Result<(File, Mission), PlanError> {
    if bytes.len() > MAX_BYTES {
        return Err(PlanError::TooLong);
    }
    let value: Value = serde_json::from_slice(bytes).map_err(PlanError::Json)?;
    let mut file: File = shape("the file", value)?;
    if file.file_type != "Plan" {
        return Err(wrong("fileType", format!("is {:?}, not \"Plan\"", file.file_type)));
    }
    version("version", file.version, 1)?;
    let mission = file.mission.take().ok_or_else(|| wrong("mission", "is missing"))?;
    let mission: Mission = shape("mission", mission)?;
    version("mission.version", mission.version, 2)?;
    Ok((file, mission))
}

/// Each entry of the mission's list as the items that it stands for, with their doJumpIds.
pub(super) fn parts(bytes: &[u8]) -> Result<Vec<Vec<Numbered>>, PlanError> {
    mission_parts(head(bytes)?.1.items)
}

fn wrong(path: impl Into<String>, why: impl Into<String>) -> PlanError {
    PlanError::Shape { path: path.into(), why: why.into() }
}

fn shape<T: DeserializeOwned>(path: &str, value: Value) -> Result<T, PlanError> {
    T::deserialize(value).map_err(|error| wrong(path, format!("cannot be read: {error}")))
}

fn version(path: &'static str, found: u64, known: u64) -> Result<(), PlanError> {
    if found == known { Ok(()) } else { Err(PlanError::Version { path, found, known }) }
}

fn mission_parts(values: Vec<Value>) -> Result<Vec<Vec<Numbered>>, PlanError> {
    let mut parts = Vec::new();
    for (at, value) in values.into_iter().enumerate() {
        let mut simple = Vec::new();
        expand(&format!("mission.items[{at}]"), value, &mut simple)?;
        parts.push(simple);
    }
    if parts.iter().map(Vec::len).sum::<usize>() > MAX_ITEMS {
        return Err(PlanError::TooMany);
    }
    // QGroundControl numbers jump targets by doJumpId; a vehicle wants the place in the list.
    let places: Vec<Option<u16>> = parts.iter().flatten().map(|(_, item)| item.do_jump_id).collect();
    let made = |(path, item): &(String, SimpleItem)| Ok((item.do_jump_id, item.item(path, &places)?));
    parts.iter().map(|part| part.iter().map(made).collect()).collect()
}

/// Adds the simple items that `value` is, or stands for.
fn expand(path: &str, mut value: Value, into: &mut Vec<(String, SimpleItem)>) -> Result<(), PlanError> {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "SimpleItem" => into.push((path.to_owned(), shape(path, value)?)),
        "ComplexItem" => {
            let kind = value.get("complexItemType").and_then(Value::as_str).unwrap_or("without a type").to_owned();
            let transect = value.get_mut("TransectStyleComplexItem").map(Value::take);
            let Some(Transect { items }) = transect.and_then(|transect| Transect::deserialize(transect).ok()) else {
                return Err(PlanError::NotExpanded { path: path.to_owned(), kind });
            };
            for (at, value) in items.into_iter().enumerate() {
                let path = format!("{path}.TransectStyleComplexItem.Items[{at}]");
                into.push((path.clone(), shape(&path, value)?));
            }
        }
        other => return Err(wrong(path, format!("is of type {other:?}; SimpleItem and ComplexItem are known"))),
    }
    Ok(())
}

impl SimpleItem {
    fn item(&self, path: &str, places: &[Option<u16>]) -> Result<Item, PlanError> {
        let [p1, p2, p3, p4, p5, p6, p7] = self.params.map(|param| param.unwrap_or(f64::NAN));
        let mut params = [p1, p2, p3, p4].map(narrow);
        if self.command == DO_JUMP {
            let place = places.iter().position(|id| id.is_some_and(|id| f64::from(id) == p1));
            let place = place.and_then(|place| u16::try_from(place).ok());
            params[0] = f32::from(place.ok_or_else(|| PlanError::Jump { path: path.to_owned(), to: p1 })?);
        }
        let in_degrees = self.frame != FRAME_MISSION;
        let place = |value: f64, limit: f64| match in_degrees {
            true => degrees_e7(value, limit).ok_or_else(|| wrong(path, format!("has no place at {value}°"))),
            false => Ok(whole(value)),
        };
        Ok(Item {
            frame: self.frame,
            command: self.command,
            autocontinue: self.auto_continue,
            params,
            x: place(p5, 90.0)?,
            y: place(p6, 180.0)?,
            z: narrow(p7),
        })
    }
}

fn fence_items(value: Value) -> Result<Vec<Item>, PlanError> {
    // Version 1, of before fences could be drawn, is written where there is none.
    if value.get("version").and_then(Value::as_u64) == Some(1) {
        return Ok(Vec::new());
    }
    let fence: Fence = shape("geoFence", value)?;
    version("geoFence.version", fence.version, 2)?;
    let mut items = Vec::new();
    for (at, shape) in fence.polygons.iter().enumerate() {
        let path = format!("geoFence.polygons[{at}]");
        let corners = u16::try_from(shape.polygon.len()).map_err(|_| PlanError::TooMany)?;
        if corners < 3 {
            return Err(wrong(path, "has fewer than three corners"));
        }
        for corner in &shape.polygon {
            items.push(placed(&path, FENCE_POLYGON[usize::from(shape.inclusion)], f32::from(corners), *corner, 0.0)?);
        }
    }
    for (at, shape) in fence.circles.iter().enumerate() {
        let path = format!("geoFence.circles[{at}]");
        let Circle { center, radius } = shape.circle;
        if !(radius.is_finite() && radius > 0.0) {
            return Err(wrong(path, format!("has a radius of {radius} m")));
        }
        items.push(placed(&path, FENCE_CIRCLE[usize::from(shape.inclusion)], narrow(radius), center, 0.0)?);
    }
    if let Some([lat, lon, height]) = fence.breach_return {
        items.push(placed("geoFence.breachReturn", FENCE_RETURN_POINT, 0.0, [lat, lon], height)?);
    }
    if items.len() > MAX_ITEMS { Err(PlanError::TooMany) } else { Ok(items) }
}

fn rally_items(value: Value) -> Result<Vec<Item>, PlanError> {
    if value.get("version").and_then(Value::as_u64) == Some(1) {
        return Ok(Vec::new());
    }
    let rally: Rally = shape("rallyPoints", value)?;
    version("rallyPoints.version", rally.version, 2)?;
    if rally.points.len() > MAX_ITEMS {
        return Err(PlanError::TooMany);
    }
    let point = |(at, [lat, lon, height]): (usize, &[f64; 3])| {
        placed(&format!("rallyPoints.points[{at}]"), RALLY_POINT, 0.0, [*lat, *lon], *height)
    };
    rally.points.iter().enumerate().map(point).collect()
}

/// An item that is a place: heights are above home.
fn placed(path: &str, command: u16, param1: f32, [lat, lon]: [f64; 2], height_m: f64) -> Result<Item, PlanError> {
    let nowhere = || wrong(path, format!("has no place at {lat}°, {lon}°"));
    Ok(Item {
        frame: FRAME_RELATIVE,
        command,
        autocontinue: true,
        params: [param1, 0.0, 0.0, 0.0],
        x: degrees_e7(lat, 90.0).ok_or_else(nowhere)?,
        y: degrees_e7(lon, 180.0).ok_or_else(nowhere)?,
        z: narrow(height_m),
    })
}

/// 1e-7 degrees; NaN, which is "no place", is 0 as QGroundControl sends it.
fn degrees_e7(value: f64, limit: f64) -> Option<i32> {
    if value.is_nan() {
        return Some(0);
    }
    (value.abs() <= limit).then(|| whole(value * 1e7))
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and makes NaN 0, which is what is meant")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

#[expect(clippy::cast_possible_truncation, reason = "MAVLink's parameters are f32")]
fn narrow(value: f64) -> f32 {
    value as f32
}
