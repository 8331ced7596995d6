//! When to ask again how a job is: pure, so that every order of answers and losses can be tried out.

use std::time::Duration;

/// The budget and the pace of asking.
///
/// The pause after a status grows with the time that has passed, since what took long takes longer: a fifth of it,
/// from [`first_interval`](Self::first_interval) up to one second, during the first ten seconds; after that a tenth
/// of it, up to [`max_interval`](Self::max_interval). So the end is noticed within a second or a tenth of the
/// deploy's duration, whichever is more (short of the largest pause), at about 70 requests for ten minutes; large
/// packages start at half a second. Salesforce's page on `checkDeployStatus()` gives no figure, only that larger
/// deploys want longer pauses.
///
/// A question that fails is asked again: after [`first_retry`](Self::first_retry), doubling with each failure in a
/// row, or as long as the server asks for. Status questions change nothing in the org, so they may be repeated
/// freely; the budget ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollPolicy {
    /// How long to wait for the end. Default 33 minutes, as the Salesforce CLI.
    pub wait: Duration,
    /// The first pause. Default 50 ms.
    pub first_interval: Duration,
    /// The longest pause after a status. Default 30 s.
    pub max_interval: Duration,
    /// The pause after a first failure. Default 250 ms.
    pub first_retry: Duration,
    /// How many failures in a row end it. Default 20.
    pub max_failures: u32,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            wait: Duration::from_mins(33),
            first_interval: Duration::from_millis(50),
            max_interval: Duration::from_secs(30),
            first_retry: Duration::from_millis(250),
            max_failures: 20,
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

/// What went wrong with one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// May pass by itself: a reset, a 503, a stumbling server.
    Passing {
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The session is not valid.
    Session,
    /// The org does not know the id: seen for a moment when a job leaves the queue.
    UnknownId,
    /// Asking again would give the same answer.
    Lasting,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Pause, then ask.
    AskAfter(Duration),
    /// Have the token renewed, then ask at once.
    RenewSession,
    /// The time is up.
    TimeIsUp,
    /// The last trouble stands.
    GiveUp,
}

/// How often an unknown id is believed to be a passing thing.
const MAX_UNKNOWN_IDS: u32 = 3;

/// The state between two questions.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    policy: PollPolicy,
    failures: u32,
    unknown_ids: u32,
    renewed: bool,
}

impl Pace {
    pub(crate) fn new(policy: PollPolicy) -> Self {
        Self {
            policy,
            failures: 0,
            unknown_ids: 0,
            renewed: false,
        }
    }

    /// After a status that is not the last one.
    pub(crate) fn after_status(&mut self, elapsed: Duration, components: u32) -> Step {
        self.failures = 0;
        self.unknown_ids = 0;
        self.renewed = false;
        let floor = if components > 1000 {
            self.policy.first_interval.max(Duration::from_millis(500))
        } else {
            self.policy.first_interval
        };
        let grown = if elapsed < Duration::from_secs(10) {
            (elapsed / 5).min(Duration::from_secs(1))
        } else {
            elapsed / 10
        };
        self.ask_after(elapsed, grown.min(self.policy.max_interval).max(floor))
    }

    /// After a question that failed.
    pub(crate) fn after_trouble(&mut self, elapsed: Duration, trouble: Trouble) -> Step {
        match trouble {
            Trouble::Lasting => return Step::GiveUp,
            Trouble::Session => {
                // Once per expiry: a new token that is refused as well is no matter of expiry.
                if std::mem::replace(&mut self.renewed, true) {
                    return Step::GiveUp;
                }
                return Step::RenewSession;
            }
            Trouble::UnknownId => {
                self.unknown_ids += 1;
                if self.unknown_ids > MAX_UNKNOWN_IDS {
                    return Step::GiveUp;
                }
            }
            Trouble::Passing { .. } => {}
        }
        self.failures += 1;
        if self.failures > self.policy.max_failures {
            return Step::GiveUp;
        }
        let doubled = self
            .policy
            .first_retry
            .saturating_mul(1 << (self.failures - 1).min(16))
            .min(self.policy.max_interval);
        let asked = match trouble {
            Trouble::Passing { retry_after } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        // With every failure the chance grows that the org will not come back in time; the budget still counts.
        self.ask_after(elapsed, doubled.max(asked))
    }

    /// Never sleeps past the time limit: the last question is asked when it is reached.
    fn ask_after(&self, elapsed: Duration, pause: Duration) -> Step {
        let left = self.policy.wait.saturating_sub(elapsed);
        if left.is_zero() {
            return Step::TimeIsUp;
        }
        // Time must pass, or nothing would end the loop.
        Step::AskAfter(pause.max(Duration::from_millis(1)).min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a deploy of that length is asked about, and how late its end is noticed.
    fn run(length: Duration) -> (u32, Duration) {
        let mut pace = Pace::new(PollPolicy::default());
        let (mut elapsed, mut asked) = (Duration::ZERO, 1);
        while elapsed < length {
            match pace.after_status(elapsed, 10) {
                Step::AskAfter(pause) => elapsed += pause,
                step => panic!("{step:?}"),
            }
            asked += 1;
        }
        (asked, elapsed.checked_sub(length).unwrap())
    }

    #[test]
    fn the_end_is_noticed_soon_and_cheaply() {
        for (millis, most_requests) in
            [(40, 3), (500, 14), (5_000, 30), (60_000, 60), (600_000, 90)]
        {
            let length = Duration::from_millis(millis);
            let (requests, late) = run(length);
            assert!(
                requests <= most_requests,
                "{millis} ms: {requests} requests"
            );
            assert!(
                late <= (length / 10).max(Duration::from_secs(1)),
                "{millis} ms: {late:?} late"
            );
        }
    }

    #[test]
    fn a_session_is_renewed_once_per_expiry() {
        let mut pace = Pace::new(PollPolicy::default());
        let now = Duration::from_secs(1);
        assert_eq!(
            pace.after_trouble(now, Trouble::Session),
            Step::RenewSession
        );
        assert_eq!(pace.after_trouble(now, Trouble::Session), Step::GiveUp);
        pace.after_status(now, 0);
        assert_eq!(
            pace.after_trouble(now, Trouble::Session),
            Step::RenewSession
        );
    }

    #[test]
    fn the_last_question_is_asked_at_the_limit() {
        let mut pace = Pace::new(PollPolicy::default().with_wait(Duration::from_secs(100)));
        assert_eq!(
            pace.after_status(Duration::from_secs(98), 0),
            Step::AskAfter(Duration::from_secs(2))
        );
        assert_eq!(
            pace.after_status(Duration::from_secs(100), 0),
            Step::TimeIsUp
        );
    }
}
