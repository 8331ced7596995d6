//! How a one-time password reaches the user.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::challenge::parameter_name::ParameterName;

/// How a one-time password reaches the user (Salesforce Help, "OAuth 2.0 for First-Party
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

/// The parameter for the verification method.
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
