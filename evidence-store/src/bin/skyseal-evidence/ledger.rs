//! `ledger`: reads, checks and exports who did what; lets a second person countersign; explains an older database.

use crate::desk::{ANYBODY, Actor, Home, Why, Witness};
use crate::{Done, clock};
use clap::{Args, Subcommand};
use evidence_store::ids::PersonId;
use evidence_store::ledger::{Act, Category, Entry, Ledger, Line};
use evidence_store::store::Store as _;
use flight_record::keys::KeyId;
use flight_record::trust::{Role, TrustList};
use flight_record::{FlightId, Label};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What to do with the ledger.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists entries, newest last.
    #[command(
        after_help = "Examples:\n  skyseal-evidence ledger list --store /evidence/a --flight 0198c0de-…\n  skyseal-evidence ledger list --store /evidence/a --awaiting"
    )]
    List(List),
    /// Checks everything: each signature, each head, each commitment, and the heads outside. Names the first bad line.
    #[command(
        after_help = "Example:\n  skyseal-evidence ledger check --store /evidence/a --outside-head /evidence/b/ledger.heads --trust trust.json --root 9f86d0…"
    )]
    Check(Check),
    /// Writes lines, heads and C2SP tiles into a new folder; personal data stay behind.
    #[command(after_help = "Example:\n  skyseal-evidence ledger export --store /evidence/a --out ledger-2026-05")]
    Export(Export),
    /// Countersigns an entry that awaits it.
    #[command(
        after_help = "Example:\n  skyseal-evidence ledger countersign --store /evidence/a --line 17 --as officer-7"
    )]
    Countersign(Countersign),
    /// Explains that the database is older than a head seen elsewhere. Nothing else is written before.
    #[command(
        after_help = "Example:\n  skyseal-evidence ledger restore --store /evidence/a --outside-head /evidence/b/ledger.heads --as admin-1 --reason \"disk failed; backup of 1 May\""
    )]
    Restore(Restore),
}

/// Arguments of `ledger list`.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    home: Home,
    /// Only about this flight.
    #[arg(long, value_name = "ID")]
    flight: Option<FlightId>,
    /// Only what still awaits a countersignature.
    #[arg(long)]
    awaiting: bool,
    /// From this line on.
    #[arg(long, value_name = "LINE", default_value_t = 0)]
    from: u64,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    most: u32,
}

/// Arguments of `ledger check`.
#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    home: Home,
    /// The unit's trust.json: every key that signed must be an officer's in it.
    #[arg(long, value_name = "FILE", requires = "root")]
    trust: Option<PathBuf>,
    /// Fingerprint of the unit's root.
    #[arg(long, value_name = "FINGERPRINT", requires = "trust")]
    root: Option<KeyId>,
}

/// Arguments of `ledger export`.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    home: Home,
    /// The folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Arguments of `ledger countersign`.
#[derive(Args)]
pub(crate) struct Countersign {
    #[command(flatten)]
    home: Home,
    /// The line, as `ledger list --awaiting` shows it.
    #[arg(long, value_name = "LINE")]
    line: u64,
    #[command(flatten)]
    witness: Actor,
}

/// Arguments of `ledger restore`.
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    witness: Witness,
    #[command(flatten)]
    why: Why,
}

/// Does it.
pub(crate) fn run(command: Command) -> anyhow::Result<Done> {
    match command {
        Command::List(args) => list(&args),
        Command::Check(args) => check(&args),
        Command::Export(args) => {
            let exported = args.home.ledger()?.export(&args.out)?;
            Done::say(args.home.json, &json!(exported), || {
                format!("{} lines and {} tiles in {}\n", exported.lines, exported.tiles, args.out.display())
            })
        }
        Command::Countersign(args) => {
            let session = args.witness.log_in(&args.home.people()?)?;
            let mut ledger = args.home.ledger()?;
            let at = clock::now();
            let written = ledger.countersign(args.line, &session.signatory_as(&ANYBODY, at.utc_us)?, at)?;
            ledger.publish()?;
            let facts = json!({ "countersigned": args.line, "line": written.seq, "entry": written.id });
            Done::say(args.home.json, &facts, || format!("line {} countersigned in line {}\n", args.line, written.seq))
        }
        Command::Restore(args) => restore(&args),
    }
}

fn list(args: &List) -> anyhow::Result<Done> {
    let ledger = args.home.ledger()?;
    let now_utc_us = clock::now().utc_us;
    let awaiting: Vec<u64> = ledger.awaiting().map(|awaiting| awaiting.seq).collect();
    let overdue: Vec<u64> =
        ledger.awaiting().filter(|awaiting| awaiting.is_overdue(now_utc_us)).map(|awaiting| awaiting.seq).collect();
    let lines = match args.flight {
        Some(flight) => ledger.of_flight(flight)?.into_iter().map(|entry| Line::Entry(Box::new(entry))).collect(),
        None => ledger.lines(args.from, args.most)?,
    };
    let names = names(&args.home)?;
    let shown: Vec<&Line> =
        lines.iter().filter(|line| !args.awaiting || awaiting.contains(&line.place().seq)).collect();
    let state = |entry: &Entry| match entry.place_in_ledger.seq {
        seq if overdue.contains(&seq) => "OVERDUE for countersignature",
        seq if awaiting.contains(&seq) => "awaits countersignature",
        _ if entry.witness.is_some() => "countersigned",
        _ if entry.awaits_countersignature() => "countersigned later",
        _ => "",
    };
    let facts: Vec<Value> = shown
        .iter()
        .map(|line| match line {
            Line::Entry(entry) => json!({ "entry": entry, "state": state(entry) }),
            Line::Countersignature(later) => json!({ "countersignature": later }),
        })
        .collect();
    Done::say(args.home.json, &Value::from(facts), || {
        shown.iter().map(|line| text(line, &names, |entry| state(entry))).collect()
    })
}

/// The accounts' names, by person: what people read; the ledger itself names persons by their ids alone.
fn names(home: &Home) -> anyhow::Result<BTreeMap<String, Label>> {
    let accounts = home.people()?.accounts()?;
    Ok(accounts.into_iter().map(|account| (account.person.to_string(), account.label)).collect())
}

fn text(line: &Line, names: &BTreeMap<String, Label>, state: impl Fn(&Entry) -> &'static str) -> String {
    let place = line.place();
    let name = |person: PersonId| {
        let person = person.to_string();
        names.get(&person).map_or(person, Label::to_string)
    };
    match line {
        Line::Entry(entry) => {
            let flight = entry.flight.map_or(String::new(), |flight| format!("  flight {flight}"));
            let reason = entry.reason.as_ref().map_or("", |reason| reason.as_str());
            format!(
                "{:>6}  {}  {:<12} {}{flight}\n        by {} as {} at {}: {reason}  {}\n",
                place.seq,
                place.local,
                entry.category,
                entry.outcome,
                name(entry.actor.person),
                entry.actor.duty,
                entry.place,
                state(entry),
            )
        }
        Line::Countersignature(later) => format!(
            "{:>6}  {}  countersigns line {} by {} as {}\n",
            place.seq,
            place.local,
            later.entry_seq,
            name(later.witness.person),
            later.witness.duty
        ),
    }
}

fn check(args: &Check) -> anyhow::Result<Done> {
    let ledger = args.home.ledger()?;
    let head = ledger.check()?;
    let strangers = match (&args.trust, args.root) {
        (Some(path), Some(root)) => strangers(&ledger, &TrustList::open(&std::fs::read(path)?, root)?)?,
        _ => Vec::new(),
    };
    let facts = json!({
        "lines": head.size,
        "root": head.root,
        "outside_heads": args.home.outside_head.len(),
        "awaiting_countersignature": ledger.awaiting().count(),
        "keys_not_listed": strangers,
    });
    let good = strangers.is_empty();
    let done = Done::say(args.home.json, &facts, || {
        let mut text = format!("{} lines are as they were written, root {}\n", head.size, head.root);
        if args.home.outside_head.is_empty() {
            text.push_str("  no head outside was given: an older copy put back would not show\n");
        }
        text.extend(strangers.iter().map(|key| format!("  key {key} signed, and is no officer's of the trust list\n")));
        text
    })?;
    Ok(done.unless(good))
}

/// Keys that signed and that the unit does not list as an officer's.
fn strangers(ledger: &Ledger, trust: &TrustList) -> anyhow::Result<Vec<KeyId>> {
    let mut strangers = Vec::new();
    let (mut from, most) = (0, 1000);
    loop {
        let lines = ledger.lines(from, most)?;
        for line in &lines {
            let keys = match line {
                Line::Entry(entry) => entry.signers(),
                Line::Countersignature(later) => vec![later.witness.key],
            };
            for key in keys {
                let id = key.id();
                let known = trust.entry(id).is_some_and(|entry| entry.role == Role::Officer);
                if !known && !strangers.contains(&id) {
                    strangers.push(id);
                }
            }
        }
        if lines.len() < most as usize {
            return Ok(strangers);
        }
        from += u64::from(most);
    }
}

fn restore(args: &Restore) -> anyhow::Result<Done> {
    let people = args.home.people()?;
    let (actor, witness) = (args.actor.log_in(&people)?, args.witness.log_in(&people)?);
    let store = args.home.folder()?;
    let mut ledger = Ledger::open_older(&args.home.ledger_path(), store.identity(), &args.home.outside_head)?;
    let at = clock::now();
    let act = Act {
        category: Category::Restore,
        outcome: "restored".parse()?,
        flight: None,
        items: Vec::new(),
        place: args.why.place.clone(),
        reason: Some(args.why.reason.clone()),
        personal: None,
    };
    let witness = witness.as_ref().map(|witness| witness.signatory_as(&ANYBODY, at.utc_us)).transpose()?;
    let written = ledger.restore(&act, &actor.signatory_as(&ANYBODY, at.utc_us)?, witness.as_ref(), at)?;
    ledger.publish()?;
    Done::say(args.home.json, &json!({ "line": written.seq, "entry": written.id }), || {
        format!("the older ledger is explained in line {}\n", written.seq)
    })
}
