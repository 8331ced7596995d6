//! What is said while a plan is applied.

use std::ops::ControlFlow;

use eca_apply::Event;
use eca_plan::{Plan, Step};

use crate::context::Context;
use crate::ui::progress::Progress;

/// Says what happens.
pub(super) struct Watch<'a> {
    context: &'a Context,
    steps: usize,
    progress: Option<Progress<'a>>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(context: &'a Context, plan: &Plan) -> Self {
        let steps = plan.steps.len();
        let progress = None;
        Self {
            context,
            steps,
            progress,
        }
    }

    pub(super) fn observer(&mut self) -> impl FnMut(Event<'_>) -> ControlFlow<()> + Send + '_ {
        |event| {
            self.see(&event);
            ControlFlow::Continue(())
        }
    }

    fn see(&mut self, event: &Event<'_>) {
        let output = &self.context.output;
        match event {
            Event::Locked => output.info("locked; reading the org once more"),
            Event::Checking => output.info("the org checks everything together"),
            Event::Step { step, what } => {
                let line = format!("step {} of {}: {}", step + 1, self.steps, said(what));
                output.info(line);
            }
            Event::Deploy { id, .. } => {
                output.info(format_args!("  deploy {id}"));
                self.progress = Some(Progress::start(output));
            }
            Event::Status(status) => {
                if let Some(progress) = &mut self.progress {
                    progress.status(status);
                }
            }
            Event::Checked | Event::StepDone { .. } => self.progress = None,
            Event::Verifying => output.info("reading the org to compare"),
            _ => {}
        }
    }
}

fn said(step: &Step) -> String {
    let count = |components: usize| match components {
        1 => "1 component".to_owned(),
        many => format!("{many} components"),
    };
    match step {
        Step::Deploy { stage, components } => {
            format!("deploy {}: {stage}", count(components.len()))
        }
        Step::Delete { components } => format!("delete {}", count(components.len())),
        Step::ByHand { task } => task.to_string(),
        _ => "another step".to_owned(),
    }
}
