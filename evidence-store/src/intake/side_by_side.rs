//! Objects worked on several at a time: while one waits for its disk, others are read and hashed. Each keeps the order of
//! its own durable steps; none waits for another.

use super::Flow;
use super::run::IntakeError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Objects at a time. More than processors, because most of each one's time is its disk's.
const AT_A_TIME: usize = 4;
/// How often somebody is asked whether to go on.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// Does `job` for all of `work`. At the first error, or when `report` says so, `stop` is set and nothing more is begun.
///
/// # Errors
/// [`IntakeError::Cancelled`], or the first error of a job.
pub(super) fn side_by_side<T: Sync>(
    work: &[T],
    job: impl Fn(&T) -> Result<(), IntakeError> + Sync,
    stop: &AtomicBool,
    mut report: impl FnMut() -> Flow,
) -> Result<(), IntakeError> {
    let (next, job) = (AtomicUsize::new(0), &job);
    std::thread::scope(|scope| {
        let (done, results) = channel();
        for _ in 0..AT_A_TIME {
            let (done, next) = (done.clone(), &next);
            scope.spawn(move || {
                while let Some(item) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = if stop.load(Ordering::Relaxed) { Ok(()) } else { job(item) };
                    // The other end is gone only with this whole scope.
                    let _ = done.send(result);
                }
            });
        }
        drop(done);
        let mut failed = None;
        let mut cancelled = false;
        loop {
            match results.recv_timeout(REPORT_EVERY) {
                Ok(Err(error)) if failed.is_none() => {
                    stop.store(true, Ordering::Relaxed);
                    failed = Some(error);
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !cancelled && report() == Flow::Cancel {
                cancelled = true;
                stop.store(true, Ordering::Relaxed);
            }
        }
        match (cancelled, failed) {
            (true, _) => Err(IntakeError::Cancelled),
            (false, Some(error)) => Err(error),
            (false, None) => Ok(()),
        }
    })
}
