//! Flights as long as a shift: opening and listing one, the page about one, the second verifier on one, and what each segment
//! costs the aircraft's processor while it records.

use crate::{START_UTC_US, Unit, at, noise};
use divan::{Bencher, black_box};
use flight_record::flight::{Flight, Open};
use flight_record::keys::DeviceKey;
use flight_record::note::SignedNote;
use flight_record::outline::Outline;
use flight_record::page::page;
use flight_record::radio::{Beacon, Body};
use flight_record::record::{IndexRange, Kind, Prefix, Segment, Telemetry};
use flight_record::trust::{EnrolmentRequest, Grant, Validity};
use flight_record::verify::{Anchor, Options, Report, Word, verify};
use flight_record::{Extent, Sha256};
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Segments of two seconds.
const PER_HOUR: u32 = 1800;
/// Of 8 Mbit/s.
const SEGMENT_BYTES: usize = 2_000_000;

struct Recorded {
    unit: Unit,
    dir: PathBuf,
}

/// What a segment leaves in the log: its state each second, its end, the telemetry beside it.
struct Recorder {
    flight: Flight<Open>,
    bytes: Vec<u8>,
    index: u32,
}

impl Recorder {
    fn new(unit: &Unit, segment_bytes: usize) -> Self {
        Self { flight: unit.open(), bytes: noise(segment_bytes), index: 0 }
    }

    /// Milliseconds into the flight.
    fn now(&self) -> u64 {
        u64::from(self.index) * 2000
    }

    fn segment(&mut self) {
        self.index += 1;
        let stream = "eo".parse().unwrap();
        let mut file = self.flight.segment_file(&stream, self.index).unwrap();
        file.write(&self.bytes).unwrap();
        let sealed = file.finish().unwrap();
        let now = at(self.now());
        for _ in 0..2 {
            let prefix = Prefix { file: sealed.file.clone(), sealed: Extent { bytes: 0, sha256: Sha256::of(b"") } };
            self.flight.append(Kind::Prefix(prefix), now).unwrap();
        }
        let first_pts_90k = 90_000 * u64::from(self.index) * 2;
        let segment = Segment {
            stream,
            index: self.index,
            file: sealed.file,
            sealed: sealed.sealed,
            plain: sealed.plain,
            first_pts_90k,
            last_pts_90k: first_pts_90k + 177_000,
            frames: 60,
            drops: 0,
            minimum_set_shortfall: 0,
            telemetry: Some(IndexRange { first: self.index, last: self.index }),
        };
        self.flight.append(Kind::Segment(segment), now).unwrap();
        self.telemetry();
    }

    fn telemetry(&mut self) {
        let mut file = self.flight.telemetry_file(self.index).unwrap();
        file.write(b"telemetry").unwrap();
        let sealed = file.finish().unwrap();
        let now = at(self.now());
        let telemetry = Telemetry {
            index: self.index,
            file: sealed.file,
            sealed: sealed.sealed,
            plain: sealed.plain,
            messages: 100,
            first_utc_us: Some(now.utc_us - 2_000_000),
            last_utc_us: Some(now.utc_us),
            links: 1,
        };
        self.flight.append(Kind::Telemetry(telemetry), now).unwrap();
    }

    /// The station's word on the newest head, a second later.
    fn cosigned(&mut self, station: &DeviceKey) {
        let note = SignedNote::parse(&self.flight.head().unwrap().note).unwrap();
        let cosignature = note.claimed().cosign(station, seconds(self.now()) + 1);
        self.flight.store_cosignature(&station.public(), &cosignature, note.claimed().size).unwrap();
    }
}

fn seconds(now_ms: u64) -> u64 {
    u64::try_from(START_UTC_US / 1_000_000).unwrap() + now_ms / 1000
}

/// A closed flight, every segment of which was witnessed.
fn recorded(segments: u32, segment_bytes: usize) -> Recorded {
    let (mut unit, station) = (Unit::new(), DeviceKey::from_seed([3; 32]));
    let request = EnrolmentRequest::write(&station, "van 3".parse().unwrap(), START_UTC_US);
    let validity = Validity { from_utc_us: START_UTC_US, days: 30 };
    let request = EnrolmentRequest::read(&request).unwrap();
    unit.trust = unit.trust.clone().with_key(&request, Grant::station(), validity).unwrap();
    let mut recorder = Recorder::new(&unit, segment_bytes);
    for _ in 0..segments {
        recorder.segment();
        recorder.cosigned(&station);
    }
    let now = at(recorder.now() + 1);
    let mut flight = recorder.flight.close("landed".parse().unwrap(), now).unwrap();
    let note = SignedNote::parse(&flight.head().note).unwrap();
    let cosignature = note.claimed().cosign(&station, seconds(u64::from(segments) * 2000) + 1);
    flight.store_cosignature(&station.public(), &cosignature, note.claimed().size).unwrap();
    let dir = flight.dir().to_owned();
    Recorded { unit, dir }
}

impl Recorded {
    fn anchor(&self) -> Anchor {
        Anchor { trust_json: self.unit.trust.seal(&self.unit.root), root: self.unit.root.public().id() }
    }

    fn report(&self) -> Report {
        let report = verify(&self.dir, &self.anchor(), &Options::sealed(START_UTC_US, 2)).unwrap();
        assert_eq!(report.word, Word::VerifiedSealedOnly, "{:#?}", report.doubts().first());
        report
    }
}

/// Three hours: every record read, every file of the folder with its length.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn open_and_list_3_h(bencher: Bencher<'_, '_>) {
    let flight = recorded(3 * PER_HOUR, 64);
    bencher.bench_local(|| {
        let records = std::fs::File::open(flight.dir.join("records.jsonl")).unwrap();
        let outline = Outline::read(BufReader::with_capacity(128 << 10, records)).unwrap();
        for (path, bytes) in &outline.files {
            assert_eq!(std::fs::metadata(flight.dir.join(path)).unwrap().len(), *bytes);
        }
        assert!(outline.closed && outline.files.len() == 6 * PER_HOUR as usize);
    });
}

/// The same by Python's `json` and `base64`, which many a tool would use.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn open_and_list_3_h_python(bencher: Bencher<'_, '_>) {
    const LIST: &str = "import base64, json, os, sys\n\
        os.chdir(sys.argv[1])\n\
        for line in open('records.jsonl', 'rb'):\n    \
            body = json.loads(base64.b64decode(json.loads(line)['payload']))['body']\n    \
            'plain' in body and os.stat(body['file'])\n";
    let flight = recorded(3 * PER_HOUR, 64);
    bencher.bench_local(|| {
        let status = Command::new("python3").args(["-c", LIST]).arg(&flight.dir).status().unwrap();
        assert!(status.success());
    });
}

/// One segment in the log: two prefixes, the segment, its telemetry, the head of each as a beacon, and one cosignature. The
/// files hold a few bytes: sealing footage is measured elsewhere.
#[divan::bench(sample_count = 20, sample_size = 20)]
fn record_and_beacon_of_a_segment(bencher: Bencher<'_, '_>) {
    let (unit, station) = (Unit::new(), DeviceKey::from_seed([3; 32]));
    let mut recorder = Recorder::new(&unit, 64);
    bencher.bench_local(|| {
        recorder.segment();
        let note = &recorder.flight.head().unwrap().note;
        black_box(Body::Beacon(Beacon::of(note, false).unwrap()).encode());
        recorder.cosigned(&station);
    });
}

/// The page about an hour.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn page_of_1_h(bencher: Bencher<'_, '_>) {
    let report = recorded(PER_HOUR, 64).report();
    bencher.bench_local(|| black_box(page(&report, START_UTC_US)));
}

/// The same report as JSON.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn page_of_1_h_serde_json(bencher: Bencher<'_, '_>) {
    let report = recorded(PER_HOUR, 64).report();
    bencher.bench_local(|| black_box(serde_json::to_vec_pretty(&report).unwrap()));
}

/// An hour at 8 Mbit/s, 3.6 GB, by the first verifier on two threads.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn verify_1_h(bencher: Bencher<'_, '_>) {
    let flight = recorded(PER_HOUR, SEGMENT_BYTES);
    bencher.bench_local(|| flight.report());
}

/// The same by the second, in Python alone.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn verify_1_h_verify_py(bencher: Bencher<'_, '_>) {
    let flight = recorded(PER_HOUR, SEGMENT_BYTES);
    let trust = flight.unit.temp.path().join("trust.json");
    std::fs::write(&trust, flight.anchor().trust_json).unwrap();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/verifier/verify.py");
    bencher.bench_local(|| {
        let mut python = Command::new("python3");
        python.arg(program).arg(&flight.dir).arg("--trust").arg(&trust);
        python.args(["--root", &flight.anchor().root.to_string()]).stdout(Stdio::null());
        assert_eq!(python.status().unwrap().code(), Some(1), "VERIFIED-SEALED-ONLY, or the list's time is over");
    });
}
