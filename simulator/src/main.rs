//! `skyseal-sim`: a simulated vehicle and camera.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use simulator::camera::picture::Painter;
use simulator::cli::{Cli, Command, RunArgs};
use simulator::clock::SimClock;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => {
            start_log(args.json);
            if let Some(why) = args.refusal() {
                eprintln!("skyseal-sim: {why}");
                return ExitCode::from(2);
            }
            run(&args)
        }
        Command::Relay(args) => {
            start_log(false);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(simulator::relay::run(&args)))
        }
        Command::Fault(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(simulator::control::send(&args)))
        }
        Command::Plan(args) => args.write(),
        Command::Demo(args) => simulator::demo::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("skyseal-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &RunArgs) -> anyhow::Result<()> {
    let scenario = args.scenario()?;
    if args.fast {
        return simulator::fast::run(&scenario, args.truth.as_deref());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let painter = (!args.no_camera).then(|| Painter::of(&scenario.camera));
    let clock = SimClock::start(args.speed);
    runtime.block_on(simulator::run::run(args, &scenario, painter, clock))
}

fn start_log(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,simulator=info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    if json {
        log.json().flatten_event(true).with_current_span(false).init();
    } else {
        log.compact().with_target(false).init();
    }
}
