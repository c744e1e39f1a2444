//! The flight of the fixture: everything a flight can hold, as small as it goes.

use flight_record::flight::{Flight, Open};
use flight_record::note::{Checkpoint, SignedNote};
use flight_record::radio;
use flight_record::recipients::make_person;
use flight_record::record::{self, IndexRange, Kind, Marker, Segment, Telemetry};
use flight_record::statement::{Action, Moment, Subject};
use flight_record::witness::file::{Begin, Cosigned, EntryWriter, Head, Landed, Nonce};
use flight_record::{FlightId, Sha256};
use footage::access_unit::Codec;
use footage::klv::Uas;
use footage::sei::{self, CaptureTime};
use footage::ts::{Frame, Metadata, Muxer, TsConfig};
use fuzz_targets::sample::{START_UTC_US, at, copy, device, facts, fixture, scratch, station, trust};
use std::fs;

const FRAMES: u64 = 6;

/// Makes `fixture/`: an identity, the flight, the witness file over it.
pub(crate) fn make() {
    fs::create_dir_all(fixture("")).unwrap();
    let recipient = make_person(&fixture("identity")).unwrap();
    fs::write(fixture("recipients"), format!("{recipient}\n")).unwrap();
    let temp = scratch();
    let flights = temp.path().join("flights");
    let mut flight = Flight::create(&flights, &device(), &temp.path().join("keys"), facts(), at(0)).unwrap();
    let (nonce, statement) = from_ground(flight.id());
    flight.nonce(nonce.clone(), at(1)).unwrap();
    flight.append(Kind::Statement(statement), at(1)).unwrap();
    let actor = Some(station().public().id());
    flight.event_by("recording-started".parse().unwrap(), actor, Some(b"by order"), at(1)).unwrap();
    film(&mut flight);
    log(&mut flight);
    flight.append(Kind::Marker(Marker { code: "bookmark".parse().unwrap(), at_utc_us: at(2).utc_us }), at(3)).unwrap();
    flight.append(Kind::Clock(at(3).into()), at(3)).unwrap();
    let closed = flight.close("landed".parse().unwrap(), at(4)).unwrap();
    let notes = notes(&fs::read_to_string(closed.dir().join("checkpoints.jsonl")).unwrap());
    let cosigned = cosigned(notes.last().unwrap());
    fs::write(fixture("witness.jsonl"), watched(closed.id(), &notes, &nonce, &closed.dir().join("records.jsonl")))
        .unwrap();
    let heads = closed.dir().join("checkpoints.jsonl");
    let line = format!("{}\n", serde_json::json!({ "note": cosigned }));
    fs::write(&heads, [fs::read(&heads).unwrap(), line.into_bytes()].concat()).unwrap();
    copy(closed.dir(), &fixture("flight"));
}

/// What a station says to the flight before it records.
fn from_ground(flight: FlightId) -> (record::Nonce, record::Statement) {
    let (key, time_s) = (station(), at(1).utc_us.unsigned_abs() / 1_000_000);
    let radio::Nonce { nonce, signature, .. } = radio::Nonce::sign(flight, Sha256::of(b"nonce"), time_s, &key);
    let sig = flight_record::keys::Signature(signature);
    let made = Moment { time_s: u32::try_from(time_s).unwrap(), counter: 1 };
    let (action, subject, reason) = (Action::Start, Subject::Flight, Sha256::of(b"reason"));
    let about = radio::Statement::about(subject, flight, device().public().id());
    let order = radio::Statement::sign(action, about, made, reason, &key);
    let signer = key.public().id();
    let statement = record::Statement {
        signer,
        action,
        subject,
        time_s: made.time_s,
        counter: made.counter,
        reason,
        sig: flight_record::keys::Signature(order.signature),
    };
    (record::Nonce { station: signer, nonce, time_s, sig }, statement)
}

fn film(flight: &mut Flight<Open>) {
    let mut muxer = Muxer::new(TsConfig { codec: Codec::H264, metadata: Metadata::Synchronous });
    let mut file = flight.segment_file(&"eo".parse().unwrap(), 1).unwrap();
    let (mut first_pts_90k, mut last_pts_90k) = (0, 0);
    for n in 0..FRAMES {
        let time_us = (START_UTC_US + 1_000_000).unsigned_abs() + n * 33_333;
        let pts_90k = 90_000 + (time_us - START_UTC_US.unsigned_abs()) * 9 / 100;
        let mut picture = vec![0, 0, 0, 1, 9, 0xF0, 0, 0, 0, 1];
        sei::push_nal(Codec::H264, CaptureTime { time_us, locked: true }, &mut picture);
        picture.extend_from_slice(&[0, 0, 0, 1, if n == 0 { 0x65 } else { 0x41 }, 0x88, 0x84, 0x21]);
        let mut klv = Vec::new();
        Uas { timestamp_us: time_us, ..Uas::default() }.encode(&mut klv);
        let frame = Frame { pts_90k, dts_90k: pts_90k, key: n == 0, picture: &picture, klv: &[(pts_90k, &klv)] };
        let mut out = Vec::new();
        muxer.frame(frame, &mut out).unwrap();
        file.write(&out).unwrap();
        if n == 0 {
            first_pts_90k = pts_90k;
            file.syncer().unwrap().sync().unwrap();
            flight.append(Kind::Prefix(file.progress()), at(2)).unwrap();
        }
        last_pts_90k = pts_90k;
    }
    let sealed = file.finish().unwrap();
    let segment = Segment {
        stream: "eo".parse().unwrap(),
        index: 1,
        file: sealed.file,
        sealed: sealed.sealed,
        plain: sealed.plain,
        first_pts_90k,
        last_pts_90k,
        frames: FRAMES,
        drops: 0,
        minimum_set_shortfall: FRAMES,
        telemetry: Some(IndexRange { first: 1, last: 1 }),
    };
    flight.append(Kind::Segment(segment), at(2)).unwrap();
}

fn log(flight: &mut Flight<Open>) {
    let mut file = flight.telemetry_file(1).unwrap();
    let mut entry = at(2).utc_us.to_be_bytes().to_vec();
    entry.extend_from_slice(&[0xFD, 9, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.write(&entry).unwrap();
    let sealed = file.finish().unwrap();
    let telemetry = Telemetry {
        index: 1,
        file: sealed.file,
        sealed: sealed.sealed,
        plain: sealed.plain,
        messages: 1,
        first_utc_us: Some(at(2).utc_us),
        last_utc_us: Some(at(2).utc_us),
        links: 1,
    };
    flight.append(Kind::Telemetry(telemetry), at(2)).unwrap();
}

/// The notes of a file of heads.
pub(crate) fn notes(heads: &str) -> Vec<String> {
    let note =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["note"].as_str().unwrap().to_owned();
    heads.lines().map(note).collect()
}

fn cosigned(note: &str) -> String {
    let note = SignedNote::parse(note).unwrap();
    let cosignature = note.claimed().cosign(&station(), at(5).utc_us.unsigned_abs() / 1_000_000);
    note.with_cosignature(&station().public(), cosignature)
}

/// The file of a station that saw every head.
fn watched(flight: FlightId, notes: &[String], given: &record::Nonce, records: &std::path::Path) -> Vec<u8> {
    use flight_record::witness::file::Kind;
    let (records, key) = (fs::read(records).unwrap(), station());
    let mut writer = EntryWriter::new(flight);
    let begin = Begin { device: device().public().id(), device_key: device().public(), trust_version: trust().version };
    let mut file = writer.line(Kind::Begin(begin), at(0), &key);
    file.extend(writer.line(Kind::Nonce(Nonce { nonce: given.nonce, time_s: given.time_s }), at(1), &key));
    let mut last: Option<Checkpoint> = None;
    for (line, note) in records.split(|octet| *octet == b'\n').zip(notes) {
        let checkpoint = SignedNote::parse(note).unwrap().claimed().clone();
        let cosignature = Some(Cosigned::from(&checkpoint.cosign(&key, at(4).utc_us.unsigned_abs() / 1_000_000)));
        let leaves = vec![flight_record::tree::leaf_hash(line)];
        let received_utc_us = at(4).utc_us;
        file.extend(writer.line(
            Kind::Head(Head { leaves, note: note.clone(), cosignature, received_utc_us }),
            at(4),
            &key,
        ));
        last = Some(checkpoint);
    }
    let last = last.unwrap();
    let landed = Landed {
        size: last.size,
        root: last.root,
        heads: last.size,
        longest_silence_ms: 1000,
        equivocations: 0,
        reason: "closed".parse().unwrap(),
    };
    file.extend(writer.line(Kind::Landed(landed), at(6), &key));
    file
}
