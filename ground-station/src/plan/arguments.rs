//! The command line of `plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use flight_record::Reason;
use jiff::Timestamp;

use super::rules::Rules;
use crate::papers::Vouched;
use crate::signer::{Officer, Signature};
use crate::zones::Place;

/// What to do with plans.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a plan: the profile's pattern over what somebody drew.
    #[command(
        after_help = "Examples:\n  skyseal-ground plan make --profile missing-person --drawing last-seen.kml --home 51.5034,-1.9787 --home-amsl 142 --out search.plan\n  skyseal-ground plan make --profile collision-scene --drawing field.geojson --home \"SU 015 770\" --home-amsl 142 --terrain srtm --out scene.plan"
    )]
    Make(Make),
    /// Says whether a plan may be flown, and if not, whom to call.
    #[command(
        after_help = "Example:\n  skyseal-ground plan check search.plan --profile missing-person --zones zones --authorisation frz.json --pilot P1 --role observer --recent-hours 6 --aircraft SKY-1 --endurance-min 30 --gust 5 --visibility 8000\n  … --papers search.papers --checked 1 --checked 2 --checked others --as officer-10 --pin-file pin --store /srv/store\n  … --papers search.papers --rapid-launch \"child in the river\" --key station.key\nItems that need eyes are ticked by their number only. Exit code 1 when anything blocks; with --papers also when items are open."
    )]
    Check(Box<Check>),
    /// Answers for a finding that blocks: an officer other than the pilot, and than whoever signed the papers.
    #[command(
        after_help = "Example:\n  skyseal-ground plan override search.papers --finding 1 --reason \"life at risk, log 1234\" --as officer-20 --pin-file pin --store /srv/store --trust trust.json --root FPR\nIt is bound to that finding of exactly these papers: check again, and it is void. Nobody can override a battery that does not last (battery), a plan that flies nowhere (empty), or zones that nobody has loaded (no-zones). Exit code 1 while anything still holds the flight back."
    )]
    Override(Overrule),
    /// Writes a plan, or a drawing, in another format: by the endings of the names.
    #[command(
        after_help = "Examples:\n  skyseal-ground plan convert search.plan search.waypoints\n  skyseal-ground plan convert field.kml field.gpx\nPlans: .plan, .waypoints, .txt. Drawings: .kml, .gpx, .geojson; a plan becomes a drawing of its way, a drawing no plan: `plan make` does that."
    )]
    Convert(Convert),
    /// Shows a plan: what it flies, how far, how long.
    #[command(after_help = "Example:\n  skyseal-ground plan show search.plan --map search.svg")]
    Show(Show),
}

/// What to make.
#[derive(Args)]
pub(crate) struct Make {
    /// A profile that comes with the program (missing-person, …), or a file.
    #[arg(long)]
    pub(super) profile: String,
    /// KML, GPX or GeoJSON: an area, a line or a point, as the pattern needs.
    #[arg(long, value_name = "FILE")]
    pub(super) drawing: PathBuf,
    /// Which shape of the drawing, by name; the first that fits, where nothing is said.
    #[arg(long)]
    pub(super) shape: Option<String>,
    /// Where the aircraft takes off: latitude,longitude or an OS grid reference.
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    pub(super) home: Place,
    /// How high that is above mean sea level, metres; the terrain model's, where nothing is said.
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    pub(super) home_amsl: Option<f64>,
    /// Another pattern than the profile's.
    #[arg(long)]
    pub(super) pattern: Option<Kind>,
    /// Above the ground, metres; the profile's, where nothing is said.
    #[arg(long, value_name = "M")]
    pub(super) height: Option<f64>,
    /// The lines' direction, degrees from north.
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    pub(super) azimuth: Option<f64>,
    /// How far an expanding square reaches, or how wide a corridor is, metres.
    #[arg(long, value_name = "M", default_value_t = 200.0)]
    pub(super) reach: f64,
    /// The camera: horizontal and vertical field of view in degrees, pixels across.
    #[arg(long, value_name = "HFOV,VFOV,PX", default_value = "70,43,1920", value_parser = camera)]
    pub(super) camera: mission_profiles::pattern::Camera,
    /// A folder of SRTM tiles (.hgt): the plan follows the ground.
    #[arg(long, value_name = "DIR")]
    pub(super) terrain: Option<PathBuf>,
    /// In the air on a full battery, minutes.
    #[arg(long, value_name = "MIN", default_value_t = 25.0)]
    pub(super) endurance_min: f64,
    /// The plan: QGroundControl's .plan.
    #[arg(long, value_name = "FILE.plan")]
    pub(super) out: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// A pattern.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// Lines to and fro over an area.
    Survey,
    /// Lines along a line.
    Corridor,
    /// Round a point.
    Orbit,
    /// Round an area.
    Perimeter,
    /// Growing squares from a point.
    ExpandingSquare,
    /// Sectors through a point.
    Sector,
    /// The line as it is drawn.
    Free,
}

/// What to check.
#[derive(Args)]
pub(crate) struct Check {
    /// The plan.
    pub(super) plan: PathBuf,
    /// A profile that comes with the program (missing-person, …), or a file.
    #[arg(long)]
    pub(super) profile: String,
    #[command(flatten)]
    pub(super) rules: Rules,
    /// Where the aircraft takes off, where it is not where the plan was drawn to start.
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    pub(super) home: Option<Place>,
    /// The pilot: the name of their account, by which the trust list knows them.
    #[arg(long, default_value = "")]
    pub(super) pilot: String,
    /// A role that somebody fills beside the pilot. May be given more than once.
    #[arg(long)]
    pub(super) role: Vec<String>,
    /// The pilot's hours in the last three months; without it those of the flight log in --register.
    #[arg(long, value_name = "H")]
    pub(super) recent_hours: Option<f64>,
    /// The aircraft's serial number.
    #[arg(long, default_value = "")]
    pub(super) aircraft: String,
    /// In the air on a full battery, minutes.
    #[arg(long, value_name = "MIN")]
    pub(super) endurance_min: Option<f64>,
    /// Of the battery that is left now, per cent.
    #[arg(long, value_name = "PERCENT")]
    pub(super) battery: Option<f64>,
    /// Gusts at flying height, metres a second.
    #[arg(long, value_name = "M/S", requires = "visibility")]
    pub(super) gust: Option<f64>,
    /// Visibility on the ground, metres.
    #[arg(long, value_name = "M", requires = "gust")]
    pub(super) visibility: Option<f64>,
    /// Take-off not before this (RFC 3339); now, where nothing is said.
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<Timestamp>,
    /// Take-off not after this; an hour later, where nothing is said.
    #[arg(long, value_name = "TIME")]
    pub(super) to: Option<Timestamp>,
    /// Writes the papers of the check, signed: what `fly --papers` sends into the flight's record.
    #[arg(long, value_name = "FILE")]
    pub(super) papers: Option<PathBuf>,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// An item of the checklist that somebody looked at, by its number; `others`: all that need no eyes. May be given more than once.
    #[arg(long, value_name = "ITEM", requires = "papers")]
    pub(super) checked: Vec<String>,
    /// Flies all the same what was not looked at, and records why.
    #[arg(long, value_name = "REASON", requires = "papers")]
    pub(super) rapid_launch: Option<Reason>,
    /// Prints the report as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What to override.
#[derive(Args)]
pub(crate) struct Overrule {
    /// The papers, as `plan check --papers` wrote them.
    pub(super) papers: PathBuf,
    /// The finding's number in them, from 1.
    #[arg(long, value_name = "NUMBER")]
    pub(super) finding: u32,
    /// Why it is to hold nobody back: 4 to 200 plain characters.
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Reason,
    #[command(flatten)]
    pub(super) officer: Officer,
    #[command(flatten)]
    pub(super) vouched: Vouched,
    /// Prints the papers as they stand now, as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// From what, to what.
#[derive(Args)]
pub(crate) struct Convert {
    /// The file that is there.
    pub(super) from: PathBuf,
    /// The file to be made; one that is there is not overwritten.
    pub(super) to: PathBuf,
}

/// What to show.
#[derive(Args)]
pub(crate) struct Show {
    /// The plan.
    pub(super) plan: PathBuf,
    /// Draws it into this file (SVG).
    #[arg(long, value_name = "FILE.svg")]
    pub(super) map: Option<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

fn camera(text: &str) -> Result<mission_profiles::pattern::Camera, String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    let wrong = || "three numbers: fields of view in degrees and pixels across (70,43,1920)".to_owned();
    let [hfov_deg, vfov_deg, width] = numbers.ok_or_else(wrong)?[..] else { return Err(wrong()) };
    let plausible =
        (1.0..170.0).contains(&hfov_deg) && (1.0..170.0).contains(&vfov_deg) && (1.0..100_000.0).contains(&width);
    // Checked on the line above.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let width_px = width as u32;
    if plausible { Ok(mission_profiles::pattern::Camera { hfov_deg, vfov_deg, width_px }) } else { Err(wrong()) }
}
