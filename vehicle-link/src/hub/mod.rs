//! The sockets: several links at once, several peers on each, everything heard handed to
//! subscribers and routed between peers.
//!
//! Each link (and each TCP connection) is a task that owns its socket. They share the router,
//! a pure component, behind a mutex that is held for microseconds and never across an await.
//!
//! # Bounds
//! | what | most | beyond it |
//! |---|---|---|
//! | frames waiting for one peer (UDP: for all of one socket) | [`PEER_QUEUE`] | the newest is dropped, `queue_drops` counts it |
//! | frames waiting for one subscriber | [`SUBSCRIBER_QUEUE`] | the newest is dropped, [`Hub::subscriber_drops`] counts it |
//! | peers of one listening link | [`MAX_PEERS`] | refused, `refused_peers` counts it; a UDP peer silent for [`UDP_SILENCE_NS`] makes room |
//!
//! A peer that does not read never holds up another peer, a subscriber or the router.

mod meter;
mod refused;
mod router;
mod sequence;
mod serial;
mod signing;
mod statistics;
mod stream;
mod tcp;
mod udp;

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::mpsc, task::JoinSet};

pub use meter::Rate;
pub use refused::{Refusals, Refused};
pub use router::{DUPLICATE_WINDOW_NS, MAX_RECENT, MAX_ROUTES, Router, Verdict};
pub use sequence::{Arrival, Sequence};
pub use signing::Signer;
pub use statistics::{LinkStatistics, PeerStatistics};

use crate::{
    clock::Clock,
    endpoint::Endpoint,
    frames::{Counters, Frame},
    signing::Refusal,
};
use meter::{Asked, Meter, smoothed};

/// Frames that may wait for one peer.
pub const PEER_QUEUE: usize = 512;
/// Frames that may wait for one subscriber.
pub const SUBSCRIBER_QUEUE: usize = 8192;
/// Peers of one listening link.
pub const MAX_PEERS: usize = 32;
/// A UDP peer heard longer ago than this is forgotten, ns.
pub const UDP_SILENCE_NS: u64 = 60_000_000_000;
/// Who is late by its timestamps is greeted so often, ns.
const GREETING_NS: u64 = 250_000_000;
/// SETUP_SIGNING carries a secret key: routed to its target, never given to a subscriber, who would log it.
const SETUP_SIGNING: u32 = 256;

/// A link, by its place in the list given to [`Hub::open`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkId(pub usize);

/// One correspondent: a UDP address, a TCP connection, a serial port. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(u64);

impl PeerId {
    /// A peer of a [`Router`] without a hub.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer {}", self.0)
    }
}

/// A frame that came in.
#[derive(Debug, Clone)]
pub struct Received {
    /// Over which link.
    pub link: LinkId,
    /// From whom.
    pub peer: PeerId,
    /// The frame as on the wire.
    pub frame: Frame,
    /// When it was read from the socket, by the hub's clock, ns.
    pub at_mono_ns: u64,
}

/// Where a frame shall go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Every peer of every link.
    All,
    /// Every peer of one link.
    Link(LinkId),
    /// One peer.
    Peer(PeerId),
    /// By the frame's own target: where that component was heard, or everybody for a broadcast.
    Target,
}

/// A peer as listed by [`Hub::peers`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its id.
    pub peer: PeerId,
    /// Its link.
    pub link: LinkId,
    /// Its address or device path, for people to read.
    pub address: String,
    /// What came from it.
    pub statistics: PeerStatistics,
}

/// Why a link could not be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "link {endpoint} cannot be opened; check that the address is this machine's, the port free and the device there"
)]
pub struct OpenError {
    /// The link.
    pub endpoint: Endpoint,
    /// What the system said.
    pub source: io::Error,
}

/// The handle. Cloneable; the links close when the last clone is dropped.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
    local: Arc<[Option<SocketAddr>]>,
    _tasks: Arc<JoinSet<()>>,
}

impl Hub {
    /// Opens all links. Listening sockets are bound when this returns; connections and serial
    /// ports are made in the background and again whenever they break.
    ///
    /// # Errors
    /// [`OpenError`] when a socket cannot be bound or a host name not be resolved.
    pub async fn open(endpoints: &[Endpoint], clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::open_with(endpoints, clock, None).await
    }

    /// Opens all links and signs on them.
    ///
    /// # Errors
    /// [`OpenError`] as [`Hub::open`].
    pub async fn open_signed(endpoints: &[Endpoint], clock: Arc<dyn Clock>, signer: Signer) -> Result<Self, OpenError> {
        Self::open_with(endpoints, clock, Some(signer)).await
    }

    async fn open_with(
        endpoints: &[Endpoint],
        clock: Arc<dyn Clock>,
        signer: Option<Signer>,
    ) -> Result<Self, OpenError> {
        let mut tasks = JoinSet::new();
        let signs = signer.is_some();
        let shared = Arc::new(Shared::new(endpoints, clock, signer));
        if signs {
            tasks.spawn(signing::keep(Arc::clone(&shared)));
        }
        let mut local = Vec::new();
        for (index, endpoint) in endpoints.iter().enumerate() {
            let link = Link { id: LinkId(index), shared: Arc::clone(&shared) };
            let opened = match endpoint {
                Endpoint::UdpIn(address) => udp::listen(link, address, &mut tasks).await,
                Endpoint::UdpOut(address) => udp::send_to(link, address, &mut tasks).await,
                Endpoint::TcpIn(address) => tcp::listen(link, address, &mut tasks).await,
                Endpoint::TcpOut(address) => {
                    tasks.spawn(tcp::connect(link, address.clone()));
                    Ok(None)
                }
                Endpoint::Serial { path, baud } => {
                    tasks.spawn(serial::run(link, path.clone(), *baud));
                    Ok(None)
                }
            };
            local.push(opened.map_err(|source| OpenError { endpoint: endpoint.clone(), source })?);
        }
        Ok(Self { shared, local: local.into(), _tasks: Arc::new(tasks) })
    }

    /// Everything that comes in from now on, in order, copies and reflections left out.
    ///
    /// Holds [`SUBSCRIBER_QUEUE`] frames; while it is full, new frames are dropped and counted in
    /// [`Hub::subscriber_drops`]. Drop the receiver to unsubscribe.
    pub fn subscribe(&self) -> mpsc::Receiver<Received> {
        let (sender, receiver) = mpsc::channel(SUBSCRIBER_QUEUE);
        self.shared.lock().subscribers.push(sender);
        receiver
    }

    /// Queues one of our own frames; returns how many peers' queues took it. Never waits.
    ///
    /// The sender's ids in the frame become *ours*: frames that come in under them are dropped.
    /// On links that sign, what cannot be signed is not sent; `not_signed` counts it.
    pub fn send(&self, frame: &Frame, to: To) -> usize {
        let now_ns = self.shared.clock.mono_ns();
        self.shared.lock().send(frame, to, now_ns, None)
    }

    /// Sends a frame as [`Hub::send`] does, with one bit wrong on the wire, anywhere in it; `which` picks the bit. For simulators of a
    /// bad radio: a link's signature and checksum are made before the damage.
    pub fn send_damaged(&self, frame: &Frame, to: To, which: u64) -> usize {
        let now_ns = self.shared.clock.mono_ns();
        self.shared.lock().send(frame, to, now_ns, Some(which))
    }

    /// UTC is now known better than when the signer was opened (a GNSS fix without a clock aboard), µs since 1970.
    pub fn set_utc(&self, utc_us: u64) {
        let now_ns = self.shared.clock.mono_ns();
        if let Some(signer) = &mut self.shared.lock().signer {
            signer.set_utc(utc_us, now_ns);
        }
    }

    /// The bound address of a listening or UDP link; tells the port when 0 was asked for.
    pub fn local_addr(&self, link: LinkId) -> Option<SocketAddr> {
        self.local.get(link.0).copied().flatten()
    }

    /// Peers connected or heard now.
    pub fn peers(&self) -> Vec<PeerInfo> {
        let now_ns = self.shared.clock.mono_ns();
        let info = |outlet: &Outlet| {
            let mut info = outlet.info.clone();
            info.statistics.received = outlet.meter.rate(now_ns);
            info
        };
        self.shared.lock().outlets.iter().map(info).collect()
    }

    /// Counts and rates per link, in the order of [`Hub::open`]; those per peer are with [`Hub::peers`].
    pub fn statistics(&self) -> Vec<LinkStatistics> {
        let now_ns = self.shared.clock.mono_ns();
        let state = self.shared.lock();
        let links = state.links.iter().zip(&state.meters);
        links
            .map(|(link, [received, sent])| LinkStatistics {
                received: received.rate(now_ns),
                sent: sent.rate(now_ns),
                ..*link
            })
            .collect()
    }

    /// Frames that did not fit into a subscriber's queue.
    pub fn subscriber_drops(&self) -> u64 {
        self.shared.lock().subscriber_drops
    }
}

/// The way to a peer: its writer's queue. UDP peers of one link share a writer.
struct Outlet {
    info: PeerInfo,
    meter: Meter,
    queue: mpsc::Sender<(PeerId, Frame)>,
}

impl Outlet {
    fn heard(&mut self, frame: &Frame, arrival: Arrival, round_trip_ns: Option<u64>, now_ns: u64) {
        let bytes = frame.bytes().len();
        self.meter.add(bytes, now_ns);
        let statistics = &mut self.info.statistics;
        statistics.received_frames += 1;
        statistics.received_bytes += bytes as u64;
        sequence::count(&mut statistics.lost_frames, arrival);
        if let Some(new_ns) = round_trip_ns {
            statistics.round_trip_ns = Some(smoothed(statistics.round_trip_ns, new_ns));
        }
    }
}

struct Shared {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    router: Router,
    outlets: Vec<Outlet>,
    subscribers: Vec<mpsc::Sender<Received>>,
    links: Vec<LinkStatistics>,
    /// Of each link: received, sent.
    meters: Vec<[Meter; 2]>,
    asked: Asked,
    next_peer: u64,
    subscriber_drops: u64,
    destinations: Vec<PeerId>,
    signer: Option<Signer>,
    /// The last of our own frames for everybody, and when it was last sent to somebody whose timestamps are late.
    greeting: Option<(Frame, u64)>,
}

/// What is made of a frame that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    Admitted,
    Refused,
    /// Refused, with the right signature: its sender counts on from what it hears of us.
    Late,
}

impl Shared {
    fn new(endpoints: &[Endpoint], clock: Arc<dyn Clock>, signer: Option<Signer>) -> Self {
        let links = vec![LinkStatistics::default(); endpoints.len()];
        let meters = vec![[Meter::default(); 2]; endpoints.len()];
        Self { clock, state: Mutex::new(State { links, meters, signer, ..State::default() }) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is counters and tables, whole after every statement: a panic elsewhere while
        // it was held is no reason to stop flying.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn send(&mut self, frame: &Frame, to: To, now_ns: u64, damage: Option<u64>) -> usize {
        self.router.sending(frame);
        self.asked.sending(frame, now_ns);
        let mut destinations = std::mem::take(&mut self.destinations);
        destinations.clear();
        match to {
            To::All => destinations.extend(self.outlets.iter().map(|outlet| outlet.info.peer)),
            To::Link(link) => {
                destinations.extend(self.outlets.iter().map(|o| &o.info).filter(|i| i.link == link).map(|i| i.peer));
            }
            To::Peer(peer) => destinations.push(peer),
            To::Target => self.router.destinations(None, frame, &mut destinations),
        }
        let for_everybody = to == To::All || to == To::Target && frame.target().is_none_or(|(system, _)| system == 0);
        if for_everybody && damage.is_none() && self.signer.is_some() {
            let greeted_ns = self.greeting.take().map_or(0, |(_, greeted_ns)| greeted_ns);
            self.greeting = Some((frame.clone(), greeted_ns));
        }
        let taken = self.queue_signed(frame, &destinations, (now_ns, damage));
        self.destinations = destinations;
        taken
    }

    /// Queues a frame that we answer for, signed once a link where links sign.
    fn queue_signed(&mut self, frame: &Frame, destinations: &[PeerId], (now_ns, damage): (u64, Option<u64>)) -> usize {
        let Some(mut signer) = self.signer.take() else {
            return self.queue(frame, destinations, damage);
        };
        let mut taken = 0;
        for link in (0..self.links.len()).map(LinkId) {
            let here = |o: &&Outlet| o.info.link == link && destinations.contains(&o.info.peer);
            let peers: Vec<PeerId> = self.outlets.iter().filter(here).map(|o| o.info.peer).collect();
            if peers.is_empty() {
                continue;
            }
            match signer.outgoing(link, frame, now_ns) {
                Ok(frame) => taken += self.queue(&frame, &peers, damage),
                Err(error) => {
                    tracing::debug!(link = link.0, %error, "a frame was not signed, so not sent");
                    self.links[link.0].not_signed += 1;
                }
            }
        }
        self.signer = Some(signer);
        taken
    }

    fn queue(&mut self, frame: &Frame, destinations: &[PeerId], damage: Option<u64>) -> usize {
        let frame = damage.map_or_else(|| frame.clone(), |which| frame.damaged(which));
        let mut taken = 0;
        for outlet in self.outlets.iter().filter(|o| destinations.contains(&o.info.peer)) {
            match outlet.queue.try_send((outlet.info.peer, frame.clone())) {
                Ok(()) => taken += 1,
                Err(_full_or_closing) => self.links[outlet.info.link.0].queue_drops += 1,
            }
        }
        taken
    }

    /// Whether a frame may be acted upon at all; `from` is `None` for a sender that is no peer yet.
    fn admits(&mut self, link: LinkId, from: Option<PeerId>, frame: &Frame, now_ns: u64) -> Admission {
        let statistics = &mut self.links[link.0];
        statistics.received_frames += 1;
        statistics.received_bytes += frame.bytes().len() as u64;
        self.meters[link.0][0].add(frame.bytes().len(), now_ns);
        match self.signer.as_mut().map_or(Ok(()), |signer| signer.incoming(link, frame, now_ns)) {
            Ok(()) => Admission::Admitted,
            // Over a second path: the router counts it as the copy it is, and learns the path.
            Err(Refusal::Replayed) if self.router.is_copy(from, frame, now_ns) => Admission::Admitted,
            Err(refusal) => {
                statistics.refuse(refusal);
                if refusal == Refusal::Stale { Admission::Late } else { Admission::Refused }
            }
        }
    }

    /// What to send to somebody whose timestamps are late, at most one in [`GREETING_NS`].
    fn greeting(&mut self, link: LinkId, now_ns: u64) -> Option<Frame> {
        let (frame, greeted_ns) = self.greeting.as_mut()?;
        if *greeted_ns > 0 && now_ns.saturating_sub(*greeted_ns) < GREETING_NS {
            return None;
        }
        *greeted_ns = now_ns;
        self.signer.as_mut()?.outgoing(link, frame, now_ns).ok()
    }

    fn received(&mut self, received: &Received) {
        let Received { link, peer, ref frame, at_mono_ns } = *received;
        let statistics = &mut self.links[link.0];
        let (verdict, arrival) = self.router.received(peer, frame, at_mono_ns);
        sequence::count(&mut statistics.lost_frames, arrival);
        let round_trip_ns = self.asked.answered(frame, at_mono_ns).filter(|_| verdict != Verdict::Reflected);
        if let Some(outlet) = self.outlets.iter_mut().find(|outlet| outlet.info.peer == peer) {
            outlet.heard(frame, arrival, round_trip_ns, at_mono_ns);
        }
        match verdict {
            Verdict::Duplicate => statistics.duplicates += 1,
            Verdict::Reflected => statistics.reflected += 1,
            Verdict::Fresh => {
                if let Some(new_ns) = round_trip_ns {
                    statistics.round_trip_ns = Some(smoothed(statistics.round_trip_ns, new_ns));
                }
                let mut destinations = std::mem::take(&mut self.destinations);
                destinations.clear();
                self.router.destinations(Some(peer), frame, &mut destinations);
                if self.signer.as_ref().is_some_and(|signer| !signer.covers(link)) {
                    self.queue_signed(frame, &destinations, (at_mono_ns, None));
                } else {
                    self.queue(frame, &destinations, None);
                }
                self.destinations = destinations;
                self.deliver(received);
            }
        }
    }

    fn deliver(&mut self, received: &Received) {
        if received.frame.message_id() == SETUP_SIGNING {
            self.links[received.link.0].keys_withheld += 1;
            return;
        }
        let drops = &mut self.subscriber_drops;
        self.subscribers.retain(|subscriber| match subscriber.try_send(received.clone()) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                *drops += 1;
                true
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        });
    }
}

/// One link's side of the hub, held by its task.
#[derive(Clone)]
struct Link {
    id: LinkId,
    shared: Arc<Shared>,
}

impl Link {
    fn now_ns(&self) -> u64 {
        self.shared.clock.mono_ns()
    }

    /// Announces a peer; `None` when the link has its most.
    fn join(&self, address: String, queue: mpsc::Sender<(PeerId, Frame)>) -> Option<PeerId> {
        let mut guard = self.shared.lock();
        let state = &mut *guard;
        let statistics = &mut state.links[self.id.0];
        if statistics.peers >= MAX_PEERS as u64 {
            statistics.refused_peers += 1;
            return None;
        }
        statistics.peers += 1;
        statistics.connects += 1;
        let peer = PeerId(state.next_peer);
        state.next_peer += 1;
        tracing::info!(link = self.id.0, %peer, address, "peer joined");
        state.router.add_peer(peer);
        let info = PeerInfo { peer, link: self.id, address, statistics: PeerStatistics::default() };
        state.outlets.push(Outlet { info, meter: Meter::default(), queue });
        Some(peer)
    }

    fn leave(&self, peer: PeerId) {
        let mut guard = self.shared.lock();
        let state = &mut *guard;
        state.router.remove_peer(peer);
        state.outlets.retain(|outlet| outlet.info.peer != peer);
        state.links[self.id.0].peers -= 1;
        tracing::info!(link = self.id.0, %peer, "peer left");
    }

    /// See [`State::admits`]; ask it once a frame, before [`Link::received`].
    fn admits(&self, from: Option<PeerId>, frame: &Frame, now_ns: u64) -> Admission {
        self.shared.lock().admits(self.id, from, frame, now_ns)
    }

    fn greeting(&self, now_ns: u64) -> Option<Frame> {
        self.shared.lock().greeting(self.id, now_ns)
    }

    /// A frame that was admitted.
    fn received(&self, peer: PeerId, frame: Frame, at_mono_ns: u64) {
        let received = Received { link: self.id, peer, frame, at_mono_ns };
        self.shared.lock().received(&received);
    }

    fn count(&self, change: impl FnOnce(&mut LinkStatistics)) {
        change(&mut self.shared.lock().links[self.id.0]);
    }

    fn split(&self, before: Counters, after: Counters) {
        if before != after {
            self.count(|statistics| statistics.add_split(before, after));
        }
    }

    fn sent(&self, bytes: usize) {
        let now_ns = self.now_ns();
        let mut state = self.shared.lock();
        let statistics = &mut state.links[self.id.0];
        statistics.sent_frames += 1;
        statistics.sent_bytes += bytes as u64;
        state.meters[self.id.0][1].add(bytes, now_ns);
    }

    fn failed(&self, what: &'static str, error: &io::Error) {
        tracing::debug!(link = self.id.0, %error, "{what}");
        self.count(|statistics| statistics.errors += 1);
    }
}
