//! Requirements of the headless flows of OAuth 2.0 for First-Party Applications.

use eca_model::text::NameList;
use eca_model::types::{Network, PermittedUsersPolicyType, SessionSecurityLevel};
use eca_model::{Component, MetadataType};

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
    profiles: &[Profile::Default, Profile::FirstParty],
    summary: "a first-party app has every setting that the authorization challenge endpoint requires",
    explanation: "Headless login, passwordless login and registration go through the authorization challenge endpoint, \
        which Setup cannot configure: it needs members of four files, and a single wrong value shows only at run \
        time, as a refused request. The app must be a private client (isConsumerSecretOptional false) with PKCE \
        (isPkceRequired true), marked as first-party (isFirstPartyAppEnabled true), open to admin-approved users \
        of at least one permission set or profile, with the OAuth plugin on and a session level that a password \
        reaches: a headless login cannot complete a second factor. The rule checks the apps that the project \
        marks as first-party; with the profile first-party, and no app marked, it checks all. It has no fixes: \
        each of these members decides who can log in.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Configure an External Client App for Headless \
        Identity Flows\"",
    pair: include_str!("../../pairs/ECA1220-fp-flow.txt"),
    check: fp_flow,
};

pub(crate) static FP_CERTIFICATE: Rule = Rule {
    id: FIRST_PARTY_CERTIFICATE,
    name: "fp-certificate",
    severity: Severity::Error,
    profiles: &[Profile::Default, Profile::FirstParty],
    summary: "a first-party app has a clientAssertionCertificate",
    explanation: "Each request to the authorization challenge endpoint carries a client attestation, a JWT \
        signed with the app's own key. The org checks the signature with the certificate in \
        clientAssertionCertificate, and refuses every request while it is empty. Users report that a deploy \
        without the certificate removes the one in the org. While the app is not switched on as first-party, or \
        its policies admit all users, it is not in use yet, and the finding is a warning.",
    source: "Salesforce Help, \"OAuth 2.0 for First-Party Applications: Configure an External Client App for Headless \
        Identity Flows\"; Metadata API Developer Guide, ExtlClntAppOauthSettings",
    pair: include_str!("../../pairs/ECA1304-fp-certificate.txt"),
    check: fp_certificate,
};

pub(crate) static FP_SITE: Rule = Rule {
    id: RuleId(1230),
    name: "fp-site",
    severity: Severity::Warning,
    profiles: &[Profile::Default, Profile::FirstParty],
    summary: "a site allows first-party apps",
    explanation: "The authorization challenge endpoint answers on an Experience Cloud site that allows first-party apps \
        (isFirstPartyAppsAllowed in networkAuthApiSettings; Setup: Login & Registration). On every other site it \
        refuses each request. The rule looks at projects that have a site's switches and a first-party app.",
    source: "Metadata API Developer Guide, Network (NetworkAuthApiSettings)",
    pair: include_str!("../../pairs/ECA1230-fp-site.txt"),
    check: fp_site,
};

fn fp_site(context: &Context<'_>, findings: &mut Findings<'_>) {
    if first_party_apps(context).next().is_none() {
        return;
    }
    let allows = |network: &Network| {
        let settings = network.network_auth_api_settings.as_ref()?;
        Some(settings.is_first_party_apps_allowed == Some(true))
    };
    let sites = context.project.of_type::<Network>();
    let sites: Vec<_> = sites
        .filter_map(|(component, network)| Some((component, allows(network)?)))
        .collect();
    if sites.iter().any(|(_, allows)| *allows) {
        return;
    }
    for (component, _) in sites {
        let element = "networkAuthApiSettings.isFirstPartyAppsAllowed";
        let name = component.full_name();
        findings
            .at_element(
                component,
                element,
                format!("the site {name} allows no first-party apps"),
            )
            .help("set isFirstPartyAppsAllowed to true");
    }
}

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
                .at_most(Severity::Warning)
                .help("add an .ecaOauthPlcy file with permittedUsersPolicyType AdminApprovedPreAuthorized");
        }
        switches(files, findings);
        user_policy(files, findings);
    }
}

fn switches(files: &AppFiles<'_>, findings: &mut Findings<'_>) {
    if let Some((component, global)) = files.global_settings() {
        must_be(
            findings,
            component,
            "isConsumerSecretOptional",
            global.is_consumer_secret_optional,
            false,
        );
        must_be(
            findings,
            component,
            "isPkceRequired",
            global.is_pkce_required,
            true,
        );
    }
    if let Some((component, settings)) = files.settings() {
        must_be(
            findings,
            component,
            "isFirstPartyAppEnabled",
            settings.is_first_party_app_enabled,
            true,
        );
    }
    if let Some((component, policies)) = files.policies() {
        must_be(findings, component, "isEnabled", policies.is_enabled, true);
        must_be(
            findings,
            component,
            "isOauthPluginEnabled",
            policies.is_oauth_plugin_enabled,
            true,
        );
    }
}

/// An absent member is less severe where the org's default is the required value.
fn must_be(
    findings: &mut Findings<'_>,
    component: &Component,
    element: &str,
    value: Option<bool>,
    wanted: bool,
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
        .help(format!("set {element} to {wanted}"));
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
    if policies.required_session_level == Some(SessionSecurityLevel::HighAssurance) {
        findings
            .at_element(
                component,
                "requiredSessionLevel",
                "a headless login cannot complete a second factor, so HIGH_ASSURANCE refuses each",
            )
            .help("set requiredSessionLevel to STANDARD");
    }
    let lists = [
        &policies.comma_separated_permission_set,
        &policies.comma_separated_profile,
    ];
    if lists
        .into_iter()
        .all(|list| list.as_ref().is_none_or(NameList::is_empty))
    {
        findings.at_element(
            component,
            "commaSeparatedPermissionSet",
            "no permission set or profile is listed; first-party flows need those of the approved users",
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
            let is_in_use = settings.is_first_party_app_enabled == Some(true)
                && files.oauth_policies().is_some_and(|(_, policies)| {
                    policies.permitted_users_policy_type
                        == Some(PermittedUsersPolicyType::AdminApprovedPreAuthorized)
                });
            let severity = if is_in_use {
                Severity::Error
            } else {
                Severity::Warning
            };
            findings
                .at_element(
                    component,
                    "clientAssertionCertificate",
                    format!("{} has no clientAssertionCertificate to check client attestations with", files.app.name),
                )
                .at_most(severity)
                .help("generate a key and register its certificate; the key itself stays out of the project");
        }
    }
}

/// The apps that are marked as first-party; with the profile, all apps if none is.
fn first_party_apps<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = &'c AppFiles<'a>> {
    let with_profile = context.options.profiles.contains(&Profile::FirstParty);
    let is_marked = |files: &AppFiles<'_>| is_first_party(files) || is_prepared(files);
    let all = with_profile && !context.apps.iter().any(is_marked);
    let apps = context.apps.iter();
    apps.filter(move |files| all || is_first_party(files) || (with_profile && is_prepared(files)))
}

/// Whether the project declares the app as first-party.
pub(super) fn is_first_party(files: &AppFiles<'_>) -> bool {
    let settings = files.settings();
    settings.is_some_and(|(_, settings)| settings.is_first_party_app_enabled == Some(true))
}

/// Whether the project prepares the app for first-party flows.
fn is_prepared(files: &AppFiles<'_>) -> bool {
    let settings = files.settings();
    settings.is_some_and(|(component, settings)| {
        settings.client_assertion_certificate.is_some()
            // Salesforce Help misspells the member so.
            || component.file().document().root().child("isFirstPartyAppsEnabled").is_some()
    })
}
