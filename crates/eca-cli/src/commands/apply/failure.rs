//! The failure of an apply, with the next step.

use eca_apply::ApplyError;

use crate::auth;
use crate::auth::Target;
use crate::exit::Exit;
use crate::failure::Failure;

/// The failure of an apply.
pub(super) fn failed(target: &Target, error: ApplyError) -> Failure {
    let resume = target.command_line("apply --resume");
    let plan = target.command_line("plan");
    match error {
        ApplyError::NotStarted { step, source } => {
            let failure = auth::call_failed(target, "the deploy was not started", &source);
            if step.is_some() {
                return failure.hint(format!("to go on: {resume}"));
            }
            failure
        }
        ApplyError::Start { step, source } => {
            let failure = Failure::from_library(&source);
            if step.is_some() {
                return failure.hint(format!("to find it in the org and go on: {resume}"));
            }
            failure.or_hint(target.hint(source.error()))
        }
        ApplyError::Read(error) => match error.call() {
            Some(call) => auth::call_failed(target, "the org was not read", call),
            None => Failure::from_error(Exit::Failed, &error),
        },
        ApplyError::State(error) => {
            let failure = Failure::from_library(&error);
            failure.or_hint(Some(format!("plan again: {plan}")))
        }
        ApplyError::Refused { step, outcome } => {
            let problems = outcome.problems().iter();
            let problems: Vec<_> = problems.map(ToString::to_string).collect();
            let error = ApplyError::Refused { step, outcome };
            let message = format!("{error}\n{}", problems.join("\n"));
            let failure = Failure::new(Exit::Refused, message);
            match step {
                None => failure,
                Some(_) => failure.hint(format!(
                    "the steps before it are done; correct the project and plan again: {plan}"
                )),
            }
        }
        ApplyError::Plan(_) | ApplyError::StoredPlan(_) => Failure::from_error(Exit::Usage, &error),
        ApplyError::Unknown { .. } | ApplyError::Ambiguous { .. } | ApplyError::Stopped => {
            Failure::from_error(Exit::Unknown, &error).hint(format!("to go on: {resume}"))
        }
        ApplyError::Interrupted { .. } => {
            let abandon = target.command_line("apply --abandon");
            Failure::from_error(Exit::Failed, &error).hint(format!(
                "to go on: {resume}; to leave it and plan anew: {abandon}"
            ))
        }
        ApplyError::NothingInterrupted(_) => Failure::from_error(Exit::Failed, &error),
        ApplyError::Owned { ref app, .. } => {
            let forget = target.command_line(&format!("state forget --app {app}"));
            let hint =
                format!("if it moved to this project, let the other one forget it: {forget}");
            Failure::from_error(Exit::Failed, &error).hint(hint)
        }
        ApplyError::OtherOrg { .. } => Failure::from_error(Exit::Failed, &error)
            .hint("name the org of the plan: --org NAME, or plan again"),
        _ => Failure::from_error(Exit::Failed, &error).hint(format!("plan again: {plan}")),
    }
}
