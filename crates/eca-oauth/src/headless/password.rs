//! Headless login with user name and password, on top of the authorization challenge (Salesforce
//! Help, "OAuth 2.0 for First-Party Applications: Headless Username-Password Flow for Private
//! Clients").

use crate::challenge::profile::{LoginField, LoginParameters};
use crate::challenge::state_machine::{Authorized, Fields};
use crate::client::pkce::CodeChallenge;
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::headless::HeadlessClient;
use crate::headless::steps::Outcome;
use crate::secret::Password;

impl HeadlessClient {
    /// Logs a user in with user name and password. The flow is a sequence of exchanges:
    ///
    /// 1. if the [profile](crate::challenge::profile::ChallengeProfile) has `discover`: the site's
    ///    metadata, at most once an hour;
    /// 2. a challenge with scope, PKCE challenge, attestation, and what the profile's `first_step`
    ///    names;
    /// 3. if the server asks for more: a challenge with its session, user name and password; both,
    ///    since the draft leaves open whether a server stores the fields of the first request;
    /// 4. the code for a token, with the PKCE verifier and the client secret.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed, with the server's error if it sent one.
    pub async fn password(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<TokenResponse, Error> {
        let verifier = self.verifier()?;
        let challenge = verifier.challenge();
        let authorized = self.authorize(username, password, challenge).await?;
        self.redeem(authorized, verifier).await
    }

    /// Runs [`password`](Self::password) up to the code, which [`redeem`](Self::redeem) redeems
    /// with the verifier of `code_challenge`.
    ///
    /// # Errors
    ///
    /// As [`password`](Self::password).
    pub async fn authorize(
        &self,
        username: &str,
        password: &Password,
        code_challenge: CodeChallenge,
    ) -> Result<Authorized, Error> {
        let names = self.app.profile.login.as_ref();
        let names = names.ok_or_else(|| self.not_in_profile("login"))?;
        let steps = steps(names, username, password);
        let challenge = self.challenge(code_challenge).await?;
        match self.run_steps(challenge, &steps, false).await? {
            Outcome::Code(authorized) => Ok(authorized),
            Outcome::Open(_) => Err(self.not_in_profile("login")),
        }
    }
}

/// The profile's first step, and then all fields, since the draft leaves open whether a server
/// stores those of the first request.
fn steps(names: &LoginParameters, username: &str, password: &Password) -> Vec<Fields> {
    let all = [
        (LoginField::Username, &names.username, username),
        (
            LoginField::Password,
            &names.password,
            password.expose_secret(),
        ),
    ];
    let fields = |wanted: &dyn Fn(&LoginField) -> bool| {
        let chosen = all.iter().filter(|(field, ..)| wanted(field));
        chosen.fold(Fields::new(), |fields, (_, name, value)| {
            fields.with(name, value)
        })
    };
    let mut first = fields(&|field| names.first_step.contains(field));
    first.add_fixed(&names.fixed);
    let mut steps = vec![first];
    if !all
        .iter()
        .all(|(field, ..)| names.first_step.contains(field))
    {
        steps.push(fields(&|_| true));
    }
    steps
}
