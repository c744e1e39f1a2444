//! `vehicle logs`: which flight logs the autopilot has, and one of them into a file.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use indicatif::HumanBytes;
use serde_json::json;
use vehicle_link::frames::Frame;
use vehicle_link::logs::{Action, Entry, Fetch, List};
use vehicle_link::peers::Peer;

use super::part::Part;
use super::{To, bar};
use crate::clock;
use crate::link::{Converse as _, Does, Link, ends};

/// MAV_AUTOPILOT_ARDUPILOTMEGA.
const ARDUPILOT: u8 = 3;

const EXAMPLES: &str = "\
Autopilots give their logs only while they are disarmed. A fetch that breaks leaves its beginning beside the
file, in a .part; the same command goes on from there. These are the autopilot's own logs: the sealed flights
of Skyseal come by `skyseal-ground dock`.

Examples:
  skyseal-ground vehicle logs list --mavlink udpin:0.0.0.0:14550
  skyseal-ground vehicle logs fetch latest
  skyseal-ground vehicle logs fetch 12 --out search.bin";

/// What to do with logs.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists them.
    #[command(after_help = EXAMPLES)]
    List(To),
    /// Fetches one into a file.
    #[command(after_help = EXAMPLES)]
    Fetch(FetchOne),
}

/// Arguments of `fetch`.
#[derive(Args)]
pub(crate) struct FetchOne {
    /// Its number as `list` shows it, or `latest`
    log: Which,
    /// The file to make; without it log-NUMBER.bin (ArduPilot) or .ulg here
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

/// A log by its number, or the newest.
#[derive(Clone, Copy)]
enum Which {
    Latest,
    Number(u16),
}

impl FromStr for Which {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "latest" => Ok(Self::Latest),
            number => number.parse().map(Self::Number).map_err(|_| "a log is a number of `logs list`, or `latest`"),
        }
    }
}

pub(super) fn run(command: &Command) -> Result<String> {
    match command {
        Command::List(to) => super::wait(list(to)),
        Command::Fetch(arguments) => super::wait(fetch(arguments)),
    }
}

async fn list(to: &To) -> Result<String> {
    let (mut link, vehicle) = to.open().await?;
    let logs = entries(&mut link, &vehicle).await?;
    if to.json {
        let facts: Vec<_> =
            logs.iter().map(|log| json!({ "log": log.id, "bytes": log.size_bytes, "begun": begun(*log) })).collect();
        return Ok(format!("{:#}\n", json!(facts)));
    }
    if logs.is_empty() {
        return Ok("no logs\n".to_owned());
    }
    let mut out = String::new();
    for log in logs {
        let begun = begun(log).unwrap_or_else(|| "time unknown".to_owned());
        writeln!(out, "{:>5}  {begun:<20}  {:>12}", log.id, HumanBytes(log.size_bytes.into()).to_string())?;
    }
    Ok(out)
}

async fn fetch(arguments: &FetchOne) -> Result<String> {
    let (mut link, vehicle) = arguments.to.open().await?;
    let logs = entries(&mut link, &vehicle).await?;
    let log = match arguments.log {
        Which::Latest => logs.last().copied().context("the vehicle has no logs")?,
        Which::Number(id) => {
            let known = logs.iter().find(|log| log.id == id).copied();
            known.with_context(|| format!("the vehicle has no log {id}; `vehicle logs list` shows those it has"))?
        }
    };
    let ending = if vehicle.autopilot == ARDUPILOT { "bin" } else { "ulg" };
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("log-{}.{ending}", log.id)));
    let mut part = Part::open(&out, &format!("{}-{}-{}", log.id, log.time_utc_s, log.size_bytes))?;
    let before = u32::try_from(part.have()).ok().filter(|have| *have <= log.size_bytes);
    let Some(before) = before else {
        bail!("the beginning of log {} beside {} is longer than the log; remove it", log.id, out.display());
    };
    let bar = bar::bytes("log", arguments.to.json);
    let (mut fetch, first) = Fetch::start(ends(vehicle.address), log, before, clock::mono_ns());
    let step = |frame: Option<&Frame>, now_ns| {
        let actions = match frame {
            Some(frame) => fetch.frame(frame, now_ns),
            None => fetch.poll(now_ns),
        };
        bar::show(&bar, fetch.progress());
        actions
    };
    let does = |action| {
        Ok(match action {
            Action::Send(body) => Does::Send(body),
            Action::Write { offset, bytes } => {
                part.put(offset.into(), bytes)?;
                Does::Nothing
            }
            Action::Fetched => Does::End(()),
            Action::Listed(_) => Does::Nothing,
            Action::Failed(why) => return Err(why.into()),
        })
    };
    let fetched = link.converse(first, step, does).await;
    bar.finish_and_clear();
    fetched.with_context(|| format!("log {} is not whole; the same command goes on with it", log.id))?;
    part.finish()?;
    if arguments.to.json {
        let facts =
            json!({ "log": log.id, "file": out, "bytes": log.size_bytes, "before": before, "begun": begun(log) });
        return Ok(format!("{facts:#}\n"));
    }
    Ok(format!("log {} in {}, {}\n", log.id, out.display(), HumanBytes(log.size_bytes.into())))
}

async fn entries(link: &mut Link, vehicle: &Peer) -> Result<Vec<Entry>> {
    let (mut list, first) = List::start(ends(vehicle.address), clock::mono_ns());
    let step = |frame: Option<&Frame>, now_ns| match frame {
        Some(frame) => list.frame(frame, now_ns).into_iter().collect::<Vec<_>>(),
        None => list.poll(now_ns).into_iter().collect(),
    };
    let does = |action| {
        Ok(match action {
            Action::Send(body) => Does::Send(body),
            Action::Listed(logs) => Does::End(logs),
            Action::Write { .. } | Action::Fetched => Does::Nothing,
            Action::Failed(why) => return Err(why.into()),
        })
    };
    link.converse(vec![first], step, does).await.context("the logs were not listed")
}

/// When it was begun, where the vehicle knew.
fn begun(log: Entry) -> Option<String> {
    let at = jiff::Timestamp::from_second(log.time_utc_s.into()).ok()?;
    (log.time_utc_s > 0).then(|| at.to_string())
}
