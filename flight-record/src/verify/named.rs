//! The files that records name, and what each record says of them.

use super::time::time_of_pts;
use super::words::Integrity;
use crate::digest::Extent;
use crate::layout::{SealedName, torn_path};
use crate::names::StreamName;
use crate::record::{Kind, Record, Segment, Telemetry};
use std::collections::BTreeMap;

/// How the records leave a file.
pub(super) enum Ending {
    /// Finished: this is all of it, and what it holds.
    Finished { sealed: Extent, plain: Extent, holds: Holds },
    /// Cut off; a recovery found this much.
    Found(Extent),
    /// Begun, and neither finished nor found.
    Never,
}

/// What a finished file holds.
pub(super) enum Holds {
    Segment(Box<Segment>),
    Telemetry(Box<Telemetry>),
    /// A picture: bytes whose digest is all there is to check.
    Still {
        taken_utc_us: i64,
    },
    /// A document, likewise.
    Bytes,
}

/// One named file.
pub(super) struct Named {
    pub(super) ending: Ending,
    /// The line whose word counts.
    pub(super) line: u64,
    /// Whether that line stands in the chain.
    pub(super) believed: bool,
    /// The attestations made while it was written: line, and the first bytes.
    pub(super) prefixes: Vec<(u64, Extent)>,
}

impl Named {
    /// When its first and its last picture or message were made, POSIX µs, by its record, which was made at
    /// `recorded_utc_us`.
    pub(super) fn content_utc_us(&self, pts_epoch_utc_us: i64, recorded_utc_us: i64) -> Option<(i64, i64)> {
        let of_pts = |pts_90k| time_of_pts(pts_90k, pts_epoch_utc_us, recorded_utc_us);
        match &self.ending {
            Ending::Finished { holds: Holds::Segment(segment), .. } if segment.frames > 0 => {
                Some((of_pts(segment.first_pts_90k), of_pts(segment.last_pts_90k)))
            }
            Ending::Finished { holds: Holds::Telemetry(telemetry), .. } => {
                telemetry.first_utc_us.zip(telemetry.last_utc_us)
            }
            Ending::Finished { holds: Holds::Still { taken_utc_us }, .. } => Some((*taken_utc_us, *taken_utc_us)),
            Ending::Finished { holds: Holds::Segment(_) | Holds::Bytes, .. } | Ending::Found(_) | Ending::Never => None,
        }
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct NamedFiles {
    pub(super) sealed: BTreeMap<SealedName, Named>,
    /// Torn bytes that recoveries kept, by path.
    pub(super) torn: BTreeMap<String, Extent>,
    last_index: BTreeMap<Series, u32>,
    last_pts_90k: BTreeMap<StreamName, u64>,
}

/// Files that are numbered in one row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Series {
    Segments(StreamName),
    Telemetry,
    Stills,
}

fn series(name: &SealedName) -> Option<(Series, u32)> {
    match name {
        SealedName::Segment(stream, index) => Some((Series::Segments(stream.clone()), *index)),
        SealedName::Telemetry(index) => Some((Series::Telemetry, *index)),
        SealedName::Still(index, _) => Some((Series::Stills, *index)),
        SealedName::Document(_) => None,
    }
}

/// Trouble with the order of files.
type Trouble = Option<(Integrity, String)>;

/// The worse of two troubles.
pub(super) fn worst(one: Trouble, other: Trouble) -> Trouble {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.0 > one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}

impl NamedFiles {
    /// Length of the longest file that a record finishes or found.
    pub(super) fn longest_bytes(&self) -> u64 {
        let bytes = self.sealed.values().map(|named| match &named.ending {
            Ending::Finished { sealed, .. } | Ending::Found(sealed) => sealed.bytes,
            Ending::Never => 0,
        });
        bytes.max().unwrap_or_default()
    }

    /// Notes what a record says of files. `believed` is false for a line that does not stand in the chain.
    pub(super) fn take(&mut self, line: u64, record: &Record, believed: bool) -> Trouble {
        let (mut endings, mut trouble) = (Vec::new(), None);
        match &record.kind {
            Kind::Segment(_) | Kind::Telemetry(_) | Kind::Still(_) => endings.extend(footage(&record.kind)),
            Kind::Open(open) => endings.extend(open.documents.iter().map(|named| {
                let document = &named.document;
                (document.name(), finished(document.sealed, document.plain, Holds::Bytes))
            })),
            Kind::Event(event) => {
                if event.code.as_str() == RECORDING_STARTED {
                    self.last_pts_90k.clear();
                }
                endings.extend(event.detail.iter().map(|d| (d.name(), finished(d.sealed, d.plain, Holds::Bytes))));
            }
            Kind::Recovered(recovered) => {
                self.last_pts_90k.clear();
                let mut twice = None;
                for torn in recovered.torn.iter().filter(|_| believed) {
                    let path = torn_path(torn.from, record.seq);
                    if self.torn.insert(path.clone(), torn.extent).is_some() {
                        twice = Some((Integrity::OutOfOrder, format!("{path} is named twice")));
                    }
                }
                trouble = twice;
                endings.extend(recovered.files.iter().map(|found| (found.file.clone(), Ending::Found(found.sealed))));
            }
            Kind::Prefix(prefix) => {
                return self.take_prefix(line, &prefix.file, prefix.sealed, believed);
            }
            Kind::LogOpen(_)
            | Kind::Marker(_)
            | Kind::Nonce(_)
            | Kind::Statement(_)
            | Kind::Authorisation(_)
            | Kind::Clock(_)
            | Kind::Gap(_)
            | Kind::Erased(_)
            | Kind::Close(_) => {}
        }
        for (name, ending) in endings {
            trouble = worst(trouble, self.order(&name, &ending));
            trouble = worst(trouble, self.end(line, name, ending, believed));
        }
        if let Kind::Segment(segment) = &record.kind {
            trouble = worst(trouble, self.follow_pts(segment));
        }
        trouble
    }

    /// Notes the footage or telemetry that a record finishes, where what stands before it may have been left out.
    pub(super) fn take_alone(&mut self, line: u64, record: &Record) -> Trouble {
        let (name, ending) = footage(&record.kind)?;
        let order = self.order(&name, &ending).filter(|(word, _)| *word != Integrity::Gap);
        worst(order, self.end(line, name, ending, true))
    }

    /// Passes over a file of which an extract carries only the record: its index is passed.
    pub(super) fn pass(&mut self, kind: &Kind) {
        if let Some((series, index)) = footage(kind).and_then(|(name, _)| series(&name)) {
            let last = self.last_index.entry(series).or_default();
            *last = index.max(*last);
        }
    }

    fn end(&mut self, line: u64, name: SealedName, ending: Ending, believed: bool) -> Trouble {
        let entry = self.sealed.entry(name);
        let named = entry.or_insert_with(|| Named { ending: Ending::Never, line, believed, prefixes: Vec::new() });
        if believed && !matches!(named.ending, Ending::Never) && named.believed {
            return Some((Integrity::OutOfOrder, format!("line {} has already finished this file", named.line)));
        }
        let shrinks = match &ending {
            Ending::Finished { sealed, .. } => {
                named.prefixes.iter().find(|(_, prefix)| believed && prefix.bytes > sealed.bytes)
            }
            Ending::Found(_) | Ending::Never => None,
        };
        let trouble = shrinks.map(|(before, prefix)| {
            let bytes = prefix.bytes;
            (Integrity::Altered, format!("line {before} attested {bytes} bytes of this file, more than it now says"))
        });
        if believed || !named.believed {
            *named = Named { ending, line, believed, prefixes: std::mem::take(&mut named.prefixes) };
        }
        trouble
    }

    fn take_prefix(&mut self, line: u64, name: &SealedName, sealed: Extent, believed: bool) -> Trouble {
        let begun = || Named { ending: Ending::Never, line, believed, prefixes: Vec::new() };
        let named = self.sealed.entry(name.clone()).or_insert_with(begun);
        if !believed {
            return None;
        }
        if !matches!(named.ending, Ending::Never) {
            return Some((Integrity::OutOfOrder, format!("line {} has already finished this file", named.line)));
        }
        (named.line, named.believed) = (line, true);
        let shrinks = named.prefixes.last().is_some_and(|(_, last)| last.bytes > sealed.bytes);
        named.prefixes.push((line, sealed));
        shrinks.then(|| (Integrity::OutOfOrder, "the file is shorter than it was before".to_owned()))
    }

    /// Files of a series are finished in the order of their indices, and none is passed over that nothing names.
    fn order(&mut self, name: &SealedName, ending: &Ending) -> Trouble {
        let (series, index) = series(name)?;
        let last = self.last_index.entry(series).or_default();
        let before = *last;
        *last = index.max(before);
        if index <= before {
            let late = matches!(ending, Ending::Finished { .. });
            return late.then(|| (Integrity::OutOfOrder, format!("{name} is finished after index {before}")));
        }
        let passed_over = (before + 1..index).find(|passed| !self.sealed.contains_key(&name.with_index(*passed)))?;
        Some((Integrity::Gap, format!("no record names {}, which comes before {name}", name.with_index(passed_over))))
    }

    /// Whether a record still to come may name the file, in the order of its series.
    pub(super) fn may_come(&self, name: &SealedName) -> bool {
        series(name).is_none_or(|(series, index)| self.last_index.get(&series).is_none_or(|last| index > *last))
    }

    /// Pictures of a stream follow on from segment to segment, until recording starts anew.
    fn follow_pts(&mut self, segment: &Segment) -> Trouble {
        let before = self.last_pts_90k.insert(segment.stream.clone(), segment.last_pts_90k)?;
        let step_90k = segment.first_pts_90k.wrapping_sub(before) % PTS_RANGE_90K;
        let rises = (1..PTS_RANGE_90K / 2).contains(&step_90k) || segment.frames == 0;
        (!rises).then(|| (Integrity::OutOfOrder, "its pictures do not follow those of the segment before".to_owned()))
    }
}

const PTS_RANGE_90K: u64 = 1 << 33;
/// The event at which the clock may have been set anew.
const RECORDING_STARTED: &str = "recording-started";

/// The file of a series that a record finishes.
fn footage(kind: &Kind) -> Option<(SealedName, Ending)> {
    match kind {
        Kind::Segment(segment) => {
            let holds = Holds::Segment(Box::new(segment.clone()));
            Some((segment.file.clone(), finished(segment.sealed, segment.plain, holds)))
        }
        Kind::Telemetry(telemetry) => {
            let holds = Holds::Telemetry(Box::new(telemetry.clone()));
            Some((telemetry.file.clone(), finished(telemetry.sealed, telemetry.plain, holds)))
        }
        Kind::Still(still) => {
            let holds = Holds::Still { taken_utc_us: still.taken_utc_us };
            Some((still.file.clone(), finished(still.sealed, still.plain, holds)))
        }
        _ => None,
    }
}

fn finished(sealed: Extent, plain: Extent, holds: Holds) -> Ending {
    Ending::Finished { sealed, plain, holds }
}
