//! MAVSDK, unmodified, as a station that uses the agent's cameras: each call of its camera plugin passes, or is refused as it must be; on
//! a link that loses a fifth each way as well.

use std::fmt::Write as _;
use std::net::UdpSocket;
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port, free_udp_port};
use system_tests::oracle;
use system_tests::process::{Running, binary, run};
use system_tests::simulator::{Simulator, Sortie};
use system_tests::unit::Unit;

use crate::recorded::take_off;

/// An aircraft that stands and films.
const STANDING: &str = "seed = 7\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n";
/// What MAVSDK is refused, as it names the reason, in the order of its calls.
const REFUSED: &[(&str, &str)] = &[
    // No flight is open.
    ("take_photo 100", "DENIED"),
    // A series is running.
    ("take_photo 100", "DENIED"),
    // The camera has no definition file: it has no settings but its mode.
    ("get_current_settings 100", "UNAVAILABLE"),
    ("get_possible_setting_options 100", "UNAVAILABLE"),
    ("get_setting 100", "UNAVAILABLE"),
    // Evidence is aboard.
    ("format_storage 100", "DENIED"),
    // It cannot do this.
    ("reset_settings 100", "ACTION_UNSUPPORTED"),
    ("zoom_in_start 100", "ACTION_UNSUPPORTED"),
    ("zoom_stop 100", "ACTION_UNSUPPORTED"),
    ("zoom_range 100", "ACTION_UNSUPPORTED"),
    ("focus_range 100", "ACTION_UNSUPPORTED"),
    ("track_point 100", "ACTION_UNSUPPORTED"),
    ("track_stop 100", "ACTION_UNSUPPORTED"),
    // It has no live view.
    ("start_video_streaming 101", "DENIED"),
];
/// The first camera's component.
const FIRST: u8 = 100;

/// What MAVSDK said, the photos that pymavlink asked for after it, and the aircraft that they used, its flight closed.
struct Used {
    said: Value,
    photos: Value,
    aircraft: Aircraft,
}

/// Lets MAVSDK use two cameras over a radio of this kind, and pymavlink before it where the `older` commands are wanted.
fn used(radio: &[&str], older: bool) -> Result<Used> {
    let view = [UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?];
    let mut aircraft = Aircraft::new()?;
    // The flight is there until its photos have been asked for.
    aircraft.record = "close_after_disarm_s = 60".to_owned();
    let scenario = aircraft.folder().join("standing.toml");
    std::fs::write(&scenario, STANDING)?;
    let rtsp_port = free_tcp_port()?;
    aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
    let thermal = "{ kind = \"test\", width = 320, height = 240, fps = 15 }";
    aircraft.camera("ir", thermal, "sensor = \"LWIR\"");
    let [video, klv] = [view[0].local_addr()?, view[1].local_addr()?];
    write!(aircraft.cameras, "\n[live]\nvideo = \"{video}\"\nklv = \"{klv}\"\nprotection = \"none\"\n")?;
    let mut agent = aircraft.start_agent(false)?;
    let sortie = Sortie { scenario: &scenario, air_seconds: None, mavlink_port: aircraft.mavlink_port, rtsp_port };
    let simulator = Simulator::start(&sortie, aircraft.folder())?;
    let port = free_udp_port()?;
    let mut relay = Command::new(binary("skyseal-sim"));
    relay.args(["relay", "--listen", &format!("127.0.0.1:{port}"), "--to"]);
    relay.arg(format!("127.0.0.1:{}", aircraft.radio_port)).args(radio);
    let relay = Running::start(&mut relay, aircraft.folder().join("relay.log"))?;
    let pymavlink = |what: &str| table("pymavlink_camera.py", &[&port.to_string(), what]);
    if older {
        let said = pymavlink("messages").with_context(|| agent.output())?;
        ensure!(refused(&said).is_empty() && said["streams"] == 1, "{said:#}");
    }
    let said = mavsdk(port, if radio.is_empty() { &[] } else { &["--lossy"] }).with_context(|| agent.output())?;
    let photos = pymavlink("photos").with_context(|| agent.output())?;
    agent.signal("TERM")?;
    let ended = agent.wait(PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    drop((simulator.stop()?, relay));
    Ok(Used { said, photos, aircraft })
}

/// MAVSDK's table over a UDP port: of everything, or of one call.
pub(crate) fn mavsdk(port: u16, call: &[&str]) -> Result<Value> {
    let url = format!("udpout://127.0.0.1:{port}");
    table("mavsdk_camera.py", &[&[url.as_str()], call].concat())
}

fn table(script: &str, words: &[&str]) -> Result<Value> {
    let mut command = oracle::venv("python")?;
    let text = run(command.arg(oracle::scripts().join("peers").join(script)).args(words), 0)?;
    // Peers' libraries print on standard output too: the table is its last line.
    let table = text.lines().last().context("a table")?;
    serde_json::from_str(table).with_context(|| format!("no table: {table}"))
}

/// The calls of a table and how each ended.
fn rows(said: &Value) -> Vec<(String, String)> {
    let row = |row: &Value| Some((row["call"].as_str()?.to_owned(), row["result"].as_str()?.to_owned()));
    said["calls"].as_array().into_iter().flatten().filter_map(row).collect()
}

/// Calls that did not pass, each with the reason that MAVSDK names.
fn refused(said: &Value) -> Vec<(String, String)> {
    let reason =
        |result: String| result.trim_start_matches("refused: ").split(';').next().unwrap_or_default().to_owned();
    let failed = rows(said).into_iter().filter(|(_, result)| result != "passed");
    failed.map(|(call, result)| (call, reason(result))).collect()
}

fn each_call_ends_as_it_must(said: &Value) {
    let expected: Vec<_> = REFUSED.iter().map(|(call, reason)| ((*call).to_owned(), (*reason).to_owned())).collect();
    assert_eq!(refused(said), expected, "{said:#}");
    assert_eq!(said["cameras"]["100"]["vendor"], "Skyseal", "{said:#}");
    assert_eq!((&said["cameras"]["101"]["model"], &said["cameras"]["100"]["width"]), (&json!("LWIR"), &json!(640)));
    assert_eq!(said["stream"]["width"], 640, "{said:#}");
    let times: Vec<_> = said["recording_s"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    assert!(times.len() > 1 && times.is_sorted(), "a repeated start does not restart the timer: {times:?}");
}

/// One recording of both cameras, and each photo once: in the record, by its index, and as far as its message came to MAVSDK.
fn what_was_recorded_is_what_was_told(used: &Used) -> Result<()> {
    let Used { said, photos, aircraft } = used;
    let flight = aircraft.only_flight()?;
    let verdict = aircraft.verify(&flight, None)?;
    assert_eq!(
        (&verdict["word"], &verdict["integrity"]),
        (&json!("VERIFIED-UNWITNESSED"), &json!("INTACT")),
        "{verdict:#}"
    );
    let records = oracle::records(&flight)?;
    let count = |what: &dyn Fn(&Value) -> bool| records.iter().filter(|record| what(record)).count();
    for code in ["recording-started", "recording-stopped"] {
        assert_eq!(count(&|record| record["body"]["code"] == code), 1, "{code}: a repetition begins and ends nothing");
    }
    for stream in ["eo", "ir"] {
        ensure!(count(&|record| record["kind"] == "segment" && record["body"]["stream"] == stream) > 0, "no {stream}");
    }
    let sorted = |files: Vec<&Value>| {
        let mut files: Vec<&str> = files.into_iter().filter_map(Value::as_str).collect();
        files.sort_unstable();
        files.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let stills = sorted(records.iter().filter(|r| r["kind"] == "still").map(|still| &still["body"]["file"]).collect());
    assert_eq!(refused(photos), [], "{photos:#}");
    assert_eq!(sorted(photos["files"].as_array().context("files")?.iter().collect()), stills, "by their indices");
    let captured = ["100", "101"].into_iter().filter_map(|camera| said["captured"][camera].as_object());
    let told = sorted(captured.flat_map(serde_json::Map::values).map(|photo| &photo["file"]).collect());
    println!("{} photos in the record, MAVSDK was told of {} and listed {}", stills.len(), told.len(), said["listed"]);
    ensure!(told.len() >= 3 && told.iter().all(|file| stills.contains(file)), "{told:?}, {stills:?}");
    Ok(())
}

#[test]
fn every_call_of_mavsdk_and_every_message_for_pymavlink_ends_as_it_must() -> Result<()> {
    let used = used(&[], true)?;
    each_call_ends_as_it_must(&used.said);
    assert_eq!((&used.said["timeouts"], used.photos["files"].as_array().map(Vec::len) >= Some(5)), (&json!({}), true));
    let listed = used.said["listed"].as_array().context("listed")?.len();
    assert_eq!(
        used.said["listed"],
        json!((0..listed.max(4)).collect::<Vec<_>>()),
        "two by hand, two of a series at least"
    );
    what_was_recorded_is_what_was_told(&used)
}

/// A fifth is lost each way; what MAVSDK gives up after four tries, a person presses again.
#[test]
fn every_call_of_mavsdk_ends_as_it_must_where_a_fifth_is_lost() -> Result<()> {
    let used = used(&["--loss", "0.2", "--seed", "3"], false)?;
    each_call_ends_as_it_must(&used.said);
    println!("MAVSDK gave up and was asked again: {}; {} s", used.said["timeouts"], used.said["took_s"]);
    what_was_recorded_is_what_was_told(&used)
}

/// MAVSDK and our own station on one agent, both at once.
#[test]
fn two_makers_stations_start_and_stop_one_recording() -> Result<()> {
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
    // Long enough for the later of two stops to find the flight.
    aircraft.record = "close_after_disarm_s = 10".to_owned();
    let scenario = aircraft.folder().join("standing.toml");
    std::fs::write(&scenario, STANDING)?;
    let (mut agent, simulator) = take_off(&mut aircraft, &scenario, None)?;
    aircraft.until_heard(&mut agent)?;
    let link = format!("udpout:127.0.0.1:{}", aircraft.radio_port);
    let ours = |action: &str| -> Result<Value> {
        let words =
            ["record", action, "--reason", "both at once", "--mavlink", &link, "--key", "station.key", "--json"];
        Ok(serde_json::from_str(&unit.run("skyseal-ground", &words)?)?)
    };
    for (action, call) in [("start", "start_video"), ("stop", "stop_video")] {
        let (theirs, ours) = std::thread::scope(|scope| {
            let theirs = scope.spawn(|| mavsdk(aircraft.mavlink_port, &[call]));
            let ours = ours(action);
            (theirs.join(), ours)
        });
        let theirs = theirs.map_err(|_| anyhow!("a panic"))?.with_context(|| agent.output())?;
        let row = format!("{call} {FIRST}");
        ensure!(rows(&theirs).contains(&(row, "passed".to_owned())), "{theirs:#}");
        let ours = ours.with_context(|| agent.output())?;
        assert_eq!(ours["recording"], action == "start", "{ours:#}");
    }
    let ended = agent.wait(PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    drop(simulator.stop()?);

    let flight = aircraft.only_flight()?;
    let records = oracle::records(&flight)?;
    let code = |record: &Value| record["body"]["code"].as_str().unwrap_or_default().to_owned();
    let events: Vec<&Value> = records.iter().filter(|record| code(record).starts_with("recording-")).collect();
    let orders: Vec<&Value> = records.iter().filter(|record| record["kind"] == "statement").collect();
    let [started, stopped] = &events[..] else { anyhow::bail!("one start, one stop: {events:#?}") };
    assert_eq!((code(started), code(stopped)), ("recording-started".to_owned(), "recording-stopped".to_owned()));
    let station = orders.first().map(|order| &order["body"]["signer"]);
    for event in events {
        let actor = &event["body"]["actor"];
        ensure!(actor.is_null() || Some(actor) == station, "MAVSDK's, whom nobody vouches for, or ours: {event:#}");
    }
    let actions: Vec<&Value> = orders.iter().map(|order| &order["body"]["action"]).collect();
    assert_eq!(actions, ["start", "stop"], "ours stand in the record, whoever came first");
    let verdict = aircraft.verify(&flight, None)?;
    assert_eq!(
        (&verdict["word"], &verdict["integrity"]),
        (&json!("VERIFIED-UNWITNESSED"), &json!("INTACT")),
        "{verdict:#}"
    );
    Ok(())
}
