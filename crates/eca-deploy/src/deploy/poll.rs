//! When to poll a job again. Pure, so that tests can try every order of responses and failures.

use std::time::Duration;

/// The time limit and the polling interval.
///
/// The interval after a status starts at [`first_interval`](Self::first_interval) and doubles up to
/// one second; after ten seconds it is a tenth of the elapsed time. So the end is noticed within a
/// second or a tenth of the deploy's duration, whichever is more.
///
/// While the org's counts of components and tests move, the interval is longer: a third of the
/// remaining time at the average pace so far, but no more than the elapsed time. Unless a deploy
/// suddenly becomes more than three times as fast, the bound above still holds. A ten-minute deploy
/// that counts takes some 25 requests. Salesforce's page on `checkDeployStatus()` gives no figure,
/// only that larger deploys need longer pauses.
///
/// A ten-minute deploy that never counts takes some 60 requests. No schedule within the bound
/// needs fewer than 53: 10 up to ten seconds, and ln(600 s / 10 s) / ln 1.1 = 43 after that. A
/// deploy that is silent for its first 180 seconds has cost 41 by then. So 40 requests in ten
/// minutes are possible only where the org counts early; elsewhere the bound takes precedence.
///
/// A failed request is repeated after [`first_retry`](Self::first_retry), doubling with each
/// consecutive failure, or after the server's `Retry-After` if that is longer. Status requests
/// change nothing in the org, so only the time limit and [`max_failures`](Self::max_failures) end
/// this.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollPolicy {
    /// The time limit, also of each status request; the last one is given five seconds. Default 33
    /// minutes, as in the Salesforce CLI.
    pub wait: Duration,
    /// The first interval. Default 50 ms.
    pub first_interval: Duration,
    /// The longest interval after a status. Default 30 s.
    pub max_interval: Duration,
    /// The delay after a first failure. Default 250 ms.
    pub first_retry: Duration,
    /// How many consecutive failures end polling. Default 20.
    pub max_failures: u32,
    /// After how long without any change a deploy is reported as stalled. Polling continues.
    /// Default five minutes.
    pub stall_after: Duration,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            wait: Duration::from_mins(33),
            first_interval: Duration::from_millis(50),
            max_interval: Duration::from_secs(30),
            first_retry: Duration::from_millis(250),
            max_failures: 20,
            stall_after: Duration::from_mins(5),
        }
    }
}

impl PollPolicy {
    /// The same policy with another time limit.
    #[must_use]
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

/// The least time for a request: the last one is sent when the time limit is reached.
const MIN_REQUEST_LIMIT: Duration = Duration::from_secs(5);

impl PollPolicy {
    /// The time limit of one request: what is left, so that a server that never answers cannot
    /// extend it.
    pub(crate) fn request_limit(&self, elapsed: Duration) -> Duration {
        self.wait.saturating_sub(elapsed).max(MIN_REQUEST_LIMIT)
    }
}

/// Why a status request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PollFailure {
    /// A reset, a 503, an internal error: a retry may succeed.
    Transient {
        /// The server's `Retry-After`.
        retry_after: Option<Duration>,
    },
    SessionExpired,
    /// The org does not know the id. Occurs briefly when a job leaves the queue.
    UnknownId,
    /// A retry would fail again.
    Fatal,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PollDecision {
    PollAfter(Duration),
    /// Renew the token, then poll at once.
    RenewSession,
    TimedOut,
    /// The last failure is final.
    GiveUp,
}

/// The progress of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Components and tests done, errors included.
    pub(crate) done: u32,
    /// Components and tests in all; 0 if unknown.
    pub(crate) total: u32,
}

/// How many consecutive responses with an unknown id count as transient.
const MAX_UNKNOWN_IDS: u32 = 3;

/// The state between two requests.
#[derive(Debug, Clone)]
pub(crate) struct Poller {
    policy: PollPolicy,
    failures: u32,
    unknown_ids: u32,
    renewed: bool,
    statuses: u32,
    last: Progress,
}

impl Poller {
    pub(crate) fn new(policy: PollPolicy) -> Self {
        Self {
            policy,
            failures: 0,
            unknown_ids: 0,
            renewed: false,
            statuses: 0,
            last: Progress::default(),
        }
    }

    pub(crate) fn policy(&self) -> &PollPolicy {
        &self.policy
    }

    /// After a status that is not final.
    pub(crate) fn after_status(&mut self, elapsed: Duration, progress: Progress) -> PollDecision {
        self.failures = 0;
        self.unknown_ids = 0;
        self.renewed = false;
        let floor = if progress.total > 1000 {
            self.policy.first_interval.max(Duration::from_millis(500))
        } else {
            self.policy.first_interval
        };
        let doubled = floor
            .saturating_mul(1 << self.statuses.min(16))
            .min(Duration::from_secs(1));
        self.statuses = self.statuses.saturating_add(1);
        let grown = doubled.max(elapsed / 10).min(self.policy.max_interval);
        let moved = progress.done > self.last.done && progress.total == self.last.total;
        self.last = progress;
        let pause = match progress.total.checked_sub(progress.done) {
            Some(left) if moved && left > 0 => {
                let third = elapsed.saturating_mul(left) / progress.done / 3;
                grown.max(third.min(elapsed).min(2 * self.policy.max_interval))
            }
            _ => grown,
        };
        self.poll_after(elapsed, pause.max(floor))
    }

    /// After a failed request.
    pub(crate) fn after_failure(
        &mut self,
        elapsed: Duration,
        failure: PollFailure,
    ) -> PollDecision {
        match failure {
            PollFailure::Fatal => return PollDecision::GiveUp,
            PollFailure::SessionExpired => {
                // Once per expiry: if the new token is refused too, expiry is not the cause.
                if std::mem::replace(&mut self.renewed, true) {
                    return PollDecision::GiveUp;
                }
                return PollDecision::RenewSession;
            }
            PollFailure::UnknownId => {
                self.unknown_ids += 1;
                if self.unknown_ids > MAX_UNKNOWN_IDS {
                    return PollDecision::GiveUp;
                }
            }
            PollFailure::Transient { .. } => {}
        }
        self.failures += 1;
        if self.failures > self.policy.max_failures {
            return PollDecision::GiveUp;
        }
        let doubled = self
            .policy
            .first_retry
            .saturating_mul(1 << (self.failures - 1).min(16))
            .min(self.policy.max_interval);
        let requested = match failure {
            PollFailure::Transient { retry_after } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        self.poll_after(elapsed, doubled.max(requested))
    }

    /// Never waits past the time limit: the last request is sent when it is reached.
    fn poll_after(&self, elapsed: Duration, pause: Duration) -> PollDecision {
        let left = self.policy.wait.saturating_sub(elapsed);
        if left.is_zero() {
            return PollDecision::TimedOut;
        }
        // Time must pass, or nothing would end the loop.
        PollDecision::PollAfter(pause.max(Duration::from_millis(1)).min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many requests a deploy of that length takes, and how late its end is noticed. `done`
    /// maps the share of the time to the number of components done, of a thousand.
    fn run(length: Duration, done: impl Fn(f64) -> u32) -> (u32, Duration) {
        let mut poller = Poller::new(PollPolicy::default());
        let (mut elapsed, mut requests) = (Duration::ZERO, 1);
        while elapsed < length {
            let done = done(elapsed.as_secs_f64() / length.as_secs_f64());
            let total = if done == 0 { 0 } else { 1000 };
            match poller.after_status(elapsed, Progress { done, total }) {
                // The response takes time too.
                PollDecision::PollAfter(pause) => elapsed += pause + Duration::from_millis(20),
                step => panic!("{step:?}"),
            }
            requests += 1;
        }
        (requests, elapsed.checked_sub(length).unwrap())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "shares of a thousand"
    )]
    fn thousand(share: f64) -> u32 {
        (share * 1000.0) as u32
    }

    #[test]
    fn the_end_is_noticed_soon_with_few_requests() {
        let silent = |_: f64| 0_u32;
        let steady = thousand;
        // Slow at first, then three times as fast as on the average so far.
        let late = |share: f64| {
            thousand(if share < 0.5 {
                share / 2.0
            } else {
                1.5 * share - 0.5
            })
        };
        let queued = |share: f64| thousand((share - 0.3).max(0.0) / 0.7);
        let tests = |share: f64| thousand((share * 5.0).min(0.999));
        for (name, shape, most) in [
            ("silent", &silent as &dyn Fn(f64) -> u32, 62),
            ("steady", &steady, 30),
            ("late", &late, 35),
            ("queued", &queued, 56),
            ("components, then silent tests", &tests, 45),
        ] {
            for millis in [40_u64, 500, 5_000, 60_000, 600_000, 590_123, 1_500_000] {
                let length = Duration::from_millis(millis);
                let (requests, late) = run(length, shape);
                assert!(
                    late <= (length / 10).max(Duration::from_secs(1)) + Duration::from_millis(25),
                    "{name}, {millis} ms: {late:?} late"
                );
                if millis <= 600_000 {
                    assert!(requests <= most, "{name}, {millis} ms: {requests} requests");
                }
            }
        }
    }

    /// The fewest requests that notice the end of a silent deploy in time, whenever it comes: each
    /// one as late as the bound allows.
    fn fewest(length: f64) -> u32 {
        let (mut requests, mut at) = (0, 0.0_f64);
        while at < length {
            at += (at / 10.0).max(1.0);
            requests += 1;
        }
        requests
    }

    /// Why a silent deploy takes more than 40 requests in ten minutes; see `PollPolicy`.
    #[test]
    fn no_schedule_is_on_time_with_forty_requests_in_ten_silent_minutes() {
        assert_eq!((fewest(10.0), fewest(180.0), fewest(600.0)), (10, 41, 53));
        let (requests, _) = run(Duration::from_mins(10), |_| 0);
        assert!(requests <= fewest(600.0) + 9, "{requests}");
    }

    #[test]
    fn a_session_is_renewed_once_per_expiry() {
        let mut poller = Poller::new(PollPolicy::default());
        let now = Duration::from_secs(1);
        assert_eq!(
            poller.after_failure(now, PollFailure::SessionExpired),
            PollDecision::RenewSession
        );
        assert_eq!(
            poller.after_failure(now, PollFailure::SessionExpired),
            PollDecision::GiveUp
        );
        poller.after_status(now, Progress::default());
        assert_eq!(
            poller.after_failure(now, PollFailure::SessionExpired),
            PollDecision::RenewSession
        );
    }

    #[test]
    fn the_last_request_is_sent_at_the_limit() {
        let mut poller = Poller::new(PollPolicy::default().with_wait(Duration::from_secs(100)));
        assert_eq!(
            poller.after_status(Duration::from_secs(98), Progress::default()),
            PollDecision::PollAfter(Duration::from_secs(2))
        );
        assert_eq!(
            poller.after_status(Duration::from_secs(100), Progress::default()),
            PollDecision::TimedOut
        );
    }
}
