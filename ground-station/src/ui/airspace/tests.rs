#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use mission_profiles::authorisation::State;
use mission_profiles::zones::{Dataset, bundled, read};

use super::*;
use crate::airspace::carry_out;
use crate::airspace::tests::{Unit, ZONES, now};
use crate::state::board::tests::{TODAY, many, moment, permission};
use crate::state::board::{Airspace, AirspaceEvent, Moment, Stage, Workspace, board};
use crate::tasks::meter::Stop;
use crate::ui::shot::{Shot, write};
use crate::ui::theme;
use crate::ui::tokens::Theme;
use crate::ui::widget::panel;

/// The screen, what it shows, and what it asked for.
struct Screen {
    workspace: Workspace,
    view: View,
    moment: Moment,
    home: Option<Position>,
    asked: Vec<AirspaceCommand>,
    ready: bool,
}

impl Screen {
    fn of(airspace: Airspace, moment: Moment) -> Self {
        let mut workspace = Workspace::default();
        workspace.took(Ok(AirspaceEvent::Read(Box::new(airspace))), 0);
        let home = Position::new(52.86, -1.58);
        Self { workspace, view: View::default(), moment, home, asked: Vec::new(), ready: false }
    }

    fn draw(&mut self, ui: &mut Ui) {
        if !self.ready {
            theme::install(ui.ctx(), Theme::Day);
            self.ready = true;
            return;
        }
        let shown = Shown {
            workspace: &self.workspace,
            moment: &self.moment,
            home: self.home,
            ground_amsl_m: None,
            signed_in: None,
            has_folder: true,
        };
        let mut map = |ui: &mut Ui, rect: Rect| {
            panel::panel(ui, rect);
        };
        let rect = ui.max_rect();
        self.asked.extend(show(ui, rect, &shown, &mut self.view, &mut map));
    }

    /// As the coordinator does it: on the worker, and the event back.
    fn work(&mut self, unit: &Unit) {
        for asked in std::mem::take(&mut self.asked) {
            match asked {
                AirspaceCommand::Work(work) => {
                    self.workspace.begun(&work, 0);
                    let done = carry_out(work, &unit.homes, None, &Stop::default(), &|_| {});
                    self.workspace.took(done.map_err(|error| format!("{error:#}")), 0);
                }
                AirspaceCommand::Centre(..) | AirspaceCommand::Stop => {}
                AirspaceCommand::Read => {
                    self.workspace.read();
                }
            }
        }
    }
}

fn harness(screen: Screen) -> Harness<'static, Screen> {
    let draw = |ui: &mut Ui, screen: &mut Screen| screen.draw(ui);
    let mut harness = Harness::builder().with_size(vec2(1352.0, 828.0)).build_ui_state(draw, screen);
    harness.run();
    harness
}

/// Presses what has this in its name, and says so if nothing has.
fn press(harness: &mut Harness<'_, Screen>, name: &str) {
    harness.get_by_label_contains(name).click();
    harness.run();
}

fn type_into(harness: &mut Harness<'_, Screen>, name: &str, words: &str) {
    let field = harness.get_by_label(name);
    field.focus();
    harness.run();
    harness.get_by_label(name).type_text(words);
    harness.run();
}

#[test]
fn a_permission_is_activated_with_the_call_that_was_made() {
    let unit = Unit::new();
    unit.imports();
    unit.drafts("D-2219", &now()).unwrap();
    for to in [State::Applied, State::InPrinciple] {
        unit.steps("D-2219", to, &now()).unwrap();
    }
    let mut harness = harness(Screen::of(unit.reads(), now()));
    type_into(&mut harness, "Find a zone", "SK 290 290");
    press(&mut harness, "FRZ Derby: Blocks");
    assert!(
        matches!(harness.state().asked.as_slice(), [AirspaceCommand::Centre(at)] if (at.lat_deg - 52.855).abs() < 0.01)
    );
    press(&mut harness, "Open D-2219");
    harness.get_by_label("In principle: 1");
    assert!(harness.get_by_label("Sign and activate").accesskit_node().is_disabled());
    type_into(&mut harness, "Who", "Derby Tower, R. Shah");
    type_into(&mut harness, "What was said", "Cleared to 400 ft, call when down.");
    type_into(&mut harness, "Your account", "hale");
    type_into(&mut harness, "PIN", "271828");
    press(&mut harness, "Sign and activate");
    harness.state_mut().work(&unit);
    harness.run();
    harness.get_by_label("Activated: 1");
    harness.get_by_label("In principle: 0");
    harness.get_by_label("D-2219 is activated. Signed, and entered in the register");
    harness.get_by_label_contains("answered by Derby Tower, R. Shah: “Cleared to 400 ft, call when down.”");
    harness.get_by_label_contains("FRZ Derby: Held");
    let known = unit.reads();
    let call = known.permission("D-2219").unwrap().authorisation.history.last().unwrap();
    assert_eq!((call.to, call.by.as_str()), (State::Activated, "hale"));
}

#[test]
fn a_file_is_dropped_read_and_taken() {
    let unit = Unit::new();
    let mut harness = harness(Screen::of(unit.reads(), now()));
    harness.get_by_label("No zones yet: nobody knows what is restricted here");
    press(&mut harness, "Import …");
    type_into(&mut harness, "File", &unit.path("local.json").display().to_string());
    press(&mut harness, "Read it");
    harness.state_mut().work(&unit);
    harness.run();
    harness.get_by_label("3 read · 1 kept · 1 uncertain · 1 refused");
    press(&mut harness, "Import without the one refused");
    harness.state_mut().work(&unit);
    harness.run();
    harness.get_by_label("Taken: these zones count now");
    harness.get_by_label_contains("FRZ Derby: Blocks");
    harness.get_by_label_contains("Row 1107: Uncertain");
}

#[test]
fn a_fault_stands_until_it_is_read_and_a_wrong_pin_changes_nothing() {
    let unit = Unit::new();
    unit.drafts("D-1", &now()).unwrap();
    let mut harness = harness(Screen::of(unit.reads(), now()));
    press(&mut harness, "D-1 FRZ");
    type_into(&mut harness, "To", "tower@example.org");
    type_into(&mut harness, "How it was sent, and what was asked", "by e-mail");
    type_into(&mut harness, "Your account", "hale");
    type_into(&mut harness, "PIN", "314159");
    press(&mut harness, "Sign as sent");
    harness.state_mut().work(&unit);
    harness.run();
    harness.get_by_label_contains("that is not the PIN of hale: Nothing was changed");
    harness.get_by_label("Draft: 1");
    assert!(harness.query_by_label_contains("271828").is_none());
    press(&mut harness, "Close: that is not the PIN");
    harness.state_mut().work(&unit);
    harness.run();
    assert!(harness.query_by_label_contains("that is not the PIN").is_none());
}

#[test]
fn ten_thousand_zones_cost_a_frame_nothing() {
    let mut harness = harness(Screen::of(Airspace::new(Ok(many(10_000)), Ok(Vec::new())), moment()));
    type_into(&mut harness, "Find a zone", "zone 1");
    let shown = |harness: &Harness<'_, Screen>| harness.query_all_by_label_contains(": Blocks").count();
    // Rows that are not seen are not drawn, and the list is made once.
    let rows = harness.state().view.rows().as_ptr();
    assert!((5..20).contains(&shown(&harness)), "{}", shown(&harness));
    harness.run_steps(5);
    assert_eq!(harness.state().view.rows().as_ptr(), rows);
    type_into(&mut harness, "Find a zone", "000");
    assert_ne!(harness.state().view.rows().len(), 200);
}

#[test]
fn a_draft_is_written_changed_and_put_back_by_its_buttons() {
    let unit = Unit::new();
    unit.imports();
    let mut harness = harness(Screen::of(unit.reads(), now()));
    press(&mut harness, "Write one");
    for (field, words) in [("Authority", "Derby Tower"), ("Operator id", "GBR-OP-1"), ("Why", "search at Findern")] {
        type_into(&mut harness, field, words);
    }
    assert!(harness.get_by_label("Sign and save draft").accesskit_node().is_disabled());
    let texts =
        [(crate::state::board::Field::Upper, "400 ft AGL"), (crate::state::board::Field::To, "2030-01-01 00:00")];
    for (field, words) in texts {
        harness.state_mut().view.permit.set(field, words);
    }
    type_into(&mut harness, "Your account", "hale");
    type_into(&mut harness, "PIN", "271828");
    press(&mut harness, "Sign and save draft");
    harness.state_mut().work(&unit);
    harness.run();
    harness.get_by_label("A-0001 is draft. Signed, and entered in the register");
    assert_eq!(board(&unit.reads(), &now())[0].stage, Stage::Draft);
}

fn demo() -> Airspace {
    use State::{Activated, Applied, Closed, InPrinciple, Refused};
    let later = ("2026-06-18T13:00:00Z", "2026-06-18T17:00:00Z");
    let zones = ["DERBY ATZ", "EAST MIDLANDS", "BURTON", "NOTTINGHAM"];
    let mut datasets = bundled().unwrap();
    datasets.push(named(read::dataset("Force local zones", ZONES.as_bytes()).unwrap(), "2026-06-11T00:00:00Z"));
    if let Some(first) = datasets.first_mut() {
        first.source.issued = "2026-06-02T00:00:00Z".parse().ok();
        "AIRAC 2606".clone_into(&mut first.source.edition);
    }
    let mut frz = permission("D-2219", "derby-atz", TODAY, &[Applied, InPrinciple], 2);
    let sixteen = ["kept low over the railway".to_owned()];
    frz.authorisation.conditions.extend(sixteen);
    frz.authorisation.documents.push(mission_profiles::authorisation::Document {
        file: "Permission letter.pdf".into(),
        sha256: mission_profiles::zones::Digest::of(b"letter"),
    });
    frz.authorisation.area.push(mission_profiles::zones::Outline::Circle {
        centre: Position::new(52.86, -1.60).unwrap(),
        radius_m: 900.0,
    });
    let mut all = vec![
        permission("A-0231", zones[0], later, &[], 0),
        permission("A-0224", zones[1], later, &[Applied], 9),
        permission("A-0219", zones[2], later, &[Applied], 2),
        frz,
        permission("A-0211", zones[3], later, &[Applied, InPrinciple], 4),
        permission("D-2204", "east-midlands", TODAY, &[Applied, Activated], 0),
        permission("A-0188", zones[0], TODAY, &[Applied, Refused], 11),
    ];
    all.extend(
        (0..6).map(|i| permission(&format!("D-21{i:02}"), zones[0], TODAY, &[Applied, Activated, Closed], 20 + i)),
    );
    Airspace::new(Ok(datasets), Ok(all))
}

fn named(mut dataset: Dataset, issued: &str) -> Dataset {
    (dataset.source.name, dataset.source.edition) = ("Force local zones".into(), "Edition 31".into());
    dataset.source.issued = issued.parse().ok();
    dataset
}

/// A picture's name, and what is shown on it.
type Prepared = (&'static str, fn(&mut Screen));

/// Pictures of the workspace, into the folder of `SKYSEAL_SHOTS`, to be looked at.
#[test]
fn the_workspace_is_drawn_in_every_theme_and_size() {
    let folder = std::env::var_os("SKYSEAL_SHOTS").map(std::path::PathBuf::from);
    let sizes = [(1192.0, 728.0), (1352.0, 828.0), (1832.0, 1008.0)];
    for (theme, (width, height)) in Theme::ALL.into_iter().flat_map(|theme| sizes.map(|size| (theme, size))) {
        let draws: [Prepared; 5] = [
            ("permission", |screen| screen.view.open("D-2219")),
            ("zone", |screen| {
                screen.view.search = "derby".into();
                let key = screen.workspace.airspace.as_ref().unwrap().zone_called("derby-atz").unwrap().0;
                screen.view.side = view::Side::Zone(key);
            }),
            ("form", |screen| {
                let airspace = std::sync::Arc::clone(screen.workspace.airspace.as_ref().unwrap());
                screen.view.begin(&airspace, None);
            }),
            ("import", |screen| {
                let dataset = read::dataset("local.json", ZONES.as_bytes()).unwrap();
                screen.view.side = view::Side::Import;
                screen.view.file = "local.json".into();
                let import = crate::state::board::Import::of("local.json".into(), false, &dataset, moment().now);
                screen.workspace.took(Ok(AirspaceEvent::Checked(Box::new(import))), 0);
            }),
            ("empty", |screen| *screen = Screen::of(Airspace::new(Ok(Vec::new()), Ok(Vec::new())), moment())),
        ];
        for (name, prepare) in draws {
            let mut screen = Screen::of(demo(), moment());
            prepare(&mut screen);
            screen.ready = true;
            let image = Shot::new(width, height, theme).take(|ui| screen.draw(ui));
            let ground = theme.tokens().bg;
            let drawn = image.pixels.iter().filter(|pixel| **pixel != ground).count();
            assert!(drawn * 2 > image.pixels.len(), "{name} {theme:?}: most of it is empty");
            if let Some(folder) = &folder {
                let path = folder.join(format!("airspace-{name}-{}-{width}.png", theme.name().replace(' ', "-")));
                write(&image, &path).unwrap();
            }
        }
    }
}
