//! The failure of a command.

use std::error::Error;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Exit;
use crate::hints::hint;
use crate::ui::terminal::indented;

/// The failure of a command: the exit code, the message with all causes, and the next step where
/// one is known.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
}

/// A failure in a JSON document.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FailureDocument {
    message: String,
    /// What it was caused by, from the outside in.
    causes: Vec<String>,
    /// The next step, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Failure {
    /// A failure with this message.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// The failure of an error whose type has an exit code.
    pub(crate) fn from_library<E: Error + 'static>(error: &E) -> Self
    where
        for<'a> Exit: From<&'a E>,
    {
        Self::from_error(Exit::from(error), error)
    }

    /// The failure of an error, with its chain of sources.
    pub(crate) fn from_error(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        failure.add_causes(error.source());
        failure.maybe_hint(hint(error))
    }

    /// A failure with this message and an error as its cause.
    pub(crate) fn caused_by(
        exit: Exit,
        message: impl Into<String>,
        error: &(dyn Error + 'static),
    ) -> Self {
        let mut failure = Self::new(exit, message);
        failure.add_causes(Some(error));
        failure.maybe_hint(hint(error))
    }

    /// Sets the next step.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the next step unless it has one.
    #[must_use]
    pub(crate) fn or_hint(mut self, hint: Option<String>) -> Self {
        self.hint = self.hint.or(hint);
        self
    }

    /// Sets the next step when there is one.
    #[must_use]
    pub(crate) fn maybe_hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into).or(self.hint);
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The failure in a JSON document.
    pub(crate) fn to_json(&self) -> FailureDocument {
        FailureDocument {
            message: self.message.clone(),
            causes: self.causes.clone(),
            hint: self.hint.clone(),
        }
    }

    fn add_causes(&mut self, mut error: Option<&(dyn Error + 'static)>) {
        while let Some(cause) = error {
            let text = cause.to_string();
            // Some wrappers print their cause themselves. It must not appear twice.
            let shown = self.causes.last().unwrap_or(&self.message);
            if !shown.ends_with(&text) {
                self.causes.push(text);
            }
            error = cause.source();
        }
    }
}

/// As text: `error:`, the causes, `hint:`, each on its line. Lines after the first of a text, which
/// an org may have written, are indented.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "error: {}", indented(&self.message))?;
        for cause in &self.causes {
            writeln!(formatter, "  caused by: {}", indented(cause))?;
        }
        match &self.hint {
            Some(hint) => writeln!(formatter, "hint: {}", indented(hint)),
            None => Ok(()),
        }
    }
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (**error).source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
