//! The crash harness: a whole flight on a disk that keeps account of every step, stopped, torn and broken at each of them.

mod cut;
mod cuts;
mod disk;
mod flown;
mod judged;
