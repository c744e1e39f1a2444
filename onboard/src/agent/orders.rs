//! The actor around [`Statements`] and [`Sessions`]: an order is answered when it stands in the flight's record, whatever else it
//! started; an authorisation when it is in force.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use flight_record::Stamp;
use flight_record::keys::KeyId;
use flight_record::record::{Authorisation, Kind};
use flight_record::statement::Moment;
use flight_record::trust::TrustList;
use vehicle_link::dialect::{MavMessage, MavSeverity, STATUSTEXT_DATA};
use vehicle_link::hub::{Hub, PeerId};
use vehicle_link::peers::Address;

use super::cameras::Cameras;
use super::radio::tell;
use crate::config::Authorise;
use crate::recorder::notary::{Notary, Order as NotaryOrder};
use crate::uplink::sessions::Sessions;
use crate::uplink::statements::{Heard, RECENT, Refusal, Situation, Statements, Word};

/// An order as it came, and the way back.
pub(super) struct Came {
    pub(super) word: Word,
    pub(super) from: Address,
    pub(super) peer: PeerId,
}

/// An order that was taken, and what is known of its record.
struct Taken {
    came: Came,
    signer: KeyId,
    recorded: Recorded,
}

enum Recorded {
    Awaited(Receiver<bool>),
    Known(bool),
}

/// The orders of late.
pub(super) struct Orders {
    machine: Statements,
    taken: VecDeque<Taken>,
    /// Being carried out, not yet handed to the notary.
    current: Option<(KeyId, Kind)>,
    sessions: Sessions,
}

impl Orders {
    /// For the device with this key id.
    pub(super) fn new(device: KeyId, authorise: Authorise) -> Self {
        let machine = Statements::new(device, authorise == Authorise::Officer);
        Self { machine, taken: VecDeque::new(), current: None, sessions: Sessions::default() }
    }

    /// A restart took up a flight that holds orders as new as these.
    pub(super) fn resume(
        &mut self,
        newest: &BTreeMap<KeyId, Moment>,
        sessions: &BTreeMap<KeyId, Authorisation>,
        at: Stamp,
    ) {
        self.machine.resume(newest);
        self.sessions.resume(sessions, at);
    }

    /// In whose name the buttons of any station work now.
    #[must_use]
    pub(super) fn allows(&self, trust: &TrustList, at: Stamp) -> Option<KeyId> {
        self.sessions.allows(trust, at)
    }

    /// A flight is open: what is in force stands in its record first.
    pub(super) fn flight_opened(&mut self, notary: &Notary, now_ns: u64) {
        for word in self.sessions.flight_opened(now_ns) {
            // Whoever gave it has been answered.
            let (done, _) = sync_channel(1);
            notary.order(NotaryOrder::Signed { kind: Box::new(Kind::Authorisation(word)), done });
        }
    }

    /// The flight is over.
    pub(super) fn flight_closed(&mut self) {
        self.sessions.flight_closed();
    }

    /// Hears an order; whether it is to be carried out now.
    pub(super) fn hear(
        &mut self,
        came: Came,
        trust: &TrustList,
        now: Situation,
        (hub, cameras): (&Hub, &mut Cameras),
    ) -> bool {
        match self.machine.hear(&came.word, trust, now) {
            Heard::Taken(kind) => return self.take(came, *kind, now, (hub, cameras)),
            Heard::Again => {
                if let Some(before) = self.taken.iter_mut().find(|taken| taken.came.word == came.word) {
                    before.came = came;
                    before.answer(hub, cameras);
                }
            }
            Heard::Refused(refusal) => say(refusal, &came, hub, cameras),
            Heard::Ignored => {}
        }
        false
    }

    /// Takes a word that counts; whether it is to be carried out and recorded now.
    fn take(&mut self, came: Came, kind: Kind, now: Situation, (hub, cameras): (&Hub, &mut Cameras)) -> bool {
        let signer = match &kind {
            Kind::Statement(order) => order.signer,
            Kind::Authorisation(word) => {
                self.sessions.take(word, now.at);
                word.signer
            }
            _ => return false,
        };
        tracing::info!(kind = kind.name(), %signer, "order taken");
        // Without a flight a session is in force at once: it stands in the record of the next one before anything it allows.
        let waits = matches!(kind, Kind::Authorisation(_)) && now.flight.is_none();
        let taken = Taken { came, signer, recorded: Recorded::Known(waits) };
        if waits {
            taken.answer(hub, cameras);
        } else {
            self.current = Some((signer, kind));
        }
        self.taken.truncate(RECENT - 1);
        self.taken.push_front(taken);
        !waits
    }

    /// Hands the order that is being carried out to the notary, once; who signed it.
    pub(super) fn record(&mut self, notary: &Notary) -> Option<KeyId> {
        let (signer, kind) = self.current.take()?;
        let (done, recorded) = sync_channel(1);
        notary.order(NotaryOrder::Signed { kind: Box::new(kind), done });
        if let Some(newest) = self.taken.front_mut() {
            newest.recorded = Recorded::Awaited(recorded);
        }
        Some(signer)
    }

    /// Time passes: what has become durable, or has not, is said.
    pub(super) fn tick(&mut self, hub: &Hub, cameras: &mut Cameras) {
        for taken in &mut self.taken {
            let Recorded::Awaited(recorded) = &taken.recorded else { continue };
            let known = match recorded.try_recv() {
                Ok(known) => known,
                Err(TryRecvError::Disconnected) => false,
                Err(TryRecvError::Empty) => continue,
            };
            taken.recorded = Recorded::Known(known);
            if !known && matches!(taken.came.word, Word::Session(_)) {
                self.sessions.forget(taken.signer);
            }
            taken.answer(hub, cameras);
        }
    }
}

impl Taken {
    fn answer(&self, hub: &Hub, cameras: &mut Cameras) {
        let Came { word, from, peer } = &self.came;
        match self.recorded {
            Recorded::Known(true) => tell(&word.body(), *from, *peer, hub, cameras),
            Recorded::Known(false) => say(Refusal::NotRecorded, &self.came, hub, cameras),
            Recorded::Awaited(_) => {}
        }
    }
}

fn say(refusal: Refusal, came: &Came, hub: &Hub, cameras: &mut Cameras) {
    tracing::warn!(%refusal, from = %came.from, "an order by radio");
    let mut data = STATUSTEXT_DATA { severity: MavSeverity::MAV_SEVERITY_WARNING, ..Default::default() };
    data.text = refusal.to_string().as_str().into();
    cameras.send(hub, &MavMessage::STATUSTEXT(data), came.peer);
}
