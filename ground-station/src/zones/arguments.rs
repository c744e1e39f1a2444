//! The command line of `zones`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use mission_profiles::place::{Position, from_grid};
use mission_profiles::zones::Limit;

/// What to do with the zones in which flying is restricted.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Reads datasets and says what was kept, what is uncertain, what was refused, and why.
    #[command(
        after_help = "Example:\n  skyseal-ground zones check uas-zones.json\nExit code 1 when anything is uncertain or refused."
    )]
    Check(Check),
    /// Takes datasets into the station's folder, as they were given out.
    #[command(
        after_help = "Example:\n  skyseal-ground zones import --dir zones uas-zones.json\nA dataset of the same name replaces the older edition, which is kept aside. One with zones that have no place is taken only with --accept-refused."
    )]
    Import(Import),
    /// Shows the datasets in the folder, their editions and ages.
    #[command(after_help = "Example:\n  skyseal-ground zones list --dir zones")]
    List(List),
    /// Finds the zones at a place, or by name.
    #[command(
        after_help = "Examples:\n  skyseal-ground zones find --dir zones --at 51.4779,-0.0015 --within 2000 --height \"120 m AGL\"\n  skyseal-ground zones find --at \"TQ 388 773\" --map zones.svg\n  skyseal-ground zones find --name derby\nWithout --dir the UK set that comes with the program is asked: illustrative, not for operational use."
    )]
    Find(Find),
    /// Makes the set of zones that is built into the program, of files as they were given out: with a manifest, marked illustrative.
    #[command(
        after_help = "Example:\n  skyseal-ground zones bundle airspace/uk --out mission-profiles/zones\nThe same files make the same bundle, to the byte. Exit code 1 when anything is uncertain or refused."
    )]
    Bundle(Bundle),
}

/// Files to read.
#[derive(Args)]
pub(crate) struct Check {
    /// ED-269, ED-318, GeoJSON, YAIXM or OpenAir files.
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Files to take.
#[derive(Args)]
pub(crate) struct Import {
    /// ED-269, ED-318, GeoJSON, YAIXM or OpenAir files.
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    /// The station's folder of datasets; made where there is none.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// What people call the dataset, where the file does not say it well. For one file.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Marks it as not for operational use.
    #[arg(long)]
    pub(super) illustrative: bool,
    /// Takes it though some of its zones have no place.
    #[arg(long)]
    pub(super) accept_refused: bool,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What to make a bundle of.
#[derive(Args)]
pub(crate) struct Bundle {
    /// The folder with the files.
    pub(super) dir: PathBuf,
    /// The folder that is built into the program.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Prints the manifest.
    #[arg(long)]
    pub(super) json: bool,
}

/// A folder to show.
#[derive(Args)]
pub(crate) struct List {
    /// The station's folder of datasets.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What to look for.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["at", "name"]))]
pub(crate) struct Find {
    /// The station's folder of datasets.
    #[arg(long)]
    pub(super) dir: Option<PathBuf>,
    /// Latitude,longitude in degrees, or an OS grid reference.
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    pub(super) at: Option<Place>,
    /// A part of the zone's name or identifier.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Metres round the place.
    #[arg(long, default_value_t = 1_000.0, value_parser = metres)]
    pub(super) within: f64,
    /// Only zones that reach this height or below: "120 m AGL", "400 ft AMSL".
    #[arg(long, value_name = "HEIGHT", value_parser = height)]
    pub(super) height: Option<Limit>,
    /// Only zones that hold at this time (RFC 3339); now, where nothing is said, is only noted.
    #[arg(long, value_name = "TIME")]
    pub(super) when: Option<Timestamp>,
    /// Draws them into this file (SVG).
    #[arg(long, value_name = "FILE.svg")]
    pub(super) map: Option<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// A place on the command line.
#[derive(Clone, Copy)]
pub(crate) struct Place(Position);

impl Place {
    /// Where it is.
    pub(crate) fn position(self) -> Position {
        self.0
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        place(text)
            .map(Self)
            .ok_or_else(|| "neither latitude,longitude (51.4779,-0.0015) nor an OS grid reference (TQ 388 773)".into())
    }
}

/// Latitude,longitude in degrees, or an OS grid reference.
pub(crate) fn place(text: &str) -> Option<Position> {
    let degrees = || {
        let (lat, lon) = text.split_once(',')?;
        Position::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?)
    };
    degrees().or_else(|| from_grid(text))
}

fn metres(text: &str) -> Result<f64, String> {
    let metres: Option<f64> = text.parse().ok();
    metres.filter(|metres| (0.0..=100_000.0).contains(metres)).ok_or_else(|| "metres from 0 to 100000".into())
}

fn height(text: &str) -> Result<Limit, String> {
    match Limit::read(text) {
        Some(limit @ Limit::At(_)) => Ok(limit),
        _ => Err("a height with its datum: \"120 m AGL\", \"400 ft AMSL\", \"FL65\"".into()),
    }
}
