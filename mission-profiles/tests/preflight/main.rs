//! Preflight: tables of situations, and what is found in each.

mod heights;
mod monitoring;
mod others;
mod permissions;
mod places;
mod table;
mod times;
mod world;
