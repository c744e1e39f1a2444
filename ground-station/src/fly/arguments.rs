//! The command line of `fly`.

use std::path::PathBuf;

use clap::Args;

use crate::{link, log};

const EXAMPLES: &str = "\
The plan is uploaded with its geofence and rally points, read back and compared; only then is
the vehicle armed and the mission started. Ctrl-C ends this command, not the flight.

At each landing an entry of the flight log is drafted, without --log in the person's own
~/.local/state/skyseal/flight-log; `skyseal-ground log` lists and enters drafts.

Examples:
  skyseal-ground fly search.plan --mavlink udpin:0.0.0.0:14550
  skyseal-ground fly search.plan --mavlink udpout:192.168.1.10:14551 --return-after 600
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
