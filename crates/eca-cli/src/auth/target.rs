//! An org that a command talks to.

use std::collections::BTreeSet;
use std::sync::Arc;

use eca_apply::Gate;
use eca_deploy::{Client, Endpoint};
use eca_model::ApiVersion;
use eca_oauth::{InstanceUrl, TokenSource};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hints;

/// An org that a command talks to.
pub(crate) struct Target {
    /// Its name in `eca.toml`; `None` for the org of the environment.
    pub(super) name: Option<String>,
    /// The org for `eca-deploy`.
    pub(crate) org: Client,
    /// The source of its tokens.
    pub(crate) tokens: Arc<dyn TokenSource>,
    /// Its instance URL.
    pub(crate) instance: InstanceUrl,
    /// The `method` of its tokens in `eca.toml`.
    pub(crate) method: &'static str,
    /// The consumer key that its tokens are issued to, where `eca.toml` names it.
    pub(crate) client_id: Option<String>,
    /// What may be applied to it without being allowed on the command line.
    pub(crate) allow: BTreeSet<Gate>,
}

impl Target {
    pub(super) fn new(
        context: &Context,
        instance: InstanceUrl,
        version: Option<ApiVersion>,
        tokens: Arc<dyn TokenSource>,
        method: &'static str,
    ) -> Result<Self, Failure> {
        let endpoint = Endpoint::new(&instance, version.unwrap_or(ApiVersion::NEWEST_CHECKED));
        Ok(Self {
            name: None,
            org: Client::new(endpoint, context.http()?, Arc::clone(&tokens)),
            tokens,
            instance,
            method,
            client_id: None,
            allow: BTreeSet::new(),
        })
    }

    /// Its name in `eca.toml`; `None` for the org of the environment.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A command line for this org.
    pub(crate) fn command_line(&self, command: &str) -> String {
        match &self.name {
            Some(name) => format!("eca {command} --org {name}"),
            None => format!("eca {command}"),
        }
    }

    /// The next step for an error of a call that has no hint.
    pub(crate) fn hint(&self, error: &eca_deploy::Error) -> Option<String> {
        hints::call(error, self.shown(), self.org.endpoint().instance())
    }

    /// Its name in messages.
    pub(crate) fn shown(&self) -> &str {
        self.name
            .as_deref()
            .unwrap_or_else(|| self.org.endpoint().instance())
    }
}

/// The failure of a call that changes nothing in the org.
pub(crate) fn call_failed(target: &Target, message: &str, error: &eca_deploy::Error) -> Failure {
    let Some(unsent) = error.send_error() else {
        return Failure::caused_by(Exit::from(error), message, error).or_hint(target.hint(error));
    };
    // The causes of a connection that fails are the layers of the HTTP client: one line says it.
    let (host, kind, attempts) = (unsent.host(), unsent.last.kind(), unsent.attempts);
    let (count, seconds) = (attempts.count, attempts.elapsed.as_secs_f64());
    let plural = if count == 1 { "" } else { "s" };
    let message = format!("{message}: {host}: {kind} ({count} attempt{plural} in {seconds:.1} s)");
    Failure::new(Exit::from(error), message).maybe_hint(target.hint(error))
}
