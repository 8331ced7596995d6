//! What the steps hand on to each other.

use std::sync::Arc;

use eca_attest::PrivateKey;
use eca_deploy::{Endpoint, Package};
use eca_http::HttpClient;
use eca_model::{ApiVersion, Project};
use eca_oauth::{AccessToken, ClientId, StaticToken};

use crate::commands::demo::customer::Customer;
use crate::commands::demo::workplace::Workplace;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The embedded org and the state of the road.
pub(super) struct Stage<'a> {
    pub(super) context: &'a Context,
    pub(super) org: eca_emulator::Org,
    pub(super) workplace: Workplace,
    pub(super) http: HttpClient,
    /// Step 1.
    pub(super) project: Option<Project>,
    /// Step 3.
    pub(super) key: Option<PrivateKey>,
    /// Step 4.
    pub(super) package: Option<Package>,
    /// Step 5: the consumer key that the org made.
    pub(super) client_id: Option<ClientId>,
    /// Step 6.
    pub(super) customer: Option<Customer>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        context: &'a Context,
        org: eca_emulator::Org,
        workplace: Workplace,
    ) -> Result<Self, Failure> {
        Ok(Self {
            http: context.http()?,
            context,
            org,
            workplace,
            project: None,
            key: None,
            package: None,
            client_id: None,
            customer: None,
        })
    }

    pub(super) fn end(self) -> (eca_emulator::Org, Workplace) {
        (self.org, self.workplace)
    }

    /// A line of the account.
    pub(super) fn say(&self, line: impl std::fmt::Display) {
        let text = line.to_string().replace('\n', "\n   ");
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

    pub(super) fn project(&self) -> Result<&Project, Failure> {
        self.project.as_ref().ok_or_else(missing)
    }

    pub(super) fn key(&self) -> Result<&PrivateKey, Failure> {
        self.key.as_ref().ok_or_else(missing)
    }

    pub(super) fn package(&self) -> Result<&Package, Failure> {
        self.package.as_ref().ok_or_else(missing)
    }

    pub(super) fn client_id(&self) -> Result<&ClientId, Failure> {
        self.client_id.as_ref().ok_or_else(missing)
    }

    pub(super) fn customer(&self) -> Result<&Customer, Failure> {
        self.customer.as_ref().ok_or_else(missing)
    }
}

/// A step that did not give what it should.
pub(super) fn failed(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Failed, message)
}

/// A step that a library call ended.
pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::from_error(Exit::Failed, error)
}

/// Steps run in order and a failed one ends the road, so this is not reached.
fn missing() -> Failure {
    failed("an earlier step did not leave its result")
}
