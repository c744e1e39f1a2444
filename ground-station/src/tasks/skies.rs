//! What the zones ask of the flight, asked anew while it moves: one thread holds the datasets and their index.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, State};
use mission_profiles::place::Position;
use mission_profiles::profile::Limits;
use mission_profiles::zones::{Dataset, Index, Span, Surroundings};

use super::{Inbox, Post, Repaint, mailbox};
use crate::clock;
use crate::state::airspace::{Course, Flight, NextLimit, Stand, next_limit, stands};

/// The take-off's height is known to this, metres: it comes from the vehicle.
const HOME_ERROR_M: f64 = 5.0;
/// A flight is judged for so long from now, seconds.
const WINDOW_S: i64 = 30 * 60;
/// A question is answered anew so often, though nobody asks again.
const AGAIN: Duration = Duration::from_secs(10);
const ROOM: usize = 8;

/// Where the rules are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Setup {
    /// The station's folder of datasets; without it the set that comes with the program.
    pub(crate) zones: Option<PathBuf>,
    /// The store whose register of permissions counts.
    pub(crate) register: Option<PathBuf>,
}

/// Of which flight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Question {
    /// The take-off, and its height above mean sea level, metres.
    pub(crate) home: (Position, f64),
    /// Where it is now.
    pub(crate) at: Position,
    /// How it moves.
    pub(crate) course: Option<Course>,
    /// What it keeps to.
    pub(crate) limits: Limits,
    /// Who flies, and with what.
    pub(crate) who: (String, String),
}

/// The answer.
pub(crate) enum Answer {
    /// The datasets that everything else counts by.
    Zones(Arc<Vec<Dataset>>),
    /// Of the last question, when it is another one than before.
    Stands {
        /// How each volume stands; nothing where that is as it was.
        stands: Option<Vec<Stand>>,
        /// The limit that is next.
        next: Option<NextLimit>,
        /// The permission that ends first of those in force: its reference, and when, POSIX µs.
        ends: Option<(String, i64)>,
    },
    /// The rules cannot be read; why.
    Trouble(String),
}

/// The handle; the thread ends with it.
pub(crate) struct Skies {
    ask: Option<SyncSender<Ask>>,
    inbox: Inbox<Answer>,
    thread: Option<JoinHandle<()>>,
}

enum Ask {
    About(Box<Question>),
    Again,
}

impl Skies {
    /// Begins to read.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub(crate) fn start(setup: Setup, repaint: Repaint) -> Result<Self> {
        let (post, inbox) = mailbox(ROOM, repaint);
        let (ask, asked) = sync_channel(1);
        let run = move || while answer(&setup, &post, &asked).is_some() {};
        let thread =
            std::thread::Builder::new().name("skies".to_owned()).spawn(run).context("no thread for the zones")?;
        Ok(Self { ask: Some(ask), inbox, thread: Some(thread) })
    }

    /// Asks; whether there was room: a question is dropped while the one before is worked on.
    pub(crate) fn ask(&self, question: Question) -> bool {
        let ask = Ask::About(Box::new(question));
        self.ask.as_ref().is_some_and(|sender| !matches!(sender.try_send(ask), Err(TrySendError::Full(_))))
    }

    /// Datasets or permissions have changed: reads all again.
    pub(crate) fn read_again(&self) {
        // Full: a question is under way, and the next call comes.
        let _ = self.ask.as_ref().map(|sender| sender.try_send(Ask::Again));
    }

    /// What came of it.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.inbox.take()
    }
}

impl Drop for Skies {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads the rules and answers by them until they are to be read again; nothing when nobody asks any more.
fn answer(setup: &Setup, post: &Post<Answer>, asked: &Receiver<Ask>) -> Option<()> {
    let datasets = match &setup.zones {
        Some(dir) if !dir.exists() => Ok(Vec::new()),
        dir => crate::zones::datasets(dir.as_deref()),
    };
    let datasets = Arc::new(datasets.unwrap_or_else(|error| {
        post.news(Answer::Trouble(format!("{error:#}")));
        Vec::new()
    }));
    let held = setup.register.as_deref().map_or(Ok(Vec::new()), |store| crate::auth::held(store, &[]));
    let authorisations: Vec<Authorisation> = match held {
        Ok(held) => held.into_iter().map(|held| held.authorisation).collect(),
        Err(error) => {
            post.news(Answer::Trouble(format!("{error:#}")));
            Vec::new()
        }
    };
    post.news(Answer::Zones(Arc::clone(&datasets)));
    let index = Index::new(&datasets);
    let (mut last, mut told): (Option<Box<Question>>, Option<Judged>) = (None, None);
    loop {
        match asked.recv_timeout(AGAIN) {
            Ok(Ask::About(question)) => last = Some(question),
            // Zones and permissions begin and end while nothing moves.
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Ask::Again) => return Some(()),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
        let Some(question) = &last else { continue };
        let judged = judge(question, &datasets, &index, &authorisations);
        if told.as_ref() != Some(&judged) {
            let same = told.as_ref().is_some_and(|told| told.stands == judged.stands);
            let stands = (!same).then(|| judged.stands.clone());
            post.news(Answer::Stands { stands, next: judged.next.clone(), ends: judged.ends.clone() });
            told = Some(judged);
        }
    }
}

/// See [`Answer::Stands`].
#[derive(PartialEq)]
struct Judged {
    stands: Vec<Stand>,
    next: Option<NextLimit>,
    ends: Option<(String, i64)>,
}

fn judge(question: &Question, datasets: &[Dataset], index: &Index<'_>, authorisations: &[Authorisation]) -> Judged {
    let now = Timestamp::from_microsecond(clock::now_utc_us()).unwrap_or(Timestamp::UNIX_EPOCH);
    let to = now.checked_add(jiff::SignedDuration::from_secs(WINDOW_S)).unwrap_or(now);
    let (home, amsl_m) = question.home;
    let home_amsl = Span { low_m: amsl_m - HOME_ERROR_M, high_m: amsl_m + HOME_ERROR_M };
    let flight = Flight {
        index,
        authorisations,
        limits: question.limits,
        pilot: &question.who.0,
        aircraft: &question.who.1,
        surroundings: Surroundings { home, home_amsl, terrain: None, qnh_hpa: None, geoid_m: None },
        route: None,
        from: now,
        to,
        now,
    };
    let stands = stands(datasets, &flight);
    let next = next_limit(datasets, index, &stands, question.at, question.course);
    let in_force = authorisations.iter().filter(|held| held.state() == State::Activated);
    let ends = in_force.filter_map(|held| {
        let windows = held.windows.iter().filter(|window| window.from.is_none_or(|from| from <= now));
        Some((held.id.clone(), windows.filter_map(|window| window.to).max()?.as_microsecond()))
    });
    let ends = ends.min_by_key(|(_, until)| *until);
    Judged { stands, next, ends }
}
