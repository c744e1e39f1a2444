//! Where the vehicle is, on a command line.

use std::path::PathBuf;

use clap::Args;
use vehicle_link::endpoint::Endpoint;

/// The links to a vehicle.
#[derive(Args)]
#[group(id = "link")]
pub(crate) struct Arguments {
    /// Link to the vehicle: udpin:, udpout:, tcpin:, tcpout:HOST:PORT or serial:PATH:BAUD; repeat for more
    #[arg(long, value_name = "ENDPOINT", default_value = "udpin:0.0.0.0:14550")]
    pub(crate) mavlink: Vec<Endpoint>,
    /// The vehicle's system id; without it the first autopilot heard
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) system: Option<u8>,
    /// Key of MAVLink signing, from `trust mavlink-key`: what goes out is signed, and nothing else is listened to
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_key: Option<PathBuf>,
}
