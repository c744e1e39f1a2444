//! Erase orders: taken over the network, found on the card, or left half done by a crash.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use flight_record::FlightId;
use flight_record::dock::{Aboard, Approved, Challenge, EraseOrder, MAX_ORDER_BYTES, Refusal, files_aboard};

use super::erase::{Eraser, Step, erasing_path, order_path};
use super::fault::Fault;
use super::holdings::{Holdings, locked};

/// A refused order leaves a trace in the device log at most once in this time.
const REFUSAL_NOTE_NS: u64 = 10_000_000_000;

/// What a replayed order is told.
const CARRIED_OUT: &str = "this order was carried out already: its flight is gone, the device log says so";

/// Whoever carries out orders: one at a time.
pub struct Orders {
    holdings: std::sync::Arc<Holdings>,
    ending: std::sync::Arc<AtomicBool>,
    /// When a refusal was last noted, ns; held while an order is judged and carried out.
    at_work: Mutex<u64>,
}

/// How far an order came.
enum Carried {
    /// The flight is gone; the line of the device log, when it was written just now.
    Out(Option<String>),
    /// Something better came up; it goes on when the aircraft is at rest again.
    Interrupted,
}

impl Orders {
    /// For these holdings; stops between two steps when `ending` is set.
    #[must_use]
    pub fn new(holdings: std::sync::Arc<Holdings>, ending: std::sync::Arc<AtomicBool>) -> Self {
        Self { holdings, ending, at_work: Mutex::new(0) }
    }

    /// Checks an order that came over the network and carries it out; the line of the device log that says so.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the reason, [`Fault::Busy`] when the aircraft has something better to do.
    pub fn take(&self, flight: FlightId, bytes: &[u8]) -> Result<String, Fault> {
        let mut noted_ns = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        self.holdings.give_way()?;
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let begun = erasing_path(&self.holdings.dock_dir(), flight);
        let carried = if begun.exists() && read_order(&begun).is_ok_and(|held| held == bytes) {
            self.go_on(flight)
        } else {
            let approved = self.judge(flight, bytes).map_err(|error| {
                let reason = format!("{error:#}");
                self.note_refusal(flight, &reason, &mut noted_ns);
                Fault::Refused(reason)
            })?;
            self.carry_out(Eraser::new(&self.holdings, approved, bytes.to_vec()))
        };
        match carried.map_err(|error| Fault::Io(io::Error::other(format!("{error:#}"))))? {
            Carried::Interrupted => {
                Err(Fault::Busy("erasing was interrupted; it goes on when the aircraft is at rest"))
            }
            Carried::Out(Some(line)) => Ok(line),
            Carried::Out(None) => Err(Fault::Refused(CARRIED_OUT.to_owned())),
        }
    }

    /// Goes on with what was begun and carries out the orders that lie on the card, while the aircraft is at rest.
    pub fn take_waiting(&self) {
        let mut noted_ns = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        for flight in self.waiting("erasing") {
            let done = self.go_on(flight);
            self.tell(flight, done);
        }
        for flight in self.waiting("order") {
            if let Err(error) = self.take_from_card(flight, &mut noted_ns) {
                tracing::error!(%flight, error = format!("{error:#}"), "an erase order on the card cannot be dealt with");
            }
        }
    }

    fn tell(&self, flight: FlightId, done: Result<Carried>) {
        match done {
            Ok(Carried::Out(_)) => tracing::info!(%flight, "flight erased by order"),
            Ok(Carried::Interrupted) => tracing::info!(%flight, "erasing interrupted"),
            Err(error) => tracing::error!(%flight, error = format!("{error:#}"), "a flight cannot be erased"),
        }
    }

    fn go_on(&self, flight: FlightId) -> Result<Carried> {
        let bytes = read_order(&erasing_path(&self.holdings.dock_dir(), flight))?;
        let order = EraseOrder::parse(&bytes)?;
        let approved = order.begun_before(&self.holdings.trust.list())?;
        {
            let mut journal = locked(&self.holdings.log);
            let log = journal.log(self.holdings.now())?;
            let begun = log.erasing(flight) == Some(approved.erased.actor) || log.has_erased(order.digest());
            if !begun || approved.terms.flight_id != flight || approved.terms.device_id != self.holdings.device_id() {
                bail!("the device log does not say that this order was begun: somebody put it there");
            }
        }
        self.carry_out(Eraser::new(&self.holdings, approved, bytes))
    }

    fn take_from_card(&self, flight: FlightId, noted_ns: &mut u64) -> Result<()> {
        let path = order_path(&self.holdings.dock_dir(), flight);
        let bytes = read_order(&path)?;
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        match self.judge(flight, bytes) {
            Ok(approved) => {
                let done = self.carry_out(Eraser::new(&self.holdings, approved, bytes.to_vec()));
                self.tell(flight, done);
            }
            Err(error) if matches!(error.downcast_ref(), Some(Refusal::ValidTooLong)) => {
                // The clock has not been set yet: GNSS or the network will.
                tracing::warn!(%flight, "the erase order on the card waits until the aircraft knows the time");
            }
            Err(error) => {
                let reason = format!("{error:#}");
                self.note_refusal(flight, &reason, noted_ns);
                // Never tried again; the card says why.
                fs::write(path.with_extension("refusal"), format!("{reason}\n"))?;
                fs::rename(&path, path.with_extension("refused"))?;
            }
        }
        Ok(())
    }

    fn judge(&self, flight: FlightId, bytes: &[u8]) -> Result<Approved> {
        let order = EraseOrder::parse(bytes)?;
        if locked(&self.holdings.log).log(self.holdings.now())?.has_erased(order.digest()) {
            bail!(CARRIED_OUT);
        }
        let authorised = order.authorised(&self.holdings.trust.list(), self.holdings.now().utc_us)?;
        let listing = self.holdings.listing(flight)?;
        let (files, others) = files_aboard(&self.holdings.flights_dir(), flight, &authorised.terms().manifest)?;
        let situation = self.holdings.gate.situation();
        Ok(authorised.check(&Aboard {
            device: self.holdings.device_id(),
            flight,
            closed: listing.inventory.closed,
            armed: situation.armed,
            recording: situation.recording,
            challenge: Challenge::held(&self.holdings.dock_dir(), flight)?,
            files,
            others,
        })?)
    }

    fn carry_out(&self, mut eraser: Eraser<'_>) -> Result<Carried> {
        loop {
            if self.ending.load(Ordering::Relaxed) || self.holdings.give_way().is_err() {
                return Ok(Carried::Interrupted);
            }
            if eraser.step()? == Step::Done {
                return Ok(Carried::Out(eraser.into_line()));
            }
        }
    }

    fn note_refusal(&self, flight: FlightId, reason: &str, noted_ns: &mut u64) {
        tracing::warn!(%flight, reason, "erase order refused");
        let now_ns = self.holdings.now().mono_ns;
        if *noted_ns == 0 || now_ns.saturating_sub(*noted_ns) >= REFUSAL_NOTE_NS {
            *noted_ns = now_ns;
            self.holdings.note("erase-refused", Some(flight));
        }
    }

    /// The flights for which a file of this kind lies in the folder.
    fn waiting(&self, extension: &str) -> Vec<FlightId> {
        let Ok(entries) = fs::read_dir(self.holdings.dock_dir()) else {
            return Vec::new();
        };
        let named = |path: PathBuf| {
            let right = path.extension().is_some_and(|found| found == extension);
            path.file_stem().filter(|_| right).and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok())
        };
        let mut flights: Vec<FlightId> = entries.filter_map(|entry| named(entry.ok()?.path())).collect();
        flights.sort();
        flights
    }
}

fn read_order(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    file.take(MAX_ORDER_BYTES as u64 + 2).read_to_end(&mut bytes)?;
    Ok(bytes)
}
