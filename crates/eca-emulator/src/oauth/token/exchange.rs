//! The token exchange flow (RFC 8693; Salesforce Help, "OAuth 2.0 Token Exchange Flow").
//!
//! On Salesforce an Apex handler maps a foreign token to a user. This org has no Apex. It accepts
//! tokens that it issued itself, for their own user, and tokens for which a test has set the user
//! ([`Org::answer_exchange`](crate::org::Org::answer_exchange)). A handler that a request names in
//! `token_handler` is still looked up.

use eca_model::MetadataType;

use crate::oauth::browser::login_host;
use crate::oauth::error::OauthError;
use crate::oauth::issue;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken, scopes};
use crate::oauth::token::request::{Proof, TokenRequest};
use crate::server::call::Reply;
use crate::state::State;
use crate::state::token_hash::TokenHash;

/// The longest `subject_token`, in characters (documented).
const MAX_TOKEN: usize = 10_000;

/// The handler in a request must be deployed, enabled, enabled for the app, and accept this kind of
/// token (Metadata API Developer Guide, "OauthTokenExchangeHandler"). The wording is inferred.
fn check_handler(state: &State, name: &str, app: &str, kind: &str) -> Result<(), OauthError> {
    let supported = match kind {
        "access_token" => "isAccessTokenSupported",
        "id_token" => "isIdTokenSupported",
        "refresh_token" => "isRefreshTokenSupported",
        "saml2" => "isSaml2Supported",
        _ => "isJwtSupported",
    };
    let handler = state
        .metadata
        .get(MetadataType::OauthTokenExchangeHandler, name)
        .map(|component| &component.record);
    let is_usable = handler.is_some_and(|handler| {
        handler.flag("isEnabled") == Some(true)
            && handler.flag(supported) == Some(true)
            && handler
                .records("enablements")
                .any(|enablement| enablement.text("externalClientApp") == Some(app))
    });
    if is_usable {
        Ok(())
    } else {
        Err(OauthError::new("invalid_request", "invalid token handler"))
    }
}

/// Exchanges a token for one of the app.
pub(super) fn answer(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    login_host::must_be_my_domain(request.call)?;
    let subject = request.form.required("subject_token")?;
    let kind = request.form.required("subject_token_type")?;
    let short = kind.rsplit(':').next().unwrap_or_default();
    // The documentation writes the last one in capitals, the RFC does not.
    if !kind.starts_with("urn:ietf:params:oauth:token-type:")
        || !matches!(
            short,
            "access_token" | "id_token" | "refresh_token" | "saml2" | "jwt" | "JWT"
        )
    {
        return Err(OauthError::new(
            "invalid_request",
            "subject_token_type not supported",
        ));
    }
    if subject.chars().count() > MAX_TOKEN {
        return Err(OauthError::new(
            "invalid_request",
            "subject_token is too long",
        ));
    }
    let proof = Proof {
        is_secret_needed: |app| app.is_secret_needed_to_exchange(),
        takes_assertion: false,
    };
    request.authenticate(&proof, |state, client| {
        let app = client.app(state)?;
        if !app.exchanges_tokens() {
            return Err(OauthError::new(
                "invalid_request",
                "token exchange is not enabled for this app",
            ));
        }
        if let Some(handler) = request.form.get("token_handler") {
            check_handler(state, handler, &client.name, short)?;
        }
        let scopes = scopes::choose(&app, request.form.get("scope"))?;
        let username = match short {
            "refresh_token" => state
                .grants
                .refresh(subject)
                .filter(|token| !token.is_spent)
                .map(|token| token.username.clone()),
            _ => state
                .grants
                .token(subject, client.now)
                .map(|token| token.username.clone()),
        };
        let answered = || state.exchanges.get(&TokenHash::new(subject)).cloned();
        let username = username
            .or_else(answered)
            .filter(|username| state.users.get(username).is_some());
        // Inferred: on Salesforce the handler decides, and its refusal has this wording.
        let username =
            username.ok_or_else(|| OauthError::new("invalid_grant", "token validation failed"))?;
        let issue = Issue {
            app: &client.name,
            username: &username,
            refresh: RefreshToken::for_scopes(&scopes),
            scopes,
            is_of_site: request.on_site,
            is_signed: true,
            flow: Flow::Other,
            source: client.source,
            identity: Identity::NoUser,
        };
        issue::issue(request.core, state, issue, client.now).map(|issued| issued.reply)
    })
}
