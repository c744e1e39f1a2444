//! The papers of a plan in the window: signed over what stands here, overridden finding by finding, sent to the aircraft. Pure.
//!
//! What was signed is one state of the plan: another drawing, crew or checklist, or a finding that blocks and is not among those that
//! were signed, and they count for nothing here any more.

use std::sync::Arc;

use flight_record::papers::{Judged, Overridden, Papers, Standing};
use flight_record::{FlightId, Label, Reason};
use mission_profiles::papers::{Look, Papers as Draft};
use mission_profiles::preflight::{Crew, Severity};
use zeroize::Zeroizing;

use super::Planner;
use super::document::Document;
use super::work::{Found, Worked};

/// Papers that somebody signed.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    /// With their overrides.
    pub(crate) papers: Papers,
    /// By the unit's trust list.
    pub(crate) judged: Judged,
    /// Of which state of the plan.
    of: Of,
}

/// One state of the plan, as papers are about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Of {
    document: Arc<Document>,
    ticks: Vec<bool>,
    crew: Crew,
    /// SHA-256 of the plan's file.
    mission: String,
    /// Rule and words of each finding, in their order.
    found: Vec<(&'static str, String)>,
}

impl Signed {
    /// Papers over this state of the plan.
    pub(crate) fn new(of: Of, papers: Papers, judged: Judged) -> Self {
        Self { papers, judged, of }
    }

    /// The number of a finding in the papers, from 1.
    pub(crate) fn number(&self, found: &Found) -> Option<u32> {
        let is = |(rule, what): &(&str, String)| *rule == found.finding.rule && *what == found.finding.what;
        self.of.found.iter().position(is).and_then(|at| u32::try_from(at + 1).ok())
    }

    fn answer(&self, found: &Found) -> Option<&Overridden> {
        let number = self.number(found)?;
        self.judged.overridden.iter().find(|word| word.finding == number)
    }
}

/// An officer's word on a finding, as it is filled in.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Answering {
    /// Of the finding, as it is shown.
    pub(crate) number: usize,
    /// The name of their account.
    pub(crate) who: String,
    /// Their PIN.
    pub(crate) pin: Zeroizing<String>,
    /// Why.
    pub(crate) reason: String,
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answering").field("number", &self.number).field("who", &self.who).finish_non_exhaustive()
    }
}

impl Answering {
    /// What is missing, in words.
    pub(crate) fn open(&self) -> Option<&'static str> {
        match () {
            () if self.who.trim().parse::<Label>().is_err() => Some("Whose account?"),
            () if self.pin.is_empty() => Some("Their PIN, given by themselves"),
            () if self.reason.trim().parse::<Reason>().is_err() => Some("The reason, in 4 to 200 plain characters"),
            () => None,
        }
    }
}

/// Where they are, as far as the aircraft has said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Aboard {
    /// Not there.
    #[default]
    Not,
    /// On their way.
    Sending,
    /// The recorder holds them for its next flight; this was the newest one then.
    Held(Option<FlightId>),
    /// They stand in the record of this flight.
    InRecord(FlightId),
    /// They did not get there, and why.
    Failed(String),
}

/// What can be said of the papers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Say {
    /// Nothing is signed yet.
    Unsigned,
    /// They were signed over something else.
    Void,
    /// Signed by this person, in order or not, and there.
    Signed(String, Standing, Aboard),
}

impl Say {
    /// In words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Unsigned => "Papers are signed and sent with the upload".into(),
            Self::Void => "Papers void: the plan changed after they were signed".into(),
            Self::Signed(by, _, Aboard::Not) => format!("Papers signed by {by}, not aboard"),
            Self::Signed(_, _, Aboard::Sending) => "Papers on their way to the recorder".into(),
            Self::Signed(_, _, Aboard::Held(_)) => "Papers sent, waiting for the flight to begin".into(),
            Self::Signed(_, Standing::Blocked, Aboard::InRecord(_)) => "Papers in the record; they hold it back".into(),
            Self::Signed(_, _, Aboard::InRecord(_)) => "Papers in the record".into(),
            Self::Signed(_, _, Aboard::Failed(why)) => format!("Papers not aboard: {why}"),
        }
    }
}

impl Planner {
    /// This state of the plan, for papers about it; nothing while it is worked out.
    pub(crate) fn paper_of(&self) -> Option<(Of, Draft)> {
        let worked = self.worked().filter(|_| !self.is_pending())?;
        let mut draft = worked.papers.clone()?;
        for (nth, item) in draft.checklist.iter_mut().enumerate() {
            let looked = self.machine(nth).map_or(self.ticks().get(nth) == Some(&true), |(is_so, _)| *is_so);
            item.state = if looked { Look::Done } else { Look::NotDone };
        }
        let found = worked.found.iter().map(|found| (found.finding.rule, found.finding.what.clone())).collect();
        let (document, mission) = (Arc::clone(self.history.now()), draft.mission.sha256.clone());
        let (ticks, crew) = (self.ticks().to_vec(), self.means().crew.clone());
        Some((Of { document, ticks, crew, mission, found }, draft))
    }

    /// Somebody signed, or answered for a finding.
    pub(crate) fn signed(&mut self, signed: Signed) {
        let same = self.papers.as_ref().is_some_and(|known| known.papers == signed.papers);
        if !same {
            self.aboard = Aboard::Not;
        }
        self.papers = Some(signed);
    }

    /// Where the papers are now.
    pub(crate) fn papers_are(&mut self, aboard: Aboard) {
        self.aboard = aboard;
    }

    /// Where the papers are.
    pub(crate) fn papers_aboard(&self) -> &Aboard {
        &self.aboard
    }

    /// The papers, while they are about what stands here.
    pub(crate) fn papers(&self) -> Option<&Signed> {
        let signed = self.papers.as_ref()?;
        let Of { document, ticks, crew, mission, .. } = &signed.of;
        let same = **document == **self.history.now() && ticks == self.ticks() && *crew == self.means().crew;
        let known = |found: &Found| found.finding.severity != Severity::Blocks || signed.number(found).is_some();
        let holds = |worked: &Worked| {
            let is_that = worked.papers.as_ref().is_none_or(|draft| draft.mission.sha256 == *mission);
            is_that && worked.found.iter().all(known)
        };
        (same && self.worked().is_none_or(holds)).then_some(signed)
    }

    /// Who answers for a finding, and why.
    pub(crate) fn answered_for(&self, found: &Found) -> Option<&Overridden> {
        self.papers().and_then(|signed| signed.answer(found))
    }

    /// Whether somebody may answer for a finding; else why not.
    ///
    /// # Errors
    /// In words, what is in the way.
    pub(crate) fn may_answer(&self, found: &Found) -> Result<(), &'static str> {
        let drafted = self.worked().and_then(|worked| worked.papers.as_ref());
        let is_final = drafted
            .and_then(|draft| draft.findings.iter().find(|known| known.rule == found.finding.rule))
            .is_some_and(|known| known.is_final);
        match () {
            () if self.is_pending() => Err("It is being worked out"),
            () if drafted.is_none() => Err("Papers cannot be made of this plan"),
            () if is_final => Err("Nobody can answer for this: clear it"),
            () if self.looked_at() < self.ticks().len() => {
                Err("Finish the checklist first: the override is bound to it")
            }
            () => Ok(()),
        }
    }

    /// What can be said of the papers.
    pub(crate) fn say_papers(&self) -> Say {
        match (&self.papers, self.papers()) {
            (None, _) => Say::Unsigned,
            (Some(_), None) => Say::Void,
            (_, Some(signed)) => Say::Signed(signed.judged.by.to_string(), signed.judged.standing, self.aboard.clone()),
        }
    }
}
