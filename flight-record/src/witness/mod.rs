//! What a ground station saw of a flight while it flew.

pub mod file;
