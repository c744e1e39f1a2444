//! The links: who speaks for which flight, what is sent back, how much is listened to.

use std::collections::BTreeMap;
use std::ops::Range;

use flight_record::FlightId;
use flight_record::keys::KeyId;
use flight_record::radio::Body;
use vehicle_link::dialect::{HEARTBEAT_DATA, MavAutopilot, MavMessage, MavState, MavType};
use vehicle_link::endpoint::Endpoint;
use vehicle_link::frames::Encoder;
use vehicle_link::hub::{LinkId, PeerId, Received, To};
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use crate::link::Links;

/// MAV_COMP_ID_TUNNEL_NODE. The heartbeat is an onboard controller's, not a ground station's: an autopilot must not take a
/// witness for its pilot's link.
const COMPONENT: u8 = 242;
const HEARTBEAT_NS: u64 = 1_000_000_000;
/// Ways to one aircraft, and flights they are kept for.
const MAX_ROUTES: usize = 4;
const MAX_FLIGHTS: usize = 128;
/// A way not heard over for this long is used no more.
const GONE_NS: u64 = 30_000_000_000;
/// Bodies taken from one peer in a second, and peers counted.
const MAX_BODIES: u32 = 400;
const MAX_PEERS: usize = 256;

/// The system id of `systems` that goes with a station's key.
pub(crate) fn system_of(station: KeyId, systems: Range<u8>) -> u8 {
    systems.start + station.0[0] % (systems.end - systems.start).max(1)
}

/// Where something came from, and where an answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct From {
    address: Address,
    peer: PeerId,
}

/// The open links.
pub(crate) struct Air {
    links: Links,
    own: Address,
    encoder: Encoder,
    heartbeat_ns: Option<u64>,
    routes: BTreeMap<FlightId, Vec<(From, u64)>>,
    /// Bodies of each peer in the second that began then.
    heard: BTreeMap<PeerId, (u64, u32)>,
}

impl Air {
    /// On these links, as `system`.
    pub(crate) fn new(links: Links, system: u8) -> Self {
        let own = Address::new(system, COMPONENT);
        let encoder = Encoder::new(own.system, own.component);
        let (routes, counts) = (BTreeMap::new(), BTreeMap::new());
        Self { links, own, encoder, heartbeat_ns: None, routes, heard: counts }
    }

    /// The links as they are bound.
    pub(crate) fn links(&self, endpoints: &[Endpoint]) -> Vec<String> {
        let bound =
            |at| self.links.hub.local_addr(LinkId(at)).map_or_else(String::new, |address| format!(" ({address})"));
        endpoints.iter().enumerate().map(|(at, endpoint)| format!("{endpoint}{}", bound(at))).collect()
    }

    /// The body in a frame for us, unless its sender says too much.
    pub(crate) fn body(&mut self, received: &Received) -> Option<(Body, From)> {
        let tunnel = Tunnel::read(&received.frame).filter(|tunnel| self.own.is_in(tunnel.target))?;
        if self.heard.len() >= MAX_PEERS && !self.heard.contains_key(&received.peer) {
            self.heard.pop_first();
        }
        let (since_ns, count) = self.heard.entry(received.peer).or_insert((received.at_mono_ns, 0));
        if received.at_mono_ns.saturating_sub(*since_ns) >= 1_000_000_000 {
            (*since_ns, *count) = (received.at_mono_ns, 0);
        }
        *count += 1;
        if *count > MAX_BODIES {
            return None;
        }
        let body = Body::decode(tunnel.payload_type, &tunnel.bytes).ok()?;
        Some((body, From { address: Address::of(&received.frame), peer: received.peer }))
    }

    /// A beacon of the flight's own device came this way.
    pub(crate) fn came(&mut self, flight: FlightId, from: From, now_ns: u64) {
        if self.routes.len() >= MAX_FLIGHTS && !self.routes.contains_key(&flight) {
            let oldest = self.routes.iter().min_by_key(|(_, ways)| ways.iter().map(|(_, last_ns)| *last_ns).max());
            if let Some(oldest) = oldest.map(|(flight, _)| *flight) {
                self.routes.remove(&oldest);
            }
        }
        let ways = self.routes.entry(flight).or_default();
        ways.retain(|(way, last_ns)| *way != from && now_ns.saturating_sub(*last_ns) < GONE_NS);
        ways.insert(0, (from, now_ns));
        ways.truncate(MAX_ROUTES);
    }

    /// Sends to the aircraft of a flight, every way it was heard lately.
    pub(crate) fn send(&mut self, flight: FlightId, body: &Body, now_ns: u64) {
        let ways = self.routes.get(&flight).cloned().unwrap_or_default();
        for (way, _) in ways.into_iter().filter(|(_, last_ns)| now_ns.saturating_sub(*last_ns) < GONE_NS) {
            self.answer(way, body);
        }
    }

    /// Sends back to where something came from.
    pub(crate) fn answer(&mut self, to: From, body: &Body) {
        match Tunnel::to(to.address, body.payload_type(), body.encode()).body() {
            Ok(message) => {
                let frame = self.encoder.encode_body(&message);
                self.links.hub.send(&frame, To::Peer(to.peer));
            }
            Err(error) => tracing::error!(%error, "a body that fits no message"),
        }
    }

    /// Says once a second that there is a witness; what was refused, a line a link, where it is time to tell.
    pub(crate) fn tick(&mut self, now_ns: u64) -> Vec<String> {
        if self.heartbeat_ns.is_some_and(|last_ns| now_ns.saturating_sub(last_ns) < HEARTBEAT_NS) {
            return Vec::new();
        }
        self.heartbeat_ns = Some(now_ns);
        let heartbeat = MavMessage::HEARTBEAT(HEARTBEAT_DATA {
            mavtype: MavType::MAV_TYPE_ONBOARD_CONTROLLER,
            autopilot: MavAutopilot::MAV_AUTOPILOT_INVALID,
            system_status: MavState::MAV_STATE_ACTIVE,
            mavlink_version: 3,
            ..Default::default()
        });
        let frame = self.encoder.encode(&heartbeat);
        self.links.hub.send(&frame, To::All);
        self.links.refused(now_ns)
    }
}
