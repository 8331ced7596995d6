//! Apps that log in by SAML.

use eca_model::types::{
    ExtlClntAppDistState, ExtlClntAppSamlConfigurablePolicies, ExtlClntAppSamlSignAlgoType,
    ExtlClntAppSamlSubjectType,
};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

type Saml = ExtlClntAppSamlConfigurablePolicies;

pub(crate) static SAML_LOCAL: Rule = Rule {
    id: RuleId(1903),
    name: "saml-local",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "an app with SAML policies is local and has the SAML plugin on",
    explanation: "Only an app whose distributionState is Local can use SAML, and only with isSamlPluginEnabled on; the org \
        refuses SAML policies of any other app. An app that is meant for a package needs OAuth, or a local copy \
        in each org.",
    source: "Metadata API Developer Guide, ExtlClntAppSamlConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1903-saml-local.txt"),
    check: saml_local,
};

fn saml_local(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let app = files.app.name;
        for (component, _) in files.all::<Saml>() {
            let state = files
                .header()
                .and_then(|(_, header)| header.distribution_state.as_ref());
            match state {
                // Values that do not exist have another rule.
                None | Some(ExtlClntAppDistState::Local | ExtlClntAppDistState::Unknown(_)) => {}
                Some(state) => {
                    findings
                        .at_element(
                            component,
                            "externalClientApplication",
                            format!("{app} is {}, and SAML is for local apps", state.as_str()),
                        )
                        .help("set distributionState of the app to Local, or log in by OAuth");
                }
            }
        }
        let Some((policies, values)) = files.policies() else {
            continue;
        };
        if files.all::<Saml>().next().is_some() && values.is_saml_plugin_enabled == Some(false) {
            findings.at_element(
                policies,
                "isSamlPluginEnabled",
                format!("{app} has SAML policies, and the SAML plugin is off"),
            );
        }
    }
}

pub(crate) static SAML_SUBJECT: Rule = Rule {
    id: RuleId(1904),
    name: "saml-subject",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a subject from a custom attribute names it, and encryption comes with its certificate",
    explanation: "With subjectType CustomAttribute, subjectCustomAttribute names the field that the subject is taken from. \
        With another type it has no effect, and CustomAttribute without it leaves the subject empty. In the same \
        way encryptionType and encryptionCertificate belong together: assertions are encrypted for the key of \
        that certificate.",
    source: "Metadata API Developer Guide, ExtlClntAppSamlConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1904-saml-subject.txt"),
    check: saml_subject,
};

fn saml_subject(context: &Context<'_>, findings: &mut Findings<'_>) {
    let filled =
        |value: &Option<String>| value.as_deref().is_some_and(|text| !text.trim().is_empty());
    for (component, saml) in context.project.of_type::<Saml>() {
        let custom = saml.subject_type == Some(ExtlClntAppSamlSubjectType::CustomAttribute);
        let attribute = filled(&saml.subject_custom_attribute);
        let certificate = filled(&saml.encryption_certificate);
        for (wrong, element, message) in [
            (
                custom && !attribute,
                "subjectType",
                "CustomAttribute needs subjectCustomAttribute",
            ),
            (
                attribute && !custom,
                "subjectCustomAttribute",
                "subjectCustomAttribute needs subjectType CustomAttribute",
            ),
            (
                saml.encryption_type.is_some() && !certificate,
                "encryptionType",
                "encryptionType needs encryptionCertificate",
            ),
            (
                certificate && saml.encryption_type.is_none(),
                "encryptionCertificate",
                "encryptionCertificate needs encryptionType",
            ),
        ] {
            if wrong {
                findings.at_element(component, element, message);
            }
        }
    }
}

pub(crate) static SAML_SHA1: Rule = Rule {
    id: RuleId(1718),
    name: "saml-weak-signature",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "SAML messages are not signed with SHA-1",
    explanation: "Two texts with the same SHA-1 digest can be produced cheaply, so a signature with SHA-1 no longer proves \
        who wrote the text. Service providers are removing support for it, and logins then fail without warning.",
    source: "RFC 9155; Metadata API Developer Guide, ExtlClntAppSamlConfigurablePolicies (signingAlgorithmType)",
    pair: include_str!("../../pairs/ECA1718-saml-weak-signature.txt"),
    check: |context, findings| {
        for (component, saml) in context.project.of_type::<Saml>() {
            if saml.signing_algorithm_type == Some(ExtlClntAppSamlSignAlgoType::Sha1) {
                findings
                    .at_element(
                        component,
                        "signingAlgorithmType",
                        "SHA1 signatures can be forged",
                    )
                    .help("set signingAlgorithmType to SHA256, together with the service provider");
            }
        }
    },
};
