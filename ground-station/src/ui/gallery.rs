//! Every component with its states on one page of 1440 × 900, as a test and, where `SKYSEAL_SHOTS` names a folder, as pictures.

use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use flight_record::verify::{Content, Integrity, Time, Witness, Word};

use super::cut::Cut as _;
use super::shot::{self, Shot};
use super::theme::tokens;
use super::tokens::Theme;
use super::widget::alarm::{Alarm, Level};
use super::widget::badge::{self, Tone};
use super::widget::button::Button;
use super::widget::check::{By, check};
use super::widget::chip::{Chip, State};
use super::widget::control::Control;
use super::widget::empty::Empty;
use super::widget::field::{self, Field};
use super::widget::flight::{Flight, Sent};
use super::widget::hold::Hold;
use super::widget::progress::{self, Progress};
use super::widget::rec::Rec;
use super::widget::slide::Slide;
use super::widget::table::{self, Cell, Column, Table};
use super::widget::toast::Toast;
use super::widget::verdict::Axis;
use super::widget::{choice, fact, panel, seal, verdict};
use super::{icon, paint, text, theme};

/// What is typed into the fields, and what was pressed.
#[derive(Default)]
struct Page {
    place: String,
    pin: String,
    pressed: Vec<String>,
}

fn page(ui: &mut Ui, page: &mut Page) {
    ui.painter().rect_filled(ui.max_rect(), CornerRadius::ZERO, tokens(ui).bg);
    left(ui, page);
    middle(ui, page);
    right(ui, page);
}

fn at(x: f32, y: f32, width: f32, height: f32) -> Rect {
    Rect::from_min_size(pos2(x, y), vec2(width, height))
}

fn caption(ui: &Ui, x: f32, y: f32, words: &str) {
    paint::words(ui.painter(), pos2(x, y + 8.0), Align2::LEFT_CENTER, text::LABEL_STRONG, tokens(ui).text2, words);
}

fn grid(x: f32, y: f32, nth: u8, (columns, width, height): (u8, f32, f32)) -> Rect {
    let (column, row) = (f32::from(nth % columns), f32::from(nth / columns));
    at(x + column * (width + 8.0), y + row * (height + 8.0), width, height)
}

fn left(ui: &mut Ui, page: &mut Page) {
    caption(ui, 16.0, 12.0, "Status chip: normal · recording · sealed · caution · warning · unknown");
    let fix = icon::GPS_FIX.regular();
    let chips = [
        ("GNSS", "3D · 17", "±0.6 m", State::Normal),
        ("REC", "REC 00:12:41", "EO + IR aboard", State::Recording),
        ("SEAL", "SEAL 381", "0.8 s ago", State::Sealed),
        ("RC", "RC 61 %", "Weak for 20 s", State::Caution),
        ("Link", "Link lost", "4 s, returning", State::Warning),
        ("Vehicle", "—", "No vehicle", State::Unknown),
    ];
    for (nth, (name, value, label, state)) in (0u8..).zip(chips) {
        let rect = grid(16.0, 34.0, nth, (3, 148.0, 55.0));
        ui.painter().rect(
            rect,
            CornerRadius::same(4),
            tokens(ui).panel,
            Stroke::new(1.0, tokens(ui).line),
            StrokeKind::Inside,
        );
        let chip = Chip { name, icon: fix, value, label: Some(label), state };
        if chip.at(ui, rect).clicked() {
            page.pressed.push(name.to_owned());
        }
    }
    seals(ui);
    caption(ui, 16.0, 290.0, "REC button: ready · starting · on · stopped by fault · no camera");
    let recs = [
        Rec::Ready,
        Rec::Starting("0.4 s"),
        Rec::Recording("00:12:41"),
        Rec::Stopped("Press again"),
        Rec::NoCamera("Cable, power"),
    ];
    for (nth, rec) in (0u8..).zip(recs) {
        if rec.at(ui, grid(16.0, 312.0, nth, (3, 148.0, 72.0)), (nth == 0).then_some("R")).clicked() {
            page.pressed.push(rec.name().to_owned());
        }
    }
    caption(ui, 16.0, 472.0, "Guarded slide: ready · done · locked with its reason · hold 2 s");
    let slides = [
        Slide::new("Arm"),
        Slide::new("Take off").done(Some("Climbing")),
        Slide::new("Land").unless(Some("It is on the ground")),
    ];
    for (nth, slide) in (0u8..).zip(slides) {
        if slide.at(ui, grid(16.0, 494.0, nth, (2, 226.0, 72.0))) {
            page.pressed.push("slid".to_owned());
        }
    }
    let stop = Hold { verb: "Stop motors", confirm: "Stop motors now", why_not: None };
    if stop.at(ui, grid(16.0, 494.0, 3, (2, 226.0, 72.0))) {
        page.pressed.push("stopped".to_owned());
    }
    buttons(ui, page);
}

fn seals(ui: &Ui) {
    caption(ui, 16.0, 164.0, "Seal cell: height is how far it came, the cap is the cosignature");
    for (nth, cell) in (0u8..).zip(seal::Cell::ALL) {
        let x = 16.0 + f32::from(nth) * 76.0;
        seal::cell(ui, at(x, 188.0, 20.0, 46.0), cell);
        paint::words(
            ui.painter(),
            pos2(x, 246.0),
            Align2::LEFT_CENTER,
            text::LABEL_STRONG,
            tokens(ui).text,
            cell.name(),
        );
    }
    let counts =
        [(seal::Cell::Witnessed, 374), (seal::Cell::Late, 4), (seal::Cell::Unwitnessed, 2), (seal::Cell::Gap, 1)];
    seal::legend(ui, at(16.0, 260.0, 460.0, 24.0), &counts);
}

fn buttons(ui: &Ui, page: &mut Page) {
    caption(ui, 16.0, 656.0, "Button: primary · secondary · chosen · with a key · disabled · quiet");
    let mut row = at(16.0, 678.0, 460.0, 48.0);
    for button in [
        Button::new("Sign").primary(),
        Button::new("Pause"),
        Button::new("EO").chosen(true),
        Button::new("Marker").key("M"),
        Button::new("Off").unless(Some("Nothing is connected")),
        Button::new("Show").quiet(),
    ] {
        let place = row.left_part(button.width(ui));
        if button.at(ui, place).clicked() {
            page.pressed.push("button".to_owned());
        }
        row.left_part(8.0);
    }
    caption(ui, 16.0, 738.0, "Flight button: ready · sent · refused; a control");
    let sent = [
        (Flight::Hold, Sent::Ready),
        (Flight::Return, Sent::Waiting),
        (Flight::Return, Sent::Refused("No position: fly by sight")),
    ];
    for (nth, (flight, sent)) in (0u8..).zip(sent) {
        let rect = grid(16.0, 760.0, nth, (3, 148.0, 88.0));
        if flight.at(ui, rect, sent).clicked() {
            page.pressed.push(flight.name().to_owned());
        }
    }
    badge::key_cap(ui, pos2(16.0, 874.0), "F1", None);
    badge::key_cap(ui, pos2(44.0, 874.0), "Ctrl K", None);
    badge::count(ui, pos2(124.0, 874.0), 3);
}

fn middle(ui: &mut Ui, page: &mut Page) {
    verdicts(ui);
    caption(ui, 500.0, 222.0, "Progress row: running · failed");
    let mut rest = panel::panel(ui, at(500.0, 244.0, 460.0, 98.0));
    let pause = [(icon::PAUSE.bold(), "Pause"), (icon::X.bold(), "Cancel")];
    for (what, figures, share, state, buttons) in [
        ("Copy, flight 3", "64 % · 84 MB/s · 18 s left", 0.64, progress::State::Running, &pause[..]),
        ("Copy stopped: card removed", "Nothing lost. Put it back to resume", 0.41, progress::State::Failed, &[]),
    ] {
        let rect = rest.top_part(progress::HEIGHT);
        let progress = Progress { what, figures, share, state, buttons };
        if let Some(nth) = progress.at(ui, rect) {
            page.pressed.push(format!("{} {what}", buttons[nth].1));
        }
    }
    rows(ui, page);
}

fn verdicts(ui: &Ui) {
    caption(ui, 500.0, 12.0, "Verdict badge: the flight’s word, four manners; axes");
    let (mut x, mut y) = (500.0, 47.0);
    for word in [
        Word::Verified,
        Word::VerifiedSealedOnly,
        Word::VerifiedUnwitnessed,
        Word::ClockSuspect,
        Word::Doubt(Integrity::UnattestedTail),
        Word::Doubt(Integrity::Incomplete),
        Word::Doubt(Integrity::Gap),
        Word::Doubt(Integrity::Missing),
        Word::Doubt(Integrity::Altered),
        Word::Doubt(Integrity::Equivocation),
    ] {
        let wide = verdict::stamp_width(ui, &word.to_string());
        if x + wide > 960.0 {
            (x, y) = (500.0, y + 32.0);
        }
        verdict::badge(ui, pos2(x, y), word);
        x += wide + 6.0;
    }
    let copy = verdict::stamp(ui, pos2(500.0, y + 32.0), Tone::Neutral, icon::COPY.fill(), "WORKING COPY");
    verdict::stamp(ui, pos2(copy.right() + 6.0, y + 32.0), Tone::Neutral, icon::CIRCLE_DASHED.fill(), "UNATTESTED");
    let axes = [
        Axis::integrity(Integrity::Intact),
        Axis::witness(Witness::Late, Some("4 of 381")),
        Axis::content(Content::Sealed),
        Axis::time(Time::Ok),
    ];
    verdict::axes(ui, at(500.0, y + 52.0, 460.0, 16.0), &axes);
}

fn rows(ui: &Ui, page: &mut Page) {
    caption(ui, 500.0, 352.0, "Table: sorted head, selected row, empty state");
    let columns = [
        Column::fixed("When", 60.0),
        Column::share("Flight", 1.0),
        Column::figures("Segments", 70.0),
        Column::fixed("Verdict", 120.0),
    ];
    let table = Table { columns: &columns, sorted: Some((0, true)) };
    let mut rest = panel::panel(ui, at(500.0, 374.0, 460.0, 132.0));
    if let Some(column) = table.head(ui, rest.top_part(table::HEAD)) {
        page.pressed.push(format!("sorted by {column}"));
    }
    let cells = [
        Cell::Text("18:02"),
        Cell::Strong("Flight 1"),
        Cell::Text("512"),
        Cell::Sign(Tone::Ok, icon::SEAL_CHECK.fill(), "Verified"),
    ];
    if table.row(ui, rest.top_part(table::ROW), "Flight 1", true, &cells).clicked() {
        page.pressed.push("row".to_owned());
    }
    let how = "Put the card in the reader, or join the aircraft’s dock network.";
    let empty = Empty { icon: icon::TRAY_ARROW_DOWN.regular(), what: "Nothing docked", how, action: None };
    empty.at(ui, rest);
}

fn right(ui: &mut Ui, page: &mut Page) {
    let x = 984.0;
    caption(ui, x, 12.0, "Alarm bar: warning · caution · advisory · acknowledged");
    for (nth, (level, what, detail)) in (0u8..).zip([
        (Level::Warning, "vehicle link lost, 4 s", "It returns by itself at 75 m. Watch the sky."),
        (Level::Caution, "RC link weak, 61 %", "Data link is good. Turn to face the aircraft."),
        (Level::Advisory, "authorisation ends in 30 min", "D-2219 ends 18:00 BST."),
        (Level::Acknowledged, "storage 20 min left", "PC 4417 Hale, 21:52:10. Still true."),
    ]) {
        let age = if level == Level::Acknowledged { "2 min ago" } else { "" };
        let alarm = Alarm { level, what, detail, age, nth: (1, if level == Level::Acknowledged { 4 } else { 1 }) };
        if alarm.at(ui, at(x, 34.0 + f32::from(nth) * 54.0, 440.0, 48.0)) {
            page.pressed.push(what.to_owned());
        }
    }
    caption(ui, x, 254.0, "Toast: done, with undo · fault, with what is safe and what to do");
    let done =
        Toast { fault: false, what: "Marker M2 at 00:12:41", detail: "In the record, seq 1 204", action: Some("Undo") };
    let fault = Toast {
        fault: true,
        what: "Plan not uploaded: link busy",
        detail: "The aircraft keeps its old plan.",
        action: Some("Try again"),
    };
    for (toast, y) in [(done, 276.0), (fault, 334.0)] {
        if let Some(pressed) = toast.at(ui, at(x, y, 440.0, 52.0)) {
            page.pressed.push(format!("{pressed:?}: {}", toast.what));
        }
    }
    checks(ui, x, page);
    choices(ui, x, page);
}

fn checks(ui: &Ui, x: f32, page: &mut Page) {
    caption(ui, x, 396.0, "Check: by the machine · by eyes, open · by eyes, done");
    let mut rest = panel::panel(ui, at(x, 418.0, 440.0, 122.0));
    for (what, by) in [
        ("Camera, clock and keys", By::Machine(true, "Checked")),
        ("Overhead cables seen", By::Eyes),
        ("Take-off area clear", By::Seen("Hale 14:10")),
    ] {
        if check(ui, rest.top_part(40.0), what, by).clicked() {
            page.pressed.push(what.to_owned());
        }
    }
}

fn choices(ui: &mut Ui, x: f32, page: &mut Page) {
    caption(ui, x, 588.0, "Field, password · stepper · segments · switch");
    let finder = Field::labelled("Place").hint("Name, grid or coordinate").icon(icon::MAGNIFYING_GLASS.regular());
    finder.at(ui, at(x, 608.0, 216.0, field::LABELLED), &mut page.place);
    let pin = Field::labelled("PIN of the signing key").password().wrong(Some("Wrong PIN, 2 tries left"));
    pin.at(ui, at(x + 224.0, 608.0, 216.0, field::LABELLED + field::WRONG), &mut page.pin);
    if let Some(step) = choice::stepper(ui, at(x, 702.0, 216.0, 48.0), "Height", "60 m", (true, false)) {
        page.pressed.push(format!("{step:?}"));
    }
    let eyes = [(Some(icon::SUN.regular()), "EO"), (Some(icon::MOON.regular()), "IR")];
    if let Some(nth) = choice::segments(ui, at(x + 224.0, 702.0, 216.0, 48.0), "Camera", &eyes, 0) {
        page.pressed.push(format!("camera {nth}"));
    }
    if choice::switch(ui, at(x, 758.0, 216.0, 44.0), "Follow the aircraft", true).clicked() {
        page.pressed.push("follow".to_owned());
    }
    fact::fact(ui, at(x + 224.0, 758.0, 216.0, 28.0), 90.0, "Edition", "2026-11-05");
    fact::toned(ui, at(x + 224.0, 782.0, 216.0, 28.0), 90.0, "Runs out", "in 3 days", Tone::Caution);
    caption(ui, x, 812.0, "Tags, a control");
    let mut tag = pos2(x, 846.0);
    for (tone, sign, words) in [
        (Tone::Ok, Some(icon::CHECK.bold()), "In force"),
        (Tone::Caution, Some(icon::HOURGLASS.fill()), "Waiting"),
        (Tone::Warn, Some(icon::X.bold()), "Refused"),
    ] {
        tag.x = badge::tag(ui, tag, tone, sign, words).right() + 4.0;
    }
    let notice = Control::new(icon::MEGAPHONE.regular(), "Notice").detail(Some("Given 21:43")).key(Some("N"));
    notice.at(ui, at(x + 300.0, 812.0, 140.0, 84.0));
}

fn harness(theme: Theme) -> Harness<'static, Page> {
    let mut harness = Harness::builder()
        .with_context_setup(move |ctx| theme::install(ctx, theme))
        .with_size(vec2(1440.0, 900.0))
        .build_ui_state(page, Page::default());
    harness.run();
    harness
}

/// What a press of each of these does.
const PRESSED: [(&str, &str); 16] = [
    ("SEAL: SEAL 381, 0.8 s ago", "SEAL"),
    ("Record", "Record"),
    ("Stop recording", "Stop recording"),
    ("Hold", "Hold"),
    ("Sign", "button"),
    ("Pause: Copy, flight 3", "Pause Copy, flight 3"),
    ("Cancel: Copy, flight 3", "Cancel Copy, flight 3"),
    ("Sort by Segments", "sorted by 2"),
    ("Flight 1", "row"),
    ("Acknowledge: vehicle link lost, 4 s", "vehicle link lost, 4 s"),
    ("Undo", "Action: Marker M2 at 00:12:41"),
    ("Close: Plan not uploaded: link busy", "Dismiss: Plan not uploaded: link busy"),
    ("Overhead cables seen", "Overhead cables seen"),
    ("Height: less", "Less"),
    ("Camera: IR", "camera 1"),
    ("Follow the aircraft", "follow"),
];

#[test]
fn each_component_is_found_by_its_name_and_says_that_it_was_pressed() {
    let mut harness = harness(Theme::Day);
    for (name, expected) in PRESSED {
        harness.get_by_label(name).click();
        harness.run();
        assert_eq!(std::mem::take(&mut harness.state_mut().pressed), [expected], "{name}");
    }
    for words in [
        "VERIFIED-SEALED-ONLY",
        "Witness late, 4 of 381",
        "374 witnessed",
        "It is on the ground",
        "Nothing docked",
        "Runs out: in 3 days",
    ] {
        assert!(harness.query_by_label(words).is_some(), "{words}");
    }
    assert!(harness.query_by_label_contains("Warning: vehicle link lost, 4 s. It returns").is_some());
}

#[test]
fn what_cannot_be_done_cannot_be_pressed() {
    let mut harness = harness(Theme::Night);
    for name in
        ["Off", "No camera to record with", "Recording starts", "Height: more", "Land", "Camera, clock and keys"]
    {
        let node = harness.get_by_label(name);
        assert!(node.accesskit_node().is_disabled(), "{name}");
        node.click();
        harness.run();
        assert!(harness.state().pressed.is_empty(), "{name}");
    }
}

#[test]
fn a_field_takes_what_is_typed() {
    let mut harness = harness(Theme::Red);
    harness.get_by_label("Place").focus();
    harness.run();
    harness.get_by_label("Place").type_text("SK 2464");
    harness.run();
    harness.get_by_label("PIN of the signing key").focus();
    harness.run();
    harness.get_by_label("PIN of the signing key").type_text("2580");
    harness.run();
    assert_eq!((harness.state().place.as_str(), harness.state().pin.as_str()), ("SK 2464", "2580"));
}

#[test]
fn the_page_is_drawn_in_all_themes() {
    for theme in Theme::ALL {
        let mut state = Page { place: "SK 2464 3283".to_owned(), pin: "2580".to_owned(), pressed: Vec::new() };
        let image = Shot::new(1440.0, 900.0, theme).take(|ui| page(ui, &mut state));
        let drawn = image.pixels.iter().filter(|pixel| **pixel != theme.tokens().bg).count();
        assert!(drawn > image.pixels.len() * 2 / 5, "{theme:?}: {drawn}");
        if let Some(folder) = std::env::var_os("SKYSEAL_SHOTS") {
            let name = format!("components-{}.png", theme.name().to_lowercase().replace(' ', "-"));
            shot::write(&image, &std::path::Path::new(&folder).join(name)).unwrap();
        }
    }
}
