//! Lifetimes of tokens and sessions, and from where they may be used.

use eca_model::ApiVersion;
use eca_model::types::{
    ExtlClntAppOauthConfigurablePolicies, JWTSessionTimeoutType, PolicyAction,
    RefreshTokenPolicyType, SessionSecurityLevel,
};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;
use crate::suggest::did_you_mean;

type Policies = ExtlClntAppOauthConfigurablePolicies;

/// The period of a policy in days, with months as 30 days; `None` for policies without one.
pub(super) fn period_days(policies: &Policies) -> Option<i64> {
    let period = i64::from(policies.refresh_token_validity_period?);
    match policies.refresh_token_validity_unit.as_deref()?.trim() {
        "Hours" => Some(period / 24),
        "Days" => Some(period),
        "Months" => Some(period * 30),
        _ => None,
    }
}

/// How many days without use a policy allows.
fn idle_days(policies: &Policies) -> Option<i64> {
    let idle = Some(RefreshTokenPolicyType::SpecificInactivity);
    (policies.refresh_token_policy_type == idle)
        .then(|| period_days(policies))
        .flatten()
}

pub(crate) static TTL_INFINITE: Rule = Rule {
    id: RuleId(1214),
    name: "ttl-infinite",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a refresh policy does not promise more than isEnforceRefreshTokenTTL allows",
    explanation: "With isEnforceRefreshTokenTTL true in the global OAuth settings, a refresh token expires after 30 days \
        without use, whatever the policy is. The policy Infinite then has no effect, and an integration that \
        runs once a quarter stops working. It is inferred that a longer inactivity period is cut to 30 days too.",
    source: "Salesforce Help, \"Limit the Idle Refresh Token TTL in External Client Apps\"",
    pair: include_str!("../../pairs/ECA1214-ttl-infinite.txt"),
    check: ttl_infinite,
};

fn ttl_infinite(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let enforced = files
            .global_settings()
            .is_some_and(|(_, global)| global.is_enforce_refresh_token_ttl == Some(true));
        if !enforced {
            continue;
        }
        for (component, policies) in files.all::<Policies>() {
            let message = if policies.refresh_token_policy_type
                == Some(RefreshTokenPolicyType::Infinite)
            {
                "Infinite has no effect: isEnforceRefreshTokenTTL ends tokens after 30 days without use"
            } else if idle_days(policies).is_some_and(|days| days > 30) {
                "isEnforceRefreshTokenTTL ends tokens after 30 days without use, before this policy does"
            } else {
                continue;
            };
            findings.at_element(component, "refreshTokenPolicyType", message);
        }
    }
}

pub(crate) static IP_POLICY: Rule = Rule {
    id: RuleId(1215),
    name: "ip-policy",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "ipRelaxationPolicyType is one of the four values that the org accepts",
    explanation: "The schema declares a string, so only the org checks the value, during the deploy. It refuses values of \
        connected apps or of Setup, such as RelaxIPRestrictions. Documentation and error messages disagree on \
        the case of Enforce_RelaxRefresh, so any case of that value passes.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1215-ip-policy.txt"),
    check: ip_policy,
};

const IP_POLICIES: &[&str] = &[
    "Enforce",
    "Bypass",
    "Bypass_2factor",
    "Enforce_RelaxRefresh",
];

fn ip_policy(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, policies) in context.project.of_type::<Policies>() {
        let Some(value) = policies.ip_relaxation_policy_type.as_deref().map(str::trim) else {
            continue;
        };
        if value.is_empty()
            || is_placeholder(value)
            || IP_POLICIES.contains(&value)
            || value.eq_ignore_ascii_case("Enforce_RelaxRefresh")
        {
            continue;
        }
        let added = findings.at_element(
            component,
            "ipRelaxationPolicyType",
            format!("{} is not a policy for IP restrictions", Quoted(value)),
        );
        let exact = IP_POLICIES
            .iter()
            .find(|known| known.eq_ignore_ascii_case(value));
        if let Some(known) = exact {
            added.fix(
                component,
                format!("write {known}"),
                |policies: &mut Policies| {
                    policies.ip_relaxation_policy_type = Some((*known).to_owned());
                },
            );
        } else {
            added.help(
                did_you_mean(value, IP_POLICIES.iter().copied())
                    .unwrap_or_else(|| format!("use one of {}", IP_POLICIES.join(", "))),
            );
        }
    }
}

pub(crate) static JWT_TIMEOUT: Rule = Rule {
    id: RuleId(1216),
    name: "jwt-timeout",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "the lifetime of a JWT-based access token is one of the fixed values",
    explanation: "The org accepts 1, 5, 10, 15 and 30 minutes, and from API version 65.0 also 60, 90, 120, \
        240, 480 and 720. The number goes with the type Custom; with UserSession the lifetime is that of the \
        user's session, and a number beside it is refused.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1216-jwt-timeout.txt"),
    check: jwt_timeout,
};

const MINUTES: &[i32] = &[1, 5, 10, 15, 30];
const MORE_MINUTES: &[i32] = &[60, 90, 120, 240, 480, 720];

fn jwt_timeout(context: &Context<'_>, findings: &mut Findings<'_>) {
    let more = context
        .version
        .is_none_or(|version| version >= ApiVersion::new(65));
    for (component, policies) in context.project.of_type::<Policies>() {
        for (element, minutes, kind_element, kind) in [
            (
                "guestJwtTimeout",
                policies.guest_jwt_timeout,
                "guestJwtSessionTimeoutType",
                &policies.guest_jwt_session_timeout_type,
            ),
            (
                "namedUserJwtTimeout",
                policies.named_user_jwt_timeout,
                "namedUserJwtSessionTimeoutType",
                &policies.named_user_jwt_session_timeout_type,
            ),
        ] {
            if let Some(minutes) = minutes {
                let long = MORE_MINUTES.contains(&minutes);
                let allowed = MINUTES.contains(&minutes) || (long && more);
                if !allowed {
                    let hint = if long {
                        ", before API version 65.0"
                    } else {
                        ""
                    };
                    findings
                        .at_element(component, element, format!("{minutes} minutes are not allowed{hint}"))
                        .help("use 1, 5, 10, 15 or 30; from API version 65.0 also 60, 90, 120, 240, 480 or 720");
                }
            }
            let absent = minutes.is_none() && component.file().locate(element).is_none();
            match kind {
                Some(JWTSessionTimeoutType::Custom) if absent => {
                    findings.at_element(component, kind_element, format!("Custom needs {element}"));
                }
                Some(JWTSessionTimeoutType::UserSession) if minutes.is_some() => {
                    findings.at_element(
                        component,
                        element,
                        format!("UserSession takes no {element}"),
                    );
                }
                _ => {}
            }
        }
    }
}

pub(crate) static SESSION_LEVEL: Rule = Rule {
    id: RuleId(1222),
    name: "session-level",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "policyAction comes with a session level above the standard one",
    explanation: "policyAction defines what happens to a session below requiredSessionLevel. Every login reaches STANDARD, \
        so without HIGH_ASSURANCE the action never happens, and the app only seems to require a second factor.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1222-session-level.txt"),
    check: session_level,
};

fn session_level(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, policies) in context.project.of_type::<Policies>() {
        let Some(action @ (PolicyAction::Block | PolicyAction::RaiseSessionLevel)) =
            &policies.policy_action
        else {
            continue;
        };
        let level = &policies.required_session_level;
        if matches!(
            level,
            None | Some(SessionSecurityLevel::Standard | SessionSecurityLevel::Low)
        ) {
            findings
                .at_element(
                    component,
                    "policyAction",
                    format!(
                        "{} never happens without requiredSessionLevel HIGH_ASSURANCE",
                        action.as_str()
                    ),
                )
                .help("set requiredSessionLevel to HIGH_ASSURANCE, or remove policyAction");
        }
    }
}
