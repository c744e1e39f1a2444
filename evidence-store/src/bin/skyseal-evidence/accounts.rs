//! `accounts`: who may do what. Every change is written down in the ledger.

use crate::desk::{ANYBODY, Actor, Home, Note, Why, log_in, pin, write_down};
use crate::{Done, clock};
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use evidence_store::ledger::Category;
use evidence_store::people::{Account, NewAccount, Session};
use flight_record::Label;
use flight_record::keys::PublicKey;
use flight_record::trust::{Duty, in_groups};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// What to do with accounts.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes an account. The first one must be an administrator's; every other needs an administrator.
    #[command(
        after_help = "Examples:\n  skyseal-evidence accounts add --store /evidence/a --name admin-1 --staff \"PS 12\" --duty administrator\n  skyseal-evidence accounts add --store /evidence/a --name officer-7 --staff \"PC 734\" --duty pilot --duty witness --as admin-1"
    )]
    Add(Add),
    /// Lists the accounts.
    #[command(after_help = "Example:\n  skyseal-evidence accounts list --store /evidence/a")]
    List(Home),
    /// Suspends an account: its sessions end at once, its history stays.
    #[command(
        after_help = "Example:\n  skyseal-evidence accounts suspend --store /evidence/a --name officer-7 --as admin-1 --reason \"left the unit\""
    )]
    Suspend(Change),
    /// Resumes an account that was suspended or locked.
    #[command(
        after_help = "Example:\n  skyseal-evidence accounts resume --store /evidence/a --name officer-7 --as admin-1 --reason \"back on duty\""
    )]
    Resume(Change),
    /// Sets the first PIN, changes it, or lets an administrator take one back that was forgotten.
    #[command(
        after_help = "Examples:\n  skyseal-evidence accounts pin --store /evidence/a --name officer-7\n  skyseal-evidence accounts pin --store /evidence/a --name officer-7 --reset-by admin-1"
    )]
    Pin(SetPin),
    /// Writes the request by which the unit's root enrols an officer's key.
    #[command(
        after_help = "Example:\n  skyseal-evidence accounts request --store /evidence/a --as officer-7 --request officer-7.json"
    )]
    Request(Request),
}

/// Arguments of `accounts add`.
#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    home: Home,
    /// The pseudonym under which they sign; never a person's name.
    #[arg(long)]
    name: Label,
    /// Their staff number: one person, one account. It stays in this database.
    #[arg(long, value_name = "NUMBER")]
    staff: Label,
    /// What they may do; may be given several times.
    #[arg(long = "duty", value_name = "DUTY", required = true)]
    duties: Vec<Duty>,
    /// The administrator who does this; nobody for the first account.
    #[arg(long = "as", value_name = "NAME")]
    actor: Option<Label>,
    /// File whose first line is the administrator's PIN; without, it is asked on the terminal.
    #[arg(long, value_name = "FILE", requires = "actor")]
    pin_file: Option<PathBuf>,
}

/// Arguments of `accounts suspend` and `resume`.
#[derive(Args)]
pub(crate) struct Change {
    #[command(flatten)]
    home: Home,
    /// Whose account.
    #[arg(long)]
    name: Label,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    why: Why,
}

/// Arguments of `accounts pin`.
#[derive(Args)]
pub(crate) struct SetPin {
    #[command(flatten)]
    home: Home,
    /// Whose PIN.
    #[arg(long)]
    name: Label,
    /// File whose first line is the new PIN; without, it is asked on the terminal.
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// File whose first line is the PIN up to now; without, it is asked on the terminal.
    #[arg(long, value_name = "FILE")]
    old_pin_file: Option<PathBuf>,
    /// The administrator who takes back a forgotten PIN and the key under it.
    #[arg(long, value_name = "NAME", conflicts_with = "old_pin_file")]
    reset_by: Option<Label>,
}

/// Arguments of `accounts request`.
#[derive(Args)]
pub(crate) struct Request {
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    actor: Actor,
    /// The file to make.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
}

/// Does it.
pub(crate) fn run(command: Command) -> anyhow::Result<Done> {
    match command {
        Command::Add(args) => add(&args),
        Command::List(home) => list(&home),
        Command::Suspend(args) => change(&args, true),
        Command::Resume(args) => change(&args, false),
        Command::Pin(args) => set_pin(&args),
        Command::Request(args) => request(&args),
    }
}

fn facts(account: &Account) -> Value {
    json!({
        "name": account.label,
        "person": account.person,
        "duties": account.duties,
        "suspended": account.suspended,
        "locked": account.attempts.is_locked(),
        "key": account.public_key.as_ref().map(PublicKey::id),
    })
}

fn line(account: &Account) -> String {
    let duties: Vec<String> = account.duties.iter().map(Duty::to_string).collect();
    let state = match (account.suspended, account.attempts.is_locked(), account.public_key) {
        (true, _, _) => "SUSPENDED",
        (_, true, _) => "LOCKED",
        (_, _, None) => "no PIN yet",
        _ => "active",
    };
    format!("{:<20} {state:<11} {}\n", account.label.as_str(), duties.join(", "))
}

/// Writes down a change of an account; its name goes beside the ledger.
fn note(home: &Home, account: &Account, outcome: &str, why: &Why, by: &Session) -> anyhow::Result<()> {
    let note = Note {
        category: Category::Account,
        outcome,
        flight: None,
        items: account.public_key.iter().map(PublicKey::id).collect(),
        personal: Some(format!("{} {}", account.person, account.label)),
    };
    write_down(&mut home.ledger()?, note, why, (by, &ANYBODY), None).map(|_| ())
}

fn why(text: &str) -> anyhow::Result<Why> {
    Ok(Why { place: "evidence store".parse()?, reason: text.parse()? })
}

fn add(args: &Add) -> anyhow::Result<Done> {
    let people = args.home.people()?;
    let now_utc_us = clock::now().utc_us;
    let by = args.actor.as_ref().map(|name| log_in(&people, name, args.pin_file.as_deref())).transpose()?;
    let new = NewAccount { staff: args.staff.clone(), label: args.name.clone(), duties: args.duties.clone() };
    let account = people.add(&new, by.as_ref(), now_utc_us)?;
    if let Some(by) = &by {
        note(&args.home, &account, "added", &why("a new account")?, by)?;
    }
    Done::say(args.home.json, &facts(&account), || {
        format!("{}Next: skyseal-evidence accounts pin --name \"{}\" …\n", line(&account), account.label)
    })
}

fn list(home: &Home) -> anyhow::Result<Done> {
    let accounts = home.people()?.accounts()?;
    Done::say(home.json, &accounts.iter().map(facts).collect(), || accounts.iter().map(line).collect())
}

fn change(args: &Change, suspend: bool) -> anyhow::Result<Done> {
    let people = args.home.people()?;
    let by = args.actor.log_in(&people)?;
    let now_utc_us = clock::now().utc_us;
    // Written down first: a change that nobody knows of never happens.
    let account = people.account(&args.name)?;
    by.signatory(Duty::Administrator, now_utc_us)?;
    note(&args.home, &account, if suspend { "suspending" } else { "resuming" }, &args.why, &by)?;
    if suspend {
        people.suspend(&args.name, &by, now_utc_us)?;
    } else {
        people.resume(&args.name, &by, now_utc_us)?;
    }
    let account = people.account(&args.name)?;
    Done::say(args.home.json, &facts(&account), || line(&account))
}

fn set_pin(args: &SetPin) -> anyhow::Result<Done> {
    let people = args.home.people()?;
    let name = &args.name;
    if let Some(administrator) = &args.reset_by {
        let own = pin(args.pin_file.as_deref(), &format!("PIN of {administrator}: "))?;
        let by = people.log_in(administrator, &own, clock::now().utc_us)?;
        by.signatory(Duty::Administrator, clock::now().utc_us)?;
        note(&args.home, &people.account(name)?, "pin-taken-back", &why("a PIN was forgotten or is not safe")?, &by)?;
        people.reset_pin(name, &by, clock::now().utc_us)?;
        let account = people.account(name)?;
        return Done::say(args.home.json, &facts(&account), || {
            format!(
                "{}Next: revoke the old key with `skyseal-ground trust revoke`, and let {name} set a PIN.\n",
                line(&account)
            )
        });
    }
    let first = people.account(name)?.public_key.is_none();
    let old = match first {
        true if args.old_pin_file.is_some() => bail!("{name} has no PIN yet; leave --old-pin-file out"),
        true => None,
        false => Some(pin(args.old_pin_file.as_deref(), &format!("PIN of {name} up to now: "))?),
    };
    let new = pin(args.pin_file.as_deref(), &format!("New PIN of {name}: "))?;
    match &old {
        None => people.set_first_pin(name, &new).map(|_| ())?,
        Some(old) => people.change_pin(name, old, &new, clock::now().utc_us)?,
    }
    let session = people.log_in(name, &new, clock::now().utc_us)?;
    let account = people.account(name)?;
    note(&args.home, &account, if first { "pin-set" } else { "pin-changed" }, &why("their own PIN")?, &session)?;
    Done::say(args.home.json, &facts(&account), || {
        let mut text = line(&account);
        if let Some(key) = &account.public_key {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  key  {}", in_groups(&key.id()));
        }
        text
    })
}

fn request(args: &Request) -> anyhow::Result<Done> {
    let people = args.home.people()?;
    let session = args.actor.log_in(&people)?;
    let request = people.enrolment_request(&session, clock::now().utc_us)?;
    let path = &args.request;
    std::fs::File::create_new(path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &request))
        .with_context(|| format!("cannot write the request {}", path.display()))?;
    let key = session.key(clock::now().utc_us)?.public().id();
    let facts = json!({ "name": session.label(), "key": key, "request": path, "duties": session.duties() });
    Done::say(args.home.json, &facts, || format!("request {}\n  key  {}\n", path.display(), in_groups(&key)))
}
