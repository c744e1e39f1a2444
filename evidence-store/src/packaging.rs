//! A flight of a store as a package: what it holds, what came with it, both stores' receipts, and tokens of time-stamping
//! authorities.

use crate::store::{Statement, Store, StoreError, statements};
use crate::timestamp::look;
use flight_record::outside_time::MAX_TOKENS;
use flight_record::package::{self, About, PackageError, Payload, Written};
use flight_record::{FlightId, Label};
use std::io::{self, Read};
use std::path::Path;

/// Longest `trust.json` or report read, in bytes.
const MAX_SMALL_BYTES: u64 = 256 << 20;

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum PackagingError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Something that came with every flight is not there.
    #[error("flight {flight} came without {name}; take it over again, or rebuild the store")]
    Without {
        /// The flight.
        flight: FlightId,
        /// What.
        name: &'static str,
    },
}

/// Writes the newest holding of a flight as a package at `out`, signed by the store.
///
/// # Errors
/// When the store holds no such flight, an object is absent, or the package cannot be written.
pub fn make(
    store: &dyn Store,
    flight: FlightId,
    unit: &Label,
    out: &Path,
    now_utc_us: i64,
) -> Result<Written, PackagingError> {
    let holding = store.holding(flight)?;
    let holding = holding.ok_or_else(|| StoreError::NoFlight { flight, store: store.describe() })?;
    let small = |name: &'static str| -> Result<Vec<u8>, PackagingError> {
        let extent = holding.attachments.get(name).ok_or(PackagingError::Without { flight, name })?;
        let mut bytes = Vec::new();
        let read = store.get(extent.sha256)?.take(MAX_SMALL_BYTES).read_to_end(&mut bytes);
        read.map_err(StoreError::io("cannot read", extent.sha256.to_string()))?;
        Ok(bytes)
    };
    let (trust_json, report_json, report_html) = (small("trust.json")?, small("report.json")?, small("report.html")?);
    let receipts: Vec<Vec<u8>> = statements(store, flight)?
        .into_iter()
        .filter_map(|(_, statement)| match statement {
            Statement::Receipt(bytes) => Some(bytes),
            Statement::Holding(_) | Statement::Timestamp(_) => None,
        })
        .collect();
    let files = holding.manifest.entries().iter().map(|(path, extent)| (format!("flight/{path}"), extent.sha256));
    let attached = holding.attachments.iter().filter(|(name, _)| name.contains('/'));
    let attached = attached.map(|(name, extent)| (name.clone(), extent.sha256));
    let objects = files.chain(attached).map(|(path, digest)| {
        let bytes = store.get(digest).map_err(io::Error::other)?;
        Ok(Payload { path, bytes: bytes as Box<dyn Read> })
    });
    let receipts = receipts.into_iter().enumerate().map(|(at, bytes)| {
        Ok(Payload { path: format!("receipts/{}.json", at + 1), bytes: Box::new(io::Cursor::new(bytes)) })
    });
    let tokens = look(store, flight)?.map(|line| line.tokens).unwrap_or_default();
    let tokens = tokens.into_iter().take(MAX_TOKENS).map(|held| {
        let bytes = Box::new(io::Cursor::new(held.stamped.token()));
        Ok(Payload { path: format!("timestamps/{}.tsr", held.name), bytes })
    });
    let about = About {
        flight,
        unit,
        verdict: &holding.verdict,
        trust_json: &trust_json,
        report_json: &report_json,
        report_html: &report_html,
        at_utc_us: now_utc_us,
    };
    Ok(package::write(out, objects.chain(receipts).chain(tokens), &about, &store.identity().key)?)
}
