//! Inputs we did not make: other people's footage, cameras, telemetry and autopilots, and cameras that misbehave.

mod awkward;
mod conversation;
mod footage;
mod sources;
mod telemetry;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::{Running, binary, run};
use system_tests::simulator::{Simulator, Sortie};
use tempfile::TempDir;

/// How long the wanted frames may take, in real time, on a loaded machine.
const FILMING: Duration = Duration::from_secs(90);

/// A recorded flight, judged and opened.
struct Filmed {
    flight: PathBuf,
    records: Vec<Value>,
    verdict: Value,
    /// The whole stream `eo`, end to end.
    video: PathBuf,
    opened: TempDir,
}

impl Filmed {
    /// Ends the agent, has the flight verified and opened.
    fn end(aircraft: &Aircraft, mut agent: Running) -> Self {
        agent.signal("TERM").unwrap();
        assert!(agent.wait(PATIENCE).unwrap().success(), "{}", agent.output());
        Self::of(aircraft)
    }

    /// Has the only flight verified and opened.
    fn of(aircraft: &Aircraft) -> Self {
        let flight = aircraft.only_flight().unwrap();
        let opened = tempfile::tempdir().unwrap();
        let verdict = aircraft.verify(&flight, Some(opened.path())).unwrap();
        let video = oracle::concatenate(opened.path(), "eo").unwrap();
        Self { records: oracle::records(&flight).unwrap(), flight, verdict, video, opened }
    }

    /// Records of a kind: their bodies.
    fn bodies(&self, kind: &str) -> Vec<&Value> {
        self.records.iter().filter(|record| record["kind"] == kind).map(|record| &record["body"]).collect()
    }

    /// Codes of its events, in order.
    fn events(&self) -> Vec<&str> {
        self.bodies("event").iter().filter_map(|event| event["code"].as_str()).collect()
    }

    /// Frames that its segment records count.
    fn frames(&self) -> u64 {
        self.bodies("segment").iter().filter_map(|segment| segment["frames"].as_u64()).sum()
    }

    /// What `track.py` says of the telemetry of its frames.
    fn track(&self) -> Value {
        oracle::script("track.py", &[&self.video, &self.opened.path().join("telemetry")]).unwrap()
    }

    /// Intact, opened, every frame with one packet of telemetry, tag 2 rising, and stock ffmpeg reads it without complaint.
    #[track_caller]
    fn assert_good(&self, word: &str) -> Value {
        assert_eq!(self.verdict["word"], word, "{} {:#}", self.flight.display(), self.verdict);
        let track = self.track();
        assert_eq!(track["klv_packets"].as_u64(), Some(self.frames()), "{track}");
        assert_eq!(track["klvdata_packets"], track["klv_packets"], "{track}");
        assert_eq!(track["tag_2_rises"], true, "{track}");
        let complaints = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(&self.video)
            .args(["-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&complaints.stderr), "", "ffmpeg reads {}", self.video.display());
        track
    }
}

/// A vehicle that arms by itself at `arm_at_s`, takes off and stays; `camera` is its `[camera]` and `faults`.
fn scenario(camera: &str, arm_at_s: f64) -> String {
    format!(
        "seed = 3\n{camera}\n[flight]\nautostart = true\narm_at_s = {arm_at_s:.1}\nair_seconds = 3600\n\
         mission = [{{ take_off = {{ height_m = 30 }} }}, {{ wait = {{ seconds = 3000 }} }}]\n"
    )
}

/// A simulated vehicle without a camera, whose arming starts the recording.
fn vehicle(aircraft: &Aircraft) -> Running {
    let file = aircraft.folder().join("scenario.toml");
    std::fs::write(&file, scenario("", 1.0)).unwrap();
    let mut simulator = Command::new(binary("skyseal-sim"));
    let mavlink = format!("udpout:127.0.0.1:{}", aircraft.mavlink_port);
    simulator.arg("run").arg(file).args(["--no-camera", "--mavlink", &mavlink]);
    Running::start(&mut simulator, aircraft.folder().join("simulator.log")).unwrap()
}

/// A simulated vehicle with a camera, and its place in the configuration.
fn vehicle_with_camera(aircraft: &Aircraft, camera: &str, rtsp_port: u16) -> Simulator {
    let file = aircraft.folder().join("scenario.toml");
    // Late enough for the agent to find the camera and hear its first sender report.
    std::fs::write(&file, scenario(camera, 8.0)).unwrap();
    let (scenario, mavlink_port) = (file.as_path(), aircraft.mavlink_port);
    Simulator::start(&Sortie { scenario, air_seconds: None, mavlink_port, rtsp_port }, aircraft.folder()).unwrap()
}

/// An aircraft that records from arm to disarm.
fn recording_when_armed() -> Aircraft {
    let mut aircraft = Aircraft::new().unwrap();
    aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
    aircraft
}

/// A stock RTSP server with a launch line, and its address.
fn serve(folder: &Path, options: &[&str], launch: &str) -> (Running, String) {
    let mut server = Command::new(binary("serve-rtsp"));
    let mut server = Running::start(server.args(options).arg(launch), folder.join("server.log")).unwrap();
    let log = folder.join("server.log");
    let address = || std::fs::read_to_string(&log).ok().filter(|text| text.ends_with('\n'));
    server.until("the camera listens", PATIENCE, || address().is_some()).unwrap();
    (server, address().unwrap().trim().to_owned())
}

/// Waits until the flight's segment records count `frames`.
fn until_recorded(agent: &mut Running, aircraft: &Aircraft, frames: u64) {
    agent.until("frames are recorded", FILMING, || recorded(aircraft) >= frames).unwrap();
}

/// Frames in the segment records so far; a line still being written is not counted.
fn recorded(aircraft: &Aircraft) -> u64 {
    let Ok(flight) = aircraft.only_flight() else { return 0 };
    let records = oracle::records(&flight).unwrap_or_default();
    let segments = records.iter().filter(|record| record["kind"] == "segment");
    segments.filter_map(|record| record["body"]["frames"].as_u64()).sum()
}

/// A file in `tests/data`.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// MD5 of each decoded picture, in display order.
fn picture_digests(video: &Path) -> Vec<String> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(video);
    ffmpeg.args(["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
    let text = run(&mut ffmpeg, 0).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit(',').next()).map(|digest| digest.trim().to_owned()).collect()
}

/// Width and height of each recorded segment's pictures, as ffprobe reads them.
fn sizes(filmed: &Filmed) -> Vec<String> {
    let mut segments: Vec<PathBuf> = std::fs::read_dir(filmed.opened.path().join("segments/eo"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    segments.sort();
    let size = |segment: &PathBuf| {
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=width,height"]);
        let text = run(ffprobe.args(["-of", "csv=p=0:s=x"]).arg(segment), 0).unwrap();
        let mut sizes: Vec<&str> =
            text.lines().map(|line| line.trim_end_matches(['x', ' '])).filter(|line| !line.is_empty()).collect();
        sizes.dedup();
        sizes.join(" ")
    };
    segments.iter().map(size).collect()
}
