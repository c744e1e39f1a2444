//! `onboard.toml`: what the agent is told, checked with file, line and cure before anything starts.

mod camera;
mod check;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

pub use camera::{Camera, ClockTrust, Output, Source, Transport};
pub use check::{ConfigError, load};

/// The whole configuration of one aircraft's agent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who flies: names written into the telemetry of each frame.
    pub aircraft: Aircraft,
    /// Where evidence is written and how much room stays free.
    pub storage: Storage,
    /// Keys, trust and recipients.
    pub keys: Keys,
    /// When the camera is recorded.
    #[serde(default)]
    pub record: Record,
    /// Links to the vehicle and the stations.
    pub mavlink: Mavlink,
    /// One table a camera; at most four.
    #[serde(rename = "camera")]
    pub cameras: Vec<Camera>,
    /// Live view to the ground; absent = none.
    pub live: Option<Live>,
    /// Handing flights over on the network; absent = by card only.
    pub dock: Option<Dock>,
}

/// `[aircraft]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aircraft {
    /// Platform designation, ST 0601 tag 10, at most 127 bytes.
    pub name: Spanned<String>,
    /// Mission id, ST 0601 tag 3, at most 127 bytes.
    #[serde(default = "Aircraft::default_mission")]
    pub mission: String,
    /// Ground elevation below the aircraft (metres AMSL) when the vehicle reports neither terrain nor home.
    pub ground_elevation_m: Option<f64>,
}

impl Aircraft {
    fn default_mission() -> String {
        "UNASSIGNED".to_owned()
    }
}

/// `[storage]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// Folder that holds `flights/` and `device-log/`.
    pub dir: PathBuf,
    /// Free space in MiB below which recording stops cleanly; nothing is ever deleted to make room.
    #[serde(default = "Storage::default_reserve_mib")]
    pub reserve_mib: u64,
}

impl Storage {
    fn default_reserve_mib() -> u64 {
        512
    }

    /// The reserve in bytes.
    #[must_use]
    pub fn reserve_bytes(&self) -> u64 {
        self.reserve_mib.saturating_mul(1 << 20)
    }
}

/// `[keys]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The device's Ed25519 key, readable by its owner only; `skyseal-onboard enrol` makes it.
    pub device: PathBuf,
    /// `trust.json` in which the unit's root certifies this device.
    pub trust: PathBuf,
    /// The fingerprint of that root, compared by eye at enrolment.
    pub root: String,
    /// One-time age recipients, one `age1…` a line, loaded when the aircraft is booked out.
    pub recipients: PathBuf,
    /// A tmpfs folder for the evolving record key: never flash.
    #[serde(default = "Keys::default_run_dir")]
    pub run_dir: PathBuf,
}

impl Keys {
    fn default_run_dir() -> PathBuf {
        "/run/skyseal".into()
    }
}

/// `[record]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Record {
    /// What starts recording besides a command.
    pub policy: Policy,
    /// Shortest length of a segment in seconds; cut at the next key frame.
    pub segment_s: u32,
    /// Seconds between disarm and the flight's close, when not recording.
    pub close_after_disarm_s: u32,
    /// Whether a flight found open after a restart goes on or is closed.
    pub after_restart: AfterRestart,
    /// Who must have signed for a start or stop that a station asks for.
    pub authorise: Authorise,
    /// What happens to the recording when no station is heard any more.
    pub on_link_loss: OnLinkLoss,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            policy: Policy::Commanded,
            segment_s: 2,
            close_after_disarm_s: 30,
            after_restart: AfterRestart::Continue,
            authorise: Authorise::None,
            on_link_loss: OnLinkLoss::Continue,
        }
    }
}

/// What starts and stops recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Only the MAVLink camera commands.
    Commanded,
    /// From arm to disarm, and the camera commands.
    Armed,
}

/// What happens to a flight that a crash left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterRestart {
    /// The same flight goes on, and recording with it if it was on.
    Continue,
    /// The flight is closed at once; the next arm or record-start opens a new one.
    Close,
}

/// Who must have signed for a start, stop or still that a station asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authorise {
    /// Nobody: MAVLink's camera commands are obeyed, and the record names nobody.
    None,
    /// An officer: by an order of their own, or a session in which any station's buttons work in their name.
    Officer,
}

/// What happens to the recording when no station is heard any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum OnLinkLoss {
    /// It goes on.
    #[serde(rename = "continue")]
    Continue,
    /// It stops after so many seconds.
    #[serde(rename = "stop_after_s")]
    StopAfterS(u32),
}

/// `[mavlink]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mavlink {
    /// `udpin:HOST:PORT`, `udpout:…`, `tcpin:…`, `tcpout:…`, `serial:PATH:BAUD`.
    pub endpoints: Vec<Spanned<String>>,
    /// The key of MAVLink 2 signing, from `skyseal-ground trust mavlink-key`; absent = nothing is signed.
    pub signing_key: Option<Spanned<PathBuf>>,
    /// Those of the endpoints on which nothing is signed; absent = the serial ones, as wires to the autopilot.
    pub unsigned: Option<Vec<Spanned<String>>>,
    /// System id of the vehicle; absent = the first autopilot heard.
    pub system_id: Option<u8>,
    /// Component id of the first camera, 100–105; further cameras take the next ones.
    #[serde(default = "Mavlink::default_component_id")]
    pub component_id: Spanned<u8>,
}

impl Mavlink {
    /// Whether frames on the link of `endpoint` are signed, where there is a key.
    #[must_use]
    pub fn signs(&self, endpoint: &str) -> bool {
        match &self.unsigned {
            Some(unsigned) => unsigned.iter().all(|text| text.get_ref() != endpoint),
            None => !endpoint.starts_with("serial:"),
        }
    }

    fn default_component_id() -> Spanned<u8> {
        Spanned::new(0..0, 100)
    }
}

/// `[live]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    /// Where RTP H.264/H.265 goes.
    pub video: SocketAddr,
    /// Where RTP KLV (RFC 6597) goes.
    pub klv: SocketAddr,
    /// Who can see it.
    #[serde(default)]
    pub protection: Protection,
}

/// Who can see the live view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// SRTP: a station of the unit that agreed keys for this flight; until one has, nothing is sent.
    #[default]
    Srtp,
    /// Plain RTP: everybody whom the network brings it to.
    None,
}

/// `[dock]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dock {
    /// Where ground stations may fetch flights, `HOST:PORT`; only those the unit lists are let in.
    pub listen: Spanned<String>,
}

impl Dock {
    /// The address to listen on; checked when the configuration is read.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.get_ref().parse().ok()
    }
}

impl Config {
    /// The folder of all flights.
    #[must_use]
    pub fn flights_dir(&self) -> PathBuf {
        self.storage.dir.join("flights")
    }

    /// The folder of the device log.
    #[must_use]
    pub fn device_log_dir(&self) -> PathBuf {
        self.storage.dir.join("device-log")
    }

    /// Where timestamps of MAVLink signing outlive a restart.
    #[must_use]
    pub fn signing_timestamps(&self) -> PathBuf {
        self.storage.dir.join("mavlink-signing")
    }

    /// Makes relative paths relative to the folder of the configuration file.
    fn rebase(&mut self, base: &Path) {
        for path in [
            &mut self.storage.dir,
            &mut self.keys.device,
            &mut self.keys.trust,
            &mut self.keys.recipients,
            &mut self.keys.run_dir,
        ] {
            *path = base.join(&*path);
        }
        if let Some(key) = &mut self.mavlink.signing_key {
            *key.get_mut() = base.join(key.get_ref());
        }
        for camera in &mut self.cameras {
            camera.rebase(base);
        }
    }
}
