//! `eca doctor`: why a login does not work. Prints no token, secret, assertion or password, at any
//! verbosity.

mod checks;
mod diagnosis;
mod headless;
mod identity;
mod login;
mod org;
mod project;

use eca_oauth::explain::{self, Check};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::paint::Paint;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Check how tokens are requested: assertion, key, certificate, audience, clock, and one token
    Login,
    /// Check headless login at the org's site: host, attestation, app, and one challenge
    Headless,
    /// Check the org: host, clock, token, API
    Org,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Login => "doctor-login",
            Self::Headless => "doctor-headless",
            Self::Org => "doctor-org",
        }
    }
}

/// The result of a check.
#[derive(Debug, Serialize, JsonSchema)]
struct Finding {
    check: &'static str,
    state: State,
    detail: String,
    /// The name of the likeliest cause of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<String>,
    /// Which check of the table of causes this is.
    #[serde(skip)]
    asked: Option<Check>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum State {
    Ok,
    Failed,
    /// Cannot be known from here.
    Unknown,
}

impl Finding {
    fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, State::Ok, detail)
    }

    fn unknown(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, State::Unknown, detail)
    }

    /// A failure that is not in the table of causes.
    fn failed(check: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        let mut finding = Self::new(check, State::Failed, detail);
        finding.fixes.push(fix.into());
        finding
    }

    /// A failure with a cause and its fix from the table.
    fn caused(check: &'static str, cause: &'static str, detail: impl Into<String>) -> Self {
        let mut finding = Self::new(check, State::Failed, detail);
        let known = explain::all().iter().find(|known| known.id == cause);
        finding.cause = Some(cause);
        finding.asked = known.map(|cause| cause.check);
        finding
            .fixes
            .extend(known.map(|cause| cause.fix.to_owned()));
        finding
    }

    /// Sets which check of the table of causes this is.
    fn answering(mut self, check: Check) -> Self {
        self.asked = Some(check);
        self
    }

    fn new(check: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self {
            check,
            state,
            detail: detail.into(),
            cause: None,
            fixes: Vec::new(),
            asked: None,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    checks: &'a [Finding],
    first_failed: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
}

pub(crate) async fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    let findings = match command {
        Command::Login => login::examine(context).await?,
        Command::Headless => headless::examine(context).await?,
        Command::Org => org::examine(context).await?,
    };
    let first = findings.iter().find(|f| f.state == State::Failed);
    let exit = if first.is_some() {
        Exit::Failed
    } else {
        Exit::Success
    };
    let document = Document {
        checks: &findings,
        first_failed: first.map(|finding| finding.check),
        cause: first.and_then(|finding| finding.cause),
    };
    context.output.document(command.name(), exit, &document);
    for finding in &findings {
        let (paint, word) = match finding.state {
            State::Ok => (Paint::Good, "ok"),
            State::Failed => (Paint::Bad, "FAILED"),
            State::Unknown => (Paint::Changed, "unknown"),
        };
        let (check, detail) = (finding.check, &finding.detail);
        let spaces = " ".repeat(8 - word.len());
        let rest = format_args!("{spaces}{check}: {detail}");
        context.output.print_painted(paint, word, rest);
        if finding.state == State::Failed {
            for fix in &finding.fixes {
                context.output.print(format_args!("        fix: {fix}"));
            }
            // Later checks usually fail for the same reason.
            break;
        }
    }
    Ok(exit)
}
