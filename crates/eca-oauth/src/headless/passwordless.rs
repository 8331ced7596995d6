//! Headless login with a one-time password, on top of the authorization challenge (Salesforce Help,
//! "OAuth 2.0 for First-Party Applications: Headless Passwordless Login Flow for Private Clients").

use std::fmt;

use eca_attest::ClientId;
use eca_http::HttpClient;

use crate::challenge::passwordless::{PasswordlessField, PasswordlessParameters};
use crate::challenge::profile::ChallengeProfile;
use crate::challenge::state_machine::Fields;
use crate::challenge::verification_method::VerificationMethod;
use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::PkceVerifier;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::headless::verification::{Started, VerificationFlow};
use crate::headless::{App, Exchange};
use crate::observe::Observer;
use crate::secret::ClientSecret;
use crate::sources::attestation::AttestationSource;
use crate::urls::SiteUrl;

/// A login with a one-time password, in two halves: [`start`](Self::start) makes the site send it;
/// [`PendingVerification::verify`](crate::headless::verification::PendingVerification::verify)
/// sends what the user entered.
///
/// The [profile](crate::challenge::passwordless::PasswordlessParameters) defines the fields of each
/// request. Each request has its own attestation. A lost session, a redirect to the web and an
/// unreadable response are handled as in
/// [`UsernamePasswordLogin`](crate::headless::password::UsernamePasswordLogin).
pub struct PasswordlessLogin {
    app: App,
    identifier: String,
    method: VerificationMethod,
}

impl PasswordlessLogin {
    /// A login at `site` with this email address, phone number or user name.
    pub fn new(
        site: SiteUrl,
        profile: ChallengeProfile,
        client_id: ClientId,
        client_secret: ClientSecret,
        identifier: impl Into<String>,
        method: VerificationMethod,
    ) -> Self {
        Self {
            app: App::new(site, profile, client_id, client_secret),
            identifier: identifier.into(),
            method,
        }
    }

    /// Requests these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: Scopes) -> Self {
        self.app.scope = Some(scope);
        self
    }

    /// Sends the secret this way when the code is redeemed.
    #[must_use]
    pub fn with_token_authentication(mut self, how: ClientAuthentication) -> Self {
        self.app.token_authentication = how;
        self
    }

    /// Makes the site send the one-time password. `verifier` is used in the token request.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed, with the server's error if it sent one.
    pub async fn start(
        self,
        http: &HttpClient,
        attestation: &dyn AttestationSource,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<Started, Error> {
        let profile = self.app.profile.passwordless.as_ref();
        let names = profile
            .cloned()
            .ok_or_else(|| self.app.not_in_profile("passwordless"))?;
        let steps = names.steps.iter();
        let flow = VerificationFlow {
            steps: steps.map(|step| self.fields(&names, step)).collect(),
            fixed: names.fixed,
            one_time_password: names.one_time_password,
        };
        let exchange = Exchange {
            http,
            attestation,
            observer,
        };
        flow.start(self.app, exchange, verifier).await
    }

    /// The fields of a step, without the one-time password, which is not known yet.
    fn fields(&self, names: &PasswordlessParameters, step: &[PasswordlessField]) -> Fields {
        step.iter()
            .fold(Fields::new(), |fields, field| match field {
                PasswordlessField::Identifier => fields.with(&names.identifier, &self.identifier),
                PasswordlessField::Method => match &names.method {
                    Some(method) => fields.with(&method.name, method.value(self.method)),
                    None => fields,
                },
                PasswordlessField::OneTimePassword => fields,
            })
    }
}

impl fmt::Debug for PasswordlessLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordlessLogin")
            .field("app", &self.app)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
