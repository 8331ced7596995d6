//! The refresh token flow (Salesforce Help, "OAuth 2.0 Refresh Token Flow for Renewed Sessions").

use crate::core::Core;
use crate::oauth::client::Credentials;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken};
use crate::oauth::{issue, session};
use crate::server::call::{Call, Reply};
use crate::state::State;

/// Renews a session. With rotation each refresh token serves once; who sends one a second time
/// ends the whole family, because one of the two holders has stolen it (RFC 9700 section 4.14.2).
pub(crate) fn answer(
    core: &Core,
    call: &Call,
    form: &Form,
    on_site: bool,
) -> Result<Reply, OauthError> {
    let credentials = Credentials::read(call, form)?;
    core.transact(|state, now| {
        let app = credentials.authenticate_or_assert(core, state, form, now, |app| {
            app.is_secret_needed_to_refresh()
        })?;
        let (name, rotates) = (app.name.to_owned(), app.rotates_refresh_tokens());
        let text = form.get("refresh_token").ok_or_else(|| {
            OauthError::new(
                "invalid_request",
                "missing required parameter: refresh_token",
            )
        })?;
        let dead = || OauthError::new("invalid_grant", "expired access/refresh token");
        let refresh = state
            .grants
            .refresh_mut(text)
            .filter(|own| own.app == name && own.is_of_site == on_site)
            .map(|own| own.clone())
            .ok_or_else(dead)?;
        let source = state.network.source(call);
        let refused = |state: &mut State, reason: &str| {
            state.record_login(&refresh.username, &name, reason, source, now);
        };
        if refresh.is_spent {
            refused(state, "refresh token used a second time");
            state.grants.revoke_family(refresh.family);
            return Err(dead());
        }
        let is_alive = state
            .metadata
            .app(&name)
            .is_some_and(|app| app.accepts_refresh(refresh.issued, refresh.used, now))
            && session::is_welcome(state, &name, &refresh.username);
        if !is_alive {
            refused(state, "expired access/refresh token");
            state.grants.revoke_family(refresh.family);
            return Err(dead());
        }
        let scopes = match form.get("scope") {
            None => refresh.scopes.clone(),
            // RFC 6749 section 6: not more than was granted.
            Some(asked) => {
                let asked: Vec<_> = asked.split_ascii_whitespace().map(str::to_owned).collect();
                if asked.iter().any(|scope| !refresh.scopes.contains(scope)) {
                    return Err(OauthError::new(
                        "invalid_scope",
                        "the requested scope is not allowed",
                    ));
                }
                asked
            }
        };
        let issue = Issue {
            app: &name,
            username: &refresh.username,
            scopes,
            is_of_site: refresh.is_of_site,
            is_signed: true,
            flow: Flow::Refresh,
            source,
            refresh: if rotates {
                RefreshToken::Rotated {
                    family: refresh.family,
                    began: refresh.issued,
                }
            } else {
                RefreshToken::Kept(refresh.family)
            },
            // OpenID Connect Core section 12.2: without a nonce.
            identity: Identity::Told { nonce: None },
        };
        let issued = issue::issue(core, state, issue, now)?;
        if let Some(own) = state.grants.refresh_mut(text) {
            own.used = now;
            own.is_spent = rotates;
        }
        Ok(issued.reply)
    })
}
