//! The continuity ledger: who did what to which evidence, when, where and why, each act signed by the person who did it.
//!
//! Lines are DSSE envelopes in an RFC 6962 tree, kept in SQLite; the store signs the head over each line. The newest head
//! is also kept elsewhere ([`Ledger::publish`]), so that an older copy of the database, put back, does not open
//! unexplained. `FORMAT.md` beside this crate specifies every byte.

mod entry;
mod export;
mod heads;
mod line;
mod replay;
mod schema;
mod write;

pub use entry::{
    Act, BadCategory, COUNTERSIGN_WITHIN_US, Category, Countersignature, Countersigning, Entry, Hand, HeadRef,
    MAX_ITEMS, Place, Signatory,
};
pub use export::Exported;
pub use heads::HEADS_FILE;
pub use line::{Line, LineError};
pub use replay::{Awaiting, Fault};

use crate::ids::{EntryId, NoRandom};
use crate::store::StoreIdentity;
use flight_record::keys::{KeyId, PublicKey};
use flight_record::{FlightId, Label, Sha256};
use replay::Replay;
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for another.
const BUSY: Duration = Duration::from_secs(10);

/// What can go wrong with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// SQLite fails.
    #[error("the ledger in {path} cannot be {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The database cannot be made or brought up to date.
    #[error("the ledger in {path} cannot be made ready")]
    Migration {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite_migration::Error,
    },
    /// A file beside it.
    #[error("{doing} {path}")]
    Heads {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// There is a ledger already, or none.
    #[error("{path} {what}")]
    Path {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The ledger of another store.
    #[error("{path} is the ledger of store {found}; open it with that store's key")]
    OtherStore {
        /// The database.
        path: PathBuf,
        /// Whose it is.
        found: KeyId,
    },
    /// The first bad line.
    #[error("line {seq} of the ledger is bad: {fault}. Keep the database as it is, and put back the newest good copy")]
    Bad {
        /// The line, from 0.
        seq: u64,
        /// What is wrong.
        fault: Fault,
    },
    /// The database is older than a head that was seen elsewhere, or another history.
    #[error(
        "{path} holds a head of this ledger over {outside} lines that this database, with {ours}, does not have: an older copy was put back. Find the newest copy, or explain the older one with `skyseal-evidence ledger restore`"
    )]
    Older {
        /// Where the head was seen.
        path: PathBuf,
        /// Lines under it.
        outside: u64,
        /// Lines here.
        ours: u64,
    },
    /// A file that should hold a head of this ledger.
    #[error("{path} holds no head of this ledger signed by this store; look who changed it")]
    NotOurHead {
        /// The file.
        path: PathBuf,
    },
    /// Until an older database is explained, nothing else is written.
    #[error("this ledger is older than a head seen elsewhere: the first thing to write is why (`restore`)")]
    Unexplained,
    /// There is nothing to explain.
    #[error("nothing is lost: every head seen elsewhere is in this ledger, so there is nothing to restore")]
    NothingLost,
    /// The same person twice.
    #[error("{0} acted, and cannot be their own witness; somebody else must countersign")]
    SamePerson(Label),
    /// A key that signed for somebody else before.
    #[error("the key of {name} signed for another person before, {person}: a key has one person")]
    KeyOfAnother {
        /// Who would sign now.
        name: Label,
        /// For whom it signed before; `accounts list --json` shows whose account that is.
        person: crate::ids::PersonId,
    },
    /// Nobody to countersign.
    #[error("{0} needs a second person, with their own PIN, at once")]
    WitnessNeeded(Category),
    /// Why was it done?
    #[error("{0} needs a reason: a few words, not a blank or a dot")]
    ReasonMissing(Category),
    /// A rule of the format.
    #[error("the entry is refused: {0}")]
    Rule(&'static str),
    /// There is nothing to countersign.
    #[error("line {0} does not await a countersignature; see `skyseal-evidence ledger list --awaiting`")]
    NotAwaiting(u64),
    /// Too late.
    #[error(
        "line {0} has waited for more than 72 h and stays without countersignature; write a new entry that says why"
    )]
    TooLate(u64),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// The ledger of a store, open. One process writes at a time; others wait.
pub struct Ledger {
    path: PathBuf,
    connection: Connection,
    store: StoreIdentity,
    outside: Vec<PathBuf>,
    replay: Replay,
    /// Heads seen outside that are not in this ledger and not explained.
    unexplained: Vec<HeadRef>,
    reason_required: bool,
}

impl Ledger {
    /// Begins the ledger of a store.
    ///
    /// # Errors
    /// When there is one already.
    pub fn create(path: &Path, store: &StoreIdentity, now_utc_us: i64) -> Result<(), LedgerError> {
        if path.exists() {
            return Err(LedgerError::Path { path: path.to_owned(), what: "is there already; a ledger is begun once" });
        }
        let io = |source| LedgerError::Heads { doing: "cannot create", path: path.to_owned(), source };
        // Made under another name: a ledger is there whole, or not at all.
        let fresh = path.with_extension("new");
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            Ok(()) | Err(_) => {}
        }
        std::fs::File::options().write(true).create_new(true).mode(0o600).open(&fresh).map_err(io)?;
        let connection = connect(&fresh)?;
        let id = FlightId::new(now_utc_us, crate::ids::random()?);
        let row = (id.to_string(), store.key.public().id().to_string());
        connection
            .execute("INSERT INTO ledger (only, ledger, store) VALUES (1, ?1, ?2)", row)
            .map_err(database("begun", &fresh))?;
        connection.close().map_err(|(_, source)| database("begun", &fresh)(source))?;
        std::fs::rename(&fresh, path).map_err(io)?;
        path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all()).map_err(io)
    }

    /// Opens the ledger at `path`, reads all of it, and compares its heads with its own and with those in `outside`.
    ///
    /// # Errors
    /// [`LedgerError::Bad`] with the first line that is not as it was written; [`LedgerError::Older`] when a head was
    /// seen elsewhere that this database does not have.
    pub fn open(path: &Path, store: &StoreIdentity, outside: &[PathBuf]) -> Result<Self, LedgerError> {
        let (ledger, lost) = Self::read(path, store, outside)?;
        match lost.into_iter().next() {
            None => Ok(ledger),
            Some(lost) => {
                let (outside, ours) = (lost.head.size, ledger.head().size);
                Err(LedgerError::Older { path: lost.path, outside, ours })
            }
        }
    }

    /// Opens a ledger although it is older than a head seen elsewhere. It takes nothing but a `restore` entry, which
    /// names the heads that are lost ([`Ledger::restore`]).
    ///
    /// # Errors
    /// As [`Ledger::open`] but for [`LedgerError::Older`].
    pub fn open_older(path: &Path, store: &StoreIdentity, outside: &[PathBuf]) -> Result<Self, LedgerError> {
        let (mut ledger, lost) = Self::read(path, store, outside)?;
        ledger.unexplained = lost.into_iter().map(|lost| lost.head).collect();
        ledger.unexplained.sort_by_key(|head| (head.size, head.root));
        ledger.unexplained.dedup();
        Ok(ledger)
    }

    fn read(
        path: &Path,
        store: &StoreIdentity,
        outside: &[PathBuf],
    ) -> Result<(Self, Vec<heads::Outside>), LedgerError> {
        if !path.is_file() {
            let what = "is no ledger; begin one with `skyseal-evidence store init`";
            return Err(LedgerError::Path { path: path.to_owned(), what });
        }
        let connection = connect(path)?;
        let (id, of): (String, String) = connection
            .query_row("SELECT ledger, store FROM ledger", (), |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(database("read", path))?;
        let nothing = LedgerError::Path { path: path.to_owned(), what: "does not say which ledger it is" };
        let (Ok(id), Ok(of)) = (id.parse::<FlightId>(), of.parse::<KeyId>()) else {
            return Err(nothing);
        };
        let key = store.key.public();
        if of != key.id() {
            return Err(LedgerError::OtherStore { path: path.to_owned(), found: of });
        }
        let seen = heads::read(outside, id, &key)?;
        let scan = Scan { connection: &connection, path, key, full: false };
        let (replay, lost) = scan.run(id, &seen)?;
        let ledger = Self {
            path: path.to_owned(),
            connection,
            store: store.clone(),
            outside: outside.to_vec(),
            replay,
            unexplained: Vec::new(),
            reason_required: true,
        };
        Ok((ledger, lost))
    }

    /// The unit's policy on reasons; required unless it says otherwise.
    pub fn set_reason_required(&mut self, required: bool) {
        self.reason_required = required;
    }

    /// Which ledger this is; its heads have the origin `skyseal/<id>`.
    pub fn id(&self) -> FlightId {
        self.replay.ledger()
    }

    /// The head over everything.
    pub fn head(&self) -> HeadRef {
        self.replay.head()
    }

    /// Entries that wait for a second person, oldest first.
    pub fn awaiting(&self) -> impl Iterator<Item = &Awaiting> {
        self.replay.awaiting.values()
    }

    /// Checks everything: every signature, every head, every commitment.
    ///
    /// # Errors
    /// [`LedgerError::Bad`] with the first bad line, [`LedgerError::Older`], or the database fails.
    pub fn check(&self) -> Result<HeadRef, LedgerError> {
        let key = self.store.key.public();
        let seen = heads::read(&self.outside, self.id(), &key)?;
        let scan = Scan { connection: &self.connection, path: &self.path, key, full: true };
        let (replay, lost) = scan.run(self.id(), &seen)?;
        match lost.into_iter().next() {
            None => Ok(replay.head()),
            Some(lost) => {
                let (outside, ours) = (lost.head.size, replay.head().size);
                Err(LedgerError::Older { path: lost.path, outside, ours })
            }
        }
    }

    /// Lines `from` to `from + most`, read and checked on their own.
    ///
    /// # Errors
    /// [`LedgerError::Bad`], or the database fails.
    pub fn lines(&self, from: u64, most: u32) -> Result<Vec<Line>, LedgerError> {
        self.raw_lines(from, most)?.iter().map(|(seq, bytes)| read_line(*seq, bytes)).collect()
    }

    fn raw_lines(&self, from: u64, most: u32) -> Result<Vec<(u64, Vec<u8>)>, LedgerError> {
        let error = || database("read", &self.path);
        let sql = "SELECT seq, line FROM entries WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).map_err(error())?;
        let rows = statement.query_map((from, most), |row| Ok((row.get(0)?, row.get(1)?))).map_err(error())?;
        rows.collect::<Result<_, _>>().map_err(error())
    }

    /// The entries about a flight, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Bad`], or the database fails.
    pub fn of_flight(&self, flight: FlightId) -> Result<Vec<Entry>, LedgerError> {
        self.entries_where("flight = ?1", &flight.to_string())
    }

    fn entries_where(&self, condition: &str, value: &str) -> Result<Vec<Entry>, LedgerError> {
        let error = || database("read", &self.path);
        let sql = format!("SELECT seq, line FROM entries WHERE {condition} ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql).map_err(error())?;
        let rows = statement
            .query_map([value], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .map_err(error())?;
        let mut entries = Vec::new();
        for row in rows {
            let (seq, bytes) = row.map_err(error())?;
            if let Line::Entry(entry) = read_line(seq, &bytes)? {
                entries.push(*entry);
            }
        }
        Ok(entries)
    }

    /// The entries of a category, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Bad`], or the database fails.
    pub fn of_category(&self, category: Category) -> Result<Vec<Entry>, LedgerError> {
        self.entries_where("category = ?1", &category.to_string())
    }

    /// The entry of this kind about exactly this item of a flight, if there is one: so that nothing is written twice.
    ///
    /// # Errors
    /// As [`Ledger::of_flight`].
    pub fn find(
        &self,
        flight: FlightId,
        category: Category,
        outcome: &str,
        item: Sha256,
    ) -> Result<Option<Entry>, LedgerError> {
        Ok(self.of_flight(flight)?.into_iter().find(|entry| {
            entry.category == category && entry.outcome.as_str() == outcome && entry.items.contains(&item)
        }))
    }

    /// Erase orders of which the ledger does not say what became: they lie on a card, or the aircraft's answer was never
    /// written down. The aircraft's device log knows; its next handover settles it ([`crate::intake::settle`]). Once a
    /// flight is erased, none of its orders waits any more.
    ///
    /// # Errors
    /// As [`Ledger::of_flight`].
    pub fn unsettled_orders(&self) -> Result<Vec<Entry>, LedgerError> {
        let mut open: Vec<Entry> = Vec::new();
        for entry in self.of_category(Category::Erasure)? {
            match entry.outcome.as_str() {
                "ordered" => open.push(entry),
                "deferred" => {}
                "erased" => open.retain(|order| order.flight != entry.flight),
                _ => open.retain(|order| order.items.first() != entry.items.first()),
            }
        }
        Ok(open)
    }

    /// The personal data beside an entry, as long as they are kept.
    ///
    /// # Errors
    /// The database fails.
    pub fn personal(&self, seq: u64) -> Result<Option<String>, LedgerError> {
        self.connection
            .query_row("SELECT data FROM personal WHERE seq = ?1", [seq], |row| row.get(0))
            .optional()
            .map_err(database("read", &self.path))
    }

    /// Deletes the personal data beside an entry. The ledger stays whole: it only committed to them.
    ///
    /// # Errors
    /// The database fails.
    pub fn forget_personal(&mut self, seq: u64) -> Result<(), LedgerError> {
        self.connection
            .execute("DELETE FROM personal WHERE seq = ?1", [seq])
            .map(|_| ())
            .map_err(database("changed", &self.path))
    }

    /// The newest head as the store signed it; `None` for an empty ledger.
    ///
    /// # Errors
    /// The database fails.
    pub fn note(&self) -> Result<Option<String>, LedgerError> {
        self.connection
            .query_row("SELECT note FROM heads ORDER BY size DESC LIMIT 1", (), |row| row.get(0))
            .optional()
            .map_err(database("read", &self.path))
    }

    /// Puts the newest head where this ledger's heads are kept outside. To be called when a piece of work is done; until
    /// then an older database would go unnoticed.
    ///
    /// # Errors
    /// When one cannot be written; the others are.
    pub fn publish(&self) -> Result<(), LedgerError> {
        let Some(note) = self.note()? else {
            return Ok(());
        };
        let written: Vec<_> = self.outside.iter().map(|path| heads::write(path, &note)).collect();
        written.into_iter().collect()
    }
}

fn read_line(seq: u64, bytes: &[u8]) -> Result<Line, LedgerError> {
    Line::read(bytes).map_err(|error| LedgerError::Bad { seq, fault: error.into() })
}

fn database(doing: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> LedgerError {
    let path = path.to_owned();
    move |source| LedgerError::Database { doing, path, source }
}

fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let mut connection = crate::database::open(path, BUSY).map_err(database("opened", path))?;
    schema::migrations()
        .to_latest(&mut connection)
        .map_err(|source| LedgerError::Migration { path: path.to_owned(), source })?;
    Ok(connection)
}

/// One reading of the whole ledger.
struct Scan<'a> {
    connection: &'a Connection,
    path: &'a Path,
    key: PublicKey,
    /// Signatures and commitments too.
    full: bool,
}

impl Scan<'_> {
    /// Reads it all; what was read, and the outside heads that are not in it.
    fn run(&self, id: FlightId, seen: &[heads::Outside]) -> Result<(Replay, Vec<heads::Outside>), LedgerError> {
        let error = || database("read", self.path);
        let mut replay = Replay::new(id);
        let mut roots: BTreeMap<u64, Option<Sha256>> = seen.iter().map(|outside| (outside.head.size, None)).collect();
        let sql = "SELECT seq, line, note, salt, data FROM entries LEFT JOIN heads ON size = seq + 1
             LEFT JOIN personal USING (seq) ORDER BY seq";
        let mut statement = self.connection.prepare(sql).map_err(error())?;
        let mut rows = statement.query(()).map_err(error())?;
        while let Some(row) = rows.next().map_err(error())? {
            let seq = replay.head().size;
            self.take(&mut replay, row).map_err(error())?.map_err(|fault| LedgerError::Bad { seq, fault })?;
            if let Some(root) = roots.get_mut(&replay.head().size) {
                *root = Some(replay.head().root);
            }
        }
        self.check_end(&replay)?;
        let lost = |outside: &&heads::Outside| {
            roots.get(&outside.head.size).copied().flatten() != Some(outside.head.root)
                && !replay.lost.contains(&outside.head)
        };
        let lost = seen.iter().filter(lost).cloned().collect();
        Ok((replay, lost))
    }

    fn take(&self, replay: &mut Replay, row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<(), Fault>> {
        let (seq, bytes): (u64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let (note, salt, data): (Option<String>, Option<Vec<u8>>, Option<String>) =
            (row.get(2)?, row.get(3)?, row.get(4)?);
        if seq != replay.head().size {
            return Ok(Err(Fault::Missing));
        }
        Ok(replay.step(&bytes, self.full).and_then(|line| {
            replay.check_head(note.as_deref(), self.full.then_some(&self.key))?;
            match (self.full, salt, data, line) {
                (true, Some(salt), Some(data), Line::Entry(entry)) => {
                    let found = write::commitment(&salt, &data);
                    if entry.personal == Some(found) { Ok(()) } else { Err(Fault::OtherPersonal) }
                }
                (true, Some(_), _, Line::Countersignature(_)) => Err(Fault::OtherPersonal),
                _ => Ok(()),
            }
        }))
    }

    /// Nothing was cut off at the end, and the last head is the store's.
    fn check_end(&self, replay: &Replay) -> Result<(), LedgerError> {
        let error = || database("read", self.path);
        let head = replay.head();
        let last: Option<(u64, String)> = self
            .connection
            .query_row("SELECT size, note FROM heads ORDER BY size DESC LIMIT 1", (), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(error())?;
        match last {
            Some((size, _)) if size > head.size => {
                Err(LedgerError::Bad { seq: head.size, fault: Fault::CutOff { size } })
            }
            Some((_, note)) => replay
                .check_head(Some(&note), Some(&self.key))
                .map_err(|fault| LedgerError::Bad { seq: head.size.saturating_sub(1), fault }),
            None => Ok(()),
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The line.
    pub seq: u64,
    /// The id of the entry.
    pub id: EntryId,
}
