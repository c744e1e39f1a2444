//! What the verifier says of the segments that are replayed, and whether the bytes that are played are those that it speaks of.
//!
//! A verdict is about a flight's sealed files; what is played was opened by somebody, and lies in a folder. A segment is shown as
//! verified only where both hold: its file stood the verifier's check, and the opened bytes have the digest that the flight's record
//! gives for them.

use std::collections::BTreeMap;

use flight_record::verify::{Integrity, Report, Subject};
use flight_record::{Code, Extent};

use crate::state::evidence::Seal;
use crate::state::seal::Mark;

/// Marks of a flight that are kept.
const MAX_MARKS: usize = 2_000;

/// A segment as the verifier left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judged {
    /// How it stands.
    pub(crate) seal: Seal,
    /// Its opened bytes, where a record that stands in the chain says what they are.
    pub(crate) plain: Option<Extent>,
}

/// Segments of one stream by their number, as files are called: `000017`.
pub(crate) type Stream = BTreeMap<String, Judged>;

/// The bytes that segments were read from to be played, by their names; `None` where they were not the same each time.
pub(crate) type Played = BTreeMap<String, Option<Extent>>;

/// What the record of a flight holds, as the verifier left it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Recorded {
    /// By the streams' names.
    pub(crate) streams: BTreeMap<String, Stream>,
    /// Markers and notices with their times, POSIX µs, oldest first.
    pub(crate) marks: Vec<(i64, Mark)>,
}

impl Recorded {
    /// Of a report; `plain` says by the sealed file's path what its opened bytes are.
    pub(crate) fn of(report: &Report, plain: &BTreeMap<String, Extent>) -> Self {
        let mut streams: BTreeMap<String, Stream> = BTreeMap::new();
        let sound = sound(report);
        for item in &report.items {
            let Subject::File(path) = &item.item else { continue };
            let Some((stream, file)) = path.strip_prefix("segments/").and_then(|path| path.split_once('/')) else {
                continue;
            };
            let seal = match (item.word, item.witness_delay_ms, item.late) {
                (Some(Integrity::Intact) | None, Some(_), false) => Seal::Witnessed,
                (Some(Integrity::Intact) | None, Some(_), true) => Seal::Late,
                (Some(Integrity::Intact) | None, None, _) => Seal::Unwitnessed,
                (Some(_), _, _) => Seal::Doubtful,
            };
            let name = file.split_once('.').map_or(file, |(name, _)| name);
            let checked = sound && item.word == Some(Integrity::Intact);
            let judged = Judged { seal, plain: plain.get(path).filter(|_| checked).copied() };
            streams.entry(stream.to_owned()).or_default().insert(name.to_owned(), judged);
        }
        let mark = |code: &Code| match code.as_str() {
            "marker" => Some(Mark::Marker(String::new())),
            "notice-given" => Some(Mark::Notice),
            _ => None,
        };
        let marked = report.timeline.moments.iter().filter_map(|moment| {
            let of_record = (moment.kind == "marker").then(|| Mark::Marker(String::new()));
            Some((moment.utc_us, of_record.or_else(|| mark(moment.code.as_ref()?))?))
        });
        let mut marks: Vec<_> = marked.take(MAX_MARKS).collect();
        marks.sort();
        Self { streams, marks }
    }
}

/// Whether keys and tree heads stand: without them no file of the flight is vouched for, whatever its own check says.
fn sound(report: &Report) -> bool {
    let whole = |item: &Subject| matches!(item, Subject::Trust | Subject::Checkpoint { .. });
    report.items.iter().filter(|item| whole(&item.item)).all(|item| item.word == Some(Integrity::Intact))
}

/// How a segment that is played stands. The worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// As recorded, and cosigned on the ground in time.
    Witnessed,
    /// As recorded, and cosigned after the bound.
    Late,
    /// As recorded, and never cosigned.
    Unwitnessed,
    /// Nobody has looked yet.
    Unchecked,
    /// The flight's record knows no such bytes.
    Foreign,
    /// Not as it was recorded, or not there.
    Doubtful,
}

impl Standing {
    /// In a word or two.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Witnessed => "verified, witnessed",
            Self::Late => "verified, late",
            Self::Unwitnessed => "verified, unwitnessed",
            Self::Unchecked => "not checked",
            Self::Foreign => "not of this record",
            Self::Doubtful => "not as recorded",
        }
    }

    /// What that means.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Witnessed => "these bytes are those recorded, and the ground cosigned them in time",
            Self::Late => "these bytes are those recorded; the ground cosigned them after the bound",
            Self::Unwitnessed => "these bytes are those recorded; no ground station cosigned them",
            Self::Unchecked => "nobody has compared these bytes with a flight's record",
            Self::Foreign => "the bytes that are played are not those that the flight's record names",
            Self::Doubtful => "the verifier found the file altered, missing or out of its place",
        }
    }
}

/// A segment of what is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its file, without its ending.
    pub(crate) name: String,
    /// Its first picture, POSIX µs.
    pub(crate) from_utc_us: i64,
    /// The first picture after it, or the last of all.
    pub(crate) to_utc_us: i64,
    /// How it stands.
    pub(crate) standing: Standing,
}

/// The segments that are played, oldest first, each with how it stands: `verified` is the stream of the flight that they are said to
/// be, `same` says which of them have the recorded bytes, as far as that was looked at, and `played` which bytes were played.
pub(crate) fn parts(
    segments: &[(String, i64)],
    end_utc_us: i64,
    verified: Option<&Stream>,
    same: &BTreeMap<String, bool>,
    played: &Played,
) -> Vec<Part> {
    let ends = segments.iter().skip(1).map(|(_, begin_utc_us)| *begin_utc_us).chain([end_utc_us]);
    let part = |((name, from_utc_us), to_utc_us): (&(String, i64), i64)| Part {
        name: name.clone(),
        from_utc_us: *from_utc_us,
        to_utc_us: to_utc_us.max(*from_utc_us),
        standing: verified.map_or(Standing::Unchecked, |stream| {
            let judged = stream.get(name);
            // A file that is another when it is played than when it was looked at is none of the record's.
            let as_played = played.get(name).is_none_or(|bytes| judged.is_some_and(|judged| judged.plain == *bytes));
            standing(judged, same.get(name).map(|same| *same && as_played))
        }),
    };
    segments.iter().zip(ends).map(part).collect()
}

fn standing(judged: Option<&Judged>, same: Option<bool>) -> Standing {
    match (judged, same) {
        (None, _) => Standing::Foreign,
        (Some(Judged { seal: Seal::Doubtful, .. }), _) => Standing::Doubtful,
        (Some(_), Some(false)) => Standing::Foreign,
        (Some(_), None) => Standing::Unchecked,
        (Some(judged), Some(true)) => match judged.seal {
            Seal::Witnessed => Standing::Witnessed,
            Seal::Late => Standing::Late,
            Seal::Unwitnessed => Standing::Unwitnessed,
            Seal::Doubtful => Standing::Doubtful,
        },
    }
}

/// The part that is shown at a moment.
pub(crate) fn part_at(parts: &[Part], utc_us: i64) -> Option<usize> {
    parts.partition_point(|part| part.from_utc_us <= utc_us).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments() -> Vec<(String, i64)> {
        [("000001", 0), ("000002", 2_000_000), ("000003", 4_000_000), ("000004", 6_000_000), ("000005", 8_000_000)]
            .map(|(name, at)| (name.to_owned(), at))
            .to_vec()
    }

    fn stream() -> Stream {
        let plain = Some(Extent::of(b"opened"));
        [("000001", Seal::Witnessed), ("000002", Seal::Late), ("000003", Seal::Unwitnessed), ("000004", Seal::Doubtful)]
            .map(|(name, seal)| (name.to_owned(), Judged { seal, plain }))
            .into()
    }

    fn standings(stream: Option<&Stream>, same: &[(&str, bool)]) -> Vec<Standing> {
        let same = same.iter().map(|(name, same)| ((*name).to_owned(), *same)).collect();
        parts(&segments(), 9_000_000, stream, &same, &Played::new()).iter().map(|part| part.standing).collect()
    }

    #[test]
    fn what_was_changed_between_the_look_at_it_and_its_playing_is_not_verified() {
        let (stream, same) = (stream(), ["000001", "000002", "000003"].map(|name| (name.to_owned(), true)).into());
        let played =
            [("000001", Some(Extent::of(b"opened"))), ("000002", Some(Extent::of(b"others"))), ("000003", None)];
        let played = played.map(|(name, bytes)| (name.to_owned(), bytes)).into();
        let standings = parts(&segments(), 9_000_000, Some(&stream), &same, &played);
        let standings: Vec<_> = standings.iter().take(3).map(|part| part.standing).collect();
        assert_eq!(standings, [Standing::Witnessed, Standing::Foreign, Standing::Foreign]);
    }

    #[test]
    fn nothing_is_verified_before_its_bytes_were_compared() {
        use Standing::{Doubtful, Foreign, Late, Unchecked, Unwitnessed, Witnessed};
        let stream = stream();
        assert_eq!(standings(None, &[("000001", true)]), [Unchecked; 5], "no verdict");
        assert_eq!(standings(Some(&stream), &[]), [Unchecked, Unchecked, Unchecked, Doubtful, Foreign]);
        let same = [("000001", true), ("000002", true), ("000003", true), ("000004", true), ("000005", true)];
        assert_eq!(standings(Some(&stream), &same), [Witnessed, Late, Unwitnessed, Doubtful, Foreign]);
        let other = [("000001", false), ("000002", true)];
        assert_eq!(standings(Some(&stream), &other), [Foreign, Late, Unchecked, Doubtful, Foreign]);
    }

    #[test]
    fn a_part_reaches_to_the_next_one_and_a_moment_is_in_one() {
        let parts = parts(&segments(), 9_000_000, None, &BTreeMap::new(), &Played::new());
        let spans: Vec<_> = parts.iter().map(|part| (part.from_utc_us, part.to_utc_us)).collect();
        assert_eq!((spans[0], spans[4]), ((0, 2_000_000), (8_000_000, 9_000_000)));
        assert_eq!(
            [-1, 0, 3_999_999, 4_000_000, 99_000_000].map(|at| part_at(&parts, at)),
            [None, Some(0), Some(1), Some(2), Some(4)]
        );
    }
}
