//! The agent: listens to the vehicle, decides, and tells the threads what to do.
//!
//! [`control`] is the pure machine that decides, [`ending`] the one that knows when to go; [`vehicle`] hears; [`flights`] opens and closes; this actor
//! carries inputs to the machine and its actions out.

mod cameras;
mod control;
mod ending;
mod flights;
mod identity;
mod inbox;
mod link_loss;
mod offered;
mod orders;
mod private_view;
mod radio;
mod setup;
mod vehicle;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use flight_record::keys::KeyId;
use flight_record::radio::{Agreement, Body};
use flight_record::record::{ClockEstimate, Kind};
use flight_record::statement::Action as Wish;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use vehicle_link::hub::{Hub, Received, Refusals};

pub use identity::Identity;

use crate::clock;
use crate::config::{Authorise, Config};
use crate::dock::gate::Situation;
use crate::dock::holdings::Holdings;
use crate::recorder::notary::Order;
use crate::recorder::timebase::TimeBase;
use crate::storage::{self, Change, Reserve};
use crate::uplink::statements::{Refusal, Situation as Asked, Word};
use cameras::{Cameras, Gate, Wanted};
use control::{Action, Actor, Control, Input, Refusal as NotNow};
use ending::Ending;
use flights::{Flights, Left};
use inbox::{Inbox, Post};
use link_loss::{Change as LinkChange, LinkLoss};
use orders::{Came, Orders};
use private_view::{Offer, PrivateView};
use radio::{Radio, Said};
use vehicle::{News, Vehicle};

/// How often the agent looks at the clock.
const TICK: Duration = Duration::from_millis(20);
/// How often it looks at the disk and the time of day.
const SLOW_TICK_NS: u64 = 1_000_000_000;
/// At most one `clock` record in this time.
const CLOCK_RECORD_NS: u64 = 60_000_000_000;

/// Flies until SIGTERM or SIGINT, or after one flight. The first signal closes what is open and waits a little for the
/// station that witnessed it; a second one ends the program at once.
///
/// # Errors
/// When keys, trust, links or folders are not as the configuration says.
pub async fn run(config: Config, config_path: &Path, exit_after_flight: bool) -> Result<()> {
    let (mut agent, mut heard) = setup::assemble(config, config_path).await?;
    agent.ending_at = Ending::new(exit_after_flight);
    let mut term = signal(SignalKind::terminate()).context("SIGTERM cannot be listened for")?;
    let mut int = signal(SignalKind::interrupt()).context("SIGINT cannot be listened for")?;
    agent.look_at_disk();
    agent.take_up();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = term.recv() => if agent.asked_to_end() { break },
            _ = int.recv() => if agent.asked_to_end() { break },
            _ = tick.tick() => agent.tick(),
            received = next(&mut heard) => match received {
                Some(received) => agent.hear(&received),
                None => break,
            },
        }
        if agent.over {
            break;
        }
    }
    agent.shut_down();
    Ok(())
}

async fn next(heard: &mut mpsc::Receiver<Received>) -> Option<Received> {
    heard.recv().await
}

struct Agent {
    config: Config,
    control: Control,
    link_loss: LinkLoss,
    flights: Flights,
    hub: Hub,
    refusals: Refusals,
    vehicle: Vehicle,
    cameras: Cameras,
    radio: Radio,
    orders: Orders,
    inbox: Inbox,
    private_view: Option<PrivateView>,
    time: TimeBase,
    reserve: Reserve,
    storage_used: Arc<AtomicU64>,
    dock: Arc<Holdings>,
    telemetry_paused: bool,
    disk_read_only: bool,
    last_slow_ns: u64,
    last_clock_record_ns: u64,
    ending: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    ending_at: Ending,
    over: bool,
}

impl Agent {
    /// What the start finds, and what a disk that takes nothing did not let it take up.
    fn take_up(&mut self) {
        if let Some(before) = self.flights.mapping_before(&self.config) {
            self.time.set(before);
        }
        let at = self.time.mapping().stamp(clock::mono_ns());
        match tokio::task::block_in_place(|| self.flights.take_up(&self.config, at)) {
            Some(Left::TakenUp { recording, orders, sessions }) => {
                self.orders.resume(&orders, &sessions, at);
                self.input(Input::Resumed { recording });
            }
            Some(Left::AsItIs { recording }) => self.input(Input::NotResumed { recording }),
            None => {}
        }
        self.tell_dock();
        tokio::task::block_in_place(|| self.dock.make_challenges());
    }

    /// The dock gives way to what the aircraft is doing.
    fn tell_dock(&self) {
        self.dock.gate.tell(Situation {
            started: true,
            armed: self.control.armed(),
            recording: self.control.recording(),
            current: self.flights.current(),
        });
    }

    fn hear(&mut self, received: &Received) {
        self.flights.telemetry.frame(received.frame.clone(), received.link.0, received.at_mono_ns);
        let message = received.frame.message().ok().map(|(_, message)| message);
        for news in self.vehicle.hear(received, message.as_ref()) {
            self.news(news);
        }
        let own = self.cameras.own();
        let reply =
            message.as_ref().zip(own).and_then(|(message, own)| vehicle::timesync_answer(received, message, own));
        if let Some(reply) = reply {
            self.cameras.send(&self.hub, &reply, received.peer);
        }
        let around = (&self.hub, &mut self.cameras, &self.flights.notary);
        match self.radio.hear(received, self.vehicle.via(), around) {
            Some(Said::Word(came)) => self.order(came),
            Some(Said::Offer(offer)) => self.offered(&offer),
            Some(Said::Post(post)) => self.post(&post),
            None => {}
        }
        let gate = self.gate();
        for asked in self.cameras.hear(&self.hub, received, &self.flights.streams, gate) {
            match asked {
                Wanted::Input(input) => self.input(input),
                Wanted::Stills => {
                    let (by, signer) = self.caused(Actor::Command);
                    self.flights.notary.event_by("stills-ordered", signer, by.to_owned());
                }
            }
        }
    }

    fn tick(&mut self) {
        let now_ns = clock::mono_ns();
        for news in self.vehicle.tick(now_ns) {
            self.news(news);
        }
        if let Some(request) = self.vehicle.timesync_request(now_ns) {
            self.cameras.broadcast(&self.hub, &request);
        }
        let gate = self.gate();
        self.cameras.tick(&self.hub, &self.flights.streams, gate, now_ns);
        if now_ns.saturating_sub(self.last_slow_ns) >= SLOW_TICK_NS {
            self.last_slow_ns = now_ns;
            self.look_at_disk();
            self.look_at_time(now_ns);
            self.look_at_refusals(now_ns);
        }
        self.look_at_link(now_ns);
        self.input(Input::Tick);
        self.tell_dock();
        self.radio.tick(now_ns, &self.hub, &mut self.cameras);
        self.look_at_view(now_ns);
        self.orders.tick(&self.hub, &mut self.cameras);
        self.inbox.tick(&self.flights.notary, &self.hub, &mut self.cameras);
        self.over |= self.ending_at.has_come(now_ns, || self.radio.outlook(now_ns));
    }

    /// Papers or an alert, or a part of them, came by radio.
    fn post(&mut self, post: &Post) {
        let at = self.time.mapping().stamp(clock::mono_ns());
        let trust = self.flights.identity.trust.list();
        let here = (self.flights.current(), at);
        self.inbox.hear(post, &trust, here, &self.flights.notary, (&self.hub, &mut self.cameras));
    }

    /// A station offers keys for the live view.
    fn offered(&mut self, offer: &Offer) {
        if let Some(view) = &mut self.private_view {
            let at = self.time.mapping().stamp(clock::mono_ns());
            let trust = self.flights.identity.trust.list();
            view.hear(offer, &trust, (self.flights.current(), at), (&self.hub, &mut self.cameras));
        }
    }

    /// Whether the live view's keys still hold; the stations are told.
    fn look_at_view(&mut self, now_ns: u64) {
        let Some(view) = &mut self.private_view else { return };
        let at = self.time.mapping().stamp(now_ns);
        let trust = self.flights.identity.trust.list();
        if let Some(call) = view.tick(&trust, self.flights.current(), at) {
            self.radio.tell_all(&Body::Agreement(Agreement::Call(call)), &self.hub, &mut self.cameras);
        }
    }

    /// What stations may ask for now.
    fn gate(&self) -> Gate {
        Gate {
            recording: self.control.recording(),
            no_start: self.control.refusal(),
            flight: self.flights.current().is_some(),
            buttons: self.config.record.authorise == Authorise::None || self.button_of().is_some(),
        }
    }

    /// In whose name a station's button works now.
    fn button_of(&self) -> Option<KeyId> {
        let at = self.time.mapping().stamp(clock::mono_ns());
        self.orders.allows(&self.flights.identity.trust.list(), at)
    }

    /// Whether the ground is heard, and what the policy makes of it when it is not.
    fn look_at_link(&mut self, now_ns: u64) {
        match self.link_loss.step(self.radio.last_station_ns(), self.control.recording(), now_ns) {
            Some(LinkChange::Lost) => self.flights.notary.event("ground-lost"),
            Some(LinkChange::Regained) => self.flights.notary.event("ground-regained"),
            Some(LinkChange::Stop) => self.input(Input::LinkLost),
            None => {}
        }
    }

    fn news(&mut self, news: News) {
        tracing::info!(?news, "vehicle");
        match news {
            News::Found(address) => self.cameras.found(address, &self.hub),
            News::Armed => self.input(Input::Armed),
            News::Disarmed => self.input(Input::Disarmed),
            News::Lost => self.flights.notary.event("link-lost"),
            News::Regained => {
                self.flights.notary.event("link-regained");
                self.cameras.ask(&self.hub);
            }
            News::Rebooted => {
                self.flights.notary.event("autopilot-rebooted");
                self.cameras.ask(&self.hub);
            }
            News::TimeRefused => {
                let at = self.time.mapping().stamp(clock::mono_ns());
                self.flights.note("vehicle-time-refused", None, at);
            }
        }
    }

    fn input(&mut self, input: Input) {
        for action in self.control.step(input, clock::mono_ns()) {
            tracing::info!(?action, "decided");
            // Before and after: the dock lets go of the disk first, and sees a flight that is closed.
            self.tell_dock();
            tokio::task::block_in_place(|| self.act(action));
            self.tell_dock();
            if matches!(action, Action::CloseFlight(_)) {
                tokio::task::block_in_place(|| self.dock.make_challenges());
            }
        }
    }

    fn act(&mut self, action: Action) {
        let now_ns = clock::mono_ns();
        match action {
            Action::OpenFlight => {
                self.freeze_best_time(now_ns);
                let at = self.time.mapping().stamp(now_ns);
                let offered = self.radio.recipient().unwrap_or_else(|error| {
                    tracing::error!(%error, "the recipient from the ground cannot be used; the list gives one");
                    None
                });
                if let Err(error) = self.flights.open(&self.config, offered, self.inbox.held(), at) {
                    tracing::error!(error = format!("{error:#}"), "no flight can be opened: nothing is recorded");
                    if self.control.flight_refused(now_ns) {
                        self.flights.note("flight-not-opened", None, at);
                    }
                    return;
                }
                self.inbox.flight_opened();
                self.orders.flight_opened(&self.flights.notary, now_ns);
            }
            Action::StartRecording(by) => self.start(by, now_ns),
            Action::StopRecording(by) => {
                let by = self.caused(by);
                self.flights.stop(by, now_ns);
            }
            Action::CloseFlight(reason) => {
                let at = self.time.mapping().stamp(now_ns);
                self.flights.close(reason, at);
                self.orders.flight_closed();
                self.inbox.flight_closed();
                self.tell_links();
                self.ending_at.closed(clock::mono_ns());
            }
        }
    }

    /// What went over each link since the start, and what did not.
    fn tell_links(&self) {
        for (endpoint, link) in self.config.mavlink.endpoints.iter().zip(self.hub.statistics()) {
            let endpoint = endpoint.get_ref();
            let (received, lost, damaged) = (link.received_frames, link.lost_frames, link.bad_checksums);
            let (sent, dropped) = (link.sent_frames, link.queue_drops);
            tracing::info!(endpoint, received, lost, damaged, sent, dropped, "frames of a link");
        }
    }

    fn start(&mut self, by: Actor, now_ns: u64) {
        if self.flights.current().is_none() {
            return;
        }
        self.freeze_best_time(now_ns);
        let by = self.caused(by);
        self.flights.start(by, self.time.mapping().stamp(now_ns));
    }

    /// Who or what, for the event; an order stands in the record before what it caused.
    fn caused(&mut self, by: Actor) -> (&'static str, Option<KeyId>) {
        let signer = match by {
            Actor::Order => self.orders.record(&self.flights.notary),
            Actor::Command => self.button_of(),
            Actor::Policy | Actor::Storage | Actor::Restart | Actor::Shutdown => None,
        };
        (by.word(), signer)
    }

    /// An order to record came by radio.
    fn order(&mut self, came: Came) {
        let no_start = self.control.refusal().map(|refusal| match refusal {
            NotNow::StorageLow => Refusal::StorageLow,
            NotNow::StorageReadOnly => Refusal::StorageReadOnly,
            NotNow::Ending => Refusal::Ending,
        });
        let now = Asked { flight: self.flights.current(), no_start, at: self.time.mapping().stamp(clock::mono_ns()) };
        let input = match &came.word {
            Word::Order(order) if order.action == Wish::Start => Some(Input::StartOrder),
            Word::Order(_) => Some(Input::StopOrder),
            Word::Session(_) => None,
        };
        let trust = self.flights.identity.trust.list();
        if !self.orders.hear(came, &trust, now, (&self.hub, &mut self.cameras)) {
            return;
        }
        if let Some(input) = input {
            self.input(input);
        }
        // One that finds its wish fulfilled stands in the record all the same.
        self.orders.record(&self.flights.notary);
    }

    /// The best mapping there is now, unless one is frozen for a recording.
    fn freeze_best_time(&self, now_ns: u64) {
        let best = self.vehicle.utc(now_ns).unwrap_or_else(|| setup::machine_time(now_ns));
        if self.time.mapping().improved_by(&best) {
            self.time.set(best);
            // Signing goes by the best time too: an aircraft without a clock of its own would sign with that of its last flight.
            self.hub.set_utc(u64::try_from(best.utc_us).unwrap_or(0));
        }
    }

    /// Frames that signing refused are in the log, link by link.
    fn look_at_refusals(&mut self, now_ns: u64) {
        for (link, refused) in self.refusals.news(&self.hub.statistics(), now_ns) {
            tracing::warn!(link = link.0, "frames refused so far: {refused}");
        }
    }

    fn look_at_time(&mut self, now_ns: u64) {
        if !self.control.recording() {
            self.freeze_best_time(now_ns);
            return;
        }
        let Some(better) = self.vehicle.utc(now_ns).filter(|utc| self.time.mapping().improved_by(utc)) else {
            return;
        };
        if now_ns.saturating_sub(self.last_clock_record_ns) >= CLOCK_RECORD_NS {
            self.last_clock_record_ns = now_ns;
            let estimate: ClockEstimate = better.stamp(now_ns).into();
            self.flights.notary.order(Order::Append(Box::new(Kind::Clock(estimate))));
        }
    }

    fn look_at_disk(&mut self) {
        let space = match storage::space(&self.config.storage.dir) {
            Ok(space) => space,
            Err(error) => {
                tracing::error!(%error, "the disk does not say how much room it has");
                return;
            }
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10 000")]
        let used = (space.used_percent() * 100.0) as u64;
        self.storage_used.store(used, Ordering::Relaxed);
        self.cameras.storage(space);
        self.look_whether_it_takes(space.read_only);
        match self.reserve.judge(space.free_bytes) {
            Some(Change::Low) => {
                self.flights.notary.event_with("storage-low", format!("{} bytes free", space.free_bytes));
                self.input(Input::StorageLow);
            }
            Some(Change::Free) => {
                self.flights.notary.event("storage-free");
                self.input(Input::StorageFree);
            }
            None => {}
        }
        let exhausted = self.reserve.exhausted(space.free_bytes);
        if exhausted != std::mem::replace(&mut self.telemetry_paused, exhausted) {
            self.flights.notary.event(if exhausted { "telemetry-paused" } else { "telemetry-resumed" });
            self.flights.telemetry.pause(exhausted);
        }
    }

    /// A disk that fails is often made read-only by the system, and then nothing can be recorded of it.
    fn look_whether_it_takes(&mut self, read_only: bool) {
        if read_only == std::mem::replace(&mut self.disk_read_only, read_only) {
            return;
        }
        if read_only {
            tracing::error!(
                storage = %self.config.storage.dir.display(),
                "the disk takes nothing: nothing is recorded until it is mounted for writing; tried again each second"
            );
            self.cameras.warn(&self.hub, "Storage is read-only: NOT RECORDING");
            self.input(Input::StorageReadOnly);
        } else {
            self.cameras.warn(&self.hub, "Storage can be written again");
            self.flights.notary.event("storage-writable");
            self.input(Input::StorageWritable);
            if self.flights.current().is_none() {
                self.take_up();
            }
        }
    }

    /// Closes what is open; whether the program is to end at once.
    fn asked_to_end(&mut self) -> bool {
        self.input(Input::Shutdown);
        self.ending_at.ask(clock::mono_ns())
    }

    fn shut_down(mut self) {
        self.input(Input::Shutdown);
        self.tell_links();
        self.ending.store(true, Ordering::Relaxed);
        let threads = std::mem::take(&mut self.threads);
        // The streams and the notary end when their last handle is dropped.
        drop(self);
        tokio::task::block_in_place(|| {
            for thread in threads {
                drop(thread.join());
            }
        });
    }
}
