//! The player's thread.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use gstreamer as gst;

use super::segment::{self, Segment, name};
use super::{Order, Orders, Screen, Speed};
use crate::clock;
use crate::video::Picture;
use crate::video::chain::{Chain, Decoded};

/// A gap in the recording is not waited for longer than this, ns.
const LONGEST_WAIT_NS: u64 = 1_000_000_000;

/// Plays until nobody orders any more.
pub(super) fn run(place: &Path, screen: &Screen, orders: &Orders) {
    let mut player = match Player::open(place, screen.clone()) {
        Ok(player) => player,
        Err(error) => return screen.change(|shown| shown.state.fault = Some(format!("{error:#}"))),
    };
    while let Some(order) = player.wait(orders) {
        if let Err(error) = player.turn(order) {
            player.playing = false;
            screen.change(|shown| {
                (shown.state.playing, shown.state.fault) = (false, Some(format!("{error:#}")));
            });
        }
    }
}

/// What to do next.
#[derive(Clone, Copy)]
enum Turn {
    Order(Order),
    /// The next picture is due.
    Due,
}

struct Player {
    screen: Screen,
    paths: Vec<PathBuf>,
    /// When each segment begins, µs.
    begins_us: Vec<u64>,
    /// The segment that is being fed, and how far.
    segment: Option<(usize, Segment)>,
    fed: usize,
    chain: Option<Chain>,
    drained: bool,
    ready: VecDeque<Decoded>,
    /// The picture shown, and the segment it is in.
    at_us: u64,
    playing: bool,
    speed: Speed,
    /// When the picture shown came up, monotonic.
    shown_ns: u64,
    number: u64,
}

impl Player {
    fn open(place: &Path, screen: Screen) -> Result<Self> {
        gst::init().context("GStreamer does not start; install gstreamer1.0-plugins-base")?;
        let paths = segment::list(place)?;
        let begins_us = paths.iter().map(|path| segment::begins_us(path)).collect::<Result<Vec<_>>>()?;
        let last = Segment::read(paths.last().context("no segment")?)?;
        let (begin_us, end_us) = (begins_us.first().copied().unwrap_or(0), last.span_us().1);
        let segments = paths.iter().zip(&begins_us).map(|(path, begin_us)| (name(path), utc_us(*begin_us))).collect();
        screen.change(|shown| {
            shown.state.segments = Arc::new(segments);
            shown.state.begin_utc_us = utc_us(begin_us);
            shown.state.end_utc_us = utc_us(end_us);
        });
        let mut player = Self {
            screen,
            paths,
            begins_us,
            segment: None,
            fed: 0,
            chain: None,
            drained: false,
            ready: VecDeque::new(),
            at_us: begin_us,
            playing: false,
            speed: Speed::Real,
            shown_ns: 0,
            number: 0,
        };
        player.go_to(begin_us)?;
        Ok(player)
    }

    /// Waits for an order, or for the next picture to be due; `None` when it is over.
    fn wait(&mut self, orders: &Orders) -> Option<Turn> {
        if !self.playing {
            return orders.recv().ok().map(Turn::Order);
        }
        let wait_ns = self.due_in_ns();
        if wait_ns == 0 {
            return match orders.try_recv() {
                Ok(order) => Some(Turn::Order(order)),
                Err(TryRecvError::Empty) => Some(Turn::Due),
                Err(TryRecvError::Disconnected) => None,
            };
        }
        match orders.recv_timeout(Duration::from_nanos(wait_ns)) {
            Ok(order) => Some(Turn::Order(order)),
            Err(RecvTimeoutError::Timeout) => Some(Turn::Due),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn due_in_ns(&mut self) -> u64 {
        let Ok(Some(next)) = self.peek() else {
            return 0;
        };
        let gap_ns = next.saturating_sub(self.at_us).saturating_mul(4_000) / self.speed.quarters();
        let passed_ns = clock::mono_ns().saturating_sub(self.shown_ns);
        gap_ns.min(LONGEST_WAIT_NS).saturating_sub(passed_ns)
    }

    fn turn(&mut self, turn: Turn) -> Result<()> {
        match turn {
            Turn::Due => self.show_next()?,
            Turn::Order(Order::Play) => {
                if self.peek()?.is_none() {
                    self.go_to(self.begins_us.first().copied().unwrap_or(0))?;
                }
                self.set_playing(true);
            }
            Turn::Order(Order::Pause) => self.set_playing(false),
            Turn::Order(Order::Next) => {
                self.set_playing(false);
                self.show_next()?;
            }
            Turn::Order(Order::Previous) => {
                self.set_playing(false);
                self.go_to(self.before()?)?;
            }
            Turn::Order(Order::To { utc_us }) => self.go_to(u64::try_from(utc_us).unwrap_or(0))?,
            Turn::Order(Order::At(speed)) => {
                self.speed = speed;
                self.screen.change(|shown| shown.state.speed = speed);
            }
        }
        Ok(())
    }

    fn set_playing(&mut self, playing: bool) {
        self.playing = playing;
        self.shown_ns = clock::mono_ns();
        self.screen.change(|shown| shown.state.playing = playing);
    }

    /// Shows the picture at that moment, or the first after it, or the last there is.
    fn go_to(&mut self, time_us: u64) -> Result<()> {
        let place = self.place_of(time_us);
        let segment = self.read(place)?;
        // Past the last picture the last one is shown.
        let last_us = if place + 1 == self.paths.len() { segment.span_us().1 } else { u64::MAX };
        self.chain = Some(Chain::start(segment.codec, time_us.min(last_us))?);
        (self.segment, self.fed, self.drained) = (Some((place, segment)), 0, false);
        self.ready.clear();
        self.show_next()
    }

    fn place_of(&self, time_us: u64) -> usize {
        self.begins_us.partition_point(|begin_us| *begin_us <= time_us).saturating_sub(1)
    }

    /// Reads a segment of which something is to be shown.
    fn read(&self, place: usize) -> Result<Segment> {
        let path = self.paths.get(place).context("no such segment")?;
        let segment = Segment::read(path)?;
        self.screen.read(path, &segment);
        Ok(segment)
    }

    /// When the picture before the one shown was shot.
    fn before(&self) -> Result<u64> {
        let mut place = self.place_of(self.at_us);
        loop {
            let read;
            let segment = match &self.segment {
                Some((held, segment)) if *held == place => segment,
                _ => {
                    read = Segment::read(self.paths.get(place).context("no such segment")?)?;
                    &read
                }
            };
            let times = segment.frames.iter().map(|frame| frame.time_us).filter(|time_us| *time_us < self.at_us);
            match times.max() {
                Some(time_us) => return Ok(time_us),
                None if place == 0 => return Ok(self.at_us),
                None => place -= 1,
            }
        }
    }

    /// When the next picture was shot; decodes until there is one.
    fn peek(&mut self) -> Result<Option<u64>> {
        while self.ready.is_empty() && !self.drained {
            self.feed_one()?;
        }
        Ok(self.ready.front().map(|picture| picture.time_us))
    }

    fn feed_one(&mut self) -> Result<()> {
        let (Some((place, segment)), Some(chain)) = (&self.segment, &self.chain) else {
            self.drained = true;
            return Ok(());
        };
        if let Some(frame) = segment.frames.get(self.fed) {
            chain.feed(&frame.coded, frame.time_us)?;
            self.fed += 1;
        } else if place + 1 < self.paths.len() {
            let next = (place + 1, self.read(place + 1)?);
            if next.1.codec != chain.codec() {
                chain.drain();
                self.ready.extend(std::iter::from_fn(|| chain.next()));
                self.chain = Some(Chain::start(next.1.codec, 0)?);
            }
            (self.segment, self.fed) = (Some(next), 0);
        } else {
            chain.drain();
            self.drained = true;
        }
        if let Some(chain) = &self.chain {
            self.ready.extend(std::iter::from_fn(|| chain.next()));
        }
        Ok(())
    }

    fn show_next(&mut self) -> Result<()> {
        self.peek()?;
        let Some(decoded) = self.ready.pop_front() else {
            self.playing = false;
            self.screen.change(|shown| (shown.state.playing, shown.state.ended) = (false, true));
            return Ok(());
        };
        self.at_us = decoded.time_us;
        self.shown_ns = clock::mono_ns();
        self.number += 1;
        let place = self.place_of(decoded.time_us);
        let picture = self.picture(decoded);
        let ended = self.peek()?.is_none();
        let name = self.paths.get(place).map(|path| name(path));
        let total = self.paths.len();
        self.screen.change(|shown| {
            shown.state.at_utc_us = utc_us(self.at_us);
            shown.state.place = (place, total);
            shown.state.segment = name.unwrap_or_default();
            shown.state.ended = ended;
            shown.state.fault = None;
            shown.picture = Some(Arc::new(picture));
        });
        Ok(())
    }

    /// The decoded picture with what its segment says of it; one that came out after its segment was left is looked up there.
    fn picture(&self, decoded: Decoded) -> Picture {
        let place = self.place_of(decoded.time_us);
        let left;
        let segment = match &self.segment {
            Some((held, segment)) if *held == place => Some(segment),
            _ => {
                left = self.read(place).ok();
                left.as_ref()
            }
        };
        let frame = segment.and_then(|segment| segment.frames.iter().find(|frame| frame.time_us == decoded.time_us));
        let locked = frame.and_then(|frame| frame.locked);
        Picture {
            width: decoded.width,
            height: decoded.height,
            rgba: decoded.rgba,
            taken_utc_us: locked.map(|_| utc_us(decoded.time_us)),
            time_locked: locked == Some(true),
            klv: frame.and_then(|frame| frame.klv.clone()),
            arrived_ns: self.shown_ns,
            codec: segment.map_or(footage::access_unit::Codec::H264, |segment| segment.codec),
            damaged: decoded.damaged,
            frame_number: self.number,
        }
    }
}

fn utc_us(time_us: u64) -> i64 {
    i64::try_from(time_us).unwrap_or(i64::MAX)
}
