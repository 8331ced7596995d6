//! Authorization server metadata (RFC 8414) and OpenID Connect discovery.

use http::StatusCode;
use serde_json::json;

use crate::core::Core;
use crate::oauth::issue::id_token::STANDARD_CLAIMS;
use crate::server::call::{Reply, json_reply};

/// The metadata document of the site (`on_site`) or of the instance.
pub(crate) fn answer(core: &Core, on_site: bool) -> Reply {
    let config = &core.config;
    let issuer = config.issuer(on_site);
    let scopes: Vec<_> = eca_model::scope::ALL
        .iter()
        .filter_map(|scope| scope.runtime)
        .collect();
    let claims: Vec<_> = ["at_hash", "aud", "exp", "iat", "iss", "nonce", "sub"]
        .into_iter()
        .chain(STANDARD_CLAIMS)
        .collect();
    let mut document = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/services/oauth2/token"),
        "userinfo_endpoint": format!("{issuer}/services/oauth2/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": claims,
        "authorization_endpoint": format!("{issuer}/services/oauth2/authorize"),
        "introspection_endpoint": format!("{issuer}/services/oauth2/introspect"),
        "jwks_uri": format!("{}/id/keys", config.instance_url),
        "revocation_endpoint": format!("{issuer}/services/oauth2/revoke"),
        "grant_types_supported": if on_site {
            json!(["authorization_code", "refresh_token"])
        } else {
            json!([
                "authorization_code",
                "client_credentials",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ])
        },
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        // RFC 8414 section 2 asks for it beside `private_key_jwt`.
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": scopes,
    });
    if on_site && let Some(members) = document.as_object_mut() {
        // First-party applications draft, section 8. It is not known whether Salesforce advertises
        // its endpoint in this way.
        members.insert(
            "authorization_challenge_endpoint".into(),
            json!(format!("{issuer}{}", config.profile.endpoint_path)),
        );
    }
    json_reply(StatusCode::OK, &document)
}

/// Answers `/id/keys`: a key set (RFC 7517 section 5).
pub(crate) fn keys(core: &Core) -> Reply {
    match core.published_key() {
        Ok(key) => json_reply(StatusCode::OK, &json!({ "keys": [key.jwk()] })),
        Err(error) => error.into_reply(),
    }
}
