//! vehicle-link from the outside: wire bytes, real sockets, other people's parser.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking too")]

mod camera;
mod camera_client;
mod channel;
mod ftp;
mod hostile;
mod hub;
mod logs;
mod missions;
mod parameters;
mod signing;
mod splitter;
mod support;
mod tlog;
