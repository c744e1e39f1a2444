//! `skyseal-ground`: the ground station.

use std::process::ExitCode;

fn main() -> ExitCode {
    ground_station::run()
}
