//! How old the datasets are, and what reading one left.

use std::path::PathBuf;

use jiff::Timestamp;
use mission_profiles::zones::{Dataset, Doubt};

/// Days on the bar: two cycles, so that the end of the first is in its middle.
const BAR_DAYS: f32 = 56.0;
/// Doubts that are shown of each sort.
const MAX_SHOWN: usize = 200;

/// A dataset, and its age on a bar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Age {
    /// What people call it.
    pub(crate) name: String,
    /// `12 days`, `40 days, out of date`.
    pub(crate) age: String,
    /// Why it may be out of date.
    pub(crate) stale: Option<&'static str>,
    /// How much of the bar is filled, 0 to 1.
    pub(crate) part: f32,
    /// Edition and format.
    pub(crate) edition: String,
    /// `58 read · 57 kept · 1 uncertain`.
    pub(crate) counts: String,
    /// Its SHA-256.
    pub(crate) sha256: String,
    /// Not for operational use.
    pub(crate) illustrative: bool,
}

/// A dataset at `now`.
pub(crate) fn age(dataset: &Dataset, now: Timestamp) -> Age {
    let source = &dataset.source;
    let stale = source.staleness(now);
    let days = source.age_days(now);
    let said = match days {
        Some(1) => "1 day".to_owned(),
        Some(days) => format!("{days} days"),
        None => "Age unknown".to_owned(),
    };
    // Beyond the bar's end it stays full.
    let part = days.map_or(1.0, |days| f32::from(i16::try_from(days).unwrap_or(i16::MAX)) / BAR_DAYS);
    let edition = if source.edition.is_empty() { "Edition not stated" } else { &source.edition };
    Age {
        name: source.name.clone(),
        age: if stale.is_some() { format!("{said}, out of date") } else { said },
        stale,
        part: part.min(1.0),
        edition: format!("{edition} · {}", source.format),
        counts: counts(dataset),
        sha256: source.sha256.to_string(),
        illustrative: source.illustrative,
    }
}

fn counts(dataset: &Dataset) -> String {
    let report = &dataset.report;
    let mut words = format!("{} read · {} kept", report.read, report.kept);
    for (count, word) in [(report.uncertain, "uncertain"), (report.refused.len(), "refused")] {
        if count > 0 {
            words += &format!(" · {count} {word}");
        }
    }
    words
}

/// What reading a file left, before or after it was taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Import {
    /// The file.
    pub(crate) file: PathBuf,
    /// Whether it is in the station's folder now.
    pub(crate) taken: bool,
    /// The dataset and its age.
    pub(crate) age: Age,
    /// Zones without a place: not kept.
    pub(crate) refused: Vec<Doubt>,
    /// Zones kept larger, or longer, than they may be.
    pub(crate) larger: Vec<Doubt>,
    /// Where the file is not as its standard has it, and was understood all the same.
    pub(crate) deviations: Vec<Doubt>,
    /// Doubts that are not in these lists.
    pub(crate) more: usize,
}

impl Import {
    /// What reading `file` left.
    pub(crate) fn of(file: PathBuf, taken: bool, dataset: &Dataset, now: Timestamp) -> Self {
        let report = &dataset.report;
        // What is refused is not kept larger: its doubts say why it has no place.
        let below = |rest: &str| rest.is_empty() || rest.starts_with('.');
        let is_refused = |doubt: &&Doubt| {
            report.refused.iter().any(|refused| doubt.place.strip_prefix(refused.place.as_str()).is_some_and(below))
        };
        let larger: Vec<Doubt> = report.doubts.iter().filter(|doubt| !is_refused(doubt)).cloned().collect();
        let all = [&report.refused, &larger, &report.deviations];
        let shown = |list: &[Doubt]| list.iter().take(MAX_SHOWN).cloned().collect();
        Self {
            file,
            taken,
            age: age(dataset, now),
            refused: shown(&report.refused),
            larger: shown(&larger),
            deviations: shown(&report.deviations),
            more: all.iter().map(|list| list.len().saturating_sub(MAX_SHOWN)).sum(),
        }
    }
}
