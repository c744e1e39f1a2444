//! Who vouches for papers, and whether by them the flight may be flown.

use super::{Facts, OVERRIDE_TYPE, Override, PAPERS_TYPE, Papers};
use crate::canonical::{self, NotCanonical};
use crate::digest::Sha256;
use crate::names::{Label, Reason};
use crate::statement::{may_authorise, may_order};
use crate::trust::{Entry, TrustList};
use serde::Serialize;
use std::collections::BTreeMap;

/// Papers whose signatures hold.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// SHA-256 of the whole file.
    pub sha256: Sha256,
    /// Who signed them, by the name on the trust list.
    pub by: Label,
    /// Whether by them the flight may be flown.
    pub standing: Standing,
    /// Overrides that count.
    pub overridden: Vec<Overridden>,
    /// Overrides that do not count, and why not.
    pub void: Vec<String>,
    /// Findings that still hold the flight back, by their number from 1.
    pub blocking: Vec<u32>,
    /// What they say.
    #[serde(flatten)]
    pub facts: Facts,
}

/// Whether by these papers the flight may be flown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing blocks, and everything was looked at.
    Clear,
    /// What blocks is overridden.
    Overridden,
    /// Something blocks, or was not looked at and not skipped with a reason.
    Blocked,
}

/// An override that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overridden {
    /// The finding's number, from 1.
    pub finding: u32,
    /// Its rule.
    pub rule: String,
    /// Who overrode it, by the name on the trust list.
    pub by: Label,
    /// Why.
    pub reason: Reason,
    /// When, POSIX µs.
    pub at_utc_us: i64,
}

/// Why nobody vouches for papers.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// They do not say what papers say.
    #[error("the papers do not say what papers say")]
    Facts(#[source] NotCanonical),
    /// Their signature is of nobody who may sign papers, or does not hold.
    #[error(
        "the papers are signed by nobody on the trust list who may order a flight, or were changed: check again, and sign them"
    )]
    Signer,
}

impl Papers {
    /// Whose word they are by this list, and whether by them the flight may be flown.
    ///
    /// # Errors
    /// When nobody who may vouches for the first line.
    pub fn judge(&self, trust: &TrustList) -> Result<Judged, JudgeError> {
        let facts = Facts::read(self.payload()).map_err(JudgeError::Facts)?;
        let maker = trust.entry(self.papers.key).filter(|entry| {
            entry.revoked.is_none()
                && may_order(entry, facts.made_utc_us).is_ok()
                && self.papers.envelope(PAPERS_TYPE).verify(&entry.public_key).is_ok()
        });
        let maker = maker.ok_or(JudgeError::Signer)?;
        let (mut overridden, mut void) = (BTreeMap::new(), Vec::new());
        for (at, _) in self.overrides.iter().enumerate() {
            match self.one(at, &facts, maker, trust) {
                Ok(word) => {
                    overridden.entry(word.finding).or_insert(word);
                }
                Err(why) => void.push(format!("override {}: {why}", at + 1)),
            }
        }
        let numbered = (1..).zip(&facts.findings).filter(|(_, finding)| finding.blocks());
        let blocking: Vec<u32> =
            numbered.map(|(number, _)| number).filter(|number| !overridden.contains_key(number)).collect();
        let standing = match (blocking.is_empty() && facts.checked("not-done") == 0, overridden.is_empty()) {
            (false, _) => Standing::Blocked,
            (true, true) => Standing::Clear,
            (true, false) => Standing::Overridden,
        };
        let overridden = overridden.into_values().collect();
        Ok(Judged {
            sha256: Sha256::of(&self.write()),
            by: maker.name.clone(),
            standing,
            overridden,
            void,
            blocking,
            facts,
        })
    }

    fn one(&self, at: usize, facts: &Facts, maker: &Entry, trust: &TrustList) -> Result<Overridden, &'static str> {
        let line = self.overrides.get(at).ok_or("there is none")?;
        let word: Override = canonical::read(&line.payload).map_err(|_| "it is not in the form of one")?;
        let officer = trust.entry(line.key).ok_or("its signer is not on the trust list")?;
        if line.envelope(OVERRIDE_TYPE).verify(&officer.public_key).is_err() {
            return Err("its signature does not hold");
        }
        if officer.revoked.is_some() || may_authorise(officer, word.at_utc_us).is_err() {
            return Err("its signer is no officer who may override");
        }
        may_override(facts, officer, maker)?;
        if word.papers != self.digest() {
            return Err("it is about other papers");
        }
        let number = usize::try_from(word.finding).unwrap_or(usize::MAX);
        let finding = number.checked_sub(1).and_then(|at| facts.findings.get(at)).ok_or("there is no such finding")?;
        if finding.rule != word.rule.as_str() || !finding.blocks() {
            return Err("that finding does not block, or is another");
        }
        if finding.is_final {
            return Err("nobody can override that finding");
        }
        let Override { finding, reason, at_utc_us, .. } = word;
        Ok(Overridden { finding, rule: word.rule.to_string(), by: officer.name.clone(), reason, at_utc_us })
    }
}

/// Two people: whoever overrides neither flies nor signed the papers.
fn may_override(facts: &Facts, officer: &Entry, maker: &Entry) -> Result<(), &'static str> {
    let flies = officer.name.as_str() == facts.crew.pilot;
    let signed = officer.id == maker.id || officer.name == maker.name;
    if flies || signed { Err("whoever flies, or signed the papers, overrides nothing") } else { Ok(()) }
}
