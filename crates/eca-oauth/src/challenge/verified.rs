//! Parameters of the flows that verify a user by a one-time password.
//!
//! Their steps are written out in the profile, since neither Salesforce's public pages nor the
//! draft say what goes into which request.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::challenge::{InvalidProfile, ParameterName};

/// Over what a one-time password reaches the user (Salesforce Help, "OAuth 2.0 for First-Party
/// Applications: Headless Passwordless Login Flow": email address or phone number).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerificationMethod {
    /// By email.
    Email,
    /// By text message.
    Sms,
}

impl VerificationMethod {
    /// `email` or `sms`, as the Headless Identity APIs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

impl fmt::Display for VerificationMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text that names no verification method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither email nor sms")]
pub struct UnknownMethod(String);

impl FromStr for VerificationMethod {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        match text {
            "email" => Ok(Self::Email),
            "sms" => Ok(Self::Sms),
            other => Err(UnknownMethod(other.to_owned())),
        }
    }
}

/// How the verification method is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MethodParameter {
    /// The parameter.
    pub name: ParameterName,
    /// Its value for email.
    pub email: String,
    /// Its value for text messages.
    pub sms: String,
}

impl MethodParameter {
    /// This parameter with these values.
    pub fn new(name: ParameterName, email: impl Into<String>, sms: impl Into<String>) -> Self {
        Self {
            name,
            email: email.into(),
            sms: sms.into(),
        }
    }

    pub(crate) fn value(&self, method: VerificationMethod) -> &str {
        match method {
            VerificationMethod::Email => &self.email,
            VerificationMethod::Sms => &self.sms,
        }
    }
}

/// How a login with a one-time password is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPasswordless")]
#[non_exhaustive]
pub struct PasswordlessParameters {
    /// The parameter for email address, phone number or user name.
    pub identifier: ParameterName,
    /// The parameter for the method, if it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodParameter>,
    /// The parameter for the one-time password.
    pub one_time_password: ParameterName,
    /// Parameters with a value that is always the same, such as one that tells this flow from
    /// others. They go into the first request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<ParameterName, String>,
    /// What each request holds. The one-time password stands in the last, alone or not.
    pub steps: Vec<Vec<PasswordlessField>>,
}

/// Something that a passwordless login sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PasswordlessField {
    /// Who logs in.
    Identifier,
    /// Over what the one-time password goes.
    Method,
    /// The one-time password.
    OneTimePassword,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPasswordless {
    identifier: ParameterName,
    method: Option<MethodParameter>,
    one_time_password: ParameterName,
    #[serde(default)]
    fixed: BTreeMap<ParameterName, String>,
    steps: Vec<Vec<PasswordlessField>>,
}

impl TryFrom<RawPasswordless> for PasswordlessParameters {
    type Error = InvalidProfile;

    fn try_from(raw: RawPasswordless) -> Result<Self, InvalidProfile> {
        let fixed = raw.fixed;
        let own = Self::new(raw.identifier, raw.method, raw.one_time_password, raw.steps)?;
        Ok(Self { fixed, ..own })
    }
}

impl PasswordlessParameters {
    /// These names and steps.
    ///
    /// # Errors
    ///
    /// [`InvalidProfile::Steps`] unless the one-time password stands in the last of two or more
    /// steps, and in no other.
    pub fn new(
        identifier: ParameterName,
        method: Option<MethodParameter>,
        one_time_password: ParameterName,
        steps: Vec<Vec<PasswordlessField>>,
    ) -> Result<Self, InvalidProfile> {
        check(&steps, &PasswordlessField::OneTimePassword)?;
        Ok(Self {
            identifier,
            method,
            one_time_password,
            fixed: BTreeMap::new(),
            steps,
        })
    }
}

/// How a user registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawRegistration")]
#[non_exhaustive]
pub struct RegistrationParameters {
    /// How the user data goes over.
    pub user_data: UserDataParameters,
    /// The parameter for the password, if users choose one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<ParameterName>,
    /// The parameter for the method, if it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodParameter>,
    /// The parameter for the one-time password.
    pub one_time_password: ParameterName,
    /// Parameters with a value that is always the same, such as one that tells this flow from
    /// others. They go into the first request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<ParameterName, String>,
    /// What each request holds. The one-time password stands in the last, alone or not.
    pub steps: Vec<Vec<RegistrationField>>,
}

/// How the data of a new user goes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum UserDataParameters {
    /// Each in a parameter: what the app calls it, and the parameter's name.
    Parameters(BTreeMap<String, ParameterName>),
    /// All as one JSON object in this parameter, under the names that the app uses.
    Json(ParameterName),
}

/// Something that a registration sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RegistrationField {
    /// The data of the new user.
    UserData,
    /// The password that the user chose.
    Password,
    /// Over what the one-time password goes.
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
        check(&raw.steps, &RegistrationField::OneTimePassword)?;
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
    /// As [`PasswordlessParameters::new`].
    pub fn new(
        user_data: UserDataParameters,
        one_time_password: ParameterName,
        steps: Vec<Vec<RegistrationField>>,
    ) -> Result<Self, InvalidProfile> {
        check(&steps, &RegistrationField::OneTimePassword)?;
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

fn check<F: PartialEq>(steps: &[Vec<F>], one_time_password: &F) -> Result<(), InvalidProfile> {
    match steps.split_last() {
        Some((last, before))
            if !before.is_empty()
                && last.contains(one_time_password)
                && !before.iter().any(|step| step.contains(one_time_password)) =>
        {
            Ok(())
        }
        _ => Err(InvalidProfile::Steps),
    }
}
