use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::cells::{Cell, Counts, merge};
use super::words::describe;
use super::*;

const S: i64 = 1_000_000;
const T0: i64 = 1_777_636_800_000_000;

fn id(n: u8) -> FlightId {
    FlightId::new(T0 + i64::from(n) * 60 * S, [n; 10])
}

fn fact(at_s: i64, what: What) -> Fact {
    Fact { flight: id(1), utc_us: T0 + at_s * S, what }
}

fn heard(at_s: i64, size: u64) -> Fact {
    fact(at_s, What::Heard { size })
}

fn cosigned(at_s: i64, size: u64) -> Fact {
    fact(at_s, What::Cosigned { size })
}

fn ribbon(facts: impl IntoIterator<Item = Fact>) -> Ribbon {
    let mut ribbon = Ribbon::default();
    facts.into_iter().for_each(|fact| ribbon.take(fact));
    ribbon
}

fn cells(ribbon: &Ribbon, now_s: i64) -> Vec<Cell> {
    ribbon.newest().unwrap().1.cells(false, T0 + now_s * S)
}

fn states(ribbon: &Ribbon, now_s: i64) -> Vec<State> {
    cells(ribbon, now_s).iter().map(|cell| cell.state).collect()
}

#[test]
fn a_head_goes_from_hashed_to_witnessed_and_without_a_word_to_unwitnessed() {
    let mut known = ribbon([fact(0, What::Begun), heard(1, 5), cosigned(1, 5), heard(2, 7)]);
    assert_eq!(states(&known, 3), [State::Witnessed, State::Hashed]);
    assert_eq!(states(&known, 33), [State::Witnessed, State::Unwitnessed]);
    let flight = known.newest().unwrap().1;
    assert_eq!(flight.last_witnessed(), Some((5, T0 + S)));
    assert_eq!(flight.silence_us(T0 + 33 * S), Some(32 * S));
    known.take(cosigned(34, 9));
    assert_eq!(
        states(&known, 34),
        [State::Witnessed, State::Late, State::Late],
        "what lies under a head is shown by it"
    );
    let late = cells(&known, 34)[1];
    assert_eq!((late.first, late.last, late.delay_us), (6, 7, Some(33 * S)));
}

#[test]
fn a_radio_shadow_is_late_and_says_so() {
    let known = ribbon([fact(0, What::Begun), heard(1, 330), cosigned(1, 330), heard(42, 332), cosigned(42, 332)]);
    let cells = cells(&known, 43);
    let words = describe(&cells[1], known.newest().unwrap().1);
    assert_eq!(words.sentence(), "000332 late 41 s — radio shadow. Cosigned in flight; the verdict will say late");
    let mut restarted = known;
    restarted.take(fact(20, What::Restarted));
    let flight = restarted.newest().unwrap().1;
    let words = describe(&flight.cells(false, T0 + 43 * S)[1], flight);
    assert!(words.why.starts_with("the witness was restarted"), "{words:?}");
}

#[test]
fn nothing_is_cosigned_after_the_end() {
    let known = ribbon([heard(1, 5), fact(2, What::Landed)]);
    assert_eq!(states(&known, 2), [State::Unwitnessed]);
    let flight = known.newest().unwrap().1;
    assert!(flight.landed() && flight.cells(true, T0 + 3 * S).len() == 1, "nothing is shot after the end");
}

#[test]
fn a_camera_that_records_what_is_not_hashed_leaves_a_gap() {
    let mut known = ribbon([fact(0, What::Begun), heard(1, 5), cosigned(1, 5), heard(7, 5)]);
    known.camera(id(1), true);
    assert_eq!(states(&known, 8), [State::Witnessed], "six seconds are no gap");
    known.take(heard(9, 5));
    known.camera(id(1), false);
    assert_eq!(states(&known, 9), [State::Witnessed], "it does not record");
    known.camera(id(1), true);
    known.camera(id(1), true);
    known.take(heard(10, 6));
    known.take(cosigned(10, 6));
    assert_eq!(states(&known, 10), [State::Witnessed, State::Gap, State::Witnessed]);
    let flight = known.newest().unwrap().1;
    let words = describe(&flight.cells(false, T0 + 10 * S)[1], flight);
    assert!(words.sentence().starts_with("gap — for 8 s"), "{words:?}");
    assert_eq!(flight.cells(true, T0 + 11 * S).last().unwrap().state, State::Shot);
}

#[test]
fn two_histories_are_the_worst_there_is() {
    let known =
        ribbon([heard(1, 5), cosigned(1, 5), fact(2, What::Equivocation { size: 5 }), heard(3, 6), cosigned(3, 6)]);
    assert_eq!(states(&known, 3), [State::Equivocation, State::Witnessed]);
    assert_eq!(merge(&cells(&known, 3), 1)[0].state, State::Equivocation);
    assert_eq!(Counts::of(&cells(&known, 3)), Counts { witnessed: 1, equivocations: 1, ..Counts::default() });
}

#[test]
fn the_newest_flight_is_shown_and_old_ones_go() {
    let mut known = ribbon([heard(1, 5)]);
    for n in 2..=40 {
        known.take(Fact { flight: id(n), utc_us: T0, what: What::Heard { size: 1 } });
    }
    assert_eq!(known.newest().unwrap().0, id(40));
    assert!(known.flight(id(1)).is_none() && known.flights.len() == MAX_FLIGHTS);
    known.take(heard(1, 5));
    assert!(known.flight(id(1)).is_none(), "an old one does not push out a newer one");
}

#[test]
fn marks_stand_once_and_in_order() {
    let marker = || What::Mark(Mark::Marker("blue van".to_owned()));
    let known = ribbon([fact(9, What::Mark(Mark::Notice)), fact(4, marker()), fact(9, What::Mark(Mark::Notice))]);
    let marks: Vec<_> =
        known.newest().unwrap().1.marks().iter().map(|(at_us, mark)| ((at_us - T0) / S, mark.clone())).collect();
    assert_eq!(marks, [(4, Mark::Marker("blue van".to_owned())), (9, Mark::Notice)]);
}

/// A flight by chance: heads that grow, some heard again, some cosigned, some never.
fn flight(random: &mut StdRng) -> Vec<Fact> {
    let mut facts = vec![fact(0, What::Begun)];
    let (mut at_s, mut size) = (0, 0);
    for _ in 0..random.random_range(0..60) {
        at_s += random.random_range(0..50);
        size += random.random_range(1..9);
        facts.push(heard(at_s, size));
        match random.random_range(0..10) {
            0..=5 => facts.push(cosigned(at_s + random.random_range(0..40), size)),
            6 => facts.push(heard(at_s + 3, size)),
            7 => facts.push(fact(at_s, What::Equivocation { size })),
            8 => facts.push(fact(at_s, What::Restarted)),
            _ => {}
        }
    }
    if random.random() {
        facts.push(fact(at_s + 60, What::Landed));
    }
    facts
}

#[test]
fn cells_add_up_to_what_was_fed_in_whatever_order_it_came() {
    for seed in 0..400 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut facts = flight(&mut random);
        let known = ribbon(facts.clone());
        // Again, some of it twice, in any order.
        facts.extend_from_within(..facts.len() / 2);
        facts.shuffle(&mut random);
        let shuffled = ribbon(facts);
        let now_s = random.random_range(0..4000);
        let cells = cells(&known, now_s);
        assert_eq!(cells, self::cells(&shuffled, now_s), "seed {seed}");
        let records: u64 = cells.iter().map(|cell| cell.last + 1 - cell.first).sum();
        let newest = known.newest().unwrap().1.heads.keys().next_back().copied().unwrap_or(0);
        assert_eq!(records, newest, "seed {seed}: each record is in one cell");
        assert!(cells.windows(2).all(|two| two[0].last + 1 == two[1].first), "seed {seed}");
        for most in [1, 3, 7, cells.len().max(1), 1000] {
            let merged = merge(&cells, most);
            assert!(merged.len() <= most);
            assert_eq!(merged.iter().map(|cell| cell.cells).sum::<u32>(), u32::try_from(cells.len()).unwrap());
            let worst = |some: &[Cell]| some.iter().map(|cell| cell.state).max();
            assert_eq!(worst(&merged), worst(&cells), "seed {seed}");
        }
        let counts = Counts::of(&cells);
        let all = counts.witnessed + counts.hashed + counts.late + counts.unwitnessed + counts.equivocations;
        assert_eq!(all, u32::try_from(cells.len()).unwrap(), "seed {seed}");
    }
}
