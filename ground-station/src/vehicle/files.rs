//! `vehicle files`: folders and files of the autopilot, over MAVLink FTP.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use indicatif::{HumanBytes, ProgressBar};
use serde_json::json;
use vehicle_link::frames::Frame;
use vehicle_link::ftp::{Action, Entry, ListFolder, ReadFile};
use vehicle_link::peers::Peer;

use super::part::Part;
use super::{To, bar};
use crate::clock;
use crate::link::{Converse as _, Does, Link, ends};

const EXAMPLES: &str = "\
Paths are the vehicle's: / on most, @SYS and @PARAM on ArduPilot too. A file is checked by the vehicle's own
checksum where it makes one. A transfer that breaks leaves its beginning beside the file, in a .part; the same
command goes on from there, and begins anew where no checksum tells whether the file is still the same.

Examples:
  skyseal-ground vehicle files list / --mavlink udpin:0.0.0.0:14550
  skyseal-ground vehicle files get /APM/LOGS/00000012.BIN
  skyseal-ground vehicle files get @SYS/threads.txt --out threads.txt";

/// What to do with files.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists a folder.
    #[command(after_help = EXAMPLES)]
    List(ListOne),
    /// Gets a file.
    #[command(after_help = EXAMPLES)]
    Get(Get),
}

/// Arguments of `list`.
#[derive(Args)]
pub(crate) struct ListOne {
    /// The folder
    #[arg(default_value = "/")]
    path: String,
    #[command(flatten)]
    to: To,
}

/// Arguments of `get`.
#[derive(Args)]
pub(crate) struct Get {
    /// The file
    path: String,
    /// The file to make; without it the vehicle's name for it, here
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

pub(super) fn run(command: &Command) -> Result<String> {
    match command {
        Command::List(arguments) => super::wait(list(arguments)),
        Command::Get(arguments) => super::wait(get(arguments)),
    }
}

async fn list(arguments: &ListOne) -> Result<String> {
    let (mut link, vehicle) = arguments.to.open().await?;
    let path = &arguments.path;
    let (mut list, first) = ListFolder::start(ends(vehicle.address), path, clock::mono_ns())?;
    let step = |frame: Option<&Frame>, now_ns| match frame {
        Some(frame) => list.frame(frame, now_ns).into_iter().collect::<Vec<_>>(),
        None => list.poll(now_ns).into_iter().collect(),
    };
    let does = |action| {
        Ok(match action {
            Action::Send(body) => Does::Send(body),
            Action::Listed(entries) => Does::End(entries),
            Action::Read { .. } => Does::Nothing,
            Action::Failed(why) => return Err(why.into()),
        })
    };
    let listed = link.converse(vec![first], step, does).await;
    print(&listed.with_context(|| format!("{path} was not listed"))?, arguments.to.json)
}

async fn get(arguments: &Get) -> Result<String> {
    let path = &arguments.path;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty());
    let Some(out) = arguments.out.clone().or_else(|| name.map(PathBuf::from)) else {
        bail!("{path} is a folder: name a file in it");
    };
    let mut part = Part::open(&out, "file")?;
    let (mut link, vehicle) = arguments.to.open().await?;
    let bar = bar::bytes("file", arguments.to.json);
    let before = part.bytes()?;
    let had = before.len();
    let mut read = read(&mut link, &vehicle, (path, before), &mut part, &bar).await;
    // What came before may be of another file, and only a checksum tells.
    if had > 0 && read.as_ref().is_ok_and(|(_, checked)| !checked) {
        part.begin_again()?;
        read = self::read(&mut link, &vehicle, (path, Vec::new()), &mut part, &bar).await;
    }
    bar.finish_and_clear();
    let (bytes, checked) = read?;
    let size = bytes.len() as u64;
    part.begin_again()?;
    part.put(0, bytes)?;
    part.finish()?;
    if arguments.to.json {
        return Ok(format!(
            "{:#}\n",
            json!({ "path": path, "file": out, "bytes": size, "before": had, "checked": checked })
        ));
    }
    let checked = if checked { "checked by its checksum" } else { "the vehicle makes no checksum" };
    Ok(format!("{path} in {}, {}, {checked}\n", out.display(), HumanBytes(size)))
}

/// The file, and whether it was checked. Where it breaks off, its beginning stays in `part`.
async fn read(
    link: &mut Link,
    vehicle: &Peer,
    (path, before): (&str, Vec<u8>),
    part: &mut Part,
    bar: &ProgressBar,
) -> Result<(Vec<u8>, bool)> {
    let (mut read, first) = ReadFile::start(ends(vehicle.address), path, before, clock::mono_ns())?;
    let step = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => read.frame(frame, now_ns),
            None => read.poll(now_ns),
        };
        bar::show(bar, read.progress());
        action.into_iter().collect()
    };
    let does = |action| {
        Ok(match action {
            Action::Send(body) => Does::Send(body),
            Action::Read { bytes, checked } => Does::End((bytes, checked)),
            Action::Listed(_) => Does::Nothing,
            Action::Failed(why) => return Err(why.into()),
        })
    };
    let ended = link.converse(vec![first], step, does).await;
    if ended.is_err() {
        let beginning = read.beginning().to_vec();
        part.begin_again()?;
        part.put(0, beginning)?;
    }
    ended.with_context(|| format!("{path} was not read"))
}

fn print(entries: &[Entry], as_json: bool) -> Result<String> {
    if as_json {
        let facts: Vec<_> = entries
            .iter()
            .map(|entry| match entry {
                Entry::File { name, size } => json!({ "file": name, "bytes": size }),
                Entry::Folder { name } => json!({ "folder": name }),
            })
            .collect();
        return Ok(format!("{:#}\n", json!(facts)));
    }
    let mut out = String::new();
    for entry in entries {
        match entry {
            Entry::File { name, size } => {
                writeln!(out, "{:>12}  {}", HumanBytes((*size).into()).to_string(), plain(name))?;
            }
            Entry::Folder { name } => writeln!(out, "{:>12}  {}/", "", plain(name))?,
        }
    }
    Ok(out)
}

/// Nothing in a name moves a terminal's cursor.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
