//! How one kind of task is flown: purpose and lawful basis, privacy, limits, crew, checklist, recording, pattern.
//!
//! A profile is a TOML file. Unknown keys are refused with line and suggestion: a limit that nobody reads is no limit.

mod read;

use jiff::civil::Date;
use serde::Deserialize;

pub use read::{Flaw, bundled};

use crate::zones::Digest;

/// A profile, and the SHA-256 of the file it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What the file says.
    pub content: Content,
    /// The file's SHA-256: what a flight's record names.
    pub digest: Digest,
}

/// What the file of a profile says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Short name, as commands take it: lower-case letters, digits and hyphens.
    pub id: String,
    /// What people read.
    pub name: String,
    /// From 1; a changed profile has another.
    pub version: u32,
    /// What the flight is for, and by what right.
    pub purpose: Purpose,
    /// What it means for people below.
    pub privacy: Privacy,
    /// What it keeps to.
    pub limits: Limits,
    /// Who must be there.
    pub crew: Crew,
    /// What is looked at before.
    pub checklist: Vec<Check>,
    /// How it is recorded.
    pub recording: Recording,
    /// What is usually flown.
    pub pattern: Pattern,
}

/// What a flight is for, and by what right.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// One of the force's purposes.
    pub task: String,
    /// The lawful basis for processing what is seen (Data Protection Act 2018 part 3, or UK GDPR art. 6 where no offence is in question).
    pub lawful_basis: String,
    /// Whether people may know of it.
    pub authority: Authority,
}

/// Whether people may know of a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// They may.
    Overt,
    /// An immediate response to events, that no authorisation could be had for in time (RIPA 2000 s. 26(2)(c)).
    ImmediateResponse,
    /// Covert, by authorisation: its reference and expiry must be given for each flight.
    AuthorisedCovert,
}

/// What a flight means for people below.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// The data protection impact assessment that covers it.
    pub dpia: String,
    /// When that is to be looked at again.
    pub dpia_review: Date,
    /// Who else may be seen, and what is done about it.
    pub collateral_intrusion: String,
    /// How people are told.
    pub notice: Notice,
    /// Why nobody is told, where nobody is.
    #[serde(default)]
    pub no_notice_reason: String,
    /// How long footage is kept.
    pub retention: String,
    /// Whether the live view leaves the aircraft as a rule, or only where it must.
    pub live_view: LiveView,
    /// Who may see it.
    pub viewers: Vec<String>,
}

/// How people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// Signs, and marked crew.
    Signs,
    /// By loudspeaker.
    Loudspeaker,
    /// On the force's pages.
    SocialMedia,
    /// They are not; `no_notice_reason` says why.
    None,
}

/// Whether the live view leaves the aircraft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LiveView {
    /// As a rule.
    Routine,
    /// Only where it must.
    Exceptional,
}

/// What a flight keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Above the ground, metres; 120 without a permission for more (UK Regulation (EU) 2019/947, UAS.OPEN.010).
    pub height_agl_m: f64,
    /// From the pilot, metres.
    pub range_m: f64,
    /// Within sight, or beyond it.
    pub sight: Sight,
    /// Wind, and gusts, at the height flown, metres a second.
    pub wind_ms: f64,
    /// Visibility on the ground, metres.
    pub visibility_m: f64,
    /// Of the battery that is left at landing, per cent.
    pub battery_reserve_percent: f64,
    /// From people who have no part in it, metres.
    pub people_m: f64,
    /// Where nothing else is said, metres a second.
    pub speed_ms: f64,
    /// The height of the return, above the take-off, metres.
    pub return_height_m: f64,
    /// How far the aircraft may be beside its route, metres,
    pub beside_m: f64,
    /// and above or below it.
    pub above_m: f64,
}

/// Within sight, or beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sight {
    /// Within visual line of sight of the pilot.
    Vlos,
    /// Beyond it.
    Bvlos,
}

/// Who must be there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crew {
    /// `pilot`, `observer`, …
    pub roles: Vec<String>,
    /// The pilot's hours in the last three months.
    pub currency_h: f64,
}

/// Something that is looked at before a flight.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The question.
    pub ask: String,
    /// Whether only eyes can answer it; such a one is never ticked by the program.
    #[serde(default)]
    pub eyes: bool,
}

/// How a flight is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// Between two pictures that stand alone, milliseconds.
    pub gop_ms: u32,
    /// Kilobits a second.
    pub bitrate_kbps: u32,
    /// Seconds of a segment.
    pub segment_s: u32,
}

impl Recording {
    /// What a flight of so many seconds takes on the medium: the pictures, and 15 % for telemetry, seals, the log, and room that is not to be
    /// used.
    #[must_use]
    pub fn bytes(&self, duration_s: f64) -> f64 {
        f64::from(self.bitrate_kbps) * 125.0 * duration_s * 1.15
    }
}

/// What is usually flown.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Pattern {
    /// Waypoints drawn by hand.
    Free {
        /// Above the ground, metres.
        height_m: f64,
    },
    /// Lines to and fro over an area.
    Survey {
        /// Above the ground, metres.
        height_m: f64,
        /// Of neighbouring pictures, per cent.
        overlap_percent: f64,
        /// Of neighbouring lines, per cent.
        sidelap_percent: f64,
    },
    /// Lines along the area's longer side, for people to look from (IAMSAR vol. II 5.3).
    ParallelTrack {
        /// Above the ground, metres.
        height_m: f64,
        /// Between lines, metres.
        spacing_m: f64,
    },
    /// Lines across the area, creeping along its longer side (IAMSAR vol. II 5.3).
    CreepingLine {
        /// Above the ground, metres.
        height_m: f64,
        /// Between lines, metres.
        spacing_m: f64,
    },
    /// Lines along a line: a road, a river, a railway.
    Corridor {
        /// Above the ground, metres.
        height_m: f64,
        /// From side to side, metres.
        width_m: f64,
        /// Of neighbouring lines, per cent.
        sidelap_percent: f64,
    },
    /// Up and down before a wall.
    Facade {
        /// The highest level, metres above the ground.
        height_m: f64,
        /// The lowest.
        low_m: f64,
        /// Between levels, metres.
        spacing_m: f64,
        /// Before the wall, metres.
        standoff_m: f64,
    },
    /// Round a place.
    Orbit {
        /// Above the ground, metres.
        height_m: f64,
        /// Metres.
        radius_m: f64,
    },
    /// Round an area, at a distance.
    Perimeter {
        /// Above the ground, metres.
        height_m: f64,
        /// Outside the area's edge, metres.
        standoff_m: f64,
    },
    /// From a last known position outwards, in growing squares (IAMSAR vol. II 5.3).
    ExpandingSquare {
        /// Above the ground, metres.
        height_m: f64,
        /// Between lines, metres.
        spacing_m: f64,
    },
    /// Sectors through a datum (IAMSAR vol. II 5.3).
    Sector {
        /// Above the ground, metres.
        height_m: f64,
        /// Metres.
        radius_m: f64,
    },
}

impl Pattern {
    /// Above the ground, metres.
    #[must_use]
    pub fn height_m(self) -> f64 {
        match self {
            Self::Free { height_m }
            | Self::Survey { height_m, .. }
            | Self::ParallelTrack { height_m, .. }
            | Self::CreepingLine { height_m, .. }
            | Self::Corridor { height_m, .. }
            | Self::Facade { height_m, .. }
            | Self::Orbit { height_m, .. }
            | Self::Perimeter { height_m, .. }
            | Self::ExpandingSquare { height_m, .. }
            | Self::Sector { height_m, .. } => height_m,
        }
    }
}
