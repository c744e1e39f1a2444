//! A duty from the window alone, as a pilot works: every step by what stands on it by name, with the real programs beside it.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use egui::{Key, vec2};
use serde_json::Value;
use system_tests::oracle;
use system_tests::pilot::{PATIENCE, Pilot};
use system_tests::process::{Running, binary, run, wait_for};
use system_tests::station::{PERMISSION, PHONE, Station};
use system_tests::unit::{PEOPLE, PILOT};

/// What a flight may take from a call to return until the motors stand.
const HOMEWARD: Duration = Duration::from_secs(150);
/// What the handover may take: copies, verdicts, the ledger, two stores.
const HANDOVER: Duration = Duration::from_secs(150);
/// So many more cells of the ribbon are cosigned before the pilot goes on.
const WITNESSED: usize = 8;
/// What is written with the marker.
const NOTE: &str = "red car, north side";
/// The verdict on a flight that nobody has opened.
const SEALED: &str = "VERIFIED-SEALED-ONLY";
/// What the tower said.
const SAID: &str = "clear below 400 ft, call when landed";

#[test]
fn a_duty_from_signing_in_to_the_package_is_done_from_the_window() -> Result<()> {
    let mut station = Station::put_up()?;
    let mut pilot = Pilot::sit_down(&station.config);
    let mut steps = Steps::begin();
    sign_in(&mut pilot, &station, PILOT.0)?;
    steps.done("signed in");
    plan_a_survey(&mut pilot)?;
    steps.done("planned");
    activate_the_permission(&mut pilot)?;
    steps.done("finding cleared");
    check_and_upload(&mut pilot)?;
    steps.done("uploaded and read back");
    arm_and_fly(&mut pilot)?;
    steps.done("flies");
    record_and_mark(&mut pilot)?;
    steps.done("recorded, witnessed, marked");
    come_home(&mut pilot)?;
    steps.done("landed");
    hand_over(&mut pilot, &station)?;
    steps.done("handed over and packed");
    judge_in_evidence(&mut pilot)?;
    steps.done("checked in Evidence");
    drop(pilot);
    the_package_is_verified_and_has_the_marker(&station)?;
    steps.done("verified");
    station.shut_down()
}

/// What each step took, for whoever reads the test's output.
struct Steps(Instant);

impl Steps {
    #[expect(clippy::disallowed_methods, reason = "printed, never judged")]
    fn begin() -> Self {
        Self(Instant::now())
    }

    fn done(&mut self, what: &str) {
        println!("{:6.1} s  {what}", self.0.elapsed().as_secs_f64());
    }
}

/// By the PIN pad.
fn sign_in(pilot: &mut Pilot, station: &Station, who: &str) -> Result<()> {
    let chip = pilot.until_sees("Signed in: Nobody")?;
    pilot.press(&chip)?;
    pilot.press(&format!("Person {who}"))?;
    for digit in station.pin(who)?.chars() {
        pilot.press(&digit.to_string())?;
    }
    pilot.press("OK")?;
    pilot.until_sees(&format!("Signed in: {who}")).map(drop)
}

/// A profile, four corners beside the take-off, and the zone stands in the way.
fn plan_a_survey(pilot: &mut Pilot) -> Result<()> {
    pilot.until_sees("Aircraft: TEST-1")?;
    pilot.key(Key::Num2);
    pilot.press("Road-traffic collision scene")?;
    pilot.find("Take-off")?;
    pilot.press("Zoom in")?;
    pilot.press("Draw an area")?;
    let home = pilot.find("Take-off")?.center();
    for corner in [vec2(40.0, -30.0), vec2(140.0, -30.0), vec2(140.0, -110.0), vec2(40.0, -110.0)] {
        pilot.click(home + corner);
    }
    pilot.key(Key::Enter);
    pilot.until_sees("1 block")?;
    pilot.until_sees("1 finding blocks")?;
    let held = pilot.reads("Upload to").is_some() && !pilot.can_use("Upload to TEST-1");
    ensure!(held, "the upload waits for the finding: {:#?}", pilot.names());
    Ok(())
}

/// The cure of the finding leads to the call, and the call clears the finding.
fn activate_the_permission(pilot: &mut Pilot) -> Result<()> {
    pilot.press(&format!("Activate {PERMISSION}: finding 1"))?;
    pilot.until_sees(&format!("Telephone {PHONE}"))?;
    pilot.type_into("Who", "Derby Tower, R. Shah")?;
    pilot.type_into("What was said", SAID)?;
    pilot.press("Sign and activate")?;
    pilot.until_sees("Activated: 1")?;
    pilot.until_sees(SAID)?;
    pilot.key(Key::Num2);
    pilot.until_sees("0 block")?;
    pilot.until_sees(&format!("DERBY is entered by {PERMISSION}")).map(drop)
}

/// Every item of the checklist that wants eyes, then the plan goes up and comes back the same.
fn check_and_upload(pilot: &mut Pilot) -> Result<()> {
    pilot.until_sees("checks open")?;
    while let Some(item) = pilot.unticked() {
        pilot.press(&item)?;
        pilot.until(&format!("“{item}” is ticked"), PATIENCE, |pilot| pilot.unticked().as_ref() != Some(&item))?;
    }
    pilot.until_sees("Nothing blocks, all is checked")?;
    pilot.press("Upload to TEST-1")?;
    pilot.until_sees("Plan uploaded and read back").map(drop)
}

fn arm_and_fly(pilot: &mut Pilot) -> Result<()> {
    pilot.key(Key::Num1);
    pilot.slide("Arm")?;
    pilot.until_sees("Mode: Armed")?;
    // The other way to push a slide: Enter, held.
    pilot.hold_enter_on("Start mission")?;
    in_the_air(pilot)
}

/// Only in the air there is anything to land.
fn in_the_air(pilot: &mut Pilot) -> Result<()> {
    pilot.find("Land").map(drop)
}

fn record_and_mark(pilot: &mut Pilot) -> Result<()> {
    pilot.key(Key::R);
    pilot.until_sees("Recording: REC 00:")?;
    more_is_witnessed(pilot)?;
    pilot.key(Key::M);
    pilot.type_into("Note", NOTE)?;
    pilot.press("Set marker")?;
    pilot.until_sees(&format!("Marker 1: {NOTE}"))?;
    pilot.press("Stop recording")?;
    pilot.until_sees("Recording: REC ready").map(drop)
}

/// What is recorded gets its caps: so many cells more than there were.
fn more_is_witnessed(pilot: &mut Pilot) -> Result<()> {
    let more = witnessed(pilot) + WITNESSED;
    pilot.until(&format!("{more} cells are witnessed"), PATIENCE, |pilot| witnessed(pilot) >= more)
}

/// As the ribbon's head counts them.
fn witnessed(pilot: &Pilot) -> usize {
    let counts = pilot.names().into_iter().filter_map(|name| name.strip_suffix(" witnessed")?.parse().ok());
    counts.max().unwrap_or(0)
}

fn come_home(pilot: &mut Pilot) -> Result<()> {
    pilot.key(Key::F2);
    pilot.until("it is landed and disarmed", HOMEWARD, |pilot| pilot.sees("Mode: Disarmed"))?;
    pilot.until_sees("SEAL closed").map(drop)
}

/// By the custodian, countersigned by a second person.
fn hand_over(pilot: &mut Pilot, station: &Station) -> Result<()> {
    let [(custodian, _), (second, _)] = PEOPLE;
    let chip = pilot.until_sees(&format!("Signed in: {}", PILOT.0))?;
    pilot.press(&chip)?;
    pilot.press("Sign out")?;
    pilot.until_sees("Signed in: Nobody")?;
    pilot.press(&format!("Person {custodian}"))?;
    for digit in station.pin(custodian)?.chars() {
        pilot.press(&digit.to_string())?;
    }
    pilot.press("OK")?;
    pilot.until_sees(&format!("Signed in: {custodian}"))?;
    pilot.key(Key::Num4);
    pilot.press("Look at it")?;
    pilot.press("Take over 1 flight")?;
    pilot.press(&format!("Countersigner {second}"))?;
    for digit in station.pin(second)?.chars() {
        pilot.press(&digit.to_string())?;
    }
    pilot.press("OK")?;
    pilot.until("two stores hold the flight", HANDOVER, |pilot| pilot.sees("All taken over"))?;
    pilot.until("its verdict stands", PATIENCE, |pilot| pilot.stands(SEALED))?;
    pilot.slide("Slide to erase from the aircraft")?;
    pilot.until("it is erased aboard", HANDOVER, |pilot| pilot.sees("Erased; the device log says so"))?;
    pilot.press("Make package")?;
    pilot.until("the package is made", HANDOVER, |pilot| pilot.sees("1 package made")).map(drop)
}

fn judge_in_evidence(pilot: &mut Pilot) -> Result<()> {
    pilot.key(Key::Num5);
    let row = pilot.until_sees(", TEST-1, ")?;
    pilot.press(&row)?;
    pilot.press("Check again")?;
    pilot.until("every file was read anew", HANDOVER, |pilot| pilot.stands("Integrity intact"))?;
    pilot.until_sees("Witness full")?;
    pilot.until("its verdict stands", PATIENCE, |pilot| pilot.stands(SEALED))
}

fn the_package_is_verified_and_has_the_marker(station: &Station) -> Result<()> {
    ensure!(station.aircraft.flights().is_empty(), "nothing is left aboard");
    let mut packages = std::fs::read_dir(station.unit.folder().join("packages"))?;
    let package = packages.next().context("a package")??.path();
    ensure!(packages.next().is_none(), "one package");
    let flight = package.join("data/flight");
    let mut verify = Command::new(binary("skyseal-verify"));
    verify.arg(&package).args(["--json", "--root", &station.unit.root()?, "--trust"]).arg(station.unit.trust());
    let opened = station.unit.folder().join("opened");
    verify.arg("--identity").arg(station.aircraft.identity(&flight)?).arg("--extract").arg(&opened);
    let verdict: Value = serde_json::from_str(&run(&mut verify, 0)?)?;
    assert_eq!(verdict["word"], "VERIFIED", "{verdict:#}");
    let records = oracle::records(&flight)?;
    let marked: Vec<&Value> = records.iter().filter(|record| record["body"]["code"] == "marker").collect();
    let [marker] = &marked[..] else { bail!("one marker: {marked:#?}") };
    // The note itself is sealed, as everything is that could name somebody.
    let long = marker["body"]["detail"]["plain"]["bytes"].as_u64();
    ensure!(long > u64::try_from(NOTE.len()).ok() && !marker.to_string().contains(NOTE), "{marker:#}");
    let documents = std::fs::read_dir(opened.join("documents"))?.map(|entry| std::fs::read_to_string(entry?.path()));
    let noted = documents.filter(|document| document.as_ref().is_ok_and(|document| document.contains(NOTE))).count();
    ensure!(noted == 1, "who has the key reads the note: {noted} documents have it");
    Ok(())
}

#[test]
fn a_window_that_dies_in_flight_is_back_in_it_and_the_witness_never_stopped() -> Result<()> {
    let mut station = Station::put_up()?;
    let mut pilot = Pilot::sit_down(&station.config);
    pilot.until_sees("Aircraft: TEST-1")?;
    pilot.slide("Arm")?;
    pilot.slide("Take off")?;
    in_the_air(&mut pilot)?;
    pilot.until_sees("Recording: REC ready")?;
    pilot.key(Key::R);
    pilot.until_sees("Recording: REC 00:")?;
    more_is_witnessed(&mut pilot)?;
    let (recorded, cells, witness) = (recorded_for(&pilot), witnessed(&pilot), station.running("witness"));
    ensure!(witness.len() == 1, "one witness: {witness:?}");
    drop(pilot);

    let mut steps = Steps::begin();
    let mut pilot = Pilot::sit_down(&station.config);
    steps.done("the window stands again");
    pilot.until_sees("Aircraft: TEST-1")?;
    steps.done("it shows the vehicle");
    pilot.until_sees("Recording: REC 00:")?;
    steps.done("it shows that it is recorded");
    pilot.until("its witnessed cells are there", PATIENCE, |pilot| witnessed(pilot) >= cells)?;
    steps.done("it shows the ribbon");
    in_the_air(&mut pilot)?;
    steps.done("it can be landed");
    ensure!(recorded_for(&pilot) >= recorded, "the recording's own time goes on");
    pilot.until("the seal grows", PATIENCE, |pilot| witnessed(pilot) > cells)?;
    assert_eq!(station.running("witness"), witness, "the witness went on");
    pilot.key(Key::F2);
    pilot.until("it is landed and disarmed", HOMEWARD, |pilot| pilot.sees("Mode: Disarmed"))?;
    drop(pilot);
    station.shut_down()
}

#[test]
fn a_window_that_is_killed_leaves_nobody_behind_who_holds_the_ports_of_its_view() -> Result<()> {
    let mut station = Station::put_up()?;
    let config = station.config.to_string_lossy().into_owned();
    let words = ["window", "--config", &config, "--shots", "pictures", "--after", "600"];
    let log = station.unit.folder().join("window.log");
    let mut window = Running::start(&mut station.unit.command("skyseal-ground", &words), log)?;
    window.until("it agrees the keys of the view", PATIENCE, || station.running("live").len() == 1)?;
    window.signal("KILL")?;
    window.wait(PATIENCE)?;
    ensure!(wait_for(PATIENCE, || station.running("live").is_empty()), "{:?} has its ports", station.running("live"));
    station.shut_down()
}

/// How long it is recorded, as the strip says it: `00:00:12`.
fn recorded_for(pilot: &Pilot) -> String {
    let chip = pilot.reads("Recording: REC 00:").unwrap_or_default();
    chip.chars().skip("Recording: REC ".len()).take("00:00:00".len()).collect()
}
