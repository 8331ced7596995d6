//! External auth identity providers, and the flow of the credentials that use them.

use std::collections::BTreeSet;

use eca_model::types::{
    AuthenticationProtocol, ExternalAuthIdentityProvider, ExternalCredential,
    ExternalCredentialParamType, ExtlIdentityProviderParmType as Parameter,
    IdentityProviderAuthFlow, PermissionSet,
};
use eca_model::{Component, MetadataType};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::position::item_position;
use crate::engine::quote::Quoted;
use crate::engine::value::{is_namespaced, is_placeholder};
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::external_credential::{position, principals};
use crate::severity::Severity;

pub(crate) static EAIP_PARAMS: Rule = Rule {
    id: RuleId(1606),
    name: "eaip-params",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an external auth identity provider has the endpoints that its flow requires",
    explanation: "The authorization code flow needs AuthorizeUrl and TokenUrl, the client credentials flow \
        TokenUrl. ClientAuthentication defines where the client secret goes, ClientSecretPost or \
        ClientSecretBasic, and PkceEnabled among the IdentityProviderOptions is true or false. The schema types \
        these as strings, so mistakes show only at the first callout.",
    source: "Metadata API Developer Guide, ExternalAuthIdentityProvider; files that orgs wrote",
    pair: include_str!("../../pairs/ECA1606-eaip-params.txt"),
    check: eaip_params,
};

fn eaip_params(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, provider) in context.project.of_type::<ExternalAuthIdentityProvider>() {
        let has = |kind: &Parameter| {
            let parameters = &provider.external_auth_identity_provider_parameters;
            parameters
                .iter()
                .any(|parameter| parameter.parameter_type.as_ref() == Some(kind))
        };
        let needed: &[Parameter] = match &provider.authentication_flow {
            Some(IdentityProviderAuthFlow::AuthorizationCode) => {
                &[Parameter::AuthorizeUrl, Parameter::TokenUrl]
            }
            Some(IdentityProviderAuthFlow::ClientCredentials) => &[Parameter::TokenUrl],
            _ => &[],
        };
        for kind in needed
            .iter()
            .filter(|kind| !has(kind) && !has(&Parameter::StandardExternalIdentityProvider))
        {
            let flow = provider
                .authentication_flow
                .as_ref()
                .map_or("", |flow| flow.as_str());
            findings.at_element(
                component,
                "authenticationFlow",
                format!("{flow} needs a parameter of type {}", kind.as_str()),
            );
        }
        let parameters = provider.external_auth_identity_provider_parameters.iter();
        for (index, parameter) in parameters.enumerate() {
            let Some(value) = parameter.parameter_value.as_deref().map(str::trim) else {
                continue;
            };
            let pkce = parameter.parameter_name.as_deref() == Some("PkceEnabled");
            let allowed: &[&str] = match &parameter.parameter_type {
                Some(Parameter::ClientAuthentication) => &["ClientSecretPost", "ClientSecretBasic"],
                Some(Parameter::IdentityProviderOptions) if pkce => &["true", "false"],
                _ => continue,
            };
            if !allowed.contains(&value) && !is_placeholder(value) {
                findings
                    .at(
                        component.path(),
                        item_position(
                            component,
                            "externalAuthIdentityProviderParameters",
                            index,
                            "parameterValue",
                        ),
                        format!("{} is not a known value of this parameter", Quoted(value)),
                    )
                    .help(format!("use {}", allowed.join(" or ")));
            }
        }
    }
}

pub(crate) static EC_PROTOCOL: Rule = Rule {
    id: RuleId(1607),
    name: "ec-protocol",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an external credential has a supported protocol",
    explanation: "Jwt, JwtExchange, NoAuthentication and Password are in the schema but reserved: an org may accept the \
        file, but the credential then has no flow that gets a token. For JWT bearer use Oauth with a variant, \
        for a password use Basic.",
    source: "Metadata API Developer Guide, ExternalCredential (authenticationProtocol)",
    pair: include_str!("../../pairs/ECA1607-ec-protocol.txt"),
    check: |context, findings| {
        for (component, credential) in context.project.of_type::<ExternalCredential>() {
            let Some(
                protocol @ (AuthenticationProtocol::Jwt
                | AuthenticationProtocol::JwtExchange
                | AuthenticationProtocol::NoAuthentication
                | AuthenticationProtocol::Password),
            ) = &credential.authentication_protocol
            else {
                continue;
            };
            findings
                .at_element(
                    component,
                    "authenticationProtocol",
                    format!("{} is reserved for Salesforce", protocol.as_str()),
                )
                .help("use Oauth, Basic, AwsSv4 or Custom");
        }
    },
};

pub(crate) static EC_FLOW: Rule = Rule {
    id: RuleId(1620),
    name: "ec-flow",
    severity: Severity::Error,
    profiles: &[Profile::ExternalCredential],
    summary: "an OAuth credential names the identity provider that manages its flow",
    explanation: "Endpoint, client id and client secret of the flow come from an external auth identity \
        provider (or from an auth. provider or a certificate, for other variants). Without any of them the \
        credential deploys, and each callout fails without a token.",
    source: "Salesforce Help, \"Create or Edit an OAuth External Credential with the Client Credentials Flow Managed by an \
        External Identity Provider\"",
    pair: include_str!("../../pairs/ECA1620-ec-flow.txt"),
    check: |context, findings| {
        for (component, credential) in context.project.of_type::<ExternalCredential>() {
            if credential.authentication_protocol != Some(AuthenticationProtocol::Oauth) {
                continue;
            }
            let linked = credential
                .external_credential_parameters
                .iter()
                .any(|parameter| {
                    matches!(
                        parameter.parameter_type,
                        Some(
                            ExternalCredentialParamType::ExternalAuthIdentityProvider
                                | ExternalCredentialParamType::AuthProvider
                                // Variants without a provider name the endpoint themselves.
                                | ExternalCredentialParamType::AuthProviderUrl
                                | ExternalCredentialParamType::SigningCertificate
                        )
                    )
                });
            if !linked {
                findings
                    .at_element(
                        component,
                        "authenticationProtocol",
                        "the credential names no identity provider",
                    )
                    .help("add a parameter of type ExternalAuthIdentityProvider");
            }
        }
    },
};

pub(crate) static EC_CLIENT_AUTH: Rule = Rule {
    id: RuleId(1621),
    name: "ec-client-auth",
    severity: Severity::Warning,
    profiles: &[Profile::ExternalCredential],
    summary: "an identity provider defines where the client secret goes",
    explanation: "Some token endpoints accept client id and secret in the body only, some in the Authorization header \
        only, and refuse the other form with invalid_client. A parameter of type ClientAuthentication decides \
        it. Without it the org decides, and the file does not show how.",
    source: "RFC 6749, section 2.3.1; files that orgs wrote",
    pair: include_str!("../../pairs/ECA1621-ec-client-auth.txt"),
    check: |context, findings| {
        for (component, provider) in context.project.of_type::<ExternalAuthIdentityProvider>() {
            let parameters = &provider.external_auth_identity_provider_parameters;
            let is_defined = parameters
                .iter()
                .any(|parameter| parameter.parameter_type == Some(Parameter::ClientAuthentication));
            if !is_defined {
                findings
                    .at_element(component, "", "nothing defines where the client secret goes")
                    .help("add a parameter of type ClientAuthentication: ClientSecretPost or ClientSecretBasic");
            }
        }
    },
};

pub(crate) static EC_REFRESH_STATUS: Rule = Rule {
    id: RuleId(1622),
    name: "ec-refresh-status",
    severity: Severity::Warning,
    profiles: &[Profile::ExternalCredential],
    summary: "each status code that refreshes a token is listed once, and 401 is not listed",
    explanation: "After a response with status 401, the org always gets a new token. AdditionalRefreshStatusCode is for \
        services that answer with another code when a token has expired; a repeated code, or 401, has no effect.",
    source: "Salesforce Help, \"Create or Edit an OAuth External Credential with the Client Credentials Flow Managed by an \
        External Identity Provider\"",
    pair: include_str!("../../pairs/ECA1622-ec-refresh-status.txt"),
    check: ec_refresh_status,
};

fn ec_refresh_status(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, credential) in context.project.of_type::<ExternalCredential>() {
        let mut seen = BTreeSet::new();
        let parameters = credential.external_credential_parameters.iter().enumerate();
        for (index, parameter) in parameters {
            if parameter.parameter_type
                != Some(ExternalCredentialParamType::AdditionalRefreshStatusCode)
            {
                continue;
            }
            let code = parameter.parameter_value.as_deref().map_or("", str::trim);
            let message = if code == "401" {
                "401 refreshes the token in any case".to_owned()
            } else if !seen.insert(code) {
                format!("{} is listed already", Quoted(code))
            } else {
                continue;
            };
            findings.at(
                component.path(),
                position(component, index, "parameterValue"),
                message,
            );
        }
    }
}

pub(crate) static EC_GRANTED: Rule = Rule {
    id: RuleId(1623),
    name: "ec-granted",
    severity: Severity::Warning,
    profiles: &[Profile::ExternalCredential],
    summary: "a permission set grants each principal",
    explanation: "No user, administrators included, can make a callout with a principal that no permission set grants to \
        them. The deploy succeeds; the first callout fails because the user lacks access to the credential.",
    source: "Salesforce Help, \"Create or Edit an OAuth External Credential with the Client Credentials Flow Managed by an \
        External Identity Provider\"; Metadata API Developer Guide, PermissionSet",
    pair: include_str!("../../pairs/ECA1623-ec-granted.txt"),
    check: ec_granted,
};

fn ec_granted(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.has_unreadable(MetadataType::PermissionSet) {
        return;
    }
    let granted: BTreeSet<_> = context
        .project
        .of_type::<PermissionSet>()
        .flat_map(|(_, permissions)| &permissions.external_credential_principal_accesses)
        .filter(|access| access.enabled != Some(false))
        .filter_map(|access| access.external_credential_principal.as_deref())
        .map(|principal| context.project.own_name(principal))
        .collect();
    for (component, credential) in context.project.of_type::<ExternalCredential>() {
        // A package grants the principals of its own credentials.
        if is_namespaced(context.project.own_name(component.full_name())) {
            continue;
        }
        let ungranted = |component: &Component, name: &str| {
            !granted.contains(format!("{}-{name}", component.full_name()).as_str())
        };
        for (index, principal) in principals((component, credential)) {
            let Some(name) = principal.parameter_name.as_deref().map(str::trim) else {
                continue;
            };
            if !name.is_empty() && !is_placeholder(name) && ungranted(component, name) {
                findings
                    .at(
                        component.path(),
                        position(component, index, "parameterName"),
                        format!("no permission set of the project grants the principal {}", Quoted(name)),
                    )
                    .help("add an externalCredentialPrincipalAccesses element to the permission set of its users");
            }
        }
    }
}
