//! `record`: starts and stops the recording, by an order that the flight's record keeps, and believes it only when bytes are
//! seen to grow; or lets the buttons of any station do so for a while.

mod authorise;
pub(crate) mod order;
mod seen;

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use flight_record::statement::Action;
use flight_record::{FlightId, Reason, Sha256};
use serde_json::json;
use vehicle_link::camera::COMPONENT_IDS;
use vehicle_link::command::Command as Order;
use vehicle_link::peers::Address;

use crate::clock;
use crate::link::{self, Converse as _, Link};
use crate::papers::{self, Carried, Vouched};
use crate::rec::Rec;
use crate::signer::By;
use seen::Wanted;

const VIDEO_START_CAPTURE: u16 = 2500;
const VIDEO_STOP_CAPTURE: u16 = 2501;

const EXAMPLES: &str = "\
The order is signed, by a person or by this station, and stands in the flight's record with a
commitment to the reason. The words themselves never go over the air: they are kept in --reasons,
and `dock --reasons` puts them beside the flight. A start is reported only once the camera says
that it records, its recording time grows, and a newer hash of the flight has come by radio
(not waited for with --unsigned: cameras of other makes seal nothing).

Examples:
  skyseal-ground record start --reason \"missing person, log 1234\" --as officer-10 \\
      --pin-file pin --store /srv/store --mavlink udpout:192.168.1.10:14551
  skyseal-ground record stop --reason \"found\" --key station.key --json";

/// What to do with the recording.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Starts it.
    #[command(after_help = EXAMPLES)]
    Start(Arguments),
    /// Stops it.
    #[command(after_help = EXAMPLES)]
    Stop(Arguments),
    /// Lets the buttons of any station start and stop it, and take photos, in an officer's name for a while.
    #[command(after_help = authorise::EXAMPLES)]
    Authorise(authorise::Arguments),
}

/// Arguments of both.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    by: By,
    /// Before a start: papers of `plan check --papers`, which the flight's record is to begin with
    #[arg(long, value_name = "FILE", requires = "trust", conflicts_with = "unsigned")]
    papers: Option<PathBuf>,
    #[command(flatten)]
    vouched: Vouched,
    #[command(flatten)]
    given: Given,
}

/// What any word about a recording needs.
#[derive(Args)]
#[group(id = "given")]
struct Given {
    /// Why, in words: 4 to 200 plain characters
    #[arg(long, value_name = "TEXT")]
    reason: Reason,
    /// Folder in which reasons are kept until the flight is handed over
    #[arg(long, value_name = "DIR", default_value = "reasons")]
    reasons: PathBuf,
    #[command(flatten)]
    link: link::Arguments,
    /// The camera's component id
    #[arg(long, value_name = "ID", default_value_t = *COMPONENT_IDS.start(), value_parser = clap::value_parser!(u8).range(100..=105))]
    camera: u8,
    /// Prints the facts as JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// The papers that go before a start.
    fn packed(&self, action: Action) -> Result<Option<Vec<u8>>> {
        let Some(path) = &self.papers else { return Ok(None) };
        ensure!(action == Action::Start, "--papers: they go before a start");
        let papers = papers::read(path)?;
        let judged = papers::cleared(&papers, &self.vouched.list()?)?;
        for warning in papers::warnings(&judged.facts, clock::now_utc_us()) {
            eprintln!("warning: {warning}");
        }
        Ok(Some(papers.pack()?))
    }
}

impl Given {
    /// Opens the link; the camera on it.
    async fn camera(&self) -> Result<(Link, Address)> {
        let mut link = Link::open(&self.link).await?;
        let vehicle = link.find().await?;
        Ok((link, Address::new(vehicle.address.system, self.camera)))
    }
}

/// An order that stands in the record.
struct Recorded {
    /// Commits to the reason.
    reason: Sha256,
    /// Whose order it is.
    by: String,
    flight: Option<FlightId>,
}

/// What was done, for whoever asked.
struct Done {
    camera: Address,
    shown: Rec,
    recorded_ms: u32,
    order: Option<Recorded>,
}

/// Does it; what to print.
pub(crate) fn run(command: &Command) -> Result<String> {
    let (arguments, action) = match command {
        Command::Start(arguments) => (arguments, Action::Start),
        Command::Stop(arguments) => (arguments, Action::Stop),
        Command::Authorise(arguments) => return authorise::run(arguments),
    };
    // Before anything is said on the air: a person without a PIN orders nothing, and no flight begins by papers that hold it back.
    let signer = arguments.by.signer()?;
    let packed = arguments.packed(action)?;
    let given = &arguments.given;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut link, camera) = given.camera().await?;
        let order = match &signer {
            Some(signer) => {
                if let Some(packed) = packed {
                    let mut carried = Carried::new(Some(packed), camera, signer);
                    papers::deliver(&mut carried, &mut link).await.context("the papers did not reach the aircraft")?;
                }
                let reason = order::keep(&given.reasons, &given.reason)?;
                let key = signer.key(clock::now_utc_us())?;
                let flight = order::give(&mut link, camera, (order::Wish::Order(action), reason), key).await?;
                Some(Recorded { reason, by: signer.name(), flight })
            }
            None => {
                command_only(&mut link, camera, action).await?;
                None
            }
        };
        let wanted = match (action, &order) {
            (Action::Stop, _) => Wanted::Off,
            (Action::Start, Some(_)) => Wanted::Sealed,
            (Action::Start, None) => Wanted::Recording,
        };
        let (shown, recorded_ms) = seen::see(&mut link, camera, wanted).await?;
        Ok(report(given, &Done { camera, shown, recorded_ms, order }))
    })
}

/// Any MAVLink camera's own command.
async fn command_only(link: &mut Link, camera: Address, action: Action) -> Result<()> {
    let number = match action {
        Action::Start => VIDEO_START_CAPTURE,
        Action::Stop => VIDEO_STOP_CAPTURE,
    };
    link.command(camera, Order::new::<0>(number, []))
        .await?
        .with_context(|| format!("camera {camera} did not {} recording", action.word()))
}

fn report(given: &Given, done: &Done) -> String {
    let at_utc_us = clock::now_utc_us();
    let Done { camera, shown, recorded_ms, order } = done;
    let sealed = *shown == Rec::Recording;
    if given.json {
        let order = order.as_ref();
        let facts = json!({
            "camera": camera.to_string(),
            "recording": *shown != Rec::Off,
            "sealed": sealed,
            "recorded_ms": recorded_ms,
            "reason": given.reason,
            "at_utc_us": at_utc_us,
            "ordered_by": order.map(|order| &order.by),
            "commitment": order.map(|order| order.reason),
            "flight": order.and_then(|order| order.flight),
        });
        return format!("{facts:#}\n");
    }
    let at = jiff::Timestamp::from_microsecond(at_utc_us).map_or_else(|_| String::new(), |at| at.to_string());
    let state = match shown {
        Rec::Recording => "records, sealed",
        Rec::Awaited => "records, not sealed yet",
        Rec::Unsealed => "records, not sealed",
        _ => "has stopped",
    };
    let seconds = f64::from(*recorded_ms) / 1e3;
    let kept = match order {
        Some(order) => {
            format!("ordered by {}, in the flight's record; reason kept in {}", order.by, given.reasons.display())
        }
        None => "not signed: the reason is in no record".to_owned(),
    };
    format!("{at}: camera {camera} {state} ({seconds:.1} s); {}\n  {kept}\n", given.reason)
}
