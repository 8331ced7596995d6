//! The progress of a deploy: a live line on a terminal, plain lines elsewhere.

use std::time::Duration;

use eca_deploy::{DeployResult, Update};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

use crate::ui::output::Output;
use crate::ui::terminal::{self, Style};

/// How often [`waiting`] says that the work goes on.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// Waits for an org, and says so every ten seconds.
pub(crate) async fn waiting<T>(output: &Output, work: impl Future<Output = T>) -> T {
    let report = |waited: Duration| {
        let seconds = waited.as_secs();
        output.info(format_args!("  waiting for the org ({seconds} s)"));
    };
    reporting(REPORT_INTERVAL, report, work).await
}

/// Waits for work, and reports at each interval how long.
async fn reporting<T>(
    interval: Duration,
    mut report: impl FnMut(Duration),
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    let started = Instant::now();
    let mut reports = tokio::time::interval_at(started + interval, interval);
    loop {
        tokio::select! {
            // What is finished is not waited for.
            biased;
            result = &mut work => return result,
            _ = reports.tick() => report(started.elapsed()),
        }
    }
}

/// Draws the statuses of one deploy. Each changed status is a line or an update.
pub(crate) struct Progress<'a> {
    output: &'a Output,
    bar: Option<ProgressBar>,
    last: String,
}

impl<'a> Progress<'a> {
    pub(crate) fn start(output: &'a Output) -> Self {
        let bar = output.draws_progress().then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} {elapsed} {bar:24} {pos}/{len} {wide_msg}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self {
            output,
            bar,
            last: String::new(),
        }
    }

    /// A status of the org.
    pub(crate) fn status(&mut self, status: &DeployResult) {
        let phase = match &status.state_detail {
            Some(detail) if !status.done => format!("{}: {detail}", status.status),
            _ => status.status.to_string(),
        };
        if let Some(bar) = &self.bar {
            bar.set_length(status.number_components_total.into());
            bar.set_position(status.number_components_deployed.into());
            bar.set_message(message(&format!("components{}  {phase}", tests(status))));
            return;
        }
        let line = format!(
            "{phase} ({}/{} components{})",
            status.number_components_deployed,
            status.number_components_total,
            tests(status)
        );
        self.line(line);
    }

    /// A failed status request, or a deploy without progress.
    pub(crate) fn interrupted(&mut self, update: &Update) {
        let line = match update {
            Update::Interrupted { error, retry_in } => format!(
                "no status: {error}; next request in {:.1} s",
                retry_in.as_secs_f64()
            ),
            Update::Stalled { unchanged, last } => format!(
                "no change for {} s; last status: {}{}",
                unchanged.as_secs(),
                last.status,
                last.state_detail
                    .as_ref()
                    .map_or_else(String::new, |detail| format!(", {detail}")),
            ),
            _ => return,
        };
        match &self.bar {
            Some(bar) => bar.set_message(message(&line)),
            None => self.line(line),
        }
    }

    fn line(&mut self, line: String) {
        if line != self.last {
            self.output.info(format_args!("  {line}"));
            self.last = line;
        }
    }
}

/// Clears the live line, however the wait ends.
impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A message for the live line, which has no second line.
fn message(text: &str) -> String {
    terminal::escape(text, Style::Plain).replace('\n', " ")
}

/// The number of tests that have run, if there are tests.
fn tests(status: &DeployResult) -> String {
    match status.number_tests_total {
        0 => String::new(),
        total => {
            let run = status.number_tests_completed + status.number_test_errors;
            format!(", {run}/{total} tests")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_wait_is_reported_until_it_ends() {
        let (reports, third) = (Cell::new(0), Notify::new());
        let report = |waited: Duration| {
            assert!(waited >= Duration::from_millis(1), "{waited:?}");
            reports.set(reports.get() + 1);
            if reports.get() == 3 {
                third.notify_one();
            }
        };
        reporting(Duration::from_millis(1), report, third.notified()).await;
        assert_eq!(reports.get(), 3);
        let early = |waited| panic!("reported after {waited:?}");
        assert_eq!(reporting(REPORT_INTERVAL, early, async { 7 }).await, 7);
    }
}
