//! The items of a plan from elsewhere, one by one: moved, raised, sped up, put in, taken out. Everything else stays as it was written.

use mission_profiles::place::{Position, direct, inverse};
use mission_profiles::plan_files::{Item, Plan};

/// MAV_CMD_NAV_WAYPOINT.
const WAYPOINT: u16 = 16;
/// MAV_CMD_DO_JUMP: its first parameter is the place in the list that it leads to.
const JUMP: u16 = 177;
/// MAV_CMD_DO_CHANGE_SPEED: its second is the speed.
const SPEED: u16 = 178;
/// MAV_FRAME_MISSION: of items that have no place.
const NOWHERE: u8 = 2;
/// A waypoint that is put in behind the last lies so far on, metres.
const ON_M: f64 = 40.0;
/// Most items of a plan that is edited here; more, and it is not grown.
const MOST: usize = 2_000;

/// A change of one item, by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ItemEdit {
    /// To another place.
    Move(usize, Position),
    /// To another height, in the datum that it has, metres.
    Height(usize, f64),
    /// Flown on from there at this speed, metres a second.
    Speed(usize, f64),
    /// A waypoint behind this item: halfway to the next place, or on from the last.
    Insert(usize),
    /// Away with it.
    Delete(usize),
}

/// What can be said of an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// In a pilot's words.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) place: Option<Position>,
    /// Its height and the datum of it.
    pub(crate) height: Option<(f64, &'static str)>,
    /// The speed at which it is flown on from there, where the plan says it: metres a second.
    pub(crate) speed_ms: Option<f64>,
}

impl Row {
    /// Height and speed in words.
    pub(crate) fn figures(&self) -> String {
        let height = self.height.map(|(metres, datum)| format!("{metres:.0} m {datum}"));
        let speed = self.speed_ms.map(|speed_ms| format!("{speed_ms:.0} m/s"));
        [height, speed].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// All items as rows.
pub(crate) fn rows(plan: &Plan) -> Vec<Row> {
    let mission = &plan.mission;
    mission.iter().enumerate().map(|(at, item)| row(mission, at, item)).collect()
}

fn row(mission: &[Item], at: usize, item: &Item) -> Row {
    let own = |at: usize| mission.get(at).filter(|item| item.command == SPEED).map(|item| f64::from(item.params[1]));
    let speed_ms = if item.command == SPEED { own(at) } else { place(item).and_then(|_| own(at + 1)) };
    Row { name: name(item), place: place(item), height: height(item), speed_ms: speed_ms.filter(|speed| *speed > 0.0) }
}

/// What it does.
fn name(item: &Item) -> String {
    match item.command {
        WAYPOINT => "Waypoint".into(),
        17 => "Loiter".into(),
        18 => "Loiter in turns".into(),
        19 => "Loiter a while".into(),
        20 => "Return".into(),
        21 => "Land".into(),
        22 => "Take-off".into(),
        82 => "Spline waypoint".into(),
        93 => "Wait".into(),
        JUMP => format!("Jump to item {:.0}", item.params[0] + 1.0),
        SPEED => "Speed".into(),
        195 | 201 => "Look at".into(),
        197 => "Look ahead again".into(),
        205 | 1000 => "Camera direction".into(),
        206 => "Camera: picture by distance".into(),
        530 => "Camera mode".into(),
        2000 => "Camera: pictures".into(),
        2001 => "Camera: no more pictures".into(),
        2500 => "Camera: record".into(),
        2501 => "Camera: stop recording".into(),
        other => format!("Command {other}"),
    }
}

/// Commands that are somewhere.
fn is_somewhere(command: u16) -> bool {
    matches!(command, 16..=19 | 21 | 22 | 31 | 82 | 84 | 85 | 195 | 201)
}

/// Where an item is; a take-off may be wherever the aircraft stands.
pub(crate) fn place(item: &Item) -> Option<Position> {
    let there = is_somewhere(item.command) && (item.x, item.y) != (0, 0);
    there.then(|| Position::new(f64::from(item.x) / 1e7, f64::from(item.y) / 1e7)).flatten()
}

/// Its height and datum.
fn height(item: &Item) -> Option<(f64, &'static str)> {
    let datum = match item.frame {
        0 | 5 => "AMSL",
        10 | 11 => "AGL",
        _ => "above take-off",
    };
    is_somewhere(item.command).then(|| (f64::from(item.z), datum))
}

/// The plan with a change made; nothing where that cannot be.
pub(crate) fn edited(plan: &Plan, edit: ItemEdit) -> Option<Plan> {
    let mut new = plan.clone();
    let mission = &mut new.mission;
    match edit {
        ItemEdit::Move(at, to) => {
            let item = mission.get_mut(at).filter(|item| is_somewhere(item.command))?;
            (item.x, item.y) = (degrees_e7(to.lat_deg), degrees_e7(to.lon_deg));
        }
        ItemEdit::Height(at, metres) => {
            let item = mission.get_mut(at).filter(|item| is_somewhere(item.command))?;
            let [low, high] = if matches!(item.frame, 0 | 5) { [-100.0, 5_000.0] } else { [1.0, 500.0] };
            item.z = single(metres.clamp(low, high));
        }
        ItemEdit::Speed(at, speed_ms) => fly_on_at(mission, at, single(speed_ms.clamp(1.0, 50.0)))?,
        ItemEdit::Insert(at) => {
            let new = between(mission, at)?;
            put_in(mission, at + 1, new)?;
        }
        ItemEdit::Delete(at) => take_out(mission, at)?,
    }
    Some(new)
}

fn fly_on_at(mission: &mut Vec<Item>, at: usize, speed_ms: f32) -> Option<()> {
    let own = if mission.get(at)?.command == SPEED { at } else { at + 1 };
    if let Some(item) = mission.get_mut(own).filter(|item| item.command == SPEED) {
        item.params[1] = speed_ms;
        return Some(());
    }
    // Over the ground, whatever throttle that takes.
    let params = [1.0, speed_ms, -1.0, 0.0];
    let item = Item { frame: NOWHERE, command: SPEED, autocontinue: true, params, x: 0, y: 0, z: 0.0 };
    put_in(mission, own, item)
}

/// A waypoint behind an item: as high as the place before it.
fn between(mission: &[Item], at: usize) -> Option<Item> {
    let placed = |item: &Item| place(item).map(|place| (place, *item));
    let (before, like) = mission.get(..=at)?.iter().rev().find_map(placed)?;
    let after = mission.get(at + 1..)?.iter().find_map(place);
    let earlier = mission[..=at].iter().rev().filter_map(place).find(|other| *other != before);
    let to = match (after, earlier) {
        (Some(after), _) => {
            let way = inverse(before, after);
            direct(before, way.azimuth_deg, way.distance_m / 2.0)
        }
        (None, Some(earlier)) => direct(before, inverse(earlier, before).azimuth_deg, ON_M),
        (None, None) => direct(before, 0.0, ON_M),
    };
    let (x, y) = (degrees_e7(to.lat_deg), degrees_e7(to.lon_deg));
    let yaw = f32::NAN;
    Some(Item { command: WAYPOINT, autocontinue: true, params: [0.0, 0.0, 0.0, yaw], x, y, ..like })
}

fn put_in(mission: &mut Vec<Item>, at: usize, item: Item) -> Option<()> {
    if at > mission.len() || mission.len() >= MOST {
        return None;
    }
    lead(mission, |to| if to >= at { to + 1 } else { to });
    mission.insert(at, item);
    Some(())
}

fn take_out(mission: &mut Vec<Item>, at: usize) -> Option<()> {
    if at >= mission.len() || mission.len() < 2 {
        return None;
    }
    mission.remove(at);
    let last = mission.len() - 1;
    lead(mission, |to| if to > at { to - 1 } else { to.min(last) });
    Some(())
}

/// Jumps go on leading where they led.
fn lead(mission: &mut [Item], to: impl Fn(usize) -> usize) {
    for item in mission.iter_mut().filter(|item| item.command == JUMP && item.params[0].is_finite()) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "places in a list of some thousand"
        )]
        let was = item.params[0].clamp(0.0, 65_535.0) as usize;
        item.params[0] = f32::from(u16::try_from(to(was)).unwrap_or(u16::MAX));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees of a place, in 1e-7")]
fn degrees_e7(degrees: f64) -> i32 {
    (degrees * 1e7).round() as i32
}

#[expect(clippy::cast_possible_truncation, reason = "MAVLink's heights and speeds are f32")]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(command: u16, at: i32, first: f32) -> Item {
        let params = [first, 0.0, 0.0, 0.0];
        Item { frame: 3, command, autocontinue: true, params, x: 520_000_000 + at * 10_000, y: -10_000_000, z: 40.0 }
    }

    fn plan() -> Plan {
        let mut jump = Item { frame: NOWHERE, x: 0, y: 0, ..item(JUMP, 0, 1.0) };
        jump.params[1] = 2.0;
        let mission = vec![item(22, 0, 0.0), item(WAYPOINT, 1, 0.0), item(WAYPOINT, 3, 0.0), jump, item(21, 5, 0.0)];
        Plan { planned_home: None, mission, fence: Vec::new(), rally: Vec::new() }
    }

    fn names(plan: &Plan) -> Vec<String> {
        rows(plan).into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn an_item_is_moved_and_raised_and_nothing_else_is_touched() {
        let to = Position::new(52.5, -1.5).unwrap();
        let moved = edited(&plan(), ItemEdit::Move(1, to)).unwrap();
        let raised = edited(&moved, ItemEdit::Height(1, 65.0)).unwrap();
        let row = &rows(&raised)[1];
        assert_eq!((row.place, row.figures().as_str()), (Some(to), "65 m above take-off"));
        for at in [0, 2, 3, 4] {
            assert_eq!(raised.mission[at], plan().mission[at]);
        }
        assert_eq!(edited(&plan(), ItemEdit::Height(1, 9_999.0)).unwrap().mission[1].z, 500.0);
        assert_eq!(edited(&plan(), ItemEdit::Move(3, to)), None, "a jump is nowhere");
        assert_eq!(edited(&plan(), ItemEdit::Height(9, 50.0)), None);
    }

    #[test]
    fn a_waypoint_is_put_in_halfway_and_jumps_lead_where_they_led() {
        let new = edited(&plan(), ItemEdit::Insert(1)).unwrap();
        assert_eq!(names(&new), ["Take-off", "Waypoint", "Waypoint", "Waypoint", "Jump to item 2", "Land"]);
        assert_eq!((new.mission[2].x, new.mission[2].z), (520_020_000, 40.0));
        let before = edited(&plan(), ItemEdit::Insert(0)).unwrap();
        assert_eq!(names(&before)[4], "Jump to item 3", "it leads to the same waypoint");
        let last = edited(&plan(), ItemEdit::Insert(4)).unwrap();
        assert!(last.mission[5].x > last.mission[4].x && last.mission[5].command == WAYPOINT, "on, the way it went");
    }

    #[test]
    fn an_item_is_taken_out_and_the_last_one_stays() {
        let without = edited(&plan(), ItemEdit::Delete(0)).unwrap();
        assert_eq!(names(&without), ["Waypoint", "Waypoint", "Jump to item 1", "Land"]);
        let target = edited(&plan(), ItemEdit::Delete(1)).unwrap();
        assert_eq!(names(&target)[2], "Jump to item 2", "to what stands there now");
        let one = Plan { mission: vec![item(22, 0, 0.0)], ..plan() };
        assert_eq!(edited(&one, ItemEdit::Delete(0)), None);
    }

    #[test]
    fn a_speed_is_an_item_of_its_own_behind_the_waypoint_and_is_changed_there() {
        let first = edited(&plan(), ItemEdit::Speed(1, 8.0)).unwrap();
        assert_eq!(names(&first)[..4], ["Take-off", "Waypoint", "Speed", "Waypoint"]);
        assert_eq!(rows(&first)[1].figures(), "40 m above take-off, 8 m/s");
        let second = edited(&first, ItemEdit::Speed(1, 12.0)).unwrap();
        assert_eq!((second.mission.len(), rows(&second)[2].speed_ms), (6, Some(12.0)));
        assert_eq!(edited(&second, ItemEdit::Speed(2, 5.0)).unwrap().mission[2].params[1], 5.0);
    }
}
