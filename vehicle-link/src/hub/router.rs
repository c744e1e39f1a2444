//! Which peers a frame goes to. Pure: told of peers and frames, says where.
//!
//! The rules are those of the MAVLink routing guide, per peer instead of per link, because one UDP
//! socket has several stations behind it:
//!
//! - a frame never goes back to the peer it came from;
//! - a frame for everybody, or one whose target cannot be read, goes to all other peers;
//! - a frame for a component that has been heard goes to the peers it was heard from; if only its
//!   system has been heard, to the peers that system was heard from; if neither, to nobody;
//! - **loops**: a frame in the name of one of our own components that comes in from outside is a
//!   reflection and is dropped; a frame that comes in again from *another* peer within
//!   [`DUPLICATE_WINDOW_NS`] is a copy over a second path and is dropped.
//!
//! Bounds: [`MAX_ROUTES`] senders remembered, the longest silent forgotten first;
//! [`MAX_RECENT`] frames remembered for the duplicate test, the oldest forgotten first.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{
    PeerId,
    sequence::{Arrival, Sequence},
};
use crate::frames::Frame;

/// A copy of a frame that comes in over another path within this time is dropped.
pub const DUPLICATE_WINDOW_NS: u64 = 500_000_000;
/// Most (component, peer) pairs remembered.
pub const MAX_ROUTES: usize = 512;
/// Most frames remembered for the duplicate test.
pub const MAX_RECENT: usize = 2048;

/// System and component of a sender.
type Source = (u8, u8);

/// What to do with a frame that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// New: deliver and forward.
    Fresh,
    /// The same frame came in over another peer already.
    Duplicate,
    /// One of our own frames, come back.
    Reflected,
}

#[derive(Debug)]
struct Route {
    last_ns: u64,
    sequence: Sequence,
}

/// The peers, who was heard where, and what came in a moment ago.
#[derive(Debug, Default)]
pub struct Router {
    peers: Vec<PeerId>,
    local: HashSet<Source>,
    routes: HashMap<(Source, PeerId), Route>,
    recent: HashMap<u64, (PeerId, u64)>,
    recent_order: VecDeque<(u64, u64)>,
}

impl Router {
    /// A peer is there.
    pub fn add_peer(&mut self, peer: PeerId) {
        self.peers.push(peer);
    }

    /// A peer has gone, and its routes with it.
    pub fn remove_peer(&mut self, peer: PeerId) {
        self.peers.retain(|p| *p != peer);
        self.routes.retain(|(_, p), _| *p != peer);
    }

    /// Remembers that `frame`'s sender lives here.
    pub fn sending(&mut self, frame: &Frame) {
        self.local.insert(source(frame));
    }

    /// Judges a frame that came in, and learns where its sender is; what it tells of those before it goes for its path alone.
    pub fn received(&mut self, from: PeerId, frame: &Frame, now_ns: u64) -> (Verdict, Arrival) {
        if self.local.contains(&source(frame)) {
            return (Verdict::Reflected, Arrival::Known);
        }
        let arrival = self.note_route(from, frame, now_ns);
        let verdict = if self.is_duplicate(from, frame, now_ns) { Verdict::Duplicate } else { Verdict::Fresh };
        (verdict, arrival)
    }

    /// Whether `frame` came in a moment ago from a peer that is not `from`.
    pub fn is_copy(&self, from: Option<PeerId>, frame: &Frame, now_ns: u64) -> bool {
        self.recent.get(&fingerprint(frame)).is_some_and(|(first, then_ns)| {
            Some(*first) != from && now_ns.saturating_sub(*then_ns) <= DUPLICATE_WINDOW_NS
        })
    }

    /// Adds to `out` the peers that `frame` shall go to; `from` is `None` for our own frames.
    pub fn destinations(&self, from: Option<PeerId>, frame: &Frame, out: &mut Vec<PeerId>) {
        let others = || self.peers.iter().copied().filter(|peer| Some(*peer) != from);
        match frame.target() {
            None | Some((0, _)) => out.extend(others()),
            Some(target) if target.1 != 0 && self.local.contains(&target) => {}
            Some(target) => {
                let exact = target.1 != 0 && others().any(|p| self.routes.contains_key(&(target, p)));
                out.extend(others().filter(|peer| {
                    if exact {
                        self.routes.contains_key(&(target, *peer))
                    } else {
                        self.routes.keys().any(|(heard, p)| heard.0 == target.0 && p == peer)
                    }
                }));
            }
        }
    }

    /// Remembers who is heard where; what the frame tells of those before it.
    fn note_route(&mut self, from: PeerId, frame: &Frame, now_ns: u64) -> Arrival {
        let key = (source(frame), from);
        if let Some(route) = self.routes.get_mut(&key) {
            route.last_ns = now_ns;
            return route.sequence.arrived(frame.sequence());
        }
        if self.routes.len() >= MAX_ROUTES {
            let silent = self.routes.iter().min_by_key(|(_, route)| route.last_ns);
            if let Some(key) = silent.map(|(key, _)| *key) {
                self.routes.remove(&key);
            }
        }
        self.routes.insert(key, Route { last_ns: now_ns, sequence: Sequence::begin(frame.sequence()) });
        Arrival::Newest { missing: 0 }
    }

    fn is_duplicate(&mut self, from: PeerId, frame: &Frame, now_ns: u64) -> bool {
        let expired = |then_ns: u64| now_ns.saturating_sub(then_ns) > DUPLICATE_WINDOW_NS;
        while let Some((key, then_ns)) = self.recent_order.front().copied() {
            if self.recent_order.len() < MAX_RECENT && !expired(then_ns) {
                break;
            }
            self.recent_order.pop_front();
            if self.recent.get(&key).is_some_and(|(_, ns)| *ns == then_ns) {
                self.recent.remove(&key);
            }
        }
        let key = fingerprint(frame);
        if let Some((first, _)) = self.recent.get(&key) {
            // A station that has left and come back as another peer is heard at once.
            return *first != from && self.peers.contains(first);
        }
        self.recent.insert(key, (from, now_ns));
        self.recent_order.push_back((key, now_ns));
        false
    }
}

fn source(frame: &Frame) -> Source {
    (frame.system_id(), frame.component_id())
}

/// Sender, sequence, id and checksum fill 64 bits exactly.
fn fingerprint(frame: &Frame) -> u64 {
    u64::from(frame.message_id()) << 40
        | u64::from(frame.system_id()) << 32
        | u64::from(frame.component_id()) << 24
        | u64::from(frame.sequence()) << 16
        | u64::from(frame.checksum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dialect::{COMMAND_LONG_DATA, HEARTBEAT_DATA, MavMessage},
        frames::Encoder,
    };

    const A: PeerId = PeerId(1);
    const B: PeerId = PeerId(2);
    const C: PeerId = PeerId(3);
    const MS: u64 = 1_000_000;

    fn router() -> Router {
        let mut router = Router::default();
        [A, B, C].into_iter().for_each(|peer| router.add_peer(peer));
        router
    }

    fn heartbeat() -> MavMessage {
        MavMessage::HEARTBEAT(HEARTBEAT_DATA::default())
    }

    fn command(target_system: u8, target_component: u8) -> Frame {
        let data = COMMAND_LONG_DATA { target_system, target_component, ..Default::default() };
        Encoder::new(255, 190).encode(&MavMessage::COMMAND_LONG(data))
    }

    fn to(router: &Router, from: Option<PeerId>, frame: &Frame) -> Vec<PeerId> {
        let mut out = Vec::new();
        router.destinations(from, frame, &mut out);
        out
    }

    #[test]
    fn broadcast_goes_everywhere_but_back() {
        let frame = Encoder::new(1, 1).encode(&heartbeat());
        assert_eq!(to(&router(), Some(A), &frame), [B, C]);
        assert_eq!(to(&router(), None, &frame), [A, B, C]);
        assert_eq!(to(&router(), Some(B), &command(0, 0)), [A, C]);
    }

    #[test]
    fn targeted_goes_where_the_target_was_heard() {
        let mut router = router();
        assert_eq!(to(&router, Some(C), &command(1, 1)), []);
        router.received(A, &Encoder::new(1, 1).encode(&heartbeat()), 0);
        router.received(B, &Encoder::new(1, 154).encode(&heartbeat()), 0);
        assert_eq!(to(&router, Some(C), &command(1, 1)), [A]);
        assert_eq!(to(&router, Some(C), &command(1, 154)), [B]);
        assert_eq!(to(&router, Some(C), &command(1, 0)), [A, B]);
        // A component never heard: wherever its system is.
        assert_eq!(to(&router, Some(C), &command(1, 77)), [A, B]);
        assert_eq!(to(&router, Some(A), &command(1, 1)), [B]);
        router.remove_peer(A);
        assert_eq!(to(&router, Some(C), &command(1, 1)), [B]);
    }

    #[test]
    fn a_command_for_one_of_ours_goes_nowhere_else() {
        let mut router = router();
        router.received(A, &Encoder::new(1, 1).encode(&heartbeat()), 0);
        router.sending(&Encoder::new(1, 100).encode(&heartbeat()));
        assert_eq!(to(&router, Some(C), &command(1, 100)), []);
        assert_eq!(to(&router, Some(C), &command(1, 0)), [A]);
    }

    #[test]
    fn copies_and_reflections_are_dropped() {
        let mut router = router();
        let mut remote = Encoder::new(1, 1);
        let frame = remote.encode(&heartbeat());
        assert_eq!(router.received(A, &frame, 0).0, Verdict::Fresh);
        assert_eq!(router.received(B, &frame, 100 * MS).0, Verdict::Duplicate);
        assert_eq!(router.received(B, &frame, 501 * MS).0, Verdict::Fresh);

        let ours = Encoder::new(1, 100).encode(&heartbeat());
        router.sending(&ours);
        assert_eq!(router.received(A, &ours, 503 * MS).0, Verdict::Reflected);
    }

    #[test]
    fn counts_losses_per_sender_and_path() {
        let mut router = router();
        let mut remote = Encoder::new(1, 1);
        let frames: Vec<Frame> = (0..300).map(|_| remote.encode(&heartbeat())).collect();
        let mut arrival = |from: PeerId, i: usize| router.received(from, &frames[i], i as u64 * MS);
        assert_eq!(arrival(A, 251), (Verdict::Fresh, Arrival::Newest { missing: 0 }));
        assert_eq!(arrival(B, 251), (Verdict::Duplicate, Arrival::Newest { missing: 0 }));
        assert_eq!(arrival(A, 260), (Verdict::Fresh, Arrival::Newest { missing: 8 }));
        assert_eq!(arrival(B, 252), (Verdict::Fresh, Arrival::Newest { missing: 0 }), "nothing is missing there");
        assert_eq!(
            arrival(B, 260),
            (Verdict::Duplicate, Arrival::Newest { missing: 7 }),
            "a copy tells of its path too"
        );
        assert_eq!(arrival(A, 259), (Verdict::Fresh, Arrival::Late));
    }

    #[test]
    fn memory_is_bounded_under_forged_senders() {
        let mut router = router();
        for i in 0..20_000_u32 {
            let [a, b, ..] = i.to_le_bytes();
            router.received(A, &Encoder::new(a, b).encode(&heartbeat()), u64::from(i) * 1000);
        }
        assert!(router.routes.len() <= MAX_ROUTES);
        assert!(router.recent.len() <= MAX_RECENT && router.recent_order.len() <= MAX_RECENT);
    }
}
