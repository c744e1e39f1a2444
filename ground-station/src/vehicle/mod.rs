//! `vehicle`: what a vehicle holds and carries, looked at and changed: parameters, flight logs, files, cameras, gimbals.

mod bar;
mod camera;
mod files;
mod gimbal;
mod logs;
mod parameters;
mod part;

use std::future::Future;

use anyhow::Result;
use clap::{Args, Subcommand};
use vehicle_link::peers::Peer;

use crate::link::{self, Link};

/// What to look at.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Its parameters: all of them, one, a new value.
    #[command(subcommand)]
    Parameters(parameters::Command),
    /// The flight logs of its autopilot.
    #[command(subcommand)]
    Logs(logs::Command),
    /// Files of its autopilot, over MAVLink FTP.
    #[command(subcommand)]
    Files(files::Command),
    /// Its cameras, of any make.
    #[command(subcommand)]
    Camera(camera::Command),
    /// Its gimbals.
    #[command(subcommand)]
    Gimbal(gimbal::Command),
}

/// Which vehicle, and how it is told of.
#[derive(Args)]
#[group(id = "to")]
pub(crate) struct To {
    #[command(flatten)]
    link: link::Arguments,
    /// Prints the facts as JSON, and nothing else
    #[arg(long)]
    json: bool,
}

impl To {
    async fn open(&self) -> Result<(Link, Peer)> {
        let mut link = Link::open(&self.link).await?;
        let vehicle = link.find().await?;
        Ok((link, vehicle))
    }
}

/// Does it; what to print.
pub(crate) fn run(command: &Command) -> Result<String> {
    match command {
        Command::Parameters(command) => parameters::run(command),
        Command::Logs(command) => logs::run(command),
        Command::Files(command) => files::run(command),
        Command::Camera(command) => camera::run(command),
        Command::Gimbal(command) => gimbal::run(command),
    }
}

/// Runs one conversation to its end.
fn wait<T>(conversation: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(conversation)
}
