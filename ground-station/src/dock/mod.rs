//! `dock`: takes flights over from an aircraft or its card into two stores, and has them erased aboard.

mod arguments;
mod attachments;
mod flight_log;
mod package;
mod show;
mod stamp;

pub(crate) use arguments::Arguments;

use crate::{clock, pin};
use anyhow::{Context as _, Result, anyhow, bail};
use arguments::From;
use attachments::{Kept, small_file, witness_files};
use evidence_store::intake::{
    Desk, Flow, FolderSource, IngestPlan, NetworkSource, Outcome, Settled, Source, plan, run as take_over, settle,
};
use evidence_store::ledger::{HEADS_FILE, Ledger};
use evidence_store::people::{People, Session};
use evidence_store::store::{Folder, Store as _};
use flight_record::Label;
use flight_record::keys::{DeviceKey, PublicKey};
use flight_record::trust::{Held, Role, TrustList};
use serde_json::json;
use show::Bar;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Does it; what to print, and whether all is well.
pub(crate) fn run(args: &Arguments) -> Result<(String, bool)> {
    let trust_json = small_file(&args.trust).context("the trust list cannot be read")?;
    let (first, second) = (Folder::open(&args.store)?, Folder::open(&args.second)?);
    let seen = args.store.join("trust.held");
    let trust =
        Held::accept(&seen, &trust_json, args.root).with_context(|| format!("{} is refused", args.trust.display()))?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut source = open(args, &trust, &stop)?;
    let flights = match args.flight {
        Some(flight) => vec![flight],
        None => source.flights()?,
    };
    let mut plans = Vec::new();
    for flight in flights {
        let witness_files = witness_files(args.witness_dir.as_deref(), flight)?;
        let plan = plan(&mut *source, flight, (&first, &second), Some(&trust), &witness_files)?;
        if !args.json && !args.plan {
            eprintln!("{plan}");
        }
        plans.push((plan, witness_files));
    }
    if args.plan {
        let plans: Vec<&IngestPlan> = plans.iter().map(|(plan, _)| plan).collect();
        let well = plans.iter().all(|plan| plan.full().is_none());
        let text = || plans.iter().map(|plan| format!("{plan}\n")).collect::<String>();
        return Ok((if args.json { pretty(&json!({ "plans": plans }))? } else { text() }, well));
    }
    stopped_by_hand(&stop)?;
    let outside = stamp::Outside::open(args)?;
    let mut work = Work::prepare(args, trust_json, (first, second))?;
    let settled = work.settle(args, &mut *source, &trust)?;
    let mut outcomes = Vec::new();
    for (plan, witness_files) in &plans {
        let mut outcome = work.take_over(args, &mut *source, plan, witness_files, &stop)?;
        let quarantined = outcome.quarantined;
        outcome.notices.extend(flight_log::reconcile(&mut work, args, plan.flight));
        outcome.notices.extend(outside.as_ref().map(|outside| outside.stamp(&mut work, args, plan.flight)));
        outcomes.push(outcome);
        // What is in quarantine does not leave the unit by the way.
        if let Some(dir) = args.package.as_ref().filter(|_| !quarantined) {
            package::make(&mut work, args, &trust.unit, dir, plan.flight)?;
        }
    }
    let well = outcomes.iter().all(|outcome| !outcome.quarantined);
    let said = if args.json {
        let plans: Vec<&IngestPlan> = plans.iter().map(|(plan, _)| plan).collect();
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

/// The source that `--from` names.
fn open(args: &Arguments, trust: &TrustList, stop: &Arc<AtomicBool>) -> Result<Box<dyn Source>> {
    let address = match &args.from {
        From::Folder(path) => return Ok(Box::new(FolderSource::open(path)?)),
        From::Aircraft(address) => address,
    };
    let (Some(key), Some(device)) = (&args.key, args.device) else {
        bail!("{}", args.missing().unwrap_or_default());
    };
    let station = DeviceKey::load(key)?;
    let trust = trust.clone();
    let accepts = move |key: &PublicKey| trust.vouches(key.id(), Role::Device, clock::now_utc_us()).is_ok();
    let source = NetworkSource::new(address, &station, device, Arc::new(accepts))?;
    Ok(Box::new(source.stopped_by(Arc::clone(stop))))
}

/// The stores, the ledger and the people of a handover.
struct Work {
    stores: (Folder, Folder),
    ledger: Ledger,
    actor: Session,
    witness: Option<Session>,
    trust_json: Vec<u8>,
}

impl Work {
    fn prepare(args: &Arguments, trust_json: Vec<u8>, stores: (Folder, Folder)) -> Result<Self> {
        let people = People::open(&args.store.join("people.sqlite"))?;
        let log_in = |who: &Label, pin: &Path| -> Result<Session> {
            Ok(people.log_in(who, &pin::read(pin)?, clock::now_utc_us())?)
        };
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
        let mut outside = vec![args.second.join(HEADS_FILE)];
        outside.extend(args.outside_head.iter().cloned());
        let ledger = Ledger::open(&args.store.join("ledger.sqlite"), stores.0.identity(), &outside)?;
        let work = Self { stores, ledger, actor, witness, trust_json };
        if args.package.is_some() {
            work.disclosers()?;
        }
        Ok(work)
    }

    /// The desk at which it happens.
    fn desk<'a>(
        &'a mut self,
        args: &Arguments,
        witness_files: &'a [Vec<u8>],
        attachments: &'a BTreeMap<String, Vec<u8>>,
    ) -> Result<Desk<'a>> {
        Ok(Desk {
            first: &self.stores.0,
            second: &self.stores.1,
            ledger: &mut self.ledger,
            actor: &self.actor,
            witness: self.witness.as_ref(),
            trust_json: &self.trust_json,
            root: args.root,
            witness_files,
            attachments,
            place: args.place.clone(),
            reason: args.reason.clone().ok_or_else(|| anyhow!("say why with --reason"))?,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            clock: &clock::stamp,
            erase: args.wish(),
        })
    }

    /// Writes down what the aircraft has erased since its last handover.
    fn settle(&mut self, args: &Arguments, source: &mut dyn Source, trust: &TrustList) -> Result<Settled> {
        settle(source, &mut self.desk(args, &[], &BTreeMap::new())?, trust)
            .context("what became of earlier erase orders cannot be written down")
    }

    fn take_over(
        &mut self,
        args: &Arguments,
        source: &mut dyn Source,
        plan: &IngestPlan,
        witness_files: &[Vec<u8>],
        stop: &AtomicBool,
    ) -> Result<Outcome> {
        let kept = Kept { wraps: args.wraps.as_deref(), reasons: args.reasons.as_deref() };
        let attachments = kept.gather(source, plan)?;
        let mut desk = self.desk(args, witness_files, &attachments)?;
        let mut bar = Bar::new(args.json);
        let done = take_over(plan, source, &mut desk, &mut |progress| {
            bar.show(progress);
            if stop.load(Ordering::Relaxed) { Flow::Cancel } else { Flow::Continue }
        });
        bar.end();
        done.with_context(|| format!("flight {}", plan.flight))
    }
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
