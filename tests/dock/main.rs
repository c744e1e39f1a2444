//! The dock: the aircraft's server and the store's client in one process, over real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod berth;
mod handover;
mod hostile;
mod network;
mod orders;
mod proxy;
