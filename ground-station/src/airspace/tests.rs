#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::path::Path;

use evidence_store::ledger::Ledger;
use evidence_store::people::{Cost, NewAccount, People, Pin};
use evidence_store::store::StoreIdentity;
use flight_record::Label;
use flight_record::trust::Duty;
use jiff::tz::TimeZone;
use mission_profiles::authorisation::State;

use super::*;
use crate::state::airspace::Asks;
use crate::state::board::{
    Airspace, Field, ImportStage, Keep, Looking, Moment, Pen, Permit, Query, Stage, StepForm, board,
};

const PIN: &str = "271828";
/// Two zones at Findern, one without a place, and one round that crosses itself: kept larger.
pub(crate) const ZONES: &str = r#"{"type": "FeatureCollection", "name": "Force local zones", "features": [
 {"type": "Feature", "properties": {"identifier": "derby-atz", "name": "FRZ Derby", "restriction": "REQ_AUTHORISATION"},
  "geometry": {"type": "Polygon", "coordinates": [[[-1.65,52.83],[-1.55,52.83],[-1.55,52.88],[-1.65,52.88],[-1.65,52.83]]]}},
 {"type": "Feature", "properties": {"identifier": "crossed", "name": "Row 1107"},
  "geometry": {"type": "Polygon", "coordinates": [[[-1.50,52.85],[-1.48,52.87],[-1.50,52.87],[-1.48,52.85],[-1.50,52.85]]]}},
 {"type": "Feature", "properties": {"identifier": "lost", "name": "Nowhere"}, "geometry": null}]}"#;

/// A unit's register with a pilot, in a folder that goes away with it.
pub(crate) struct Unit {
    pub(crate) temp: tempfile::TempDir,
    pub(crate) homes: Homes,
}

pub(crate) fn label(text: &str) -> Label {
    text.parse().unwrap()
}

impl Unit {
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = |name: &str| temp.path().join(name);
        let now_utc_us = clock::now_utc_us();
        for name in ["first", "second"] {
            StoreIdentity::init(&path(name), label(name), now_utc_us).unwrap();
        }
        let first = StoreIdentity::load(&path("first")).unwrap();
        Ledger::create(&path("first/ledger.sqlite"), &first, now_utc_us).unwrap();
        let cheap = Cost { memory_kib: 8, passes: 1, lanes: 1 };
        let people = People::open(&path("first/people.sqlite")).unwrap().with_cost(cheap);
        let duties = vec![Duty::Administrator, Duty::Pilot];
        people.add(&NewAccount { staff: label("PC 4417"), label: label("hale"), duties }, None, now_utc_us).unwrap();
        people.set_first_pin(&label("hale"), &Pin::new(PIN).unwrap()).unwrap();
        let office = Office {
            store: path("first"),
            second: Some(path("second")),
            outside_heads: Vec::new(),
            place: label("ground station"),
        };
        let homes = Homes { zones: Some(path("zones")), office: Some(office) };
        std::fs::write(path("local.json"), ZONES).unwrap();
        Self { temp, homes }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn does(&self, work: Work) -> Result<AirspaceEvent> {
        carry_out(work, &self.homes, None, &Stop::default(), &|_| {})
    }

    pub(crate) fn reads(&self) -> Airspace {
        match self.does(Work::Read).unwrap() {
            AirspaceEvent::Read(airspace) => *airspace,
            _ => panic!("something else was done"),
        }
    }

    pub(crate) fn imports(&self) {
        let work = Work::Import { file: self.path("local.json"), name: None, accept_refused: true };
        assert!(matches!(self.does(work).unwrap(), AirspaceEvent::Imported(import, _) if import.taken));
    }

    /// Enters a draft for the zone at Findern, of today.
    pub(crate) fn drafts(&self, id: &str, moment: &Moment) -> Result<AirspaceEvent> {
        let authorisation =
            permit(id, moment).read(moment).map_err(|(field, what)| anyhow::anyhow!("{field:?}: {what}"))?;
        let reason = "asked for a search".parse()?;
        self.does(Work::Keep(Box::new(Keep { authorisation, before: None, document: None, reason, pen: pen() })))
    }

    pub(crate) fn steps(&self, id: &str, to: State, moment: &Moment) -> Result<AirspaceEvent> {
        let airspace = self.reads();
        let known = airspace.permission(id).unwrap();
        let form = StepForm { who: "R. Shah".into(), said: "Cleared to 400 ft".into(), ..signing() };
        let step = form.read(&known.authorisation, known.digest, to, moment, false).map_err(anyhow::Error::msg)?;
        self.does(Work::Take(Box::new(step)))
    }
}

pub(crate) fn signing() -> StepForm {
    StepForm { name: "hale".into(), pin: PIN.to_owned().into(), ..StepForm::default() }
}

fn pen() -> Pen {
    signing().pen(false).unwrap()
}

pub(crate) fn permit(id: &str, moment: &Moment) -> Permit {
    let mut permit = Permit::default();
    let hours = jiff::SignedDuration::from_hours(1);
    let texts = [
        (Field::Id, id.to_owned()),
        (Field::Authority, "Derby Tower".into()),
        (Field::Phone, "01632 960 118".into()),
        (Field::Operator, "GBR-OP-1".into()),
        (Field::Zones, "derby-atz".into()),
        (Field::Upper, "400 ft AGL".into()),
        (Field::From, moment.write(moment.now - hours)),
        (Field::To, moment.write(moment.now + hours + hours)),
    ];
    for (field, text) in texts {
        permit.set(field, text);
    }
    permit
}

pub(crate) fn now() -> Moment {
    Moment {
        now: Timestamp::from_microsecond(clock::now_utc_us()).unwrap(),
        zone: TimeZone::get("Europe/London").unwrap(),
    }
}

fn asks(airspace: &Airspace, moment: &Moment) -> Vec<(String, Asks, String)> {
    let query = crate::state::board::query("52.858, -1.600");
    assert!(matches!(query, Query::At(_)));
    let looking = Looking { query: &query, kind: None, home: None, ground_amsl_m: None, moment, pilot: Some("hale") };
    airspace.zones(&looking).0.into_iter().map(|row| (row.name, row.asks, row.answer)).collect()
}

#[test]
fn a_file_is_looked_at_before_it_is_taken_and_says_what_it_cost() {
    let unit = Unit::new();
    assert!(unit.reads().datasets().is_empty());
    let work = || Work::Import { file: unit.path("local.json"), name: None, accept_refused: false };
    let said = std::sync::Mutex::new(Vec::new());
    let done = carry_out(work(), &unit.homes, None, &Stop::default(), &|event| {
        if let AirspaceEvent::Progress(stage, done, total) = event {
            said.lock().unwrap().push((stage, done, total));
        }
    });
    let AirspaceEvent::Checked(import) = done.unwrap() else { panic!("taken, though a zone has no place") };
    let said = said.into_inner().unwrap();
    let length = std::fs::metadata(unit.path("local.json")).unwrap().len();
    assert!(said.iter().all(|(stage, done, of)| *stage == ImportStage::Reading && done <= of && *of == 5 * length));
    assert!(!said.is_empty() && !import.taken, "{said:?}");
    assert_eq!(import.age.counts, "3 read · 1 kept · 1 uncertain · 1 refused");
    assert!(
        import.refused[0].place.contains('2')
            && import.larger.len() == 1
            && import.larger[0].what.contains("crosses itself"),
        "{import:?}"
    );
    assert!(unit.reads().datasets().is_empty());
    unit.imports();
    let airspace = unit.reads();
    assert_eq!((airspace.datasets().len(), airspace.datasets()[0].zones.len()), (1, 2));
    let wrong = unit.does(Work::Check(unit.path("first/store.json"))).err().unwrap();
    assert!(format!("{wrong:#}").contains("store.json"), "{wrong:#}");
}

#[test]
fn a_permission_goes_over_the_board_and_each_step_stands_signed_in_the_register() {
    let (unit, moment) = (Unit::new(), now());
    unit.imports();
    unit.drafts("D-2219", &moment).unwrap();
    let again = unit.drafts("D-2219", &moment).err().unwrap().to_string();
    assert!(again.contains("in the register already"), "{again}");
    let stage = |airspace: &Airspace| board(airspace, &now())[0].stage;
    let airspace = unit.reads();
    assert_eq!(stage(&airspace), Stage::Draft);
    assert_eq!(asks(&airspace, &now())[0].1, Asks::Blocks);
    for to in [State::Applied, State::InPrinciple] {
        unit.steps("D-2219", to, &now()).unwrap();
    }
    let airspace = unit.reads();
    assert_eq!(stage(&airspace), Stage::InPrinciple);
    let rows = asks(&airspace, &now());
    assert_eq!(rows[0], ("FRZ Derby".into(), Asks::Blocks, "D-2219 in principle".into()));
    assert_eq!((rows[1].0.as_str(), rows[1].1), ("Row 1107", Asks::Uncertain));
    let AirspaceEvent::Entered { state, airspace, .. } = unit.steps("D-2219", State::Activated, &now()).unwrap() else {
        panic!("nothing was entered")
    };
    assert_eq!((state, stage(&airspace)), (State::Activated, Stage::Activated));
    let held = asks(&airspace, &now()).into_iter().find(|row| row.0 == "FRZ Derby").unwrap();
    assert_eq!((held.1, held.2.as_str()), (Asks::Held, "D-2219 in force, to 400 ft AGL"));
    let known = airspace.permission("D-2219").unwrap();
    let call = known.authorisation.history.last().unwrap();
    assert!(call.by == "hale" && call.how.contains("R. Shah: “Cleared to 400 ft”"), "{call:?}");
    let last = known.versions.last().unwrap();
    assert_eq!((known.versions.len(), last.by.as_str()), (4, "hale"));
    assert_eq!((last.reason.as_str(), last.digest), ("Activate: Cleared to 400 ft", known.digest));
    let wrong = unit.steps("D-2219", State::Applied, &now()).err().unwrap().to_string();
    assert!(wrong.contains("cannot become applied"), "{wrong}");
}

#[test]
fn a_wrong_pin_and_a_version_that_somebody_changed_enter_nothing() {
    let (unit, moment) = (Unit::new(), now());
    unit.drafts("D-1", &moment).unwrap();
    let airspace = unit.reads();
    let known = airspace.permission("D-1").unwrap();
    let form = StepForm { who: "Tower".into(), said: "by e-mail".into(), pin: "314159".to_owned().into(), ..signing() };
    let read = |form: &StepForm| form.read(&known.authorisation, known.digest, State::Applied, &moment, false).unwrap();
    let wrong = unit.does(Work::Take(Box::new(read(&form)))).err().unwrap().to_string();
    assert!(wrong.contains("not the PIN"), "{wrong}");
    assert_eq!(unit.reads().permission("D-1").unwrap().versions.len(), 1);
    let form = StepForm { pin: PIN.to_owned().into(), ..form };
    // The first wrong PIN costs nobody a wait.
    unit.does(Work::Take(Box::new(read(&form)))).unwrap();
    let late = unit.does(Work::Take(Box::new(read(&form)))).err().unwrap().to_string();
    assert!(late.contains("meanwhile"), "{late}");
    assert_eq!(unit.reads().permission("D-1").unwrap().versions.len(), 2);
}

#[test]
fn a_draft_is_changed_with_a_paper_and_put_back() {
    let (unit, moment) = (Unit::new(), now());
    unit.drafts("D-1", &moment).unwrap();
    let airspace = unit.reads();
    let mut form = Permit::of(airspace.permission("D-1").unwrap(), &moment);
    assert_eq!((form.text(Field::Upper), form.text(Field::Lower)), ("400 ft AGL", "surface"));
    form.set(Field::Upper, "200 ft AGL");
    std::fs::write(unit.path("letter.pdf"), b"yes").unwrap();
    let before = form.of.as_ref().map(|(_, digest)| *digest);
    let keep = |authorisation, before, document| {
        let reason = "lower than was asked".parse().unwrap();
        Work::Keep(Box::new(Keep { authorisation, before, document, reason, pen: pen() }))
    };
    let done = unit.does(keep(form.read(&moment).unwrap(), before, Some(unit.path("letter.pdf")))).unwrap();
    let AirspaceEvent::Entered { digest, undo, airspace, .. } = done else { panic!("nothing was entered") };
    let now = &airspace.permission("D-1").unwrap().authorisation;
    assert_eq!((now.documents[0].file.as_str(), now.upper.text().starts_with("60.96")), ("letter.pdf", true));
    let undo = undo.expect("a draft can be put back");
    unit.does(keep(*undo, Some(digest), None)).unwrap();
    let known = unit.reads();
    let known = known.permission("D-1").unwrap();
    assert_eq!(known.authorisation.documents, []);
    // Back to the bytes of the first version: the newest line names it again.
    assert_eq!(known.digest, before.unwrap());
}

#[test]
fn without_a_store_or_a_folder_the_cure_is_named() {
    let airspace = match carry_out(Work::Read, &Homes::default(), None, &Stop::default(), &|_| {}).unwrap() {
        AirspaceEvent::Read(airspace) => airspace,
        _ => panic!("something else was done"),
    };
    assert!(airspace.permissions.as_ref().unwrap_err().contains("settings"));
    assert!(airspace.datasets().iter().all(|dataset| dataset.source.illustrative) && airspace.datasets().len() == 2);
    let work = Work::Import { file: Path::new("x").into(), name: None, accept_refused: false };
    let error = carry_out(work, &Homes::default(), None, &Stop::default(), &|_| {}).err().unwrap().to_string();
    assert!(error.contains("zones = "), "{error}");
}

#[test]
fn an_import_that_is_stopped_changes_nothing_and_one_that_counts_is_not_stopped() {
    let unit = Unit::new();
    unit.imports();
    let before = unit.reads();
    let again = unit.path("newer.json");
    let newer = std::fs::read_to_string(unit.path("local.json")).unwrap().replace("Row 1107", "Row 1108");
    std::fs::write(&again, newer).unwrap();
    let work = || Work::Import { file: again.clone(), name: None, accept_refused: true };
    let at = |wanted: ImportStage| {
        let stop = Stop::default();
        let done = carry_out(work(), &unit.homes, None, &stop.clone(), &move |event| {
            if matches!(event, AirspaceEvent::Progress(stage, ..) if stage == wanted) {
                stop.stop();
            }
        });
        done.unwrap()
    };
    for stage in [ImportStage::Reading, ImportStage::Writing] {
        assert!(matches!(at(stage), AirspaceEvent::Stopped), "{stage:?}");
        assert_eq!(unit.reads().datasets(), before.datasets());
    }
    assert!(matches!(at(ImportStage::ReadingAgain), AirspaceEvent::Imported(..)));
    let now = unit.reads();
    assert_eq!(now.datasets().len(), 1, "it takes the place of the one of its name");
    assert_ne!(now.datasets()[0].source.sha256, before.datasets()[0].source.sha256);
}
