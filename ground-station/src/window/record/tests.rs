//! Whose name the record will hold, and why it is recorded, by what stands on the window.

use std::path::Path;
use std::sync::Arc;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use flight_record::keys::DeviceKey;
use flight_record::{FlightId, Sha256};
use vehicle_link::frames::{Body, Encoder};
use vehicle_link::peers::Address;

use super::By;
use crate::clock;
use crate::dock::runner::fixture::{PIN, Unit};
use crate::signer::Signs;
use crate::state::recording::Button;
use crate::state::recording::reason::Amendment;
use crate::tasks::orders::Answer;
use crate::ui::tokens::Theme;
use crate::window::app::{App, Over};
use crate::window::desks::gate;
use crate::window::tests::{opened, pictured};

type Window = Harness<'static, App>;

const MINUTE_US: i64 = 60_000_000;

/// A window with the key of a station, that hears a vehicle and its camera; a unit's first store may lie in its folder.
fn window(temp: &Path) -> Window {
    let path = temp.join("station.toml");
    let store = if temp.join("first").is_dir() { "[stores]\nfirst = \"first\"\n" } else { "" };
    let words = format!("[links]\nmavlink = [\"udpin:127.0.0.1:0\"]\n[live]\nview = \"none\"\n{store}");
    std::fs::write(&path, words).unwrap();
    let mut harness = opened(path, Arc::new(|| ()));
    let mut encoder = Encoder::new(1, 1);
    let frame = encoder.encode_body(&Body::raw(0, &[4, 0, 0, 0, 2, 3, 0x01, 4, 3]).unwrap());
    let app = harness.state_mut();
    app.flight.hear(&frame, clock::mono_ns());
    app.flight.camera = Some(Address::new(1, 100));
    app.work.station = Some(Arc::new(Signs::Station(DeviceKey::from_seed([4; 32]))));
    harness.run_steps(2);
    harness
}

fn stands(harness: &Window, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// A session of an officer, for an hour, as the aircraft confirmed it.
fn session(app: &mut App) {
    let (hale, reason) = ("hale".parse().unwrap(), "search, log 1234".parse().unwrap());
    app.flight.officer.ask(hale, reason, 60, clock::now_utc_us());
    app.flight.officer.confirmed(None);
}

fn recorded() -> Answer {
    Answer::Recorded { commitment: Sha256::of(b"reason"), flight: Some(FlightId::from_bytes([1; 16])) }
}

#[test]
fn the_window_says_whose_name_the_record_will_hold() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(temp.path());
    harness.key_press(Key::E);
    harness.run_steps(2);
    assert_eq!(harness.state().view.over, Some(Over::Reason));
    assert!(stands(&harness, "In whose name: REC stands in the name of this station"));
    assert!(matches!(harness.state().recorded_by(), By::Station(_)));
    assert!(stands(&harness, "Open a session") && harness.state().no_session() == Some("Sign in first"));
    session(harness.state_mut());
    harness.run_steps(2);
    assert!(matches!(harness.state().recorded_by(), By::Session), "they are not here");
    assert!(stands(&harness, "In whose name: REC stands in the name of hale until") && stands(&harness, "REC to "));
    let app = harness.state_mut();
    app.look_after_record(clock::mono_ns(), clock::now_utc_us() + 61 * MINUTE_US);
    assert!(matches!(app.recorded_by(), By::Station(_)), "it is over");
    app.work.station = None;
    assert!(app.name_in_record().contains("names nobody"));
}

#[test]
fn the_officer_who_is_signed_in_opens_a_session_and_rec_goes_out_by_it() {
    let unit = Unit::new();
    let mut harness = window(unit.temp.path());
    gate::give(harness.state(), "PC 4417 Hale", PIN);
    let until_ns = clock::mono_ns() + 60_000_000_000;
    while harness.state().desks.gate.person().is_none() {
        assert!(clock::mono_ns() < until_ns, "signed in");
        harness.run_steps(1);
        std::thread::yield_now();
    }
    harness.key_press(Key::E);
    harness.run_steps(2);
    assert_eq!(harness.state().no_session(), None);
    harness.get_by_label("Session lasts: 4 hours").click();
    harness.run_steps(2);
    harness.get_by_label("Open a session").click();
    harness.run_steps(1);
    let app = harness.state_mut();
    app.open_session(240, clock::mono_ns());
    assert!(app.flight.officer.waits() && app.flight.officer.session().is_none(), "the aircraft has not confirmed it");
    assert!(matches!(app.recorded_by(), By::Station(_)));
    let confirmed = Answer::Recorded { commitment: Sha256::of(b"reason"), flight: None };
    app.heard_session(false, Ok(&confirmed), clock::mono_ns());
    assert!(app.name_in_record().starts_with("REC stands in the name of PC 4417 Hale until"));
    assert!(matches!(app.recorded_by(), By::Officer(officer) if officer.label().as_str() == "PC 4417 Hale"));
    harness.run_steps(2);
    assert!(stands(&harness, "End the session"));
    let app = harness.state_mut();
    assert!(app.desks.gate.lock());
    assert!(matches!(app.recorded_by(), By::Session), "behind a lock REC works by the session");
}

#[test]
fn a_recording_is_not_lost_by_a_session_that_the_aircraft_does_not_take() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(temp.path());
    let app = harness.state_mut();
    session(app);
    let now_ns = clock::mono_ns();
    app.record(now_ns);
    app.heard_record(true, Err("no answer"), false, now_ns);
    assert!(app.flight.officer.session().is_some(), "silence says nothing of it");
    app.record(now_ns);
    app.heard_record(true, Err("denied"), true, now_ns);
    assert!(matches!(app.recorded_by(), By::Station(_)));
    assert!(matches!(app.flight.recording.button(now_ns), Button::Starting { .. }), "ordered by the station");
    while let Some(number) = app.notices.shown().first().map(|notice| notice.number) {
        app.notices.read(number, now_ns);
    }
    let shown: Vec<String> = app.notices.history().map(|notice| notice.words.clone()).collect();
    assert!(shown.iter().any(|words| words.starts_with("Session of hale")), "{shown:?}");
}

#[test]
fn a_reason_is_written_for_the_next_recording_and_comes_of_the_settings_otherwise() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(temp.path());
    assert!(harness.state().reason_now().1.ends_with("of the settings"));
    harness.key_press(Key::E);
    harness.run_steps(2);
    assert!(stands(&harness, "of the settings: Police operation"));
    harness.get_by_label("Reason of the next recording").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("Search for Jane Doe, log 77".to_owned()));
    harness.run_steps(2);
    harness.get_by_label("Use it").click();
    harness.run_steps(2);
    let (reason, from) = harness.state().reason_now();
    assert_eq!(reason.map(|reason| reason.to_string()).as_deref(), Some("Search for Jane Doe, log 77"));
    assert!(from.ends_with("as written here"));
    let app = harness.state_mut();
    app.record(clock::mono_ns());
    app.heard_record(true, Ok(&recorded()), false, clock::mono_ns());
    assert_eq!(app.flight.reasons.of_record().unwrap().to_string(), "Search for Jane Doe, log 77");
    assert!(app.reason_now().1.ends_with("of the settings"), "the next one is another");
}

#[test]
fn an_amendment_needs_a_recording_that_runs_and_stands_when_the_aircraft_says_so() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(temp.path());
    let app = harness.state_mut();
    let now_ns = clock::mono_ns();
    app.record(now_ns);
    app.heard_record(true, Ok(&recorded()), false, now_ns);
    app.flight.recording.look(crate::rec::Rec::Recording, 1_000, now_ns);
    assert!(app.is_recording(now_ns) && app.reason_fixed(now_ns).is_none());
    app.write_reason("Search for Jane Doe, log 77", now_ns);
    assert_eq!(app.flight.reasons.amendment(), &Amendment::None, "no flight is known to be open: nothing is sent");
    app.flight.reasons.amend("Search for Jane Doe, log 77".parse().unwrap());
    app.heard_amendment(Err("no answer"));
    assert!(app.flight.reasons.of_record().unwrap().to_string().starts_with("Police operation"));
    app.flight.reasons.amend("Search for Jane Doe, log 77".parse().unwrap());
    app.heard_amendment(Ok(&recorded()));
    assert!(app.reason_in_words(now_ns).unwrap().starts_with("Search for Jane Doe, log 77; may be amended for"));
    let late_ns = now_ns + crate::state::recording::reason::AMEND_NS;
    app.flight.recording.look(crate::rec::Rec::Recording, 1_000, late_ns);
    assert!(app.reason_fixed(late_ns).is_some_and(|why| why.contains("15 minutes")));
}

/// Pictures of the panel, into the folder of `SKYSEAL_SHOTS`, to be looked at.
#[test]
fn the_panel_is_drawn_at_each_size() {
    let temp = tempfile::tempdir().unwrap();
    let mut harness = window(temp.path());
    for (name, size, theme) in
        [("reason-night", (1280.0, 800.0), Theme::Night), ("reason-day", (1920.0, 1080.0), Theme::Day)]
    {
        let app = harness.state_mut();
        if theme == Theme::Day {
            session(app);
        }
        (app.view.over, app.theme) = (Some(Over::Reason), theme);
        pictured(app, name, size);
    }
}
