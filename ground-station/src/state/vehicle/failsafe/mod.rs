//! What the vehicle does by itself when something is lost, read from its parameters, in sentences.

mod ardupilot;
mod preview;
mod px4;

use std::collections::BTreeMap;

use vehicle_link::parameters::{Parameter, Value};

use super::mode::Kind;
pub(crate) use preview::{Doubt, Ground, doubts};

/// One failsafe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// What happens to it: "Radio lost".
    pub(crate) when: &'static str,
    /// What it does then: "returns at 40 m above home"; `None` while its parameters are not read.
    pub(crate) does: Option<String>,
    /// Nothing is done, or something that ends the flight: the pilot shall look twice.
    pub(crate) doubtful: bool,
    /// The parameter that decides it.
    pub(crate) parameter: &'static str,
}

/// At which height it returns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ReturnHeight {
    /// Metres; where it is higher already, it keeps its height. `None`: always the height it has.
    pub(crate) height_m: Option<f64>,
    /// Above the terrain below instead of home.
    pub(crate) above_terrain: bool,
}

impl ReturnHeight {
    /// "at 40 m above home".
    pub(crate) fn words(self) -> String {
        let above = if self.above_terrain { "above the ground" } else { "above home" };
        self.height_m.map_or_else(|| "at the height it has".to_owned(), |m| format!("at {m:.0} m {above} or higher"))
    }
}

/// The fence, as parameters have it; polygons come with the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct FenceLimits {
    /// Ceiling above home; `None` none.
    pub(crate) ceiling_m: Option<f64>,
    /// Circle about home; `None` none.
    pub(crate) radius_m: Option<f64>,
}

/// The parameters that decide it, as the vehicle has them.
#[derive(Debug, Default)]
pub(crate) struct Failsafes(BTreeMap<&'static str, f64>);

impl Failsafes {
    /// The names to ask a vehicle of this kind for. One that it does not have, it does not answer.
    pub(crate) fn wanted(kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::ArduCopter => ardupilot::NAMES,
            Kind::Px4 => px4::NAMES,
            Kind::Other { .. } => &[],
        }
    }

    /// The vehicle said what a parameter is.
    pub(super) fn take(&mut self, kind: Kind, parameter: &Parameter) {
        let name = parameter.name.to_string();
        let wanted = Self::wanted(kind).iter().find(|wanted| **wanted == name);
        if let Some((wanted, value)) = wanted.zip(number(parameter.value)) {
            self.0.insert(wanted, value);
        }
    }

    /// Those that were not read yet.
    pub(crate) fn missing(&self, kind: Kind) -> impl Iterator<Item = &'static str> {
        Self::wanted(kind).iter().copied().filter(|name| !self.0.contains_key(name))
    }

    /// One of them, as read.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// One that is a choice.
    fn choice(&self, name: &str) -> Option<i64> {
        self.value(name).map(whole)
    }

    /// What it does, one sentence for each loss.
    pub(crate) fn sentences(&self, kind: Kind) -> Vec<Sentence> {
        match kind {
            Kind::ArduCopter => ardupilot::sentences(self),
            Kind::Px4 => px4::sentences(self),
            Kind::Other { .. } => Vec::new(),
        }
    }

    /// At which height it returns; `None` while that is not read.
    pub(crate) fn return_height(&self, kind: Kind) -> Option<ReturnHeight> {
        match kind {
            Kind::ArduCopter => ardupilot::return_height(self),
            Kind::Px4 => px4::return_height(self),
            Kind::Other { .. } => None,
        }
    }

    /// How fast it returns through the air; `None` while that is not read.
    pub(crate) fn return_speed_mps(&self, kind: Kind) -> Option<f64> {
        let centimetres = |name| Some(self.value(name)? / 100.0);
        let speed_mps = match kind {
            // RTL_SPEED 0 is that of a mission.
            Kind::ArduCopter => {
                centimetres("RTL_SPEED").filter(|mps| *mps > 0.0).or_else(|| centimetres("WPNAV_SPEED"))
            }
            Kind::Px4 => self.value("MPC_XY_CRUISE"),
            Kind::Other { .. } => None,
        };
        speed_mps.filter(|mps| *mps > 0.0)
    }

    /// Ceiling and circle; `None` while they are not read.
    pub(crate) fn fence(&self, kind: Kind) -> Option<FenceLimits> {
        match kind {
            Kind::ArduCopter => ardupilot::fence(self),
            Kind::Px4 => px4::fence(self),
            Kind::Other { .. } => None,
        }
    }

    /// "returns at 40 m above home or higher".
    fn returns(&self, kind: Kind) -> String {
        let height = self.return_height(kind).map_or_else(|| "at a height not read".to_owned(), ReturnHeight::words);
        format!("returns {height}")
    }
}

fn number(value: Value) -> Option<f64> {
    Some(match value {
        Value::U8(v) => v.into(),
        Value::I8(v) => v.into(),
        Value::U16(v) => v.into(),
        Value::I16(v) => v.into(),
        Value::U32(v) => v.into(),
        Value::I32(v) => v.into(),
        Value::F32(v) => f64::from(v),
        Value::Other { .. } => return None,
    })
    .filter(|value| value.is_finite())
}

/// Choices and bits are small whole numbers.
#[expect(clippy::cast_possible_truncation, reason = "Rust's casts end at the limits, which no choice reaches")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// A sentence whose parameter may not be read.
fn sentence(
    when: &'static str,
    parameter: &'static str,
    choice: Option<i64>,
    says: impl FnOnce(i64) -> (String, bool),
) -> Sentence {
    let said = choice.map(says);
    let doubtful = said.as_ref().is_some_and(|(_, doubtful)| *doubtful);
    Sentence { when, does: said.map(|(words, _)| words), doubtful, parameter }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// Parameters as a vehicle has them.
    pub(in super::super) fn read(kind: Kind, values: &[(&str, f32)]) -> Failsafes {
        let mut failsafes = Failsafes::default();
        for (name, value) in values {
            failsafes.take(kind, &Parameter { name: name.parse().unwrap(), value: Value::F32(*value) });
        }
        failsafes
    }

    /// "Radio lost: returns …".
    pub(in super::super) fn says(failsafes: &Failsafes, kind: Kind, when: &str) -> String {
        let sentences = failsafes.sentences(kind);
        let sentence = sentences.iter().find(|sentence| sentence.when == when).unwrap();
        let doubtful = if sentence.doubtful { " (!)" } else { "" };
        format!("{}{doubtful}", sentence.does.as_deref().unwrap_or("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_is_kept_and_what_is_missing_is_known() {
        let kind = Kind::ArduCopter;
        let failsafes =
            testing::read(kind, &[("RTL_ALT", 4000.0), ("WPNAV_RADIUS", 200.0), ("FENCE_ENABLE", f32::NAN)]);
        assert_eq!(failsafes.return_speed_mps(kind), None);
        assert_eq!((failsafes.value("RTL_ALT"), failsafes.value("WPNAV_RADIUS")), (Some(4000.0), None));
        assert_eq!(failsafes.missing(kind).count(), Failsafes::wanted(kind).len() - 1);
        assert_eq!(Failsafes::wanted(Kind::Other { autopilot: 1, mav_type: 2 }), [""; 0]);
    }

    #[test]
    fn the_speed_of_a_return() {
        let copter = |values| testing::read(Kind::ArduCopter, values).return_speed_mps(Kind::ArduCopter);
        assert_eq!(copter(&[("RTL_SPEED", 0.0), ("WPNAV_SPEED", 800.0)]), Some(8.0));
        assert_eq!(copter(&[("RTL_SPEED", 1_200.0), ("WPNAV_SPEED", 800.0)]), Some(12.0));
        assert_eq!(testing::read(Kind::Px4, &[("MPC_XY_CRUISE", 5.0)]).return_speed_mps(Kind::Px4), Some(5.0));
    }

    #[test]
    fn every_wanted_name_is_a_parameters_name() {
        for kind in [Kind::ArduCopter, Kind::Px4] {
            for name in Failsafes::wanted(kind) {
                assert!(name.parse::<vehicle_link::parameters::Name>().is_ok(), "{name}");
            }
        }
    }
}
