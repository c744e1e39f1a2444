//! `timestamps`: flights whose last head an authority outside the unit has stamped, and those that wait for it.

use crate::desk::{Actor, Home, Why};
use crate::{Done, clock};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use evidence_store::ledger::Ledger;
use evidence_store::store::{Folder, Store};
use evidence_store::timestamp::{Authority, Came, Clerk, Held, Line, look};
use flight_record::FlightId;
use flight_record::outside_time::Roots;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Where Debian keeps the certificates of the authorities of the web.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What to do with time-stamps.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists every flight: stamped when and by whom, or waiting since when.
    #[command(
        after_help = "Example:\n  skyseal-evidence timestamps list --store /evidence/a --tsa-root authority.pem\n\nA flight waits from the time it was taken over; the delay is from its close to its token."
    )]
    List(List),
    /// Asks a time-stamping authority (RFC 3161) for a token over the last head of each flight that waits.
    ///
    /// Only a digest leaves the unit. The token says that the flight was closed as it is now before an instant that
    /// nobody in the unit can choose. Without a network the flights go on waiting, and the same command asks again.
    #[command(
        after_help = "Examples:\n  skyseal-evidence timestamps request --store /evidence/a --second /evidence/b --url http://tsa.example/tsr --tsa-root authority.pem --as officer-3 --reason \"end of duty\"\n  skyseal-evidence timestamps request --store /evidence/a --flight 0198c0de-… --url https://tsa.example/ --as officer-3 --reason \"network is back\"\n\nExit code 0 when no closed flight waits any more, 1 when one does."
    )]
    Request(Box<Request>),
}

/// Arguments of `timestamps list`.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    home: Home,
    /// Root certificates (PEM) of authorities that you trust; a token that leads to none is listed as such. May be given
    /// several times.
    #[arg(long, value_name = "FILE")]
    tsa_root: Vec<PathBuf>,
}

/// Arguments of `timestamps request`.
#[derive(Args)]
pub(crate) struct Request {
    #[command(flatten)]
    home: Home,
    /// Folder of the second store, which is to have the tokens too.
    #[arg(long, value_name = "DIR")]
    second: Option<PathBuf>,
    /// The authority.
    #[arg(long, value_name = "URL")]
    url: String,
    /// Root certificates (PEM) of the authority: an answer that leads to none is not taken. May be given several times.
    #[arg(long, value_name = "FILE")]
    tsa_root: Vec<PathBuf>,
    /// Certificates (PEM) by which an https server shows itself.
    #[arg(long, value_name = "FILE", default_value = SYSTEM_ROOTS)]
    tls_root: PathBuf,
    /// The one flight; absent: all that wait.
    #[arg(long, value_name = "ID")]
    flight: Option<FlightId>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    why: Why,
}

/// Does it.
pub(crate) fn run(command: Command) -> anyhow::Result<Done> {
    match command {
        Command::List(args) => list(&args),
        Command::Request(args) => request(&args),
    }
}

fn roots(paths: &[PathBuf]) -> anyhow::Result<Roots> {
    let mut roots = Roots::default();
    for path in paths {
        let pem = std::fs::read(path).with_context(|| format!("cannot read the roots in {}", path.display()))?;
        roots.add_pem(&pem).with_context(|| format!("{} cannot be used", path.display()))?;
    }
    Ok(roots)
}

fn list(args: &List) -> anyhow::Result<Done> {
    let (store, roots) = (args.home.folder()?, roots(&args.tsa_root)?);
    let ledger = args.home.ledger()?;
    let (mut all, mut text) = (Vec::new(), String::new());
    for flight in store.flights()? {
        if let Some(line) = look(&store, flight)? {
            all.push(facts(&line, &roots, &ledger)?);
            text.push_str(&said(&line, &roots, None));
        }
    }
    Done::say(args.home.json, &Value::Array(all), || text)
}

fn state(line: &Line, roots: &Roots) -> &'static str {
    match (line.closing, line.is_stamped(roots)) {
        (None, _) => "not-closed",
        (Some(_), true) => "stamped",
        (Some(_), false) => "waiting",
    }
}

fn facts(line: &Line, roots: &Roots, ledger: &Ledger) -> anyhow::Result<Value> {
    let token = |held: &Held| -> anyhow::Result<Value> {
        Ok(json!({
            "token": held.name,
            "authority": held.token.authority,
            "gen_time_utc_us": held.token.gen_time_utc_us,
            "accuracy_us": held.token.accuracy_us,
            "delay_us": held.stamped.delay_us(),
            "received_utc_us": held.stamped.at_utc_us,
            "root": held.token.root(roots).ok(),
            "in_ledger": held.is_entered(ledger)?,
        }))
    };
    Ok(json!({
        "flight": line.flight,
        "state": state(line, roots),
        "imprint": line.closing.map(|closing| closing.imprint),
        "closed_utc_us": line.closing.map(|closing| closing.closed_utc_us),
        "waiting_since_utc_us": line.taken_over_utc_us,
        "tokens": line.tokens.iter().map(token).collect::<anyhow::Result<Vec<_>>>()?,
    }))
}

/// A flight as people read it; `why` it goes on waiting, when somebody just asked.
fn said(line: &Line, roots: &Roots, why: Option<&str>) -> String {
    let since = clock::text(line.taken_over_utc_us);
    let state = match state(line, roots) {
        "waiting" => format!("queued since {since}"),
        "not-closed" => "not closed: there is nothing to stamp".to_owned(),
        other => other.to_owned(),
    };
    let mut text = format!("{}  {state}{}\n", line.flight, why.map_or_else(String::new, |why| format!(": {why}")));
    for held in &line.tokens {
        let (at, s) = (clock::text(held.token.gen_time_utc_us), held.stamped.delay_us() / 1_000_000);
        let root = match held.token.root(roots) {
            Ok(_) => String::new(),
            Err(_) if roots.is_empty() => "; compared with no root".to_owned(),
            Err(_) => "; leads to NO root that you brought".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {at}  {s} s after close, by {}{root}", held.token.authority);
    }
    text
}

fn request(args: &Request) -> anyhow::Result<Done> {
    let people = args.home.people()?;
    let actor = args.actor.log_in(&people)?;
    let (store, mut ledger, roots) = (args.home.folder()?, args.home.ledger()?, roots(&args.tsa_root)?);
    let second = args.second.as_deref().map(Folder::open).transpose()?;
    // Not there, not needed: whether it is, the address says.
    let tls_roots = std::fs::read(&args.tls_root).unwrap_or_default();
    let authority = Authority::new(&args.url, &tls_roots)?;
    let mut clerk = Clerk {
        first: &store,
        second: second.as_ref().map(|second| second as &dyn Store),
        ledger: &mut ledger,
        actor: &actor,
        place: args.why.place.clone(),
        reason: args.why.reason.clone(),
        clock: &clock::now,
    };
    let (mut well, mut no_network, mut came) = (true, None, Vec::new());
    for flight in args.flight.map_or_else(|| store.flights(), |flight| Ok(vec![flight]))? {
        // Nobody was there for the one before: nobody will be for this one.
        let why = match &no_network {
            Some(why) => Some(String::clone(why)),
            None => match clerk.stamp(flight, &authority, &roots)? {
                Came::NotClosed | Came::Stamped(_) => None,
                Came::Refused(why) => Some(why),
                Came::Queued(error) => {
                    let is_no_network = error.is_no_network();
                    let why = format!("{:#}", anyhow::Error::from(error));
                    no_network = is_no_network.then(|| why.clone());
                    Some(why)
                }
            },
        };
        came.push((flight, why));
    }
    let (mut all, mut text) = (Vec::new(), String::new());
    for (flight, why) in came {
        let Some(line) = look(&store, flight)? else { continue };
        let why = why.filter(|_| line.closing.is_some() && !line.is_stamped(&roots));
        well &= why.is_none();
        let mut fact = facts(&line, &roots, &ledger)?;
        fact["why"] = json!(why);
        all.push(fact);
        text.push_str(&said(&line, &roots, why.as_deref()));
    }
    Ok(Done::say(args.home.json, &Value::Array(all), || text)?.unless(well))
}
