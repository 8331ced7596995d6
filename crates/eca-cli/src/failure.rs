//! A command that could not do its work.

use std::error::Error;
use std::fmt;

use serde::Serialize;

use crate::exit::Exit;
use crate::hints::hint;

/// Why a command stopped: how to exit, what failed with all its causes, and the next step where one
/// is known.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// A failure with a message of our own.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// A failure out of an error whose type tells how to exit.
    pub(crate) fn from_library<E: Error + 'static>(error: &E) -> Self
    where
        for<'a> Exit: From<&'a E>,
    {
        Self::from_error(Exit::from(error), error)
    }

    /// A failure out of an error, with the chain of its sources.
    pub(crate) fn from_error(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        failure.add_causes(error.source());
        failure.maybe_hint(hint(error))
    }

    /// A failure with a message of our own and an error as its cause.
    pub(crate) fn caused_by(
        exit: Exit,
        message: impl Into<String>,
        error: &(dyn Error + 'static),
    ) -> Self {
        let mut failure = Self::new(exit, message);
        failure.add_causes(Some(error));
        failure.maybe_hint(hint(error))
    }

    /// The next step.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The next step, where none is known that fits better.
    #[must_use]
    pub(crate) fn or_hint(mut self, hint: Option<String>) -> Self {
        self.hint = self.hint.or(hint);
        self
    }

    /// The next step, where the error knows one.
    #[must_use]
    pub(crate) fn maybe_hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into).or(self.hint);
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The failure for a program.
    pub(crate) fn to_json(&self) -> impl Serialize + use<> {
        #[derive(Serialize)]
        struct Document {
            message: String,
            causes: Vec<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            hint: Option<String>,
        }
        Document {
            message: self.message.clone(),
            causes: self.causes.clone(),
            hint: self.hint.clone(),
        }
    }

    fn add_causes(&mut self, mut error: Option<&(dyn Error + 'static)>) {
        while let Some(cause) = error {
            let text = cause.to_string();
            // Wrappers that show their cause themselves must not make it appear twice.
            let shown = self.causes.last().unwrap_or(&self.message);
            if !shown.ends_with(&text) {
                self.causes.push(text);
            }
            error = cause.source();
        }
    }
}

/// For a person: `error:`, the causes, `hint:`; each ends its line.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "error: {}", self.message)?;
        for cause in &self.causes {
            writeln!(formatter, "  caused by: {cause}")?;
        }
        match &self.hint {
            Some(hint) => writeln!(formatter, "hint: {hint}"),
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
