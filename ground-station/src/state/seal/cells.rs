//! From heads to cells, and from many cells to few.

use super::{BOUND_US, Flight, Head, State};

/// One cell of the ribbon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) state: State,
    /// Records `first` to `last`, from 1; none where nothing was hashed.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// When its head was heard first, by this station's clock.
    pub(crate) at_us: i64,
    /// From when on its records may have been made to when they were cosigned.
    pub(crate) delay_us: Option<i64>,
    /// The witness was restarted in that time.
    pub(crate) restarted: bool,
    /// Cells that it stands for.
    pub(crate) cells: u32,
}

/// How many cells there are of each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) witnessed: u32,
    pub(crate) shot: u32,
    pub(crate) hashed: u32,
    pub(crate) late: u32,
    pub(crate) unwitnessed: u32,
    pub(crate) gaps: u32,
    pub(crate) equivocations: u32,
}

impl Counts {
    /// Of these cells, which are not merged.
    pub(crate) fn of(cells: &[Cell]) -> Self {
        let mut counts = Self::default();
        for cell in cells {
            *match cell.state {
                State::Witnessed => &mut counts.witnessed,
                State::Shot => &mut counts.shot,
                State::Hashed => &mut counts.hashed,
                State::Late => &mut counts.late,
                State::Unwitnessed => &mut counts.unwitnessed,
                State::Gap => &mut counts.gaps,
                State::Equivocation => &mut counts.equivocations,
            } += cell.cells;
        }
        counts
    }
}

/// A cosignature that showed something new.
struct Shown {
    size: u64,
    at_us: i64,
    /// Since the one before that did, or since witnessing began.
    silence_us: i64,
}

impl Flight {
    /// All cells, oldest first; with one that is being shot where the camera records.
    pub(crate) fn cells(&self, recording: bool, now_us: i64) -> Vec<Cell> {
        let shown = self.shown();
        let mut cells = Vec::with_capacity(self.heads.len() + self.gaps.len() + 1);
        let mut before: Option<(u64, &Head)> = None;
        for (size, head) in &self.heads {
            let cell = self.cell((*size, head), before, &shown, now_us);
            cells.push(cell);
            before = Some((*size, head));
        }
        for (from_us, to_us) in &self.gaps {
            let at = cells.partition_point(|cell| cell.at_us <= *from_us);
            let delay_us = Some(to_us - from_us);
            let gap = Cell { state: State::Gap, at_us: *from_us, delay_us, ..nothing() };
            cells.insert(at, gap);
        }
        if recording && !self.landed() {
            cells.push(Cell { state: State::Shot, at_us: now_us, ..nothing() });
        }
        cells
    }

    fn cell(&self, (size, head): (u64, &Head), before: Option<(u64, &Head)>, shown: &[Shown], now_us: i64) -> Cell {
        let at_us = head.first_us.or(head.cosigned_us).unwrap_or(now_us);
        let made_us = before.and_then(|(_, before)| before.last_us).or(self.begun_us).unwrap_or(at_us);
        let by = shown.get(shown.partition_point(|shown| shown.size < size));
        let delay_us = by.map(|by| by.silence_us.max(by.at_us - made_us).max(0));
        let waits_us = now_us.saturating_sub(at_us);
        let state = match delay_us {
            _ if head.contradicted => State::Equivocation,
            Some(delay_us) if delay_us > BOUND_US => State::Late,
            Some(_) => State::Witnessed,
            None if self.landed() || waits_us > BOUND_US => State::Unwitnessed,
            None => State::Hashed,
        };
        let to_us = by.map_or(now_us, |by| by.at_us);
        let restarted = self.restarts.iter().any(|restart_us| (made_us..=to_us).contains(restart_us));
        let first = before.map_or(0, |(size, _)| size) + 1;
        Cell { state, first, last: size, at_us, delay_us, restarted, cells: 1 }
    }

    /// In the order of their times, each of a greater size than all before.
    fn shown(&self) -> Vec<Shown> {
        let mut cosigned: Vec<(i64, u64)> =
            self.heads.iter().filter_map(|(size, head)| Some((head.cosigned_us?, *size))).collect();
        cosigned.sort_unstable();
        let mut shown: Vec<Shown> = Vec::with_capacity(cosigned.len());
        for (at_us, size) in cosigned {
            let before = shown.last();
            if before.is_some_and(|before| before.size >= size) {
                continue;
            }
            let since_us = before.map(|before| before.at_us).or(self.begun_us).unwrap_or(at_us);
            shown.push(Shown { size, at_us, silence_us: (at_us - since_us).max(0) });
        }
        shown
    }
}

fn nothing() -> Cell {
    Cell { state: State::Shot, first: 0, last: 0, at_us: 0, delay_us: None, restarted: false, cells: 1 }
}

/// At most `most` cells, as many as can be of the same width; the worst of a merged one is what it shows.
pub(crate) fn merge(cells: &[Cell], most: usize) -> Vec<Cell> {
    let width = cells.len().div_ceil(most.max(1)).max(1);
    cells.chunks(width).filter_map(|some| some.iter().copied().reduce(together)).collect()
}

fn together(a: Cell, b: Cell) -> Cell {
    let worse = if b.state > a.state || (b.state == a.state && b.delay_us > a.delay_us) { b } else { a };
    let hashed = |cell: &Cell| cell.last > 0;
    let first = [a, b].iter().filter(|cell| hashed(cell)).map(|cell| cell.first).min().unwrap_or(0);
    Cell { first, last: a.last.max(b.last), at_us: a.at_us, cells: a.cells + b.cells, ..worse }
}
