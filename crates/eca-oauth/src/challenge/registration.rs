//! Parameters of a registration. The profile lists the steps, as it does for a
//! [passwordless login](crate::challenge::passwordless).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::challenge::invalid_profile::InvalidProfile;
use crate::challenge::parameter_name::ParameterName;
use crate::challenge::verification_method::MethodParameter;

/// The parameters of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawRegistration")]
#[non_exhaustive]
pub struct RegistrationParameters {
    /// How the user data is sent.
    pub user_data: UserDataParameters,
    /// The parameter for the password, if users choose one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<ParameterName>,
    /// The parameter for the method, if it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodParameter>,
    /// The parameter for the one-time password.
    pub one_time_password: ParameterName,
    /// Parameters with a constant value, such as one that selects this flow. They are sent in the
    /// first request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<ParameterName, String>,
    /// The fields of each request. The one-time password is in the last one, alone or not.
    pub steps: Vec<Vec<RegistrationField>>,
}

/// How the data of a new user is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum UserDataParameters {
    /// Each value in its own parameter: the app's name of the value, and the parameter.
    Parameters(BTreeMap<String, ParameterName>),
    /// All values as one JSON object in this parameter, under the app's names.
    Json(ParameterName),
}

/// A field of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RegistrationField {
    /// The data of the new user.
    UserData,
    /// The password that the user chose.
    Password,
    /// How the one-time password is sent.
    Method,
    /// The one-time password.
    OneTimePassword,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegistration {
    user_data: UserDataParameters,
    password: Option<ParameterName>,
    method: Option<MethodParameter>,
    one_time_password: ParameterName,
    #[serde(default)]
    fixed: BTreeMap<ParameterName, String>,
    steps: Vec<Vec<RegistrationField>>,
}

impl TryFrom<RawRegistration> for RegistrationParameters {
    type Error = InvalidProfile;

    fn try_from(raw: RawRegistration) -> Result<Self, InvalidProfile> {
        InvalidProfile::check_steps(&raw.steps, &RegistrationField::OneTimePassword)?;
        Ok(Self {
            user_data: raw.user_data,
            password: raw.password,
            method: raw.method,
            one_time_password: raw.one_time_password,
            fixed: raw.fixed,
            steps: raw.steps,
        })
    }
}

impl RegistrationParameters {
    /// These names and steps, without password and method.
    ///
    /// # Errors
    ///
    /// [`InvalidProfile::Steps`], as for a passwordless login.
    pub fn new(
        user_data: UserDataParameters,
        one_time_password: ParameterName,
        steps: Vec<Vec<RegistrationField>>,
    ) -> Result<Self, InvalidProfile> {
        InvalidProfile::check_steps(&steps, &RegistrationField::OneTimePassword)?;
        Ok(Self {
            user_data,
            password: None,
            method: None,
            one_time_password,
            fixed: BTreeMap::new(),
            steps,
        })
    }
}
