//! What a segment's transport stream must hold: as many pictures as its record says, each with its telemetry, each at
//! the instant that all three of its times name.

use super::report::Seen;
use super::words::Integrity;
use crate::record::Segment;
use footage::access_unit::Codec;
use footage::klv::Uas;
use footage::ts::{Demuxer, Pes, Unit};
use std::collections::BTreeSet;

const PTS_RANGE_90K: u64 = 1 << 33;
/// Instants of pictures and of telemetry wait for each other; more than so many in wait means they never meet.
const MOST_WAITING: usize = 1024;

/// Reads a transport stream as it comes.
pub(super) struct PictureCheck {
    pts_epoch_utc_us: i64,
    demuxer: Demuxer,
    units: Vec<Unit>,
    codec: Option<Codec>,
    pub(super) frames: u64,
    klv: u64,
    pts_range_90k: Option<(u64, u64)>,
    last_tag2_us: Option<u64>,
    pictures_waiting: BTreeSet<u64>,
    telemetry_waiting: BTreeSet<u64>,
    broken: Vec<(Integrity, String)>,
}

impl PictureCheck {
    pub(super) fn new(pts_epoch_utc_us: i64) -> Self {
        Self {
            pts_epoch_utc_us,
            demuxer: Demuxer::new(),
            units: Vec::new(),
            codec: None,
            frames: 0,
            klv: 0,
            pts_range_90k: None,
            last_tag2_us: None,
            pictures_waiting: BTreeSet::new(),
            telemetry_waiting: BTreeSet::new(),
            broken: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        let mut units = std::mem::take(&mut self.units);
        self.demuxer.feed(bytes, &mut units);
        units.drain(..).for_each(|unit| self.unit(unit));
        self.units = units;
    }

    /// Where the last whole packet ends.
    pub(super) fn whole_bytes(&self) -> u64 {
        self.demuxer.whole_octets()
    }

    /// Ends a stream that was cut off: counts what plays.
    pub(super) fn finish_cut(&mut self) {
        let mut units = Vec::new();
        self.demuxer.finish(&mut units);
        units.into_iter().for_each(|unit| self.unit(unit));
    }

    /// What it has seen so far.
    pub(super) fn seen(&self) -> Seen {
        Seen { pictures: self.frames, klv_packets: self.klv, messages: 0 }
    }

    /// Ends a whole stream and compares it with its record.
    pub(super) fn finish(mut self, record: &Segment) -> (Seen, Vec<(Integrity, String)>) {
        self.finish_cut();
        let seen = self.seen();
        let waiting = self.pictures_waiting.len().max(self.telemetry_waiting.len());
        let mut rule = |holds: bool, detail: String| {
            if !holds {
                self.broken.push((Integrity::Malformed, detail));
            }
        };
        rule(self.frames == record.frames, format!("{} pictures, its record says {}", self.frames, record.frames));
        rule(self.klv == self.frames, format!("{} pictures, {} telemetry packets", self.frames, self.klv));
        rule(waiting == 0, format!("{waiting} pictures without telemetry of the same instant"));
        if let Some(range) = self.pts_range_90k {
            let recorded = (record.first_pts_90k, record.last_pts_90k);
            rule(
                range == recorded,
                format!(
                    "its PTS run from {} to {}, its record says {} to {}",
                    range.0, range.1, recorded.0, recorded.1
                ),
            );
        }
        (seen, self.broken)
    }

    fn unit(&mut self, unit: Unit) {
        match unit {
            Unit::Program(program) => self.codec = program.codec,
            Unit::Video(pes) => self.picture(&pes),
            Unit::Klv(pes) => self.telemetry(&pes),
            Unit::Discontinuity { pid, expected, found } => {
                self.complain(Integrity::Gap, || {
                    format!("packets of PID {pid} are missing: counter {found}, not {expected}")
                });
            }
            Unit::Damaged { octets } => {
                self.complain(Integrity::Malformed, || format!("{octets} bytes are no part of a transport stream"));
            }
        }
    }

    fn picture(&mut self, pes: &Pes) {
        self.frames += 1;
        let frame = self.frames;
        let Some(pts_90k) = pes.pts_90k else {
            return self.complain(Integrity::Malformed, || format!("picture {frame} has no PTS"));
        };
        self.pts_range_90k = Some(self.pts_range_90k.map_or((pts_90k, pts_90k), |range| widened(range, pts_90k)));
        let time = self.codec.and_then(|codec| footage::sei::parse_access_unit(codec, &pes.data));
        let Some(time) = time else {
            return self.complain(Integrity::Malformed, || format!("picture {frame} carries no capture time"));
        };
        self.check_pts("picture", time.time_us, pts_90k);
        if !self.telemetry_waiting.remove(&time.time_us) && self.pictures_waiting.len() < MOST_WAITING {
            self.pictures_waiting.insert(time.time_us);
        }
    }

    fn telemetry(&mut self, pes: &Pes) {
        self.klv += 1;
        let packet = self.klv;
        let tag2_us = match Uas::decode(&pes.data) {
            Ok(decoded) => decoded.uas.timestamp_us,
            Err(error) => {
                return self
                    .complain(Integrity::Malformed, || format!("telemetry packet {packet} is refused: {error}"));
            }
        };
        if self.last_tag2_us.is_some_and(|last| last >= tag2_us) {
            self.complain(Integrity::OutOfOrder, || format!("the time of telemetry packet {packet} does not rise"));
        }
        self.last_tag2_us = Some(tag2_us);
        if let Some(pts_90k) = pes.pts_90k {
            self.check_pts("telemetry packet", tag2_us, pts_90k);
        }
        if !self.pictures_waiting.remove(&tag2_us) && self.telemetry_waiting.len() < MOST_WAITING {
            self.telemetry_waiting.insert(tag2_us);
        }
    }

    /// PTS and capture time are one instant, by the epoch in `open`, within the rounding of a tick.
    fn check_pts(&mut self, what: &str, time_us: u64, pts_90k: u64) {
        let ticks = (i128::from(time_us) - i128::from(self.pts_epoch_utc_us)).saturating_mul(9).div_euclid(100);
        let range = i128::from(PTS_RANGE_90K);
        let off = (i128::from(pts_90k) - 90_000 - ticks).rem_euclid(range);
        if off > 1 && off < range - 1 {
            self.complain(Integrity::Malformed, || {
                format!("the PTS of a {what} is not its time ({pts_90k} at {time_us} µs)")
            });
        }
    }

    /// One complaint of each kind of word is enough: a damaged file would give thousands.
    fn complain(&mut self, word: Integrity, detail: impl FnOnce() -> String) {
        if self.broken.iter().all(|(said, _)| *said != word) {
            self.broken.push((word, detail()));
        }
    }
}

/// The range with one more PTS in it, by the shorter way around the 33 bits.
fn widened((first, last): (u64, u64), pts_90k: u64) -> (u64, u64) {
    let ahead_of = |base: u64| pts_90k.wrapping_sub(base) % PTS_RANGE_90K;
    if ahead_of(last) < PTS_RANGE_90K / 2 {
        (first, pts_90k)
    } else if ahead_of(first) >= PTS_RANGE_90K / 2 {
        (pts_90k, last)
    } else {
        (first, last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_widens_both_ways_and_over_the_wrap() {
        let all = |pts: &[u64]| pts[1..].iter().fold((pts[0], pts[0]), |range, pts| widened(range, *pts));
        assert_eq!(all(&[10, 30, 20, 40]), (10, 40));
        assert_eq!(all(&[30, 10, 20]), (10, 30));
        assert_eq!(all(&[PTS_RANGE_90K - 5, 3, PTS_RANGE_90K - 1, 9]), (PTS_RANGE_90K - 5, 9));
    }
}
