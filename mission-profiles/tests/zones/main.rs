//! Zones: other people's files, and geometry against slow twins.

mod deviations;
mod files;
mod missions;
mod nations;
mod twin;
