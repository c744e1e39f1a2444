//! What is kept: headers, corrections, incidents, records beside the log, hours, practice, CSV.

use jiff::SignedDuration;
use jiff::civil::date;
use mission_profiles::flight_log::{
    Belongs, Entry, Grade, Headers, Incident, Recorded, belongs, by_hand, changes, currency, currency_h, hours,
    prompts, write_csv,
};
use mission_profiles::place::Position;

use crate::{flown, header, time};

#[test]
fn a_header_is_a_small_file_with_what_differs_from_vehicle_to_vehicle() {
    let text = "operator_id = \"GBR-OP-1\"\npilot = \"P1\"\ncrew = [\n  \"observer: O2\",\n]\nsight = \"VLOS\"\nserial = \"SKY-1\"\n\
                [system.2] # the other one\nserial = \"SKY-2\"\npilot = \"P2\"\n";
    let headers = Headers::read("h.toml", text).unwrap();
    assert_eq!(
        (headers.of(1).serial.as_str(), headers.of(1).crew.as_slice()),
        ("SKY-1", &["observer: O2".to_owned()][..])
    );
    let second = headers.of(2);
    assert_eq!(
        (second.serial.as_str(), second.pilot.as_str(), second.operator_id.as_str()),
        ("SKY-2", "P2", "GBR-OP-1")
    );
    let told = headers.with("battery=B9").unwrap().with("crew=spotter: O3").unwrap();
    assert_eq!((told.of(2).battery.as_str(), told.of(1).crew.len()), ("B9", 2));
    assert!(told.with("crew=").unwrap().of(1).crew.is_empty());
    let wrong = headers.with("pilt=P1").unwrap_err().to_string();
    assert!(wrong.contains("no fact `pilt`") && wrong.contains("did you mean `pilot`?"), "{wrong}");
    assert!(headers.with("pilot").unwrap_err().to_string().contains("NAME=VALUE"));
    assert!(headers.with("sight=far").unwrap_err().to_string().contains("VLOS, EVLOS and BVLOS"));
}

#[test]
fn each_flaw_of_a_header_names_its_line_and_cure() {
    for (text, line, cure) in [
        ("pilot = \"P1\"\npilt = \"P2\"\n", 2, "did you mean `pilot`?"),
        ("pilot = 3\n", 1, "string"),
        ("\n\npilot = \"P1\n", 3, "invalid"),
        ("sight = \"LOS\"\n", 1, "VLOS, EVLOS and BVLOS"),
        ("pilot = \"P1\"\n[aircraft]\nserial = \"x\"\n", 2, "unknown field `aircraft`"),
        ("[system.300]\n", 1, "1 to 255"),
        ("[system.2]\nbattry = \"x\"\n", 2, "did you mean `battery`?"),
        ("[system.2]\n[system.2]\n", 2, "twice"),
        ("[system.2]\n\nsight = \"X\"\n", 3, "VLOS"),
    ] {
        let flaw = Headers::read("h.toml", text).unwrap_err();
        assert!(flaw.at == format!("h.toml:{line}") && flaw.what.contains(cure), "{text:?}: {flaw}");
    }
    assert!(Headers::read("h.toml", &"#".repeat(65 * 1024)).is_err());
}

#[test]
fn bytes_that_are_no_entry_are_refused_for_what_they_are() {
    let good = serde_json::to_value(flown(time("2026-05-10T10:00:00Z"), 60)).unwrap();
    let cases: [(&str, serde_json::Value, &str); 7] = [
        ("schema", "skyseal-flight-log/2".into(), "skyseal-flight-log/1"),
        ("id", "../x".into(), "`id`"),
        ("pilot", "P1".into(), "unknown field `pilot`"),
        ("landing", serde_json::json!({"at": "2026-05-10T09:00:00Z", "place": null}), "before the take-off"),
        ("landing", serde_json::json!({"at": "2026-05-10T11:00:00Z", "place": [91.0, 0.0]}), "-90 to 90"),
        ("night_s", 61.into(), "longer than the flight"),
        ("track", serde_json::json!([[0.0, 181.0, 0.0]]), "`track`"),
    ];
    for (key, value, why) in cases {
        let mut bad = good.clone();
        bad[key] = value;
        let error = Entry::read(bad.to_string().as_bytes()).unwrap_err();
        let said =
            format!("{error} {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default());
        assert!(said.contains(why), "{key}: {said}");
    }
    assert!(Entry::read(&vec![b' '; (1 << 20) + 1]).unwrap_err().to_string().contains("longer"));
}

fn recorded(aircraft: &str, from: &str, to: &str) -> Recorded {
    Recorded {
        flight: "F1".into(),
        verdict: "VERIFIED".into(),
        aircraft: aircraft.into(),
        from: time(from),
        to: time(to),
        closed: true,
    }
}

#[test]
fn the_record_says_where_it_differs() {
    let entry = flown(time("2026-05-10T10:00:00Z"), 600);
    let differences = |recorded: &Recorded| entry.reconciled(recorded).records.remove(0).differences;
    assert!(differences(&recorded("SKY-1", "2026-05-10T09:59:30Z", "2026-05-10T10:10:20Z")).is_empty());
    let mut late = recorded("SKY-2", "2026-05-10T10:03:00Z", "2026-05-10T10:05:00Z");
    late.closed = false;
    let wrong = differences(&late);
    assert_eq!(wrong.len(), 4, "{wrong:?}");
    assert!(wrong[1].contains("after the take-off, by 180 s") && wrong[3].contains("never closed"), "{wrong:?}");
    // Again, and another: each record stands once.
    let twice = entry.reconciled(&late).reconciled(&late).reconciled(&Recorded { flight: "F0".into(), ..late });
    assert_eq!(twice.records.iter().map(|record| record.flight.as_str()).collect::<Vec<_>>(), ["F0", "F1"]);
}

#[test]
fn a_record_finds_its_entries() {
    let mut entries: Vec<_> =
        ["2026-05-10T10:00:00Z", "2026-05-10T10:20:00Z", "2026-05-10T12:00:00Z"].map(|at| flown(time(at), 600)).into();
    let both = recorded("SKY-1", "2026-05-10T09:59:00Z", "2026-05-10T10:31:00Z");
    assert_eq!(belongs(&entries, &both), Belongs::To(vec![0, 1]), "one record, two take-offs");
    let between = recorded("SKY-1", "2026-05-10T11:00:00Z", "2026-05-10T11:10:00Z");
    assert_eq!(belongs(&entries, &between), Belongs::Near(1, SignedDuration::from_mins(30)));
    let days_later = recorded("SKY-1", "2026-05-13T11:00:00Z", "2026-05-13T11:10:00Z");
    assert_eq!(belongs(&entries, &days_later), Belongs::None);
    let other = recorded("SKY-9", "2026-05-10T10:00:00Z", "2026-05-10T10:10:00Z");
    assert_eq!(belongs(&entries, &other), Belongs::Other(0));
    entries[2].header.device = "SKY-9".into();
    assert_eq!(
        belongs(&entries, &recorded("SKY-9", "2026-05-10T12:05:00Z", "2026-05-10T12:06:00Z")),
        Belongs::To(vec![2])
    );
}

#[test]
fn hours_and_practice() {
    let entries: Vec<_> = ["2026-01-05T10:00:00Z", "2026-04-05T10:00:00Z", "2026-05-10T10:00:00Z"]
        .iter()
        .map(|from| flown(time(from), 3_600))
        .collect();
    let all = hours(&entries, |header| &header.pilot);
    assert_eq!((all["P1"].flights, all["P1"].all_h, all["P1"].night_h), (3, 3.0, 0.0));
    assert!((all["P1"].cycles - 1.8).abs() < 0.1, "{}", all["P1"].cycles);
    assert!(hours(&entries, |header| &header.make).is_empty());
    assert_eq!(currency_h(&entries, "P1", time("2026-05-11T00:00:00Z")), 2.0);
    assert_eq!(currency_h(&entries, "P1", time("2026-08-11T00:00:00Z")), 0.0);
    assert_eq!(currency_h(&entries, "P2", time("2026-05-11T00:00:00Z")), 0.0);
    // The flight of 5 April, landed at 11:00, counts until 5 July at 11:00.
    let practice = currency(&entries, "P1", time("2026-05-11T00:00:00Z"));
    assert_eq!((practice.recent_h, practice.runs_out), (2.0, Some(date(2026, 7, 5))));
    assert_eq!(currency(&entries, "P1", time("2026-07-05T10:30:00Z")).runs_out, Some(date(2026, 7, 5)));
    assert_eq!(currency(&entries, "P1", time("2026-07-05T11:30:00Z")).runs_out, None);
    assert_eq!(currency(&entries, "P2", time("2026-05-11T00:00:00Z")).runs_out, None);
    // A flight on the last of November counts until the last of February is over.
    let winter = [flown(time("2026-11-30T10:00:00Z"), 7_200)];
    assert_eq!(currency(&winter, "P1", time("2026-12-01T00:00:00Z")).runs_out, Some(date(2027, 2, 28)));
}

#[test]
fn an_accident_is_for_the_aaib_at_once_and_for_the_caa_within_72_hours() {
    let mut entry = flown(time("2026-05-10T10:00:00Z"), 600);
    let incident = |grade, what: &str| Incident { grade, what: what.into(), reported: String::new() };
    entry.incidents = vec![
        incident(Grade::Minor, "a bird looked at it"),
        incident(Grade::Occurrence, "fly-away for 20 s"),
        incident(Grade::Accident, "fell on a car"),
    ];
    let now = time("2026-05-10T11:00:00Z");
    let said: Vec<_> = prompts(&entry).iter().map(|prompt| prompt.said(now)).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("accident: fell on a car: at once, tell the AAIB, on 01252 512299"), "{said:?}");
    assert!(said[1].contains(": by Wed 13 May 2026 11:10 BST, tell the CAA"), "{said:?}");
    assert!(prompts(&entry)[1].said(time("2026-05-14T00:00:00Z")).contains("it was due by"));
    entry.incidents[2].reported = "AAIB, 10:30, by phone".into();
    assert_eq!(prompts(&entry).len(), 1);
}

#[test]
fn what_was_changed_is_told_and_a_flight_can_be_entered_by_hand() {
    let entry = flown(time("2026-05-10T10:00:00Z"), 600);
    let mut after = entry.retimed(None, Some(time("2026-05-10T10:12:00Z"))).unwrap();
    after.header = after.header.with("pilot=P2").unwrap();
    after.defects.push("propeller 3 chipped".into());
    assert_eq!((after.duration_s(), after.id.as_str()), (720, entry.id.as_str()));
    let said = changes(&entry, &after);
    for wanted in
        ["header.pilot: \"P1\" became \"P2\"", "aloft_s: 600 became 720", "defects: \"propeller 3 chipped\" was added"]
    {
        assert!(said.iter().any(|line| line == wanted), "{wanted}: {said:?}");
    }
    assert!(changes(&entry, &entry).is_empty());
    let (from, to) = (time("2026-05-10T23:00:00Z"), time("2026-05-10T23:10:00Z"));
    let hand = by_hand(header(), from, to, Position::new(51.5, 0.0)).unwrap();
    assert_eq!((hand.duration_s(), hand.night_s), (600, Some(600)));
    assert!(hand.notes[0].contains("by hand"));
    assert!(by_hand(header(), to, from, None).unwrap_err().to_string().contains("lands after its take-off"));
    assert!(by_hand(header(), from, time("2026-05-12T10:00:00Z"), None).is_err());
    assert_eq!(hand.lacks(), ["operator_id", "make", "model", "flyer_id", "sight"]);
    assert_eq!(hand.kept_until(), time("2029-05-10T23:10:00Z"));
}

#[test]
fn as_csv_with_commas_quotes_and_no_formulas() {
    let mut entry = flown(time("2026-05-10T10:00:00Z"), 600);
    entry.remarks = "gusts, \"strong\"\nfrom the west".into();
    entry.defects = vec!["=HYPERLINK(\"x\")".into()];
    let text = String::from_utf8(write_csv(&[entry]).unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let of = |name: &str| row.get(heads.iter().position(|head| head == name).unwrap()).unwrap();
    assert_eq!((of("date and take-off (London)"), of("minutes")), ("2026-05-10 11:00", "10.0"));
    assert_eq!(of("remarks"), "gusts, \"strong\"\nfrom the west");
    assert_eq!((of("defects"), of("kept until")), ("'=HYPERLINK(\"x\")", "2029-05-10"));
    assert_eq!(row.len(), heads.len());
}

#[test]
fn damaged_files_are_refused_or_make_sense_and_nothing_panics() {
    let mut entry = flown(time("2026-05-10T10:00:00Z"), 60);
    entry.track.truncate(2);
    let header = b"pilot = \"P1\"\ncrew = [\"O2\"]\n[system.2]\nserial = \"S\"\n".to_vec();
    for good in [entry.write().unwrap(), header] {
        for at in 0..good.len() {
            for byte in [0, b'"', b'\n', b'9', b'-', b'[', 0xff] {
                let mut bad = good.clone();
                bad[at] = byte;
                if let Ok(entry) = Entry::read(&bad) {
                    let said = [entry.take_off.said(), entry.kept_until().to_string()];
                    assert!(entry.check().is_ok() && said.iter().all(|said| !said.is_empty()));
                    let _ = (prompts(&entry), write_csv(std::slice::from_ref(&entry)).unwrap(), entry.overlaps(&entry));
                }
                let _ = Headers::read("h", &String::from_utf8_lossy(&bad));
            }
            assert!(at + 1 == good.len() || Entry::read(&good[..at]).is_err(), "cut at {at}");
        }
    }
}
