//! The transcript of the steps: lines as they happen, a table at the end, records for JSON.

use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::ui::output::Output;

/// One step: its name, its result and its facts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DemoStep {
    number: usize,
    name: &'static str,
    title: &'static str,
    ok: bool,
    milliseconds: u64,
    facts: Map<String, Value>,
    #[serde(skip)]
    summary: String,
    #[serde(skip)]
    started_at: Instant,
}

/// The number of steps, when none is left out.
const STEPS: usize = 7;

/// All steps so far.
pub(super) struct Transcript<'a> {
    output: &'a Output,
    steps: Vec<DemoStep>,
    left_out: usize,
}

impl<'a> Transcript<'a> {
    pub(super) fn new(output: &'a Output) -> Self {
        Self {
            output,
            steps: Vec::new(),
            left_out: 0,
        }
    }

    /// Says why this many steps are left out.
    pub(super) fn leave_out(&mut self, steps: usize, why: &str) {
        self.left_out = steps;
        self.output.print(format_args!("Left out: {why}\n"));
    }

    /// Announces a step.
    pub(super) fn begin(&self, name: &'static str, title: &'static str) -> DemoStep {
        let number = self.steps.len() + 1;
        self.output.print(format_args!("{number}. {title}"));
        DemoStep {
            number,
            name,
            title,
            ok: false,
            milliseconds: 0,
            facts: Map::new(),
            summary: String::new(),
            started_at: Instant::now(),
        }
    }

    /// Closes a step and returns its failure.
    pub(super) fn end<T>(
        &mut self,
        mut step: DemoStep,
        result: Result<T, Failure>,
    ) -> Result<T, Failure> {
        step.milliseconds = milliseconds(step.started_at.elapsed());
        step.ok = result.is_ok();
        let verdict = if step.ok { "done" } else { "FAILED" };
        self.output
            .print(format_args!("   {verdict} in {} ms", step.milliseconds));
        self.output.print("");
        self.steps.push(step);
        result
    }

    pub(super) fn steps(&self) -> &[DemoStep] {
        &self.steps
    }

    /// The table at the end.
    pub(super) fn table(&self, total: Duration) {
        self.output.print(format_args!(
            "{:<14}{:<8}{:>9}   details",
            "step", "result", "time"
        ));
        for step in &self.steps {
            let result = if step.ok { "ok" } else { "FAILED" };
            self.output.print(format_args!(
                "{:<14}{result:<8}{:>6} ms   {}",
                step.name, step.milliseconds, step.summary
            ));
        }
        let ok = self.steps.iter().filter(|step| step.ok).count();
        let counts = format!("{ok} of {}", STEPS - self.left_out);
        self.output.print(format_args!(
            "{:<14}{counts:<8}{:>6} ms",
            "total",
            milliseconds(total)
        ));
    }
}

impl DemoStep {
    /// A fact for the JSON document.
    pub(super) fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.to_owned(), value.into());
    }

    /// The summary of the step in the table.
    pub(super) fn summary(&mut self, summary: impl Into<String>) {
        self.summary = summary.into();
    }
}

/// Whole milliseconds.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
