//! The parameters of an external credential.

use eca_model::types::{
    ExternalCredential, ExternalCredentialParamType, ExternalCredentialParameter,
};
use eca_model::{Component, Position};

use crate::engine::context::{Context, TypedComponent};
use crate::engine::findings::Findings;
use crate::engine::position::item_position;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static EC_PARAM_SHAPE: Rule = Rule {
    id: RuleId(1601),
    name: "ec-param-shape",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "each parameter of an external credential has the member that its type requires",
    explanation: "The type of a parameter decides which of its members is used: an ExternalAuthIdentityProvider parameter \
        names the provider in externalAuthIdentityProvider, not in parameterValue. With the wrong member the \
        deploy fails, or the callout runs without the value. An additional status code for a token refresh is a \
        client error or a custom code; 401 always refreshes the token.",
    source: "Metadata API Developer Guide, ExternalCredential; Salesforce Help, \"Create or Edit an OAuth External \
        Credential with the Client Credentials Flow Managed by an External Identity Provider\"",
    pair: include_str!("../../pairs/ECA1601-ec-param-shape.txt"),
    check: ec_param_shape,
};

fn ec_param_shape(context: &Context<'_>, findings: &mut Findings<'_>) {
    for credential in context.project.of_type::<ExternalCredential>() {
        for (index, parameter) in credential
            .1
            .external_credential_parameters
            .iter()
            .enumerate()
        {
            let Some(kind) = &parameter.parameter_type else {
                continue;
            };
            let mut check = |element: &str, message: String| {
                findings.at(
                    credential.0.path(),
                    position(credential.0, index, element),
                    message,
                );
            };
            for (element, value, owner) in [
                (
                    "authProvider",
                    &parameter.auth_provider,
                    ExternalCredentialParamType::AuthProvider,
                ),
                (
                    "certificate",
                    &parameter.certificate,
                    ExternalCredentialParamType::SigningCertificate,
                ),
                (
                    "externalAuthIdentityProvider",
                    &parameter.external_auth_identity_provider,
                    ExternalCredentialParamType::ExternalAuthIdentityProvider,
                ),
            ] {
                match (has_text(value.as_deref()), *kind == owner) {
                    (false, true) => check(
                        element,
                        format!("a parameter of type {} needs {element}", kind.as_str()),
                    ),
                    (true, false) => check(
                        element,
                        format!(
                            "{element} belongs to parameters of type {}, not {}",
                            owner.as_str(),
                            kind.as_str()
                        ),
                    ),
                    _ => {}
                }
            }
            if *kind == ExternalCredentialParamType::AuthHeader
                && !has_text(parameter.parameter_value.as_deref())
            {
                check(
                    "parameterValue",
                    "a parameter of type AuthHeader needs parameterValue".to_owned(),
                );
            }
            if *kind == ExternalCredentialParamType::AdditionalRefreshStatusCode {
                let value = parameter
                    .parameter_value
                    .as_deref()
                    .unwrap_or_default()
                    .trim();
                if !is_refresh_status(value) && !is_placeholder(value) {
                    check(
                        "parameterValue",
                        format!(
                            "{} is not a status code for a token refresh; use 400 to 499 or 600 to 999",
                            Quoted(value)
                        ),
                    );
                }
            }
        }
    }
}

fn is_refresh_status(text: &str) -> bool {
    matches!(text.parse::<u16>(), Ok(400..=499 | 600..=999))
}

fn has_text(value: Option<&str>) -> bool {
    value.is_some_and(|text| !text.trim().is_empty())
}

pub(crate) static EC_PRINCIPAL: Rule = Rule {
    id: RuleId(1602),
    name: "ec-principal",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an external credential has a principal, and the group of a principal is its name",
    explanation: "A permission set grants a principal of a credential, not the credential itself; without a principal, \
        no user can make a callout with it. parameterGroup ties further parameters to a principal by name, so a group \
        with another name leaves the principal without them.",
    source: "Metadata API Developer Guide, ExternalCredential; Salesforce Help, \"Create or Edit an OAuth External \
        Credential with the Client Credentials Flow Managed by an External Identity Provider\" (\"Create Principals\")",
    pair: include_str!("../../pairs/ECA1602-ec-principal.txt"),
    check: ec_principal,
};

fn ec_principal(context: &Context<'_>, findings: &mut Findings<'_>) {
    for credential in context.project.of_type::<ExternalCredential>() {
        if principals(credential).next().is_none() {
            findings
                .at_element(
                    credential.0,
                    "",
                    format!("{} has no principal", credential.0.full_name()),
                )
                .help("add a parameter of type NamedPrincipal or PerUserPrincipal");
        }
        for (index, principal) in principals(credential) {
            let by_name = matches!(
                principal.parameter_type,
                Some(
                    ExternalCredentialParamType::NamedPrincipal
                        | ExternalCredentialParamType::PerUserPrincipal
                )
            );
            let (Some(group), Some(name), true) = (
                &principal.parameter_group,
                &principal.parameter_name,
                by_name,
            ) else {
                continue;
            };
            if group != name {
                findings
                    .at(
                        credential.0.path(),
                        position(credential.0, index, "parameterGroup"),
                        format!(
                            "the group of the principal {} is {}",
                            Quoted(name),
                            Quoted(group)
                        ),
                    )
                    .help(format!("set parameterGroup to {name}"));
            }
        }
    }
}

/// The parameters that are principals, with their index among all parameters.
pub(super) fn principals(
    credential: TypedComponent<'_, ExternalCredential>,
) -> impl Iterator<Item = (usize, &ExternalCredentialParameter)> {
    credential
        .1
        .external_credential_parameters
        .iter()
        .enumerate()
        .filter(|(_, parameter)| {
            parameter
                .parameter_type
                .as_ref()
                .is_some_and(|kind| kind.as_str().ends_with("Principal"))
        })
}

/// The position of a parameter's member, or of the parameter itself if the member is absent.
pub(super) fn position(component: &Component, index: usize, element: &str) -> Position {
    item_position(component, "externalCredentialParameters", index, element)
}
