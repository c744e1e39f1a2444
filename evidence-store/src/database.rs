//! How this crate opens SQLite: write-ahead log, every commit on the disk before it returns, nothing shared.

use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// Opens a database; waits at most `busy` for another writer.
///
/// # Errors
/// When it cannot be opened, or does not take the settings.
pub fn open(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Text that was deleted is overwritten, so that lawful deletion deletes.
    connection.pragma_update(None, "secure_delete", true)?;
    // A schema that was tampered with runs nothing.
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}
