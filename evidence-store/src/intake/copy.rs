//! The copy: one thread reads the source, others hash, write, sync and read back, so that neither waits for the other.
//! A fixed number of buffers goes round, whatever the flight's size.

use super::receive::{Receiving, Task, resumable};
use super::run::IntakeError;
use super::staging::Staging;
use super::{Flow, Progress, Source, SourceError};
use crate::store::{BUFFER_BYTES, StoreError};
use flight_record::dock::Manifest;
use flight_record::{Counted, Extent, FlightId};
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvError, Sender, SyncSender, channel, sync_channel};

/// Threads that write; while some wait for the disk, others hash. More than processors, because a file is synced, read
/// back and named by the same thread that wrote it.
const WRITERS: usize = 4;
/// Files a writer may have at a time: the one it is at, and the next, so that it never waits for its first bytes.
const FILES_AHEAD: usize = 2;
/// Buffers of 1 MiB in all.
const BUFFERS: usize = 16;
/// Finished files between two syncs of the notes about them.
const NOTED_AT_ONCE: usize = 64;

/// What the reading thread tells a writing one.
enum Message {
    Begin(Task, Counted),
    Data(Vec<u8>, usize),
    End,
}

type Finished = Result<(String, Extent), StoreError>;

/// What goes between the reading thread and the others.
struct Pipes {
    writers: Vec<SyncSender<Message>>,
    empty: Receiver<Vec<u8>>,
    /// Which writer is done with a file, and so may have another.
    free: Receiver<usize>,
    finished: Receiver<Finished>,
}

/// What a writing thread gives back.
struct Back {
    writer: usize,
    empty: Sender<Vec<u8>>,
    free: Sender<usize>,
    finished: Sender<Finished>,
}

/// Copies every file of `files` that is not here yet; all of them with their extents.
pub(super) fn copy(
    source: &mut dyn Source,
    flight: FlightId,
    files: &[(String, u64)],
    staging: &mut Staging,
    report: &mut dyn FnMut(u64) -> Flow,
) -> Result<Manifest, IntakeError> {
    let mut manifest = Manifest::default();
    let mut wanted = Vec::new();
    let mut done = 0;
    for (path, bytes) in files {
        match staging.whole(path, *bytes)? {
            Some(extent) => {
                manifest.insert(path, extent)?;
                done += bytes;
            }
            None => wanted.push((path, *bytes)),
        }
    }
    staging.sync()?;
    let disk = staging.disk.clone();
    std::thread::scope(|scope| {
        let (empty_sender, empty) = channel();
        let (free_sender, free) = channel();
        let (finished_sender, finished) = channel();
        (0..BUFFERS).try_for_each(|_| empty_sender.send(vec![0; BUFFER_BYTES])).map_err(|_| IntakeError::Cancelled)?;
        (0..FILES_AHEAD * WRITERS)
            .try_for_each(|turn| free_sender.send(turn % WRITERS))
            .map_err(|_| IntakeError::Cancelled)?;
        let writers = (0..WRITERS)
            .map(|writer| {
                let (sender, messages) = sync_channel(BUFFERS);
                let (empty, free, finished) = (empty_sender.clone(), free_sender.clone(), finished_sender.clone());
                let (back, disk) = (Back { writer, empty, free, finished }, disk.clone());
                scope.spawn(move || write(&*disk, &messages, &back));
                sender
            })
            .collect();
        drop((empty_sender, free_sender, finished_sender));
        let mut pump = Pump { pipes: Pipes { writers, empty, free, finished }, staging, manifest, noted: 0, done };
        let pumped = wanted.iter().try_for_each(|(path, bytes)| pump.file(source, flight, (path, *bytes), report));
        // The writers see the end of their queues: whoever is inside a file makes what it has good for a later attempt.
        let Pump { pipes, staging, mut manifest, mut noted, .. } = pump;
        let Pipes { writers, empty, free, finished } = pipes;
        drop((writers, empty, free));
        let mut failed = None;
        for finished in finished {
            match finished {
                Ok((path, extent)) => note(staging, &mut manifest, &mut noted, &path, extent)?,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        staging.sync()?;
        match (failed, pumped) {
            (Some(error), _) => Err(error.into()),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Ok(manifest),
        }
    })
}

/// The reading side.
struct Pump<'a> {
    pipes: Pipes,
    staging: &'a mut Staging,
    manifest: Manifest,
    noted: usize,
    done: u64,
}

impl Pump<'_> {
    fn file(
        &mut self,
        source: &mut dyn Source,
        flight: FlightId,
        (path, bytes): (&str, u64),
        report: &mut dyn FnMut(u64) -> Flow,
    ) -> Result<(), IntakeError> {
        let (unfinished, finished) = (self.staging.unfinished(path), self.staging.finished(path));
        let counted = resumable(&unfinished, bytes).unwrap_or_default();
        let mut left = bytes - counted.bytes();
        self.done += counted.bytes();
        let failed = |error| IntakeError::from(SourceError::reading(path, error));
        let mut input = source.open(flight, path, counted.bytes())?;
        let writer = self.pipes.free.recv().map_err(|_| IntakeError::Cancelled)?;
        self.tell(writer, Message::Begin(Task { path: path.to_owned(), bytes, unfinished, finished }, counted))?;
        while left > 0 {
            let mut buffer = self.pipes.empty.recv().map_err(|_| IntakeError::Cancelled)?;
            let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            let read = fill(&mut *input, &mut buffer[..most]).map_err(failed)?;
            if read == 0 {
                return Err(IntakeError::Changed { path: path.to_owned() });
            }
            left -= read as u64;
            self.done += read as u64;
            self.tell(writer, Message::Data(buffer, read))?;
            self.take_finished()?;
            if report(self.done) == Flow::Cancel {
                return Err(IntakeError::Cancelled);
            }
        }
        self.tell(writer, Message::End)?;
        self.take_finished()
    }

    /// A writer that is gone has said why.
    fn tell(&self, writer: usize, message: Message) -> Result<(), IntakeError> {
        self.pipes.writers[writer].send(message).map_err(|_| IntakeError::Cancelled)
    }

    fn take_finished(&mut self) -> Result<(), IntakeError> {
        while let Ok(finished) = self.pipes.finished.try_recv() {
            let (path, extent) = finished?;
            note(self.staging, &mut self.manifest, &mut self.noted, &path, extent)?;
        }
        Ok(())
    }
}

fn note(
    staging: &mut Staging,
    manifest: &mut Manifest,
    noted: &mut usize,
    path: &str,
    extent: Extent,
) -> Result<(), IntakeError> {
    manifest.insert(path, extent)?;
    staging.note(path, extent)?;
    *noted += 1;
    if noted.is_multiple_of(NOTED_AT_ONCE) { Ok(staging.sync()?) } else { Ok(()) }
}

/// Reads until the buffer is full or the input ends: small reads of a network make no small writes.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A writing thread: until its queue ends. When the disk fails it says so once, and goes on handing buffers back, so
/// that the reading thread never waits for them in vain.
fn write(disk: &dyn crate::store::Disk, messages: &Receiver<Message>, back: &Back) {
    let mut receiving: Option<Receiving<'_>> = None;
    let mut failed = false;
    loop {
        let message = messages.recv();
        let (ended, file_ended) = (message.is_err(), matches!(message, Ok(Message::End)));
        let (buffer, stepped) =
            if failed { (spare(message), Ok(())) } else { step(disk, &mut receiving, &back.finished, message) };
        // The other ends are gone only when nobody needs buffers, turns or results any more.
        let _ = buffer.map(|buffer| back.empty.send(buffer));
        if let Err(error) = stepped {
            failed = true;
            let _ = back.finished.send(Err(error));
        }
        if file_ended {
            let _ = back.free.send(back.writer);
        }
        if ended {
            return;
        }
    }
}

fn spare(message: Result<Message, RecvError>) -> Option<Vec<u8>> {
    match message {
        Ok(Message::Data(buffer, _)) => Some(buffer),
        _ => None,
    }
}

/// Does what one message says; the buffer it came in, and how it went.
fn step<'a>(
    disk: &'a dyn crate::store::Disk,
    receiving: &mut Option<Receiving<'a>>,
    finished: &Sender<Finished>,
    message: Result<Message, RecvError>,
) -> (Option<Vec<u8>>, Result<(), StoreError>) {
    match message {
        Ok(Message::Begin(task, counted)) => {
            let begun = Receiving::begin(disk, task, counted).map(|begun| *receiving = Some(begun));
            (None, begun)
        }
        Ok(Message::Data(buffer, length)) => {
            let taken = receiving.as_mut().map_or(Ok(()), |receiving| receiving.take(&buffer[..length]));
            (Some(buffer), taken)
        }
        Ok(Message::End) => match receiving.take().map(Receiving::finish) {
            Some(Ok(whole)) => {
                let _ = finished.send(Ok(whole));
                (None, Ok(()))
            }
            Some(Err(error)) => (None, Err(error)),
            None => (None, Ok(())),
        },
        // Cut off inside a file: what is here becomes good for a later attempt.
        Err(RecvError) => (None, receiving.take().map_or(Ok(()), |mut cut_off| cut_off.mark())),
    }
}

/// What to show while copying.
pub(super) fn reporting<'a>(
    meter: super::Meter,
    clock: &'a dyn Fn() -> flight_record::Stamp,
    progress: &'a mut dyn FnMut(Progress) -> Flow,
) -> impl FnMut(u64) -> Flow + 'a {
    move |done| progress(meter.at(done, clock().mono_ns))
}
