//! Papers of a flight, with the real programs: who may override what, what is flown, and that they stand in the record as they were
//! checked, over a bad radio on which strangers shout.

use std::fs;
use std::net::UdpSocket;
use std::process::{Command, Output};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use flight_record::Sha256;
use flight_record::keys::DeviceKey;
use flight_record::radio::{Announcement, Body, Fragment, MessageHint, Part, Purpose};
use flight_record::statement::Moment;
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port, free_udp_port};
use system_tests::oracle;
use system_tests::process::{Running, binary, run};
use system_tests::simulator::{Simulator, Sortie};
use system_tests::unit::{PEOPLE, PILOT, STORES, SUPERVISOR, Unit};
use vehicle_link::frames::Encoder;
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use crate::lossy::{FLYING, ORDER, RADIO, STANDING, ground, plan};

/// How the hop is flown: not so far as the plan goes, which somebody has to answer for.
const PROFILE: &str = include_str!("../../mission-profiles/profiles/training.toml");
const SHORT: (&str, &str) = ("range_m = 400", "range_m = 10");
const WHY: &str = "the field is wider than that";
const RAPID: &str = "a child is in the river";

/// Strangers wait for an answer so long before they shout again.
const PAUSE: Duration = Duration::from_millis(2);

/// A unit with a plan, a profile and people.
fn founded() -> Result<Rc<Unit>> {
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    unit.stores()?;
    fs::write(unit.folder().join("hop.plan"), plan().to_string())?;
    ensure!(PROFILE.contains(SHORT.0), "the profile that comes along has a range");
    fs::write(unit.folder().join("short.toml"), PROFILE.replace(SHORT.0, SHORT.1))?;
    Ok(unit)
}

fn person(name: &str) -> Vec<String> {
    ["--as", name, "--pin-file", &format!("{name}.pin"), "--store", STORES[0]].map(str::to_owned).to_vec()
}

fn trusted(unit: &Unit) -> Result<Vec<String>> {
    Ok(["--trust", "trust/trust.json", "--root", &unit.root()?].map(str::to_owned).to_vec())
}

fn ask(unit: &Unit, words: &[&str], more: &[Vec<String>]) -> Result<Output> {
    let more: Vec<&str> = more.iter().flatten().map(String::as_str).collect();
    Ok(unit.command("skyseal-ground", &[words, &more].concat()).output()?)
}

/// `plan check` of the hop by the pilot.
fn check(unit: &Unit, papers: &str, looked: &[&str]) -> Result<Output> {
    let day =
        ["--role", "observer", "--recent-hours", "5", "--endurance-min", "30", "--gust", "3", "--visibility", "9000"];
    let words = ["plan", "check", "hop.plan", "--profile", "short.toml", "--pilot", PILOT.0, "--aircraft", "SKY-1"];
    ask(unit, &[&words[..], &day, &["--papers", papers], looked].concat(), &[person(PILOT.0)])
}

fn overrule(unit: &Unit, papers: &str, finding: &str, by: &str) -> Result<Output> {
    let words = ["plan", "override", papers, "--finding", finding, "--reason", WHY, "--json"];
    ask(unit, &words, &[person(by), trusted(unit)?])
}

fn fly(unit: &Unit, papers: &str, plan: &str) -> Result<String> {
    // Nobody is there: what is refused is refused before anything is said on the air.
    let words = ["fly", plan, "--papers", papers, "--profile", "short.toml", "--key", "station.key"];
    let output = ask(unit, &words, &[trusted(unit)?])?;
    ensure!(!output.status.success(), "it was not to be flown");
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn somebody_other_than_the_pilot_answers_for_what_blocks() -> Result<()> {
    let unit = founded()?;
    let said = |output: &Output| String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    let open = check(&unit, "open.papers", &[])?;
    ensure!(!open.status.success() && said(&open).contains("BLOCKS [range]"), "{}", said(&open));
    ensure!(said(&open).contains("7 items are open"), "{}", said(&open));
    let refused = fly(&unit, "open.papers", "hop.plan")?;
    ensure!(refused.contains("[range]") && refused.contains("7 items of the checklist"), "{refused}");

    let rapid = check(&unit, "rapid.papers", &["--rapid-launch", RAPID, "--checked", "1"])?;
    ensure!(!rapid.status.success() && said(&rapid).contains("skipped"), "{}", said(&rapid));
    for (by, why) in [(PILOT.0, "whoever flies"), (PEOPLE[0].0, "no officer who may override")] {
        let refused = overrule(&unit, "rapid.papers", "1", by)?;
        ensure!(!refused.status.success() && said(&refused).contains(why), "{by}: {}", said(&refused));
    }
    let other = overrule(&unit, "rapid.papers", "2", SUPERVISOR.0)?;
    ensure!(said(&other).contains("does not block"), "{}", said(&other));
    let overridden = overrule(&unit, "rapid.papers", "1", SUPERVISOR.0)?;
    ensure!(overridden.status.success(), "{}", said(&overridden));
    let judged: Value = serde_json::from_slice(&overridden.stdout)?;
    assert_eq!((&judged["standing"], &judged["rapid_launch"]), (&"overridden".into(), &RAPID.into()), "{judged:#}");
    assert_eq!(
        (&judged["overridden"][0]["by"], &judged["overridden"][0]["reason"]),
        (&SUPERVISOR.0.into(), &WHY.into())
    );

    // Papers of a new check do not take the old word with them.
    ensure!(!check(&unit, "again.papers", &["--rapid-launch", RAPID])?.status.success());
    let text = fs::read_to_string(unit.folder().join("rapid.papers"))?;
    let again = fs::read_to_string(unit.folder().join("again.papers"))?;
    let word = text.lines().nth(1).context("the override is a line of its own")?;
    fs::write(unit.folder().join("stolen.papers"), format!("{again}{word}\n"))?;
    let refused = fly(&unit, "stolen.papers", "hop.plan")?;
    ensure!(refused.contains("about other papers"), "{refused}");
    let plan = fs::read_to_string(unit.folder().join("hop.plan"))?;
    fs::write(unit.folder().join("other.plan"), plan.replace("8.0", "9.0").replace(",8]", ",9]"))?;
    let refused = fly(&unit, "rapid.papers", "other.plan")?;
    ensure!(refused.contains("another plan"), "{refused}");
    fs::write(unit.folder().join("forged.papers"), text.replacen("eyJzY2hlbWEi", "eyJzY2hlbWEj", 1))?;
    let refused = fly(&unit, "forged.papers", "hop.plan")?;
    ensure!(refused.contains("papers"), "{refused}");
    Ok(())
}

/// Shouts forged announcements and parts at an aircraft until it is told to stop; how many.
fn shout(port: u16, over: &Arc<AtomicBool>) -> Result<JoinHandle<u64>> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(PAUSE))?;
    let over = Arc::clone(over);
    Ok(std::thread::spawn(move || {
        let (stranger, mut encoder, mut shouted) = (DeviceKey::from_seed([9; 32]), Encoder::new(255, 190), 0_u64);
        while !over.load(Ordering::Relaxed) {
            let message = shouted.to_le_bytes().repeat(100);
            let made = Moment { time_s: u32::MAX / 2, counter: u32::try_from(shouted % 1_000_000).unwrap_or(0) };
            let announced = Announcement::sign(Purpose::Papers, [1; 16], made, &message, &stranger).unwrap();
            let part = Part { message: MessageHint::of(Sha256::of(&message)), number: 0, bytes: vec![7; 117] };
            for fragment in [Fragment::Announced(announced), Fragment::Part(part)] {
                let body = Body::Fragment(fragment);
                let tunnel = Tunnel::to(Address::new(1, 100), body.payload_type(), body.encode());
                let frame = encoder.encode_body(&tunnel.body().unwrap());
                // What the socket does not take, or nobody answers, is the shouter's trouble.
                let _ = socket.send(frame.bytes());
                shouted += 1;
            }
            let _ = socket.recv(&mut [0; 512]);
        }
        shouted
    }))
}

#[test]
fn papers_cross_a_bad_radio_and_stand_in_the_record_as_they_were_checked() -> Result<()> {
    let unit = founded()?;
    ensure!(!check(&unit, "hop.papers", &["--rapid-launch", RAPID])?.status.success());
    ensure!(overrule(&unit, "hop.papers", "1", SUPERVISOR.0)?.status.success());
    let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
    aircraft.record = "close_after_disarm_s = 8".to_owned();
    let scenario = aircraft.folder().join("standing.toml");
    fs::write(&scenario, STANDING)?;
    let rtsp_port = free_tcp_port()?;
    aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
    let mut agent = aircraft.start_agent(false)?;
    let sortie = Sortie { scenario: &scenario, air_seconds: None, mavlink_port: aircraft.mavlink_port, rtsp_port };
    let simulator = Simulator::start(&sortie, aircraft.folder())?;
    aircraft.until_heard(&mut agent)?;
    let port = free_udp_port()?;
    let mut relay = Command::new(binary("skyseal-sim"));
    relay.args(["relay", "--listen", &format!("127.0.0.1:{port}"), "--to"]);
    relay.arg(format!("127.0.0.1:{}", aircraft.radio_port)).args(RADIO);
    let mut relay = Running::start(&mut relay, aircraft.folder().join("relay.log"))?;
    let link = format!("udpout:127.0.0.1:{port}");
    let over = Arc::new(AtomicBool::new(false));
    let shouting = shout(aircraft.radio_port, &over)?;

    let (by, vouched) = (person(PILOT.0), trusted(&unit)?);
    let (by, vouched): (Vec<&str>, Vec<&str>) =
        (by.iter().map(String::as_str).collect(), vouched.iter().map(String::as_str).collect());
    let papers = ["--papers", "hop.papers", "--mavlink", &link, "--json"];
    let start = [&["record", "start", "--reason", "a bad radio"], &papers[..], &by, &vouched].concat();
    let begun = ground(&unit, &start, 2 * ORDER).with_context(|| agent.output())?;
    assert_eq!(begun["recording"], true, "{begun:#}");
    over.store(true, Ordering::Relaxed);
    let shouted = shouting.join().ok().context("the shouter ended")?;
    let flown = [&["fly", "hop.plan", "--profile", "short.toml"], &papers[..], &by, &vouched].concat();
    let flown = ground(&unit, &flown, FLYING).with_context(|| agent.output())?;
    println!("{shouted} forged fragments; {flown:#}");
    ensure!(shouted > 100, "{shouted} forged fragments");
    let stop = ["record", "stop", "--reason", "it is over", "--mavlink", &link, "--key", "station.key", "--json"];
    ground(&unit, &stop, ORDER).with_context(|| agent.output())?;
    agent.until("the flight is closed", PATIENCE, || {
        aircraft.data().join("dock").read_dir().is_ok_and(|mut all| all.next().is_some())
    })?;
    for running in [&mut agent, &mut relay] {
        running.signal("TERM")?;
        ensure!(running.wait(PATIENCE)?.success(), "{}", running.output());
    }
    drop(simulator.stop()?);
    the_record_has_them_once_and_what_the_monitor_said(&unit, &aircraft, &flown)
}

fn the_record_has_them_once_and_what_the_monitor_said(unit: &Unit, aircraft: &Aircraft, flown: &Value) -> Result<()> {
    let flight = aircraft.only_flight()?;
    let records = oracle::records(&flight)?;
    let file = unit.folder().join("hop.papers");
    let sum = run(Command::new("sha256sum").arg(&file), 0)?;
    let verdict = aircraft.verify(&flight, None)?;
    assert_eq!(verdict["integrity"], "INTACT", "{verdict:#}");
    let papers = verdict["papers"].as_array().context("papers")?;
    let [frozen] = &papers[..] else { anyhow::bail!("sent twice, they stand there once: {papers:#?}") };
    assert_eq!((&frozen["record"], frozen["sha256"].as_str()), (&0.into(), sum.split(' ').next()), "{frozen:#}");
    let judged = &frozen["judged"];
    assert_eq!((&judged["standing"], &judged["by"]), (&"overridden".into(), &PILOT.0.into()), "{judged:#}");
    assert_eq!((&judged["overridden"][0]["by"], &judged["rapid_launch"]), (&SUPERVISOR.0.into(), &RAPID.into()));
    assert_eq!(flown["papers"]["recorded_in"], flight.file_name().and_then(|name| name.to_str()).unwrap_or_default());

    let limits: Vec<&Value> = records.iter().filter(|record| record["body"]["code"] == "limit").collect();
    let told = flown["papers"]["alerts"].as_array().context("alerts")?;
    ensure!(told.iter().any(|alert| alert["rule"] == "range" && alert["state"] == "began"), "{told:#?}");
    let lost = flown["papers"]["alerts_not_recorded"].as_u64().context("a count")?;
    // One whose answer was lost is in the record, and counts as lost all the same.
    let (recorded, told) = (limits.len() as u64, told.len() as u64);
    ensure!((1..=told).contains(&recorded) && recorded + lost >= told, "{recorded} and {lost} of {told}: {limits:#?}");
    let pilot = records.iter().find(|record| record["kind"] == "statement").context("an order")?;
    for limit in &limits {
        assert_eq!(limit["body"]["actor"], pilot["body"]["signer"], "{limit:#}");
        ensure!(limit["body"]["detail"].is_object(), "{limit:#}");
    }
    let verifier = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../flight-record/verifier/verify.py");
    let mut second = oracle::venv("python")?;
    second.arg(verifier).arg(&flight).args(["--root", &aircraft.root()?, "--trust"]).arg(unit.trust());
    let said = String::from_utf8_lossy(&second.output()?.stdout).into_owned();
    ensure!(said.contains("VERIFIED-UNWITNESSED"), "the second verifier: {said}");
    Ok(())
}
