//! Preflight: a table of situations, and what is found in each.

mod situations;
mod world;
