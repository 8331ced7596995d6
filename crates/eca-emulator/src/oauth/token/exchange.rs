//! The token exchange flow (RFC 8693; Salesforce Help, "OAuth 2.0 Token Exchange Flow").
//!
//! On Salesforce an Apex handler decides whom a foreign token stands for. This org has no Apex: it
//! takes tokens that it issued itself, which stand for their own user, and those of which it was
//! told whose they are ([`Org::answer_exchange`](crate::org::Org::answer_exchange)). A handler that
//! a request names in `token_handler` is looked up all the same.

use eca_model::MetadataType;

use crate::core::Core;
use crate::oauth::browser::login_host;
use crate::oauth::client::Credentials;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::issue;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken, scopes};
use crate::server::call::{Call, Reply};
use crate::state::State;
use crate::state::components::App;
use crate::state::grants::TokenHash;

/// The longest `subject_token`, in characters (documented).
const MAX_TOKEN: usize = 10_000;

/// The handler that a request names must be deployed, be on, be enabled for the app, and take this
/// kind of token (Metadata API Developer Guide, "OauthTokenExchangeHandler"). The words are
/// inferred.
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
        .map(|own| &own.record);
    let is_usable = handler.is_some_and(|own| {
        own.flag("isEnabled") == Some(true)
            && own.flag(supported) == Some(true)
            && own
                .records("enablements")
                .any(|own| own.text("externalClientApp") == Some(app))
    });
    if is_usable {
        Ok(())
    } else {
        Err(OauthError::new("invalid_request", "invalid token handler"))
    }
}

/// Exchanges a token for one of the app.
pub(crate) fn answer(
    core: &Core,
    call: &Call,
    form: &Form,
    on_site: bool,
) -> Result<Reply, OauthError> {
    login_host::must_be_my_domain(call)?;
    let missing = |name: &str| {
        OauthError::new(
            "invalid_request",
            format!("missing required parameter: {name}"),
        )
    };
    let subject = form
        .get("subject_token")
        .ok_or_else(|| missing("subject_token"))?;
    let kind = form
        .get("subject_token_type")
        .ok_or_else(|| missing("subject_token_type"))?;
    let short = kind.rsplit(':').next().unwrap_or_default();
    // The documentation spells the last one in capitals, the RFC does not.
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
    let credentials = Credentials::read(call, form)?;
    core.transact(|state, now| {
        let app = credentials.authenticate(state, now, App::is_secret_needed_to_exchange)?;
        if !app.exchanges_tokens() {
            return Err(OauthError::new(
                "invalid_request",
                "token exchange is not enabled for this app",
            ));
        }
        let name = app.name.to_owned();
        if let Some(handler) = form.get("token_handler") {
            check_handler(state, handler, &name, short)?;
        }
        let selected: Vec<_> = scopes::of(&app).map(str::to_owned).collect();
        let scopes = scopes::choose(&selected, form.get("scope"))?;
        let username = match short {
            "refresh_token" => state
                .grants
                .refresh_mut(subject)
                .filter(|own| !own.is_spent)
                .map(|own| own.username.clone()),
            _ => state
                .grants
                .token(subject, now)
                .map(|own| own.username.clone()),
        };
        let told = || state.exchanges.get(&TokenHash::new(subject)).cloned();
        let username = username
            .or_else(told)
            .filter(|username| state.users.get(username).is_some());
        // Inferred: on Salesforce the handler decides, and its refusal has these words.
        let username =
            username.ok_or_else(|| OauthError::new("invalid_grant", "token validation failed"))?;
        let issue = Issue {
            app: &name,
            username: &username,
            refresh: RefreshToken::if_scoped(&scopes),
            scopes,
            is_of_site: on_site,
            is_signed: true,
            flow: Flow::Other,
            source: state.network.source(call),
            identity: Identity::Untold,
        };
        issue::issue(core, state, issue, now).map(|issued| issued.reply)
    })
}
