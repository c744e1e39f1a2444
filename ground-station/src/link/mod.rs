//! A headless command's link to one vehicle: one conversation at a time, a heartbeat all the while.

mod arguments;
mod converse;
mod signing;
pub(crate) mod texts;
mod watch;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use vehicle_link::dialect::{HEARTBEAT_DATA, MavAutopilot, MavMessage, MavState, MavType};
use vehicle_link::frames::{Body, Encoder, Frame};
use vehicle_link::hub::{Received, To};
use vehicle_link::peers::{Address, Peer, Table};

use crate::{clock, log};
pub(crate) use arguments::Arguments;
pub(crate) use converse::{Converse, Does, Ear, ends};
pub(crate) use signing::Links;
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
    links: Links,
    system: Option<u8>,
    heard: mpsc::Receiver<Received>,
    ticks: tokio::time::Interval,
    interrupts: [Signal; 2],
    encoder: Encoder,
    next_heartbeat_ns: u64,
    peers: Table,
    vehicle: Option<Peer>,
    /// Drafts the flight log of the vehicle.
    pub(crate) log: Option<log::Follower>,
    /// The vehicle as it was last heard.
    pub(crate) watch: Watch,
}

impl Link {
    /// Opens the endpoints.
    pub(crate) async fn open(arguments: &Arguments) -> Result<Self> {
        let links = Links::open(&arguments.mavlink, arguments.signing_key.as_deref()).await?;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            heard: links.hub.subscribe(),
            links,
            system: arguments.system,
            ticks,
            interrupts: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?],
            encoder: Encoder::new(OWN.system, OWN.component),
            next_heartbeat_ns: 0,
            peers: Table::new(),
            vehicle: None,
            log: None,
            watch: Watch::default(),
        })
    }

    /// Waits for the autopilot of the system asked for, or the first one.
    pub(crate) async fn find(&mut self) -> Result<Peer> {
        let system = self.system;
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
        let refused = self.links.refused_so_far().map_or_else(String::new, |refused| {
            format!("; frames were refused ({refused}): both ends need the same --signing-key")
        });
        bail!(
            "{which} was heard for {} s; check --mavlink, --signing-key, the radio and the vehicle{refused}",
            FIND_NS / 1_000_000_000
        )
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
            self.links.hub.send(&frame, To::All);
            self.links.refused(now_ns).iter().for_each(|line| eprintln!("{line}"));
            self.log.iter().flat_map(log::Follower::news).for_each(|line| eprintln!("{line}"));
        }
        let Some(received) = received else {
            return Ok(None);
        };
        self.peers.heard(&received.frame, received.peer, received.at_mono_ns);
        if let Some(vehicle) = self.vehicle {
            self.watch.frame(vehicle.address, &received.frame, received.at_mono_ns);
            let ours = Address::of(&received.frame) == vehicle.address;
            if let Some(log) = self.log.as_mut().filter(|_| ours) {
                log.hear(&received.frame);
            }
        }
        Ok(Some(received.frame))
    }
}

impl Ear for Link {
    async fn next(&mut self) -> Result<Option<Frame>> {
        Self::next(self).await
    }

    fn send(&mut self, body: &Body) {
        let frame = self.encoder.encode_body(body);
        self.links.hub.send(&frame, To::Target);
    }
}

/// What a ground station says of itself once a second.
pub(crate) fn heartbeat() -> MavMessage {
    MavMessage::HEARTBEAT(HEARTBEAT_DATA {
        mavtype: MavType::MAV_TYPE_GCS,
        autopilot: MavAutopilot::MAV_AUTOPILOT_INVALID,
        system_status: MavState::MAV_STATE_ACTIVE,
        mavlink_version: 3,
        ..HEARTBEAT_DATA::default()
    })
}
