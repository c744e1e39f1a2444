//! The notary: the one thread that appends to the flight's log.
//!
//! Recording threads only write bytes. Whatever they finish, or want attested on the way, comes here in order:
//! bytes durable, then the record, then the checkpoint. A slow disk makes the notary late, never the recorder.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use flight_record::flight::{self, Flight, Head, Open, Sealed, Stored};
use flight_record::keys::{KeyId, PublicKey};
use flight_record::radio::Cosigned;
use flight_record::record::{Event, Gap, Kind, Nonce, Prefix};
use flight_record::seal::{self, SealedFile, Syncer};
use flight_record::{Code, FlightId, Stamp};

use super::timebase::TimeBase;
use crate::clock;
use crate::dock::listed::Listed;
use crate::uplink::outbox::Outbox;

/// Orders that may wait: several minutes of records.
const QUEUE_ORDERS: usize = 1_024;

/// What the notary is told.
pub enum Order {
    /// A flight is open from now on.
    Begin(Box<Flight<Open>>),
    /// Something happened; `detail` is sealed.
    Event {
        /// What.
        code: &'static str,
        /// Who caused it, when known by a signature.
        actor: Option<KeyId>,
        /// More, in words.
        detail: Option<String>,
    },
    /// A record made by the sender.
    Append(Box<Kind>),
    /// Make written bytes durable and, with `prefix`, attest them.
    Durable {
        /// Syncs the file.
        file: Syncer,
        /// The bytes handed to the system before this order.
        prefix: Option<Prefix>,
    },
    /// Finish a file and record it.
    Finish {
        /// The file.
        file: Box<SealedFile>,
        /// Makes the record once the digests are known.
        record: Box<dyn FnOnce(seal::Sealed) -> Kind + Send>,
        /// Told when done, by whom it matters to: whether it is recorded.
        done: Option<SyncSender<bool>>,
    },
    /// Close the flight; the answer comes when it is durable.
    Close {
        /// Why.
        reason: &'static str,
        /// Told when done: whether it is closed.
        done: SyncSender<bool>,
    },
    /// Store what a station says of a head, durably.
    Cosignature {
        /// The station.
        station: PublicKey,
        /// Its word.
        cosigned: Box<Cosigned>,
    },
    /// Record a station's nonce, once.
    Nonce {
        /// For which flight.
        flight: FlightId,
        /// The record's body.
        nonce: Box<Nonce>,
    },
    /// Record what somebody on the ground signed about recording; the answer comes when it is durable.
    Signed {
        /// The record.
        kind: Box<Kind>,
        /// Told when done: whether it is recorded.
        done: SyncSender<bool>,
    },
    /// Record what somebody on the ground sent in parts, as an event whose detail it is; the answer comes when it is durable.
    Message {
        /// What happened.
        code: &'static str,
        /// Whose it is: the event's actor, where an order of theirs stands before.
        signer: KeyId,
        /// The document.
        document: Vec<u8>,
        /// Told when done: whether it is recorded.
        done: SyncSender<bool>,
    },
    /// Answer when everything before this order is done.
    Barrier(SyncSender<()>),
}

/// The handle: cloned to every thread that has something to record.
#[derive(Clone)]
pub struct Notary {
    orders: SyncSender<Order>,
}

impl Notary {
    /// Starts the notary's thread. Each durable head is left in `outbox`; nothing is added to what is in `listed`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(time: TimeBase, outbox: Outbox, listed: Arc<Listed>) -> Result<(Self, JoinHandle<()>)> {
        let (orders, waiting) = sync_channel(QUEUE_ORDERS);
        let thread = std::thread::Builder::new()
            .name("notary".to_owned())
            .spawn(move || {
                Office { time, outbox, listed, flight: None, closed: None, lost_from_utc_us: None }.serve(&waiting);
            })
            .context("no thread for the notary")?;
        Ok((Self { orders }, thread))
    }

    /// Gives an order that must not be lost; waits while the queue is full.
    pub fn order(&self, order: Order) {
        // Fails only when the notary's thread is gone, which it logs itself.
        let _ = self.orders.send(order);
    }

    /// Gives an order that the next one of its kind replaces (`Durable`); dropped while the queue is full.
    pub fn hint(&self, order: Order) {
        if let Err(TrySendError::Full(_)) = self.orders.try_send(order) {
            tracing::debug!("the notary is behind; a sync is left to the next");
        }
    }

    /// Gives an order that can wait; it comes back while the queue is full.
    ///
    /// # Errors
    /// The order, untouched.
    pub fn offer(&self, order: Order) -> Result<(), Box<Order>> {
        match self.orders.try_send(order) {
            // One whose thread is gone is logged there.
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
            Err(TrySendError::Full(order)) => Err(Box::new(order)),
        }
    }

    /// An event without detail.
    pub fn event(&self, code: &'static str) {
        self.order(Order::Event { code, actor: None, detail: None });
    }

    /// An event with a sealed explanation.
    pub fn event_with(&self, code: &'static str, detail: String) {
        self.event_by(code, None, detail);
    }

    /// An event that somebody who signed an order caused, with a sealed explanation.
    pub fn event_by(&self, code: &'static str, actor: Option<KeyId>, detail: String) {
        self.order(Order::Event { code, actor, detail: Some(detail) });
    }
}

/// Tells a waiting thread that something is done; one that has stopped waiting does not hear it.
pub(super) fn tell<T>(done: &SyncSender<T>, what: T) {
    let _ = done.send(what);
}

struct Office {
    time: TimeBase,
    outbox: Outbox,
    listed: Arc<Listed>,
    flight: Option<Flight<Open>>,
    /// The last flight that was closed: stations still have their say about its heads.
    closed: Option<Flight<Sealed>>,
    /// Since when records could not be written; the next that can is preceded by a gap that says so.
    lost_from_utc_us: Option<i64>,
}

impl Office {
    fn serve(&mut self, orders: &Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            let at = self.time.mapping().stamp(clock::mono_ns());
            let tells = matches!(order, Order::Event { .. } | Order::Append(_) | Order::Finish { .. });
            if let Err(error) = self.carry_out(order, at) {
                if tells && self.flight.is_some() {
                    self.lost_from_utc_us.get_or_insert(at.utc_us);
                }
                // The gap and the verifier show what is missing; the pilot must know now.
                tracing::error!(error = format!("{error:#}"), "a record could not be written");
            }
        }
    }

    fn carry_out(&mut self, order: Order, at: Stamp) -> Result<()> {
        match order {
            Order::Begin(flight) => {
                if let Some(head) = flight.head() {
                    announce(&self.outbox, flight.id(), flight.dir(), head, false);
                }
                self.flight = Some(*flight);
                self.lost_from_utc_us = None;
            }
            Order::Cosignature { station, cosigned } => self.store(&station, &cosigned)?,
            Order::Nonce { flight, nonce } => self.nonce(flight, *nonce, at)?,
            Order::Barrier(done) => tell(&done, ()),
            Order::Close { reason, done } => {
                let closed = self.close(reason, at);
                tell(&done, closed.is_ok());
                closed?;
            }
            Order::Durable { mut file, prefix } => {
                file.sync().context("fdatasync of an open segment")?;
                if let Some(prefix) = prefix {
                    self.append(Kind::Prefix(prefix), at)?;
                }
            }
            Order::Finish { file, record, done } => {
                let finished = self.finish(*file, record);
                if let Some(done) = done {
                    tell(&done, finished.is_ok() && self.flight.is_some());
                }
                finished?;
            }
            Order::Append(kind) => self.append(*kind, at)?,
            Order::Event { code, actor, detail } => self.event(code, actor, detail.as_deref(), at)?,
            Order::Signed { kind, done } => {
                let recorded = self.signed(*kind, at);
                tell(&done, recorded.is_ok());
                recorded?;
            }
            Order::Message { code, signer, document, done } => {
                let recorded = self.message(code, signer, &document, at);
                tell(&done, recorded.is_ok());
                recorded?;
            }
        }
        Ok(())
    }

    fn append(&mut self, kind: Kind, at: Stamp) -> Result<()> {
        self.admit_what_was_lost(at)?;
        let Some(flight) = &mut self.flight else {
            return Ok(());
        };
        let name = kind.name();
        let head = flight.append(kind, at).with_context(|| format!("{name} record"))?;
        self.outbox.head(flight.id(), &head);
        Ok(())
    }

    /// Writes a gap over the time in which records were lost, such as on a full disk.
    fn admit_what_was_lost(&mut self, at: Stamp) -> Result<()> {
        let (Some(flight), Some(from_utc_us)) = (&mut self.flight, self.lost_from_utc_us) else {
            return Ok(());
        };
        let reason = "records-lost".parse::<Code>().context("a reason of the agent's own")?;
        let to_utc_us = Some(at.utc_us.max(from_utc_us));
        let gap = Gap { stream: None, reason, from_utc_us, to_utc_us, count: None };
        let head = flight.append(Kind::Gap(gap), at).context("gap record")?;
        self.outbox.head(flight.id(), &head);
        self.lost_from_utc_us = None;
        Ok(())
    }

    fn event(&mut self, code: &'static str, actor: Option<KeyId>, detail: Option<&str>, at: Stamp) -> Result<()> {
        tracing::info!(event = code, detail, "event");
        let Some(flight) = &mut self.flight else {
            return Ok(());
        };
        let detail = detail.map(|words| flight.document(words.as_bytes())).transpose()?;
        let code = code.parse::<Code>().context("an event code of the agent's own")?;
        self.append(Kind::Event(Event { code, actor, flight: None, detail }), at)
    }

    /// In a flight the actor of an event is somebody whose order stands before it; who else sent a message, the message says.
    fn message(&mut self, code: &'static str, signer: KeyId, document: &[u8], at: Stamp) -> Result<()> {
        let flight = self.flight.as_ref().context("no flight is open for the message to record")?;
        let actor = flight.statements().contains_key(&signer).then_some(signer);
        let detail = Some(flight.document(document)?);
        tracing::info!(event = code, %signer, "event");
        let code = code.parse::<Code>().context("an event code of the agent's own")?;
        self.append(Kind::Event(Event { code, actor, flight: None, detail }), at)
    }

    fn finish(&mut self, file: SealedFile, record: Box<dyn FnOnce(seal::Sealed) -> Kind + Send>) -> Result<()> {
        let kind = record(file.finish()?);
        self.append(kind, self.time.mapping().stamp(clock::mono_ns()))
    }

    fn close(&mut self, reason: &'static str, at: Stamp) -> Result<()> {
        self.admit_what_was_lost(at)?;
        let Some(flight) = self.flight.take() else {
            return Ok(());
        };
        let reason = reason.parse::<Code>().context("a reason of the agent's own")?;
        let flight = flight.close(reason, at)?;
        // Closing may have written more than one record.
        announce(&self.outbox, flight.id(), flight.dir(), flight.head(), true);
        self.closed = Some(flight);
        Ok(())
    }

    fn nonce(&mut self, flight_id: FlightId, nonce: Nonce, at: Stamp) -> Result<()> {
        let Some(flight) = self.flight.as_mut().filter(|flight| flight.id() == flight_id) else {
            return Ok(());
        };
        if let Some(head) = flight.nonce(nonce, at).context("nonce record")? {
            self.outbox.head(flight_id, &head);
        }
        Ok(())
    }

    fn signed(&mut self, kind: Kind, at: Stamp) -> Result<()> {
        anyhow::ensure!(self.flight.is_some(), "no flight is open for the order to record");
        self.append(kind, at)
    }

    fn store(&mut self, station: &PublicKey, cosigned: &Cosigned) -> Result<()> {
        let Cosigned { flight: id, size, cosignature } = cosigned;
        let open = self.flight.as_mut().filter(|flight| flight.id() == *id);
        let closed = self.closed.as_mut().filter(|flight| flight.id() == *id);
        let stored = match (open, closed) {
            (Some(flight), _) => flight.store_cosignature(station, cosignature, *size),
            (None, Some(flight)) => {
                let store = || flight.store_cosignature(station, cosignature, *size);
                let Some(stored) = self.listed.unless_listed(*id, store) else {
                    self.outbox.settled(*id);
                    return Ok(());
                };
                stored
            }
            (None, None) => return Ok(()),
        };
        match stored.context("cosignature")? {
            Stored::Stored | Stored::Known => self.outbox.stored(*id, *size),
            Stored::NotOurs => tracing::debug!(flight = %id, size, "a cosignature that is none of ours"),
        }
        Ok(())
    }
}

/// Leaves all of a flight's leaves for the uplink. Without them the ground can confirm nothing; the flight goes on.
fn announce(outbox: &Outbox, flight: FlightId, dir: &Path, head: &Head, closed: bool) {
    match flight::leaves(dir) {
        Ok(leaves) => outbox.whole(flight, leaves, head.clone(), closed),
        Err(error) => {
            tracing::error!(%flight, %error, "the records cannot be read back: nobody will witness this flight");
        }
    }
}
