//! The database of the ledger. Everything in it but the lines themselves can be made from them again.

use rusqlite_migration::{M, Migrations};

const V1: &str = "
CREATE TABLE ledger (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    ledger TEXT NOT NULL,
    store TEXT NOT NULL
) STRICT;
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    id TEXT UNIQUE,
    category TEXT,
    flight TEXT,
    at_utc_us INTEGER NOT NULL,
    line BLOB NOT NULL
) STRICT;
CREATE INDEX entries_by_flight ON entries (flight, category);
CREATE TABLE heads (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
) STRICT;
CREATE TABLE personal (
    seq INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    data TEXT NOT NULL
) STRICT;
";

pub(super) fn migrations() -> Migrations<'static> {
    Migrations::new(vec![M::up(V1)])
}
