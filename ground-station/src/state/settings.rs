//! What is set at this station, as the window shows it; and what the window remembers by itself, which is a file of its own.

use serde::{Deserialize, Serialize};

use crate::command::Workspace;
use crate::ui::tokens::Theme;
use crate::window::settings::{Settings, View};

/// How the window was left. The file of settings is only ever written by people: this is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// The theme, where somebody chose another than the settings have.
    pub(crate) theme: Option<Theme>,
    /// Whether alarms are heard, where somebody chose.
    pub(crate) sounds: Option<bool>,
    /// The workspace that was open.
    pub(crate) workspace: Workspace,
    /// Map and picture had changed places.
    pub(crate) map_large: bool,
    /// The map stayed where it was put.
    pub(crate) map_stays: bool,
}

impl Remembered {
    /// What a file says; keys of other versions are passed over.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// As [`Remembered::read`] reads it back.
    pub(crate) fn write(&self) -> String {
        // Words, numbers and switches: nothing that TOML has no word for.
        let body = toml::to_string(self).unwrap_or_default();
        format!("# Written by the window: how it was left. What people set stands in their own file.\n{body}")
    }

    /// The theme in force.
    pub(crate) fn theme(&self, settings: &Settings) -> Theme {
        self.theme.unwrap_or(settings.station.theme)
    }

    /// Whether alarms are heard.
    pub(crate) fn sounds(&self, settings: &Settings) -> bool {
        self.sounds.unwrap_or(settings.station.sounds)
    }
}

/// A part of the settings: a table of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// In words.
    pub(crate) heading: &'static str,
    /// In the file: `[links]`.
    pub(crate) table: &'static str,
    /// What is set.
    pub(crate) rows: Vec<Row>,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// In the file: `mavlink`.
    pub(crate) key: &'static str,
    /// What is set, or what it means that nothing is.
    pub(crate) value: String,
    /// Whether it is set.
    pub(crate) is_set: bool,
}

fn row(key: &'static str, value: Option<impl ToString>, without: &str) -> Row {
    let is_set = value.is_some();
    Row { key, value: value.map_or_else(|| without.to_owned(), |value| value.to_string()), is_set }
}

fn path(key: &'static str, value: Option<&std::path::PathBuf>, without: &str) -> Row {
    row(key, value.map(|path| path.display()), without)
}

fn all(key: &'static str, list: &[String], without: &str) -> Row {
    row(key, Some(list.join("\n")).filter(|text| !text.is_empty()), without)
}

/// Everything that is set, in the order of the file.
pub(crate) fn sections(settings: &Settings) -> Vec<Section> {
    let Settings { station, links, keys, witness, live, airspace, stores, crew, log, map, program: _ } = settings;
    let media: Vec<String> = stores.media.iter().map(|path| path.display().to_string()).collect();
    let view = match live.view {
        View::Keys => "keys: SRTP, agreed with the aircraft",
        View::Plain => "plain: RTP that anybody on the network can see",
        View::Rtsp => "rtsp: a camera’s own server",
        View::None => "none",
    };
    let home = map.home.map(|[lat_deg, lon_deg]| format!("{lat_deg:.5}, {lon_deg:.5}"));
    let section = |heading, table, rows| Section { heading, table, rows };
    vec![
        section(
            "Station",
            "[station]",
            vec![
                row("place", Some(&station.place), ""),
                row("time_zone", Some(&station.time_zone), ""),
                path("state", Some(&station.state), ""),
            ],
        ),
        section(
            "Links",
            "[links]",
            vec![
                all("mavlink", &links.mavlink, "No link: no aircraft is heard"),
                path("signing_key", links.signing_key.as_ref(), "Not signed: anybody on the link is listened to"),
                row("aircraft", links.aircraft.as_ref(), "The first that is heard"),
            ],
        ),
        section(
            "Keys",
            "[keys]",
            vec![
                path("station", keys.station.as_ref(), "No key: nothing can be signed by this station"),
                path("trust", keys.trust.as_ref(), "No trust list: no aircraft is known"),
                row("root", keys.root.as_ref(), "No root: the trust list cannot be checked"),
            ],
        ),
        section(
            "Witness",
            "[witness]",
            vec![
                row("start", Some(if witness.start { "where none runs" } else { "never by the window" }), ""),
                path("dir", Some(&witness.dir), ""),
                path("entitled", witness.entitled.as_ref(), "No recipients are offered to aircraft"),
                path("wraps", witness.wraps.as_ref(), "No recipients are offered to aircraft"),
                path("reasons", Some(&witness.reasons), ""),
            ],
        ),
        section(
            "Live picture",
            "[live]",
            vec![
                row("view", Some(view), ""),
                row("video_port", Some(live.video_port), ""),
                row("klv_port", Some(live.klv_port), ""),
                row("url", live.url.as_ref(), "Not needed, but for rtsp"),
            ],
        ),
        section(
            "Airspace",
            "[airspace]",
            vec![
                path("zones", airspace.zones.as_ref(), "The illustrative set that comes with the program"),
                path("terrain", airspace.terrain.as_ref(), "No terrain: heights above ground are not known ahead"),
            ],
        ),
        section(
            "Stores",
            "[stores]",
            vec![
                path("first", stores.first.as_ref(), "No store: no sign-in, no authorisations, no handover"),
                path("second", stores.second.as_ref(), "No second copy: nothing is erased aboard"),
                path("packages", stores.packages.as_ref(), "Nothing is packed for others"),
                row("dock", stores.dock.as_ref(), "Asked for at each handover"),
                row("device", stores.device.as_ref(), "Any aircraft of the trust list"),
                all("media", &media, "Cards are not looked for"),
                path("opened", stores.opened.as_ref(), "No opened footage to look at"),
            ],
        ),
        section(
            "Crew",
            "[crew]",
            vec![
                all("roles", &crew.roles, "Nobody beside the pilot"),
                row("endurance_min", crew.endurance_min, "Not known: a plan cannot say with what it lands"),
                row("recent_h", crew.recent_h, "As the flight log says"),
            ],
        ),
        section("Flight log", "[log]", vec![path("drafts", log.drafts.as_ref(), "No drafts are made at landing")]),
        section(
            "Map",
            "[map]",
            vec![
                row("home", home, "Where the aircraft is first heard"),
                path("mbtiles", map.mbtiles.as_ref(), "No tiles: coast, zones and what is drawn"),
            ],
        ),
    ]
}

/// The line, from 1, of the key that a complaint begins with: `[links] mavlink …`; the table's, where the key is not in the file.
pub(crate) fn line_of(text: &str, complaint: &str) -> Option<usize> {
    let (table, rest) = complaint.strip_prefix('[')?.split_once(']')?;
    let key: String = rest.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let heading = format!("[{table}]");
    let mut lines = text.lines().map(str::trim).enumerate();
    let (at, _) = lines.find(|(_, line)| line.starts_with(&heading))?;
    let is_key = |line: &str| line.strip_prefix(key.as_str()).is_some_and(|rest| rest.trim_start().starts_with('='));
    let inside = lines.take_while(|(_, line)| !line.starts_with('['));
    let found = inside.filter(|(_, line)| is_key(line)).map(|(nth, _)| nth).next();
    Some(found.unwrap_or(at) + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::*;

    #[test]
    fn what_was_chosen_outlives_the_window_and_yields_to_nothing_else() {
        let mut settings = Settings::default();
        settings.station.theme = Theme::Day;
        let mut left = Remembered::default();
        assert_eq!((left.theme(&settings), left.sounds(&settings)), (Theme::Day, true));
        left = Remembered { theme: Some(Theme::Red), sounds: Some(false), workspace: Workspace::Airspace, ..left };
        let back = Remembered::read(&left.write()).unwrap();
        assert_eq!(back, left);
        assert_eq!((back.theme(&settings), back.sounds(&settings)), (Theme::Red, false));
        assert_eq!(Remembered::read("").unwrap(), Remembered::default());
        assert_eq!(Remembered::read("later = 3\nsounds = false\n").unwrap().sounds, Some(false));
        assert!(Remembered::read("theme = \"pink\"\n").unwrap_err().contains("pink"));
    }

    #[test]
    fn what_is_not_set_says_what_that_means() {
        let mut settings = Settings::default();
        let empty = sections(&settings);
        let find = |all: &[Section], key: &str| {
            all.iter().flat_map(|section| section.rows.clone()).find(|row| row.key == key).unwrap()
        };
        assert!(!find(&empty, "first").is_set && find(&empty, "first").value.contains("no sign-in"));
        settings.stores.first = Some("store".into());
        settings.links.mavlink = vec!["udpin:0.0.0.0:14550".into(), "serial:/dev/ttyUSB0:57600".into()];
        let set = sections(&settings);
        assert_eq!(find(&set, "first"), Row { key: "first", value: "store".into(), is_set: true });
        assert_eq!(find(&set, "mavlink").value.lines().count(), 2);
        for section in &set {
            assert!(section.rows.iter().all(|row| !row.value.is_empty()), "{section:?}");
        }
    }

    #[test]
    fn a_complaint_finds_its_line() {
        let text = "# mavlink = 1\n[links]\nsigning_key = \"k\"\nmavlink = [\n  \"udp:x\"]\n\n[map]\n";
        assert_eq!(line_of(text, "[links] mavlink \"udp:x\": no endpoint"), Some(4));
        assert_eq!(line_of(text, "[map] home: nowhere"), Some(7));
        assert_eq!(line_of(text, "[keys] root: bad"), None);
        assert_eq!(line_of(text, "nothing of the kind"), None);
    }
}
