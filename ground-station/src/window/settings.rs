//! The station's settings: one TOML file, every part of which may be missing. What is missing is not there in the window, and said so.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flight_record::keys::KeyId;
use flight_record::{Label, Reason};
use mission_profiles::place::Position;
use serde::Deserialize;
use vehicle_link::endpoint::Endpoint;

use crate::state::settings::line_of;
use crate::ui::tokens::Theme;

/// Longest file read, bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A file with every key explained; what `--example` prints.
pub(crate) const EXAMPLE: &str = include_str!("station.toml");

/// Everything that is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) station: Station,
    pub(crate) links: Links,
    pub(crate) keys: Keys,
    pub(crate) witness: Witness,
    pub(crate) live: Live,
    pub(crate) airspace: Airspace,
    pub(crate) stores: Stores,
    pub(crate) crew: Crew,
    pub(crate) log: Log,
    pub(crate) map: Map,
    /// The program that witness and live view are processes of; this one, where none is given. No file says it.
    #[serde(skip)]
    pub(crate) program: Option<PathBuf>,
}

/// This station.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Station {
    /// Where it stands, as handovers name it.
    pub(crate) place: String,
    /// Of the clock that people read.
    pub(crate) time_zone: String,
    /// Why something is recorded, where no profile is planned and nobody says otherwise.
    pub(crate) reason: String,
    /// Until a person chooses another.
    pub(crate) theme: Theme,
    /// Whether alarms are heard.
    pub(crate) sounds: bool,
    /// Folder of what the window remembers: markers, alarms, how it was left.
    pub(crate) state: PathBuf,
}

impl Default for Station {
    fn default() -> Self {
        Self {
            place: "ground station".to_owned(),
            time_zone: "Europe/London".to_owned(),
            reason: "Police operation, recorded from the ground station".to_owned(),
            theme: Theme::default(),
            sounds: true,
            state: PathBuf::from("station-state"),
        }
    }
}

/// Links to vehicles.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Links {
    /// Endpoints.
    pub(crate) mavlink: Vec<String>,
    /// Key of MAVLink signing.
    pub(crate) signing_key: Option<PathBuf>,
    /// The unit's name for the aircraft.
    pub(crate) aircraft: Option<String>,
}

impl Default for Links {
    fn default() -> Self {
        Self { mavlink: vec!["udpin:0.0.0.0:14550".to_owned()], signing_key: None, aircraft: None }
    }
}

/// Whom the station is, and whom it trusts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    /// Its key.
    pub(crate) station: Option<PathBuf>,
    /// The unit's list.
    pub(crate) trust: Option<PathBuf>,
    /// Fingerprint of the unit's root.
    pub(crate) root: Option<String>,
}

/// The witness.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Witness {
    /// Whether the window starts it where none runs.
    pub(crate) start: bool,
    /// Folder of its files.
    pub(crate) dir: PathBuf,
    /// Who may open flights to come.
    pub(crate) entitled: Option<PathBuf>,
    /// Folder of the wraps.
    pub(crate) wraps: Option<PathBuf>,
    /// Folder of the reasons of recordings.
    pub(crate) reasons: PathBuf,
}

impl Default for Witness {
    fn default() -> Self {
        let (dir, reasons) = (PathBuf::from("witness"), PathBuf::from("reasons"));
        Self { start: true, dir, entitled: None, wraps: None, reasons }
    }
}

/// Where the picture comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum View {
    /// SRTP, under keys that this station agrees with the aircraft.
    #[default]
    Keys,
    /// Plain RTP.
    Plain,
    /// A camera's own server.
    Rtsp,
    /// None.
    None,
}

/// The live view.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Live {
    pub(crate) view: View,
    /// UDP port of the pictures.
    pub(crate) video_port: u16,
    /// UDP port of the telemetry.
    pub(crate) klv_port: u16,
    /// With `view = "rtsp"`.
    pub(crate) url: Option<String>,
}

impl Default for Live {
    fn default() -> Self {
        Self { view: View::Keys, video_port: 5600, klv_port: 5601, url: None }
    }
}

/// Zones and terrain.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Airspace {
    /// Folder of datasets.
    pub(crate) zones: Option<PathBuf>,
    /// Folder of SRTM tiles or a GeoTIFF.
    pub(crate) terrain: Option<PathBuf>,
}

/// The stores and their people.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Stores {
    /// The first: accounts, register, ledger.
    pub(crate) first: Option<PathBuf>,
    /// The second.
    pub(crate) second: Option<PathBuf>,
    /// Folder of packages.
    pub(crate) packages: Option<PathBuf>,
    /// The aircraft's dock, or a folder: where the handover looks first.
    pub(crate) dock: Option<String>,
    /// Key id of the aircraft at that dock.
    pub(crate) device: Option<String>,
    /// Folders under which cards are mounted.
    pub(crate) media: Vec<PathBuf>,
    /// Folder of opened footage, to be looked at.
    pub(crate) opened: Option<PathBuf>,
}

/// Who flies beside the person signed in, and with what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Crew {
    /// Roles that are filled beside the pilot's.
    pub(crate) roles: Vec<String>,
    /// In the air on a full battery, minutes.
    pub(crate) endurance_min: Option<f64>,
    /// The pilot's hours in the last three months.
    pub(crate) recent_h: Option<f64>,
}

/// The flight log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// Folder of drafts.
    pub(crate) drafts: Option<PathBuf>,
}

/// The map.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Map {
    /// Latitude and longitude to look at first.
    pub(crate) home: Option<[f64; 2]>,
    /// Raster tiles.
    pub(crate) mbtiles: Option<PathBuf>,
}

impl Settings {
    /// Reads a file; paths in it are from its folder.
    ///
    /// # Errors
    /// When it cannot be read, or says what nobody understands: with the line, and what is wrong there.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        use std::io::Read as _;
        let mut text = String::new();
        let file =
            std::fs::File::open(path).with_context(|| format!("the settings {} cannot be read", path.display()))?;
        file.take(MAX_BYTES).read_to_string(&mut text).with_context(|| path.display().to_string())?;
        let mut settings: Self =
            toml::from_str(&text).with_context(|| format!("{} is not understood", path.display()))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        settings.paths_from(folder);
        if let Err(error) = settings.check() {
            let line = line_of(&text, &error.to_string()).map(|line| format!(":{line}")).unwrap_or_default();
            return Err(error.context(format!("{}{line}", path.display())));
        }
        Ok(settings)
    }

    fn paths_from(&mut self, folder: &Path) {
        let here = |path: &mut PathBuf| *path = beside(folder, path);
        [&mut self.station.state, &mut self.witness.dir, &mut self.witness.reasons].into_iter().for_each(here);
        let maybe = [
            &mut self.links.signing_key,
            &mut self.keys.station,
            &mut self.keys.trust,
            &mut self.witness.entitled,
            &mut self.witness.wraps,
            &mut self.airspace.zones,
            &mut self.airspace.terrain,
            &mut self.stores.first,
            &mut self.stores.second,
            &mut self.stores.packages,
            &mut self.stores.opened,
            &mut self.log.drafts,
            &mut self.map.mbtiles,
        ];
        maybe.into_iter().flatten().for_each(here);
        self.stores.media.iter_mut().for_each(here);
    }

    fn check(&self) -> Result<()> {
        self.endpoints()?;
        self.root()?;
        self.aircraft()?;
        self.time_zone()?;
        self.home()?;
        if let Err(error) = self.station.reason.parse::<Reason>() {
            bail!("[station] reason: {error}");
        }
        if self.live.view == View::Rtsp && self.live.url.is_none() {
            bail!("[live] view = \"rtsp\" needs url = \"rtsp://…\"");
        }
        if self.live.video_port == self.live.klv_port {
            bail!("[live] video_port and klv_port are the same");
        }
        let positive = |value: Option<f64>| value.is_none_or(|value| value.is_finite() && value >= 0.0);
        if !positive(self.crew.endurance_min) || !positive(self.crew.recent_h) {
            bail!("[crew] endurance_min and recent_h are not negative");
        }
        if self.witness.entitled.is_some() != self.witness.wraps.is_some() {
            bail!("[witness] entitled and wraps belong together");
        }
        Ok(())
    }

    /// The links.
    ///
    /// # Errors
    /// Names the one that is none.
    pub(crate) fn endpoints(&self) -> Result<Vec<Endpoint>> {
        let read = |text: &String| text.parse().map_err(|error| anyhow::anyhow!("[links] mavlink \"{text}\": {error}"));
        self.links.mavlink.iter().map(read).collect()
    }

    /// The unit's root.
    ///
    /// # Errors
    /// When it is no fingerprint.
    pub(crate) fn root(&self) -> Result<Option<KeyId>> {
        let read = |text: &String| text.trim().parse().map_err(|error| anyhow::anyhow!("[keys] root: {error}"));
        self.keys.root.as_ref().map(read).transpose()
    }

    /// The aircraft's name.
    ///
    /// # Errors
    /// When it is no name of the trust list.
    pub(crate) fn aircraft(&self) -> Result<Option<Label>> {
        let read = |text: &String| text.parse().map_err(|error| anyhow::anyhow!("[links] aircraft: {error}"));
        self.links.aircraft.as_ref().map(read).transpose()
    }

    /// The zone of the clock that people read.
    ///
    /// # Errors
    /// When there is none of that name.
    pub(crate) fn time_zone(&self) -> Result<jiff::tz::TimeZone> {
        let name = &self.station.time_zone;
        jiff::tz::TimeZone::get(name)
            .with_context(|| format!("[station] time_zone \"{name}\": write one like Europe/London"))
    }

    /// Where the map looks first.
    ///
    /// # Errors
    /// When that is nowhere.
    pub(crate) fn home(&self) -> Result<Option<Position>> {
        let place = |[lat_deg, lon_deg]: [f64; 2]| {
            Position::new(lat_deg, lon_deg).context("[map] home: latitude and longitude in degrees, like [52.9, -1.6]")
        };
        self.map.home.map(place).transpose()
    }
}

/// A path as it is seen from a folder: without the steps upwards that a person would have to take in their head.
fn beside(folder: &Path, path: &Path) -> PathBuf {
    let mut whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut steps = path.components().peekable();
    // The folder has no links in it now, so that a step up is what it says; later ones may cross a link and stay.
    while steps.next_if_eq(&Component::ParentDir).is_some() {
        whole.pop();
    }
    whole.join(steps.collect::<PathBuf>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Settings> {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("station.toml");
        std::fs::write(&path, text).unwrap();
        Settings::load(&path)
    }

    #[test]
    fn the_example_is_read_and_paths_are_from_its_folder() {
        let example = load(EXAMPLE).unwrap();
        assert!(example.witness.dir.is_absolute() && example.witness.dir.ends_with("witness"));
        let uncommented: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line))
            .map(|line| format!("{line}\n"))
            .collect();
        let all = load(&uncommented).unwrap();
        assert!(all.keys.station.is_some_and(|path| path.is_absolute()));
        assert!(all.stores.second.is_some() && all.map.home.is_some(), "every key is in the example");
    }

    #[test]
    fn an_empty_file_is_a_station_that_listens() {
        let empty = load("").unwrap();
        assert_eq!(empty.endpoints().unwrap().len(), 1);
        assert_eq!(empty.live.view, View::Keys);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, words) in [
            ("\n[links]\nmavlnk = []\n", "line 3"),
            ("[links]\nmavlink = [\"udp:nowhere\"]\n", "udp:nowhere"),
            ("[keys]\nroot = \"abc\"\n", "[keys] root"),
            ("[station]\ntime_zone = \"Mars/Olympus\"\n", "Mars/Olympus"),
            ("[map]\nhome = [91.0, 0.0]\n", "station.toml:2: [map] home"),
            ("[station]\nreason = \"no\"\n", "[station] reason"),
            ("[live]\nview = \"rtsp\"\n", "url"),
            ("[live]\nvideo_port = 5601\n", "the same"),
            ("[witness]\nwraps = \"wraps\"\n", "belong together"),
        ] {
            let error = format!("{:#}", load(text).unwrap_err());
            assert!(error.contains(words) && error.contains("station.toml"), "{text}: {error}");
        }
    }
}
