use super::*;
use mission_profiles::zones::read;

const HOME: Position = Position { lat_deg: 52.9, lon_deg: -1.6 };

fn square(half_m: f64, inside: bool, middle: Position) -> FenceArea {
    let corner = |azimuth_deg| direct(middle, azimuth_deg, half_m * std::f64::consts::SQRT_2);
    FenceArea { corners: [45.0, 135.0, 225.0, 315.0].map(corner).to_vec(), inside }
}

fn bounds(fence: &[FenceArea]) -> Bounds<'_> {
    let limits = crate::plan::rules::profile("missing-person").unwrap().content.limits;
    Bounds {
        here: Some(HOME),
        height_m: Some(40.0),
        home: Some(HOME),
        in_air: true,
        fence,
        fence_limits: None,
        limits: Some(Limits { height_agl_m: 120.0, range_m: 1_000.0, ..limits }),
    }
}

fn go(azimuth_deg: f64, far_m: f64, height_m: f64) -> Wish {
    Wish::GoTo { at: direct(HOME, azimuth_deg, far_m), height_m }
}

fn short(wish: &Wish, bounds: &Bounds<'_>) -> Option<&'static str> {
    wish.check(bounds).err().map(|refusal| refusal.short)
}

#[test]
fn what_leaves_the_fence_or_the_limits_is_said_before() {
    let fence = [square(500.0, true, HOME), square(50.0, false, direct(HOME, 90.0, 200.0))];
    let within = bounds(&fence);
    assert_eq!(short(&go(0.0, 300.0, 60.0), &within), None);
    assert_eq!(short(&go(0.0, 600.0, 60.0), &within), Some("Outside the fence"));
    assert_eq!(short(&go(90.0, 200.0, 60.0), &within), Some("In a closed area"));
    assert_eq!(short(&go(90.0, 400.0, 60.0), &within), Some("Way leaves the fence"), "the closed area lies between");
    assert_eq!(short(&go(0.0, 300.0, 121.0), &within), Some("Above the limit"));
    let open = bounds(&[]);
    assert_eq!(short(&go(0.0, 1_100.0, 60.0), &open), Some("Beyond the range"));
    let circle = Bounds { fence_limits: Some(FenceLimits { ceiling_m: Some(80.0), radius_m: Some(250.0) }), ..open };
    assert_eq!(short(&go(0.0, 300.0, 60.0), &circle), Some("Outside the fence"));
    assert_eq!(short(&Wish::Height { height_m: 90.0 }, &circle), Some("Above the fence"));
    let ground = Bounds { in_air: false, ..open };
    assert_eq!(short(&go(0.0, 10.0, 60.0), &ground), Some("It is on the ground"));
    let lost = Bounds { here: None, ..open };
    assert_eq!(short(&go(0.0, 10.0, 60.0), &lost), Some("Position not known"));
}

#[test]
fn of_a_circle_all_of_it_counts() {
    let fence = [square(500.0, true, HOME)];
    let orbit = |radius_m| Wish::Orbit { at: direct(HOME, 0.0, 400.0), radius_m, height_m: 60.0 };
    assert_eq!(short(&orbit(80.0), &bounds(&fence)), None);
    assert_eq!(short(&orbit(120.0), &bounds(&fence)), Some("Outside the fence"));
}

#[test]
fn who_is_outside_may_come_back() {
    let fence = [square(500.0, true, HOME)];
    let out = Bounds { here: Some(direct(HOME, 90.0, 700.0)), ..bounds(&fence) };
    assert_eq!(short(&go(90.0, 300.0, 60.0), &out), None);
}

#[test]
fn what_it_would_do_is_said_in_distance_bearing_and_height() {
    let words = go(145.0, 312.0, 60.0).words(&bounds(&[]), 8.0);
    assert_eq!(words, ["312 m at 145°, about 39 s at 8 m/s", "60 m above home, 20 m up"]);
    let words = Wish::Orbit { at: HOME, radius_m: 40.0, height_m: 40.0 }.words(&bounds(&[]), 5.0);
    assert_eq!(words[1..], ["40 m above home, as now", "Round it at 40 m, clockwise, nose to it"]);
}

#[test]
fn a_target_stands_until_it_is_reached_or_another_mode_flies() {
    let there = direct(HOME, 0.0, 100.0);
    let mut target = Target::new(Wish::GoTo { at: there, height_m: 40.0 });
    let away = bounds(&[]);
    assert!(target.stands(Some("Loiter"), &away), "it is not answered yet");
    target.confirmed = true;
    assert!(target.stands(Some("Loiter"), &away), "its heartbeat is older than its answer");
    assert!(target.stands(Some("Guided"), &away));
    assert!(target.stands(None, &away), "silence says nothing");
    let mut other = target;
    assert!(!other.stands(Some("Return"), &away), "a failsafe has taken over");
    let near = Bounds { here: Some(direct(there, 0.0, 2.0)), ..away };
    assert!(target.stands(Some("Guided"), &Bounds { height_m: Some(20.0), ..near }), "not its height yet");
    assert!(!target.stands(Some("Guided"), &near));
}

#[test]
fn a_zone_that_blocks_is_not_entered_but_may_be_left() {
    let text = "* ILLUSTRATIVE\nAC P\nAN Prison\nAL SFC\nAH 2175ft\nV X=52:54:00 N 001:36:00 W\nDC 0.25\n\n";
    let datasets = [read::dataset("test.txt", text.as_bytes()).unwrap()];
    let stand = |asks| Stand { dataset: 0, zone: 0, volume: 0, asks, words: "no permission".into(), near_m: Some(0.0) };
    let wish = go(0.0, 100.0, 40.0);
    let outside = Some(direct(HOME, 0.0, 2_000.0));
    let refusal = closed_zone(&wish, outside, &datasets, &[stand(Asks::Blocks)]).unwrap();
    assert!(refusal.why.contains("Prison: no permission"), "{refusal:?}");
    assert_eq!(closed_zone(&wish, outside, &datasets, &[stand(Asks::CallFirst)]), None);
    assert_eq!(closed_zone(&wish, Some(HOME), &datasets, &[stand(Asks::Blocks)]), None, "it is in it already");
    assert_eq!(closed_zone(&go(0.0, 1_500.0, 40.0), outside, &datasets, &[stand(Asks::Blocks)]), None);
}
