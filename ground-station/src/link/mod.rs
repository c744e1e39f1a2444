//! A headless command's link to one vehicle: one conversation at a time, a heartbeat all the while.

mod texts;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use vehicle_link::command::{self, Command, Request};
use vehicle_link::dialect::{HEARTBEAT_DATA, MavAutopilot, MavMessage, MavState, MavType};
use vehicle_link::endpoint::Endpoint;
use vehicle_link::frames::{Body, Encoder, Frame};
use vehicle_link::hub::{Hub, Received, To};
use vehicle_link::missions::{self, Download, Ends, Item, Kind, Upload};
use vehicle_link::peers::{Address, Peer, Table};
use vehicle_link::tunnel::Tunnel;

use crate::clock;
pub(crate) use watch::{News, Place, Watch, text_of};

/// A ground station's usual address: MAV_COMP_ID_MISSIONPLANNER of system 255.
pub(crate) const OWN: Address = Address { system: 255, component: 190 };
/// How often a conversation looks at the clock.
const TICK: Duration = Duration::from_millis(20);
const HEARTBEAT_NS: u64 = 1_000_000_000;
/// How long a vehicle is waited for before the link is said to be silent.
pub(crate) const FIND_NS: u64 = 20_000_000_000;

/// An open link.
pub(crate) struct Link {
    hub: Hub,
    heard: mpsc::Receiver<Received>,
    ticks: tokio::time::Interval,
    interrupts: [Signal; 2],
    encoder: Encoder,
    next_heartbeat_ns: u64,
    peers: Table,
    vehicle: Option<Peer>,
    /// The vehicle as it was last heard.
    pub(crate) watch: Watch,
}

impl Link {
    /// Opens the endpoints.
    pub(crate) async fn open(endpoints: &[Endpoint]) -> Result<Self> {
        let names: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
        let hub = Hub::open(endpoints, Arc::new(clock::SystemClock))
            .await
            .with_context(|| format!("the link {} cannot be opened", names.join(", ")))?;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            heard: hub.subscribe(),
            hub,
            ticks,
            interrupts: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?],
            encoder: Encoder::new(OWN.system, OWN.component),
            next_heartbeat_ns: 0,
            peers: Table::new(),
            vehicle: None,
            watch: Watch::default(),
        })
    }

    /// Waits for the autopilot of `system`, or the first one.
    pub(crate) async fn find(&mut self, system: Option<u8>) -> Result<Peer> {
        let until_ns = clock::mono_ns() + FIND_NS;
        while clock::mono_ns() < until_ns {
            self.next().await?;
            let wanted = |peer: &&Peer| peer.is_autopilot() && system.is_none_or(|id| id == peer.address.system);
            if let Some(peer) = self.peers.iter().find(wanted).copied() {
                self.vehicle = Some(peer);
                self.watch = Watch::begin(peer.is_armed(), clock::mono_ns());
                return Ok(peer);
            }
        }
        let which = system.map_or("no vehicle".to_owned(), |id| format!("no vehicle with system id {id}"));
        bail!("{which} was heard for {} s; check --mavlink, the radio and the vehicle", FIND_NS / 1_000_000_000)
    }

    /// The next frame, or nothing when a moment passed without one. Keeps the heartbeat and the watch going.
    pub(crate) async fn next(&mut self) -> Result<Option<Frame>> {
        let [interrupt, terminate] = &mut self.interrupts;
        let received = tokio::select! {
            biased;
            _ = interrupt.recv() => bail!("interrupted; the vehicle goes on with what it was told"),
            _ = terminate.recv() => bail!("told to end; the vehicle goes on with what it was told"),
            _ = self.ticks.tick() => None,
            received = self.heard.recv() => Some(received.context("the link is gone")?),
        };
        let now_ns = clock::mono_ns();
        if now_ns >= self.next_heartbeat_ns {
            self.next_heartbeat_ns = now_ns + HEARTBEAT_NS;
            let frame = self.encoder.encode(&heartbeat());
            self.hub.send(&frame, To::All);
        }
        let Some(received) = received else {
            return Ok(None);
        };
        self.peers.heard(&received.frame, received.peer, received.at_mono_ns);
        if let Some(vehicle) = self.vehicle {
            self.watch.frame(vehicle.address, &received.frame, received.at_mono_ns);
        }
        Ok(Some(received.frame))
    }

    fn ends(remote: Address) -> Ends {
        Ends { own: OWN, remote }
    }

    fn send(&mut self, body: &Body) {
        let frame = self.encoder.encode_body(body);
        self.hub.send(&frame, To::Target);
    }

    /// Sends a TUNNEL message.
    pub(crate) fn tell(&mut self, tunnel: &Tunnel) -> Result<()> {
        self.send(&tunnel.body()?);
        Ok(())
    }

    /// Gives a command and waits for how it ended; `Err` only when the link is gone.
    pub(crate) async fn command(&mut self, to: Address, command: Command) -> Result<Result<(), command::Refusal>> {
        let (mut request, first) = Request::start(Self::ends(to), command, clock::mono_ns());
        let mut action = Some(first);
        loop {
            match action {
                Some(command::Action::Send(body)) => self.send(&body),
                Some(command::Action::Accepted) => return Ok(Ok(())),
                Some(command::Action::Refused(why)) => return Ok(Err(why)),
                Some(command::Action::Progress(_)) | None => {}
            }
            let frame = self.next().await?;
            let now_ns = clock::mono_ns();
            action = frame.and_then(|frame| request.frame(&frame, now_ns)).or_else(|| request.poll(now_ns));
        }
    }

    /// Gives a command and does not wait for how it ends: where what it brings is listened for.
    pub(crate) fn ask(&mut self, to: Address, command: Command) {
        let (_, first) = Request::start(Self::ends(to), command, clock::mono_ns());
        if let command::Action::Send(body) = first {
            self.send(&body);
        }
    }

    /// Sends a plan up.
    pub(crate) async fn upload(&mut self, to: Address, kind: Kind, items: Vec<Item>) -> Result<()> {
        let (mut upload, first) = Upload::start(Self::ends(to), kind, items, clock::mono_ns())?;
        self.transfer(first, |frame, now_ns| match frame {
            Some(frame) => upload.frame(frame, now_ns),
            None => upload.poll(now_ns),
        })
        .await
        .map(drop)
    }

    /// Reads a plan back.
    pub(crate) async fn download(&mut self, from: Address, kind: Kind) -> Result<Vec<Item>> {
        let (mut download, first) = Download::start(Self::ends(from), kind, clock::mono_ns());
        self.transfer(first, |frame, now_ns| match frame {
            Some(frame) => download.frame(frame, now_ns),
            None => download.poll(now_ns),
        })
        .await
    }

    async fn transfer(
        &mut self,
        first: missions::Action,
        mut step: impl FnMut(Option<&Frame>, u64) -> Vec<missions::Action>,
    ) -> Result<Vec<Item>> {
        let mut actions = vec![first];
        loop {
            for action in actions {
                match action {
                    missions::Action::Send(body) => self.send(&body),
                    missions::Action::Uploaded | missions::Action::Cleared => return Ok(Vec::new()),
                    missions::Action::Downloaded(items) => return Ok(items),
                    missions::Action::Failed(why) => return Err(why.into()),
                }
            }
            let frame = self.next().await?;
            let now_ns = clock::mono_ns();
            actions = step(frame.as_ref(), now_ns);
            actions.extend(step(None, now_ns));
        }
    }
}

fn heartbeat() -> MavMessage {
    MavMessage::HEARTBEAT(HEARTBEAT_DATA {
        mavtype: MavType::MAV_TYPE_GCS,
        autopilot: MavAutopilot::MAV_AUTOPILOT_INVALID,
        system_status: MavState::MAV_STATE_ACTIVE,
        mavlink_version: 3,
        ..HEARTBEAT_DATA::default()
    })
}
