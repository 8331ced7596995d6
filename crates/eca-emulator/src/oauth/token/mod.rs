//! `/services/oauth2/token`.
//!
//! Codes and descriptions are those that Salesforce's token endpoint is reported to send; what is
//! inferred says so. Beyond RFC 6749: the answer has no `expires_in` and its `issued_at` is a
//! string of milliseconds.

pub(crate) mod device;
pub(crate) mod exchange;
pub(crate) mod jwt_bearer;
pub(crate) mod refresh;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::core::Core;
use crate::oauth::browser::login_host;
use crate::oauth::client::Credentials;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::issue;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken, approval, scopes};
use crate::server::call::{Call, Reply};
use crate::state::grants::TokenHash;
use crate::state::logins::Login;
use crate::state::users::UserKind;

/// Answers a token request, on the instance's host or below the path of the site.
pub(crate) fn answer(core: &Core, call: &Call, on_site: bool) -> Reply {
    grant(core, call, on_site).unwrap_or_else(OauthError::into_reply)
}

fn grant(core: &Core, call: &Call, on_site: bool) -> Result<Reply, OauthError> {
    let form = Form::read(call)?;
    if form.get("response_type") == Some("device_code") {
        return device::begin(core, &form);
    }
    match form.get("grant_type") {
        Some("client_credentials") => client_credentials(core, call, &form, on_site),
        // The hybrid flows of the Mobile SDK redeem the same codes.
        Some("authorization_code" | "hybrid_auth_code") => {
            authorization_code(core, call, &form, on_site)
        }
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => jwt_bearer(core, call, &form),
        Some("refresh_token") => refresh::answer(core, call, &form, on_site),
        Some("device") => device::poll(core, call, &form),
        Some(
            "urn:ietf:params:oauth:grant-type:token-exchange"
            | "urn:ietf:params:oauth:grant-type:hybrid-token-exchange",
        ) => exchange::answer(core, call, &form, on_site),
        Some(_) => Err(OauthError::new(
            "unsupported_grant_type",
            "grant type not supported",
        )),
        None => Err(OauthError::new(
            "invalid_request",
            "missing required parameter: grant_type",
        )),
    }
}

/// The client credentials flow: always with the secret, as the run-as user, without a refresh
/// token, and not on a site (Salesforce Help, "OAuth 2.0 Client Credentials Flow for Server-to-
/// Server Integration").
fn client_credentials(
    core: &Core,
    call: &Call,
    form: &Form,
    on_site: bool,
) -> Result<Reply, OauthError> {
    if on_site {
        return Err(OauthError::new(
            "invalid_grant",
            "request not supported on this domain",
        ));
    }
    login_host::must_be_my_domain(call)?;
    let credentials = Credentials::read(call, form)?;
    core.transact(|state, now| {
        let app = credentials.authenticate(state, now, |_| true)?;
        let user = app
            .client_credentials_user()
            .and_then(|name| state.users.get(name))
            .ok_or_else(|| {
                OauthError::new("invalid_grant", "no client credentials user enabled")
            })?;
        // To be the run-as user is not enough where users have to be approved (reported by users).
        let check = || approval::check(state, &app, user).err();
        let refusal = app.is_preauthorized().then(check).flatten();
        let username = user.username.clone();
        // Scopes that make no sense without a user in front are ignored (Metadata API Developer
        // Guide).
        let scopes = scopes::of(&app)
            .filter(|scope| !matches!(*scope, "full" | "web" | "refresh_token" | "offline_access"))
            .map(str::to_owned)
            .collect();
        let app = app.name.to_owned();
        let source = state.network.source(call);
        if let Some(error) = refusal {
            state.record_login(&username, &app, error.description.as_str(), source, now);
            return Err(error);
        }
        let issue = Issue {
            app: &app,
            username: &username,
            scopes,
            is_of_site: false,
            is_signed: true,
            flow: Flow::Other,
            source,
            refresh: RefreshToken::None,
            identity: Identity::Untold,
        };
        issue::issue(core, state, issue, now).map(|issued| issued.reply)
    })
}

/// The JWT bearer flow: no scope may be asked for, and there is no refresh token.
fn jwt_bearer(core: &Core, call: &Call, form: &Form) -> Result<Reply, OauthError> {
    if form.get("scope").is_some() {
        return Err(OauthError::new(
            "invalid_request",
            "scope parameter not supported",
        ));
    }
    let assertion = form.get("assertion").ok_or_else(|| {
        OauthError::new("invalid_request", "missing required parameter: assertion")
    })?;
    core.transact(|state, now| {
        let source = state.network.source(call);
        let assertion = jwt_bearer::check(core, state, assertion, now).map_err(|refusal| {
            // The history knows what the client is not told apart.
            if let Some((user, app)) = refusal.who {
                state.logins.push(Login {
                    time: now,
                    user,
                    app,
                    status: refusal.error.description.clone(),
                    source,
                });
            }
            refusal.error
        })?;
        let scopes = state
            .metadata
            .app(&assertion.app)
            .into_iter()
            .flat_map(|app| scopes::of(&app))
            .filter(|scope| !matches!(*scope, "refresh_token" | "offline_access"))
            .map(str::to_owned)
            .collect();
        let is_of_site = state
            .users
            .get(&assertion.username)
            .is_some_and(|user| user.kind == UserKind::External);
        let issue = Issue {
            app: &assertion.app,
            username: &assertion.username,
            scopes,
            is_of_site,
            is_signed: false,
            flow: Flow::JwtBearer,
            source,
            refresh: RefreshToken::None,
            identity: Identity::Untold,
        };
        issue::issue(core, state, issue, now).map(|issued| issued.reply)
    })
}

/// Redeems a code that the authorization challenge endpoint gave. No `redirect_uri` was sent there,
/// so none is asked for here.
fn authorization_code(
    core: &Core,
    call: &Call,
    form: &Form,
    on_site: bool,
) -> Result<Reply, OauthError> {
    let credentials = Credentials::read(call, form)?;
    core.transact(|state, now| {
        let app = credentials
            .authenticate_or_assert(core, state, form, now, |app| !app.is_secret_optional())?
            .name
            .to_owned();
        let text = form.get("code").ok_or_else(|| {
            OauthError::new("invalid_request", "missing required parameter: code")
        })?;
        let unknown = || OauthError::new("invalid_grant", "invalid authorization code");
        let granted = state
            .grants
            .code_mut(text)
            .filter(|code| code.app == app && code.is_of_site == on_site)
            .ok_or_else(unknown)?;
        if let Some(token) = granted.spent_on {
            // RFC 6749 section 4.1.2: a code that comes twice has leaked, and so may have its
            // token.
            state.grants.revoke(token);
            return Err(unknown());
        }
        if granted.expires <= now {
            return Err(OauthError::new(
                "invalid_grant",
                "expired authorization code",
            ));
        }
        if granted
            .redirect_uri
            .as_deref()
            .is_some_and(|own| form.get("redirect_uri") != Some(own))
        {
            return Err(OauthError::new(
                "redirect_uri_mismatch",
                "redirect_uri must match configuration",
            ));
        }
        match (&granted.challenge, form.get("code_verifier")) {
            (None, None) => {}
            (Some(challenge), Some(verifier)) => {
                if !is_verifier(verifier) || !verifies(challenge, verifier) {
                    // A wrong verifier uses the code up, so that nobody can try others.
                    granted.spent_on = Some(TokenHash::new(""));
                    return Err(OauthError::new("invalid_grant", "invalid code verifier"));
                }
            }
            (Some(_), None) => {
                return Err(OauthError::new(
                    "invalid_request",
                    "missing required code verifier",
                ));
            }
            // RFC 9700 section 4.8.2: a verifier without a challenge is a downgrade attempt.
            (None, Some(_)) => {
                return Err(OauthError::new("invalid_grant", "invalid code verifier"));
            }
        }
        let (username, scopes) = (granted.username.clone(), granted.scopes.clone());
        let nonce = granted.nonce.clone();
        // A code that came by JSON is none of the web server flow.
        let flow = match granted.redirect_uri {
            Some(_) => Flow::WebServer {
                is_verified: granted.is_verified,
            },
            None => Flow::Other,
        };
        let issue = Issue {
            app: &app,
            username: &username,
            refresh: RefreshToken::if_scoped(&scopes),
            scopes,
            is_of_site: on_site,
            is_signed: true,
            flow,
            source: state.network.source(call),
            identity: Identity::Told {
                nonce: nonce.as_deref(),
            },
        };
        let issued = issue::issue(core, state, issue, now)?;
        if let Some(granted) = state.grants.code_mut(text) {
            granted.spent_on = Some(issued.token);
        }
        Ok(issued.reply)
    })
}

/// RFC 7636 section 4.6, method S256.
fn verifies(challenge: &str, verifier: &str) -> bool {
    let expected = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    bool::from(expected.as_bytes().ct_eq(challenge.as_bytes()))
}

/// RFC 7636 section 4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(is_verifier(verifier));
        assert!(verifies(
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            verifier
        ));
        assert!(!verifies(
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
            verifier
        ));
        assert!(!is_verifier("short") && !is_verifier(&"a".repeat(129)));
    }
}
