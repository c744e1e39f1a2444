//! The parameter protocol, vehicle side: lists at a bounded pace, answers by name or index, and says of each change what is now so.

use vehicle_link::dialect::{MavMessage, MavParamType, PARAM_SET_DATA, PARAM_VALUE_DATA};

use super::{Definition, Kind, Parameters};
use crate::autopilot::fixed_point::f32_of;
use crate::autopilot::personality::Personality;

/// Pause between two values of a list.
const PACE_NS: u64 = 4_000_000;

/// A list under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listing {
    next: Option<usize>,
    due_ns: u64,
}

impl Listing {
    /// Begins the list, again where one is under way.
    pub fn begin(&mut self, now_ns: u64) {
        *self = Self { next: Some(0), due_ns: now_ns };
    }

    /// The value whose turn it is.
    pub fn step(&mut self, now_ns: u64, parameters: &Parameters) -> Option<MavMessage> {
        let place = self.next.filter(|_| now_ns >= self.due_ns)?;
        self.due_ns = now_ns + PACE_NS;
        self.next = (place + 1 < parameters.table().len()).then_some(place + 1);
        parameters.message(place)
    }
}

impl Parameters {
    /// PARAM_VALUE of a place of the table.
    #[must_use]
    pub fn message(&self, place: usize) -> Option<MavMessage> {
        let (definition, value) = (self.table().get(place)?, self.at(place)?);
        let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        Some(MavMessage::PARAM_VALUE(PARAM_VALUE_DATA {
            param_value: self.encode(definition.kind, value),
            param_count: short(self.table().len()),
            param_index: short(place),
            param_id: definition.name.into(),
            param_type: definition.wire(),
        }))
    }

    /// PARAM_VALUE for a PARAM_REQUEST_READ: by name where the index is −1.
    #[must_use]
    pub fn read(&self, index: i16, name: &str) -> Option<MavMessage> {
        let place = usize::try_from(index).ok().or_else(|| self.place(name))?;
        self.message(place)
    }

    /// Takes a PARAM_SET; the answer says what is so, changed or not. None for a name that is not there. PX4 refuses another type,
    /// ArduPilot converts.
    pub fn write(&mut self, set: &PARAM_SET_DATA) -> Option<MavMessage> {
        let name = set.param_id.to_str().ok()?.trim_end_matches('\0').to_owned();
        let place = self.place(&name)?;
        let definition = self.table()[place];
        match self.personality {
            Personality::Px4 if set.param_type == definition.wire() => {
                let value = match definition.kind {
                    Kind::Real => f64::from(set.param_value),
                    Kind::Int8 | Kind::Int16 | Kind::Int32 => f64::from(set.param_value.to_bits().cast_signed()),
                };
                let _ = self.set(&name, value);
            }
            Personality::Px4 => {}
            Personality::Ardupilot => {
                let _ = self.set(&name, f64::from(set.param_value));
            }
        }
        self.message(place)
    }

    /// PX4 puts a whole number's bytes into the float, ArduPilot its value.
    fn encode(&self, kind: Kind, value: f64) -> f32 {
        match (self.personality, kind) {
            (Personality::Px4, Kind::Int8 | Kind::Int16 | Kind::Int32) => {
                f32::from_bits(super::super::fixed_point::i32_of(value).cast_unsigned())
            }
            (Personality::Px4, Kind::Real) | (Personality::Ardupilot, _) => f32_of(value),
        }
    }
}

impl Definition {
    fn wire(&self) -> MavParamType {
        match self.kind {
            Kind::Int8 => MavParamType::MAV_PARAM_TYPE_INT8,
            Kind::Int16 => MavParamType::MAV_PARAM_TYPE_INT16,
            Kind::Int32 => MavParamType::MAV_PARAM_TYPE_INT32,
            Kind::Real => MavParamType::MAV_PARAM_TYPE_REAL32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autopilot::flight::Settings;

    fn value(message: Option<MavMessage>) -> PARAM_VALUE_DATA {
        match message {
            Some(MavMessage::PARAM_VALUE(value)) => value,
            other => panic!("{other:?}"),
        }
    }

    fn set(name: &str, param_value: f32, param_type: MavParamType) -> PARAM_SET_DATA {
        PARAM_SET_DATA { param_value, target_system: 1, target_component: 1, param_id: name.into(), param_type }
    }

    #[test]
    fn whole_numbers_are_bytes_for_px4_and_values_for_ardupilot() {
        let px4 = Parameters::new(Personality::Px4, &Settings::default(), 1);
        let got = value(px4.read(-1, "SYS_AUTOSTART"));
        assert_eq!((got.param_value.to_bits(), got.param_type), (4001, MavParamType::MAV_PARAM_TYPE_INT32));
        let ardupilot = Parameters::new(Personality::Ardupilot, &Settings::default(), 1);
        let got = value(ardupilot.read(-1, "FRAME_CLASS"));
        assert_eq!((got.param_value, got.param_type), (1.0, MavParamType::MAV_PARAM_TYPE_INT8));
    }

    #[test]
    fn a_set_is_answered_with_what_is_so() {
        let mut px4 = Parameters::new(Personality::Px4, &Settings::default(), 1);
        let bits = |n: u32| f32::from_bits(n);
        let got = value(px4.write(&set("NAV_DLL_ACT", bits(2), MavParamType::MAV_PARAM_TYPE_INT32)));
        assert_eq!(got.param_value.to_bits(), 2);
        let got = value(px4.write(&set("NAV_DLL_ACT", 1.0, MavParamType::MAV_PARAM_TYPE_REAL32)));
        assert_eq!(got.param_value.to_bits(), 2, "another type is refused");
        assert!(px4.write(&set("NO_SUCH_NAME", 1.0, MavParamType::MAV_PARAM_TYPE_REAL32)).is_none());
    }

    #[test]
    fn a_list_is_whole_and_paced() {
        let parameters = Parameters::new(Personality::Ardupilot, &Settings::default(), 1);
        let mut listing = Listing::default();
        listing.begin(0);
        let mut heard = Vec::new();
        for now_ns in (0..1_000_000_000).step_by(2_000_000) {
            heard.extend(listing.step(now_ns, &parameters));
        }
        let names: Vec<usize> = heard.into_iter().map(|m| usize::from(value(Some(m)).param_index)).collect();
        assert_eq!(names, (0..parameters.table().len()).collect::<Vec<_>>());
    }
}
