//! The refresh token flow (Salesforce Help, "OAuth 2.0 Refresh Token Flow for Renewed Sessions").

use crate::oauth::error::OauthError;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken};
use crate::oauth::token::request::{Proof, TokenRequest};
use crate::oauth::{issue, session};
use crate::server::call::Reply;

/// Renews a session. With rotation each refresh token works once. A second use revokes the whole
/// family, because one of the two holders has stolen it (RFC 9700 section 4.14.2).
pub(super) fn answer(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    let proof = Proof {
        is_secret_needed: |app| app.is_secret_needed_to_refresh(),
        takes_assertion: true,
    };
    request.authenticate(&proof, |state, client| {
        let rotates = client.app(state)?.rotates_refresh_tokens();
        let text = request.form.required("refresh_token")?;
        let dead = || OauthError::new("invalid_grant", "expired access/refresh token");
        let refresh = state
            .grants
            .refresh(text)
            .filter(|token| token.app == client.name && token.is_of_site == request.on_site)
            .cloned()
            .ok_or_else(dead)?;
        if refresh.is_spent {
            client.record_refusal(state, &refresh.username, "refresh token used a second time");
            state.grants.revoke_family(refresh.family);
            return Err(dead());
        }
        let is_alive = state
            .metadata
            .app(&client.name)
            .is_some_and(|app| app.accepts_refresh(refresh.issued, refresh.used, client.now))
            && session::is_welcome(state, &client.name, &refresh.username);
        if !is_alive {
            client.record_refusal(state, &refresh.username, "expired access/refresh token");
            state.grants.revoke_family(refresh.family);
            return Err(dead());
        }
        let scopes = match request.form.get("scope") {
            None => refresh.scopes.clone(),
            // RFC 6749 section 6: not more than was granted.
            Some(scope) => {
                let scopes: Vec<_> = scope.split_ascii_whitespace().map(str::to_owned).collect();
                if scopes.iter().any(|scope| !refresh.scopes.contains(scope)) {
                    return Err(OauthError::new(
                        "invalid_scope",
                        "the requested scope is not allowed",
                    ));
                }
                scopes
            }
        };
        let issue = Issue {
            app: &client.name,
            username: &refresh.username,
            scopes,
            is_of_site: refresh.is_of_site,
            is_signed: true,
            flow: Flow::Refresh,
            source: client.source,
            refresh: if rotates {
                RefreshToken::Rotated {
                    family: refresh.family,
                    began: refresh.issued,
                }
            } else {
                RefreshToken::Unchanged(refresh.family)
            },
            // OpenID Connect Core section 12.2: without a nonce.
            identity: Identity::User { nonce: None },
        };
        let issued = issue::issue(request.core, state, issue, client.now)?;
        if let Some(token) = state.grants.refresh_mut(text) {
            token.used = client.now;
            token.is_spent = rotates;
        }
        Ok(issued.reply)
    })
}
