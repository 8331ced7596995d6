//! When to ask again how a job is: pure, so that every order of answers and losses can be tried
//! out.

use std::time::Duration;

/// The budget and the pace of asking.
///
/// The pause after a status starts at [`first_interval`](Self::first_interval) and doubles up to
/// one second, which is soon enough for anybody; after ten seconds it is a tenth of the time that
/// has passed, since what took long takes longer. So the end is noticed within a second or a tenth
/// of the deploy's duration, whichever is more.
///
/// Where the org counts components and tests, and the count moves, the pause is longer: a third of
/// the time that is left at the pace so far, but no more than the time that has passed. A deploy
/// would have to become more than three times as fast, all of a sudden, for its end to be noticed
/// later than said above. A ten-minute deploy that counts takes some 25 questions. Salesforce's
/// page on `checkDeployStatus()` gives no figure, only that larger deploys want longer pauses.
///
/// One that says nothing at all for ten minutes takes some 60, and no schedule could do with fewer
/// than 53: as long as the end may come at any moment, a question must follow the one before within
/// a second or, after ten seconds, at 1.1 times its time. That is 10 questions up to ten seconds,
/// and ln(600 s / 10 s) / ln 1.1 = 43 after them. A deploy that is silent for its first 180 seconds
/// has cost 41 by then. So being on time and asking no more than 40 times in ten minutes go
/// together only where the org counts from early on; where it does not, being on time wins.
///
/// A question that fails is asked again: after [`first_retry`](Self::first_retry), doubling with
/// each failure in a row, or as long as the server asks for. Status questions change nothing in the
/// org, so they may be repeated freely; the budget ends it.
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
    /// After how long without any change a deploy counts as stalled, which is reported and nothing
    /// else. Default five minutes.
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

/// How far a job says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Components and tests done, errors included.
    pub(crate) done: u32,
    /// Components and tests in all; 0 where nobody knows.
    pub(crate) total: u32,
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
    statuses: u32,
    last: Progress,
}

impl Pace {
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

    /// The policy.
    pub(crate) fn policy(&self) -> &PollPolicy {
        &self.policy
    }

    /// After a status that is not the last one.
    pub(crate) fn after_status(&mut self, elapsed: Duration, progress: Progress) -> Step {
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
        self.ask_after(elapsed, pause.max(floor))
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
        // With every failure the chance grows that the org will not come back in time; the budget
        // still counts.
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

    /// How often a deploy of that length is asked about, and how late its end is noticed. `done`
    /// says how many of a thousand components are done when a share of the time has passed.
    fn run(length: Duration, done: impl Fn(f64) -> u32) -> (u32, Duration) {
        let mut pace = Pace::new(PollPolicy::default());
        let (mut elapsed, mut asked) = (Duration::ZERO, 1);
        while elapsed < length {
            let done = done(elapsed.as_secs_f64() / length.as_secs_f64());
            let total = if done == 0 { 0 } else { 1000 };
            match pace.after_status(elapsed, Progress { done, total }) {
                // The answer takes its time too.
                Step::AskAfter(pause) => elapsed += pause + Duration::from_millis(20),
                step => panic!("{step:?}"),
            }
            asked += 1;
        }
        (asked, elapsed.checked_sub(length).unwrap())
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
    fn the_end_is_noticed_soon_and_cheaply() {
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

    /// The fewest questions with which the end of a silent deploy is noticed in time, whenever it
    /// comes: each one as late after the one before as it may be.
    fn fewest(length: f64) -> u32 {
        let (mut asked, mut at) = (0, 0.0_f64);
        while at < length {
            at += (at / 10.0).max(1.0);
            asked += 1;
        }
        asked
    }

    /// Why a silent deploy gets more than 40 questions in ten minutes, as the documentation of
    /// `PollPolicy` says.
    #[test]
    fn no_schedule_is_on_time_with_forty_questions_for_ten_silent_minutes() {
        assert_eq!((fewest(10.0), fewest(180.0), fewest(600.0)), (10, 41, 53));
        let (ours, _) = run(Duration::from_mins(10), |_| 0);
        assert!(ours <= fewest(600.0) + 9, "{ours}");
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
        pace.after_status(now, Progress::default());
        assert_eq!(
            pace.after_trouble(now, Trouble::Session),
            Step::RenewSession
        );
    }

    #[test]
    fn the_last_question_is_asked_at_the_limit() {
        let mut pace = Pace::new(PollPolicy::default().with_wait(Duration::from_secs(100)));
        assert_eq!(
            pace.after_status(Duration::from_secs(98), Progress::default()),
            Step::AskAfter(Duration::from_secs(2))
        );
        assert_eq!(
            pace.after_status(Duration::from_secs(100), Progress::default()),
            Step::TimeIsUp
        );
    }
}
