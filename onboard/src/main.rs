//! `skyseal-onboard`: the agent that flies.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use onboard::{agent, check, config, enrol};
use tracing_subscriber::EnvFilter;

/// Records a camera with the vehicle's telemetry, and seals and signs what it records while it is shot.
#[derive(Parser)]
#[command(
    name = "skyseal-onboard",
    version,
    after_help = "\
Examples:
  skyseal-onboard enrol --key /etc/skyseal/device.key --name SKY-1 --request request.json
  skyseal-onboard check --config /etc/skyseal/onboard.toml
  skyseal-onboard run   --config /etc/skyseal/onboard.toml

Exit codes: 0 done, 1 refused or in doubt, 2 misuse of the command."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How the log on standard error is written.
    #[arg(long, value_enum, default_value_t = LogFormat::Text, global = true)]
    log: LogFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Fly: listen to the vehicle, record on command or at arm, until SIGTERM or SIGINT.
    Run {
        /// onboard.toml; relative paths in it start at its folder.
        #[arg(long)]
        config: PathBuf,
        /// End after the first flight is closed.
        #[arg(long)]
        exit_after_flight: bool,
    },
    /// Check configuration, keys, trust, recipients, room, encoder and camera, without recording.
    Check {
        /// onboard.toml.
        #[arg(long)]
        config: PathBuf,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make this device's key, if there is none, and a request for the unit's root to certify it.
    Enrol {
        /// Where the key is or shall be: a file only its owner can read.
        #[arg(long)]
        key: PathBuf,
        /// The unit's name for this device, never a person's.
        #[arg(long)]
        name: String,
        /// Where the request is written; take it to `skyseal-ground trust enrol`.
        #[arg(long)]
        request: PathBuf,
        /// Print the key id as JSON.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(cli.log);
    match obey(cli.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("skyseal-onboard: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Text => log.with_ansi(false).init(),
        LogFormat::Json => log.json().init(),
    }
}

fn obey(command: Command) -> Result<bool> {
    match command {
        Command::Run { config, exit_after_flight } => run(&config, exit_after_flight).map(|()| true),
        Command::Check { config, json } => check::check(&config, json),
        Command::Enrol { key, name, request, json } => {
            let id = enrol::enrol(&key, &name, &request)?;
            if json {
                println!("{}", serde_json::json!({ "key_id": id.to_string(), "request": request }));
            } else {
                println!("key id   {}\nrequest  {}", flight_record::trust::in_groups(&id), request.display());
                println!("Next: skyseal-ground trust enrol --request {} …", request.display());
            }
            Ok(true)
        }
    }
}

fn run(path: &Path, exit_after_flight: bool) -> Result<()> {
    let config = config::load(path)?;
    gstreamer::init().context("GStreamer does not start")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(agent::run(config, path, exit_after_flight))
}
