//! Headless login with a one-time password, on top of the authorization challenge (Salesforce Help,
//! "OAuth 2.0 for First-Party Applications: Headless Passwordless Login Flow for Private Clients").

use crate::challenge::passwordless::{PasswordlessField, PasswordlessParameters};
use crate::challenge::state_machine::Fields;
use crate::challenge::verification_method::VerificationMethod;
use crate::error::Error;
use crate::headless::HeadlessClient;
use crate::headless::verification::{Started, VerificationFlow};

impl HeadlessClient {
    /// Makes the site send a one-time password to the user with this email address, phone number or
    /// user name; [`verify`](Self::verify) logs in with it. The
    /// [profile](crate::challenge::passwordless::PasswordlessParameters) defines the fields of each
    /// request.
    ///
    /// # Errors
    ///
    /// [`Error`] of the step that failed, with the server's error if it sent one.
    pub async fn passwordless(
        &self,
        identifier: &str,
        method: VerificationMethod,
    ) -> Result<Started, Error> {
        let names = self.app.profile.passwordless.as_ref();
        let names = names.ok_or_else(|| self.not_in_profile("passwordless"))?;
        let steps = names.steps.iter();
        let flow = VerificationFlow {
            steps: steps
                .map(|step| fields(names, step, identifier, method))
                .collect(),
            fixed: &names.fixed,
            one_time_password: &names.one_time_password,
        };
        self.start(flow).await
    }
}

/// The fields of a step, without the one-time password, which is not known yet.
fn fields(
    names: &PasswordlessParameters,
    step: &[PasswordlessField],
    identifier: &str,
    method: VerificationMethod,
) -> Fields {
    step.iter()
        .fold(Fields::new(), |fields, field| match field {
            PasswordlessField::Identifier => fields.with(&names.identifier, identifier),
            PasswordlessField::Method => match &names.method {
                Some(parameter) => fields.with(&parameter.name, parameter.value(method)),
                None => fields,
            },
            PasswordlessField::OneTimePassword => fields,
        })
}
