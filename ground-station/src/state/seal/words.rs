//! What a cell says when it is pressed.

use super::cells::Cell;
use super::{Flight, State};

/// One sentence in three parts, which the ribbon sets in three weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    /// Number of its last record; empty where nothing was hashed.
    pub(crate) number: String,
    /// Its state in a word or two.
    pub(crate) state: String,
    /// What that means.
    pub(crate) why: String,
}

impl Words {
    /// As it is read out.
    pub(crate) fn sentence(&self) -> String {
        format!("{} {} — {}", self.number, self.state, self.why).trim_start().to_owned()
    }
}

/// What `cell` of `flight` says.
pub(crate) fn describe(cell: &Cell, flight: &Flight) -> Words {
    let seconds = cell.delay_us.unwrap_or(0) / 1_000_000;
    let (state, why) = match cell.state {
        State::Shot => ("being shot".to_owned(), "hashed and signed as soon as the segment is whole".to_owned()),
        State::Hashed => {
            ("hashed".to_owned(), "signed, on the disk aboard; this station's cosignature is on its way".to_owned())
        }
        State::Witnessed => ("witnessed".to_owned(), format!("cosigned on the ground within {} s", seconds.max(1))),
        State::Late => {
            let cause = if cell.restarted { "the witness was restarted" } else { "radio shadow" };
            (format!("late {seconds} s"), format!("{cause}. Cosigned in flight; the verdict will say late"))
        }
        State::Unwitnessed if flight.landed() => (
            "unwitnessed".to_owned(),
            "no cosignature. Hashed and signed aboard; the verdict will say unwitnessed".to_owned(),
        ),
        State::Unwitnessed => (
            "unwitnessed".to_owned(),
            "no cosignature yet. If the radio comes back before the flight ends, it will be late".to_owned(),
        ),
        State::Gap => (
            "gap".to_owned(),
            format!(
                "for {seconds} s the camera said that it records, and nothing was hashed. Look at the aircraft's storage"
            ),
        ),
        State::Equivocation => (
            "equivocation".to_owned(),
            "the aircraft's key has signed two histories. Secure the aircraft and its keys; the proof is kept"
                .to_owned(),
        ),
    };
    let of = if cell.cells > 1 { format!(" (the worst of {} cells)", cell.cells) } else { String::new() };
    let number = if cell.last == 0 { String::new() } else { format!("{:06}", cell.last) };
    Words { number, state, why: why + &of }
}
