//! A flight while it is written: opened, appended to, recovered, closed.

mod recovery;

pub use recovery::{Resumed, flight_ids, keep_head, last_head, last_stamp, leaves, unclosed, was_recording};
pub(crate) use recovery::{claimed_ends, last_whole_line};

use crate::digest::Sha256;
use crate::disk::{self, Disk, LocalDisk};
use crate::keys::{self, DeviceKey, KeyError, KeyId, PublicKey};
use crate::layout::SealedName;
use crate::log::{Heads, Log, Position, Recent};
use crate::names::{BootId, Code, FlightId, StreamName};
use crate::note::Cosignature;
use crate::recipients::{BadRecipient, Recipient};
use crate::record::{
    self, Close, Counts, Document, Event, FoundFile, FromGround, Kind, NamedDocument, Prefix, Software,
};
use crate::seal::{SealError, SealedFile, Sealer};
use crate::stamp::Stamp;
use crate::statement::Moment;
use crate::trust::{Certificate, Class};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use crate::log::{Head, LogError, RecoveryError, Stored};

/// What `open` says that only the caller knows.
pub struct OpenFacts {
    /// The device's entry of the trust list aboard.
    pub certificate: Certificate,
    /// What this flight is to count as; not above the certificate's class.
    pub class: Class,
    /// Whom every file is sealed to; at least one.
    pub recipients: Vec<Recipient>,
    /// POSIX µs that PTS 90000 stands for.
    pub pts_epoch_utc_us: i64,
    /// Whether the source has sound, which is dropped.
    pub audio_dropped: bool,
    /// The recording program.
    pub software: Software,
    /// SHA-256 of the configuration file.
    pub configuration_sha256: Sha256,
    /// Mission, profile, authorisation, …: what it is, and its bytes. Sealed, salted.
    pub documents: Vec<(Code, Vec<u8>)>,
    /// This run of the computer.
    pub boot_id: BootId,
}

/// Why a flight cannot be opened or added to.
#[derive(Debug, thiserror::Error)]
pub enum FlightError {
    /// The flight's folder cannot be made.
    #[error("cannot create the folder of the flight, {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The log refuses.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A key cannot be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A document cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A recipient is no age recipient.
    #[error(transparent)]
    Recipient(#[from] BadRecipient),
    /// The flight cannot be taken up again.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The record would break a rule of the format.
    #[error("the {kind} record would break a rule of the format: {rule}")]
    Rule {
        /// Its kind.
        kind: &'static str,
        /// The rule.
        rule: &'static str,
    },
}

/// A flight in its folder: [`Open`] takes records, [`Sealed`] takes nothing any more.
pub struct Flight<State> {
    dir: PathBuf,
    id: FlightId,
    state: State,
}

/// State of a flight that takes records.
pub struct Open {
    log: Log,
    sealer: Sealer,
    counts: Counts,
    used: UsedIndices,
    /// Files that a record finishes.
    finished: BTreeSet<SealedName>,
    from_ground: FromGround,
    /// The newest head; every flight that was handed out has one.
    head: Option<Head>,
}

/// State of a flight that is closed.
pub struct Sealed {
    head: Head,
    heads: Heads,
}

/// Highest index in use of each kind of file.
#[derive(Default)]
struct UsedIndices {
    segments: BTreeMap<StreamName, u32>,
    telemetry: u32,
    stills: u32,
}

impl UsedIndices {
    fn note(&mut self, name: &SealedName) {
        let (highest, index) = match name {
            SealedName::Segment(stream, index) => (self.segments.entry(stream.clone()).or_default(), *index),
            SealedName::Telemetry(index) => (&mut self.telemetry, *index),
            SealedName::Still(index, _) => (&mut self.stills, *index),
            SealedName::Document(_) => return,
        };
        *highest = index.max(*highest);
    }
}

impl<State> Flight<State> {
    /// Its id.
    pub fn id(&self) -> FlightId {
        self.id
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Flight<Open> {
    /// Opens a new flight in `flights_dir/<flight-id>`: seals the documents, writes `open`, signed by the device key.
    /// The evolving key is kept in `key_dir`, which should be memory-backed ([`keys::is_volatile`]).
    ///
    /// # Errors
    /// When a file cannot be written, or the facts break a rule of the format (class above the certificate's, no recipient).
    pub fn create(
        flights_dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        facts: OpenFacts,
        at: Stamp,
    ) -> Result<Self, FlightError> {
        let disk: Arc<dyn Disk> = Arc::new(LocalDisk);
        Self::create_on(&disk, flights_dir, device, key_dir, facts, at)
    }

    /// The same on a disk of the caller's.
    ///
    /// # Errors
    /// As [`Flight::create`].
    pub fn create_on(
        disk: &Arc<dyn Disk>,
        flights_dir: &Path,
        device: &DeviceKey,
        key_dir: &Path,
        facts: OpenFacts,
        at: Stamp,
    ) -> Result<Self, FlightError> {
        let id = FlightId::new(at.utc_us, *keys::random()?);
        let dir = flights_dir.join(id.to_string());
        let io = |source| FlightError::Folder { path: dir.clone(), source };
        let prev_flight = last_head(flights_dir).map_err(io)?;
        // The folder of the flights may have been made by somebody who did not make its name durable.
        disk.create_folder(&dir).and_then(|()| disk::sync_parent(&**disk, flights_dir)).map_err(io)?;
        let sealer = Sealer::new(disk.clone(), &dir, &facts.recipients)?;
        let documents = facts
            .documents
            .into_iter()
            .map(|(what, bytes)| Ok(NamedDocument { what, document: sealer.document(&bytes)? }))
            .collect::<Result<_, SealError>>()?;
        let fresh = (Position::default(), Recent::default());
        let log = Log::take_up(&**disk, &dir, (id, facts.boot_id), device, key_dir, fresh)?;
        let mut flight = Self {
            dir,
            id,
            state: Open {
                log,
                sealer,
                counts: Counts::default(),
                used: UsedIndices::default(),
                finished: BTreeSet::new(),
                from_ground: FromGround::default(),
                head: None,
            },
        };
        flight.write(
            Kind::Open(record::Open {
                certificate: facts.certificate,
                class: facts.class,
                recipients: facts.recipients,
                pts_epoch_utc_us: facts.pts_epoch_utc_us,
                audio_dropped: facts.audio_dropped,
                software: facts.software,
                configuration_sha256: facts.configuration_sha256,
                documents,
                prev_flight,
            }),
            at,
        )?;
        Ok(flight)
    }

    /// Appends a record and the checkpoint over it. Both are durable on return, so the data the record names must be
    /// before the call. The head may then leave the aircraft.
    ///
    /// # Errors
    /// When the log cannot be written, or the record would break a rule of the format. `open`, `recovered` and `close`
    /// are written by [`Flight::create`], [`Flight::resume`] and [`Flight::close`] only.
    pub fn append(&mut self, kind: Kind, at: Stamp) -> Result<Head, FlightError> {
        if matches!(kind, Kind::Open(_) | Kind::LogOpen(_) | Kind::Recovered(_) | Kind::Close(_)) {
            let rule = "it is written by create, resume or close only";
            return Err(FlightError::Rule { kind: kind.name(), rule });
        }
        if matches!(kind, Kind::Erased(_)) {
            return Err(FlightError::Rule { kind: kind.name(), rule: "it stands in a device log only" });
        }
        self.write(kind, at)
    }

    fn write(&mut self, kind: Kind, at: Stamp) -> Result<Head, FlightError> {
        let rule = self.state.from_ground.refused(&kind).or_else(|| self.state.from_ground.is_stranger(&kind));
        if let Some(rule) = rule {
            return Err(FlightError::Rule { kind: kind.name(), rule });
        }
        let mut counts = self.state.counts;
        counts.add(&kind);
        let finishes = kind.finishes();
        let begins = match &kind {
            Kind::Prefix(prefix) => Some(prefix.file.clone()),
            _ => None,
        };
        let said = matches!(kind, Kind::Nonce(_) | Kind::Statement(_) | Kind::Authorisation(_)).then(|| kind.clone());
        let head = self.state.log.append(kind, at)?;
        self.state.counts = counts;
        finishes.iter().chain(&begins).for_each(|name| self.state.used.note(name));
        self.state.finished.extend(finishes);
        said.iter().for_each(|kind| self.state.from_ground.note(kind));
        self.state.head = Some(head.clone());
        Ok(head)
    }

    /// Records a station's nonce, unless its nonce is recorded already or the flight holds as many as it may: then none.
    ///
    /// # Errors
    /// As [`Flight::append`].
    pub fn nonce(&mut self, nonce: record::Nonce, at: Stamp) -> Result<Option<Head>, FlightError> {
        let nonce = Kind::Nonce(nonce);
        if self.state.from_ground.refused(&nonce).is_some() {
            return Ok(None);
        }
        self.write(nonce, at).map(Some)
    }

    /// When the newest recorded statement or authorisation of each signer was made, by its clock: older ones are replays.
    pub fn statements(&self) -> &BTreeMap<KeyId, Moment> {
        self.state.from_ground.newest()
    }

    /// The newest recorded authorisation of each signer, whether it begins a session or ends one.
    pub fn sessions(&self) -> &BTreeMap<KeyId, record::Authorisation> {
        self.state.from_ground.sessions()
    }

    /// The newest head.
    pub fn head(&self) -> Option<&Head> {
        self.state.head.as_ref()
    }

    /// Stores what a ground station says of the head of `size`, durably. Whether the station is one of the unit's is the
    /// caller's to know; the cosignature is verified here.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store_cosignature(
        &mut self,
        station: &PublicKey,
        cosignature: &Cosignature,
        size: u64,
    ) -> Result<Stored, FlightError> {
        Ok(self.state.log.heads().store(station, cosignature, size)?)
    }

    /// Seals `bytes`, salted, as a document of the flight. It belongs to the flight once a record names it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn document(&self, bytes: &[u8]) -> Result<Document, FlightError> {
        Ok(self.state.sealer.document(bytes)?)
    }

    /// Appends an event; `detail` is sealed.
    ///
    /// # Errors
    /// As [`Flight::append`].
    pub fn event(&mut self, code: Code, detail: Option<&[u8]>, at: Stamp) -> Result<Head, FlightError> {
        self.event_by(code, None, detail, at)
    }

    /// Appends an event that a known key caused.
    ///
    /// # Errors
    /// As [`Flight::append`].
    pub fn event_by(
        &mut self,
        code: Code,
        actor: Option<KeyId>,
        detail: Option<&[u8]>,
        at: Stamp,
    ) -> Result<Head, FlightError> {
        let detail = detail.map(|bytes| self.document(bytes)).transpose()?;
        self.append(Kind::Event(Event { code, actor, flight: None, detail }), at)
    }

    /// Makes sealed files on another thread.
    pub fn sealer(&self) -> Sealer {
        self.state.sealer.clone()
    }

    /// Creates the file of a segment; see [`Sealer::segment`].
    ///
    /// # Errors
    /// When it exists or cannot be created.
    pub fn segment_file(&self, stream: &StreamName, index: u32) -> Result<SealedFile, FlightError> {
        Ok(self.state.sealer.segment(stream, index)?)
    }

    /// Creates the file of a piece of telemetry; see [`Sealer::telemetry`].
    ///
    /// # Errors
    /// When it exists or cannot be created.
    pub fn telemetry_file(&self, index: u32) -> Result<SealedFile, FlightError> {
        Ok(self.state.sealer.telemetry(index)?)
    }

    /// The first segment index of `stream` above all that records name or a recovery found; 1 in a new flight.
    pub fn first_free_segment(&self, stream: &StreamName) -> u32 {
        self.state.used.segments.get(stream).map_or(1, |index| index + 1)
    }

    /// The first telemetry index above all that records name or a recovery found; 1 in a new flight.
    pub fn first_free_telemetry(&self) -> u32 {
        self.state.used.telemetry + 1
    }

    /// The first still index above all that records name or a recovery found; 1 in a new flight.
    pub fn first_free_still(&self) -> u32 {
        self.state.used.stills + 1
    }

    /// What the flight holds so far.
    pub fn counts(&self) -> Counts {
        self.state.counts
    }

    /// Writes `close` and wipes the evolving key. A file that no record finishes (its disk was full) is attested before,
    /// as it lies there, by a `prefix`.
    ///
    /// # Errors
    /// As [`Flight::append`]; the flight is then still open on the disk and is taken up by [`Flight::resume`].
    pub fn close(mut self, reason: Code, at: Stamp) -> Result<Flight<Sealed>, FlightError> {
        let disk = self.state.sealer.disk();
        // A file that was removed because the disk failed must not come back once no record may name it any more.
        recovery::sync_folders(disk, &self.dir).map_err(|source| RecoveryError::Io {
            doing: "cannot sync the folders of",
            path: self.dir.clone(),
            source,
        })?;
        for found in recovery::unfinished(disk, &self.dir, &self.state.finished)? {
            let FoundFile { file, sealed } = found;
            self.write(Kind::Prefix(Prefix { file, sealed }), at)?;
        }
        let counts = self.state.counts;
        let head = self.write(Kind::Close(Close { reason, counts }), at)?;
        let heads = self.state.log.finish()?;
        Ok(Flight { dir: self.dir, id: self.id, state: Sealed { head, heads } })
    }
}

impl Flight<Sealed> {
    /// The head over the whole flight.
    pub fn head(&self) -> &Head {
        &self.state.head
    }

    /// Stores what a ground station says of the head of `size`, as [`Flight::<Open>::store_cosignature`]: the word over
    /// `close` comes when nothing more is written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store_cosignature(
        &mut self,
        station: &PublicKey,
        cosignature: &Cosignature,
        size: u64,
    ) -> Result<Stored, FlightError> {
        Ok(self.state.heads.store(station, cosignature, size)?)
    }
}
