use super::*;
use crate::plan::arguments::Kind;
use crate::plan::rules::Loaded;
use crate::state::airspace::Asks;
use kinds::Figure;
use mission_profiles::place::{direct, inverse};
use mission_profiles::preflight::{Aircraft, Crew, Weather};
use mission_profiles::zones::{Dataset, Index, read};
use rand::SeedableRng as _;
use work::work_out;

pub(crate) const HOME: Position = Position { lat_deg: 52.9, lon_deg: -1.6 };

/// A zone to be asked for, its northern edge some 290 m from the take-off.
pub(crate) fn rules() -> Loaded {
    let text = "* ILLUSTRATIVE\nAC P\nAN FRZ Derby\nAL SFC\nAH 2175ft\nV X=52:52:30 N 001:34:30 W\nDC 1.6\n\n";
    let mut dataset: Dataset = read::dataset("test.txt", text.as_bytes()).unwrap();
    dataset.source.issued = Some("2026-07-20T00:00:00Z".parse().unwrap());
    dataset.zones[0].authorities = vec![mission_profiles::zones::Authority {
        name: "Derby Tower".into(),
        phone: "01632 960111".into(),
        ..mission_profiles::zones::Authority::default()
    }];
    Loaded { datasets: vec![dataset], authorisations: Vec::new(), terrain: None, qnh_hpa: Some(1_013.0) }
}

pub(crate) fn now() -> Timestamp {
    "2026-07-30T12:00:00Z".parse().unwrap()
}

pub(crate) fn means() -> Means {
    Means {
        crew: Crew { pilot: "P1".into(), roles: vec!["pilot".into(), "observer".into()], recent_h: Some(6.0) },
        aircraft: Aircraft {
            serial: "SKY-1".into(),
            endurance_s: Some(2_400.0),
            battery_percent: Some(98.0),
            free_bytes: Some(56_000_000_000),
        },
        vehicle: Some("Delta 2-1".into()),
        stands_at: Some((HOME, 70.0)),
        weather: Some(Weather { gust_ms: 4.0, visibility_m: 9_000.0 }),
    }
}

/// A planner with everything but a drawing.
pub(crate) fn ready() -> Planner {
    let mut planner = Planner::new().unwrap();
    planner.set_means(means());
    planner
}

/// An area of some 300 by 300 m, east and south of the take-off, that reaches into the zone.
pub(crate) fn area() -> Vec<Position> {
    let corner = |east_m: f64, south_m: f64| direct(direct(HOME, 90.0, east_m), 180.0, south_m);
    [(60.0, 40.0), (330.0, 20.0), (350.0, 300.0), (80.0, 340.0)]
        .map(|(east_m, south_m)| corner(east_m, south_m))
        .to_vec()
}

/// A search of that area.
pub(crate) fn search() -> Planner {
    let mut planner = ready();
    for place in area() {
        planner.draw(Form::Area, place);
    }
    planner.finish_drawing();
    planner
}

pub(crate) fn solve(planner: &mut Planner, rules: &Loaded) {
    let index = Index::new(&rules.datasets);
    if let Some(question) = planner.question(now()) {
        planner.answer(work_out(&question, rules, &index));
    }
}

#[test]
fn an_area_becomes_a_plan_with_findings_and_their_cures_clear_them() {
    let rules = rules();
    let mut planner = search();
    assert_eq!(planner.document().kind, Kind::ParallelTrack, "a search of an area goes in tracks");
    solve(&mut planner, &rules);
    let worked = planner.worked().unwrap();
    assert!(worked.way.len() > 8 && worked.takes.distance_m > 1_000.0);
    let takes = worked.takes;
    assert!((takes.lands_with_percent.unwrap() - (98.0 - takes.duration_s / 24.0)).abs() < 1e-9);
    assert_eq!(planner.stands()[0].asks, Asks::Blocks);
    let blocking = &worked.found[0];
    assert_eq!((blocking.number, blocking.finding.rule), (1, "zone"));
    let crossing = worked.side.crossings.iter().find(|crossing| crossing.name == "FRZ Derby").unwrap();
    assert_eq!((crossing.number, crossing.asks), (Some(1), Asks::Blocks));
    assert!(!worked.blocked.is_empty());
    assert_eq!(planner.lock().blocking, 1);
    assert!(
        blocking
            .cures
            .iter()
            .any(|cure| *cure == Cure::Call { name: "Derby Tower".into(), phone: "01632 960111".into() })
    );
    let trim = blocking.cures.iter().find(|cure| matches!(cure, Cure::Trim(_))).unwrap().clone();
    assert!(planner.cure(&trim));
    assert!(planner.is_pending() && planner.upload().is_none());
    solve(&mut planner, &rules);
    let worked = planner.worked().unwrap();
    assert!(worked.found.iter().all(|found| found.finding.rule != "zone"), "{:?}", worked.found);
    assert!(worked.blocked.is_empty());
    assert_eq!(planner.lock(), Lock { open: planner.ticks().len(), ..Lock::default() });
    (0..planner.ticks().len()).for_each(|item| planner.tick(item, true));
    assert_eq!(planner.upload().unwrap().mission.len(), planner.worked().unwrap().plan.mission.len());
    planner.undo();
    assert!(planner.upload().is_none(), "it is another plan, and not worked out");
}

#[test]
fn what_is_missing_is_said_in_turn() {
    let rules = rules();
    let mut planner = Planner::new().unwrap();
    solve(&mut planner, &rules);
    assert_eq!(planner.missing(), Some(&Missing::Home));
    planner.shift(Point::Home, HOME, false);
    solve(&mut planner, &rules);
    assert_eq!(planner.missing(), Some(&Missing::Height));
    planner.edit(&Edit::Figure(Figure::TakeOff, 70.0), false);
    solve(&mut planner, &rules);
    assert_eq!(planner.missing(), Some(&Missing::Drawing(Form::Points)));
    assert_eq!(planner.stands().len(), 1, "zones are judged before anything is drawn");
    planner.draw(Form::Points, direct(HOME, 0.0, 100.0));
    solve(&mut planner, &rules);
    assert_eq!(planner.document().kind, Kind::ExpandingSquare);
    assert!(planner.worked().is_some(), "{:?}", planner.missing());
}

#[test]
fn an_answer_that_is_older_than_the_last_is_not_taken() {
    let (rules, mut planner) = (rules(), search());
    let index = Index::new(&rules.datasets);
    let old = work_out(&planner.question(now()).unwrap(), &rules, &index);
    assert!(planner.question(now()).is_none(), "asked once");
    planner.edit(&Edit::Figure(Figure::Height, 40.0), false);
    let new = work_out(&planner.question(now()).unwrap(), &rules, &index);
    planner.answer(new.clone());
    planner.answer(old.clone());
    assert!(!planner.is_pending());
    let written = |worked: &Worked| worked.plan.write(8.0);
    assert_eq!(written(planner.worked().unwrap()), written(&new.worked.unwrap()));
    assert_ne!(written(planner.worked().unwrap()), written(&old.worked.unwrap()));
}

fn any_edit(random: &mut impl rand::Rng, planner: &Planner) -> Edit {
    let place = direct(HOME, random.random_range(0.0..360.0), random.random_range(0.0..900.0));
    let corner = Point::Corner(random.random_range(0..8));
    match random.random_range(0..14) {
        0 => {
            let index = random.random_range(0..planner.profiles().len());
            Edit::Profile(index, Box::new(Profile::clone(&planner.profiles()[index])))
        }
        1 => Edit::Kind(planner.document().form.kinds()[random.random_range(0..3)]),
        2 => Edit::Figure(Figure::Height, random.random_range(0.0..600.0)),
        3 => Edit::Figure(Figure::Angle, random.random_range(-400.0..400.0)),
        4 => Edit::Follow(random.random()),
        5 => Edit::Shape(Form::Line, Kind::Free, vec![place, HOME]),
        6 => Edit::Insert(corner, place),
        7 => Edit::Move(corner, place),
        8 => Edit::Remove(corner),
        9 => Edit::Fence { inside: random.random(), place },
        10 => Edit::FenceAdd(place),
        11 => Edit::Rally(place),
        12 => Edit::Remove([Point::Home, Point::Fence(0, 0), Point::Rally(0)][random.random_range(0..3)]),
        _ => Edit::Add(place),
    }
}

#[test]
fn undo_of_any_change_gives_the_same_document_back_and_redo_the_changed_one() {
    for seed in 0..40 {
        let mut random = rand::rngs::StdRng::seed_from_u64(seed);
        let mut planner = search();
        let first = planner.document().clone();
        let before = planner.can();
        let mut steps = 0;
        for _ in 0..60 {
            let was = planner.document().clone();
            let edit = any_edit(&mut random, &planner);
            planner.edit(&edit, false);
            let is = planner.document().clone();
            if is == was {
                continue;
            }
            steps += 1;
            planner.undo();
            assert_eq!(planner.document(), &was, "{edit:?}");
            planner.redo();
            assert_eq!(planner.document(), &is, "{edit:?}");
        }
        assert!(steps > 20);
        (0..steps).for_each(|_| planner.undo());
        assert_eq!((planner.document(), planner.can().0), (&first, before.0));
    }
}

#[test]
fn a_drag_is_one_step_and_history_is_bounded() {
    let mut planner = search();
    let was = planner.document().clone();
    for i in 0..20_u8 {
        planner.shift(Point::Corner(1), direct(HOME, 90.0, 200.0 + f64::from(i)), i > 0);
    }
    planner.undo();
    assert_eq!(planner.document(), &was);
    for i in 0..500_u16 {
        planner.edit(&Edit::Figure(Figure::Reach, 20.0 + f64::from(i)), false);
    }
    let undone = (0..1_000)
        .take_while(|_| {
            let can = planner.can().0;
            planner.undo();
            can
        })
        .count();
    assert_eq!(undone, 200);
}

#[test]
fn plans_come_in_and_go_out_byte_for_byte_and_drawings_as_shapes() {
    let rules = rules();
    let mut planner = search();
    solve(&mut planner, &rules);
    let written = planner.export("search.plan").unwrap();
    let mut other = ready();
    other.import("search.plan", &written).unwrap();
    solve(&mut other, &rules);
    assert_eq!(other.export("again.plan").unwrap(), written);
    assert_eq!(other.worked().unwrap().plan.write(8.0), planner.worked().unwrap().plan.write(8.0));
    other.edit(&Edit::Rally(direct(HOME, 270.0, 80.0)), false);
    solve(&mut other, &rules);
    let changed = other.export("again.plan").unwrap();
    assert!(changed != written && mission_profiles::plan_files::Plan::read(&changed).unwrap().rally.len() == 1);
    other.unpack();
    assert_eq!((other.document().form, other.document().kind), (Form::Line, Kind::Free));
    let drawn = planner.export("area.kml").unwrap();
    let mut third = ready();
    third.import("area.kml", &drawn).unwrap();
    let same = third.document().corners.iter().zip(area()).all(|(a, b)| inverse(*a, b).distance_m < 0.05);
    assert!(same && third.document().corners.len() == 4 && third.document().form == Form::Area);
    let error = third.import("notes.txt", b"hello").unwrap_err();
    assert!(error.starts_with("notes.txt: "), "{error}");
    assert!(planner.export("search.doc").unwrap_err().contains(".plan"));
}
