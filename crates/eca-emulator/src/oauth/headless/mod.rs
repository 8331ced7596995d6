//! The proprietary Headless Identity APIs of an Experience Cloud site. They are older than the
//! authorization challenge endpoint and share only its purpose (Headless Identity Implementation
//! Guide).
//!
//! | request, below the site | what |
//! |---|---|
//! | `POST /services/auth/headless/init/registration` | begins a registration: `{"identifier", "email"}` |
//! | `POST /services/auth/headless/init/passwordless/login` | begins a login by one-time password: `{"identifier"}` |
//! | `POST /services/auth/headless/forgot_password` | sends a one-time password, or takes it with a new password |
//! | `POST /services/oauth2/authorize` with `response_type=code_credentials` | logs in: redirects with a code |
//! | `GET /services/oauth2/echo` | the query of a redirect, as JSON |
//!
//! The guide shows requests and successful answers. The answers to invalid requests are not
//! published, so the errors of the first three are inferred: status 400 and the form of RFC 6749
//! section 5.2. The answer to an expired access token has status 400, too (reported by users).

pub(crate) mod authorize;
pub(crate) mod gate;
pub(crate) mod init;
pub(crate) mod reset;

use http::Method;

use crate::core::Core;
use crate::oauth::error::OauthError;
use crate::server::call::{Call, Reply, not_found};

/// Answers a request below `/services/auth/headless` of the site.
pub(crate) fn answer(core: &Core, call: &Call, path: &str) -> Reply {
    let api: fn(&Core, &Call, &serde_json::Value) -> Result<Reply, OauthError> = match path {
        "/init/registration" => init::registration,
        "/init/passwordless/login" => init::passwordless,
        "/forgot_password" => reset::answer,
        _ => return not_found(),
    };
    if call.method != Method::POST {
        return OauthError::wrong_method().into_reply();
    }
    let body = serde_json::from_slice(call.body())
        .ok()
        .filter(serde_json::Value::is_object)
        .ok_or_else(|| OauthError::new("invalid_request", "the body must be a JSON object"));
    body.and_then(|body| api(core, call, &body))
        .unwrap_or_else(OauthError::into_reply)
}
