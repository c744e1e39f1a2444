//! `store`: makes a store, shows it, makes its catalogue again.

use crate::desk::Home;
use crate::{Done, clock};
use clap::{Args, Subcommand};
use evidence_store::ledger::Ledger;
use evidence_store::people::People;
use evidence_store::store::{Store as _, StoreIdentity, rebuild};
use flight_record::Label;
use flight_record::trust::in_groups;
use serde_json::json;
use std::path::PathBuf;

/// What to do with a store.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a store with its own key, an empty ledger, and the request by which the unit enrols it.
    #[command(
        after_help = "Example:\n  skyseal-evidence store init --store /evidence/a --name \"store a\"\n  skyseal-ground trust enrol --dir root --request /evidence/a/store-request.json --role store …"
    )]
    Init(Init),
    /// Shows a store and its ledger.
    #[command(after_help = "Example:\n  skyseal-evidence store show --store /evidence/a --json")]
    Show(Home),
    /// Reads every object and makes the catalogue again from them alone.
    #[command(after_help = "Example:\n  skyseal-evidence store rebuild --store /evidence/a")]
    Rebuild(Home),
}

/// Arguments of `store init`.
#[derive(Args)]
pub(crate) struct Init {
    /// Folder of the store; it must hold none yet.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// The unit's name for it.
    #[arg(long, value_name = "NAME")]
    name: Label,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Does it.
pub(crate) fn run(command: Command) -> anyhow::Result<Done> {
    match command {
        Command::Init(args) => init(&args),
        Command::Show(home) => show(&home),
        Command::Rebuild(home) => {
            let store = home.folder()?;
            let _lock = store.lock()?;
            let rebuilt = rebuild(&store)?;
            let good = rebuilt.damaged.is_empty() && rebuilt.absent.is_empty();
            let done = Done::say(home.json, &json!(rebuilt), || {
                let mut text = format!(
                    "{} objects, {} statements about {} flights\n",
                    rebuilt.objects, rebuilt.statements, rebuilt.flights
                );
                for (word, digests) in [("DAMAGED", &rebuilt.damaged), ("ABSENT", &rebuilt.absent)] {
                    text.extend(digests.iter().map(|digest| format!("  {word}  {digest}\n")));
                }
                text
            })?;
            Ok(done.unless(good))
        }
    }
}

fn init(args: &Init) -> anyhow::Result<Done> {
    let now_utc_us = clock::now().utc_us;
    let identity = StoreIdentity::init(&args.store, args.name.clone(), now_utc_us)?;
    Ledger::create(&args.store.join("ledger.sqlite"), &identity, now_utc_us)?;
    People::open(&args.store.join("people.sqlite"))?;
    let id = identity.key.public().id();
    let request = args.store.join("store-request.json");
    let facts = json!({ "name": identity.name, "key": id, "request": request });
    Done::say(args.json, &facts, || {
        format!("store {}\n  key      {}\n  request  {}\n", identity.name, in_groups(&id), request.display())
    })
}

fn show(home: &Home) -> anyhow::Result<Done> {
    let store = home.folder()?;
    let ledger = home.ledger()?;
    let id = store.identity().key.public().id();
    let (flights, objects) = (store.flights()?.len(), store.list()?.len());
    let (head, awaiting) = (ledger.head(), ledger.awaiting().count());
    let unsettled = ledger.unsettled_orders()?.len();
    let facts = json!({
        "name": store.identity().name,
        "key": id,
        "flights": flights,
        "objects": objects,
        "room_bytes": store.room_bytes()?,
        "ledger": ledger.id(),
        "head": { "size": head.size, "root": head.root },
        "awaiting_countersignature": awaiting,
        "erase_orders_without_outcome": unsettled,
        "outside_heads": home.outside_head.len(),
    });
    Done::say(home.json, &facts, || {
        let outside = match home.outside_head.len() {
            0 => "compared with no head outside: an older copy put back would not show".to_owned(),
            n => format!("compared with {n} heads outside"),
        };
        format!(
            "store {}\n  key      {}\n  holds    {flights} flights in {objects} objects\n  ledger   {} lines, root {}\n           {outside}\n           {awaiting} await a countersignature\n           {unsettled} erase orders without an outcome\n",
            store.identity().name,
            in_groups(&id),
            head.size,
            head.root,
        )
    })
}
