//! The org's switches for external client apps.

use eca_model::types::ExternalClientAppSettings;

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static SETTINGS_DEAD: Rule = Rule {
    id: RuleId(1226),
    name: "settings-dead",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "the org's settings use no deprecated switches",
    explanation: "With enableConsumerSecretApiAccess every retrieve returns consumer secrets in plain text. The switch is \
        deprecated: tools that read secrets through it have to move to the credentials REST API. The older \
        enableExternalClientApps was removed in API version 63.0. Orgs still write it as nil, which is not \
        reported; ECA1005 reports it with a value.",
    source: "Metadata API Developer Guide, ExternalClientAppSettings; metadata WSDL, API versions 58.0 to 66.0",
    pair: include_str!("../../pairs/ECA1226-settings-dead.txt"),
    check: |context, findings| {
        for (component, settings) in context.project.of_type::<ExternalClientAppSettings>() {
            if settings.enable_consumer_secret_api_access == Some(true) {
                findings
                    .at_element(
                        component,
                        "enableConsumerSecretApiAccess",
                        "retrieves return consumer secrets, and the switch is deprecated",
                    )
                    .help("read secrets through the credentials REST API, and set it to false");
            }
        }
    },
};

pub(crate) static SECRET_EXPORT: Rule = Rule {
    id: RuleId(1716),
    name: "secret-export",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "the org exposes no consumer secrets",
    explanation: "Salesforce's hardening review requires an org to block both ways in which it exposes consumer secrets in \
        plain text: over the Metadata API, which ECA1226 reports, and over the credentials REST API. With \
        enableClientSecretInRestApiAccess on, a stolen session of a privileged user can read the secrets of all \
        apps.",
    source: "Salesforce Help, \"Review External Client Apps\" (REST API Secret Masking Control)",
    pair: include_str!("../../pairs/ECA1716-secret-export.txt"),
    check: secret_export,
};

fn secret_export(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, settings) in context.project.of_type::<ExternalClientAppSettings>() {
        if settings.enable_client_secret_in_rest_api_access == Some(true) {
            findings
                .at_element(
                    component,
                    "enableClientSecretInRestApiAccess",
                    "the REST API returns consumer secrets",
                )
                .help("set it to false, and turn it on only while a secret is read or rotated");
        }
    }
}
