//! The segments of a flight in a row: as they lie aboard, and as the verifier found them.

use crate::state::handover::{SegmentState, Span, Verdict};
use anyhow::{Context as _, Result, bail};
use evidence_store::intake::IngestPlan;
use evidence_store::store::Store;
use flight_record::FlightId;
use flight_record::verify::{Content, Integrity, Time, Witness, Word};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read as _;

/// Where segments lie.
const SEGMENTS: &str = "segments/";
/// Longest report read, in bytes.
const MAX_REPORT_BYTES: u64 = 256 << 20;
/// Items in doubt that are named.
const MOST_DOUBTS: usize = 8;
/// The word of an item that is as it was recorded.
const INTACT: &str = "INTACT";
/// Every integrity that a report can name.
const INTEGRITIES: [Integrity; 12] = [
    Integrity::Intact,
    Integrity::UnattestedTail,
    Integrity::Incomplete,
    Integrity::Gap,
    Integrity::Missing,
    Integrity::Truncated,
    Integrity::OutOfOrder,
    Integrity::WrongFlight,
    Integrity::Equivocation,
    Integrity::Altered,
    Integrity::KeyUntrusted,
    Integrity::Malformed,
];

/// How many segments there are, and how they look before anybody verified them.
pub(super) fn aboard(plan: &IngestPlan) -> (u32, Vec<Span>) {
    let seen = if plan.witnessed.is_empty() { SegmentState::Unwitnessed } else { SegmentState::Aboard };
    let there = plan.files.iter().map(|file| (&file.path, seen));
    let missing = plan.missing.iter().map(|path| (path, SegmentState::Faulty));
    let all: BTreeMap<&String, SegmentState> =
        there.chain(missing).filter(|(path, _)| path.starts_with(SEGMENTS)).collect();
    (u32::try_from(all.len()).unwrap_or(u32::MAX), row(all.into_values()))
}

fn row(states: impl Iterator<Item = SegmentState>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (at, state) in (0..).zip(states) {
        match spans.last_mut() {
            Some(last) if last.state == state => last.to = at + 1,
            _ => spans.push(Span { from: at, to: at + 1, state }),
        }
    }
    spans
}

/// At which segment a copy is, by the bytes that are done: files come one behind the other, as the plan lists them.
pub(super) struct Milestones {
    /// Where each file ends, and the segments up to there.
    ends: Vec<(u64, u32)>,
    segments: u32,
}

impl Milestones {
    /// Of this plan.
    pub(super) fn of(plan: &IngestPlan) -> Self {
        let (mut bytes, mut segments) = (0, 0);
        let ends = plan.files.iter().map(|file| {
            bytes += file.bytes;
            segments += u32::from(file.path.starts_with(SEGMENTS));
            (bytes, segments)
        });
        Self { ends: ends.collect(), segments }
    }

    /// The segment, from 1; none where there are none.
    pub(super) fn at(&self, bytes_done: u64) -> Option<u32> {
        let passed = self.ends.partition_point(|(end, _)| *end <= bytes_done);
        let before = passed.checked_sub(1).and_then(|at| self.ends.get(at)).map_or(0, |(_, segments)| *segments);
        (self.segments > 0).then(|| (before + 1).min(self.segments))
    }
}

/// What of a report the window shows.
#[derive(Deserialize)]
struct Report {
    word: String,
    integrity: String,
    witness: String,
    content: String,
    time: String,
    meaning: String,
    next: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    item: String,
    word: Option<String>,
    detail: Option<String>,
    witness_delay_ms: Option<i64>,
    late: bool,
}

/// The verdict that a store holds of a flight.
pub(super) fn verdict(store: &dyn Store, flight: FlightId) -> Result<Verdict> {
    let holding = store.holding(flight)?.with_context(|| format!("{} does not hold the flight", store.describe()))?;
    let extent = holding.attachments.get("report.json").context("the flight came without the verifier's report")?;
    if extent.bytes > MAX_REPORT_BYTES {
        bail!("the verifier's report is longer than {MAX_REPORT_BYTES} bytes");
    }
    let mut bytes = Vec::new();
    store.get(extent.sha256)?.take(MAX_REPORT_BYTES).read_to_end(&mut bytes).context("the report cannot be read")?;
    let report: Report = serde_json::from_slice(&bytes).context("the report does not read")?;
    read(report)
}

fn read(report: Report) -> Result<Verdict> {
    let intact = |item: &Item| item.word.as_deref() == Some(INTACT);
    let doubts = report.items.iter().filter(|item| !intact(item)).take(MOST_DOUBTS);
    let doubts = doubts.map(|item| {
        let word = item.word.as_deref().unwrap_or("not checked");
        item.detail
            .as_ref()
            .map_or_else(|| format!("{}: {word}", item.item), |why| format!("{}: {word}, {why}", item.item))
    });
    let segments: BTreeMap<&str, SegmentState> = report
        .items
        .iter()
        .filter(|item| item.item.starts_with(SEGMENTS))
        .map(|item| (&*item.item, segment(item, intact(item))))
        .collect();
    Ok(Verdict {
        doubts: doubts.collect(),
        ribbon: row(segments.into_values()),
        word: word(&report.word)?,
        integrity: integrity(&report.integrity).with_context(|| unknown(&report.integrity))?,
        witness: match &*report.witness {
            "full" => Witness::Full,
            "late" => Witness::Late,
            "partial" => Witness::Partial,
            "none" => Witness::None,
            other => bail!("{}", unknown(other)),
        },
        content: if report.content == "opened" { Content::Opened } else { Content::Sealed },
        time: if report.time == "ok" { Time::Ok } else { Time::Suspect },
        meaning: report.meaning,
        next: report.next,
    })
}

fn unknown(word: &str) -> String {
    format!("the report says {word:?}, a word that this program does not know")
}

fn integrity(text: &str) -> Option<Integrity> {
    INTEGRITIES.into_iter().find(|known| known.to_string() == text)
}

fn word(text: &str) -> Result<Word> {
    let plain = [Word::Verified, Word::VerifiedSealedOnly, Word::VerifiedUnwitnessed, Word::ClockSuspect];
    let known = plain.into_iter().chain(INTEGRITIES.map(Word::Doubt)).find(|known| known.to_string() == text);
    known.with_context(|| unknown(text))
}

fn segment(item: &Item, intact: bool) -> SegmentState {
    match (intact, item.late, item.witness_delay_ms) {
        (false, _, _) => SegmentState::Faulty,
        (true, true, _) => SegmentState::Late,
        (true, false, Some(_)) => SegmentState::Witnessed,
        (true, false, None) => SegmentState::Unwitnessed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_becomes_a_row_of_segments_and_the_first_doubts() {
        let item = |name: &str, word: &str, delay: Option<i64>, late: bool| serde_json::json!({ "item": name, "word": word, "detail": null, "witness_delay_ms": delay, "late": late });
        let report = serde_json::json!({
            "word": "GAP", "integrity": "GAP", "witness": "partial", "content": "sealed", "time": "ok",
            "meaning": "m", "next": "n",
            "items": [
                item("records.jsonl line 1 (seq 0, open)", "INTACT", Some(1), false),
                item("segments/eo/000001.ts.age", "INTACT", Some(20), false),
                item("segments/eo/000002.ts.age", "INTACT", Some(20), false),
                item("segments/eo/000003.ts.age", "GAP", Some(20), false),
                item("segments/eo/000004.ts.age", "INTACT", Some(90_000), true),
                item("segments/eo/000005.ts.age", "INTACT", None, false),
            ],
        });
        let verdict = read(serde_json::from_value(report).unwrap()).unwrap();
        assert_eq!((verdict.word, verdict.witness), (Word::Doubt(Integrity::Gap), Witness::Partial));
        let states: Vec<_> = verdict.ribbon.iter().map(|span| (span.from, span.to, span.state)).collect();
        assert_eq!(
            states,
            [
                (0, 2, SegmentState::Witnessed),
                (2, 3, SegmentState::Faulty),
                (3, 4, SegmentState::Late),
                (4, 5, SegmentState::Unwitnessed),
            ]
        );
        assert_eq!(verdict.doubts, ["segments/eo/000003.ts.age: GAP"]);
    }

    #[test]
    fn a_copy_is_at_the_segment_whose_bytes_come_next() {
        let milestones = Milestones { ends: vec![(100, 0), (200, 1), (300, 2), (350, 2)], segments: 2 };
        assert_eq!(
            [0, 150, 200, 299, 350].map(|done| milestones.at(done)),
            [Some(1), Some(1), Some(2), Some(2), Some(2)]
        );
        assert_eq!(Milestones { ends: vec![(100, 0)], segments: 0 }.at(50), None);
    }
}
