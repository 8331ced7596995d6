//! The principals and formulas of external credentials.

use std::collections::BTreeMap;

use eca_model::types::{
    ExternalCredential, ExternalCredentialParamType as Parameter, NamedCredential,
};
use eca_model::{Component, Position};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::position::item_position;
use crate::engine::quote::Quoted;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::external_credential::{position, principals};
use crate::severity::Severity;

pub(crate) static EC_PRINCIPALS: Rule = Rule {
    id: RuleId(1609),
    name: "ec-principals",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "the principals of a credential differ in name and sequence number, and fit its flow",
    explanation: "A user with several principals gets the one with the lowest sequence number; with the same number \
        twice, or with none, nobody can tell which. The client credentials flow logs in as the service, so its \
        principals are named ones: with a per-user principal, each user would need a login that the flow does not \
        have. A credential takes its client from one identity provider; which of two counts is not documented.",
    source: "Salesforce Help, \"Create or Edit an OAuth External Credential with the Client Credentials Flow Managed by an \
        External Identity Provider\" (\"Create Principals\")",
    pair: include_str!("../../pairs/ECA1609-ec-principals.txt"),
    check: ec_principals,
};

fn ec_principals(context: &Context<'_>, findings: &mut Findings<'_>) {
    for credential in context.project.of_type::<ExternalCredential>() {
        let component = credential.0;
        let path = component.path();
        let at = |index, element| position(component, index, element);
        let has_number = principals(credential).any(|(_, one)| one.sequence_number.is_some());
        let (mut names, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        for (index, principal) in principals(credential) {
            let name = principal.parameter_name.as_deref().unwrap_or_default();
            if !name.is_empty() && names.insert(name, index).is_some() {
                let message = format!("the principal {} is listed twice", Quoted(name));
                findings.at(path, at(index, "parameterName"), message);
            }
            let message = match principal.sequence_number {
                Some(number) if number < 0 => {
                    format!("the sequence number {number} is negative")
                }
                Some(number) => match numbers.insert(number, name) {
                    Some(other) if other != name => {
                        let (one, two) = (Quoted(other), Quoted(name));
                        format!("{one} and {two} have the sequence number {number}")
                    }
                    _ => continue,
                },
                None if has_number => {
                    format!(
                        "{} has no sequence number, and others have one",
                        Quoted(name)
                    )
                }
                None => continue,
            };
            findings
                .at(path, at(index, "sequenceNumber"), message)
                .help("give each principal a number of its own, from 1 on; the lowest counts");
        }
        let parameters = || {
            credential
                .1
                .external_credential_parameters
                .iter()
                .enumerate()
        };
        let of = |kind: Parameter| {
            parameters().filter(move |(_, one)| one.parameter_type.as_ref() == Some(&kind))
        };
        if let Some((index, _)) = of(Parameter::ExternalAuthIdentityProvider).nth(1) {
            let message = "the credential names two identity providers";
            findings.at(path, at(index, "externalAuthIdentityProvider"), message);
        }
        let is_of_service = of(Parameter::AuthProtocolVariant).any(|(_, one)| {
            let variant = one.parameter_value.as_deref().unwrap_or_default();
            variant.trim().starts_with("ClientCredentials")
        });
        if !is_of_service {
            continue;
        }
        for (index, _) in of(Parameter::PerUserPrincipal) {
            findings
                .at(
                    path,
                    at(index, "parameterType"),
                    "the client credentials flow has no users, so that no per-user principal gets a token",
                )
                .help("use a parameter of type NamedPrincipal");
        }
    }
}

pub(crate) static EC_FORMULA: Rule = Rule {
    id: RuleId(1610),
    name: "ec-formula",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a formula is closed, and names the credential that it stands for",
    explanation: "A value in {!…} is a formula, evaluated at each callout. One without its closing brace is sent as it \
        stands, and $Credential.NAME.KEY is empty unless NAME is the external credential (not the principal, and not \
        the named credential): the service answers 401, and nothing in the org says why.",
    source: "Salesforce Help, \"Create Custom Headers\" ($Credential.EC_dev_name.AuthParam_name)",
    pair: include_str!("../../pairs/ECA1610-ec-formula.txt"),
    check: ec_formula,
};

fn ec_formula(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, credential) in context.project.of_type::<ExternalCredential>() {
        for (index, one) in credential.external_credential_parameters.iter().enumerate() {
            let place = || position(component, index, "parameterValue");
            let known = [component.full_name()];
            check_formulas(
                context,
                component,
                one.parameter_value.as_deref(),
                &known,
                place,
                findings,
            );
        }
    }
    for (component, credential) in context.project.of_type::<NamedCredential>() {
        let parameters = || credential.named_credential_parameters.iter();
        let known = parameters().filter_map(|one| one.external_credential.as_deref());
        let known: Vec<_> = known
            .map(|name| context.project.own_name(name.trim()))
            .collect();
        for (index, one) in parameters().enumerate() {
            let list = "namedCredentialParameters";
            let place = || item_position(component, list, index, "parameterValue");
            check_formulas(
                context,
                component,
                one.parameter_value.as_deref(),
                &known,
                place,
                findings,
            );
        }
    }
}

fn check_formulas(
    context: &Context<'_>,
    component: &Component,
    value: Option<&str>,
    known: &[&str],
    place: impl Fn() -> Position,
    findings: &mut Findings<'_>,
) {
    let Some((_, formulas)) = value.and_then(|value| value.split_once("{!")) else {
        return;
    };
    for formula in formulas.split("{!") {
        let Some((formula, _)) = formula.split_once('}') else {
            findings
                .at(component.path(), place(), "a formula has no closing brace")
                .help("write {!formula}");
            continue;
        };
        for rest in formula.split("$Credential.").skip(1) {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let (name, rest) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
            // `$Credential.Password` and its like are of credentials of before.
            if !rest.starts_with('.') || known.is_empty() {
                continue;
            }
            if !known.contains(&context.project.own_name(name)) {
                let message = format!(
                    "the formula reads {}, but the external credential is {}",
                    Quoted(name),
                    known.join(" or ")
                );
                findings
                    .at(component.path(), place(), message)
                    .help(format!("write $Credential.{}.KEY", known[0]));
            }
        }
    }
}
