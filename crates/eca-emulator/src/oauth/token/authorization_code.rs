//! The authorization code grant: of the login page, and of the authorization challenge endpoint.

use crate::oauth::error::OauthError;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken};
use crate::oauth::token::request::{Proof, TokenRequest};
use crate::oauth::{issue, pkce};
use crate::server::call::Reply;

/// Redeems a code. A code from the authorization challenge endpoint has no `redirect_uri`, and
/// needs none here.
pub(super) fn answer(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    let proof = Proof {
        is_secret_needed: |app| !app.is_secret_optional(),
        takes_assertion: true,
    };
    request.authenticate(&proof, |state, client| {
        let text = request.form.required("code")?;
        let unknown = || OauthError::new("invalid_grant", "invalid authorization code");
        let granted = state
            .grants
            .code_mut(text)
            .filter(|code| code.app == client.name && code.is_of_site == request.on_site)
            .ok_or_else(unknown)?;
        if let Some(token) = granted.spent_on {
            // RFC 6749 section 4.1.2: a code that is used twice has leaked, and so may have its
            // token.
            state.grants.revoke(token);
            return Err(unknown());
        }
        if granted.expires <= client.now {
            return Err(OauthError::new(
                "invalid_grant",
                "expired authorization code",
            ));
        }
        if granted
            .redirect_uri
            .as_deref()
            .is_some_and(|uri| request.form.get("redirect_uri") != Some(uri))
        {
            return Err(OauthError::new(
                "redirect_uri_mismatch",
                "redirect_uri must match configuration",
            ));
        }
        let proof = match (&granted.challenge, request.form.get("code_verifier")) {
            (None, None) => Ok(()),
            (Some(challenge), Some(verifier)) if pkce::verifies(challenge, verifier) => Ok(()),
            (Some(_), None) => Err(OauthError::new(
                "invalid_request",
                "missing required code verifier",
            )),
            // RFC 9700 section 4.8.2: a verifier without a challenge is a downgrade attempt.
            (Some(_) | None, Some(_)) => {
                Err(OauthError::new("invalid_grant", "invalid code verifier"))
            }
        };
        if let Err(error) = proof {
            // The code has one try, so that a client cannot try others.
            granted.spend();
            return Err(error);
        }
        let (username, scopes) = (granted.username.clone(), granted.scopes.clone());
        let nonce = granted.nonce.clone();
        // A code from the challenge endpoint does not belong to the web server flow.
        let flow = match granted.redirect_uri {
            Some(_) => Flow::WebServer {
                is_verified: granted.is_verified,
            },
            None => Flow::Other,
        };
        let issue = Issue {
            app: &client.name,
            username: &username,
            refresh: RefreshToken::for_scopes(&scopes),
            scopes,
            is_of_site: request.on_site,
            is_signed: true,
            flow,
            source: client.source,
            identity: Identity::User {
                nonce: nonce.as_deref(),
            },
        };
        let issued = issue::issue(request.core, state, issue, client.now)?;
        if let Some(granted) = state.grants.code_mut(text) {
            granted.spent_on = Some(issued.token);
        }
        Ok(issued.reply)
    })
}
