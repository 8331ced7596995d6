//! Time as a parameter.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::transport::BoxFuture;

/// A clock and a way to wait. Drivers take it as a parameter, so that tests neither sleep nor
/// depend on the time of day; see `testing::ManualTimer` (feature `testing`).
pub trait Timer: Send + Sync {
    /// The wall clock, for times that a server names (`Retry-After` dates, token expiry).
    fn now(&self) -> SystemTime;

    /// Time since some fixed moment; never goes back. For budgets and durations.
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
