//! Requirements of the headless flows of OAuth 2.0 for First-Party Applications.

use eca_model::text::NameList;
use eca_model::types::{
    ExtlClntAppConfigurablePolicies, ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings,
    PermittedUsersPolicyType,
};
use eca_model::{Component, MetadataType, Typed};

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::FIRST_PARTY_CERTIFICATE;
use crate::severity::Severity;

pub(crate) static FP_FLOW: Rule = Rule {
    id: RuleId(1220),
    name: "fp-flow",
    severity: Severity::Error,
    profiles: &[Profile::FirstParty],
    summary: "a first-party app has every setting that the authorization challenge endpoint requires",
    explanation: "Headless login, passwordless login and registration go through the authorization challenge endpoint, \
        which Setup cannot configure: it needs members of four files, and a single wrong value shows only at run \
        time, as a refused request. The app must be a private client (isConsumerSecretOptional false) with PKCE \
        (isPkceRequired true), marked as first-party (isFirstPartyAppEnabled true), open to admin-approved users \
        of at least one permission set, with the OAuth plugin on. If the project marks some of its apps as \
        first-party, the rule checks only those; otherwise it checks all.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Configure an External Client App for Headless \
        Identity Flows\"",
    pair: include_str!("../../pairs/ECA1220-fp-flow.txt"),
    check: fp_flow,
};

pub(crate) static FP_CERTIFICATE: Rule = Rule {
    id: FIRST_PARTY_CERTIFICATE,
    name: "fp-certificate",
    severity: Severity::Error,
    profiles: &[Profile::FirstParty],
    summary: "a first-party app has a clientAssertionCertificate",
    explanation: "Each request to the authorization challenge endpoint carries a client attestation, a JWT \
        signed with the app's own key. The org checks the signature with the certificate in \
        clientAssertionCertificate, and refuses every request while it is empty. Users report that a deploy \
        without the certificate removes the one in the org.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Configure an External Client App for Headless \
        Identity Flows\"; Metadata API Developer Guide, ExtlClntAppOauthSettings",
    pair: include_str!("../../pairs/ECA1304-fp-certificate.txt"),
    check: fp_certificate,
};

fn fp_flow(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in first_party_apps(context) {
        let members = &files.app.members;
        let Some(anchor) = files.app.header.or(members.first().copied()) else {
            continue;
        };
        let is_absent = |kind: MetadataType| {
            !members.iter().any(|component| component.kind() == kind)
                && !context.has_unreadable(kind)
        };
        let name = files.app.name;
        if is_absent(MetadataType::ExtlClntAppGlobalOauthSettings) {
            let message = format!(
                "the project has no global OAuth settings of {name}, so they are not checked"
            );
            findings
                .at_element(anchor, "", message)
                .at_most(Severity::Warning)
                .help("set isConsumerSecretOptional to false and isPkceRequired to true");
        }
        if is_absent(MetadataType::ExtlClntAppOauthSettings) {
            findings
                .at_element(anchor, "", format!("{name} has no OAuth settings"))
                .help("add an .ecaOauth file with isFirstPartyAppEnabled true");
        }
        if is_absent(MetadataType::ExtlClntAppOauthConfigurablePolicies) {
            let message =
                format!("{name} has no OAuth policies; an org creates them open to all users");
            findings
                .at_element(anchor, "", message)
                .help("add an .ecaOauthPlcy file with permittedUsersPolicyType AdminApprovedPreAuthorized");
        }
        switches(files, findings);
        user_policy(files, findings);
    }
}

fn switches(files: &AppFiles<'_>, findings: &mut Findings<'_>) {
    if let Some((component, global)) = files.global_settings() {
        must_be::<ExtlClntAppGlobalOauthSettings>(
            findings,
            component,
            "isConsumerSecretOptional",
            global.is_consumer_secret_optional,
            false,
            |global| &mut global.is_consumer_secret_optional,
        );
        must_be::<ExtlClntAppGlobalOauthSettings>(
            findings,
            component,
            "isPkceRequired",
            global.is_pkce_required,
            true,
            |global| &mut global.is_pkce_required,
        );
    }
    if let Some((component, settings)) = files.settings() {
        must_be::<ExtlClntAppOauthSettings>(
            findings,
            component,
            "isFirstPartyAppEnabled",
            settings.is_first_party_app_enabled,
            true,
            |settings| &mut settings.is_first_party_app_enabled,
        );
    }
    if let Some((component, policies)) = files.policies() {
        must_be::<ExtlClntAppConfigurablePolicies>(
            findings,
            component,
            "isEnabled",
            policies.is_enabled,
            true,
            |policies| &mut policies.is_enabled,
        );
        must_be::<ExtlClntAppConfigurablePolicies>(
            findings,
            component,
            "isOauthPluginEnabled",
            policies.is_oauth_plugin_enabled,
            true,
            |policies| &mut policies.is_oauth_plugin_enabled,
        );
    }
}

/// An absent member is less severe where the org's default is the required value.
fn must_be<T: Typed>(
    findings: &mut Findings<'_>,
    component: &Component,
    element: &str,
    value: Option<bool>,
    wanted: bool,
    member: fn(&mut T) -> &mut Option<bool>,
) {
    let (state, severity) = match (value, component.file().locate(element)) {
        (Some(value), _) if value == wanted => return,
        (Some(value), _) => (format!("is {value}"), Severity::Error),
        // A value that is not a boolean has another rule, and a placeholder is filled in later.
        (None, Some(element)) if !element.is_nil() => return,
        (None, _) => {
            let field = component.kind().schema().record.field(element);
            let default = field.and_then(|field| field.default);
            let suits = default == Some(if wanted { "true" } else { "false" });
            let severity = if suits {
                Severity::Warning
            } else {
                Severity::Error
            };
            ("is missing".to_owned(), severity)
        }
    };
    findings
        .at_element(
            component,
            element,
            format!("{element} {state}; first-party flows need {wanted}"),
        )
        .at_most(severity)
        .fix(
            component,
            format!("set {element} to {wanted}"),
            |settings| {
                *member(settings) = Some(wanted);
            },
        );
}

fn user_policy(files: &AppFiles<'_>, findings: &mut Findings<'_>) {
    let Some((component, policies)) = files.oauth_policies() else {
        return;
    };
    match &policies.permitted_users_policy_type {
        Some(PermittedUsersPolicyType::AdminApprovedPreAuthorized) => {}
        other => {
            let is = other.as_ref().map_or_else(
                || "is missing".to_owned(),
                |value| format!("is {}", value.as_str()),
            );
            findings
                .at_element(
                    component,
                    "permittedUsersPolicyType",
                    format!("permittedUsersPolicyType {is}; first-party flows need AdminApprovedPreAuthorized"),
                )
                .help("assign the permission sets first: with this change, all current users lose access");
        }
    }
    if policies
        .comma_separated_permission_set
        .as_ref()
        .is_none_or(NameList::is_empty)
    {
        findings.at_element(
            component,
            "commaSeparatedPermissionSet",
            "commaSeparatedPermissionSet is empty; first-party flows need the permission sets of the approved users",
        );
    }
}

fn fp_certificate(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in first_party_apps(context) {
        let Some((component, settings)) = files.settings() else {
            continue;
        };
        if settings
            .client_assertion_certificate
            .as_deref()
            .is_none_or(|text| text.trim().is_empty())
        {
            findings
                .at_element(
                    component,
                    "clientAssertionCertificate",
                    format!("{} has no clientAssertionCertificate to check client attestations with", files.app.name),
                )
                .help("generate a key and register its certificate; the key itself stays out of the project");
        }
    }
}

/// The apps that are marked as first-party; all apps if none is.
fn first_party_apps<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = &'c AppFiles<'a>> {
    let none_is_marked = !context.apps.iter().any(is_marked);
    context
        .apps
        .iter()
        .filter(move |files| none_is_marked || is_marked(files))
}

fn is_marked(files: &AppFiles<'_>) -> bool {
    files.settings().is_some_and(|(component, settings)| {
        settings.is_first_party_app_enabled == Some(true)
            || settings.client_assertion_certificate.is_some()
            // Salesforce Help misspells the member so.
            || component.file().document().root().child("isFirstPartyAppsEnabled").is_some()
    })
}
