//! How fast jobs move.

use std::time::Duration;

/// How long a deploy or a retrieve takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// So long, by the org's clock. The first quarter is `Pending`, the last tenth of a deploy
    /// `Finalizing`, the rest `InProgress`; one deploy runs at a time.
    Time(Duration),
    /// Until its status was asked for so many times. The first answer is `Pending`, of a deploy
    /// that takes four or more the last but one is `Finalizing`.
    Polls(u32),
}

impl Default for Pace {
    /// 150 ms: quick, and long enough for a client to see it move.
    fn default() -> Self {
        Self::Time(Duration::from_millis(150))
    }
}
