//! Who is in control: the sticks, the plan, a station; and who else listens or takes the sticks over the data link.

use std::collections::BTreeMap;

use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

const HEARTBEAT: u32 = 0;
const MANUAL_CONTROL: u32 = 69;
const RC_CHANNELS_OVERRIDE: u32 = 70;
const MAV_TYPE_GCS: u8 = 6;
/// Other stations that are kept; a further one is not listed.
const MAX_STATIONS: usize = 8;
/// A station that is silent longer is gone.
const GONE_NS: u64 = 10_000_000_000;
/// Sticks over the link count this long (they come several times a second).
const STICKS_NS: u64 = 3_000_000_000;

#[derive(Debug, Clone, Copy)]
struct Station {
    heard_ns: u64,
    /// Of which vehicle it moves the sticks, and when it last did.
    sticks: Option<(u8, u64)>,
}

/// Stations but this one.
#[derive(Debug)]
pub(crate) struct Stations {
    own: Address,
    others: BTreeMap<Address, Station>,
}

impl Stations {
    pub(super) fn new(own: Address) -> Self {
        Self { own, others: BTreeMap::new() }
    }

    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        let from = Address::of(frame);
        let payload = frame.payload();
        let is_station = frame.message_id() == HEARTBEAT && payload.u8(4) == MAV_TYPE_GCS;
        let sticks = match frame.message_id() {
            MANUAL_CONTROL => Some(payload.u8(10)),
            RC_CHANNELS_OVERRIDE => Some(payload.u8(16)),
            _ => None,
        };
        if from.system == self.own.system || !is_station && sticks.is_none() {
            return;
        }
        self.others.retain(|_, station| now_ns.saturating_sub(station.heard_ns) <= GONE_NS);
        if self.others.len() >= MAX_STATIONS && !self.others.contains_key(&from) {
            return;
        }
        let station = self.others.entry(from).or_insert(Station { heard_ns: now_ns, sticks: None });
        station.heard_ns = now_ns;
        station.sticks = sticks.map(|vehicle| (vehicle, now_ns)).or(station.sticks);
    }

    /// Those that are heard now.
    #[cfg(test)]
    pub(crate) fn now(&self, now_ns: u64) -> impl Iterator<Item = Address> {
        let heard = move |station: &Station| now_ns.saturating_sub(station.heard_ns) <= GONE_NS;
        self.others.iter().filter(move |(_, station)| heard(station)).map(|(address, _)| *address)
    }

    /// The one that moves the sticks of `vehicle` over the link.
    pub(crate) fn at_the_sticks(&self, vehicle: u8, now_ns: u64) -> Option<Address> {
        let moves = |station: &Station| {
            let (whose, at_ns) = station.sticks?;
            (matches!(whose, 0) || whose == vehicle).then_some(now_ns.saturating_sub(at_ns) <= STICKS_NS)
        };
        self.others.iter().find(|(_, station)| moves(station) == Some(true)).map(|(address, _)| *address)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::frame_of;
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;
    const OWN: Address = Address { system: 255, component: 190 };

    fn station(system: u8) -> Frame {
        frame_of(Address::new(system, 190), HEARTBEAT, &[0, 0, 0, 0, 6, 8, 0, 4, 3])
    }

    #[test]
    fn other_stations_are_listed_until_they_are_gone() {
        let mut stations = Stations::new(OWN);
        stations.hear(&station(255), 0);
        stations.hear(&frame_of(Address::new(1, 1), HEARTBEAT, &[0, 0, 0, 0, 2, 12, 0, 4, 3]), 0);
        stations.hear(&station(254), 0);
        assert_eq!(stations.now(10 * SECOND_NS).collect::<Vec<_>>(), [Address::new(254, 190)]);
        assert_eq!(stations.now(10 * SECOND_NS + 1).count(), 0);
        for system in 1..100 {
            stations.hear(&station(system), 20 * SECOND_NS);
        }
        assert_eq!(stations.now(20 * SECOND_NS).count(), MAX_STATIONS);
    }

    #[test]
    fn who_moves_the_sticks_of_which_vehicle_is_seen() {
        let mut stations = Stations::new(OWN);
        let mut channels = [0; 18];
        (channels[16], channels[17]) = (1, 1);
        stations.hear(&frame_of(Address::new(254, 190), RC_CHANNELS_OVERRIDE, &channels), 0);
        assert_eq!(stations.at_the_sticks(1, 3 * SECOND_NS), Some(Address::new(254, 190)));
        assert_eq!(stations.at_the_sticks(2, 0), None);
        assert_eq!(stations.at_the_sticks(1, 4 * SECOND_NS), None);
        let mut sticks = [0; 11];
        sticks[10] = 2;
        stations.hear(&frame_of(Address::new(253, 1), MANUAL_CONTROL, &sticks), 0);
        assert_eq!(stations.at_the_sticks(2, 0), Some(Address::new(253, 1)));
    }
}
