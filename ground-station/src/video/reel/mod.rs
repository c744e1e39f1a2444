//! A recording played: its segments in order, with pause, single pictures, speed, and any moment of it.

mod run;
mod segment;
mod track;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};

use self::segment::Segment;
use super::Picture;
use super::slot::Repaint;
use crate::state::replay::Sample;
use crate::state::replay::sealed::Played;

/// Orders that may wait; more than a hand gives between two pictures.
const MOST_ORDERS: usize = 32;

/// What is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Go on.
    Play,
    /// Stand still.
    Pause,
    /// The next picture, standing still.
    Next,
    /// The picture before, standing still.
    Previous,
    /// The picture shown at this moment, or the first after it.
    To {
        /// POSIX µs.
        utc_us: i64,
    },
    /// How fast.
    At(Speed),
}

/// How fast it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Speed {
    /// A quarter.
    Quarter,
    /// Half.
    Half,
    /// As it was.
    #[default]
    Real,
    /// Twice.
    Double,
    /// Four times.
    Fourfold,
    /// Eight times.
    Eightfold,
}

impl Speed {
    /// As it stands on its button.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Quarter => "¼×",
            Self::Half => "½×",
            Self::Real => "1×",
            Self::Double => "2×",
            Self::Fourfold => "4×",
            Self::Eightfold => "8×",
        }
    }

    /// The one after it, and round again.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Quarter => Self::Half,
            Self::Half => Self::Real,
            Self::Real => Self::Double,
            Self::Double => Self::Fourfold,
            Self::Fourfold => Self::Eightfold,
            Self::Eightfold => Self::Quarter,
        }
    }

    /// The one above it, as far as there is one.
    pub(crate) const fn faster(self) -> Self {
        match self {
            Self::Fourfold | Self::Eightfold => Self::Eightfold,
            Self::Quarter | Self::Half | Self::Real | Self::Double => self.next(),
        }
    }

    /// The one below it, as far as there is one.
    pub(crate) const fn slower(self) -> Self {
        match self {
            Self::Quarter | Self::Half => Self::Quarter,
            Self::Real => Self::Half,
            Self::Double => Self::Real,
            Self::Fourfold => Self::Double,
            Self::Eightfold => Self::Fourfold,
        }
    }

    const fn quarters(self) -> u64 {
        match self {
            Self::Quarter => 1,
            Self::Half => 2,
            Self::Real => 4,
            Self::Double => 8,
            Self::Fourfold => 16,
            Self::Eightfold => 32,
        }
    }
}

/// How it stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReelState {
    /// It goes on by itself.
    pub(crate) playing: bool,
    /// How fast.
    pub(crate) speed: Speed,
    /// When its first picture was shot, POSIX µs; 0 until it is known.
    pub(crate) begin_utc_us: i64,
    /// When its last one was.
    pub(crate) end_utc_us: i64,
    /// Its segments, oldest first: the name, and when the first picture was shot, POSIX µs.
    pub(crate) segments: Arc<Vec<(String, i64)>>,
    /// The picture shown.
    pub(crate) at_utc_us: i64,
    /// Name of the segment it is in.
    pub(crate) segment: String,
    /// Which one it is, from 0, and how many there are.
    pub(crate) place: (usize, usize),
    /// It has come to its end.
    pub(crate) ended: bool,
    /// What does not work, and what helps.
    pub(crate) fault: Option<String>,
    /// The telemetry read so far, about one sample a second.
    pub(crate) samples: Arc<Vec<Sample>>,
    /// Segments whose telemetry has been read.
    pub(crate) read: usize,
    /// The bytes of each segment that was played, or its telemetry read, by its name.
    pub(crate) played: Arc<Played>,
}

impl ReelState {
    /// Where on its time a moment lies, from 0 to 1.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a part of a time line's width")]
    pub(crate) fn part(&self, utc_us: i64) -> f32 {
        let whole = (self.end_utc_us - self.begin_utc_us).max(1) as f64;
        ((utc_us - self.begin_utc_us) as f64 / whole).clamp(0.0, 1.0) as f32
    }

    /// The moment at a part of its time, POSIX µs.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a moment of a recording, to a picture"
    )]
    pub(crate) fn moment(&self, part: f32) -> i64 {
        let whole = (self.end_utc_us - self.begin_utc_us) as f64;
        self.begin_utc_us.saturating_add((whole * f64::from(part.clamp(0.0, 1.0))) as i64)
    }
}

#[derive(Default)]
struct Shown {
    picture: Option<Arc<Picture>>,
    state: ReelState,
}

#[derive(Clone)]
struct Screen {
    shown: Arc<Mutex<Shown>>,
    repaint: Repaint,
}

impl Screen {
    fn held(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A segment was read, to be shown.
    fn read(&self, path: &Path, segment: &Segment) {
        let (name, bytes) = (segment::name(path), Some(segment.bytes));
        self.change(|shown| {
            let known = Arc::make_mut(&mut shown.state.played).entry(name).or_insert(bytes);
            *known = known.filter(|known| Some(*known) == bytes);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Shown)) {
        change(&mut self.held());
        (self.repaint)();
    }
}

/// A recording that is open; its threads end when this is dropped.
pub(crate) struct Reel {
    screen: Screen,
    orders: Option<SyncSender<Order>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Reel {
    /// Opens a segment or a folder of them, standing still at the first picture. What is wrong with it stands in its state.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn open(place: &Path, repaint: Repaint) -> Result<Self> {
        let screen = Screen { shown: Arc::default(), repaint };
        let (orders, taken) = sync_channel(MOST_ORDERS);
        let stop = Arc::new(AtomicBool::new(false));
        let mut reel = Self { screen, orders: Some(orders), stop, threads: Vec::new() };
        reel.spawn("player", place.to_owned(), move |place, screen, _| run::run(place, screen, &taken))?;
        reel.spawn("telemetry", place.to_owned(), track::read)?;
        Ok(reel)
    }

    fn spawn(
        &mut self,
        name: &str,
        place: PathBuf,
        work: impl FnOnce(&Path, &Screen, &AtomicBool) + Send + 'static,
    ) -> Result<()> {
        let (screen, stop) = (self.screen.clone(), Arc::clone(&self.stop));
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&place, &screen, &stop));
        self.threads.push(thread.context("no thread for the recording")?);
        Ok(())
    }

    /// Asks for something; a moment later it is so. When it is too busy to take more, the order is dropped.
    pub(crate) fn order(&self, order: Order) {
        if let Some(Err(TrySendError::Full(order))) = self.orders.as_ref().map(|orders| orders.try_send(order)) {
            tracing::debug!(?order, "the player has too much to do");
        }
    }

    /// The picture that is shown.
    pub(crate) fn latest(&self) -> Option<Arc<Picture>> {
        self.screen.held().picture.clone()
    }

    /// How it stands.
    pub(crate) fn state(&self) -> ReelState {
        self.screen.held().state.clone()
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Without its orders the player ends.
        self.orders = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

type Orders = Receiver<Order>;
