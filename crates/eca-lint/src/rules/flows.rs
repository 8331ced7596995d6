//! OAuth flows with switches in more than one file.

use eca_model::MetadataType;
use eca_model::types::{
    ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthConfigurablePolicies, OauthOidcSettings,
};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static FLOW_HALF_ON: Rule = Rule {
    id: RuleId(1107),
    name: "flow-half-on",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a flow that the global OAuth settings turn on is on in the policies too",
    explanation: "Client credentials and token exchange have two switches: the developer's in the global OAuth settings \
        and the administrator's in the policies. With only the first one on, every request for a token is \
        refused, although the global settings look right. An org creates the policies of a new app with these \
        flows off.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies and ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1107-flow-half-on.txt"),
    check: flow_half_on,
};

fn flow_half_on(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let Some((component, global)) = files.global_settings() else {
            continue;
        };
        let policies = files.oauth_policies().map(|(_, policies)| policies);
        // Policies that cannot be read may be those of this app.
        let kind = MetadataType::ExtlClntAppOauthConfigurablePolicies;
        if policies.is_none() && context.has_unreadable(kind) {
            continue;
        }
        for (element, on, switch, policy) in [
            (
                "isClientCredentialsFlowEnabled",
                global.is_client_credentials_flow_enabled,
                "isClientCredentialsFlowEnabled",
                policies.and_then(|policies| policies.is_client_credentials_flow_enabled),
            ),
            (
                "isTokenExchangeEnabled",
                global.is_token_exchange_enabled,
                "isTokenExchangeFlowEnabled",
                policies.and_then(|policies| policies.is_token_exchange_flow_enabled),
            ),
        ] {
            if on != Some(true) || policy == Some(true) {
                continue;
            }
            let app = files.app.name;
            let (message, help) = if policies.is_some() {
                (
                    format!("the OAuth policies of {app} do not turn the flow on"),
                    format!(
                        "set {switch} to true in the OAuth policies, or {element} to false here"
                    ),
                )
            } else {
                (
                    format!(
                        "{app} has no OAuth policies; those that the org creates at the first deploy have the flow off"
                    ),
                    format!(
                        "retrieve the OAuth policies of {app}, or add them, with {switch} true"
                    ),
                )
            };
            findings.at_element(component, element, message).help(help);
        }
    }
}

pub(crate) static CODECRED_FLOW: Rule = Rule {
    id: RuleId(1224),
    name: "codecred-flow",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "the switches of the authorization code and credentials flow fit each other",
    explanation: "The org has a switch of its own for this flow (oAuthCdCrdtFlowEnable of OauthOidcSettings), and \
        while that is off, no app can use the flow. With isCodeCredPostOnly false, a client may send user name and \
        password in a header or in the query string, where proxies and access logs store them. With it true, an \
        org ignores the header and answers clients that use it with a login page: such clients must send the \
        credentials in the body first, which eca does with credentials = \"body\" in eca.toml. So the rule only \
        points it out. Without isCodeCredFlowEnabled, isCodeCredPostOnly has no effect.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings and OauthOidcSettings",
    pair: include_str!("../../pairs/ECA1224-codecred-flow.txt"),
    check: codecred_flow,
};

fn codecred_flow(context: &Context<'_>, findings: &mut Findings<'_>) {
    // A member that the file leaves out stays unchanged in the org, so only an explicit false
    // counts.
    let blocked = context
        .project
        .of_type::<OauthOidcSettings>()
        .find(|(_, org)| org.is_code_credentials_flow_enabled == Some(false));
    for (component, global) in context.project.of_type::<ExtlClntAppGlobalOauthSettings>() {
        let on = global.is_code_cred_flow_enabled == Some(true);
        let post_only = global.is_code_cred_post_only == Some(true);
        if let Some((org, _)) = blocked.filter(|_| on) {
            findings
                .at_element(
                    component,
                    "isCodeCredFlowEnabled",
                    "the org's own settings have the authorization code and credentials flow off",
                )
                .help(format!(
                    "set oAuthCdCrdtFlowEnable to true in {}, or isCodeCredFlowEnabled to false here",
                    org.path()
                ));
        }
        if on && !post_only {
            findings
                .at_element(
                    component,
                    "isCodeCredFlowEnabled",
                    "credentials may come in a header or in the query string",
                )
                .at_most(Severity::Info)
                .help("once every client sends the credentials in the POST body, set isCodeCredPostOnly to true");
        } else if post_only && !on {
            findings
                .at_element(
                    component,
                    "isCodeCredPostOnly",
                    "isCodeCredPostOnly has no effect without isCodeCredFlowEnabled",
                )
                .at_most(Severity::Info);
        }
    }
}

pub(crate) static PUBLIC_CLIENT: Rule = Rule {
    id: RuleId(1225),
    name: "public-client",
    severity: Severity::Info,
    profiles: &[Profile::Default],
    summary: "an app without a secret requires PKCE and refreshes without a secret",
    explanation: "isConsumerSecretOptional true is for clients that cannot keep a secret, such as mobile apps. \
        PKCE is then the only thing that ties an authorization code to the client that asked for it, and a refresh \
        that needs the secret fails for exactly these clients.",
    source: "RFC 8252, section 6; RFC 9700, section 2.1.1; Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1225-public-client.txt"),
    check: public_client,
};

fn public_client(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, global) in context.project.of_type::<ExtlClntAppGlobalOauthSettings>() {
        if global.is_consumer_secret_optional != Some(true) {
            continue;
        }
        if global.is_pkce_required == Some(false) {
            findings
                .at_element(
                    component,
                    "isPkceRequired",
                    "an app without a secret relies on PKCE",
                )
                .help("set isPkceRequired to true once every client sends a code challenge");
        }
        // An org requires it by default.
        if global.is_secret_required_for_refresh_token != Some(false) {
            findings
                .at_element(
                    component,
                    "isSecretRequiredForRefreshToken",
                    "the secret is optional, but a refresh needs it",
                )
                .help("set isSecretRequiredForRefreshToken to false if the app's clients have no secret");
        }
    }
}

pub(crate) static JWT_NEEDS_GLOBAL: Rule = Rule {
    id: RuleId(1217),
    name: "jwt-needs-global",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "policies for JWT-based access tokens come with the switch in the global OAuth settings",
    explanation: "Lifetimes of JWT-based access tokens are for apps that issue them: without isNamedUserJwtEnabled in the \
        global OAuth settings the org answers \"Invalid plugin settings\". Guests need isCodeCredFlowEnabled and \
        JWT-based tokens too. sessionTimeoutInMinutes is the opposite: it is for opaque tokens only.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies; deploy error text",
    pair: include_str!("../../pairs/ECA1217-jwt-needs-global.txt"),
    check: jwt_needs_global,
};

fn jwt_needs_global(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let Some((_, global)) = files.global_settings() else {
            continue;
        };
        let jwt = global.is_named_user_jwt_enabled == Some(true);
        for (component, policies) in files.all::<ExtlClntAppOauthConfigurablePolicies>() {
            let mut check = |wrong: bool, element: &str, message: &str, severity: Severity| {
                if wrong {
                    findings
                        .at_element(component, element, message)
                        .at_most(severity);
                }
            };
            for (element, present) in [
                (
                    "namedUserJwtSessionTimeoutType",
                    policies.named_user_jwt_session_timeout_type.is_some(),
                ),
                (
                    "namedUserJwtTimeout",
                    policies.named_user_jwt_timeout.is_some(),
                ),
            ] {
                check(
                    present && !jwt,
                    element,
                    &format!(
                        "{element} needs isNamedUserJwtEnabled true in the global OAuth settings"
                    ),
                    Severity::Error,
                );
            }
            check(
                policies.is_guest_code_cred_flow_enabled == Some(true)
                    && global.is_code_cred_flow_enabled != Some(true),
                "isGuestCodeCredFlowEnabled",
                "isGuestCodeCredFlowEnabled needs isCodeCredFlowEnabled true in the global OAuth settings",
                Severity::Error,
            );
            check(
                policies.session_timeout_in_minutes.is_some() && jwt,
                "sessionTimeoutInMinutes",
                "sessionTimeoutInMinutes has no effect on JWT-based access tokens",
                Severity::Warning,
            );
        }
    }
}
