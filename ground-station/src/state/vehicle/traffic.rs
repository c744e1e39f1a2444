//! Other aircraft, as a receiver aboard or on the ground hears them (ADSB_VEHICLE).

use std::collections::BTreeMap;

use mission_profiles::place::{Position, inverse};
use vehicle_link::frames::Frame;

use super::said::degrees;

const ADSB_VEHICLE: u32 = 246;
/// Aircraft that are kept; beyond it the one heard longest ago goes.
const MAX_CONTACTS: usize = 64;
/// Not heard for longer, it is forgotten.
const FORGOTTEN_NS: u64 = 60_000_000_000;
// ADSB_FLAGS.
const COORDS: u16 = 1;
const ALTITUDE: u16 = 2;
const HEADING: u16 = 4;
const VELOCITY: u16 = 8;
const CALLSIGN: u16 = 16;
const VERTICAL_VELOCITY: u16 = 128;

/// Another aircraft.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contact {
    /// Its 24-bit address.
    pub(crate) icao: u32,
    /// Its callsign; the address in hexadecimal without one.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) position: Position,
    /// Above mean sea level, metres: by satellites, or by a barometer set to QNH.
    pub(crate) height_msl_m: Option<f64>,
    /// By a barometer.
    pub(crate) barometric: bool,
    /// Where it goes, from true north.
    pub(crate) course_deg: Option<f64>,
    /// Along the ground.
    pub(crate) speed_mps: Option<f64>,
    /// Upwards.
    pub(crate) climb_mps: Option<f64>,
    /// When it was where it is said to be, ns.
    pub(crate) at_ns: u64,
}

/// Another aircraft as seen from ours.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Near {
    /// Who.
    pub(crate) contact: Contact,
    /// How far, along the ground.
    pub(crate) distance_m: f64,
    /// In which direction, from true north.
    pub(crate) bearing_deg: f64,
    /// How much higher than ours; `None` where a height is missing.
    pub(crate) above_m: Option<f64>,
    /// Since it was heard.
    pub(crate) age_ns: u64,
}

/// All other aircraft.
#[derive(Debug, Default)]
pub(crate) struct Traffic(BTreeMap<u32, Contact>);

impl Traffic {
    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        self.0.retain(|_, contact| now_ns.saturating_sub(contact.at_ns) <= FORGOTTEN_NS);
        if frame.message_id() != ADSB_VEHICLE {
            return;
        }
        if let Some(contact) = read(frame, now_ns) {
            if self.0.len() >= MAX_CONTACTS && !self.0.contains_key(&contact.icao) {
                let oldest = self.0.values().min_by_key(|contact| contact.at_ns).map(|contact| contact.icao);
                oldest.and_then(|icao| self.0.remove(&icao));
            }
            self.0.insert(contact.icao, contact);
        }
    }

    /// Those heard within a minute.
    pub(crate) fn now(&self, now_ns: u64) -> impl Iterator<Item = &Contact> {
        self.0.values().filter(move |contact| now_ns.saturating_sub(contact.at_ns) <= FORGOTTEN_NS)
    }

    /// Those heard within a minute, as seen from `own`, the nearest first.
    pub(crate) fn near(&self, own: Position, own_msl_m: Option<f64>, now_ns: u64) -> Vec<Near> {
        let seen = |contact: &Contact| {
            let way = inverse(own, contact.position);
            Near {
                distance_m: way.distance_m,
                bearing_deg: way.azimuth_deg,
                above_m: contact.height_msl_m.zip(own_msl_m).map(|(theirs, ours)| theirs - ours),
                age_ns: now_ns.saturating_sub(contact.at_ns),
                contact: contact.clone(),
            }
        };
        let mut near: Vec<_> = self.now(now_ns).map(seen).collect();
        near.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
        near
    }
}

fn read(frame: &Frame, now_ns: u64) -> Option<Contact> {
    let payload = frame.payload();
    let flags = payload.u16(22);
    let has = |flag: u16| flags & flag != 0;
    let position = Position::new(degrees(payload.i32(4)), degrees(payload.i32(8))).filter(|_| has(COORDS))?;
    let icao = payload.u32(0);
    let letters = (27..36).map(|at| payload.u8(at)).take_while(|byte| *byte != 0);
    let callsign: String = letters.filter(u8::is_ascii_graphic).map(char::from).collect();
    let named = has(CALLSIGN) && !callsign.is_empty();
    // The receiver may have held it a while.
    let held_ns = u64::from(payload.u8(37)).saturating_mul(1_000_000_000);
    Some(Contact {
        icao,
        name: if named { callsign } else { format!("{icao:06X}") },
        position,
        height_msl_m: has(ALTITUDE).then(|| f64::from(payload.i32(12)) / 1e3),
        barometric: payload.u8(26) == 0,
        course_deg: has(HEADING).then(|| f64::from(payload.u16(16)) / 100.0),
        speed_mps: has(VELOCITY).then(|| f64::from(payload.u16(18)) / 100.0),
        climb_mps: has(VERTICAL_VELOCITY).then(|| f64::from(payload.u16(20).cast_signed()) / 100.0),
        at_ns: now_ns.saturating_sub(held_ns),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::frame;
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn says(icao: u32, lat_e7: i32, flags: u16, held_s: u8) -> Frame {
        let mut payload = Vec::new();
        payload.extend(icao.to_le_bytes());
        [lat_e7, -1_000_000, 300_000].iter().for_each(|field| payload.extend(field.to_le_bytes()));
        [9_000_u16, 5_000].iter().for_each(|field| payload.extend(field.to_le_bytes()));
        payload.extend((-200_i16).to_le_bytes());
        payload.extend(flags.to_le_bytes());
        payload.extend([0, 0, 1]);
        payload.extend(b"NPAS21\0\0\0");
        payload.extend([0, held_s]);
        frame(ADSB_VEHICLE, &payload)
    }

    const ALL: u16 = COORDS | ALTITUDE | HEADING | VELOCITY | CALLSIGN | VERTICAL_VELOCITY;

    #[test]
    fn the_nearest_comes_first_with_what_is_known_of_it() {
        let mut traffic = Traffic::default();
        traffic.hear(&says(0xABC, 515_200_000, COORDS, 0), 0);
        traffic.hear(&says(0x40_1234, 515_090_000, ALL, 0), 0);
        traffic.hear(&says(0x40_1235, 515_090_000, ALL & !COORDS, 0), 0);
        let own = Position::new(51.5, -0.1).unwrap();
        let near = traffic.near(own, Some(100.0), 2 * SECOND_NS);
        let [first, second] = &near[..] else { panic!("two have a place: {near:?}") };
        assert_eq!((first.contact.name.as_str(), first.above_m), ("NPAS21", Some(200.0)));
        let said = (first.contact.course_deg, first.contact.speed_mps, first.contact.climb_mps);
        assert_eq!(said, (Some(90.0), Some(50.0), Some(-2.0)));
        assert!((first.distance_m - 1_001.4).abs() < 1.0 && first.age_ns == 2 * SECOND_NS, "{first:?}");
        assert_eq!((second.contact.name.as_str(), second.above_m), ("000ABC", None));
    }

    #[test]
    fn what_is_not_heard_for_a_minute_is_forgotten_also_what_the_receiver_held() {
        let mut traffic = Traffic::default();
        traffic.hear(&says(1, 515_000_000, ALL, 0), 100 * SECOND_NS);
        traffic.hear(&says(2, 515_000_000, ALL, 20), 100 * SECOND_NS);
        assert_eq!(traffic.now(140 * SECOND_NS).count(), 2);
        assert_eq!(traffic.now(141 * SECOND_NS).count(), 1);
        assert_eq!(traffic.now(161 * SECOND_NS).count(), 0);
    }

    #[test]
    fn a_crowd_does_not_pile_up() {
        let mut traffic = Traffic::default();
        for icao in 0..1_000 {
            traffic.hear(&says(icao, 515_000_000, ALL, 0), u64::from(icao));
        }
        assert_eq!(traffic.0.len(), MAX_CONTACTS);
        assert!(traffic.0.contains_key(&999) && !traffic.0.contains_key(&0));
    }
}
