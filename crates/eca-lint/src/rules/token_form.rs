//! What the scopes of an app ask of its tokens.

use eca_model::text::ScopeList;
use eca_model::types::{ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings};

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static JWT_SCOPES: Rule = Rule {
    id: RuleId(1228),
    name: "jwt-scopes",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "access tokens have the form that the APIs of the app's scopes take",
    explanation: "With isNamedUserJwtEnabled, access tokens are JWTs. The hosted MCP servers and the Agent API take \
        nothing else (\"Invalid token\", INVALID_JWT_FORMAT, or 404 for each call); the token exchange of Data Cloud \
        takes none (\"invalid subject token\"), and neither do the SOAP APIs. An app for both needs two apps. This is \
        what several users of these APIs report; no page of Salesforce says it for all of them.",
    source: "reports of users of these APIs; Salesforce Help, \"Enable JWT-Based Access Tokens\"",
    pair: include_str!("../../pairs/ECA1228-jwt-scopes.txt"),
    check: jwt_scopes,
};

fn jwt_scopes(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let scopes = scopes(files);
        let has = |scope: &str| scopes.contains(&scope);
        for (component, global) in files.all::<ExtlClntAppGlobalOauthSettings>() {
            let is_jwt = global.is_named_user_jwt_enabled == Some(true);
            let cloud = scopes.iter().find(|scope| scope.starts_with("CDP"));
            let message = match (is_jwt, cloud) {
                (false, _) if has("MCP") => {
                    "the hosted MCP servers (scope MCP) take JWT-based access tokens only".to_owned()
                }
                (false, _) if has("Chatbot") && has("SFApiPlatform") => {
                    "the Agent API (scopes Chatbot and SFApiPlatform) takes JWT-based access tokens only"
                        .to_owned()
                }
                (true, Some(scope)) => {
                    format!("Data Cloud (scope {scope}) exchanges no JWT-based access tokens")
                }
                _ => continue,
            };
            let wanted = !is_jwt;
            findings
                .at_element(component, "isNamedUserJwtEnabled", message)
                .help(format!("set isNamedUserJwtEnabled to {wanted}"));
        }
    }
}

pub(crate) static SCOPE_NEEDED: Rule = Rule {
    id: RuleId(1229),
    name: "scope-needed",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "settings of a token come with the scope that brings this token",
    explanation: "The org issues an ID token only to a client that asks for openid, and a refresh token only for \
        refresh_token or offline_access. Settings of either have no effect for an app whose scopes leave it out.",
    source: "Salesforce Help, \"OAuth Tokens and Scopes\"; OpenID Connect Core 1.0, section 3.1.2.1",
    pair: include_str!("../../pairs/ECA1229-scope-needed.txt"),
    check: scope_needed,
};

fn scope_needed(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let scopes = scopes(files);
        // Without a list the org decides.
        if scopes.is_empty() {
            continue;
        }
        let has = |names: &[&str]| scopes.iter().any(|scope| names.contains(scope));
        for (component, global) in files.all::<ExtlClntAppGlobalOauthSettings>() {
            if global.id_token_config.is_some() && !has(&["OpenID"]) {
                findings
                    .at_element(
                        component,
                        "idTokenConfig",
                        "without the scope OpenID there is no ID token",
                    )
                    .help("add OpenID to commaSeparatedOauthScopes, or remove idTokenConfig");
            }
            let rotates = global.is_refresh_token_rotation_enabled == Some(true);
            if rotates && !has(&["RefreshToken", "OfflineAccess"]) {
                findings
                    .at_element(
                        component,
                        "isRefreshTokenRotationEnabled",
                        "without the scope RefreshToken there is no refresh token to rotate",
                    )
                    .at_most(Severity::Info);
            }
        }
    }
}

fn scopes<'a>(files: &AppFiles<'a>) -> Vec<&'a str> {
    let settings = files.all::<ExtlClntAppOauthSettings>();
    let lists = settings.filter_map(|(_, settings)| settings.comma_separated_oauth_scopes.as_ref());
    lists.flat_map(ScopeList::iter).collect()
}
