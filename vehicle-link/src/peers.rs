//! Who is there: every component heard, lost and regained by its heartbeat. Pure.

use std::collections::BTreeMap;

use crate::{frames::Frame, hub::PeerId};

/// A component whose last heartbeat is older than this is lost, ns (3.5 s: three missed at 1 Hz).
pub const LOST_AFTER_NS: u64 = 3_500_000_000;
/// Most components remembered. Beyond it the longest lost one makes room; when none is lost the
/// newcomer is ignored, and [`Table::ignored`] counts it.
pub const MAX_COMPONENTS: usize = 128;

const HEARTBEAT: u32 = 0;
const MAV_TYPE_GCS: u8 = 6;
const MAV_AUTOPILOT_INVALID: u8 = 8;
const MAV_MODE_FLAG_SAFETY_ARMED: u8 = 0x80;

/// System and component id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// System id, 1..=255.
    pub system: u8,
    /// Component id, 1..=255.
    pub component: u8,
}

impl Address {
    /// Component `component` of system `system`.
    pub fn new(system: u8, component: u8) -> Self {
        Self { system, component }
    }

    /// The sender of `frame`.
    pub fn of(frame: &Frame) -> Self {
        Self::new(frame.system_id(), frame.component_id())
    }

    /// Whether a frame for `target` (system, component; 0 = all) is for this component.
    pub fn is_in(self, target: (u8, u8)) -> bool {
        (target.0 == 0 || target.0 == self.system) && (target.1 == 0 || target.1 == self.component)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.system, self.component)
    }
}

/// What a component's last heartbeat said. The numbers are those of the wire, so that types newer
/// than our dialect are still peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Who.
    pub address: Address,
    /// MAV_TYPE.
    pub mav_type: u8,
    /// MAV_AUTOPILOT; 8 (INVALID) for what is no autopilot.
    pub autopilot: u8,
    /// MAV_MODE_FLAG bits.
    pub base_mode: u8,
    /// Mode by the autopilot's own numbering.
    pub custom_mode: u32,
    /// MAV_STATE.
    pub system_status: u8,
    /// Over which peer of the hub it was heard last: where to answer.
    pub via: PeerId,
    /// When the last heartbeat came, ns.
    pub last_heartbeat_ns: u64,
    /// No heartbeat for [`LOST_AFTER_NS`].
    pub lost: bool,
}

impl Peer {
    /// Whether it is an autopilot (a vehicle), not a station, camera or gimbal.
    pub fn is_autopilot(&self) -> bool {
        self.autopilot != MAV_AUTOPILOT_INVALID && self.mav_type != MAV_TYPE_GCS
    }

    /// Whether it is a ground station.
    pub fn is_station(&self) -> bool {
        self.mav_type == MAV_TYPE_GCS
    }

    /// Whether its motors are armed.
    pub fn is_armed(&self) -> bool {
        self.base_mode & MAV_MODE_FLAG_SAFETY_ARMED != 0
    }
}

/// A change worth announcing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Heard for the first time.
    Found(Peer),
    /// Silent for [`LOST_AFTER_NS`].
    Lost(Peer),
    /// Heard again after it was lost.
    Regained(Peer),
    /// A heartbeat that says something other than the one before (mode, armed, status).
    Altered {
        /// As it was.
        before: Peer,
        /// As it is.
        after: Peer,
    },
}

/// The table of components.
#[derive(Debug, Default)]
pub struct Table {
    peers: BTreeMap<Address, Peer>,
    ignored: u64,
}

impl Table {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a frame; only heartbeats matter.
    pub fn heard(&mut self, frame: &Frame, via: PeerId, now_ns: u64) -> Option<Change> {
        if frame.message_id() != HEARTBEAT {
            return None;
        }
        let after = read(frame, via, now_ns);
        if !self.peers.contains_key(&after.address) && !self.make_room() {
            self.ignored += 1;
            return None;
        }
        match self.peers.insert(after.address, after) {
            None => Some(Change::Found(after)),
            Some(before) if before.lost => Some(Change::Regained(after)),
            Some(before) => says_other(&before, &after).then_some(Change::Altered { before, after }),
        }
    }

    /// Marks who has been silent too long. Call a few times a second.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Change> {
        let silent = |peer: &Peer| now_ns.saturating_sub(peer.last_heartbeat_ns) > LOST_AFTER_NS;
        let newly_lost = self.peers.values_mut().filter(|peer| !peer.lost && silent(peer));
        newly_lost
            .map(|peer| {
                peer.lost = true;
                Change::Lost(*peer)
            })
            .collect()
    }

    /// One component, lost or not.
    pub fn get(&self, address: Address) -> Option<&Peer> {
        self.peers.get(&address)
    }

    /// All components, lost ones included, by system and component.
    pub fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.peers.values()
    }

    /// Components that found no room.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    fn make_room(&mut self) -> bool {
        if self.peers.len() < MAX_COMPONENTS {
            return true;
        }
        let lost = self.peers.values().filter(|peer| peer.lost);
        let Some(oldest) = lost.min_by_key(|peer| peer.last_heartbeat_ns).map(|peer| peer.address) else {
            return false;
        };
        self.peers.remove(&oldest);
        true
    }
}

/// HEARTBEAT: custom_mode u32, type, autopilot, base_mode, system_status, mavlink_version.
fn read(frame: &Frame, via: PeerId, now_ns: u64) -> Peer {
    let payload = frame.payload();
    Peer {
        address: Address::of(frame),
        custom_mode: payload.u32(0),
        mav_type: payload.u8(4),
        autopilot: payload.u8(5),
        base_mode: payload.u8(6),
        system_status: payload.u8(7),
        via,
        last_heartbeat_ns: now_ns,
        lost: false,
    }
}

fn says_other(before: &Peer, after: &Peer) -> bool {
    let said = |p: &Peer| (p.mav_type, p.autopilot, p.base_mode, p.custom_mode, p.system_status);
    said(before) != said(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::{Body, Encoder};

    const S: u64 = 1_000_000_000;
    const VIA: PeerId = PeerId::new(1);

    fn heartbeat(system: u8, component: u8, base_mode: u8) -> Frame {
        let body = Body::raw(HEARTBEAT, &[0, 0, 0, 0, 2, 12, base_mode, 4, 3]).unwrap();
        Encoder::new(system, component).encode_body(&body)
    }

    #[test]
    fn found_altered_lost_regained() {
        let mut table = Table::new();
        let found = table.heard(&heartbeat(1, 1, 0), VIA, 0);
        assert!(matches!(found, Some(Change::Found(p)) if p.is_autopilot() && !p.is_armed()));
        assert_eq!(table.heard(&heartbeat(1, 1, 0), VIA, S), None);
        let armed = table.heard(&heartbeat(1, 1, 0x80), VIA, 2 * S);
        assert!(matches!(armed, Some(Change::Altered { after, .. }) if after.is_armed()));

        assert_eq!(table.poll(2 * S + LOST_AFTER_NS), []);
        let lost = table.poll(2 * S + LOST_AFTER_NS + 1);
        assert!(matches!(lost[..], [Change::Lost(p)] if p.address == Address::new(1, 1)));
        assert_eq!(table.poll(9 * S), [], "announced once");
        let regained = table.heard(&heartbeat(1, 1, 0x80), VIA, 9 * S);
        assert!(matches!(regained, Some(Change::Regained(_))));
    }

    #[test]
    fn a_type_newer_than_the_dialect_is_a_peer() {
        let body = Body::raw(HEARTBEAT, &[0, 0, 0, 0, 250, 200, 0, 4, 3]).unwrap();
        let frame = Encoder::new(7, 9).encode_body(&body);
        assert!(frame.message().is_err(), "the dialect's enum is closed");
        let mut table = Table::new();
        assert!(matches!(table.heard(&frame, VIA, 0), Some(Change::Found(p)) if p.mav_type == 250));
    }

    #[test]
    fn forged_senders_do_not_push_out_the_living() {
        let mut table = Table::new();
        for i in 0..200_u8 {
            table.heard(&heartbeat(i, 1, 0), VIA, 0);
        }
        assert_eq!((table.iter().count(), table.ignored()), (MAX_COMPONENTS, 72));
        table.poll(4 * S);
        assert!(table.heard(&heartbeat(201, 1, 0), VIA, 4 * S).is_some());
        assert_eq!(table.iter().count(), MAX_COMPONENTS);
        assert_eq!(table.get(Address::new(0, 1)), None, "the longest lost made room");
    }
}
