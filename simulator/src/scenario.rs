//! Scenario files: what flies, where, in what weather, with what camera, and what goes wrong.
//!
//! Every key has a default; an unknown one is refused with file, line and the nearest name there is. Units are in the names.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::autopilot::personality::Personality;
use crate::faults::Fault;
use crate::geodesy::{Geodetic, Map};
use crate::maths::Vec3;

/// Why a scenario can not be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file can not be read.
    #[error("{path}: the scenario can not be read; name an existing TOML file", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key or value that is not understood.
    #[error("{path}:{line}: {why}{hint}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
        /// What was meant, where that can be guessed.
        hint: String,
    },
    /// A value out of its range.
    #[error("{place}: {key} = {value} is out of range; use {range}")]
    Range {
        /// File or command line.
        place: String,
        /// The key.
        key: &'static str,
        /// The value.
        value: f64,
        /// What is allowed.
        range: &'static str,
    },
    /// Values that do not go together.
    #[error("{place}: {why}")]
    Other {
        /// File or command line.
        place: String,
        /// What is wrong, and the cure.
        why: String,
    },
}

/// A whole scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Seed of everything random: one seed, one flight.
    pub seed: u64,
    /// Which autopilot it is.
    pub personality: Personality,
    /// MAVLink system id.
    pub system_id: u8,
    /// Where it stands.
    pub home: Home,
    /// The air.
    pub wind: WindSpec,
    /// The receiver.
    pub gnss: GnssSpec,
    /// The body.
    pub airframe: AirframeSpec,
    /// The energy.
    pub battery: BatterySpec,
    /// The camera.
    pub camera: CameraSpec,
    /// What it does by itself.
    pub flight: FlightSpec,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
    /// More vehicles of the same make.
    pub vehicles: Vec<Another>,
    /// Links of this vehicle alone; without any, those of the command line.
    pub mavlink: Vec<String>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            seed: 0,
            personality: Personality::default(),
            system_id: 1,
            home: Home::default(),
            wind: WindSpec::default(),
            gnss: GnssSpec::default(),
            airframe: AirframeSpec::default(),
            battery: BatterySpec::default(),
            camera: CameraSpec::default(),
            flight: FlightSpec::default(),
            faults: Vec::new(),
            vehicles: Vec::new(),
            mavlink: Vec::new(),
        }
    }
}

/// `[[vehicles]]`: one more vehicle, without a camera.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Another {
    /// MAVLink system id; one of its own.
    pub system_id: u8,
    /// Which autopilot it is; else the first one's.
    #[serde(default)]
    pub personality: Option<Personality>,
    /// Where it stands: north of the first one's home.
    #[serde(default)]
    pub north_m: f64,
    /// East of the first one's home.
    #[serde(default)]
    pub east_m: f64,
    /// What it does by itself.
    #[serde(default)]
    pub flight: FlightSpec,
    /// What goes wrong, and when.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Its own links; without any it shares the first one's.
    #[serde(default)]
    pub mavlink: Vec<String>,
}

/// `[home]`: where the vehicle stands at boot.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Home {
    /// Latitude, WGS 84 degrees.
    pub lat_deg: f64,
    /// Longitude, WGS 84 degrees.
    pub lon_deg: f64,
    /// Altitude of the ground above mean sea level.
    pub alt_msl_m: f64,
    /// Heading, degrees from true north.
    pub heading_deg: f64,
    /// Geoid above the ellipsoid here: ellipsoidal height minus altitude.
    pub undulation_m: f64,
}

impl Home {
    /// The flat map around it.
    #[must_use]
    pub fn map(&self) -> Map {
        let height_m = self.alt_msl_m + self.undulation_m;
        Map::new(Geodetic { lat_deg: self.lat_deg, lon_deg: self.lon_deg, height_m })
    }
}

impl Default for Home {
    fn default() -> Self {
        Self { lat_deg: 51.5034, lon_deg: -1.9787, alt_msl_m: 142.0, heading_deg: 30.0, undulation_m: 48.6 }
    }
}

/// `[wind]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindSpec {
    /// Mean speed at 10 m.
    pub speed_mps: f64,
    /// Where it blows from.
    pub from_deg: f64,
    /// Standard deviation of gusts, each axis.
    pub gust_mps: f64,
}

impl Default for WindSpec {
    fn default() -> Self {
        Self { speed_mps: 4.0, from_deg: 240.0, gust_mps: 0.6 }
    }
}

/// `[gnss]`: how far the reported position wanders from the true one.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GnssSpec {
    /// Standard deviation of north and of east.
    pub horizontal_sigma_m: f64,
    /// Standard deviation of height.
    pub vertical_sigma_m: f64,
    /// How slowly it wanders.
    pub correlation_s: f64,
}

impl Default for GnssSpec {
    fn default() -> Self {
        Self { horizontal_sigma_m: 0.02, vertical_sigma_m: 0.025, correlation_s: 8.0 }
    }
}

/// `[airframe]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AirframeSpec {
    /// Take-off mass.
    pub mass_kg: f64,
    /// Drag coefficient times area.
    pub drag_area_m2: f64,
    /// Largest tilt.
    pub tilt_limit_deg: f64,
}

impl Default for AirframeSpec {
    fn default() -> Self {
        Self { mass_kg: 3.8, drag_area_m2: 0.06, tilt_limit_deg: 35.0 }
    }
}

/// `[battery]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatterySpec {
    /// Cells in series.
    pub cells: u8,
    /// Energy when full.
    pub capacity_wh: f64,
    /// Charge at boot, 0..1.
    pub charge: f64,
}

impl Default for BatterySpec {
    fn default() -> Self {
        Self { cells: 6, capacity_wh: 262.0, charge: 0.97 }
    }
}

/// How pictures are encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// H.264 (x264).
    #[default]
    H264,
    /// H.265 (x265).
    H265,
}

/// `[camera]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CameraSpec {
    /// Picture width, pixels; even, at least 496 (the strip's width).
    pub width: u32,
    /// Picture height, pixels; even.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
    /// Horizontal field of view; pixels are square.
    pub hfov_deg: f64,
    /// Pitch at boot, degrees above the horizon.
    pub pitch_deg: f64,
    /// Codec.
    pub codec: Codec,
    /// Target bit rate.
    pub bitrate_kbps: u32,
    /// Seconds between key pictures.
    pub gop_s: f64,
    /// B pictures between references.
    pub bframes: u32,
    /// Time from capture to the wire.
    pub delay_ms: u32,
    /// RTCP sender reports, or none as cheap cameras do.
    pub sender_reports: bool,
}

impl Default for CameraSpec {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
            fps: 30,
            hfov_deg: 60.0,
            pitch_deg: -45.0,
            codec: Codec::H264,
            bitrate_kbps: 4000,
            gop_s: 1.0,
            bframes: 0,
            delay_ms: 40,
            sender_reports: true,
        }
    }
}

/// `[flight]`: what the vehicle does without anybody asking.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlightSpec {
    /// Arm and fly the mission by itself.
    pub autostart: bool,
    /// When to arm, seconds after boot.
    pub arm_at_s: f64,
    /// From arming to disarming; the way home is begun in time for it.
    pub air_seconds: f64,
    /// Height of the way home.
    pub return_height_m: f64,
    /// The mission, loaded at boot as if it had been uploaded.
    pub mission: Vec<Step>,
}

impl Default for FlightSpec {
    fn default() -> Self {
        Self { autostart: false, arm_at_s: 5.0, air_seconds: 120.0, return_height_m: 30.0, mission: Vec::new() }
    }
}

/// A step of `[flight] mission`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Climb to a height above home.
    TakeOff {
        /// Height.
        height_m: f64,
    },
    /// Fly to a place given from home.
    Fly {
        /// North of home.
        north_m: f64,
        /// East of home.
        east_m: f64,
        /// Height above home.
        height_m: f64,
        /// Stay there for this long.
        #[serde(default)]
        hold_s: f64,
        /// Nose to this heading; else along the leg.
        #[serde(default)]
        heading_deg: Option<f64>,
    },
    /// Speed of the legs that follow.
    Speed {
        /// Over the ground.
        mps: f64,
    },
    /// Point the camera.
    Look {
        /// Above the horizon.
        pitch_deg: f64,
        /// Right of the nose.
        #[serde(default)]
        yaw_deg: f64,
    },
    /// Turn on the spot.
    Turn {
        /// How far, clockwise positive.
        degrees: f64,
        /// How fast.
        rate_dps: f64,
    },
    /// Wait on the spot.
    Wait {
        /// How long.
        seconds: f64,
    },
    /// Go on from the step of this number (from 0), for ever.
    RepeatFrom {
        /// The step.
        step: u16,
    },
    /// Fly home and land.
    Return {},
}

impl Scenario {
    /// A scenario for each vehicle, the first one's first.
    #[must_use]
    pub fn fleet(&self) -> Vec<Self> {
        let first = Self { vehicles: Vec::new(), ..self.clone() };
        let map = self.home.map();
        let others = self.vehicles.iter().map(|other| {
            let at = map.geodetic(Vec3::new(other.north_m, other.east_m, 0.0));
            Self {
                seed: self.seed.wrapping_add(u64::from(other.system_id) << 32),
                personality: other.personality.unwrap_or(self.personality),
                system_id: other.system_id,
                home: Home { lat_deg: at.lat_deg, lon_deg: at.lon_deg, ..self.home },
                flight: other.flight.clone(),
                faults: other.faults.clone(),
                mavlink: other.mavlink.clone(),
                ..first.clone()
            }
        });
        std::iter::once(first.clone()).chain(others).collect()
    }

    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// [`ScenarioError`], with file and line.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ScenarioError::Read { path: path.to_owned(), source })?;
        let scenario = Self::parse(&text, path)?;
        scenario.check(&path.display().to_string())?;
        Ok(scenario)
    }

    /// Parses scenario text; `path` is for messages.
    ///
    /// # Errors
    /// [`ScenarioError::Parse`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ScenarioError> {
        toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(offset).filter(|&b| b == b'\n').count();
            let why = error.message().to_owned();
            ScenarioError::Parse { path: path.to_owned(), line, hint: nearest_name(&why), why }
        })
    }

    /// Checks the ranges; `place` is for messages.
    ///
    /// # Errors
    /// [`ScenarioError::Range`].
    pub fn check(&self, place: &str) -> Result<(), ScenarioError> {
        let camera = &self.camera;
        let whole = f64::from;
        let even = |n: u32| {
            if n.is_multiple_of(2) { whole(n) } else { f64::NAN }
        };
        let rules: [(&'static str, f64, f64, f64, &'static str); 17] = [
            ("home.lat_deg", self.home.lat_deg, -85.0, 85.0, "-85 to 85"),
            ("home.lon_deg", self.home.lon_deg, -180.0, 180.0, "-180 to 180"),
            ("home.alt_msl_m", self.home.alt_msl_m, -400.0, 8000.0, "-400 to 8000"),
            ("wind.speed_mps", self.wind.speed_mps, 0.0, 25.0, "0 to 25"),
            ("wind.gust_mps", self.wind.gust_mps, 0.0, 10.0, "0 to 10"),
            ("gnss.horizontal_sigma_m", self.gnss.horizontal_sigma_m, 0.0, 50.0, "0 to 50"),
            ("gnss.correlation_s", self.gnss.correlation_s, 0.01, 1e4, "0.01 to 10000"),
            ("airframe.mass_kg", self.airframe.mass_kg, 0.2, 25.0, "0.2 to 25"),
            ("airframe.tilt_limit_deg", self.airframe.tilt_limit_deg, 5.0, 60.0, "5 to 60"),
            ("battery.charge", self.battery.charge, 0.0, 1.0, "0 to 1"),
            ("battery.cells", f64::from(self.battery.cells), 1.0, 10.0, "1 to 10"),
            ("camera.width", even(camera.width), 496.0, 3840.0, "an even number from 496 to 3840"),
            ("camera.height", even(camera.height), 64.0, 2160.0, "an even number from 64 to 2160"),
            ("camera.fps", whole(camera.fps), 1.0, 60.0, "1 to 60"),
            ("camera.hfov_deg", camera.hfov_deg, 5.0, 120.0, "5 to 120"),
            ("camera.delay_ms", whole(camera.delay_ms), 1.0, 2000.0, "1 to 2000"),
            ("flight.air_seconds", self.flight.air_seconds, 20.0, 3600.0, "20 to 3600"),
        ];
        for (key, value, low, high, range) in rules {
            if !(low..=high).contains(&value) {
                return Err(ScenarioError::Range { place: place.to_owned(), key, value, range });
            }
        }
        self.check_fleet(place)
    }

    fn check_fleet(&self, place: &str) -> Result<(), ScenarioError> {
        let other = |why: String| ScenarioError::Other { place: place.to_owned(), why };
        let mut ids = vec![self.system_id];
        ids.extend(self.vehicles.iter().map(|vehicle| vehicle.system_id));
        for (at, id) in ids.iter().enumerate() {
            if *id == 0 || ids[..at].contains(id) {
                return Err(other(format!("system_id = {id} is 0 or taken; give each vehicle its own, from 1 to 250")));
            }
        }
        let faults = self.faults.iter().chain(self.vehicles.iter().flat_map(|vehicle| &vehicle.faults));
        faults.map(Fault::check).collect::<Result<Vec<()>, String>>().map_err(other)?;
        Ok(())
    }
}

/// "; did you mean `x`?" from the two ways the parser lists what it knows:
/// "unknown field `y`, expected one of `x`, `z`" and "unexpected keys in table: y, available keys: x, z".
fn nearest_name(why: &str) -> String {
    let names: Vec<&str> = if let Some(listed) = why.strip_prefix("unexpected keys in table: ") {
        listed
            .split([',', ':'])
            .map(|name| name.trim().trim_start_matches("available keys"))
            .filter(|n| !n.is_empty())
            .collect()
    } else if why.starts_with("unknown") {
        why.split('`').skip(1).step_by(2).collect()
    } else {
        Vec::new()
    };
    let Some((wrong, known)) = names.split_first() else {
        return String::new();
    };
    let likeness = |name: &str| strsim::jaro_winkler(wrong, name);
    let best = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    best.filter(|name| likeness(name) > 0.6).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
        let text = "seed = 3\n\n[wind]\nspede_mps = 4.0\n";
        let error = Scenario::parse(text, Path::new("x.toml")).unwrap_err().to_string();
        assert!(error.starts_with("x.toml:4: unknown field `spede_mps`"), "{error}");
        assert!(error.ends_with("did you mean `speed_mps`?"), "{error}");
    }

    #[test]
    fn an_unknown_step_key_names_its_line() {
        let text = "[flight]\nmission = [\n  { take_off = { height_m = 20 } },\n  { fly = { north = 1 } },\n]\n";
        let error = Scenario::parse(text, Path::new("x.toml")).unwrap_err().to_string();
        assert!(error.starts_with("x.toml:4: "), "{error}");
        assert!(error.ends_with("did you mean `north_m`?"), "{error}");
    }

    #[test]
    fn ranges_are_checked() {
        let text = "[camera]\nwidth = 321\n";
        let scenario = Scenario::parse(text, Path::new("x.toml")).unwrap();
        let error = scenario.check("x.toml").unwrap_err().to_string();
        assert!(error.contains("camera.width"), "{error}");
    }

    #[test]
    fn the_scenarios_that_come_with_it_are_valid() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            Scenario::load(&entry.unwrap().path()).unwrap();
            seen += 1;
        }
        assert!(seen >= 2);
    }
}
