//! Parameters: a table for each autopilot, and what it makes the vehicle do. Values last as long as the program, over reboots of the
//! autopilot.

mod ardupilot;
mod px4;
pub mod server;

use super::flight::Settings;
use super::personality::Personality;
use super::policy::Policy;

/// A parameter's type on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// MAV_PARAM_TYPE_INT8.
    Int8,
    /// MAV_PARAM_TYPE_INT16.
    Int16,
    /// MAV_PARAM_TYPE_INT32.
    Int32,
    /// MAV_PARAM_TYPE_REAL32.
    Real,
}

/// One line of a table.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Name, at most 16 characters.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Value at first boot, in the autopilot's own unit.
    pub default: f64,
    /// Least value taken.
    pub min: f64,
    /// Greatest value taken.
    pub max: f64,
}

const fn real(name: &'static str, default: f64, min: f64, max: f64) -> Definition {
    Definition { name, kind: Kind::Real, default, min, max }
}

const fn whole(name: &'static str, kind: Kind, default: i32, min: i32, max: i32) -> Definition {
    Definition { name, kind, default: default as f64, min: min as f64, max: max as f64 }
}

/// All parameters of a vehicle.
#[derive(Clone, Debug)]
pub struct Parameters {
    personality: Personality,
    table: &'static [Definition],
    values: Vec<f64>,
}

impl Parameters {
    /// The defaults of an autopilot, which carry `settings` and `system_id`.
    #[must_use]
    pub fn new(personality: Personality, settings: &Settings, system_id: u8) -> Self {
        let table = match personality {
            Personality::Px4 => px4::TABLE,
            Personality::Ardupilot => ardupilot::TABLE,
        };
        let mut parameters = Self { personality, table, values: table.iter().map(|one| one.default).collect() };
        let carried = match personality {
            Personality::Px4 => px4::carry(settings),
            Personality::Ardupilot => ardupilot::carry(settings),
        };
        let id = if personality == Personality::Px4 { "MAV_SYS_ID" } else { "SYSID_THISMAV" };
        for (name, value) in carried.into_iter().chain([(id, f64::from(system_id))]) {
            let _ = parameters.set(name, value);
        }
        parameters
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &'static [Definition] {
        self.table
    }

    /// Place of a name in the table.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.table.iter().position(|one| one.name == name)
    }

    /// Value at a place of the table.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<f64> {
        self.values.get(place).copied()
    }

    /// Value of a name; 0 for one that the table does not have.
    #[must_use]
    pub fn value(&self, name: &str) -> f64 {
        self.place(name).and_then(|place| self.at(place)).unwrap_or(0.0)
    }

    /// Sets a value that is in range; whole numbers lose their fraction. False where it was not taken.
    #[must_use]
    pub fn set(&mut self, name: &str, value: f64) -> bool {
        let Some(place) = self.place(name) else { return false };
        let Definition { kind, min, max, .. } = self.table[place];
        let value = if kind == Kind::Real { value } else { value.trunc() };
        // NaN is in no range.
        let taken = (min..=max).contains(&value);
        if taken {
            self.values[place] = value;
        }
        taken
    }

    /// How to fly by these parameters.
    #[must_use]
    pub fn settings(&self) -> Settings {
        match self.personality {
            Personality::Px4 => px4::settings(self),
            Personality::Ardupilot => ardupilot::settings(self),
        }
    }

    /// What to do when something goes wrong, by these parameters.
    #[must_use]
    pub fn policy(&self) -> Policy {
        match self.personality {
            Personality::Px4 => px4::policy(self),
            Personality::Ardupilot => ardupilot::policy(self),
        }
    }

    fn choice(&self, name: &str) -> i32 {
        super::fixed_point::i32_of(self.value(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sound_and_carry_the_settings() {
        for personality in [Personality::Px4, Personality::Ardupilot] {
            let settings = Settings { return_height_m: 42.0, cruise_mps: 6.5, ..Settings::default() };
            let parameters = Parameters::new(personality, &settings, 7);
            for (place, one) in parameters.table().iter().enumerate() {
                assert!(one.name.len() <= 16, "{}", one.name);
                assert!((one.min..=one.max).contains(&one.default), "{}", one.name);
                assert_eq!(parameters.place(one.name), Some(place), "{} twice", one.name);
            }
            let back = parameters.settings();
            assert_eq!((back.return_height_m, back.cruise_mps), (42.0, 6.5));
            assert_eq!(back.land_mps, settings.land_mps);
            assert_eq!(back.climb_mps, settings.climb_mps);
            assert!((back.yaw_rate_rps - settings.yaw_rate_rps).abs() < 1e-6);
            assert_eq!(back.takeoff_height_m, settings.takeoff_height_m);
        }
    }

    #[test]
    fn what_is_out_of_range_is_not_taken() {
        let mut parameters = Parameters::new(Personality::Px4, &Settings::default(), 1);
        assert!(!parameters.set("RTL_RETURN_ALT", f64::NAN));
        assert!(!parameters.set("RTL_RETURN_ALT", -3.0));
        assert!(!parameters.set("NO_SUCH_NAME", 1.0));
        assert!(parameters.set("RTL_RETURN_ALT", 61.0));
        assert_eq!(parameters.settings().return_height_m, 61.0);
        assert!(parameters.set("NAV_DLL_ACT", 2.9));
        assert_eq!(parameters.value("NAV_DLL_ACT"), 2.0);
    }
}
