//! `/services/oauth2/token`.
//!
//! Codes and descriptions are those that users report of Salesforce's token endpoint; inferred ones
//! are marked. Beyond RFC 6749: the answer has no `expires_in` and its `issued_at` is a string of
//! milliseconds.

mod authorization_code;
mod client_credentials;
pub(crate) mod device;
mod exchange;
mod jwt_bearer;
mod refresh;
mod request;

use crate::core::Core;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::token::request::TokenRequest;
use crate::server::call::{Call, Reply};

/// Answers a token request, on the instance's host or below the path of the site.
pub(crate) fn answer(core: &Core, call: &Call, on_site: bool) -> Reply {
    let answered = Form::read(call).and_then(|form| {
        let request = TokenRequest {
            core,
            call,
            form: &form,
            on_site,
        };
        grant(&request)
    });
    answered.unwrap_or_else(OauthError::into_reply)
}

fn grant(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    if request.form.get("response_type") == Some("device_code") {
        return device::start(request);
    }
    match request.form.required("grant_type")? {
        "client_credentials" => client_credentials::answer(request),
        // The hybrid flows of the Mobile SDK redeem the same codes.
        "authorization_code" | "hybrid_auth_code" => authorization_code::answer(request),
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => jwt_bearer::answer(request),
        "refresh_token" => refresh::answer(request),
        "device" => device::poll(request),
        "urn:ietf:params:oauth:grant-type:token-exchange"
        | "urn:ietf:params:oauth:grant-type:hybrid-token-exchange" => exchange::answer(request),
        _ => Err(OauthError::new(
            "unsupported_grant_type",
            "grant type not supported",
        )),
    }
}
