//! Who is signed in at this station: PINs are looked at on a thread of their own.

use super::{Busy, Tell, pins};
use crate::clock;
use crate::state::signin::{Event, NotLetIn, Person, Secret};
use evidence_store::people::Session;
use flight_record::Label;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whose session it is, and whether the PIN is asked again.
#[derive(Default)]
struct Held {
    session: Option<Arc<Session>>,
    locked: bool,
}

/// The gate of this station.
pub(crate) struct Gate {
    accounts: Arc<PathBuf>,
    tell: Tell<Event>,
    held: Arc<Mutex<Held>>,
    busy: Arc<AtomicBool>,
}

impl Gate {
    /// Over these accounts; lists them at once.
    pub(crate) fn new(accounts: PathBuf, tell: Tell<Event>) -> Self {
        let gate = Self { accounts: Arc::new(accounts), tell, held: Arc::default(), busy: Arc::default() };
        // Nothing else is asked of it yet, so that it cannot be busy; without a thread the list stays empty and says so.
        if gate.look().is_err() {
            gate.tell.say(Event::NoPeople("the system gives no thread".to_owned()));
        }
        gate
    }

    /// The session of whoever acts: none while the window is locked.
    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        let held = held(&self.held);
        held.session.clone().filter(|_| !held.locked)
    }

    /// Lists the people again, and ends a session that is over: one that was suspended, or lasts longer than a shift.
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn look(&self) -> Result<(), Busy> {
        let (accounts, kept, tell) = (Arc::clone(&self.accounts), Arc::clone(&self.held), self.tell.clone());
        self.aside(move || {
            match pins::people(&accounts) {
                Ok(people) => tell.say(Event::People(people)),
                Err(error) => tell.say(Event::NoPeople(format!("{:#}", anyhow::Error::from(error)))),
            }
            let session = held(&kept).session.clone();
            if session.is_some_and(|session| session.key(clock::now_utc_us()).is_err()) {
                *held(&kept) = Held::default();
                tell.say(Event::SignedOut);
            }
        })
    }

    /// Somebody gives their PIN: to sign in, or to unlock what they locked.
    ///
    /// # Errors
    /// [`Busy`] while another is looked at.
    pub(crate) fn give(&self, who: Label, secret: Secret) -> Result<(), Busy> {
        let (accounts, kept, tell) = (Arc::clone(&self.accounts), Arc::clone(&self.held), self.tell.clone());
        self.aside(move || {
            tell.say(Event::PinGiven(who.clone()));
            let holder = Some(held(&kept)).filter(|held| held.locked).and_then(|held| held.session.clone());
            if let Some(holder) = holder.filter(|holder| *holder.label() != who) {
                let why = format!("{} locked this window; they sign in, or sign out.", holder.label());
                tell.say(Event::Refused(who, NotLetIn { why, until_utc_us: None }));
                return;
            }
            match pins::let_in(&accounts, &who, &secret) {
                Ok(session) => {
                    let person = Person { label: session.label().clone(), duties: session.duties().to_vec() };
                    *held(&kept) = Held { session: Some(Arc::new(session)), locked: false };
                    tell.say(Event::SignedIn(person, clock::now_utc_us()));
                }
                Err(why) => tell.say(Event::Refused(who, why)),
            }
        })
    }

    /// Ends the session.
    pub(crate) fn sign_out(&self) {
        *held(&self.held) = Held::default();
        self.tell.say(Event::SignedOut);
    }

    /// Asks for the PIN again. What runs goes on.
    pub(crate) fn lock(&self) {
        held(&self.held).locked = true;
        self.tell.say(Event::Locked);
    }

    /// Does it on a thread of its own; one at a time.
    fn aside(&self, work: impl FnOnce() + Send + 'static) -> Result<(), Busy> {
        if self.busy.swap(true, Ordering::AcqRel) {
            return Err(Busy);
        }
        let busy = Arc::clone(&self.busy);
        let started = std::thread::Builder::new().name("gate".to_owned()).spawn(move || {
            work();
            busy.store(false, Ordering::Release);
        });
        if started.is_err() {
            self.busy.store(false, Ordering::Release);
        }
        started.map(drop).map_err(|_| Busy)
    }
}

fn held(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
