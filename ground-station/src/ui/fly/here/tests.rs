use egui::Vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::ui::shot::Shot;
use crate::ui::theme;
use crate::ui::tokens::Theme;

const AT: Position = Position { lat_deg: 52.892_4, lon_deg: -1.635_18 };
const SIZE: Vec2 = vec2(700.0, 560.0);

/// The menu or the card, and what came of it.
#[derive(Default)]
struct World {
    rows: Vec<Row>,
    wish: Option<Wish>,
    why_not: Option<&'static str>,
    anchor: Pos2,
    picked: Vec<Pick>,
    asked: Vec<Ask>,
    closes: usize,
}

impl World {
    fn draw(&mut self, ui: &Ui) {
        let work = Rect::from_min_size(Pos2::ZERO, SIZE);
        if let Some(wish) = self.wish {
            let rect = Rect::from_min_size(pos2(20.0, 20.0), CARD);
            let words = ["312 m at 145°, about 39 s at 8 m/s".to_owned(), "60 m above home, 20 m up".to_owned()];
            self.asked.extend(card(ui, rect, &wish, &words, self.why_not));
            return;
        }
        let (picked, closes) = menu(ui, work, &Here { at: AT, anchor: self.anchor, map: work }, &self.rows);
        self.picked.extend(picked);
        self.closes += usize::from(closes);
    }

    fn harness(self) -> Harness<'static, Self> {
        let mut harness = Harness::builder()
            .with_size(SIZE)
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .build_ui_state(|ui, world: &mut Self| world.draw(ui), self);
        harness.run_steps(2);
        harness
    }
}

fn rows() -> Vec<Row> {
    let row = |pick: Pick| {
        let why_not = (pick == Pick::OrbitHere).then(|| "This vehicle does not take it".to_owned());
        Row { pick, now: if pick == Pick::Height { "61 m".to_owned() } else { String::new() }, why_not }
    };
    Pick::ALL.into_iter().map(row).collect()
}

#[test]
fn the_menu_says_where_it_is_and_what_can_be_ordered_there() {
    let mut harness = World { rows: rows(), anchor: pos2(300.0, 100.0), ..World::default() }.harness();
    harness.get_by_label_contains("At SK 24");
    harness.get_by_label("Orbit here…: This vehicle does not take it");
    harness.get_by_label("Orbit here…").click();
    harness.run_steps(2);
    assert_eq!(harness.state().picked, [], "what is not taken cannot be chosen");
    harness.get_by_label("Go here…").click();
    harness.run_steps(2);
    assert_eq!((harness.state().picked.as_slice(), harness.state().closes > 0), (&[Pick::GoHere][..], true));
}

#[test]
fn it_stays_on_the_screen_wherever_it_is_opened() {
    for anchor in [pos2(0.0, 0.0), pos2(699.0, 559.0), pos2(350.0, 540.0)] {
        let harness = World { rows: rows(), anchor, ..World::default() }.harness();
        for pick in Pick::ALL {
            let rect = harness.get_by_label(pick.words().0).rect();
            assert!(Rect::from_min_size(Pos2::ZERO, SIZE).contains_rect(rect), "{pick:?} at {rect:?}");
        }
    }
}

#[test]
fn an_order_can_be_changed_and_taken_back_before_its_slide() {
    let wish = Wish::Orbit { at: AT, radius_m: 40.0, height_m: 61.0 };
    let mut harness = World { wish: Some(wish), ..World::default() }.harness();
    harness.get_by_label("312 m at 145°, about 39 s at 8 m/s");
    harness.get_by_label("Radius: more").click();
    harness.run_steps(2);
    harness.get_by_label("Height: less").click();
    harness.run_steps(2);
    harness.get_by_label("Cancel").click();
    harness.run_steps(2);
    let wider = Wish::Orbit { at: AT, radius_m: 45.0, height_m: 61.0 };
    let lower = Wish::Orbit { at: AT, radius_m: 40.0, height_m: 60.0 };
    assert_eq!(harness.state().asked, [Ask::Change(wider), Ask::Change(lower), Ask::Cancel]);
}

#[test]
fn why_it_may_not_stands_in_place_of_what_it_would_do() {
    let wish = Wish::GoTo { at: AT, height_m: 125.0 };
    let why = "125 m is above the flight’s limit, 120 m. Choose less.";
    let harness = World { wish: Some(wish), why_not: Some(why), ..World::default() }.harness();
    harness.get_by_label(why);
    assert!(harness.query_by_label_contains("Slide it across").is_none());
    harness.get_by_label("Height: less");
}

#[test]
fn a_target_says_on_the_map_what_it_is_and_how_far_it_came() {
    let own = Position { lat_deg: 52.894, lon_deg: -1.637 };
    let stages = [(Stage::Pending, "not ordered yet"), (Stage::Sent, "sent, waiting"), (Stage::Flown, "flown")];
    for (stage, so) in stages {
        let draw = move |ui: &mut Ui| {
            let lens = Lens::new(Rect::from_min_size(Pos2::ZERO, SIZE), AT, 15.0);
            let wish = Wish::Orbit { at: AT, radius_m: 60.0, height_m: 61.0 };
            target(ui, ui.painter(), &lens, Some(own), &wish, stage);
            looked_at(ui, ui.painter(), &lens, own, stage == Stage::Flown);
        };
        let mut harness = Harness::builder()
            .with_size(SIZE)
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .build_ui(draw);
        harness.run_steps(2);
        harness.get_by_label(&format!("Orbit here, {so}: 216 m · 145° · 61 m"));
        let image = Shot::new(SIZE.x, SIZE.y, Theme::Night).take(draw);
        crate::ui::map::tests::keep(&format!("target-{stage:?}").to_lowercase(), &image);
    }
}
