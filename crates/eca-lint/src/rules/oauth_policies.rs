//! The OAuth policies of an app: who may use it, and for how long.

use eca_model::types::{
    ExtlClntAppOauthConfigurablePolicies, PermittedUsersPolicyType, RefreshTokenPolicyType,
};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::first_party::is_first_party;
use crate::severity::Severity;
use crate::suggest::did_you_mean;

pub(crate) static PREAUTH_LISTS: Rule = Rule {
    id: RuleId(1205),
    name: "preauth-lists",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "AdminApprovedPreAuthorized and a list of permission sets or profiles are set together",
    explanation: "With AdminApprovedPreAuthorized only the users of the listed permission sets and profiles \
        may use the app; without a list no user may, and a pipeline that deploys through the app is locked out as \
        well. With any other policy the lists have no effect, so an app that looks restricted is open to everyone.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1205-preauth-lists.txt"),
    check: preauth_lists,
};

fn preauth_lists(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, policies) in context
        .project
        .of_type::<ExtlClntAppOauthConfigurablePolicies>()
    {
        let lists = [
            (
                "commaSeparatedPermissionSet",
                &policies.comma_separated_permission_set,
            ),
            ("commaSeparatedProfile", &policies.comma_separated_profile),
        ];
        let mut filled = lists
            .into_iter()
            .filter(|(_, list)| list.as_ref().is_some_and(|list| !list.is_empty()))
            .map(|(element, _)| element);
        match &policies.permitted_users_policy_type {
            Some(PermittedUsersPolicyType::AdminApprovedPreAuthorized) => {
                // ECA1220 reports a first-party app without a list.
                let is_first_party = context
                    .apps
                    .iter()
                    .any(|files| Some(files.app.name) == component.app() && is_first_party(files));
                if filled.next().is_none() && !is_first_party {
                    findings
                        .at_element(
                            component,
                            "permittedUsersPolicyType",
                            "no permission set or profile is listed, so no user may use the app",
                        )
                        .help("list the permission sets of the approved users in commaSeparatedPermissionSet");
                }
            }
            Some(PermittedUsersPolicyType::Unknown(_)) => {}
            _ => {
                for element in filled {
                    findings
                        .at_element(
                            component,
                            element,
                            format!("{element} has no effect: all users may authorize themselves"),
                        )
                        .help("set permittedUsersPolicyType to AdminApprovedPreAuthorized, or remove the list");
                }
            }
        }
    }
}

pub(crate) static REFRESH_POLICY: Rule = Rule {
    id: RuleId(1206),
    name: "refresh-policy",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a refresh token policy with a period has both period and unit, and no other policy has them",
    explanation: "SpecificLifetime and SpecificInactivity need refreshTokenValidityPeriod and refreshTokenValidityUnit. \
        Infinite and Zero take neither: a period next to them suggests a limit that is not in force.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1206-refresh-policy.txt"),
    check: refresh_policy,
};

const UNITS: &[&str] = &["Days", "Hours", "Months"];

fn refresh_policy(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, policies) in context
        .project
        .of_type::<ExtlClntAppOauthConfigurablePolicies>()
    {
        let period = policies.refresh_token_validity_period;
        let unit = policies
            .refresh_token_validity_unit
            .as_deref()
            .map(str::trim);
        match &policies.refresh_token_policy_type {
            Some(
                policy @ (RefreshTokenPolicyType::SpecificLifetime
                | RefreshTokenPolicyType::SpecificInactivity),
            ) => {
                let has_period_element = component
                    .file()
                    .document()
                    .root()
                    .child("refreshTokenValidityPeriod")
                    .is_some();
                for (missing, element) in [
                    // A period that is not a number has another rule.
                    (
                        period.is_none() && !has_period_element,
                        "refreshTokenValidityPeriod",
                    ),
                    (unit.is_none_or(str::is_empty), "refreshTokenValidityUnit"),
                ] {
                    if missing {
                        findings.at_element(
                            component,
                            "refreshTokenPolicyType",
                            format!("{} needs {element}", policy.as_str()),
                        );
                    }
                }
                if period.is_some_and(|period| period <= 0) {
                    findings.at_element(
                        component,
                        "refreshTokenValidityPeriod",
                        "refreshTokenValidityPeriod must be greater than 0",
                    );
                }
                if let Some(unit) = unit.filter(|unit| {
                    !unit.is_empty() && !UNITS.contains(unit) && !is_placeholder(unit)
                }) {
                    let help = did_you_mean(unit, UNITS.iter().copied())
                        .unwrap_or_else(|| "use Days, Hours or Months".to_owned());
                    findings
                        .at_element(
                            component,
                            "refreshTokenValidityUnit",
                            format!(
                                "{} is not a unit of the refresh token's validity",
                                Quoted(unit)
                            ),
                        )
                        .help(help);
                }
            }
            Some(RefreshTokenPolicyType::Unknown(_)) => {}
            other => {
                let policy = other
                    .as_ref()
                    .map_or("a file without refreshTokenPolicyType", |policy| {
                        policy.as_str()
                    });
                for (present, element) in [
                    (period.is_some(), "refreshTokenValidityPeriod"),
                    (unit.is_some(), "refreshTokenValidityUnit"),
                ] {
                    if present {
                        findings.at_element(
                            component,
                            element,
                            format!("{policy} takes no {element}"),
                        );
                    }
                }
            }
        }
    }
}

pub(crate) static CC_USER: Rule = Rule {
    id: RuleId(1207),
    name: "cc-user",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "the client credentials flow has a run-as user and is on in the global OAuth settings",
    explanation: "The flow has no user who logs in, so every call runs as the user whose username is in \
        clientCredentialsFlowUser. Without one the org answers \"Enter a valid execution user for the OAuth client \
        credentials flow.\" The flow has two switches: policies and global OAuth settings must both turn it on.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies; deploy error text",
    pair: include_str!("../../pairs/ECA1207-cc-user.txt"),
    check: cc_user,
};

fn cc_user(context: &Context<'_>, findings: &mut Findings<'_>) {
    const SWITCH: &str = "isClientCredentialsFlowEnabled";
    for files in &context.apps {
        for (component, policies) in files.all::<ExtlClntAppOauthConfigurablePolicies>() {
            if policies.is_client_credentials_flow_enabled != Some(true) {
                continue;
            }
            match policies
                .client_credentials_flow_user
                .as_deref()
                .map(str::trim)
                .filter(|user| !user.is_empty())
            {
                None => {
                    findings
                        .at_element(
                            component,
                            SWITCH,
                            "the client credentials flow has no user to run as",
                        )
                        .help("name an API-only user in clientCredentialsFlowUser");
                }
                Some(user) if !user.contains('@') && !is_placeholder(user) => {
                    findings
                        .at_element(
                            component,
                            "clientCredentialsFlowUser",
                            format!("{} is not a username", Quoted(user)),
                        )
                        .help("a username has the form of an email address");
                }
                Some(_) => {}
            }
            let Some((_, global)) = files.global_settings() else {
                continue;
            };
            if global.is_client_credentials_flow_enabled != Some(true) {
                findings
                    .at_element(
                        component,
                        SWITCH,
                        format!(
                            "the global OAuth settings of {} do not turn the flow on",
                            files.app.name
                        ),
                    )
                    .help(format!(
                        "set {SWITCH} to true in the global OAuth settings as well"
                    ));
            }
        }
    }
}

pub(crate) static BEARER_APPROVAL: Rule = Rule {
    id: RuleId(1227),
    name: "bearer-approval",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an app for the JWT bearer flow admits admin-approved users",
    explanation: "The JWT bearer flow has no page on which a user could approve the app. With AllSelfAuthorized the org answers \
        \"user hasn't approved this consumer\" to each user who has not approved the app in another flow before, with \
        the scope RefreshToken. An app whose certificate is in its global OAuth settings is for that flow.",
    source: "Salesforce Help, \"OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration\"",
    pair: include_str!("../../pairs/ECA1227-bearer-approval.txt"),
    check: |context, findings| {
        for files in &context.apps {
            let has_certificate = files
                .global_settings()
                .is_some_and(|(_, global)| global.certificate.is_some());
            for (component, policies) in files.all::<ExtlClntAppOauthConfigurablePolicies>() {
                let policy = &policies.permitted_users_policy_type;
                if has_certificate && *policy == Some(PermittedUsersPolicyType::AllSelfAuthorized) {
                    findings
                        .at_element(
                            component,
                            "permittedUsersPolicyType",
                            format!("{} has a certificate for the JWT bearer flow, in which no user can approve it", files.app.name),
                        )
                        .help("set permittedUsersPolicyType to AdminApprovedPreAuthorized, and list a permission set");
                }
            }
        }
    },
};
