//! What is known of each vehicle when an order is given. Pure.

use std::collections::BTreeMap;

use vehicle_link::frames::Frame;
use vehicle_link::gimbal::told::Status;
use vehicle_link::peers::{Address, Peer, Table};

use crate::link::{OWN, Place, Watch};
use crate::tasks::orders::Situation;

/// A place that is older says nothing of where the vehicle is now.
const PLACE_FRESH_NS: u64 = 5_000_000_000;
const AUTOPILOT_VERSION: u32 = 148;
const HOME_POSITION: u32 = 242;
const GIMBAL_MANAGER_INFORMATION: u32 = 280;

#[derive(Default)]
struct Vehicle {
    watch: Watch,
    capabilities: Option<u64>,
    home_amsl_m: Option<f32>,
    gimbal: Option<(Address, bool)>,
}

impl Vehicle {
    fn place(&self, now_ns: u64) -> Option<Place> {
        self.watch.place.filter(|_| now_ns.saturating_sub(self.watch.place_ns) < PLACE_FRESH_NS)
    }
}

/// The vehicles, by system id.
#[derive(Default)]
pub(super) struct Known {
    vehicles: BTreeMap<u8, Vehicle>,
}

impl Known {
    /// Takes a frame of one of `peers`.
    pub(super) fn hear(&mut self, frame: &Frame, peers: &Table, now_ns: u64) {
        let from = Address::of(frame);
        let Some(peer) = peers.get(from).filter(|peer| !peer.is_station()) else { return };
        let vehicle = self.vehicles.entry(from.system).or_default();
        let payload = frame.payload();
        match frame.message_id() {
            AUTOPILOT_VERSION if peer.is_autopilot() => vehicle.capabilities = Some(payload.u64(0)),
            HOME_POSITION if peer.is_autopilot() => vehicle.home_amsl_m = Some(metres(payload.i32(8))),
            GIMBAL_MANAGER_INFORMATION => {
                vehicle.gimbal.get_or_insert((from, false));
            }
            _ => {}
        }
        if let Some(status) = Status::read(frame) {
            vehicle.gimbal = Some((from, status.primary == Some(OWN)));
        }
        if peer.is_autopilot() {
            vehicle.watch.frame(from, frame, now_ns);
            // What it said is taken from here; its news are the window's to tell.
            while vehicle.watch.news().is_some() {}
        }
    }

    /// The vehicle of a system: its autopilot, else whoever speaks for it.
    pub(super) fn situation(&self, system: u8, peers: &Table, now_ns: u64) -> Option<Situation> {
        let of_it = || peers.iter().filter(|peer| peer.address.system == system && !peer.is_station());
        let vehicle: Peer = *of_it().find(|peer| peer.is_autopilot()).or_else(|| of_it().next())?;
        let known = self.vehicles.get(&system);
        Some(Situation {
            vehicle,
            capabilities: known.and_then(|known| known.capabilities),
            place: known.and_then(|known| known.place(now_ns)),
            home_amsl_m: known.and_then(|known| known.home_amsl_m),
            gimbal: known.and_then(|known| known.gimbal),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "heights to the millimetre up to 16 km")]
fn metres(mm: i32) -> f32 {
    mm as f32 / 1e3
}
