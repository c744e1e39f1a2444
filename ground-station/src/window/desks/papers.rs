//! The papers of the plan that stands in Plan: signed by the pilot who is signed in, overridden by an officer with their PIN, sent to the
//! aircraft with the upload, and again when the flight begins, so that it is known that they stand in its record.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use evidence_store::people::{Pin, Session};
use flight_record::keys::KeyId;
use flight_record::papers::{Judged, Papers as Paper};
use flight_record::trust::TrustList;
use flight_record::{Label, Reason};
use mission_profiles::papers::Papers as Draft;

use super::App;
use crate::clock;
use crate::desk::Office;
use crate::papers::Delivered;
use crate::plan::papers::{answered_for, sign};
use crate::state::plan::Planner;
use crate::state::plan::document::Document;
use crate::state::plan::papers::{Aboard, Answering, Of, Signed};
use crate::tasks::orders::{Answer, Order, OrderId, Outcome, SentPapers};
use crate::window::asked::For;

/// Longest trust list read, bytes.
const MAX_TRUST_BYTES: u64 = 4 << 20;

/// What is under way with them.
#[derive(Default)]
pub(super) struct Papers {
    /// They are being signed.
    signing: bool,
    /// The plan that goes up.
    uploading: Option<Document>,
    /// The plan that is aboard, and that they are to follow.
    due: Option<Document>,
    /// The order that brings them there.
    carrying: Option<OrderId>,
}

/// By whose word they are judged.
struct Anchor {
    trust: PathBuf,
    root: KeyId,
}

impl Anchor {
    fn list(&self) -> Result<TrustList> {
        use std::io::Read as _;
        let cannot = || format!("the trust list {} cannot be read", self.trust.display());
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&self.trust).with_context(cannot)?;
        file.take(MAX_TRUST_BYTES).read_to_end(&mut bytes).with_context(cannot)?;
        TrustList::open(&bytes, self.root).with_context(|| format!("{} is refused", self.trust.display()))
    }
}

fn anchor(app: &App) -> Option<Anchor> {
    let trust = app.settings.keys.trust.clone()?;
    Some(Anchor { trust, root: app.settings.root().ok().flatten()? })
}

/// Why no papers can be signed and sent here; nothing where they can.
pub(super) fn cannot(app: &App) -> Option<&'static str> {
    match () {
        () if anchor(app).is_none() => Some("No papers: the settings name no trust list with its root"),
        () if app.work.station.is_none() => Some("No papers: the settings name no key of this station"),
        () if app.desks.gate.session().is_none() => Some("No papers: sign in; the pilot signs them"),
        () => None,
    }
}

/// What signing takes, from here.
struct Desk {
    anchor: Anchor,
    session: Arc<Session>,
    of: Of,
    draft: Draft,
    /// What was signed before, and still stands.
    standing: Option<Paper>,
}

impl Desk {
    fn of(app: &App) -> Option<Self> {
        let planner = app.desks.plan.planner.as_ref()?;
        let (of, draft) = planner.paper_of()?;
        let standing = planner.papers().map(|signed| signed.papers.clone());
        Some(Self { anchor: anchor(app)?, session: app.desks.gate.session()?, of, draft, standing })
    }

    /// Signed papers of what stands here: those that were, or new ones.
    fn papers(&self) -> Result<(Paper, Judged)> {
        let trust = self.anchor.list()?;
        let papers = match &self.standing {
            Some(standing) => standing.clone(),
            None => sign(self.draft.clone(), self.session.key(clock::now_utc_us())?)?.1,
        };
        let judged = papers.judge(&trust)?;
        Ok((papers, judged))
    }
}

/// The plan goes up: its papers are signed, unless they are already, or nobody can.
pub(super) fn sign_for_upload(app: &mut App) {
    let planner = app.desks.plan.planner.as_ref();
    let (document, stands) = (planner.map(Planner::document).cloned(), planner.and_then(Planner::papers).is_some());
    let papers = &mut app.desks.plan.papers;
    (papers.uploading, papers.due) = (document, None);
    if stands || app.desks.plan.papers.signing || cannot(app).is_some() {
        return;
    }
    let Some(desk) = Desk::of(app) else { return };
    app.desks.plan.papers.signing = true;
    app.desks.aside("papers", move |_| {
        let signed = desk.papers();
        Box::new(move |app: &mut App| {
            app.desks.plan.papers.signing = false;
            match signed {
                Ok((papers, judged)) => take(app, Signed::new(desk.of, papers, judged)),
                Err(error) => failed(app, format!("not signed: {error:#}")),
            }
        })
    });
}

/// An officer answers for a finding.
pub(super) fn answer(app: &mut App, answer: Answering) {
    if let Some(why) = cannot(app) {
        app.desks.plan.view.refuse_answer(why);
        return;
    }
    let (Some(desk), Some(office)) = (Desk::of(app), super::office(&app.settings)) else {
        app.desks.plan.view.refuse_answer("The settings name no store: the officers’ accounts are there");
        return;
    };
    let Some(number) = app.desks.plan.planner.as_ref().and_then(|planner| number(planner, answer.number)) else {
        app.desks.plan.view.refuse_answer("The findings are others now: look at them again");
        return;
    };
    app.desks.plan.papers.signing = true;
    app.desks.aside("papers", move |_| {
        let signed = overridden(&desk, &office, &answer, number);
        Box::new(move |app: &mut App| {
            app.desks.plan.papers.signing = false;
            match signed {
                Ok((papers, judged)) => {
                    take(app, Signed::new(desk.of, papers, judged));
                    app.desks.plan.view.answered();
                    let words =
                        format!("Finding {number} overridden by {}: it stands in the papers", answer.who.trim());
                    app.notices.done(words, None, clock::mono_ns());
                }
                Err(error) => app.desks.plan.view.refuse_answer(&format!("{error:#}")),
            }
        })
    });
}

/// A finding's number in the papers that stand, or that will be signed.
fn number(planner: &Planner, shown: usize) -> Option<u32> {
    let found = planner.worked()?.found.iter().find(|found| found.number == shown)?;
    match planner.papers() {
        Some(signed) => signed.number(found),
        None => u32::try_from(shown).ok(),
    }
}

fn overridden(desk: &Desk, office: &Office, answer: &Answering, number: u32) -> Result<(Paper, Judged)> {
    let who: Label = answer.who.trim().parse().context("the name of an account")?;
    let reason: Reason = answer.reason.trim().parse().context("the reason")?;
    let officer = office.log_in(&who, &Pin::new(&answer.pin)?)?;
    let (papers, _) = desk.papers()?;
    answered_for(&papers, &desk.anchor.list()?, (number, &reason), officer.key(clock::now_utc_us())?)
}

fn take(app: &mut App, signed: Signed) {
    if let Some(planner) = &mut app.desks.plan.planner {
        planner.signed(signed);
    }
}

fn failed(app: &mut App, why: String) {
    app.notices.fault(format!("Papers: {why}. The plan itself is not touched by this"), clock::mono_ns());
    if let Some(planner) = &mut app.desks.plan.planner {
        planner.papers_are(Aboard::Failed(why));
    }
}

/// The plan is aboard: the papers follow it.
pub(super) fn uploaded(app: &mut App) {
    let papers = &mut app.desks.plan.papers;
    papers.due = papers.uploading.take();
}

/// Sends them once they are signed and somebody is there to take them; and once more when the flight has begun.
pub(super) fn go_on(app: &mut App) {
    let newest = app.ribbon.newest().map(|(flight, _)| flight);
    let desk = &mut app.desks.plan;
    let Some(planner) = &mut desk.planner else { return };
    let begun = matches!(planner.papers_aboard(), Aboard::Held(before) if *before != newest);
    // Papers of another plan than the one that is aboard stay here.
    let is_due = desk.papers.due.as_ref().is_some_and(|aboard| aboard == planner.document());
    if desk.papers.carrying.is_some() || desk.papers.signing || !(is_due || begun) {
        return;
    }
    let (Some(signed), Some(camera), Some(signer)) = (planner.papers(), app.flight.camera, app.work.station.clone())
    else {
        return;
    };
    desk.papers.due = None;
    let packed = match signed.papers.pack() {
        Ok(packed) => packed,
        Err(error) => return failed(app, format!("they do not fit into a message: {error}")),
    };
    planner.papers_are(Aboard::Sending);
    let order = Order::Papers(SentPapers { camera, packed, signer });
    match app.give(order, For::Quiet("Papers to the recorder"), clock::mono_ns()) {
        Some(id) => app.desks.plan.papers.carrying = Some(id),
        None => app.desks.plan.planner.iter_mut().for_each(|planner| planner.papers_are(Aboard::Not)),
    }
}

/// What became of an order, if it is the one that carries them.
pub(super) fn hear(app: &mut App, id: OrderId, outcome: &Outcome) {
    if app.desks.plan.papers.carrying != Some(id) {
        return;
    }
    let newest = app.ribbon.newest().map(|(flight, _)| flight);
    let aboard = match outcome {
        Outcome::Sent | Outcome::Progress(_) => return,
        Outcome::Accepted(Answer::Delivered(Delivered::Held)) => Aboard::Held(newest),
        Outcome::Accepted(Answer::Delivered(Delivered::InFlight(flight))) => Aboard::InRecord(*flight),
        Outcome::Refused(why) | Outcome::Silent(why) => Aboard::Failed(why.clone()),
        Outcome::Accepted(_) | Outcome::Superseded | Outcome::Cancelled => Aboard::Not,
    };
    app.desks.plan.papers.carrying = None;
    if let Some(planner) = &mut app.desks.plan.planner {
        planner.papers_are(aboard);
    }
}

#[cfg(test)]
mod tests {
    use mission_profiles::zones::{Digest, Index};

    use super::*;
    use crate::dock::runner::fixture::{PIN, Unit};
    use crate::state::plan::document::Edit;
    use crate::state::plan::kinds::Figure;
    use crate::state::plan::papers::Say;
    use crate::state::plan::tests::{means, rules, search};
    use crate::state::plan::work::work_out;

    const PILOT: &str = "PC 4417 Hale";
    const OFFICER: &str = "PC 1180 Obi";

    fn solve(planner: &mut Planner) {
        let rules = rules();
        let now = jiff::Timestamp::from_microsecond(clock::now_utc_us()).unwrap();
        if let Some(question) = planner.question(now) {
            planner.answer(work_out(&question, &rules, &Index::new(&rules.datasets)));
        }
    }

    fn planner() -> Planner {
        let mut planner = search();
        let mut means = means();
        means.crew.pilot = PILOT.into();
        planner.set_means(means);
        solve(&mut planner);
        planner
    }

    fn desk(unit: &Unit, planner: &Planner) -> Desk {
        let setup = unit.setup();
        let (of, draft) = planner.paper_of().unwrap();
        let anchor = Anchor { trust: setup.trust, root: setup.root };
        let standing = planner.papers().map(|signed| signed.papers.clone());
        Desk { anchor, session: Arc::new(unit.pilot()), of, draft, standing }
    }

    fn office(unit: &Unit) -> Office {
        let place = "ground station".parse().unwrap();
        Office { store: unit.path("first"), second: None, outside_heads: Vec::new(), place }
    }

    fn word(who: &str, pin: &str) -> Answering {
        Answering { number: 1, who: who.into(), pin: pin.to_owned().into(), reason: "life at risk, log 1234".into() }
    }

    #[test]
    fn an_officer_answers_for_one_finding_of_exactly_these_papers() {
        let unit = Unit::new();
        let mut planner = planner();
        let zone = planner.worked().unwrap().found[0].clone();
        assert_eq!(zone.finding.rule, "zone");
        assert!(planner.may_answer(&zone).unwrap_err().contains("checklist"));
        (0..planner.ticks().len()).for_each(|item| planner.tick(item, true));
        planner.may_answer(&zone).unwrap();
        let (office, blocking) = (office(&unit), planner.lock().blocking);
        let pilot = overridden(&desk(&unit, &planner), &office, &word(PILOT, PIN), 1).unwrap_err();
        assert!(format!("{pilot:#}").contains("whoever flies"), "{pilot:#}");
        assert!(overridden(&desk(&unit, &planner), &office, &word(OFFICER, "000000"), 1).is_err());
        let desk = desk(&unit, &planner);
        let (papers, judged) = overridden(&desk, &office, &word(OFFICER, PIN), 1).unwrap();
        assert_eq!(judged.facts.mission.sha256, Digest::of(&planner.export("the.plan").unwrap()).to_string());
        assert_eq!((judged.by.to_string(), judged.facts.checked("not-done")), (PILOT.to_owned(), 0));
        planner.signed(Signed::new(desk.of, papers, judged));
        let answer = planner.answered_for(&zone).unwrap();
        assert_eq!(
            (answer.by.to_string(), answer.reason.to_string()),
            (OFFICER.into(), "life at risk, log 1234".into())
        );
        assert_eq!(planner.lock().blocking, blocking - 1);
        // A tick taken back, another height: what was signed is not what stands here.
        planner.tick(0, false);
        assert_eq!((planner.say_papers(), planner.lock().blocking), (Say::Void, blocking));
        planner.tick(0, true);
        assert!(planner.papers().is_some());
        planner.edit(&Edit::Figure(Figure::Height, 55.0), false);
        solve(&mut planner);
        assert!(planner.answered_for(&planner.worked().unwrap().found[0].clone()).is_none());
        assert_eq!((planner.say_papers(), planner.lock().blocking), (Say::Void, blocking));
    }

    #[test]
    fn a_second_override_stands_beside_the_first() {
        let unit = Unit::new();
        let mut planner = planner();
        (0..planner.ticks().len()).for_each(|item| planner.tick(item, true));
        let first = desk(&unit, &planner);
        let (papers, judged) = overridden(&first, &office(&unit), &word(OFFICER, PIN), 1).unwrap();
        planner.signed(Signed::new(first.of, papers.clone(), judged));
        let again = desk(&unit, &planner);
        assert_eq!(again.papers().unwrap().0, papers, "what stands is not signed anew");
        let same = overridden(&again, &office(&unit), &word(OFFICER, PIN), 1).unwrap();
        assert_eq!(same.1.overridden.len(), 1, "the first word counts");
        let none = overridden(&again, &office(&unit), &word(OFFICER, PIN), 99).unwrap_err();
        assert!(format!("{none:#}").contains("numbered from 1"), "{none:#}");
    }
}
