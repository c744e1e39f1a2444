//! A first corpus for each target: what our own programs write, and small files of other people's.

use crate::filmed::notes;
use flight_record::canonical;
use flight_record::dock::{EraseOrder, Inventory, Manifest, Quarantine, Receipt, ReceiptSchema, SealedReceipt, Terms};
use flight_record::layout::{SealedName, StillFormat, TornFrom};
use flight_record::outline::Outline;
use flight_record::radio::{
    Agreement, Beacon, Body, Cosigned, Leaves, LiveAnswer, LiveCall, LiveHolder, LiveOffer, LiveScope, Nonce, Ready,
    RecipientOffer, Statement,
};
use flight_record::record::{Erased, FoundFile, Gap, Kind, LogOpen, Record, Recovered, Still, Torn};
use flight_record::statement::{Action, GivenReason, Moment};
use flight_record::trust::EnrolmentRequest;
use flight_record::{Extent, FlightId, Sha256, note::SignedNote};
use footage::klv::{Corner, FrameRate, Security, Uas};
use fuzz_targets::sample::{at, device, files, fixture, officers, pack, root, scratch, station, stores, trust};
use std::fs;
use std::path::Path;

/// Each target with what it begins with.
pub(crate) fn all() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    vec![
        ("access_unit", access_units()),
        ("beacon", bodies()),
        ("flight", flights()),
        ("frames", frames()),
        ("handover", handovers()),
        ("klv", packets()),
        ("log", vec![payloads().join(&b"\n"[..]), [payloads(), other_kinds()].concat().join(&b"\n"[..])]),
        ("note", checkpoints().into_iter().map(String::into_bytes).collect()),
        ("package", packages()),
        ("papers", papers()),
        ("plan", plans()),
        ("record", [payloads(), other_kinds(), lines("flight/records.jsonl")].concat()),
        ("sealed_file", sealed_files()),
        ("trust", lists()),
        ("ts", streams()),
        ("witness", witnesses()),
        ("zones", zones()),
    ]
}

/// What a state's file may be, whole, where it is short enough for the fuzzer.
const LONGEST_PAPER: u64 = 8_192;

/// Datasets of zones: the samples that the readers are tested with, and what states and clubs do beside their standards.
fn zones() -> Vec<Vec<u8>> {
    let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mission-profiles");
    let mut paths: Vec<_> = ["tests/data/ed269", "tests/data/ed318", "tests/data/openair", "zones"]
        .iter()
        .flat_map(|folder| fs::read_dir(profiles.join(folder)).unwrap())
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.metadata().unwrap().len() <= LONGEST_PAPER)
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    let ring =
        "[[[6,49],[7,49],[7,50],[6,49]],[[8,49],[9,49],[9,50],[8,49]],[[6.6,49.2],[6.7,49.2],[6.7,49.3],[6.6,49.2]]]";
    let others = [
        format!(r#"{{"type":"Feature","geometry":{{"type":"MultiPolygon","coordinates":[{ring}]}},"properties":{{"UASZone":{{"identifier":"A","country":"ESP","type":"REQ_AUTHORIZATION"}},"verticalLayer":{{"lower":45,"lowerReference":"AGL","upper":900,"upperReference":"AMSL","UOM":"FT"}},"limitedApplicability":[{{"startDateTime":"2026-06-01","endDateTime":"9999-12-31T00:00Z","schedule":[{{"day":"MON-FRI","startTime":"08:00","endEvent":"SS"}}]}}]}}}}"#),
        format!(r#"[{{"identifier":"A","country":"LUX","restriction":"CONDITIONAL","applicability":{{"permanent":true}},"geometry":[{{"upperLimit":"120 m","upperVerticalReference":"AGL","lowerLimit":{{"value":65,"unit":6,"referenceDatum":2}},"horizontalProjection":{{"type":"Polygon","coordinates":{ring}}}}}]}},]"#),
        r#"{"a":{"features":[{"geometry":{"type":"Point","coordinates":{"lon":"6","lat":"49"}},"properties":{"radius":500,"type":4,"upper_limit_altitude":100,"upper_limit_alt_ref":"PA","upper_limit_unit":"FL"}}]}}"#.into(),
        "AN One\nAC CLASS D\nAL FL 0\nAH 2900AMSL FT\nV X=N49:05:00 E006:05:00\nDC 5 NM\nTC Lake\nDP 49:00:00 N 006:00:00 E\nAC UNC\nAY PROHIBITED\nAN Two\nAW FRI.08\nAA 2026-04-17T00:00Z/2027-04-14T24:00Z\nDA 10,9,130\nV D=-\nDB 49:10.000N,006:05.000E,49:05.000N,006:12.640E\n".into(),
    ];
    paths.iter().map(|path| fs::read(path).unwrap()).chain(others.map(String::into_bytes)).collect()
}

/// Permissions, profiles, drawings and lists of waypoints.
fn papers() -> Vec<Vec<u8>> {
    let profiles = mission_profiles::profile::bundled().into_iter().map(|(_, text)| text.as_bytes().to_vec());
    let drawings = [
        r#"<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Field</name><Polygon><outerBoundaryIs><LinearRing><coordinates>-1,52,30 -1.1,52 -1.1,52.1 -1,52,30</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"#,
        r#"<gpx version="1.1"><wpt lat="52" lon="-1"><name>A</name><ele>30</ele></wpt><rte><rtept lat="52" lon="-1"/><rtept lat="52.1" lon="-1.1"/></rte></gpx>"#,
        r#"{"type":"Feature","properties":{"name":"Way"},"geometry":{"type":"LineString","coordinates":[[-1,52],[-1.1,52.1,40]]}}"#,
        "QGC WPL 110\n0\t1\t0\t16\t0\t0\t0\t0\t52\t-1\t80\t1\n1\t0\t3\t22\t0\t0\t0\t0\t52.1\t-1.2\t30\t1\n2\t0\t3\t20\t0\t0\t0\t0\t0\t0\t0\t1\n",
    ];
    profiles.chain(drawings.map(|drawing| drawing.as_bytes().to_vec())).collect()
}

fn read(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).unwrap()
}

fn lines(name: &str) -> Vec<Vec<u8>> {
    read(name).split(|octet| *octet == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

/// What stands in the envelopes of a file.
fn payloads_of(name: &str, payload_type: &'static str) -> Vec<Vec<u8>> {
    let payload =
        |line: &Vec<u8>| flight_record::dsse::Several::parse(line, payload_type).unwrap().claimed_payload().to_vec();
    lines(name).iter().map(payload).collect()
}

fn payloads() -> Vec<Vec<u8>> {
    payloads_of("flight/records.jsonl", flight_record::record::PAYLOAD_TYPE)
}

/// Records of the kinds that the fixture's flight has none of.
fn other_kinds() -> Vec<Vec<u8>> {
    let like: Record = canonical::read(&payloads()[2]).unwrap();
    let Kind::Open(open) = canonical::read::<Record>(&payloads()[0]).unwrap().kind else { return Vec::new() };
    let (extent, file) = (Extent::of(b"picture"), SealedName::Still(1, StillFormat::Jpg));
    let id = |seed: &[u8]| Sha256::of(seed);
    let kinds = [
        Kind::LogOpen(LogOpen { certificate: open.certificate, software: open.software }),
        Kind::Still(Still {
            index: 1,
            format: StillFormat::Jpg,
            file: file.clone(),
            sealed: extent,
            plain: extent,
            taken_utc_us: at(2).utc_us,
        }),
        Kind::Gap(Gap {
            stream: None,
            reason: "lost".parse().unwrap(),
            from_utc_us: 1,
            to_utc_us: Some(2),
            count: None,
        }),
        Kind::Recovered(Recovered {
            previous_boot_id: like.boot_id,
            files: vec![FoundFile { file, sealed: extent }],
            torn: vec![Torn { from: TornFrom::Records, extent }],
        }),
        Kind::Erased(Erased {
            flight: like.flight_id,
            actor: id(b"a"),
            witness: id(b"b"),
            stores: [id(b"c"), id(b"d")],
            manifest: id(b"e"),
            order: id(b"f"),
            files: 7,
            bytes: 9,
        }),
    ];
    kinds.into_iter().map(|kind| canonical::write(&Record { kind, ..like.clone() })).collect()
}

fn checkpoints() -> Vec<String> {
    let notes = notes(&String::from_utf8(read("flight/checkpoints.jsonl")).unwrap());
    [notes.first(), notes.last()].into_iter().flatten().cloned().collect()
}

fn outline() -> (FlightId, Sha256) {
    let outline = Outline::read(&read("flight/records.jsonl")[..]).unwrap();
    (outline.flight.unwrap(), outline.device.unwrap())
}

fn bodies() -> Vec<Vec<u8>> {
    let ((flight, _), key) = (outline(), station());
    let note = checkpoints().pop().unwrap();
    let note = SignedNote::parse(&note).unwrap();
    let cosignature = *note.cosignatures().next().unwrap();
    let made = Moment { time_s: 1_777_636_801, counter: 1 };
    let scope = LiveScope { about: *flight.as_bytes(), boot: [6; 6] };
    let offer = LiveOffer::sign(scope, [9; 32], made.time_s, &key);
    let holder = LiveHolder { station: offer.station, offer: offer.hint() };
    let bodies = [
        Body::Beacon(Beacon::of(&note.to_string(), true).unwrap()),
        Body::Leaves(Leaves::request(flight, 1)),
        Body::Leaves(Leaves { flight, from: 0, hashes: vec![Sha256::of(b"leaf"); 3] }),
        Body::Cosignature(Cosigned { flight, size: 9, cosignature }),
        Body::Nonce(Nonce::sign(flight, Sha256::of(b"nonce"), 1, &key)),
        Body::Statement(Statement::sign(Action::Start, *flight.as_bytes(), made, Sha256::of(b"why"), &key)),
        Body::Ready(Ready { flags: 1, device: [7; 16], recipient: [0; 4] }),
        Body::Recipient(RecipientOffer::sign(device().public().id(), [9; 32], 1, &key)),
        Body::Agreement(Agreement::Call(LiveCall::sign(scope, 7, Some(holder), &device()))),
        Body::Agreement(Agreement::Offer(offer.clone())),
        Body::Agreement(Agreement::Answer(LiveAnswer::sign(&offer, [8; 32], &device()))),
    ];
    let seed = |body: Body| {
        let kind = u8::try_from(body.payload_type() - 42_000).unwrap();
        [vec![kind], body.encode()].concat()
    };
    bodies.into_iter().map(seed).collect()
}

fn flights() -> Vec<Vec<u8>> {
    let paths = files(&fixture("flight"));
    let whole = paths.iter().map(|path| read(&format!("flight/{path}"))).chain([read("witness.jsonl")]);
    whole.zip(0_u8..).map(|(bytes, which)| [vec![which], bytes].concat()).collect()
}

fn packages() -> Vec<Vec<u8>> {
    let temp = scratch();
    let dir = temp.path().join("package");
    pack(&dir);
    let paths = files(&dir);
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for (path, which) in paths.iter().zip(0_u8..) {
        let bytes = fs::read(dir.join(path)).unwrap();
        if !path.ends_with(".md") {
            seeds.push([vec![which, 0], bytes.clone()].concat());
        }
        if ["bagit.txt", "trust.json"].contains(&path.as_str())
            || path.contains("receipts")
            || path.contains("manifest")
        {
            seeds.push([vec![which, 1], bytes].concat());
        }
    }
    let reason = GivenReason::new("missing person, log 1234".parse().unwrap()).unwrap();
    let path = format!("data/reasons/{}.json\n", reason.commitment());
    let one_more = u8::try_from(paths.len()).unwrap();
    seeds.push([vec![one_more, 1], path.into_bytes(), reason.write()].concat());
    seeds.push([&[one_more, 1][..], b"data/flight/segments/ir/000001.ts.age\nfootage"].concat());
    seeds
}

fn handovers() -> Vec<Vec<u8>> {
    let (flight_id, device_id) = outline();
    let mut manifest = Manifest::default();
    for path in files(&fixture("flight")) {
        manifest.insert(&path, Extent::of(&read(&format!("flight/{path}")))).unwrap();
    }
    let receipts = stores().map(|store| {
        let (id, name) = (store.public().id(), trust().entry(store.public().id()).unwrap().name.clone());
        let (files, bytes, verdict) = (manifest.files(), manifest.bytes(), "MALFORMED".parse().unwrap());
        let (manifest, at_utc_us) = (manifest.digest(), at(30).utc_us);
        Receipt {
            schema: ReceiptSchema::V1,
            store: id,
            name,
            flight_id,
            device_id,
            manifest,
            files,
            bytes,
            verdict,
            at_utc_us,
        }
    });
    let sealed = [0, 1].map(|n| SealedReceipt(receipts[n].sign(&stores()[n]).unwrap()));
    let terms = Terms {
        device_id,
        flight_id,
        manifest: manifest.clone(),
        receipts: sealed,
        challenge: Sha256::of(b"challenge"),
        expires_utc_us: at(600).utc_us,
        reason: "kept in both stores".parse().unwrap(),
        quarantine: Some(Quarantine { verdict: "MALFORMED".parse().unwrap() }),
    };
    let [actor, witness] = officers();
    let order = EraseOrder::make(terms, &actor, &witness).unwrap();
    let inner = flight_record::dsse::Several::parse(&order, "application/vnd.skyseal.erase.v1+json").unwrap();
    let listed = files(&fixture("flight")).into_iter().map(|path| (path, 7)).collect();
    let inventory = Inventory { flight: flight_id, device: Some(device_id), closed: true, files: listed };
    vec![
        inner.claimed_payload().to_vec(),
        order,
        flight_record::canonical::write(&receipts[0]),
        receipts[1].sign(&stores()[1]).unwrap(),
        flight_record::canonical::write(&manifest),
        manifest.text().into_bytes(),
        inventory.write(),
        GivenReason::new("found".parse().unwrap()).unwrap().write(),
    ]
}

fn lists() -> Vec<Vec<u8>> {
    let sealed = trust().seal(&root());
    let request = EnrolmentRequest::write(&device(), "aircraft 1".parse().unwrap(), at(0).utc_us);
    let inside = |bytes: &[u8], payload_type| {
        let line = bytes.strip_suffix(b"\n").unwrap();
        flight_record::dsse::Several::parse(line, payload_type).unwrap().claimed_payload().to_vec()
    };
    vec![
        inside(&sealed, "application/vnd.skyseal.trust.v1+json"),
        inside(&request, "application/vnd.skyseal.enrolment.v1+json"),
        sealed,
        request,
    ]
}

fn packets() -> Vec<Vec<u8>> {
    let place = Some(52.1);
    let uas = Uas {
        timestamp_us: at(1).utc_us.unsigned_abs(),
        mission_id: Some("M1".into()),
        image_coordinate_system: Some("Geodetic WGS84".into()),
        platform_heading_deg: Some(10.0),
        platform_pitch_deg: Some(2.0),
        platform_roll_deg: Some(f64::NAN),
        sensor_latitude_deg: place,
        sensor_longitude_deg: place,
        sensor_altitude_msl_m: Some(100.0),
        sensor_height_ellipsoid_m: Some(30_000.0),
        slant_range_m: Some(120.0),
        target_width_m: Some(20_000.0),
        frame_centre_latitude_deg: place,
        frame_centre_longitude_deg: place,
        corners: Some([Corner { latitude_deg: 52.1001, longitude_deg: 52.1001 }; 4]),
        security: Some(Security::unclassified("GBR")),
        vertical_speed_mps: Some(-1.0),
        course_deg: Some(20.0),
        height_agl_m: Some(99.0),
        storage_used_percent: Some(7.0),
        satellites: Some(11),
        frame_rate: Some(FrameRate { numerator: 30_000, denominator: 1001 }),
        leap_seconds: Some(-18),
        ..Uas::default()
    };
    let mut packet = Vec::new();
    uas.encode(&mut packet);
    let items = |packet: &[u8], length_octets: usize| packet[16 + length_octets..packet.len() - 4].to_vec();
    let others = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../footage/tests/data");
    let other = |name: &str| fs::read(others.join(name)).unwrap();
    let minimum = other("DynamicConstantMISMMSPacketData.bin");
    let (mut security, length_octets) = (Vec::new(), if packet.len() > 127 + 17 { 2 } else { 1 });
    Security::unclassified("GBR").encode(&mut security);
    vec![
        items(&packet, length_octets),
        items(&minimum, 2),
        packet,
        minimum,
        other("DynamicOnlyMISMMSPacketData.bin"),
        security,
        vec![3, 9, 119, 0x40, 0, 0, 0],
    ]
}

fn access_units() -> Vec<Vec<u8>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../footage/tests/data");
    let mut seeds = Vec::new();
    for (name, codec) in [("reordered.h264", 0), ("reordered.h265", 1)] {
        let stream = fs::read(data.join(name)).unwrap();
        let start = stream.len().min(3000);
        seeds.push([&[codec, 0][..], &stream[..start]].concat());
        seeds.push([&[codec | 2, 90][..], &stream[..start.min(600)]].concat());
    }
    seeds
}

fn streams() -> Vec<Vec<u8>> {
    use footage::access_unit::Codec;
    use footage::ts::{Frame, Metadata, Muxer, TsConfig};
    let configs = [(Codec::H264, Metadata::Synchronous), (Codec::H265, Metadata::Compatibility)];
    let film = |(codec, metadata)| {
        let mut muxer = Muxer::new(TsConfig { codec, metadata });
        let mut out = vec![60];
        for n in 0..3_u64 {
            let pts_90k = 90_000 + 3_000 * n;
            let klv: &[(u64, &[u8])] = &[(pts_90k, &[0x66; 100])];
            let picture = [&[0, 0, 0, 1, 0x65][..], &[0x55; 300]].concat();
            let frame = Frame { pts_90k, dts_90k: pts_90k - 10, key: n == 0, picture: &picture, klv };
            muxer.frame(frame, &mut out).unwrap();
        }
        muxer.flush(&mut out);
        out
    };
    configs.map(film).to_vec()
}

fn frames() -> Vec<Vec<u8>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let start = |name: &str, octets| fs::read(data.join(name)).unwrap()[..octets].to_vec();
    let tunnel = vehicle_link::tunnel::Tunnel { payload_type: 42_001, target: (1, 1), bytes: vec![5; 126] };
    let tunnel = vehicle_link::frames::Encoder::new(1, 1).encode_body(&tunnel.body().unwrap());
    vec![
        start("ardupilot-copter-4.7.tlog", 2000),
        start("dronekit-flight-cut.tlog", 1500),
        start("ardupilot-copter-4.7.tlog", 300)[8..].to_vec(),
        tunnel.bytes().to_vec(),
    ]
}

fn plans() -> Vec<Vec<u8>> {
    let item = r#"{"type":"SimpleItem","command":16,"frame":3,"autoContinue":true,"doJumpId":1,"params":[0,0,0,null,52.1,-1.2,30]}"#;
    let jump =
        r#"{"type":"SimpleItem","command":177,"frame":2,"autoContinue":true,"doJumpId":2,"params":[1,3,0,0,0,0,0]}"#;
    let complex = format!(
        r#"{{"type":"ComplexItem","complexItemType":"survey","TransectStyleComplexItem":{{"Items":[{item}]}}}}"#
    );
    let fence = r#"{"version":2,"circles":[{"circle":{"center":[52,-1],"radius":90},"inclusion":true}],"polygons":[{"polygon":[[52,-1],[52,-2],[51,-1]],"inclusion":false}],"breachReturn":[52,-1,30]}"#;
    let plan = |items: &str| {
        format!(
            r#"{{"fileType":"Plan","version":1,"mission":{{"version":2,"items":[{items}],"plannedHomePosition":[52,-1,80]}},"geoFence":{fence},"rallyPoints":{{"version":2,"points":[[52,-1,40]]}}}}"#
        )
    };
    [format!("{item},{jump}"), complex].map(|items| plan(&items).into_bytes()).to_vec()
}

fn sealed_files() -> Vec<Vec<u8>> {
    let telemetry = read("flight/telemetry/000001.tlog.age");
    let cut = telemetry[..telemetry.len() - 9].to_vec();
    let edits: [&[u8]; 5] = [
        &[],
        &[0, 1, 60, 0, 0, 0],
        &[1, 0, 9, 0, 0, 1],
        &[4, 0, 0, 0, 0, 2],
        &[3, 0, 40, 0, 0, 40, 2, 0, 40, 0, 0, 40],
    ];
    let edited = edits.iter().map(|edits| [&[1][..], edits].concat());
    [telemetry, cut].into_iter().map(|file| [vec![0], file].concat()).chain(edited).collect()
}

fn witnesses() -> Vec<Vec<u8>> {
    // `{"schema":…,"clock":{…},"kind":…,"body":…}`: the last two are what the target takes.
    let kinds = payloads_of("witness.jsonl", flight_record::witness::file::PAYLOAD_TYPE);
    let kind = |payload: &Vec<u8>| {
        let text = String::from_utf8(payload.clone()).unwrap();
        format!("{{{}", &text[text.find("\"kind\":").unwrap()..])
    };
    let entries: Vec<String> = kinds.iter().map(kind).collect();
    let begin = entries.first().unwrap();
    let made = format!("{begin}\n+\u{1}\n+\u{3}\n{}\n{{\"kind\":\"restarted\",\"body\":{{}}}}\n+\u{2}", entries[1]);
    vec![made.into_bytes(), entries.join("\n").into_bytes(), read("witness.jsonl")]
}
