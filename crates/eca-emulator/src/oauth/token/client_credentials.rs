//! The client credentials flow (Salesforce Help, "OAuth 2.0 Client Credentials Flow for
//! Server-to-Server Integration"): always with the secret, as the run-as user, without a refresh
//! token, and not on a site.

use crate::oauth::browser::login_host;
use crate::oauth::error::OauthError;
use crate::oauth::issue;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken, approval, scopes};
use crate::oauth::token::request::{Proof, TokenRequest};
use crate::server::call::Reply;

/// Issues a token for the run-as user of the app.
pub(super) fn answer(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    if request.on_site {
        return Err(OauthError::new(
            "invalid_grant",
            "request not supported on this domain",
        ));
    }
    login_host::must_be_my_domain(request.call)?;
    let proof = Proof {
        is_secret_needed: |_| true,
        takes_assertion: false,
    };
    request.authenticate(&proof, |state, client| {
        let app = client.app(state)?;
        let user = app
            .client_credentials_user()
            .and_then(|name| state.users.get(name))
            .ok_or_else(|| {
                OauthError::new("invalid_grant", "no client credentials user enabled")
            })?;
        let username = user.username.clone();
        // Scopes that need a user are ignored (Metadata API Developer Guide).
        let scopes = scopes::runtime_names(&app)
            .filter(|scope| !matches!(*scope, "full" | "web" | "refresh_token" | "offline_access"))
            .map(str::to_owned)
            .collect();
        // Being the run-as user is not enough where users have to be approved (reported by users).
        let check = || approval::check(state, &app, user).err();
        if let Some(error) = app.is_preauthorized().then(check).flatten() {
            client.record_refusal(state, &username, &error.description);
            return Err(error);
        }
        let issue = Issue {
            app: &client.name,
            username: &username,
            scopes,
            is_of_site: false,
            is_signed: true,
            flow: Flow::Other,
            source: client.source,
            refresh: RefreshToken::None,
            identity: Identity::NoUser,
        };
        issue::issue(request.core, state, issue, client.now).map(|issued| issued.reply)
    })
}
