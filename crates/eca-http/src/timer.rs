//! Time as a parameter.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::transport::BoxFuture;

/// A clock that can also sleep. It is a parameter, so that tests neither sleep nor depend on the
/// time of day; see `testing::ManualTimer` (feature `testing`).
pub trait Timer: Send + Sync {
    /// The wall clock, to compare with times from a server (`Retry-After`, expiry of tokens).
    fn now(&self) -> SystemTime;

    /// The time since a fixed start, for budgets and durations. It never goes back.
    fn monotonic(&self) -> Duration;

    /// Waits at least this long.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

impl<T: Timer + ?Sized> Timer for &T {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        (**self).sleep(duration)
    }
}

impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        (**self).sleep(duration)
    }
}

/// The real clock; [`sleep`](Timer::sleep) needs a tokio runtime with its time driver on.
#[cfg(feature = "tokio")]
#[derive(Debug, Clone, Copy)]
pub struct TokioTimer {
    origin: std::time::Instant,
}

#[cfg(feature = "tokio")]
impl TokioTimer {
    /// A timer whose monotonic clock starts now.
    pub fn new() -> Self {
        Self {
            origin: std::time::Instant::now(),
        }
    }
}

#[cfg(feature = "tokio")]
impl Default for TokioTimer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "tokio")]
impl Timer for TokioTimer {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
