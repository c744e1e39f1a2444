//! `plan`: makes, checks, converts and shows plans.

pub(crate) mod arguments;
pub(crate) mod bench;
mod change;
mod check;
pub(crate) mod draw;
mod files;
pub(crate) mod make;
pub(crate) mod papers;
pub(crate) mod rules;
mod show;

use arguments::Check;
pub(crate) use arguments::Command;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock;

/// Does it; what to print, and whether nothing blocks.
pub(crate) fn run(command: &Command) -> Result<(String, bool)> {
    match command {
        Command::Make(args) => {
            let made = make::make(args)?;
            for (path, plan) in &made.plans {
                files::write_new(path, &plan.write(8.0))?;
            }
            Ok((printed(&made.facts, args.json)?, true))
        }
        Command::Change(args) => change::change(args).map(|text| (text, true)),
        Command::Check(args) => {
            let done = check::check(args, Timestamp::from_microsecond(clock::now_utc_us())?)?;
            checked(args, &done)
        }
        Command::Override(args) => papers::overrule(args),
        Command::Convert(args) => show::convert(args).map(|text| (text, true)),
        Command::Show(args) => Ok((printed(&show::facts(args)?, args.json)?, true)),
    }
}

/// What was found, and its papers where they were asked for.
fn checked(args: &Check, done: &check::Done) -> Result<(String, bool)> {
    let (mut facts, mut text) = (check::facts(done), check::text(done));
    let mut clear = done.report.is_clear();
    if let Some(path) = &args.papers {
        let checklist = papers::checklist(&args.checked, args.rapid_launch.as_ref())?;
        let made = papers::write(path, done, &checklist, &args.signature.signer()?)?;
        clear = clear && papers::open(&made) == 0;
        facts["papers"] = papers::facts(path, &made);
        text += &papers::text(path, &made);
    }
    Ok((if args.json { serde_json::to_string_pretty(&facts)? + "\n" } else { text }, clear))
}

/// A line a fact, or JSON.
fn printed(facts: &Value, json: bool) -> Result<String> {
    if json {
        return Ok(serde_json::to_string_pretty(facts)? + "\n");
    }
    let line = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name:14} {text}\n"),
        other => format!("{name:14} {other}\n"),
    };
    Ok(facts.as_object().into_iter().flatten().map(line).collect())
}
