//! Sealing: plain bytes are hashed, encrypted with age, hashed again and written, in one pass, while they are shot.
//!
//! [`SealedFile::write`] only hands bytes to the operating system. Making them durable is another thread's work: it takes
//! a [`SealedFile::syncer`] and the matching [`SealedFile::progress`], syncs, and only then lets a record name them.

use crate::digest::{Counted, Extent};
use crate::disk::{self, Disk, DiskFile};
use crate::layout::{SealedName, UNFINISHED_DOCUMENT};
use crate::names::StreamName;
use crate::recipients::{BadRecipient, Recipient};
use crate::record::{Document, Prefix};
use age::stream::StreamWriter;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Room for an age header; smaller than any chunk but the last.
const HEADER_BYTES: usize = 4096;

/// Why bytes cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The file cannot be created, written or synced.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// age refuses the recipients.
    #[error("age refuses the recipients of this flight")]
    Recipients(#[source] age::EncryptError),
    /// The index of the file is not in 1..=999999.
    #[error("{0} is not a file of a flight: indices run from 1 to 999999")]
    Index(SealedName),
    /// A write failed before; the file ends there.
    #[error("{path} ended at an earlier error and takes no more bytes")]
    Ended {
        /// The file.
        path: PathBuf,
    },
}

/// Makes sealed files of one flight. Holds no secret and no lock: clone it to the thread that records.
#[derive(Clone)]
pub struct Sealer {
    disk: Arc<dyn Disk>,
    flight_dir: PathBuf,
    recipients: Vec<age::x25519::Recipient>,
}

impl Sealer {
    pub(crate) fn new(disk: Arc<dyn Disk>, flight_dir: &Path, recipients: &[Recipient]) -> Result<Self, BadRecipient> {
        let recipients = recipients.iter().map(Recipient::key).collect::<Result<_, _>>()?;
        Ok(Self { disk, flight_dir: flight_dir.to_owned(), recipients })
    }

    /// The disk that the flight is written to.
    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// Creates the file of segment `index` of `stream`; it must not exist.
    ///
    /// # Errors
    /// When the file exists or cannot be created and made durable in its folder.
    pub fn segment(&self, stream: &StreamName, index: u32) -> Result<SealedFile, SealError> {
        self.create(SealedName::Segment(stream.clone(), index))
    }

    /// Creates the file of telemetry `index`; it must not exist.
    ///
    /// # Errors
    /// As [`Sealer::segment`].
    pub fn telemetry(&self, index: u32) -> Result<SealedFile, SealError> {
        self.create(SealedName::Telemetry(index))
    }

    /// Creates the file of still `index`; it must not exist.
    ///
    /// # Errors
    /// As [`Sealer::segment`].
    pub fn still(&self, index: u32, format: crate::layout::StillFormat) -> Result<SealedFile, SealError> {
        self.create(SealedName::Still(index, format))
    }

    fn create(&self, name: SealedName) -> Result<SealedFile, SealError> {
        if !name.index_in_range() {
            return Err(SealError::Index(name));
        }
        let sealing = Sealing::create(&*self.disk, &name.under(&self.flight_dir), &self.recipients)?;
        Ok(SealedFile { name, sealing })
    }

    /// Seals `bytes` behind 32 random bytes of salt as a document of the flight, durably.
    ///
    /// # Errors
    /// When it cannot be written; nothing is left behind then.
    pub fn document(&self, bytes: &[u8]) -> Result<Document, SealError> {
        let path = self.flight_dir.join(UNFINISHED_DOCUMENT);
        let written = self.write_document(&path, bytes);
        if written.is_err() {
            // Whatever the reason, the first error is the one to report.
            drop(self.disk.remove_file(&path));
        }
        written
    }

    fn write_document(&self, path: &Path, bytes: &[u8]) -> Result<Document, SealError> {
        let io = |source| SealError::Io { doing: "cannot write the document", path: path.to_owned(), source };
        let salt = crate::keys::random::<32>().map_err(|error| io(io::Error::other(error)))?;
        let mut sealing = Sealing::create(&*self.disk, path, &self.recipients)?;
        sealing.write(&salt[..])?;
        sealing.write(bytes)?;
        let (sealed, plain) = sealing.finish()?;
        let document = Document { sealed, plain };
        let to = document.name().under(&self.flight_dir);
        self.disk.rename(path, &to).map_err(io)?;
        disk::sync_parent(&*self.disk, &to).map_err(io).inspect_err(|_| {
            // No record will name it; the first error is the one to report.
            drop(self.disk.remove_file(&to));
        })?;
        Ok(document)
    }
}

/// A sealed file that is being written: plain bytes in, one encrypted file out. `Send`, and bound to no [`Sealer`].
pub struct SealedFile {
    name: SealedName,
    sealing: Sealing,
}

/// A sealed file that is finished and durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its name in the flight.
    pub file: SealedName,
    /// The encrypted file.
    pub sealed: Extent,
    /// What it holds.
    pub plain: Extent,
}

impl SealedFile {
    /// Takes plain bytes. age works in chunks of 64 KiB: each chunk that fills becomes one `write(2)`.
    ///
    /// # Errors
    /// When the operating system does not take the bytes. The file then ends where it is, as if the power had gone; later
    /// writes fail with [`SealError::Ended`].
    pub fn write(&mut self, plain: &[u8]) -> Result<(), SealError> {
        self.sealing.write(plain)
    }

    /// The sealed bytes handed to the operating system so far: what a `prefix` record says, once they are synced. Take
    /// this first, then sync, then append.
    pub fn progress(&self) -> Prefix {
        Prefix { file: self.name.clone(), sealed: self.sealing.sealed() }
    }

    /// Plain bytes taken so far.
    pub fn plain_bytes(&self) -> u64 {
        self.sealing.plain.bytes()
    }

    /// Makes the file durable from another thread.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn syncer(&self) -> io::Result<Syncer> {
        let Sealing { path, handle, progress, .. } = &self.sealing;
        Ok(Syncer { path: path.clone(), file: handle.another()?, progress: progress.clone() })
    }

    /// Writes the last chunk and makes the file durable.
    ///
    /// # Errors
    /// As [`SealedFile::write`].
    pub fn finish(self) -> Result<Sealed, SealError> {
        let (sealed, plain) = self.sealing.finish()?;
        Ok(Sealed { file: self.name, sealed, plain })
    }
}

/// Makes a sealed file durable while another thread writes it.
pub struct Syncer {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    progress: Arc<Progress>,
}

impl Syncer {
    /// Makes durable what was handed to the operating system. When that fails nobody knows what the disk holds, and
    /// asking again would be answered with a success that says nothing: the file ends there, for its writer too.
    ///
    /// # Errors
    /// When the disk fails, or failed before.
    pub fn sync(&mut self) -> Result<(), SealError> {
        self.progress.sync(&self.path, &mut *self.file)
    }
}

/// How far a file has come, for those who write it and those who sync it.
#[derive(Default)]
struct Progress {
    sealed: Mutex<Counted>,
    /// Bytes that are known to be durable.
    synced_bytes: AtomicU64,
    /// A sync failed.
    lost: AtomicBool,
}

impl Progress {
    /// A counter stays true whatever thread died while holding it: `update` has no half-way state anybody can see.
    fn update(&self, bytes: &[u8]) {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
    }

    fn extent(&self) -> Extent {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner).extent()
    }

    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    fn sync(&self, path: &Path, file: &mut dyn DiskFile) -> Result<(), SealError> {
        if self.is_lost() {
            return Err(SealError::Ended { path: path.to_owned() });
        }
        let bytes = self.extent().bytes;
        file.sync().map(|()| self.synced_bytes.store(bytes, Ordering::SeqCst)).map_err(|source| {
            self.lost.store(true, Ordering::SeqCst);
            // What may be read back but not be on the disk would be attested, and be another tomorrow: the file ends
            // where it is known to be safe. Where not even this is done, the first error is still the one to report.
            drop(file.cut(self.synced_bytes.load(Ordering::SeqCst)).and_then(|()| file.sync()));
            SealError::Io { doing: "cannot sync", path: path.to_owned(), source }
        })
    }
}

/// The one pass: plain digest, age, sealed digest, file.
struct Sealing {
    path: PathBuf,
    plain: Counted,
    /// None once a write failed: age cannot go on after a chunk that only half reached the file.
    age: Option<StreamWriter<BufWriter<Sink>>>,
    progress: Arc<Progress>,
    handle: Box<dyn DiskFile>,
}

/// The end of the pass, behind age.
struct Sink {
    file: Box<dyn DiskFile>,
    progress: Arc<Progress>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.progress.is_lost() {
            return Err(io::Error::other("a sync of it failed"));
        }
        let written = self.file.write(bytes)?;
        self.progress.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sealing {
    fn create(disk: &dyn Disk, path: &Path, recipients: &[age::x25519::Recipient]) -> Result<Self, SealError> {
        let io = |source| SealError::Io { doing: "cannot create", path: path.to_owned(), source };
        disk.create_folder(path.parent().unwrap_or(Path::new("."))).map_err(io)?;
        let file = disk.create_new(path).map_err(io)?;
        Self::begin(disk, path.to_owned(), file, recipients).inspect_err(|_| {
            // It holds no footage; the first error is the one to report.
            drop(disk.remove_file(path));
        })
    }

    fn begin(
        disk: &dyn Disk,
        path: PathBuf,
        file: Box<dyn DiskFile>,
        recipients: &[age::x25519::Recipient],
    ) -> Result<Self, SealError> {
        let io = |source| SealError::Io { doing: "cannot create", path: path.clone(), source };
        disk::sync_parent(disk, &path).map_err(io)?;
        let handle = file.another().map_err(io)?;
        let recipients = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(recipients).map_err(SealError::Recipients)?;
        let progress = Arc::new(Progress::default());
        // Gathers the pieces of the header; whole chunks are larger and go straight through.
        let sink = BufWriter::with_capacity(HEADER_BYTES, Sink { file, progress: progress.clone() });
        let mut age = encryptor.wrap_output(sink).map_err(io)?;
        age.flush().map_err(io)?;
        Ok(Self { path, plain: Counted::default(), age: Some(age), progress, handle })
    }

    fn sealed(&self) -> Extent {
        self.progress.extent()
    }

    fn write(&mut self, plain: &[u8]) -> Result<(), SealError> {
        if self.progress.is_lost() {
            self.age = None;
        }
        let age = self.age.as_mut().ok_or_else(|| SealError::Ended { path: self.path.clone() })?;
        if let Err(source) = age.write_all(plain) {
            self.age = None;
            return Err(SealError::Io { doing: "cannot write", path: self.path.clone(), source });
        }
        self.plain.update(plain);
        Ok(())
    }

    fn finish(mut self) -> Result<(Extent, Extent), SealError> {
        let age = self.age.take().ok_or_else(|| SealError::Ended { path: self.path.clone() })?;
        age.finish().and_then(|mut sink| sink.flush()).map_err(|source| SealError::Io {
            doing: "cannot finish",
            path: self.path.clone(),
            source,
        })?;
        self.progress.sync(&self.path, &mut *self.handle)?;
        Ok((self.sealed(), self.plain.extent()))
    }
}
