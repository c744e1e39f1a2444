//! Work on a thread that is watched and can be stopped: how far it is goes to whoever shows it, and a word from there ends it at the
//! next step.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context as _, Result, ensure};

use crate::clock;

/// Told so often at most, ns: faster nobody reads.
const OFTEN_NS: u64 = 100_000_000;
/// Read at once, bytes.
const BLOCK: usize = 256 * 1024;

/// Says stop; all clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

/// Somebody said stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub(crate) struct Stopped;

/// Whether work ended because somebody said stop.
pub(crate) fn is_stop(error: &anyhow::Error) -> bool {
    let inner = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref).is_some_and(|inner| inner.is::<Stopped>())
    };
    error.chain().any(|cause| cause.is::<Stopped>() || inner(cause))
}

impl Stop {
    /// Says it.
    pub(crate) fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody said it.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes on unless somebody said stop.
    ///
    /// # Errors
    /// [`Stopped`].
    pub(crate) fn check(&self) -> Result<(), Stopped> {
        if self.is_stopped() { Err(Stopped) } else { Ok(()) }
    }
}

/// Counts work as it is done.
pub(crate) struct Meter<'a> {
    stop: Stop,
    done: AtomicU64,
    total: AtomicU64,
    told_ns: AtomicU64,
    tell: Box<dyn Fn(u64, u64) + Send + Sync + 'a>,
}

impl<'a> Meter<'a> {
    /// Of so much; `tell` hears how much of how much is done, now and then.
    pub(crate) fn new(stop: Stop, total: u64, tell: impl Fn(u64, u64) + Send + Sync + 'a) -> Self {
        let [done, told_ns] = [0, 0].map(AtomicU64::new);
        Self { stop, done, total: AtomicU64::new(total), told_ns, tell: Box::new(tell) }
    }

    /// Nobody watches, nobody stops it.
    pub(crate) fn unwatched() -> Self {
        Self::new(Stop::default(), 0, |_, _| {})
    }

    /// There is so much of it.
    pub(crate) fn of(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// So much more is done.
    ///
    /// # Errors
    /// [`Stopped`], when somebody said stop.
    pub(crate) fn add(&self, more: u64) -> Result<(), Stopped> {
        let done = self.done.fetch_add(more, Ordering::Relaxed) + more;
        let (now_ns, told_ns) = (clock::mono_ns(), self.told_ns.load(Ordering::Relaxed));
        let is_due = now_ns.saturating_sub(told_ns) >= OFTEN_NS;
        // Of several threads one tells.
        if is_due && self.told_ns.compare_exchange(told_ns, now_ns, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            (self.tell)(done, self.total.load(Ordering::Relaxed));
        }
        self.stop.check()
    }

    /// Whoever may say stop.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// What is read is counted.
    pub(crate) fn read<R: Read>(&self, input: R) -> Counted<'_, R> {
        Counted { meter: self, input }
    }

    /// The whole of a file of at most `most` bytes.
    ///
    /// # Errors
    /// When it cannot be read, is longer, or somebody said stop.
    pub(crate) fn bytes(&self, path: &Path, most: u64) -> Result<Vec<u8>> {
        let cannot = || format!("cannot read {}", path.display());
        let file = std::fs::File::open(path).with_context(cannot)?;
        let length = file.metadata().with_context(cannot)?.len();
        ensure!(length <= most, "{}: {length} bytes are more than the {most} that are read", path.display());
        let mut bytes = Vec::new();
        self.read(file.take(most)).read_to_end(&mut bytes).with_context(cannot)?;
        Ok(bytes)
    }
}

/// Counts what is read through it.
pub(crate) struct Counted<'a, R> {
    meter: &'a Meter<'a>,
    input: R,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(BLOCK);
        let read = self.input.read(&mut buffer[..most])?;
        self.meter.add(read as u64).map_err(io::Error::other)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn what_is_read_is_counted_and_a_word_ends_it() {
        let told = Mutex::new(Vec::new());
        let stop = Stop::default();
        let meter = Meter::new(stop.clone(), 1_000_000, |done, total| told.lock().unwrap().push((done, total)));
        let mut input = meter.read(&[7_u8; 1_000_000][..]);
        let mut block = vec![0; 1 << 20];
        assert_eq!(input.read(&mut block).unwrap(), BLOCK, "however much is asked for at once");
        assert_eq!(*told.lock().unwrap(), [(BLOCK as u64, 1_000_000)]);
        stop.stop();
        let error = input.read(&mut block).unwrap_err();
        assert!(error.get_ref().is_some_and(|inner| inner.is::<Stopped>()), "{error}");
        assert_eq!(stop.check(), Err(Stopped));
        assert!(is_stop(&anyhow::Error::from(error).context("cannot read it")) && is_stop(&Stopped.into()));
        assert!(!is_stop(&anyhow::Error::from(io::Error::other("the disk is gone"))));
    }

    #[test]
    fn a_file_is_read_whole_or_refused_by_its_length() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("zones.json");
        std::fs::write(&path, [1_u8; 1_000]).unwrap();
        assert_eq!(Meter::unwatched().bytes(&path, 1_000).unwrap().len(), 1_000);
        let error = Meter::unwatched().bytes(&path, 999).unwrap_err().to_string();
        assert!(error.contains("zones.json") && error.contains("999"), "{error}");
    }
}
