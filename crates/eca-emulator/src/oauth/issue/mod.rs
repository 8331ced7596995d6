//! Token responses.
//!
//! Beyond RFC 6749: there is no `expires_in`, and `issued_at` is a string of milliseconds.

pub(crate) mod approval;
pub(crate) mod id_token;
pub(crate) mod policies;
pub(crate) mod scopes;
pub(crate) mod signing;

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use serde_json::json;
use sha2::Sha256;

use crate::core::Core;
use crate::ids::RecordId;
use crate::oauth::error::OauthError;
use crate::oauth::issue::id_token::{IdToken, Identity};
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::signing::JwtAccessToken;
use crate::random::Random;
use crate::secret::Secret;
use crate::server::call::{Reply, json_reply, uncached};
use crate::state::State;
use crate::state::grants::{AccessToken, Refresh, TOKEN_LIFETIME};
use crate::state::token_hash::TokenHash;
use crate::testing::clock::unix_millis;

/// Longer than any org runs.
const FOREVER: Duration = Duration::from_hours(100 * 365 * 24);

/// The content of a token to issue.
#[derive(Debug)]
pub(crate) struct Issue<'a> {
    pub(crate) app: &'a str,
    pub(crate) username: &'a str,
    /// Run-time scope names.
    pub(crate) scopes: Vec<String>,
    pub(crate) is_of_site: bool,
    /// Whether the response carries `signature`; that of the JWT bearer flow does not.
    pub(crate) is_signed: bool,
    /// The result of the policies for the request.
    pub(crate) flow: Flow,
    /// The address of the client.
    pub(crate) source: IpAddr,
    pub(crate) refresh: RefreshToken,
    /// Whether the response has an ID token, if the scopes allow one.
    pub(crate) identity: Identity<'a>,
}

/// The refresh token of a token response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshToken {
    /// None: the flow has none, or the client lacks the scope.
    None,
    /// The first one of a new family.
    New,
    /// The access token belongs to a family; its refresh token stays valid.
    Unchanged(u64),
    /// The next one of a family, with the start of the family.
    Rotated { family: u64, began: SystemTime },
}

impl RefreshToken {
    /// A first one for a client with the scope for it.
    pub(crate) fn for_scopes(scopes: &[String]) -> Self {
        if scopes
            .iter()
            .any(|scope| matches!(scope.as_str(), "refresh_token" | "offline_access"))
        {
            Self::New
        } else {
            Self::None
        }
    }
}

/// An issued token.
pub(crate) struct Issued {
    /// For revoking it.
    pub(crate) token: TokenHash,
    pub(crate) reply: Reply,
}

/// `00D…!…`, the form of an opaque access token.
pub(crate) fn access_token(org_id: &RecordId, random: &mut Random) -> Secret {
    Secret::new(format!("{}!{}", org_id.short(), random.base62(96)))
}

/// Adds the administrator's session, which lasts as long as the org.
pub(crate) fn add_admin_session(
    state: &mut State,
    token: &Secret,
    username: &str,
    now: SystemTime,
) {
    state.grants.add_token(
        token.expose_secret(),
        AccessToken {
            username: username.to_owned(),
            app: None,
            scopes: vec!["full".to_owned()],
            is_of_site: false,
            family: None,
            idle: None,
            issued: now,
            expires: now + FOREVER,
        },
        now,
    );
}

/// Creates the token and the response.
pub(crate) fn issue(
    core: &Core,
    state: &mut State,
    issue: Issue<'_>,
    now: SystemTime,
) -> Result<Issued, OauthError> {
    let config = &core.config;
    let gone = || OauthError::new("invalid_grant", "inactive user");
    let user = state.users.get(issue.username).ok_or_else(gone)?;
    let user_id = user.id.clone();
    let app = state.metadata.app(issue.app).ok_or_else(gone)?;
    if let Err(violation) = policies::check(state, &app, user, issue.source, issue.flow) {
        state.record_login(
            issue.username,
            issue.app,
            violation.status,
            issue.source,
            now,
        );
        return Err(violation.error);
    }
    let (is_jwt, id_token_config) = (app.issues_jwts(), app.id_token_config());
    let (key, lifetime) = (app.consumer.key.clone(), app.session_lifetime());
    let lifetime = lifetime.unwrap_or(TOKEN_LIFETIME);
    let id = format!("{}/id/{}/{user_id}", config.instance_url, state.org_id);
    let issued_at = unix_millis(now).to_string();
    let signature = signature(app.consumer.secret.expose_secret(), &id, &issued_at);
    let token = if is_jwt {
        let token = JwtAccessToken {
            instance_url: &config.instance_url,
            org_id: &state.org_id,
            client: &key,
            user: &user_id,
            scopes: &issue.scopes,
            now,
            expires: now + lifetime,
            id: &state.random.base62(22),
        };
        token.sign(core.signing_key()?)?
    } else {
        access_token(&state.org_id, &mut state.random)
    };
    let mut body = json!({
        "access_token": token.expose_secret(),
        "id": id,
        "instance_url": config.instance_url,
        "issued_at": issued_at,
        "scope": issue.scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Identity::User { nonce } = issue.identity
        && issue.scopes.iter().any(|scope| scope == "openid")
        && let Some(user) = state.users.get(issue.username)
    {
        let id_token = IdToken {
            org: config,
            org_id: &state.org_id,
            client: &key,
            config: &id_token_config,
            user,
            issuer: &config.issuer(issue.is_of_site),
            access_token: token.expose_secret(),
            nonce,
            now,
        };
        body["id_token"] = json!(id_token.sign(core.signing_key()?)?.expose_secret());
    }
    if issue.is_signed {
        body["signature"] = json!(signature);
    }
    if is_jwt {
        body["token_format"] = json!("jwt");
    }
    if issue.is_of_site {
        body["sfdc_site_url"] = json!(config.site_url());
        body["sfdc_site_id"] = json!(config.site_id.as_str());
        // The older names, which clients of the Headless Identity APIs read.
        body["sfdc_community_url"] = body["sfdc_site_url"].clone();
        body["sfdc_community_id"] = body["sfdc_site_id"].clone();
    }
    let (family, refresh) = refresh_token(state, &issue, now);
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh.expose_secret());
    }
    state.record_login(issue.username, issue.app, "Success", issue.source, now);
    state.grants.add_token(
        token.expose_secret(),
        AccessToken {
            username: issue.username.to_owned(),
            app: Some(issue.app.to_owned()),
            scopes: issue.scopes,
            is_of_site: issue.is_of_site,
            family,
            // A token in JWT format contains its expiry.
            idle: (!is_jwt).then_some(lifetime),
            issued: now,
            expires: now + lifetime,
        },
        now,
    );
    Ok(Issued {
        token: TokenHash::new(token.expose_secret()),
        reply: uncached(json_reply(StatusCode::OK, &body)),
    })
}

/// The family of the access token, and its refresh token.
fn refresh_token(
    state: &mut State,
    issue: &Issue<'_>,
    now: SystemTime,
) -> (Option<u64>, Option<Secret>) {
    let (family, began) = match issue.refresh {
        RefreshToken::None => return (None, None),
        RefreshToken::Unchanged(family) => return (Some(family), None),
        RefreshToken::New => (state.grants.new_family(), now),
        RefreshToken::Rotated { family, began } => (family, began),
    };
    // The form of Salesforce's refresh tokens.
    let text = Secret::new(format!("5Aep861{}", state.random.base62(80)));
    state.grants.add_refresh(
        text.expose_secret(),
        Refresh {
            family,
            app: issue.app.to_owned(),
            username: issue.username.to_owned(),
            scopes: issue.scopes.clone(),
            is_of_site: issue.is_of_site,
            issued: began,
            used: now,
            is_spent: false,
        },
    );
    (Some(family), Some(text))
}

/// Base64 of HMAC-SHA-256 over `id` and `issued_at` with the consumer secret.
fn signature(secret: &str, id: &str, issued_at: &str) -> String {
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes keys of any length (RFC 2104 section 2)"
    )]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(id.as_bytes());
    mac.update(issued_at.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
