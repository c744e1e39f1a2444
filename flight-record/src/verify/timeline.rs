//! When things happened, by the flight's own records. Nothing here is judged: a time line is drawn from it.

use super::time::time_of_pts;
use crate::layout::SealedName;
use crate::names::{Code, StreamName};
use crate::record::{Gap, Kind, Record, Segment, Telemetry};
use serde::Serialize;

/// What the records that stand in the chain say happened when. Times are POSIX µs by the aircraft's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// The time of the last record.
    pub last_utc_us: Option<i64>,
    /// Finished files of footage and telemetry, in the order of their records.
    pub files: Vec<Span>,
    /// What the recorder knew to be missing.
    pub missing: Vec<Missing>,
    /// What happened at one instant.
    pub moments: Vec<Moment>,
}

/// From the first to the last picture, or message, of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The file.
    pub file: SealedName,
    /// Its first picture or message.
    pub from_utc_us: i64,
    /// Its last.
    pub to_utc_us: i64,
    /// Pictures or messages.
    pub count: u64,
}

/// A `gap` record, or pictures that a segment dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// `seq` of the record.
    pub record: u64,
    /// The stream; null for telemetry.
    pub stream: Option<StreamName>,
    /// Why; `dropped` for pictures that a segment lacks.
    pub reason: Code,
    /// From when on.
    pub from_utc_us: i64,
    /// Until when, where that is known.
    pub to_utc_us: Option<i64>,
    /// How many pictures or messages, where that is known.
    pub count: Option<u64>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// `seq` of the record.
    pub record: u64,
    /// When.
    pub utc_us: i64,
    /// The record's kind.
    pub kind: &'static str,
    /// The code of an event or marker, the reason of `close`.
    pub code: Option<Code>,
}

impl Timeline {
    /// Takes the next record that stands in the chain.
    pub(super) fn take(&mut self, record: &Record, pts_epoch_utc_us: i64) {
        self.last_utc_us = Some(record.utc_us);
        match &record.kind {
            Kind::Segment(segment) => self.segment(record, segment, pts_epoch_utc_us),
            Kind::Telemetry(telemetry) => self.telemetry(telemetry),
            Kind::Gap(gap) => self.missing.push(Missing::of(record.seq, gap)),
            Kind::Event(event) => self.moment(record, record.utc_us, Some(event.code.clone())),
            Kind::Marker(marker) => self.moment(record, marker.at_utc_us, Some(marker.code.clone())),
            Kind::Close(close) => self.moment(record, record.utc_us, Some(close.reason.clone())),
            Kind::Still(still) => self.moment(record, still.taken_utc_us, None),
            Kind::Open(_) | Kind::LogOpen(_) | Kind::Recovered(_) => self.moment(record, record.utc_us, None),
            Kind::Prefix(_)
            | Kind::Nonce(_)
            | Kind::Statement(_)
            | Kind::Authorisation(_)
            | Kind::Clock(_)
            | Kind::Erased(_) => {}
        }
    }

    fn segment(&mut self, record: &Record, segment: &Segment, pts_epoch_utc_us: i64) {
        if segment.frames == 0 {
            return;
        }
        let at = |pts_90k| time_of_pts(pts_90k, pts_epoch_utc_us, record.utc_us);
        let (from_utc_us, to_utc_us) = (at(segment.first_pts_90k), at(segment.last_pts_90k));
        self.files.push(Span { file: segment.file.clone(), from_utc_us, to_utc_us, count: segment.frames });
        if segment.drops > 0 {
            self.missing.extend("dropped".parse().ok().map(|reason| Missing {
                record: record.seq,
                stream: Some(segment.stream.clone()),
                reason,
                from_utc_us,
                to_utc_us: Some(to_utc_us),
                count: Some(segment.drops),
            }));
        }
    }

    fn telemetry(&mut self, telemetry: &Telemetry) {
        if let (Some(from_utc_us), Some(to_utc_us)) = (telemetry.first_utc_us, telemetry.last_utc_us) {
            let file = telemetry.file.clone();
            self.files.push(Span { file, from_utc_us, to_utc_us, count: telemetry.messages });
        }
    }

    fn moment(&mut self, record: &Record, utc_us: i64, code: Option<Code>) {
        self.moments.push(Moment { record: record.seq, utc_us, kind: record.kind.name(), code });
    }
}

impl Missing {
    fn of(record: u64, gap: &Gap) -> Self {
        let Gap { stream, reason, from_utc_us, to_utc_us, count } = gap.clone();
        Self { record, stream, reason, from_utc_us, to_utc_us, count }
    }
}
