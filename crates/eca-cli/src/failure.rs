//! A command that could not do its work.

use std::error::Error;
use std::fmt;

use eca_deploy::RequestError;
use eca_oauth::explain;
use serde::Serialize;

use crate::exit::Exit;
use crate::ui::suggestions::known;

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

    /// A failure to get or use a token.
    pub(crate) fn refused(error: &eca_oauth::Error) -> Self {
        let exit = match error {
            eca_oauth::Error::NotInProfile { .. }
            | eca_oauth::Error::NoParameter { .. }
            | eca_oauth::Error::LoginHost { .. } => Exit::Usage,
            _ => Exit::Authentication,
        };
        Self::from_error(exit, error)
    }

    /// The next step.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The next step, where none is known that fits better.
    #[must_use]
    pub(crate) fn or_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
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

/// The likeliest cause of a refusal and its fix, where an error has one somewhere among its causes.
fn hint(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(eca_deploy::Error::Request(RequestError::JwtOnSoap { .. })) =
            error.downcast_ref()
        {
            return Some(
                "deploys go over REST, which takes such tokens, unless eca.toml says deploy-api = \"soap\"; retrieve, list \
                 and describe know SOAP only"
                    .to_owned(),
            );
        }
        if let Some(refused) = error.downcast_ref::<eca_oauth::Error>() {
            let cause = explain::causes(refused).first()?;
            return Some(format!("{}; {}", cause.why, cause.fix));
        }
        let refused = error.downcast_ref::<eca_deploy::Error>();
        if let Some(refused) = refused.and_then(eca_deploy::Error::api_error) {
            let known = known(&refused.message)?;
            return Some(format!("{}; {}", known.cause, known.fix));
        }
        next = error.source();
    }
    None
}
