//! What the alarms are told of the vehicle.

use super::Fleet;
use super::energy::{Home, Way};
use super::link::seconds;
use super::traffic;
use crate::state::alarms::Facts;
use crate::state::alarms::facts::Near;

impl Fleet {
    /// Fills in what is known of the selected vehicle and of other aircraft; the rest is left alone. `way` is how the way home is
    /// reckoned.
    pub(crate) fn tell(&self, way: &Way, now_ns: u64, facts: &mut Facts) {
        let Some(vehicle) = self.vehicle() else { return };
        facts.vehicle_silent_s = vehicle.link.silence_s(now_ns);
        facts.in_air = vehicle.was_in_air();
        facts.radio_received = vehicle.health.radio_received(now_ns);
        facts.radio_percent = vehicle.radio.percent(now_ns);
        facts.fence_breached = vehicle.health.fence_breached(now_ns);
        let storage = vehicle.storage.least(now_ns);
        facts.storage_free_bytes = storage.map(|left| left.free_bytes);
        facts.storage_hours = storage.and_then(|left| left.hours);
        let home = vehicle.energy_home(way, now_ns);
        facts.returning = vehicle.mode(now_ns).is_some_and(|mode| mode.returns);
        facts.wind_too_strong = home == Some(Home::AgainstWind);
        facts.turn_within_s = match home {
            Some(Home::Turn { within_s, .. }) => Some(within_s),
            Some(Home::AgainstWind) | None => None,
        };
        facts.emergency_text = vehicle
            .messages
            .last_emergency()
            .map(|message| (message.number, seconds(now_ns.saturating_sub(message.at_ns)), message.words.clone()));
        facts.traffic = vehicle.place.fix.last(now_ns).and_then(|(fix, _)| {
            let near = self.traffic.near(fix.position, Some(fix.height_msl_m), now_ns);
            near.into_iter().min_by(|a, b| apart_m(a).total_cmp(&apart_m(b))).map(|near| Near {
                name: near.contact.name,
                distance_m: near.distance_m,
                above_m: near.above_m,
                bearing_deg: near.bearing_deg,
            })
        });
    }
}

/// Height counts ten times: an airliner overhead is farther than a helicopter beside.
fn apart_m(near: &traffic::Near) -> f64 {
    near.distance_m.hypot(10.0 * near.above_m.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use vehicle_link::peers::Address;

    use super::super::testing::{frame, position, text};
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    /// A copter in the air 1 km north of home whose battery falls by 1 % in 20 s, for a minute.
    fn flying() -> (Fleet, u64) {
        let mut fleet = Fleet::new(Address::new(255, 190));
        let mut home = [0; 52];
        home[..4].copy_from_slice(&515_000_000_i32.to_le_bytes());
        home[4..8].copy_from_slice(&(-1_000_000_i32).to_le_bytes());
        for second in 0..=60_u8 {
            let now_ns = u64::from(second) * SECOND_NS;
            let mut status = [0; 31];
            status[30] = 60 - second / 20;
            // The radio receiver and the fence: there, used; the receiver ill.
            status[..4].copy_from_slice(&(1_u32 << 16 | 1 << 20).to_le_bytes());
            status[4..8].copy_from_slice(&(1_u32 << 16 | 1 << 20).to_le_bytes());
            status[8..12].copy_from_slice(&(1_u32 << 20).to_le_bytes());
            let heard = [
                frame(0, &[0, 0, 0, 0, 2, 3, 0x80, 4, 3]),
                frame(242, &home),
                position(515_090_000, -1_000_000, 90_000, 50_000),
                frame(1, &status),
            ];
            heard.iter().for_each(|frame| fleet.hear(frame, now_ns));
        }
        (fleet, 60 * SECOND_NS)
    }

    #[test]
    fn the_selected_vehicle_is_told() {
        let (mut fleet, now_ns) = flying();
        fleet.hear(&text(2, "Crash: Disarming"), now_ns);
        fleet.hear(&text(2, "PreArm: Need 3D Fix"), now_ns);
        let mut facts = Facts { recording: true, ..Facts::default() };
        fleet.tell(&Way::default(), now_ns, &mut facts);
        assert_eq!((facts.vehicle_silent_s, facts.in_air, facts.recording), (Some(0.0), true, true));
        assert_eq!((facts.radio_received, facts.fence_breached), (Some(false), Some(false)));
        assert_eq!(facts.emergency_text, Some((0, 0.0, "Crash: Disarming".into())));
        // 32 % last 640 s; 1001 m at 8 m/s and 50 m down take 172 s.
        let turn_s = facts.turn_within_s.unwrap();
        assert!((turn_s - 468.0).abs() < 2.0, "{turn_s}");
        fleet.tell(&Way::default(), now_ns + 30 * SECOND_NS, &mut facts);
        assert_eq!((facts.vehicle_silent_s, facts.in_air), (Some(30.0), true), "it was in the air when it was lost");
        assert_eq!((facts.turn_within_s, facts.radio_received), (None, None));
    }

    #[test]
    fn the_aircraft_that_matters_is_told() {
        let (mut fleet, now_ns) = flying();
        let says = |icao: u32, lat_e7: i32, msl_mm: i32| {
            let mut payload = icao.to_le_bytes().to_vec();
            [lat_e7, -1_000_000, msl_mm].iter().for_each(|field| payload.extend(field.to_le_bytes()));
            payload.extend([0; 6]);
            payload.extend(3_u16.to_le_bytes());
            payload.resize(38, 0);
            frame(246, &payload)
        };
        fleet.hear(&says(0x11, 515_100_000, 9_000_000), now_ns);
        fleet.hear(&says(0x22, 515_300_000, 200_000), now_ns);
        let mut facts = Facts::default();
        fleet.tell(&Way::default(), now_ns, &mut facts);
        let near = facts.traffic.unwrap();
        assert_eq!((near.name.as_str(), near.above_m), ("000022", Some(110.0)));
    }

    #[test]
    fn without_a_vehicle_nothing_is_told() {
        let mut facts = Facts::default();
        Fleet::new(Address::new(255, 190)).tell(&Way::default(), 5, &mut facts);
        assert_eq!(facts, Facts::default());
    }
}
