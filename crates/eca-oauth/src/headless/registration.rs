//! Headless registration, on top of the authorization challenge (Salesforce Help, "OAuth 2.0 for
//! First-Party Applications: Headless Registration Flow for Private Clients").

use std::fmt;

use zeroize::Zeroizing;

use crate::challenge::registration::{
    RegistrationField, RegistrationParameters, UserDataParameters,
};
use crate::challenge::state_machine::Fields;
use crate::challenge::verification_method::VerificationMethod;
use crate::error::Error;
use crate::headless::HeadlessClient;
use crate::headless::verification::{Started, VerificationFlow};
use crate::secret::Password;

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

impl HeadlessClient {
    /// Sends the data of a new user, and the password that they chose, if any, and makes the site
    /// send a one-time password; [`verify`](Self::verify) logs in with it. The
    /// [profile](RegistrationParameters) defines the fields of each request.
    ///
    /// A registration whose session was lost starts over once, with the same data, although the
    /// site may have created the user.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed; [`Error::NoParameter`] before anything is sent, when the
    /// profile has no parameter for a value that was given.
    pub async fn register(
        &self,
        user: &UserData,
        password: Option<&Password>,
        method: VerificationMethod,
    ) -> Result<Started, Error> {
        let names = self.app.profile.registration.as_ref();
        let names = names.ok_or_else(|| self.not_in_profile("registration"))?;
        let values = Values {
            user,
            password,
            method,
        };
        if let Some(field) = values.without_parameter(names) {
            let step = self.step();
            return Err(Error::NoParameter { step, field });
        }
        let steps = names.steps.iter();
        let flow = VerificationFlow {
            steps: steps.map(|step| values.fields(names, step)).collect(),
            fixed: &names.fixed,
            one_time_password: &names.one_time_password,
        };
        self.start(flow).await
    }
}

/// The values of one registration.
struct Values<'a> {
    user: &'a UserData,
    password: Option<&'a Password>,
    method: VerificationMethod,
}

impl Values<'_> {
    /// A value from the user that has no parameter.
    fn without_parameter(&self, names: &RegistrationParameters) -> Option<String> {
        if let UserDataParameters::Parameters(known) = &names.user_data {
            let mut given = self.user.iter().map(|(name, _)| name);
            if let Some(unknown) = given.find(|name| !known.contains_key(*name)) {
                return Some(unknown.to_owned());
            }
        }
        let password = self.password.is_some() && names.password.is_none();
        password.then(|| "password".to_owned())
    }

    fn fields(&self, names: &RegistrationParameters, step: &[RegistrationField]) -> Fields {
        step.iter()
            .fold(Fields::new(), |fields, field| match field {
                RegistrationField::UserData => self.user_data(&names.user_data, fields),
                RegistrationField::Password => match (&names.password, self.password) {
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
