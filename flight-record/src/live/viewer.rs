//! How a station agrees keys with an aircraft: whose call it believes, what it offers, when again, which answer it takes. Pure:
//! told of bodies, packets and the time, says what to do.

use super::{Ephemeral, LiveKeys, accept, offer};
use crate::keys::{DeviceKey, KeyError, KeyId, PublicKey};
use crate::names::Label;
use crate::radio::{Agreement, Body, LiveAnswer, LiveCall, LiveHolder, LiveOffer, LiveScope, SigningKeyHint};
use crate::stamp::Stamp;
use crate::trust::{Entry, Role, TrustList};

const SECOND_NS: u64 = 1_000_000_000;
/// Between the first two offers; each wait after that is twice as long, up to the longest.
const FIRST_WAIT_NS: u64 = SECOND_NS / 2;
const LONGEST_WAIT_NS: u64 = 16 * SECOND_NS;
/// Offers into silence until that is said.
const TRIES: u32 = 5;
/// An offer older than this is made anew: the aircraft takes none that its own clock is two minutes away from.
const STALE_S: u32 = 30;
/// How long a call may still be on its way that was made before the answer.
const CROSSING_NS: u64 = 3 * SECOND_NS;
/// Without a call for this long, that is said; an aircraft lost for this long gives way to another.
const UNCALLED_NS: u64 = 10 * SECOND_NS;
/// Keys under which nothing opens for this long, although so many packets came, are agreed anew: a receiver that missed 2¹⁵ packets
/// cannot follow the count (RFC 3711 §3.3.1).
const UNREADABLE_NS: u64 = 3 * SECOND_NS;
const UNREADABLE_PACKETS: u64 = 50;
/// Nothing at all for this long is said.
const SILENT_NS: u64 = 10 * SECOND_NS;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The aircraft called: the way this came is the way to it.
    Called,
    /// Send this the way the last call came.
    Send(Body),
    /// From now on packets open with these, and with no others.
    Keys(LiveKeys),
    /// Say this.
    Note(Note),
}

/// What somebody at the station wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// An aircraft of the unit calls.
    Called {
        /// The unit's name for it.
        aircraft: Label,
    },
    /// Keys are agreed with it.
    Agreed {
        /// The unit's name for it.
        aircraft: Label,
    },
    /// It has agreed keys with somebody else since; this station waits until nobody has them, or for the next flight.
    Taken {
        /// The unit's name for the other station.
        by: Label,
    },
    /// It takes no notice of the offers; they go on, ever more rarely.
    Unanswered {
        /// The unit's name for it.
        aircraft: Label,
    },
    /// No aircraft of the unit calls, or the one that did does no more.
    Uncalled,
    /// Packets come that the keys do not open: they are agreed anew.
    Unreadable,
    /// Keys are agreed, and nothing comes.
    Silent,
}

/// The aircraft whose view is shown.
struct Aircraft {
    device: KeyId,
    key: PublicKey,
    name: Label,
    scope: LiveScope,
    /// Of its newest call.
    count: u32,
    last_ns: u64,
    lost: bool,
}

struct Offered {
    own: Ephemeral,
    offer: LiveOffer,
}

/// How the station stands with the aircraft in its present scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Wanting,
    Agreed { offer: [u8; 4], since_ns: u64 },
    Yielded,
}

/// What came over the network.
#[derive(Default)]
struct Flow {
    opened: u64,
    opened_ns: u64,
    /// Unreadable packets when one last opened, or keys were last agreed.
    unreadable: u64,
    said: bool,
}

/// The machine.
pub struct Viewer {
    station: DeviceKey,
    wanted: Option<Label>,
    aircraft: Option<Aircraft>,
    stand: Stand,
    offered: Option<Offered>,
    flow: Flow,
    tries: u32,
    wait_ns: u64,
    next_ns: u64,
    last_time_s: u32,
    begun_ns: Option<u64>,
    uncalled: bool,
}

impl Viewer {
    /// For the station with this key; `wanted` is the unit's name for the aircraft, without it the first that calls.
    pub fn new(station: DeviceKey, wanted: Option<Label>) -> Self {
        Self {
            station,
            wanted,
            aircraft: None,
            stand: Stand::Wanting,
            offered: None,
            flow: Flow::default(),
            tries: 0,
            wait_ns: FIRST_WAIT_NS,
            next_ns: 0,
            last_time_s: 0,
            begun_ns: None,
            uncalled: false,
        }
    }

    /// Takes a body that came by radio.
    pub fn hear(&mut self, body: &Body, trust: &TrustList, at: Stamp) -> Vec<Step> {
        match body {
            Body::Agreement(Agreement::Call(call)) => self.called(call, trust, at),
            Body::Agreement(Agreement::Answer(answer)) => self.answered(answer, trust, at),
            Body::Agreement(Agreement::Offer(_))
            | Body::Beacon(_)
            | Body::Leaves(_)
            | Body::Cosignature(_)
            | Body::Nonce(_)
            | Body::Statement(_)
            | Body::Ready(_)
            | Body::Fragment(_)
            | Body::Recipient(_)
            | Body::Authorisation(_) => Vec::new(),
        }
    }

    fn called(&mut self, call: &LiveCall, trust: &TrustList, at: Stamp) -> Vec<Step> {
        let known = self.aircraft.as_ref().filter(|aircraft| SigningKeyHint::of(aircraft.device) == call.device);
        if known.is_some_and(|known| known.scope.boot == call.scope.boot && known.count >= call.count) {
            return Vec::new();
        }
        let signed = |entry: &&Entry| vouched(entry, trust, at.utc_us) && call.verifies(&entry.public_key);
        let Some(device) = trust.keys.iter().find(signed) else { return Vec::new() };
        let other = self.aircraft.as_ref().is_some_and(|aircraft| aircraft.device != device.id && !aircraft.lost);
        if other || self.wanted.as_ref().is_some_and(|wanted| *wanted != device.name) {
            return Vec::new();
        }
        let (new, moved) = match &self.aircraft {
            Some(known) if known.device == device.id => (known.lost, known.scope != call.scope),
            Some(_) | None => (true, true),
        };
        self.aircraft = Some(Aircraft {
            device: device.id,
            key: device.public_key,
            name: device.name.clone(),
            scope: call.scope,
            count: call.count,
            last_ns: at.mono_ns,
            lost: false,
        });
        self.uncalled = false;
        if moved {
            (self.stand, self.offered) = (Stand::Wanting, None);
            (self.tries, self.wait_ns, self.next_ns) = (0, FIRST_WAIT_NS, 0);
        }
        let mut steps = vec![Step::Called];
        steps.extend(new.then(|| Step::Note(Note::Called { aircraft: device.name.clone() })));
        steps.extend(self.held(call.holder, trust, at.mono_ns).map(Step::Note));
        steps
    }

    /// Who holds the keys, as the aircraft says.
    fn held(&mut self, holder: Option<LiveHolder>, trust: &TrustList, now_ns: u64) -> Option<Note> {
        match (self.stand, holder) {
            (Stand::Agreed { since_ns, .. }, _) if now_ns.saturating_sub(since_ns) < CROSSING_NS => None,
            (Stand::Agreed { offer, .. }, Some(holder)) if holder.offer == offer => None,
            (Stand::Agreed { .. }, Some(holder)) => {
                self.stand = Stand::Yielded;
                let of = trust.keys.iter().find(|entry| SigningKeyHint::of(entry.id) == holder.station);
                of.map(|entry| Note::Taken { by: entry.name.clone() })
            }
            // It dropped the keys, as it does of a station that the unit does not vouch for; or they are free again.
            (Stand::Agreed { .. } | Stand::Yielded, None) => {
                self.stand = Stand::Wanting;
                None
            }
            (Stand::Yielded | Stand::Wanting, _) => None,
        }
    }

    fn answered(&mut self, answer: &LiveAnswer, trust: &TrustList, at: Stamp) -> Vec<Step> {
        let Some(aircraft) = &self.aircraft else { return Vec::new() };
        let ours = |offered: &&mut Offered| answer.verifies(&offered.offer, &aircraft.key);
        let listed = trust.entry(aircraft.device).is_some_and(|entry| vouched(entry, trust, at.utc_us));
        if !listed || self.offered.as_mut().filter(ours).is_none() {
            return Vec::new();
        }
        let Some(Offered { own, offer }) = self.offered.take() else { return Vec::new() };
        let Some(keys) = accept(own, &offer, answer, &aircraft.key) else { return Vec::new() };
        self.stand = Stand::Agreed { offer: offer.hint(), since_ns: at.mono_ns };
        (self.tries, self.flow.said) = (0, false);
        vec![Step::Keys(keys), Step::Note(Note::Agreed { aircraft: aircraft.name.clone() })]
    }

    /// What came over the network since the beginning, pictures and telemetry together: packets that opened, and that did not.
    pub fn received(&mut self, opened: u64, unreadable: u64, now_ns: u64) -> Option<Note> {
        if opened > self.flow.opened {
            self.flow = Flow { opened, opened_ns: now_ns, unreadable, said: false };
            self.wait_ns = FIRST_WAIT_NS;
        }
        let Stand::Agreed { since_ns, .. } = self.stand else {
            self.flow.unreadable = unreadable;
            return None;
        };
        let quiet_ns = now_ns.saturating_sub(self.flow.opened_ns.max(since_ns));
        if quiet_ns >= UNREADABLE_NS && unreadable.saturating_sub(self.flow.unreadable) >= UNREADABLE_PACKETS {
            (self.stand, self.flow.unreadable) = (Stand::Wanting, unreadable);
            return Some(Note::Unreadable);
        }
        let silent = quiet_ns >= SILENT_NS && !std::mem::replace(&mut self.flow.said, quiet_ns >= SILENT_NS);
        silent.then_some(Note::Silent)
    }

    /// Time passes: what is due.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn tick(&mut self, at: Stamp) -> Result<Vec<Step>, KeyError> {
        let mut steps = Vec::new();
        let now_ns = at.mono_ns;
        let since_ns = *self.begun_ns.get_or_insert(now_ns);
        let last_ns = self.aircraft.as_ref().map_or(since_ns, |aircraft| aircraft.last_ns);
        let uncalled = now_ns.saturating_sub(last_ns) >= UNCALLED_NS;
        if uncalled && !std::mem::replace(&mut self.uncalled, true) {
            steps.push(Step::Note(Note::Uncalled));
        }
        let Some(aircraft) = &mut self.aircraft else { return Ok(steps) };
        aircraft.lost = uncalled;
        if self.stand != Stand::Wanting || uncalled || now_ns < self.next_ns {
            return Ok(steps);
        }
        if self.tries == TRIES {
            steps.push(Step::Note(Note::Unanswered { aircraft: aircraft.name.clone() }));
        }
        let scope = aircraft.scope;
        let offer = self.offer(scope, at.utc_us)?;
        self.tries = self.tries.saturating_add(1);
        self.next_ns = now_ns.saturating_add(self.wait_ns);
        self.wait_ns = (2 * self.wait_ns).min(LONGEST_WAIT_NS);
        steps.push(Step::Send(Body::Agreement(Agreement::Offer(offer))));
        Ok(steps)
    }

    /// The offer that is out, since an answer may be on its way, or a new one when it is too old.
    fn offer(&mut self, scope: LiveScope, utc_us: i64) -> Result<LiveOffer, KeyError> {
        let now_s = u32::try_from(utc_us / 1_000_000).unwrap_or(u32::MAX);
        let fresh = |offered: &&Offered| now_s.abs_diff(offered.offer.time_s) < STALE_S;
        if let Some(offered) = self.offered.as_ref().filter(fresh) {
            return Ok(offered.offer.clone());
        }
        // The aircraft takes rising times only.
        self.last_time_s = now_s.max(self.last_time_s.saturating_add(1));
        let (own, offer) = offer(scope, self.last_time_s, &self.station)?;
        self.offered = Some(Offered { own, offer: offer.clone() });
        Ok(offer)
    }
}

fn vouched(entry: &Entry, trust: &TrustList, at_utc_us: i64) -> bool {
    let counts = at_utc_us <= trust.expires_utc_us && entry.vouches(Role::Device, at_utc_us).is_ok();
    entry.revoked.is_none() && counts
}

#[cfg(test)]
mod tests;
