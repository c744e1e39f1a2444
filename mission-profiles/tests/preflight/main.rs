//! Preflight: a table of situations, and what is found in each.

mod monitoring;
mod situations;
mod world;
