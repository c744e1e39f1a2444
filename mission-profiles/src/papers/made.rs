//! Papers made of what was checked.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Crew, Found, InForce, Item, LeftOut, Look, MAX_ENTRIES, Mission, Named, Papers, Schema, Weight, Window, Zones, text,
};
use crate::authorisation::{Authorisation, Kind, State};
use crate::plan_files::Plan;
use crate::preflight::{Finding, Report, Severity};
use crate::profile::{Check, Profile};
use crate::zones::{Digest, Source};

/// Findings that nobody's word changes: no battery lasts longer for it, nothing is flown by an empty plan, and zones that nobody
/// has loaded can be loaded.
const FINAL: [&str; 3] = ["battery", "empty", "no-zones"];

/// What was checked, and what it gave.
pub struct Checked<'a> {
    /// The plan's bytes,
    pub bytes: &'a [u8],
    /// and what they say.
    pub plan: &'a Plan,
    /// How it is flown.
    pub profile: &'a Profile,
    /// The datasets that were looked at.
    pub sources: Vec<&'a Source>,
    /// The unit's permissions.
    pub authorisations: &'a [Authorisation],
    /// Who flies.
    pub crew: &'a crate::preflight::Crew,
    /// The aircraft's serial number.
    pub aircraft: &'a str,
    /// Take-off not before, and not after.
    pub window: (Timestamp, Timestamp),
    /// What was found.
    pub report: &'a Report,
}

/// What somebody looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checklist {
    /// Items that somebody says were looked at, by number from 1.
    pub done: BTreeSet<usize>,
    /// Those too that need no eyes. Nothing ticks one that does but its number.
    pub others: bool,
    /// Why the rest is skipped.
    pub rapid_launch: Option<String>,
}

/// A number that no item of the checklist has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("item {number}: the checklist has {items}")]
pub struct NoSuchItem {
    /// The number.
    pub number: usize,
    /// Items it has.
    pub items: usize,
}

impl Papers {
    /// The papers of what was checked.
    ///
    /// # Errors
    /// When an item was looked at that the checklist does not have.
    pub fn of(checked: &Checked<'_>, checklist: &Checklist) -> Result<Self, NoSuchItem> {
        let content = &checked.profile.content;
        let items = content.checklist.len();
        if let Some(number) = checklist.done.iter().copied().find(|number| !(1..=items).contains(number)) {
            return Err(NoSuchItem { number, items });
        }
        let (from, to) = checked.window;
        let rapid_launch = checklist.rapid_launch.as_deref().map(text);
        let numbered = content.checklist.iter().zip(1..).take(MAX_ENTRIES);
        let mut papers = Self {
            schema: Schema::V1,
            made_utc_us: checked.report.made.as_microsecond(),
            mission: Mission {
                sha256: Digest::of(checked.bytes).to_string(),
                items: count(checked.plan.mission.len()),
                fence: count(checked.plan.fence.len()),
                rally: count(checked.plan.rally.len()),
            },
            profile: Named {
                id: text(&content.id),
                version: content.version,
                sha256: checked.profile.digest.to_string(),
            },
            window: Window { from_utc_us: from.as_microsecond(), to_utc_us: to.as_microsecond() },
            crew: Crew {
                pilot: text(&checked.crew.pilot),
                roles: checked.crew.roles.iter().take(MAX_ENTRIES).map(|role| text(role)).collect(),
            },
            aircraft: text(checked.aircraft),
            datasets: checked.sources.iter().take(MAX_ENTRIES).map(|of| zones(of, checked.report.made)).collect(),
            authorisations: in_force(checked).take(MAX_ENTRIES).collect(),
            findings: checked.report.findings.iter().map(found).collect(),
            left_out: LeftOut::default(),
            checklist: numbered.map(|(check, number)| item(check, number, checklist)).collect(),
            rapid_launch,
        };
        while papers.findings.len() > MAX_ENTRIES {
            match papers.clone().shorter() {
                Some(shorter) => papers = shorter,
                // All of these block, and so do the others.
                None => papers.findings.truncate(MAX_ENTRIES),
            }
        }
        Ok(papers)
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

fn zones(of: &&Source, now: Timestamp) -> Zones {
    Zones {
        name: text(&of.name),
        edition: text(&of.edition),
        age_days: of.age(now).map(|age| age.as_hours() / 24),
        illustrative: of.illustrative,
        sha256: of.sha256.to_string(),
    }
}

/// Those that the check counted on, and the operational ones that are in force.
fn in_force<'a>(checked: &Checked<'a>) -> impl Iterator<Item = InForce> {
    let counted = |of: &Authorisation| checked.report.authorisations.iter().any(|(_, digest)| *digest == of.digest());
    let operational = |of: &Authorisation| of.kind == Kind::Operational && of.state() == State::Activated;
    checked.authorisations.iter().filter(move |of| counted(of) || operational(of)).map(|of| InForce {
        id: text(&of.id),
        reference: text(&of.reference),
        kind: of.kind.word().to_owned(),
        state: of.state().word().to_owned(),
        until_utc_us: of.windows.iter().map(|window| window.to).max().flatten().map(Timestamp::as_microsecond),
        sha256: of.digest().to_string(),
    })
}

fn found(finding: &Finding) -> Found {
    let severity = match finding.severity {
        Severity::Blocks => Weight::Blocks,
        Severity::Warns => Weight::Warns,
        Severity::Notes => Weight::Notes,
    };
    Found {
        severity,
        is_final: severity == Weight::Blocks && FINAL.contains(&finding.rule),
        rule: finding.rule.to_owned(),
        what: text(&finding.what),
        cure: text(&finding.cure),
    }
}

fn item(check: &Check, number: usize, checklist: &Checklist) -> Item {
    let done = checklist.done.contains(&number) || checklist.others && !check.eyes;
    let state = match (done, &checklist.rapid_launch) {
        (true, _) => Look::Done,
        (false, Some(_)) => Look::Skipped,
        (false, None) => Look::NotDone,
    };
    Item { ask: text(&check.ask), eyes: check.eyes, state }
}
