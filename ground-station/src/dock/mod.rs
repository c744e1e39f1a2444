//! `dock`: takes flights over from an aircraft or its card into two stores, and has them erased aboard.

mod arguments;
mod attachments;
mod flight_log;
mod package;
pub(crate) mod runner;
mod setup;
mod show;
mod stamp;
mod work;

pub(crate) use arguments::{Arguments, From};
pub(crate) use setup::Setup;

use crate::{clock, pin};
use anyhow::{Context as _, Result, anyhow, bail};
use evidence_store::intake::{Flow, IngestPlan};
use evidence_store::people::{People, Session};
use flight_record::Label;
use serde_json::json;
use show::Bar;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use work::{Hands, Planned, Work};

/// Does it; what to print, and whether all is well.
pub(crate) fn run(args: &Arguments) -> Result<(String, bool)> {
    let setup = args.setup();
    let stand = setup.stand()?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut source = setup.source(&args.from, args.device, &stand.trust, &stop)?;
    let flights = match args.flight {
        Some(flight) => vec![flight],
        None => source.flights()?,
    };
    let mut planned = Vec::new();
    for flight in flights {
        let look = Planned::look(&setup, &stand, &mut *source, flight)?;
        if !args.json && !args.plan {
            eprintln!("{}", look.plan);
        }
        planned.push(look);
    }
    let plans: Vec<&IngestPlan> = planned.iter().map(|planned| &planned.plan).collect();
    if args.plan {
        let well = plans.iter().all(|plan| plan.full().is_none());
        let text = || plans.iter().map(|plan| format!("{plan}\n")).collect::<String>();
        return Ok((if args.json { pretty(&json!({ "plans": plans }))? } else { text() }, well));
    }
    stopped_by_hand(&stop)?;
    let outside = stamp::Outside::open(setup.authority.as_ref())?;
    let hands = signed_in(args, &setup.people())?;
    let mut work = Work::begin(&setup, &stand, hands)?;
    if args.package.is_some() {
        work.hands.disclosers()?;
    }
    let settled = work.settle(&mut *source)?;
    let mut outcomes = Vec::new();
    for planned in &planned {
        let mut bar = Bar::new(args.json);
        let done = work.take_over(&mut *source, planned, args.wish(), &mut |progress| {
            bar.show(progress);
            if stop.load(Ordering::Relaxed) { Flow::Cancel } else { Flow::Continue }
        });
        bar.end();
        let mut outcome = done?;
        let quarantined = outcome.quarantined;
        outcome.notices.extend(work.beside(outside.as_ref(), planned.plan.flight));
        outcomes.push(outcome);
        // What is in quarantine does not leave the unit by the way.
        if let Some(dir) = args.package.as_ref().filter(|_| !quarantined) {
            work.package(dir, planned.plan.flight)?;
        }
    }
    let well = outcomes.iter().all(|outcome| !outcome.quarantined);
    let said = if args.json {
        let flights = outcomes.iter().map(show::facts).collect::<Vec<_>>();
        pretty(&json!({ "plans": plans, "flights": flights, "settled": show::settled_facts(&settled) }))?
    } else {
        show::table(&outcomes, &settled)?
    };
    Ok((said, well))
}

fn pretty(value: &serde_json::Value) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// The people that the arguments name, each with their own PIN.
fn signed_in(args: &Arguments, accounts: &Path) -> Result<Hands> {
    let people = People::open(accounts)?;
    let log_in =
        |who: &Label, pin: &Path| -> Result<Session> { Ok(people.log_in(who, &pin::read(pin)?, clock::now_utc_us())?) };
    let (Some(actor), Some(pin)) = (&args.actor, &args.actor_pin_file) else {
        bail!("name who takes the flights over with --actor and --actor-pin-file");
    };
    let actor = log_in(actor, pin).context("the actor is not let in")?;
    let witness = args
        .countersign
        .as_ref()
        .zip(args.countersign_pin_file.as_ref())
        .map(|(who, pin)| log_in(who, pin).context("the one who countersigns is not let in"))
        .transpose()?;
    let reason = args.reason.clone().ok_or_else(|| anyhow!("say why with --reason"))?;
    Ok(Hands { actor: Arc::new(actor), witness: witness.map(Arc::new), reason })
}

/// `stop` is set by the first Ctrl-C, so that the work stops where it can go on; a second one ends the program at once.
fn stopped_by_hand(stop: &Arc<AtomicBool>) -> Result<()> {
    let told = Arc::clone(stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if told.swap(true, Ordering::Relaxed) {
                    std::process::exit(1);
                }
                eprintln!("\nstopping where it can go on; press Ctrl-C again to stop at once");
            }
        });
    })?;
    Ok(())
}
