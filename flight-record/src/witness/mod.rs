//! What a ground station saw of a flight while it flew.
//!
//! [`Witness`] is the pure machine: it hears bodies of the radio, grows its own trees, and asks for [`Step`]s. [`file`] is
//! what it leaves behind.

pub mod file;
mod growth;
mod machine;
mod nonce;
mod recall;
mod steps;
mod watch;

pub use machine::Witness;
pub use recall::Recalled;
pub use steps::{Alarm, Note, Step};
