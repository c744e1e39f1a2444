//! A replay in the window, driven by what stands on it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use flight_record::Extent;
use flight_record::verify::{Content, Integrity, Time, Witness, Word};
use vehicle_link::frames::{Body, Encoder};

use super::evidence;
use crate::clock;
use crate::command::Workspace;
use crate::state::evidence::tests::flight;
use crate::state::evidence::{Event, Seal, Session, Verdict};
use crate::state::replay::sealed::{Judged, Recorded};
use crate::state::seal::Mark;
use crate::ui::tokens::Theme;
use crate::video::tests::record;
use crate::window::app::App;
use crate::window::tests::{opened, pictured};

const PATIENCE: Duration = Duration::from_secs(60);

type Window = Harness<'static, App>;

/// A window over a folder of its own in which `opened/segments/eo` holds a recording of 95 pictures in four segments; and what wakes it.
fn window(temp: &Path) -> (Window, Receiver<()>) {
    let stream = temp.join("opened/segments/eo");
    std::fs::create_dir_all(&stream).unwrap();
    record(&stream, 95);
    let path = temp.join("station.toml");
    let words = "[links]\nmavlink = [\"udpin:127.0.0.1:0\"]\n[live]\nview = \"none\"\n[stores]\nopened = \"opened\"\n";
    std::fs::write(&path, words).unwrap();
    let (ring, rung) = sync_channel(1);
    let wake = Arc::new(move || {
        let _ = ring.try_send(());
    });
    let mut harness = opened(path, wake);
    harness.run_steps(2);
    (harness, rung)
}

fn stands(harness: &Window, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// Draws until it is so; looks again whenever something has happened.
fn until(harness: &mut Window, rung: &Receiver<()>, what: &str, mut so: impl FnMut(&Window) -> bool) {
    let end_ns = clock::mono_ns() + u64::try_from(PATIENCE.as_nanos()).unwrap();
    loop {
        harness.run_steps(1);
        if so(harness) {
            return;
        }
        assert!(clock::mono_ns() < end_ns, "{what}");
        let _ = rung.recv_timeout(Duration::from_millis(50));
    }
}

fn shown_us(harness: &Window) -> Option<i64> {
    harness.state().replay.as_ref()?.reel.latest()?.taken_utc_us
}

/// HEARTBEAT and EXTENDED_SYS_STATE of an ArduCopter that is armed and flies, or stands.
fn beat(harness: &mut Window, encoder: &mut Encoder, flies: bool) {
    for (number, bytes) in
        [(0, vec![4, 0, 0, 0, 2, 3, if flies { 0x81 } else { 0x01 }, 4, 3]), (245, vec![0, if flies { 2 } else { 1 }])]
    {
        let frame = encoder.encode_body(&Body::raw(number, &bytes).unwrap());
        harness.state_mut().flight.hear(&frame, clock::mono_ns());
    }
    harness.run_steps(2);
}

#[test]
fn a_file_plays_in_flys_screen_by_buttons_and_by_keys_and_one_press_goes_back() {
    let temp = tempfile::tempdir().unwrap();
    let (mut harness, rung) = window(temp.path());
    harness.state_mut().replay_file(&temp.path().join("opened"));
    until(&mut harness, &rung, "its first picture", |harness| shown_us(harness).is_some());
    until(&mut harness, &rung, "its telemetry", |harness| {
        stands(harness, "Replay of Thu 28 May 2026, SKY-1, file opened")
    });
    let first = shown_us(&harness).unwrap();
    assert!(stands(&harness, "REPLAY") && stands(&harness, "nothing in this picture is live"));
    assert!(stands(&harness, "4 not checked") && stands(&harness, "A plain file: nobody has compared it"));
    assert!(harness.query_by_label_contains("Slide").is_none() && harness.query_by_label("Hold").is_none());
    harness.get_by_label("Next picture").click();
    until(&mut harness, &rung, "the next picture", |harness| shown_us(harness) == Some(first + 33_367));
    harness.key_press(Key::Comma);
    until(&mut harness, &rung, "the one before, by its key", |harness| shown_us(harness) == Some(first));
    harness.key_press(Key::CloseBracket);
    until(&mut harness, &rung, "twice the speed", |harness| stands(harness, "Speed 2×"));
    harness.key_press(Key::End);
    until(&mut harness, &rung, "its end", |harness| shown_us(harness) == Some(first + 94 * 33_367));
    harness.key_press(Key::Home);
    until(&mut harness, &rung, "its beginning", |harness| shown_us(harness) == Some(first));
    harness.key_press(Key::M);
    harness.run_steps(2);
    assert!(harness.state().view.over.is_none(), "a marker would stand in what is live");
    let shown: Vec<String> = harness.state().notices.shown().iter().map(|notice| notice.words.clone()).collect();
    assert!(shown.iter().any(|words| words.contains("this is a replay")), "{shown:?}");
    harness.get_by_label("Back to live").click();
    harness.run_steps(2);
    assert!(harness.state().replay.is_none() && !stands(&harness, "REPLAY"));
    harness.get_by_label_contains("No vehicle heard yet");
}

#[test]
fn what_is_live_is_never_hidden_by_a_replay() {
    let temp = tempfile::tempdir().unwrap();
    let (mut harness, rung) = window(temp.path());
    harness.state_mut().replay_file(&temp.path().join("opened"));
    until(&mut harness, &rung, "its first picture", |harness| shown_us(harness).is_some());
    let mut encoder = Encoder::new(1, 1);
    beat(&mut harness, &mut encoder, false);
    for name in ["Hold", "Return"] {
        assert!(harness.query_all_by_label_contains(name).next().is_some(), "{name}, as soon as a vehicle is heard");
    }
    assert!(stands(&harness, "No camera to record with") && !stands(&harness, "Your aircraft is in the air"));
    beat(&mut harness, &mut encoder, true);
    assert!(harness.state().flight.in_air());
    assert!(stands(&harness, "Your aircraft is in the air") && stands(&harness, "Land"));
    harness.state_mut().unexplained_step = Some(5_000_000);
    harness.run_steps(2);
    assert!(stands(&harness, "This station's clock jumped by +5.0 s"), "alarms stand above it");
    harness.key_press(Key::B);
    harness.run_steps(2);
    assert!(harness.state().replay.is_none(), "by its key");
}

fn verdict(stream: &Path) -> Box<Verdict> {
    let judged = |(name, seal): (&str, Seal)| {
        let plain = Extent::of(&std::fs::read(stream.join(format!("{name}.ts"))).unwrap());
        (name.to_owned(), Judged { seal, plain: Some(plain) })
    };
    let names =
        [("000000", Seal::Witnessed), ("000001", Seal::Witnessed), ("000002", Seal::Late), ("000003", Seal::Witnessed)];
    let streams = BTreeMap::from([("eo".to_owned(), names.map(judged).into())]);
    Box::new(Verdict {
        word: Word::Verified,
        axes: (Integrity::Intact, Witness::Full, Content::Opened, Time::Ok),
        meaning: "Every record, tree head and file is as the device recorded it.",
        next: "",
        witnessed: (4, 4),
        streams: Vec::new(),
        recorded: Recorded { streams, marks: vec![(1_780_000_001_000_000, Mark::Marker(String::new()))] },
        faults: Vec::new(),
        at_utc_us: 0,
    })
}

/// A viewing session over a flight of the store whose third segment is another than was recorded; its footage is open.
fn viewing(harness: &mut Window, rung: &Receiver<()>, temp: &Path) {
    let stream = temp.join("opened/segments/eo");
    let verdict = verdict(&stream);
    let third = stream.join("000002.ts");
    let mut bytes = std::fs::read(&third).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&third, bytes).unwrap();
    let one = flight(1, 1_780_000_000_000_000);
    let id = one.id;
    let session = Session {
        who: "marsh".to_owned(),
        reason: "Confirm the route".to_owned(),
        flight: id,
        line: 4_231,
        since_utc_us: clock::now_utc_us(),
    };
    let app = harness.state_mut();
    evidence::tell(app, Event::Reading { store: "store-a".to_owned() });
    evidence::tell(app, Event::Read(Ok(vec![one])));
    evidence::tell(app, Event::Began(Ok(session)));
    evidence::tell(app, Event::Checked(id, Ok(verdict)));
    harness.get_by_label("Evidence").click();
    harness.run_steps(2);
    harness.get_by_label("Open footage").click();
    until(harness, rung, "its first picture", |harness| stands(harness, "Segment 000000, 1 of 4"));
}

#[test]
fn a_flight_of_the_store_is_replayed_with_the_seal_of_its_bytes_and_only_inside_of_its_session() {
    let temp = tempfile::tempdir().unwrap();
    let (mut harness, rung) = window(temp.path());
    viewing(&mut harness, &rung, temp.path());
    harness.get_by_label("Replay in Fly").click();
    harness.run_steps(2);
    assert_eq!(harness.state().view.workspace, Workspace::Fly);
    assert!(stands(&harness, "Replay of Thu 28 May 2026, Delta 2-1") && stands(&harness, "Viewed by: marsh"));
    until(&mut harness, &rung, "the seals", |harness| {
        stands(harness, "3 verified, witnessed") && stands(harness, "1 not of this record")
    });
    assert!(stands(&harness, "1 of 4 segments played are not those of the flight’s record"));
    assert!(stands(&harness, "M1, Marker") && !stands(&harness, "verified, late"));
    // Altered once it was found to be as recorded, and then played.
    let second = temp.path().join("opened/segments/eo/000001.ts");
    let mut bytes = std::fs::read(&second).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&second, bytes).unwrap();
    harness.get_by_label("Play").click();
    until(&mut harness, &rung, "what was altered since", |harness| {
        stands(harness, "2 verified, witnessed") && stands(harness, "2 not of this record")
    });
    evidence::tell(harness.state_mut(), Event::Ended(Ok(())));
    harness.run_steps(2);
    assert!(harness.state().replay.is_none(), "its viewing session is over");
}

/// Pictures of it, into the folder of `SKYSEAL_SHOTS`, to be looked at.
#[test]
fn it_is_drawn_at_each_size() {
    let temp = tempfile::tempdir().unwrap();
    let (mut harness, rung) = window(temp.path());
    viewing(&mut harness, &rung, temp.path());
    harness.state_mut().replay_flight();
    until(&mut harness, &rung, "the seals", |harness| stands(harness, "3 verified, witnessed"));
    let mut encoder = Encoder::new(1, 1);
    for (name, size, theme, flies) in [
        ("replay-night", (1280.0, 800.0), Theme::Night, None),
        ("replay-air-night", (1280.0, 800.0), Theme::Night, Some(true)),
        ("replay-day", (1920.0, 1080.0), Theme::Day, Some(false)),
    ] {
        flies.into_iter().for_each(|flies| beat(&mut harness, &mut encoder, flies));
        let app = harness.state_mut();
        app.theme = theme;
        pictured(app, name, size);
    }
}
