//! The duration of jobs.

use std::time::Duration;

/// How long a deploy or a retrieve takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// This long, by the org's clock. The first quarter is `Pending`, the last tenth of a deploy
    /// `Finalizing`, the rest `InProgress`; one deploy runs at a time.
    Time(Duration),
    /// Until this many status requests. The first answer is `Pending`; in a deploy that takes four
    /// or more, the last but one is `Finalizing`.
    Polls(u32),
}

impl Default for Pace {
    /// 150 ms: short, and long enough for a client to see progress.
    fn default() -> Self {
        Self::Time(Duration::from_millis(150))
    }
}
