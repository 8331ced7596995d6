//! Requests to a login host.
//!
//! This org has one address. To test `login.salesforce.com` or `test.salesforce.com`, send that
//! name in `Host`, or resolve it to this machine.

use http::header;

use crate::core::Core;
use crate::kind::LOGIN_HOSTS;
use crate::oauth::error::OauthError;
use crate::server::call::{Call, Reply};

/// The login host that a request was sent to, if any.
pub(crate) fn requested(call: &Call) -> Option<&'static str> {
    let host = call.headers.get(header::HOST)?.to_str().ok()?;
    let name = host.split(':').next().unwrap_or_default();
    LOGIN_HOSTS
        .into_iter()
        .find(|host| name.eq_ignore_ascii_case(host))
}

/// The answer of a login host that does not know this kind of org. Users report this wording for
/// external client apps of other orgs; the code is that of the authorization page.
pub(crate) fn refuse(core: &Core, call: &Call) -> Option<Reply> {
    let host = requested(call)?;
    if core.config.kind.login_url().strip_prefix("https://") == Some(host) {
        return None;
    }
    let error = OauthError::new(
        "OAUTH_EC_APP_NOT_FOUND",
        "External client app is not installed in this org",
    );
    Some(error.into_reply())
}

/// Flows that only My Domain and sites support (Salesforce Help, "OAuth 2.0 Client Credentials Flow
/// for Server-to-Server Integration", "OAuth 2.0 Token Exchange Flow").
pub(crate) fn must_be_my_domain(call: &Call) -> Result<(), OauthError> {
    match requested(call) {
        None => Ok(()),
        Some(_) => Err(OauthError::new(
            "invalid_grant",
            "request not supported on this domain",
        )),
    }
}
