//! The one clock a program hands in.

/// A monotonic clock, read by a program's own `clock` module and handed in everywhere else.
pub trait Clock: Send + Sync {
    /// Nanoseconds since a fixed moment; never falls.
    fn mono_ns(&self) -> u64;
}
