//! The context of all steps.

use std::sync::Arc;

use eca_deploy::Endpoint;
use eca_http::HttpClient;
use eca_model::ApiVersion;
use eca_oauth::{AccessToken, StaticToken};

use crate::commands::demo::workdir::Workdir;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The org, the folder and the HTTP client of the demo.
pub(super) struct DemoContext<'a> {
    pub(super) context: &'a Context,
    pub(super) org: eca_emulator::Org,
    pub(super) workdir: Workdir,
    pub(super) http: HttpClient,
}

impl<'a> DemoContext<'a> {
    pub(super) fn new(
        context: &'a Context,
        org: eca_emulator::Org,
        workdir: Workdir,
    ) -> Result<Self, Failure> {
        Ok(Self {
            http: context.http()?,
            context,
            org,
            workdir,
        })
    }

    pub(super) fn end(self) -> (eca_emulator::Org, Workdir) {
        (self.org, self.workdir)
    }

    /// Prints an indented line of the transcript. The output indents further lines by two more.
    pub(super) fn print(&self, line: impl std::fmt::Display) {
        let text = line.to_string().replace('\n', "\n ");
        self.context.output.print(format_args!("   {text}"));
    }

    /// The org as `eca-deploy` sees it, with the administrator's token.
    pub(super) fn deploy_org(&self, version: ApiVersion) -> Result<eca_deploy::Client, Failure> {
        let instance = self
            .org
            .instance_url()
            .parse()
            .map_err(|e: eca_oauth::InvalidUrl| broken(&e))?;
        let token = AccessToken::new(self.org.admin_access_token().expose_secret())
            .map_err(|e| broken(&e))?;
        Ok(eca_deploy::Client::new(
            Endpoint::new(&instance, version),
            self.http.clone(),
            Arc::new(StaticToken::new(token)),
        ))
    }
}

/// A step with a wrong result.
pub(super) fn failed(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Failed, message)
}

/// A step in which a library failed.
pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::from_error(Exit::Failed, error)
}
