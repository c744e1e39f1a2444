//! A command of our own program as a child process: what it says, how it ended, when it is started again.
//!
//! A child that prints JSON is read line by line; one that is to outlive the window writes into files instead, so that nobody who stops
//! reading can hold it up.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Inbox, Post, Repaint, mailbox};
use crate::clock;

/// Longest line taken, bytes; of a longer one the beginning counts as words.
const MAX_LINE_BYTES: usize = 256 * 1024;
/// Lines of its errors that are kept, and how long each may be.
const LAST_WORDS: usize = 4;
const MAX_WORDS_BYTES: usize = 400;
/// Events that may wait for the window.
const ROOM: usize = 1024;
/// How often it is looked whether the child still lives.
const LOOK: Duration = Duration::from_millis(100);
/// A child that is told to end has so long, then it is ended.
const PATIENCE_NS: u64 = 3_000_000_000;
/// A child that lived so long is started again at once; one that did not, ever later.
const LIVED_NS: u64 = 60_000_000_000;
const LONGEST_S: u64 = 60;
/// How often it is looked whether somebody else still does the work.
const ANOTHER_S: u64 = 2;

/// Which stream carries JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Stdout,
    Stderr,
    /// None: both streams go into files, and the child outlives the window.
    Files {
        said: PathBuf,
        errors: PathBuf,
    },
}

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// `skyseal-ground` itself where none is given.
    pub(crate) program: Option<PathBuf>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) json: Json,
    /// Started again when it ends, until it is stopped.
    pub(crate) keep: bool,
    /// While another process holds this lock, it does the work.
    pub(crate) unless_held: Option<PathBuf>,
}

/// What happened with the child.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    Started {
        pid: u32,
    },
    /// Another process does the work already.
    Another,
    /// A line of JSON.
    Line(Value),
    /// A line that is none.
    Words(String),
    /// It ended; in words, with its last ones. Started again after so long, if at all.
    Ended {
        how: String,
        last_words: Vec<String>,
        again_in_s: Option<u64>,
    },
}

/// The handle. The child ends with it, unless it outlives the window.
pub(crate) struct Child {
    inbox: Inbox<Said>,
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Child {
    /// Begins.
    ///
    /// # Errors
    /// When the program cannot be found or the machine gives no thread.
    pub(crate) fn start(spec: Spec, repaint: Repaint) -> Result<Self> {
        let program = match &spec.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().context("this program does not find itself")?,
        };
        let (post, inbox) = mailbox(ROOM, repaint);
        let (stop, stopped) = sync_channel(1);
        let keeper = Keeper { program, spec, post, stopped };
        let thread = std::thread::Builder::new().name("child".to_owned()).spawn(move || keeper.run())?;
        Ok(Self { inbox, stop: Some(stop), thread: Some(thread) })
    }

    /// What has happened since it was asked last.
    pub(crate) fn said(&self) -> Vec<Said> {
        self.inbox.take()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether a process holds the lock.
pub(crate) fn is_held(lock: &Path) -> bool {
    File::open(lock).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

struct Keeper {
    program: PathBuf,
    spec: Spec,
    post: Post<Said>,
    /// Disconnected when the handle is gone.
    stopped: Receiver<()>,
}

impl Keeper {
    fn run(self) {
        let mut failures = 0_u32;
        let mut another = false;
        loop {
            if self.spec.unless_held.as_deref().is_some_and(is_held) {
                if !std::mem::replace(&mut another, true) {
                    self.post.news(Said::Another);
                }
                if self.is_stopped(Duration::from_secs(ANOTHER_S)) {
                    return;
                }
                continue;
            }
            another = false;
            let begun_ns = clock::mono_ns();
            let (how, last_words) = match self.once() {
                Ok(Some(ended)) => ended,
                Ok(None) => return,
                Err(error) => (format!("{error:#}"), Vec::new()),
            };
            let lived = clock::mono_ns().saturating_sub(begun_ns) >= LIVED_NS;
            failures = if lived { 0 } else { failures.saturating_add(1) };
            let again_in_s = (1 << failures.saturating_sub(1).min(6)).min(LONGEST_S);
            self.post.news(Said::Ended { how, last_words, again_in_s: self.spec.keep.then_some(again_in_s) });
            if !self.spec.keep || self.is_stopped(Duration::from_secs(again_in_s)) {
                return;
            }
        }
    }

    fn is_stopped(&self, within: Duration) -> bool {
        !matches!(self.stopped.recv_timeout(within), Err(RecvTimeoutError::Timeout))
    }

    /// Runs it until it ends; nothing when it was stopped or left to itself.
    fn once(&self) -> Result<Option<(String, Vec<String>)>> {
        let mut command = Command::new(&self.program);
        command.args(&self.spec.arguments).stdin(Stdio::null());
        let files = match &self.spec.json {
            Json::Files { said, errors } => {
                command.stdout(file(said)?).stderr(file(errors)?);
                // Not ended by the Ctrl-C that ends the window.
                command.process_group(0);
                Some(errors)
            }
            Json::Stdout | Json::Stderr => {
                // Its input is open as long as this process lives: by that it can tell.
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
                None
            }
        };
        let name = self.program.display();
        let mut process = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        self.post.news(Said::Started { pid: process.id() });
        let words = Arc::new(Mutex::new(VecDeque::new()));
        let readers = self.readers(&mut process, &words);
        let ended = self.wait(&mut process, files.is_some())?;
        for reader in readers.into_iter().flatten() {
            let _ = reader.join();
        }
        let Some(status) = ended else { return Ok(None) };
        let last_words = match files {
            Some(errors) => tail(errors),
            None => words.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect(),
        };
        Ok(Some((in_words(status), last_words)))
    }

    fn readers(&self, process: &mut Process, words: &Arc<Mutex<VecDeque<String>>>) -> [Option<JoinHandle<()>>; 2] {
        let out = process.stdout.take().map(|out| self.read(out, self.spec.json == Json::Stdout, None));
        let json = self.spec.json == Json::Stderr;
        let errors = process.stderr.take().map(|errors| self.read(errors, json, Some(Arc::clone(words))));
        [out.flatten(), errors.flatten()]
    }

    fn read(
        &self,
        from: impl Read + Send + 'static,
        json: bool,
        words: Option<Arc<Mutex<VecDeque<String>>>>,
    ) -> Option<JoinHandle<()>> {
        let post = self.post.clone();
        let read = move || {
            lines(from, |line| {
                let parsed = if json { serde_json::from_slice(line).ok() } else { None };
                if let Some(value) = parsed {
                    post.news(Said::Line(value));
                    return;
                }
                let said = plain(line);
                if said.is_empty() {
                    return;
                }
                if let Some(words) = &words {
                    keep(&mut words.lock().unwrap_or_else(PoisonError::into_inner), said.clone());
                }
                post.telemetry(Said::Words(said));
            });
        };
        std::thread::Builder::new().name("child-says".to_owned()).spawn(read).ok()
    }

    /// Waits for its end; nothing when it was told to end, or lives on without the window.
    fn wait(&self, process: &mut Process, outlives: bool) -> Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = process.try_wait()? {
                return Ok(Some(status));
            }
            if self.is_stopped(LOOK) {
                break;
            }
        }
        if outlives {
            return Ok(None);
        }
        if let Some(pid) = i32::try_from(process.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let until_ns = clock::mono_ns() + PATIENCE_NS;
        while process.try_wait()?.is_none() {
            if clock::mono_ns() >= until_ns {
                process.kill()?;
                process.wait()?;
                break;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        Ok(None)
    }
}

fn file(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    File::create(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Hands on each line, of one that is too long the beginning; nothing is kept of the rest.
fn lines(from: impl Read, mut take: impl FnMut(&[u8])) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        let Ok(bytes) = from.fill_buf() else { return };
        if bytes.is_empty() {
            if !line.is_empty() {
                take(&line);
            }
            return;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        line.extend_from_slice(&part[..part.len().min(MAX_LINE_BYTES - line.len())]);
        let taken = part.len() + usize::from(end.is_some());
        from.consume(taken);
        if end.is_some() {
            take(&line);
            line.clear();
        }
    }
}

/// Words for people: no control characters, not too many.
fn plain(line: &[u8]) -> String {
    let words = String::from_utf8_lossy(&line[..line.len().min(MAX_WORDS_BYTES)]);
    words.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn keep(words: &mut VecDeque<String>, said: String) {
    if words.len() >= LAST_WORDS {
        words.pop_front();
    }
    words.push_back(said);
}

/// The last lines of a file.
fn tail(path: &Path) -> Vec<String> {
    let mut last = VecDeque::new();
    if let Ok(file) = File::open(path) {
        lines(file, |line| keep(&mut last, plain(line)));
    }
    last.into_iter().filter(|words| !words.is_empty()).collect()
}

fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(0) => "it ended".to_owned(),
        Some(code) => format!("it ended with code {code}"),
        None => format!("it was ended ({status})"),
    }
}

#[cfg(test)]
mod tests;
