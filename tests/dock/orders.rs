//! Orders on a small flight: carried out once, refused when replayed, and finished after a death at any moment.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use flight_record::dock::{Challenge, EraseOrder};
use flight_record::{Sha256, flight};
use onboard::dock::Fault;
use onboard::dock::erase::{Eraser, Step, erasing_path, order_path};
use onboard::dock::gate::Situation;
use onboard::dock::holdings::{Holdings, locked};
use onboard::dock::orders::Orders;

use crate::berth::{AT_REST, Berth, DAY_US};

fn orders_of(holdings: &Arc<Holdings>) -> Orders {
    Orders::new(Arc::clone(holdings), Arc::new(AtomicBool::new(false)))
}

fn reason(fault: Fault) -> String {
    format!("{:#}", anyhow::Error::new(fault))
}

#[test]
fn an_order_is_carried_out_once() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    let orders = orders_of(&holdings);
    let line = orders.take(berth.flight, &order).unwrap();
    assert!(!berth.flight_dir().exists());
    let newest = flight::last_head(&berth.path("flights")).unwrap().unwrap();
    assert_eq!(newest.id, berth.flight, "the next flight still names this one");
    assert!(fs::read_to_string(berth.path("device-log/records.jsonl")).unwrap().ends_with(&format!("{line}\n")));
    assert_eq!((berth.said("erase-begun"), berth.said("erased")), (1, 1));
    assert!(berth.in_dock().is_empty(), "{:?}", berth.in_dock());
    assert!(locked(&holdings.log).log(holdings.now()).unwrap().has_erased(Sha256::of(&order)));
    let replayed = reason(orders.take(berth.flight, &order).unwrap_err());
    assert!(replayed.contains("carried out already"), "{replayed}");
    drop((orders, holdings));
    let again = reason(orders_of(&berth.start()).take(berth.flight, &order).unwrap_err());
    assert!(again.contains("carried out already"), "also after a restart: {again}");
}

#[test]
fn a_death_after_any_step_changes_nothing_in_the_end() {
    let mut steps_in_all = 0;
    for dies_after in 0..100 {
        let berth = Berth::new();
        let order = berth.order();
        let holdings = berth.start();
        let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
        let mut eraser = Eraser::new(&holdings, approved, order.clone());
        let mut done = false;
        for _ in 0..dies_after {
            done = eraser.step().unwrap() == Step::Done;
        }
        drop(eraser);
        drop(holdings);
        // The next start; its first try may be all there is.
        let holdings = berth.start();
        if dies_after == 0 {
            fs::write(order_path(&berth.path("dock"), berth.flight), &order).unwrap();
        }
        orders_of(&holdings).take_waiting();
        assert!(!berth.flight_dir().exists(), "died after {dies_after}");
        assert_eq!((berth.said("erase-begun"), berth.said("erased")), (1, 1), "died after {dies_after}");
        assert!(berth.in_dock().is_empty(), "died after {dies_after}: {:?}", berth.in_dock());
        assert_eq!(Challenge::held(&berth.path("dock"), berth.flight).unwrap(), None);
        if done {
            steps_in_all = dies_after;
            break;
        }
    }
    // Order, event, mark, five files at least, folders, record, challenge, order.
    assert!(steps_in_all >= 12, "{steps_in_all}");
}

#[test]
fn files_go_newest_first_and_the_logs_last() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
    let mut eraser = Eraser::new(&holdings, approved, order);
    let mut gone = Vec::new();
    loop {
        match eraser.step().unwrap() {
            Step::Deleted(path) => gone.push(path),
            Step::Done => break,
            Step::Kept | Step::Begun | Step::Marked | Step::Cleared | Step::Recorded | Step::Spent => {}
        }
    }
    let logs = gone.split_off(gone.len() - 2);
    assert_eq!(logs, ["checkpoints.jsonl", "records.jsonl"]);
    assert!(gone.len() >= 3 && gone.windows(2).all(|pair| pair[0] > pair[1]), "{gone:?}");
}

#[test]
fn flying_comes_first_and_erasing_goes_on_afterwards() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    let orders = orders_of(&holdings);
    for busy in [
        Situation { armed: true, ..AT_REST },
        Situation { recording: true, ..AT_REST },
        Situation { started: false, ..AT_REST },
    ] {
        holdings.gate.tell(busy);
        assert!(matches!(orders.take(berth.flight, &order), Err(Fault::Busy(_))));
    }
    holdings.gate.tell(Situation { current: Some(berth.flight), ..AT_REST });
    assert!(reason(orders.take(berth.flight, &order).unwrap_err()).contains("not closed"));
    assert!(berth.flight_dir().join("records.jsonl").exists());

    // It had begun when somebody armed; the same order sent again finishes it.
    holdings.gate.tell(AT_REST);
    let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
    let mut eraser = Eraser::new(&holdings, approved, order.clone());
    (0..5).for_each(|_| drop(eraser.step().unwrap()));
    assert!(orders.take(berth.flight, &order).is_ok());
    assert_eq!((berth.said("erase-begun"), berth.said("erased")), (1, 1));
}

#[test]
fn an_order_on_the_card_is_carried_out_or_refused_with_its_reason() {
    let berth = Berth::new();
    let lies_at = order_path(&berth.path("dock"), berth.flight);
    let good = berth.order();
    fs::write(&lies_at, berth.order_until(berth.now_utc_us - 1)).unwrap();
    let holdings = berth.start();
    orders_of(&holdings).take_waiting();
    assert!(berth.flight_dir().exists());
    assert_eq!(berth.in_dock(), ["challenge", "refusal", "refused"]);
    let why = fs::read_to_string(lies_at.with_extension("refusal")).unwrap();
    assert!(why.contains("make a new one"), "{why}");
    assert_eq!(berth.said("erase-refused"), 1);

    // Good for two months: the clock of this aircraft is behind, so it waits.
    fs::write(&lies_at, berth.order_until(berth.now_utc_us + 60 * DAY_US)).unwrap();
    orders_of(&holdings).take_waiting();
    assert!(lies_at.exists() && berth.flight_dir().exists());

    fs::write(&lies_at, [&good[..], b"\n"].concat()).unwrap();
    orders_of(&holdings).take_waiting();
    assert!(!berth.flight_dir().exists());
    assert_eq!(berth.said("erased"), 1);
}

#[test]
fn an_order_put_there_as_if_it_had_begun_is_not_believed() {
    let berth = Berth::new();
    let begun = erasing_path(&berth.path("dock"), berth.flight);
    fs::write(&begun, berth.order()).unwrap();
    orders_of(&berth.start()).take_waiting();
    assert!(berth.flight_dir().exists() && begun.exists());
    assert_eq!(berth.said("erased"), 0);
}

#[test]
fn a_file_that_appears_is_never_erased() {
    let berth = Berth::new();
    let (holdings, order) = (berth.start(), berth.order());
    fs::write(berth.flight_dir().join("documents/late"), b"x").unwrap();
    let why = reason(orders_of(&holdings).take(berth.flight, &order).unwrap_err());
    assert!(why.contains("documents/late is aboard"), "{why}");

    // Even one that comes while erasing is under way: the folders stay, and no record says that the flight is gone.
    fs::remove_file(berth.flight_dir().join("documents/late")).unwrap();
    let approved = EraseOrder::parse(&order).unwrap().begun_before(&berth.trust).unwrap();
    let mut eraser = Eraser::new(&holdings, approved, order);
    (0..4).for_each(|_| drop(eraser.step().unwrap()));
    fs::write(berth.flight_dir().join("documents/late"), b"x").unwrap();
    let stuck = (0..50).find_map(|_| eraser.step().err());
    assert!(stuck.is_some());
    assert!(berth.flight_dir().join("documents/late").exists());
    assert_eq!(berth.said("erased"), 0);
}
