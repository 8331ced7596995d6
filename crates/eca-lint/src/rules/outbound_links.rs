//! References between outbound credentials: named credential, external credential, external auth
//! identity provider, permission set.

use eca_model::types::{
    ExternalCredential, NamedCredential, NamedCredentialParamType, NamedCredentialType,
    PermissionSet,
};
use eca_model::{Component, MetadataType, Position};

use crate::engine::context::{Context, Reference};
use crate::engine::findings::Findings;
use crate::engine::position::item_position;
use crate::engine::quote::Quoted;
use crate::engine::value::{is_namespaced, is_placeholder};
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::external_credential;
use crate::severity::Severity;
use crate::suggest::did_you_mean;

pub(crate) static EC_LINK: Rule = Rule {
    id: RuleId(1603),
    name: "ec-link",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a secured endpoint has one URL and one external credential, and the credential exists",
    explanation: "A named credential of type SecuredEndpoint only defines where a callout goes; the external \
        credential that its Authentication parameter names defines how it authenticates. Without exactly one Url \
        and one Authentication parameter, or with a credential that the org does not have, the deploy fails.",
    source: "Metadata API Developer Guide, NamedCredential",
    pair: include_str!("../../pairs/ECA1603-ec-link.txt"),
    check: ec_link,
};

fn ec_link(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, credential) in context.project.of_type::<NamedCredential>() {
        if credential.named_credential_type != Some(NamedCredentialType::SecuredEndpoint) {
            continue;
        }
        for kind in [
            NamedCredentialParamType::Url,
            NamedCredentialParamType::Authentication,
        ] {
            let count = credential
                .named_credential_parameters
                .iter()
                .filter(|parameter| parameter.parameter_type.as_ref() == Some(&kind))
                .count();
            if count != 1 {
                findings.at_element(
                    component,
                    "namedCredentialType",
                    format!(
                        "a SecuredEndpoint needs one parameter of type {}, not {count}",
                        kind.as_str()
                    ),
                );
            }
        }
        for (index, parameter) in credential.named_credential_parameters.iter().enumerate() {
            if parameter.parameter_type != Some(NamedCredentialParamType::Authentication) {
                continue;
            }
            let position = item_position(
                component,
                "namedCredentialParameters",
                index,
                "externalCredential",
            );
            match parameter
                .external_credential
                .as_deref()
                .map(str::trim)
                .filter(|name| !name.is_empty())
            {
                None => {
                    let message = "a parameter of type Authentication needs externalCredential";
                    findings.at(component.path(), position, message);
                }
                Some(name) => {
                    let link = Link {
                        component,
                        position,
                        kind: MetadataType::ExternalCredential,
                        name,
                    };
                    link.check(context, findings);
                }
            }
        }
    }
}

pub(crate) static EAIP_LINK: Rule = Rule {
    id: RuleId(1604),
    name: "eaip-link",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "the external auth identity provider of an external credential exists",
    explanation: "Client id, client secret and token endpoint of the credential's flow come from the external auth \
        identity provider that it names, so the provider has to be in the org or in the same deploy.",
    source: "Salesforce Help, \"Create or Edit an OAuth External Credential with the Client Credentials Flow Managed by \
        an External Identity Provider\"; Metadata API Developer Guide, ExternalCredential",
    pair: include_str!("../../pairs/ECA1604-eaip-link.txt"),
    check: eaip_link,
};

fn eaip_link(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, credential) in context.project.of_type::<ExternalCredential>() {
        for (index, parameter) in credential.external_credential_parameters.iter().enumerate() {
            let Some(name) = parameter.external_auth_identity_provider.as_deref() else {
                continue;
            };
            if name.trim().is_empty() {
                continue;
            }
            let position =
                external_credential::position(component, index, "externalAuthIdentityProvider");
            let link = Link {
                component,
                position,
                kind: MetadataType::ExternalAuthIdentityProvider,
                name: name.trim(),
            };
            link.check(context, findings);
        }
    }
}

/// A reference to a component of another file.
struct Link<'a> {
    component: &'a Component,
    position: Position,
    kind: MetadataType,
    name: &'a str,
}

impl Link<'_> {
    fn check(&self, context: &Context<'_>, findings: &mut Findings<'_>) {
        let severity = match context.look_up(self.kind, self.name) {
            Reference::Present | Reference::Elsewhere => return,
            Reference::Missing => Severity::Error,
            Reference::NoneOfThisType => Severity::Warning,
        };
        let Self {
            component,
            position,
            kind,
            name,
        } = self;
        findings
            .at(
                component.path(),
                *position,
                format!("the project has no {kind} called {}", Quoted(name)),
            )
            .at_most(severity)
            .help_if_some(did_you_mean(name, context.names(*kind)));
    }
}

pub(crate) static EC_ACCESS: Rule = Rule {
    id: RuleId(1605),
    name: "ec-access",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a permission set grants principals that exist, written as credential, hyphen, principal",
    explanation: "The value is the API name of the external credential, one hyphen without spaces around it, and the \
        parameterName of the principal, which is not its label and may contain spaces. A principal that does not exist \
        fails the deploy; a grant that was forgotten shows only when a user's callout is refused.",
    source: "Metadata API Developer Guide, PermissionSet (PermissionSetExternalCredentialPrincipalAccess)",
    pair: include_str!("../../pairs/ECA1605-ec-access.txt"),
    check: ec_access,
};

fn ec_access(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, permissions) in context.project.of_type::<PermissionSet>() {
        for (index, access) in permissions
            .external_credential_principal_accesses
            .iter()
            .enumerate()
        {
            let Some(value) = access.external_credential_principal.as_deref() else {
                continue;
            };
            if is_placeholder(value) || value.trim().is_empty() {
                continue;
            }
            let Some(flaw) = access_flaw(context, value) else {
                continue;
            };
            let list = "externalCredentialPrincipalAccesses";
            let position = item_position(component, list, index, "externalCredentialPrincipal");
            findings
                .at(component.path(), position, flaw.message)
                .at_most(flaw.severity)
                .help_if_some(flaw.help);
        }
    }
}

struct Flaw {
    message: String,
    severity: Severity,
    help: Option<String>,
}

fn access_flaw(context: &Context<'_>, value: &str) -> Option<Flaw> {
    // Credential names cannot contain a hyphen; principals can.
    let Some((name, principal)) = value.split_once('-') else {
        return Some(Flaw {
            message: format!("{} names no principal", Quoted(value)),
            severity: Severity::Error,
            help: Some(
                "write the credential's API name, a hyphen, and the principal's parameterName"
                    .to_owned(),
            ),
        });
    };
    if name.ends_with(' ') || principal.starts_with(' ') {
        return Some(Flaw {
            message: format!("{} has spaces around the hyphen", Quoted(value)),
            severity: Severity::Error,
            help: Some(format!("write {}-{}", name.trim(), principal.trim())),
        });
    }
    let name = context.project.own_name(name);
    if is_namespaced(name) {
        return None;
    }
    match context.component::<ExternalCredential>(name) {
        // An unreadable file is reported already.
        None if context.look_up(MetadataType::ExternalCredential, name) == Reference::Present => {
            None
        }
        None => {
            let kind = MetadataType::ExternalCredential;
            let alone = context.look_up(kind, name) == Reference::NoneOfThisType;
            Some(Flaw {
                message: format!("the project has no {kind} called {}", Quoted(name)),
                severity: if alone {
                    Severity::Warning
                } else {
                    Severity::Error
                },
                help: did_you_mean(name, context.names(kind)),
            })
        }
        Some(credential) => {
            let names = || {
                external_credential::principals(credential)
                    .filter_map(|(_, principal)| principal.parameter_name.as_deref())
            };
            if names().any(|known| known == principal) {
                return None;
            }
            Some(Flaw {
                message: format!("{name} has no principal called {}", Quoted(principal)),
                severity: Severity::Error,
                help: did_you_mean(principal, names()),
            })
        }
    }
}

pub(crate) static PROFILE_EPA: Rule = Rule {
    id: RuleId(1608),
    name: "profile-epa",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "principals of external credentials are granted by permission sets, not by profiles",
    explanation: "Access to principals looks like the other access lists that permission sets and profiles share, so \
        people copy it from one to the other. The schema of Profile has no externalCredentialPrincipalAccesses \
        in any version: the org refuses the profile, and with it the deploy.",
    source: "metadata WSDL, API versions 47.0 to 66.0 (types PermissionSet and Profile)",
    pair: include_str!("../../pairs/ECA1608-profile-epa.txt"),
    check: |context, findings| {
        const ELEMENT: &str = "externalCredentialPrincipalAccesses";
        for (component, _) in context.project.of_type::<eca_model::types::Profile>() {
            if component.file().locate(ELEMENT).is_some() {
                findings
                    .at_element(component, ELEMENT, format!("a profile has no {ELEMENT}"))
                    .help("move it to a permission set, and assign that to the profile's users");
            }
        }
    },
};
