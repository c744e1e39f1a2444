//! The radio side of the witness: which stations are there, what they are told, what they say.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use flight_record::radio::{Agreement, Body};
use flight_record::recipients::Recipient;
use vehicle_link::hub::{Hub, PeerId, Received};
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use super::Identity;
use super::cameras::Cameras;
use super::ending::Outlook;
use super::inbox::Post;
use super::offered::Offered;
use super::orders::Came;
use super::private_view::Offer;
use crate::config::Config;
use crate::recorder::notary::{Notary, Order};
use crate::trusted::Trusted;
use crate::uplink::beacon::{Output, Uplink};
use crate::uplink::outbox::Outbox;
use crate::uplink::statements::Word;

/// Stations told at once.
const MAX_STATIONS: usize = 8;
/// A station not heard for this long is told nothing more.
const GONE_NS: u64 = 10_000_000_000;
/// A way past the autopilot not heard for this long gives way to one through it.
const DIRECT_NS: u64 = 4_000_000_000;
const HEARTBEAT: u32 = 0;
const MAV_TYPE_GCS: u8 = 6;
/// MAV_COMP_ID_TUNNEL_NODE: a component that is there for TUNNEL messages, as a witness is.
const TUNNEL_NODE: u8 = 242;

/// What somebody on the ground said that is not the witness's business.
pub(super) enum Said {
    /// An order or an authorisation.
    Word(Came),
    /// Keys for the live view are offered.
    Offer(Box<Offer>),
    /// A fragment of papers or of an alert.
    Post(Box<Post>),
}

/// A station and the best way to it.
#[derive(Debug, Clone, Copy)]
struct Station {
    peer: PeerId,
    /// When it was last heard, and when last over `peer`.
    last_ns: u64,
    via_ns: u64,
}

/// The actor around [`Uplink`].
pub(super) struct Radio {
    uplink: Uplink,
    outbox: Outbox,
    trust: Arc<Trusted>,
    offered: Offered,
    stations: BTreeMap<Address, Station>,
    /// When any station was last heard.
    last_ns: Option<u64>,
}

impl Radio {
    /// The radio of this aircraft; `outbox` is where the notary leaves what is durable.
    pub(super) fn new(config: &Config, identity: &Identity, outbox: Outbox) -> Self {
        let offered = Offered::load(&config.keys.recipients);
        let device = identity.device.public().id();
        let uplink = Uplink::new(device, identity.trust.list(), offered.recipient(), offered.offers());
        Self { uplink, outbox, trust: Arc::clone(&identity.trust), offered, stations: BTreeMap::new(), last_ns: None }
    }

    /// The recipient from the ground, if there is one: it is the flight's that is opened now.
    ///
    /// # Errors
    /// When the disk does not take that it is used.
    pub(super) fn recipient(&mut self) -> io::Result<Option<Recipient>> {
        let taken = self.offered.take()?;
        self.uplink.held(None);
        Ok(taken)
    }

    /// When any station was last heard.
    #[must_use]
    pub(super) fn last_station_ns(&self) -> Option<u64> {
        self.last_ns
    }

    /// Whether waiting could bring a cosignature, and of a flight that was cosigned before.
    pub(super) fn outlook(&mut self, now_ns: u64) -> Outlook {
        self.catch_up(now_ns);
        Outlook {
            may_be_cosigned: !self.stations.is_empty() && !self.uplink.is_settled(),
            was_cosigned: self.uplink.misses_its_witness(),
        }
    }

    /// Takes a frame; an order to record, an offer of keys or a fragment comes back. `vehicle` is the way to the autopilot, which is no way to a station where there is another.
    pub(super) fn hear(
        &mut self,
        received: &Received,
        vehicle: Option<PeerId>,
        (hub, cameras, notary): (&Hub, &mut Cameras, &Notary),
    ) -> Option<Said> {
        let own = cameras.own()?;
        let from = Address::of(&received.frame);
        if received.frame.message_id() == HEARTBEAT && from.system != own.system {
            let is_station = received.frame.payload().u8(4) == MAV_TYPE_GCS || from.component == TUNNEL_NODE;
            if is_station {
                self.heard(from, received, vehicle);
            }
            return None;
        }
        let tunnel = Tunnel::read(&received.frame).filter(|tunnel| own.is_in(tunnel.target))?;
        let body = Body::decode(tunnel.payload_type, &tunnel.bytes).ok()?;
        let word = match body {
            Body::Statement(order) => Word::Order(order),
            Body::Authorisation(word) => Word::Session(word),
            Body::Agreement(Agreement::Offer(offer)) => {
                return Some(Said::Offer(Box::new(Offer { offer, from, peer: received.peer })));
            }
            Body::Fragment(fragment) => {
                return Some(Said::Post(Box::new(Post { fragment, from, peer: received.peer })));
            }
            other => {
                self.witness(&other, received, vehicle, (hub, cameras, notary));
                return None;
            }
        };
        Some(Said::Word(Came { word, from, peer: received.peer }))
    }

    /// Carries out what the witness's machine makes of a body.
    fn witness(
        &mut self,
        body: &Body,
        received: &Received,
        vehicle: Option<PeerId>,
        (hub, cameras, notary): (&Hub, &mut Cameras, &Notary),
    ) {
        let from = Address::of(&received.frame);
        for output in self.uplink.hear(body, received.at_mono_ns) {
            match output {
                Output::Answer(body) => {
                    tell(&body, from, received.peer, hub, cameras);
                    continue;
                }
                // What the station did not hear stored it sends again, so a full queue loses nothing.
                Output::Store { station, cosigned } => {
                    notary.hint(Order::Cosignature { station, cosigned: Box::new(cosigned) });
                }
                Output::Nonce { flight, nonce } => notary.order(Order::Nonce { flight, nonce: Box::new(nonce) }),
                Output::Recipient(offer) => {
                    let recipient = offer.recipient.clone();
                    match tokio::task::block_in_place(|| self.offered.keep(offer)) {
                        Ok(()) => self.uplink.held(Some(recipient)),
                        Err(error) => tracing::error!(%error, "a recipient from the ground cannot be kept"),
                    }
                }
            }
            // A signed word came: whoever brought it is a station.
            self.heard(from, received, vehicle);
        }
    }

    fn heard(&mut self, from: Address, received: &Received, vehicle: Option<PeerId>) {
        let now_ns = received.at_mono_ns;
        self.last_ns = Some(now_ns);
        let known = self.stations.len() < MAX_STATIONS || self.stations.contains_key(&from);
        if !known {
            return;
        }
        let fresh = Station { peer: received.peer, last_ns: now_ns, via_ns: now_ns };
        let station = self.stations.entry(from).or_insert(fresh);
        station.last_ns = now_ns;
        let direct = Some(received.peer) != vehicle;
        if direct || station.peer == received.peer || now_ns.saturating_sub(station.via_ns) > DIRECT_NS {
            (station.peer, station.via_ns) = (received.peer, now_ns);
        }
    }

    /// Time passes: what is due is told to every station.
    pub(super) fn tick(&mut self, now_ns: u64, hub: &Hub, cameras: &mut Cameras) {
        self.catch_up(now_ns);
        self.uplink.trust(self.trust.list());
        self.stations.retain(|_, station| now_ns.saturating_sub(station.last_ns) < GONE_NS);
        for body in self.uplink.tick(now_ns) {
            self.tell_all(&body, hub, cameras);
        }
    }

    /// Tells every station.
    pub(super) fn tell_all(&self, body: &Body, hub: &Hub, cameras: &mut Cameras) {
        for (address, station) in &self.stations {
            tell(body, *address, station.peer, hub, cameras);
        }
    }

    fn catch_up(&mut self, now_ns: u64) {
        let (news, stored) = self.outbox.take();
        news.into_iter().for_each(|news| self.uplink.news(news, now_ns));
        stored.into_iter().for_each(|(flight, size)| self.uplink.stored(flight, size));
    }
}

pub(super) fn tell(body: &Body, to: Address, peer: PeerId, hub: &Hub, cameras: &mut Cameras) {
    match Tunnel::to(to, body.payload_type(), body.encode()).body() {
        Ok(message) => cameras.send_body(hub, &message, peer),
        Err(error) => tracing::error!(%error, "a body that fits no message"),
    }
}
