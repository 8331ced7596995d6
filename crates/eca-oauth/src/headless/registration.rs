//! Headless registration, on top of the authorization challenge (Salesforce Help, "OAuth 2.0 for
//! First-Party Applications: Headless Registration Flow for Private Clients").

use std::fmt;

use eca_attest::ClientId;
use eca_http::HttpClient;
use zeroize::Zeroizing;

use crate::challenge::profile::ChallengeProfile;
use crate::challenge::registration::{
    RegistrationField, RegistrationParameters, UserDataParameters,
};
use crate::challenge::state_machine::Fields;
use crate::challenge::verification_method::VerificationMethod;
use crate::client::authentication::ClientAuthentication;
use crate::client::pkce::PkceVerifier;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::headless::verification::{Started, VerificationFlow};
use crate::headless::{App, Exchange};
use crate::observe::Observer;
use crate::secret::{ClientSecret, Password};
use crate::sources::attestation::AttestationSource;
use crate::step::{Step, StepKind};
use crate::urls::SiteUrl;

/// The data of a new user, under the app's names, in the order given. `Debug` shows the names
/// only, since the values are personal data.
#[derive(Default)]
pub struct UserData(Vec<(String, Zeroizing<String>)>);

impl UserData {
    /// No data.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name and its value.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), Zeroizing::new(value.into())));
        self
    }

    /// Each name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str()))
    }

    /// One JSON object, names in the order given.
    pub(crate) fn to_json(&self) -> Zeroizing<String> {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let members: Vec<String> = self
            .iter()
            .map(|(name, value)| format!("{}:{}", text(name), text(value)))
            .collect();
        Zeroizing::new(format!("{{{}}}", members.join(",")))
    }
}

impl fmt::Debug for UserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// A registration in two halves: [`start`](Self::start) sends the user's data and makes the site
/// send a one-time password;
/// [`verify`](crate::headless::verification::PendingVerification::verify) sends that.
///
/// The [profile](RegistrationParameters) defines the fields of each request.
pub struct Registration {
    app: App,
    user: UserData,
    password: Option<Password>,
    method: VerificationMethod,
}

impl Registration {
    /// A registration at `site`.
    pub fn new(
        site: SiteUrl,
        profile: ChallengeProfile,
        client_id: ClientId,
        client_secret: ClientSecret,
        user: UserData,
        method: VerificationMethod,
    ) -> Self {
        Self {
            app: App::new(site, profile, client_id, client_secret),
            user,
            password: None,
            method,
        }
    }

    /// Sends the password that the user chose.
    #[must_use]
    pub fn with_password(mut self, password: Password) -> Self {
        self.password = Some(password);
        self
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

    /// Sends the user's data. `verifier` is used in the token request.
    ///
    /// A registration whose session was lost starts over once, with the same data, although the
    /// site may have created the user.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed; [`Error::NoParameter`] before anything is sent, when the
    /// profile has no parameter for a value that was given.
    pub async fn start(
        self,
        http: &HttpClient,
        attestation: &dyn AttestationSource,
        verifier: PkceVerifier,
        observer: &dyn Observer,
    ) -> Result<Started, Error> {
        let profile = self.app.profile.registration.as_ref();
        let names = profile
            .cloned()
            .ok_or_else(|| self.app.not_in_profile("registration"))?;
        self.check(&names)?;
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

    /// Checks that every value from the user has a parameter.
    fn check(&self, names: &RegistrationParameters) -> Result<(), Error> {
        let missing = match &names.user_data {
            UserDataParameters::Parameters(known) => {
                let name = self.user.iter().map(|(name, _)| name);
                let unknown = name.into_iter().find(|name| !known.contains_key(*name));
                unknown.map(str::to_owned)
            }
            UserDataParameters::Json(_) => None,
        };
        let password = self.password.is_some() && names.password.is_none();
        let missing = missing.or_else(|| password.then(|| "password".to_owned()));
        missing.map_or(Ok(()), |field| {
            let step = Step::new(StepKind::Challenge, self.app.site.host());
            Err(Error::NoParameter { step, field })
        })
    }

    fn fields(&self, names: &RegistrationParameters, step: &[RegistrationField]) -> Fields {
        step.iter()
            .fold(Fields::new(), |fields, field| match field {
                RegistrationField::UserData => self.user_data(&names.user_data, fields),
                RegistrationField::Password => match (&names.password, &self.password) {
                    (Some(name), Some(password)) => fields.with(name, password.expose_secret()),
                    _ => fields,
                },
                RegistrationField::Method => match &names.method {
                    Some(method) => fields.with(&method.name, method.value(self.method)),
                    None => fields,
                },
                RegistrationField::OneTimePassword => fields,
            })
    }

    fn user_data(&self, names: &UserDataParameters, fields: Fields) -> Fields {
        match names {
            UserDataParameters::Json(name) => fields.with(name, &self.user.to_json()),
            UserDataParameters::Parameters(names) => {
                self.user
                    .iter()
                    .fold(fields, |fields, (field, value)| match names.get(field) {
                        Some(name) => fields.with(name, value),
                        None => fields,
                    })
            }
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("app", &self.app)
            .field("user", &self.user)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
