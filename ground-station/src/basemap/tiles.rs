//! Raster tiles for a map, read and decoded on a thread of their own.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::mbtiles::{MbTiles, Pixels, TileError};

/// Tiles asked for and not yet read, at most.
const MOST_ASKED: usize = 64;
/// Tiles read and not yet taken, at most.
const MOST_READ: usize = 64;

/// Which tile: zoom, column from the west, row from the north.
pub(crate) type TileId = (u8, u32, u32);

/// What became of reading a tile: nothing where the map has none.
type Read = (TileId, Result<Option<Pixels>, String>);

/// The tiles of a file.
pub(crate) struct Tiles {
    zooms: (u8, u8),
    ask: SyncSender<TileId>,
    read: Mutex<Receiver<Read>>,
    asked: Mutex<HashSet<TileId>>,
    /// Asked for, and not yet read.
    reading: Arc<AtomicUsize>,
}

impl Tiles {
    /// Opens a file; `wake` is called after each tile that was read.
    ///
    /// # Errors
    /// When it is no MBTiles file with pictures that can be read.
    pub(crate) fn open(path: &Path, wake: impl Fn() + Send + 'static) -> Result<Self, TileError> {
        let file = MbTiles::open(path)?;
        let zooms = file.zooms();
        let (ask, asked) = sync_channel::<TileId>(MOST_ASKED);
        let (send, read) = sync_channel::<Read>(MOST_READ);
        let reading = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&reading);
        let work = move || {
            for id in asked {
                let sent = send.send((id, file.tile(id).map_err(|error| error.to_string())));
                left.fetch_sub(1, Ordering::Release);
                if sent.is_err() {
                    return;
                }
                wake();
            }
        };
        let started = std::thread::Builder::new().name("map-tiles".into()).spawn(work);
        started.map_err(|error| TileError::unreadable(path, &error))?;
        Ok(Self { zooms, ask, read: Mutex::new(read), asked: Mutex::new(HashSet::new()), reading })
    }

    /// The smallest and the largest zoom it has.
    pub(crate) fn zooms(&self) -> (u8, u8) {
        self.zooms
    }

    /// Asks for a tile, once, while there is room for the question.
    pub(crate) fn ask(&self, id: TileId) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.contains(&id) {
            return;
        }
        self.reading.fetch_add(1, Ordering::Release);
        match self.ask.try_send(id) {
            Ok(()) => {
                asked.insert(id);
            }
            // Asked again in the next frame, if it is still seen.
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.reading.fetch_sub(1, Ordering::Release);
            }
        }
    }

    /// Whether something that was asked for is still to be read.
    pub(crate) fn is_reading(&self) -> bool {
        self.reading.load(Ordering::Acquire) > 0
    }

    /// What has been read since.
    pub(crate) fn take(&self) -> HashMap<TileId, Result<Option<Pixels>, String>> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let taken: HashMap<_, _> = read.try_iter().collect();
        for id in taken.keys() {
            asked.remove(id);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::super::mbtiles::tests::{file, png};
    use super::*;

    #[test]
    fn a_tile_is_read_aside_and_asked_for_once() {
        let dir = tempfile::tempdir().unwrap();
        let (woken, wakes) = sync_channel(8);
        let tiles = Tiles::open(&file(dir.path(), "png", &png()), move || woken.send(()).unwrap()).unwrap();
        assert_eq!(tiles.zooms(), (3, 3));
        let (there, nowhere) = ((3, 4, 2), (3, 0, 0));
        tiles.ask(there);
        tiles.ask(there);
        tiles.ask(nowhere);
        for _ in 0..2 {
            wakes.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
        }
        assert!(!tiles.is_reading());
        let read = tiles.take();
        assert_eq!((read.len(), read[&there].as_ref().unwrap().as_ref().unwrap().width), (2, 2));
        assert_eq!(read[&nowhere], Ok(None));
        assert!(tiles.take().is_empty());
    }
}
