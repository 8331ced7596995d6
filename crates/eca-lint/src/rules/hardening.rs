//! Least privilege.

use eca_model::text::ScopeList;
use eca_model::types::{
    ExternalAuthIdentityProvider, ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies, ExtlClntAppOauthSettings, NamedCredential,
    NamedCredentialParamType, SessionSecurityLevel,
};

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::engine::position::item_position;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::first_party::is_first_party;
use crate::severity::Severity;

type Global = ExtlClntAppGlobalOauthSettings;
type Policies = ExtlClntAppOauthConfigurablePolicies;

pub(crate) static SCOPE_BROAD: Rule = Rule {
    id: RuleId(1706),
    name: "scope-broad",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "scopes are as narrow as the app's purpose",
    explanation: "With Web, an access token can be turned into a browser session with all rights of its user, without the \
        login page. With both Api and MCP, an agent that should only use tools can call every other API with the \
        same token. List only the scopes that the app needs.",
    source: "Salesforce Help, \"OAuth Tokens and Scopes\"",
    pair: include_str!("../../pairs/ECA1706-scope-broad.txt"),
    check: scope_broad,
};

fn scope_broad(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, settings) in context.project.of_type::<ExtlClntAppOauthSettings>() {
        let scopes: Vec<_> = settings
            .comma_separated_oauth_scopes
            .iter()
            .flat_map(ScopeList::iter)
            .collect();
        let mut add = |message: &str| {
            findings.at_element(component, "commaSeparatedOauthScopes", message);
        };
        if scopes.contains(&"Web") {
            add("with Web, a token can become a browser session");
        }
        if scopes.contains(&"Api") && scopes.contains(&"MCP") {
            add("with Api and MCP, the agent's token is valid for every other API");
        }
    }
}

pub(crate) static PLAIN_HTTP: Rule = Rule {
    id: RuleId(1719),
    name: "plain-http",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "credentials and logouts go over https",
    explanation: "A token endpoint or a service behind a named credential gets client secrets and tokens, and a logout URL \
        the session of a user. Over plain http anyone on the network path can read them and answer in the place of \
        the service.",
    source: "RFC 6749, section 3.2; OpenID Connect Front-Channel Logout 1.0, section 2",
    pair: include_str!("../../pairs/ECA1719-plain-http.txt"),
    check: plain_http,
};

fn plain_http(context: &Context<'_>, findings: &mut Findings<'_>) {
    let is_plain = |url: Option<&str>| {
        url.and_then(|url| url.trim().get(..7))
            .is_some_and(|start| start.eq_ignore_ascii_case("http://"))
    };
    let message = |what: &str| format!("{what} is plain http");
    for (component, settings) in context.project.of_type::<ExtlClntAppOauthSettings>() {
        if is_plain(settings.single_logout_url.as_deref()) {
            findings.at_element(component, "singleLogoutUrl", message("the logout URL"));
        }
    }
    for (component, provider) in context.project.of_type::<ExternalAuthIdentityProvider>() {
        let list = "externalAuthIdentityProviderParameters";
        for (index, one) in provider
            .external_auth_identity_provider_parameters
            .iter()
            .enumerate()
        {
            if is_plain(one.parameter_value.as_deref()) {
                let place = item_position(component, list, index, "parameterValue");
                findings.at(component.path(), place, message("an endpoint"));
            }
        }
    }
    for (component, credential) in context.project.of_type::<NamedCredential>() {
        let list = "namedCredentialParameters";
        for (index, one) in credential.named_credential_parameters.iter().enumerate() {
            let is_url = one.parameter_type == Some(NamedCredentialParamType::Url);
            if is_url && is_plain(one.parameter_value.as_deref()) {
                let place = item_position(component, list, index, "parameterValue");
                findings.at(component.path(), place, message("the service's URL"));
            }
        }
    }
}

pub(crate) static CC_API_ONLY: Rule = Rule {
    id: RuleId(1707),
    name: "cc-api-only",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "the client credentials flow runs as an API-only user",
    explanation: "Anyone who has the client secret can act as the user in clientCredentialsFlowUser, without a password \
        and without a second factor. An API-only user limits the damage, because it cannot log in to the user \
        interface. The files do not show whether the user has the permission \"API Only User\", so the rule \
        reports each app with this flow once. Check the user, then add an eca-ignore comment that names the \
        permission set.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies (clientCredentialsFlowUser)",
    pair: include_str!("../../pairs/ECA1707-cc-api-only.txt"),
    check: |context, findings| {
        for (component, policies) in context.project.of_type::<Policies>() {
            let user = policies
                .client_credentials_flow_user
                .as_deref()
                .map_or("", str::trim);
            if policies.is_client_credentials_flow_enabled == Some(true)
                && !user.is_empty()
                && !is_placeholder(user)
            {
                findings
                    .at_element(
                        component,
                        "clientCredentialsFlowUser",
                        "the files do not show whether the run-as user is API-only",
                    )
                    .help("check that the user has the permission \"API Only User\", then add an eca-ignore comment that names the permission set");
            }
        }
    },
};

pub(crate) static SECRET_OFF: Rule = Rule {
    id: RuleId(1708),
    name: "secret-off",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "the flows of an app require the client secret",
    explanation: "Each of these switches lets a flow run without the secret, so a client needs only the consumer key, \
        which is public. That is right for mobile and browser apps, and a risk for everything that runs on a \
        server.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings; RFC 9700, section 2.5",
    pair: include_str!("../../pairs/ECA1708-secret-off.txt"),
    check: |context, findings| {
        for (component, global) in context.project.of_type::<Global>() {
            for (element, off) in [
                (
                    "isConsumerSecretOptional",
                    global.is_consumer_secret_optional == Some(true),
                ),
                (
                    "isSecretRequiredForRefreshToken",
                    global.is_secret_required_for_refresh_token == Some(false),
                ),
                (
                    "isSecretRequiredForTokenExchange",
                    global.is_secret_required_for_token_exchange == Some(false)
                        && global.is_token_exchange_enabled == Some(true),
                ),
            ] {
                if off {
                    findings.at_element(
                        component,
                        element,
                        format!("{element} allows clients without the secret"),
                    );
                }
            }
        }
    },
};

pub(crate) static SESSION_HIGH: Rule = Rule {
    id: RuleId(1709),
    name: "session-high",
    severity: Severity::Info,
    profiles: &[Profile::Hardening],
    summary: "the app requires high-assurance sessions",
    explanation: "A session of level STANDARD may come from a password alone. With HIGH_ASSURANCE the app admits only \
        users with a second factor, and policyAction defines whether other users are refused or asked for one. \
        First-party apps are passed over: their headless logins cannot complete a second factor, and ECA1220 \
        reports the level there.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies (requiredSessionLevel)",
    pair: include_str!("../../pairs/ECA1709-session-high.txt"),
    check: |context, findings| {
        // Headless logins cannot complete a second factor.
        let apps = context.apps.iter().filter(|files| !is_first_party(files));
        for (component, policies) in apps.flat_map(AppFiles::all::<Policies>) {
            if matches!(
                policies.required_session_level,
                None | Some(SessionSecurityLevel::Standard | SessionSecurityLevel::Low)
            ) {
                findings
                    .at_element(component, "requiredSessionLevel", "sessions without a second factor may use the app")
                    .help("set requiredSessionLevel to HIGH_ASSURANCE and policyAction to RaiseSessionLevel or Block");
            }
        }
    },
};

pub(crate) static INTROSPECT_ALL: Rule = Rule {
    id: RuleId(1710),
    name: "introspect-all",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "an app introspects its own tokens only",
    explanation: "With isIntrospectAllTokens the app can query every token of the org: its user, its scopes, and whether \
        it is active. Only a gateway that validates tokens for other apps needs that.",
    source: "RFC 7662, section 4; Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1710-introspect-all.txt"),
    check: |context, findings| {
        for (component, global) in context.project.of_type::<Global>() {
            if global.is_introspect_all_tokens == Some(true) {
                findings.at_element(
                    component,
                    "isIntrospectAllTokens",
                    "the app may introspect the tokens of all apps",
                );
            }
        }
    },
};

pub(crate) static DEVICE_FLOW: Rule = Rule {
    id: RuleId(1711),
    name: "device-flow",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "the device flow is off",
    explanation: "In the device flow a user confirms a code on one device and another device receives the token. An \
        attacker who persuades a user to enter the attacker's code receives that user's token, and the page \
        looks the same. Leave the flow on only for devices without a browser.",
    source: "RFC 8628, section 5.4; Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1711-device-flow.txt"),
    check: |context, findings| {
        for (component, global) in context.project.of_type::<Global>() {
            if global.is_device_flow_enabled == Some(true) {
                findings.at_element(
                    component,
                    "isDeviceFlowEnabled",
                    "users can be talked into confirming the code of another device",
                );
            }
        }
    },
};
