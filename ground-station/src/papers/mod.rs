//! The papers of a flight on the ground: read, judged by the unit's trust list, looked at again before take-off, sent to the aircraft.

mod courier;
mod send;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use flight_record::keys::KeyId;
use flight_record::papers::{Facts, Judged, MAX_FILE_BYTES, Papers, Standing};
use flight_record::trust::TrustList;
use jiff::Timestamp;

pub(crate) use courier::{Delivered, Message};
pub(crate) use send::{Carried, deliver};

/// Longest trust list read, bytes.
const MAX_TRUST_BYTES: u64 = 4 << 20;
/// Papers that are older are said to be, µs: weather, people and permissions change.
const STALE_US: i64 = 2 * 3_600 * 1_000_000;

/// By whose word papers are judged.
#[derive(Args)]
#[group(id = "vouched")]
pub(crate) struct Vouched {
    /// The unit's trust.json, by which papers and overrides are judged
    #[arg(long, value_name = "FILE", requires = "root")]
    pub(crate) trust: Option<PathBuf>,
    /// Fingerprint of the unit's root
    #[arg(long, value_name = "FINGERPRINT", requires = "trust")]
    pub(crate) root: Option<KeyId>,
}

impl Vouched {
    /// The list.
    ///
    /// # Errors
    /// When none is named, or it is not the root's.
    pub(crate) fn list(&self) -> Result<TrustList> {
        let named = self.trust.as_deref().zip(self.root);
        let (path, root) =
            named.context("by whose word are papers judged? give --trust trust.json and --root FINGERPRINT")?;
        let bytes = bounded(path, MAX_TRUST_BYTES)?;
        TrustList::open(&bytes, root).with_context(|| format!("{} is refused", path.display()))
    }
}

/// Reads a file of papers.
pub(crate) fn read(path: &Path) -> Result<Papers> {
    Papers::read(&bounded(path, MAX_FILE_BYTES as u64)?).with_context(|| path.display().to_string())
}

fn bounded(path: &Path, most: u64) -> Result<Vec<u8>> {
    let length = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    ensure!(length <= most, "{}: longer than {most} bytes", path.display());
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Papers by which a flight may be flown.
///
/// # Errors
/// When nobody who may vouches for them, or something in them still holds the flight back.
pub(crate) fn cleared(papers: &Papers, trust: &TrustList) -> Result<Judged> {
    let judged = papers.judge(trust)?;
    if judged.standing == Standing::Blocked {
        bail!("the papers hold the flight back: {}", blocking(&judged).join("; "));
    }
    Ok(judged)
}

/// What holds a flight back, each with its cure.
pub(crate) fn blocking(judged: &Judged) -> Vec<String> {
    let finding = |number: &u32| {
        let at = usize::try_from(*number).unwrap_or(usize::MAX).checked_sub(1);
        let finding = at.and_then(|at| judged.facts.findings.get(at));
        let said = finding.map(|finding| format!("[{}] {}", finding.rule, finding.what)).unwrap_or_default();
        let cure = match finding {
            Some(finding) if finding.is_final => "nobody can override it: clear it and check again",
            _ => "clear it, or have it overridden: `skyseal-ground plan override`",
        };
        format!("finding {number} {said} ({cure})")
    };
    let open = judged.facts.checked("not-done");
    let checklist = (open > 0).then(|| {
        format!("{open} items of the checklist are open (check again with --checked, or --rapid-launch REASON)")
    });
    judged.blocking.iter().map(finding).chain(judged.void.iter().cloned()).chain(checklist).collect()
}

/// What whoever flies now should know of their age.
pub(crate) fn warnings(facts: &Facts, now_utc_us: i64) -> Vec<String> {
    let said =
        |utc_us: i64| Timestamp::from_microsecond(utc_us).map_or_else(|_| utc_us.to_string(), |at| at.to_string());
    let (from, to) = (facts.window.from_utc_us, facts.window.to_utc_us);
    let minutes = now_utc_us.saturating_sub(facts.made_utc_us) / 60_000_000;
    let stale = (now_utc_us.saturating_sub(facts.made_utc_us) > STALE_US)
        .then(|| format!("the papers are {minutes} minutes old: weather, people and permissions may have changed"));
    let early = (now_utc_us < from).then(|| format!("take-off was checked from {} on, which is not yet", said(from)));
    let late = (now_utc_us > to).then(|| format!("take-off was checked until {}, which has passed", said(to)));
    [stale, early, late].into_iter().flatten().collect()
}

/// One line about papers, for people.
pub(crate) fn line(judged: &Judged) -> String {
    let standing = match judged.standing {
        Standing::Clear => "clear".to_owned(),
        Standing::Overridden => {
            let by: Vec<_> = judged.overridden.iter().map(|word| format!("{} by {}", word.rule, word.by)).collect();
            format!("overridden ({})", by.join(", "))
        }
        Standing::Blocked => "NOT TO BE FLOWN".to_owned(),
    };
    let rapid = judged.facts.checked("skipped");
    let rapid = if rapid > 0 { format!(", rapid launch: {rapid} checks skipped") } else { String::new() };
    format!("papers {}: {standing}{rapid}, signed by {}", judged.sha256, judged.by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_passed_is_said() {
        let facts = |made: i64| -> Facts {
            serde_json::from_value(serde_json::json!({
                "schema": "skyseal-papers/1", "made_utc_us": made, "mission": {"sha256": ""},
                "profile": {"id": "p", "version": 1, "sha256": ""}, "window": {"from_utc_us": 0, "to_utc_us": 3_600_000_000_i64},
                "crew": {"pilot": "p"}, "aircraft": "a", "authorisations": [], "findings": [], "checklist": [], "rapid_launch": null,
            }))
            .unwrap()
        };
        assert!(warnings(&facts(0), 1_000_000).is_empty());
        assert!(warnings(&facts(0), -1)[0].contains("not yet"));
        assert!(warnings(&facts(3_600_000_000), 3_700_000_000)[0].contains("has passed"));
        let old = warnings(&facts(0), STALE_US + 1);
        assert!(old.len() == 2 && old[0].contains("120 minutes old"), "{old:?}");
    }
}
