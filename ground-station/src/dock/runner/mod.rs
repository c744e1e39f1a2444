//! The work at the dock for a window: one thread does it, through the same calls as the command, and tells what happens.
//! Another looks at PINs, so that neither the window nor a copy waits for them. What is stopped goes on from there.

mod around;
mod fault;
#[cfg(test)]
pub(crate) mod fixture;
mod gate;
mod job;
mod pins;
mod ribbon;
mod tell;
#[cfg(test)]
mod tests;
mod worker;

pub(crate) use gate::Gate;
pub(crate) use tell::Tell;

use super::{From, Setup};
use crate::clock;
use crate::state::handover::Event;
use crate::state::signin::{Person, Secret};
use evidence_store::people::Session;
use flight_record::keys::KeyId;
use flight_record::{Label, Reason};
use pins::let_in;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use worker::{Halt, Order, Worker};

/// Orders that may wait.
const ORDERS: usize = 16;

/// Where this system puts the cards that people plug in.
pub(crate) const MEDIA: [&str; 2] = ["/media", "/run/media"];

/// The second person, since when.
pub(super) type Witness = Arc<Mutex<Option<(Arc<Session>, i64)>>>;

/// The worker at the dock. It ends when this goes, at the next point at which it can go on later.
pub(crate) struct Dock {
    orders: SyncSender<Order>,
    halt: Arc<Halt>,
    witness: Witness,
    tell: Tell,
    accounts: PathBuf,
    checking: Arc<AtomicBool>,
}

/// An order that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the dock is busy; try again when it is done")]
pub(crate) struct Busy;

/// Who acts, and why.
pub(crate) struct Acting {
    /// The person signed in.
    pub(crate) session: Arc<Session>,
    /// In their words.
    pub(crate) reason: Reason,
}

impl Dock {
    /// Starts it, and looks around at once: who may countersign, and what was not handed over. `media` are the folders under
    /// which cards appear, [`MEDIA`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(setup: Setup, media: Vec<PathBuf>, tell: Tell) -> io::Result<Self> {
        let (orders, taken) = sync_channel(ORDERS);
        let (halt, witness) = (Arc::new(Halt::default()), Witness::default());
        let accounts = setup.people();
        let (shared, telling) = ((Arc::clone(&halt), Arc::clone(&witness)), tell.clone());
        std::thread::Builder::new().name("dock".to_owned()).spawn(move || {
            let mut worker = Worker::new(setup, media, shared, telling);
            worker.look_around();
            while let Ok(order) = taken.recv() {
                worker.carry_out(order);
            }
        })?;
        Ok(Self { orders, halt, witness, tell, accounts, checking: Arc::default() })
    }

    fn order(&self, order: Order) -> Result<(), Busy> {
        self.orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => Busy,
        })
    }

    /// Looks at a card or an aircraft, and plans. Whatever was docked before is let go of, the second person too.
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn look(&self, from: From, device: Option<KeyId>) -> Result<(), Busy> {
        self.forget_witness();
        self.order(Order::Look(from, device))
    }

    /// Lets go of what is docked.
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn leave(&self) -> Result<(), Busy> {
        self.forget_witness();
        self.halt.cancel();
        self.order(Order::Leave)
    }

    /// Asks again who may countersign, and what was not handed over: whenever there may be something new.
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn look_around(&self) -> Result<(), Busy> {
        self.order(Order::LookAround)
    }

    /// Takes over all flights that are docked, or goes on with it.
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn take_over(&self, acting: Acting) -> Result<(), Busy> {
        self.halt.clear();
        self.order(Order::TakeOver(acting))
    }

    /// Stops the copy; [`Dock::take_over`] goes on from there.
    pub(crate) fn pause(&self) {
        self.halt.pause();
    }

    /// Stops the copy. What is here stays, and a later one goes on from there.
    pub(crate) fn cancel(&self) {
        self.halt.cancel();
    }

    /// Has the aircraft erase what two stores hold; flights in quarantine only when that is said too.
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn erase(&self, acting: Acting, quarantined_too: bool) -> Result<(), Busy> {
        self.halt.clear();
        self.order(Order::Erase(acting, quarantined_too))
    }

    /// Makes a package of each flight that was taken over, `dir/<flight>`.
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn package(&self, acting: Acting, dir: PathBuf) -> Result<(), Busy> {
        self.halt.clear();
        self.order(Order::Package(acting, dir))
    }

    /// The second person gives their PIN: it is looked at on a thread of its own, and what awaits them is signed.
    ///
    /// # Errors
    /// [`Busy`] while another PIN is looked at.
    pub(crate) fn countersign(&self, who: Label, secret: Secret) -> Result<(), Busy> {
        if self.checking.swap(true, Ordering::AcqRel) {
            return Err(Busy);
        }
        let (tell, accounts, orders) = (self.tell.clone(), self.accounts.clone(), self.orders.clone());
        let (witness, checking) = (Arc::clone(&self.witness), Arc::clone(&self.checking));
        let started = std::thread::Builder::new().name("pin".to_owned()).spawn(move || {
            tell.say(Event::PinGiven(who.clone()));
            match let_in(&accounts, &who, &secret) {
                Ok(session) => {
                    let person = Person { label: session.label().clone(), duties: session.duties().to_vec() };
                    let since_utc_us = clock::now_utc_us();
                    *witness.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::new(session), since_utc_us));
                    tell.say(Event::PinTaken(person, since_utc_us));
                    // While the worker copies, it looks itself between two flights; a full queue loses nothing.
                    let _ = orders.try_send(Order::Countersign);
                }
                Err(why) => tell.say(Event::PinRefused(who, why)),
            }
            checking.store(false, Ordering::Release);
        });
        if started.is_err() {
            self.checking.store(false, Ordering::Release);
        }
        started.map(drop).map_err(|_| Busy)
    }

    fn forget_witness(&self) {
        *self.witness.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for Dock {
    fn drop(&mut self) {
        self.halt.cancel();
        self.forget_witness();
    }
}
