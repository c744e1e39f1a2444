//! Where evidence lies: objects by digest, written once, read-only, kept for as long as somebody decided.

mod catalogue;
pub(crate) mod disk;
mod folder;
mod holding;
mod home;
mod retention;

pub use catalogue::{Rebuilt, Statement, check_out, check_out_watched, copy_out, rebuild, statements};
pub use disk::{Disk, DiskFile, LocalDisk};
pub(crate) use folder::{BUFFER_BYTES, damaged, read_back};
pub use folder::{Folder, StoreLock};
pub use holding::{Holding, HoldingError, HoldingFacts};
pub use home::StoreIdentity;
pub use retention::Retention;

use flight_record::{Code, Extent, FlightId, Sha256};
use std::io::{self, Read};
use std::path::PathBuf;

/// A store of objects by digest. Every method is safe to repeat after a crash.
pub trait Store: Send + Sync {
    /// Its name and key; receipts and holdings are signed with it.
    fn identity(&self) -> &StoreIdentity;

    /// Where it is, for people.
    fn describe(&self) -> String;

    /// The disk it lies on, as the system numbers disks (`st_dev`); `None` where nobody can tell.
    fn disk_number(&self) -> Option<u64> {
        None
    }

    /// Bytes that can still be put.
    ///
    /// # Errors
    /// When the store cannot say.
    fn room_bytes(&self) -> Result<u64, StoreError>;

    /// Puts an object unless it is there already; durable on return, and read back. `bytes` must have exactly this extent.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when what was given, or what reads back, is something else; or the store fails.
    fn put(&self, extent: &Extent, bytes: &mut dyn Read) -> Result<Put, StoreError>;

    /// All of an object.
    ///
    /// # Errors
    /// [`StoreError::Absent`], or the store fails.
    fn get(&self, digest: Sha256) -> Result<Box<dyn Read + Send>, StoreError> {
        self.range(digest, 0, u64::MAX)
    }

    /// At most `bytes` bytes of an object from `from` on.
    ///
    /// # Errors
    /// [`StoreError::Absent`], or the store fails.
    fn range(&self, digest: Sha256, from: u64, bytes: u64) -> Result<Box<dyn Read + Send>, StoreError>;

    /// The digests of all objects, in order.
    ///
    /// # Errors
    /// The store fails.
    fn list(&self) -> Result<Vec<Sha256>, StoreError>;

    /// Enters a statement about a flight (an object already here: a holding or a receipt) into the catalogue.
    ///
    /// # Errors
    /// [`StoreError::Absent`], or the store fails.
    fn enter(&self, flight: FlightId, statement: Sha256) -> Result<(), StoreError>;

    /// The flights of the catalogue, oldest first.
    ///
    /// # Errors
    /// The store fails.
    fn flights(&self) -> Result<Vec<FlightId>, StoreError>;

    /// The statements about a flight, by digest.
    ///
    /// # Errors
    /// The store fails.
    fn statements(&self, flight: FlightId) -> Result<Vec<Sha256>, StoreError>;

    /// Length and retention of an object; `None` when it is not there.
    ///
    /// # Errors
    /// The store fails.
    fn stat(&self, digest: Sha256) -> Result<Option<Stat>, StoreError>;

    /// Keeps an object at least until then. Never shortens what was promised before.
    ///
    /// # Errors
    /// [`StoreError::Absent`], [`StoreError::Shortened`], or the store fails.
    fn retain_until(&self, digest: Sha256, until_utc_us: i64) -> Result<(), StoreError>;

    /// Sets or lifts one legal hold; an object may have several, and each beats every timer.
    ///
    /// # Errors
    /// [`StoreError::Absent`], or the store fails.
    fn legal_hold(&self, digest: Sha256, hold: &Code, set: bool) -> Result<(), StoreError>;

    /// Deletes an object if neither its time nor a hold forbids it. One that is not there is no error.
    ///
    /// # Errors
    /// [`StoreError::Retained`], [`StoreError::Held`], or the store fails.
    fn delete_if_allowed(&self, digest: Sha256, now_utc_us: i64) -> Result<(), StoreError>;
}

/// What came of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is there now.
    Stored,
    /// It was there already, and was read and compared.
    Present,
}

/// An object's length and how long it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Length in bytes.
    pub bytes: u64,
    /// What forbids deleting it.
    pub retention: Retention,
}

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk fails, or is full.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// There is no such object.
    #[error("object {digest} is not in the store; look for it in the other store")]
    Absent {
        /// What was asked for.
        digest: Sha256,
    },
    /// There is no such flight.
    #[error("{store} holds no flight {flight}; see `skyseal-evidence flights list`")]
    NoFlight {
        /// What was asked for.
        flight: FlightId,
        /// Where.
        store: String,
    },
    /// Bytes are not the ones they should be.
    #[error("{what} should be {expected} but is {found}: look for the whole object in the other store")]
    Damaged {
        /// What it is.
        what: String,
        /// The digest it should have.
        expected: Sha256,
        /// The digest it has.
        found: Sha256,
    },
    /// Retention is never shortened.
    #[error("object {digest} is to be kept until {until_utc_us} µs; that is never shortened")]
    Shortened {
        /// The object.
        digest: Sha256,
        /// What was promised.
        until_utc_us: i64,
    },
    /// Its time has not come.
    #[error("object {digest} is to be kept until {until_utc_us} µs and stays")]
    Retained {
        /// The object.
        digest: Sha256,
        /// Until when.
        until_utc_us: i64,
    },
    /// A legal hold.
    #[error("object {digest} is under legal hold {hold} and stays")]
    Held {
        /// The object.
        digest: Sha256,
        /// One of the holds.
        hold: Code,
    },
    /// The folder is no store, or not this one.
    #[error("{path} is no evidence store: {why}; make one with `skyseal-evidence store init`")]
    NotAStore {
        /// What was given.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Somebody else is writing.
    #[error("{path} is in use by another program; wait until it is done")]
    Busy {
        /// The store.
        path: PathBuf,
    },
    /// A key cannot be made or read.
    #[error(transparent)]
    Key(#[from] flight_record::keys::KeyError),
}

impl StoreError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }
}
