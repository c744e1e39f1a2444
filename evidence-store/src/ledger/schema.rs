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

/// An id used twice is found when the lines are read, and before one is written; an index for it would be one more page
/// to write with every line.
const V2: &str = "
CREATE TABLE entries_2 (
    seq INTEGER PRIMARY KEY,
    id TEXT,
    category TEXT,
    flight TEXT,
    at_utc_us INTEGER NOT NULL,
    line BLOB NOT NULL
) STRICT;
INSERT INTO entries_2 SELECT seq, id, category, flight, at_utc_us, line FROM entries;
DROP TABLE entries;
ALTER TABLE entries_2 RENAME TO entries;
CREATE INDEX entries_by_flight ON entries (flight, category);
";

pub(super) fn migrations() -> Migrations<'static> {
    Migrations::new(vec![M::up(V1), M::up(V2)])
}
