//! The workspace driven by label, and its pictures.

use egui::{Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mission_profiles::flight_log::{Entry, Grade, Incident, Reconciled};

use super::*;
use crate::state::records::tests::{TODAY, flight, held, now};
use crate::state::records::{Draft, Flight};
use crate::ui::shot::{self, Shot};
use crate::ui::theme;
use crate::ui::tokens::Theme;

struct Screen {
    loaded: Loaded,
    signed_in: bool,
    busy: bool,
    view: View,
    asked: Vec<Command>,
}

impl Screen {
    fn new(loaded: Loaded) -> Self {
        Self { loaded, signed_in: true, busy: false, view: View::default(), asked: Vec::new() }
    }

    fn draw(&mut self, ui: &mut Ui, rect: Rect) {
        let shown = Shown { loaded: &self.loaded, signed_in: self.signed_in.then_some("officer-3"), busy: self.busy };
        self.asked.extend(show(ui, rect, &shown, &mut self.view));
    }

    fn harness(self) -> Harness<'static, Self> {
        let size = vec2(1192.0, 728.0);
        let mut harness = Harness::builder()
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .with_size(size)
            .build_ui_state(move |ui, screen: &mut Self| screen.draw(ui, Rect::from_min_size(Pos2::ZERO, size)), self);
        harness.run();
        harness
    }
}

fn draft(pilot: &str) -> Draft {
    let mut entry = flight("2026-05-19T20:40:00Z", 17, (pilot, "SKY-2", ""));
    entry.notes = vec!["the link was silent for 41 s; the height of that time is not known".to_owned()];
    Draft { file: "/drafts/20260519T204000Z-SKY-2.json".into(), entry }
}

fn entries() -> Vec<Flight> {
    let mut flights: Vec<Entry> = (1..=18)
        .map(|day| {
            let who = if day % 3 == 0 { ("PC 2207 Lunt", "SKY-2", "B4") } else { ("PC 4417 Hale", "SKY-1", "B1") };
            flight(&format!("2026-05-{day:02}T{:02}:10:00Z", 8 + day % 9), 9 + day * 2, who)
        })
        .collect();
    flights.push(flight("2026-03-02T10:00:00Z", 125, ("Sgt 3120 Okafor", "SKY-1", "B2")));
    let agrees = Reconciled { flight: "f".to_owned(), verdict: "VERIFIED".to_owned(), differences: Vec::new() };
    let differs = Reconciled { differences: vec!["landing 38 s later than the log".to_owned()], ..agrees.clone() };
    flights[16].records = vec![agrees];
    flights[15].records = vec![differs];
    flights[15].remarks = "Gusts from the west over the wood; the gimbal held.".to_owned();
    flights[15].defects = vec!["propeller 3 chipped".to_owned()];
    let near = "a helicopter came within 150 m, below the treeline".to_owned();
    flights[14].incidents = vec![Incident { grade: Grade::Serious, what: near, reported: String::new() }];
    flights[3].incidents = vec![Incident {
        grade: Grade::Occurrence,
        what: "link lost for 3 min".to_owned(),
        reported: "CAA, ECCAIRS 88-21, 5 May".to_owned(),
    }];
    flights.into_iter().map(held).collect()
}

fn full() -> Loaded {
    let records = Records::new(entries(), vec![draft("")], (now(), TODAY));
    Loaded::There(Records {
        unfinished: vec!["20260520T093000Z-SKY-1: heard until 2026-05-20 10:41 BST, under way".to_owned()],
        ..records
    })
}

fn empty() -> Loaded {
    Loaded::There(Records::new(Vec::new(), Vec::new(), (now(), TODAY)))
}

#[test]
fn a_draft_is_entered_once_its_pilot_is_named() {
    let mut harness = Screen::new(full()).harness();
    assert!(
        harness.query_by_label("Draft of 2026-05-19 21:40 BST").is_some(),
        "drafts stand first, and the first row is read"
    );
    assert!(harness.get_by_label("Enter into the register").accesskit_node().is_disabled());
    assert!(harness.query_by_label_contains("Say who flew").is_some());
    harness.get_by_label("Pilot").focus();
    harness.run();
    harness.get_by_label("Pilot").type_text("PC 4417 Hale");
    harness.run();
    harness.get_by_label("Incident: Minor").click_accesskit();
    harness.run();
    assert!(harness.query_by_label("Say what happened, in a few words").is_some());
    harness.get_by_label("Incident: Nothing").click_accesskit();
    harness.run();
    harness.get_by_label("Enter into the register").click();
    harness.run();
    let [Command::Enter(entering)] = &harness.state().asked[..] else { panic!("{:?}", harness.state().asked) };
    assert_eq!(entering.facts, ["pilot=PC 4417 Hale"], "what the draft says already is not said again");
    assert_eq!(
        (entering.reason.to_string().as_str(), &entering.incident, &entering.remark),
        ("End of duty", &None, &None)
    );
    assert!(entering.draft.ends_with("20260519T204000Z-SKY-2.json"));
}

#[test]
fn nobody_enters_anything_without_signing_in_or_twice() {
    for (signed_in, busy, why) in [(false, false, "Sign in first"), (true, true, "It is being entered")] {
        let drafts = vec![draft("PC 4417 Hale")];
        let loaded = Loaded::There(Records::new(Vec::new(), drafts, (now(), TODAY)));
        let mut harness = Screen { signed_in, busy, ..Screen::new(loaded) }.harness();
        harness.get_by_label("Enter into the register").click();
        harness.run();
        assert!(harness.state().asked.is_empty() && harness.query_by_label_contains(why).is_some(), "{why}");
    }
}

#[test]
fn a_flight_is_found_and_read_with_its_versions() {
    let mut harness = Screen::new(full()).harness();
    harness.get_by_label("Find in the flight log").focus();
    harness.run();
    harness.get_by_label("Find in the flight log").type_text("lunt 2026-05-15");
    harness.run();
    assert!(harness.query_by_label("Flight 20260517T160000Z-SKY-1").is_none());
    harness.get_by_label("Flight 20260515T141000Z-SKY-2");
    harness.get_by_label_contains("At once: tell the AAIB");
    harness.get_by_label_contains("It was due by 2026-05-18 15:49 BST: tell the CAA");
    harness.get_by_label("2026-05-10 12:00 BST, officer-3: end of duty. Line 12 of the ledger.");
    harness.get_by_label("Find in the flight log").type_text(" nothing like it");
    harness.run();
    harness.get_by_label("No such flight");
}

#[test]
fn flights_are_sorted_by_the_column_that_is_pressed() {
    let mut harness = Screen::new(full()).harness();
    let longest = |harness: &Harness<'_, Screen>| harness.query_by_label("Flight 20260302T100000Z-SKY-1").is_some();
    assert!(!longest(&harness), "the oldest is below what is seen");
    harness.get_by_label("Sort by In the air").click();
    harness.run();
    assert!(longest(&harness), "125 min");
    harness.get_by_label("Sort by In the air").click();
    harness.run();
    assert!(!longest(&harness));
}

#[test]
fn pilots_aircraft_and_incidents_have_their_sections() {
    let mut harness = Screen::new(full()).harness();
    for (section, row, said) in [
        ("Pilots", "Sgt 3120 Okafor", "Practice runs out on Tue 2 Jun 2026: fly before then."),
        ("Aircraft and batteries", "Battery B4", "Flights: 6"),
        ("Incidents", "Occurrence: link lost for 3 min", "Reported: CAA, ECCAIRS 88-21, 5 May"),
    ] {
        harness.get_by_label(section).click();
        harness.run();
        harness.get_by_label(row).click();
        harness.run();
        assert!(harness.query_by_label(said).is_some(), "{section}: {said}");
    }
    harness.get_by_label("Show the flight").click();
    harness.run();
    assert!(harness.query_by_label("2026-05-04 13:10 BST").is_some());
}

#[test]
fn what_is_missing_is_taught() {
    let mut harness = Screen::new(empty()).harness();
    for (section, what) in [
        ("Flight log", "No flight yet"),
        ("Pilots", "Nobody flew yet"),
        ("Aircraft and batteries", "Nothing flew yet"),
        ("Incidents", "Nothing went wrong"),
    ] {
        harness.get_by_label(section).click();
        harness.run();
        assert!(harness.query_by_label(what).is_some(), "{what}");
    }
    let mut harness = Screen::new(Loaded::Failed("ledger.sqlite cannot be opened".to_owned())).harness();
    assert!(harness.query_by_label("ledger.sqlite cannot be opened").is_some());
    harness.get_by_label("Try again").click();
    harness.run();
    assert!(matches!(harness.state().asked[..], [Command::Reload]));
}

#[test]
fn it_is_drawn_in_all_themes_and_sizes() {
    let folder = std::env::var_os("SKYSEAL_SHOTS");
    for (theme, (width, height)) in
        Theme::ALL.into_iter().flat_map(|theme| [(1192.0, 728.0), (1832.0, 1008.0)].map(|size| (theme, size)))
    {
        for (section, name) in Section::ALL.into_iter().zip(["flights", "pilots", "kit", "incidents"]) {
            let mut screen = Screen::new(full());
            screen.view.section = section;
            if width > 1800.0 {
                screen.view.flight = Some("20260516T151000Z-SKY-1".to_owned());
            }
            let rect = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
            let image = Shot::new(width, height, theme).take(|ui| screen.draw(ui, rect));
            let drawn = image.pixels.iter().filter(|pixel| **pixel != theme.tokens().bg).count();
            assert!(drawn > image.pixels.len() / 2, "{theme:?} {name}: {drawn}");
            if let Some(folder) = &folder {
                let file = format!("records-{name}-{}-{width:.0}.png", theme.name().to_lowercase().replace(' ', "-"));
                shot::write(&image, &std::path::Path::new(folder).join(file)).unwrap();
            }
        }
    }
}
