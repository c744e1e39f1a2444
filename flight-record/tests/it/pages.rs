//! The report as a page: what it says, and that nothing in a flight makes it do more than say.

use crate::ground::{Station, enrol, station_key};
use crate::support::{Camera, START_UTC_US, Unit, at, broken, code, segment, telemetry};
use flight_record::page::page;
use flight_record::record::{Gap, Kind};
use flight_record::trust::{Class, Grant};
use flight_record::verify::{Options, Report, verify};
use std::fs;
use std::path::PathBuf;

/// A flight with a gap, of which the ground sees the first part at once and the rest 45 s later.
fn flown(unit: &mut Unit, station_name: &str) -> (PathBuf, Report) {
    enrol(unit, &station_key(1), station_name, Grant::station());
    let mut flight = unit.open();
    let mut station = Station::new(unit, 1, flight.id());
    station.watch(&mut flight, 1);
    let mut camera = Camera::new(500);
    for index in 1..4 {
        segment(&mut flight, &mut camera, index, index);
        let kind = telemetry(&flight, index, index);
        flight.append(kind, at(index + 1)).unwrap();
    }
    let gap = Gap {
        stream: Some("eo".parse().unwrap()),
        reason: code("camera-lost"),
        from_utc_us: START_UTC_US + 4_000_000,
        to_utc_us: Some(START_UTC_US + 44_000_000),
        count: None,
    };
    flight.append(Kind::Gap(gap), at(45)).unwrap();
    let sealed = flight.close(code("landed"), at(46)).unwrap();
    station.see(sealed.dir(), &sealed.head().note.clone(), 47);
    station.end(48);
    let options = Options { witness: vec![station.file().to_vec()], ..Options::sealed(START_UTC_US + 60_000_000, 2) };
    let report = verify(sealed.dir(), &unit.anchor(), &options).unwrap();
    (sealed.dir().to_owned(), report)
}

#[test]
fn it_says_the_word_the_gaps_the_delays_and_every_item() {
    let mut unit = Unit::new(Class::Simulated);
    let (_, report) = flown(&mut unit, "van 3");
    let html = page(&report, START_UTC_US + 60_000_000);
    for text in [
        "<h1>GAP</h1>",
        report.meaning,
        report.next,
        report.limits,
        "This is a <strong>simulated</strong> flight",
        "Checked 2026-05-01 12:01:00 UTC (13:01:00 BST)",
        "<td>Camera lost</td>",
        "<td>40.0 s</td>",
        "Flight closed: landed",
        "Silences: the ground saw nothing new",
        "<td>46.0 s</td>",
        "No: the encrypted files were compared",
        "1 of the",
        "The aircraft itself recorded that something is missing here.",
    ] {
        assert!(html.contains(text), "{text}\n{html}");
    }
    for item in &report.items {
        assert!(html.contains(&format!("<td>{}</td>", item.item)), "{}", item.item);
    }
    assert!(!html.contains("These are not the bytes"), "only words that are used are explained");
    let drawn = |class: &str| html.matches(&format!("class=\"{class}\"")).count();
    assert!(drawn("silence") == 1 && drawn("late") >= 1 && drawn("bad") == 1 && drawn("bound") == 1);
}

#[test]
fn nothing_in_a_flight_is_more_than_text() {
    let mut unit = Unit::new(Class::Simulated);
    let (_, mut report) = flown(&mut unit, "<img src=x onerror=alert(1)>");
    report.notices.push("<script>\"'&".to_owned());
    report.notices.push("</style><script>alert(1)</script>".to_owned());
    let html = page(&report, i64::MIN);
    assert!(html.contains("&lt;img src=x") && html.contains("&lt;script&gt;&quot;") && html.contains("&lt;/style&gt;"));
    for active in
        ["<script", "<img", "<link", "<iframe", "<object", "href=", "src=\"", "url(h", "@import", "javascript:"]
    {
        assert!(!html.contains(active), "{active}");
    }
    assert!(html.contains("default-src 'none'"), "and if it were, nothing would run or be fetched");
}

#[test]
fn a_flight_that_nobody_can_read_has_a_page_too() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let report = broken(&unit, &dir, "torn", |dir| fs::write(dir.join("records.jsonl"), "{\n").unwrap());
    let html = page(&report, i64::MAX);
    assert!(html.contains("<h1>MALFORMED</h1>") && html.contains("Not even its first record can be believed."));
    assert!(html.contains("No record that can be believed tells of one."), "which is not: there was none");
    assert!(!html.contains("Time line"), "there is no time to draw");
}
