//! The time line: what was recorded, what is missing, what happened, and how late the ground saw it, over one axis.

use super::times::{duration, wall_clock, zone};
use crate::layout::SealedName;
use crate::verify::{Integrity, Item, Report, Span, Subject};
use maud::{Markup, PreEscaped, html};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

/// The drawing, in units of its own; it scales with the page.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = 948.0;
const LANE_HEIGHT: f64 = 22.0;
const LANE_STEP: f64 = 30.0;
const TOP: f64 = 30.0;
const DELAY_HEIGHT: f64 = 96.0;
/// Files nearer than this to each other are drawn as one bar.
const JOINED_US: i64 = 1_000_000;
/// Events that get a tick; all are in the table.
const MOST_TICKS: usize = 60;
/// Steps of the axis, in seconds.
const STEPS_S: [i64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/// The drawing with its caption; nothing when no record says when anything happened.
pub(super) fn section(report: &Report) -> Markup {
    let Some(scale) = Scale::of(report) else {
        return html! {};
    };
    let mut chart = Chart { svg: String::new(), y: TOP, scale };
    let items: HashMap<&str, &Item> = report.items.iter().filter_map(|item| Some((file(item)?, item))).collect();
    chart.ticks(report);
    for (lane, spans) in lanes(report) {
        chart.lane(&lane, &spans, &items);
    }
    chart.missing(report);
    chart.delays(report, &items);
    chart.axis();
    let height = chart.y + 22.0;
    let label = "Time line: footage, telemetry, gaps, events, and how late the ground saw them";
    html! {
        section {
            h2 { "Time line" }
            figure {
                svg class="chart" viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) {
                    (PreEscaped(HATCH)) (PreEscaped(chart.svg))
                }
                figcaption {
                    "Bars: what was recorded; hatched: not INTACT. Numbers: the events below. Times: " (zone(chart.scale.from_us))
                    ", by the aircraft's clock."
                }
            }
        }
    }
}

const HATCH: &str = "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternTransform=\"rotate(45)\" patternUnits=\"userSpaceOnUse\">\
    <rect width=\"6\" height=\"6\" fill=\"#fbe3e1\"/><path d=\"M0 0v6\" stroke=\"#b01c14\" stroke-width=\"3\"/></pattern></defs>";

fn file(item: &Item) -> Option<&str> {
    match &item.item {
        Subject::File(path) => Some(path),
        Subject::Trust
        | Subject::Record { .. }
        | Subject::Carried { .. }
        | Subject::Checkpoint { .. }
        | Subject::Head { .. }
        | Subject::WitnessFile { .. }
        | Subject::Token { .. } => None,
    }
}

/// Footage by stream, then telemetry.
fn lanes(report: &Report) -> BTreeMap<String, Vec<&Span>> {
    let mut lanes = BTreeMap::<String, Vec<&Span>>::new();
    for span in &report.timeline.files {
        let lane = match &span.file {
            SealedName::Segment(stream, _) => format!("footage {stream}"),
            SealedName::Telemetry(_) => "telemetry".to_owned(),
            SealedName::Still(..) | SealedName::Document(_) => continue,
        };
        lanes.entry(lane).or_default().push(span);
    }
    lanes
}

/// From time to place.
#[derive(Clone, Copy)]
struct Scale {
    from_us: i64,
    to_us: i64,
}

impl Scale {
    /// From `open`, or the first picture where that is earlier, to the last record or picture.
    fn of(report: &Report) -> Option<Self> {
        let opened_us = report.flight.as_ref()?.opened_utc_us;
        let files = &report.timeline.files;
        let from_us = files.iter().map(|span| span.from_utc_us).fold(opened_us, i64::min);
        let last_us = report.timeline.last_utc_us?;
        let to_us = files.iter().map(|span| span.to_utc_us).fold(last_us, i64::max);
        Some(Self { from_us, to_us: to_us.max(from_us.saturating_add(1_000_000)) })
    }

    #[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
    fn x(self, utc_us: i64) -> f64 {
        let part = utc_us.saturating_sub(self.from_us) as f64 / self.to_us.saturating_sub(self.from_us).max(1) as f64;
        LEFT + part.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }
}

struct Chart {
    svg: String,
    y: f64,
    scale: Scale,
}

impl Chart {
    /// Writing to a string never fails.
    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = self.svg.write_fmt(element);
    }

    fn name(&mut self, text: &str, y: f64) {
        self.put(format_args!(r#"<text class="name" x="0" y="{y:.1}">{text}</text>"#));
    }

    fn bar(&mut self, class: &str, from_us: i64, to_us: i64, (y, height): (f64, f64)) {
        let (from, to) = (self.scale.x(from_us), self.scale.x(to_us));
        let width = (to - from).max(1.5);
        self.put(format_args!(
            r#"<rect class="{class}" x="{from:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        ));
    }

    /// One stream: bars over a track, runs of files joined where nothing lies between and their words agree.
    fn lane(&mut self, name: &str, spans: &[&Span], items: &HashMap<&str, &Item>) {
        let y = self.y;
        self.name(name, y + 15.0);
        self.bar("lane", self.scale.from_us, self.scale.to_us, (y, LANE_HEIGHT));
        let mut runs: Vec<(bool, i64, i64)> = Vec::new();
        for span in spans {
            let path = span.file.to_string();
            let good = items.get(path.as_str()).is_some_and(|item| item.word == Some(Integrity::Intact));
            match runs.last_mut() {
                Some((alike, _, to)) if *alike == good && span.from_utc_us.saturating_sub(*to) < JOINED_US => {
                    *to = (*to).max(span.to_utc_us);
                }
                Some(_) | None => runs.push((good, span.from_utc_us, span.to_utc_us)),
            }
        }
        for (good, from_us, to_us) in runs {
            self.bar(if good { "good" } else { "bad" }, from_us, to_us, (y + 2.0, LANE_HEIGHT - 4.0));
        }
        self.y += LANE_STEP;
    }

    fn missing(&mut self, report: &Report) {
        let missing = &report.timeline.missing;
        if missing.is_empty() {
            return;
        }
        let y = self.y;
        self.name("gaps", y + 15.0);
        self.bar("lane", self.scale.from_us, self.scale.to_us, (y, LANE_HEIGHT));
        for gap in missing {
            self.bar("bad", gap.from_utc_us, gap.to_utc_us.unwrap_or(gap.from_utc_us), (y + 2.0, LANE_HEIGHT - 4.0));
        }
        self.y += LANE_STEP;
    }

    /// Events over the lanes, by their numbers in the table; a number that would cover the one before is left out.
    fn ticks(&mut self, report: &Report) {
        let mut free_from = 0.0;
        for (at, moment) in report.timeline.moments.iter().take(MOST_TICKS).enumerate() {
            let x = self.scale.x(moment.utc_us);
            self.put(format_args!(r#"<path class="tick" d="M{x:.1} 18V{:.1}"/>"#, TOP - 4.0));
            if x >= free_from {
                self.put(format_args!(r#"<text x="{x:.1}" y="14" text-anchor="middle">{}</text>"#, at + 1));
                free_from = x + 18.0;
            }
        }
    }

    /// How long after it was made each file was seen, with the bound, and the times in which nothing was.
    #[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
    fn delays(&mut self, report: &Report, items: &HashMap<&str, &Item>) {
        let facts = &report.witness_facts;
        if facts.stations.is_empty() {
            return;
        }
        let (top, bottom) = (self.y + 6.0, self.y + 6.0 + DELAY_HEIGHT);
        let bound_ms = i64::from(facts.late_after_s) * 1000;
        let most_ms = facts.longest_delay_ms.unwrap_or(0).max(bound_ms).saturating_mul(11) / 10;
        let height = |ms: i64| bottom - (ms as f64 / most_ms.max(1) as f64).clamp(0.0, 1.0) * DELAY_HEIGHT;
        // At the foot: the bound has its own words at its height.
        self.name("seen after", bottom);
        for silence in &facts.silences {
            self.bar("silence", silence.from_utc_us, silence.to_utc_us, (top, DELAY_HEIGHT));
        }
        self.put(format_args!(r#"<path class="axis" d="M{LEFT} {top:.1}V{bottom:.1}H{RIGHT}"/>"#));
        let y = height(bound_ms);
        self.put(format_args!(r#"<path class="bound" d="M{LEFT} {y:.1}H{RIGHT}"/>"#));
        let (label, place) = (duration(bound_ms * 1000), y + 4.0);
        self.put(format_args!(
            r#"<text class="boundname" x="{:.1}" y="{place:.1}" text-anchor="end">{label}</text>"#,
            LEFT - 6.0
        ));
        for (x, (delay_ms, late)) in self.worst_by_column(report, items) {
            let (y, class) = (height(delay_ms), if late { "late" } else { "good" });
            let x = f64::from(x);
            self.put(format_args!(
                r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="2" height="{:.1}"/>"#,
                (bottom - y).max(1.0)
            ));
        }
        self.y = bottom + 8.0;
    }

    /// The longest delay of the files in each column of the drawing, and whether any was late.
    #[expect(clippy::cast_possible_truncation, reason = "columns of a drawing")]
    fn worst_by_column(&self, report: &Report, items: &HashMap<&str, &Item>) -> BTreeMap<i32, (i64, bool)> {
        let mut columns = BTreeMap::<i32, (i64, bool)>::new();
        for span in &report.timeline.files {
            let Some(item) = items.get(span.file.to_string().as_str()) else {
                continue;
            };
            let Some(delay_ms) = item.witness_delay_ms else {
                continue;
            };
            let column = (self.scale.x(span.to_utc_us) / 2.0).floor() as i32 * 2;
            let worst = columns.entry(column).or_default();
            *worst = (worst.0.max(delay_ms), worst.1 || item.late);
        }
        columns
    }

    /// Clock times under it all, at round steps.
    fn axis(&mut self) {
        let length_s = self.scale.to_us.saturating_sub(self.scale.from_us) / 1_000_000;
        let step_s = STEPS_S.into_iter().find(|step_s| length_s / step_s <= 8).unwrap_or_else(|| (length_s / 8).max(1));
        let (step_us, y) = (step_s.saturating_mul(1_000_000), self.y);
        self.put(format_args!(r#"<path class="axis" d="M{LEFT} {y:.1}H{RIGHT}"/>"#));
        let mut at_us = self.scale.from_us.div_euclid(step_us).saturating_add(1).saturating_mul(step_us);
        while at_us <= self.scale.to_us {
            let x = self.scale.x(at_us);
            let label = wall_clock(at_us);
            self.put(format_args!(r#"<path class="axis" d="M{x:.1} {y:.1}v5"/>"#));
            self.put(format_args!(r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#, y + 18.0));
            let Some(next_us) = at_us.checked_add(step_us) else { break };
            at_us = next_us;
        }
    }
}
