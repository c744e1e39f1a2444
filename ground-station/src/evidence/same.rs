//! Whether the opened segments of a folder are byte for byte those that a flight's record names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};
use flight_record::{Counted, Extent};

use crate::state::replay::sealed::Stream;
use crate::tasks::Repaint;

/// What was found so far: by the segment's name, whether it is the recorded one.
type Found = Arc<BTreeMap<String, bool>>;

/// Read at once, bytes.
const AT_ONCE: usize = 1 << 20;

/// A comparison under way on a thread of its own; it ends when this is dropped.
pub(crate) struct Comparison {
    found: Arc<Mutex<Found>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Comparison {
    /// Compares each segment of `stream` with its file in `folder`, in order.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(folder: PathBuf, stream: Stream, repaint: Repaint) -> Result<Self> {
        let (found, stop) = (Arc::new(Mutex::new(Found::default())), Arc::new(AtomicBool::new(false)));
        let (told, ended) = (Arc::clone(&found), Arc::clone(&stop));
        let run = move || {
            for (name, judged) in stream {
                let Some(plain) = judged.plain else { continue };
                // A file that is not there is not played either.
                let Ok(same) = is(&folder.join(format!("{name}.ts")), &plain, &ended) else { continue };
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                Arc::make_mut(&mut *held(&told)).insert(name, same);
                repaint();
            }
        };
        let thread = std::thread::Builder::new().name("comparison".to_owned()).spawn(run);
        Ok(Self { found, stop, thread: Some(thread.context("no thread to compare the segments")?) })
    }

    /// What was found so far.
    pub(crate) fn found(&self) -> Found {
        Arc::clone(&held(&self.found))
    }
}

impl Drop for Comparison {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn held(found: &Mutex<Found>) -> MutexGuard<'_, Found> {
    found.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a file has these bytes; nothing more is read once it is to stop.
fn is(path: &Path, wanted: &Extent, stop: &AtomicBool) -> Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() != wanted.bytes {
        return Ok(false);
    }
    let (mut counted, mut buffer) = (Counted::default(), vec![0; AT_ONCE]);
    while !stop.load(Ordering::Relaxed) {
        match file.read(&mut buffer)? {
            0 => break,
            read => counted.update(buffer.get(..read).unwrap_or_default()),
        }
    }
    Ok(counted.extent() == *wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::evidence::Seal;
    use crate::state::replay::sealed::Judged;

    #[test]
    fn only_the_recorded_bytes_are_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let (rung, heard) = std::sync::mpsc::sync_channel(16);
        for (name, bytes) in [("000001", b"as shot"), ("000002", b"altered"), ("000003", b"as_shot")] {
            std::fs::write(dir.path().join(format!("{name}.ts")), bytes).unwrap();
        }
        let judged = |bytes: &[u8]| Judged { seal: Seal::Witnessed, plain: Some(Extent::of(bytes)) };
        let unknown = Judged { seal: Seal::Witnessed, plain: None };
        let stream: Stream = [
            ("000001".to_owned(), judged(b"as shot")),
            ("000002".to_owned(), judged(b"as shot")),
            ("000003".to_owned(), unknown),
            ("000004".to_owned(), judged(b"gone")),
        ]
        .into();
        let wake: Repaint = Arc::new(move || {
            let _ = rung.try_send(());
        });
        let comparison = Comparison::start(dir.path().to_owned(), stream, wake).unwrap();
        while comparison.found().len() < 2 {
            heard.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
        }
        let expected = BTreeMap::from([("000001".to_owned(), true), ("000002".to_owned(), false)]);
        assert_eq!(*comparison.found(), expected);
    }
}
