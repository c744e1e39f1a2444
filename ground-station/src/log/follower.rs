//! The flight log beside a link: what vehicles say goes to a thread of its own, for a slow disk must not hold up the link.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use jiff::Timestamp;
use mission_profiles::flight_log::{Headers, Sample};
use vehicle_link::frames::Frame;

use super::default_dir;
use super::heard::{Ear, Now};
use super::scribe::Scribe;
use crate::clock;

/// MAV_COMP_ID_AUTOPILOT1.
const AUTOPILOT: u8 = 1;
/// Samples that may wait for the disk: a minute of two vehicles.
const WAITING: usize = 128;
/// Vehicles followed at once.
const MAX_VEHICLES: usize = 32;
/// How long the end of a program waits for the disk.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest header file read, bytes.
const MAX_HEADER_BYTES: u64 = 64 * 1024;

/// Where drafts of the flight log go, and what is known of a flight beforehand.
#[derive(Args)]
#[group(id = "drafting")]
pub(crate) struct Drafting {
    /// Folder for the drafts of the flight log, one file a flight, written at landing
    #[arg(long, value_name = "DIR")]
    pub(crate) log: Option<PathBuf>,
    /// What is known of flights beforehand, as TOML: operator_id, make, model, serial, device, battery, pilot, flyer_id, crew, activity,
    /// place, sight, authorisations, preflight; behind [system.2] what differs for that vehicle
    #[arg(long, value_name = "FILE")]
    pub(crate) log_header: Option<PathBuf>,
    /// One such fact: pilot=P1. May be given more than once
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) log_fact: Vec<String>,
}

impl Drafting {
    /// The headers that file and facts make.
    ///
    /// # Errors
    /// Names the file and the line, or the fact, and the cure.
    pub(crate) fn headers(&self) -> Result<Headers> {
        let mut headers = Headers::default();
        if let Some(path) = &self.log_header {
            let cannot = || format!("the header {} cannot be read", path.display());
            let mut text = String::new();
            // One byte more than it may have: what is longer is refused by name.
            let file = std::fs::File::open(path).with_context(cannot)?;
            file.take(MAX_HEADER_BYTES + 1).read_to_string(&mut text).with_context(cannot)?;
            headers = Headers::read(&path.display().to_string(), &text)?;
        }
        for fact in &self.log_fact {
            headers = headers.with(fact)?;
        }
        Ok(headers)
    }
}

/// Follows vehicles for the log.
pub(crate) struct Follower {
    ears: BTreeMap<u8, Ear>,
    samples: Option<SyncSender<(u8, Sample)>>,
    said: Receiver<String>,
}

impl Follower {
    /// Into the folder that `args` names; `None` where it names none.
    ///
    /// # Errors
    /// When the header is wrong, or no thread can be started.
    pub(crate) fn open(args: &Drafting) -> Result<Option<Self>> {
        let headers = args.headers()?;
        args.log.clone().map(|dir| Self::start(dir, headers)).transpose()
    }

    /// The same, and where `args` names no folder, into the one that is this person's.
    ///
    /// # Errors
    /// As [`Follower::open`].
    pub(crate) fn by_default(args: &Drafting) -> Result<Option<Self>> {
        let headers = args.headers()?;
        args.log.clone().or_else(default_dir).map(|dir| Self::start(dir, headers)).transpose()
    }

    fn start(dir: PathBuf, headers: Headers) -> Result<Self> {
        let (samples, heard) = sync_channel::<(u8, Sample)>(WAITING);
        let (tell, said) = sync_channel(WAITING);
        let mut scribe = Scribe::new(dir, headers);
        std::thread::Builder::new().name("flight-log".to_owned()).spawn(move || {
            // Words that nobody takes are dropped: the log does not wait for them.
            let say = |said: Vec<String>| {
                for words in said {
                    let _ = tell.try_send(words);
                }
            };
            say(scribe.unfinished());
            while let Ok((system, sample)) = heard.recv() {
                say(scribe.hear(system, &sample));
            }
            say(scribe.close());
        })?;
        Ok(Self { ears: BTreeMap::new(), samples: Some(samples), said })
    }

    /// Takes a frame, whoever sent it.
    pub(crate) fn hear(&mut self, frame: &Frame) {
        let (system, component) = (frame.system_id(), frame.component_id());
        let room = self.ears.contains_key(&system) || self.ears.len() < MAX_VEHICLES;
        let Ok(at) = Timestamp::from_microsecond(clock::now_utc_us()) else { return };
        if component != AUTOPILOT || !room {
            return;
        }
        let now = Now { at, mono_ms: clock::mono_ns() / 1_000_000 };
        let sample = self.ears.entry(system).or_default().frame(frame, now);
        if let (Some(sample), Some(samples)) = (sample, &self.samples) {
            // A disk that is minutes behind loses samples, not the link.
            let _ = samples.try_send((system, sample));
        }
    }

    /// What is worth telling since it was asked last.
    pub(crate) fn news(&self) -> Vec<String> {
        self.said.try_iter().collect()
    }

    /// Ends, once everything heard is on the disk or the disk has had its time; what is left to tell.
    pub(crate) fn finish(mut self) -> Vec<String> {
        self.end()
    }

    fn end(&mut self) -> Vec<String> {
        // The thread ends when nothing can come any more, and its words with it.
        if self.samples.take().is_none() {
            return Vec::new();
        }
        let mut said = Vec::new();
        loop {
            match self.said.recv_timeout(PATIENCE) {
                Ok(words) => said.push(words),
                Err(RecvTimeoutError::Disconnected) => return said,
                Err(RecvTimeoutError::Timeout) => {
                    said.push("flight log: the disk does not answer; look at the drafts later".to_owned());
                    return said;
                }
            }
        }
    }
}

impl Drop for Follower {
    /// A command that breaks off loses nothing either.
    fn drop(&mut self) {
        self.end().iter().for_each(|words| eprintln!("{words}"));
    }
}
