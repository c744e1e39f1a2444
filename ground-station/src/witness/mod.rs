//! `witness`: a process of its own that listens to aircraft, keeps every head they sign, and signs it too.

mod air;
mod files;
mod offers;
mod say;
mod trusted;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use flight_record::keys::{DeviceKey, KeyId};
use flight_record::radio::{Body, Ready};
use flight_record::recipients::{FlightRecipients, Recipient, read_list};
use flight_record::trust::TrustList;
use flight_record::witness::{Note, Step, Witness};
use flight_record::{FlightId, Stamp};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};
use vehicle_link::endpoint::Endpoint;
use vehicle_link::hub::Received;

use crate::link::Links;
use crate::{clock, log};
use air::From;
pub(crate) use air::{Air, From as Way, system_of};
use files::Files;
use offers::{Answer, Offers};
use say::{Event, Voice};
pub(crate) use trusted::Trusted;

/// How often the machine is told the time.
const TICK: Duration = Duration::from_millis(50);
/// MAVLink system ids 200 to 249, by the key: two witnesses on a network are rarely the same component.
const SYSTEMS: std::ops::Range<u8> = 200..250;
/// Flights taken up again at the start.
const MAX_TAKEN_UP: usize = 64;

/// Arguments of `witness`.
#[derive(Args)]
#[command(after_help = "\
Each flight gets a file DIR/<flight-id>.jsonl, signed line by line; give it to skyseal-verify --witness. A line is on the
disk before the aircraft hears of it. Let it run as a service: flights are told apart by themselves. With --log, entries of the
flight log are drafted from what the vehicles say of themselves; `skyseal-ground log` lists and enters drafts.

Examples:
  skyseal-ground witness --dir witness --key station.key --trust trust.json --root 9f86d0… --mavlink udpin:0.0.0.0:14560
  skyseal-ground witness --dir witness --key station.key --trust trust.json --root 9f86d0… --mavlink udpin:0.0.0.0:14560 \\
      --entitled entitled.txt --wraps wraps --json
  skyseal-ground witness --dir witness --key station.key --trust trust.json --root 9f86d0… --log drafts --log-header today.toml

Exit: 0 stopped by a signal or, with --once, after every flight; 1 refused, or a flight is in doubt; 2 misuse.")]
pub(crate) struct Arguments {
    /// Folder of the witness files; one process at a time
    #[arg(long)]
    dir: PathBuf,
    /// This station's key, as `trust request` made it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The unit's trust list; read again when it changes
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Fingerprint of the unit's root
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
    root: KeyId,
    /// Link to aircraft; repeat for more
    #[arg(long, value_name = "ENDPOINT", default_value = "udpin:0.0.0.0:14560")]
    mavlink: Vec<Endpoint>,
    /// MAVLink system id of this witness; without it 200 to 249, by its key
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(1..))]
    system: Option<u8>,
    /// Key of MAVLink signing, from `trust mavlink-key`: what goes out is signed, and nothing else is listened to
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// Who may open flights, one age recipient a line: aircraft that are ready are offered a recipient for the next flight
    #[arg(long, value_name = "FILE", requires = "wraps")]
    entitled: Option<PathBuf>,
    /// Folder for the wrapped secrets of those recipients
    #[arg(long, value_name = "DIR", requires = "entitled")]
    wraps: Option<PathBuf>,
    #[command(flatten)]
    log: log::Drafting,
    /// Ends when every flight heard has landed
    #[arg(long)]
    once: bool,
    /// Prints a JSON object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn fingerprint(text: &str) -> Result<KeyId, String> {
    text.parse().map_err(|error| format!("{error}; `skyseal-ground trust show` prints the fingerprint"))
}

/// Witnesses until it is stopped.
pub(crate) fn run(arguments: &Arguments) -> Result<String> {
    let key = DeviceKey::load(&arguments.key).context("the station's key; `skyseal-ground trust request` makes one")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(listen(arguments, key))
}

async fn listen(arguments: &Arguments, key: DeviceKey) -> Result<String> {
    let mut term = signal(SignalKind::terminate()).context("SIGTERM cannot be listened for")?;
    let mut int = signal(SignalKind::interrupt()).context("SIGINT cannot be listened for")?;
    let files = Files::take(&arguments.dir)?;
    let log = log::Follower::open(&arguments.log)?;
    let at = clock::stamp();
    let mut trusted = Trusted::new(&arguments.trust, &arguments.dir, arguments.root);
    let trust = trusted.read(key.public().id(), at.utc_us)?;
    let entitled = arguments.entitled.as_deref().map(read_list).transpose()?;
    let recipients = entitled.zip(arguments.wraps.clone());
    let system = arguments.system.unwrap_or_else(|| system_of(key.public().id(), SYSTEMS));
    let links = Links::open(&arguments.mavlink, arguments.signing_key.as_deref()).await?;
    let mut heard = links.hub.subscribe();
    let air = Air::new(links, system);
    let mut voice = Voice::new(arguments.json);
    let (links, station) = (air.links(&arguments.mavlink), key.public().id().to_string());
    voice.say(&Event::Listening { links, station }, at.utc_us);
    let witness = Witness::new(key.clone(), trust.clone());
    let mut desk = Desk { key, trust, trusted, witness, files, air, voice, recipients, offers: Offers::default(), log };
    desk.take_up()?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = term.recv() => break,
            _ = int.recv() => break,
            _ = ticks.tick() => desk.tick(),
            received = heard.recv() => match received {
                Some(received) => desk.hear(&received),
                None => break,
            },
        }
        if arguments.once && desk.witness.all_landed() {
            break;
        }
    }
    desk.end_the_log();
    match desk.voice.doubts {
        0 => Ok(String::new()),
        doubts => bail!(
            "alarms that put a flight in doubt: {doubts}; they stand in the witness files in {}",
            arguments.dir.display()
        ),
    }
}

/// The actor around the machine.
struct Desk {
    key: DeviceKey,
    trust: TrustList,
    trusted: Trusted,
    witness: Witness,
    files: Files,
    air: Air,
    voice: Voice,
    /// Who is entitled to flights to come, and where the wraps go.
    recipients: Option<(Vec<Recipient>, PathBuf)>,
    offers: Offers,
    /// Drafts the flight log.
    log: Option<log::Follower>,
}

impl Desk {
    /// Takes up the flights that had not landed when the process ended.
    fn take_up(&mut self) -> Result<()> {
        let at = clock::stamp();
        for flight in self.files.newest(MAX_TAKEN_UP)? {
            match self.files.recall(flight, &self.key) {
                Ok(found) => {
                    self.say_torn(found.torn, at);
                    let unfinished = found.recalled.filter(|recalled| !recalled.landed());
                    if unfinished.is_some() {
                        let steps = self.witness.recalled(flight, unfinished, at);
                        self.carry_out(steps, None, at);
                    }
                }
                Err(error) => self.refuse(flight, &error, at),
            }
        }
        Ok(())
    }

    /// Lets the log end, and says what is left to say.
    fn end_the_log(&mut self) {
        for words in self.log.take().map(log::Follower::finish).unwrap_or_default() {
            self.voice.say(&Event::Log { words }, clock::now_utc_us());
        }
    }

    fn hear(&mut self, received: &Received) {
        if let Some(log) = &mut self.log {
            log.hear(&received.frame);
        }
        let Some((body, from)) = self.air.body(received) else {
            return;
        };
        let at = clock::stamp();
        if let Body::Ready(ready) = &body {
            self.ready(ready, from, at);
            return;
        }
        let steps = self.witness.hear(&body, at);
        self.carry_out(steps, Some(from), at);
    }

    fn tick(&mut self) {
        let at = clock::stamp();
        for links in self.air.tick(at.mono_ns) {
            self.voice.say(&Event::Refused { links }, at.utc_us);
        }
        for words in self.log.iter().flat_map(log::Follower::news).collect::<Vec<_>>() {
            self.voice.say(&Event::Log { words }, at.utc_us);
        }
        let steps = self.witness.tick(at);
        self.carry_out(steps, None, at);
        if self.trusted.has_changed(at.mono_ns) {
            match self.trusted.read(self.key.public().id(), at.utc_us) {
                Ok(trust) => {
                    self.voice.say(&Event::Trust { version: trust.version }, at.utc_us);
                    self.witness.set_trust(trust.clone());
                    self.trust = trust;
                }
                Err(error) => self.trouble(format!("{error:#}; the list read before stays in force"), at),
            }
        }
    }

    /// Carries out steps in order. When a line cannot be made durable, what follows for that flight is left out, and its
    /// file says where it stands when it is heard again.
    fn carry_out(&mut self, steps: Vec<Step>, from: Option<From>, at: Stamp) {
        let beacon = steps.iter().find(|step| matches!(step, Step::Note(Note::Heard { .. })));
        if let (Some(step), Some(from)) = (beacon, from) {
            self.air.came(step.flight(), from, at.mono_ns);
        }
        let mut dropped: Option<FlightId> = None;
        for step in steps {
            let flight = step.flight();
            if dropped == Some(flight) {
                continue;
            }
            match step {
                Step::Recall(flight) => match self.files.recall(flight, &self.key) {
                    Ok(found) => {
                        self.say_torn(found.torn, at);
                        let more = self.witness.recalled(flight, found.recalled, at);
                        self.carry_out(more, from, at);
                    }
                    Err(error) => self.refuse(flight, &error, at),
                },
                Step::Persist { flight, line } => {
                    if let Err(error) = self.files.append(flight, &line) {
                        self.trouble(format!("{error:#}; flight {flight} is not witnessed until it can be"), at);
                        self.witness.forget(flight);
                        dropped = Some(flight);
                    }
                }
                Step::Send { flight, body } => self.air.send(flight, &body, at.mono_ns),
                Step::Alarm(alarm) => self.voice.say(&Event::Alarm(&alarm), at.utc_us),
                Step::Note(note) => {
                    self.voice.say(&Event::Note(&note), at.utc_us);
                    if matches!(note, Note::Landed { .. }) {
                        self.files.close(flight);
                    }
                }
            }
        }
    }

    fn ready(&mut self, ready: &Ready, from: From, at: Stamp) {
        let Some((entitled, wraps)) = &self.recipients else {
            return;
        };
        let make = || Ok(FlightRecipients::make(wraps, entitled)?);
        match self.offers.ready(ready, (&self.key, &self.trust), at, make) {
            Ok(Some(Answer::Offer { offer, device, recipient, new })) => {
                if new {
                    self.voice.say(&Event::Offered { device, recipient: recipient.to_string() }, at.utc_us);
                }
                self.air.answer(from, &Body::Recipient(offer));
            }
            Ok(Some(Answer::Taken { device, recipient })) => {
                self.voice.say(&Event::Taken { device, recipient: recipient.to_string() }, at.utc_us);
            }
            Ok(None) => {}
            Err(error) => self.trouble(format!("no recipient can be made: {error:#}"), at),
        }
    }

    fn refuse(&mut self, flight: FlightId, error: &anyhow::Error, at: Stamp) {
        self.trouble(format!("{error:#}"), at);
        self.witness.refuse(flight, at);
    }

    fn say_torn(&mut self, torn: Option<PathBuf>, at: Stamp) {
        if let Some(path) = torn {
            self.trouble(format!("a line was never finished; its bytes are in {}", path.display()), at);
        }
    }

    fn trouble(&mut self, what: String, at: Stamp) {
        self.voice.say(&Event::Trouble { what }, at.utc_us);
    }
}
