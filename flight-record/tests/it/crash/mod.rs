//! The crash harness: a whole flight on a disk that keeps account of every step, stopped, torn and broken at each of them.

mod cut;
mod cuts;
mod disk;
mod faults;
mod flown;
mod judged;
mod loss;
mod states;
