//! What a frame of the window costs, with everything on the screen that a flight puts there: live pictures of 1280 × 720 at 30 a second with
//! their telemetry, all zones of the United Kingdom in view, a seal of 600 cells, alarms that stand; then with 10,000 zones.
//!
//! The painting itself is not measured: that is the graphics card's, or Mesa's. The aim for `ui` is 3 ms a frame.
//!
//! `cargo bench -p ground-station --bench window [-- WORKSPACE]`

#![allow(clippy::unwrap_used, reason = "a benchmark that can not start may panic")]

use std::time::Duration;

use egui::{Event, Modifiers, PointerButton, pos2, vec2};
use ground_station::measure::{Cost, Stage, WORKSPACES};

const SIZES: [[f32; 2]; 3] = [[1_280.0, 800.0], [1_920.0, 1_080.0], [2_560.0, 1_440.0]];
/// Frames of each measure; 30 are a second of pictures.
const FRAMES: usize = 300;
/// Frames before it: what is made once is made.
const BEFORE: usize = 60;
const MANY: u32 = 10_000;

/// Which of them, in milliseconds.
struct Row {
    median: f64,
    most_of: f64,
    max: f64,
}

fn row(costs: &[Cost], of: impl Fn(&Cost) -> Duration) -> Row {
    let mut all: Vec<f64> = costs.iter().map(|cost| of(cost).as_secs_f64() * 1e3).collect();
    all.sort_by(f64::total_cmp);
    Row { median: all[all.len() / 2], most_of: all[all.len() * 95 / 100], max: all[all.len() - 1] }
}

fn say(what: &str, costs: &[Cost]) {
    let (ui, tessellate) = (row(costs, |cost| cost.ui), row(costs, |cost| cost.tessellate));
    let vertices = costs.iter().map(|cost| cost.vertices).max().unwrap_or(0);
    println!(
        "{what:<34} ui {:6.2} {:6.2} {:6.2}   to triangles {:6.2} {:6.2} {:6.2}   {vertices:>8} corners",
        ui.median, ui.most_of, ui.max, tessellate.median, tessellate.most_of, tessellate.max
    );
}

/// A flight's frames: a picture each, telemetry ten times a second; `hand` does something before each.
fn flown(stage: &mut Stage, frames: usize, mut hand: impl FnMut(&mut Stage, usize)) -> Vec<Cost> {
    let one = |nth: usize| {
        stage.picture();
        if nth.is_multiple_of(3) {
            stage.telemetry();
        }
        hand(stage, nth);
        stage.frame()
    };
    (0..frames).map(one).collect()
}

fn nothing(_: &mut Stage, _: usize) {}

/// Drags the map to and fro.
fn pan(stage: &mut Stage, nth: usize, middle: egui::Pos2) {
    let at = middle + vec2(if nth % 40 < 20 { 6.0 } else { -6.0 } * (nth % 20) as f32, (nth % 17) as f32);
    let button =
        |pressed| Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
    stage.hand(Event::PointerMoved(at));
    if nth == 0 {
        stage.hand(button(true));
    }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    println!("ms a frame: median, 95 %, most; {FRAMES} frames each\n");
    for size in SIZES {
        let folder = tempfile::tempdir().unwrap();
        let mut stage = Stage::new(folder.path(), None, size).unwrap();
        stage.fly();
        println!("{} × {}, {} volumes of the United Kingdom’s zones", size[0], size[1], stage.zones());
        for (number, name) in WORKSPACES.iter().enumerate().filter(|(_, name)| is_wanted(name)) {
            stage.go(number);
            stage.look(0.0);
            flown(&mut stage, BEFORE, nothing);
            say(name, &flown(&mut stage, FRAMES, nothing));
            if number == 0 {
                stage.look(7.0);
                flown(&mut stage, BEFORE, nothing);
                say("Fly, the map near the aircraft", &flown(&mut stage, FRAMES, nothing));
                stage.swap();
                stage.look(0.0);
                flown(&mut stage, BEFORE, nothing);
                say("Fly, the map large", &flown(&mut stage, FRAMES, nothing));
                stage.swap();
            }
        }
    }
    let size = SIZES[1];
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Stage::new(folder.path(), Some(MANY), size).unwrap();
    stage.fly();
    println!("{} × {}, {} volumes made up", size[0], size[1], stage.zones());
    for (number, name) in [(0, "Fly"), (2, "Airspace")].into_iter().filter(|(_, name)| is_wanted(name)) {
        stage.go(number);
        if number == 0 {
            stage.swap();
        }
        for nearer in [0.0, 2.0, 4.0, 7.0] {
            stage.look(nearer);
            say(&format!("{name}, zoom +{nearer}: from the first"), &flown(&mut stage, BEFORE, nothing));
            say(&format!("{name}, zoom +{nearer}"), &flown(&mut stage, FRAMES, nothing));
        }
        stage.look(0.0);
        flown(&mut stage, BEFORE, nothing);
        let middle = pos2(size[0] * 0.4, size[1] * 0.4);
        say(&format!("{name}, dragged"), &flown(&mut stage, FRAMES, |stage, nth| pan(stage, nth, middle)));
        let up = Event::PointerButton {
            pos: middle,
            button: PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        };
        stage.hand(up);
        let zoom = |stage: &mut Stage, nth: usize| stage.look(nth as f64 / 60.0);
        say(&format!("{name}, zoomed"), &flown(&mut stage, FRAMES, zoom));
    }
}
