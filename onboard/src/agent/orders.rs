//! The actor around [`Statements`]: an order is answered when it stands in the flight's record, whatever else it started.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use flight_record::keys::KeyId;
use flight_record::radio::{self, Body};
use flight_record::record::Statement;
use flight_record::statement::Moment;
use flight_record::trust::TrustList;
use vehicle_link::dialect::{MavMessage, MavSeverity, STATUSTEXT_DATA};
use vehicle_link::hub::{Hub, PeerId};
use vehicle_link::peers::Address;

use super::cameras::Cameras;
use super::radio::tell;
use crate::recorder::notary::{Notary, Order as NotaryOrder};
use crate::uplink::statements::{Heard, RECENT, Refusal, Situation, Statements};

/// An order as it came, and the way back.
pub(super) struct Came {
    pub(super) order: radio::Statement,
    pub(super) from: Address,
    pub(super) peer: PeerId,
}

/// An order that was taken, and what is known of its record.
struct Taken {
    came: Came,
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
    current: Option<Statement>,
}

impl Orders {
    /// For the device with this key id.
    pub(super) fn new(device: KeyId) -> Self {
        Self { machine: Statements::new(device), taken: VecDeque::new(), current: None }
    }

    /// A restart took up a flight that holds orders as new as these.
    pub(super) fn resume(&mut self, newest: &BTreeMap<KeyId, Moment>) {
        self.machine.resume(newest);
    }

    /// Hears an order; whether it is to be carried out now.
    pub(super) fn hear(
        &mut self,
        came: Came,
        trust: &TrustList,
        now: Situation,
        (hub, cameras): (&Hub, &mut Cameras),
    ) -> bool {
        match self.machine.hear(&came.order, trust, now) {
            Heard::Taken(statement) => {
                tracing::info!(action = statement.action.word(), signer = %statement.signer, "order taken");
                self.taken.truncate(RECENT - 1);
                self.taken.push_front(Taken { came, recorded: Recorded::Known(false) });
                self.current = Some(statement);
                return true;
            }
            Heard::Again => {
                if let Some(before) = self.taken.iter_mut().find(|taken| taken.came.order == came.order) {
                    before.came = came;
                    before.answer(hub, cameras);
                }
            }
            Heard::Refused(refusal) => say(refusal, &came, hub, cameras),
            Heard::Ignored => {}
        }
        false
    }

    /// Hands the order that is being carried out to the notary, once; who signed it.
    pub(super) fn record(&mut self, notary: &Notary) -> Option<KeyId> {
        let statement = self.current.take()?;
        let signer = statement.signer;
        let (done, recorded) = sync_channel(1);
        notary.order(NotaryOrder::Statement { statement: Box::new(statement), done });
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
            taken.answer(hub, cameras);
        }
    }
}

impl Taken {
    fn answer(&self, hub: &Hub, cameras: &mut Cameras) {
        let Came { order, from, peer } = &self.came;
        match self.recorded {
            Recorded::Known(true) => tell(&Body::Statement(order.clone()), *from, *peer, hub, cameras),
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
