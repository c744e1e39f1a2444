//! The thread that does the work: one order at a time.

use super::super::work::Planned;
use super::super::{From, Setup, setup::Stand};
use super::job::Busying;
use super::{Acting, Tell, Witness, around, fault, pins, ribbon};
use crate::clock;
use crate::state::handover::{Docked, Event, Planned as Aboard, Room, WITNESS_STAYS_US};
use anyhow::Result;
use evidence_store::intake::{IngestPlan, Source};
use evidence_store::people::Session;
use evidence_store::store::Store as _;
use flight_record::keys::KeyId;
use flight_record::trust::{Role, TrustList};
use flight_record::{FlightId, Label};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

/// What the window orders.
pub(super) enum Order {
    Look(From, Option<KeyId>),
    LookAround,
    Leave,
    TakeOver(Acting),
    Countersign,
    Erase(Acting, bool),
    Package(Acting, PathBuf),
}

/// Stops the work where it can go on.
#[derive(Default)]
pub(super) struct Halt {
    /// The source looks at it too, while it waits for the aircraft.
    pub(super) stop: Arc<AtomicBool>,
    paused: AtomicBool,
}

impl Halt {
    pub(super) fn clear(&self) {
        self.paused.store(false, Ordering::Relaxed);
        self.stop.store(false, Ordering::Release);
    }

    pub(super) fn pause(&self) {
        self.paused.store(true, Ordering::Relaxed);
        self.stop.store(true, Ordering::Release);
    }

    pub(super) fn cancel(&self) {
        self.paused.store(false, Ordering::Relaxed);
        self.stop.store(true, Ordering::Release);
    }

    pub(super) fn is_set(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    pub(super) fn is_pause(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }
}

/// What became of a flight that was docked.
#[derive(Clone, Default)]
pub(super) struct Fate {
    pub(super) taken: bool,
    pub(super) quarantined: bool,
    /// Erased, or an order for it lies on the card.
    pub(super) gone: bool,
    /// Lines of the ledger that await the second person.
    pub(super) awaiting: Vec<u64>,
}

/// What is docked.
pub(super) struct Berth {
    pub(super) stand: Stand,
    pub(super) source: Box<dyn Source>,
    pub(super) flights: Vec<FlightId>,
    pub(super) fates: BTreeMap<FlightId, Fate>,
}

/// The worker.
pub(super) struct Worker {
    pub(super) setup: Setup,
    pub(super) tell: Tell,
    pub(super) halt: Arc<Halt>,
    media: Vec<PathBuf>,
    witness: Witness,
    pub(super) berth: Option<Berth>,
    /// Who acted last, and why: the second person signs for what they did.
    pub(super) acting: Option<Acting>,
}

impl Worker {
    pub(super) fn new(setup: Setup, media: Vec<PathBuf>, (halt, witness): (Arc<Halt>, Witness), tell: Tell) -> Self {
        Self { setup, tell, halt, media, witness, berth: None, acting: None }
    }

    pub(super) fn carry_out(&mut self, order: Order) {
        match order {
            Order::Look(from, device) => self.look(&from, device),
            Order::LookAround => self.look_around(),
            Order::Leave => {
                (self.berth, self.acting) = (None, None);
                self.tell.say(Event::Undocked);
                self.look_around();
            }
            Order::TakeOver(acting) => {
                self.do_with(acting, &Busying::TakeOver);
                self.look_around();
            }
            Order::Countersign => {
                if self.awaits()
                    && let Some(acting) = self.acting.take()
                {
                    self.do_with(acting, &Busying::Countersign);
                }
            }
            Order::Erase(acting, quarantined_too) => self.do_with(acting, &Busying::Erase(quarantined_too)),
            Order::Package(acting, dir) => self.do_with(acting, &Busying::Package(dir)),
        }
    }

    fn awaits(&self) -> bool {
        self.berth.as_ref().is_some_and(|berth| berth.fates.values().any(|fate| !fate.awaiting.is_empty()))
    }

    /// Who may countersign, and what was not handed over.
    pub(super) fn look_around(&self) {
        match pins::people(&self.setup.people()) {
            Ok(people) => self.tell.say(Event::People(people)),
            Err(error) => tracing::warn!("the accounts cannot be read: {error:#}"),
        }
        match self.setup.stand() {
            Ok(stand) => self.tell.say(Event::Fleet(fleet(&stand.trust))),
            Err(error) => tracing::warn!("the aircraft of the unit cannot be told: {error:#}"),
        }
        match around::look(&self.setup, &self.media) {
            Ok(found) => self.tell.say(Event::NotHandedOver(found)),
            Err(error) => tracing::warn!("what was not handed over cannot be told: {error:#}"),
        }
    }

    /// The second person, while their PIN counts.
    pub(super) fn witness(&self) -> Option<Arc<Session>> {
        let now_utc_us = clock::now_utc_us();
        let held = self.witness.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |since_utc_us: i64| now_utc_us.saturating_sub(since_utc_us) <= WITNESS_STAYS_US;
        held.as_ref().filter(|(_, since_utc_us)| fresh(*since_utc_us)).map(|(session, _)| Arc::clone(session))
    }

    fn look(&mut self, from: &From, device: Option<KeyId>) {
        self.halt.clear();
        (self.berth, self.acting) = (None, None);
        self.tell.say(Event::Looking { from: from.to_string() });
        match self.dock(from, device) {
            Ok((docked, berth)) => {
                self.berth = Some(berth);
                self.tell.say(Event::Docked(Box::new(docked)));
            }
            Err(error) => {
                let aircraft = matches!(from, From::Aircraft(_));
                self.tell.say(Event::NotDocked(fault::not_docked(&error, aircraft)));
            }
        }
    }

    fn dock(&self, from: &From, device: Option<KeyId>) -> Result<(Docked, Berth)> {
        let stand = self.setup.stand()?;
        let mut source = self.setup.source(from, device, &stand.trust, &self.halt.stop)?;
        let flights = source.flights()?;
        let (mut planned, mut rooms) = (Vec::new(), None);
        let (mut one_disk, mut id) = (false, device);
        for flight in &flights {
            let Planned { plan, .. } = Planned::look(&self.setup, &stand, &mut *source, *flight)?;
            one_disk = plan.one_disk;
            id = id.or(plan.device);
            let [first, second] = rooms.get_or_insert_with(|| room_at(&stand, &plan));
            first.needed_bytes += plan.room[0].needed_bytes;
            second.needed_bytes += plan.room[1].needed_bytes;
            let no_challenge = source.challenge(*flight).err().map(|error| error.to_string());
            planned.push(aboard(&plan, no_challenge));
        }
        let name = |id: KeyId| (stand.trust.entry(id).map(|entry| entry.name.clone()), id);
        let docked = Docked {
            from: source.describe(),
            aircraft: matches!(from, From::Aircraft(_)),
            device: id.map(name),
            flights: planned,
            rooms: match rooms {
                Some(rooms) => rooms,
                None => empty_rooms(&stand)?,
            },
            one_disk,
        };
        Ok((docked, Berth { stand, source, flights, fates: BTreeMap::new() }))
    }
}

/// The aircraft that the unit vouches for.
fn fleet(trust: &TrustList) -> Vec<(Label, KeyId)> {
    let now_utc_us = clock::now_utc_us();
    let devices = trust.keys.iter().filter(|entry| entry.role == Role::Device);
    let vouched = devices.filter(|entry| trust.vouches(entry.public_key.id(), Role::Device, now_utc_us).is_ok());
    vouched.map(|entry| (entry.name.clone(), entry.public_key.id())).collect()
}

/// Both stores, with nothing needed yet.
fn room_at(stand: &Stand, plan: &IngestPlan) -> [Room; 2] {
    let room = |store: &evidence_store::store::Folder, at: usize| Room {
        store: store.identity().name.clone(),
        place: store.describe(),
        needed_bytes: 0,
        free_bytes: plan.room[at].free_bytes,
    };
    [room(&stand.stores.0, 0), room(&stand.stores.1, 1)]
}

/// The same where there is no flight.
fn empty_rooms(stand: &Stand) -> Result<[Room; 2]> {
    let room = |store: &evidence_store::store::Folder| -> Result<Room> {
        let (store_name, place) = (store.identity().name.clone(), store.describe());
        Ok(Room { store: store_name, place, needed_bytes: 0, free_bytes: store.room_bytes()? })
    };
    Ok([room(&stand.stores.0)?, room(&stand.stores.1)?])
}

fn aboard(plan: &IngestPlan, no_challenge: Option<String>) -> Aboard {
    let (segments, ribbon) = ribbon::aboard(plan);
    Aboard {
        flight: plan.flight,
        opened_utc_us: plan.opened_utc_us,
        last_utc_us: plan.last_utc_us,
        closed: plan.closed,
        files: plan.files.len() as u64,
        bytes: plan.bytes(),
        here_bytes: plan.files.iter().map(|file| file.here_bytes).sum(),
        segments,
        ribbon,
        missing: plan.missing.len(),
        others: plan.others.len(),
        witnessed_by: plan.witnessed.iter().map(|seen| seen.station.clone()).collect(),
        held: plan.held.clone(),
        no_challenge,
    }
}
