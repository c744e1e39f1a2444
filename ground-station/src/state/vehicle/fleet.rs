//! All that is heard: vehicles, of which one is selected, other stations, telemetry radios, other aircraft.

use std::collections::BTreeMap;

use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

use super::Vehicle;
use super::control::Stations;
use super::link::Radio;
use super::said::Said;
use super::traffic::Traffic;

const HEARTBEAT: u32 = 0;
const MAV_TYPE_GCS: u8 = 6;
const MAV_AUTOPILOT_INVALID: u8 = 8;
/// Vehicles that are kept; a further one takes the place of one that is lost, or is not listened to.
const MAX_VEHICLES: usize = 8;

/// All that is heard.
#[derive(Debug)]
pub(crate) struct Fleet {
    vehicles: BTreeMap<u8, Vehicle>,
    selected: Option<u8>,
    /// Stations but this one.
    pub(crate) stations: Stations,
    /// The telemetry radio at this end.
    pub(crate) radio: Said<Radio>,
    /// Other aircraft.
    pub(crate) traffic: Traffic,
}

impl Fleet {
    /// Nothing heard yet, by the station `own`.
    pub(crate) fn new(own: Address) -> Self {
        Self {
            vehicles: BTreeMap::new(),
            selected: None,
            stations: Stations::new(own),
            radio: Said::for_seconds(5),
            traffic: Traffic::default(),
        }
    }

    /// Takes every frame that comes in.
    pub(crate) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        self.stations.hear(frame, now_ns);
        self.traffic.hear(frame, now_ns);
        Radio::read(frame).into_iter().for_each(|radio| self.radio.say(radio, now_ns));
        let system = frame.system_id();
        if !self.vehicles.contains_key(&system) && (!is_autopilot(frame) || !self.make_room(now_ns)) {
            return;
        }
        let vehicle = self.vehicles.entry(system).or_insert_with(|| Vehicle::new(Address::of(frame)));
        vehicle.hear(frame, now_ns);
        self.selected.get_or_insert(system);
    }

    fn make_room(&mut self, now_ns: u64) -> bool {
        if self.vehicles.len() < MAX_VEHICLES {
            return true;
        }
        let chosen = self.selected;
        let lost = self.vehicles.iter().filter(|(id, vehicle)| Some(**id) != chosen && vehicle.link.is_lost(now_ns));
        let Some(system) = lost.map(|(id, _)| *id).next() else { return false };
        self.vehicles.remove(&system).is_some()
    }

    /// Selects a vehicle; nothing changes for one that was never heard.
    pub(crate) fn select(&mut self, system: u8) -> bool {
        let known = self.vehicles.contains_key(&system);
        self.selected = if known { Some(system) } else { self.selected };
        known
    }

    /// The selected vehicle: the first that was heard unless another was chosen.
    pub(crate) fn vehicle(&self) -> Option<&Vehicle> {
        self.vehicles.get(&self.selected?)
    }

    /// Who is in control of the selected vehicle, in words.
    pub(crate) fn in_control(&self, now_ns: u64) -> Option<String> {
        let vehicle = self.vehicle()?;
        vehicle.in_control(self.stations.at_the_sticks(vehicle.address.system, now_ns), now_ns)
    }

    /// All vehicles, by system id.
    pub(crate) fn vehicles(&self) -> impl ExactSizeIterator<Item = &Vehicle> {
        self.vehicles.values()
    }
}

/// A heartbeat of something that flies.
pub(super) fn is_autopilot(frame: &Frame) -> bool {
    let payload = frame.payload();
    let is_vehicle = payload.u8(5) != MAV_AUTOPILOT_INVALID && payload.u8(4) != MAV_TYPE_GCS;
    frame.message_id() == HEARTBEAT && is_vehicle
}

#[cfg(test)]
mod tests {
    use super::super::testing::frame_of;
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;
    const OWN: Address = Address { system: 255, component: 190 };

    fn beat(system: u8) -> Frame {
        frame_of(Address::new(system, 1), HEARTBEAT, &[0, 0, 0, 0, 2, 12, 0, 4, 3])
    }

    #[test]
    fn the_first_vehicle_is_selected_until_another_is_chosen() {
        let mut fleet = Fleet::new(OWN);
        fleet.hear(&frame_of(Address::new(9, 100), HEARTBEAT, &[0, 0, 0, 0, 30, 8, 0, 4, 3]), 0);
        fleet.hear(&frame_of(Address::new(9, 1), 24, &[0; 30]), 0);
        assert!(fleet.vehicle().is_none(), "a camera is no vehicle, nor is one without a heartbeat");
        [3, 2].iter().for_each(|system| fleet.hear(&beat(*system), 0));
        assert_eq!(fleet.vehicle().map(|vehicle| vehicle.address.system), Some(3));
        assert!(fleet.select(2) && !fleet.select(7));
        assert_eq!(fleet.vehicle().map(|vehicle| vehicle.address.system), Some(2));
    }

    #[test]
    fn a_lost_vehicle_makes_room_but_never_the_selected_one() {
        let mut fleet = Fleet::new(OWN);
        (1..=20).for_each(|system| fleet.hear(&beat(system), 0));
        assert_eq!(fleet.vehicles().len(), MAX_VEHICLES);
        (30..60).for_each(|system| fleet.hear(&beat(system), 60 * SECOND_NS));
        assert_eq!((fleet.vehicles().len(), fleet.vehicle().map(|v| v.address.system)), (MAX_VEHICLES, Some(1)));
    }

    #[test]
    fn another_station_at_the_sticks_is_in_control() {
        let mut fleet = Fleet::new(OWN);
        fleet.hear(&beat(1), 0);
        assert!(fleet.in_control(0).is_some_and(|who| !who.starts_with("Another station")));
        let mut sticks = [0; 11];
        sticks[10] = 1;
        fleet.hear(&frame_of(Address::new(253, 1), 69, &sticks), 0);
        assert_eq!(fleet.in_control(0).as_deref(), Some("Another station (253/1) moves the sticks"));
    }

    #[test]
    fn a_radio_is_heard_whatever_its_system() {
        let mut fleet = Fleet::new(OWN);
        fleet.hear(&frame_of(Address::new(51, 68), 109, &[0, 0, 0, 0, 180, 170, 90, 50, 60]), 0);
        assert_eq!(fleet.radio.now(0).map(|radio| (radio.rssi, radio.noise)), Some((180, 50)));
    }
}
