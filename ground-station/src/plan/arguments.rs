//! The command line of `plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use flight_record::Reason;
use jiff::Timestamp;

use super::rules::Rules;
use crate::papers::Vouched;
use crate::signer::{Officer, Signature};
use crate::zones::Place;

const MAKE_HELP: &str = "\
Each pattern, by example; without --pattern it is the profile's:
  survey            lines to and fro over an area, pictures overlapping
    skyseal-ground plan make --profile collision-scene --drawing field.geojson --home \"SU 015 770\" --home-amsl 142 --gsd 1 --out scene.plan
  parallel-track    a search along an area's longer side
    skyseal-ground plan make --profile missing-person --pattern parallel-track --spacing 40 --drawing moor.kml --home 51.5034,-1.9787 --home-amsl 142 --split --out moor.plan
  creeping-line     a search in short legs across an area
    skyseal-ground plan make --profile missing-person --pattern creeping-line --spacing 40 --drawing moor.kmz --home 51.5034,-1.9787 --home-amsl 142 --out creep.plan
  expanding-square  a search from a point outwards
    skyseal-ground plan make --profile missing-person --drawing last-seen.gpx --reach 300 --home 51.5034,-1.9787 --terrain srtm --out square.plan
  sector            a search through a point, in sectors
    skyseal-ground plan make --profile missing-person --pattern sector --reach 150 --drawing last-seen.kml --home 51.5034,-1.9787 --home-amsl 142 --out sector.plan
  corridor          lines along a road or a river
    skyseal-ground plan make --profile training --pattern corridor --width 60 --drawing road.gpx --home 51.5034,-1.9787 --home-amsl 142 --out road.plan
  orbit             round a point, looking at it
    skyseal-ground plan make --profile building-inspection --radius 30 --drawing hall.kml --home 51.5034,-1.9787 --home-amsl 142 --out orbit.plan
  perimeter         round an area, looking inwards
    skyseal-ground plan make --profile containment --radius 60 --drawing estate.kml --home 51.5034,-1.9787 --home-amsl 142 --out round.plan
  facade            up before a wall: a line from its left to its right end, as seen from before it
    skyseal-ground plan make --profile building-inspection --pattern facade --radius 8 --low 3 --height 18 --drawing wall.geojson --home 51.5034,-1.9787 --home-amsl 142 --out wall.plan
  free              the line, or the points, as they are drawn
    skyseal-ground plan make --profile public-order --drawing route.kmz --home 51.5034,-1.9787 --home-amsl 142 --out route.plan";

const CHECK_HELP: &str = "\
Example:
  skyseal-ground plan check search.plan --profile missing-person --zones zones --authorisation frz.json --pilot P1 --role observer --recent-hours 6 --aircraft SKY-1 --endurance-min 30 --battery 96 --free-gb 48 --gust 5 --visibility 8000
  … --papers search.papers --checked 1 --checked 2 --checked others --as officer-10 --pin-file pin --store /srv/store
  … --papers search.papers --rapid-launch \"child in the river\" --key station.key
Items that need eyes are ticked by their number only.
The battery: the flight, its way home included, must take no longer than --endurance-min, times what --battery leaves over the profile's reserve; without --endurance-min nobody can say, and that is a warning.
The recording: the profile's bitrate over the flight, and 15 % for telemetry and seals, must fit into --free-gb; `skyseal-ground vehicle camera` shows what a camera reports as free.
Exit code 1 when anything blocks; with --papers also when items are open.";

/// What to do with plans.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a plan: the profile's pattern over what somebody drew.
    #[command(after_help = MAKE_HELP)]
    Make(Make),
    /// Says whether a plan may be flown, and if not, whom to call.
    #[command(after_help = CHECK_HELP)]
    Check(Box<Check>),
    /// Answers for a finding that blocks: an officer other than the pilot, and than whoever signed the papers.
    #[command(
        after_help = "Example:\n  skyseal-ground plan override search.papers --finding 1 --reason \"life at risk, log 1234\" --as officer-20 --pin-file pin --store /srv/store --trust trust.json --root FPR\nIt is bound to that finding of exactly these papers: check again, and it is void. Nobody can override a battery that does not last (battery), a plan that flies nowhere (empty), or zones that nobody has loaded (no-zones). Exit code 1 while anything still holds the flight back."
    )]
    Override(Overrule),
    /// Writes a plan, or a drawing, in another format: by the endings of the names.
    #[command(
        after_help = "Examples:\n  skyseal-ground plan convert search.plan search.waypoints\n  skyseal-ground plan convert field.kml field.gpx\nPlans: .plan, .waypoints, .txt. Drawings: .kml, .kmz, .gpx, .geojson; a plan becomes a drawing of its way, a drawing no plan: `plan make` does that."
    )]
    Convert(Convert),
    /// Puts a take-off, a geofence or rally points into a plan; all else in it stays as it is written, patterns of other stations too.
    #[command(
        after_help = "Example:\n  skyseal-ground plan change survey.plan --home 51.5034,-1.9787 --home-amsl 142 --fence field.kml --keep-out school.geojson --rally car-park.gpx --out fenced.plan"
    )]
    Change(Change),
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
    /// KML, KMZ, GPX or GeoJSON: an area, a line or a point, as the pattern needs.
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
    #[arg(long, value_name = "M", conflicts_with = "gsd")]
    pub(super) height: Option<f64>,
    /// As high as one pixel is so many centimetres of ground.
    #[arg(long, value_name = "CM")]
    pub(super) gsd: Option<f64>,
    /// The lines' direction, degrees from north.
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    pub(super) azimuth: Option<f64>,
    /// Of neighbouring pictures along a line, per cent.
    #[arg(long, value_name = "PERCENT")]
    pub(super) overlap: Option<f64>,
    /// Of neighbouring lines, per cent.
    #[arg(long, value_name = "PERCENT", conflicts_with = "spacing")]
    pub(super) sidelap: Option<f64>,
    /// Between lines, or a wall's levels, metres, instead of overlaps.
    #[arg(long, value_name = "M")]
    pub(super) spacing: Option<f64>,
    /// An orbit's radius, or how far outside a perimeter or before a wall, metres.
    #[arg(long, value_name = "M")]
    pub(super) radius: Option<f64>,
    /// How far an expanding square or the legs of sectors reach, metres; 200, where neither this nor the profile says it.
    #[arg(long, value_name = "M")]
    pub(super) reach: Option<f64>,
    /// A corridor's width, metres; 200, where neither this nor the profile says it.
    #[arg(long, value_name = "M")]
    pub(super) width: Option<f64>,
    /// A wall's lowest level, metres above the ground.
    #[arg(long, value_name = "M")]
    pub(super) low: Option<f64>,
    /// The camera: horizontal and vertical field of view in degrees, pixels across.
    #[arg(long, value_name = "HFOV,VFOV,PX", default_value = "70,43,1920", value_parser = camera)]
    pub(super) camera: mission_profiles::pattern::Camera,
    /// A folder of SRTM tiles (.hgt) and GeoTIFF (.tif): the plan follows the ground.
    #[arg(long, value_name = "DIR")]
    pub(super) terrain: Option<PathBuf>,
    /// In the air on a full battery, minutes.
    #[arg(long, value_name = "MIN", default_value_t = 25.0)]
    pub(super) endurance_min: f64,
    /// A plan a battery: FILE-1.plan, FILE-2.plan, …
    #[arg(long)]
    pub(super) split: bool,
    /// The plan: QGroundControl's .plan.
    #[arg(long, value_name = "FILE.plan")]
    pub(super) out: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// A pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Lines to and fro over an area.
    Survey,
    /// A search along an area's longer side.
    ParallelTrack,
    /// A search in short legs across an area.
    CreepingLine,
    /// Lines along a line.
    Corridor,
    /// Up before a wall.
    Facade,
    /// Round a point.
    Orbit,
    /// Round an area.
    Perimeter,
    /// Growing squares from a point.
    ExpandingSquare,
    /// Sectors through a point.
    Sector,
    /// The line, or the points, as they are drawn.
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
    /// In the air on a full battery, minutes: as the unit has measured it, with this aircraft and its load.
    #[arg(long, value_name = "MIN", value_parser = number::<1, 1_440>)]
    pub(super) endurance_min: Option<f64>,
    /// Of the battery that is left now, per cent; full, where nothing is said.
    #[arg(long, value_name = "PERCENT", value_parser = number::<0, 100>)]
    pub(super) battery: Option<f64>,
    /// Free on the medium that is recorded on, GB (10⁹ bytes).
    #[arg(long, value_name = "GB", value_parser = number::<0, 1_000_000>)]
    pub(super) free_gb: Option<f64>,
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

/// What to put into a plan.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("put").required(true).multiple(true).args(["home", "fence", "keep_out", "rally"]))]
pub(crate) struct Change {
    /// The plan: .plan.
    pub(super) plan: PathBuf,
    /// Where the aircraft takes off.
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true, requires = "home_amsl")]
    pub(super) home: Option<Place>,
    /// How high that is above mean sea level, metres.
    #[arg(long, value_name = "M", allow_hyphen_values = true, requires = "home")]
    pub(super) home_amsl: Option<f64>,
    /// A drawing whose areas the aircraft stays inside of; the plan's geofence is replaced.
    #[arg(long, value_name = "FILE")]
    pub(super) fence: Option<PathBuf>,
    /// A drawing whose areas it stays outside of; the plan's geofence is replaced.
    #[arg(long, value_name = "FILE")]
    pub(super) keep_out: Option<PathBuf>,
    /// A drawing whose points are its rally points; the plan's are replaced.
    #[arg(long, value_name = "FILE")]
    pub(super) rally: Option<PathBuf>,
    /// The rally points' height above the take-off, metres.
    #[arg(long, value_name = "M", default_value_t = 50.0)]
    pub(super) rally_height: f32,
    /// The file to be made; one that is there is not overwritten.
    #[arg(long, value_name = "FILE.plan")]
    pub(super) out: PathBuf,
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

/// A number from `LOW` to `HIGH`.
fn number<const LOW: i32, const HIGH: i32>(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.trim().parse().ok();
    let range = f64::from(LOW)..=f64::from(HIGH);
    number.filter(|number| range.contains(number)).ok_or_else(|| format!("a number from {LOW} to {HIGH}"))
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
