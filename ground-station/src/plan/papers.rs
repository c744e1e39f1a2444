//! `plan check --papers` and `plan override`: what was checked, signed; and what somebody other than the pilot answers for.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use flight_record::Reason;
use flight_record::keys::DeviceKey;
use flight_record::papers::{Judged, Override, Papers as Signed};
use flight_record::radio::MAX_MESSAGE_BYTES;
use flight_record::trust::TrustList;
use mission_profiles::papers::{Checklist, Look, Papers, Weight};
use serde_json::{Value, json};

use super::arguments::Overrule;
use super::check::Done;
use super::files;
use crate::signer::Signs;
use crate::{clock, papers};

/// Room that each override takes in a message.
const OVERRIDE_BYTES: usize = 260;
/// Ticks whatever needs no eyes.
const OTHERS: &str = "others";

/// What somebody says was looked at: numbers of items, or `others`.
pub(super) fn checklist(checked: &[String], rapid_launch: Option<&Reason>) -> Result<Checklist> {
    let mut done = BTreeSet::new();
    for item in checked.iter().filter(|item| *item != OTHERS) {
        let number = item.parse::<usize>().ok();
        done.insert(number.with_context(|| format!("--checked {item}: a number of the checklist, or {OTHERS}"))?);
    }
    let others = checked.iter().any(|item| item == OTHERS);
    Ok(Checklist { done, others, rapid_launch: rapid_launch.map(ToString::to_string) })
}

/// Writes the papers of what was checked, signed.
pub(super) fn write(path: &Path, done: &Done, checklist: &Checklist, signer: &Signs) -> Result<Papers> {
    let (papers, signed) = sign(done.papers(checklist)?, signer.key(clock::now_utc_us())?)?;
    files::write_new(path, &signed.write())?;
    Ok(papers)
}

/// Signs papers, with room left for the overrides that what blocks may need; as short as they must be for that.
///
/// # Errors
/// When more blocks than papers have room for.
pub(crate) fn sign(mut papers: Papers, key: &DeviceKey) -> Result<(Papers, Signed)> {
    let blocking = papers.findings.iter().filter(|found| found.severity == Weight::Blocks).count();
    let room = MAX_MESSAGE_BYTES.saturating_sub(OVERRIDE_BYTES * blocking.min(flight_record::papers::MAX_OVERRIDES));
    loop {
        let signed = Signed::sign(&papers.write(), key)?;
        match signed.pack() {
            Ok(packed) if packed.len() <= room => return Ok((papers, signed)),
            Ok(_) | Err(_) => {
                papers = papers.shorter().context(
                    "more findings block than papers have room for, so nobody can override them: mend the plan first",
                )?;
            }
        }
    }
}

/// Papers in which an officer answers for a finding, and how they are judged now.
///
/// # Errors
/// When there is nothing to be overridden, or their word does not count: then nothing of it is kept.
pub(crate) fn answered_for(
    before: &Signed,
    trust: &TrustList,
    (finding, reason): (u32, &Reason),
    key: &DeviceKey,
) -> Result<(Signed, Judged)> {
    let rule = finding_of(&before.judge(trust)?, finding)?;
    let word = Override::new(before.digest(), (finding, rule.parse()?), reason.clone(), clock::now_utc_us());
    let after = before.clone().overridden(&word, key)?;
    after.pack()?;
    let judged = after.judge(trust)?;
    // What counts for nothing is not kept.
    ensure!(judged.void.is_empty(), "it is not overridden: {}", judged.void.join("; "));
    Ok((after, judged))
}

/// What was written, for people.
pub(super) fn text(path: &Path, papers: &Papers) -> String {
    let mut text = format!("\npapers in {}; the checklist:\n", path.display());
    for (item, number) in papers.checklist.iter().zip(1..) {
        let state = match item.state {
            Look::Done => "done",
            Look::NotDone => "OPEN",
            Look::Skipped => "skipped",
        };
        let eyes = if item.eyes { " (eyes)" } else { "" };
        text += &format!("  {number:2} {state:7} {}{eyes}\n", item.ask);
    }
    let open = open(papers);
    if open > 0 {
        text += &format!(
            "{open} items are open: --checked NUMBER for each that somebody looked at (--checked {OTHERS}: those that need no eyes), or --rapid-launch REASON\n"
        );
    }
    if let Some(why) = &papers.rapid_launch {
        text += &format!("rapid launch: {why}\n");
    }
    let blocking: Vec<_> = (1..)
        .zip(&papers.findings)
        .filter(|(_, found)| found.severity == Weight::Blocks)
        .map(|(number, found)| if found.is_final { format!("{number} (nobody can)") } else { number.to_string() })
        .collect();
    if !blocking.is_empty() {
        text += &format!("to override findings {}: skyseal-ground plan override --help\n", blocking.join(", "));
    }
    text
}

/// The same for programs.
pub(super) fn facts(path: &Path, papers: &Papers) -> Value {
    let checklist =
        papers.checklist.iter().map(|item| json!({"ask": item.ask, "eyes": item.eyes, "state": item.state}));
    json!({
        "file": path.display().to_string(),
        "plan": papers.mission.sha256,
        "checklist": checklist.collect::<Vec<_>>(),
        "open": open(papers),
        "rapid_launch": papers.rapid_launch,
        "left_out": papers.left_out,
    })
}

/// Items that nobody looked at and nobody skipped.
pub(super) fn open(papers: &Papers) -> usize {
    papers.checklist.iter().filter(|item| item.state == Look::NotDone).count()
}

/// Overrides a finding.
pub(super) fn overrule(args: &Overrule) -> Result<(String, bool)> {
    let trust = args.vouched.list()?;
    let before = papers::read(&args.papers)?;
    let officer =
        args.officer.signer()?.context("an officer overrides in person: --as NAME --pin-file FILE --store DIR")?;
    let key = officer.key(clock::now_utc_us())?;
    let (after, judged) = answered_for(&before, &trust, (args.finding, &args.reason), key)?;
    let rule = finding_of(&judged, args.finding)?;
    replace(&args.papers, &after.write())?;
    let clear = judged.blocking.is_empty() && judged.facts.checked("not-done") == 0;
    let text = if args.json {
        serde_json::to_string_pretty(&judged)? + "\n"
    } else {
        let left = papers::blocking(&judged).join("\n  ");
        let left = if clear { String::new() } else { format!("\nstill holding the flight back:\n  {left}") };
        format!(
            "finding {} [{rule}] overridden by {}: {}{left}\n",
            args.finding,
            name(&judged, args.finding),
            args.reason
        )
    };
    Ok((text, clear))
}

fn finding_of(judged: &Judged, number: u32) -> Result<String> {
    let at = usize::try_from(number)?.checked_sub(1);
    let found = at.and_then(|at| judged.facts.findings.get(at));
    let count = judged.facts.findings.len();
    let found = found.with_context(|| format!("finding {number}: the papers have {count}, numbered from 1"))?;
    if !found.blocks() {
        bail!("finding {number} [{}] does not block: there is nothing to override", found.rule);
    }
    Ok(found.rule.clone())
}

fn name(judged: &Judged, finding: u32) -> String {
    let word = judged.overridden.iter().find(|word| word.finding == finding);
    word.map(|word| word.by.to_string()).unwrap_or_default()
}

fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut next = path.as_os_str().to_owned();
    next.push(".next");
    let next = Path::new(&next);
    files::write_new(next, bytes)?;
    std::fs::rename(next, path).with_context(|| format!("cannot replace {}", path.display()))
}
