//! The plan that the vehicle holds, as it was read back, for the map.

use mission_profiles::place::Position;
use vehicle_link::missions::{Item, Kind};

use crate::tasks::orders::Held;
use crate::ui::map::scene::Fence;

/// MAV_CMD_NAV_…: the first and the last that are flown to.
const FLOWN_TO: std::ops::RangeInclusive<u16> = 16..=95;
/// MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION and _EXCLUSION.
const INSIDE: u16 = 5_001;
const OUTSIDE: u16 = 5_002;

/// Mission, fence and rally points.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Aboard {
    /// Each place that is flown to, with its item's number.
    route: Vec<(u16, Position)>,
    /// The geofence's polygons.
    pub(crate) fence: Vec<Fence>,
    /// Rally points.
    pub(crate) rally: Vec<Position>,
    /// Of how many items it was read, and of which vehicle.
    pub(crate) read: Option<(u8, u16)>,
}

fn place(item: &Item) -> Option<Position> {
    let place = item.position()?;
    Position::new(place.lat_deg, place.lon_deg)
}

impl Aboard {
    /// Takes what was read.
    pub(crate) fn take(&mut self, held: &Held) {
        let of = |wanted: Kind| held.kinds.iter().filter(move |(kind, _)| *kind == wanted).flat_map(|(_, items)| items);
        let numbered = (0_u16..).zip(of(Kind::Mission)).filter(|(_, item)| FLOWN_TO.contains(&item.command));
        self.route = numbered.filter_map(|(number, item)| Some((number, place(item)?))).collect();
        self.rally = of(Kind::Rally).filter_map(place).collect();
        self.fence = polygons(of(Kind::Fence));
    }

    /// The way that is still to be flown, from the item that it flies to.
    pub(crate) fn to_fly(&self, current: Option<u16>) -> Vec<Position> {
        let from = current.unwrap_or(0);
        self.route.iter().filter(|(number, _)| *number >= from).map(|(_, place)| *place).collect()
    }
}

/// Each corner says how many its polygon has.
fn polygons<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Fence> {
    let mut fence: Vec<Fence> = Vec::new();
    let mut left = 0.0_f32;
    for item in items.filter(|item| matches!(item.command, INSIDE | OUTSIDE)) {
        let Some(corner) = place(item) else { continue };
        if left < 1.0 {
            left = item.params[0].clamp(1.0, 10_000.0);
            fence.push(Fence { corners: Vec::new(), inside: item.command == INSIDE });
        }
        left -= 1.0;
        if let Some(area) = fence.last_mut() {
            area.corners.push(corner);
        }
    }
    fence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(command: u16, first: f32, lat: f64) -> Item {
        #[expect(clippy::cast_possible_truncation, reason = "degrees of a test")]
        let x = (lat * 1e7) as i32;
        Item { frame: 3, command, autocontinue: 1, params: [first, 0.0, 0.0, 0.0], x, y: 10_000_000, z: 40.0 }
    }

    #[test]
    fn what_is_flown_to_counts_by_the_number_that_the_vehicle_says() {
        let mission = vec![
            item(22, 0.0, 51.0),
            item(178, 0.0, 51.5),
            item(16, 0.0, 52.0),
            item(201, 0.0, 53.0),
            item(16, 0.0, 54.0),
        ];
        let mut aboard = Aboard::default();
        aboard.take(&Held::new(vec![(Kind::Mission, mission)]));
        let lats = |current| aboard.to_fly(current).iter().map(|place| place.lat_deg).collect::<Vec<_>>();
        assert_eq!(lats(None), [51.0, 52.0, 54.0]);
        assert_eq!((lats(Some(2)), lats(Some(3))), (vec![52.0, 54.0], vec![54.0]));
    }

    #[test]
    fn corners_are_sorted_into_their_polygons() {
        let mut corners: Vec<Item> = [51.0, 51.1, 51.2].map(|lat| item(INSIDE, 3.0, lat)).to_vec();
        corners.extend([52.0, 52.1, 52.2, 52.3].map(|lat| item(OUTSIDE, 4.0, lat)));
        let mut aboard = Aboard::default();
        aboard.take(&Held::new(vec![(Kind::Fence, corners), (Kind::Rally, vec![item(5_100, 0.0, 50.0)])]));
        let sizes: Vec<_> = aboard.fence.iter().map(|area| (area.corners.len(), area.inside)).collect();
        assert_eq!((sizes, aboard.rally.len()), (vec![(3, true), (4, false)], 1));
    }
}
