//! The command line of `fly`.

use std::path::PathBuf;

use clap::Args;
use vehicle_link::camera::COMPONENT_IDS;

use crate::papers::Vouched;
use crate::plan::rules::Rules;
use crate::signer::Signature;
use crate::{link, log};

const EXAMPLES: &str = "\
The plan is uploaded with its geofence and rally points, read back and compared; of what it has
none, the old one aboard is cleared. Only then is the vehicle armed and the mission started.
Ctrl-C ends this command, not the flight.

With the papers of `plan check --papers` the aircraft has them before it takes off, and they stand
in its flight's record. What the check looked at is looked at ten times a second in flight: what
begins and ends is printed, and recorded. Papers of another plan, or that something still holds
back, are refused. Without papers nothing is checked, and the record says nothing of it.

At each landing an entry of the flight log is drafted, without --log in the person's own
~/.local/state/skyseal/flight-log; `skyseal-ground log` lists and enters drafts.

Examples:
  skyseal-ground fly search.plan --mavlink udpin:0.0.0.0:14550
  skyseal-ground fly search.plan --mavlink udpout:192.168.1.10:14551 --return-after 600
  skyseal-ground fly search.plan --papers search.papers --trust trust.json --root FPR --key station.key \\
      --zones zones --register /srv/store --endurance-min 28 --mavlink udpout:192.168.1.10:14551
  skyseal-ground fly search.plan --log drafts --log-header today.toml --log-fact battery=B7
  skyseal-ground fly search.plan --upload-only --json";

/// Uploads a plan, checks what the vehicle holds, starts it and follows it to the ground.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A QGroundControl .plan
    pub(super) plan: PathBuf,
    #[command(flatten)]
    pub(super) link: link::Arguments,
    /// The papers of this plan: into the flight's record with them, and the monitor with the flight
    #[arg(long, value_name = "FILE", requires = "trust")]
    pub(super) papers: Option<PathBuf>,
    #[command(flatten)]
    pub(super) vouched: Vouched,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// The profile of the papers, where it is none that comes with the program: a file
    #[arg(long, requires = "papers")]
    pub(super) profile: Option<String>,
    #[command(flatten)]
    pub(super) rules: Rules,
    /// In the air on a full battery, minutes: the monitor then says when the way home is due
    #[arg(long, value_name = "MIN", requires = "papers")]
    pub(super) endurance_min: Option<f64>,
    /// The recorder's camera component id
    #[arg(long, value_name = "ID", default_value_t = *COMPONENT_IDS.start(), value_parser = clap::value_parser!(u8).range(100..=105))]
    pub(super) camera: u8,
    #[command(flatten)]
    pub(super) log: log::Drafting,
    /// Upload and compare, then end
    #[arg(long)]
    pub(super) upload_only: bool,
    /// Call the vehicle home after so long in the air, wherever the mission stands
    #[arg(long, value_name = "SECONDS", conflicts_with = "upload_only")]
    pub(super) return_after: Option<u32>,
    /// Give up following after so long; the vehicle flies on
    #[arg(long, value_name = "MINUTES", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub(super) follow_minutes: u32,
    /// Prints the facts as JSON, and nothing else
    #[arg(long)]
    pub(super) json: bool,
}
