//! An account and its row.

use super::pin::{Cost, Wrapped};
use super::{Attempts, PeopleError};
use crate::ids::PersonId;
use flight_record::Label;
use flight_record::keys::PublicKey;
use flight_record::trust::Duty;
use rusqlite::{Connection, OptionalExtension as _, Row};

const COLUMNS: &str = "person, staff, label, duties, suspended, generation, failures, next_try_utc_us, public_key, \
                       memory_kib, passes, lanes, salt, nonce, sealed";

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The person, as the ledger names them.
    pub person: PersonId,
    /// Their staff number, without spaces and in upper case; never leaves this database.
    pub staff: String,
    /// The pseudonym under which they sign in and stand in the trust list.
    pub label: Label,
    /// What they may do, sorted.
    pub duties: Vec<Duty>,
    /// Whether an administrator has suspended it.
    pub suspended: bool,
    /// Wrong PINs in a row.
    pub attempts: Attempts,
    /// Their key; none before the first PIN.
    pub public_key: Option<PublicKey>,
    /// Rises with each change that ends sessions.
    pub(super) generation: i64,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The staff number: says that two accounts are not one person's.
    pub staff: Label,
    /// The pseudonym.
    pub label: Label,
    /// What they may do.
    pub duties: Vec<Duty>,
}

impl NewAccount {
    /// One spelling of a staff number.
    pub(super) fn staff_key(&self) -> String {
        self.staff.as_str().chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    }
}

type Read = Result<(Account, Option<Wrapped>), PeopleError>;

fn read(row: &Row<'_>) -> rusqlite::Result<Read> {
    let duties: String = row.get("duties")?;
    let parsed: Result<Vec<Duty>, _> = duties.split(',').map(str::parse).collect();
    let (person, label, public): (String, String, Option<String>) =
        (row.get("person")?, row.get("label")?, row.get("public_key")?);
    let public_key = public.map(PublicKey::try_from).transpose();
    let (Ok(person), Ok(label), Ok(duties), Ok(public_key)) = (person.parse(), label.parse(), parsed, public_key)
    else {
        return Ok(Err(PeopleError::DamagedAccount("a field does not read")));
    };
    let account = Account {
        person,
        staff: row.get("staff")?,
        label,
        duties,
        suspended: row.get("suspended")?,
        attempts: Attempts { failures: row.get("failures")?, next_try_utc_us: row.get("next_try_utc_us")? },
        public_key,
        generation: row.get("generation")?,
    };
    let wrapped = match row.get::<_, Option<Vec<u8>>>("sealed")? {
        None => None,
        Some(sealed) => Some(Wrapped {
            cost: Cost { memory_kib: row.get("memory_kib")?, passes: row.get("passes")?, lanes: row.get("lanes")? },
            salt: row.get("salt")?,
            nonce: row.get("nonce")?,
            sealed,
        }),
    };
    Ok(Ok((account, wrapped)))
}

pub(super) fn row(connection: &Connection, label: &Label) -> rusqlite::Result<Read> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE label = ?1");
    connection.query_row(&sql, [label.as_str()], read)
}

pub(super) fn find(connection: &Connection, label: &Label) -> Result<Option<Account>, super::Refused> {
    match row(connection, label).optional()? {
        None => Ok(None),
        Some(read) => Ok(Some(read?.0)),
    }
}

pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Result<Account, PeopleError>>> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM accounts ORDER BY label"))?;
    statement.query_map((), |row| Ok(read(row)?.map(|(account, _)| account)))?.collect()
}

pub(super) fn insert(connection: &Connection, person: PersonId, new: &NewAccount) -> rusqlite::Result<()> {
    let mut duties = new.duties.clone();
    duties.sort();
    duties.dedup();
    let duties: Vec<String> = duties.iter().map(Duty::to_string).collect();
    connection
        .execute(
            "INSERT INTO accounts (person, staff, label, duties) VALUES (?1, ?2, ?3, ?4)",
            (person.to_string(), new.staff_key(), new.label.as_str(), duties.join(",")),
        )
        .map(|_| ())
}

/// Puts a key in place if the account has the key `before`; how many rows changed.
pub(super) fn set_key(
    connection: &Connection,
    person: PersonId,
    before: Option<&PublicKey>,
    public: &PublicKey,
    wrapped: &Wrapped,
) -> rusqlite::Result<usize> {
    connection.execute(
        "UPDATE accounts SET public_key = ?2, memory_kib = ?3, passes = ?4, lanes = ?5, salt = ?6, nonce = ?7,
             sealed = ?8, generation = generation + 1, failures = 0, next_try_utc_us = 0
         WHERE person = ?1 AND public_key IS ?9",
        (
            person.to_string(),
            public.to_string(),
            wrapped.cost.memory_kib,
            wrapped.cost.passes,
            wrapped.cost.lanes,
            &wrapped.salt[..],
            &wrapped.nonce[..],
            &wrapped.sealed,
            before.map(PublicKey::to_string),
        ),
    )
}

pub(super) fn retire_key(connection: &Connection, account: &Account, now_utc_us: i64) -> rusqlite::Result<()> {
    let person = account.person.to_string();
    if let Some(public) = &account.public_key {
        connection.execute(
            "INSERT INTO retired_keys (public_key, person, retired_utc_us) VALUES (?1, ?2, ?3)",
            (public.to_string(), &person, now_utc_us),
        )?;
    }
    connection
        .execute(
            "UPDATE accounts SET public_key = NULL, memory_kib = NULL, passes = NULL, lanes = NULL, salt = NULL,
                 nonce = NULL, sealed = NULL, generation = generation + 1, failures = 0, next_try_utc_us = 0
             WHERE person = ?1",
            [person],
        )
        .map(|_| ())
}

pub(super) fn set_suspended(connection: &Connection, person: PersonId, suspended: bool) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE accounts SET suspended = ?2, generation = generation + 1, failures = 0, next_try_utc_us = 0
             WHERE person = ?1",
            (person.to_string(), suspended),
        )
        .map(|_| ())
}

pub(super) fn set_attempts(connection: &Connection, person: PersonId, attempts: Attempts) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE accounts SET failures = ?2, next_try_utc_us = ?3 WHERE person = ?1",
            (person.to_string(), attempts.failures, attempts.next_try_utc_us),
        )
        .map(|_| ())
}
