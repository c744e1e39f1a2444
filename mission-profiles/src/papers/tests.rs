use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::monitor::Alert;
use crate::plan_files::Plan;
use crate::preflight::{Finding, Report, Severity};
use crate::profile::{Profile, bundled};
use crate::zones::Source;

const PLAN: &[u8] = br#"{"fileType":"Plan","version":1,"groundStation":"QGroundControl","mission":{"version":2,"firmwareType":12,"vehicleType":2,"cruiseSpeed":5,"hoverSpeed":5,"plannedHomePosition":[51.5,-1.9,142],"items":[{"type":"SimpleItem","autoContinue":true,"command":22,"doJumpId":1,"frame":3,"params":[0,0,0,null,51.5,-1.9,8]}]},"geoFence":{"version":2,"circles":[],"polygons":[]},"rallyPoints":{"version":2,"points":[]}}"#;

fn finding(severity: Severity, rule: &'static str, what: &str) -> Finding {
    let (why, cure) = (String::new(), "wait".to_owned());
    Finding { severity, rule, what: what.to_owned(), place: None, when: None, why, cure, ask: Vec::new() }
}

fn made(findings: Vec<Finding>, checklist: &Checklist) -> Result<Papers, NoSuchItem> {
    let (name, text) = bundled()[0];
    let profile = Profile::read(name, text).unwrap();
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let source = Source {
        name: "zones – “UK”".into(),
        issued: Some("2026-04-01T12:00:00Z".parse().unwrap()),
        ..Source::default()
    };
    let crew = crate::preflight::Crew { pilot: "officer-10".into(), roles: vec!["pilot".into()], recent_h: None };
    let report = Report {
        findings,
        profile: profile.digest,
        datasets: vec![source.sha256],
        authorisations: Vec::new(),
        made: now,
    };
    let checked = Checked {
        bytes: PLAN,
        plan: &Plan::read(PLAN).unwrap(),
        profile: &profile,
        sources: vec![&source],
        authorisations: &[],
        crew: &crew,
        aircraft: "SKY-1",
        window: (now, now),
        report: &report,
    };
    Papers::of(&checked, checklist)
}

#[test]
fn they_say_what_was_checked() {
    let papers = made(
        vec![finding(Severity::Blocks, "zone", "a zone"), finding(Severity::Blocks, "empty", "")],
        &Checklist::default(),
    )
    .unwrap();
    assert_eq!(papers.mission.sha256, Digest::of(PLAN).to_string());
    assert_eq!((papers.mission.items, papers.crew.pilot.as_str()), (1, "officer-10"));
    assert_eq!((papers.datasets[0].name.as_str(), papers.datasets[0].age_days), ("zones - 'UK'", Some(30)));
    assert_eq!(papers.findings.iter().map(|found| found.is_final).collect::<Vec<_>>(), [false, true]);
    assert_eq!(Papers::read(&papers.write()).unwrap(), papers);
}

#[test]
fn what_needs_eyes_is_never_ticked_by_the_program() {
    let states = |checklist: &Checklist| {
        let papers = made(Vec::new(), checklist).unwrap();
        assert_eq!(Papers::read(&papers.write()).unwrap(), papers);
        papers.checklist.into_iter().map(|item| (item.eyes, item.state)).collect::<Vec<_>>()
    };
    assert!(states(&Checklist::default()).iter().all(|(_, state)| *state == Look::NotDone));
    let others = Checklist { others: true, ..Checklist::default() };
    for (eyes, state) in states(&others) {
        assert_eq!(state, if eyes { Look::NotDone } else { Look::Done });
    }
    let rapid = Checklist { done: BTreeSet::from([2]), rapid_launch: Some("a child is in the river".into()), ..others };
    for (at, (eyes, state)) in states(&rapid).into_iter().enumerate() {
        assert_eq!(state, if !eyes || at == 1 { Look::Done } else { Look::Skipped });
    }
    let none = Checklist { done: BTreeSet::from([99]), ..Checklist::default() };
    assert!(made(Vec::new(), &none).unwrap_err().to_string().contains("item 99"));
}

#[test]
fn what_blocks_is_never_left_out() {
    let many = (0..70).map(|_| finding(Severity::Notes, "zone-idle", "idle"));
    let findings = [finding(Severity::Blocks, "zone", "z"), finding(Severity::Warns, "no-terrain", "t")];
    let mut papers = made(findings.into_iter().chain(many).collect(), &Checklist::default()).unwrap();
    assert_eq!((papers.findings.len(), papers.left_out.notes), (64, 8));
    while let Some(shorter) = papers.clone().shorter() {
        papers = shorter;
    }
    assert_eq!((papers.findings.len(), papers.left_out), (1, LeftOut { warns: 1, notes: 70 }));
    assert_eq!(papers.findings[0].severity, Weight::Blocks);
}

#[test]
fn other_spellings_and_rules_are_refused() {
    let good = String::from_utf8(
        made(vec![finding(Severity::Warns, "zone", "a zone")], &Checklist::default()).unwrap().write(),
    )
    .unwrap();
    let cases = [
        good.replace(':', ": "),
        good.replace("skyseal-papers/1", "skyseal-papers/2"),
        good.replacen('{', "{\"more\":1,", 1),
        good.replace("\"aircraft\":\"SKY-1\",", ""),
        good.replace("SKY-1", "SKY\\u0031"),
        good.replace("SKY-1", "SKY\u{e9}"),
        good.replace("\"items\":1", "\"items\":1.0"),
        good.replace("a zone", &"z".repeat(201)),
        good.replace("not-done", "skipped"),
        good.replacen("\"sha256\":\"", "\"sha256\":\"X", 1),
        good.replace("warns\",\"final", "warnt\",\"final"),
    ];
    for bad in cases {
        assert!(Papers::read(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(Papers::read(&vec![b' '; MAX_BYTES + 1]).is_err());
}

#[test]
fn an_alert_reads_back() {
    let alert = Alert {
        rule: "zone-ahead",
        of: "EGR1".into(),
        severity: Severity::Blocks,
        what: "Derby “ATZ” in 4 s".into(),
        in_s: 4.2,
    };
    let noted = Noted::of(&alert, NotedAs::Began, "2026-05-01T12:00:00Z".parse().unwrap());
    assert_eq!(Noted::read(&noted.write()).unwrap(), noted);
    assert!(!noted.is_about_authorisation() && noted.what == "Derby 'ATZ' in 4 s");
    assert!(Noted::read(&[&noted.write()[..], b" "].concat()).is_err());
}

proptest! {
    #[test]
    fn any_words_make_papers_that_read_back(words in ".{0,300}", count in 0_usize..80) {
        let severity = [Severity::Blocks, Severity::Warns, Severity::Notes][words.len() % 3];
        let findings = (0..count).map(|_| finding(severity, "zone", &words)).collect();
        let rapid = Checklist { rapid_launch: Some(words), ..Checklist::default() };
        let papers = made(findings, &rapid).unwrap();
        prop_assert_eq!(Papers::read(&papers.write()).unwrap(), papers);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = (Papers::read(&bytes), Noted::read(&bytes));
    }
}
