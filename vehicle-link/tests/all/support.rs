//! What several tests need: frames, a clock, bounded waiting.

use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use vehicle_link::{
    Clock,
    dialect::{HEARTBEAT_DATA, MavMessage, MavType},
    frames::{Encoder, Frame},
};

/// A clock that moves 1 µs each time it is read, and further when told.
#[derive(Default)]
pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn advance_ns(&self, ns: u64) {
        self.0.fetch_add(ns, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn mono_ns(&self) -> u64 {
        self.0.fetch_add(1000, Ordering::Relaxed)
    }
}

pub(crate) fn heartbeat(mavtype: MavType) -> MavMessage {
    MavMessage::HEARTBEAT(HEARTBEAT_DATA { mavtype, mavlink_version: 3, ..Default::default() })
}

pub(crate) fn heartbeat_of(encoder: &mut Encoder) -> Frame {
    encoder.encode(&heartbeat(MavType::MAV_TYPE_QUADROTOR))
}

/// Waits at most 10 s: a test must fail, not hang.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(10), future).await {
        Ok(value) => value,
        Err(_) => panic!("10 s passed without: {what}"),
    }
}

/// Waits until `condition` holds, letting the other tasks run meanwhile.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    soon(what, async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
