//! What could not be read, and why.

use std::fmt;

use eca_deploy::{ApiError, Error, RequestError};
use eca_plan::Unreadable;
use serde::{Deserialize, Serialize};

/// A fact that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnknownFact {
    /// What is not known: `who holds permission sets`.
    pub fact: String,
    /// Why, and what helps.
    #[serde(flatten)]
    pub unreadable: Unreadable,
}

impl UnknownFact {
    pub(super) fn new(fact: &str, unreadable: Unreadable) -> Self {
        Self {
            fact: fact.to_owned(),
            unreadable,
        }
    }
}

impl fmt::Display for UnknownFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not known: {}", self.fact, self.unreadable.reason)
    }
}

/// The codes of refusals about access to an object, a resource or an API. An object that the user
/// may not see answers as one that does not exist (SOAP API Developer Guide, "Core Data Types Used
/// in API Calls", `ExceptionCode`).
const ABOUT_ACCESS: &[&str] = &[
    "API_CURRENTLY_DISABLED",
    "API_DISABLED_FOR_ORG",
    "FUNCTIONALITY_NOT_ENABLED",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "INVALID_FIELD",
    "INVALID_TYPE",
    "METHOD_NOT_ALLOWED",
    "NOT_FOUND",
    "UNSUPPORTED_API_VERSION",
];

/// Whether a refusal is about access.
pub(super) fn is_about_access(error: &ApiError) -> bool {
    ABOUT_ACCESS.contains(&error.code.as_str())
}

/// A failure as something unreadable. `None` where it says nothing about access: no session, no
/// response, a limit.
pub(super) fn unreadable(error: &Error, remedy: &str) -> Option<Unreadable> {
    if let Error::Request(RequestError::JwtOnSoap { version }) = error {
        return Some(Unreadable {
            reason: format!(
                "the session's token is a JWT, which SOAP does not take in API version {version}"
            ),
            remedy: Some(
                "switch off \"Issue JSON Web Token (JWT)-based access tokens for named users\" for \
                 the app of the session, or use API version 68.0"
                    .to_owned(),
            ),
        });
    }
    let refusal = error.api_error().filter(|error| is_about_access(error))?;
    Some(refused(refusal, remedy))
}

/// A refusal as something unreadable.
pub(super) fn refused(refusal: &ApiError, remedy: &str) -> Unreadable {
    Unreadable {
        reason: format!("the org refuses it: {refusal}"),
        remedy: Some(remedy.to_owned()),
    }
}

/// The result of a call, or why it says nothing.
pub(super) fn known<T>(
    result: Result<T, Error>,
    remedy: &str,
) -> Result<Result<T, Unreadable>, Error> {
    match result {
        Ok(found) => Ok(Ok(found)),
        Err(error) => match unreadable(&error, remedy) {
            Some(reason) => Ok(Err(reason)),
            None => Err(error),
        },
    }
}
