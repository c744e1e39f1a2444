//! A table of situations: the small world with a change, and what preflight finds in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::authorisation::{Authorisation, State};

use super::world::World;

pub(crate) const SURFACE: (f64, &str) = (0.0, "AGL");
pub(crate) const HIGH: (f64, &str) = (600.0, "AGL");

pub(crate) type Change = fn(&mut World);

/// Each row: what it is, how it changes the world, what is found then.
pub(crate) fn table(rows: &[(&str, Change, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .filter_map(|(what, change, expected)| {
            let mut world = World::new();
            change(&mut world);
            let found = world.found();
            (found != *expected)
                .then(|| format!("{what}: {found:?}, expected {expected:?}\n{:#?}", world.report().findings))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A zone in the way, and a permission for it.
pub(crate) fn permitted(w: &mut World) -> &mut Authorisation {
    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH);
    w.permission()
}

/// The same, with a permission that is no further than this.
pub(crate) fn in_state(w: &mut World, state: State) {
    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH);
    w.state(state);
}
