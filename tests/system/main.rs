//! The whole system, as its users run it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod authorised;
mod camera_peers;
mod cameras;
mod crash;
mod damage;
mod demo;
mod disk_full;
mod dock;
mod flight;
mod flight_log;
mod foreign;
mod live;
mod lossy;
mod opened_elsewhere;
mod ordered;
mod papers;
mod peers;
mod permissions;
mod private_view;
mod recorded;
mod signed;
mod vehicle;
mod witnessed;
