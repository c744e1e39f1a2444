//! `vehicle parameters`: all of them, one, a new value.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use serde_json::{Value as Json, json};
use vehicle_link::ask::Wanted;
use vehicle_link::frames::Frame;
use vehicle_link::parameters::{Action, Encoding, List, Name, Parameter, Read, Set, Value};
use vehicle_link::peers::Peer;

use super::{To, bar};
use crate::clock;
use crate::link::{Converse as _, Does, Link, ends};

const AUTOPILOT_VERSION: Wanted = Wanted { older: Some(520), ..Wanted::only(148) };

const EXAMPLES: &str = "\
What `list` prints, a name and a value a line, is read by MAVProxy and Mission Planner as a .parm file.
`set` asks the vehicle afterwards what it has made of the value, and refuses while it is armed.

Examples:
  skyseal-ground vehicle parameters list --mavlink udpin:0.0.0.0:14550 > before.parm
  skyseal-ground vehicle parameters list --like FENCE
  skyseal-ground vehicle parameters get FENCE_ENABLE RTL_ALT
  skyseal-ground vehicle parameters set FENCE_ENABLE 1";

/// What to do with parameters.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Prints all of them.
    #[command(after_help = EXAMPLES)]
    List(ListThem),
    /// Prints some of them.
    #[command(after_help = EXAMPLES)]
    Get(Get),
    /// Gives one a new value.
    #[command(after_help = EXAMPLES)]
    Set(SetOne),
}

/// Arguments of `list`.
#[derive(Args)]
pub(crate) struct ListThem {
    /// Only those with this in their name
    #[arg(long, value_name = "TEXT")]
    like: Option<String>,
    #[command(flatten)]
    to: To,
}

/// Arguments of `get`.
#[derive(Args)]
pub(crate) struct Get {
    /// Their names, as in FENCE_ENABLE
    #[arg(required = true)]
    names: Vec<Name>,
    #[command(flatten)]
    to: To,
}

/// Arguments of `set`.
#[derive(Args)]
pub(crate) struct SetOne {
    /// Its name, as in FENCE_ENABLE
    name: Name,
    /// The value; whole where the parameter is
    #[arg(allow_negative_numbers = true)]
    value: String,
    #[command(flatten)]
    to: To,
}

pub(super) fn run(command: &Command) -> Result<String> {
    match command {
        Command::List(arguments) => super::wait(list(arguments)),
        Command::Get(arguments) => super::wait(get(arguments)),
        Command::Set(arguments) => super::wait(set(arguments)),
    }
}

async fn list(arguments: &ListThem) -> Result<String> {
    let (mut link, vehicle) = arguments.to.open().await?;
    let encoding = encoding(&mut link, &vehicle).await?;
    let bar = bar::things("parameters", arguments.to.json);
    let all = fetch_all(&mut link, &vehicle, encoding, &bar).await;
    bar.finish_and_clear();
    let all = all?;
    let like = arguments.like.as_deref().unwrap_or_default().to_uppercase();
    let wanted: Vec<Parameter> =
        all.iter().copied().filter(|parameter| parameter.name.to_string().to_uppercase().contains(&like)).collect();
    print(&wanted, arguments.to.json)
}

async fn fetch_all(link: &mut Link, vehicle: &Peer, encoding: Encoding, bar: &ProgressBar) -> Result<Vec<Parameter>> {
    let (mut list, first) = List::start(ends(vehicle.address), encoding, clock::mono_ns());
    let step = |frame: Option<&Frame>, now_ns| {
        let actions = match frame {
            Some(frame) => list.frame(frame, now_ns),
            None => list.poll(now_ns),
        };
        let (have, of) = list.progress();
        bar::show(bar, (have as u64, of as u64));
        actions
    };
    let does = |action| {
        Ok(match action {
            Action::Send(body) => Does::Send(body),
            Action::Listed(all) => Does::End(all),
            Action::Is(_) => Does::Nothing,
            Action::Failed(why) => return Err(why.into()),
        })
    };
    link.converse(vec![first], step, does).await
}

async fn get(arguments: &Get) -> Result<String> {
    let (mut link, vehicle) = arguments.to.open().await?;
    let encoding = encoding(&mut link, &vehicle).await?;
    let mut found = Vec::new();
    for name in &arguments.names {
        found.push(read(&mut link, &vehicle, encoding, *name).await?);
    }
    print(&found, arguments.to.json)
}

async fn read(link: &mut Link, vehicle: &Peer, encoding: Encoding, name: Name) -> Result<Parameter> {
    let (mut read, first) = Read::start(ends(vehicle.address), encoding, name, clock::mono_ns());
    let step = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => read.frame(frame, now_ns),
            None => read.poll(now_ns),
        };
        action.into_iter().collect()
    };
    link.converse(vec![first], step, is).await.with_context(|| format!("{name} was not read"))
}

async fn set(arguments: &SetOne) -> Result<String> {
    let SetOne { name, value: text, to } = arguments;
    let (mut link, vehicle) = to.open().await?;
    if vehicle.is_armed() {
        bail!("the vehicle is armed: no parameter is changed in flight; land it and disarm");
    }
    let encoding = encoding(&mut link, &vehicle).await?;
    let before = read(&mut link, &vehicle, encoding, *name).await?.value;
    let value = before.like(text).with_context(|| format!("{name} is {before}: `{text}` is no value for it"))?;
    let wanted = Parameter { name: *name, value };
    let (mut set, first) = Set::start(ends(vehicle.address), encoding, wanted, clock::mono_ns());
    let step = |frame: Option<&Frame>, now_ns| match frame {
        Some(frame) => set.frame(frame, now_ns).into_iter().collect::<Vec<_>>(),
        None => set.poll(now_ns).into_iter().collect(),
    };
    let now = link.converse(vec![first], step, is).await.with_context(|| format!("{name} was not set"))?.value;
    if to.json {
        return Ok(format!(
            "{:#}\n",
            json!({ "name": name.to_string(), "value": number(now), "before": number(before) })
        ));
    }
    Ok(format!("{name} {now} (was {before})\n"))
}

/// One parameter, read or set and confirmed.
fn is(action: Action) -> Result<Does<Parameter>> {
    Ok(match action {
        Action::Send(body) => Does::Send(body),
        Action::Is(parameter) => Does::End(parameter),
        Action::Listed(_) => Does::Nothing,
        Action::Failed(why) => return Err(why.into()),
    })
}

/// How the vehicle puts integers into floats: by what it says of itself, else by its make.
async fn encoding(link: &mut Link, vehicle: &Peer) -> Result<Encoding> {
    let said = link.ask(vehicle.address, AUTOPILOT_VERSION).await?;
    // AUTOPILOT_VERSION: capabilities u64.
    let capabilities = said.ok().map(|frame| frame.payload().u64(0));
    Ok(Encoding::of(capabilities, vehicle.autopilot))
}

fn print(parameters: &[Parameter], as_json: bool) -> Result<String> {
    if as_json {
        let facts: serde_json::Map<String, Json> =
            parameters.iter().map(|parameter| (parameter.name.to_string(), number(parameter.value))).collect();
        return Ok(format!("{:#}\n", Json::Object(facts)));
    }
    let mut out = String::new();
    for Parameter { name, value } in parameters {
        writeln!(out, "{:<16} {value}", name.to_string())?;
    }
    Ok(out)
}

fn number(value: Value) -> Json {
    match value {
        Value::U8(value) => json!(value),
        Value::I8(value) => json!(value),
        Value::U16(value) => json!(value),
        Value::I16(value) => json!(value),
        Value::U32(value) => json!(value),
        Value::I32(value) => json!(value),
        Value::F32(value) => json!(value),
        Value::Other { .. } => json!(value.to_string()),
    }
}
