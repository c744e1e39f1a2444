//! Which flights a store holds: read from the statements it signed, found again from the objects alone.

use super::holding::{self, Holding};
use super::{Store, StoreError};
use crate::timestamp::Stamped;
use flight_record::dock::Receipt;
use flight_record::keys::PublicKey;
use flight_record::{Counted, Extent, FlightId, Sha256};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// What every envelope begins with.
const ENVELOPE: &[u8] = b"{\"payload\":\"";

/// A statement about a flight.
pub enum Statement {
    /// What this store holds of it.
    Holding(Box<Holding>),
    /// A receipt, of this store or another: the envelope as it lies there.
    Receipt(Vec<u8>),
    /// A token of a time-stamping authority over the flight's last head.
    Timestamp(Box<Stamped>),
}

/// The statements about a flight that read; holdings and tokens only when this store signed them.
///
/// # Errors
/// The store fails.
pub fn statements(store: &dyn Store, flight: FlightId) -> Result<Vec<(Sha256, Statement)>, StoreError> {
    let mut found = Vec::new();
    for digest in store.statements(flight)? {
        let read = read(store, digest)?.filter(|(id, _)| *id == flight);
        found.extend(read.map(|(_, statement)| (digest, statement)));
    }
    Ok(found)
}

impl dyn Store + '_ {
    /// The newest holding of a flight.
    ///
    /// # Errors
    /// The store fails.
    pub fn holding(&self, flight: FlightId) -> Result<Option<Holding>, StoreError> {
        let holdings = statements(self, flight)?.into_iter().filter_map(|(_, statement)| match statement {
            Statement::Holding(holding) => Some(*holding),
            Statement::Receipt(_) | Statement::Timestamp(_) => None,
        });
        Ok(holdings.max_by_key(|holding| holding.at_utc_us))
    }
}

/// Lays a flight out in its own layout in a new folder, every file compared with its digest on the way; the holding.
///
/// # Errors
/// [`StoreError::NoFlight`], [`StoreError::Absent`], [`StoreError::Damaged`], or the folder is there already or cannot be
/// written.
pub fn check_out(store: &dyn Store, flight: FlightId, dir: &Path) -> Result<Holding, StoreError> {
    check_out_watched(store, flight, dir, &mut |_| Ok(()))
}

/// The same; `laid_out` hears of the bytes of each file when it is there, and may end it with an error.
///
/// # Errors
/// As [`check_out`], and whatever `laid_out` says.
pub fn check_out_watched(
    store: &dyn Store,
    flight: FlightId,
    dir: &Path,
    laid_out: &mut dyn FnMut(u64) -> io::Result<()>,
) -> Result<Holding, StoreError> {
    let holding = store.holding(flight)?;
    let holding = holding.ok_or_else(|| StoreError::NoFlight { flight, store: store.describe() })?;
    let parent = dir.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).and_then(|()| fs::create_dir(dir)).map_err(StoreError::io("cannot create", dir))?;
    for (path, extent) in holding.manifest.entries() {
        copy_out(store, extent, &dir.join(path))?;
        laid_out(extent.bytes).map_err(StoreError::io("cannot go on after", dir.join(path)))?;
    }
    Ok(holding)
}

/// Copies an object to a new file, and compares what it copied.
///
/// # Errors
/// As [`check_out`].
pub fn copy_out(store: &dyn Store, extent: &Extent, to: &Path) -> Result<(), StoreError> {
    let io = || StoreError::io("cannot write", to);
    fs::create_dir_all(to.parent().unwrap_or(Path::new("."))).map_err(io())?;
    let mut file = fs::File::create_new(to).map_err(io())?;
    let mut input = store.get(extent.sha256)?;
    let (mut counted, mut buffer) = (Counted::default(), vec![0; super::BUFFER_BYTES]);
    loop {
        let read = input.read(&mut buffer).map_err(StoreError::io("cannot read", extent.sha256.to_string()))?;
        if read == 0 {
            break;
        }
        counted.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(io())?;
    }
    let found = counted.extent();
    if found == *extent { Ok(()) } else { Err(super::damaged(to, extent, &found)) }
}

/// What a rebuild found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rebuilt {
    /// Objects in the store.
    pub objects: u64,
    /// Statements entered.
    pub statements: u64,
    /// Flights they are about.
    pub flights: u64,
    /// Objects that are not what their name says.
    pub damaged: Vec<Sha256>,
    /// Objects that a holding of this store names and that are not there.
    pub absent: Vec<Sha256>,
}

/// Makes the catalogue again from the objects alone, and reads every object on the way.
///
/// # Errors
/// The store fails.
pub fn rebuild(store: &dyn Store) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt::default();
    let mut buffer = vec![0; super::BUFFER_BYTES];
    for digest in store.list()? {
        rebuilt.objects += 1;
        let io = StoreError::io("cannot read", digest.to_string());
        let extent = super::disk::extent_of(&mut store.get(digest)?, &mut buffer).map_err(io)?;
        if extent.sha256 != digest {
            rebuilt.damaged.push(digest);
        } else if let Some((flight, statement)) = read(store, digest)? {
            store.enter(flight, digest)?;
            rebuilt.statements += 1;
            if let Statement::Holding(holding) = statement {
                for named in holding.extents().into_keys() {
                    if store.stat(named)?.is_none() && !rebuilt.absent.contains(&named) {
                        rebuilt.absent.push(named);
                    }
                }
            }
        }
    }
    rebuilt.flights = store.flights()?.len() as u64;
    Ok(rebuilt)
}

/// The statement in an object, if it is one.
fn read(store: &dyn Store, digest: Sha256) -> Result<Option<(FlightId, Statement)>, StoreError> {
    let io = || StoreError::io("cannot read", digest.to_string());
    let mut input = store.get(digest)?;
    let mut bytes = Vec::new();
    input.by_ref().take(ENVELOPE.len() as u64).read_to_end(&mut bytes).map_err(io())?;
    let fits = store.stat(digest)?.is_some_and(|stat| stat.bytes <= holding::MAX_BYTES);
    if bytes != ENVELOPE || !fits {
        return Ok(None);
    }
    input.read_to_end(&mut bytes).map_err(io())?;
    let key: PublicKey = store.identity().key.public();
    if let Ok(holding) = Holding::open(&bytes, &key) {
        return Ok(Some((holding.flight_id, Statement::Holding(Box::new(holding)))));
    }
    if let Some(stamped) = Stamped::open(&bytes, &key) {
        return Ok(Some((stamped.flight_id, Statement::Timestamp(Box::new(stamped)))));
    }
    // A receipt of the other store is kept beside our own; who signed it is for its reader to check.
    Ok(Receipt::claimed_flight(&bytes).ok().map(|flight| (flight, Statement::Receipt(bytes))))
}
