//! Opening, taking up and closing flights: the blocking side of the agent, around the notary.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use flight_record::device_log::LogFacts;
use flight_record::flight::{self, Flight, Open};
use flight_record::keys::KeyId;
use flight_record::recipients::Recipient;
use flight_record::record::{Authorisation, ClockEstimate, Kind};
use flight_record::statement::Moment;
use flight_record::{Code, FlightId, Stamp, StreamName};

use super::Identity;
use crate::config::Config;
use crate::dock::holdings::{SharedLog, locked};
use crate::journal::{Journal, Opening};
use crate::recorder::notary::{Notary, Order};
use crate::recorder::stream::{Session, Stream, StreamOrder};
use crate::recorder::timebase::Mapping;
use crate::recorder::tlog::TelemetryLog;
use crate::stills::Stills;

/// How long the streams may take to finish their last segment.
const STOP_WAIT: std::time::Duration = std::time::Duration::from_secs(5);
/// How long the notary may take to close a flight on a slow disk.
const CLOSE_WAIT: std::time::Duration = std::time::Duration::from_secs(30);

/// The flight that a restart found open.
pub(super) enum Left {
    /// It is taken up.
    TakenUp {
        /// Its last recording had not been stopped.
        recording: bool,
        /// The newest order to record that it holds, by signer.
        orders: BTreeMap<KeyId, Moment>,
        /// The newest authorisation of each officer that it holds.
        sessions: BTreeMap<KeyId, Authorisation>,
    },
    /// It cannot be taken up, and is left as it is.
    AsItIs {
        /// Its last recording had not been stopped, as far as its records can be read.
        recording: bool,
    },
}

/// The flights of this aircraft and the threads that write them.
pub(super) struct Flights {
    /// Who writes.
    pub identity: Identity,
    /// Where records go.
    pub notary: Notary,
    /// The raw log.
    pub telemetry: TelemetryLog,
    /// Who makes stills.
    pub stills: Stills,
    /// One recorder a camera.
    pub streams: Vec<(StreamName, Stream)>,
    device_log: SharedLog,
    current: Option<FlightId>,
    /// Why the flight before could not be taken up: the next one says so.
    not_resumed: Option<String>,
}

impl Flights {
    /// Opens the device log: this start of the program is its first entry. One that cannot be opened is tried again.
    ///
    /// # Errors
    /// When the list in force does not name this device.
    pub(super) fn new(
        config: &Config,
        identity: Identity,
        notary: Notary,
        telemetry: TelemetryLog,
        (stills, streams): (Stills, Vec<(StreamName, Stream)>),
        at: Stamp,
    ) -> Result<Self> {
        let facts = LogFacts {
            certificate: identity.certificate()?,
            software: identity.software.clone(),
            boot_id: identity.boot_id,
        };
        let (dir, device, key_dir) = (config.device_log_dir(), identity.device.clone(), config.keys.run_dir.clone());
        let mut journal = Journal::new(Opening { dir, device, key_dir, facts });
        if let Err(error) = journal.log(at) {
            tracing::error!(error = format!("{error:#}"), "no device log: flights are recorded, none is erased");
        }
        let device_log = Arc::new(Mutex::new(journal));
        Ok(Self { identity, notary, telemetry, stills, streams, device_log, current: None, not_resumed: None })
    }

    /// The flight that is open.
    #[must_use]
    pub(super) fn current(&self) -> Option<FlightId> {
        self.current
    }

    /// The device log, for those who record in it too.
    #[must_use]
    pub(super) fn device_log(&self) -> SharedLog {
        Arc::clone(&self.device_log)
    }

    /// Notes something in the device log.
    pub(super) fn note(&mut self, code: &'static str, flight: Option<FlightId>, at: Stamp) {
        let noted = code
            .parse::<Code>()
            .map_err(anyhow::Error::new)
            .and_then(|code| Ok(locked(&self.device_log).log(at)?.event(code, flight, at)?));
        if let Err(error) = noted {
            tracing::error!(error = format!("{error:#}"), code, "the device log cannot be written");
        }
    }

    /// Opens a flight with these papers and hands it to the threads.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn open(
        &mut self,
        config: &Config,
        offered: Option<Recipient>,
        papers: Vec<Vec<u8>>,
        at: Stamp,
    ) -> Result<()> {
        let sound = self.streams.iter().any(|(_, stream)| stream.status.sound.load(Ordering::Relaxed));
        let (mut facts, reused) = self.identity.open_facts(config, offered, sound, at)?;
        let code: Code = "papers".parse()?;
        facts.documents.extend(papers.into_iter().map(|file| (code.clone(), file)));
        let epoch = facts.pts_epoch_utc_us;
        let flight = Flight::create(&config.flights_dir(), &self.identity.device, &config.keys.run_dir, facts, at)?;
        tracing::info!(flight = %flight.id(), "flight opened");
        self.note("flight-opened", Some(flight.id()), at);
        self.hand_out(flight, epoch);
        if reused {
            self.notary.event("recipient-used-again");
        }
        if let Some(why) = self.not_resumed.take() {
            self.notary.event_with("flight-not-resumed", why);
        }
        Ok(())
    }

    /// The mapping of the newest open flight, if this boot wrote it: CLOCK_MONOTONIC has gone on since, so that times
    /// go on rising over the restart.
    #[must_use]
    pub(super) fn mapping_before(&self, config: &Config) -> Option<Mapping> {
        let newest = flight::unclosed(&config.flights_dir()).ok()?.into_iter().max()?;
        let (boot_id, at) = flight::last_stamp(&newest).ok()??;
        (boot_id == self.identity.boot_id).then_some(Mapping {
            mono_ns: at.mono_ns,
            utc_us: at.utc_us,
            source: at.source,
            uncertainty_us: at.uncertainty_us,
        })
    }

    /// Takes up the newest flight that was left open, and closes older ones as they are.
    pub(super) fn take_up(&mut self, config: &Config, at: Stamp) -> Option<Left> {
        let mut left = flight::unclosed(&config.flights_dir()).unwrap_or_else(|error| {
            tracing::error!(folder = %config.flights_dir().display(), %error, "the flights cannot be listed");
            Vec::new()
        });
        left.sort();
        let newest = left.pop();
        for older in left {
            if let Some((flight, _)) = self.resume(config, &older, at) {
                let closed =
                    "restart".parse().map_err(anyhow::Error::new).and_then(|reason| Ok(flight.close(reason, at)?));
                if let Err(error) = closed {
                    tracing::error!(flight = %older.display(), error = format!("{error:#}"), "cannot be closed");
                }
            }
        }
        let newest = newest?;
        let Some((flight, open)) = self.resume(config, &newest, at) else {
            return Some(Left::AsItIs { recording: flight::was_recording(&newest) });
        };
        let (orders, sessions) = (flight.statements().clone(), flight.sessions().clone());
        self.hand_out(flight, open.pts_epoch_utc_us);
        Some(Left::TakenUp { recording: open.recording, orders, sessions })
    }

    fn resume(&mut self, config: &Config, dir: &Path, at: Stamp) -> Option<(Flight<Open>, flight::Resumed)> {
        match Flight::resume(dir, &self.identity.device, &config.keys.run_dir, self.identity.boot_id, at) {
            Ok((flight, resumed)) => {
                tracing::warn!(flight = %flight.id(), recording = resumed.recording, "flight taken up after a restart");
                self.note("flight-resumed", Some(flight.id()), at);
                Some((flight, resumed))
            }
            Err(error) => {
                // Left as it lies: it is evidence as it is, and the verifier says what it is worth.
                let error = anyhow::Error::new(error);
                tracing::error!(flight = %dir.display(), error = format!("{error:#}"), "cannot be taken up");
                self.not_resumed = Some(format!("{error:#}"));
                let id = dir.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
                self.note("flight-not-resumed", id, at);
                None
            }
        }
    }

    fn hand_out(&mut self, flight: Flight<Open>, pts_epoch_utc_us: i64) {
        self.current = Some(flight.id());
        let sealer = flight.sealer();
        for (name, stream) in &self.streams {
            let next_segment = flight.first_free_segment(name);
            stream.order(StreamOrder::Begin(Session { sealer: sealer.clone(), pts_epoch_utc_us, next_segment }));
        }
        self.stills.begin(sealer.clone(), flight.first_free_still());
        let next_telemetry = flight.first_free_telemetry();
        self.notary.order(Order::Begin(Box::new(flight)));
        self.telemetry.begin(sealer, next_telemetry);
    }

    /// Starts every recorder; `at` carries the mapping that is frozen for this recording.
    pub(super) fn start(&self, (by, actor): (&str, Option<KeyId>), at: Stamp) {
        self.notary.order(Order::Append(Box::new(Kind::Clock(ClockEstimate::from(at)))));
        self.notary.event_by("recording-started", actor, by.to_owned());
        for (_, stream) in &self.streams {
            stream.order(StreamOrder::Start);
        }
    }

    /// Stops every recorder at `until_ns` and waits for their last segments.
    pub(super) fn stop(&self, (by, actor): (&str, Option<KeyId>), until_ns: u64) {
        let (done, finished) = sync_channel(self.streams.len().max(1));
        for (_, stream) in &self.streams {
            stream.order(StreamOrder::Stop { until_ns, done: done.clone() });
        }
        for (name, _) in &self.streams {
            if finished.recv_timeout(STOP_WAIT).is_err() {
                tracing::error!(stream = %name, "a stream did not finish its last segment in time");
            }
        }
        self.notary.event_by("recording-stopped", actor, by.to_owned());
    }

    /// Closes the flight and waits until that is durable.
    pub(super) fn close(&mut self, reason: &'static str, at: Stamp) {
        let Some(id) = self.current.take() else {
            return;
        };
        self.telemetry.end();
        self.stills.end();
        for (_, stream) in &self.streams {
            stream.order(StreamOrder::End);
        }
        let (done, closed) = sync_channel(1);
        self.notary.order(Order::Close { reason, done });
        let why = match closed.recv_timeout(CLOSE_WAIT) {
            Ok(true) => None,
            Ok(false) => Some("the flight could not be closed; the next start takes it up"),
            Err(_) => Some("the flight could not be closed in time; the next start takes it up"),
        };
        if let Some(why) = why {
            tracing::error!(flight = %id, "{why}");
            self.note("flight-not-closed", Some(id), at);
            return;
        }
        self.note("flight-closed", Some(id), at);
        tracing::info!(flight = %id, reason, "flight closed");
    }
}
