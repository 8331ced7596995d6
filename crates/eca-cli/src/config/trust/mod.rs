//! Trust in a file: what can send a secret or run a command counts only after the user agreed.
//!
//! The pure parts are [`members`] (what a file names, and its digest) and [`decision`].
//! This module asks and records.

mod decision;
mod members;
mod record;

use std::path::Path;

use crate::config::trust::decision::{Decision, Difference, Facts, Refusal, decide};
use crate::config::trust::record::Record;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::owner::OwnerProblem;
use crate::files::shell;
use crate::ui::{output, question};
pub(crate) use decision::TrustConfig;
pub(crate) use members::Members;

/// Whether a file is trusted, without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Trusted,
    /// It has changed since it was trusted.
    Changed,
    Unknown,
}

/// `--trust-config` or `ECA_TRUST_CONFIG`; empty is not given.
pub(crate) fn given(context: &Context) -> Result<Option<TrustConfig>, Failure> {
    match context.trust_config() {
        None | Some("") => Ok(None),
        Some("1") => Ok(Some(TrustConfig::Checkout)),
        Some(text) => text
            .parse()
            .map(TrustConfig::Digest)
            .map(Some)
            .map_err(|_| {
                let message = "--trust-config (ECA_TRUST_CONFIG) is neither 1 nor a digest";
                Failure::new(Exit::Usage, message)
                    .hint("print the digest of eca.toml: eca trust --digest")
            }),
    }
}

/// Refuses a file of another user, unless the user vouched for it.
pub(super) fn require_owner(
    given: Option<&TrustConfig>,
    path: &Path,
    problem: Option<OwnerProblem>,
    members: &Members,
) -> Result<(), Failure> {
    let Some(problem) = problem else {
        return Ok(());
    };
    let is_vouched_for = match given {
        Some(TrustConfig::Checkout) => true,
        Some(TrustConfig::Digest(digest)) => *digest == members.digest(),
        None => false,
    };
    if is_vouched_for {
        return Ok(());
    }
    let shown = path.display();
    let remedy = problem.remedy();
    let message = format!("{shown} is not used: {problem}");
    Err(Failure::new(Exit::Usage, message).hint(format!(
        "if it is yours: {remedy} {}; in CI: ECA_TRUST_CONFIG=1 if the whole checkout is yours",
        shell::word(&shown.to_string())
    )))
}

/// Returns when a file is trusted; on a terminal it asks.
pub(super) fn require(context: &Context, path: &Path, members: &Members) -> Result<(), Failure> {
    let given = given(context)?;
    let recorded = if members.is_empty() || given.is_some() {
        None
    } else {
        Record::read(path)?
    };
    let decision = decide(&Facts {
        members,
        given: given.as_ref(),
        recorded: recorded
            .as_ref()
            .map(|record| (record.digest.as_str(), record.members.as_slice())),
        is_terminal: question::can_ask(),
    });
    match decision {
        Decision::Trusted => Ok(()),
        Decision::Ask(difference) => ask(path, members, difference),
        Decision::Refused(refusal) => Err(refused(path, refusal)),
    }
}

fn ask(path: &Path, members: &Members, difference: Difference) -> Result<(), Failure> {
    let shown = path.display();
    let lines = match difference {
        Difference::New(lines) => {
            output::prompt(format_args!("{shown} is not trusted yet. It names:"));
            lines
        }
        Difference::Changed(lines) => {
            output::prompt(format_args!("{shown} has changed since it was trusted:"));
            lines
        }
    };
    for line in lines {
        output::prompt(format_args!("  {line}"));
    }
    let question = "trust it? It can send these secrets to these hosts, and run these commands";
    if question::agrees(question)? {
        return record(path, members);
    }
    Err(Failure::new(Exit::Usage, format!("{shown} is not trusted")))
}

fn refused(path: &Path, refusal: Refusal) -> Failure {
    let shown = path.display();
    let folder = path.parent().unwrap_or(path).display().to_string();
    let line = format!("eca trust --project {}", shell::word(&folder));
    let (message, hint) = match refusal {
        Refusal::Unknown => (
            format!("{shown} is not trusted yet: it names hosts that get secrets, or commands"),
            format!("show what it names and trust it: {line} (in CI: ECA_TRUST_CONFIG=DIGEST, from `eca trust --digest`)"),
        ),
        Refusal::Changed => (
            format!("{shown} has changed since it was trusted"),
            format!("show what has changed and trust it: {line}"),
        ),
        Refusal::OtherDigest { given, actual } => (
            format!("{shown} has the digest {actual}, and only {given} is trusted"),
            "compare it with the version that was trusted, then give the new digest as ECA_TRUST_CONFIG or --trust-config"
                .to_owned(),
        ),
    };
    Failure::new(Exit::Usage, message).hint(hint)
}

/// Records that the user trusts a file as it is now.
pub(crate) fn record(path: &Path, members: &Members) -> Result<(), Failure> {
    Record::new(path, members).write()
}

/// Whether a file is trusted, and the lines to show: all, or those that have changed.
pub(crate) fn state(path: &Path, members: &Members) -> Result<(State, Vec<String>), Failure> {
    Ok(match Record::read(path)? {
        None => (State::Unknown, members.shown()),
        Some(record) if record.digest == members.digest().to_string() => {
            (State::Trusted, members.shown())
        }
        Some(record) => (State::Changed, members.difference(&record.members)),
    })
}

/// Forgets a file; whether it was trusted.
pub(crate) fn revoke(path: &Path) -> Result<bool, Failure> {
    Record::remove(path)
}
