//! Parameters of a login with a one-time password.
//!
//! The profile lists the steps, since neither Salesforce's public pages nor the draft define what
//! each request contains.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::challenge::invalid_profile::InvalidProfile;
use crate::challenge::parameter_name::ParameterName;
use crate::challenge::verification_method::MethodParameter;

/// The parameters of a login with a one-time password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPasswordless")]
#[non_exhaustive]
pub struct PasswordlessParameters {
    /// The parameter for email address, phone number or user name.
    pub identifier: ParameterName,
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
    pub steps: Vec<Vec<PasswordlessField>>,
}

/// A field of a passwordless login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PasswordlessField {
    /// The user who logs in.
    Identifier,
    /// How the one-time password is sent.
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
        let parameters = Self::new(raw.identifier, raw.method, raw.one_time_password, raw.steps)?;
        Ok(Self {
            fixed,
            ..parameters
        })
    }
}

impl PasswordlessParameters {
    /// These names and steps.
    ///
    /// # Errors
    ///
    /// [`InvalidProfile::Steps`] unless the one-time password is in the last of two or more
    /// steps, and in no other.
    pub fn new(
        identifier: ParameterName,
        method: Option<MethodParameter>,
        one_time_password: ParameterName,
        steps: Vec<Vec<PasswordlessField>>,
    ) -> Result<Self, InvalidProfile> {
        InvalidProfile::check_steps(&steps, &PasswordlessField::OneTimePassword)?;
        Ok(Self {
            identifier,
            method,
            one_time_password,
            fixed: BTreeMap::new(),
            steps,
        })
    }
}
