//! Entering flights, and new versions of them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use evidence_store::people::Session;
use evidence_store::register::Register;
use jiff::Timestamp;
use mission_profiles::flight_log::{Entry, Grade, Header, Incident, by_hand, changes, prompts};
use serde_json::json;

use super::arguments::{Add, Change, Drafts, Words};
use super::register::{Logged, find, held};
use super::{files, pretty};
use crate::clock;
use crate::desk::Office;
use crate::state::records::Entering;

/// Facts without which an entry counts for nobody.
const NEEDED: [&str; 2] = ["pilot", "serial"];

/// `log add`.
pub(super) fn add(args: &Add) -> Result<String> {
    let path = args.draft.as_deref().map(|draft| args.drafts.path(draft)).transpose()?;
    let entry = match &path {
        Some(path) => args.words.on(&files::draft(path)?)?,
        None => remembered(args)?,
    };
    let known = held(&args.desk.store, &args.desk.outside())?;
    may_be_entered(&entry, &known, args.although_flown)?;
    let digests = args.desk.enter(Register::FlightLog, &[(entry.write()?, None)])?;
    let digest = digests.first().context("the register entered nothing")?;
    let notes = afterwards(&entry, path.as_deref());
    said(&entry, &digest.to_string(), &notes, args.desk.json)
}

/// What became of a draft that was entered from the window.
#[derive(Debug)]
pub(crate) struct Entered {
    /// The flight's id.
    pub(crate) id: String,
    /// What is to be known of it, in words.
    pub(crate) notes: Vec<String>,
    /// Who must be told of what happened, in words.
    pub(crate) tell: Vec<String>,
}

/// What `log add` does, signed by somebody who is signed in already.
///
/// # Errors
/// When the draft cannot be read or lacks what it needs, the register has the flight, or it cannot be entered.
pub(crate) fn enter_draft(office: &Office, session: &Session, entering: &Entering) -> Result<Entered> {
    let mut words = Words { fact: entering.facts.clone(), ..Words::default() };
    words.remark.extend(entering.remark.clone());
    words.defect.extend(entering.defect.clone());
    if let Some((grade, what)) = &entering.incident {
        let list = match grade {
            Grade::Accident => &mut words.accident,
            Grade::Serious => &mut words.serious,
            Grade::Occurrence => &mut words.occurrence,
            Grade::Minor => &mut words.incident,
        };
        list.push(what.clone());
    }
    let entry = words.on(&files::draft(&entering.draft)?)?;
    may_be_entered(&entry, &held(&office.store, &office.outside())?, entering.although_flown)?;
    office.enter(session, &entering.reason, Register::FlightLog, &[(entry.write()?, None)])?;
    let now = Timestamp::from_microsecond(clock::now_utc_us())?;
    let tell = prompts(&entry).iter().map(|prompt| prompt.said(now)).collect();
    Ok(Entered { notes: afterwards(&entry, Some(&entering.draft)), id: entry.id, tell })
}

/// Whether it has what an entry needs, and is no flight that the register has.
fn may_be_entered(entry: &Entry, known: &[Logged], although_flown: bool) -> Result<()> {
    let missing: Vec<_> = entry.lacks().into_iter().filter(|fact| NEEDED.contains(fact)).collect();
    if !missing.is_empty() {
        let facts: Vec<_> = missing.iter().map(|fact| format!("--fact {fact}=…")).collect();
        bail!("{}: nobody says {}; enter it with {}", entry.id, missing.join(" and "), facts.join(" "));
    }
    if known.iter().any(|logged| logged.entry.id == entry.id) {
        bail!("{}: in the register already; `log change` corrects it", entry.id);
    }
    let twin = known
        .iter()
        .find(|logged| logged.entry.header.serial.trim() == entry.header.serial.trim() && logged.entry.overlaps(entry));
    if let Some(twin) = twin.filter(|_| !although_flown) {
        bail!(
            "{}: {} was in the air then, says {} of the register: the same flight, drafted twice? Correct that one with `log change`, or give --although-flown",
            entry.id,
            entry.header.serial,
            twin.entry.id
        );
    }
    Ok(())
}

/// Puts the draft of an entry aside; what is to be known of that, and of the entry.
fn afterwards(entry: &Entry, draft: Option<&Path>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(path) = draft {
        // It is in the register: whatever becomes of the file, the flight is not lost.
        if let Err(error) = files::put_aside(path) {
            notes.push(format!("the draft stays where it is: {error:#}"));
        }
    }
    let lacks = entry.lacks();
    if !lacks.is_empty() {
        notes.push(format!(
            "the regulation asks for more: {}; `log change --fact NAME=VALUE` adds it",
            lacks.join(", ")
        ));
    }
    notes
}

/// A flight without a draft.
fn remembered(args: &Add) -> Result<Entry> {
    let (Some(take_off), Some(landing)) = (args.words.take_off, args.words.landing) else {
        bail!("say when it was flown, with --take-off and --landing, or name its draft");
    };
    let header = args.words.facts(&Header::default())?;
    let entry = by_hand(header, take_off, landing, args.at.map(|place| place.position()))?;
    args.words.beside(entry)
}

/// `log change`.
pub(super) fn change(args: &Change) -> Result<String> {
    let known = find(held(&args.desk.store, &args.desk.outside())?, &args.id)?;
    let entry = args.words.on(&known.entry)?;
    let changed = changes(&known.entry, &entry);
    if changed.is_empty() {
        bail!("{}: nothing of it would change; `log change --help` says what can", args.id);
    }
    let digests = args.desk.enter(Register::FlightLog, &[(entry.write()?, Some(known.version.digest))])?;
    let digest = digests.first().context("the register entered nothing")?;
    said(&entry, &digest.to_string(), &changed, args.desk.json)
}

/// What was entered, and who must be told of what happened.
fn said(entry: &Entry, digest: &str, notes: &[String], json: bool) -> Result<String> {
    let now = Timestamp::from_microsecond(clock::now_utc_us())?;
    let prompts: Vec<_> = prompts(entry).iter().map(|prompt| prompt.said(now)).collect();
    if json {
        return pretty(&json!({"id": entry.id, "sha256": digest, "notes": notes, "tell": prompts}));
    }
    let notes = notes.iter().map(|note| format!("  {note}\n"));
    let tell = prompts.iter().map(|prompt| format!("  REPORT {prompt}\n"));
    Ok(std::iter::once(format!("{}: entered as {digest}\n", entry.id)).chain(notes).chain(tell).collect())
}

impl Drafts {
    /// The folder of the drafts.
    pub(super) fn dir(&self) -> Result<PathBuf> {
        let cure = "name the folder of the drafts with --log: no home folder is known";
        self.log.clone().or_else(super::default_dir).context(cure)
    }

    /// The file of a draft that is named by its id or by the file itself.
    pub(super) fn path(&self, named: &str) -> Result<PathBuf> {
        let given = Path::new(named);
        if given.is_file() {
            return Ok(given.to_owned());
        }
        let dir = self.dir()?;
        let path = dir.join(format!("{named}.json"));
        if !path.is_file() {
            let unfinished = dir.join(format!("{named}.journal")).is_file();
            let cure = if unfinished {
                "it is unfinished: `skyseal-ground log finish` makes a draft of it"
            } else {
                "`skyseal-ground log list` names the drafts"
            };
            bail!("no draft {named} in {}; {cure}", dir.display());
        }
        Ok(path)
    }
}

impl Words {
    fn facts(&self, header: &Header) -> Result<Header> {
        Ok(self.fact.iter().try_fold(header.clone(), |header, fact| header.with(fact))?)
    }

    /// The entry with them.
    fn on(&self, entry: &Entry) -> Result<Entry> {
        let mut entry = if (self.take_off, self.landing) == (None, None) {
            entry.clone()
        } else {
            entry.retimed(self.take_off, self.landing)?
        };
        entry.header = self.facts(&entry.header)?;
        self.beside(entry)
    }

    /// The entry with what is no fact of its header.
    fn beside(&self, mut entry: Entry) -> Result<Entry> {
        for remark in &self.remark {
            entry.remarks = format!("{}\n{remark}", entry.remarks).trim().to_owned();
        }
        entry.defects.extend(self.defect.iter().cloned());
        for (grade, what) in [
            (Grade::Accident, &self.accident),
            (Grade::Serious, &self.serious),
            (Grade::Occurrence, &self.occurrence),
            (Grade::Minor, &self.incident),
        ] {
            let incident = |what: &String| Incident { grade, what: what.clone(), reported: String::new() };
            entry.incidents.extend(what.iter().map(incident));
        }
        if let Some(reported) = &self.reported {
            let open = entry.incidents.iter_mut().filter(|incident| incident.reported.is_empty());
            open.for_each(|incident| incident.reported.clone_from(reported));
        }
        entry.check()?;
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use evidence_store::people::Pin;

    use super::*;
    use crate::airspace::tests::{Unit, label};
    use crate::log::records;
    use crate::state::records::tests::{flight, now};

    #[test]
    fn a_draft_is_entered_from_the_window_once_and_read_back_with_who_entered_it() {
        let unit = Unit::new();
        let office = unit.homes.office.as_ref().unwrap();
        let session = office.log_in(&label("hale"), &Pin::new("271828").unwrap()).unwrap();
        let drafts = unit.path("drafts");
        std::fs::create_dir(&drafts).unwrap();
        let drafted = flight("2026-05-19T20:40:00Z", 17, ("", "SKY-2", "B1"));
        let draft = drafts.join(format!("{}.json", drafted.id));
        std::fs::write(&draft, drafted.write().unwrap()).unwrap();
        let mut entering = Entering {
            draft: draft.clone(),
            facts: Vec::new(),
            remark: Some("gusts".to_owned()),
            defect: Some("propeller 3 chipped".to_owned()),
            incident: Some((Grade::Occurrence, "link lost".to_owned())),
            although_flown: false,
            reason: "end of duty".parse().unwrap(),
        };
        let nobody = enter_draft(office, &session, &entering).unwrap_err().to_string();
        assert!(nobody.contains("nobody says pilot"), "{nobody}");
        entering.facts.push("pilot=P1".to_owned());
        let entered = enter_draft(office, &session, &entering).unwrap();
        assert!(entered.id == drafted.id && entered.tell[0].contains("the CAA"), "{entered:?}");

        let read = records(Some(office), Some(&drafts), now()).unwrap();
        assert!(read.drafts.is_empty() && !read.no_register, "it was put aside");
        let [held] = &read.flights[..] else { panic!("{:?}", read.flights) };
        assert_eq!((held.entry.header.pilot.as_str(), held.entry.remarks.as_str()), ("P1", "gusts"));
        assert_eq!((held.steps[0].who.as_str(), held.steps[0].reason.as_str()), ("hale", "end of duty"));
        assert_eq!((read.happened.len(), read.to_report(), read.pilots[0].hours.flights), (2, 1, 1));

        std::fs::write(&draft, drafted.write().unwrap()).unwrap();
        let twice = enter_draft(office, &session, &entering).unwrap_err().to_string();
        assert!(twice.contains("in the register already"), "{twice}");
    }
}
