//! The people of a unit: accounts with duties, each with its own key under its own PIN. Nobody shares an account, and
//! every use of a session asks whether the account still stands.

mod account;
mod attempts;
mod pin;
mod session;

pub use account::{Account, NewAccount};
pub use attempts::{Attempts, Barred, MOST_FAILURES};
pub use pin::{Cost, Pin};
pub use session::Session;

use crate::ids::{NoRandom, PersonId};
use flight_record::Label;
use flight_record::trust::{Duty, EnrolmentRequest};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use rusqlite_migration::{M, Migrations};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const V1: &str = "
CREATE TABLE accounts (
    person TEXT PRIMARY KEY,
    staff TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL UNIQUE,
    duties TEXT NOT NULL,
    suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
    generation INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    next_try_utc_us INTEGER NOT NULL DEFAULT 0,
    public_key TEXT UNIQUE,
    memory_kib INTEGER,
    passes INTEGER,
    lanes INTEGER,
    salt BLOB,
    nonce BLOB,
    sealed BLOB
) STRICT;
CREATE TABLE retired_keys (
    public_key TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES accounts (person),
    retired_utc_us INTEGER NOT NULL
) STRICT;
";

/// What can go wrong with accounts.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// SQLite fails.
    #[error("the accounts in {path} cannot be {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The database cannot be made.
    #[error("the accounts in {path} cannot be made ready")]
    Migration {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite_migration::Error,
    },
    /// The file cannot be made.
    #[error("cannot create {path}")]
    Io {
        /// The database.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nobody of that name.
    #[error("there is no account {0:?}; see `skyseal-evidence accounts list`")]
    Unknown(String),
    /// One person, one account.
    #[error("{0} is there already: a person has one account, and an account one person")]
    Taken(&'static str),
    /// Not a duty of theirs.
    #[error("{label} has not the duty {duty}; an administrator can give it, or somebody else must act")]
    NotTheirDuty {
        /// Who.
        label: Label,
        /// Which.
        duty: Duty,
    },
    /// Who is it?
    #[error("a staff number has letters or digits: by it the unit knows that two accounts are not one person's")]
    NoStaff,
    /// An account needs at least one.
    #[error("an account has at least one duty; the first one is an administrator's")]
    NoDuty,
    /// Never used yet.
    #[error("{0} has no PIN yet; they set one with `skyseal-evidence accounts pin`")]
    NoPin(Label),
    /// Suspended.
    #[error("{0} is suspended; an administrator can resume the account")]
    Suspended(Label),
    /// Locked.
    #[error("{0} is locked after too many wrong PINs; an administrator can resume the account")]
    Locked(Label),
    /// Too soon.
    #[error("{label} may try again in {seconds} s")]
    Wait {
        /// Who.
        label: Label,
        /// How soon.
        seconds: i64,
    },
    /// Another PIN.
    #[error("that is not the PIN of {0}")]
    WrongPin(Label),
    /// Not good enough.
    #[error("this PIN is refused: {0}")]
    WeakPin(&'static str),
    /// The account changed since the PIN was given.
    #[error("the session of {0} is over; give the PIN again")]
    SessionOver(Label),
    /// A row that this program never wrote.
    #[error("the account is damaged: {0}; restore people.sqlite")]
    DamagedAccount(&'static str),
    /// Somebody must be able to undo things.
    #[error("{0} is the last administrator and stays one")]
    LastAdministrator(Label),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// The accounts of a unit, in one SQLite file. Cheap to clone.
#[derive(Clone)]
pub struct People {
    path: Arc<PathBuf>,
    connection: Arc<Mutex<Connection>>,
    cost: Cost,
}

impl People {
    /// Opens the accounts at `path`, and makes the file (mode 600) if there is none.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn open(path: &Path) -> Result<Self, PeopleError> {
        std::fs::File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(|source| PeopleError::Io { path: path.to_owned(), source })?;
        let database = |source| PeopleError::Database { doing: "opened", path: path.to_owned(), source };
        let mut connection = crate::database::open(path, Duration::from_secs(10)).map_err(database)?;
        Migrations::new(vec![M::up(V1)])
            .to_latest(&mut connection)
            .map_err(|source| PeopleError::Migration { path: path.to_owned(), source })?;
        let connection = Arc::new(Mutex::new(connection));
        Ok(Self { path: Arc::new(path.to_owned()), connection, cost: Cost::default() })
    }

    /// The same with another cost for PINs that are set from now on. For machines that have not the memory, and tests.
    #[must_use]
    pub fn with_cost(mut self, cost: Cost) -> Self {
        self.cost = cost;
        self
    }

    /// All accounts, by label.
    ///
    /// # Errors
    /// The database fails.
    pub fn accounts(&self) -> Result<Vec<Account>, PeopleError> {
        let connection = self.connection();
        account::all(&connection).map_err(self.database("read"))?.into_iter().collect()
    }

    /// Makes an account without a PIN. The first one must be an administrator's and needs nobody; every other needs an
    /// administrator.
    ///
    /// # Errors
    /// [`PeopleError::Taken`], [`PeopleError::NotTheirDuty`], [`PeopleError::NoDuty`].
    pub fn add(&self, new: &NewAccount, by: Option<&Session>, now_utc_us: i64) -> Result<Account, PeopleError> {
        if let Some(session) = by {
            session.signatory(Duty::Administrator, now_utc_us)?;
        }
        let person = PersonId::new(now_utc_us)?;
        self.change(|transaction| {
            let accounts = account::all(transaction)?.into_iter().collect::<Result<Vec<_>, _>>()?;
            let first = accounts.is_empty();
            if new.duties.is_empty() || (first && !new.duties.contains(&Duty::Administrator)) {
                return Err(PeopleError::NoDuty.into());
            }
            if new.staff_key().is_empty() {
                return Err(PeopleError::NoStaff.into());
            }
            if by.is_none() && !first {
                let label = new.label.clone();
                return Err(PeopleError::NotTheirDuty { label, duty: Duty::Administrator }.into());
            }
            if accounts.iter().any(|account| account.label == new.label) {
                return Err(PeopleError::Taken("this name").into());
            }
            if accounts.iter().any(|account| account.staff == new.staff_key()) {
                return Err(PeopleError::Taken("this staff number").into());
            }
            account::insert(transaction, person, new)?;
            account::find(transaction, &new.label)?.ok_or_else(|| PeopleError::Unknown(new.label.to_string()).into())
        })
    }

    /// Sets the first PIN of an account, and makes its key.
    ///
    /// # Errors
    /// [`PeopleError::Taken`] when it has one: change it with [`People::change_pin`].
    pub fn set_first_pin(&self, label: &Label, pin: &Pin) -> Result<Account, PeopleError> {
        let account = self.account(label)?;
        if account.public_key.is_some() {
            return Err(PeopleError::Taken("a PIN"));
        }
        let (public, wrapped) = pin::new_key(pin, account.person, self.cost)?;
        self.change(|transaction| {
            if account::set_key(transaction, account.person, None, &public, &wrapped)? == 0 {
                return Err(PeopleError::Taken("a PIN").into());
            }
            Ok(())
        })?;
        self.account(label)
    }

    /// Another PIN for the same key; sessions under the old one end.
    ///
    /// # Errors
    /// As [`People::log_in`].
    pub fn change_pin(&self, label: &Label, old: &Pin, new: &Pin, now_utc_us: i64) -> Result<(), PeopleError> {
        self.log_in(label, old, now_utc_us)?;
        let (account, wrapped) = self.row(label)?;
        let (Some(public), Some(wrapped)) = (account.public_key, wrapped) else {
            return Err(PeopleError::NoPin(label.clone()));
        };
        let wrong = || PeopleError::WrongPin(label.clone());
        let fresh = pin::rewrap(&wrapped, &public, (old, new), account.person, self.cost)?.ok_or_else(wrong)?;
        self.change(|transaction| {
            account::set_key(transaction, account.person, Some(&public), &public, &fresh)?;
            Ok(())
        })
    }

    /// Takes the PIN, and the key under it, from somebody who forgot it or whose key is no longer safe. The old key must
    /// be revoked, and the new one, made with their next PIN, enrolled.
    ///
    /// # Errors
    /// When `by` is no administrator.
    pub fn reset_pin(&self, label: &Label, by: &Session, now_utc_us: i64) -> Result<(), PeopleError> {
        by.signatory(Duty::Administrator, now_utc_us)?;
        let account = self.account(label)?;
        self.change(|transaction| Ok(account::retire_key(transaction, &account, now_utc_us)?))
    }

    /// Suspends an account; its sessions end at once, its history stays.
    ///
    /// # Errors
    /// When `by` is no administrator, or the account is the last one's that is.
    pub fn suspend(&self, label: &Label, by: &Session, now_utc_us: i64) -> Result<(), PeopleError> {
        by.signatory(Duty::Administrator, now_utc_us)?;
        let account = self.account(label)?;
        self.change(|transaction| {
            let accounts = account::all(transaction)?.into_iter().collect::<Result<Vec<_>, _>>()?;
            let others = |other: &&Account| {
                other.person != account.person && !other.suspended && other.duties.contains(&Duty::Administrator)
            };
            if account.duties.contains(&Duty::Administrator) && accounts.iter().find(others).is_none() {
                return Err(PeopleError::LastAdministrator(label.clone()).into());
            }
            Ok(account::set_suspended(transaction, account.person, true)?)
        })
    }

    /// Resumes an account that was suspended or locked.
    ///
    /// # Errors
    /// When `by` is no administrator.
    pub fn resume(&self, label: &Label, by: &Session, now_utc_us: i64) -> Result<(), PeopleError> {
        by.signatory(Duty::Administrator, now_utc_us)?;
        let account = self.account(label)?;
        self.change(|transaction| Ok(account::set_suspended(transaction, account.person, false)?))
    }

    /// A session of somebody who gives their PIN now. A failure counts before the PIN is tried.
    ///
    /// # Errors
    /// [`PeopleError::Suspended`], [`PeopleError::Locked`], [`PeopleError::Wait`], [`PeopleError::NoPin`],
    /// [`PeopleError::WrongPin`].
    pub fn log_in(&self, label: &Label, pin: &Pin, now_utc_us: i64) -> Result<Session, PeopleError> {
        let (account, wrapped) = self.row(label)?;
        let (Some(public), Some(wrapped)) = (account.public_key, wrapped) else {
            return Err(PeopleError::NoPin(label.clone()));
        };
        self.change(|transaction| {
            let account = account::find(transaction, label)?.ok_or_else(|| PeopleError::Unknown(label.to_string()))?;
            if account.suspended {
                return Err(PeopleError::Suspended(label.clone()).into());
            }
            let begun = account.attempts.begin(now_utc_us).map_err(|barred| match barred {
                Barred::Locked => PeopleError::Locked(label.clone()),
                Barred::Wait { for_us } => {
                    PeopleError::Wait { label: label.clone(), seconds: (for_us + 999_999) / 1_000_000 }
                }
            })?;
            Ok(account::set_attempts(transaction, account.person, begun)?)
        })?;
        let key =
            pin::unwrap(&wrapped, &public, pin, account.person)?.ok_or_else(|| PeopleError::WrongPin(label.clone()))?;
        self.change(|transaction| Ok(account::set_attempts(transaction, account.person, Attempts::default())?))?;
        Ok(Session::new(self.clone(), account, key, now_utc_us))
    }

    /// The request by which the unit's root enrols this session's key as an officer's.
    ///
    /// # Errors
    /// When the session is over.
    pub fn enrolment_request(&self, session: &Session, now_utc_us: i64) -> Result<Vec<u8>, PeopleError> {
        let key = session.key(now_utc_us)?;
        Ok(EnrolmentRequest::write(key, session.label().clone(), now_utc_us))
    }

    /// The account of this name.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`].
    pub fn account(&self, label: &Label) -> Result<Account, PeopleError> {
        Ok(self.row(label)?.0)
    }

    fn row(&self, label: &Label) -> Result<(Account, Option<pin::Wrapped>), PeopleError> {
        let connection = self.connection();
        let found = account::row(&connection, label).optional().map_err(self.database("read"))?;
        found.unwrap_or_else(|| Err(PeopleError::Unknown(label.to_string())))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> PeopleError {
        let path = self.path.to_path_buf();
        move |source| PeopleError::Database { doing, path, source }
    }

    fn change<T>(&self, what: impl FnOnce(&Transaction<'_>) -> Result<T, Refused>) -> Result<T, PeopleError> {
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(self.database("changed"))?;
        let done = what(&transaction).map_err(|refused| match refused {
            Refused::People(error) => *error,
            Refused::Database(error) => self.database("changed")(error),
        })?;
        transaction.commit().map_err(self.database("changed"))?;
        Ok(done)
    }
}

/// Why a change was not made.
enum Refused {
    People(Box<PeopleError>),
    Database(rusqlite::Error),
}

impl From<PeopleError> for Refused {
    fn from(error: PeopleError) -> Self {
        Self::People(Box::new(error))
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}
